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

static void imports_and_exports_a_list(void **state)
{
    struct fixture *f = *state;
    char path[JOB_PATH_SIZE], text[1024] = "";
    OK(jobs_start(f->jobs, &f->err));
    struct job_record job =
        ended(f, import_add(f, "Nom,Fixe\nAnne,0142000001\nBob,none\nCy,0142000003\n"));
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
    jobs_path(f->jobs, id, JOB_FILE_RESULT, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, ",Anne,0142000001,1,1,1,1,,"));
    assert_non_null(strstr(text, ",Cy,0142000003,1,"));
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
    OK(jobs_start(f->jobs, &f->err));
    for (int i = 0; i < 1000 && (count_of(f, ids[1]) || count_of(f, ids[3])); i++)
        usleep(5000);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (count_of(f, ids[i]) != cases[i].stays)
            fail_msg("%s: %lld contacts", cases[i].name, (long long)count_of(f, ids[i]));
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

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(imports_and_exports_a_list),
        TEST(takes_up_what_a_dead_process_left),
        TEST(cancels_a_job_that_waits_and_refuses_one_that_ended),
        TEST(takes_back_an_import_that_is_cancelled),
        TEST(allows_one_import_of_a_list_at_a_time),
        TEST(refuses_more_jobs_than_may_wait),
        TEST(refuses_to_fill_the_disk_but_not_to_remove),
        TEST(refuses_to_fill_the_disk_but_not_to_remove),
        TEST(removes_ended_jobs_and_their_files_after_their_time),
        TEST(applies_the_retention_of_lists),
        TEST(names_lists_by_every_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
