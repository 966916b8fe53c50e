-- 005: long work, and what imports and exports keep of a contact.
-- batch: the import that added the contact; 0: none. extra: what the API keeps and no call needs.
ALTER TABLE contact ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN extra TEXT;

-- Values of the column that a list of type rds_custom excludes.
CREATE TABLE dnc_value(
  list INTEGER NOT NULL, value TEXT NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY(list, value)) STRICT, WITHOUT ROWID;

CREATE TABLE job(
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  subject_kind INTEGER NOT NULL, subject INTEGER NOT NULL,
  owner_kind INTEGER NOT NULL, owner INTEGER NOT NULL,
  task TEXT NOT NULL, place TEXT NOT NULL, failure TEXT NOT NULL,
  total INTEGER NOT NULL, done INTEGER NOT NULL, refused INTEGER NOT NULL,
  resumes INTEGER NOT NULL, has_file INTEGER NOT NULL,
  created_at INTEGER NOT NULL, ended_at INTEGER NOT NULL) STRICT;
CREATE INDEX job_subject ON job(subject_kind, subject, id);
CREATE INDEX job_open ON job(id) WHERE state < 2;
CREATE INDEX job_ended ON job(ended_at) WHERE ended_at > 0;
