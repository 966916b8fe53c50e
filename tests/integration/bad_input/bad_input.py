#!/usr/bin/env python3
"""Bad input of every kind: each gets a clear refusal, and nothing that was there is lost.

  bad_input.py build/dev/cadran

A campaign dials all the while. After each group of cases lists, contacts, campaigns and numbers are
compared with what they were before, and the campaign must have dialed on.
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from server import Carrier, Refused, Server  # noqa: E402

OUTBOUND = "/api/v2/outbound"
JSON = {"Content-Type": "application/json"}
NOBODY = "00000000-0000-4000-8000-000000000000"
CHECKS = 0


def check(holds, sentence, *seen):
    global CHECKS
    CHECKS += 1
    if not holds:
        raise SystemExit("\n  ".join([f"WRONG: {sentence}", *map(repr, seen)]))


def until(sentence, ask, limit=60):
    end = time.monotonic() + limit
    while not (answer := ask()):
        if time.monotonic() > end:
            raise SystemExit(f"WRONG: {sentence}, within {limit} s")
        time.sleep(0.05)
    return answer


class World:
    """A server with a campaign that dials slowly, and things that must stay as they are."""

    def __init__(self, program, folder):
        profile = os.path.join(folder, "profile.ini")
        with open(profile, "w", encoding="ascii") as file:
            file.write("[public]\nperson=0.5\nmachine=0\nbusy=0.5\nunknown=0\ncongestion=0\n"
                       "rejected=0\nfax=0\n[times]\nring_s=0.3\ntalk_s=0.3\n")
        self.data = os.path.join(folder, "data")
        self.carrier = Carrier(program, "--profile", profile, "--seed", "3")
        self.trunk_port = free_port()
        self.server = Server(program, self.data, "--trunk-port", str(self.trunk_port))
        self.server.log_in()
        self.set_up()
        self.before = self.snapshot()
        self.attempts = 0

    def set_up(self):
        post = self.server.post
        trunk = post("/api/cadran/v1/trunks", {"name": "carrier", "host": "127.0.0.1", "port": self.carrier.port,
                                               "callsPerSecond": 10})
        self.kept = self.list_make("Gardés")
        self.dialed = self.list_make("Appelés")
        for table, prefix in ((self.kept, "+3314301"), (self.dialed, "+3314302")):
            for first in range(0, 4000 if table is self.dialed else 250, 500):
                post(f"{table['selfUri']}/contacts", [
                    {"id": f"c{i}", "data": {"Nom": f"Personne {i}", "Tel": f"{prefix}{i:05d}"[:12]}}
                    for i in range(first, min(first + 500, 4000 if table is self.dialed else 250))])
        self.dnc = post(f"{OUTBOUND}/dnclists", {"name": "Opposition", "dncSourceType": "rds"})
        post(f"{self.dnc['selfUri']}/phonenumbers", ["+33143019999", "+33143019998"])
        self.campaign = post(f"{OUTBOUND}/campaigns", {
            "name": "Appels", "dialingMode": "agentless", "contactList": {"id": self.dialed["id"]},
            "site": {"id": trunk["id"]}, "phoneColumns": [{"columnName": "Tel"}], "callerName": "Cadran",
            "callerAddress": "+33123456789", "outboundLineCount": 20, "noAnswerTimeout": 5})
        post(f"{self.campaign['selfUri']}/start")

    def list_make(self, name):
        return self.server.post(f"{OUTBOUND}/contactlists", {
            "name": name, "columnNames": ["Nom", "Tel"], "phoneColumns": [{"columnName": "Tel", "type": "Home"}]})

    def contacts(self, one, keys):
        found = []
        for number in range(1, 100):
            page = self.server.post(f"{one['selfUri']}/contacts/search", {"pageSize": 100, "pageNumber": number})
            found += [{key: contact[key] for key in keys} for contact in page["entities"]]
            if number >= page["pageCount"]:
                return found

    def snapshot(self):
        get = self.server.get
        listings = {path: [{**entity, "importStatus": None, "campaignStatus": None} for entity in
                           get(f"{path}?pageSize=100&sortBy=name")["entities"]]
                    for path in (f"{OUTBOUND}/contactlists", f"{OUTBOUND}/campaigns", f"{OUTBOUND}/dnclists",
                                 f"{OUTBOUND}/attemptlimits", "/api/v2/users", "/api/v2/oauth/clients",
                                 "/api/v2/routing/queues", "/api/cadran/v1/trunks")}
        return {**listings, "kept": self.contacts(self.kept, ("id", "data", "callable", "dataVersion")),
                "dialed": self.contacts(self.dialed, ("id", "data"))}

    def unharmed(self, what):
        now = self.snapshot()
        for name, before in self.before.items():
            check(now[name] == before, f"{what}: {name} is as it was", before[:3], now[name][:3])
        dialed = until(f"{what}: the campaign dials on", lambda: self.live()["attempts"] > self.attempts)
        check(dialed and self.live()["status"] == "on", f"{what}: the campaign is on")
        self.attempts = self.live()["attempts"]
        check(self.server.process.poll() is None, f"{what}: the server lives")

    def live(self):
        return self.server.get(f"/api/cadran/v1/campaigns/{self.campaign['id']}/live")

    def refused(self, method, path, body, status, code, words, headers=None, field=None):
        """The refusal's status, code and sentence; and the place, where there is one."""
        what = f"{method} {path[:80]} {str(body)[:60]}"
        try:
            answer = self.server.request(method, path, body, headers)
        except Refused as refusal:
            answer = refusal
        check(isinstance(answer, Refused), f"{what} is refused", answer)
        check(answer.status == status, f"{what}: {status}", answer)
        check(isinstance(answer.body, dict) and answer.body["code"] == code and answer.body["status"] == status,
              f"{what}: {code}", answer.body)
        check(re.search(words, answer.body["message"]), f"{what}: says {words}", answer.body["message"])
        if field:
            check(answer.body["messageParams"].get("field") == field, f"{what}: names {field}", answer.body)
        return answer.body


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


