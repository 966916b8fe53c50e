/* The dialer's writes: intents, ends, deferrals; what makes them stale; epochs; counters. */
#include "suite.h"

static void an_intent_takes_the_contact_and_is_recorded(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 2);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    intent.agent.value = 12;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(1), &f->arena, &record, &f->err));
    assert_int_equal(record.hot.state, CONTACT_RUNNING);
    assert_int_equal(record.hot.pass, pass);
    assert_int_equal(record.hot.version, claimed.candidates[0].contact.version + 1);
    assert_int_equal(record.hot.addresses[0].attempts, 1);
    assert_int_equal(record.hot.addresses[0].last_at.us, NOW.us);
    struct attempt_query query = {.contact = contact_id_of(1), .limit = 5};
    struct attempt_record *attempts;
    size_t count;
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(attempts[0].call.value, intent.call.value);
    assert_int_equal(attempts[0].number, number_of(1));
    assert_int_equal(attempts[0].outcome, OUTCOME_NONE);
    assert_int_equal(attempts[0].agent.value, 12);
    assert_int_equal(attempts[0].at.us, NOW.us);
    claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(2).value);
}

static void an_end_and_a_wrapup_settle_the_contact(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    const struct contact *contact = &claimed.candidates[0].contact;
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end = end_for(&intent, contact, OUTCOME_PERSON, CONTACT_RUNNING);
    end.answered_at = (struct wall){NOW.us + 1};
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED); /* again: counted once */
    struct dialer_write wrapup = end;
    wrapup.kind = DIALER_WRAPUP;
    wrapup.wrapup.value = 44;
    wrapup.agent.value = 12;
    snprintf(wrapup.note, sizeof(wrapup.note), "%s", "Rappelle \"demain\"");
    wrapup.change.state = CONTACT_DONE;
    wrapup.change.address.is_callable = false;
    wrapup.change.address.recalls[RECALL_BUSY] = 3;
    wrapup.change.address.last_wrapup.value = 44;
    assert_int_equal(commit_one(f, &wrapup), WRITE_COMMITTED);
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(1), &f->arena, &record, &f->err));
    assert_int_equal(record.hot.state, CONTACT_DONE);
    assert_false(record.hot.addresses[0].is_callable);
    assert_int_equal(record.hot.addresses[0].recalls[RECALL_BUSY], 3);
    assert_int_equal(record.hot.addresses[0].last_wrapup.value, 44);
    struct attempt_query query = {.campaign = CAMPAIGN, .limit = 5};
    struct attempt_record *attempts;
    size_t count;
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(attempts[0].outcome, OUTCOME_PERSON);
    assert_int_equal(attempts[0].wrapup.value, 44);
    assert_int_equal(attempts[0].agent.value, 12);
    assert_int_equal(attempts[0].sip_status, 486);
    assert_int_equal(attempts[0].q850_cause, 17);
    assert_int_equal(attempts[0].answered_at.us, NOW.us + 1);
    struct run_counts counts;
    OK(OPS->run_counts(SELF, CAMPAIGN, pass, &counts, &f->err));
    assert_int_equal(counts.attempts, 1);
    assert_int_equal(counts.contacts_called, 1);
    assert_int_equal(counts.outcomes[OUTCOME_PERSON], 1);
    assert_int_equal(counts.skipped, 0);
}

static void marks_the_next_address(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.address_count = 2;
    write.addresses[1] =
        (struct contact_address){.column = 1, .number = number_of(2), .zone_set = {2}};
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_NO_ANSWER, CONTACT_WAITING);
    end.change.address.state = ADDRESS_FAILED;
    end.change.next_index = 1;
    end.due_class = DUE_RECALL;
    end.due_at = NOW;
    end.due_column = 1;
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(1), &f->arena, &record, &f->err));
    assert_int_equal(record.hot.addresses[0].state, ADDRESS_FAILED);
    assert_int_equal(record.hot.addresses[1].state, ADDRESS_SCHEDULED);
    /* It is due in the zone of that address, and dialed there in the same pass (S3). */
    claimed = claim_some(f, pass, 2, NOW, 5);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].due_column, 1);
    intent = intent_for(f, pass, &claimed.candidates[0], 2);
    intent.number = number_of(2);
    intent.column = 1;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    intent.call.value++;
    assert_int_equal(commit_one(f, &intent), WRITE_STALE); /* its due row is used up */
    struct run_counts counts;
    OK(OPS->run_counts(SELF, CAMPAIGN, pass, &counts, &f->err));
    assert_int_equal(counts.attempts, 2);
    assert_int_equal(counts.contacts_called, 1);
}

