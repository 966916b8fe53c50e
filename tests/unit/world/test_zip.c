/* ZIP codes and their time zones: a few that are known for being on a border. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/status.h"
#include "world/zip_zones.h"
#include "world/zone_load.h"

static const char *zone_of(const char *text)
{
    int index = zip_zone_find(text, strlen(text));
    return index < 0 ? "" : zip_zone_name(index);
}

static void knows_the_zone_of_a_code(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"10001", "America/New_York"},     {"90210", "America/Los_Angeles"},
        {"60601", "America/Chicago"},      {"80202", "America/Denver"},
        {"85001", "America/Phoenix"},      {"99501", "America/Anchorage"},
        {"96813", "Pacific/Honolulu"},     {"46204", "America/Indiana/Indianapolis"},
        {"46534", "America/Indiana/Knox"}, {"83702", "America/Boise"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(zone_of(cases[i][0]), cases[i][1]);
}

static void reads_what_people_write(void **state)
{
    (void)state;
    assert_string_equal(zone_of(" 02134-1234 "), "America/New_York");
    assert_string_equal(zone_of("2134"), "America/New_York"); /* a spreadsheet's */
    assert_string_equal(zone_of("501"), "America/New_York");
    static const char *const none[] = {"",       "1",     "12",          "00000",    "99999",
                                       "100011", "1000A", "10001-",      "10001-12", "75 001",
                                       "-10001", "F-75",  "10001-12345", "SW1A 1AA"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_string_equal(zone_of(none[i]), "");
    assert_int_equal(zip_zone_find("10001", 4),
                     zip_zone_find("1000", 4)); /* the length counts */
}

static void the_system_has_every_zone_of_the_table(void **state)
{
    (void)state;
    struct zone_table zones;
    struct error err;
    assert_int_equal(zone_load(NULL, &zones, &err), STATUS_OK);
    assert_in_range(zip_zone_name_count, 10, ZIP_ZONE_NAMES_MAX);
    for (size_t i = 0; i < zip_zone_name_count; i++) {
        struct zone_set set = {.count = 0};
        zip_zone_add(&zones, (int)i, &set);
        assert_int_equal(set.count, 1);
        assert_string_equal(zones.zones[set.zones[0]].name, zip_zone_name((int)i));
        zip_zone_add(&zones, (int)i, &set); /* one zone is there once */
        assert_int_equal(set.count, 1);
    }
    for (size_t i = 1; i < zip_run_count; i++)
        assert_true(zip_runs[i - 1].first < zip_runs[i].first);
    assert_int_equal(zip_runs[0].first, 0);
    zone_unload(&zones);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_zone_of_a_code),
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(the_system_has_every_zone_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
