#include "job/selection.h"

static const json_t *ids_of(const struct job_run *run)
{
    return json_object_get(run->task, "contactIds");
}

enum status selection_open(struct selection *selection, struct job_run *run, int64_t at,
                           struct error *err)
{
    *selection = (struct selection){.run = run, .list = {run->record.subject.id}, .at = at};
    if (!json_is_array(ids_of(run)))
        return error_set(err, STATUS_INVALID, "", "contacts are chosen by contactIds here");
    selection->total = (int64_t)json_array_size(ids_of(run));
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