# --- Files ----------------------------------------------------------------------------------------

def upload_url(world, one, id_column=None):
    return world.server.post(f"{OUTBOUND}/contactlists/uploads", {
        "id": one["id"], "fileName": "file.csv", "contentType": "text/csv",
        **({"contactIdName": id_column} if id_column else {})})["url"]


def import_file(world, one, content, id_column=None):
    world.server.request("PUT", upload_url(world, one, id_column), content, {"Content-Type": "text/csv"})
    path = f"{one['selfUri']}/importstatus"
    return until("the import ends", lambda: (status := world.server.get(path))["state"] != "IN_PROGRESS" and status)


def files_refused(world):
    """Files that cannot be a list at all: into the kept list, which must stay."""
    header = ",".join(f"c{i}" for i in range(51)).encode()
    cases = [
        (b"", None, r"^the file is empty$"),
        (b"\xef\xbb\xbf\r\n\r\n", None, r"^the file is empty$"),
        (bytes(range(256)) * 40, None, r"^the file is not a text file$|no phone column|header"),
        (b"\0\1\2\3" * 500, None, r"^the file is not a text file$"),
        (b"PK\3\4" + b"z" * 500, None, r"^the file is a workbook or an archive: save"),
        ("Nom,Tel\nx,+33143010000\n".encode("utf-16"), None, r"^the file is UTF-16: save it as CSV UTF-8"),
        (b"Nom,Ville\nx,Lyon\n", None, r'^line 1: no phone column is in the header: "Tel" is missing$'),
        (header + b"\n1\n", None, r"^line 1: the file has more than 50 columns$"),
        (b"Tel,Nom,tel\n1,2,3\n", None, r'^line 1: columns 1 and 3 have the same name "tel"$'),
        (b"Nom,Tel\nx,+33143010000\n", "Ref", r'^line 1: the id column "Ref" is not in the header$'),
        (b"Nom," + b"T" * 129 + b"\n", None, r"^line 1: the name of column 2 has more than 128 characters$"),
    ]
    for content, id_column, words in cases:
        status = import_file(world, world.kept, content, id_column)
        check(status["state"] == "FAILED" and re.search(words, status["failureReason"]),
              f"a file {content[:20]!r} is refused", status)
        check(status["completedRecords"] == 0, "and nothing of it comes in", status)


