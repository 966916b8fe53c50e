-- 008: when a contact's own retention is over, as SQLite's 008 has it.
ALTER TABLE contact ADD COLUMN expires_at bigint NOT NULL DEFAULT 0;
CREATE INDEX contact_expires ON contact(expires_at) WHERE expires_at<>0;
