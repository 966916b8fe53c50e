-- 007: whether somebody gave an address its zone by hand (C45): then what its number or a file says does
-- not change it. 006 is PostgreSQL's alone: SQLite has indices of columns since 004.
ALTER TABLE address ADD COLUMN is_zone_given INTEGER NOT NULL DEFAULT 0;
