/* Where to connect: the URL, and the settings of every session. */
#include <stdlib.h>
#include <string.h>

#include "store/postgres/connection.h"
#include "store/postgres/postgres.h"
#include "store/postgres/target.h"

/* Statements here look up few rows by key and must stay fast while tables grow from empty and
 * statistics lag behind: a plan that reads a whole table, or sorts it, is never what they want.
 * The dialer's locks are short; a session that waits longer than this waits for a dead peer. */
static const char session_settings[] =
    " -c jit=off -c random_page_cost=1.1 -c enable_seqscan=off -c enable_bitmapscan=off"
    " -c enable_hashjoin=off -c enable_mergejoin=off -c max_parallel_workers_per_gather=0"
    " -c plan_cache_mode=force_generic_plan -c lock_timeout=20s"
    " -c idle_in_transaction_session_timeout=120s -c client_min_messages=warning";

/* What the URL leaves open. A peer that vanished is noticed within half a minute. */
static const char *const defaults[][2] = {
    {"connect_timeout", "5"},      {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},  {"keepalives_count", "3"},
    {"tcp_user_timeout", "15000"}, {"fallback_application_name", "cadran"},
};

bool store_postgres_is_url(const char *url)
{
    return strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0;
}

static void add(struct pg_target *target, const char *keyword, const char *value)
{
    target->keywords[target->count] = keyword;
    target->values[target->count++] = value;
}

static const char *value_of(const struct pg_target *target, const char *keyword)
{
    for (int i = 0; i < target->count; i++)
        if (strcmp(target->keywords[i], keyword) == 0)
            return target->values[i];
    return NULL;
}

static void settle(struct pg_target *target)
{
    const char *options = "";
    for (PQconninfoOption *option = target->parsed; option->keyword; option++) {
        if (!option->val)
            continue;
        if (strcmp(option->keyword, "options") == 0)
            options = option->val;
        else if (target->count < PG_KEYWORD_MAX - 10)
            add(target, option->keyword, option->val);
    }
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        if (!value_of(target, defaults[i][0]))
            add(target, defaults[i][0], defaults[i][1]);
    for (int bulk = 0; bulk < 2; bulk++)
        snprintf(target->options[bulk], sizeof(target->options[bulk]),
                 "%.900s%s -c synchronous_commit=%s", options, session_settings,
                 bulk ? "off" : "on");
    add(target, "client_encoding", "UTF8");
    add(target, "options", NULL);
    const char *host = value_of(target, "host"), *database = value_of(target, "dbname");
    snprintf(target->name, sizeof(target->name), "the database \"%.60s\" at %.120s",
             database ? database : "", host ? host : "the local socket");
}

enum status pg_target_create(const char *url, struct pg_target **out, struct error *err)
{
    struct pg_target *target = memory_new(1, sizeof(*target));
    char *complaint = NULL; /* may repeat the URL with its password: never shown */
    if (store_postgres_is_url(url))
        target->parsed = PQconninfoParse(url, &complaint);
    PQfreemem(complaint);
    if (!target->parsed) {
        free(target);
        return error_set(err, STATUS_INVALID, "--database",
                         "the URL cannot be read: it looks like "
                         "postgres://USER:PASSWORD@HOST:PORT/DATABASE, with what is special in "
                         "a part written as %%XX");
    }
    settle(target);
    if (!value_of(target, "dbname")) {
        pg_target_destroy(target);
        return error_set(err, STATUS_INVALID, "--database",
                         "the URL names no database: add /DATABASE at its end");
    }
    *out = target;
    return STATUS_OK;
}

enum status store_postgres_url_check(const char *url, struct error *err)
{
    struct pg_target *target = NULL;
    enum status status = pg_target_create(url, &target, err);
    pg_target_destroy(target);
    return status;
}

void pg_target_destroy(struct pg_target *target)
{
    if (target)
        PQconninfoFree(target->parsed);
    free(target);
}

const char *pg_target_name(const struct pg_target *target)
{
    return target->name;
}

PGconn *pg_target_connect(const struct pg_target *target, bool is_bulk)
{
    const char *values[PG_KEYWORD_MAX];
    memcpy(values, target->values, sizeof(values));
    values[target->count - 1] = target->options[is_bulk];
    return PQconnectdbParams(target->keywords, values, 0);
}
