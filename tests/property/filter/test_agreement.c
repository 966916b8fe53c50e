/* Thousands of random filters over contacts whose values hurt: text, structured form, tree,
 * memory store and SQLite give the same contacts as the naive evaluation, each one.
 *
 *   test_property_filter [FILTERS [SEED]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "filter/text.h"
#include "naive.h"
#include "postgres_schema.h"
#include "resource/filter_form.h"
#include "store/memory/memory.h"
#include "store/postgres/postgres.h"
#include "store/sqlite/sqlite.h"

#define CONTACTS 240
static const struct list_id list = {3};
static const struct campaign_id campaign = {7};
static const struct wall now = {INT64_C(1700000000) * US_PER_S};

static struct naive_contact naive[CONTACTS];
#define STORES 3
static struct store_port stores[STORES];
static const char *const store_names[] = {"memory", "SQLite", "PostgreSQL"};

/* The places of naive.h are the ids. */
static enum status named(void *self, enum filter_field field, const char *text, int64_t *id,
                         struct error *err)
{
    (void)self;
    const char *const(*names)[2] = field == FILTER_AGENT ? naive_agents : naive_codes;
    for (*id = 1; *id < NAIVE_NAMED; (*id)++)
        if (strcmp(names[*id][0], text) == 0 || strcmp(names[*id][1], text) == 0)
            return STATUS_OK;
    return error_set(err, STATUS_INVALID, "", "nobody is called %s", text);
}

static const struct filter_references references = {NULL, named, NULL};
static const struct filter_columns columns = {NAIVE_COLUMNS, naive_columns, naive_types,
                                              &references};
static struct zone_set_id zone_sets[STORES][NAIVE_ZONE_SETS];

static void ok(enum status status, const struct error *err, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "%s: %s: %s %s\n", what, status_name(status), err->path, err->text);
    exit(1);
}

/* --- Contacts -------------------------------------------------------------------------------
 */

static char *data_draw(struct random *random, struct naive_contact *contact)
{
    json_t *data = json_array();
    contact->column_count =
        random_below(random, 10) ? NAIVE_COLUMNS : (int)random_below(random, NAIVE_COLUMNS);
    for (int i = 0; i < NAIVE_COLUMNS; i++) {
        bool is_null = random_below(random, 12) == 0;
        const char *text = is_null || i >= contact->column_count ? "" : naive_pool(random);
        naive_value_set(&contact->columns[i], text);
        if (i < contact->column_count)
            json_array_append_new(data, is_null ? json_null() : json_string(text));
    }
    char *text = json_dumps(data, random_below(random, 2) ? JSON_COMPACT : JSON_ENSURE_ASCII);
    json_decref(data);
    return text;
}

static void zones_intern(void)
{
    static struct zone zones[] = {{.name = "America/Cayenne"},
                                  {.name = "America/Martinique"},
                                  {.name = "Europe/Paris"},
                                  {.name = "Indian/Reunion"}};
    const struct zone_table table = {zones, ARRAY_LEN(zones)};
    struct error err;
    for (int s = 0; s < STORES; s++)
        for (int i = 0; i < NAIVE_ZONE_SETS; i++) {
            struct zone_set set = {.count = 0};
            for (int k = 0; k < NAIVE_ZONES && naive_zones[i][k]; k++)
                set.zones[set.count++] =
                    (int16_t)(zone_find(&table, naive_zones[i][k]) - zones);
            ok(stores[s].ops->zone_set_intern(stores[s].self, &table, &set, &err), &err,
               "zones");
            zone_sets[s][i] = set.id;
        }
}

static void addresses_draw(struct random *random, struct naive_contact *contact, int i)
{
    static const int places[2][2] = {{0, 5}, {1, 3}};
    contact->address_count = (int)random_below(random, 3);
    for (int k = 0; k < contact->address_count; k++) {
        contact->numbers[k] = random_below(random, 4) ? INT64_C(33100000000) + i : 0;
        contact->address_states[k] = k ? "waiting" : "scheduled";
        contact->address_columns[k] = places[k][random_below(random, 2)];
        contact->address_zones[k] = (int)random_below(random, NAIVE_ZONE_SETS);
    }
}