def rows_refused(world):
    """One bad row costs that row: line, column and reason are written down."""
    scratch = world.list_make("Brouillon")
    rows = [b"Nom,Tel",
            b"v" * 600 + b",+33143010001", b"N\0UL,+33143010002", b"pas un num\xc3\xa9ro,abc",
            b"de trop,+33143010003" + b",x" * 60, b'mal "cit\xc3\xa9" ici,"+33143010004"x',
            b"bon,+33143010005", b'fini,"+33143010006']
    status = import_file(world, scratch, b"\n".join(rows) + b"\n")
    check(status["state"] == "COMPLETE" and status["completedRecords"] == 1 and
          status["cadran"]["refusedRecords"] == 6 and status["totalRecords"] == 7, "bad rows are counted", status)
    check([one["data"]["Nom"] for one in world.contacts(scratch, ("data",))] == ["bon"], "the good one comes in")
    newest = max(pathlib.Path(world.data, "jobs").glob("*-refused.csv"), key=lambda path: path.stat().st_mtime)
    lines = newest.read_text(encoding="utf-8", errors="replace").splitlines()
    check(lines[0] == "line,column,reason,value" and [line.split(",")[0] for line in lines[1:]] ==
          ["2", "3", "4", "5", "6", "8"], "each refused row has its line", lines)
    for line, words in ((1, r'"Nom".*512'), (2, "NUL"), (3, r'"Tel",".*not a'), (4, "values"), (6, "quote")):
        check(re.search(words, lines[line]), f"and its reason: {words}", lines[line])
    world.server.request("DELETE", scratch["selfUri"])


def truncated(world):
    """The client goes away in the middle: nothing is imported, for nothing whole came."""
    url = upload_url(world, world.kept)
    path = "/" + url.split("/", 3)[3]
    host, port = world.server.http.split(":")
    before = world.server.get(f"{world.kept['selfUri']}/importstatus")
    for announced in (1000000, 30):
        with socket.create_connection((host, int(port)), timeout=10) as link:
            link.sendall((f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/csv\r\n"
                          f"Content-Length: {announced}\r\n\r\nNom,Tel\nx,+3314301").encode())
    with socket.create_connection((host, int(port)), timeout=10) as link:
        link.sendall(f"POST {OUTBOUND}/campaigns HTTP/1.1\r\nHost: {host}\r\nContent-Length: 500\r\n"
                     f"Authorization: Bearer {world.server.token}\r\n\r\n{{\"name\":".encode())
    # An upload that is whole comes after them: had they been taken, they would have been by then.
    scratch = world.list_make("Après")
    check(import_file(world, scratch, b"Nom,Tel\nx,+33143010009\n")["completedRecords"] == 1, "whole files go on")
    world.server.request("DELETE", scratch["selfUri"])
    check(world.server.get(f"{world.kept['selfUri']}/importstatus") == before, "a broken upload is no import")
    check(not list(pathlib.Path(world.data, "spool").iterdir()), "and leaves nothing in the spool")


# --- JSON and values ------------------------------------------------------------------------------

def json_refused(world):
    lists = f"{OUTBOUND}/contactlists"
    cases = [
        (b'{"name":', r"^line 1, column \d+: The body is not valid JSON: "),
        (b'{"name":\n\n"x"]', r"^line 3, column \d+: The body is not valid JSON: "),
        (b"[" * 1000 + b"]" * 1000, r"^The JSON is nested more than \d+ deep\.$"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, r"^The JSON is nested more than \d+ deep\.$"),
        (b'{"name":"a","name":"b"}', r"^line 1, column \d+: .*duplicate object key"),
        (b'{"name":"a\\u0000b","columnNames":["x"]}', r"^line 1, column \d+: .*\\u0000 is not allowed near|\\u0000 is not allowed\.$"),
        (b'{"name":"\xff\xfe"}', r"^line 1, column \d+: .*0xff"),
        (b'{"name":"\\ud800"}', r"^line 1, column \d+: The body is not valid JSON"),
        (b'{"name":1e999}', r"^line 1, column \d+: .*real number overflow"),
        (b'{"name":"x"} {}', r"^line 1, column \d+: .*end of file expected"),
        (b'"text"', r"^line 1, column \d+: The body is not valid JSON"),
        (b"[]", r"^The body must be a JSON object\.$"),
        (b"", r"^The request needs a JSON body\.$"),
    ]
    for body, words in cases:
        world.refused("POST", lists, body, 400, "bad.request", words, JSON)
    world.refused("POST", lists, b'{"name":"x","columnNames":[' + b'"a",' * 200000 + b'"a"]}', 400,
                  "bad.request", r"^The JSON has more than \d+ values\.$", JSON)
    world.refused("POST", f"{world.kept['selfUri']}/contacts", b"[" + b" " * (40 << 20) + b"]", 413,
                  "request.entity.too.large", r"too large", JSON)
    world.refused("POST", lists, b'{"name":"' + b"x" * (2 << 20) + b'"}', 413, "request.entity.too.large",
                  r"too large", JSON)


