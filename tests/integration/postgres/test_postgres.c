/* PostgreSQL when things go wrong: the server dies, an answer is lost, two processes meet, the
 * URL is no good. Run by tests/with_postgres.py, which starts a server again that died. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/memory.h"
#include "peer.h"
#include "postgres_schema.h"
#include "store/postgres/postgres.h"

#define LIST ((struct list_id){3})
#define CAMPAIGN ((struct campaign_id){7})
#define NOW ((struct wall){INT64_C(1700000000) * US_PER_S})
#define WAIT_S 60

struct fixture {
    const char *url;
    struct store_port store;
    struct error err;
    int64_t epoch, pass, call_last;
};
#define OPS (f->store.ops)
#define SELF (f->store.self)

static void ok(enum status status, const struct error *err)
{
    if (status)
        print_error("%s: %s: %s\n", status_name(status), err->path, err->text);
    assert_int_equal(status, STATUS_OK);
}
#define OK(call) ok(call, &f->err)

/* Contacts 1..count in zone set 1, a pass over them, a queue. */
static void begin(struct fixture *f, int count)
{
    struct contact_write *writes = memory_new((size_t)count, sizeof(*writes));
    for (int i = 0; i < count; i++) {
        writes[i] =
            (struct contact_write){.data = "[]", .is_callable = true, .address_count = 1};
        writes[i].addresses[0] = (struct contact_address){
            .column = 0, .number = INT64_C(33100000000) + i, .zone_set = {1}};
    }
    OK(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_INSERT, writes, (size_t)count, NOW,
                           NULL, &f->err));
    free(writes);
    OK(OPS->epoch_take(SELF, 1, NOW, &f->epoch, &f->err));
    OK(OPS->pass_draw(SELF, &f->pass, &f->err));
    struct queue_order order = {
        .campaign = CAMPAIGN, .list = LIST, .pass = f->pass, .column_count = 1};
    struct queue_build build = {0};
    while (!build.is_done)
        OK(OPS->queue_build(SELF, &order, &build, &f->err));
}

static struct contact_id contact_at(int sequence)
{
    return (struct contact_id){(LIST.value << CONTACT_SEQUENCE_BITS) | sequence};
}

static enum status dial(struct fixture *f, int sequence, int32_t version,
                        enum dialer_result *result)
{
    struct dialer_write write = {
        .kind = DIALER_INTENT,
        .campaign = CAMPAIGN,
        .pass = f->pass,
        .contact = contact_at(sequence),
        .at = instant_wall_now(),
        .call = {(f->epoch << 32) | ++f->call_last},
        .zone_set = {1},
        .from = DUE_FRESH,
        .expected_version = version,
        .number = INT64_C(33100000000) + sequence - 1,
        .mode = MODE_AGENTLESS,
    };
    struct dialer_batch batch = {1, f->epoch, 1, &write, result};
    return OPS->commit(SELF, &batch, &f->err);
}

static int64_t attempt_count(struct fixture *f)
{
    struct arena arena;
    struct attempt_record *records;
    size_t count;
    struct attempt_query query = {.campaign = CAMPAIGN, .limit = 10000};
    arena_init(&arena);
    OK(OPS->attempts_list(SELF, &query, &arena, &records, &count, &f->err));
    arena_fini(&arena);
    return (int64_t)count;
}

/* --- The server is gone
 * ---------------------------------------------------------------------------- */

static void down_path(char path[160])
{
    snprintf(path, 160, "%s/down", getenv("CADRAN_TEST_POSTGRES"));
}

static void server_kill(void)
{
    char path[160];
    int pid = 0;
    snprintf(path, sizeof(path), "%s/data/postmaster.pid", getenv("CADRAN_TEST_POSTGRES"));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    assert_int_equal(kill(pid, SIGKILL), 0);
}

