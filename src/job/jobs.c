#include "job/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/lane.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/table.h"
#include "job/run.h"

#define SAVE_PERIOD_US (500 * US_PER_MS)
#define SWEEP_PERIOD_MS 60000
#define ROOM_MIN (INT64_C(64) << 20)
#define ROOM_PERIOD_US (20 * US_PER_MS)

struct jobs {
    struct jobs_options options;
    char folder[512], region[4];
    struct guid_key key;
    struct lane *lane;
    struct table running; /* id -> struct job_run; under the lane */
    struct mailbox *waiting;
    pthread_t runners[JOBS_RUNNERS];
    int32_t runner_count;
    atomic_bool is_stopping;
    _Atomic int64_t swept_at; /* mono; 0: never */
};

static enum status (*const works[JOB_KIND_COUNT])(struct job_run *, struct error *) = {
    [JOB_CONTACTS_EXPORT] = job_contacts_export, [JOB_DNC_EXPORT] = job_dnc_export,
    [JOB_CONTACTS_IMPORT] = job_contacts_import, [JOB_DNC_IMPORT] = job_dnc_import,
    [JOB_CONTACTS_UPDATE] = job_contacts_update, [JOB_CONTACTS_REMOVE] = job_contacts_remove,
    [JOB_TEMPLATE_IMPORT] = job_template_import, [JOB_CONTACTS_ACT] = job_contacts_act,
    [JOB_CONTACTS_COUNT] = job_contacts_count,   [JOB_CONTACTS_INDEX] = job_contacts_index,
};

#define STORE(jobs_, op, ...)                                                                  \
    ((jobs_)->options.store.ops->op((jobs_)->options.store.self, __VA_ARGS__))

void jobs_path(const struct jobs *jobs, int64_t id, enum job_file file,
               char path[JOB_PATH_SIZE])
{
    static const char *const names[JOB_FILE_COUNT] = {
        [JOB_FILE_RESULT] = "result",       [JOB_FILE_INPUT] = "input",
        [JOB_FILE_REFUSED] = "refused",     [JOB_FILE_IDS] = "ids",
        [JOB_FILE_CONVERTED] = "converted",
    };
    snprintf(path, JOB_PATH_SIZE, "%s/%lld-%s.csv", jobs->folder, (long long)id, names[file]);
}

static void files_remove(const struct jobs *jobs, int64_t id)
{
    for (int file = 0; file < JOB_FILE_COUNT; file++) {
        char path[JOB_PATH_SIZE];
        jobs_path(jobs, id, (enum job_file)file, path);
        unlink(path);
    }
}

/* --- What the work calls
 * ---------------------------------------------------------------------------- */

static enum status save(struct job_run *run, struct error *err)
{
    run->record.place = run->place;
    run->record.failure = run->failure;
    run->saved_at = instant_mono_now();
    return RUN_STORE(run, job_save, &run->record, err);
}

/* Whoever removes makes room. What cannot be asked has room. */
static enum status room_check(struct job_run *run, struct error *err)
{
    struct statvfs disk;
    const struct jobs *jobs = run->jobs;
    struct mono now = instant_mono_now();
    if (run->record.kind == JOB_CONTACTS_REMOVE || strcmp(run->place, JOB_PLACE_UNDO) == 0 ||
        (run->room_at.us && now.us - run->room_at.us < ROOM_PERIOD_US) ||
        statvfs(jobs->folder, &disk) != 0)
        return STATUS_OK;
    run->room_at = now;
    int64_t free_bytes = (int64_t)(disk.f_bavail * disk.f_frsize);
    int64_t quarter = (int64_t)(disk.f_blocks * disk.f_frsize / 4);
    int64_t least = jobs->options.room_min;
    if (!least)
        least = quarter < ROOM_MIN ? quarter : ROOM_MIN;
    if (free_bytes >= least)
        return STATUS_OK;
    return error_set(err, STATUS_FULL, "",
                     "the disk is nearly full: %lld MB are free, and %lld MB are kept free for "
                     "calls: make room and ask again",
                     (long long)(free_bytes >> 20), (long long)(least >> 20));
}

