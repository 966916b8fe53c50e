/* Contacts, their numbers, do-not-contact lists. */
#include "suite.h"

static void gives_ids_in_order_within_a_list(void **state)
{
    struct fixture *f = *state;
    struct contact_write writes[2] = {contact_of(1, 1), contact_of(2, 2)};
    struct contact_id ids[2];
    writes[1].external_id = "C-2";
    writes[1].priority = -5;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, writes, 2, NOW, ids,
                           &f->err));
    assert_int_equal(ids[0].value, contact_id_of(1).value);
    assert_int_equal(ids[1].value, contact_id_of(2).value);
    struct contact_record record;
    OK(OPS->contact_find(SELF, LIST, "C-2", &f->arena, &record, &f->err));
    assert_int_equal(record.hot.id.value, ids[1].value);
    assert_int_equal(record.hot.priority, -5);
    assert_int_equal(record.hot.state, CONTACT_WAITING);
    assert_true(record.hot.is_callable);
    assert_int_equal(record.hot.address_count, 1);
    assert_int_equal(record.hot.addresses[0].number, number_of(2));
    assert_int_equal(record.hot.addresses[0].zone_set.value, 2);
    assert_true(record.hot.addresses[0].is_callable);
    assert_int_equal(record.hot.addresses[0].state, ADDRESS_SCHEDULED);
    assert_string_equal(record.data, writes[1].data);
    assert_int_equal(record.data_version, 1);
    assert_int_equal(record.updated_at.us, NOW.us);
    OK(OPS->contact_get(SELF, ids[0], &f->arena, &record, &f->err));
    assert_null(record.external_id);
}

static void keeps_addresses_in_the_order_given(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.address_count = 3;
    write.addresses[0] =
        (struct contact_address){.column = 5, .number = number_of(5), .zone_set = {1}};
    write.addresses[1] = (struct contact_address){.column = 2, .number = 0, .zone_set = {0}};
    write.addresses[2] =
        (struct contact_address){.column = 0, .number = number_of(9), .zone_set = {2}};
    struct contact_id id;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, &id,
                           &f->err));
    struct contact_record record;
    OK(OPS->contact_get(SELF, id, &f->arena, &record, &f->err));
    assert_int_equal(record.hot.address_count, 3);
    assert_int_equal(record.hot.addresses[0].column, 5);
    assert_int_equal(record.hot.addresses[1].column, 2);
    assert_int_equal(record.hot.addresses[2].column, 0);
}

static int32_t zone_after(struct fixture *f, struct contact_write *write, bool *is_given)
{
    struct contact_record record;
    struct contact_id id;
    OK(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_UPSERT, write, 1, NOW, &id,
                           &f->err));
    OK(OPS->contact_get(SELF, id, &f->arena, &record, &f->err));
    *is_given = record.hot.addresses[0].is_zone_given;
    return record.hot.addresses[0].zone_set.value;
}

/* C45: what an import says does not change it; another number, or somebody, does. */
static void keeps_a_zone_that_was_given(void **state)
{
    struct fixture *f = *state;
    bool is_given;
    struct contact_write write = contact_of(1, 1);
    write.external_id = "Z";
    assert_int_equal(zone_after(f, &write, &is_given), 1);
    assert_false(is_given);
    write.addresses[0].zone_set.value = 2;
    assert_int_equal(zone_after(f, &write, &is_given), 2); /* nobody gave the first */
    write.addresses[0].zone_set.value = 3;
    write.addresses[0].zone_source = ZONE_GIVEN;
    assert_int_equal(zone_after(f, &write, &is_given), 3);
    assert_true(is_given);
    write.addresses[0].zone_set.value = 2;
    write.addresses[0].zone_source = ZONE_DERIVED;
    write.clears_system_data = true;
    assert_int_equal(zone_after(f, &write, &is_given), 3);
    assert_true(is_given);
    write.addresses[0].zone_source = ZONE_RENEWED;
    assert_int_equal(zone_after(f, &write, &is_given), 2);
    assert_false(is_given);
    write.addresses[0].zone_source = ZONE_GIVEN;
    write.addresses[0].zone_set.value = 3;
    assert_int_equal(zone_after(f, &write, &is_given), 3);
    write.addresses[0] = (struct contact_address){
        .column = write.addresses[0].column, .number = number_of(77), .zone_set = {1}};
    assert_int_equal(zone_after(f, &write, &is_given), 1);
    assert_false(is_given);
}

