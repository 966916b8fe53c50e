/* The dial queue: who is in it, in which order, from where. */
#include "suite.h"

static void claims_by_priority_then_by_sequence(void **state)
{
    struct fixture *f = *state;
    static const int32_t priorities[] = {0, -3, 7, 0, 7, -32768, 32767};
    static const int expected[] = {7, 3, 5, 1, 4, 2, 6};
    for (int i = 0; i < 7; i++) {
        struct contact_write write = contact_of(i + 1, 1);
        write.priority = priorities[i];
        OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                               &f->err));
    }
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 10);
    assert_int_equal(claimed.count, 7);
    assert_true(claimed.is_drained);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(claimed.candidates[i].contact.id.value,
                         contact_id_of(expected[i]).value);
        assert_int_equal(claimed.candidates[i].from, DUE_FRESH);
    }
}

static void reads_on_from_a_position_and_says_when_it_is_drained(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2500);
    int64_t pass = start_campaign(f);
    struct claim claim = {.campaign = CAMPAIGN,
                          .list = LIST,
                          .pass = pass,
                          .zone_set = {1},
                          .after = {.rank_len = -1},
                          .now = NOW,
                          .fresh_limit = 999,
                          .due_limit = 10};
    int seen = 0;
    bool is_drained = false;
    while (!is_drained) {
        struct claimed claimed;
        OK(OPS->claim(SELF, &claim, 1, &f->arena, &claimed, &f->err));
        for (int32_t i = 0; i < claimed.count; i++)
            assert_int_equal(claimed.candidates[i].contact.id.value,
                             contact_id_of(++seen).value);
        if (claimed.count)
            claim.after = claimed.candidates[claimed.count - 1].position;
        is_drained = claimed.is_drained;
    }
    assert_int_equal(seen, 2500);
}

static void puts_a_contact_into_each_zone_of_its_addresses_and_dials_it_once(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.address_count = 3;
    write.addresses[1] =
        (struct contact_address){.column = 1, .number = number_of(2), .zone_set = {2}};
    write.addresses[2] = (struct contact_address){
        .column = 7, .number = number_of(3), .zone_set = {4}}; /* not dialed */
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
    struct contact_write none = contact_of(0, 0);
    none.addresses[0].number = 0;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &none, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    static struct queue_lane lanes[QUEUE_LANE_MAX];
    size_t count;
    OK(OPS->queue_lanes(SELF, CAMPAIGN, lanes, &count, &f->err));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lanes[i].zone_set.value, (int)i);
        assert_int_equal(lanes[i].queued, 1);
    }
    struct claimed claimed = claim_some(f, pass, 0, NOW, 5);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(2).value);
    claimed = claim_some(f, pass, 2, NOW, 5);
    assert_int_equal(claimed.count, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 2);
    intent.number = number_of(2);
    intent.column = 1;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_WAITING);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    assert_int_equal(claim_some(f, pass, 1, NOW, 5).count, 0);
    assert_int_equal(claim_some(f, pass, 2, NOW, 5).count, 0);
}

static void takes_up_contacts_that_are_added_while_it_runs(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 5);
    struct dialer_write skip = write_for(f, DIALER_SKIP, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &skip), WRITE_COMMITTED);
    struct contact_write normal = contact_of(4, 1), first = contact_of(5, 1);
    first.priority = 10;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &normal, 1, NOW, NULL,
                           &f->err));
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &first, 1, NOW, NULL,
                           &f->err));
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 2);
    build_queue(f, pass);
    build_queue(f, pass); /* again: nothing twice */
    claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 4);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(5).value);
    assert_int_equal(claimed.candidates[0].from, DUE_PRIORITY);
    assert_int_equal(claimed.candidates[3].contact.id.value, contact_id_of(4).value);
    assert_int_equal(claimed.candidates[3].from, DUE_FRESH);
}

/* Whoever reads ahead must not miss it: it does not go in front of rows that may be read. */
static void offers_a_late_contact_of_high_rank_as_due(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    struct contact_write first = contact_of(4, 1);
    first.priority = 1;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &first, 1, NOW, NULL,
                           &f->err));
    build_queue(f, pass);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 4);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(4).value);
    assert_int_equal(claimed.candidates[0].from, DUE_PRIORITY);
}

static void leaves_the_old_place_of_an_edited_contact(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    struct contact_write later = contact_of(1, 1);
    later.priority = -1;
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &later, NOW, &f->err));
    struct claimed claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 3);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(2).value);
    assert_int_equal(claimed.candidates[2].contact.id.value, contact_id_of(1).value);
}

static void moves_a_contact_whose_zone_was_edited(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    int64_t pass = start_campaign(f);
    struct contact_write moved = contact_of(1, 9);
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &moved, NOW, &f->err));
    struct claimed claimed = claim_some(f, pass, 1, NOW, 5);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(2).value);
    claimed = claim_some(f, pass, 9, NOW, 5);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(1).value);
}

