#!/usr/bin/env python3
"""cadran migrate, backup and restore, on both databases, while a campaign dials.

  with_postgres.py transfer.py build/dev/cadran

A backup is proven by restoring it: the backup of what was restored has the same bytes. So is a
migration: what comes back from PostgreSQL into SQLite has the bytes of the installation it left.
"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parents
sys.path[:0] = [str(HERE[1]), str(HERE[2])]
import with_postgres  # noqa: E402
from server import Carrier, Process, Refused, Server  # noqa: E402

PROGRAM = sys.argv[1]
URL = os.environ.pop("CADRAN_TEST_DATABASE")  # Server would take it
CONTACTS = 20000
checks = 0


def check(condition, words):
    global checks
    checks += 1
    if not condition:
        print("WRONG:", words)
        sys.exit(1)


def cadran(*arguments, status=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], text=True, check=False, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == status, f"{arguments} ended with {done.returncode}: {done.stderr}")
    return done.stdout + done.stderr


def sql(text, url=URL):
    done = subprocess.run([with_postgres.binaries() / "psql", "-qAt", "-v", "ON_ERROR_STOP=1",
                           "-d", url, "-c", text], check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout.strip()


def schema(name):
    sql(f"CREATE SCHEMA {name}")
    return f"{URL}&options=-csearch_path%3D{name}"


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def install(folder):
    """An installation with a campaign under way; the server and the carrier run."""
    carrier = Carrier(PROGRAM, "--seed", "3")
    server = Server(PROGRAM, str(folder / "data"))
    server.log_in()
    trunk = server.post("/api/cadran/v1/trunks", {
        "name": "carrier", "host": "127.0.0.1", "port": carrier.port, "callsPerSecond": 100})
    people = server.post("/api/v2/outbound/contactlists", {
        "name": "Été", "columnNames": ["nom", "tel"],
        "phoneColumns": [{"columnName": "tel", "type": "Home"}]})
    rows = folder / "people.csv"
    rows.write_text("nom,tel\n" + "".join(f"\"Zoé \\t {i}, née\",+3314{2000000 + i:07d}\n"
                                          for i in range(CONTACTS)), encoding="utf-8")
    cadran("import", rows, "--list", "Été", "--phone", "tel", "--data", folder / "data")
    campaign = server.post("/api/v2/outbound/campaigns", {
        "name": "moved", "dialingMode": "agentless", "contactList": {"id": people["id"]},
        "site": {"id": trunk["id"]}, "phoneColumns": [{"columnName": "tel"}],
        "callerName": "Cadran", "callerAddress": "+33123456789", "outboundLineCount": 60})
    server.post(f"/api/v2/outbound/campaigns/{campaign['id']}/start")
    await_attempts(server, campaign["id"], 40)
    return server, carrier, people, campaign


def await_attempts(server, campaign, count):
    until = time.monotonic() + 30
    while server.get(f"/api/cadran/v1/campaigns/{campaign}/live")["attempts"] < count:
        check(time.monotonic() < until, "the campaign dials")
        time.sleep(0.05)


def backup_while_dialing(folder, server, campaign, *where):
    """Returns the backup; it has attempts, and the campaign went on meanwhile."""
    before = server.get(f"/api/cadran/v1/campaigns/{campaign['id']}/live")["attempts"]
    file = folder / f"backup-{len(where)}"
    said = json.loads(cadran("backup", file, *where, "--json").splitlines()[-1])
    check(said["tables"]["contact"] == CONTACTS, said)
    check(said["tables"]["attempt"] >= before, said)
    check(os.stat(file).st_mode & 0o777 == 0o600, "a backup is its owner's alone")
    await_attempts(server, campaign["id"], before + 5)
    return file


def restore_is_the_same(folder, file):
    """The restored installation's own backup has the same bytes; on SQLite."""
    data, again = folder / f"restored-{file.name}", folder / f"again-{file.name}"
    cadran("restore", file, "--data", data)
    cadran("backup", again, "--data", data)
    return data, again


def test_backup_on_sqlite(folder, server, campaign):
    file = backup_while_dialing(folder, server, campaign, "--data", folder / "data")
    data, again = restore_is_the_same(folder, file)
    check(digest(file) == digest(again), "what was restored has the bytes of the backup")
    check("there is a database already" in cadran("restore", file, "--data", data, status=1),
          "a restore overwrites nothing")
    cut = folder / "cut"
    cut.write_bytes(file.read_bytes()[:-100])
    check("no whole backup" in cadran("restore", cut, "--data", folder / "nothing", status=1),
          "a backup that is cut short is refused")
    check(not (folder / "nothing/cadran.db").exists(), "and leaves nothing")
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    cut.write_bytes(changed)
    check("cut" in cadran("restore", cut, "--data", folder / "nothing", status=1),
          "a backup that was changed is refused")
    check("another cadran uses" in cadran("restore", file, "--data", folder / "data", status=1),
          "nothing is restored under a server")
    return data


