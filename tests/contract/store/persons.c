/* Persons: the consent ledger, and erasure. */
#include "suite.h"

static struct consent consent_of(int i, enum consent_kind kind, const char *scope, int64_t at)
{
    return (struct consent){
        .number = number_of(i),
        .fact = {.kind = kind, .at = {at}, .expires_at = {0}},
        .recorded_at = NOW,
        .actor = {ENTITY_USER, 77},
        .scope = scope,
        .source = "web form",
        .text = "J'accepte d'\xC3\xAAtre appel\xC3\xA9",
        .proof = "form 12",
    };
}

static size_t consents_of(struct fixture *f, int64_t number, const char *scope,
                          struct consent **consents)
{
    struct consent_query query = {.number = number, .scope = scope, .limit = 50};
    size_t count;
    OK(OPS->consents_list(SELF, &query, &f->arena, consents, &count, &f->err));
    return count;
}

static void consents_are_kept_in_order_and_found_by_number_and_scope(void **state)
{
    struct fixture *f = *state;
    struct consent given[3] = {consent_of(1, CONSENT_GIVEN, "marketing", NOW.us),
                               consent_of(2, CONSENT_GIVEN, "marketing", NOW.us),
                               consent_of(1, CONSENT_WITHDRAWN, "marketing", NOW.us + 1)};
    struct consent other = consent_of(1, CONSENT_GIVEN, "surveys", NOW.us);
    int64_t ids[3];
    OK(OPS->consents_add(SELF, given, 3, ids, &f->err));
    OK(OPS->consents_add(SELF, &other, 1, NULL, &f->err));
    assert_true(ids[0] < ids[1] && ids[1] < ids[2]);
    struct consent *found;
    assert_int_equal(consents_of(f, 0, NULL, &found), 4);
    assert_int_equal(consents_of(f, number_of(1), NULL, &found), 3);
    assert_int_equal(consents_of(f, number_of(1), "marketing", &found), 2);
    assert_int_equal(found[0].id, ids[0]);
    assert_int_equal(found[0].fact.kind, CONSENT_GIVEN);
    assert_int_equal(found[1].fact.kind, CONSENT_WITHDRAWN);
    assert_int_equal(found[1].fact.at.us, NOW.us + 1);
    assert_string_equal(found[0].text, given[0].text);
    assert_string_equal(found[0].proof, "form 12");
    assert_string_equal(found[0].source, "web form");
    assert_int_equal(found[0].actor.id, 77);
    assert_int_equal(found[0].recorded_at.us, NOW.us);
    struct consent_query after = {.after = ids[1], .limit = 1};
    size_t count;
    OK(OPS->consents_list(SELF, &after, &f->arena, &found, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(found[0].id, ids[2]);
}

static void a_consent_without_number_scope_or_source_is_refused_whole(void **state)
{
    struct fixture *f = *state;
    struct consent rows[2] = {consent_of(1, CONSENT_GIVEN, "marketing", NOW.us),
                              consent_of(2, CONSENT_GIVEN, "", NOW.us)};
    struct consent *found;
    assert_int_equal(OPS->consents_add(SELF, rows, 2, NULL, &f->err), STATUS_INVALID);
    assert_string_equal(f->err.path, "[1].scope");
    rows[1] = consent_of(2, CONSENT_GIVEN, "marketing", NOW.us);
    rows[1].number = 0;
    assert_int_equal(OPS->consents_add(SELF, rows, 2, NULL, &f->err), STATUS_INVALID);
    assert_string_equal(f->err.path, "[1].phoneNumber");
    rows[1].number = number_of(2);
    rows[1].source = "";
    assert_int_equal(OPS->consents_add(SELF, rows, 2, NULL, &f->err), STATUS_INVALID);
    assert_string_equal(f->err.path, "[1].source");
    assert_int_equal(consents_of(f, 0, NULL, &found), 0);
}

static int64_t negated(void *context, int64_t number)
{
    (void)context;
    return -number;
}

static struct attempt_record *attempts_by(struct fixture *f, struct attempt_query query,
                                          size_t *count)
{
    struct attempt_record *attempts;
    query.limit = 9;
    OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, count, &f->err));
    return attempts;
}

