/* Jobs, and what imports, exports and bulk changes need of contacts and do-not-contact lists.
 */
#include "suite.h"

static int64_t job_new(struct fixture *f, enum job_kind kind, int64_t list)
{
    struct job_record job = {.kind = kind,
                             .subject = {ENTITY_CONTACT_LIST, list},
                             .owner = {ENTITY_USER, 9},
                             .task = "{\"a\":1}",
                             .total = 12};
    int64_t id = 0;
    OK(OPS->job_create(SELF, &job, NOW, &id, &f->err));
    assert_true(id > 0);
    return id;
}

static struct job_record job_read(struct fixture *f, int64_t id)
{
    struct job_record job;
    OK(OPS->job_get(SELF, id, &f->arena, &job, &f->err));
    return job;
}

static void keeps_a_job_and_where_it_stands(void **state)
{
    struct fixture *f = *state;
    int64_t id = job_new(f, JOB_CONTACTS_EXPORT, LIST.value);
    struct job_record job = job_read(f, id);
    assert_int_equal(job.id, id);
    assert_int_equal(job.kind, JOB_CONTACTS_EXPORT);
    assert_int_equal(job.state, JOB_WAITING);
    assert_int_equal(job.subject.kind, ENTITY_CONTACT_LIST);
    assert_int_equal(job.subject.id, LIST.value);
    assert_int_equal(job.owner.kind, ENTITY_USER);
    assert_int_equal(job.owner.id, 9);
    assert_string_equal(job.task, "{\"a\":1}");
    assert_string_equal(job.place, "");
    assert_string_equal(job.failure, "");
    assert_int_equal(job.total, 12);
    assert_int_equal(job.created_at.us, NOW.us);
    assert_int_equal(job.ended_at.us, 0);
    job.state = JOB_FAILED;
    job.place = "{\"at\":7}";
    job.failure = "the disk is full";
    job.done = 7;
    job.refused = 2;
    job.resumes = 1;
    job.has_file = true;
    job.ended_at.us = NOW.us + 5;
    OK(OPS->job_save(SELF, &job, &f->err));
    job = job_read(f, id);
    assert_int_equal(job.state, JOB_FAILED);
    assert_string_equal(job.place, "{\"at\":7}");
    assert_string_equal(job.failure, "the disk is full");
    assert_int_equal(job.done, 7);
    assert_int_equal(job.refused, 2);
    assert_int_equal(job.resumes, 1);
    assert_true(job.has_file);
    assert_int_equal(job.ended_at.us, NOW.us + 5);
    OK(OPS->job_remove(SELF, id, &f->err));
    assert_int_equal(OPS->job_get(SELF, id, &f->arena, &job, &f->err), STATUS_NOT_FOUND);
    assert_int_equal(OPS->job_save(SELF, &job, &f->err), STATUS_NOT_FOUND);
}

static size_t listed(struct fixture *f, const struct job_query *query, struct job_record **jobs)
{
    size_t count = 99;
    OK(OPS->jobs_list(SELF, query, &f->arena, jobs, &count, &f->err));
    return count;
}

static void lists_jobs_by_kind_subject_state_and_age(void **state)
{
    struct fixture *f = *state;
    int64_t ids[4] = {job_new(f, JOB_CONTACTS_EXPORT, 3), job_new(f, JOB_CONTACTS_IMPORT, 3),
                      job_new(f, JOB_CONTACTS_IMPORT, 4), job_new(f, JOB_CONTACTS_IMPORT, 3)};
    struct job_record *jobs, done = job_read(f, ids[1]);
    done.state = JOB_COMPLETE;
    done.ended_at.us = NOW.us + MINUTE;
    OK(OPS->job_save(SELF, &done, &f->err));
    struct job_query query = {.limit = 10};
    assert_int_equal(listed(f, &query, &jobs), 4);
    assert_int_equal(jobs[0].id, ids[0]);
    assert_int_equal(jobs[3].id, ids[3]);
    query = (struct job_query){.limit = 1,
                               .kind = JOB_CONTACTS_IMPORT,
                               .subject = {ENTITY_CONTACT_LIST, 3},
                               .is_newest_first = true};
    assert_int_equal(listed(f, &query, &jobs), 1);
    assert_int_equal(jobs[0].id, ids[3]);
    query.after = ids[3];
    query.limit = 10;
    assert_int_equal(listed(f, &query, &jobs), 1);
    assert_int_equal(jobs[0].id, ids[1]);
    query = (struct job_query){.limit = 10, .is_open = true};
    assert_int_equal(listed(f, &query, &jobs), 3);
    query.subject = (struct entity_ref){ENTITY_CONTACT_LIST, 3};
    query.after = ids[0];
    assert_int_equal(listed(f, &query, &jobs), 1);
    assert_int_equal(jobs[0].id, ids[3]);
    query = (struct job_query){.limit = 10, .ended_before = {NOW.us + MINUTE}};
    assert_int_equal(listed(f, &query, &jobs), 0);
    query.ended_before.us++;
    assert_int_equal(listed(f, &query, &jobs), 1);
    assert_int_equal(jobs[0].id, ids[1]);
}

