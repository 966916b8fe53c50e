/* Imports of contacts. One that a dead process left goes on behind its last transaction. One
 * that fails, or is cancelled, is taken back: but for contacts that were called already,
 * nothing of it stays. Its place is "undo" while it is. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "job/template.h"
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

static void contact_text(void *context, struct contact_id contact, char text[IMPORT_ID_SIZE])
{
    const struct importing *importing = context;
    char guid[GUID_SIZE];
    guid_format(importing->run->key, GUID_CONTACT, contact.value, guid);
    snprintf(text, IMPORT_ID_SIZE, "%s", guid);
}

static const char *task_text(const struct job_run *run, const char *name)
{
    const char *text = json_string_value(json_object_get(run->task, name));
    return text ? text : "";
}

void import_retention(struct import_order *order, const json_t *task)
{
    order->retention_type = json_string_value(json_object_get(task, "retentionTypeColumn"));
    order->retention_days = json_string_value(json_object_get(task, "retentionDaysColumn"));
    order->retention_date =
        json_string_value(json_object_get(task, "retentionDateExpirationColumn"));
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

/* What the file looks like, as JSON: the job's place is its report. */
static void report_write(struct job_run *run, const struct import_survey *survey)
{
    char delimiter[2] = {survey->delimiter, '\0'}, decimal[2] = {survey->decimal, '\0'};
    json_t *columns = json_array();
    for (int32_t i = 0; i < survey->column_count && i < 60; i++)
        json_array_append_new(columns, json_string(survey->columns[i]));
    json_t *report = json_pack(
        "{s:s,s:s,s:s,s:b,s:b,s:o,s:I,s:I,s:I,s:I}", "encoding",
        survey->is_windows_1252 ? "windows-1252" : "utf-8", "delimiter", delimiter, "decimal",
        decimal, "hasHeader", (int)survey->has_header, "isExport", (int)survey->is_export,
        "columns", columns, "rows", (json_int_t)survey->progress.rows_read, "wouldImport",
        (json_int_t)survey->progress.rows_written, "wouldRefuse",
        (json_int_t)survey->progress.rows_refused, "invalidNumbers",
        (json_int_t)survey->progress.numbers_invalid);
    char *text = json_dumps(report, JSON_COMPACT);
    if (text && strlen(text) < sizeof(run->place))
        snprintf(run->place, sizeof(run->place), "%s", text);
    free(text);
    json_decref(report);
}

static bool row_look(void *context, const struct csv_row *row, bool is_valid)
{
    struct importing *importing = context;
    struct job_run *run = importing->run;
    (void)row;
    run->record.done += is_valid;
    run->record.refused += !is_valid;
    importing->status = job_checkpoint(run, false, &importing->err);
    return importing->status == STATUS_OK;
}

/* A dry run: the file is read to its end, and nothing is written. */
static enum status survey(struct importing *importing, const struct import_order *order,
                          struct error *err)
{
    struct job_run *run = importing->run;
    struct import_survey *found = arena_new(&run->arena, 1, sizeof(*found));
    run->record.done = run->record.refused = 0;
    enum status status = import_survey(&run->options->store, run->options->zones, order,
                                       row_look, importing, &run->arena, found, err);
    if (importing->status != STATUS_OK) {
        *err = importing->err;
        return importing->status;
    }
    run->record.total = found->progress.rows_read;
    /* A header that cannot serve is told together with what the file looks like. */
    if (status == STATUS_OK || found->column_count > 0)
        report_write(run, found);
    return status;
}

static enum status import(struct importing *importing, struct error *err)
{
    struct job_run *run = importing->run;
    struct job_list list;
    struct import_place place;
    struct import_progress progress;
    struct import_column columns[CSV_COLUMN_MAX] = {{0}};
    char path[JOB_PATH_SIZE], refused[JOB_PATH_SIZE], ids[JOB_PATH_SIZE];
    enum status status = job_list_load(run, run->record.subject.id, &list, err);
    if (status == STATUS_OK)
        status = job_input_convert(run, path, err);
    if (status != STATUS_OK)
        return status;
    columns_fill(&list, columns);
    jobs_path(run->jobs, run->record.id, JOB_FILE_REFUSED, refused);
    jobs_path(run->jobs, run->record.id, JOB_FILE_IDS, ids);
    struct import_order order = {
        .path = path,
        .called = "the file",
        .refused_path = refused,
        .ids_path = ids,
        .list = list.id,
        .region = run->options->region,
        .columns = columns,
        .column_count = list.columns.count,
        .zip_column = list.columns.zip,
        .duplicates = IMPORT_DUPLICATES_BY_NUMBER,
        .trims = list.columns.trims,
        .clears_system_data = json_is_true(json_object_get(run->task, "clearSystemData")),
        .now = instant_wall_now(),
        .job = run->record.id,
        .place = import_place_read(run->place, &place) ? &place : NULL,
        .contact_id = own_contact,
        .wrapup_id = own_wrapup,
        .contact_text = contact_text,
        .on_progress = on_progress,
        .context = importing,
    };
    import_retention(&order, run->task);
    order.zone = list.zone;
    if (task_text(run, "contactIdName")[0]) {
        order.id_column = task_text(run, "contactIdName");
        order.duplicates = IMPORT_DUPLICATES_BY_ID;
        order.replaces = true;
    }
    if (json_is_true(json_object_get(run->task, "dryRun")))
        return survey(importing, &order, err);
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
static enum status undo(struct job_run *run, struct list_id list, int64_t *undone,
                        struct error *err)
{
    int64_t removed = 0, kept = 0;
    struct error ignored;
    char ids[JOB_PATH_SIZE];
    jobs_path(run->jobs, run->record.id, JOB_FILE_IDS, ids);
    (void)unlink(ids); /* of contacts that go */
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
    *undone = removed;
    run->place[0] = '\0';
    job_contacts_changed(run, list, true);
    return STATUS_OK;
}

/* Says in one sentence what went wrong and, where something was written, what stayed of it. */
static void explain(struct job_run *run, const struct error *why, int64_t undone)
{
    char stayed[80] = "";
    if (run->record.done > 0)
        snprintf(stayed, sizeof(stayed), "; %lld contacts that were called already were kept",
                 (long long)run->record.done);
    else if (undone > 0)
        snprintf(stayed, sizeof(stayed), "; nothing of it is kept");
    snprintf(run->failure, sizeof(run->failure), "%.60s%s%.230s%s", why->path,
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
    bool is_dry = json_is_true(json_object_get(run->task, "dryRun"));
    if (!was_asked && (status == STATUS_OK || status == STATUS_TIMEOUT || is_dry))
        return status;
    run->record.done = 0; /* what stays is counted when the rest is gone */
    if (!was_asked)
        explain(run, err, 0);
    struct error late;
    int64_t removed = 0;
    enum status undone = undo(run, importing.list, &removed, &late);
    if (undone != STATUS_OK) {
        *err = late;
        return undone;
    }
    if (was_asked) {
        run->end_state = run->failure[0] ? JOB_FAILED : JOB_UNDONE;
        return STATUS_OK;
    }
    explain(run, err, removed);
    return status;
}