def exports_again(server, people):
    """The jobs of before are told, and another one can be asked for."""
    before = server.get("/api/cadran/v1/jobs")["entities"]
    check([job["kind"] for job in before] == ["contacts_import"], before)
    server.post(f"/api/v2/outbound/contactlists/{people['id']}/export")
    until = time.monotonic() + 30
    while (job := server.get("/api/cadran/v1/jobs")["entities"][0])["state"] != "complete":
        check(time.monotonic() < until and job["state"] != "failed", job)
        time.sleep(0.05)
    check([job["kind"], job["done"]] == ["contacts_export", CONTACTS], job)


def serves(folder, data, secrets, people, *more):
    """A server on it knows the client, the list and each contact, by number too."""
    bootstrap = folder / "none.json"
    process = Process([PROGRAM, "serve", "--data", str(data), "--http", "127.0.0.1:0", "--sip",
                       "127.0.0.1:0", "--bootstrap", str(bootstrap), *more],
                      r"cadran ready http=(\S+)")
    try:
        check(not bootstrap.exists(), "it has its old secrets")
        server = Server.__new__(Server)
        server.http, server.secrets, server.token = process.match.group(1), secrets, None
        server.log_in()
        got = server.get(f"/api/v2/outbound/contactlists/{people['id']}")
        check(got["name"] == "Été" and got["size"] == CONTACTS, got)
        found = server.post(f"/api/v2/outbound/contactlists/{people['id']}/contacts/search",
                            {"pageNumber": 1, "pageSize": 5, "phoneNumber": "+33142000777"})
        check([c["data"]["nom"] for c in found["entities"]] == ["Zoé \\t 777, née"], found)
        exports_again(server, people)
    finally:
        status = process.stop()
    check(status == 0, "it stops")


def test_migrate(folder, data, secrets, people):
    target = schema("moved")
    before = digest(data / "cadran.db")
    said = cadran("migrate", "--from", data, "--database", target)
    check(f"moving contact: {CONTACTS} rows" in said, said)
    check(f"verifying contact: {CONTACTS} rows" in said, said)
    check("verified row for row" in said, said)
    check(digest(data / "cadran.db") == before, "the source is untouched")
    check("not empty" in cadran("migrate", "--from", data, "--database", target, status=1),
          "a target that holds something is refused")
    check(sql("SELECT count(*)>0 FROM moved.attempt_other") == "f", "attempts lie in their months")
    # Back again: from PostgreSQL into a file, into SQLite, and its bytes.
    file, home = folder / "from-postgres", folder / "from-sqlite"
    cadran("backup", file, "--database", target)
    cadran("backup", home, "--data", data)
    _, again = restore_is_the_same(folder, file)
    check(digest(home) == digest(again), "nothing was lost or changed on the way and back")
    serves(folder, folder / "served", secrets, people, "--database", target)
    test_doctor(folder, target)


