/* Applies the numbered migrations under an advisory lock, and refuses a database whose history
 * is not ours. */
#include "store/schema/schema.h"

#include "base/log.h"
#include "store/postgres/session.h"

#define MONTHS_AHEAD 1 /* each one more is looked at by every claim */
#define US_PER_MONTH (INT64_C(31) * US_PER_DAY)

/* The lock's number is "Cadr"; the comment marks the tables as Cadran's. */
static const char lock_script[] = "BEGIN; SELECT pg_advisory_xact_lock(1130456178)";
static const char version_script[] =
    "CREATE TABLE IF NOT EXISTS migration(number integer PRIMARY KEY, name text NOT NULL,"
    " checksum bigint NOT NULL, applied_at bigint NOT NULL);"
    "COMMENT ON TABLE migration IS 'Cadran'";

/* What a database is to us. A transfer (store/transfer/) marks one that it has not filled yet
 * by another comment. */
struct owner {
    bool is_ours, is_marked;
};

/* A new database or schema, or one of ours. */
static enum status owner_check(struct pg_connection *connection, struct owner *owner,
                               struct error *err)
{
    const char *where = pg_target_name(connection->target);
    bool has_schema = false, may_create = false;
    *owner = (struct owner){0};
    int64_t tables = 0;
    struct pg_rows rows = pg_start(connection, PG_OWNER_GET, NULL, 0);
    if (pg_next(&rows)) {
        has_schema = pg_bool(&rows, 0);
        tables = pg_int(&rows, 1);
        owner->is_ours = pg_bool(&rows, 2);
        owner->is_marked = pg_bool(&rows, 3);
        may_create = pg_bool(&rows, 4);
    }
    enum status status = pg_end(&rows, err);
    if (!status && !has_schema)
        return error_set(err, STATUS_INVALID, "--database",
                         "%s has no schema to work in: create the one of its search_path",
                         where);
    if (!status && !owner->is_ours && tables > 0)
        return error_set(err, STATUS_INVALID, "--database",
                         "%s has the tables of another program: give Cadran a database of its "
                         "own",
                         where);
    if (!status && !may_create)
        return error_set(err, STATUS_DENIED, "--database",
                         "the user of the URL may not make tables in %s: make it the owner of "
                         "the database",
                         where);
    return status;
}

static enum status mark_check(struct pg_connection *connection, const struct owner *owner,
                              struct error *err)
{
    if (!owner->is_ours || !owner->is_marked)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "--database",
                     "%s is half filled: a migration or a restore into it was interrupted; run "
                     "that again",
                     pg_target_name(connection->target));
}

static enum status history_read(struct pg_connection *connection, int64_t *applied,
                                struct error *err)
{
    *applied = 0;
    enum status status = STATUS_OK;
    struct pg_rows rows = pg_start(connection, PG_MIGRATION_LIST, NULL, 0);
    while (!status && pg_next(&rows)) {
        int64_t number = pg_int(&rows, 0);
        *applied = number > *applied ? number : *applied;
        status =
            schema_history_check(schema_postgres_migrations, schema_postgres_migration_count,
                                 pg_target_name(connection->target), number, pg_text(&rows, 1),
                                 pg_int(&rows, 2), err);
    }
    enum status ended = pg_end(&rows, status ? NULL : err);
    return status ? status : ended;
}

static enum status migration_apply(struct pg_connection *connection,
                                   const struct schema_migration *migration, struct error *err)
{
    enum status status = pg_script(connection, migration->sql, err);
    if (!status)
        status = pg_run(connection, PG_MIGRATION_PUT,
                        PG_VALUES(PG_INT(migration->number), PG_TEXT(migration->name),
                                  PG_INT(schema_checksum(migration->sql)),
                                  PG_INT(instant_wall_now().us)),
                        err);
    if (!status)
        log_info("store.migrated", "migration=%s", migration->name);
    return status;
}

enum status pg_months_make(struct pg_connection *connection, struct wall from, struct wall upto,
                           struct error *err)
{
    enum status status = STATUS_OK;
    struct civil month = civil_from_wall(from);
    month = (struct civil){.year = month.year, .month = month.month, .day = 1};
    while (!status && wall_from_civil(&month).us <= upto.us) {
        int64_t at_us = wall_from_civil(&month).us;
        status = pg_run(connection, PG_MONTH_MAKE, PG_VALUES(PG_INT(at_us)), err);
        month.year += month.month / 12;
        month.month = month.month % 12 + 1;
    }
    return status;
}

struct wall pg_months_ahead(struct wall now)
{
    return (struct wall){now.us + MONTHS_AHEAD * US_PER_MONTH};
}

static enum status apply_all(struct pg_connection *connection, bool for_transfer,
                             struct error *err)
{
    int64_t applied = 0;
    struct owner owner;
    struct wall now = instant_wall_now();
    enum status status = owner_check(connection, &owner, err);
    if (!status && !for_transfer)
        status = mark_check(connection, &owner, err);
    if (!status && !owner.is_ours)
        status = pg_script(connection, version_script, err);
    if (!status)
        status = history_read(connection, &applied, err);
    for (size_t i = 0; i < schema_postgres_migration_count && !status; i++)
        if (schema_postgres_migrations[i].number > applied)
            status = migration_apply(connection, &schema_postgres_migrations[i], err);
    if (!status)
        status = pg_months_make(connection, now, pg_months_ahead(now), err);
    return status;
}

enum status pg_schema_apply(struct pg_connection *connection, bool for_transfer,
                            struct error *err)
{
    enum status status = pg_script(connection, lock_script, err);
    if (!status)
        status = apply_all(connection, for_transfer, err);
    if (!status)
        status = pg_script(connection, "COMMIT", err);
    if (status) {
        (void)pg_drain(connection, NULL);
        (void)pg_script(connection, "ROLLBACK", NULL);
    }
    return status;
}

enum status pg_schema_check(struct pg_connection *connection, bool for_transfer,
                            int64_t *applied, struct error *err)
{
    struct owner owner;
    *applied = 0;
    enum status status = owner_check(connection, &owner, err);
    if (!status && !for_transfer)
        status = mark_check(connection, &owner, err);
    return status || !owner.is_ours ? status : history_read(connection, applied, err);
}
