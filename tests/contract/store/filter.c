/* Filters of campaigns: who is queued, who is marked when claimed, and when an intent is stale.
 */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "suite.h"

static bool set_filter(struct fixture *f, const char *text)
{
    bool has_changed;
    OK(OPS->campaign_filter_set(SELF, CAMPAIGN, text, &has_changed, &f->err));
    return has_changed;
}

/* Contact i of 1..count is "a" where i is odd, else "b". */
static void add_ab(struct fixture *f, int count)
{
    for (int i = 1; i <= count; i++) {
        struct contact_write write = contact_of(i, 1);
        write.data = i % 2 ? "[\"\",\"A\"]" : "[\"\",\"b\"]";
        OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                               &f->err));
    }
}

/* The sequences that a claim gives; in brackets those that are outside of the filter. */
static const char *claimed_now(struct fixture *f, int64_t pass)
{
    struct buffer out;
    struct claimed claimed = claim_some(f, pass, 1, NOW, 100);
    buffer_init(&out, 4096);
    for (int32_t i = 0; i < claimed.count; i++) {
        const struct candidate *candidate = &claimed.candidates[i];
        buffer_format(&out, candidate->is_outside_filter ? "%s(%d)" : "%s%d", i ? " " : "",
                      (int)(uint32_t)candidate->contact.id.value);
    }
    const char *text = arena_text(&f->arena, out.data ? out.data : "", out.len);
    buffer_fini(&out);
    return text;
}

static void queues_only_whom_the_filter_means(void **state)
{
    struct fixture *f = *state;
    add_ab(f, 8);
    assert_true(set_filter(f, "#1 = \"a\""));
    assert_false(set_filter(f, "#1 = \"a\""));
    int64_t pass = start_campaign(f);
    assert_string_equal(claimed_now(f, pass), "1 3 5 7");
    /* Another campaign over the same list is not held by it. */
    struct queue_order order = {
        .campaign = {8}, .list = LIST, .pass = pass + 1, .column_count = 1, .columns = {0}};
    struct queue_build build = {0};
    while (!build.is_done)
        OK(OPS->queue_build(SELF, &order, &build, &f->err));
    assert_int_equal(build.queued, 8);
}

static void relative_dates_count_from_the_builds_now(void **state)
{
    struct fixture *f = *state;
    add_ab(f, 2);
    set_filter(f, "LastUpdate AFTER \"PT-01M\"");
    struct queue_order order = {.campaign = CAMPAIGN,
                                .list = LIST,
                                .pass = 1,
                                .column_count = 1,
                                .columns = {0},
                                .now = {NOW.us + 2 * MINUTE}};
    struct queue_build build = {0};
    while (!build.is_done)
        OK(OPS->queue_build(SELF, &order, &build, &f->err));
    assert_int_equal(build.queued, 0);
    order.pass = 2;
    order.now = NOW;
    build = (struct queue_build){0};
    while (!build.is_done)
        OK(OPS->queue_build(SELF, &order, &build, &f->err));
    assert_int_equal(build.queued, 2);
}

static void marks_whom_the_filter_means_no_longer(void **state)
{
    struct fixture *f = *state;
    add_ab(f, 4);
    int64_t pass = start_campaign(f);
    assert_string_equal(claimed_now(f, pass), "1 2 3 4");
    set_filter(f, "#1 = \"a\"");
    assert_string_equal(claimed_now(f, pass), "1 (2) 3 (4)");
    struct contact_write write = contact_of(1, 1);
    write.data = "[\"\",\"c\"]";
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &write, NOW, &f->err));
    assert_string_equal(claimed_now(f, pass), "(1) (2) 3 (4)");
    struct claim claim = {.campaign = CAMPAIGN, .list = LIST, .pass = pass, .now = NOW};
    struct candidate candidate;
    OK(OPS->candidate_load(SELF, &claim, contact_id_of(2), &candidate, &f->err));
    assert_true(candidate.is_outside_filter);
    OK(OPS->candidate_load(SELF, &claim, contact_id_of(3), &candidate, &f->err));
    assert_false(candidate.is_outside_filter);
    set_filter(f, "");
    assert_string_equal(claimed_now(f, pass), "1 2 3 4");
}

