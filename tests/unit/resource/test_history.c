/* What a contact was at an instant, from its history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resource/history.h"

static const char before[] =
    "{\"data\":[\"Jean\"],\"callable\":true,\"priority\":7,\"agent\":12,"
    "\"nextTry\":5000,\"topPriority\":true}";
static const struct contact_event events[] = {
    {.kind = CONTACT_EVENT_CREATED, .at = {100}, .state = CONTACT_STATE_COUNT},
    {.kind = CONTACT_EVENT_ACTED, .at = {200}, .act = CONTACT_PAUSE, .state = CONTACT_PAUSED},
    {.kind = CONTACT_EVENT_CHANGED, .at = {300}, .state = CONTACT_PAUSED, .before = before},
    {.kind = CONTACT_EVENT_DELETED,
     .at = {400},
     .state = CONTACT_DELETED,
     .before = "{\"data\":[\"Jeanne\"],\"callable\":false,\"priority\":0}"},
};

static void check_name(const struct contact_moment *moment, const char *name)
{
    if (name)
        assert_string_equal(json_string_value(json_array_get(moment->data, 0)), name);
    else
        assert_null(moment->data);
    json_decref(moment->data);
}

static void a_change_says_what_was_before_it(void **state)
{
    (void)state;
    struct contact_record now = {.data = "[\"Jeanne\"]", .hot = {.is_callable = true}};
    struct contact_moment moment;
    contact_moment_at(events, 3, &now, (struct wall){99}, &moment);
    assert_false(moment.is_there);
    check_name(&moment, NULL);
    contact_moment_at(events, 3, &now, (struct wall){199}, &moment);
    assert_true(moment.is_there);
    assert_int_equal(moment.state, CONTACT_WAITING);
    assert_int_equal(moment.priority, 7);
    assert_int_equal(moment.preferred_agent.value, 12);
    assert_int_equal(moment.next_try.us, 5000);
    assert_true(moment.is_top_priority);
    check_name(&moment, "Jean");
    contact_moment_at(events, 3, &now, (struct wall){200}, &moment);
    assert_int_equal(moment.state, CONTACT_PAUSED);
    check_name(&moment, "Jean");
    contact_moment_at(events, 3, &now, (struct wall){300}, &moment);
    assert_int_equal(moment.priority, 0);
    check_name(&moment, "Jeanne");
}

static void a_contact_that_is_gone_was_there_before(void **state)
{
    (void)state;
    struct contact_moment moment;
    contact_moment_at(events, 4, NULL, (struct wall){399}, &moment);
    assert_true(moment.is_there);
    assert_false(moment.is_callable);
    check_name(&moment, "Jeanne");
    contact_moment_at(events, 4, NULL, (struct wall){400}, &moment);
    assert_false(moment.is_there);
    check_name(&moment, NULL);
    /* Its creation is told no more once it is removed. */
    contact_moment_at(&events[1], 3, NULL, (struct wall){150}, &moment);
    assert_true(moment.is_there);
    check_name(&moment, "Jean");
}

static void an_erased_contact_has_a_state_and_no_data(void **state)
{
    (void)state;
    const struct contact_event erased[] = {
        {.kind = CONTACT_EVENT_CHANGED, .at = {300}, .state = CONTACT_PAUSED},
        {.kind = CONTACT_EVENT_DELETED, .at = {400}, .state = CONTACT_DELETED}};
    struct contact_moment moment;
    contact_moment_at(erased, 2, NULL, (struct wall){350}, &moment);
    assert_true(moment.is_there);
    assert_int_equal(moment.state, CONTACT_PAUSED);
    check_name(&moment, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_says_what_was_before_it),
        cmocka_unit_test(a_contact_that_is_gone_was_there_before),
        cmocka_unit_test(an_erased_contact_has_a_state_and_no_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
