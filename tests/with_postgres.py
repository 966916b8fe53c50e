#!/usr/bin/env python3
"""Runs a command against a real PostgreSQL server of its own, and ends with its exit status.

  with_postgres.py [--fsync | --bench] COMMAND [ARGUMENT]...

--fsync: what is committed is on the disk. --bench: that, and the settings that README.md recommends.
"DATABASE" among the arguments is replaced by the URL.

The server lives in a temporary folder and listens on a UNIX socket there and nowhere else. It runs
as the user who runs this, or, because it refuses root, as an unprivileged user. The command finds it
by CADRAN_TEST_DATABASE (a postgres:// URL) and CADRAN_TEST_POSTGRES (the folder: data/postmaster.pid
has the server's pid; while a file "down" is there, a server that died is not started again, else it
is). The server ends with this program, however this ends.
"""
import ctypes
import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

PR_SET_PDEATHSIG = 1


def binaries():
    """The folder of the newest server that is installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"),
                   key=lambda path: int(path.split("/")[-3]))
    if found:
        return pathlib.Path(found[-1]).parent
    there = shutil.which("initdb")
    if not there:
        sys.exit("with_postgres: no PostgreSQL server is installed: tools/install test")
    return pathlib.Path(os.path.realpath(there)).parent


def unprivileged():
    """{} or who the server runs as."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        except KeyError:
            continue
    sys.exit("with_postgres: there is no user that the server could run as")


def die_with_parent():
    """After the change of user, which would clear it: the server stops at once when we are gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


BENCH = ("shared_buffers=1GB", "max_wal_size=8GB", "wal_compression=lz4", "checkpoint_timeout=15min",
         "wal_init_zero=off")


class Postgres:
    def __init__(self, is_synced=False, settings=("shared_buffers=128MB",)):
        self.bin = binaries()
        self.who = unprivileged()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cadran-pg-"))
        if self.who:
            os.chown(self.folder, self.who["user"], self.who["group"])
        self.data = self.folder / "data"
        self.is_synced = is_synced
        self.settings = [word for setting in settings for word in ("-c", setting)]
        self.log = open(self.folder / "log", "ab")
        self.server = None
        self.is_ending = False
        self.call("initdb", "-D", self.data, "-U", "cadran", "-A", "trust", "-E", "UTF8", "-N",
                  "--locale=C.UTF-8")
        self.start()
        self.call("createdb", "-h", self.folder, "-U", "cadran", "cadran")
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    @property
    def url(self):
        return f"postgres://cadran@/cadran?host={urllib.parse.quote(str(self.folder), safe='')}"

    def call(self, program, *arguments):
        subprocess.run([self.bin / program, *arguments], check=True, stdout=self.log,
                       stderr=self.log, cwd=self.folder, **self.who)

    def is_up(self):
        return subprocess.run([self.bin / "pg_isready", "-q", "-U", "cadran", "-h", self.folder], check=False,
                              cwd=self.folder, **self.who).returncode == 0

    def start(self):
        """Waits until it answers. After a kill -9 the old processes may take a moment to go."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.server = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, "-k", self.folder, "-h", "",
                 "-c", f"fsync={'on' if self.is_synced else 'off'}",
                 "-c", "max_connections=100", *self.settings,
                 "-c", "unix_socket_permissions=0700"],
                stdout=self.log, stderr=self.log, cwd=self.folder, preexec_fn=die_with_parent,
                **self.who)
            while self.server.poll() is None:
                if self.is_up():
                    return
                time.sleep(0.02)
            time.sleep(0.1)
        sys.exit(f"with_postgres: the server does not start: {self.log_tail()}")

    def watch(self):
        while not self.is_ending:
            self.server.wait()
            while (self.folder / "down").exists() and not self.is_ending:
                time.sleep(0.02)
            if not self.is_ending:
                self.start()

    def log_tail(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def stop(self):
        self.is_ending = True
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
        self.server.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    arguments = sys.argv[1:]
    mode = arguments[0] if arguments and arguments[0].startswith("--") else None
    command = arguments[1:] if mode else arguments
    if not command or mode not in (None, "--fsync", "--bench"):
        sys.exit(__doc__)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    postgres = Postgres(True, BENCH) if mode == "--bench" else Postgres(mode == "--fsync")
    command = [postgres.url if word == "DATABASE" else word for word in command]
    process = None
    try:
        process = subprocess.Popen(command, preexec_fn=die_with_parent, env={
            **os.environ, "CADRAN_TEST_DATABASE": postgres.url,
            "CADRAN_TEST_POSTGRES": str(postgres.folder)})
        status = process.wait()
        if status:
            print(f"the server's log ends:\n{postgres.log_tail()}", file=sys.stderr)
    finally:
        if process and process.poll() is None:
            process.kill()
        postgres.stop()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