static int64_t expiry_of(struct fixture *f, int i)
{
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(i), &f->arena, &record, &f->err));
    return record.expires_at.us - NOW.us;
}

static size_t expired(struct fixture *f, int64_t after_us, struct contact_id ids[9])
{
    size_t count = 9;
    OK(OPS->contacts_expired(SELF, (struct wall){NOW.us + after_us}, ids, &count, &f->err));
    return count;
}

static size_t deleted_from(struct fixture *f, int64_t offset, struct deleted_contact rows[4])
{
    size_t count = 4;
    OK(OPS->contacts_deleted(SELF, LIST, offset, &f->arena, rows, &count, &f->err));
    return count;
}

static size_t purge(struct fixture *f, int64_t before_us, size_t most)
{
    OK(OPS->contacts_purge(SELF, LIST, (struct wall){NOW.us + before_us}, &most, &f->err));
    return most;
}

/* C14: what somebody removed is told of, with what it was, until that is cleared. */
static void tells_of_contacts_that_were_removed(void **state)
{
    struct fixture *f = *state;
    struct deleted_contact rows[4];
    struct contact_id ids[6];
    for (int i = 0; i < 6; i++) {
        struct contact_write write = contact_of(i + 1, 1);
        write.external_id = i == 1 ? "client \"2\"" : NULL;
        write.data = i == 1 ? "[\"+33 1\",\"Zo\\u00e9\"]" : write.data;
        OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, &ids[i],
                               &f->err));
    }
    assert_int_equal(deleted_from(f, 0, rows), 0);
    for (int i = 0; i < 5; i++)
        OK(OPS->contacts_remove(SELF, (struct entity_ref){ENTITY_USER, 3},
                                (struct wall){NOW.us + i}, &ids[i], 1, &f->err));
    OK(OPS->contacts_forget(SELF, &ids[5], 1, &f->err)); /* without a trace */
    assert_int_equal(deleted_from(f, 0, rows), 4);
    assert_int_equal(rows[0].id.value, ids[4].value);
    assert_int_equal(rows[3].id.value, ids[1].value);
    assert_int_equal(rows[3].at.us, NOW.us + 1);
    assert_int_equal(rows[3].actor.id, 3);
    assert_non_null(strstr(rows[3].before, "\"data\":[\"+33 1\",\"Zo"));
    assert_non_null(strstr(rows[3].before, ",\"id\":\"client \\\"2\\\"\"}"));
    assert_null(strstr(rows[0].before, "\"id\""));
    assert_int_equal(deleted_from(f, 4, rows), 1);
    assert_int_equal(rows[0].id.value, ids[0].value);
    assert_int_equal(deleted_from(f, 5, rows), 0);
    assert_int_equal(purge(f, 0, 9), 0);
    assert_int_equal(purge(f, 3, 2), 2);
    assert_int_equal(purge(f, 3, 2), 1);
    assert_int_equal(deleted_from(f, 0, rows), 2);
    assert_int_equal(rows[1].id.value, ids[3].value);
    struct contact_event *events = NULL;
    size_t count = 9;
    OK(OPS->contact_events(SELF, ids[2], &f->arena, &events, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(events[0].kind, CONTACT_EVENT_DELETED);
    assert_null(events[0].before);
    count = 4;
    OK(OPS->contacts_deleted(SELF, (struct list_id){LIST.value + 1}, 0, &f->arena, rows, &count,
                             &f->err));
    assert_int_equal(count, 0);
}

/* Each contact is kept as long as somebody said, and then leaves nothing in its history. */
static void forgets_contacts_whose_time_is_over(void **state)
{
    struct fixture *f = *state;
    static const int64_t ends[] = {500, 300, 0, 400, 300};
    struct contact_id ids[9];
    for (int i = 0; i < 5; i++) {
        struct contact_write write = contact_of(i + 1, 1);
        write.has_expiry = ends[i] != 0;
        write.expires_at.us = ends[i] ? NOW.us + ends[i] : 0;
        OK(OPS->contacts_write(SELF, i ? STORE_API : STORE_BULK, LIST, CONTACT_INSERT, &write,
                               1, NOW, NULL, &f->err));
    }
    struct contact_write write = contact_of(1, 1);
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &write, NOW, &f->err));
    assert_int_equal(expiry_of(f, 1), 500); /* a change that does not speak of it */
    write.has_expiry = true;
    write.expires_at.us = NOW.us + 100;
    OK(OPS->contact_update(SELF, contact_id_of(1), 2, &write, NOW, &f->err));
    assert_int_equal(expiry_of(f, 1), 100);
    assert_int_equal(expired(f, 99, ids), 0);
    assert_int_equal(expired(f, 300, ids), 3);
    assert_int_equal(ids[0].value, contact_id_of(1).value);
    assert_int_equal(ids[1].value, contact_id_of(2).value);
    assert_int_equal(ids[2].value, contact_id_of(5).value);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 9);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[1], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    assert_int_equal(expired(f, 300, ids), 2); /* the second is being called */
    assert_int_equal(ids[1].value, contact_id_of(5).value);
    struct contact_id called = contact_id_of(2);
    assert_int_equal(OPS->contacts_forget(SELF, &called, 1, &f->err), STATUS_CONFLICT);
    OK(OPS->contacts_forget(SELF, ids, 2, &f->err));
    assert_int_equal(expired(f, 1000, ids), 1);
    assert_int_equal(ids[0].value, contact_id_of(4).value);
    int64_t left = 0;
    OK(OPS->contacts_count(SELF, LIST, &left, &f->err));
    assert_int_equal(left, 3);
    struct contact_event *events = NULL;
    size_t count = 9;
    OK(OPS->contact_events(SELF, contact_id_of(1), &f->arena, &events, &count, &f->err));
    assert_true(count >= 2); /* it was changed twice */
    for (size_t i = 0; i < count; i++)
        assert_null(events[i].before);
}

