-- 001: everything. Times are microseconds UTC, numbers E.164 digits, zone_set an interned set.
-- A contact's id is list << 32 | sequence: a list is one range of every primary key.

CREATE TABLE entity(
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, version INTEGER NOT NULL,
  name TEXT NOT NULL, folded TEXT NOT NULL, document TEXT NOT NULL,
  created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX entity_name ON entity(kind, folded);
CREATE INDEX entity_date ON entity(kind, created_at, id);

-- What a document refers to: "in use" is a look-up by the first two columns.
CREATE TABLE entity_ref(
  ref_kind INTEGER NOT NULL, ref_id INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,
  PRIMARY KEY(ref_kind, ref_id, kind, id)) STRICT, WITHOUT ROWID;
CREATE INDEX entity_ref_owner ON entity_ref(kind, id);

CREATE TABLE secret(
  kind INTEGER NOT NULL, id INTEGER NOT NULL, secret TEXT NOT NULL,
  PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE token(
  hash BLOB PRIMARY KEY, kind INTEGER NOT NULL, owner INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, is_session INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX token_expiry ON token(expires_at);
CREATE TABLE key(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- The newest epoch of each cell; epochs and passes are drawn from one sequence each.
CREATE TABLE cell(cell INTEGER PRIMARY KEY, epoch INTEGER NOT NULL) STRICT;
CREATE TABLE sequence(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO sequence VALUES('epoch', 0), ('pass', 0);

CREATE TABLE zone_set(id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE) STRICT;

-- number_upto: number_ref holds every contact up to this sequence. edits grows with every contact
-- that is changed or removed: what was read for the index before may be out of date.
CREATE TABLE list(
  id INTEGER PRIMARY KEY, contact_last INTEGER NOT NULL, contact_count INTEGER NOT NULL,
  number_upto INTEGER NOT NULL, edits INTEGER NOT NULL) STRICT;

-- Cold: written at import and by edits. data is a JSON array by column position.
CREATE TABLE contact(
  id INTEGER PRIMARY KEY, external_id TEXT, version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX contact_external ON contact((id >> 32), external_id)
  WHERE external_id IS NOT NULL;

-- Hot and narrow: what the gate needs, and what every attempt writes. No index may name a column
-- that an attempt changes.
CREATE TABLE contact_state(
  id INTEGER PRIMARY KEY, version INTEGER NOT NULL, state INTEGER NOT NULL,
  is_callable INTEGER NOT NULL, priority INTEGER NOT NULL, pass INTEGER NOT NULL,
  next_try INTEGER NOT NULL) STRICT;
CREATE INDEX contact_priority ON contact_state((id >> 32), priority, id) WHERE priority <> 0;

CREATE TABLE address(
  contact INTEGER NOT NULL, place INTEGER NOT NULL, col INTEGER NOT NULL,
  number INTEGER NOT NULL, zone_set INTEGER NOT NULL, state INTEGER NOT NULL,
  is_callable INTEGER NOT NULL, attempts INTEGER NOT NULL, recalls INTEGER NOT NULL,
  last_at INTEGER NOT NULL, last_outcome INTEGER NOT NULL, last_wrapup INTEGER NOT NULL,
  PRIMARY KEY(contact, place)) STRICT, WITHOUT ROWID;

-- An index as a table, so that an import can fill it sorted, in short transactions.
CREATE TABLE number_ref(
  list INTEGER NOT NULL, number INTEGER NOT NULL, contact INTEGER NOT NULL,
  PRIMARY KEY(list, number, contact)) STRICT, WITHOUT ROWID;

CREATE TABLE dnc(
  list INTEGER NOT NULL, number INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY(list, number)) STRICT, WITHOUT ROWID;

CREATE TABLE queue(
  campaign INTEGER NOT NULL, zone_set INTEGER NOT NULL, rank BLOB NOT NULL,
  contact INTEGER NOT NULL,
  PRIMARY KEY(campaign, zone_set, rank, contact)) STRICT, WITHOUT ROWID;
-- One lane of a queue, and its cursor: the last row that was consumed (contact 0: none).
CREATE TABLE queue_lane(
  campaign INTEGER NOT NULL, zone_set INTEGER NOT NULL, queued INTEGER NOT NULL,
  rank BLOB NOT NULL, contact INTEGER NOT NULL,
  PRIMARY KEY(campaign, zone_set)) STRICT, WITHOUT ROWID;
-- Where the building of a queue stands. upto: the last contact when it began.
CREATE TABLE queue_build(
  campaign INTEGER PRIMARY KEY, list INTEGER NOT NULL, pass INTEGER NOT NULL,
  columns BLOB NOT NULL, stage INTEGER NOT NULL, priority_at INTEGER NOT NULL,
  at INTEGER NOT NULL, upto INTEGER NOT NULL, looked_at INTEGER NOT NULL,
  queued INTEGER NOT NULL) STRICT;
CREATE TABLE due(
  campaign INTEGER NOT NULL, class INTEGER NOT NULL, zone_set INTEGER NOT NULL,
  at INTEGER NOT NULL, contact INTEGER NOT NULL, col INTEGER NOT NULL, pass INTEGER NOT NULL,
  is_first INTEGER NOT NULL,
  PRIMARY KEY(campaign, class, zone_set, at, contact)) STRICT, WITHOUT ROWID;
CREATE INDEX due_at ON due(campaign, at);
CREATE INDEX due_contact ON due(contact);

-- The intent: written before the call, never updated. What became of it is appended.
CREATE TABLE attempt(
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, campaign INTEGER NOT NULL,
  contact INTEGER NOT NULL, col INTEGER NOT NULL, number INTEGER NOT NULL,
  mode INTEGER NOT NULL, agent INTEGER NOT NULL, caller INTEGER NOT NULL,
  pass INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT;
CREATE INDEX attempt_number ON attempt(number, at);
CREATE INDEX attempt_contact ON attempt(contact, pass, at);
CREATE INDEX attempt_campaign ON attempt(campaign, id);
CREATE TABLE attempt_fact(
  attempt INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL,
  outcome INTEGER NOT NULL, answered_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
  sip_status INTEGER NOT NULL, q850_cause INTEGER NOT NULL, wrapup INTEGER NOT NULL,
  agent INTEGER NOT NULL, note TEXT,
  PRIMARY KEY(attempt, seq)) STRICT, WITHOUT ROWID;
-- Contacts in the dialer's hands: what a new owner of the cell must let go of.
CREATE TABLE running(
  call INTEGER PRIMARY KEY, cell INTEGER NOT NULL, campaign INTEGER NOT NULL,
  contact INTEGER NOT NULL, pass INTEGER NOT NULL, col INTEGER NOT NULL,
  is_ended INTEGER NOT NULL) STRICT;

CREATE TABLE campaign_run(
  campaign INTEGER PRIMARY KEY, status INTEGER NOT NULL, pass INTEGER NOT NULL) STRICT;
CREATE TABLE run_count(
  campaign INTEGER NOT NULL, pass INTEGER NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(campaign, pass, name)) STRICT, WITHOUT ROWID;
