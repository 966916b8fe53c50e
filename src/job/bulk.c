/* Changes, removals and acts on many contacts. They may be repeated without harm, so one that a
 * dead process left goes on behind the last page whose place was stored. A page is: its
 * contacts into the backup, the backup to disk, then the page's own transaction. Contacts that
 * are being called stay as they are and are counted as refused. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/contact_facts.h"
#include "job/contact_lines.h"
#include "job/selection.h"

struct bulk {
    struct job_run *run;
    struct job_list list;
    struct selection selection;
    struct contact_lines lines;
    struct contact_facts facts;
    struct contact_world world;
    struct csv_out *backup;              /* NULL: none is wanted */
    int64_t page_at;                     /* where the page begins in the selection */
    int64_t pending_end;                 /* where the page that a dead process had begun ends */
    int64_t backed_upto, backup_size;    /* what the backup holds */
    int64_t pending;                     /* its contacts */
    const json_t *change;                /* NULL: they are removed, or acted on */
    const struct contact_action *action; /* NULL: they are removed, or changed */
    struct arena arena;                  /* the page's */
    size_t count;
    struct contact_record records[SELECTION_PAGE];
    struct contact_write writes[SELECTION_PAGE];
};

/* --- One page
 * ---------------------------------------------------------------------------------------- */

/* Once for each page: what is changed already is not what it was. */
static enum status backup_put(struct bulk *bulk, struct error *err)
{
    if (!bulk->backup || bulk->selection.at <= bulk->backed_upto)
        return STATUS_OK;
    for (size_t i = 0; i < bulk->count; i++)
        if (!bulk->selection.is_by_filter || bulk->records[i].hot.id.value > bulk->backed_upto)
            contact_lines_put(&bulk->lines, &bulk->records[i], bulk->backup);
    bulk->backed_upto = bulk->selection.at;
    return csv_out_sync(bulk->backup, &bulk->backup_size, err);
}

/* How many contacts of the page that a dead process had begun are not chosen any more: it had
 * removed them, or changed them out of the filter. */
static int64_t done_before(const struct bulk *bulk)
{
    int64_t found = 0;
    if (!bulk->selection.is_by_filter && (bulk->change || bulk->action))
        return 0;
    for (size_t i = 0; i < bulk->count; i++)
        found +=
            !bulk->selection.is_by_filter || bulk->records[i].hot.id.value <= bulk->pending_end;
    return bulk->pending > found ? bulk->pending - found : 0;
}

static enum status place_put(struct bulk *bulk, struct error *err)
{
    struct job_run *run = bulk->run;
    run->record.done += done_before(bulk);
    bulk->pending = 0;
    snprintf(run->place, sizeof(run->place),
             "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %zu %" PRId64,
             bulk->page_at, bulk->backed_upto, bulk->backup_size, run->record.done,
             run->record.refused, bulk->count, bulk->selection.at);
    return job_checkpoint(run, true, err);
}

static void drop(struct bulk *bulk, size_t at)
{
    size_t behind = bulk->count - at - 1;
    memmove(&bulk->records[at], &bulk->records[at + 1], behind * sizeof(bulk->records[0]));
    memmove(&bulk->writes[at], &bulk->writes[at + 1], behind * sizeof(bulk->writes[0]));
    bulk->count--;
}

/* The index in a path "[12]"; `count` where there is none. */
static size_t index_of(const char *path, size_t count)
{
    char *end = NULL;
    if (path[0] != '[')
        return count;
    unsigned long index = strtoul(path + 1, &end, 10);
    return *end == ']' && index < count ? index : count;
}

static enum status write_make(struct bulk *bulk, size_t at, struct error *err)
{
    enum status status = contact_read(&bulk->world, bulk->change, &bulk->records[at],
                                      &bulk->arena, &bulk->writes[at], err);
    bulk->writes[at].actor = bulk->run->record.owner;
    return status;
}

/* Somebody changed or removed it meanwhile: it is read and changed again. */
static enum status write_again(struct bulk *bulk, size_t at, struct error *err)
{
    struct contact_id id = bulk->records[at].hot.id;
    enum status status =
        RUN_STORE(bulk->run, contact_get, id, &bulk->arena, &bulk->records[at], err);
    if (status != STATUS_NOT_FOUND)
        return status == STATUS_OK ? write_make(bulk, at, err) : status;
    drop(bulk, at);
    return STATUS_OK;
}

static enum status commit(struct bulk *bulk, struct error *err)
{
    struct contact_id ids[SELECTION_PAGE];
    if (bulk->change)
        return RUN_STORE(bulk->run, contacts_write, STORE_BULK, bulk->list.id, CONTACT_UPSERT,
                         bulk->writes, bulk->count, instant_wall_now(), NULL, err);
    for (size_t i = 0; i < bulk->count; i++)
        ids[i] = bulk->records[i].hot.id;
    return RUN_STORE(bulk->run, contacts_remove, bulk->run->record.owner, instant_wall_now(),
                     ids, bulk->count, err);
}

/* What is not legal from a contact's state is refused, like what is being called. */
static enum status page_act(struct bulk *bulk, struct error *err)
{
    struct contact_id ids[SELECTION_PAGE];
    struct contact_action_result result = {0};
    for (size_t i = 0; i < bulk->count; i++)
        ids[i] = bulk->records[i].hot.id;
    enum status status = RUN_STORE(bulk->run, contacts_act, STORE_BULK, bulk->action, ids,
                                   bulk->count, &result, err);
    bulk->run->record.done += result.changed;
    bulk->run->record.refused += result.unchanged + result.in_use;
    return status;
}