def values_refused(world):
    """A wrong type, or a value beyond its limits, in every kind of field."""
    lists, campaigns = f"{OUTBOUND}/contactlists", f"{OUTBOUND}/campaigns"
    limits, times, dnc = (f"{OUTBOUND}/{name}" for name in ("attemptlimits", "callabletimesets", "dnclists"))
    one = {"name": "x", "columnNames": ["Tel"], "phoneColumns": [{"columnName": "Tel", "type": "Home"}]}
    call = {"name": "x", "dialingMode": "agentless", "contactList": {"id": world.kept["id"]}, "outboundLineCount": 1,
            "phoneColumns": [{"columnName": "Tel"}], "callerName": "x", "callerAddress": "+33123456789"}
    slot = {"day": 1, "startTime": "09:00:00", "stopTime": "17:00:00"}
    hours = {"name": "x", "callableTimes": [{"timeZoneId": "Europe/Paris", "timeSlots": [slot]}]}
    cases = [
        (lists, {**one, "name": 5}, "name", "must be a text"),
        (lists, {**one, "name": ""}, "name", "required"),
        (lists, {**one, "name": None}, "name", "required"),
        (lists, {**one, "name": "x" * 257}, "name", "must have from 1 to 256 characters"),
        (lists, {**one, "columnNames": "Tel"}, "columnNames", "must be an array"),
        (lists, {**one, "columnNames": []}, "columnNames", "items|at least|required"),
        (lists, {**one, "columnNames": [5]}, "columnNames[0]", "must be a text"),
        (lists, {**one, "columnNames": [f"c{i}" for i in range(51)]}, "columnNames", "50"),
        (lists, {**one, "columnNames": ["Tel", "x" * 129]}, "columnNames[1]", "128"),
        (lists, {**one, "phoneColumns": [{"columnName": "Tel"}]}, "phoneColumns[0].type", "required"),
        (lists, {**one, "phoneColumns": [5]}, "phoneColumns[0]", "must be an object"),
        (lists, {**one, "trimWhitespace": "yes"}, "trimWhitespace", "must be true or false"),
        (lists, {**one, "attemptLimits": "x"}, "attemptLimits", "must be an object|reference"),
        (lists, {**one, "attemptLimits": {"id": NOBODY}}, "attemptLimits", "there is no such"),
        (lists, {**one, "attemptLimits": {"id": world.kept["id"]}}, "attemptLimits", "there is no such"),
        (campaigns, {**call, "dialingMode": "shouting"}, "dialingMode", "must be one of|agentless"),
        (campaigns, {**call, "dialingMode": 5}, "dialingMode", "must be a text"),
        (campaigns, {**call, "outboundLineCount": "20"}, "outboundLineCount", "must be a (whole )?number"),
        (campaigns, {**call, "outboundLineCount": -1}, "outboundLineCount", "must be from 0"),
        (campaigns, {**call, "outboundLineCount": 1.5}, "outboundLineCount", "must be a (whole )?number"),
        (campaigns, {**call, "outboundLineCount": 10 ** 18}, "outboundLineCount", "must be from 0"),
        (campaigns, {**call, "callerAddress": "call me"}, "callerAddress", "not a valid telephone number"),
        (campaigns, {**call, "contactList": {"id": world.campaign["id"]}}, "contactList", "there is no such"),
        (campaigns, {**call, "priority": 9}, "priority", "must be from 1 to 5"),
        (campaigns, {**call, "abandonRate": "3 %"}, "abandonRate", "must be a number"),
        (campaigns, {**call, "dncLists": {"id": 1}}, "dncLists", "must be an array"),
        (campaigns, {**call, "dncLists": [{"id": NOBODY}]}, "dncLists[0]", "there is no such"),
        (limits, {"name": "x", "maxAttemptsPerContact": 0}, "maxAttemptsPerContact", "must be from 1"),
        (limits, {"name": "x", "maxAttemptsPerContact": 2, "resetPeriod": "DAYS_99"}, "resetPeriod", "DAYS_2 to DAYS_30"),
        (limits, {"name": "x", "maxAttemptsPerContact": 2, "recallEntries": {"busy": {"nbrAttempts": 1}}},
         "recallEntries.busy.minutesBetweenAttempts", "required"),
        (times, {**hours, "callableTimes": [{"timeZoneId": "Mars/Sea", "timeSlots": [slot]}]},
         "callableTimes[0].timeZoneId", "not a time zone"),
        (times, {**hours, "callableTimes": [{"timeZoneId": "Europe/Paris", "timeSlots": [{**slot, "day": 8}]}]},
         "callableTimes[0].timeSlots[0].day", "must be from 1 to 7"),
        (times, {**hours, "callableTimes": [{"timeZoneId": "Europe/Paris", "timeSlots": [{**slot, "stopTime": "25:00"}]}]},
         "callableTimes[0].timeSlots[0].stopTime", "HH:mm:ss"),
        (dnc, {"name": "x", "dncSourceType": "elsewhere"}, "dncSourceType", "must be one of|rds"),
        ("/api/cadran/v1/trunks", {"name": "x", "host": "127.0.0.1", "port": 70000}, "port", "must be from 1 to 65535"),
        ("/api/v2/users", {"name": "x", "email": "nowhere"}, "email", "not an e-mail address"),
        ("/api/v2/users", {"name": "x", "email": "a@b.c", "password": "short"}, "password", "8"),
    ]
    for path, body, field, words in cases:
        world.refused("POST", path, body, 400, "invalid.value", f"^{re.escape(field)}(\\.id)?: .*({words})", field=None)