/* The one contact is due at once and can be dialed after a second look. */
static void expect_returned_to_top(struct fixture *f, int64_t pass, int contact)
{
    struct attempt_query query = {.contact = contact_id_of(contact), .limit = 5};
    struct attempt_record *attempts;
    size_t count;
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 0);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].from, DUE_TOP);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(contact).value);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
}

static void an_intent_on_an_edited_contact_is_stale(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct contact_write write = contact_of(1, 1);
    write.data = "[\"changed\"]";
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &write, NOW, &f->err));
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_STALE);
    expect_returned_to_top(f, pass, 1);
}

static void an_intent_on_a_number_blocked_meanwhile_is_stale(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    int64_t number = number_of(1);
    OK(OPS->dnc_add(SELF, STORE_API, DNC, &number, 1, (struct wall){0}, &f->err));
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    intent.dnc_list_count = 1;
    intent.dnc_lists[0] = DNC;
    assert_int_equal(commit_one(f, &intent), WRITE_STALE);
    expect_returned_to_top(f, pass, 1);
}

static void an_intent_over_the_cap_of_a_number_is_stale(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    struct contact_write twin = contact_of(1, 1);
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &twin, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 2);
    struct dialer_write writes[2];
    enum dialer_result results[2];
    for (int i = 0; i < 2; i++) {
        writes[i] = intent_for(f, pass, &claimed.candidates[i], 1);
        writes[i].number_since = NOW;
        writes[i].number_cap = 1;
    }
    struct dialer_batch batch = {1, f->epoch, 2, writes, results};
    OK(OPS->commit(SELF, &batch, &f->err)); /* S2: one of a batch may be stale */
    assert_int_equal(results[0], WRITE_COMMITTED);
    assert_int_equal(results[1], WRITE_STALE);
    expect_returned_to_top(f, pass, 2);
}

static void an_intent_over_the_cap_of_a_contact_is_stale(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_WAITING);
    end.due_class = DUE_RECALL;
    end.due_at = NOW;
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    claimed = claim_some(f, pass, 1, NOW, 1);
    intent = intent_for(f, pass, &claimed.candidates[0], 1);
    intent.contact_since = NOW;
    intent.contact_cap = 1;
    assert_int_equal(commit_one(f, &intent), WRITE_STALE);
    claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].from, DUE_TOP);
    intent = intent_for(f, pass, &claimed.candidates[0], 1);
    intent.contact_since = NOW;
    intent.contact_cap = 2;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
}

static void never_dials_a_contact_twice_from_one_row(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    struct dialer_write again = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    assert_int_equal(commit_one(f, &again), WRITE_STALE);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_WAITING);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    struct candidate now;
    struct claim claim = {.campaign = CAMPAIGN, .list = LIST, .pass = pass};
    OK(OPS->candidate_load(SELF, &claim, contact_id_of(1), &now, &f->err));
    again.expected_version = now.contact.version;
    assert_int_equal(commit_one(f, &again), WRITE_STALE);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
}

static void a_first_dial_put_off_is_void_once_the_contact_was_dialed(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.address_count = 2;
    write.addresses[1] =
        (struct contact_address){.column = 1, .number = number_of(2), .zone_set = {2}};
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write defer = write_for(f, DIALER_DEFER, pass, &claimed.candidates[0], 1);
    defer.due_class = DUE_RECALL;
    defer.due_at = (struct wall){NOW.us + MINUTE};
    assert_int_equal(commit_one(f, &defer), WRITE_COMMITTED);
    assert_int_equal(claim_some(f, pass, 1, defer.due_at, 9).count, 1);
    /* Its other zone is open: dialed there, the deferral is void. */
    claimed = claim_some(f, pass, 2, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 2);
    intent.number = number_of(2);
    intent.column = 1;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_WAITING);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    assert_int_equal(claim_some(f, pass, 1, defer.due_at, 9).count, 0);
}

