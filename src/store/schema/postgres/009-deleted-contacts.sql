-- 009: contacts that somebody removed, as SQLite's 009 has it.
CREATE INDEX contact_deleted ON contact_fact(list, at, contact) WHERE kind = 3 AND before IS NOT NULL;
