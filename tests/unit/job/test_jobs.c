/* Jobs over a real store: their ends, their limits, what is taken up, what goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/jobs.h"
#include "job/row_filters.h"
#include "job/template.h"
#include "resource/resource.h"
#include "store/sqlite/sqlite.h"
#include "world/zone_load.h"

#define DAY_AGO(n) ((struct wall){instant_wall_now().us - (n)*US_PER_DAY})

struct fixture {
    struct store_port store;
    struct zone_table zones;
    struct arena arena;
    struct error err;
    struct jobs *jobs;
    atomic_int told;
    char folder[64];
    int64_t list;
};
#define OK(call)                                                                               \
    do {                                                                                       \
        enum status status_ = (call);                                                          \
        if (status_ != STATUS_OK)                                                              \
            fail_msg("%s: %s: %s", status_name(status_), f->err.path, f->err.text);            \
    } while (0)

static void contacts_changed(void *context, struct list_id list)
{
    struct fixture *f = context;
    (void)list;
    atomic_fetch_add(&f->told, 1);
}

static int64_t list_make(struct fixture *f, const char *name, const char *more,
                         struct wall created_at)
{
    char document[512];
    int64_t id = 0;
    snprintf(document, sizeof(document),
             "{\"name\":\"%s\",\"columnNames\":[\"Nom\",\"Fixe\"],\"phoneColumns\":"
             "[{\"columnName\":\"Fixe\",\"type\":\"Home\"}]%s}",
             name, more);
    OK(f->store.ops->entity_create(f->store.self, ENTITY_CONTACT_LIST, name, document, NULL, 0,
                                   created_at, &id, &f->err));
    return id;
}

static void jobs_make(struct fixture *f, int64_t kept_us, int64_t room_min)
{
    struct jobs_options options = {.store = f->store,
                                   .zones = &f->zones,
                                   .data = f->folder,
                                   .region = "FR",
                                   .kept_us = kept_us,
                                   .room_min = room_min,
                                   .contacts_changed = contacts_changed,
                                   .context = f};
    OK(jobs_create(&options, &f->jobs, &f->err));
}

static int setup(void **state)
{
    char path[96];
    struct fixture *f = memory_new(1, sizeof(*f));
    arena_init(&f->arena);
    snprintf(f->folder, sizeof(f->folder), "/tmp/cadran-jobs-XXXXXX");
    if (!mkdtemp(f->folder) || zone_load(NULL, &f->zones, &f->err))
        return 1;
    snprintf(path, sizeof(path), "%s/cadran.db", f->folder);
    if (store_sqlite_open(path, &f->store, &f->err) != STATUS_OK)
        return 1;
    f->list = list_make(f, "people", "", instant_wall_now());
    jobs_make(f, 0, 0);
    *state = f;
    return 0;
}

static int entry_remove(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    jobs_destroy(f->jobs);
    f->store.ops->destroy(f->store.self);
    zone_unload(&f->zones);
    arena_fini(&f->arena);
    int result = nftw(f->folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return result;
}

static struct job_record ended(struct fixture *f, int64_t id)
{
    struct job_record job = {.state = JOB_WAITING};
    for (int i = 0; i < 2000 && job_state_is_open(job.state); i++) {
        OK(f->store.ops->job_get(f->store.self, id, &f->arena, &job, &f->err));
        usleep(5000);
    }
    assert_false(job_state_is_open(job.state));
    return job;
}

static int64_t count_of(struct fixture *f, int64_t list)
{
    int64_t count = 0;
    OK(f->store.ops->contacts_count(f->store.self, (struct list_id){list}, &count, &f->err));
    return count;
}

static int input_make(struct fixture *f, const char *text)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/input.csv", f->folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    unlink(path);
    return fd;
}

static int64_t import_add(struct fixture *f, const char *text)
{
    int64_t id = 0;
    int fd = input_make(f, text);
    struct job_order order = {.kind = JOB_CONTACTS_IMPORT,
                              .subject = {ENTITY_CONTACT_LIST, f->list},
                              .fd = fd,
                              .is_alone = true};
    OK(jobs_add(f->jobs, &order, &id, &f->err));
    close(fd);
    return id;
}

static void file_read(struct fixture *f, int64_t job, enum job_file kind, char *text,
                      size_t room)
{
    char path[JOB_PATH_SIZE];
    jobs_path(f->jobs, job, kind, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, room - 1, file)] = '\0';
    fclose(file);
}

static void imports_and_exports_a_list(void **state)
{
    struct fixture *f = *state;
    char text[1024], ids[256], anne[40], cy[40], line[128];
    OK(jobs_start(f->jobs, &f->err));
    int64_t import = import_add(f, "Nom,Fixe\nAnne,0142000001\nBob,none\nCy,0142000003\n");
    struct job_record job = ended(f, import);
    assert_int_equal(job.state, JOB_COMPLETE);
    assert_int_equal(job.done, 2);
    assert_int_equal(job.refused, 1);
    assert_true(atomic_load(&f->told) > 0);
    int64_t id = 0;
    json_t *everybody = json_pack("{s:s}", "filter", "");
    struct job_order order = {.kind = JOB_CONTACTS_EXPORT,
                              .subject = {ENTITY_CONTACT_LIST, f->list},
                              .task = everybody,
                              .fd = -1};
    OK(jobs_add(f->jobs, &order, &id, &f->err));
    json_decref(everybody);
    job = ended(f, id);
    assert_int_equal(job.state, JOB_COMPLETE);
    assert_true(job.has_file);
    file_read(f, id, JOB_FILE_RESULT, text, sizeof(text));
    file_read(f, import, JOB_FILE_IDS, ids, sizeof(ids));
    /* Each line of the file that became a contact has its id. */
    assert_int_equal(
        sscanf(ids, "line,inin-outbound-id\r\n2,\"%39[^\"]\"\r\n4,\"%39[^\"]\"\r\n", anne, cy),
        2);
    assert_null(strstr(ids, "\n3,"));
    snprintf(line, sizeof(line), "%s,Anne,0142000001,1,1,1,1,,", anne);
    assert_non_null(strstr(text, line));
    snprintf(line, sizeof(line), "%s,Cy,0142000003,1,", cy);
    assert_non_null(strstr(text, line));
}

