-- 003: consent, as rows that never change: given or withdrawn, for a number and a scope.
CREATE TABLE consent(
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, actor_kind INTEGER NOT NULL,
  actor INTEGER NOT NULL, scope TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL,
  proof TEXT NOT NULL) STRICT;
CREATE INDEX consent_number ON consent(number, id);