static void refuses_a_known_external_id_and_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct contact_write writes[2] = {contact_of(1, 1), contact_of(2, 1)};
    writes[0].external_id = "A";
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, writes, 1, NOW, NULL,
                           &f->err));
    writes[0].external_id = "B";
    writes[1].external_id = "A";
    assert_int_equal(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, writes, 2, NOW,
                                         NULL, &f->err),
                     STATUS_CONFLICT);
    assert_string_equal(f->err.path, "[1].id");
    int64_t count;
    OK(OPS->contacts_count(SELF, LIST, &count, &f->err));
    assert_int_equal(count, 1);
    struct contact_record record;
    assert_int_equal(OPS->contact_find(SELF, LIST, "B", &f->arena, &record, &f->err),
                     STATUS_NOT_FOUND);
    /* The same id in another list is another contact. */
    OK(OPS->contacts_write(SELF, STORE_API, (struct list_id){4}, CONTACT_INSERT, &writes[1], 1,
                           NOW, NULL, &f->err));
}

static void replaces_on_upsert_and_keeps_what_the_dialer_knows(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.external_id = "A";
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_WAITING);
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    write.address_count = 2;
    write.addresses[1] =
        (struct contact_address){.column = 1, .number = number_of(50), .zone_set = {1}};
    write.data = "[\"new\"]";
    struct contact_id id;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, &write, 1, NOW, &id,
                           &f->err));
    struct contact_record record;
    OK(OPS->contact_get(SELF, id, &f->arena, &record, &f->err));
    assert_string_equal(record.data, "[\"new\"]");
    assert_int_equal(record.data_version, 2);
    assert_int_equal(record.hot.address_count, 2);
    assert_int_equal(record.hot.addresses[0].last_outcome, OUTCOME_BUSY);
    assert_int_equal(record.hot.addresses[0].attempts, 1);
    assert_int_equal(record.hot.addresses[1].last_outcome, OUTCOME_NONE);
}

static void replaces_a_contact_by_the_id_that_the_store_drew(void **state)
{
    struct fixture *f = *state;
    struct contact_write writes[2] = {contact_of(1, 1), contact_of(2, 1)};
    struct contact_id ids[2];
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, writes, 2, NOW, ids,
                           &f->err));
    writes[0] = contact_of(7, 1);
    writes[0].own = ids[1];
    writes[0].external_id = "drawn";
    /* One of another list, and one that is not there: their texts are ids like any. */
    writes[1] = contact_of(8, 1);
    writes[1].own.value = (((LIST).value + 1) << CONTACT_SEQUENCE_BITS) | 1;
    writes[1].external_id = "elsewhere";
    struct contact_id written[2];
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, writes, 2, NOW, written,
                           &f->err));
    assert_int_equal(written[0].value, ids[1].value);
    struct contact_record record;
    OK(OPS->contact_get(SELF, ids[1], &f->arena, &record, &f->err));
    assert_int_equal(record.hot.addresses[0].number, number_of(7));
    assert_null(record.external_id);
    OK(OPS->contact_find(SELF, LIST, "elsewhere", &f->arena, &record, &f->err));
    assert_int_equal(record.hot.id.value, written[1].value);
    int64_t count;
    OK(OPS->contacts_count(SELF, LIST, &count, &f->err));
    assert_int_equal(count, 3);
}