static void server_hold(bool is_down)
{
    char path[160];
    down_path(path);
    if (!is_down) {
        unlink(path);
        return;
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static int setup(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    f->url = postgres_schema_make();
    OK(store_postgres_open(f->url, &f->store, &f->err));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    f->store.ops->destroy(f->store.self);
    server_hold(false);
    postgres_schema_drop();
    free(f);
    return 0;
}

/* Until the store answers again by itself. */
static void await_store(struct fixture *f)
{
    int64_t until = instant_mono_now().us + WAIT_S * US_PER_S, count;
    while (OPS->contacts_count(SELF, LIST, &count, &f->err)) {
        assert_int_equal(f->err.status, STATUS_UNAVAILABLE);
        assert_true(instant_mono_now().us < until);
        usleep(10000);
    }
}

static void a_server_that_is_gone_is_unavailable_and_is_found_again(void **state)
{
    struct fixture *f = *state;
    enum dialer_result result;
    int64_t count, pass;
    begin(f, 3);
    OK(dial(f, 1, 1, &result));
    server_hold(true);
    server_kill();
    while (!OPS->contacts_count(SELF, LIST, &count, &f->err))
        usleep(1000); /* its children take a moment to notice */
    assert_int_equal(f->err.status, STATUS_UNAVAILABLE);
    /* Each of its processes ends by itself: one may still take a commit, and not answer. */
    enum status status;
    while (!(status = dial(f, 3, 1, &result)))
        usleep(1000);
    assert_true(status == STATUS_UNKNOWN || status == STATUS_UNAVAILABLE);
    assert_int_equal(dial(f, 2, 1, &result), STATUS_UNAVAILABLE);
    assert_int_equal(result, WRITE_FAILED);
    (void)OPS->pass_draw(SELF, &pass, &f->err);
    assert_int_equal(OPS->pass_draw(SELF, &pass, &f->err), STATUS_UNAVAILABLE);
    server_hold(false);
    await_store(f);
    int64_t before = attempt_count(f);
    assert_in_range(before, 1, 2);
    OK(dial(f, 2, 1, &result));
    assert_int_equal(result, WRITE_COMMITTED);
    assert_int_equal(attempt_count(f), before + 1);
}

/* S1: what was answered is there after the server was killed amid commits. */
static void an_acknowledged_intent_survives_the_servers_kill_9(void **state)
{
    struct fixture *f = *state;
    begin(f, 400);
    for (int round = 0; round < 3; round++) {
        int64_t before = attempt_count(f), acknowledged = 0, unknown = 0;
        int first = 1 + round * 130;
        for (int i = first; i < first + 130; i++) {
            enum dialer_result result;
            enum status status = dial(f, i, 1, &result);
            acknowledged += status == STATUS_OK && result == WRITE_COMMITTED;
            unknown += status == STATUS_UNKNOWN;
            if (i == first + 20 + round * 7)
                server_kill();
        }
        assert_true(acknowledged > 20);
        await_store(f);
        int64_t stored = attempt_count(f) - before;
        assert_true(stored >= acknowledged && stored <= acknowledged + unknown);
    }
}

static void a_commit_whose_answer_is_lost_is_unknown(void **state)
{
    struct fixture *f = *state, through = {0};
    static struct relay relay; /* its threads may outlive the test */
    char url[256];
    enum dialer_result result;
    begin(f, 3);
    relay_start(&relay, getenv("CADRAN_TEST_POSTGRES"));
    snprintf(url, sizeof(url), "postgres://cadran@/cadran?host=%s&%s", relay.folder,
             strstr(f->url, "options="));
    ok(store_postgres_open(url, &through.store, &through.err), &through.err);
    through.epoch = f->epoch;
    through.pass = f->pass;
    ok(dial(&through, 1, 1, &result), &through.err);
    atomic_store(&relay.cuts, true);
    assert_int_equal(dial(&through, 2, 1, &result), STATUS_UNKNOWN);
    assert_int_equal(result, WRITE_UNKNOWN);
    assert_false(atomic_load(&relay.cuts));
    assert_int_equal(attempt_count(f), 2); /* it was carried out */
    ok(dial(&through, 3, 1, &result), &through.err);
    assert_int_equal(result, WRITE_COMMITTED);
    through.store.ops->destroy(through.store.self);
    relay_stop(&relay);
}

/* --- Two processes
 * --------------------------------------------------------------------------------- */

static void an_older_epoch_writes_nothing(void **state)
{
    struct fixture *f = *state, other = {0};
    enum dialer_result result;
    begin(f, 2);
    ok(store_postgres_open(f->url, &other.store, &other.err), &other.err);
    ok(other.store.ops->epoch_take(other.store.self, 1, NOW, &other.epoch, &other.err),
       &other.err);
    assert_int_equal(dial(f, 1, 1, &result), STATUS_STALE);
    assert_int_equal(result, WRITE_FAILED);
    assert_int_equal(attempt_count(f), 0);
    other.store.ops->destroy(other.store.self);
}

#define CROWD 600

static void *edit_all(void *ptr)
{
    struct fixture *f = ptr;
    struct error err;
    for (int i = CROWD; i >= 1; i--) { /* against the order of the dialer */
        struct contact_write write = {.own = contact_at(i),
                                      .data = "[\"edited\"]",
                                      .is_callable = true,
                                      .address_count = 1};
        write.addresses[0] = (struct contact_address){
            .column = 0, .number = INT64_C(33100000000) + i - 1, .zone_set = {1}};
        enum status status = OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, &write,
                                                 1, NOW, NULL, &err);
        if (status && status != STATUS_CONFLICT) /* it is being called */
            return "an edit failed";
    }
    return NULL;
}

static void *build_on(void *ptr)
{
    struct fixture *f = ptr;
    struct error err;
    struct queue_order order = {
        .campaign = CAMPAIGN, .list = LIST, .pass = f->pass, .column_count = 1};
    for (int i = 0; i < 200; i++) {
        struct queue_build build = {0};
        if (OPS->queue_build(SELF, &order, &build, &err))
            return "a build failed";
    }
    return NULL;
}

/* The dialer, an editor and a builder at once: nobody is dialed twice, nobody is forgotten. */
static void many_writers_lose_nothing(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[2];
    void *said;
    struct arena arena;
    int committed = 0;
    begin(f, CROWD);
    assert_int_equal(pthread_create(&threads[0], NULL, edit_all, f), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, build_on, f), 0);
    int64_t until = instant_mono_now().us + WAIT_S * US_PER_S;
    while (committed < CROWD) {
        assert_true(instant_mono_now().us < until);
        struct claim claim = {.campaign = CAMPAIGN,
                              .list = LIST,
                              .pass = f->pass,
                              .zone_set = {1},
                              .after = {.rank_len = -1},
                              .now = instant_wall_now(),
                              .fresh_limit = 20,
                              .due_limit = 20};
        struct claimed claimed;
        arena_init(&arena);
        OK(OPS->claim(SELF, &claim, 1, &arena, &claimed, &f->err));
        struct dialer_write writes[40] = {0};
        enum dialer_result results[40];
        for (int32_t i = 0; i < claimed.count; i++) {
            const struct candidate *candidate = &claimed.candidates[i];
            writes[i] = (struct dialer_write){
                .kind = DIALER_INTENT,
                .campaign = CAMPAIGN,
                .pass = f->pass,
                .contact = candidate->contact.id,
                .at = instant_wall_now(),
                .call = {(f->epoch << 32) | ++f->call_last},
                .zone_set = {1},
                .from = candidate->from,
                .position = candidate->position,
                .due_from = candidate->due_at,
                .expected_version = candidate->contact.version,
                .number = candidate->contact.addresses[0].number,
            };
        }
        struct dialer_batch batch = {1, f->epoch, claimed.count, writes, results};
        OK(OPS->commit(SELF, &batch, &f->err));
        for (int32_t i = 0; i < claimed.count; i++)
            committed += results[i] == WRITE_COMMITTED;
        arena_fini(&arena);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &said);
        if (said)
            print_error("%s\n", (const char *)said);
        assert_null(said);
    }
    assert_int_equal(committed, CROWD);
    assert_int_equal(attempt_count(f), CROWD);
    struct run_counts counts;
    OK(OPS->run_counts(SELF, CAMPAIGN, f->pass, &counts, &f->err));
    assert_int_equal(counts.contacts_called, CROWD);
}