static void forgets_the_ids_of_an_import_that_is_taken_back(void **state)
{
    struct fixture *f = *state;
    char path[JOB_PATH_SIZE];
    OK(jobs_start(f->jobs, &f->err));
    int64_t job = import_add(f, "Nom,Fixe\nAnne,0142000001\n");
    assert_int_equal(ended(f, job).state, JOB_COMPLETE);
    jobs_path(f->jobs, job, JOB_FILE_IDS, path);
    assert_int_equal(access(path, F_OK), 0);
    OK(jobs_undo(f->jobs, job, &f->err));
    assert_int_equal(ended(f, job).state, JOB_UNDONE);
    assert_int_equal(access(path, F_OK), -1);
}

static void takes_up_what_a_dead_process_left(void **state)
{
    struct fixture *f = *state;
    int64_t id = import_add(f, "Nom,Fixe\nAnne,0142000001\nBob,0142000002\n");
    struct job_record job;
    OK(f->store.ops->job_get(f->store.self, id, &f->arena, &job, &f->err));
    job.state = JOB_RUNNING;
    OK(f->store.ops->job_save(f->store.self, &job, &f->err));
    jobs_destroy(f->jobs);
    jobs_make(f, 0, 0);
    OK(jobs_start(f->jobs, &f->err));
    job = ended(f, id);
    assert_int_equal(job.state, JOB_COMPLETE);
    assert_int_equal(job.resumes, 1);
    assert_int_equal(count_of(f, f->list), 2);
}

