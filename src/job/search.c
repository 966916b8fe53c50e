/* What a search of a large list waits for: an exact count, and the index of a column that it is
 * sorted by. A count that a dead process left begins again; an index goes on where it stood. */
#include <stdlib.h>
#include <string.h>

#include "job/selection.h"

/* The job's place is its report. */
static enum status report_write(struct job_run *run, const struct contact_tally *tally,
                                struct error *err)
{
    json_t *report = json_pack("{s:I,s:I}", "matched", (json_int_t)tally->matched, "contacts",
                               (json_int_t)tally->looked_at);
    char *text = json_dumps(report, JSON_COMPACT);
    snprintf(run->place, sizeof(run->place), "%s", text ? text : "");
    free(text);
    json_decref(report);
    return job_checkpoint(run, true, err);
}

enum status job_contacts_count(struct job_run *run, struct error *err)
{
    struct selection selection;
    struct contact_tally tally = {.looked_at = 0};
    enum status status = selection_open(&selection, run, 0, err);
    run->record.total = selection.total;
    while (status == STATUS_OK && !tally.is_done) {
        status = RUN_STORE(run, contacts_tally, selection.list, &selection.filter,
                           selection.now, &tally, err);
        run->record.done = tally.looked_at;
        if (status == STATUS_OK)
            status = job_checkpoint(run, false, err);
    }
    if (status != STATUS_OK)
        return status;
    run->record.total = tally.looked_at;
    return report_write(run, &tally, err);
}

enum status job_contacts_index(struct job_run *run, struct error *err)
{
    struct list_id list = {run->record.subject.id};
    int16_t column = (int16_t)json_integer_value(json_object_get(run->task, "column"));
    bool is_numeric = json_is_true(json_object_get(run->task, "isNumeric"));
    struct column_index index = {.is_whole = false};
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !index.is_whole) {
        status = RUN_STORE(run, column_index, list, column, is_numeric, &index, err);
        run->record.done = index.done;
        run->record.total = index.total;
        if (status == STATUS_OK)
            status = job_checkpoint(run, false, err);
    }
    return status;
}