static void a_stale_intent_is_void_once_the_contact_was_dialed(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.address_count = 2;
    write.addresses[1] =
        (struct contact_address){.column = 1, .number = number_of(2), .zone_set = {2}};
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    intent.expected_version++;
    assert_int_equal(commit_one(f, &intent), WRITE_STALE);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 1);
    claimed = claim_some(f, pass, 2, NOW, 1);
    intent = intent_for(f, pass, &claimed.candidates[0], 2);
    intent.number = number_of(2);
    intent.column = 1;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_WAITING);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
}

static void counts_skips_by_reason_and_leaves_them_out(void **state)
{
    struct fixture *f = *state;
    static const char *const reasons[] = {"dnc", "attempt_limit", "dnc"};
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 3);
    for (int i = 0; i < 3; i++) {
        struct dialer_write skip = write_for(f, DIALER_SKIP, pass, &claimed.candidates[i], 1);
        snprintf(skip.reason, sizeof(skip.reason), "%s", reasons[i]);
        assert_int_equal(commit_one(f, &skip), WRITE_COMMITTED);
        assert_int_equal(commit_one(f, &skip), WRITE_STALE);
    }
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
    struct run_counts counts;
    OK(OPS->run_counts(SELF, CAMPAIGN, pass, &counts, &f->err));
    assert_int_equal(counts.skipped, 3);
    assert_int_equal(counts.contacts_called, 0);
    struct skip_count *skips;
    size_t count;
    OK(OPS->skips_list(SELF, CAMPAIGN, pass, &f->arena, &skips, &count, &f->err));
    assert_int_equal(count, 2);
    assert_string_equal(skips[0].reason, "attempt_limit");
    assert_int_equal(skips[1].count, 2);
}

static void refuses_an_old_epoch_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    int64_t newer, other;
    OK(OPS->epoch_take(SELF, 1, NOW, &newer, &f->err));
    OK(OPS->epoch_take(SELF, 2, NOW, &other, &f->err));
    assert_true(newer > f->epoch && other > newer);
    enum dialer_result result;
    struct dialer_batch batch = {1, f->epoch, 1, &intent, &result};
    assert_int_equal(OPS->commit(SELF, &batch, &f->err), STATUS_STALE);
    batch.cell = 9; /* a cell that nobody took */
    assert_int_equal(OPS->commit(SELF, &batch, &f->err), STATUS_STALE);
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(1), &f->arena, &record, &f->err));
    assert_int_equal(record.hot.state, CONTACT_WAITING);
    f->epoch = newer;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
}

static void a_new_epoch_ends_lost_attempts_and_frees_contacts(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 3);
    struct dialer_write intents[3];
    for (int i = 0; i < 3; i++) {
        intents[i] = intent_for(f, pass, &claimed.candidates[i], 1);
        assert_int_equal(commit_one(f, &intents[i]), WRITE_COMMITTED);
    }
    struct dialer_write end =
        end_for(&intents[0], &claimed.candidates[0].contact, OUTCOME_PERSON, CONTACT_RUNNING);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED); /* in wrap-up */
    end = end_for(&intents[1], &claimed.candidates[1].contact, OUTCOME_BUSY, CONTACT_DONE);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    int64_t other;
    OK(OPS->epoch_take(SELF, 2, NOW, &other, &f->err)); /* another cell: nothing of ours */
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(3), &f->arena, &record, &f->err));
    assert_int_equal(record.hot.state, CONTACT_RUNNING);
    OK(OPS->epoch_take(SELF, 1, NOW, &f->epoch, &f->err));
    static const enum contact_state states[] = {CONTACT_WAITING, CONTACT_DONE, CONTACT_WAITING};
    static const enum outcome outcomes[] = {OUTCOME_PERSON, OUTCOME_BUSY, OUTCOME_LOST};
    for (int i = 0; i < 3; i++) {
        OK(OPS->contact_get(SELF, contact_id_of(i + 1), &f->arena, &record, &f->err));
        assert_int_equal(record.hot.state, states[i]);
        struct attempt_query query = {.contact = contact_id_of(i + 1), .limit = 2};
        struct attempt_record *attempts;
        size_t count;
        OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
        assert_int_equal(attempts[0].outcome, outcomes[i]);
    }
    /* Nobody is called twice because a process died. */
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
    struct run_counts counts;
    OK(OPS->run_counts(SELF, CAMPAIGN, pass, &counts, &f->err));
    assert_int_equal(counts.outcomes[OUTCOME_LOST], 1);
    assert_int_equal(commit_one(f, &intents[2]), WRITE_STALE);
}