static void cancels_a_job_that_waits_and_refuses_one_that_ended(void **state)
{
    struct fixture *f = *state;
    char path[JOB_PATH_SIZE];
    int64_t id = import_add(f, "Nom,Fixe\nAnne,0142000001\n");
    jobs_path(f->jobs, id, JOB_FILE_INPUT, path);
    assert_int_equal(access(path, F_OK), 0);
    OK(jobs_cancel(f->jobs, id, &f->err));
    assert_int_equal(access(path, F_OK), -1);
    OK(jobs_start(f->jobs, &f->err));
    int64_t second = import_add(f, "Nom,Fixe\nBob,0142000002\n");
    assert_int_equal(ended(f, second).state, JOB_COMPLETE);
    assert_int_equal(ended(f, id).state, JOB_CANCELLED);
    assert_int_equal(count_of(f, f->list), 1);
    assert_int_equal(jobs_cancel(f->jobs, second, &f->err), STATUS_CONFLICT);
    assert_int_equal(jobs_cancel(f->jobs, 999, &f->err), STATUS_NOT_FOUND);
}

static void takes_back_an_import_that_is_cancelled(void **state)
{
    struct fixture *f = *state;
    size_t room = 3 << 20, len = 0;
    char *text = memory_new(room, 1);
    len += (size_t)snprintf(text, room, "Nom,Fixe\n");
    for (int i = 0; i < 90000; i++)
        len += (size_t)snprintf(text + len, room - len, "n%d,01421%05d\n", i, i);
    OK(jobs_start(f->jobs, &f->err));
    int64_t id = import_add(f, text);
    for (int i = 0; i < 4000 && count_of(f, f->list) == 0; i++)
        usleep(1000);
    assert_true(count_of(f, f->list) > 0);
    OK(jobs_cancel(f->jobs, id, &f->err));
    struct job_record job = ended(f, id);
    assert_int_equal(job.state, JOB_CANCELLED);
    assert_non_null(strstr(job.failure, "nothing of it is kept"));
    assert_int_equal(count_of(f, f->list), 0);
    free(text);
}

static void allows_one_import_of_a_list_at_a_time(void **state)
{
    struct fixture *f = *state;
    (void)import_add(f, "Nom,Fixe\n");
    int64_t id;
    struct job_order order = {.kind = JOB_CONTACTS_IMPORT,
                              .subject = {ENTITY_CONTACT_LIST, f->list},
                              .fd = -1,
                              .is_alone = true};
    assert_int_equal(jobs_add(f->jobs, &order, &id, &f->err), STATUS_CONFLICT);
    order.subject.id++;
    OK(jobs_add(f->jobs, &order, &id, &f->err));
}

static void refuses_more_jobs_than_may_wait(void **state)
{
    struct fixture *f = *state;
    int64_t id;
    json_t *everybody = json_pack("{s:s}", "filter", "");
    struct job_order order = {.kind = JOB_CONTACTS_EXPORT,
                              .subject = {ENTITY_CONTACT_LIST, f->list},
                              .task = everybody,
                              .fd = -1};
    for (int i = 0; i < JOBS_OPEN_MAX; i++)
        OK(jobs_add(f->jobs, &order, &id, &f->err));
    assert_int_equal(jobs_add(f->jobs, &order, &id, &f->err), STATUS_FULL);
    json_decref(everybody);
}

static void refuses_to_fill_the_disk_but_not_to_remove(void **state)
{
    struct fixture *f = *state;
    OK(jobs_start(f->jobs, &f->err));
    struct job_record job = ended(f, import_add(f, "Nom,Fixe\nAnne,0142000001\n"));
    assert_int_equal(job.state, JOB_COMPLETE);
    jobs_destroy(f->jobs);
    jobs_make(f, 0, INT64_MAX);
    OK(jobs_start(f->jobs, &f->err));
    job = ended(f, import_add(f, "Nom,Fixe\nBob,0142000002\n"));
    assert_int_equal(job.state, JOB_FAILED);
    assert_non_null(strstr(job.failure, "the disk is nearly full"));
    assert_int_equal(count_of(f, f->list), 1);
    json_t *anne = json_pack("{s:s}", "filter", "#0 = \"Anne\"");
    int64_t id = 0;
    struct job_order order = {.kind = JOB_CONTACTS_REMOVE,
                              .subject = {ENTITY_CONTACT_LIST, f->list},
                              .task = anne,
                              .fd = -1};
    OK(jobs_add(f->jobs, &order, &id, &f->err));
    json_decref(anne);
    assert_int_equal(ended(f, id).state, JOB_COMPLETE);
    assert_int_equal(count_of(f, f->list), 0);
}

