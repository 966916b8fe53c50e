#!/usr/bin/env python3
"""src/http behind a real nginx: what passes, and a table of attacks that must not.

Run with the path of http_front. Each check is one sentence; the first that fails ends the run.
"""
import base64
import gzip
import hashlib
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
CHECKS = 0


def check(what, sentence):
    global CHECKS
    CHECKS += 1
    if not what:
        raise SystemExit(f"FAILED: {sentence}")


class Front:
    def __init__(self, folder, *, tls=False, user=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.web = self.folder / "web"
        (self.web / "assets").mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        (self.web / "index.html").write_text("<html nonce='@csp-nonce@'>home</html>")
        script = b"console.log('hello');" * 50
        (self.web / "assets/app.js").write_bytes(script)
        (self.web / "assets/app.js.gz").write_bytes(gzip.compress(script))
        command = [PROGRAM, str(self.data), str(self.web)]
        if tls:
            self.certificate = self.folder / "cert.pem"
            key = self.folder / "key.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                            "-keyout", str(key), "-out", str(self.certificate)],
                           check=True, capture_output=True)
            command += [str(self.certificate), str(key)]
        options = {}
        if user:
            entry = pwd.getpwnam(user)
            for path in [self.folder, *self.folder.rglob("*")]:
                os.chown(path, entry.pw_uid, entry.pw_gid)
            options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, **options)
        words = self.process.stdout.readline().split()
        check(words and words[0] == "ready", "the server starts behind its nginx")
        self.address = self.split(words[1])
        self.tls_address = self.split(words[2]) if tls else None

    @staticmethod
    def split(text):
        host, port = text.rsplit(":", 1)
        return host, int(port)

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(*self.address, timeout=20)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def raw(self, data, *, timeout=20.0):
        """Sends bytes as they are; returns what comes back until the server closes, or says no more."""
        with socket.create_connection(self.address, timeout=timeout) as link:
            answer = b""
            try:
                link.sendall(data)
                while chunk := link.recv(65536):
                    answer += chunk
                    link.settimeout(0.3)
            except (TimeoutError, ConnectionError):
                pass
            return answer

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(timeout=20)


def is_error_body(answer, content):
    body = json.loads(content)
    return (answer.getheader("Content-Type") == "application/json"
            and body["status"] == answer.status and body["code"] and body["message"])


def requests_pass(front):
    answer, content = front.ask("GET", "/api/show/%C3%A9t%C3%A9?x=1",
                                headers={"Authorization": "Bearer a", "Cookie": "s=1",
                                         "Proxy": "http://evil", "X-Accel-Redirect": "/_files/x"})
    body = json.loads(content)
    check(answer.status == 200 and body["id"] == "été" and body["authorization"] == "Bearer a",
          "a request reaches its handler with what it needs")
    check(body["scheme"] == "http" and body["host"].startswith("127.0.0.1"), "scheme and host are passed")
    check(answer.reason == "OK", "the status line has its words")
    check(answer.getheader("Content-Length") == str(len(content)), "the length is always said")
    check(answer.getheader("ININ-Correlation-Id"), "an answer can be correlated")
    check("default-src 'none'" in answer.getheader("Content-Security-Policy"), "the API has a CSP")
    answer, content = front.ask("HEAD", "/api/show/1")
    check(answer.status == 200 and content == b"", "HEAD is GET without a body")
    answer, content = front.ask("DELETE", "/api/show/1")
    check(answer.status == 405 and answer.getheader("Allow") == "GET, POST"
          and is_error_body(answer, content), "405 names the methods")
    answer, content = front.ask("GET", "/api/nothing")
    check(answer.status == 404 and is_error_body(answer, content), "404 has an error body")
    answer, content = front.ask("GET", "/api/mine")
    check(answer.status == 401 and is_error_body(answer, content), "401 is the handler's own")
    connection = http.client.HTTPConnection(*front.address, timeout=20)
    for _ in range(50):
        connection.request("GET", "/api/show/1", headers={"Content-Type": "application/json"})
        check(connection.getresponse().read(), "a kept-alive connection serves many requests")
    connection.close()


