/* The foundations: tables that lose no key, mailboxes that are bounded, dates that are right.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/instant.h"
#include "base/mailbox.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/table.h"

static void table_keeps_every_key_through_removals(void **state)
{
    (void)state;
    struct table table;
    table_init(&table);
    struct random random;
    random_init(&random, 7);
    static char present[4096];
    for (int i = 0; i < 200000; i++) {
        int64_t key = 1 + (int64_t)random_below(&random, 4095);
        if (random_below(&random, 2)) {
            table_put(&table, key, &present[key]);
            present[key] = 1;
        } else {
            void *removed = table_remove(&table, key);
            assert_true((removed != NULL) == (present[key] == 1));
            present[key] = 0;
        }
    }
    size_t count = 0;
    for (int64_t key = 1; key < 4096; key++) {
        assert_true((table_get(&table, key) != NULL) == (present[key] == 1));
        count += present[key] == 1;
    }
    assert_int_equal(count, table.count);
    table_fini(&table);
}

static void mailbox_refuses_when_full_and_keeps_order(void **state)
{
    (void)state;
    struct mailbox *box = mailbox_create(3, sizeof(int));
    for (int i = 0; i < 3; i++)
        assert_true(mailbox_post(box, &i));
    int extra = 9, out;
    assert_false(mailbox_post(box, &extra));
    for (int i = 0; i < 3; i++) {
        assert_true(mailbox_poll(box, &out));
        assert_int_equal(out, i);
    }
    assert_false(mailbox_take(box, &out, 10));
    mailbox_close(box);
    assert_false(mailbox_post(box, &extra));
    mailbox_destroy(box);
}

#define POSTERS 4
#define EACH 20000

static void *poster(void *arg)
{
    struct mailbox *box = arg;
    for (int i = 1; i <= EACH; i++)
        while (!mailbox_post(box, &i))
            ;
    return NULL;
}

static void mailbox_loses_nothing_between_threads(void **state)
{
    (void)state;
    struct mailbox *box = mailbox_create(64, sizeof(int));
    pthread_t threads[POSTERS];
    for (int i = 0; i < POSTERS; i++)
        pthread_create(&threads[i], NULL, poster, box);
    int64_t sum = 0;
    for (int i = 0; i < POSTERS * EACH; i++) {
        int value;
        assert_true(mailbox_take(box, &value, 10000));
        sum += value;
    }
    for (int i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(sum == (int64_t)POSTERS * EACH * (EACH + 1) / 2);
    mailbox_destroy(box);
}

static void dates_survive_a_round_trip(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 60000; day += 7) {
        struct wall at = {day * US_PER_DAY + 3723 * US_PER_S};
        struct civil civil = civil_from_wall(at);
        assert_true(wall_from_civil(&civil).us == at.us);
        assert_int_equal(civil.weekday, (day + 3) % 7 + 1);
    }
    struct wall at;
    assert_true(wall_parse("2026-11-21T22:49:00.250Z", &at));
    char text[WALL_TEXT_SIZE];
    wall_format(at, text);
    assert_string_equal(text, "2026-11-21T22:49:00.250Z");
    assert_true(wall_parse("2026-11-21T23:49:00+01:00", &at));
    wall_format(at, text);
    assert_string_equal(text, "2026-11-21T22:49:00.000Z");
    assert_false(wall_parse("2026-04-31T00:00:00Z", &at));
    assert_false(wall_parse("2026-04-30T24:00:00Z", &at));
    assert_false(wall_parse("yesterday", &at));
}

static void buffer_stops_at_its_limit(void **state)
{
    (void)state;
    struct buffer buf;
    buffer_init(&buf, 10);
    buffer_text(&buf, "12345678");
    assert_false(buf.is_full);
    buffer_format(&buf, "%d", 12345);
    assert_true(buf.is_full);
    assert_string_equal(buf.data, "12345678");
    buffer_fini(&buf);
}

static void error_paths_grow_from_the_inside_out(void **state)
{
    (void)state;
    struct error err;
    enum status status = error_set(&err, STATUS_INVALID, "columnName", "required");
    assert_int_equal(status, STATUS_INVALID);
    error_prefix(&err, "phoneColumns[0]");
    assert_string_equal(err.path, "phoneColumns[0].columnName");
}

static void arena_gives_zeroed_memory_of_any_size(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t size = 1; size < 300000; size = size * 3 + 1) {
        unsigned char *bytes = arena_new(&arena, size, 1);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(bytes[i], 0);
            bytes[i] = 0xff;
        }
    }
    assert_string_equal(arena_format(&arena, "%d-%s", 7, "x"), "7-x");
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_keeps_every_key_through_removals),
        cmocka_unit_test(mailbox_refuses_when_full_and_keeps_order),
        cmocka_unit_test(mailbox_loses_nothing_between_threads),
        cmocka_unit_test(dates_survive_a_round_trip),
        cmocka_unit_test(buffer_stops_at_its_limit),
        cmocka_unit_test(error_paths_grow_from_the_inside_out),
        cmocka_unit_test(arena_gives_zeroed_memory_of_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