static void an_edit_takes_a_contact_into_the_queue(void **state)
{
    struct fixture *f = *state;
    add_ab(f, 4);
    set_filter(f, "#1 = \"a\"");
    int64_t pass = start_campaign(f);
    assert_string_equal(claimed_now(f, pass), "1 3");
    struct contact_write write = contact_of(4, 1);
    write.data = "[\"\",\"a\"]";
    OK(OPS->contact_update(SELF, contact_id_of(4), 1, &write, NOW, &f->err));
    assert_string_equal(claimed_now(f, pass), "1 3 4");
    write = contact_of(2, 1);
    write.data = "[\"\",\"z\"]";
    OK(OPS->contact_update(SELF, contact_id_of(2), 1, &write, NOW, &f->err));
    assert_string_equal(claimed_now(f, pass), "1 3 4");
}

/* Contact i of 1..4: preferred agent i, in the column and the zones of an odd or even one. */
static struct contact_write write_of(struct fixture *f, int i,
                                     struct contact_attributes *attributes)
{
    static struct zone zones[] = {{.name = "America/Cayenne"}, {.name = "Europe/Paris"}};
    const struct zone_table table = {zones, ARRAY_LEN(zones)};
    struct zone_set paris = {.count = 1, .zones = {1}}, both = {.count = 2, .zones = {0, 1}};
    OK(OPS->zone_set_intern(SELF, &table, &paris, &f->err));
    OK(OPS->zone_set_intern(SELF, &table, &both, &f->err));
    *attributes = (struct contact_attributes){.preferred_agent = {i}};
    struct contact_write write = contact_of(i, 0);
    write.addresses[0].column = (int16_t)(i % 2);
    write.addresses[0].zone_set = i % 2 ? both.id : paris.id;
    write.attributes = attributes;
    return write;
}

static void add_four(struct fixture *f)
{
    for (int i = 1; i <= 4; i++) {
        struct contact_attributes attributes;
        struct contact_write write = write_of(f, i, &attributes);
        OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                               &f->err));
    }
}

/* How many a new queue has under the filter. */
static int64_t queued_under(struct fixture *f, const char *text, int64_t pass)
{
    set_filter(f, text);
    struct queue_order order = {.campaign = CAMPAIGN,
                                .list = LIST,
                                .pass = pass,
                                .column_count = 2,
                                .columns = {0, 1},
                                .now = NOW};
    struct queue_build build = {0};
    while (!build.is_done)
        OK(OPS->queue_build(SELF, &order, &build, &f->err));
    return build.queued;
}

static void queues_by_agent_zone_type_and_disposition(void **state)
{
    struct fixture *f = *state;
    add_four(f);
    assert_int_equal(queued_under(f, "Agent IN (\"#2\", \"#3\", \"#9\")", 1), 2);
    assert_int_equal(queued_under(f, "Agent = \"\"", 2), 0);
    assert_int_equal(queued_under(f, "TimeZone = \"America/Cayenne\"", 3), 2);
    assert_int_equal(queued_under(f, "TimeZone = \"Europe/Paris\"", 4), 4);
    assert_int_equal(queued_under(f, "AddressType = \"#1#7\"", 5), 2);
    assert_int_equal(queued_under(f, "AddressType = \"#\"", 6), 0);
    assert_int_equal(queued_under(f, "Disposition = \"\" AND NOT Disposition = \"#5\"", 7), 4);
}

/* A changed agent, zone or column of an address takes a contact in, and out. */
static void an_edit_of_agent_or_zone_is_seen(void **state)
{
    static const struct {
        const char *text;
        int64_t agent;
        int like; /* whose column and zones it gets */
    } edits[] = {
        {"Agent = \"#9\"", 9, 2},
        {"TimeZone BEGINS WITH \"America/\" AND Agent = \"#2\"", 2, 1},
        {"AddressType = \"#1\" AND Agent = \"#2\"", 2, 1},
    };
    struct fixture *f = *state;
    int32_t version = 1;
    add_four(f);
    for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
        struct contact_attributes attributes;
        struct contact_write write = write_of(f, 2, &attributes);
        assert_int_equal(queued_under(f, edits[i].text, (int64_t)i + 1), 0);
        struct claim claim = {
            .campaign = CAMPAIGN, .list = LIST, .pass = (int64_t)i + 1, .now = NOW};
        struct candidate candidate;
        OK(OPS->candidate_load(SELF, &claim, contact_id_of(2), &candidate, &f->err));
        assert_true(candidate.is_outside_filter);
        struct contact_write other = write_of(f, edits[i].like, &attributes);
        attributes.preferred_agent.value = edits[i].agent;
        other.addresses[0].number = write.addresses[0].number;
        OK(OPS->contact_update(SELF, contact_id_of(2), version++, &other, NOW, &f->err));
        struct queue_lane lanes[QUEUE_LANE_MAX];
        size_t count = 0;
        OK(OPS->queue_lanes(SELF, CAMPAIGN, lanes, &count, &f->err));
        assert_int_equal(count, 1);
        assert_int_equal(lanes[0].queued, 1);
        OK(OPS->candidate_load(SELF, &claim, contact_id_of(2), &candidate, &f->err));
        assert_false(candidate.is_outside_filter);
        write = write_of(f, 2, &attributes);
        OK(OPS->contact_update(SELF, contact_id_of(2), version++, &write, NOW, &f->err));
        OK(OPS->candidate_load(SELF, &claim, contact_id_of(2), &candidate, &f->err));
        assert_true(candidate.is_outside_filter);
    }
}

