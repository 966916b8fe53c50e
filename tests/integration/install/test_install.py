#!/usr/bin/env python3
"""tools/install installs what is missing, nothing else, and leaves the machine as it was.

  test_install.py ROOT_OF_THE_TREE

The script is the real one, and so is the list of packages. The machine is made of stubs, because
the point is what the script does when packages are missing, when apt-get fails, or when somebody
presses Ctrl-C: dpkg-query answers from a file, apt-get, sudo and update-rc.d write down how they
were called. The path holds the stubs and a few real tools, so nothing real can be installed.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

TREE = pathlib.Path(sys.argv[1]).resolve()
REAL_TOOLS = ("bash", "sed", "grep", "dirname", "flock", "chmod", "rm", "env", "cat", "mkdir",
              "rmdir")
POLICY_OF_THE_MACHINE = "#!/bin/sh\n# the administrator's own\nexit 0\n"

STUBS = {
    "dpkg-query": """
        case "$3" in *'\\n') end='\\n' ;; *) end= ;; esac # -W -f FORMAT PACKAGE
        found=no
        while read -r name status; do
            [ "$name" = "$4" ] && printf "$status$end" && found=yes
        done <"$MACHINE/packages"
        [ $found = yes ]""",
    "apt-get": """
        echo "apt-get uid=$FAKE_UID $*" >>"$MACHINE/calls"
        case " $* " in
            *" update "*) [ ! -e "$MACHINE/update_fails" ] || { echo "no route" >&2; exit 100; } ;;
            *" install "*)
                if [ -x "$MACHINE/root/usr/sbin/policy-rc.d" ]; then
                    "$MACHINE/root/usr/sbin/policy-rc.d" nginx start
                    echo "policy says $?" >>"$MACHINE/calls"
                fi
                cat "$MACHINE"/root/etc/postgresql-common/createcluster.d/*.conf \
                    >>"$MACHINE/calls" 2>/dev/null
                if [ -e "$MACHINE/hangs" ]; then
                    echo >"$MACHINE/is_installing" # a pipe: the test waits at its other end
                    read -r _ <"$MACHINE/hangs"
                fi
                [ ! -e "$MACHINE/install_fails" ] || { echo "disk full" >&2; exit 100; } ;;
        esac""",
    "sudo": """
        echo "sudo" >>"$MACHINE/calls"
        FAKE_UID=0 exec "$@" """,
    "update-rc.d": 'echo "update-rc.d $*" >>"$MACHINE/calls"',
    "id": 'echo "$FAKE_UID"',
}


def packages_of(*groups):
    lines = (TREE / "packaging/packages.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if line.split("#")[0].strip()]
    return [package for group, package in pairs if group in groups]


ALL = packages_of("build", "web", "run", "test", "fuzz")


class Install(unittest.TestCase):
    def setUp(self):
        self.machine = pathlib.Path(tempfile.mkdtemp(prefix="cadran-install-"))
        self.addCleanup(shutil.rmtree, self.machine)
        self.bin = self.machine / "bin"
        self.bin.mkdir()
        self.sbin = self.machine / "root/usr/sbin"
        self.sbin.mkdir(parents=True)
        self.policy = self.sbin / "policy-rc.d"
        (self.machine / "calls").touch()
        for name in REAL_TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name, body in STUBS.items():
            self.stub(self.bin / name, body)

    @staticmethod
    def stub(path, body="exit 0"):
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def start(self, *arguments, missing, uid=0, status="installed"):
        there = [package for package in ALL if package not in missing]
        (self.machine / "packages").write_text(
            "".join(f"{package} {status}\n" for package in there), encoding="utf-8")
        return subprocess.Popen(
            [TREE / "tools/install", *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={"PATH": str(self.bin), "MACHINE": str(self.machine), "FAKE_UID": str(uid),
                 "CADRAN_TEST_ROOT": str(self.machine / "root")})

    def install(self, *arguments, **options):
        process = self.start(*arguments, **options)
        self.out, self.err = process.communicate(timeout=30)
        return process.returncode

    def calls(self):
        return (self.machine / "calls").read_text(encoding="utf-8").splitlines()

    def installed(self):
        """The packages that apt-get was told to install, and that it ran as root."""
        calls = [call.split() for call in self.calls() if " install " in call]
        self.assertEqual(len(calls), 1, self.calls())
        words = calls[0]
        self.assertEqual(words[1], "uid=0")
        self.assertIn("--no-install-recommends", words)
        return words[words.index("--no-install-recommends") + 1:]

    # --- What is missing ----------------------------------------------------------------------

    def test_check_names_what_is_missing_and_the_command_and_installs_nothing(self):
        missing = ["gcc", "libjansson-dev"]
        self.assertEqual(self.install("--check", "build", missing=missing), 1)
        self.assertIn("missing packages: gcc libjansson-dev\n", self.err)
        self.assertIn("tools/install build\n", self.err)
        self.assertIn(": apt-get install --no-install-recommends gcc libjansson-dev\n", self.err)
        self.assertEqual(self.calls(), [])

    def test_check_tells_a_user_to_use_sudo(self):
        self.assertEqual(self.install("--check", "build", missing=["gcc"], uid=1000), 1)
        self.assertIn(": sudo apt-get install --no-install-recommends gcc\n", self.err)
        self.assertEqual(self.calls(), [])

    def test_a_machine_that_has_everything_is_left_in_silence(self):
        for arguments in (["--check", "build"], ["build", "web", "run", "test", "fuzz"]):
            self.assertEqual(self.install(*arguments, missing=[], uid=1000), 0)
            self.assertEqual(self.out + self.err, "")
        self.assertEqual(self.calls(), [])

    def test_only_what_is_missing_is_installed_and_it_is_named(self):
        self.assertEqual(self.install("build", missing=["cmake", "espeak-ng"]), 0)
        self.assertEqual(self.installed(), ["cmake", "espeak-ng"])
        self.assertIn("installing from Debian: cmake espeak-ng\n", self.out)

    def test_a_bare_machine_gets_every_package_of_the_groups_and_no_other(self):
        self.assertEqual(self.install("build", "run", missing=ALL), 0)
        self.assertEqual(self.installed(), packages_of("build", "run"))

    def test_a_package_of_two_architectures_is_there_once(self):
        self.assertEqual(self.install("build", missing=[], status="installed\nlibssl-dev installed"),
                         0)
        self.assertEqual(self.calls(), [])

    def test_a_package_whose_configuration_alone_is_left_is_missing(self):
        self.assertEqual(self.install("run", missing=[], status="config-files"), 0)
        self.assertEqual(self.installed(), packages_of("run"))

    def test_the_old_lists_serve_when_update_fails(self):
        (self.machine / "update_fails").touch()
        self.assertEqual(self.install("build", missing=["gcc"]), 0)
        self.assertEqual(self.installed(), ["gcc"])
        self.assertIn("no route", self.err)

    # --- Who installs -------------------------------------------------------------------------

    def test_root_needs_no_sudo(self):
        (self.bin / "sudo").unlink()
        self.assertEqual(self.install("build", missing=["gcc"]), 0)
        self.assertEqual(self.installed(), ["gcc"])

    def test_root_does_not_use_the_sudo_that_is_there(self):
        self.assertEqual(self.install("build", missing=["gcc"]), 0)
        self.assertNotIn("sudo", self.calls())

    def test_a_user_asks_sudo_once(self):
        self.assertEqual(self.install("build", "run", missing=ALL, uid=1000), 0)
        self.assertEqual(self.calls().count("sudo"), 1)
        self.assertEqual(self.installed(), packages_of("build", "run"))

    def test_a_user_without_sudo_is_told_what_to_do(self):
        (self.bin / "sudo").unlink()
        self.assertEqual(self.install("build", missing=["gcc"], uid=1000), 1)
        self.assertIn("there is no sudo: gcc\n", self.err)
        self.assertIn("apt-get install --no-install-recommends gcc\n", self.err)
        self.assertEqual(self.calls(), [])

    # --- What stays as it was -----------------------------------------------------------------

    def test_node_and_nginx_from_elsewhere_are_kept(self):
        for name in ("node", "npm", "nginx"):
            self.stub(self.bin / name)
        self.assertEqual(self.install("build", "run", missing=["nodejs", "npm", "nginx"]), 0)
        self.assertEqual(self.calls(), [])

    def test_an_nginx_that_is_not_on_a_users_path_is_kept(self):
        self.stub(self.sbin / "nginx")
        self.assertEqual(self.install("run", missing=["nginx"], uid=1000), 0)
        self.assertEqual(self.calls(), [])

    def test_a_service_that_was_there_is_not_touched_by_other_installs(self):
        self.stub(self.bin / "nginx")
        self.assertEqual(self.install("build", "run", missing=["nginx", "gcc"]), 0)
        self.assertEqual(self.installed(), ["gcc"])
        self.assertEqual([call for call in self.calls() if "update-rc.d" in call], [])

    def test_a_new_nginx_may_not_start_now_nor_at_the_next_boot(self):
        self.assertEqual(self.install("run", missing=["nginx"]), 0)
        self.assertIn("policy says 101", self.calls())
        self.assertIn("update-rc.d nginx disable", self.calls())
        self.assertFalse(self.policy.exists())

    def test_a_new_postgresql_makes_no_cluster_and_does_not_start(self):
        folder = self.machine / "root/etc/postgresql-common"
        folder.mkdir(parents=True)
        (folder / "createcluster.conf").write_text("ssl = on\n", encoding="utf-8")
        self.assertEqual(self.install("test", missing=["postgresql-15"]), 0)
        self.assertIn("policy says 101", self.calls())
        self.assertTrue(any(call.startswith("create_main_cluster = false")
                            for call in self.calls()), self.calls())
        self.assertIn("update-rc.d postgresql disable", self.calls())
        self.assertEqual([path.name for path in folder.iterdir()], ["createcluster.conf"])
        self.assertEqual((folder / "createcluster.conf").read_text(encoding="utf-8"), "ssl = on\n")

    def test_a_folder_of_cluster_settings_that_was_there_stays(self):
        folder = self.machine / "root/etc/postgresql-common/createcluster.d"
        folder.mkdir(parents=True)
        (folder / "ours.conf").write_text("start_conf = manual\n", encoding="utf-8")
        (self.machine / "install_fails").touch()
        self.assertEqual(self.install("test", missing=["postgresql-15"]), 1)
        self.assertEqual([path.name for path in folder.iterdir()], ["ours.conf"])

    def test_a_postgresql_server_that_is_there_is_left_alone(self):
        (self.machine / "root/usr/lib/postgresql/13/bin").mkdir(parents=True)
        self.stub(self.machine / "root/usr/lib/postgresql/13/bin/initdb")
        self.assertEqual(self.install("test", missing=["postgresql-15", "sip-tester"]), 0)
        self.assertEqual(self.installed(), ["sip-tester"])
        self.assertEqual([call for call in self.calls() if "update-rc.d" in call], [])
        self.assertFalse((self.machine / "root/etc").exists())

    def test_services_may_start_again_after_an_install_that_failed(self):
        (self.machine / "install_fails").touch()
        self.assertEqual(self.install("run", missing=["nginx"]), 1)
        self.assertIn("policy says 101", self.calls())
        self.assertIn("disk full", self.err)
        self.assertIn("apt-get install --no-install-recommends nginx\n", self.err)
        self.assertNotIn("cadran: installed\n", self.out)
        self.assertFalse(self.policy.exists())

    def test_services_may_start_again_after_ctrl_c(self):
        for name in ("hangs", "is_installing"):
            os.mkfifo(self.machine / name)
        process = self.start("run", missing=["nginx"], uid=1000)
        with open(self.machine / "is_installing", encoding="utf-8") as pipe:
            pipe.readline()
        self.assertTrue(self.policy.exists())
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
        self.assertNotEqual(process.returncode, 0)
        self.assertFalse(self.policy.exists())

    def test_a_policy_of_the_machine_is_neither_overwritten_nor_removed(self):
        for fails in (False, True):
            self.stub(self.policy, "")
            self.policy.write_text(POLICY_OF_THE_MACHINE, encoding="utf-8")
            before = self.policy.stat()
            if fails:
                (self.machine / "install_fails").touch()
            self.assertEqual(self.install("run", missing=["nginx"]), 1 if fails else 0)
            self.assertEqual(self.policy.read_text(encoding="utf-8"), POLICY_OF_THE_MACHINE)
            after = self.policy.stat()
            self.assertEqual((before.st_ino, before.st_mtime_ns, before.st_mode),
                             (after.st_ino, after.st_mtime_ns, after.st_mode))

    def test_a_policy_left_by_an_install_that_was_killed_is_removed(self):
        for name in ("hangs", "is_installing"):
            os.mkfifo(self.machine / name)
        process = self.start("run", missing=["nginx"])
        with open(self.machine / "is_installing", encoding="utf-8") as pipe:
            pipe.readline()
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        self.assertTrue(self.policy.exists())
        (self.machine / "hangs").unlink()
        (self.machine / "calls").write_text("", encoding="utf-8")
        self.assertEqual(self.install("run", missing=["nginx"]), 0)
        self.assertIn("policy says 101", self.calls())
        self.assertFalse(self.policy.exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
