#!/usr/bin/env python3
"""SIGTERM in the middle of a campaign: every call is hung up, in at most five seconds, and none is
left without its end; the next start goes on and calls everybody.

  stop.py build/dev/cadran
"""
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from kill import live, set_up  # noqa: E402
from server import Carrier, Server  # noqa: E402

CONTACTS = 200
STOP_LIMIT_S = 5


def main():
    program = sys.argv[1]
    folder = tempfile.mkdtemp(prefix="cadran-stop-")
    data, profile = os.path.join(folder, "data"), os.path.join(folder, "profile.ini")
    with open(profile, "w", encoding="ascii") as file:
        file.write("[public]\nperson=0.6\nmachine=0\nbusy=0.3\nunknown=0.1\ncongestion=0\n"
                   "rejected=0\nfax=0\n[times]\nring_s=1.5\ntalk_s=2\n")
    carrier = Carrier(program, "--profile", profile)
    server = Server(program, data)
    try:
        campaign = set_up(server, carrier, CONTACTS)
        until = time.monotonic() + 20
        while live(server, campaign)["calls"]["ringing"] < 20 and time.monotonic() < until:
            time.sleep(0.05)
        before = time.monotonic()
        status = server.stop()
        took = time.monotonic() - before
        open_attempts = sqlite3.connect(os.path.join(data, "cadran.db")).execute(
            "SELECT count(*) FROM attempt a WHERE NOT EXISTS "
            "(SELECT 1 FROM attempt_fact f WHERE f.attempt = a.id)").fetchone()[0]
        print(f"stopped with {status} in {took:.1f} s, {open_attempts} attempts without an end")
        if status != 0 or took > STOP_LIMIT_S or open_attempts:
            return 1
        server = Server(program, data)
        server.log_in()
        until = time.monotonic() + 60
        while live(server, campaign)["contactsCalled"] < CONTACTS:
            if time.monotonic() > until:
                print("it does not go on:", live(server, campaign))
                return 1
            time.sleep(0.1)
        lost = live(server, campaign)["outcomes"].get("lost", 0)
        print(f"went on and called everybody, {lost} lost")
        return 1 if lost else 0
    finally:
        server.stop()
        carrier.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