static void contact_add(struct random *random, int i)
{
    struct naive_contact *contact = &naive[i];
    char *data = data_draw(random, contact);
    if (random_below(random, 2))
        snprintf(contact->id, sizeof(contact->id), "Client-%d", i);
    contact->priority = random_below(random, 3) ? 0 : (int)random_below(random, 210) - 100;
    contact->is_callable = random_below(random, 5) != 0;
    contact->is_top_priority = random_below(random, 3) == 0;
    contact->next_try = random_below(random, 2) ? now.us + US_PER_DAY : 0;
    contact->agent = (int)random_below(random, NAIVE_NAMED);
    const struct contact_attributes attributes = {.preferred_agent = {contact->agent},
                                                  .next_try = {contact->next_try},
                                                  .is_top_priority = contact->is_top_priority};
    contact->state = "waiting";
    contact->last_update = now.us - (int64_t)random_below(random, 3) * US_PER_DAY;
    struct contact_write write = {.data = data,
                                  .external_id = contact->id[0] ? contact->id : NULL,
                                  .priority = contact->priority,
                                  .is_callable = contact->is_callable,
                                  .attributes = &attributes};
    addresses_draw(random, contact, i);
    write.address_count = contact->address_count;
    for (int s = 0; s < STORES; s++) {
        struct error err;
        for (int k = 0; k < write.address_count; k++)
            write.addresses[k] =
                (struct contact_address){.column = (int16_t)contact->address_columns[k],
                                         .number = contact->numbers[k],
                                         .zone_set = zone_sets[s][contact->address_zones[k]]};
        ok(stores[s].ops->contacts_write(stores[s].self, STORE_API, list, CONTACT_INSERT,
                                         &write, 1, (struct wall){contact->last_update}, NULL,
                                         &err),
           &err, "write");
    }
    free(data);
}

/* Some contacts are dialed: an intent, and for most of them an end. */
static void dial(struct random *random, int64_t *epochs, int64_t pass, int i, int call)
{
    static const struct {
        enum outcome outcome;
        const char *name;
    } outcomes[] = {
        {OUTCOME_BUSY, "busy"}, {OUTCOME_NO_ANSWER, "no_answer"}, {OUTCOME_PERSON, "person"}};
    struct naive_contact *contact = &naive[i];
    size_t drawn = random_below(random, ARRAY_LEN(outcomes));
    bool has_end = random_below(random, 4) != 0, is_done = random_below(random, 2);
    int code = has_end ? (int)random_below(random, NAIVE_NAMED) : 0;
    for (int s = 0; s < STORES; s++) {
        struct error err;
        struct contact_record record;
        struct arena arena;
        enum dialer_result result;
        arena_init(&arena);
        struct contact_id id = {(list.value << CONTACT_SEQUENCE_BITS) | (i + 1)};
        ok(stores[s].ops->contact_get(stores[s].self, id, &arena, &record, &err), &err, "get");
        struct dialer_write write = {.kind = DIALER_INTENT,
                                     .campaign = campaign,
                                     .pass = pass,
                                     .contact = id,
                                     .at = now,
                                     .call = {epochs[s] << 32 | call},
                                     .from = DUE_FRESH,
                                     .mode = MODE_AGENTLESS,
                                     .expected_version = record.hot.version,
                                     .number = record.hot.addresses[0].number,
                                     .column = record.hot.addresses[0].column};
        write.change = (struct contact_change){.state = CONTACT_RUNNING,
                                               .is_callable = record.hot.is_callable,
                                               .address_index = 0,
                                               .address = record.hot.addresses[0],
                                               .next_index = -1};
        write.change.address.attempts = 1;
        write.change.address.last_at = (struct wall){now.us - US_PER_S};
        struct dialer_batch batch = {1, epochs[s], 1, &write, &result};
        ok(stores[s].ops->commit(stores[s].self, &batch, &err), &err, "intent");
        ensure(result == WRITE_COMMITTED);
        write.kind = DIALER_END;
        write.outcome = outcomes[drawn].outcome;
        write.ended_at = now;
        write.change.state = is_done ? CONTACT_DONE : CONTACT_FAILED;
        write.change.address.state = ADDRESS_FAILED;
        write.change.address.last_outcome = outcomes[drawn].outcome;
        if (has_end)
            ok(stores[s].ops->commit(stores[s].self, &batch, &err), &err, "end");
        write.kind = DIALER_WRAPUP;
        write.wrapup.value = contact->disposition = code;
        if (code)
            ok(stores[s].ops->commit(stores[s].self, &batch, &err), &err, "wrap-up");
        ok(stores[s].ops->contact_get(stores[s].self, id, &arena, &record, &err), &err, "get");
        /* What the naive side knows of it is what the store answers by name, field by field. */
        contact->state = has_end ? (is_done ? "done" : "failed") : "running";
        contact->attempts = record.hot.addresses[0].attempts;
        contact->last_attempt = record.hot.addresses[0].last_at.us;
        contact->last_result = !contact->last_attempt ? NULL
                               : has_end              ? outcomes[drawn].name
                                                      : "none";
        contact->address_states[0] = address_state_name(record.hot.addresses[0].state);
        for (int k = 1; k < contact->address_count; k++)
            contact->address_states[k] = address_state_name(record.hot.addresses[k].state);
        contact->next_try = record.hot.next_try.us;
        contact->last_update = now.us > contact->last_update ? now.us : contact->last_update;
        arena_fini(&arena);
    }
}

