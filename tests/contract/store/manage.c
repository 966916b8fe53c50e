/* Contact management: acts, their place in the queues, counts of states, views, history. */
#include "suite.h"

static const struct entity_ref supervisor = {ENTITY_USER, 77};

static struct contact_action action_of(enum contact_act act)
{
    return (struct contact_action){
        .act = act, .at = {NOW.us + MINUTE}, .actor = supervisor, .reason = "asked for"};
}

static struct contact_action_result act_on(struct fixture *f, struct contact_action action,
                                           struct contact_id id)
{
    struct contact_action_result result;
    OK(OPS->contacts_act(SELF, STORE_API, &action, &id, 1, &result, &f->err));
    assert_int_equal(result.changed + result.unchanged + result.in_use, 1);
    return result;
}

static struct contact_record record_of(struct fixture *f, int sequence)
{
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(sequence), &f->arena, &record, &f->err));
    return record;
}

static struct contact_state_counts states_of(struct fixture *f)
{
    struct contact_state_counts counts;
    OK(OPS->contact_states(SELF, LIST, &counts, &f->err));
    return counts;
}

/* Contact 1 called to its end in this pass. */
static struct dialer_write call_first(struct fixture *f, int64_t pass, enum outcome outcome,
                                      enum contact_state state)
{
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(1).value);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    intent.agent.value = 12;
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end = end_for(&intent, &claimed.candidates[0].contact, outcome, state);
    end.at = end.ended_at;
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    return end;
}

static void acts_are_legal_from_their_states_alone(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    struct contact_id id = contact_id_of(1);
    assert_int_equal(act_on(f, action_of(CONTACT_RESUME), id).unchanged, 1);
    assert_int_equal(act_on(f, action_of(CONTACT_UNSHELVE), id).unchanged, 1);
    assert_int_equal(act_on(f, action_of(CONTACT_PAUSE), id).changed, 1);
    assert_int_equal(record_of(f, 1).hot.state, CONTACT_PAUSED);
    assert_int_equal(record_of(f, 1).hot.touched_at.us, NOW.us + MINUTE);
    assert_int_equal(act_on(f, action_of(CONTACT_PAUSE), id).unchanged, 1);
    assert_int_equal(act_on(f, action_of(CONTACT_SHELVE), id).changed, 1);
    assert_int_equal(record_of(f, 1).hot.state, CONTACT_SHELVED);
    assert_int_equal(act_on(f, action_of(CONTACT_RESET), id).unchanged, 1);
    assert_int_equal(act_on(f, action_of(CONTACT_UNSHELVE), id).changed, 1);
    assert_int_equal(record_of(f, 1).hot.state, CONTACT_WAITING);
    struct contact_id stranger = contact_id_of(99);
    assert_int_equal(act_on(f, action_of(CONTACT_PAUSE), stranger).unchanged, 1);
}

static void too_many_at_once_are_refused(void **state)
{
    struct fixture *f = *state;
    static struct contact_id ids[1001];
    struct contact_action action = action_of(CONTACT_PAUSE);
    struct contact_action_result result;
    assert_int_equal(OPS->contacts_act(SELF, STORE_API, &action, ids, 1001, &result, &f->err),
                     STATUS_INVALID);
}

static void a_contact_being_called_is_left_alone(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    for (int act = 0; act < CONTACT_ACT_COUNT; act++)
        assert_int_equal(act_on(f, action_of((enum contact_act)act), contact_id_of(1)).in_use,
                         1);
    assert_int_equal(record_of(f, 1).hot.state, CONTACT_RUNNING);
}

static void a_paused_contact_is_not_dialed_and_comes_back_behind_the_cursor(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t pass = start_campaign(f);
    act_on(f, action_of(CONTACT_PAUSE), contact_id_of(1));
    struct claimed claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 2);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED); /* moves the cursor past 1 */
    act_on(f, action_of(CONTACT_RESUME), contact_id_of(1));
    claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 2);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(1).value);
    assert_int_equal(claimed.candidates[0].from, DUE_PRIORITY);
    assert_int_equal(claimed.candidates[1].contact.id.value, contact_id_of(3).value);
}

