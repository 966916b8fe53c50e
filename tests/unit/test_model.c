/* Values and their transitions. Zones and callable times against dates whose answers are known
 * from the calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "model/agent.h"
#include "model/consent.h"
#include "model/contact.h"
#include "model/outcome.h"
#include "model/time_set.h"

/* Europe/Paris around 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC. */
static const struct zone_change paris_changes[] = {
    {1774746000, 7200}, {1792890000, 3600}, {1806195600, 7200}};
static const struct zone zones[] = {
    {"America/Martinique", -14400, NULL, 0},
    {"Europe/Paris", 3600, paris_changes, 3},
};
static const struct zone_table table = {zones, 2};

static struct wall at(const char *text)
{
    struct wall wall;
    assert_true(wall_parse(text, &wall));
    return wall;
}

static void local_time_follows_the_offset_changes(void **state)
{
    (void)state;
    const struct zone *paris = zone_find(&table, "Europe/Paris");
    assert_non_null(paris);
    assert_null(zone_find(&table, "Europe/Pari"));
    assert_int_equal(zone_local(paris, at("2026-03-29T00:59:59Z")).hour, 1);
    assert_int_equal(zone_local(paris, at("2026-03-29T01:00:00Z")).hour, 3);
    assert_int_equal(zone_local(paris, at("2026-07-14T10:00:00Z")).hour, 12);
    struct civil noon = {.year = 2026, .month = 7, .day = 14, .hour = 12};
    assert_true(zone_utc(paris, &noon).us == at("2026-07-14T10:00:00Z").us);
    struct civil twice = {.year = 2026, .month = 10, .day = 25, .hour = 2, .minute = 30};
    assert_true(zone_utc(paris, &twice).us == at("2026-10-25T00:30:00Z").us);
}

static void a_closed_set_says_when_it_opens(void **state)
{
    (void)state;
    struct time_slot slots[] = {
        {1, 1, 36000, 46800}, {1, 1, 50400, 72000}, {1, 2, 36000, 46800}, {1, 5, 36000, 72000}};
    struct time_set set = {1, 4, slots};
    struct zone_set paris = {.count = 1, .zones = {1}};
    struct wall until;
    /* Monday 2026-11-23, Paris is UTC+1. */
    assert_int_equal(time_set_check(&set, &table, &paris, at("2026-11-23T09:00:00Z"), &until),
                     TIME_SET_OPEN);
    assert_int_equal(time_set_check(&set, &table, &paris, at("2026-11-23T12:00:00Z"), &until),
                     TIME_SET_CLOSED);
    assert_true(until.us == at("2026-11-23T13:00:00Z").us);
    assert_int_equal(time_set_check(&set, &table, &paris, at("2026-11-24T12:00:00Z"), &until),
                     TIME_SET_CLOSED);
    assert_true(until.us == at("2026-11-27T09:00:00Z").us);
}

static void every_zone_of_a_set_must_be_open(void **state)
{
    (void)state;
    struct time_slot slots[14];
    for (int8_t day = 1; day <= 7; day++) {
        slots[day - 1] = (struct time_slot){0, day, 36000, 72000};
        slots[day + 6] = (struct time_slot){1, day, 36000, 72000};
    }
    struct time_set set = {1, 14, slots};
    struct zone_set both = {.count = 2, .zones = {0, 1}};
    struct wall until;
    /* Paris opens 09:00 UTC, Martinique 14:00 UTC; Paris closes 19:00 UTC. */
    assert_int_equal(time_set_check(&set, &table, &both, at("2026-11-23T10:00:00Z"), &until),
                     TIME_SET_CLOSED);
    assert_true(until.us == at("2026-11-23T14:00:00Z").us);
    assert_int_equal(time_set_check(&set, &table, &both, at("2026-11-23T18:59:00Z"), &until),
                     TIME_SET_OPEN);
    assert_int_equal(time_set_check(&set, &table, &both, at("2026-11-23T19:00:00Z"), &until),
                     TIME_SET_CLOSED);
    assert_true(until.us == at("2026-11-24T14:00:00Z").us);
}

