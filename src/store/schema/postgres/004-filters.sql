-- 004: filters of campaigns, as SQLite's 004 has them, and the functions that filters call: the same
-- meaning as src/filter/value.c, which a property test compares (docs/filters.md).
INSERT INTO sequence VALUES('filter', 0);
CREATE TABLE campaign_filter(
  campaign bigint PRIMARY KEY, stamp bigint NOT NULL, filter text NOT NULL);
ALTER TABLE queue_build ADD COLUMN filter bigint NOT NULL DEFAULT 0;

-- Without case and accents. translate: one letter for one; replace: the letters that become two.
CREATE FUNCTION cadran_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(value) = length(value) THEN lower(value COLLATE "C") ELSE
    replace(replace(translate(
      replace(replace(replace(replace(replace(replace(replace(replace(replace(regexp_replace(lower(value COLLATE "C"), '[\u0300-\u036f]', '', 'g'), 'Æ', 'ae'), 'Þ', 'th'), 'ß', 'ss'), 'æ', 'ae'), 'þ', 'th'), 'Ĳ', 'ij'), 'ĳ', 'ij'), 'Œ', 'oe'), 'œ', 'oe'),
      'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïðñòóôõöøùúûüýÿĀāĂ'
    || 'ăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħĨĩĪīĬĭĮįİıĴĵĶķĸĹĺĻļĽľĿŀ'
    || 'ŁłŃńŅņŇňŉŊŋŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŧŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽž'
    || 'ſΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПР'
    || 'СТУФХЦЧШЩЪЫЬЭЮЯ‘’',
      'aaaaaaceeeeiiiidnoooooouuuuyaaaaaaceeeeiiiidnoooooouuuuyyaaa'
    || 'aaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiijjkkkllllllll'
    || 'llnnnnnnnnnoooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz'
    || 'sαβγδεζηθικλμνξοπρστυφχψωϊϋѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопр'
    || 'стуфхцчшщъыьэюя'''''),
      U&'\00a0', ' '), U&'\202f', ' ') END
$$;

-- A NUL, which no text of PostgreSQL can hold, is left out.
CREATE FUNCTION cadran_value(data text, col integer) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT coalesce((CASE WHEN strpos(data, '\u0000') = 0 THEN data
    ELSE regexp_replace(data, '(\\\\)|\\u0000', '\1', 'g') END)::json ->> col, '')
$$;
CREATE FUNCTION cadran_text(data text, col integer) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT cadran_fold(cadran_value(data, col)) $$;

CREATE FUNCTION cadran_number_of(value text) RETURNS double precision LANGUAGE sql IMMUTABLE
PARALLEL SAFE AS $$
  SELECT CASE WHEN value ~ '^[ \t\r\n]*[+-]?[0-9]+([.,][0-9]+)?[ \t\r\n]*$'
      AND length(btrim(value, E' \t\r\n')) <= 64
    THEN replace(btrim(value, E' \t\r\n'), ',', '.')::double precision END
$$;
CREATE FUNCTION cadran_number(data text, col integer) RETURNS double precision LANGUAGE sql STABLE
PARALLEL SAFE AS $$ SELECT cadran_number_of(cadran_value(data, col)) $$;

CREATE FUNCTION cadran_date_of(value text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  m text[];
  first date;
  us bigint;
BEGIN
  m := regexp_match(value, '^[ \t\r\n]*([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})'
    '(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?'
    '(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))?)?[ \t\r\n]*$');
  IF m IS NULL OR m[1] = '0000' OR m[3] = '00' THEN
    RETURN NULL;
  END IF;
  first := make_date(m[1]::integer, m[2]::integer, 1);
  IF m[3]::integer > extract(day FROM first + interval '1 month' - interval '1 day') THEN
    RETURN NULL;
  END IF;
  us := ((first - date '1970-01-01')::bigint + m[3]::bigint - 1) * 86400000000;
  us := us + ((coalesce(m[4], '0')::bigint * 60 + coalesce(m[5], '0')::bigint) * 60
    + coalesce(m[6], '0')::bigint) * 1000000 + coalesce(rpad(left(m[7], 6), 6, '0'), '0')::bigint;
  IF m[8] IS NOT NULL THEN
    us := us - (m[8] || '1')::bigint * (m[9]::bigint * 60 + m[10]::bigint) * 60000000;
  END IF;
  RETURN us;
END $$;
CREATE FUNCTION cadran_date(data text, col integer) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT cadran_date_of(cadran_value(data, col)) $$;

-- What orders by a text column: its first 64 bytes, cut at a character.
CREATE FUNCTION cadran_key(data text, col integer) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
  key text := left(cadran_text(data, col), 64);
BEGIN
  WHILE octet_length(key) > 64 LOOP
    key := left(key, -1);
  END LOOP;
  RETURN key;
END $$;