static enum status page_apply(struct bulk *bulk, struct error *err)
{
    enum status status = STATUS_OK;
    if (bulk->action)
        return page_act(bulk, err);
    for (size_t i = 0; bulk->change && status == STATUS_OK && i < bulk->count; i++)
        status = write_make(bulk, i, err);
    while (status == STATUS_OK && bulk->count > 0) {
        status = commit(bulk, err);
        size_t at = index_of(err->path, bulk->count);
        bool is_mended = at < bulk->count;
        if (status == STATUS_OK) {
            bulk->run->record.done += (int64_t)bulk->count;
            return status;
        }
        if (status == STATUS_CONFLICT && is_mended) {
            drop(bulk, at);
            bulk->run->record.refused++;
            status = STATUS_OK;
        } else if (status == STATUS_STALE && is_mended) {
            status = write_again(bulk, at, err);
        }
    }
    return status;
}

static enum status page_run(struct bulk *bulk, bool *is_last, struct error *err)
{
    arena_init(&bulk->arena);
    bulk->page_at = bulk->selection.at;
    enum status status = selection_next(&bulk->selection, &bulk->arena, bulk->records,
                                        &bulk->count, is_last, err);
    if (status == STATUS_OK)
        status = backup_put(bulk, err);
    if (status == STATUS_OK)
        status = place_put(bulk, err);
    if (status == STATUS_OK)
        status = page_apply(bulk, err);
    arena_fini(&bulk->arena);
    if (status == STATUS_OK)
        job_contacts_changed(bulk->run, bulk->list.id, false);
    return status;
}

/* --- The whole
 * --------------------------------------------------------------------------------------- */

static enum status bulk_open(struct bulk *bulk, struct error *err)
{
    struct job_run *run = bulk->run;
    char path[JOB_PATH_SIZE];
    int64_t at = 0;
    bool is_resumed = sscanf(run->place,
                             "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
                             " %" SCNd64 " %" SCNd64,
                             &at, &bulk->backed_upto, &bulk->backup_size, &run->record.done,
                             &run->record.refused, &bulk->pending, &bulk->pending_end) == 7;
    enum status status = job_list_load(run, run->record.subject.id, &bulk->list, err);
    if (status == STATUS_OK)
        status = selection_open(&bulk->selection, run, at, err);
    if (status == STATUS_OK)
        status = contact_facts_init(&bulk->facts, run, err);
    if (status == STATUS_OK)
        status = contact_lines_init(&bulk->lines, run, &bulk->list, err);
    bulk->world = contact_facts_world(&bulk->facts, &bulk->list);
    run->record.total = bulk->selection.total;
    if (status != STATUS_OK || !json_is_true(json_object_get(run->task, "backup")))
        return status;
    jobs_path(run->jobs, run->record.id, JOB_FILE_RESULT, path);
    status = csv_out_resume(path, is_resumed ? bulk->backup_size : 0, &bulk->backup, err);
    if (status == STATUS_OK && !is_resumed)
        contact_lines_header(&bulk->lines, bulk->backup);
    return status;
}

static enum status bulk_run(struct job_run *run, const json_t *change,
                            const struct contact_action *action, struct error *err)
{
    struct error late;
    bool is_last = false;
    struct bulk *bulk = memory_new(1, sizeof(*bulk));
    bulk->run = run;
    bulk->change = change;
    bulk->action = action;
    enum status status = bulk_open(bulk, err);
    while (status == STATUS_OK && !is_last)
        status = page_run(bulk, &is_last, err);
    enum status closed = csv_out_close(bulk->backup, &late);
    /* What was changed before it failed can be looked up in the backup. */
    run->record.has_file = bulk->backup && closed == STATUS_OK;
    if (status == STATUS_OK && closed != STATUS_OK) {
        status = closed;
        *err = late;
    }
    if (change && bulk->list.exists &&
        RUN_STORE(run, numbers_index, bulk->list.id, &late) != STATUS_OK &&
        status == STATUS_OK) {
        status = late.status;
        *err = late;
    }
    job_contacts_changed(run, bulk->list.id, true);
    if (status == STATUS_OK)
        run->record.total = run->record.done + run->record.refused;
    contact_facts_fini(&bulk->facts);
    free(bulk);
    return status;
}

enum status job_contacts_update(struct job_run *run, struct error *err)
{
    const json_t *change = json_object_get(run->task, "contact");
    return change ? bulk_run(run, change, NULL, err)
                  : error_set(err, STATUS_INVALID, "contact", "required");
}

enum status job_contacts_remove(struct job_run *run, struct error *err)
{
    return bulk_run(run, NULL, NULL, err);
}

enum status job_contacts_act(struct job_run *run, struct error *err)
{
    const json_t *task = run->task;
    const char *word = json_string_value(json_object_get(task, "action"));
    struct contact_action action = {
        .at = {json_integer_value(json_object_get(task, "now"))},
        .actor = run->record.owner,
        .reason = json_string_value(json_object_get(task, "reason")),
        .keeps_attempts = json_is_true(json_object_get(task, "keepsAttempts")),
        .next_try = {json_integer_value(json_object_get(task, "nextTry"))},
        .is_top_priority = json_is_true(json_object_get(task, "topPriority")),
    };
    if (!word || !contact_act_from_name(word, &action.act))
        return error_set(err, STATUS_INVALID, "action", "there is no such action");
    return bulk_run(run, NULL, &action, err);
}