def contacts_refused(world):
    path = f"{world.kept['selfUri']}/contacts"
    cases = [
        ([{"data": {"Nom": "x" * 513}}], "[0].data.Nom", "at most 512 characters"),
        ([{"data": {"Nom": 5}}], "[0].data.Nom", "must be a text"),
        ([{"data": {"Nom": "x"}}, {"data": {"Age": "5"}}], "[1].data.Age", "is not a column of the list"),
        ([{"data": "x"}], "[0].data", "must be an object"),
        ([{}], "[0].data", "required"),
        ([5], "[0]", "must be an object"),
        ([{"id": "x" * 101, "data": {}}], "[0].id", "at most 100 characters"),
        ([{"id": 5, "data": {}}], "[0].id", "must be a text"),
        ([{"data": {}, "callable": "no"}], "[0].callable", "must be true or false"),
    ]
    for body, field, words in cases:
        world.refused("POST", path, body, 400, "invalid.value", f"^{re.escape(field)}: .*{words}", field=field)
    world.refused("POST", path, {"data": {}}, 400, "bad.request", "must be a JSON array")
    world.refused("POST", path, [{"data": {"Nom": "x"}}] * 1001, 400, "invalid.value", "1001 items; at most 1000")
    own = f"{path}/c1"
    world.refused("PUT", own, {"data": {"Nom": "x"}, "dataVersion": 99}, 409, "version.conflict", "changed|version")
    world.refused("PUT", own, {"data": {"Age": "x"}}, 400, "invalid.value", r"^data\.Age: is not a column")
    numbers = f"{world.dnc['selfUri']}/phonenumbers"
    world.refused("POST", numbers, ["+33143010001", "12", "x"], 400, "invalid.value", r"^\[1\]: is not a valid telephone")
    world.refused("POST", numbers, ["+33143010001"] * 10001, 400, "invalid.value", "10001 items; at most 10000")
    world.refused("PATCH", numbers, {"action": "Eat", "phoneNumbers": []}, 400, "invalid.value", "^action: must be")
    world.refused("POST", f"{path}/search", {"pageSize": "x"}, 400, "invalid.value", "^pageSize: must be a whole number")
    world.refused("DELETE", f"{path}?contactIds=c1,nobody", None, 404, "not.found", "no such contact")
    world.refused("DELETE", path, None, 400, "invalid.value", "^contactIds: required")


# --- Addresses, ids, who asks ---------------------------------------------------------------------

