#!/usr/bin/env python3
"""The command line's contract: 0 done, 1 failed, 2 wrong usage; errors are one line that says why.

  cli.py build/dev/cadran
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from server import Server  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
CHECKS = 0


def check(holds, sentence, *seen):
    global CHECKS
    CHECKS += 1
    if not holds:
        raise SystemExit("\n  ".join([f"WRONG: {sentence}", *map(repr, seen)]))


def run(folder, *arguments, text=""):
    return subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, cwd=folder, timeout=60,
                          check=False)


def errors(result):
    """What a person is told; the log has its own lines, which begin with a date."""
    return [line for line in result.stderr.splitlines() if not re.match(r"\d{4}-\d\d-\d\dT", line)]


def fails(folder, status, words, *arguments, text=""):
    result = run(folder, *arguments, text=text)
    what = "cadran " + " ".join(arguments)
    check(result.returncode == status, f"{what} ends with {status}", result)
    told = errors(result)
    check(len(told) == 1 and told[0].startswith("cadran: "), f"{what} says one line", result)
    check(re.search(words, told[0]), f"{what} says {words}", told)
    check(not result.stdout, f"{what} prints no result", result.stdout)


def done(folder, *arguments, text=""):
    result = run(folder, *arguments, text=text)
    check(result.returncode == 0, f"cadran {' '.join(arguments)} is done", result)
    return result.stdout


def usage(folder):
    commands = ["serve", "demo", "carrier", "import", "user", "client", "campaign", "doctor", "version"]
    for text in (done(folder, "--help"), done(folder, "help")):
        check(all(re.search(rf"^  {name} ", text, re.M) for name in commands), "--help lists every command", text)
    bare = run(folder)
    check(bare.returncode == 2 and "usage: cadran COMMAND" in bare.stderr and not bare.stdout, "no command is wrong usage", bare)
    fails(folder, 2, r'no command "dance"', "dance")
    for name in commands:
        text = done(folder, name, "--help")
        check(text.startswith("usage: cadran ") and f"cadran {name}" in text and text.count("\n") == 1,
              f"{name} --help says what it takes", text)
        fails(folder, 2, r"usage: cadran|not an option", name, "--nonsense")
        fails(folder, 2, r"usage: cadran|not an option", name, "several", "words", "too", "many")
    for name in ("import", "user", "client", "campaign"):
        fails(folder, 2, f"usage: cadran {name}", name)
    for arguments, words in [
            (("user", "add"), "usage: cadran user"), (("user", "list", "--data"), "^cadran: user: --data: a directory is missing"),
            (("user", "add", "a@b", "--nope"), "usage: cadran user"), (("campaign", "start"), "usage: cadran campaign"),
            (("campaign", "dance", "x"), "usage: cadran campaign"), (("client", "add"), "usage: cadran client"),
            (("import", "x.csv"), "usage: cadran import"), (("import", "--list", "x"), "usage: cadran import"),
            (("version", "x"), "usage: cadran version"),
            (("carrier", "--seed", "x"), '--seed: "x" is not a number'), (("carrier", "--sip", "x:y"), "--sip: "),
            (("carrier", "--phones", "2"), "--phones: phones need --registrar"),
            (("serve", "--http", "nope"), '--http: "nope" is not an address and port'),
            (("serve", "--http", "127.0.0.1:70000"), '--http: "70000" is not a number from 0 to 65535'),
            (("serve", "--sip", "1.2.3:99"), '--sip: "1.2.3:99" is not an IPv4 address'),
            (("serve", "--rtp-ports", "5-6"), '--rtp-ports: "5-6" is not a range'),
            (("serve", "--https", "127.0.0.1:0"), "--https: needs --cert"),
            (("serve", "--database", "postgresql://x"), "--database: "),
            (("serve", "--config", "/nowhere"), "/nowhere: the configuration cannot be opened"),
            (("serve", "--data"), "--data: not an option, or its value is missing"),
            (("demo", "--contacts", "0"), '--contacts: "0" is not a number from 1'),
            (("demo", "--agents", "many"), '--agents: "many" is not a number')]:
        fails(folder, 2, words, *arguments)
    wrong = os.path.join(folder, "wrong.ini")
    pathlib.Path(wrong).write_text("[cadran]\nhttp=127.0.0.1:0\nnope=1\n", encoding="ascii")
    fails(folder, 2, r"wrong\.ini: line 3: \[cadran\] nope is not a setting", "serve", "--config", wrong)
    check(not os.path.exists(os.path.join(folder, "cadran-data")), "wrong usage makes no data directory")


def failures(folder):
    for name, more in (("user", ["list"]), ("client", ["list"]), ("campaign", ["list"]), ("campaign", ["start", "x"]),
                       ("import", ["x.csv", "--list", "x", "--phone", "Tel"]), ("user", ["remove", "a@b"])):
        fails(folder, 1, f"^cadran: {name}: {folder}: no server runs here; start one with: cadran serve --data", name, *more,
              "--data", folder)
    ports = ["--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"]
    fails(folder, 1, "/proc/x: the data directory cannot be made", "serve", "--data", "/proc/x", *ports)
    data = os.path.join(folder, "unborn")
    fails(folder, 1, "^cadran: serve: /nowhere/b: the credentials cannot be written", "serve", "--data", data, *ports,
          "--bootstrap", "/nowhere/b")
    check(not os.path.exists(data), "secrets that could not be written are not made")
    fails(folder, 1, "Cannot listen on 203.0.113.9:80", "serve", "--data", data, "--http", "203.0.113.9:80", "--sip",
          "127.0.0.1:0")
    fails(folder, 1, "--sip: cannot bind 203.0.113.9:0", "serve", "--data", data, "--http", "127.0.0.1:0", "--sip",
          "203.0.113.9:0")
    fails(folder, 1, "/nowhere: the profile cannot be opened", "carrier", "--profile", "/nowhere")
    fails(folder, 1, "--record: /nowhere/x: ", "carrier", "--record", "/nowhere/x")
    shares = os.path.join(folder, "shares.ini")
    pathlib.Path(shares).write_text("[public]\nperson=0.9\nbusy=0.9\n", encoding="ascii")
    fails(folder, 1, r"shares\.ini: the shares of \[public\] add up to", "carrier", "--profile", shares)


def with_server(folder):
    data = os.path.join(folder, "data")
    server = Server(PROGRAM, data)
    at = ["--data", data]
    try:
        fails(folder, 1, "data", "serve", *at, "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0")
        check(json.load(open(server.bootstrap, encoding="utf-8")) == server.secrets, "the credentials of the first start stay")
        done(folder, "user", "add", "zoe@example.com", "--name", "Zoé", "--role", "supervisor", *at, text="long password\n")
        fails(folder, 1, "already a user of that email", "user", "add", "zoe@example.com", *at, text="long password\n")
        fails(folder, 1, "password: give one line", "user", "add", "max@example.com", *at)
        fails(folder, 1, "password: .*8", "user", "add", "max@example.com", *at, text="short\n")
        fails(folder, 1, "email: is not an e-mail address", "user", "add", "nowhere", *at, text="long password\n")
        fails(folder, 1, "nobody@example.com", "user", "remove", "nobody@example.com", *at)
        users = json.loads(done(folder, "user", "list", *at, "--json").splitlines()[-1])
        check({"admin@cadran.local", "zoe@example.com"} <= {one["email"] for one in users}, "people are listed", users)
        made = json.loads(done(folder, "client", "add", "Script", *at, "--json").splitlines()[-1])
        check(made["secret"] and made["name"] == "Script", "a client is made", made)
        fails(folder, 1, "already a API client|already an? API client", "client", "add", "Script", *at)
        check("secret" not in done(folder, "client", "list", *at), "its secret is shown once")
        done(folder, "client", "remove", "Script", *at)
        fails(folder, 1, "Script", "client", "remove", "Script", *at)
        for verb in ("start", "stop", "recycle", "show"):
            fails(folder, 1, "Nothing", "campaign", verb, "Nothing", *at)
        imports(folder, at)
    finally:
        check(server.stop() == 0, "the server ends well")


def imports(folder, at):
    def file(name, content):
        path = os.path.join(folder, name)
        pathlib.Path(path).write_bytes(content)
        return path
    good = file("good.csv", "Nom;Tel\nZoé;0142000001\nMax;0142000002\nFaux;abc\n".encode())
    fails(folder, 1, r'--phone: there is no list "Neuve" yet; to make it, name its phone columns', "import", good, "--list",
          "Neuve", *at)
    fails(folder, 1, "/nowhere.csv", "import", "/nowhere.csv", "--list", "Neuve", "--phone", "Tel", *at)
    fails(folder, 1, "empty.csv is empty", "import", file("empty.csv", b""), "--list", "Neuve", "--phone", "Tel", *at)
    fails(folder, 1, r"must be one of columnNames", "import", good, "--list", "Neuve", "--phone", "Mobile", *at)
    done(folder, "import", good, "--list", "Neuve", "--phone", "Tel", *at)
    fails(folder, 1, "the file is UTF-16: save it", "import", file("wide.csv", "Nom,Tel\n".encode("utf-16")), "--list", "Neuve",
          *at)
    fails(folder, 1, 'no phone column is in the header: "Tel" is missing', "import", file("none.csv", b"Nom\nx\n"), "--list",
          "Neuve", *at)
    told = json.loads(done(folder, "import", good, "--list", "Neuve", *at, "--json").splitlines()[-1])
    check(told["cadran"]["refusedRecords"] == 3 and told["completedRecords"] == 0, "known numbers come in once", told)


def main():
    folder = tempfile.mkdtemp(prefix="cadran-cli-")
    for part in (usage, failures, with_server):
        before = CHECKS
        part(folder)
        print(f"{part.__name__}: {CHECKS - before} checks", flush=True)
    shutil.rmtree(folder)
    print(f"{CHECKS} checks passed")


if __name__ == "__main__":
    main()
