/* What an import template says of things that are stored elsewhere: the columns of its contact
 * list template, and the contact list filters by which a file's rows are chosen and split. */
#include <string.h>

#include "api/internal.h"

#define SPLIT_VALUE "splittingInformation.criteriaValue"

static const char *split_text(const json_t *document, const char *name)
{
    const json_t *splitting = json_object_get(document, "splittingInformation");
    const char *text = json_string_value(json_object_get(splitting, name));
    return text ? text : "";
}

static bool splits_by(const json_t *document, const char *criteria)
{
    return json_is_true(json_object_get(document, "useSplittingCriteria")) &&
           strcmp(split_text(document, "criteria"), criteria) == 0;
}

/* A file is split by a column that its lists will have. */
static enum status column_check(struct call *call, const json_t *document)
{
    struct entity entity;
    struct list_columns columns;
    enum status status =
        STORE(call->api, entity_get, ENTITY_CONTACT_LIST_TEMPLATE,
              value_ref(document, "contactListTemplate"), call->arena, &entity, &call->err);
    if (status == STATUS_NOT_FOUND)
        return error_set(&call->err, STATUS_INVALID, "contactListTemplate",
                         "there is no such contact list template");
    if (status != STATUS_OK || !splits_by(document, "Column"))
        return status;
    json_t *list_template = resource_document(entity.document);
    value_list_columns(list_template, &columns);
    bool is_there = list_column_find(&columns, split_text(document, "criteriaValue")) >= 0;
    json_decref(list_template);
    if (is_there)
        return STATUS_OK;
    return error_set(&call->err, STATUS_INVALID, SPLIT_VALUE,
                     "is not a column of the contact list template");
}

/* --- Filters --------------------------------------------------------------------------------
 */

/* An import asks its rows only by filters of the template that its lists are made from. */
static enum status filter_check_source(struct call *call, const json_t *document, int64_t id,
                                       const char *path)
{
    struct entity entity;
    enum status status = STORE(call->api, entity_get, ENTITY_CONTACT_LIST_FILTER, id,
                               call->arena, &entity, &call->err);
    if (status == STATUS_NOT_FOUND)
        return error_set(&call->err, STATUS_INVALID, path,
                         "there is no such contact list filter");
    if (status != STATUS_OK)
        return status;
    json_t *filter = resource_document(entity.document);
    bool is_of_template = value_filter_is_of_template(filter);
    bool is_of_this =
        value_ref(filter, "contactListTemplate") == value_ref(document, "contactListTemplate");
    json_decref(filter);
    if (!is_of_template)
        return error_set(&call->err, STATUS_INVALID, path,
                         "\"%.80s\" is a filter of a contact list: use one whose sourceType is "
                         "ContactListTemplate, of the import's own contact list template",
                         entity.name);
    if (!is_of_this)
        return error_set(&call->err, STATUS_INVALID, path,
                         "\"%.80s\" is a filter of another contact list template: use one of "
                         "the import's own",
                         entity.name);
    return STATUS_OK;
}

/* One id of the text, blanks around it left out. */
static enum status split_filter_add(struct call *call, const json_t *document, const char *text,
                                    size_t len, json_t *ids)
{
    int64_t id = 0;
    while (len && (*text == ' ' || *text == '\t'))
        text++, len--;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    const char *guid = arena_text(call->arena, text, len);
    if (!guid_parse(&call->api->guid, ENTITY_CONTACT_LIST_FILTER, guid, &id))
        return error_set(&call->err, STATUS_INVALID, SPLIT_VALUE,
                         "\"%.40s\" is not the id of a contact list filter: write ids with "
                         "commas between them",
                         guid);
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (json_integer_value(json_array_get(ids, i)) == id)
            return error_set(&call->err, STATUS_INVALID, SPLIT_VALUE,
                             "the contact list filter %s is there twice", guid);
    if (json_array_size(ids) == SPLIT_FILTERS_MAX)
        return error_set(&call->err, STATUS_INVALID, SPLIT_VALUE,
                         "a file is split by at most %d contact list filters",
                         SPLIT_FILTERS_MAX);
    json_array_append_new(ids, json_integer(id));
    return filter_check_source(call, document, id, SPLIT_VALUE);
}

/* "id, id, ..." in the order in which the filters are asked. */
static enum status split_filters_read(struct call *call, json_t *document)
{
    enum status status = STATUS_OK;
    const char *at = split_text(document, "criteriaValue");
    json_object_del(document, SPLIT_FILTERS);
    if (!splits_by(document, "Custom"))
        return STATUS_OK;
    json_t *ids = json_array();
    while (status == STATUS_OK) {
        size_t len = strcspn(at, ",");
        status = split_filter_add(call, document, at, len, ids);
        at += len;
        if (!*at++)
            break;
    }
    json_object_set_new(document, SPLIT_FILTERS, ids);
    return status;
}

bool import_template_whole_check(struct call *call, json_t *document)
{
    int64_t filter = value_ref(document, "contactListFilter");
    enum status status = column_check(call, document);
    if (status == STATUS_OK && filter)
        status = filter_check_source(call, document, filter, "contactListFilter");
    if (status == STATUS_OK)
        status = split_filters_read(call, document);
    return status == STATUS_OK || call_fail(call);
}