/* --- What is refused
 * ------------------------------------------------------------------------------- */

static void refuse(const char *url, enum status status, const char *words)
{
    struct store_port store;
    struct error err = {0};
    assert_int_equal(store_postgres_open(url, &store, &err), status);
    if (!strstr(err.text, words))
        print_error("\"%s\" is not in: %s\n", words, err.text);
    assert_non_null(strstr(err.text, words));
    assert_null(strstr(err.text, "s3cret"));
    assert_null(strstr(err.path, "s3cret"));
}

static void says_what_is_wrong_with_a_url_and_never_the_password(void **state)
{
    (void)state;
    char url[512];
    const char *folder = getenv("CADRAN_TEST_POSTGRES");
    refuse("mysql://cadran:s3cret@db/cadran", STATUS_INVALID, "postgres://USER");
    refuse("postgres://cadran:s3cret@[db/cadran", STATUS_INVALID, "cannot be read");
    refuse("postgres://cadran:s3cret@db/cadran?nope=1", STATUS_INVALID, "cannot be read");
    refuse("postgres://cadran:s3cret@localhost", STATUS_INVALID, "names no database");
    snprintf(url, sizeof(url), "postgres://cadran:s3cret@/cadran?host=%s-not", folder);
    refuse(url, STATUS_UNAVAILABLE, "cannot be reached");
    snprintf(url, sizeof(url), "postgres://cadran:s3cret@/nope?host=%s", folder);
    refuse(url, STATUS_INVALID, "no such database");
    snprintf(url, sizeof(url), "postgres://nope:s3cret@/cadran?host=%s", folder);
    refuse(url, STATUS_DENIED, "refuses the user or password");
    postgres_sql("CREATE ROLE guest LOGIN");
    snprintf(url, sizeof(url), "postgres://guest:s3cret@/cadran?host=%s", folder);
    refuse(url, STATUS_DENIED, "may not make tables");
    postgres_sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    snprintf(url, sizeof(url), "postgres://cadran:s3cret@/latin?host=%s", folder);
    refuse(url, STATUS_INVALID, "create one in UTF-8");
}

