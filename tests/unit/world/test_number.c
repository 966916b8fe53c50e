/* Numbers: what is read, and that the memo answers as libphonenumber does. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>

#include "base/memory.h"
#include "base/random.h"
#include "world/number.h"
#include "world/number_zones.h"
#include "world/zone_load.h"

static struct number_reader *reader_of(const char *region)
{
    struct number_reader *reader;
    struct error err;
    assert_int_equal(number_reader_create(region, &reader, &err), STATUS_OK);
    return reader;
}

static void reads_what_people_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum number_verdict verdict;
        int64_t e164;
        enum number_type type;
        const char *region;
    } cases[] = {
        {"01 42 68 53 00", NUMBER_VALID, 33142685300, NUMBER_LANDLINE, "FR"},
        {"01.42.68.53.00", NUMBER_VALID, 33142685300, NUMBER_LANDLINE, "FR"},
        {"+33 (0)1 42 68 53 00", NUMBER_VALID, 33142685300, NUMBER_LANDLINE, "FR"},
        {"0033142685300", NUMBER_VALID, 33142685300, NUMBER_LANDLINE, "FR"},
        {"  06-12-34-56-78 ", NUMBER_VALID, 33612345678, NUMBER_MOBILE, "FR"},
        {"+1 212-555-2368", NUMBER_VALID, 12125552368, NUMBER_LANDLINE_OR_MOBILE, "US"},
        {"+44 20 7946 0018", NUMBER_VALID, 442079460018, NUMBER_LANDLINE, "GB"},
        {"0262 20 12 34", NUMBER_VALID, 262262201234, NUMBER_LANDLINE, "RE"},
        {"0590201234", NUMBER_VALID, 590590201234, NUMBER_LANDLINE, "GP"},
        {"0692201234", NUMBER_VALID, 262692201234, NUMBER_MOBILE, "RE"},
        {"0639201234", NUMBER_VALID, 262639201234, NUMBER_MOBILE, "YT"},
        {"0696201234", NUMBER_VALID, 596696201234, NUMBER_MOBILE, "MQ"},
        {"0694201234", NUMBER_VALID, 594694201234, NUMBER_MOBILE, "GF"},
        {"0800 123 456", NUMBER_VALID, 33800123456, NUMBER_TOLL_FREE, "FR"},
        {"0899 123 456", NUMBER_VALID, 33899123456, NUMBER_PREMIUM, "FR"},
        {"", NUMBER_EMPTY, 0, NUMBER_TYPE_UNKNOWN, ""},
        {" \t ", NUMBER_EMPTY, 0, NUMBER_TYPE_UNKNOWN, ""},
        {"inconnu", NUMBER_NOT_A_NUMBER, 0, NUMBER_TYPE_UNKNOWN, ""},
        {"+999 123 456 789", NUMBER_NOT_A_NUMBER, 0, NUMBER_TYPE_UNKNOWN, ""},
        {"0142685300 ext. 12", NUMBER_IMPOSSIBLE, 0, NUMBER_TYPE_UNKNOWN, ""},
        {"0000000000", NUMBER_IMPOSSIBLE, 0, NUMBER_TYPE_UNKNOWN, ""},
        {"01426853", NUMBER_IMPOSSIBLE, 0, NUMBER_TYPE_UNKNOWN, ""},
        {"014268530000", NUMBER_IMPOSSIBLE, 0, NUMBER_TYPE_UNKNOWN, ""},
        {"01426853001234567890123456789012345678901234567890123456789012345",
         NUMBER_NOT_A_NUMBER, 0, NUMBER_TYPE_UNKNOWN, ""},
    };
    struct number_reader *reader = reader_of("FR");
    for (int round = 0; round < 2; round++) { /* the second time from the memo */
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            struct number number;
            enum number_verdict verdict =
                number_read(reader, cases[i].text, strlen(cases[i].text), &number);
            if (verdict != cases[i].verdict || number.e164 != cases[i].e164)
                print_error("%s: %d %" PRId64 "\n", cases[i].text, verdict, number.e164);
            assert_int_equal(verdict, cases[i].verdict);
            assert_int_equal(number.e164, cases[i].e164);
            assert_int_equal(number.type, cases[i].type);
            assert_string_equal(number.region, cases[i].region);
        }
    }
    number_reader_destroy(reader);
}

static void refuses_an_unknown_region(void **state)
{
    (void)state;
    struct number_reader *reader;
    struct error err;
    assert_int_equal(number_reader_create("ZZ", &reader, &err), STATUS_INVALID);
    assert_string_equal(err.text, "\"ZZ\" is no region: two capital letters, as in FR");
    assert_null(reader);
    assert_int_equal(number_reader_create("fr", &reader, &err), STATUS_INVALID);
    assert_int_equal(number_reader_create("FRA", &reader, &err), STATUS_INVALID);
}