enum status job_checkpoint(struct job_run *run, bool is_forced, struct error *err)
{
    bool is_stopping = atomic_load(&run->jobs->is_stopping);
    bool is_due = instant_mono_now().us - run->saved_at.us >= SAVE_PERIOD_US;
    enum status status = is_forced || is_due || is_stopping ? save(run, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (atomic_load(&run->is_cancelled))
        return error_set(err, STATUS_CONFLICT, "", "it was cancelled");
    if (is_stopping)
        return error_set(err, STATUS_TIMEOUT, "", "the server stops");
    return room_check(run, err);
}

void job_contacts_changed(struct job_run *run, struct list_id list, bool is_forced)
{
    struct mono now = instant_mono_now();
    if (!run->options->contacts_changed ||
        (!is_forced && now.us - run->told_at.us < SAVE_PERIOD_US))
        return;
    run->told_at = now;
    run->options->contacts_changed(run->options->context, list);
}

enum status job_list_load(struct job_run *run, int64_t id, struct job_list *list,
                          struct error *err)
{
    struct entity entity;
    memset(list, 0, sizeof(*list));
    list->id.value = id;
    enum status status =
        RUN_STORE(run, entity_get, ENTITY_CONTACT_LIST, id, &run->arena, &entity, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_NOT_FOUND, "", "the contact list was removed");
    if (status != STATUS_OK)
        return status;
    json_t *document = resource_document(entity.document);
    if (!document)
        return error_set(err, STATUS_UNAVAILABLE, "", "the stored contact list is damaged");
    value_list_columns(document, &list->columns);
    for (int32_t i = 0; i < list->columns.count; i++)
        list->columns.names[i] =
            arena_text(&run->arena, list->columns.names[i], strlen(list->columns.names[i]));
    const char *zone = json_string_value(json_object_get(document, "timeZone"));
    list->zone = zone ? zone_find(run->options->zones, zone) : NULL;
    json_decref(document);
    list->exists = true;
    return STATUS_OK;
}

/* --- Running
 * ---------------------------------------------------------------------------------------- */

static void end(struct job_run *run, enum status status, const struct error *err)
{
    struct job_record *record = &run->record;
    struct error late;
    if (status == STATUS_TIMEOUT && atomic_load(&run->jobs->is_stopping)) {
        log_info("job.paused", "job=%lld kind=%s done=%lld", (long long)record->id,
                 job_kind_name(record->kind), (long long)record->done);
        return;
    }
    bool is_cancelled = status == STATUS_CONFLICT && atomic_load(&run->is_cancelled);
    record->state = is_cancelled ? JOB_CANCELLED : JOB_FAILED;
    if (status == STATUS_OK)
        record->state = run->end_state ? run->end_state : JOB_COMPLETE;
    record->ended_at = instant_wall_now();
    if (status != STATUS_OK && !is_cancelled && !run->failure[0])
        snprintf(run->failure, sizeof(run->failure), "%.100s%s%.290s", err->path,
                 err->path[0] ? ": " : "", err->text);
    if (save(run, &late) != STATUS_OK)
        log_warn("job.not_saved", "job=%lld text=%s", (long long)record->id, late.text);
    char path[JOB_PATH_SIZE];
    jobs_path(run->jobs, record->id, JOB_FILE_INPUT, path);
    unlink(path);
    jobs_path(run->jobs, record->id, JOB_FILE_CONVERTED, path);
    unlink(path);
    log_info("job.ended", "job=%lld kind=%s state=%s done=%lld refused=%lld resumes=%d text=%s",
             (long long)record->id, job_kind_name(record->kind), job_state_name(record->state),
             (long long)record->done, (long long)record->refused, (int)record->resumes,
             run->failure);
}

static enum status run_load(struct job_run *run, int64_t id, struct error *err)
{
    enum status status = RUN_STORE(run, job_get, id, &run->arena, &run->record, err);
    if (status != STATUS_OK)
        return status;
    if (!job_state_is_open(run->record.state))
        return STATUS_CONFLICT;
    snprintf(run->place, sizeof(run->place), "%s", run->record.place);
    snprintf(run->failure, sizeof(run->failure), "%s", run->record.failure);
    run->task = json_loads(run->record.task, 0, NULL);
    run->record.state = JOB_RUNNING;
    return save(run, err);
}

static void run_one(struct jobs *jobs, int64_t id)
{
    struct job_run run = {.jobs = jobs, .options = &jobs->options, .key = &jobs->key};
    struct error err = {0};
    arena_init(&run.arena);
    lane_enter(jobs->lane, 0);
    enum status status = run_load(&run, id, &err);
    if (status == STATUS_OK)
        table_put(&jobs->running, id, &run);
    lane_leave(jobs->lane);
    if (status == STATUS_OK) {
        status = room_check(&run, &err);
        if (status == STATUS_OK)
            status = works[run.record.kind]
                         ? works[run.record.kind](&run, &err)
                         : error_set(&err, STATUS_INVALID, "", "this version cannot do that");
        end(&run, status, &err);
        lane_enter(jobs->lane, 0);
        table_remove(&jobs->running, id);
        lane_leave(jobs->lane);
    } else if (status != STATUS_CONFLICT && status != STATUS_NOT_FOUND) {
        log_warn("job.not_begun", "job=%lld text=%s", (long long)id, err.text);
    }
    json_decref(run.task);
    arena_fini(&run.arena);
}

/* Ended jobs go, their files first. */
static void sweep(struct jobs *jobs)
{
    struct arena arena;
    struct job_record *old = NULL;
    size_t count = 0;
    int64_t kept_us = jobs->options.kept_us ? jobs->options.kept_us : JOBS_KEPT_US;
    const struct job_query query = {.ended_before = {instant_wall_now().us - kept_us},
                                    .limit = 100};
    arena_init(&arena);
    if (STORE(jobs, jobs_list, &query, &arena, &old, &count, NULL) != STATUS_OK)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        files_remove(jobs, old[i].id);
        if (STORE(jobs, job_remove, old[i].id, NULL) != STATUS_OK)
            log_warn("job.not_removed", "job=%lld", (long long)old[i].id);
    }
    arena_fini(&arena);
}

