#!/usr/bin/env python3
"""kill -9 during import, an import that splits its file, bulk edit, bulk removal and export: after
the restart each has ended, and what it left is exactly what it would have left without a kill.

  jobs.py build/dev/cadran [ROUNDS [SEED]]
"""
import collections
import csv
import io
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from server import Server  # noqa: E402

LISTS = "/api/v2/outbound/contactlists"
JOBS = "/api/cadran/v1/jobs"
BAD = 37  # every so many rows has no number


class World:
    def __init__(self, program, data, chance):
        self.program, self.data, self.chance = program, data, chance
        self.server = Server(program, data)
        self.server.log_in()
        self.kills = 0

    def kill(self):
        self.server.kill()
        self.kills += 1
        self.server = Server(self.program, self.data)
        self.server.log_in()

    def killed_to_the_end(self, job, kills, pace):
        """Kills the server at random moments while the job runs; then its record."""
        for _ in range(kills):
            time.sleep(self.chance.uniform(0.2, 1.0) * pace)
            if self.server.get(f"{JOBS}/{job}")["state"] not in ("waiting", "running"):
                break
            self.kill()
        return self.ended(job)

    def ended(self, job):
        until = time.monotonic() + 120
        while time.monotonic() < until:
            record = self.server.get(f"{JOBS}/{job}")
            if record["state"] not in ("waiting", "running"):
                return record
            time.sleep(0.05)
        raise RuntimeError(f"the job does not end: {record}")

    def text(self, path):
        import urllib.request
        url = path if path.startswith("http") else f"http://{self.server.http}{path}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.server.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()


problems = []


def check(holds, sentence, *seen):
    if not holds:
        problems.append(" ".join([sentence, *map(str, seen)]))


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def importing(world, people, count, kills):
    text = "Ref,Nom,Fixe\r\n" + "".join(
        f"r{i},\"n, {i}\",{'none' if i % BAD == 0 else '+3314%07d' % (2000000 + i)}\r\n" for i in range(count))
    upload = world.server.post(f"{LISTS}/uploads", {"id": people, "contentType": "text/csv"})
    answer = world.server.request("PUT", upload["url"], text.encode(), {"Content-Type": "text/csv"})
    job = world.killed_to_the_end(answer["jobId"], kills, 0.6)
    good = sum(1 for i in range(count) if i % BAD)
    check(job["state"] == "complete" and job["done"] == good and job["refused"] == count - good,
          "an import ends as if nothing had been", job)
    refused = rows_of(world.text(f"/api/cadran/v1/contactlists/{people}/refused"))
    lines = [int(row["line"]) for row in refused]
    check(lines == [i + 2 for i in range(0, count, BAD)], "each refused row is told once, in order", len(lines))
    ids = rows_of(world.text(f"/api/cadran/v1/contactlists/{people}/ids"))
    check([int(row["line"]) for row in ids] == [i + 2 for i in range(count) if i % BAD],
          "each line that became a contact has its id, once, in order", len(ids))
    return job, good, {row["inin-outbound-id"]: f"r{int(row['line']) - 2}" for row in ids}


def splitting(world, number, count, kills):
    """A file through an import template that splits it by filters which overlap."""
    outbound = "/api/v2/outbound"
    model = world.server.post(f"{outbound}/contactlisttemplates", {
        "name": f"model {number}", "columnNames": ["Ref", "Nom", "Fixe"], "phoneColumns": [{"columnName": "Fixe", "type": "Home"}]})
    def of_template(name, operator, value):
        return world.server.post(f"{outbound}/contactlistfilters", {
            "name": f"{name} {number}", "sourceType": "ContactListTemplate", "contactListTemplate": {"id": model["id"]},
            "clauses": [{"predicates": [{"column": "Ref", "columnType": "alphabetic", "operator": operator, "value": value}]}]})["id"]
    parts = [("CONTAINS", "1"), ("ENDS_WITH", "7")]
    filters = [of_template(f"filter {i}", *part) for i, part in enumerate(parts)]
    through = world.server.post(f"{outbound}/importtemplates", {
        "name": f"split {number}", "contactListTemplate": {"id": model["id"]}, "listNameFormat": "ListNamePrefixPart",
        "useSplittingCriteria": True, "splittingInformation": {"criteria": "Custom", "criteriaValue": ",".join(filters)}})["id"]
    text = "Ref,Nom,Fixe\r\n" + "".join(
        f"r{i},\"n, {i}\",{'none' if i % BAD == 0 else '+3314%07d' % (2000000 + i)}\r\n" for i in range(count))
    upload = world.server.post(f"{LISTS}/uploads", {"importTemplateId": through, "listNamePrefix": f"part {number}", "contentType": "text/csv"})
    answer = world.server.request("PUT", upload["url"], text.encode(), {"Content-Type": "text/csv"})
    job = world.killed_to_the_end(answer["jobId"], kills, 0.25)
    good = [f"r{i}" for i in range(count) if i % BAD]
    wanted = [[ref for ref in good if "1" in ref], [ref for ref in good if ref.endswith("7")]]
    outside = sum(1 for ref in good if "1" not in ref and not ref.endswith("7"))
    done = sum(map(len, wanted))
    check(job["state"] == "complete" and job["done"] == done and job["refused"] == count - len(good) and
          job["filteredOut"] == outside and job["total"] == done + count - len(good) + outside,
          "a split by filters counts as if nothing had been", job, done, count - len(good), outside)
    made = world.server.get(f"{outbound}/importtemplates/{through}/importstatus").get("targetContactListIds", [])
    check(len(made) == 2, "it makes a list for each filter", made)
    for one, refs in zip(made, wanted):
        rows = rows_of(world.text(export_uri(world, one)))
        check(sorted(row["Ref"] for row in rows) == sorted(refs), "each list has the rows of its filter, once", len(rows), len(refs))
    page = world.server.get(f"{LISTS}?pageSize=100&name=part {number}".replace(" ", "%20"))
    check({one["id"] for one in page["entities"]} == set(made), "and no other list is left", len(page["entities"]))
    return job