static void a_candidate_in_hand_that_is_paused_is_stale(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    act_on(f, action_of(CONTACT_PAUSE), contact_id_of(1));
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_STALE);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
    act_on(f, action_of(CONTACT_RESUME), contact_id_of(1));
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 1);
}

static void a_reset_contact_is_dialed_again_in_the_same_pass(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    int64_t pass = start_campaign(f);
    call_first(f, pass, OUTCOME_BUSY, CONTACT_FAILED);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 1);
    assert_int_equal(act_on(f, action_of(CONTACT_RESET), contact_id_of(1)).changed, 1);
    struct contact hot = record_of(f, 1).hot;
    assert_int_equal(hot.state, CONTACT_WAITING);
    assert_int_equal(hot.addresses[0].attempts, 0);
    assert_int_equal(hot.addresses[0].state, ADDRESS_SCHEDULED);
    struct claimed claimed = claim_some(f, pass, 1, (struct wall){NOW.us + 2 * MINUTE}, 9);
    assert_int_equal(claimed.count, 2);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(1).value);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
}

static int32_t attempts_counted(struct fixture *f, int64_t pass)
{
    struct claim claim = {
        .campaign = CAMPAIGN,
        .list = LIST,
        .pass = pass,
        .now = {NOW.us + 2 * MINUTE},
        .contact_since = {1},
        .number_since = {1},
    };
    struct candidate candidate;
    OK(OPS->candidate_load(SELF, &claim, contact_id_of(1), &candidate, &f->err));
    assert_int_equal(candidate.contact.attempts_in_window,
                     candidate.contact.addresses[0].attempts_in_window);
    return candidate.contact.attempts_in_window;
}

static void a_reset_forgets_attempts_unless_it_keeps_them(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t pass = start_campaign(f);
    call_first(f, pass, OUTCOME_BUSY, CONTACT_FAILED);
    struct contact_action action = action_of(CONTACT_RESET);
    action.keeps_attempts = true;
    act_on(f, action, contact_id_of(1));
    assert_int_equal(attempts_counted(f, pass), 1);
    action.keeps_attempts = false;
    act_on(f, action, contact_id_of(1));
    assert_int_equal(attempts_counted(f, pass), 0);
    struct attempt_query query = {.contact = contact_id_of(1), .limit = 5};
    struct attempt_record *attempts;
    size_t count;
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &count, &f->err));
    assert_int_equal(count, 1); /* what was done stays written */
}

