/* Exports: pages by key, each a short read, into a file of the job. One that a dead process
 * left begins again: what it had written says how the list was then. */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "job/contact_lines.h"
#include "job/selection.h"

#define PAGE_ENTRIES 5000

static enum status out_open(struct job_run *run, struct csv_out **out, struct error *err)
{
    char path[JOB_PATH_SIZE];
    jobs_path(run->jobs, run->record.id, JOB_FILE_RESULT, path);
    run->record.done = 0;
    run->record.has_file = false;
    return csv_out_open(path, out, err);
}

/* Nothing half written stays. */
static enum status out_close(struct job_run *run, struct csv_out *out, enum status status,
                             struct error *err)
{
    struct error late;
    char path[JOB_PATH_SIZE];
    enum status closed = csv_out_close(out, &late);
    if (status == STATUS_OK && closed != STATUS_OK) {
        status = closed;
        *err = late;
    }
    jobs_path(run->jobs, run->record.id, JOB_FILE_RESULT, path);
    if (status != STATUS_OK)
        unlink(path);
    run->record.has_file = status == STATUS_OK;
    return status;
}

static enum status page_export(struct job_run *run, const struct contact_lines *rows,
                               struct selection *selection, struct csv_out *out, bool *is_last,
                               struct error *err)
{
    struct arena arena;
    struct contact_record records[SELECTION_PAGE];
    size_t count = 0;
    arena_init(&arena);
    enum status status = selection_next(selection, &arena, records, &count, is_last, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        contact_lines_put(rows, &records[i], out);
    arena_fini(&arena);
    run->record.done += status == STATUS_OK ? (int64_t)count : 0;
    if (status == STATUS_OK && csv_out_has_failed(out))
        return error_set(err, STATUS_UNAVAILABLE, "",
                         "the file cannot be written: is the disk full?");
    return status;
}

enum status job_contacts_export(struct job_run *run, struct error *err)
{
    struct job_list list;
    struct contact_lines rows;
    struct selection selection;
    struct csv_out *out = NULL;
    bool is_last = false;
    enum status status = job_list_load(run, run->record.subject.id, &list, err);
    if (status == STATUS_OK)
        status = contact_lines_init(&rows, run, &list, err);
    if (status == STATUS_OK)
        status = selection_open(&selection, run, 0, err);
    if (status == STATUS_OK)
        status = out_open(run, &out, err);
    if (status != STATUS_OK)
        return status;
    run->record.total = selection.total;
    contact_lines_header(&rows, out);
    while (status == STATUS_OK && !is_last) {
        status = page_export(run, &rows, &selection, out, &is_last, err);
        if (status == STATUS_OK)
            status = job_checkpoint(run, false, err);
    }
    run->record.total = status == STATUS_OK ? run->record.done : run->record.total;
    return out_close(run, out, status, err);
}

/* --- Do-not-contact lists
 * --------------------------------------------------------------------------- */

static void entry_put(const struct dnc_entry *entry, struct csv_out *out)
{
    char text[WALL_TEXT_SIZE] = "";
    if (entry->value) {
        csv_out_text(out, entry->value);
    } else {
        snprintf(text, sizeof(text), "+%lld", (long long)entry->number);
        csv_out_text(out, text);
        text[0] = '\0';
    }
    /* "yyyy-MM-ddTHH:mmZ" is what an upload takes. */
    if (entry->expires_at.us) {
        wall_format(entry->expires_at, text);
        snprintf(text + 16, sizeof(text) - 16, "Z");
    }
    csv_out_text(out, text);
    csv_out_end_row(out);
}

/* The first column's name says what the list holds. */
static enum status dnc_header(struct job_run *run, struct csv_out *out, struct error *err)
{
    struct entity entity;
    enum status status = RUN_STORE(run, entity_get, ENTITY_DNC_LIST, run->record.subject.id,
                                   &run->arena, &entity, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_NOT_FOUND, "", "the do-not-contact list was removed");
    if (status != STATUS_OK)
        return status;
    json_t *document = resource_document(entity.document);
    const char *column = json_string_value(json_object_get(document, "customExclusionColumn"));
    const char *method = json_string_value(json_object_get(document, "contactMethod"));
    bool is_email = method && strcmp(method, "Email") == 0;
    csv_out_text(out, column && *column ? column : (is_email ? "email" : "phone"));
    csv_out_text(out, "expirationDateTime");
    csv_out_end_row(out);
    json_decref(document);
    return STATUS_OK;
}

static enum status entries_export(struct job_run *run, struct csv_out *out, struct error *err)
{
    char value[DNC_VALUE_MAX + 1];
    struct dnc_query query = {.list = {run->record.subject.id}, .limit = PAGE_ENTRIES};
    enum status status = STATUS_OK;
    size_t count = PAGE_ENTRIES;
    while (status == STATUS_OK && count == PAGE_ENTRIES) {
        struct arena arena;
        struct dnc_entry *entries = NULL;
        arena_init(&arena);
        status = RUN_STORE(run, dnc_list, &query, &arena, &entries, &count, err);
        for (size_t i = 0; status == STATUS_OK && i < count; i++)
            entry_put(&entries[i], out);
        if (status == STATUS_OK && count > 0) {
            const struct dnc_entry *last = &entries[count - 1];
            query.after_number = last->number ? last->number : query.after_number;
            snprintf(value, sizeof(value), "%s", last->value ? last->value : "");
            query.after_value = last->value ? value : NULL;
            run->record.done += (int64_t)count;
        }
        arena_fini(&arena);
        if (status == STATUS_OK)
            status = job_checkpoint(run, false, err);
    }
    return status;
}

enum status job_dnc_export(struct job_run *run, struct error *err)
{
    struct csv_out *out = NULL;
    enum status status = RUN_STORE(run, dnc_count, (struct dnc_list_id){run->record.subject.id},
                                   &run->record.total, err);
    if (status == STATUS_OK)
        status = out_open(run, &out, err);
    if (status != STATUS_OK)
        return status;
    status = dnc_header(run, out, err);
    if (status == STATUS_OK)
        status = entries_export(run, out, err);
    run->record.total = status == STATUS_OK ? run->record.done : run->record.total;
    return out_close(run, out, status, err);
}