def exporting(world, people, good, kills):
    world.server.post(f"{LISTS}/{people}/export")
    job = world.server.get(JOBS)["entities"][0]["id"]
    record = world.killed_to_the_end(job, kills, 0.15)
    check(record["state"] == "complete" and record["done"] == good, "an export ends", record)
    rows = rows_of(world.text(world.server.get(f"{LISTS}/{people}/export")["uri"].split(world.server.http)[-1]))
    check(len(rows) == good, "it has every contact", len(rows), good)
    twice = [k for k, n in collections.Counter(row["Ref"] for row in rows).items() if n > 1]
    check(not twice, "and none twice", twice[:5])
    return rows, record


def editing(world, people, rows, kills):
    ids = [row["inin-outbound-id"] for row in rows[:4000]]
    job = world.server.post(f"{LISTS}/{people}/contacts/bulk/update", {
        "contactIds": ids, "generateDownloadURI": True, "contact": {"data": {"Nom": "changed"}, "callable": False}})["id"]
    record = world.killed_to_the_end(job, kills, 0.15)
    check(record["state"] == "complete" and record["done"] == len(ids), "a bulk edit ends", record)
    backup = rows_of(world.text(f"/downloads/{job}"))
    check(collections.Counter(row["inin-outbound-id"] for row in backup) == collections.Counter(ids),
          "the backup has each contact once", len(backup))
    check(all(row["Nom"].startswith("n, ") for row in backup), "as it was before")
    return record


def editing_by_filter(world, people, rows, kills):
    """What it changes is no longer found: neither a contact nor its line of the backup is lost by that."""
    ids = [row["inin-outbound-id"] for row in rows[:4000]]
    job = world.server.post(f"{LISTS}/{people}/contacts/bulk/update", {
        "expression": 'Nom = "changed"', "generateDownloadURI": True, "contact": {"data": {"Nom": "again"}}})["id"]
    record = world.killed_to_the_end(job, kills, 0.15)
    check(record["state"] == "complete" and record["done"] == len(ids), "a bulk edit by filter ends", record)
    backup = rows_of(world.text(f"/downloads/{job}"))
    check(collections.Counter(row["inin-outbound-id"] for row in backup) == collections.Counter(ids),
          "the backup of a bulk edit by filter has each contact once", len(backup))
    check(all(row["Nom"] == "changed" for row in backup), "as it was before the edit by filter")
    after = rows_of(world.text(export_uri(world, people)))
    check(sum(row["Nom"] == "again" for row in after) == len(ids), "every contact of a bulk edit by filter is changed")
    return record


def removing(world, people, rows, kills):
    ids = [row["inin-outbound-id"] for row in rows[:3000]]
    job = world.server.post(f"{LISTS}/{people}/contacts/bulk/remove", {"contactIds": ids, "generateDownloadURI": True})["id"]
    record = world.killed_to_the_end(job, kills, 0.08)
    left = world.server.get(f"{LISTS}/{people}")["size"]
    check(record["state"] == "complete" and record["done"] == len(ids) and left == len(rows) - len(ids),
          "a bulk removal ends", left, record)
    backup = rows_of(world.text(f"/downloads/{job}"))
    check({row["inin-outbound-id"] for row in backup} == set(ids), "its backup has every contact", len(backup))
    return record


def main():
    program = sys.argv[1]
    is_long = bool(os.environ.get("CADRAN_TEST_LONG"))
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else (20 if is_long else 1)
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 31)
    print(f"{rounds} rounds, seed {seed}")
    folder = tempfile.mkdtemp(prefix="cadran-jobs-")
    world = World(program, os.path.join(folder, "data"), random.Random(seed))
    resumed = collections.Counter()
    try:
        for number in range(rounds):
            people = world.server.post(LISTS, {
                "name": f"people {number}", "columnNames": ["Ref", "Nom", "Fixe"],
                "phoneColumns": [{"columnName": "Fixe", "type": "Home"}]})["id"]
            job, good, ids = importing(world, people, 100000, 3)
            resumed["import"] += job["resumes"]
            resumed["split"] += splitting(world, number, 100000, 4)["resumes"]
            rows, record = exporting(world, people, good, 2)
            check({row["inin-outbound-id"]: row["Ref"] for row in rows} == ids,
                  "the ids of lines are those of their contacts", len(ids))
            resumed["export"] += record["resumes"]
            resumed["edit"] += editing(world, people, rows, 2)["resumes"]
            changed = rows_of(world.text(export_uri(world, people)))
            check(sum(row["Nom"] == "changed" and row["ContactCallable"] == "0" for row in changed) == 4000,
                  "every contact of a bulk edit is changed")
            resumed["filter"] += editing_by_filter(world, people, rows, 2)["resumes"]
            resumed["remove"] += removing(world, people, rows, 2)["resumes"]
    finally:
        world.server.stop()
    print(f"{world.kills} kills; resumed: {dict(resumed)}")
    for one in ("import", "split"):
        check(resumed[one] > 0, f"no {one} was killed: the machine is too fast for this test")
    for problem in problems[:20]:
        print("WRONG", problem)
    shutil.rmtree(folder)
    return 1 if problems else 0


def export_uri(world, people):
    world.server.post(f"{LISTS}/{people}/export")
    world.ended(world.server.get(JOBS)["entities"][0]["id"])
    return world.server.get(f"{LISTS}/{people}/export")["uri"].split(world.server.http)[-1]


if __name__ == "__main__":
    sys.exit(main())