def ids_refused(world):
    for path, word in (("contactlists", "contact list"), ("campaigns", "campaign"), ("dnclists", "do-not-contact list"),
                       ("attemptlimits", "attempt limits"), ("callabletimesets", "callable time set")):
        others = world.campaign["id"] if path != "campaigns" else world.kept["id"]
        for wrong in (NOBODY, others, "nothing", "1", "x" * 3000, "%27%20OR%201=1--"):
            world.refused("GET", f"{OUTBOUND}/{path}/{wrong}", None, 404, "not.found", f"There is no such .*{word}")
        world.refused("DELETE", f"{OUTBOUND}/{path}/{others}", None, 404, "not.found", f"no such .*{word}")
    world.refused("GET", f"{OUTBOUND}/campaigns/..%2f..", None, 400, "bad.request", "address is malformed")
    path = world.kept["selfUri"]
    world.refused("GET", f"{path}/contacts/nobody", None, 404, "not.found", "no such contact in this list")
    world.refused("GET", f"/api/cadran/v1/campaigns/{world.campaign['id']}/contacts/nobody/explanation", None, 404,
                  "not.found", "no such contact")
    stale = {**world.server.get(path), "version": 999}
    world.refused("PUT", path, stale, 409, "version.conflict", "changed by somebody else meanwhile: read it again")
    world.refused("PUT", path, {**stale, "version": "1"}, 400, "invalid.value", "^version: must be a whole number")
    world.refused("PUT", path, {**stale, "version": 1, "columnNames": ["Other"]}, 400, "invalid.value",
                  "^columnNames: cannot be changed after creation")
    world.refused("DELETE", world.dialed["selfUri"], None, 409, "entity.in.use", "in use")
    world.refused("DELETE", world.campaign["selfUri"], None, 409, "campaign.in.use", "running")
    world.refused("GET", f"{OUTBOUND}/nothing", None, 404, "not.found", "nothing at this address")
    world.refused("DELETE", f"{OUTBOUND}/campaigns", None, 405, "method.not.allowed", "it knows GET, POST")
    world.refused("GET", f"{OUTBOUND}/dnclists?name=%00", None, 400, "bad.request", "cannot be decoded")
    world.refused("GET", f"{OUTBOUND}/dnclists?filterType=Magic&name=x", None, 400, "invalid.value", "^filterType: must be")


def sql_is_text(world):
    """What looks like SQL is a name like any other."""
    name = "x'); DROP TABLE contact; DELETE FROM campaign;-- %_\\\" \N{SNOWMAN}"
    made = world.server.post(f"{OUTBOUND}/dnclists", {"name": name, "dncSourceType": "rds"})
    check(made["name"] == name, "a name is kept as it is", made)
    for pattern in ("x%27%29%3B%20DROP", "%25", "_", "%27%20OR%20%271%27%3D%271"):
        found = world.server.get(f"{OUTBOUND}/dnclists?name={pattern}")["entities"]
        check([one["id"] for one in found] == ([made["id"]] if pattern.startswith("x") else []),
              "and % and _ are letters where names are looked for", found)
    scratch = world.list_make("'; DROP TABLE contact;--")
    values = {"Nom": name, "Tel": "+33143010077"}
    world.server.post(f"{scratch['selfUri']}/contacts", [{"id": "'; DELETE FROM contact;-- é", "data": values}])
    check(world.server.get(f"{scratch['selfUri']}/contacts/%27%3B%20DELETE%20FROM%20contact%3B--%20%C3%A9")["data"] == values,
          "so it is in contacts and their ids")
    world.server.request("DELETE", scratch["selfUri"])
    world.server.request("DELETE", made["selfUri"])


def raw(world, line, headers=""):
    host, port = world.server.http.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as link:
        link.sendall(f"{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n".encode("latin-1"))
        answer = b""
        while part := link.recv(65536):
            answer += part
    return int(answer.split()[1]), answer


def paths_refused(world):
    key = upload_url(world, world.kept).rsplit("/", 1)[1]
    forged = key[:60] + ("B" if key[60] == "A" else "A") + key[61:]  # another list, or another end
    for path in ("/uploads/v2/contactlists/..%2f..%2fetc%2fpasswd", "/uploads/v2/contactlists/../../../etc/passwd",
                 "/uploads/v2/contactlists/" + "A" * 300, "/uploads/v2/contactlists/%00", "/uploads/v2/nothing",
                 "/uploads/v2/contactlists/" + forged):
        status, answer = raw(world, f"PUT {path}", "Content-Length: 4\r\n\r\nabcd")
        check(status in (400, 403, 404, 405) and b'"code"' in answer, f"PUT {path} is refused", status, answer)
    for path in ("/../../etc/passwd", "/downloads/../cadran.db", "/_files/../cadran.db", "/_authorise", "/%2e%2e/cadran.db",
                 "/assets/..%2f..%2fcadran.db", "/ws/nothing", "/ws/../../x"):
        status, answer = raw(world, f"GET {path}")
        # Where the web application is built, it answers any address that is nothing else.
        is_page = status == 200 and b"<!doctype html>" in answer.lower()
        check((status in (400, 403, 404, 426) or is_page) and b"SQLite" not in answer and b"root:" not in answer,
              f"GET {path} gives nothing away", status, answer[:200])
    world.refused("PUT", "/uploads/v2/contactlists/AAAA", b"x", 403, "not.authorized", "not allowed")


