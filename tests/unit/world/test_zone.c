/* Zones: what we read from tzdata is what the C library reads from it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "world/zone_load.h"

static struct zone_table table;

static int load(void **state)
{
    (void)state;
    struct error err;
    if (zone_load(NULL, &table, &err) == STATUS_OK)
        return 0;
    print_error("%s %s\n", err.path, err.text);
    return 1;
}

static int unload(void **state)
{
    (void)state;
    zone_unload(&table);
    return 0;
}

/* Only for zones whose name is the TZ in force. */
static void assert_same(const struct zone *zone, int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm local;
    assert_non_null(localtime_r(&at, &local));
    int32_t ours = zone_offset_s(zone, (struct wall){at_s * US_PER_S});
    if (ours != local.tm_gmtoff)
        print_error("%s at %lld\n", zone->name, (long long)at_s);
    assert_int_equal(ours, local.tm_gmtoff);
}

/* Random instants from 1990 to 2099, and both sides of every change between 2020 and 2099. */
static void agrees_with_the_c_library_in_every_zone(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 20260101);
    int64_t from = civil_days(1990, 1, 1) * 86400, to = civil_days(2099, 1, 1) * 86400;
    int64_t recent = civil_days(2020, 1, 1) * 86400;
    for (size_t i = 0; i < table.count; i++) {
        const struct zone *zone = &table.zones[i];
        setenv("TZ", zone->name, 1);
        tzset();
        for (int n = 0; n < 300; n++)
            assert_same(zone, from + (int64_t)random_below(&random, (uint64_t)(to - from)));
        for (size_t n = 0; n < zone->change_count; n++) {
            int64_t at_s = zone->changes[n].at_s;
            if (at_s < recent || at_s >= to)
                continue;
            assert_same(zone, at_s - 1);
            assert_same(zone, at_s);
        }
    }
}

static void has_the_zones_that_people_name(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Paris", "America/Argentina/Buenos_Aires",
                                        "Indian/Reunion", "America/Guadeloupe", "UTC"};
    assert_true(table.count > 400);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_non_null(zone_find(&table, names[i]));
    assert_null(zone_find(&table, "posix/UTC"));
    assert_null(zone_find(&table, "zone.tab"));
}

/* The rule that libical cannot say: summer time suspended for Ramadan. */
static void knows_the_changes_that_follow_no_rule(void **state)
{
    (void)state;
    const struct zone *zone = zone_find(&table, "Africa/Casablanca");
    struct civil before = {2027, 2, 6, 12, 0, 0, 0, 0}, during = {2027, 2, 20, 12, 0, 0, 0, 0};
    assert_int_equal(zone_offset_s(zone, wall_from_civil(&before)), 3600);
    assert_int_equal(zone_offset_s(zone, wall_from_civil(&during)), 0);
}

static void refuses_malformed_files(void **state)
{
    (void)state;
    FILE *file = fopen(ZONE_FOLDER "/Europe/Paris", "rb");
    assert_non_null(file);
    static unsigned char bytes[8192], broken[8192];
    size_t len = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    struct zone zone;
    struct error err;
    /* Every shortened file, and a thousand with a byte changed: refused or read, never worse.
     */
    for (size_t cut = 0; cut < len; cut++) {
        memset(&zone, 0, sizeof(zone));
        assert_int_equal(zone_read(bytes, cut, &zone, &err), STATUS_INVALID);
    }
    struct random random;
    random_init(&random, 5);
    for (int i = 0; i < 20000; i++) {
        memset(&zone, 0, sizeof(zone));
        memcpy(broken, bytes, len);
        broken[random_below(&random, i % 2 ? len : 100)] = (unsigned char)random_next(&random);
        if (zone_read(broken, len, &zone, &err) == STATUS_OK)
            free((void *)(uintptr_t)zone.changes);
    }
}

static void says_what_is_missing(void **state)
{
    (void)state;
    struct zone_table none;
    struct error err;
    assert_int_equal(zone_load("/nonexistent", &none, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "install the package tzdata"));
    assert_int_equal(none.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_c_library_in_every_zone),
        cmocka_unit_test(has_the_zones_that_people_name),
        cmocka_unit_test(knows_the_changes_that_follow_no_rule),
        cmocka_unit_test(refuses_malformed_files),
        cmocka_unit_test(says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