def bodies_are_bounded(front):
    rows = [{"data": {f"c{i}": "x" * 400 for i in range(50)}} for _ in range(1000)]
    text = json.dumps(rows)
    answer, content = front.ask("POST", "/api/json", text)
    check(answer.status == 200 and json.loads(content) == rows,
          "1,000 contacts of 50 long columns pass as one body")
    answer, content = front.ask("POST", "/api/show/1", b"x" * (1 << 20))
    check(answer.status == 200 and json.loads(content)["length"] == 1 << 20, "1 MB passes anywhere")
    answer, content = front.ask("POST", "/api/show/1", b"x" * ((1 << 20) + 1))
    check(answer.status == 413 and is_error_body(answer, content), "a route's own limit is a 413")
    answer, content = front.ask("POST", "/api/json", headers={"Content-Length": str(33 << 20)})
    check(answer.status == 413 and is_error_body(answer, content), "nginx's limit is a 413 in JSON")
    answer, content = front.ask("POST", "/api/json", '{"a":1,"a":2}')
    check(answer.status == 400 and is_error_body(answer, content), "a duplicate key is refused")
    answer, content = front.ask("POST", "/api/json", "[" * 100000)
    check(answer.status == 400, "deep nesting is refused")
    answer, content = front.ask("GET", "/api/big?n=30000000")
    check(len(content) == 30000000, "an answer of 30 MB arrives whole")


