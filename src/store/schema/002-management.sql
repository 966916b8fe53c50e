-- 002: contact management: who prefers whom, what was put back, how many are in which state, and a
-- history that never changes.

ALTER TABLE contact ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

-- flags: 1 top priority, 2 put back. Written by acts and attempts, named by no index.
ALTER TABLE contact_state ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN agent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN reschedules INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN disposition INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN touched_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN counted_from INTEGER NOT NULL DEFAULT 0;

-- How many contacts of a list are in each state other than waiting (0), which is the rest.
CREATE TABLE list_state(
  list INTEGER NOT NULL, state INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(list, state)) STRICT, WITHOUT ROWID;
INSERT INTO list_state SELECT id >> 32, state, count(*) FROM contact_state WHERE state <> 0
  GROUP BY 1, 2;

-- What people did to a contact. before: what it was, as JSON.
CREATE TABLE contact_fact(
  contact INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL,
  actor_kind INTEGER NOT NULL, actor INTEGER NOT NULL, act INTEGER NOT NULL,
  state INTEGER NOT NULL, before TEXT, note TEXT,
  PRIMARY KEY(contact, seq)) STRICT, WITHOUT ROWID;

-- The contact's state after the fact; -1 = not known.
ALTER TABLE attempt_fact ADD COLUMN state INTEGER NOT NULL DEFAULT -1;
