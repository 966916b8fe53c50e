-- 002: contact management, as SQLite's 002 has it.

ALTER TABLE contact ADD COLUMN created_at bigint NOT NULL DEFAULT 0;

-- flags: 1 top priority, 2 put back.
ALTER TABLE contact_state ADD COLUMN agent bigint NOT NULL DEFAULT 0,
  ADD COLUMN disposition bigint NOT NULL DEFAULT 0,
  ADD COLUMN touched_at bigint NOT NULL DEFAULT 0,
  ADD COLUMN counted_from bigint NOT NULL DEFAULT 0,
  ADD COLUMN reschedules integer NOT NULL DEFAULT 0,
  ADD COLUMN flags smallint NOT NULL DEFAULT 0;

CREATE TABLE list_state(
  list integer NOT NULL, state smallint NOT NULL, n bigint NOT NULL, PRIMARY KEY(list, state))
  WITH (fillfactor=50);
INSERT INTO list_state SELECT list, state, count(*) FROM contact_state WHERE state <> 0 GROUP BY 1, 2;

CREATE TABLE contact_fact(
  list integer NOT NULL, contact bigint NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY,
  at bigint NOT NULL, actor bigint NOT NULL, actor_kind smallint NOT NULL, kind smallint NOT NULL,
  act smallint NOT NULL, state smallint NOT NULL, before text, note text,
  PRIMARY KEY(list, contact, seq));

-- The contact's state after the fact; -1 = not known.
ALTER TABLE attempt_fact ADD COLUMN state smallint NOT NULL DEFAULT -1;