def files_pass(front):
    answer, content = front.ask("GET", "/downloads/file", headers={"Range": "bytes=2-4"})
    check(answer.status == 206 and content == b"234", "a file is sent by nginx, with ranges")
    check("export.csv" in answer.getheader("Content-Disposition"), "and with its name")
    check(front.ask("GET", "/_files/x")[0].status == 404, "files cannot be asked for by name")
    check(front.ask("GET", "/_authorise")[0].status == 404, "nor can the internal question")
    data = b"0123456789abcdef" * (10 << 16)
    answer, content = front.ask("PUT", "/uploads/v2/key", data, {"Authorization": "Bearer yes"})
    check(answer.status == 200 and json.loads(content)["size"] == len(data)
          and json.loads(content)["inMemory"] == 0, "an upload is handed over as a file")
    answer, content = front.ask("PUT", "/uploads/v2/key", data, {"Authorization": "Bearer no"})
    check(answer.status == 401 and is_error_body(answer, content), "an upload is refused before its body is taken")
    with socket.create_connection(front.address, timeout=10) as link:
        link.sendall(b"PUT /uploads/v2/key HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
        check(b" 401 " in link.recv(4096), "a refused upload is answered without its body")
    answer, content = front.ask("PUT", "/uploads/v2/key", headers={
        "Authorization": "Bearer yes", "Content-Length": str(21 << 20)})
    check(answer.status == 413, "the upload limit is nginx's")
    answer, content = front.ask("PUT", "/uploads/v2/key", b"", {"Authorization": "Bearer yes"})
    check(answer.status == 200 and json.loads(content)["size"] == 0, "an empty upload is an empty file")
    answer, content = front.ask("PUT", "/uploads/v2/key", b"x",
                                {"Authorization": "Bearer yes", "Body-File": "/etc/passwd"})
    check(json.loads(content)["size"] == 1, "a client cannot name the file")


def pages_pass(front):
    answer, content = front.ask("GET", "/campaigns/42")
    policy = answer.getheader("Content-Security-Policy")
    nonce = content.decode().split("'")[1]
    check(answer.status == 200 and len(nonce) == 32 and f"'nonce-{nonce}'" in policy,
          "any page is index.html, with the nonce of its policy")
    check("unsafe" not in policy, "the policy allows nothing inline")
    check(nonce not in front.ask("GET", "/")[1].decode(), "each page has its own nonce")
    answer, content = front.ask("GET", "/assets/app.js", headers={"Accept-Encoding": "gzip"})
    check(answer.getheader("Content-Encoding") == "gzip" and "immutable" in answer.getheader("Cache-Control")
          and answer.getheader("Content-Type").startswith("text/javascript"),
          "assets are sent as they were compressed, for ever")
    check(front.ask("GET", "/assets/none.js")[0].status == 404, "a missing asset is no page")


ATTACKS = [
    ("two lengths", b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    ("length and chunks", b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("an unknown coding", b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ("a bad chunk", b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400),
    ("a negative length", b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    ("a signed length", b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello", 400),
    ("no host", b"GET /api/show/1 HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET /api/show/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("a space before the colon", b"GET /api/show/1 HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    ("no method", b" /api/show/1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("a NUL in the target", b"GET /api/show/1\x00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("an encoded NUL", b"GET /api/show/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("climbing out", b"GET /api/show/../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("climbing into the API", b"GET /uploads/../api/show/1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("encoded climbing", b"GET /api/%2e%2e/api/show/1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("an encoded slash", b"GET /api/show/a%2Fb HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("an empty part", b"GET /api//show/1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("a hidden file", b"GET /.git/config HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    ("an endless header", b"GET /api/show/1 HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 400),
    ("an endless target", b"GET /api/show/" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    ("too many headers", b"GET /api/show/1 HTTP/1.1\r\nHost: x\r\n" + b"X: aaaaaaaaaaaaaaaaaaaa\r\n" * 2000 + b"\r\n", 400),
    ("a long cookie", b"GET /api/show/1 HTTP/1.1\r\nHost: x\r\nCookie: " + b"c" * 8000 + b"\r\nOrigin: " + b"o" * 4000 + b"\r\nAuthorization: " + b"a" * 8000 + b"\r\n\r\n", 400),
    ("a tunnel", b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", 400),
    ("a trace", b"TRACE /api/show/1 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
]


def attacks_fail(front):
    for name, data, expected in ATTACKS:
        answer = front.raw(data)
        status = int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0
        check(status == expected or (expected == 400 and not answer),
              f"{name} is answered with {expected} (was {status})")
        check(answer.count(b"HTTP/1.1 ") <= 1, f"{name} is one request, not two")
    check(front.ask("GET", "/api/show/1")[0].status == 200, "the server is well after all attacks")
    inner = b"GET /api/mine HTTP/1.1\r\nHost: evil\r\n\r\n"
    smuggled = front.raw(b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                         + str(len(inner)).encode() + b"\r\n\r\n" + inner)
    check(smuggled.count(b'"method"') == 1 and b"evil" not in smuggled,
          "a request within a body is only a body")


def slow_and_vanishing_clients(front):
    links = []
    for _ in range(100):
        link = socket.create_connection(front.address, timeout=10)
        link.sendall(b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nContent-Le")
        links.append(link)
    for _ in range(20):
        link = socket.create_connection(front.address, timeout=10)
        link.sendall(b"POST /api/show/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        links.append(link)
    started = time.monotonic()
    check(front.ask("GET", "/api/show/1")[0].status == 200 and time.monotonic() - started < 2,
          "half-sent requests hold nobody up")
    for link in links:
        link.close()
    started = time.monotonic()
    for _ in range(10):
        link = socket.create_connection(front.address, timeout=10)
        link.sendall(b"GET /api/long HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.02)
        link.close()
    answer, _ = front.ask("GET", "/api/long")
    check(answer.status == 204 and time.monotonic() - started < 10,
          "work for clients that have left ends early")
    with socket.create_connection(front.address, timeout=10) as link:
        link.sendall(b"GET /api/big?n=20000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        link.recv(1000)
    check(front.ask("GET", "/api/show/1")[0].status == 200, "a reader that leaves harms nobody")


def every_worker_answers(front):
    """Both workers wake for a connection. The one that comes too late must not wait for the next:
    whatever it holds already would wait with it."""
    held = []
    for i in range(40):
        held.append(socket.create_connection(front.address, timeout=5))
        for link in held[-8:]:
            link.sendall(b"GET /_ready HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                answer = link.recv(4096)
            except TimeoutError:
                answer = b"nothing"
            check(answer.startswith(b"HTTP/1.1 "), f"a held connection is answered: {answer[:40]}")
    for link in held:
        link.close()


def websocket_open(front, path, link=None):
    link = link or socket.create_connection(front.address, timeout=20)
    key = base64.b64encode(os.urandom(16)).decode()
    link.sendall((f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = link.recv(1)
        if not chunk:
            break
        head += chunk
    if b" 101 " in head.split(b"\r\n")[0]:
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        check(wanted in head, "the handshake proves that it was read")
    return link, int(head.split()[1])


def frame_read(link):
    head = link.recv(2, socket.MSG_WAITALL)
    if len(head) < 2:
        return None
    length = head[1]
    if length == 126:
        length = int.from_bytes(link.recv(2, socket.MSG_WAITALL), "big")
    return link.recv(length, socket.MSG_WAITALL) if length else b""


def push_passes(front):
    capability = json.loads(front.ask("POST", "/api/channel")[1])["capability"]
    link, status = websocket_open(front, f"/ws/{capability}")
    check(status == 101, "a channel's WebSocket opens through nginx")
    front.process.stdin.write("v2.test\n")
    front.process.stdin.flush()
    message = json.loads(frame_read(link))
    check(message == {"topicName": "v2.test", "eventBody": {"from": "test"}, "sequence": 1},
          "a published message arrives")
    text = b'{"message":"ping"}'
    link.sendall(bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text)
    check(b"pong" in frame_read(link), "a ping is answered")
    link.close()
    link, _ = websocket_open(front, f"/ws/{capability}?after=0")
    check(json.loads(frame_read(link))["sequence"] == 1, "what was not acknowledged comes again")
    link.close()
    check(websocket_open(front, "/ws/" + "A" * 43)[1] == 404, "an unknown capability is a 404")
    check(websocket_open(front, "/ws/a/b")[1] == 400, "a strange one too")


def nginx_is_restarted(front):
    first = json.loads(front.ask("GET", "/api/pid")[1])["nginx"]
    os.kill(first, signal.SIGKILL)
    # The socket is ours: a client waits for the new nginx instead of being refused.
    deadline = time.monotonic() + 10
    second = first
    while time.monotonic() < deadline and second in (first, 0):
        try:
            second = json.loads(front.ask("GET", "/api/pid")[1])["nginx"]
        except (OSError, http.client.HTTPException):
            continue
    check(second not in (first, 0), "an nginx that dies is started again, on the same port")
    return second


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def worker_uids(pid):
    """Awaits the workers of nginx's main process `pid`, once they have dropped their rights."""
    deadline = time.monotonic() + 5
    uids = set()
    while time.monotonic() < deadline and (not uids or "0" in uids):
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        uids = {line.split()[1] for child in children
                for line in pathlib.Path(f"/proc/{child}/status").read_text().splitlines()
                if line.startswith("Uid:")}
    return uids


def everything(front):
    folder = (front.data / "front").resolve()  # as root it lies elsewhere
    check(folder.is_dir(), "nginx has a folder of its own")
    requests_pass(front)
    bodies_are_bounded(front)
    files_pass(front)
    pages_pass(front)
    attacks_fail(front)
    every_worker_answers(front)
    slow_and_vanishing_clients(front)
    push_passes(front)
    pid = nginx_is_restarted(front)
    uids = worker_uids(pid)
    check(uids and "0" not in uids, "nginx's workers are nobody special")
    check((front.data.stat().st_mode & 0o777) == 0o700, "the data directory stays its owner's")
    check(front.stop() == 0, "it stops when told")
    check(not is_running(pid), "its nginx has stopped with it")
    check(not any(folder.glob("*.sock")) if folder.is_relative_to(front.data.resolve())
          else not folder.exists(), "nothing is left behind")


def tls_passes(folder):
    front = Front(folder, tls=True)
    context = ssl.create_default_context(cafile=str(front.certificate))
    context.set_alpn_protocols(["http/1.1"])
    connection = http.client.HTTPSConnection(*front.tls_address, timeout=20, context=context)
    connection.request("GET", "/api/show/1")
    body = json.loads(connection.getresponse().read())
    check(body["scheme"] == "https", "TLS is served from the same program")
    connection.close()
    pid = json.loads(front.ask("GET", "/api/pid")[1])["nginx"]
    front.process.kill()
    front.process.wait()
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    check(not is_running(pid), "nginx ends when its parent is killed")
    left = (front.data / "front").resolve()
    check(left.exists(), "what a killed server leaves behind is known")
    again = Front(folder)
    check(again.data.is_dir() and (os.geteuid() != 0 or not left.exists()), "and removed at the next start")
    check(again.stop() == 0, "which then stops")


def readable(folder, path):
    """A copy that anybody can read, which a file below root's home is not."""
    copy = shutil.copy(path, folder)
    os.chmod(copy, 0o755)
    return copy


def main():
    global PROGRAM
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:
        everything(Front(folder))
    with tempfile.TemporaryDirectory() as folder:
        tls_passes(folder)
    if is_root:
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            PROGRAM = readable(folder, PROGRAM)
            options = os.environ.get("TSAN_OPTIONS", "")
            for option in options.split():
                if option.startswith("suppressions="):
                    os.environ["TSAN_OPTIONS"] = options.replace(
                        option, "suppressions=" + readable(folder, option.partition("=")[2]))
            everything(Front(folder, user="nobody"))
    print(f"{CHECKS} checks passed")


main()