/* The agent's code is seen when the contact is claimed to be called again. */
static void a_disposition_takes_a_contact_out(void **state)
{
    struct fixture *f = *state;
    add_ab(f, 2);
    set_filter(f, "Disposition = \"\"");
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write write = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &write), WRITE_COMMITTED);
    write = end_for(&write, &claimed.candidates[0].contact, OUTCOME_PERSON, CONTACT_WAITING);
    write.due_class = DUE_RECALL;
    write.due_at = NOW;
    assert_int_equal(commit_one(f, &write), WRITE_COMMITTED);
    assert_string_equal(claimed_now(f, pass), "1 2");
    write.kind = DIALER_WRAPUP;
    write.wrapup.value = 44;
    assert_int_equal(commit_one(f, &write), WRITE_COMMITTED);
    assert_string_equal(claimed_now(f, pass), "(1) 2");
    set_filter(f, "Disposition IN (\"#44\", \"\")");
    assert_string_equal(claimed_now(f, pass), "1 2");
}

static void another_filter_brings_those_it_means_now(void **state)
{
    struct fixture *f = *state;
    add_ab(f, 6);
    set_filter(f, "#1 = \"a\"");
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    assert_string_equal(claimed_now(f, pass), "3 5");
    set_filter(f, "#1 = \"b\" OR #1 = \"a\"");
    build_queue(f, pass);
    /* Each once; the one that is being called is not called again. */
    assert_string_equal(claimed_now(f, pass), "2 4 3 5 6");
    build_queue(f, pass);
    assert_string_equal(claimed_now(f, pass), "2 4 3 5 6");
}

static void an_intent_under_another_filter_is_stale(void **state)
{
    struct fixture *f = *state;
    add_ab(f, 3);
    set_filter(f, "#1 = \"a\"");
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 2);
    assert_true(claimed.candidates[0].filter_stamp != 0);
    struct dialer_write first = intent_for(f, pass, &claimed.candidates[0], 1);
    struct dialer_write second = intent_for(f, pass, &claimed.candidates[1], 1);
    assert_int_equal(commit_one(f, &first), WRITE_COMMITTED);
    set_filter(f, "#1 = \"b\"");
    assert_int_equal(commit_one(f, &second), WRITE_STALE);
    assert_string_equal(claimed_now(f, pass), "(3)"); /* at the top, and outside */
}

static void refuses_a_text_that_is_no_filter(void **state)
{
    struct fixture *f = *state;
    bool has_changed;
    assert_int_equal(
        OPS->campaign_filter_set(SELF, CAMPAIGN, "City = \"x\"", &has_changed, &f->err),
        STATUS_INVALID);
    assert_int_equal(OPS->campaign_filter_set(SELF, CAMPAIGN, "#50 = 1", &has_changed, &f->err),
                     STATUS_INVALID);
}

const struct CMUnitTest campaign_filter_tests[] = {
    TEST(queues_only_whom_the_filter_means),
    TEST(relative_dates_count_from_the_builds_now),
    TEST(marks_whom_the_filter_means_no_longer),
    TEST(an_edit_takes_a_contact_into_the_queue),
    TEST(queues_by_agent_zone_type_and_disposition),
    TEST(an_edit_of_agent_or_zone_is_seen),
    TEST(a_disposition_takes_a_contact_out),
    TEST(another_filter_brings_those_it_means_now),
    TEST(an_intent_under_another_filter_is_stale),
    TEST(refuses_a_text_that_is_no_filter),
};
const size_t campaign_filter_test_count = ARRAY_LEN(campaign_filter_tests);