def tokens_refused(world):
    path = f"{OUTBOUND}/campaigns"
    words = "token is missing, unknown or expired: log in"
    for header in ("Bearer nope", "Bearer ", "Basic " + base64.b64encode(b"a:b").decode(), "Bearer " + "x" * 3000, "nope"):
        world.refused("GET", path, None, 401, "bad.credentials", words, {"Authorization": header})
    client = world.server.post("/api/v2/oauth/clients", {"name": "Passant", "roles": ["supervisor"]})

    def token():
        basic = base64.b64encode(f"{client['id']}:{client['secret']}".encode()).decode()
        return world.server.request("POST", "/oauth/token", b"grant_type=client_credentials", {
            "Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"})["access_token"]

    removed, expired, orphan = token(), token(), token()
    bearer = [{"Authorization": f"Bearer {one}"} for one in (removed, expired, orphan)]
    for header in bearer:
        check(world.server.request("GET", path, None, header)["total"] == 1, "a token serves")
    world.refused("POST", f"{OUTBOUND}/dnclists", {"name": "x", "dncSourceType": "rds"}, 403, "missing.permissions",
                  "role does not allow", bearer[0])
    world.server.request("DELETE", "/api/v2/tokens/me", None, bearer[0])
    world.refused("GET", path, None, 401, "bad.credentials", words, bearer[0])
    with sqlite3.connect(os.path.join(world.data, "cadran.db"), timeout=20) as database:
        changed = database.execute("UPDATE token SET expires_at=? WHERE hash=?", (
            int(time.time() * 1e6) - 1, hashlib.sha256(expired.encode()).digest())).rowcount
    check(changed == 1, "a token's time passes")
    world.refused("GET", path, None, 401, "bad.credentials", words, bearer[1])
    world.server.request("DELETE", client["selfUri"])
    world.refused("GET", path, None, 401, "bad.credentials", words, bearer[2])
    for body, headers, error in (
            (b"grant_type=password", {}, "unsupported_grant_type"), (b"", {}, "invalid_request"),
            (b"grant_type=client_credentials", {"Authorization": "Basic !!!"}, "invalid_client"),
            (b"grant_type=client_credentials", {"Authorization": "Basic " + base64.b64encode(
                f"{world.server.secrets['client']['id']}:wrong".encode()).decode()}, "invalid_client")):
        try:
            world.server.request("POST", "/oauth/token", body, {
                "Content-Type": "application/x-www-form-urlencoded", **headers})
            check(False, "no token for that", body, headers)
        except Refused as refusal:
            check(refusal.status == 400 and refusal.body["error"] == error and refusal.body["error_description"],
                  f"no token: {error}", refusal)
    world.refused("POST", "/login", {"email": "admin@cadran.local", "password": "wrong"}, 401, "bad.credentials", "wrong")
    url = world.server.post(f"{OUTBOUND}/contactlists/uploads", {
        "id": world.kept["id"], "fileName": "a", "contentType": "text/csv", "signedUrlTimeoutSeconds": 1})["url"]
    path = "/" + url.split("/", 3)[3]

    def is_over():
        return raw(world, f"PUT {path}", "Content-Length: 0\r\n\r\n")[0] == 403
    until("an upload address expires", is_over, 10)


# --- SIP ------------------------------------------------------------------------------------------

class Peer:
    """A UDP peer that sends what it likes and reads the answers to its own Call-ID."""

    count = 0

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def message(self, method="OPTIONS", body="", **changed):
        Peer.count += 1
        headers = {"Via": f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKb{Peer.count}",
                   "From": "<sip:peer@127.0.0.1>;tag=p", "To": "<sip:cadran@127.0.0.1>",
                   "Call-ID": f"bad-{Peer.count}", "CSeq": f"1 {method}", "Max-Forwards": "70",
                   "Contact": f"<sip:peer@127.0.0.1:{self.port}>", "Content-Length": str(len(body))}
        for name, value in changed.items():
            headers[name.replace("_", "-")] = value
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
        return f"{method} sip:cadran@127.0.0.1 SIP/2.0\r\n{lines}\r\n{body}".encode("latin-1")

    def ask(self, port, message, timeout=5):
        """The final answer's first line; "" where none comes."""
        self.socket.settimeout(timeout)
        self.socket.sendto(message, ("127.0.0.1", port))
        try:
            while True:
                line = self.socket.recv(65536).split(b"\r\n")[0].decode("latin-1")
                if not line.startswith("SIP/2.0 1"):
                    return line
        except socket.timeout:
            return ""
        finally:
            self.socket.close()