static void writes_an_imports_rows_and_its_place_together(void **state)
{
    struct fixture *f = *state;
    int64_t job = job_new(f, JOB_CONTACTS_IMPORT, LIST.value);
    struct contact_write writes[2] = {contact_of(1, 1), contact_of(2, 1)};
    writes[0].external_id = "A";
    writes[1].external_id = "B";
    writes[1].extra = "{\"x\":1}";
    struct job_mark mark = {.job = job, .place = "{\"line\":3}", .total = 9, .done = 2};
    OK(OPS->contacts_import(SELF, LIST, CONTACT_INSERT, writes, 2, NOW, &mark, &f->err));
    struct contact_record record;
    OK(OPS->contact_find(SELF, LIST, "B", &f->arena, &record, &f->err));
    assert_int_equal(record.batch, job);
    assert_string_equal(record.extra, "{\"x\":1}");
    assert_int_equal(record.created_at.us, NOW.us);
    assert_string_equal(job_read(f, job).place, "{\"line\":3}");
    assert_int_equal(job_read(f, job).done, 2);
    assert_int_equal(job_read(f, job).total, 9);
    /* A refused row: neither rows nor place. */
    writes[0].external_id = "C";
    mark.place = "{\"line\":5}";
    assert_int_equal(
        OPS->contacts_import(SELF, LIST, CONTACT_INSERT, writes, 2, NOW, &mark, &f->err),
        STATUS_CONFLICT);
    assert_int_equal(OPS->contact_find(SELF, LIST, "C", &f->arena, &record, &f->err),
                     STATUS_NOT_FOUND);
    assert_string_equal(job_read(f, job).place, "{\"line\":3}");
    /* No job, no rows. */
    mark.job = job + 50;
    writes[1].external_id = "D";
    assert_int_equal(
        OPS->contacts_import(SELF, LIST, CONTACT_INSERT, writes, 2, NOW, &mark, &f->err),
        STATUS_NOT_FOUND);
    assert_int_equal(OPS->contact_find(SELF, LIST, "D", &f->arena, &record, &f->err),
                     STATUS_NOT_FOUND);
}

static void takes_back_an_import_but_what_was_dialed(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 3);
    int64_t job = job_new(f, JOB_CONTACTS_IMPORT, LIST.value);
    struct job_mark mark = {.job = job, .place = "x"};
    struct contact_write write = contact_of(4, 1);
    OK(OPS->contacts_import(SELF, LIST, CONTACT_INSERT, &write, 1, NOW, &mark, &f->err));
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 4);
    assert_int_equal(claimed.count, 4);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[3], 1);
    assert_int_equal(intent.contact.value, contact_id_of(4).value);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    for (int i = 5; i <= 600; i++) {
        write = contact_of(i, 1);
        OK(OPS->contacts_import(SELF, LIST, CONTACT_INSERT, &write, 1, NOW, &mark, &f->err));
    }
    int64_t removed = 0, kept = 0, count = 0;
    OK(OPS->contacts_remove_batch(SELF, LIST, job, &removed, &kept, &f->err));
    assert_int_equal(removed, 596);
    assert_int_equal(kept, 1);
    OK(OPS->contacts_count(SELF, LIST, &count, &f->err));
    assert_int_equal(count, 4);
}

static void keeps_marks_and_records_that_a_write_brings(void **state)
{
    struct fixture *f = *state;
    struct contact_write write = contact_of(1, 1);
    write.external_id = "A";
    write.extra = "{}";
    write.marks[0].callable = CALLABLE_NO;
    write.marks[0].has_record = true;
    write.marks[0].last_at = NOW;
    write.marks[0].last_outcome = OUTCOME_BUSY;
    write.marks[0].last_wrapup.value = 4;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, &write, 1, NOW, NULL,
                           &f->err));
    struct contact_write plain = contact_of(1, 1);
    plain.external_id = "A";
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, &plain, 1, NOW, NULL,
                           &f->err));
    struct contact_record record;
    OK(OPS->contact_find(SELF, LIST, "A", &f->arena, &record, &f->err));
    assert_false(record.hot.addresses[0].is_callable);
    assert_int_equal(record.hot.addresses[0].last_at.us, NOW.us);
    assert_int_equal(record.hot.addresses[0].last_outcome, OUTCOME_BUSY);
    assert_int_equal(record.hot.addresses[0].last_wrapup.value, 4);
    assert_string_equal(record.extra, "{}");
    /* An older record does not hide a newer one. */
    write.marks[0].last_at.us = NOW.us - MINUTE;
    write.marks[0].last_outcome = OUTCOME_NO_ANSWER;
    write.marks[0].callable = CALLABLE_YES;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, &write, 1, NOW, NULL,
                           &f->err));
    OK(OPS->contact_find(SELF, LIST, "A", &f->arena, &record, &f->err));
    assert_int_equal(record.hot.addresses[0].last_outcome, OUTCOME_BUSY);
    assert_true(record.hot.addresses[0].is_callable);
    plain.clears_system_data = true;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, &plain, 1, NOW, NULL,
                           &f->err));
    OK(OPS->contact_find(SELF, LIST, "A", &f->arena, &record, &f->err));
    assert_int_equal(record.hot.addresses[0].last_outcome, OUTCOME_NONE);
    assert_int_equal(record.hot.addresses[0].last_at.us, 0);
}