static void a_contact_put_back_waits_for_a_newer_pass(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    assert_false(record_of(f, 1).is_managed);
    int64_t pass = start_campaign(f);
    assert_true(record_of(f, 1).is_managed);
    assert_int_equal(act_on(f, action_of(CONTACT_LOAD), contact_id_of(1)).changed, 1);
    assert_false(record_of(f, 1).is_managed);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(2).value);
    struct contact_query query = {.list = LIST, .view = CONTACT_VIEW_LIST, .limit = 9};
    struct contact_record *records;
    size_t count;
    OK(OPS->contacts_list(SELF, &query, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(records[0].hot.id.value, contact_id_of(1).value);
    query.view = CONTACT_VIEW_MANAGED;
    OK(OPS->contacts_list(SELF, &query, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(records[0].hot.id.value, contact_id_of(2).value);
    OK(OPS->pass_draw(SELF, &pass, &f->err));
    build_queue(f, pass);
    assert_true(record_of(f, 1).is_managed);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 2);
}

static void a_moved_contact_is_due_at_its_next_try_and_top_priority_goes_first(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    int64_t pass = start_campaign(f);
    (void)call_first(f, pass, OUTCOME_BUSY, CONTACT_WAITING);
    struct contact_action action = action_of(CONTACT_MOVE);
    action.next_try = (struct wall){NOW.us + 10 * MINUTE};
    action.is_top_priority = true;
    assert_int_equal(act_on(f, action, contact_id_of(1)).changed, 1);
    assert_int_equal(act_on(f, action, contact_id_of(1)).changed, 1); /* once in the queue */
    assert_int_equal(claim_some(f, pass, 1, (struct wall){NOW.us + 9 * MINUTE}, 9).count, 1);
    struct claimed claimed = claim_some(f, pass, 1, (struct wall){NOW.us + 10 * MINUTE}, 9);
    assert_int_equal(claimed.count, 2);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(1).value);
    assert_int_equal(claimed.candidates[0].from, DUE_CALLBACK_TOP);
    assert_int_equal(claimed.candidates[0].due_at.us, NOW.us + 10 * MINUTE);
}

static void a_contact_written_with_top_priority_is_built_as_due(void **state)
{
    struct fixture *f = *state;
    struct contact_attributes attributes = {
        .preferred_agent = {12}, .next_try = {NOW.us + MINUTE}, .is_top_priority = true};
    struct contact_write write = contact_of(1, 1);
    write.attributes = &attributes;
    struct contact_id id;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, &id,
                           &f->err));
    int64_t pass = start_campaign(f);
    assert_int_equal(claim_some(f, pass, 1, NOW, 9).count, 0);
    struct claimed claimed = claim_some(f, pass, 1, (struct wall){NOW.us + MINUTE}, 9);
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.candidates[0].from, DUE_CALLBACK_TOP);
    assert_int_equal(record_of(f, 1).hot.preferred_agent.value, 12);
    write.attributes = NULL; /* a client that does not know of them changes the data */
    OK(OPS->contact_update(SELF, id, 1, &write, NOW, &f->err));
    assert_int_equal(record_of(f, 1).hot.preferred_agent.value, 12);
    assert_true(record_of(f, 1).hot.is_top_priority);
}

static void states_are_counted_as_they_change(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 4);
    assert_int_equal(states_of(f).counts[CONTACT_WAITING], 4);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    assert_int_equal(states_of(f).counts[CONTACT_RUNNING], 1);
    assert_int_equal(states_of(f).counts[CONTACT_WAITING], 3);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_PERSON, CONTACT_DONE);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    act_on(f, action_of(CONTACT_PAUSE), contact_id_of(2));
    act_on(f, action_of(CONTACT_SHELVE), contact_id_of(3));
    struct contact_state_counts counts = states_of(f);
    assert_int_equal(counts.counts[CONTACT_RUNNING], 0);
    assert_int_equal(counts.counts[CONTACT_DONE], 1);
    assert_int_equal(counts.counts[CONTACT_PAUSED], 1);
    assert_int_equal(counts.counts[CONTACT_SHELVED], 1);
    assert_int_equal(counts.counts[CONTACT_WAITING], 1);
    struct contact_id gone = contact_id_of(3);
    OK(OPS->contacts_remove(SELF, supervisor, NOW, &gone, 1, &f->err));
    assert_int_equal(states_of(f).counts[CONTACT_SHELVED], 0);
    OK(OPS->pass_draw(SELF, &pass, &f->err));
    build_queue(f, pass); /* what was done waits again */
    assert_int_equal(states_of(f).counts[CONTACT_DONE], 0);
    assert_int_equal(states_of(f).counts[CONTACT_WAITING], 2);
}

static size_t events_of(struct fixture *f, int sequence, struct contact_event **events)
{
    size_t count = 50;
    OK(OPS->contact_events(SELF, contact_id_of(sequence), &f->arena, events, &count, &f->err));
    return count;
}

