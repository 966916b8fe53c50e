-- 008: when a contact's own retention is over; 0 = never. A list's is in its document.
ALTER TABLE contact ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX contact_expires ON contact(expires_at) WHERE expires_at<>0;
