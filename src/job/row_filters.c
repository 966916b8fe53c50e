#include "job/row_filters.h"

#include <string.h>

#include "job/template.h"

_Static_assert(SPLIT_FILTERS_MAX < 64, "a row's parts and the remainder are bits of one word");

static enum status one_load(struct job_run *run, int64_t id,
                            const struct filter_columns *columns, struct filter *filter,
                            const char **name, struct error *err)
{
    struct error why;
    json_t *document = NULL;
    enum status status = job_document_load(run, ENTITY_CONTACT_LIST_FILTER, id, &document, err);
    if (status != STATUS_OK)
        return status;
    const char *text = json_string_value(json_object_get(document, "name"));
    *name = text ? arena_text(&run->arena, text, strlen(text)) : "";
    status = value_filter(document, columns, &run->arena, filter, &why);
    if (status != STATUS_OK)
        (void)error_set(err, status, "",
                        "the contact list filter \"%.80s\" does not fit the contact list "
                        "template: %.60s%s%.100s",
                        *name, why.path, why.path[0] ? ": " : "", why.text);
    json_decref(document);
    return status;
}

enum status row_filters_load(struct job_run *run, const json_t *template_,
                             const struct list_columns *columns, struct row_filters *filters,
                             struct error *err)
{
    const struct filter_columns named = {
        .count = columns->count, .names = columns->names, .types = columns->types};
    const json_t *splitting = json_object_get(template_, "splittingInformation");
    const json_t *ids = json_object_get(template_, SPLIT_FILTERS);
    int64_t meant = value_ref(template_, "contactListFilter");
    const char *unused = NULL;
    enum status status = STATUS_OK;
    filters->is_waterfall = json_is_true(json_object_get(splitting, "useWaterfallRule"));
    filters->has_remainder =
        json_is_true(json_object_get(splitting, "createRemainderContactList"));
    filters->has_meant = meant != 0;
    if (meant)
        status = one_load(run, meant, &named, &filters->meant, &unused, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(ids) && i < SPLIT_FILTERS_MAX;
         i++) {
        int32_t at = filters->count++;
        status = one_load(run, json_integer_value(json_array_get(ids, i)), &named,
                          &filters->filters[at], &filters->names[at], err);
    }
    return status;
}

uint64_t row_filters_parts(const struct row_filters *filters,
                           const struct filter_contact *contact)
{
    uint64_t parts = 0;
    if (filters->has_meant && !filter_matches(&filters->meant, contact, filters->now))
        return 0;
    if (filters->count == 0)
        return 1;
    for (int32_t i = 0; i < filters->count && !(parts && filters->is_waterfall); i++)
        if (filter_matches(&filters->filters[i], contact, filters->now))
            parts |= UINT64_C(1) << i;
    if (!parts && filters->has_remainder)
        parts = UINT64_C(1) << filters->count;
    return parts;
}