static void refuses_a_server_that_is_too_old(void **state)
{
    (void)state;
    static struct old_server server = {.version = "9.6.24"};
    char url[256];
    old_server_start(&server);
    snprintf(url, sizeof(url), "postgres://cadran:s3cret@/cadran?host=%s", server.folder);
    refuse(url, STATUS_INVALID, "is PostgreSQL 9.6; Cadran needs 14 or newer");
    old_server_stop(&server);
}

static void refuses_a_database_that_is_not_ours_or_newer_or_altered(void **state)
{
    (void)state;
    const char *url = postgres_schema_make();
    char sql[256], schema[16];
    struct store_port store;
    struct error err;
    assert_int_equal(sscanf(strstr(url, "%3D"), "%%3D%15s", schema), 1);
    snprintf(sql, sizeof(sql), "CREATE TABLE %s.theirs(id int)", schema);
    postgres_sql(sql);
    refuse(url, STATUS_INVALID, "another program");
    snprintf(sql, sizeof(sql), "DROP TABLE %s.theirs", schema);
    postgres_sql(sql);
    ok(store_postgres_open(url, &store, &err), &err);
    store.ops->destroy(store.self);
    snprintf(sql, sizeof(sql), "UPDATE %s.migration SET checksum=checksum+1 WHERE number=1",
             schema);
    postgres_sql(sql);
    refuse(url, STATUS_INVALID, "in another form");
    snprintf(sql, sizeof(sql), "INSERT INTO %s.migration VALUES(999,'999-later',0,0)", schema);
    postgres_sql(sql);
    refuse(url, STATUS_INVALID, "newer Cadran");
    postgres_schema_drop();
}

/* --- Attempts by month
 * ----------------------------------------------------------------------------- */

static void an_attempt_lies_in_the_partition_of_its_month(void **state)
{
    struct fixture *f = *state;
    enum dialer_result result;
    char schema[16], sql[256];
    begin(f, 1);
    OK(dial(f, 1, 1, &result));
    struct civil now = civil_from_wall(instant_wall_now());
    assert_int_equal(sscanf(strstr(f->url, "%3D"), "%%3D%15s", schema), 1);
    snprintf(sql, sizeof(sql), "SELECT 1/count(*) FROM %s.attempt_%04d%02d", schema, now.year,
             now.month); /* fails where there is none */
    postgres_sql(sql);
    snprintf(sql, sizeof(sql),
             "SELECT 1/(count(*)>=3)::int FROM pg_inherits WHERE"
             " inhparent='%s.attempt'::regclass",
             schema); /* this month, the next, and the one for others */
    postgres_sql(sql);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_server_that_is_gone_is_unavailable_and_is_found_again),
        TEST(an_acknowledged_intent_survives_the_servers_kill_9),
        TEST(a_commit_whose_answer_is_lost_is_unknown),
        TEST(an_older_epoch_writes_nothing),
        TEST(many_writers_lose_nothing),
        cmocka_unit_test(says_what_is_wrong_with_a_url_and_never_the_password),
        cmocka_unit_test(refuses_a_server_that_is_too_old),
        cmocka_unit_test(refuses_a_database_that_is_not_ours_or_newer_or_altered),
        TEST(an_attempt_lies_in_the_partition_of_its_month),
    };
    return cmocka_run_group_tests_name("PostgreSQL", tests, NULL, NULL);
}
