/* What was: runs, counters, attempts. And tokens and keys. */
#include <sys/random.h>

#include "base/ensure.h"
#include "store/sqlite/connection.h"

#define TOKEN_KEPT_US (INT64_C(60) * US_PER_S) /* expired tokens go a minute later */

enum status sqlite_run_get(void *self, struct campaign_id campaign, struct campaign_run *run,
                           struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    *run = (struct campaign_run){.campaign = campaign, .status = CAMPAIGN_OFF};
    struct rows rows = sql_start(reader, SQL_RUN_GET, SQL_VALUES(SQL_INT(campaign.value)));
    if (rows_next(&rows)) {
        run->status = (enum campaign_status)sqlite3_column_int(rows.statement, 0);
        run->pass = sqlite3_column_int64(rows.statement, 1);
    }
    return read_end(reader, rows_end(&rows, err));
}

enum status sqlite_run_counts(void *self, struct campaign_id campaign, int64_t pass,
                              struct run_counts *counts, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    memset(counts, 0, sizeof(*counts));
    struct rows rows =
        sql_start(reader, SQL_COUNT_LIST, SQL_VALUES(SQL_INT(campaign.value), SQL_INT(pass)));
    while (rows_next(&rows)) {
        const char *name = (const char *)sqlite3_column_text(rows.statement, 0);
        int64_t count = sqlite3_column_int64(rows.statement, 1);
        if (strcmp(name, COUNT_ATTEMPTS) == 0)
            counts->attempts = count;
        else if (strcmp(name, COUNT_CALLED) == 0)
            counts->contacts_called = count;
        else if (strncmp(name, COUNT_SKIP, strlen(COUNT_SKIP)) == 0)
            counts->skipped += count;
        else
            counts->outcomes[outcome_from_name(name + strlen(COUNT_OUTCOME))] = count;
    }
    return read_end(reader, rows_end(&rows, err));
}

#define SKIP_REASON_MAX 256 /* reasons of one pass that are listed */

enum status sqlite_skips_list(void *self, struct campaign_id campaign, int64_t pass,
                              struct arena *arena, struct skip_count **skips, size_t *count,
                              struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    *skips = arena_new(arena, SKIP_REASON_MAX, sizeof(**skips));
    *count = 0;
    struct rows rows =
        sql_start(reader, SQL_COUNT_LIST, SQL_VALUES(SQL_INT(campaign.value), SQL_INT(pass)));
    while (*count < SKIP_REASON_MAX && rows_next(&rows)) {
        const char *name = (const char *)sqlite3_column_text(rows.statement, 0);
        if (strncmp(name, COUNT_SKIP, strlen(COUNT_SKIP)) != 0)
            continue;
        struct skip_count *skip = &(*skips)[(*count)++];
        snprintf(skip->reason, sizeof(skip->reason), "%.31s", name + strlen(COUNT_SKIP));
        skip->count = sqlite3_column_int64(rows.statement, 1);
    }
    return read_end(reader, rows_end(&rows, err));
}

/* The facts of an attempt, in order: the last of each kind counts. */
static enum status facts_read(struct connection *reader, struct attempt_record *record,
                              struct error *err)
{
    struct rows rows =
        sql_start(reader, SQL_FACT_LIST, SQL_VALUES(SQL_INT(record->call.value)));
    while (rows_next(&rows)) {
        sqlite3_stmt *statement = rows.statement;
        if (sqlite3_column_int(statement, 0) == 1) {
            record->outcome = (enum outcome)sqlite3_column_int(statement, 1);
            record->answered_at.us = sqlite3_column_int64(statement, 2);
            record->ended_at.us = sqlite3_column_int64(statement, 3);
            record->sip_status = sqlite3_column_int(statement, 4);
            record->q850_cause = sqlite3_column_int(statement, 5);
        } else {
            record->wrapup.value = sqlite3_column_int64(statement, 6);
            if (sqlite3_column_int64(statement, 7))
                record->agent.value = sqlite3_column_int64(statement, 7);
        }
    }
    return rows_end(&rows, err);
}

static struct rows attempts_start(struct connection *reader, const struct attempt_query *query)
{
    static const enum sql orders[4][2] = {
        {SQL_ATTEMPTS_UP, SQL_ATTEMPTS_DOWN},
        {SQL_ATTEMPTS_CAMPAIGN_UP, SQL_ATTEMPTS_CAMPAIGN_DOWN},
        {SQL_ATTEMPTS_CONTACT_UP, SQL_ATTEMPTS_CONTACT_DOWN},
        {SQL_ATTEMPTS_NUMBER_UP, SQL_ATTEMPTS_NUMBER_DOWN},
    };
    int by = query->number ? 3 : query->contact.value ? 2 : query->campaign.value ? 1 : 0;
    int64_t campaign = query->number ? 0 : query->campaign.value;
    int64_t whom = query->number ? query->number : query->contact.value;
    int64_t after = query->after.value;
    if (!after && query->is_newest_first)
        after = INT64_MAX;
    return sql_start(reader, orders[by][query->is_newest_first],
                     SQL_VALUES(SQL_INT(campaign), SQL_INT(whom), SQL_INT(after),
                                SQL_INT(query->limit > 0 ? query->limit : 0)));
}

