#!/usr/bin/env python3
"""The API behind a real nginx, on SQLite and the real runtime: what clients may rely on.

Run with the path of api_front. Each check is one sentence; the first that fails ends the run.
"""
import base64
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import uuid

PROGRAM = sys.argv[1]
CHECKS = 0
OUTBOUND = "/api/v2/outbound"


def check(what, sentence):
    global CHECKS
    CHECKS += 1
    if not what:
        raise SystemExit(f"FAILED: {sentence}")


class Server:
    def __init__(self, data):
        self.process = subprocess.Popen([PROGRAM, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        check(line, "the server starts")
        self.about = json.loads(line)
        host, port = self.about["http"].rsplit(":", 1)
        self.address = (host, int(port))
        self.origin = f"http://{self.about['http']}"

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(timeout=20)


class Client:
    """One token or session."""

    def __init__(self, server, *, token=None, cookie=None):
        self.server, self.token, self.cookie = server, token, cookie

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(*self.server.address, timeout=20)
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
            headers.setdefault("Origin", self.server.origin)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def ask(self, method, path, body=None, expect=200, headers=None):
        data = json.dumps(body) if body is not None else None
        answer, content = self.raw(method, path, data,
                                   {"Content-Type": "application/json", **(headers or {})})
        if answer.status != expect:
            raise SystemExit(f"FAILED: {method} {path} answers {answer.status}, not {expect}: {content[:600]}")
        value = json.loads(content) if content else None
        if answer.status >= 400:
            check(value["status"] == answer.status and value["code"] and value["message"]
                  and value["details"] == [] and "messageParams" in value,
                  f"the error of {path} has Genesys Cloud's form")
            check(answer.getheader("ININ-Correlation-Id"), "an error can be correlated")
        return value


def token_get(server, client_id=None, secret=None):
    pair = f"{client_id or server.about['client']}:{secret or server.about['secret']}"
    basic = base64.b64encode(pair.encode()).decode()
    answer, content = Client(server).raw(
        "POST", "/oauth/token", "grant_type=client_credentials",
        {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"})
    return answer.status, json.loads(content)


def identity(server):
    status, body = token_get(server)
    check(status == 200 and body["token_type"] == "bearer" and body["expires_in"] > 3600,
          "a client gets a token")
    check(token_get(server, secret="wrong")[0] == 400, "a wrong secret is refused")
    check(token_get(server, client_id=str(uuid.uuid4()))[1]["error"] == "invalid_client",
          "an unknown client is refused the same way")
    admin = Client(server, token=body["access_token"])
    check(admin.ask("GET", "/api/v2/authorization/divisions")["entities"][0]["name"] == "Home",
          "the division Home is there")
    check(Client(server).ask("GET", "/api/v2/users", expect=401)["code"] == "bad.credentials",
          "nobody gets nothing")
    Client(server, token="x" * 43).ask("GET", "/api/v2/users", expect=401)
    check(admin.ask("GET", "/api/v2/users/me", expect=400), "a client is no person")
    return admin


def sign_in(server, email, password):
    answer, content = Client(server).raw("POST", "/login", json.dumps({"email": email, "password": password}),
                                         {"Origin": server.origin})
    cookie = answer.getheader("Set-Cookie") or ""
    return answer.status, cookie


def sessions(server, admin):
    status, cookie = sign_in(server, server.about["email"], server.about["password"])
    check(status == 200 and "HttpOnly" in cookie and "SameSite=Strict" in cookie, "a person logs in")
    check(sign_in(server, server.about["email"], "wrong password")[0] == 401, "not with a wrong password")
    check(sign_in(server, "nobody@example.com", "wrong password")[0] == 401, "nor as nobody")
    person = Client(server, cookie=cookie.split(";")[0])
    me = person.ask("GET", "/api/v2/users/me")
    check(me["email"] == server.about["email"] and me["cadran"]["roles"] == ["administrator"], "and is known")
    person.ask("POST", f"{OUTBOUND}/attemptlimits", {"name": "x", "maxAttemptsPerContact": 3}, expect=403,
               headers={"Origin": "http://evil.example"})
    token = cookie.split("=", 1)[1].split(";")[0]
    Client(server, token=token).ask("GET", "/api/v2/users", expect=401)
    Client(server, cookie=f"cadran_session={admin.token}").ask("GET", "/api/v2/users", expect=401)
    answer, _ = person.raw("POST", "/logout")
    check(answer.status == 204 and "Max-Age=0" in answer.getheader("Set-Cookie"), "a person logs out")
    person.ask("GET", "/api/v2/users/me", expect=401)
    for _ in range(60):
        status = sign_in(server, "guess@example.com", "guess guess")[0]
        if status == 429:
            break
    check(status == 429, "guessing passwords is slowed down")


def conventions(admin):
    path = f"{OUTBOUND}/attemptlimits"
    made = admin.ask("POST", path, {"name": "Été", "maxAttemptsPerContact": 4, "id": str(uuid.uuid4()),
                                    "resetPeriod": "TODAY", "timeZoneId": "Europe/Paris", "future": {"x": 1},
                                    "recallEntries": {"busy": {"nbrAttempts": 1, "minutesBetweenAttempts": 5}}})
    check(made["version"] == 1 and re.fullmatch(r"[0-9a-f-]{36}", made["id"])
          and made["selfUri"] == f"{path}/{made['id']}" and made["future"] == {"x": 1},
          "a new thing has an id of ours, version 1, and what we do not know of it")
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["dateCreated"]), "dates are ISO with ms")
    check(admin.ask("GET", made["selfUri"]) == made, "it can be read at its own address")
    check(admin.ask("POST", path, {"name": "été", "maxAttemptsPerContact": 4}, expect=409), "names are unique")
    wrong = admin.ask("POST", path, {"name": "y", "maxAttemptsPerContact": 4,
                                     "recallEntries": {"busy": {"nbrAttempts": 9, "minutesBetweenAttempts": 5}}},
                      expect=400)
    check(wrong["messageParams"]["field"] == "recallEntries.busy.nbrAttempts", "an error names its place")
    changed = admin.ask("PUT", made["selfUri"], {**made, "name": "Hiver"})
    check(changed["version"] == 2 and changed["name"] == "Hiver", "PUT replaces, and counts")
    stale = admin.ask("PUT", made["selfUri"], {**made, "name": "Printemps"}, expect=409)
    check(stale["code"] == "version.conflict", "a stale PUT is a version conflict")
    admin.ask("PUT", made["selfUri"], {"name": "x", "maxAttemptsPerContact": 1}, expect=400)
    admin.ask("GET", f"{path}/{uuid.uuid4()}", expect=404)
    admin.ask("GET", f"{OUTBOUND}/campaigns/{made['id']}", expect=404)
    admin.ask("GET", f"{path}/{made['id']}/nothing", expect=404)
    for i in range(30):
        admin.ask("POST", path, {"name": f"Limit {i:02}", "maxAttemptsPerNumber": 1})
    page = admin.ask("GET", f"{path}?pageSize=10&pageNumber=2&sortOrder=descending&name=")
    check([len(page["entities"]), page["pageSize"], page["pageNumber"], page["total"], page["pageCount"]]
          == [10, 10, 2, 31, 4] and "nextUri" in page and "previousUri" in page
          and page["entities"][0]["name"] == "Limit 19", "listings have pages")
    check(admin.ask("GET", f"{path}?pageSize=1000")["pageSize"] == 100, "of at most 100")
    check(admin.ask("GET", f"{path}?name=limit%200")["total"] == 10, "names are filtered by prefix, without case")
    check(admin.ask("GET", f"{path}?name=MIT%201&filterType=Contains")["total"] == 10, "or by what they contain")
    check(admin.ask("GET", f"{path}?name=Hiver&filterType=Equals")["total"] == 1, "or whole")
    check(admin.ask("GET", f"{path}?pageNumber=9")["entities"] == [], "a page behind the last is empty")
    check(len(admin.ask("GET", f"{path}?id={made['id']},{uuid.uuid4()}")["entities"]) == 1, "or by id")
    return changed


def contact_list(admin, limits):
    made = admin.ask("POST", f"{OUTBOUND}/contactlists", {
        "name": "Clients", "columnNames": ["nom", "mobile", "home", "zone"],
        "phoneColumns": [{"columnName": "mobile", "type": "Cell"},
                         {"columnName": "home", "type": "Home", "callableTimeColumn": "zone"}],
        "attemptLimits": {"id": limits["id"]}})
    check(made["attemptLimits"]["name"] == "Hiver" and made["division"]["name"] == "Home" and made["size"] == 0,
          "references are written with their names")
    used = admin.ask("DELETE", limits["selfUri"], expect=409)
    check(used["errors"][0]["name"] == "Clients" and used["errors"][0]["type"] == "contact list",
          "what is in use says by whom")
    return made


def contacts(admin, made):
    path = f"{made['selfUri']}/contacts"
    rows = [{"id": f"client {i}", "contactListId": made["id"], "data": {"nom": f"Nº {i}", "mobile": f"06123456{i:02}"}}
            for i in range(50)]
    rows.append({"data": {"nom": "Sans id", "mobile": "pas un numéro", "home": "+594594123456", "zone": "America/Cayenne"},
                 "callable": True, "configurationOverrides": {"priority": True}})
    added = admin.ask("POST", path, rows)
    check([row["id"] for row in added[:50]] == [row["id"] for row in rows[:50]], "contacts keep the ids they come with")
    own = added[50]
    check(re.fullmatch(r"[0-9a-f-]{36}", own["id"]) and own["data"]["zone"] == "America/Cayenne"
          and own["configurationOverrides"]["priority"], "or get one")
    first = f"{path}/client%200"
    check(admin.ask("GET", first)["data"] == {"nom": "Nº 0", "mobile": "0612345600", "home": "", "zone": ""},
          "a contact is read by its own id")
    admin.ask("POST", path, [{"id": "client 0", "data": {"nom": "Neuf", "mobile": "0612345600"}}])
    check(admin.ask("GET", first)["data"]["nom"] == "Neuf" and admin.ask("GET", made["selfUri"])["size"] == 51,
          "an id that is there is replaced")
    read = admin.ask("GET", f"{path}/{own['id']}")
    read["data"]["nom"] = "Zoé"
    check(admin.ask("PUT", f"{path}/{own['id']}", read)["data"]["nom"] == "Zoé", "a contact is changed")
    check(admin.ask("PUT", f"{path}/{own['id']}", read, expect=409)["code"] == "version.conflict",
          "but not from an old reading")
    wrong = admin.ask("POST", path, [rows[0], {"data": {"nom": "x" * 513}}], expect=400)
    check(wrong["messageParams"]["field"] == "[1].data.nom", "a value too long is found among many")
    wrong = admin.ask("POST", path, [{"data": {"unknown": "x"}}], expect=400)
    check(wrong["messageParams"]["field"] == "[0].data.unknown", "as is an unknown column")
    admin.ask("POST", path, [{"data": {}}] * 1001, expect=400)
    found = admin.ask("POST", f"{path}/search", {"pageSize": 20, "pageNumber": 3})
    check(len(found["entities"]) == 11 and found["contactsCount"] == 51, "contacts are searched by pages")
    check(len(admin.ask("POST", f"{path}/search", {})["entities"]) == 25, "also with an empty body")
    check(admin.ask("POST", f"{path}/search", {"phoneNumber": "+33612345607"})["entities"][0]["id"] == "client 7",
          "and by number")
    check(len(admin.ask("POST", f"{path}/bulk", ["client 1", "client 2", "none"])) == 2, "several are read at once")
    admin.ask("DELETE", f"{path}/client%201", expect=204)
    admin.ask("GET", f"{path}/client%201", expect=404)
    admin.ask("DELETE", f"{path}?contactIds=client%202,client%203", expect=204)
    check(admin.ask("GET", made["selfUri"])["size"] == 48, "and removed")
    return own


def imported(admin, made):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = admin.ask("GET", f"{made['selfUri']}/importstatus")
        if status["state"] != "IN_PROGRESS":
            return status
    return status


def uploads(server, admin, made):
    asked = admin.ask("POST", f"{OUTBOUND}/contactlists/uploads",
                      {"id": made["id"], "contentType": "text/csv", "contactIdName": "nom"})
    path = asked["url"].split("/", 3)[3]
    body = b"nom,mobile\r\n" + b"".join(b"a%06d,0612345678\r\n" % i for i in range(100000))
    answer, content = Client(server).raw("PUT", "/" + path, body, {"Content-Type": "text/csv"})
    check(answer.status == 200, "a file is put where it was told, with nothing but the address")
    status = imported(admin, made)
    check(status == {"state": "COMPLETE", "totalRecords": 100000, "completedRecords": 100000,
                     "percentComplete": 100, "cadran": {"refusedRecords": 0}}, "all of it is imported")
    job = f"/api/cadran/v1/jobs/{json.loads(content)['jobId']}"
    admin.ask("POST", f"{job}/undo", expect=202)
    while admin.ask("GET", job)["state"] not in ("undone", "failed"):
        pass
    check(admin.ask("GET", job)["state"] == "undone" and admin.ask("GET", made["selfUri"])["size"] == 48,
          "and taken back")
    admin.ask("POST", f"{job}/undo", expect=409)
    broken = path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1]
    answer, _ = Client(server).raw("PUT", "/" + broken, body)
    check(answer.status == 403, "an address that we did not make is refused")
    boundary = "x-" + uuid.uuid4().hex
    parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                    for name, value in [("id", made["id"]), ("fileType", "contactlist"), ("contact-id-name", "fail")])
    form = (parts + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
            "Content-Type: text/csv\r\n\r\n").encode() + b"nom,mobile\r\n" * 3 + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer, content = admin.raw("POST", "/uploads/v2/contactlist", form, kind)
    check(answer.status == 200, "a form with a file is taken too")
    status = imported(admin, made)
    check(status["state"] == "FAILED" and 'the id column "fail" is not in the header' in status["failureReason"],
          "and looked at")
    check(Client(server).raw("POST", "/uploads/v2/contactlist", form, kind)[0].status == 401, "but not from strangers")
    for cut in (10, len(form) // 2, len(form) - 5):
        check(admin.raw("POST", "/uploads/v2/contactlist", form[:cut], kind)[0].status == 400, "nor half of one")


def dnc(admin):
    made = admin.ask("POST", f"{OUTBOUND}/dnclists", {"name": "Liste noire", "dncSourceType": "rds", "contactMethod": "Phone"})
    path = f"{made['selfUri']}/phonenumbers"
    admin.ask("POST", path, ["0611111111", "+33622222222"], expect=204)
    check(admin.ask("GET", made["selfUri"])["size"] == 2, "numbers are added to a do-not-contact list")
    admin.ask("PATCH", path, {"action": "Remove", "phoneNumbers": ["+33611111111"]}, expect=204)
    check(admin.ask("GET", made["selfUri"])["size"] == 1, "however they are written")
    wrong = admin.ask("POST", path, ["0611111111", "x"], expect=400)
    check(wrong["messageParams"]["field"] == "[1]", "what is no number is refused")
    admin.ask("PATCH", path, {"action": "Add", "phoneNumbers": ["0633333333"],
                              "expirationDateTime": "2001-01-01T00:00Z"}, expect=400)
    admin.ask("DELETE", path, expect=204)
    check(admin.ask("GET", made["selfUri"])["size"] == 0, "a list is emptied")
    other = admin.ask("POST", f"{OUTBOUND}/dnclists", {"name": "Gryphon", "dncSourceType": "gryphon", "licenseId": "1"})
    admin.ask("POST", f"{other['selfUri']}/phonenumbers", ["0611111111"], expect=400)
    return made


def people(server, admin):
    user = admin.ask("POST", "/api/v2/users", {"name": "Zoé", "email": "zoe@example.com", "divisionId": "x",
                                               "password": "correct horse battery"})
    check("password" not in user and user["state"] == "active", "a password is never shown")
    boss = admin.ask("POST", "/api/v2/users", {"name": "Max", "email": "max@example.com", "password": "staple staple"})
    more = admin.ask("GET", f"/api/cadran/v1/users/{boss['id']}")
    check(more["roles"] == ["agent"], "a new user is an agent")
    admin.ask("PUT", f"/api/cadran/v1/users/{boss['id']}", {**more, "roles": ["boss"]}, expect=400)
    more = admin.ask("PUT", f"/api/cadran/v1/users/{boss['id']}", {**more, "roles": ["supervisor"]})
    boss = admin.ask("PUT", boss["selfUri"], {**admin.ask("GET", boss["selfUri"]), "title": "Chef"})
    check(admin.ask("GET", f"/api/cadran/v1/users/{boss['id']}")["roles"] == ["supervisor"],
          "a full replacement leaves our own settings alone")
    supervisor = Client(server, cookie=sign_in(server, "max@example.com", "staple staple")[1].split(";")[0])
    agent = Client(server, cookie=sign_in(server, "zoe@example.com", "correct horse battery")[1].split(";")[0])
    check(supervisor.ask("GET", "/api/v2/users")["total"] == 3, "a supervisor sees the users")
    check(supervisor.ask("POST", "/api/v2/users", {"name": "x", "email": "x@x"}, expect=403)["code"]
          == "missing.permissions", "but makes none")
    agent.ask("GET", "/api/v2/users", expect=403)
    admin.ask("POST", f"{user['selfUri']}/password", {"newPassword": "new password"}, expect=204)
    check(sign_in(server, "zoe@example.com", "new password")[0] == 200, "a password is changed")
    gone = admin.ask("POST", "/api/v2/users", {"name": "Gone", "email": "gone@example.com", "password": "gone gone"})
    leaver = Client(server, cookie=sign_in(server, "gone@example.com", "gone gone")[1].split(";")[0])
    admin.ask("PUT", gone["selfUri"], {**gone, "state": "inactive"})
    leaver.ask("GET", "/api/v2/users/me", expect=401)
    limited = admin.ask("POST", "/api/v2/oauth/clients", {"name": "Reader", "roles": ["supervisor"]})
    check("secret" not in admin.ask("GET", limited["selfUri"]), "a client's secret is shown once")
    status, body = token_get(server, limited["id"], limited["secret"])
    check(status == 200, "and works")
    Client(server, token=body["access_token"]).ask("GET", "/api/v2/oauth/clients", expect=403)
    admin.ask("DELETE", limited["selfUri"], expect=204)
    Client(server, token=body["access_token"]).ask("GET", "/api/v2/users/me", expect=401)
    return user, agent, supervisor


def floor(server, admin, made, dnc_list, user, agent, supervisor, own):
    phone = admin.ask("POST", "/api/cadran/v1/phones", {"name": "Poste 1", "user": "poste1", "password": "secret"})
    check("password" not in phone, "a phone's password is never shown")
    trunk = admin.ask("POST", "/api/cadran/v1/trunks", {"name": "Opérateur", "host": "127.0.0.1", "password": "p"})
    check("password" not in trunk and trunk["port"] == 5060 and trunk["transport"] == "udp", "nor a trunk's")
    more = admin.ask("GET", f"/api/cadran/v1/users/{user['id']}")
    admin.ask("PUT", f"/api/cadran/v1/users/{user['id']}", {**more, "phone": {"id": phone["id"]}})
    code = admin.ask("POST", "/api/v2/routing/wrapupcodes", {"name": "Vendu"})
    mapping = admin.ask("GET", f"{OUTBOUND}/wrapupcodemappings")
    admin.ask("PUT", f"{OUTBOUND}/wrapupcodemappings", {**mapping, "mapping": {code["id"]: ["RIGHT_PARTY_CONTACT"]}})
    queue = admin.ask("POST", "/api/v2/routing/queues", {"name": "Ventes", "acwSettings": {"timeoutMs": 5000}})
    admin.ask("POST", f"{queue['selfUri']}/members", [{"id": user["id"]}], expect=204)
    admin.ask("POST", f"{queue['selfUri']}/members", [{"id": trunk["id"]}], expect=400)
    admin.ask("POST", f"{queue['selfUri']}/wrapupcodes", [{"id": code["id"]}], expect=204)
    check(admin.ask("GET", f"{queue['selfUri']}/members")["entities"][0]["user"]["email"] == "zoe@example.com"
          and admin.ask("GET", queue["selfUri"])["memberCount"] == 1, "a queue has members")
    check(admin.ask("DELETE", user["selfUri"], expect=409)["errors"][0]["name"] == "Ventes", "who cannot just go")
    times = admin.ask("POST", f"{OUTBOUND}/callabletimesets", {"name": "Toujours", "callableTimes": [
        {"timeZoneId": zone, "timeSlots": [{"day": day, "startTime": "00:00:00", "stopTime": "24:00:00"}
                                           for day in range(1, 8)]} for zone in ("Europe/Paris", "America/Cayenne")]})
    body = {"name": "Vente", "contactList": {"id": made["id"]}, "queue": {"id": queue["id"]}, "dialingMode": "progressive",
            "phoneColumns": [{"columnName": "mobile"}, {"columnName": "home"}], "callerName": "Cadran",
            "callerAddress": "+33123456789", "dncLists": [{"id": dnc_list["id"]}], "callableTimeSet": {"id": times["id"]},
            "site": {"id": trunk["id"]}}
    wrong = admin.ask("POST", f"{OUTBOUND}/campaigns", {**body, "phoneColumns": [{"columnName": "nom"}]}, expect=400)
    check(wrong["messageParams"]["field"] == "phoneColumns[0].columnName", "a campaign dials phone columns only")
    campaign = admin.ask("POST", f"{OUTBOUND}/campaigns", body)
    check(campaign["campaignStatus"] == "off" and campaign["queue"]["name"] == "Ventes" and campaign["priority"] == 3,
          "a campaign is made")
    check(agent.ask("GET", f"{OUTBOUND}/campaigns")["total"] == 1, "agents see campaigns")
    agent.ask("POST", f"{campaign['selfUri']}/start", expect=403)
    patched = {"outboundLineCount": 7, "name": "ignored"}
    supervisor.ask("PATCH", campaign["selfUri"], patched, expect=204)
    read = admin.ask("GET", campaign["selfUri"])
    check(read["outboundLineCount"] == 7 and read["name"] == "Vente" and read["version"] == 2, "PATCH merges what may be")

    channel = supervisor.ask("POST", "/api/v2/notifications/channels", {})
    topic = f"v2.outbound.campaigns.{campaign['id']}.stats"
    topics = supervisor.ask("POST", f"/api/v2/notifications/channels/{channel['id']}/subscriptions", [{"id": topic}])
    check(topics["entities"][0] == {"id": topic, "state": "Permitted"}, "a channel is subscribed")
    mine = agent.ask("POST", "/api/v2/notifications/channels", {})
    path = f"/api/v2/notifications/channels/{mine['id']}/subscriptions"
    agent.ask("POST", path, [{"id": topic}], expect=403)
    agent.ask("PUT", path, [{"id": f"v2.users.{user['id']}.calls"}])
    agent.ask("GET", f"/api/v2/notifications/channels/{channel['id']}/subscriptions", expect=404)
    link = websocket_open(channel["connectUri"])

    check(agent.ask("GET", "/api/cadran/v1/agents/me")["state"] == "logged_out", "an agent sees themselves")
    check(agent.ask("POST", "/api/cadran/v1/agents/me/login", {})["state"] == "not_ready", "logs in")
    agent.ask("POST", f"/api/cadran/v1/agents/{admin.ask('GET', '/api/v2/users?name=max')['entities'][0]['id']}/login", {},
              expect=403)
    agent.ask("POST", "/api/cadran/v1/agents/me/dance", {}, expect=404)
    agent.ask("POST", "/api/cadran/v1/agents/me/join", {"campaignId": campaign["id"]})
    state = agent.ask("POST", "/api/cadran/v1/agents/me/notready", {"reason": "Pause"})
    check(state["reason"] == "Pause", "and says why they are not ready")

    supervisor.ask("POST", f"{campaign['selfUri']}/start")
    check(admin.ask("GET", campaign["selfUri"])["campaignStatus"] == "on", "a campaign starts")
    why = supervisor.ask("GET", f"/api/cadran/v1/campaigns/{campaign['id']}/contacts/{own['id']}/explanation")
    check(why["answer"] in ("not_now", "dial") and any(step["check"] == "agent_available" for step in why["steps"]),
          "why a contact is not called is told step by step")
    admin.ask("DELETE", campaign["selfUri"], expect=409)
    agent.ask("POST", "/api/cadran/v1/agents/me/ready", {})
    deadline = time.monotonic() + 15
    progress = {}
    while time.monotonic() < deadline and progress.get("numberOfContactsCalled", 0) < 3:
        progress = supervisor.ask("GET", f"{campaign['selfUri']}/progress")
    check(progress["numberOfContactsCalled"] >= 3 and progress["totalNumberOfContacts"] == 48, "contacts are called")
    stats = json.loads(frame_read(link))
    check(stats["topicName"] == topic and "contactRate" in stats["eventBody"], "and figures are pushed")
    link.close()
    attempts = supervisor.ask("GET", f"/api/cadran/v1/campaigns/{campaign['id']}/attempts")["entities"]
    check(attempts and attempts[0]["outcome"] in ("no_answer", "none"), "attempts are listed")
    live = supervisor.ask("GET", f"/api/cadran/v1/campaigns/{campaign['id']}/live")
    check(live["status"] == "on" and live["outcomes"]["no_answer"] >= 3, "a campaign is seen live")
    check(supervisor.ask("GET", f"{campaign['selfUri']}/stats")["contactRate"]["attempts"] >= 3, "with its figures")
    check(supervisor.ask("POST", f"{OUTBOUND}/campaigns/progress", [campaign["id"]])[0]["campaign"]["name"] == "Vente",
          "progress is asked for several")
    supervisor.ask("GET", "/api/cadran/v1/calls")
    agent.ask("POST", f"/api/cadran/v1/calls/{uuid.uuid4()}/hangup", {}, expect=404)
    supervisor.ask("POST", f"{campaign['selfUri']}/stop")
    while time.monotonic() < deadline and admin.ask("GET", campaign["selfUri"])["campaignStatus"] != "off":
        pass
    check(admin.ask("GET", campaign["selfUri"])["campaignStatus"] == "off", "and stopped")
    on = admin.ask("PUT", campaign["selfUri"], {**admin.ask("GET", campaign["selfUri"]), "campaignStatus": "on"})
    check(on["campaignStatus"] == "on", "campaignStatus starts it too")
    admin.ask("PUT", campaign["selfUri"], {**on, "campaignStatus": "off"})
    while time.monotonic() < deadline and admin.ask("GET", campaign["selfUri"])["campaignStatus"] != "off":
        pass
    supervisor.ask("POST", "/api/cadran/v1/agents/" + user["id"] + "/logout", {})
    return campaign


def websocket_open(uri):
    host, path = uri.split("/", 3)[2:]
    name, port = host.rsplit(":", 1)
    link = socket.create_connection((name, int(port)), timeout=20)
    key = base64.b64encode(os.urandom(16)).decode()
    link.sendall((f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += link.recv(1)
    check(b" 101 " in head, "a channel's connectUri opens")
    return link


def frame_read(link):
    head = link.recv(2, socket.MSG_WAITALL)
    length = head[1]
    if length == 126:
        length = int.from_bytes(link.recv(2, socket.MSG_WAITALL), "big")
    return link.recv(length, socket.MSG_WAITALL)


def description(routes):
    """docs/openapi.yaml and the routing table name the same operations."""
    text = (pathlib.Path(__file__).resolve().parents[3] / "docs/openapi.yaml").read_text(encoding="utf-8")
    described = set()
    path = None
    for line in text.splitlines():
        if match := re.fullmatch(r"  (/\S*):", line):
            path = match.group(1)
        elif match := re.fullmatch(r"    (get|post|put|patch|delete):.*", line):
            described.add(f"{match.group(1).upper()} {path}")
    check(described == routes,
          f"openapi.yaml lacks {sorted(routes - described)}, or has too much: {sorted(described - routes)}")


def main():
    routes = set(subprocess.run([PROGRAM, "--routes"], capture_output=True, text=True, check=True).stdout.split("\n")) - {""}
    description(routes)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        check(server.about["new"], "the first start makes an administrator")
        answer, content = Client(server).raw("GET", "/health")
        check(answer.status == 200 and json.loads(content)["status"] == "ok", "it is well")
        admin = identity(server)
        sessions(server, admin)
        limits = conventions(admin)
        made = contact_list(admin, limits)
        own = contacts(admin, made)
        uploads(server, admin, made)
        dnc_list = dnc(admin)
        user, agent, supervisor = people(server, admin)
        campaign = floor(server, admin, made, dnc_list, user, agent, supervisor, own)
        answer, content = Client(server).raw("GET", "/metrics")
        check(b"cadran_http_answers_total{class=\"2xx\"}" in content and b"cadran_store_commits_total" in content, "it is measured")
        check(server.stop() == 0, "it stops when told")
        secrets = server.about
        server = Server(folder)
        check(not server.about["new"], "the second start makes nobody")
        server.about.update(client=secrets["client"], secret=secrets["secret"])
        again = Client(server, token=admin.token)
        read = again.ask("GET", campaign["selfUri"])
        check(read["name"] == "Vente" and read["campaignStatus"] == "off", "ids, tokens and campaigns outlive a restart")
        again.ask("POST", f"{campaign['selfUri']}/start")
        check(again.ask("DELETE", campaign["selfUri"], expect=409)["code"] == "campaign.in.use", "a running campaign stays")
        again.ask("POST", f"{campaign['selfUri']}/stop")
        again.ask("DELETE", "/api/v2/tokens/me", expect=204)
        again.ask("GET", "/api/v2/users", expect=401)
        check(server.stop() == 0, "it stops again")
    print(f"{CHECKS} checks passed")


main()