def sip_refused(world):
    bad_sdp = "v=0\r\nm=audio nonsense\r\n"
    ports = {"phones": int(world.server.sip.split(":")[1]), "trunks": world.trunk_port}
    for name, port in ports.items():
        answered = [
            (dict(Call_ID=None), "400 "), (dict(From=None), "400 "), (dict(CSeq=None), "400 "),
            (dict(CSeq="x OPTIONS"), "400 Bad CSeq"), (dict(CSeq="1 INVITE"), "400 "),
            (dict(Content_Length="-5"), "400 Bad Content-Length"), (dict(method="FROBNICATE"), "501 "),
            (dict(From="<sip:%s%n%s%n@127.0.0.1>;tag=%n"), "400 Bad From"),
            (dict(method="INVITE"), "403 " if name == "phones" else "404 "),
            (dict(method="INVITE", body=bad_sdp, Content_Type="application/sdp"),
             "403 " if name == "phones" else "404 "),
            (dict(method="REFER", Refer_To="<sip:x@127.0.0.1>"), "405 "), (dict(method="MESSAGE"), "405 "),
            (dict(method="SUBSCRIBE", Event="presence"), "405 "), (dict(method="BYE"), "481 "),
            (dict(method="NOTIFY", Event="x"), "481 "),
            (dict(method="REGISTER"), "401 " if name == "phones" else "405 "),
            (dict(method="REGISTER", Authorization="Digest garbage"), "40" if name == "phones" else "405 "),
            (dict(method="REGISTER", Authorization="Basic YTpi"), "401 " if name == "phones" else "405 "),
        ]
        for changed, status in answered:
            peer = Peer()
            line = peer.ask(port, peer.message(**changed))
            check(line.startswith(f"SIP/2.0 {status}"), f"{name}: {changed} is answered {status}", line)
        silent = [b"", b"\r\n\r\n", b"\0" * 100, bytes(range(256)) * 8, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"x" * 60000,
                  b"OPTIONS sip:b SIP/9.9\r\n\r\n", b"OPTIONS \xff\xfe SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n",
                  Peer().message(Via=None), Peer().message(Via="garbage"), Peer().message(**{"X-Long": "y" * 60000}),
                  Peer().message(**{f"X-{i}": "y" for i in range(3000)}), Peer().message()[:60]]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            for message in silent:
                one.sendto(message, ("127.0.0.1", port))
        for stream in (b"garbage\r\n\r\n" * 100, Peer().message()[:50], os.urandom(100000), b"OPTIONS " + b"x" * 200000):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
                try:
                    link.sendall(stream)
                except (BrokenPipeError, ConnectionResetError):
                    pass
        peer = Peer()
        check(peer.ask(port, peer.message()).startswith("SIP/2.0 200"), f"{name}: after all that it answers")


def descriptors(world):
    return len(os.listdir(f"/proc/{world.server.process.pid}/fd"))


def main():
    folder = tempfile.mkdtemp(prefix="cadran-bad-")
    world = World(sys.argv[1], folder)
    groups = [files_refused, rows_refused, truncated, json_refused, values_refused, contacts_refused, ids_refused,
              sql_is_text, paths_refused, tokens_refused, sip_refused]
    try:
        world.unharmed("before")
        opened = descriptors(world)
        for group in groups:
            before = CHECKS
            group(world)
            world.unharmed(group.__name__)
            print(f"{group.__name__}: {CHECKS - before} checks", flush=True)
        until("descriptors are given back", lambda: descriptors(world) <= opened + 25)
        check(world.server.stop() == 0, "the server ends well")
        check(world.carrier.stop() == 0, "and so does the carrier")
        problems = sqlite3.connect(os.path.join(world.data, "cadran.db")).execute("PRAGMA integrity_check").fetchall()
        check(problems == [("ok",)], "the database is whole", problems)
    finally:
        for process in (world.server, world.carrier):
            if process.process.poll() is None:
                process.kill()
    shutil.rmtree(folder)
    print(f"{CHECKS} checks passed")


if __name__ == "__main__":
    main()