static void world_draw(struct random *random)
{
    int64_t epochs[STORES], pass = 0;
    struct error err;
    zones_intern();
    for (int i = 0; i < CONTACTS; i++)
        contact_add(random, i);
    for (int s = 0; s < STORES; s++) {
        ok(stores[s].ops->epoch_take(stores[s].self, 1, now, &epochs[s], &err), &err, "epoch");
        ok(stores[s].ops->pass_draw(stores[s].self, &pass, &err), &err, "pass");
    }
    for (int i = 0, call = 1; i < CONTACTS; i += 5)
        if (naive[i].address_count && naive[i].numbers[0] && naive[i].is_callable)
            dial(random, epochs, pass, i, call++);
}

/* --- Agreement ------------------------------------------------------------------------------
 */

struct trial {
    struct arena arena;
    const char *text;
    bool expected[CONTACTS];
    uint64_t seed;
    int number;
};

static void disagree(const struct trial *trial, const char *face, int contact)
{
    printf("seed %" PRIu64 ", filter %d: %s\n%s, contact %d: the naive evaluation says %d\n",
           trial->seed, trial->number, trial->text, face, contact, trial->expected[contact]);
    for (int i = 0; i < NAIVE_COLUMNS; i++)
        printf("  %s = \"%s\"\n", naive_columns[i], naive[contact].columns[i].text);
    printf("  state %s, priority %d, attempts %d, result %s\n", naive[contact].state,
           naive[contact].priority, naive[contact].attempts,
           naive[contact].last_result ? naive[contact].last_result : "-");
    exit(1);
}

static void search_check(struct trial *trial, int s, const struct filter *filter,
                         const char *face)
{
    struct error err;
    struct contact_found found;
    struct contact_tally tally = {.looked_at = 0};
    struct contact_search search = {
        .list = list, .filter = filter, .now = now, .limit = CONTACTS};
    ok(stores[s].ops->contacts_search(stores[s].self, &search, &trial->arena, &found, &err),
       &err, "search");
    ensure(found.is_whole);
    size_t at = 0, count = 0;
    for (int i = 0; i < CONTACTS; i++) {
        bool is =
            at < found.count && (uint32_t)found.records[at].hot.id.value == (uint32_t)i + 1;
        at += is;
        count += trial->expected[i];
        if (is != trial->expected[i])
            disagree(trial, face, i);
    }
    while (!tally.is_done)
        ok(stores[s].ops->contacts_tally(stores[s].self, list, filter, now, &tally, &err), &err,
           "tally");
    ensure(tally.matched == (int64_t)count);
}

static struct filter parsed(struct trial *trial, const char *text, size_t len,
                            const struct filter_columns *of)
{
    struct filter filter;
    struct error err;
    ok(filter_parse(text, len, of, &trial->arena, &filter, NULL, &err), &err, text);
    return filter;
}

