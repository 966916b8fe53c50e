-- 004: filters of campaigns. The text is by column position (src/filter/text.h); the stamp is another
-- one each time the text changes, and a queue remembers the one that it was built with.
INSERT INTO sequence VALUES('filter', 0);
CREATE TABLE campaign_filter(
  campaign INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, filter TEXT NOT NULL) STRICT;
ALTER TABLE queue_build ADD COLUMN filter INTEGER NOT NULL DEFAULT 0;

-- An index of a column's values as a table, so that it is filled sorted, in short transactions, and kept
-- by writes. kind 0: the text that orders (folded, at most 64 bytes); 1: the number, '' where there is
-- none, which stands behind every number. upto: every contact up to this one is in it.
CREATE TABLE column_index(
  list INTEGER NOT NULL, col INTEGER NOT NULL, kind INTEGER NOT NULL, upto INTEGER NOT NULL,
  PRIMARY KEY(list, col, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE column_value(
  list INTEGER NOT NULL, col INTEGER NOT NULL, kind INTEGER NOT NULL, value ANY NOT NULL,
  contact INTEGER NOT NULL,
  PRIMARY KEY(list, col, kind, value, contact)) STRICT, WITHOUT ROWID;