static void removes_ended_jobs_and_their_files_after_their_time(void **state)
{
    struct fixture *f = *state;
    char path[JOB_PATH_SIZE];
    OK(jobs_start(f->jobs, &f->err));
    int64_t id = import_add(f, "Nom,Fixe\nAnne,none\n");
    (void)ended(f, id);
    jobs_path(f->jobs, id, JOB_FILE_REFUSED, path);
    assert_int_equal(access(path, F_OK), 0);
    jobs_destroy(f->jobs);
    jobs_make(f, 1, 0);
    OK(jobs_start(f->jobs, &f->err));
    struct job_record job;
    for (int i = 0; i < 1000 && access(path, F_OK) == 0; i++)
        usleep(5000);
    assert_int_equal(access(path, F_OK), -1);
    for (int i = 0; i < 1000 && f->store.ops->job_get(f->store.self, id, &f->arena, &job,
                                                      &f->err) == STATUS_OK;
         i++)
        usleep(5000);
    assert_int_equal(f->store.ops->job_get(f->store.self, id, &f->arena, &job, &f->err),
                     STATUS_NOT_FOUND);
}

static void applies_the_retention_of_lists(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *more;
        int64_t days_ago;
        int64_t stays;
    } cases[] = {
        {"never", "", 900, 1},
        {"over", ",\"retentionType\":\"RetentionDays\",\"retentionDays\":30", 31, 0},
        {"not yet", ",\"retentionType\":\"RetentionDays\",\"retentionDays\":30", 29, 1},
        {"yesterday", ",\"retentionType\":\"Today\",\"timeZone\":\"Europe/Paris\"", 1, 0},
        {"today", ",\"retentionType\":\"Today\",\"timeZone\":\"Europe/Paris\"", 0, 1},
    };
    int64_t ids[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct contact_write write = {.data = "[\"a\",\"b\"]", .is_callable = true};
        ids[i] = list_make(f, cases[i].name, cases[i].more, DAY_AGO(cases[i].days_ago));
        OK(f->store.ops->contacts_write(f->store.self, STORE_API, (struct list_id){ids[i]},
                                        CONTACT_INSERT, &write, 1, instant_wall_now(), NULL,
                                        &f->err));
    }
    /* A contact of the one that is over was changed once. */
    struct contact_write write = {.data = "[\"c\",\"d\"]", .is_callable = true};
    struct contact_id changed = {(ids[1] << CONTACT_SEQUENCE_BITS) | 1};
    OK(f->store.ops->contact_update(f->store.self, changed, 1, &write, instant_wall_now(),
                                    &f->err));
    OK(jobs_start(f->jobs, &f->err));
    for (int i = 0; i < 1000 && (count_of(f, ids[1]) || count_of(f, ids[3])); i++)
        usleep(5000);
    struct contact_event *events = NULL;
    size_t count = 9;
    OK(f->store.ops->contact_events(f->store.self, changed, &f->arena, &events, &count,
                                    &f->err));
    assert_int_equal(count, 1);
    assert_null(events[0].before); /* nor does its history say what it was */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (count_of(f, ids[i]) != cases[i].stays)
            fail_msg("%s: %lld contacts", cases[i].name, (long long)count_of(f, ids[i]));
}