/* Contact i called in this pass, with a note. */
static void call_one(struct fixture *f, int64_t pass, int i)
{
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    assert_int_equal(claimed.candidates[0].contact.id.value, contact_id_of(i).value);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_PERSON, CONTACT_DONE);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    struct dialer_write wrapup = end;
    wrapup.kind = DIALER_WRAPUP;
    snprintf(wrapup.note, sizeof(wrapup.note), "%s", "Mme Durand rappelle");
    assert_int_equal(commit_one(f, &wrapup), WRITE_COMMITTED);
}

static void an_erased_person_is_forgotten_and_stays_counted(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    struct consent consent = consent_of(1, CONSENT_GIVEN, "marketing", NOW.us);
    struct contact_write write = contact_of(1, 1);
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &write, NOW, &f->err));
    OK(OPS->consents_add(SELF, &consent, 1, NULL, &f->err));
    int64_t number = number_of(1), pass = start_campaign(f);
    OK(OPS->dnc_add(SELF, STORE_API, DNC, &number, 1, (struct wall){0}, &f->err));
    call_one(f, pass, 1);
    call_one(f, pass, 2);
    struct contact_id id = contact_id_of(1);
    struct person person = {&id, 1, &number, 1, negated, NULL};
    struct person_erased erased;
    OK(OPS->person_erase(SELF, &person, &erased, &f->err));
    assert_int_equal(erased.contacts, 1);
    assert_int_equal(erased.attempts, 1);
    assert_int_equal(erased.consents, 1);
    assert_int_equal(erased.events, 1);
    struct contact_record record;
    assert_int_equal(OPS->contact_get(SELF, id, &f->arena, &record, &f->err), STATUS_NOT_FOUND);
    size_t count;
    (void)attempts_by(f, (struct attempt_query){.number = number}, &count);
    assert_int_equal(count, 0);
    struct attempt_record *attempts =
        attempts_by(f, (struct attempt_query){.campaign = CAMPAIGN}, &count);
    assert_int_equal(count, 2);
    assert_int_equal(attempts[0].number, -number);
    assert_int_equal(attempts[0].outcome, OUTCOME_PERSON);
    assert_int_equal(attempts[1].number, number_of(2));
    struct contact_event *events;
    size_t event_count = 50;
    OK(OPS->contact_events(SELF, id, &f->arena, &events, &event_count, &f->err));
    assert_int_equal(event_count, 4); /* changed, called, ended, wrapped up: without a word */
    for (size_t i = 0; i < event_count; i++) {
        assert_null(events[i].before);
        assert_null(events[i].note);
        assert_true(events[i].number <= 0);
    }
    event_count = 50;
    OK(OPS->contact_events(SELF, contact_id_of(2), &f->arena, &events, &event_count, &f->err));
    assert_string_equal(events[event_count - 1].note, "Mme Durand rappelle");
    struct consent *consents;
    assert_int_equal(consents_of(f, number, NULL, &consents), 0);
    assert_int_equal(consents_of(f, 0, NULL, &consents), 1);
    assert_int_equal(consents[0].number, -number);
    assert_string_equal(consents[0].text, "");
    bool is_on_dnc;
    OK(OPS->dnc_has(SELF, DNC, number, NOW, &is_on_dnc, &f->err));
    assert_true(is_on_dnc);
    struct run_counts counts;
    OK(OPS->run_counts(SELF, CAMPAIGN, pass, &counts, &f->err));
    assert_int_equal(counts.attempts, 2);
    OK(OPS->person_erase(SELF, &person, &erased, &f->err)); /* again: there is nothing left */
    assert_int_equal(erased.contacts + erased.attempts + erased.consents, 0);
}

static void a_person_being_called_is_not_erased(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    int64_t number = number_of(1), pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct contact_id id = contact_id_of(1);
    struct person person = {&id, 1, &number, 1, negated, NULL};
    struct person_erased erased;
    assert_int_equal(OPS->person_erase(SELF, &person, &erased, &f->err), STATUS_CONFLICT);
    size_t count;
    (void)attempts_by(f, (struct attempt_query){.number = number}, &count);
    assert_int_equal(count, 1);
}

const struct CMUnitTest person_tests[] = {
    TEST(consents_are_kept_in_order_and_found_by_number_and_scope),
    TEST(a_consent_without_number_scope_or_source_is_refused_whole),
    TEST(an_erased_person_is_forgotten_and_stays_counted),
    TEST(a_person_being_called_is_not_erased),
};
const size_t person_test_count = ARRAY_LEN(person_tests);