/* One of the runners does it for all. */
static bool sweep_is_due(struct jobs *jobs)
{
    int64_t now = instant_mono_now().us;
    int64_t swept_at = atomic_load(&jobs->swept_at);
    return (!swept_at || now - swept_at >= SWEEP_PERIOD_MS * US_PER_MS) &&
           atomic_compare_exchange_strong(&jobs->swept_at, &swept_at, now);
}

static void *runner(void *arg)
{
    struct jobs *jobs = arg;
    while (!atomic_load(&jobs->is_stopping)) {
        int64_t id = 0;
        if (sweep_is_due(jobs)) {
            sweep(jobs);
            retention_apply(&jobs->options, instant_wall_now());
        }
        if (mailbox_take(jobs->waiting, &id, SWEEP_PERIOD_MS))
            run_one(jobs, id);
    }
    return NULL;
}

/* --- Life
 * -------------------------------------------------------------------------------------------
 */

enum status jobs_create(const struct jobs_options *options, struct jobs **result,
                        struct error *err)
{
    uint8_t secret[32];
    struct jobs *jobs = memory_new(1, sizeof(*jobs));
    *result = NULL;
    jobs->options = *options;
    snprintf(jobs->region, sizeof(jobs->region), "%.3s", options->region);
    jobs->options.region = jobs->region;
    snprintf(jobs->folder, sizeof(jobs->folder), "%.500s/jobs", options->data);
    jobs->lane = lane_create();
    jobs->waiting = mailbox_create(JOBS_OPEN_MAX + 1, sizeof(int64_t));
    enum status status = STATUS_OK;
    if (mkdir(jobs->folder, 0700) != 0 && errno != EEXIST)
        status = error_set(err, STATUS_UNAVAILABLE, jobs->folder,
                           "the folder cannot be made: %s", strerror(errno));
    if (status == STATUS_OK)
        status = STORE(jobs, key_get, "guid", secret, err);
    if (status != STATUS_OK) {
        jobs_destroy(jobs);
        return status;
    }
    guid_key_init(&jobs->key, secret);
    *result = jobs;
    return STATUS_OK;
}

