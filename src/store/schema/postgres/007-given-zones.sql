-- 007: whether somebody gave an address its zone by hand, as SQLite's 007 has it.
ALTER TABLE address ADD COLUMN is_zone_given boolean NOT NULL DEFAULT false;