static void calls_everybody_again_in_a_new_pass(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 3);
    for (int i = 0; i < 3; i++) {
        struct dialer_write intent = intent_for(f, pass, &claimed.candidates[i], 1);
        assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
        struct dialer_write end = end_for(&intent, &claimed.candidates[i].contact, OUTCOME_BUSY,
                                          i ? CONTACT_DONE : CONTACT_WAITING);
        if (i == 0) {
            end.due_class = DUE_RECALL;
            end.due_at = NOW;
        }
        assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    }
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 1);
    int64_t again;
    OK(OPS->pass_draw(SELF, &again, &f->err));
    assert_true(again > pass);
    build_queue(f, again);
    claimed = claim_some(f, again, 1, NOW, 9);
    assert_int_equal(claimed.count, 3); /* the recall of the old pass is gone */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(claimed.candidates[i].from, DUE_FRESH);
        assert_int_equal(claimed.candidates[i].contact.addresses[0].attempts, 0);
        assert_int_equal(claimed.candidates[i].contact.addresses[0].last_outcome, OUTCOME_BUSY);
    }
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
}

static void keeps_callbacks_through_a_new_pass(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_PERSON, CONTACT_WAITING);
    end.due_class = DUE_CALLBACK;
    end.due_at = (struct wall){NOW.us + MINUTE};
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    int64_t again;
    OK(OPS->pass_draw(SELF, &again, &f->err));
    build_queue(f, again);
    claimed = claim_some(f, again, 1, end.due_at, 9);
    assert_int_equal(claimed.count, 2);
    assert_int_equal(claimed.candidates[0].from, DUE_CALLBACK);
    assert_int_equal(claimed.candidates[1].from, DUE_FRESH);
}

static void offers_due_classes_before_fresh_rows_in_their_order(void **state)
{
    struct fixture *f = *state;
    static const enum due_class classes[] = {DUE_PRIORITY,     DUE_TOP,
                                             DUE_RECALL,       DUE_CALLBACK,
                                             DUE_CALLBACK_TOP, DUE_CALLBACK_PERSONAL};
    add_contacts(f, 8);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 8);
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        struct dialer_write defer = write_for(f, DIALER_DEFER, pass, &claimed.candidates[i], 1);
        defer.due_class = classes[i];
        defer.due_at = (struct wall){NOW.us - (int64_t)i};
        assert_int_equal(commit_one(f, &defer), WRITE_COMMITTED);
    }
    claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 8);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(claimed.candidates[i].from, classes[5 - i]);
        assert_int_equal(claimed.candidates[i].due_at.us, NOW.us - (5 - i));
    }
    assert_int_equal(claimed.candidates[6].contact.id.value, contact_id_of(7).value);
}

static void shows_a_due_row_only_from_its_time_on(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 2);
    struct wall at;
    OK(OPS->due_next(SELF, CAMPAIGN, NOW, &at, &f->err));
    assert_true(at.us == INT64_MAX);
    for (int i = 0; i < 2; i++) {
        struct dialer_write defer = write_for(f, DIALER_DEFER, pass, &claimed.candidates[i], 1);
        defer.due_class = DUE_RECALL;
        defer.due_at = (struct wall){NOW.us + (2 - i) * MINUTE};
        defer.due_column = 0;
        assert_int_equal(commit_one(f, &defer), WRITE_COMMITTED);
    }
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
    OK(OPS->due_next(SELF, CAMPAIGN, NOW, &at, &f->err));
    assert_int_equal(at.us, NOW.us + MINUTE);
    claimed = claim_some(f, pass, 1, at, 9);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(2).value);
    assert_int_equal(claimed.candidates[0].due_column, 0);
    OK(OPS->due_next(SELF, CAMPAIGN, at, &at, &f->err));
    assert_int_equal(at.us, NOW.us + 2 * MINUTE);
}

static void counts_attempts_in_windows_and_marks_blocked_numbers(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    struct contact_write twin = contact_of(1, 1); /* contact 3 has the number of contact 1 */
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &twin, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    int64_t blocked = number_of(2);
    OK(OPS->dnc_add(SELF, STORE_API, DNC, &blocked, 1, (struct wall){NOW.us + 1}, &f->err));
    struct claim claim = {.campaign = CAMPAIGN,
                          .list = LIST,
                          .pass = pass,
                          .zone_set = {1},
                          .after = {.rank_len = -1},
                          .now = NOW,
                          .fresh_limit = 9,
                          .dnc_list_count = 1,
                          .dnc_lists = {DNC},
                          .contact_since = NOW,
                          .number_since = NOW};
    OK(OPS->claim(SELF, &claim, 1, &f->arena, &claimed, &f->err));
    assert_int_equal(claimed.count, 2);
    const struct contact *second = &claimed.candidates[0].contact;
    const struct contact *third = &claimed.candidates[1].contact;
    assert_true(second->addresses[0].is_on_dnc);
    assert_int_equal(second->addresses[0].attempts_in_window, 0);
    assert_false(third->addresses[0].is_on_dnc);
    assert_int_equal(third->addresses[0].attempts_in_window, 1);
    assert_int_equal(third->attempts_in_window, 0);
    struct candidate candidate;
    OK(OPS->candidate_load(SELF, &claim, contact_id_of(1), &candidate, &f->err));
    assert_int_equal(candidate.contact.attempts_in_window, 1);
    assert_int_equal(candidate.contact.state, CONTACT_RUNNING);
    claim.now.us++;
    claim.contact_since.us++;
    claim.number_since.us++;
    OK(OPS->claim(SELF, &claim, 1, &f->arena, &claimed, &f->err));
    assert_false(claimed.candidates[0].contact.addresses[0].is_on_dnc);
    assert_int_equal(claimed.candidates[1].contact.addresses[0].attempts_in_window, 0);
}