static void refuses_to_touch_a_contact_that_is_being_called(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.external_id = "A";
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    assert_int_equal(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, &write, 1, NOW,
                                         NULL, &f->err),
                     STATUS_CONFLICT);
    assert_string_equal(f->err.path, "[0]");
    assert_int_equal(OPS->contact_update(SELF, contact_id_of(1), 1, &write, NOW, &f->err),
                     STATUS_CONFLICT);
    struct contact_id id = contact_id_of(1);
    assert_int_equal(OPS->contacts_remove(SELF, (struct entity_ref){0}, NOW, &id, 1, &f->err),
                     STATUS_CONFLICT);
    assert_int_equal(OPS->contacts_clear(SELF, LIST, &f->err), STATUS_CONFLICT);
    int64_t count;
    OK(OPS->contacts_count(SELF, LIST, &count, &f->err));
    assert_int_equal(count, 1);
}

static void locks_an_update_by_the_version_of_the_data(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 1);
    struct contact_write write = contact_of(77, 2);
    OK(OPS->contact_update(SELF, contact_id_of(1), 1, &write, NOW, &f->err));
    assert_int_equal(OPS->contact_update(SELF, contact_id_of(1), 1, &write, NOW, &f->err),
                     STATUS_STALE);
    struct contact_query by_old = {.list = LIST, .limit = 5, .number = number_of(1)};
    struct contact_query by_new = {.list = LIST, .limit = 5, .number = number_of(77)};
    struct contact_record *records;
    size_t count;
    OK(OPS->contacts_list(SELF, &by_old, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 0);
    OK(OPS->contacts_list(SELF, &by_new, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 1);
}

static void refuses_what_is_out_of_range(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.priority = 40000;
    assert_int_equal(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW,
                                         NULL, &f->err),
                     STATUS_INVALID);
    assert_string_equal(f->err.path, "[0].priority");
    write = contact_of(1, 1);
    write.address_count = 2;
    write.addresses[1] = write.addresses[0];
    assert_int_equal(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW,
                                         NULL, &f->err),
                     STATUS_INVALID);
    assert_string_equal(f->err.path, "[0].addresses");
}

static void pages_by_key_by_offset_and_by_number(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 10);
    struct contact_record *records;
    size_t count;
    struct contact_query query = {.list = LIST, .limit = 4, .after = contact_id_of(3)};
    OK(OPS->contacts_list(SELF, &query, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 4);
    assert_int_equal(records[0].hot.id.value, contact_id_of(4).value);
    query = (struct contact_query){.list = LIST, .limit = 4, .offset = 8};
    OK(OPS->contacts_list(SELF, &query, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 2);
    assert_int_equal(records[1].hot.id.value, contact_id_of(10).value);
    query = (struct contact_query){.list = LIST, .limit = 4, .number = number_of(6)};
    OK(OPS->contacts_list(SELF, &query, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(records[0].hot.id.value, contact_id_of(6).value);
    query = (struct contact_query){.list = {9}, .limit = 4};
    OK(OPS->contacts_list(SELF, &query, &f->arena, &records, &count, &f->err));
    assert_int_equal(count, 0);
}

static void finds_numbers_after_bulk_writes_before_and_after_indexing(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    for (int i = 3; i <= 300; i++) {
        struct contact_write write = contact_of(600 - i, 1);
        OK(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                               &f->err));
    }
    struct contact_write single = contact_of(900, 1);
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &single, 1, NOW, NULL,
                           &f->err));
    struct contact_id removed = contact_id_of(150);
    OK(OPS->contacts_remove(SELF, (struct entity_ref){0}, NOW, &removed, 1, &f->err));
    for (int round = 0; round < 2; round++) {
        static const int wanted[] = {2, 400, 900};
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
            struct contact_query query = {
                .list = LIST, .limit = 4, .number = number_of(wanted[i])};
            struct contact_record *records;
            size_t count;
            OK(OPS->contacts_list(SELF, &query, &f->arena, &records, &count, &f->err));
            assert_int_equal(count, 1);
        }
        OK(OPS->numbers_index(SELF, LIST, &f->err));
    }
    int64_t numbers[400];
    size_t count = ARRAY_LEN(numbers);
    OK(OPS->numbers_list(SELF, LIST, number_of(2), numbers, &count, &f->err));
    assert_int_equal(count, 298); /* 300..597 but the removed one, and 900 */
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(numbers[i], number_of(450));
    assert_int_equal(numbers[0], number_of(300));
    assert_int_equal(numbers[297], number_of(900));
    count = 3;
    OK(OPS->numbers_list(SELF, LIST, 0, numbers, &count, &f->err));
    assert_int_equal(count, 3);
    assert_int_equal(numbers[0], number_of(1));
    assert_int_equal(numbers[2], number_of(300));
}