/* Of the contacts that the sweep finds, the one whose time is not over stays. */
/* What was removed is told of for thirty days; of a list whose retention is over, no more. */
static void tells_of_removed_contacts_for_thirty_days(void **state)
{
    struct fixture *f = *state;
    static const char over[] = ",\"retentionType\":\"RetentionDays\",\"retentionDays\":30";
    const int64_t lists[] = {f->list, list_make(f, "over", over, DAY_AGO(31))};
    const struct wall removed_at[] = {DAY_AGO(31), DAY_AGO(29)};
    for (int list = 0; list < 2; list++)
        for (int i = 0; i < 2; i++) {
            struct contact_write write = {.data = "[\"a\",\"b\"]", .is_callable = true};
            struct contact_id id;
            OK(f->store.ops->contacts_write(f->store.self, STORE_API,
                                            (struct list_id){lists[list]}, CONTACT_INSERT,
                                            &write, 1, removed_at[i], &id, &f->err));
            OK(f->store.ops->contacts_remove(f->store.self, (struct entity_ref){ENTITY_USER, 1},
                                             removed_at[i], &id, 1, &f->err));
        }
    OK(jobs_start(f->jobs, &f->err));
    static const size_t left[] = {1, 0};
    for (int list = 0; list < 2; list++) {
        struct deleted_contact rows[3];
        size_t count = 3;
        for (int i = 0; i < 1000 && count != left[list]; i++) {
            usleep(5000);
            count = 3;
            OK(f->store.ops->contacts_deleted(f->store.self, (struct list_id){lists[list]}, 0,
                                              &f->arena, rows, &count, &f->err));
        }
        assert_int_equal(count, left[list]);
        if (count)
            assert_int_equal(rows[0].at.us, removed_at[1].us);
    }
}

static void applies_the_retention_of_contacts(void **state)
{
    struct fixture *f = *state;
    struct wall now = instant_wall_now();
    enum { COUNT = 450 };
    for (int i = 0; i < COUNT; i++) {
        struct contact_write write = {.data = "[\"a\",\"b\"]", .is_callable = true};
        write.has_expiry = true;
        write.expires_at.us = now.us + (i == 7 ? US_PER_DAY : -US_PER_S);
        OK(f->store.ops->contacts_write(f->store.self, STORE_API, (struct list_id){f->list},
                                        CONTACT_INSERT, &write, 1, now, NULL, &f->err));
    }
    OK(jobs_start(f->jobs, &f->err));
    for (int i = 0; i < 1000 && count_of(f, f->list) > 1; i++)
        usleep(5000);
    assert_int_equal(count_of(f, f->list), 1);
}

static void names_lists_by_every_format(void **state)
{
    (void)state;
    static const struct {
        const char *format, *custom;
        int part;
        const char *wanted;
    } cases[] = {
        {"ListNamePrefix", "", 0, "Base"},
        {"ListNamePrefixMonthDayYear", "", 0, "Base-03-09-2026"},
        {"ListNamePrefixMonthDayYearHourMinuteSecond", "", 0, "Base-03-09-2026-08-05-07"},
        {"ListNamePrefixPart", "", 2, "Base-2"},
        {"ListNamePrefixPart", "", -1, "Base-Remainder"},
        {"ListNamePrefixMonthDayYearPart", "", 3, "Base-03-09-2026-3"},
        {"ListNamePrefixMonthDayYearHourMinuteSecondPart", "", 1, "Base-03-09-2026-08-05-07-1"},
        {"Custom", "%N_%P", 4, "Base_4"},
        {"Custom", "YYYYMMDD-hhmmss %N %C %F", 1, "20260309-080507 Base Lyon Lyon"},
        {"Custom", "%N 100%", 1, "Base 100%"},
        {"Custom", "%N %F", -1, "Base Remainder"},
    };
    struct civil at = {.year = 2026, .month = 3, .day = 9, .hour = 8, .minute = 5, .second = 7};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[LIST_NAME_SIZE];
        struct list_name name = {cases[i].format, cases[i].custom, "Base",
                                 "Lyon",          cases[i].part,   wall_from_civil(&at)};
        list_name_write(&name, text);
        assert_string_equal(text, cases[i].wanted);
    }
}

/* --- Filters of a file's rows ---------------------------------------------------------------
 */

static struct filter filter_of(struct fixture *f, const char *text)
{
    static const char *const names[] = {"Nom", "Ville"};
    const struct filter_columns columns = {.count = 2, .names = names};
    struct filter filter;
    OK(filter_parse(text, strlen(text), &columns, &f->arena, &filter, NULL, &f->err));
    return filter;
}

