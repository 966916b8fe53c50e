/* What was: runs, counters, attempts. And tokens and keys. */
#include <sys/random.h>

#include "base/ensure.h"
#include "base/table.h"
#include "store/postgres/session.h"

#define TOKEN_KEPT_US (INT64_C(60) * US_PER_S) /* expired tokens go a minute later */

enum status postgres_run_get(void *self, struct campaign_id campaign, struct campaign_run *run,
                             struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *run = (struct campaign_run){.campaign = campaign, .status = CAMPAIGN_OFF};
    struct pg_rows rows = pg_start(reader, PG_RUN_GET, PG_VALUES(PG_INT(campaign.value)));
    if (pg_next(&rows)) {
        run->status = (enum campaign_status)pg_int(&rows, 0);
        run->pass = pg_int(&rows, 1);
    }
    return pg_read_end(reader, pg_end(&rows, err));
}

enum status postgres_run_counts(void *self, struct campaign_id campaign, int64_t pass,
                                struct run_counts *counts, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    memset(counts, 0, sizeof(*counts));
    struct pg_rows rows =
        pg_start(reader, PG_COUNT_LIST, PG_VALUES(PG_INT(campaign.value), PG_INT(pass)));
    while (pg_next(&rows)) {
        const char *name = pg_text(&rows, 0);
        int64_t count = pg_int(&rows, 1);
        if (strcmp(name, COUNT_ATTEMPTS) == 0)
            counts->attempts = count;
        else if (strcmp(name, COUNT_CALLED) == 0)
            counts->contacts_called = count;
        else if (strncmp(name, COUNT_SKIP, strlen(COUNT_SKIP)) == 0)
            counts->skipped += count;
        else
            counts->outcomes[outcome_from_name(name + strlen(COUNT_OUTCOME))] = count;
    }
    return pg_read_end(reader, pg_end(&rows, err));
}

#define SKIP_REASON_MAX 256 /* reasons of one pass that are listed */

enum status postgres_skips_list(void *self, struct campaign_id campaign, int64_t pass,
                                struct arena *arena, struct skip_count **skips, size_t *count,
                                struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *skips = arena_new(arena, SKIP_REASON_MAX, sizeof(**skips));
    *count = 0;
    struct pg_rows rows =
        pg_start(reader, PG_COUNT_LIST, PG_VALUES(PG_INT(campaign.value), PG_INT(pass)));
    while (*count < SKIP_REASON_MAX && pg_next(&rows)) {
        const char *name = pg_text(&rows, 0);
        if (strncmp(name, COUNT_SKIP, strlen(COUNT_SKIP)) != 0)
            continue;
        struct skip_count *skip = &(*skips)[(*count)++];
        snprintf(skip->reason, sizeof(skip->reason), "%.31s", name + strlen(COUNT_SKIP));
        skip->count = pg_int(&rows, 1);
    }
    return pg_read_end(reader, pg_end(&rows, err));
}

/* The facts of the attempts, in order: the last of each kind counts. */
static enum status facts_read(struct pg_connection *reader, struct attempt_record *records,
                              size_t count, struct error *err)
{
    struct pg_batch wanted = {0};
    struct table by_call;
    table_init(&by_call);
    for (size_t i = 0; i < count; i++) {
        PG_ADD(&wanted, records[i].campaign.value, records[i].call.value);
        table_put(&by_call, records[i].call.value, &records[i]);
    }
    pg_send_batch(reader, PG_FACT_LIST, &wanted);
    pg_sync(reader);
    struct pg_rows rows = pg_receive(reader);
    while (pg_next(&rows)) {
        struct attempt_record *record = table_get(&by_call, pg_int(&rows, 0));
        if (pg_int(&rows, 1) == PG_FACT_END) {
            record->outcome = (enum outcome)pg_int(&rows, 2);
            record->answered_at.us = pg_int(&rows, 3);
            record->ended_at.us = pg_int(&rows, 4);
            record->sip_status = (int32_t)pg_int(&rows, 5);
            record->q850_cause = (int32_t)pg_int(&rows, 6);
        } else {
            record->wrapup.value = pg_int(&rows, 7);
            if (pg_int(&rows, 8))
                record->agent.value = pg_int(&rows, 8);
        }
    }
    table_fini(&by_call);
    pg_batch_fini(&wanted);
    return pg_end(&rows, err);
}