static void removes_contacts_and_clears_lists(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 600);
    struct contact_id ids[] = {contact_id_of(2), contact_id_of(2), contact_id_of(999)};
    OK(OPS->contacts_remove(SELF, (struct entity_ref){0}, NOW, ids, 3, &f->err));
    struct contact_record record;
    assert_int_equal(OPS->contact_get(SELF, ids[0], &f->arena, &record, &f->err),
                     STATUS_NOT_FOUND);
    int64_t count;
    OK(OPS->contacts_count(SELF, LIST, &count, &f->err));
    assert_int_equal(count, 599);
    OK(OPS->contacts_clear(SELF, LIST, &f->err));
    OK(OPS->contacts_count(SELF, LIST, &count, &f->err));
    assert_int_equal(count, 0);
    /* Ids are not used again. */
    struct contact_write write = contact_of(1, 1);
    struct contact_id id;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, &id,
                           &f->err));
    assert_int_equal(id.value, contact_id_of(601).value);
}

static void blocks_a_number_until_its_entry_expires(void **state)
{
    struct fixture *f = *state;
    int64_t numbers[] = {number_of(1), number_of(2), number_of(3)};
    struct wall later = {NOW.us + MINUTE};
    bool has;
    OK(OPS->dnc_add(SELF, STORE_API, DNC, numbers, 3, (struct wall){0}, &f->err));
    OK(OPS->dnc_add(SELF, STORE_BULK, DNC, &numbers[1], 1, later, &f->err));
    OK(OPS->dnc_has(SELF, DNC, number_of(1), later, &has, &f->err));
    assert_true(has);
    OK(OPS->dnc_has(SELF, DNC, number_of(2), NOW, &has, &f->err));
    assert_true(has);
    OK(OPS->dnc_has(SELF, DNC, number_of(2), later, &has, &f->err));
    assert_false(has);
    OK(OPS->dnc_has(SELF, (struct dnc_list_id){6}, number_of(1), NOW, &has, &f->err));
    assert_false(has);
    int64_t count;
    OK(OPS->dnc_clear(SELF, DNC, true, later, &f->err));
    OK(OPS->dnc_count(SELF, DNC, &count, &f->err));
    assert_int_equal(count, 2);
    OK(OPS->dnc_remove(SELF, DNC, numbers, 1, &f->err));
    OK(OPS->dnc_count(SELF, DNC, &count, &f->err));
    assert_int_equal(count, 1);
    OK(OPS->dnc_clear(SELF, DNC, false, NOW, &f->err));
    OK(OPS->dnc_count(SELF, DNC, &count, &f->err));
    assert_int_equal(count, 0);
    int64_t nothing = 0;
    assert_int_equal(OPS->dnc_add(SELF, STORE_API, DNC, &nothing, 1, (struct wall){0}, &f->err),
                     STATUS_INVALID);
}

const struct CMUnitTest contact_tests[] = {
    TEST(gives_ids_in_order_within_a_list),
    TEST(keeps_addresses_in_the_order_given),
    TEST(keeps_a_zone_that_was_given),
    TEST(tells_of_contacts_that_were_removed),
    TEST(forgets_contacts_whose_time_is_over),
    TEST(refuses_a_known_external_id_and_writes_nothing),
    TEST(replaces_on_upsert_and_keeps_what_the_dialer_knows),
    TEST(replaces_a_contact_by_the_id_that_the_store_drew),
    TEST(refuses_to_touch_a_contact_that_is_being_called),
    TEST(locks_an_update_by_the_version_of_the_data),
    TEST(refuses_what_is_out_of_range),
    TEST(pages_by_key_by_offset_and_by_number),
    TEST(finds_numbers_after_bulk_writes_before_and_after_indexing),
    TEST(removes_contacts_and_clears_lists),
    TEST(blocks_a_number_until_its_entry_expires),
};
const size_t contact_test_count = ARRAY_LEN(contact_tests);