/* What an earlier process had not ended. */
static enum status take_up(struct jobs *jobs, struct error *err)
{
    struct arena arena;
    struct job_record *open = NULL;
    size_t count = 0;
    const struct job_query query = {.is_open = true, .limit = JOBS_OPEN_MAX};
    arena_init(&arena);
    enum status status = STORE(jobs, jobs_list, &query, &arena, &open, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (open[i].state == JOB_RUNNING) {
            open[i].resumes++;
            status = STORE(jobs, job_save, &open[i], err);
            log_info("job.resumed", "job=%lld kind=%s done=%lld", (long long)open[i].id,
                     job_kind_name(open[i].kind), (long long)open[i].done);
        }
        ensure(mailbox_post(jobs->waiting, &open[i].id));
    }
    arena_fini(&arena);
    return status;
}

enum status jobs_start(struct jobs *jobs, struct error *err)
{
    enum status status = take_up(jobs, err);
    for (int i = 0; status == STATUS_OK && i < JOBS_RUNNERS; i++) {
        if (pthread_create(&jobs->runners[i], NULL, runner, jobs) != 0)
            return error_set(err, STATUS_UNAVAILABLE, "", "no thread can be started");
        jobs->runner_count++;
    }
    return status;
}

void jobs_destroy(struct jobs *jobs)
{
    if (!jobs)
        return;
    atomic_store(&jobs->is_stopping, true);
    mailbox_close(jobs->waiting);
    for (int i = 0; i < jobs->runner_count; i++)
        pthread_join(jobs->runners[i], NULL);
    mailbox_destroy(jobs->waiting);
    table_fini(&jobs->running);
    lane_destroy(jobs->lane);
    free(jobs);
}

/* --- Orders
 * ----------------------------------------------------------------------------------------- */

/* Keeps the input under a name of ours: a second name where the file system allows it. */
static enum status input_keep(struct jobs *jobs, int64_t id, int fd, struct error *err)
{
    char path[JOB_PATH_SIZE], from[40], bytes[65536];
    jobs_path(jobs, id, JOB_FILE_INPUT, path);
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
        return STATUS_OK;
    int out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    off_t at = 0;
    ssize_t len = out < 0 ? -1 : 1;
    while (len > 0) {
        len = pread(fd, bytes, sizeof(bytes), at);
        if (len > 0 && write(out, bytes, (size_t)len) != len)
            len = -1;
        at += len;
    }
    if (out >= 0 && fdatasync(out) != 0)
        len = -1;
    if (out >= 0)
        close(out);
    if (len == 0)
        return STATUS_OK;
    unlink(path);
    return error_set(err, STATUS_UNAVAILABLE, "",
                     "the file cannot be kept: is the disk full? Make room and send it again");
}

static enum status may_add(struct jobs *jobs, const struct job_order *order, struct error *err)
{
    struct arena arena;
    struct job_record *open = NULL;
    size_t count = 0;
    const struct job_query same = {
        .kind = order->kind, .subject = order->subject, .is_open = true, .limit = 1};
    const struct job_query all = {.is_open = true, .limit = JOBS_OPEN_MAX};
    arena_init(&arena);
    enum status status = STATUS_OK;
    if (order->is_alone)
        status = STORE(jobs, jobs_list, &same, &arena, &open, &count, err);
    if (status == STATUS_OK && count > 0)
        status = error_set(err, STATUS_CONFLICT, "",
                           "such a job of this list is under way already: wait for it to end");
    if (status == STATUS_OK)
        status = STORE(jobs, jobs_list, &all, &arena, &open, &count, err);
    if (status == STATUS_OK && count >= JOBS_OPEN_MAX)
        status = error_set(err, STATUS_FULL, "",
                           "%d jobs wait already: wait for some of them to end", JOBS_OPEN_MAX);
    arena_fini(&arena);
    return status;
}