enum status sqlite_attempts_list(void *self, const struct attempt_query *query,
                                 struct arena *arena, struct attempt_record **records,
                                 size_t *count, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *records = arena_new(arena, limit, sizeof(**records));
    *count = 0;
    struct rows rows = attempts_start(reader, query);
    while (*count < limit && rows_next(&rows))
        (*records)[(*count)++] = (struct attempt_record){
            .call = {sqlite3_column_int64(rows.statement, 0)},
            .at = {sqlite3_column_int64(rows.statement, 1)},
            .campaign = {sqlite3_column_int64(rows.statement, 2)},
            .contact = {sqlite3_column_int64(rows.statement, 3)},
            .column = (int16_t)sqlite3_column_int(rows.statement, 4),
            .number = sqlite3_column_int64(rows.statement, 5),
            .agent = {sqlite3_column_int64(rows.statement, 6)},
            .pass = sqlite3_column_int64(rows.statement, 7),
        };
    enum status status = rows_end(&rows, err);
    for (size_t i = 0; i < *count && !status; i++)
        status = facts_read(reader, &(*records)[i], err);
    return read_end(reader, status);
}

/* --- Tokens and keys
 * --------------------------------------------------------------------------------- */

enum status sqlite_token_put(void *self, const struct token_record *token, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    /* Each log-in sweeps a few that expired, so that the table stays small without a job. */
    int64_t long_ago = instant_wall_now().us - TOKEN_KEPT_US;
    status = sql_run(&store->writer, SQL_TOKEN_PURGE, SQL_VALUES(SQL_INT(long_ago)), err);
    if (!status)
        status = sql_run(&store->writer, SQL_TOKEN_PUT,
                         SQL_VALUES(SQL_BYTES(token->hash, sizeof(token->hash)),
                                    SQL_INT(token->kind), SQL_INT(token->owner),
                                    SQL_INT(token->expires_at.us), SQL_INT(token->is_session)),
                         err);
    return write_end(store, status, err);
}

enum status sqlite_token_get(void *self, const uint8_t hash[32], struct wall now,
                             struct token_record *token, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    memset(token, 0, sizeof(*token));
    struct rows rows = sql_start(reader, SQL_TOKEN_GET, SQL_VALUES(SQL_BYTES(hash, 32)));
    if (rows_next(&rows)) {
        memcpy(token->hash, hash, sizeof(token->hash));
        token->kind = (enum entity_kind)sqlite3_column_int(rows.statement, 0);
        token->owner = sqlite3_column_int64(rows.statement, 1);
        token->expires_at.us = sqlite3_column_int64(rows.statement, 2);
        token->is_session = sqlite3_column_int(rows.statement, 3) != 0;
    }
    enum status status = rows_end(&rows, err);
    if (!status && (!token->owner || token->expires_at.us <= now.us))
        status = error_set(err, STATUS_NOT_FOUND, "", "the token is unknown or has expired");
    return read_end(reader, status);
}

enum status sqlite_token_remove(void *self, const uint8_t hash[32], struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = sql_run(&store->writer, SQL_TOKEN_DELETE, SQL_VALUES(SQL_BYTES(hash, 32)), err);
    return write_end(store, status, err);
}

static enum status key_read(struct connection *connection, const char *name, uint8_t key[32],
                            struct error *err)
{
    struct rows rows = sql_start(connection, SQL_KEY_GET, SQL_VALUES(SQL_TEXT(name)));
    bool has_row = rows_next(&rows) && sqlite3_column_bytes(rows.statement, 0) == 32;
    if (has_row)
        memcpy(key, sqlite3_column_blob(rows.statement, 0), 32);
    enum status status = rows_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

enum status sqlite_key_get(void *self, const char *name, uint8_t key[32], struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = key_read(&store->writer, name, key, err);
    if (status == STATUS_NOT_FOUND) {
        ensure(getrandom(key, 32, 0) == 32);
        status = sql_run(&store->writer, SQL_KEY_PUT,
                         SQL_VALUES(SQL_TEXT(name), SQL_BYTES(key, 32)), err);
    }
    return write_end(store, status, err);
}