static struct pg_rows attempts_start(struct pg_connection *reader,
                                     const struct attempt_query *query)
{
    static const enum pg orders[4][2] = {
        {PG_ATTEMPTS_UP, PG_ATTEMPTS_DOWN},
        {PG_ATTEMPTS_CAMPAIGN_UP, PG_ATTEMPTS_CAMPAIGN_DOWN},
        {PG_ATTEMPTS_CONTACT_UP, PG_ATTEMPTS_CONTACT_DOWN},
        {PG_ATTEMPTS_NUMBER_UP, PG_ATTEMPTS_NUMBER_DOWN},
    };
    int by = query->number ? 3 : query->contact.value ? 2 : query->campaign.value ? 1 : 0;
    int64_t campaign = query->number ? 0 : query->campaign.value;
    int64_t whom = query->number ? query->number : query->contact.value;
    int64_t after = query->after.value;
    if (!after && query->is_newest_first)
        after = INT64_MAX;
    return pg_start(reader, orders[by][query->is_newest_first],
                    PG_VALUES(PG_INT(campaign), PG_INT(whom), PG_INT(after),
                              PG_INT(query->limit > 0 ? query->limit : 0)));
}

enum status postgres_attempts_list(void *self, const struct attempt_query *query,
                                   struct arena *arena, struct attempt_record **records,
                                   size_t *count, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *records = arena_new(arena, limit, sizeof(**records));
    *count = 0;
    struct pg_rows rows = attempts_start(reader, query);
    while (*count < limit && pg_next(&rows))
        (*records)[(*count)++] = (struct attempt_record){
            .call = {pg_int(&rows, 0)},
            .at = {pg_int(&rows, 1)},
            .campaign = {pg_int(&rows, 2)},
            .contact = {pg_int(&rows, 3)},
            .column = (int16_t)pg_int(&rows, 4),
            .number = pg_int(&rows, 5),
            .agent = {pg_int(&rows, 6)},
            .pass = pg_int(&rows, 7),
        };
    enum status status = pg_end(&rows, err);
    if (!status && *count)
        status = facts_read(reader, *records, *count, err);
    return pg_read_end(reader, status);
}

/* --- Tokens and keys
 * --------------------------------------------------------------------------------- */

enum status postgres_token_put(void *self, const struct token_record *token, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    /* Each log-in sweeps a few that expired, so that the table stays small without a job. */
    int64_t long_ago = instant_wall_now().us - TOKEN_KEPT_US;
    enum status status = pg_run(writer, PG_TOKEN_PURGE, PG_VALUES(PG_INT(long_ago)), err);
    if (!status)
        status = pg_run(writer, PG_TOKEN_PUT,
                        PG_VALUES(PG_BLOB(token->hash, sizeof(token->hash)),
                                  PG_INT(token->kind), PG_INT(token->owner),
                                  PG_INT(token->expires_at.us), PG_INT(token->is_session)),
                        err);
    return pg_write_end(store, STORE_API, status, err);
}

enum status postgres_token_get(void *self, const uint8_t hash[32], struct wall now,
                               struct token_record *token, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    memset(token, 0, sizeof(*token));
    struct pg_rows rows = pg_start(reader, PG_TOKEN_GET, PG_VALUES(PG_BLOB(hash, 32)));
    if (pg_next(&rows)) {
        memcpy(token->hash, hash, sizeof(token->hash));
        token->kind = (enum entity_kind)pg_int(&rows, 0);
        token->owner = pg_int(&rows, 1);
        token->expires_at.us = pg_int(&rows, 2);
        token->is_session = pg_int(&rows, 3) != 0;
    }
    enum status status = pg_end(&rows, err);
    if (!status && (!token->owner || token->expires_at.us <= now.us))
        status = error_set(err, STATUS_NOT_FOUND, "", "the token is unknown or has expired");
    return pg_read_end(reader, status);
}

enum status postgres_token_remove(void *self, const uint8_t hash[32], struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = pg_run(writer, PG_TOKEN_DELETE, PG_VALUES(PG_BLOB(hash, 32)), err);
    return pg_write_end(store, STORE_API, status, err);
}

static enum status key_read(struct pg_connection *connection, const char *name, uint8_t key[32],
                            struct error *err)
{
    struct pg_rows rows = pg_start(connection, PG_KEY_GET, PG_VALUES(PG_TEXT(name)));
    size_t len = 0;
    const void *bytes = pg_next(&rows) ? pg_bytes(&rows, 0, &len) : NULL;
    bool has_row = len == 32;
    if (has_row)
        memcpy(key, bytes, 32);
    enum status status = pg_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

enum status postgres_key_get(void *self, const char *name, uint8_t key[32], struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = key_read(writer, name, key, err);
    if (status == STATUS_NOT_FOUND) {
        ensure(getrandom(key, 32, 0) == 32);
        status = pg_run(writer, PG_KEY_PUT, PG_VALUES(PG_TEXT(name), PG_BLOB(key, 32)), err);
        if (!status) /* another process may have made it meanwhile */
            status = key_read(writer, name, key, err);
    }
    return pg_write_end(store, STORE_API, status, err);
}