static const char *printed(struct trial *trial, const struct filter *filter,
                           const struct filter_columns *of)
{
    struct buffer out;
    buffer_init(&out, 16 * FILTER_SOURCE_MAX);
    filter_print(filter, of, &out);
    const char *text = arena_text(&trial->arena, out.data, out.len);
    buffer_fini(&out);
    return text;
}

/* The structured form: read, agreed with, written, and read again. Returns whether it could say
 * this filter. */
static bool form_check(struct trial *trial, const struct naive_node *node,
                       const struct filter *filter)
{
    struct error err;
    struct filter other, again;
    json_t *form = naive_form(node), *written = NULL;
    enum status status = filter_form_write(filter, &columns, &written, &err);
    if (form) {
        ok(filter_form_read(form, &columns, &trial->arena, &other, &err), &err, "form");
        search_check(trial, 0, &other, "structured form");
        ok(status, &err, "what came as a form can be written as one");
    }
    if (status == STATUS_OK) {
        ok(filter_form_read(written, &columns, &trial->arena, &again, &err), &err,
           "written form");
        ensure(filter_equals(filter, &again));
    } else {
        ensure(status == STATUS_CONFLICT && err.text[0]);
    }
    json_decref(form);
    json_decref(written);
    return status == STATUS_OK;
}

static bool filter_try(struct trial *trial, const struct naive_node *node)
{
    static const struct filter_columns bare = {.count = NAIVE_COLUMNS};
    struct buffer text;
    buffer_init(&text, 16 * FILTER_SOURCE_MAX);
    naive_text(node, &text);
    trial->text = arena_text(&trial->arena, text.data, text.len);
    bool is_sayable = false;
    if (text.len <= FILTER_SOURCE_MAX / 2) {
        for (int i = 0; i < CONTACTS; i++)
            trial->expected[i] = naive_holds(node, &naive[i], now.us);
        struct filter filter = parsed(trial, text.data, text.len, &columns);
        for (int s = 0; s < STORES; s++)
            search_check(trial, s, &filter, store_names[s]);
        const char *once = printed(trial, &filter, &columns);
        struct filter again = parsed(trial, once, strlen(once), &columns);
        ensure(filter_equals(&filter, &again));
        once = printed(trial, &filter, &bare);
        again = parsed(trial, once, strlen(once), &bare);
        ensure(filter_equals(&filter, &again));
        search_check(trial, 0, &again, "text by position");
        is_sayable = form_check(trial, node, &filter);
    }
    buffer_fini(&text);
    return is_sayable;
}

int main(int argc, char **argv)
{
    int filters = argc > 1 ? atoi(argv[1]) : getenv("CADRAN_TEST_LONG") ? 30000 : 2000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261124;
    char folder[] = "/tmp/cadran-filter-XXXXXX", path[64];
    struct random random;
    struct error err;
    ensure(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/cadran.db", folder);
    store_memory_create(&stores[0]);
    ok(store_sqlite_open(path, &stores[1], &err), &err, "open");
    ok(store_postgres_open(postgres_schema_make(), &stores[2], &err), &err, "open");
    random_init(&random, seed);
    world_draw(&random);
    int sayable = 0;
    int64_t matched = 0;
    for (int i = 0; i < filters; i++) {
        static struct trial trial;
        trial.seed = seed;
        trial.number = i;
        arena_init(&trial.arena);
        struct naive_node *node = naive_draw(&random, (int)random_below(&random, 5) - 1);
        sayable += filter_try(&trial, node);
        for (int k = 0; k < CONTACTS; k++)
            matched += trial.expected[k];
        naive_free(node);
        arena_fini(&trial.arena);
    }
    printf("seed %" PRIu64
           ": %d filters over %d contacts, %.0f %% of the pairs match, %d have a "
           "structured form\n",
           seed, filters, CONTACTS, 100.0 * (double)matched / filters / CONTACTS, sayable);
    ensure(sayable > filters / 10);
    for (int s = 0; s < STORES; s++)
        stores[s].ops->destroy(stores[s].self);
    postgres_schema_drop();
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        char name[96];
        snprintf(name, sizeof(name), "%s%s", path, tails[i]);
        unlink(name);
    }
    rmdir(folder);
    return 0;
}