static void refuses_a_write_of_another_version_and_writes_nothing(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 2);
    struct contact_write writes[2] = {contact_of(11, 1), contact_of(12, 1)};
    for (int i = 0; i < 2; i++) {
        writes[i].own = contact_id_of(i + 1);
        writes[i].data_version = 1;
    }
    OK(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_UPSERT, &writes[1], 1, NOW, NULL,
                           &f->err));
    assert_int_equal(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_UPSERT, writes, 2, NOW,
                                         NULL, &f->err),
                     STATUS_STALE);
    assert_string_equal(f->err.path, "[1]");
    struct contact_record record;
    OK(OPS->contact_get(SELF, contact_id_of(1), &f->arena, &record, &f->err));
    assert_int_equal(record.hot.addresses[0].number, number_of(1));
    /* Nor is one that is gone made again. */
    writes[0].external_id = "gone";
    OK(OPS->contacts_remove(SELF, (struct entity_ref){0}, NOW, &writes[0].own, 1, &f->err));
    assert_int_equal(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_UPSERT, writes, 1, NOW,
                                         NULL, &f->err),
                     STATUS_STALE);
    assert_string_equal(f->err.path, "[0]");
}

static void counts_contacts_by_the_zones_of_their_numbers(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"Europe/Paris", "America/Cayenne"};
    static struct zone zones[2];
    struct zone_table table = {zones, 2};
    int32_t ids[2];
    for (int i = 0; i < 2; i++)
        snprintf(zones[i].name, sizeof(zones[i].name), "%s", names[i]);
    for (int16_t i = 0; i < 2; i++) {
        struct zone_set set = {.count = 1, .zones = {i}};
        OK(OPS->zone_set_intern(SELF, &table, &set, &f->err));
        ids[i] = set.id.value;
    }
    struct contact_write writes[5] = {contact_of(1, ids[0]), contact_of(2, ids[0]),
                                      contact_of(3, 0), contact_of(4, ids[1]),
                                      contact_of(5, 0)};
    writes[1].addresses[writes[1].address_count++] =
        (struct contact_address){.column = 1, .number = number_of(20), .zone_set = {ids[0]}};
    writes[3].addresses[writes[3].address_count++] =
        (struct contact_address){.column = 1, .number = number_of(21), .zone_set = {ids[0]}};
    writes[4].addresses[0].number = 0; /* no number, no zone */
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, writes, 5, NOW, NULL,
                           &f->err));
    struct zone_count *counts;
    size_t count = 0;
    OK(OPS->contacts_zones(SELF, LIST, -1, &f->arena, &counts, &count, &f->err));
    assert_int_equal(count, 3);
    assert_int_equal(counts[0].zone_set, -1);
    assert_int_equal(counts[0].contacts, 1);
    assert_int_equal(counts[1].zone_set, 0);
    assert_int_equal(counts[1].contacts, 1);
    assert_int_equal(counts[2].zone_set, ids[0]);
    assert_int_equal(counts[2].contacts, 2);
    /* And by what one of their columns says: contact 1 "a", 2 "B", the others nothing. */
    static const char *const values[] = {"[\"+33\",\"a\"]", "[\"+33\",\"B\"]"};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        writes[i].own = contact_id_of((int)i + 1);
        writes[i].data = values[i];
    }
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_UPSERT, writes, 2, NOW, NULL,
                           &f->err));
    OK(OPS->contacts_zones(SELF, LIST, 1, &f->arena, &counts, &count, &f->err));
    assert_int_equal(count, 4);
    assert_int_equal(counts[2].zone_set, ids[0]);
    assert_string_equal(counts[2].value, "a");
    assert_int_equal(counts[2].contacts, 1);
    assert_string_equal(counts[3].value, "b");
    assert_string_equal(counts[0].value, counts[1].value);
}