static void drops_removed_contacts_from_queue_and_due(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 3);
    struct dialer_write defer = write_for(f, DIALER_DEFER, pass, &claimed.candidates[0], 1);
    defer.due_class = DUE_TOP;
    defer.due_at = NOW;
    assert_int_equal(commit_one(f, &defer), WRITE_COMMITTED);
    struct contact_id gone[] = {contact_id_of(1), contact_id_of(2)};
    OK(OPS->contacts_remove(SELF, (struct entity_ref){0}, NOW, gone, 2, &f->err));
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[1], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_STALE);
    claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(3).value);
}

static void refuses_a_claim_beyond_its_limits(void **state)
{
    struct fixture *f = *state;
    struct claim claims[] = {{.campaign = CAMPAIGN, .fresh_limit = 1000000},
                             {.campaign = {CAMPAIGN.value + 1}}};
    struct claimed claimed[2];
    assert_int_equal(OPS->claim(SELF, claims, 1, &f->arena, claimed, &f->err), STATUS_INVALID);
    claims[0].fresh_limit = 1;
    OK(OPS->claim(SELF, claims, 1, &f->arena, claimed, &f->err));
    assert_int_equal(OPS->claim(SELF, claims, 2, &f->arena, claimed, &f->err), STATUS_INVALID);
    assert_int_equal(OPS->claim(SELF, claims, 0, &f->arena, claimed, &f->err), STATUS_INVALID);
    assert_int_equal(OPS->claim(SELF, claims, CLAIM_LANE_MAX + 1, &f->arena, claimed, &f->err),
                     STATUS_INVALID);
}

/* Each lane goes on from its own position, as far as its own limits. */
static void claims_several_lanes_together(void **state)
{
    struct fixture *f = *state;
    for (int i = 1; i <= 60; i++) {
        struct contact_write write = contact_of(i, 1 + i % 3);
        OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                               &f->err));
    }
    int64_t pass = start_campaign(f);
    struct claim claims[4];
    struct claimed claimed[4];
    int seen[4] = {0};
    for (int i = 0; i < 4; i++)
        claims[i] = (struct claim){.campaign = CAMPAIGN,
                                   .list = LIST,
                                   .pass = pass,
                                   .zone_set = {1 + i},
                                   .after = {.rank_len = -1},
                                   .now = NOW,
                                   .fresh_limit = 2 + 3 * i};
    for (int round = 0; round < 10; round++) {
        OK(OPS->claim(SELF, claims, 4, &f->arena, claimed, &f->err));
        for (int i = 0; i < 4; i++) {
            int left = i == 3 ? 0 : 20 - seen[i], limit = claims[i].fresh_limit;
            assert_int_equal(claimed[i].count, left < limit ? left : limit);
            assert_int_equal(claimed[i].is_drained, left <= limit);
            for (int32_t k = 0; k < claimed[i].count; k++) {
                int n = (i == 0 ? 3 : i) + 3 * seen[i]++; /* the nth contact of this zone set */
                assert_int_equal(claimed[i].candidates[k].contact.id.value,
                                 contact_id_of(n).value);
                claims[i].after = claimed[i].candidates[k].position;
            }
        }
    }
    assert_int_equal(seen[0] + seen[1] + seen[2] + seen[3], 60);
}

const struct CMUnitTest queue_tests[] = {
    TEST(claims_by_priority_then_by_sequence),
    TEST(reads_on_from_a_position_and_says_when_it_is_drained),
    TEST(claims_several_lanes_together),
    TEST(puts_a_contact_into_each_zone_of_its_addresses_and_dials_it_once),
    TEST(takes_up_contacts_that_are_added_while_it_runs),
    TEST(offers_a_late_contact_of_high_rank_as_due),
    TEST(leaves_the_old_place_of_an_edited_contact),
    TEST(moves_a_contact_whose_zone_was_edited),
    TEST(calls_everybody_again_in_a_new_pass),
    TEST(keeps_callbacks_through_a_new_pass),
    TEST(offers_due_classes_before_fresh_rows_in_their_order),
    TEST(shows_a_due_row_only_from_its_time_on),
    TEST(counts_attempts_in_windows_and_marks_blocked_numbers),
    TEST(drops_removed_contacts_from_queue_and_due),
    TEST(refuses_a_claim_beyond_its_limits),
};
const size_t queue_test_count = ARRAY_LEN(queue_tests);