static void an_end_of_an_unknown_call_is_stale(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_DONE);
    assert_int_equal(commit_one(f, &end), WRITE_STALE);
    end.kind = DIALER_WRAPUP;
    assert_int_equal(commit_one(f, &end), WRITE_STALE);
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(1), &f->arena, &record, &f->err));
    assert_int_equal(record.hot.state, CONTACT_WAITING);
}

static void keeps_the_running_state_of_a_campaign(void **state)
{
    struct fixture *f = *state;
    struct campaign_run run;
    OK(OPS->run_get(SELF, CAMPAIGN, &run, &f->err));
    assert_int_equal(run.status, CAMPAIGN_OFF);
    assert_int_equal(run.pass, 0);
    OK(OPS->epoch_take(SELF, 1, NOW, &f->epoch, &f->err));
    struct dialer_write write = {
        .kind = DIALER_RUN, .campaign = CAMPAIGN, .pass = 4, .status = CAMPAIGN_STOPPING};
    assert_int_equal(commit_one(f, &write), WRITE_COMMITTED);
    OK(OPS->run_get(SELF, CAMPAIGN, &run, &f->err));
    assert_int_equal(run.status, CAMPAIGN_STOPPING);
    assert_int_equal(run.pass, 4);
}

static void lists_attempts_by_key_in_both_directions(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 5);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 5);
    struct call_id calls[5];
    for (int i = 0; i < 5; i++) {
        struct dialer_write intent = intent_for(f, pass, &claimed.candidates[i], 1);
        calls[i] = intent.call;
        assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    }
    struct attempt_record *attempts;
    size_t count;
    struct attempt_query query = {.campaign = CAMPAIGN, .limit = 3, .is_newest_first = true};
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 3);
    assert_int_equal(attempts[0].call.value, calls[4].value);
    query.after = attempts[2].call;
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 2);
    assert_int_equal(attempts[1].call.value, calls[0].value);
    query = (struct attempt_query){.after = calls[3], .limit = 3};
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 1);
    query = (struct attempt_query){.campaign = {99}, .limit = 3};
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 0);
}

const struct CMUnitTest dialer_tests[] = {
    TEST(an_intent_takes_the_contact_and_is_recorded),
    TEST(an_end_and_a_wrapup_settle_the_contact),
    TEST(marks_the_next_address),
    TEST(an_intent_on_an_edited_contact_is_stale),
    TEST(an_intent_on_a_number_blocked_meanwhile_is_stale),
    TEST(an_intent_over_the_cap_of_a_number_is_stale),
    TEST(an_intent_over_the_cap_of_a_contact_is_stale),
    TEST(never_dials_a_contact_twice_from_one_row),
    TEST(a_first_dial_put_off_is_void_once_the_contact_was_dialed),
    TEST(a_stale_intent_is_void_once_the_contact_was_dialed),
    TEST(counts_skips_by_reason_and_leaves_them_out),
    TEST(refuses_an_old_epoch_and_changes_nothing),
    TEST(a_new_epoch_ends_lost_attempts_and_frees_contacts),
    TEST(an_end_of_an_unknown_call_is_stale),
    TEST(keeps_the_running_state_of_a_campaign),
    TEST(lists_attempts_by_key_in_both_directions),
};
const size_t dialer_test_count = ARRAY_LEN(dialer_tests);