static void excludes_contacts_by_a_columns_value(void **state)
{
    struct fixture *f = *state;
    struct contact_write writes[3] = {contact_of(1, 1), contact_of(2, 1), contact_of(3, 1)};
    writes[0].data = "[\"+33 1\",\"caf\\u00e9 \\\"noir\\\"\"]";
    writes[1].data = "[\"+33 2\",\"other\"]";
    writes[2].data = "[\"caf\303\251 \\\"noir\\\"\",\"third\"]";
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, writes, 3, NOW, NULL,
                           &f->err));
    const char *values[] = {"caf\303\251 \"noir\"", "Gone"};
    OK(OPS->dnc_values_add(SELF, STORE_API, DNC, values, 1, (struct wall){0}, &f->err));
    OK(OPS->dnc_values_add(SELF, STORE_API, DNC, &values[1], 1, (struct wall){NOW.us},
                           &f->err));
    int64_t pass = start_campaign(f);
    struct claim claim = {.campaign = CAMPAIGN,
                          .list = LIST,
                          .pass = pass,
                          .zone_set = {1},
                          .after = {.rank_len = -1},
                          .now = NOW,
                          .fresh_limit = 9,
                          .due_limit = 9,
                          .dnc_list_count = 1,
                          .dnc_lists = {DNC},
                          .dnc_columns = {2}};
    struct claimed claimed;
    OK(OPS->claim(SELF, &claim, 1, &f->arena, &claimed, &f->err));
    assert_int_equal(claimed.count, 3);
    assert_true(claimed.candidates[0].contact.addresses[0].is_on_dnc);
    assert_false(claimed.candidates[1].contact.addresses[0].is_on_dnc);
    assert_false(claimed.candidates[2].contact.addresses[0].is_on_dnc);
    /* Once more inside the intent's transaction. */
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    intent.dnc_list_count = 1;
    intent.dnc_lists[0] = DNC;
    intent.dnc_columns[0] = 2;
    assert_int_equal(commit_one(f, &intent), WRITE_STALE);
    int64_t count;
    OK(OPS->dnc_count(SELF, DNC, &count, &f->err));
    assert_int_equal(count, 2);
    OK(OPS->dnc_clear(SELF, DNC, true, NOW, &f->err));
    OK(OPS->dnc_count(SELF, DNC, &count, &f->err));
    assert_int_equal(count, 1);
    OK(OPS->dnc_values_remove(SELF, DNC, values, 2, &f->err));
    OK(OPS->dnc_count(SELF, DNC, &count, &f->err));
    assert_int_equal(count, 0);
    const char *nothing = "";
    assert_int_equal(
        OPS->dnc_values_add(SELF, STORE_API, DNC, &nothing, 1, (struct wall){0}, &f->err),
        STATUS_INVALID);
}

static void lists_do_not_contact_entries_page_by_page(void **state)
{
    struct fixture *f = *state;
    int64_t numbers[] = {number_of(3), number_of(1), number_of(2)};
    const char *values[] = {"b", "a"};
    struct wall later = {NOW.us + MINUTE};
    OK(OPS->dnc_add(SELF, STORE_API, DNC, numbers, 3, (struct wall){0}, &f->err));
    OK(OPS->dnc_values_add(SELF, STORE_API, DNC, values, 2, later, &f->err));
    struct dnc_query query = {.list = DNC, .limit = 2};
    struct dnc_entry *entries;
    size_t count = 0;
    OK(OPS->dnc_list(SELF, &query, &f->arena, &entries, &count, &f->err));
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].number, number_of(1));
    assert_int_equal(entries[1].number, number_of(2));
    query.after_number = entries[1].number;
    OK(OPS->dnc_list(SELF, &query, &f->arena, &entries, &count, &f->err));
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].number, number_of(3));
    assert_int_equal(entries[0].expires_at.us, 0);
    assert_string_equal(entries[1].value, "a");
    assert_int_equal(entries[1].expires_at.us, later.us);
    query.after_value = entries[1].value;
    OK(OPS->dnc_list(SELF, &query, &f->arena, &entries, &count, &f->err));
    assert_int_equal(count, 1);
    assert_string_equal(entries[0].value, "b");
}

const struct CMUnitTest job_tests[] = {
    TEST(keeps_a_job_and_where_it_stands),
    TEST(lists_jobs_by_kind_subject_state_and_age),
    TEST(writes_an_imports_rows_and_its_place_together),
    TEST(takes_back_an_import_but_what_was_dialed),
    TEST(keeps_marks_and_records_that_a_write_brings),
    TEST(refuses_a_write_of_another_version_and_writes_nothing),
    TEST(counts_contacts_by_the_zones_of_their_numbers),
    TEST(excludes_contacts_by_a_columns_value),
    TEST(lists_do_not_contact_entries_page_by_page),
};
const size_t job_test_count = ARRAY_LEN(job_tests);