static void gives_a_row_to_the_filters_that_mean_it(void **state)
{
    struct fixture *f = *state;
    static const struct contact hot = {.is_callable = true};
    static const struct {
        const char *data;
        uint64_t each, first, rest;
    } cases[] = {
        {"[\"Anne\",\"Lyon\"]", 3, 1, 3},    {"[\"Bob\",\"Lyon\"]", 1, 1, 1},
        {"[\"Anne\",\"Metz\"]", 2, 2, 2},    {"[\"Bob\",\"Metz\"]", 0, 0, 4},
        {"[\"Anne\",\"Nowhere\"]", 0, 0, 0}, {"[\"\",\"\"]", 0, 0, 4},
    };
    struct row_filters filters = {
        .has_meant = true,
        .meant = filter_of(f, "Ville != \"Nowhere\""),
        .count = 2,
        .filters = {filter_of(f, "Ville = \"lyon\""), filter_of(f, "Nom = \"Anne\"")}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct filter_contact row = {
            .hot = &hot, .data = cases[i].data, .updated_at = {1}};
        filters.is_waterfall = filters.has_remainder = false;
        assert_int_equal(row_filters_parts(&filters, &row), cases[i].each);
        filters.is_waterfall = true;
        assert_int_equal(row_filters_parts(&filters, &row), cases[i].first);
        filters.is_waterfall = false;
        filters.has_remainder = true;
        assert_int_equal(row_filters_parts(&filters, &row), cases[i].rest);
    }
    const struct filter_contact row = {
        .hot = &hot, .data = "[\"Anne\",\"Lyon\"]", .updated_at = {1}};
    filters.count = 0;
    assert_int_equal(row_filters_parts(&filters, &row), 1);
}

static int64_t entity_make(struct fixture *f, enum entity_kind kind, json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    const char *name = json_string_value(json_object_get(document, "name"));
    int64_t id = 0;
    OK(f->store.ops->entity_create(f->store.self, kind, name, text, NULL, 0, instant_wall_now(),
                                   &id, &f->err));
    free(text);
    json_decref(document);
    return id;
}

static int64_t filter_make(struct fixture *f, int64_t model, const char *name,
                           const char *expression)
{
    return entity_make(f, ENTITY_CONTACT_LIST_FILTER,
                       json_pack("{s:s,s:s,s:I,s:{s:s}}", "name", name, "sourceType",
                                 "ContactListTemplate", "contactListTemplate",
                                 (json_int_t)model, "cadran", "expression", expression));
}

/* Rows n0, n1, ...: even ones in the list "even", those of n1... in "one"; of each ten, one has
 * no number; n9... is not meant at all. */
static int64_t split_add(struct fixture *f, int rows, json_t *filters, int64_t meant,
                         int64_t model)
{
    size_t room = (size_t)rows * 40 + 100, len = 0;
    char *text = memory_new(room, 1);
    len += (size_t)snprintf(text, room, "Nom,Parité,Fixe\n");
    for (int i = 0; i < rows; i++)
        len += (size_t)snprintf(text + len, room - len, "n%d,%s,%s%05d\n", i,
                                i % 2 ? "odd" : "even", i % 10 == 5 ? "none" : "01421", i);
    json_t *splitting = json_pack("{s:s,s:s}", "criteria", "Custom", "criteriaValue", "ids");
    int64_t template_ =
        entity_make(f, ENTITY_IMPORT_TEMPLATE,
                    json_pack("{s:s,s:I,s:I,s:b,s:o,s:s,s:s,s:O}", "name", "split",
                              "contactListTemplate", (json_int_t)model, "contactListFilter",
                              (json_int_t)meant, "useSplittingCriteria", 1,
                              "splittingInformation", splitting, "listNameFormat", "Custom",
                              "customListNameFormatValue", "%N %F", SPLIT_FILTERS, filters));
    json_t *task = json_pack("{s:s}", "listNamePrefix", "Part");
    struct job_order order = {.kind = JOB_TEMPLATE_IMPORT,
                              .subject = {ENTITY_IMPORT_TEMPLATE, template_},
                              .task = task,
                              .fd = input_make(f, text)};
    int64_t id = 0;
    OK(jobs_add(f->jobs, &order, &id, &f->err));
    close(order.fd);
    json_decref(task);
    json_decref(filters);
    free(text);
    return id;
}

