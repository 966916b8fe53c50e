"""Starts a real `cadran serve` or `cadran carrier` on free ports and talks to it, with nothing but
Python's standard library. For the integration tests."""
import base64
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request


class Refused(Exception):
    """An HTTP answer of 400 or above: its status and body."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


class Process:
    def __init__(self, command, ready):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                                        if False else None, text=True)
        self.lines = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"{command[1]} ended: {''.join(self.lines)}")
            self.lines.append(line)
            match = re.search(ready, line)
            if match:
                self.match = match
                return

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=20)
        self.process.stdout.close()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Server(Process):
    def __init__(self, program, data, *more):
        self.bootstrap = os.path.join(os.path.dirname(data), "bootstrap.json")
        database = os.environ.get("CADRAN_TEST_DATABASE")
        if database:
            more = ("--database", database, *more)
        super().__init__([program, "serve", "--data", data, "--http", "127.0.0.1:0", "--sip",
                          "127.0.0.1:0", "--bootstrap", self.bootstrap, *more],
                         r"cadran ready http=(\S+) sip=(\S+)")
        self.http, self.sip = self.match.group(1), self.match.group(2)
        self.secrets = json.load(open(self.bootstrap, encoding="utf-8"))
        self.token = None

    def log_in(self):
        client = self.secrets["client"]
        basic = base64.b64encode(f"{client['id']}:{client['secret']}".encode()).decode()
        answer = self.request("POST", "/oauth/token", b"grant_type=client_credentials",
                              {"Authorization": f"Basic {basic}",
                               "Content-Type": "application/x-www-form-urlencoded"})
        self.token = answer["access_token"]

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        url = path if path.startswith("http") else f"http://{self.http}{path}"
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                raise Refused(error.code, json.loads(text)) from None
            except ValueError:
                raise Refused(error.code, text.decode(errors="replace")) from None
        return json.loads(text) if text else None

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body=None):
        return self.request("POST", path, body)


class Carrier(Process):
    def __init__(self, program, *more):
        super().__init__([program, "carrier", "--sip", "127.0.0.1:0", *more],
                         r"carrier ready sip=127\.0\.0\.1:(\d+)")
        self.port = int(self.match.group(1))
