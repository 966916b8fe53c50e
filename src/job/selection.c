#include "job/selection.h"

#include <string.h>

static const json_t *ids_of(const struct job_run *run)
{
    return json_object_get(run->task, "contactIds");
}

static enum status filter_open(struct selection *selection, struct error *err)
{
    struct job_run *run = selection->run;
    struct job_list list;
    const char *text = json_string_value(json_object_get(run->task, "filter"));
    if (!text)
        return error_set(err, STATUS_INVALID, "", "the job does not say which contacts");
    selection->is_by_filter = true;
    selection->now.us = json_integer_value(json_object_get(run->task, "now"));
    enum status status = job_list_load(run, selection->list.value, &list, err);
    const struct filter_columns columns = {.count = list.columns.count};
    if (status == STATUS_OK)
        status = filter_parse(text, strlen(text), &columns, &run->arena, &selection->filter,
                              NULL, err);
    return status == STATUS_OK
               ? RUN_STORE(run, contacts_count, selection->list, &selection->total, err)
               : status;
}

enum status selection_open(struct selection *selection, struct job_run *run, int64_t at,
                           struct error *err)
{
    *selection = (struct selection){.run = run, .list = {run->record.subject.id}, .at = at};
    if (!json_is_array(ids_of(run)))
        return filter_open(selection, err);
    selection->total = (int64_t)json_array_size(ids_of(run));
    return STATUS_OK;
}

static enum status next_by_filter(struct selection *selection, struct arena *arena,
                                  struct contact_record *records, size_t *count, bool *is_last,
                                  struct error *err)
{
    const struct contact_search search = {
        .list = selection->list,
        .filter = &selection->filter,
        .now = selection->now,
        .after = {selection->at},
        .limit = SELECTION_PAGE,
    };
    struct contact_found found;
    enum status status =
        RUN_STORE(selection->run, contacts_search, &search, arena, &found, err);
    if (status != STATUS_OK)
        return status;
    memcpy(records, found.records, found.count * sizeof(*records));
    *count = found.count;
    *is_last = found.is_whole && found.count < SELECTION_PAGE;
    if (found.is_whole && found.count)
        selection->at = found.records[found.count - 1].hot.id.value;
    else if (!found.is_whole)
        selection->at = found.at.value;
    return STATUS_OK;
}

static enum status find(const struct selection *selection, const char *text,
                        struct arena *arena, struct contact_record *record, struct error *err)
{
    struct job_run *run = selection->run;
    struct contact_id own = {0};
    enum status status = STATUS_NOT_FOUND;
    if (guid_parse(run->key, GUID_CONTACT, text, &own.value) &&
        contact_list_of(own).value == selection->list.value)
        status = RUN_STORE(run, contact_get, own, arena, record, err);
    if (status == STATUS_NOT_FOUND)
        status = RUN_STORE(run, contact_find, selection->list, text, arena, record, err);
    return status;
}

enum status selection_next(struct selection *selection, struct arena *arena,
                           struct contact_record *records, size_t *count, bool *is_last,
                           struct error *err)
{
    enum status status = STATUS_OK;
    if (selection->is_by_filter)
        return next_by_filter(selection, arena, records, count, is_last, err);
    int64_t end = selection->at + SELECTION_PAGE;
    *count = 0;
    while (selection->at < selection->total && selection->at < end) {
        const char *id =
            json_string_value(json_array_get(ids_of(selection->run), (size_t)selection->at));
        selection->at++;
        status = find(selection, id ? id : "", arena, &records[*count], err);
        if (status == STATUS_OK)
            (*count)++;
        else if (status != STATUS_NOT_FOUND)
            return status;
    }
    *is_last = selection->at >= selection->total;
    return STATUS_OK;
}
