/* Memory, SQLite and PostgreSQL get the same random operations and must answer the same. */
#include "agree.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <cmocka.h>

#include "postgres_schema.h"
#include "store/memory/memory.h"
#include "store/postgres/postgres.h"
#include "store/sqlite/sqlite.h"

#define STORES 3
static const char *const names[STORES] = {"memory", "SQLite", "PostgreSQL"};

static void open_all(struct subject subjects[STORES], char folder[64])
{
    char path[96];
    struct error err;
    snprintf(folder, 64, "/tmp/cadran-agree-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/cadran.db", folder);
    store_memory_create(&subjects[0].store);
    assert_int_equal(store_sqlite_open(path, &subjects[1].store, &err), STATUS_OK);
    assert_int_equal(store_postgres_open(postgres_schema_make(), &subjects[2].store, &err),
                     STATUS_OK);
    for (int i = 0; i < STORES; i++) {
        arena_init(&subjects[i].arena);
        buffer_init(&subjects[i].answer, 16 << 20);
    }
}

static void close_all(struct subject subjects[STORES], const char *folder)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (int i = 0; i < STORES; i++) {
        subjects[i].store.ops->destroy(subjects[i].store.self);
        arena_fini(&subjects[i].arena);
        buffer_fini(&subjects[i].answer);
    }
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s/cadran.db%s", folder, tails[i]);
        unlink(name);
    }
    rmdir(folder);
    postgres_schema_drop();
}

/* The operation `step` of the run `seed`, on each store. */
static void step_all(struct subject subjects[STORES], uint64_t seed, int step)
{
    for (int i = 0; i < STORES; i++) {
        struct random random;
        random_init(&random, seed * 1000003 + (uint64_t)step);
        buffer_clear(&subjects[i].answer);
        buffer_text(&subjects[i].answer, "");
        if (step < 3 || random_below(&random, 2))
            operate(&subjects[i], &random);
        else
            dial(&subjects[i], &random);
    }
    for (int i = 1; i < STORES; i++) {
        if (strcmp(subjects[0].answer.data, subjects[i].answer.data) == 0)
            continue;
        const char *left = subjects[0].answer.data, *right = subjects[i].answer.data;
        size_t at = 0, line = 0;
        for (; left[at] && left[at] == right[at]; at++)
            line = left[at] == '\n' ? at + 1 : line;
        print_error("seed %llu, step %d, %.20s...: %s says\n%.400s\n%s says\n%.400s\n",
                    (unsigned long long)seed, step, left, names[0], left + line, names[i],
                    right + line);
        fail();
    }
}

static void run(uint64_t seed, int steps)
{
    struct subject *subjects = calloc(STORES, sizeof(*subjects));
    char folder[64];
    assert_non_null(subjects);
    open_all(subjects, folder);
    for (int step = 0; step < steps; step++)
        step_all(subjects, seed, step);
    close_all(subjects, folder);
    free(subjects);
}

/* Found once: a contact that one array edits twice, into a filter and out of it again; a zone
 * that is given no more while the contact is being called. */
static void seeds_that_once_told_them_apart(void **state)
{
    (void)state;
    run(165337, 300);
    run(802545, 300);
}

static void every_back_end_answers_the_same(void **state)
{
    (void)state;
    const char *given = getenv("CADRAN_SEED");
    uint64_t seed;
    assert_int_equal(getrandom(&seed, sizeof(seed), 0), sizeof(seed));
    seed = given ? strtoull(given, NULL, 10) : seed % 1000000;
    int runs = given ? 1 : getenv("CADRAN_TEST_LONG") ? 200 : 8;
    print_message("seeds %llu to %llu\n", (unsigned long long)seed,
                  (unsigned long long)seed + (unsigned long long)runs - 1);
    for (int i = 0; i < runs; i++)
        run(seed + (uint64_t)i, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_that_once_told_them_apart),
        cmocka_unit_test(every_back_end_answers_the_same),
    };
    return cmocka_run_group_tests_name("stores agree", tests, NULL, NULL);
}