def test_doctor(folder, target):
    """doctor looks at the database of the URL, changes nothing, and shows no password."""
    empty = schema("looked_at")
    where = ("--data", folder / "nowhere", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0")
    check("its schema is this version's" in doctor(target, *where), "a database that is well")
    check("brings its schema up to date" in doctor(empty, *where), "an empty one")
    check(sql("SELECT count(*) FROM pg_class WHERE relnamespace='looked_at'::regnamespace") == "0",
          "doctor makes nothing")
    words = doctor(URL.replace("cadran@/cadran", "cadran:s3cret@/gone"), *where)
    check("no such database" in words and "s3cret" not in words, words)


def doctor(url, *where):
    done = subprocess.run([PROGRAM, "doctor", "--database", url, *map(str, where)], text=True,
                          check=False, timeout=60, stdout=subprocess.PIPE)
    return next(line for line in done.stdout.splitlines() if "database" in line.split()[:2])


def test_kill_migrate(folder, data):
    """kill -9 amid a migration: serve refuses what is half there, the next run begins anew."""
    target, kills = schema("killed"), 0
    chance = random.Random(5)
    for _ in range(20):
        process = subprocess.Popen([PROGRAM, "migrate", "--from", data, "--database", target],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while "moving campaign_run" not in (line := process.stderr.readline()) and line:
            pass
        time.sleep(chance.uniform(0, 0.25))
        process.kill()
        process.communicate()
        if process.returncode == -9:
            kills += 1
        else:  # it was done before
            sql("DROP SCHEMA killed CASCADE")
            target, kills = schema("killed"), 0
        if kills == 4:
            break
    check(kills == 4, "four in a row were killed in time")
    words = cadran("serve", "--data", folder / "half", "--database", target, "--http",
                   "127.0.0.1:0", "--sip", "127.0.0.1:0", status=1)
    check("is half filled" in words, words)
    words = cadran("migrate", "--from", data, "--database", target)
    check("interrupted: it begins anew" in words and "verified row for row" in words, words)
    check(sql("SELECT count(*) FROM killed.contact") == str(CONTACTS), "every contact, once")


def test_kill_backup(folder, data):
    """kill -9 amid a backup or a restore: the file or the database is not there, or whole; the next
    one succeeds over what was left."""
    chance = random.Random(7)
    file, restored, again = (folder / f"killed-{name}" for name in ("backup", "restore", "again"))
    cadran("backup", again, "--data", data)
    whole = digest(again)
    for order, made in ((["backup", file, "--data", data], file),
                        (["restore", file, "--data", restored], restored / "cadran.db")):
        kills = 0
        for _ in range(8):
            process = subprocess.Popen([PROGRAM, *map(str, order)], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.01, 0.12))
            process.kill()
            kills += process.wait() == -9
            if made.exists() and made != file:
                again.unlink()
                cadran("backup", again, "--data", restored)
            if made.exists():
                check(digest(file if made == file else again) == whole, f"{order[0]}: what is there is whole")
                made.unlink()
        check(kills > 2, f"{kills} of 8 were killed in time")
        cadran(*order)
        check(made.exists(), f"{order[0]} succeeds after kills")
    again.unlink()
    cadran("backup", again, "--data", restored)
    check(digest(file) == digest(again) == whole, "what was restored after kills has the bytes of the backup")
    left = [one.name for one in (*folder.iterdir(), *restored.iterdir()) if "part" in one.name]
    check(left == [], f"nothing half written stays: {left}")


def test_verification(folder, data):
    """A row that differs on the other side is found before the target is switched over."""
    target = schema("altered")
    cadran("migrate", "--from", data, "--database", target)
    sql("TRUNCATE altered.contact; COMMENT ON TABLE altered.migration IS 'Cadran: x'")
    sql("CREATE FUNCTION altered.alter_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.id & 4095 = 77 THEN NEW.data = '[]'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER t BEFORE INSERT ON altered.contact FOR EACH ROW EXECUTE FUNCTION"
        " altered.alter_one()")
    words = cadran("migrate", "--from", data, "--database", target, status=1)
    check("contact: its rows differ" in words, words)
    sql("DROP TRIGGER t ON altered.contact; CREATE RULE one AS ON INSERT TO altered.key DO"
        " INSTEAD NOTHING; DELETE FROM altered.key; CREATE FUNCTION altered.no() RETURNS trigger"
        " LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER t BEFORE INSERT ON"
        " altered.key FOR EACH ROW EXECUTE FUNCTION altered.no()")
    words = cadran("migrate", "--from", data, "--database", target, status=1)
    check("key: " in words and "0 are there" in words, words)


def test_backup_on_postgres(folder):
    """A campaign dials on PostgreSQL while it is backed up."""
    target = schema("dialed")
    (folder / "pg").mkdir()
    os.environ["CADRAN_TEST_DATABASE"] = target
    server, carrier, _, campaign = install(folder / "pg")
    del os.environ["CADRAN_TEST_DATABASE"]
    try:
        file = backup_while_dialing(folder / "pg", server, campaign, "--database", target)
    finally:
        server.stop()
        carrier.stop()
    other = schema("restored")
    cadran("restore", file, "--database", other)
    again = folder / "pg" / "again"
    cadran("backup", again, "--database", other)
    check(digest(file) == digest(again), "what was restored has the bytes of the backup")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cadran-transfer-"))
    server, carrier, people, campaign = install(folder)
    try:
        restored = test_backup_on_sqlite(folder, server, campaign)
        check("another cadran uses" in cadran("migrate", "--from", folder / "data", "--database",
                                              URL, status=1), "no migration under a server")
    finally:
        server.stop()
        carrier.stop()
    serves(folder, restored, server.secrets, people)
    test_migrate(folder, folder / "data", server.secrets, people)
    test_kill_migrate(folder, folder / "data")
    test_kill_backup(folder, folder / "data")
    test_verification(folder, folder / "data")
    test_backup_on_postgres(folder)
    shutil.rmtree(folder)
    print(f"{checks} checks passed")


if __name__ == "__main__":
    main()
