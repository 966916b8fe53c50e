/* Ranks, names, zone names, text: the parts that every back end shares. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "store/import/text.h"
#include "store/name.h"
#include "store/queue.h"
#include "store/zone_names.h"

static void ranks_order_as_priority_then_sequence(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 99);
    for (int i = 0; i < 200000; i++) {
        int32_t pa = (int32_t)random_below(&random, 65536) - 32768;
        int32_t pb = i % 3 ? (int32_t)random_below(&random, 65536) - 32768 : pa;
        int64_t list = INT64_C(7) << 32;
        struct contact_id a = {list | (int64_t)(1 + random_below(&random, UINT32_MAX))};
        struct contact_id b = {list | (int64_t)(1 + random_below(&random, UINT32_MAX))};
        struct queue_position left, right;
        queue_rank(a, pa, &left);
        queue_rank(b, pb, &right);
        int wanted = pa != pb ? (pa > pb ? -1 : 1) : (a.value > b.value) - (a.value < b.value);
        int order = queue_compare(&left, &right);
        assert_int_equal((order > 0) - (order < 0), wanted);
        /* As a database compares the bytes. */
        int bytes = memcmp(left.rank, right.rank, (size_t)left.rank_len);
        assert_int_equal((bytes > 0) - (bytes < 0), wanted);
    }
}

static void names_fold_to_one_form(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"ÀÉÎÕÜÇ×Ø", "àéîõüç×ø"}, {"ŒUVRE Ÿ Ž", "œuvre ÿ ž"},
        {"ĀĲŁŇŊ", "āĳłňŋ"},       {"ΑΒΓΣΩ", "αβγσω"},
        {"ЁЖЯЏ", "ёжяџ"},         {"İ ß 東京 \xC3", "İ ß 東京 \xC3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        char *folded = name_fold(pairs[i][0]), *again = name_fold(pairs[i][1]);
        assert_string_equal(folded, pairs[i][1]);
        assert_string_equal(again, pairs[i][1]);
        free(folded);
        free(again);
    }
}

static void a_zone_that_is_gone_empties_its_set(void **state)
{
    (void)state;
    struct zone zones[] = {{.name = "A/B"}, {.name = "C/D"}};
    struct zone_table table = {zones, 2};
    struct zone_set set = {0};
    zone_names_split(&table, "A/B\nC/D", &set);
    assert_int_equal(set.count, 2);
    char names[ZONE_NAMES_SIZE];
    zone_names_join(&table, &set, names);
    assert_string_equal(names, "A/B\nC/D");
    zone_names_split(&table, "A/B\nX/Y", &set);
    assert_int_equal(set.count, 0);
}

static void knows_utf8_from_what_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len, size;
    } cases[] = {
        {"a", 1, 1},
        {"\xC3\xA9", 2, 2},
        {"\xE2\x82\xAC", 3, 3},
        {"\xF0\x9F\x98\x80", 4, 4},
        {"\xC3", 1, 0},
        {"\x80", 1, 0},
        {"\xC0\x80", 2, 0},
        {"\xE0\x80\x80", 3, 0},
        {"\xED\xA0\x80", 3, 0},
        {"\xF4\x90\x80\x80", 4, 0},
        {"\xFF", 1, 0},
        {"\xC3(", 2, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(text_sequence(cases[i].text, cases[i].len), cases[i].size);
}

/* A survey says the same however the file falls into blocks. */
static void surveys_across_the_edges_of_blocks(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z\xFFq\xC3\xC3\xA9";
    size_t len = sizeof(text) - 1;
    struct text_survey whole = {0};
    text_survey(&whole, text, len);
    assert_int_equal(whole.sequences, 4);
    assert_int_equal(whole.faults, 2);
    for (size_t step = 4; step < len; step++) {
        struct text_survey parts = {0};
        for (size_t at = 0; at < len; at += step)
            text_survey(&parts, text + at, len - at < step ? len - at : step);
        assert_int_equal(parts.sequences, whole.sequences);
        assert_int_equal(parts.size, whole.size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_order_as_priority_then_sequence),
        cmocka_unit_test(names_fold_to_one_form),
        cmocka_unit_test(a_zone_that_is_gone_empties_its_set),
        cmocka_unit_test(knows_utf8_from_what_is_not),
        cmocka_unit_test(surveys_across_the_edges_of_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
