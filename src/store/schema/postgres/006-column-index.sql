-- 006: an index of a column's values as a table, as SQLite's 004 has it. The key is a text by whose
-- bytes it is ordered: kind 0, cadran_key; kind 1, the number's bits.
CREATE TABLE column_index(
  list integer NOT NULL, col smallint NOT NULL, kind smallint NOT NULL, upto bigint NOT NULL,
  PRIMARY KEY(list, col, kind)) WITH (fillfactor=50);
CREATE TABLE column_value(
  list integer NOT NULL, col smallint NOT NULL, kind smallint NOT NULL,
  value text COLLATE "C" NOT NULL, contact bigint NOT NULL,
  PRIMARY KEY(list, col, kind, value, contact));

-- The bits of a double, turned so that they are ordered as the numbers are; without a number: behind all.
CREATE FUNCTION cadran_number_key(number double precision) RETURNS text LANGUAGE sql IMMUTABLE
PARALLEL SAFE AS $$
  SELECT lpad(to_hex((CASE WHEN b.bits & B'1'::bit(64) = 0::bit(64) THEN b.bits # B'1'::bit(64)
    ELSE ~b.bits END)::bigint), 16, '0')
  FROM (SELECT ('x' || encode(float8send(coalesce(number, 'infinity') + 0.0), 'hex'))::bit(64) bits) b
$$;
CREATE FUNCTION cadran_sort_key(data text, col integer, kind integer) RETURNS text LANGUAGE sql STABLE
PARALLEL SAFE AS $$
  SELECT CASE kind WHEN 0 THEN cadran_key(data, col) ELSE cadran_number_key(cadran_number(data, col)) END
$$;
