#!/usr/bin/env python3
"""kill -9 at random moments of a running campaign: nobody is called twice, nothing is forgotten.

  kill.py build/dev/cadran [KILLS [SEED]]

The carrier is a process of its own and writes down every INVITE that reaches it. After the kills:
no number has more INVITEs than attempts in the database, no attempt is made twice in a pass, each
INVITE has its row, and every contact was dialed. On PostgreSQL where CADRAN_TEST_DATABASE is set
(tests/with_postgres.py).
"""
import collections
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(folder) for folder in list(pathlib.Path(__file__).resolve().parents)[1:3]]
import with_postgres  # noqa: E402
from server import Carrier, Server  # noqa: E402


def set_up(server, carrier, contacts):
    server.log_in()
    trunk = server.post("/api/cadran/v1/trunks", {
        "name": "carrier", "host": "127.0.0.1", "port": carrier.port, "callsPerSecond": 40})
    people = server.post("/api/v2/outbound/contactlists", {
        "name": "people", "columnNames": ["name", "phone"],
        "phoneColumns": [{"columnName": "phone", "type": "Home"}]})
    for first in range(0, contacts, 500):
        server.post(f"/api/v2/outbound/contactlists/{people['id']}/contacts", [
            {"data": {"name": f"person {i}", "phone": f"+3314{2000000 + i:07d}"}}
            for i in range(first, min(first + 500, contacts))])
    campaign = server.post("/api/v2/outbound/campaigns", {
        "name": "kill", "dialingMode": "agentless", "contactList": {"id": people["id"]},
        "site": {"id": trunk["id"]}, "phoneColumns": [{"columnName": "phone"}],
        "callerName": "Cadran", "callerAddress": "+33123456789", "outboundLineCount": 60,
        "noAnswerTimeout": 5})
    server.post(f"/api/v2/outbound/campaigns/{campaign['id']}/start")
    return campaign["id"]


def live(server, campaign):
    return server.get(f"/api/cadran/v1/campaigns/{campaign}/live")


def query(database, sql):
    if not database.startswith("postgres://"):
        return sqlite3.connect(database).execute(sql).fetchall()
    lines = subprocess.run([with_postgres.binaries() / "psql", "-At", "-d", database, "-c", sql],
                           check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return [tuple(int(value) for value in line.split("|")) for line in lines]


def check(record, database, contacts):
    invites = collections.Counter(open(record, encoding="ascii").read().split())
    rows = query(database, "SELECT number, count(*), count(DISTINCT contact), count(DISTINCT pass) "
                           "FROM attempt GROUP BY number")
    attempts = {str(number): count for number, count, _, _ in rows}
    problems = []
    for number, count in invites.items():
        if count > attempts.get(number, 0):
            problems.append(f"{number}: {count} INVITEs, {attempts.get(number, 0)} attempts")
    for number, count, _, passes in rows:
        if count > 1 or passes > 1:
            problems.append(f"{number}: {count} attempts in {passes} passes, one is allowed")
    if len(attempts) != contacts:
        problems.append(f"{contacts - len(attempts)} contacts were never dialed")
    return problems, sum(invites.values()), sum(attempts.values())


def main():
    program = sys.argv[1]
    is_long = bool(os.environ.get("CADRAN_TEST_LONG"))
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else (200 if is_long else 10)
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 31)
    print(f"{kills} kills, seed {seed}")
    chance = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="cadran-kill-")
    data, record = os.path.join(folder, "data"), os.path.join(folder, "invites")
    open(record, "w", encoding="ascii").close()
    profile = os.path.join(folder, "profile.ini")
    with open(profile, "w", encoding="ascii") as file:
        file.write("[public]\nperson=0.5\nmachine=0\nbusy=0.3\nunknown=0.1\ncongestion=0\n"
                   "rejected=0.1\nfax=0\n[times]\nring_s=0.4\ntalk_s=2\n")
    carrier = Carrier(program, "--record", record, "--profile", profile, "--seed", "5")
    contacts = 100 + kills * 45
    server = Server(program, data)
    try:
        campaign = set_up(server, carrier, contacts)
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 2.0))
            server.kill()
            server = Server(program, data)
            server.log_in()
        until = time.monotonic() + 120 + contacts / 20  # bounded, not timed
        while live(server, campaign)["status"] != "complete":
            if time.monotonic() > until:
                print("the campaign does not complete:", live(server, campaign))
                return 1
            time.sleep(0.2)
        view = live(server, campaign)
    finally:
        server.stop()
        carrier.stop()
    problems, invites, attempts = check(record, os.environ.get("CADRAN_TEST_DATABASE") or
                                        os.path.join(data, "cadran.db"), contacts)
    print(f"{kills} kills: {contacts} contacts, {attempts} attempts, {invites} INVITEs, "
          f"{view['outcomes'].get('lost', 0)} lost")
    for problem in problems[:20]:
        print("WRONG", problem)
    shutil.rmtree(folder)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