static void everything_that_happens_to_a_contact_is_in_its_history(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    struct contact_write write = contact_of(1, 1);
    write.data = "[\"+33 1\",\"Jeanne\"]";
    write.actor = supervisor;
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &write, (struct wall){NOW.us - 1},
                           &f->err));
    int64_t pass = start_campaign(f);
    struct dialer_write end = call_first(f, pass, OUTCOME_PERSON, CONTACT_RUNNING);
    struct dialer_write wrapup = end;
    wrapup.kind = DIALER_WRAPUP;
    wrapup.at.us += 1;
    wrapup.wrapup.value = 44;
    wrapup.agent.value = 12;
    wrapup.change.state = CONTACT_DONE;
    snprintf(wrapup.note, sizeof(wrapup.note), "%s", "Rappelle demain");
    assert_int_equal(commit_one(f, &wrapup), WRITE_COMMITTED);
    assert_int_equal(record_of(f, 1).hot.disposition.value, 44);
    struct contact_action reset = action_of(CONTACT_RESET);
    reset.at.us = NOW.us + 2 * MINUTE;
    act_on(f, reset, contact_id_of(1));
    struct contact_id id = contact_id_of(1);
    OK(OPS->contacts_remove(SELF, supervisor, (struct wall){NOW.us + 3 * MINUTE}, &id, 1,
                            &f->err));
    struct contact_event *events;
    size_t count = events_of(f, 1, &events);
    static const enum contact_event_kind kinds[] = {
        CONTACT_EVENT_CHANGED,    CONTACT_EVENT_ATTEMPT, CONTACT_EVENT_ENDED,
        CONTACT_EVENT_WRAPPED_UP, CONTACT_EVENT_ACTED,   CONTACT_EVENT_DELETED};
    static const enum contact_state states[] = {CONTACT_WAITING, CONTACT_RUNNING,
                                                CONTACT_RUNNING, CONTACT_DONE,
                                                CONTACT_WAITING, CONTACT_DELETED};
    assert_int_equal(count, ARRAY_LEN(kinds));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].kind, kinds[i]);
        assert_int_equal(events[i].state, states[i]);
        assert_true(i == 0 || events[i].at.us >= events[i - 1].at.us);
    }
    assert_non_null(strstr(events[0].before, "\"Jean\""));
    assert_int_equal(events[0].actor.id, 77);
    assert_int_equal(events[1].number, number_of(1));
    assert_int_equal(events[2].outcome, OUTCOME_PERSON);
    assert_int_equal(events[2].campaign.value, CAMPAIGN.value);
    assert_int_equal(events[3].wrapup.value, 44);
    assert_int_equal(events[3].agent.value, 12);
    assert_string_equal(events[3].note, "Rappelle demain");
    assert_int_equal(events[4].act, CONTACT_RESET);
    assert_string_equal(events[4].note, "asked for");
    assert_non_null(strstr(events[5].before, "\"Jeanne\""));
}

static void a_history_begins_with_the_contact_and_gives_its_newest_part(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    act_on(f, action_of(CONTACT_PAUSE), contact_id_of(1));
    struct contact_event *events;
    assert_int_equal(events_of(f, 1, &events), 2);
    assert_int_equal(events[0].kind, CONTACT_EVENT_CREATED);
    assert_int_equal(events[0].at.us, NOW.us);
    assert_int_equal(record_of(f, 1).created_at.us, NOW.us);
    size_t count = 1;
    OK(OPS->contact_events(SELF, contact_id_of(1), &f->arena, &events, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(events[0].kind, CONTACT_EVENT_ACTED);
}

const struct CMUnitTest manage_tests[] = {
    TEST(acts_are_legal_from_their_states_alone),
    TEST(too_many_at_once_are_refused),
    TEST(a_contact_being_called_is_left_alone),
    TEST(a_paused_contact_is_not_dialed_and_comes_back_behind_the_cursor),
    TEST(a_candidate_in_hand_that_is_paused_is_stale),
    TEST(a_reset_contact_is_dialed_again_in_the_same_pass),
    TEST(a_reset_forgets_attempts_unless_it_keeps_them),
    TEST(a_contact_put_back_waits_for_a_newer_pass),
    TEST(a_moved_contact_is_due_at_its_next_try_and_top_priority_goes_first),
    TEST(a_contact_written_with_top_priority_is_built_as_due),
    TEST(states_are_counted_as_they_change),
    TEST(everything_that_happens_to_a_contact_is_in_its_history),
    TEST(a_history_begins_with_the_contact_and_gives_its_newest_part),
};
const size_t manage_test_count = ARRAY_LEN(manage_tests);