static enum status add(struct jobs *jobs, const struct job_order *order, int64_t *id,
                       struct error *err)
{
    enum status status = may_add(jobs, order, err);
    if (status != STATUS_OK)
        return status;
    char *task = order->task ? json_dumps(order->task, JSON_COMPACT) : NULL;
    struct job_record record = {.kind = order->kind,
                                .subject = order->subject,
                                .owner = order->owner,
                                .task = task ? task : "{}"};
    status = STORE(jobs, job_create, &record, instant_wall_now(), id, err);
    free(task);
    if (status != STATUS_OK || order->fd < 0)
        return status;
    status = input_keep(jobs, *id, order->fd, err);
    if (status != STATUS_OK)
        (void)STORE(jobs, job_remove, *id, NULL);
    return status;
}

enum status jobs_add(struct jobs *jobs, const struct job_order *order, int64_t *id,
                     struct error *err)
{
    lane_enter(jobs->lane, 0);
    enum status status = add(jobs, order, id, err);
    /* Cancelled ones may still stand in the queue. */
    if (status == STATUS_OK && !mailbox_post(jobs->waiting, id)) {
        files_remove(jobs, *id);
        (void)STORE(jobs, job_remove, *id, NULL);
        status = error_set(err, STATUS_UNAVAILABLE, "", "too many jobs wait: try again later");
    }
    lane_leave(jobs->lane);
    return status;
}

enum status jobs_cancel(struct jobs *jobs, int64_t id, struct error *err)
{
    struct arena arena;
    struct job_record record;
    arena_init(&arena);
    lane_enter(jobs->lane, 0);
    struct job_run *run = table_get(&jobs->running, id);
    enum status status = STATUS_OK;
    if (run) {
        atomic_store(&run->is_cancelled, true);
    } else {
        status = STORE(jobs, job_get, id, &arena, &record, err);
        if (status == STATUS_OK && !job_state_is_open(record.state))
            status = error_set(err, STATUS_CONFLICT, "", "the job has ended already: %s",
                               job_state_name(record.state));
        record.state = JOB_CANCELLED;
        record.ended_at = instant_wall_now();
        if (status == STATUS_OK)
            status = STORE(jobs, job_save, &record, err);
        if (status == STATUS_OK)
            files_remove(jobs, id);
    }
    lane_leave(jobs->lane);
    arena_fini(&arena);
    return status;
}

enum status jobs_undo(struct jobs *jobs, int64_t id, struct error *err)
{
    struct arena arena;
    struct job_record record;
    arena_init(&arena);
    lane_enter(jobs->lane, 0);
    enum status status = STORE(jobs, job_get, id, &arena, &record, err);
    if (status == STATUS_OK &&
        (record.kind != JOB_CONTACTS_IMPORT || record.state != JOB_COMPLETE))
        status = error_set(err, STATUS_CONFLICT, "",
                           "only an import that is complete can be taken back");
    record.state = JOB_WAITING;
    record.place = JOB_PLACE_UNDO;
    record.ended_at = (struct wall){0};
    if (status == STATUS_OK)
        status = STORE(jobs, job_save, &record, err);
    if (status == STATUS_OK && !mailbox_post(jobs->waiting, &id))
        status = error_set(err, STATUS_UNAVAILABLE, "", "too many jobs wait: try again later");
    lane_leave(jobs->lane);
    arena_fini(&arena);
    return status;
}

enum status jobs_newest(struct jobs *jobs, enum job_kind kind, struct entity_ref subject,
                        struct arena *arena, struct job_record *job, struct error *err)
{
    struct job_record *found = NULL;
    size_t count = 0;
    const struct job_query query = {
        .kind = kind, .subject = subject, .is_newest_first = true, .limit = 1};
    enum status status = STORE(jobs, jobs_list, &query, arena, &found, &count, err);
    if (status == STATUS_OK && count == 0)
        return error_set(err, STATUS_NOT_FOUND, "", "there is no such job");
    if (status == STATUS_OK)
        *job = found[0];
    return status;
}