static void a_zone_outside_the_set_is_never_callable(void **state)
{
    (void)state;
    struct time_slot slot = {1, 1, 0, 86400};
    struct time_set set = {1, 1, &slot};
    struct zone_set martinique = {.count = 1, .zones = {0}};
    struct zone_set nowhere = {.count = 0};
    struct wall until;
    assert_int_equal(
        time_set_check(&set, &table, &martinique, at("2026-11-23T10:00:00Z"), &until),
        TIME_SET_ZONE_UNKNOWN);
    assert_int_equal(time_set_check(&set, &table, &nowhere, at("2026-11-23T10:00:00Z"), &until),
                     TIME_SET_ZONE_UNKNOWN);
    assert_int_equal(time_set_check(NULL, &table, &nowhere, at("2026-11-23T10:00:00Z"), &until),
                     TIME_SET_OPEN);
}

static void agents_cannot_skip_a_state(void **state)
{
    (void)state;
    assert_true(agent_state_may_follow(AGENT_RESERVED, AGENT_ON_CALL));
    assert_false(agent_state_may_follow(AGENT_LOGGED_OUT, AGENT_ON_CALL));
    assert_false(agent_state_may_follow(AGENT_ON_CALL, AGENT_READY));
}

static void outcome_names_are_a_round_trip(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_int_equal(outcome_from_name(outcome_name((enum outcome)i)), i);
}

static void a_consent_holds_from_when_it_was_given_until_it_ends(void **state)
{
    (void)state;
    const struct consent_fact facts[] = {{CONSENT_WITHDRAWN, {300}, {0}},
                                         {CONSENT_GIVEN, {100}, {200}},
                                         {CONSENT_GIVEN, {250}, {0}}};
    static const struct {
        int64_t at;
        enum consent_state state;
        size_t which;
    } expected[] = {{99, CONSENT_STATE_UNKNOWN, 3},   {100, CONSENT_STATE_GIVEN, 1},
                    {199, CONSENT_STATE_GIVEN, 1},    {200, CONSENT_STATE_EXPIRED, 1},
                    {250, CONSENT_STATE_GIVEN, 2},    {299, CONSENT_STATE_GIVEN, 2},
                    {300, CONSENT_STATE_WITHDRAWN, 0}};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        size_t which;
        assert_int_equal(consent_state_at(facts, 3, (struct wall){expected[i].at}, &which),
                         expected[i].state);
        assert_int_equal(which, expected[i].which);
    }
    const struct consent_fact same[] = {{CONSENT_GIVEN, {100}, {0}},
                                        {CONSENT_WITHDRAWN, {100}, {0}}};
    size_t which;
    assert_int_equal(consent_state_at(same, 2, (struct wall){100}, &which),
                     CONSENT_STATE_WITHDRAWN);
}

static void a_reset_contact_is_as_if_never_called(void **state)
{
    (void)state;
    struct contact contact = {.state = CONTACT_FAILED, .address_count = 3, .next_try = {5}};
    for (int i = 0; i < 3; i++)
        contact.addresses[i] = (struct address){.number = i + 1,
                                                .is_callable = i != 0,
                                                .attempts = 2,
                                                .recalls = {1},
                                                .state = ADDRESS_FAILED};
    contact.addresses[1].state = ADDRESS_BLOCKED; /* C23 outlives a reset */
    assert_true(contact_act_is_legal(&contact, CONTACT_RESET));
    contact_act_apply(&contact, CONTACT_RESET, (struct wall){9});
    assert_int_equal(contact.state, CONTACT_WAITING);
    assert_int_equal(contact.next_try.us, 0);
    assert_int_equal(contact.touched_at.us, 9);
    static const enum address_state states[] = {ADDRESS_WAITING, ADDRESS_BLOCKED,
                                                ADDRESS_SCHEDULED};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(contact.addresses[i].attempts, 0);
        assert_int_equal(contact.addresses[i].recalls[0], 0);
        assert_int_equal(contact.addresses[i].state, states[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_time_follows_the_offset_changes),
        cmocka_unit_test(a_closed_set_says_when_it_opens),
        cmocka_unit_test(every_zone_of_a_set_must_be_open),
        cmocka_unit_test(a_zone_outside_the_set_is_never_callable),
        cmocka_unit_test(agents_cannot_skip_a_state),
        cmocka_unit_test(outcome_names_are_a_round_trip),
        cmocka_unit_test(a_consent_holds_from_when_it_was_given_until_it_ends),
        cmocka_unit_test(a_reset_contact_is_as_if_never_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