static int64_t split_begin(struct fixture *f, int rows)
{
    int64_t model = entity_make(
        f, ENTITY_CONTACT_LIST_TEMPLATE,
        json_pack("{s:s,s:[s,s,s],s:[{s:s,s:s}]}", "name", "model", "columnNames", "Nom",
                  "Parité", "Fixe", "phoneColumns", "columnName", "Fixe", "type", "Home"));
    int64_t meant = filter_make(f, model, "meant", "NOT Nom BEGINS WITH \"n9\"");
    int64_t even = filter_make(f, model, "even", "Parité = \"even\"");
    int64_t one = filter_make(f, model, "one", "Nom BEGINS WITH \"n1\"");
    json_t *filters = json_pack("[I,I]", (json_int_t)even, (json_int_t)one);
    return split_add(f, rows, filters, meant, model);
}

struct shares {
    int64_t even, one, refused, filtered;
};

static struct shares shares_of(int rows)
{
    struct shares shares = {0};
    for (int i = 0; i < rows; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        bool is_even = i % 2 == 0, is_one = name[0] == '1';
        if (i % 10 == 5) {
            shares.refused++;
            continue;
        }
        bool is_meant = name[0] != '9';
        shares.even += is_meant && is_even;
        shares.one += is_meant && is_one;
        shares.filtered += !is_meant || (!is_even && !is_one);
    }
    return shares;
}

static void check_shares(struct fixture *f, int64_t id, int rows)
{
    int64_t lists[4];
    struct shares shares = shares_of(rows);
    struct job_record job = ended(f, id);
    if (job.state != JOB_COMPLETE)
        fail_msg("%s", job.failure);
    assert_int_equal(jobs_target_lists(job.place, lists, ARRAY_LEN(lists)), 2);
    assert_int_equal(count_of(f, lists[0]), shares.even);
    assert_int_equal(count_of(f, lists[1]), shares.one);
    assert_int_equal(job.done, shares.even + shares.one);
    assert_int_equal(job.refused, shares.refused);
    assert_int_equal(jobs_filtered_out(job.place), shares.filtered);
    assert_int_equal(job.total, job.done + job.refused + shares.filtered);
}

static void splits_a_file_by_filters(void **state)
{
    struct fixture *f = *state;
    OK(jobs_start(f->jobs, &f->err));
    check_shares(f, split_begin(f, 200), 200);
}

/* Until contacts of the part are there. */
static void wait_for_part(struct fixture *f, int64_t id, size_t part)
{
    for (int i = 0; i < 4000; i++) {
        int64_t lists[4];
        struct job_record job;
        OK(f->store.ops->job_get(f->store.self, id, &f->arena, &job, &f->err));
        assert_true(job_state_is_open(job.state));
        if (jobs_target_lists(job.place, lists, ARRAY_LEN(lists)) > part &&
            count_of(f, lists[part]) > 0)
            return;
        usleep(2000);
    }
    fail_msg("no contact of part %zu", part);
}

static void goes_on_in_the_part_that_a_stop_left(void **state)
{
    struct fixture *f = *state;
    OK(jobs_start(f->jobs, &f->err));
    int64_t id = split_begin(f, 90000);
    for (size_t part = 0; part < 2; part++) {
        wait_for_part(f, id, part);
        jobs_destroy(f->jobs);
        jobs_make(f, 0, 0);
        OK(jobs_start(f->jobs, &f->err));
    }
    check_shares(f, id, 90000);
}