static void assert_same(struct number_reader *reader, const char *region, const char *text)
{
    struct number fast, slow;
    enum number_verdict verdict = number_read(reader, text, strlen(text), &fast);
    enum number_verdict truth = number_read_slow(region, text, strlen(text), &slow);
    if (verdict != truth || fast.e164 != slow.e164 || fast.type != slow.type ||
        strcmp(fast.region, slow.region) != 0)
        print_error("%s: memo %d %" PRId64 " %s %s, libphonenumber %d %" PRId64 " %s %s\n",
                    text, verdict, fast.e164, number_type_name(fast.type), fast.region, truth,
                    slow.e164, number_type_name(slow.type), slow.region);
    assert_int_equal(verdict, truth);
    assert_int_equal(fast.e164, slow.e164);
    assert_int_equal(fast.type, slow.type);
    assert_string_equal(fast.region, slow.region);
}

/* Two numbers that differ in their last four digits: the second is answered from the memo. */
static void the_memo_equals_libphonenumber(void **state)
{
    (void)state;
    static const char *const codes[] = {"+33", "0",    "+1",   "+39",  "+34",  "+32", "+41",
                                        "+31", "+262", "+590", "+594", "+596", "00"};
    const char *wanted = getenv("CADRAN_PAIRS"); /* the long run asks for more */
    int pairs = wanted ? atoi(wanted) : 30000;
    uint64_t seed = wanted ? (uint64_t)instant_wall_now().us : 4711;
    print_message("seed %" PRIu64 "\n", seed);
    struct random random;
    random_init(&random, seed);
    struct number_reader *reader = reader_of("FR");
    for (int i = 0; i < pairs; i++) {
        const char *code = codes[random_below(&random, ARRAY_LEN(codes))];
        bool is_national = strcmp(code, "0") == 0;
        int len = is_national ? 9 : 7 + (int)random_below(&random, 5);
        if (strcmp(code, "00") == 0)
            code = "0033";
        char text[32];
        int at = snprintf(text, sizeof(text), "%s", code);
        for (int n = 0; n < len; n++)
            text[at++] = (char)('0' + random_below(&random, 10));
        text[at] = '\0';
        assert_same(reader, "FR", text);
        for (int n = 1; n <= 4; n++)
            text[at - n] = (char)('0' + random_below(&random, 10));
        assert_same(reader, "FR", text);
    }
    number_reader_destroy(reader);
}

static void another_region_reads_its_own_national_form(void **state)
{
    (void)state;
    struct number_reader *reader = reader_of("BE");
    assert_same(reader, "BE", "02 555 12 12");
    assert_same(reader, "BE", "02 555 12 13");
    assert_same(reader, "BE", "0142685300");
    assert_same(reader, "BE", "0032 2 555 12 12");
    struct number number;
    assert_int_equal(number_read(reader, "02 555 12 12", 12, &number), NUMBER_VALID);
    assert_int_equal(number.e164, 3225551212);
    number_reader_destroy(reader);
}

static void a_number_lies_in_the_zones_of_its_prefix(void **state)
{
    (void)state;
    static const struct {
        int64_t e164;
        int32_t count;
        const char *first;
    } cases[] = {
        {33142685300, 1, "Europe/Paris"},
        {262262201234, 1, "Indian/Reunion"},
        {590590201234, 1, "America/Guadeloupe"},
        {12125552368, 1, "America/New_York"},
        {18005550199, 42, "America/Adak"},
        {61255501234, 1, "Australia/Sydney"},
        {99999999999, 0, ""},
        {0, 0, ""},
    };
    struct zone_table table;
    struct error err;
    assert_int_equal(zone_load(NULL, &table, &err), STATUS_OK);
    struct number_zone_map *map = number_zone_map_create(&table);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int index = number_zones_find(map, cases[i].e164);
        assert_int_equal(index >= 0, cases[i].count > 0);
        if (index < 0)
            continue;
        const struct zone_set *set = number_zone_map_set(map, index);
        assert_int_equal(set->count, cases[i].count);
        assert_string_equal(table.zones[set->zones[0]].name, cases[i].first);
        for (int32_t n = 1; n < set->count; n++)
            assert_true(set->zones[n] > set->zones[n - 1]);
    }
    /* Every set of the table is whole on this system. */
    for (size_t i = 0; i < number_zone_map_count(map); i++)
        assert_true(number_zone_map_set(map, (int)i)->count > 0);
    number_zone_map_destroy(map);
    zone_unload(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(refuses_an_unknown_region),
        cmocka_unit_test(the_memo_equals_libphonenumber),
        cmocka_unit_test(another_region_reads_its_own_national_form),
        cmocka_unit_test(a_number_lies_in_the_zones_of_its_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
