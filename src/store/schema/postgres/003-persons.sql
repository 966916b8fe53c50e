-- 003: consent, as SQLite's 003 has it.
CREATE TABLE consent(
  id bigint GENERATED ALWAYS AS IDENTITY, number bigint NOT NULL, at bigint NOT NULL,
  expires_at bigint NOT NULL, recorded_at bigint NOT NULL, actor bigint NOT NULL,
  actor_kind smallint NOT NULL, kind smallint NOT NULL, scope text COLLATE "C" NOT NULL,
  source text NOT NULL, text text NOT NULL, proof text NOT NULL, PRIMARY KEY(number, id));
CREATE INDEX consent_id ON consent(id);