static void takes_back_every_list_of_a_split_that_is_cancelled(void **state)
{
    struct fixture *f = *state;
    OK(jobs_start(f->jobs, &f->err));
    int64_t id = split_begin(f, 90000);
    wait_for_part(f, id, 1);
    OK(jobs_cancel(f->jobs, id, &f->err));
    struct job_record job = ended(f, id);
    struct entity_page page;
    const struct entity_query query = {.kind = ENTITY_CONTACT_LIST, .limit = 10};
    OK(f->store.ops->entity_list(f->store.self, &query, &f->arena, &page, &f->err));
    assert_int_equal(job.state, JOB_CANCELLED);
    assert_int_equal(job.done, 0);
    assert_int_equal(page.total, 1); /* the fixture's own */
    assert_int_equal(jobs_target_lists(job.place, (int64_t[4]){0}, 4), 0);
    assert_int_equal(jobs_filtered_out(job.place), shares_of(90000).filtered);
}

static void takes_the_list_that_a_dead_process_made_last(void **state)
{
    struct fixture *f = *state;
    int64_t lists[4];
    struct job_record job;
    int64_t id = split_begin(f, 200);
    json_t *document =
        json_pack("{s:s,s:[s,s,s],s:[{s:s,s:s}]}", "name", "Part even", "columnNames", "Nom",
                  "Parité", "Fixe", "phoneColumns", "columnName", "Fixe", "type", "Home");
    int64_t made = entity_make(f, ENTITY_CONTACT_LIST, document);
    OK(f->store.ops->job_get(f->store.self, id, &f->arena, &job, &f->err));
    job.state = JOB_RUNNING;
    OK(f->store.ops->job_save(f->store.self, &job, &f->err));
    jobs_destroy(f->jobs);
    jobs_make(f, 0, 0);
    OK(jobs_start(f->jobs, &f->err));
    check_shares(f, id, 200);
    OK(f->store.ops->job_get(f->store.self, id, &f->arena, &job, &f->err));
    assert_int_equal(jobs_target_lists(job.place, lists, ARRAY_LEN(lists)), 2);
    assert_int_equal(lists[0], made);
}

static void says_which_filter_does_not_fit_any_more(void **state)
{
    struct fixture *f = *state;
    int64_t model = entity_make(f, ENTITY_CONTACT_LIST_TEMPLATE,
                                json_pack("{s:s,s:[s,s],s:[{s:s,s:s}]}", "name", "model",
                                          "columnNames", "Nom", "Fixe", "phoneColumns",
                                          "columnName", "Fixe", "type", "Home"));
    int64_t meant = filter_make(f, model, "meant", "Nom != \"\"");
    int64_t wrong = filter_make(f, model, "wrong", "Parité = \"odd\"");
    OK(jobs_start(f->jobs, &f->err));
    int64_t id = split_add(f, 20, json_pack("[I]", (json_int_t)wrong), meant, model);
    struct job_record job = ended(f, id);
    assert_int_equal(job.state, JOB_FAILED);
    assert_non_null(strstr(job.failure, "\"wrong\" does not fit the contact list template"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(imports_and_exports_a_list),
        TEST(takes_up_what_a_dead_process_left),
        TEST(cancels_a_job_that_waits_and_refuses_one_that_ended),
        TEST(takes_back_an_import_that_is_cancelled),
        TEST(forgets_the_ids_of_an_import_that_is_taken_back),
        TEST(allows_one_import_of_a_list_at_a_time),
        TEST(refuses_more_jobs_than_may_wait),
        TEST(refuses_to_fill_the_disk_but_not_to_remove),
        TEST(refuses_to_fill_the_disk_but_not_to_remove),
        TEST(removes_ended_jobs_and_their_files_after_their_time),
        TEST(applies_the_retention_of_lists),
        TEST(tells_of_removed_contacts_for_thirty_days),
        TEST(applies_the_retention_of_contacts),
        TEST(names_lists_by_every_format),
        TEST(gives_a_row_to_the_filters_that_mean_it),
        TEST(splits_a_file_by_filters),
        TEST(goes_on_in_the_part_that_a_stop_left),
        TEST(takes_back_every_list_of_a_split_that_is_cancelled),
        TEST(takes_the_list_that_a_dead_process_made_last),
        TEST(says_which_filter_does_not_fit_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
