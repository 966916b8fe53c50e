/* Imports of contacts. One that a dead process left goes on behind its last transaction. One
 * that fails, or is cancelled, is taken back: but for contacts that were called already,
 * nothing of it stays. Its place is "undo" while it is. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "job/run.h"
#include "store/import/import.h"

#define UNDO_RETRY_US (2 * US_PER_S)

struct importing {
    struct job_run *run;
    struct list_id list;
    enum status status; /* why it stopped, where a checkpoint said so */
    struct error err;
};

static bool on_progress(void *context, const struct import_progress *progress)
{
    struct importing *importing = context;
    struct job_run *run = importing->run;
    struct job_record job;
    /* Its place was stored with the rows; what is kept here must not be older. */
    if (RUN_STORE(run, job_get, run->record.id, &run->arena, &job, NULL) == STATUS_OK) {
        snprintf(run->place, sizeof(run->place), "%s", job.place);
        run->record.total = job.total;
    }
    run->record.done = progress->rows_written;
    run->record.refused = progress->rows_refused;
    job_contacts_changed(run, importing->list, false);
    importing->status = job_checkpoint(run, false, &importing->err);
    return importing->status == STATUS_OK;
}

static int64_t own_contact(void *context, const char *text)
{
    const struct importing *importing = context;
    int64_t id = 0;
    return guid_parse(importing->run->key, GUID_CONTACT, text, &id) ? id : 0;
}

static int64_t own_wrapup(void *context, const char *text)
{
    const struct importing *importing = context;
    int64_t id = 0;
    return guid_parse(importing->run->key, ENTITY_WRAPUP_CODE, text, &id) ? id : 0;
}

static const char *task_text(const struct job_run *run, const char *name)
{
    const char *text = json_string_value(json_object_get(run->task, name));
    return text ? text : "";
}

static void columns_fill(const struct job_list *list, struct import_column *columns)
{
    for (int32_t i = 0; i < list->columns.count; i++)
        columns[i].name = list->columns.names[i];
    for (int32_t i = 0; i < list->columns.phone_count; i++) {
        struct import_column *phone = &columns[list->columns.phones[i]];
        phone->is_phone = true;
        if (list->columns.phone_zones[i] >= 0 && !list->columns.has_automatic_zones)
            phone->zone_column = columns[list->columns.phone_zones[i]].name;
    }
}

static enum status import(struct importing *importing, struct error *err)
{
    struct job_run *run = importing->run;
    struct job_list list;
    struct import_place place;
    struct import_progress progress;
    struct import_column columns[CSV_COLUMN_MAX] = {{0}};
    char path[JOB_PATH_SIZE], refused[JOB_PATH_SIZE];
    enum status status = job_list_load(run, run->record.subject.id, &list, err);
    if (status != STATUS_OK)
        return status;
    columns_fill(&list, columns);
    jobs_path(run->jobs, run->record.id, JOB_FILE_INPUT, path);
    jobs_path(run->jobs, run->record.id, JOB_FILE_REFUSED, refused);
    struct import_order order = {
        .path = path,
        .called = "the file",
        .refused_path = refused,
        .list = list.id,
        .region = run->options->region,
        .columns = columns,
        .column_count = list.columns.count,
        .duplicates = IMPORT_DUPLICATES_BY_NUMBER,
        .trims = list.columns.trims,
        .clears_system_data = json_is_true(json_object_get(run->task, "clearSystemData")),
        .now = instant_wall_now(),
        .job = run->record.id,
        .place = import_place_read(run->place, &place) ? &place : NULL,
        .contact_id = own_contact,
        .wrapup_id = own_wrapup,
        .on_progress = on_progress,
        .context = importing,
    };
    if (task_text(run, "contactIdName")[0]) {
        order.id_column = task_text(run, "contactIdName");
        order.duplicates = IMPORT_DUPLICATES_BY_ID;
        order.replaces = true;
    }
    status = import_run(&run->options->store, run->options->zones, &order, &progress, err);
    run->record.done = progress.rows_written;
    run->record.refused = progress.rows_refused;
    if (status == STATUS_OK)
        run->record.total = progress.rows_read;
    if (importing->status != STATUS_OK) { /* cancelled, or the process ends */
        *err = importing->err;
        return importing->status;
    }
    return status;
}

/* Until there is room for it. */
static enum status undo(struct job_run *run, struct list_id list, struct error *err)
{
    int64_t removed = 0, kept = 0;
    struct error ignored;
    snprintf(run->place, sizeof(run->place), JOB_PLACE_UNDO);
    (void)!job_checkpoint(run, true,
                          &ignored); /* a new process knows what it was at, and why */
    while (RUN_STORE(run, contacts_remove_batch, list, run->record.id, &removed, &kept, err) !=
           STATUS_OK) {
        struct error late;
        log_warn("import.undo_waits", "job=%lld text=%s", (long long)run->record.id, err->text);
        nanosleep(&(struct timespec){UNDO_RETRY_US / US_PER_S, 0}, NULL);
        if (job_checkpoint(run, true, &late) == STATUS_TIMEOUT)
            return error_set(err, STATUS_TIMEOUT, "", "the server stops");
    }
    log_info("import.undone", "job=%lld removed=%lld kept=%lld", (long long)run->record.id,
             (long long)removed, (long long)kept);
    run->record.done = kept;
    run->place[0] = '\0';
    job_contacts_changed(run, list, true);
    return STATUS_OK;
}

/* Says in one sentence what went wrong and what stayed. */
static void explain(struct job_run *run, const struct error *why)
{
    char stayed[80] = "nothing of it is kept";
    if (run->record.done > 0)
        snprintf(stayed, sizeof(stayed), "%lld contacts that were called already were kept",
                 (long long)run->record.done);
    snprintf(run->failure, sizeof(run->failure), "%.60s%s%.230s; %s", why->path,
             why->path[0] ? ": " : "", why->text, stayed);
}

enum status job_contacts_import(struct job_run *run, struct error *err)
{
    struct importing importing = {.run = run, .list = {run->record.subject.id}};
    enum status status = STATUS_OK;
    bool was_asked = strncmp(run->place, JOB_PLACE_UNDO, strlen(JOB_PLACE_UNDO)) == 0;
    if (!was_asked)
        status = import(&importing, err);
    job_contacts_changed(run, importing.list, true);
    if (!was_asked && (status == STATUS_OK || status == STATUS_TIMEOUT))
        return status;
    run->record.done = 0; /* what stays is counted when the rest is gone */
    if (!was_asked)
        explain(run, err);
    struct error late;
    enum status undone = undo(run, importing.list, &late);
    if (undone != STATUS_OK) {
        *err = late;
        return undone;
    }
    if (was_asked) {
        run->end_state = run->failure[0] ? JOB_FAILED : JOB_UNDONE;
        return STATUS_OK;
    }
    explain(run, err);
    return status;
}
