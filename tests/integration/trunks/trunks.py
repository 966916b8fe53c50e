#!/usr/bin/env python3
"""Trunks as the world has them: a proxy that forks, a carrier over TCP, a carrier by its name.

  trunks.py build/dev/cadran

The forking peer is a script that speaks SIP by hand: two 200s with different tags to one INVITE.
RFC 3261, 13.2.2.4: both are acknowledged, and the one that was not kept is ended by a BYE.
"""
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from server import Carrier, Server  # noqa: E402


class Fork(threading.Thread):
    """Answers one INVITE twice, as two phones behind a forking proxy would."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.seen = []  # (method, to-tag)
        self.is_over = False
        self.answered = False

    def reply(self, head, status, to_tag, peer, sdp=""):
        copied = [line for line in head.split("\r\n")[1:]
                  if re.match(r"(Via|From|Call-ID|CSeq|v|f|i|Record-Route):?\s*:", line, re.I)]
        to = next(line for line in head.split("\r\n") if re.match(r"(To|t)\s*:", line, re.I))
        if to_tag and ";tag=" not in to:
            to += f";tag={to_tag}"
        lines = [f"SIP/2.0 {status}", *copied, to,
                 f"Contact: <sip:{to_tag or 'x'}@127.0.0.1:{self.port}>"]
        if sdp:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(sdp)}", "", sdp]
        self.socket.sendto("\r\n".join(lines).encode(), peer)

    def run(self):
        sdp = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
               "m=audio 40404 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")
        while not self.is_over:
            try:
                data, peer = self.socket.recvfrom(65536)
            except socket.timeout:
                continue
            head = data.decode(errors="replace").split("\r\n\r\n")[0]
            method = head.split(" ")[0]
            tag = re.search(r"^(?:To|t)\s*:.*;tag=([^\s;]+)", head, re.I | re.M)
            if method != "OPTIONS":
                self.seen.append((method, tag.group(1) if tag else ""))
            if method == "INVITE" and not self.answered:
                self.answered = True
                for status, name, body in (("180 Ringing", "one", ""), ("180 Ringing", "two", ""),
                                           ("200 OK", "one", sdp), ("200 OK", "two", sdp)):
                    self.reply(head, status, name, peer, body)
            elif method in ("OPTIONS", "BYE"):
                self.reply(head, "200 OK", "", peer)


def campaign(server, name, trunk, contacts):
    people = server.post("/api/v2/outbound/contactlists", {
        "name": name, "columnNames": ["phone"],
        "phoneColumns": [{"columnName": "phone", "type": "Home"}]})
    server.post(f"/api/v2/outbound/contactlists/{people['id']}/contacts", [
        {"data": {"phone": f"+33142{i:06d}"}} for i in contacts])
    made = server.post("/api/v2/outbound/campaigns", {
        "name": name, "dialingMode": "agentless", "contactList": {"id": people["id"]},
        "site": {"id": trunk["id"]}, "phoneColumns": [{"columnName": "phone"}],
        "callerName": "Cadran", "callerAddress": "+33123456789", "outboundLineCount": 5,
        "noAnswerTimeout": 10})
    server.post(f"/api/v2/outbound/campaigns/{made['id']}/start")
    until = time.monotonic() + 40
    while True:
        view = server.get(f"/api/cadran/v1/campaigns/{made['id']}/live")
        if view["status"] == "complete":
            return view
        if time.monotonic() > until:
            raise SystemExit(f"FAILED: campaign {name} does not complete: {view}")
        time.sleep(0.05)


def expect(what, sentence):
    if not what:
        raise SystemExit(f"FAILED: {sentence}")
    print("ok", sentence)


def forks(server):
    fork = Fork()
    fork.start()
    trunk = server.post("/api/cadran/v1/trunks",
                        {"name": "fork", "host": "127.0.0.1", "port": fork.port})
    view = campaign(server, "forked", trunk, [230001])
    until = time.monotonic() + 10
    wanted = {("ACK", "one"), ("ACK", "two"), ("BYE", "one"), ("BYE", "two")}
    while not wanted <= set(fork.seen) and time.monotonic() < until:
        time.sleep(0.05)
    fork.is_over = True
    expect(wanted <= set(fork.seen), "both answers of a fork are acknowledged and ended")
    expect(sum(1 for method, _ in fork.seen if method == "INVITE") == 1, "one INVITE was sent")
    expect(view["outcomes"] == {"person": 1}, "a forked call is one attempt with one outcome")


def transports(server, carrier):
    for name, host, transport in (("over TCP", "127.0.0.1", "tcp"),
                                  ("by name", "localhost", "udp")):
        trunk = server.post("/api/cadran/v1/trunks", {
            "name": name, "host": host, "port": carrier.port, "transport": transport})
        view = campaign(server, name, trunk, range(240000, 240010))
        expect(view["attempts"] == 10 and view["outcomes"] == {"person": 10},
               f"a trunk {name} carries ten calls")


def main():
    program = sys.argv[1]
    folder = tempfile.mkdtemp(prefix="cadran-trunks-")
    profile = os.path.join(folder, "profile.ini")
    with open(profile, "w", encoding="ascii") as file:
        file.write("[public]\nperson=1\nmachine=0\nbusy=0\nunknown=0\ncongestion=0\nrejected=0\n"
                   "fax=0\n[times]\nring_s=0.2\ntalk_s=3\n")
    carrier = Carrier(program, "--profile", profile)
    server = Server(program, os.path.join(folder, "data"))
    try:
        server.log_in()
        forks(server)
        transports(server, carrier)
    finally:
        server.stop()
        carrier.stop()
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
