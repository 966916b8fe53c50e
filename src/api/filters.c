/* Contact list filters, and the text of filters for editors. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/internal.h"
#include "resource/filter_form.h"

#define FILTERS_MAX 1000
#define PREVIEW_CONTACTS 10

/* --- Columns --------------------------------------------------------------------------------
 */

/* The contact list of a filter's document, or the template of lists. False: answered. */
static bool source_load(struct call *call, const json_t *document, struct list *list)
{
    bool is_of_template = value_filter_is_of_template(document);
    enum entity_kind kind = is_of_template ? ENTITY_CONTACT_LIST_TEMPLATE : ENTITY_CONTACT_LIST;
    const char *name = is_of_template ? "contactListTemplate" : "contactList";
    enum status status = STORE(call->api, entity_get, kind, value_ref(document, name),
                               call->arena, &list->entity, &call->err);
    if (status == STATUS_NOT_FOUND)
        (void)error_set(&call->err, STATUS_INVALID, name, "there is no such %s",
                        resource_of(kind)->word);
    if (status)
        return call_fail(call);
    list_open(call, list);
    return true;
}

static bool tree_load(struct call *call, const json_t *document, const struct list *list,
                      struct filter *filter)
{
    const struct filter_columns columns = filter_columns_of(call->api, &list->columns);
    return value_filter(document, &columns, call->arena, filter, &call->err) == STATUS_OK ||
           call_fail(call);
}

/* The rows of a file are no contacts yet. */
static bool rows_can_be_asked(struct call *call, const json_t *document,
                              const struct filter *filter)
{
    static const enum filter_field fields[] = {FILTER_AGENT, FILTER_DISPOSITION};
    if (!value_filter_is_of_template(document))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (filter_uses(filter, fields[i])) {
            (void)error_set(&call->err, STATUS_INVALID, "cadran.expression",
                            "%s cannot be asked of the rows of a file: ask their columns",
                            filter_field_name(fields[i]));
            return call_fail(call);
        }
    return true;
}

bool filter_whole_check(struct call *call, json_t *document)
{
    struct list list;
    struct filter filter;
    if (!source_load(call, document, &list))
        return false;
    bool is_right = tree_load(call, document, &list, &filter) &&
                    rows_can_be_asked(call, document, &filter) &&
                    (expression_keep(call, &list.columns,
                                     json_object_get(document, "cadran")) == STATUS_OK ||
                     call_fail(call));
    list_fini(&list);
    return is_right;
}

enum status filter_list_check(const json_t *document, int64_t list, const char *path,
                              struct error *err)
{
    if (value_filter_is_of_template(document))
        return error_set(err, STATUS_INVALID, path,
                         "is a filter of a contact list template, which has no contacts and "
                         "serves imports only: use a filter of this contact list");
    if (value_ref(document, "contactList") != list)
        return error_set(err, STATUS_INVALID, path, "is a filter of another contact list");
    return STATUS_OK;
}

/* Filters of a template that would no longer fit it. */
bool list_template_filters_check(struct call *call, int64_t id, const json_t *document)
{
    struct entity_ref *users = NULL;
    struct list_columns columns;
    size_t count = 0;
    if (!id)
        return true;
    if (STORE(call->api, entity_users, ENTITY_CONTACT_LIST_TEMPLATE, id, call->arena, &users,
              &count, &call->err))
        return call_fail(call);
    value_list_columns(document, &columns);
    const struct filter_columns named = filter_columns_of(call->api, &columns);
    for (size_t i = 0; i < count; i++) {
        struct entity entity;
        struct filter filter;
        struct error why;
        if (users[i].kind != ENTITY_CONTACT_LIST_FILTER ||
            STORE(call->api, entity_get, users[i].kind, users[i].id, call->arena, &entity,
                  NULL))
            continue;
        json_t *one = resource_document(entity.document);
        enum status status = value_filter(one, &named, call->arena, &filter, &why);
        json_decref(one);
        if (status == STATUS_OK)
            continue;
        (void)error_set(&call->err, STATUS_INVALID, "columnNames",
                        "the contact list filter \"%.80s\" needs what is taken away (%.100s): "
                        "change the filter first",
                        entity.name, why.text);
        return call_fail(call);
    }
    return true;
}

/* --- Listings -------------------------------------------------------------------------------
 */

static int by_name(const void *left, const void *right)
{
    return strcasecmp((*(const struct entity *const *)left)->name,
                      (*(const struct entity *const *)right)->name);
}

/* The filters of one contact list, or of one template. False: answered. */
static bool filters_of_source(struct call *call, struct entity_ref source, const char *prefix,
                              struct entity ***found, size_t *count)
{
    struct entity_ref *users = NULL;
    size_t all = 0;
    if (STORE(call->api, entity_users, source.kind, source.id, call->arena, &users, &all,
              &call->err))
        return call_fail(call);
    *found = arena_new(call->arena, all, sizeof(struct entity *));
    for (size_t i = 0; i < all; i++) {
        struct entity *entity = arena_new(call->arena, 1, sizeof(*entity));
        if (users[i].kind != ENTITY_CONTACT_LIST_FILTER ||
            STORE(call->api, entity_get, users[i].kind, users[i].id, call->arena, entity, NULL))
            continue;
        if (!prefix || strncasecmp(entity->name, prefix, strlen(prefix)) == 0)
            (*found)[(*count)++] = entity;
    }
    qsort(*found, *count, sizeof(**found), by_name);
    return true;
}

void filters_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct page page = page_read(request);
    struct entity_ref source = {ENTITY_CONTACT_LIST, 0};
    struct entity **found = NULL;
    size_t count = 0;
    const char *guid = http_query(request, "contactListId");
    if (!guid) {
        guid = http_query(request, "contactListTemplateId");
        source.kind = ENTITY_CONTACT_LIST_TEMPLATE;
    }
    if (!guid) {
        entities_list(context, request, response);
        return;
    }
    if (guid_parse(&call.api->guid, (int32_t)source.kind, guid, &source.id) &&
        !filters_of_source(&call, source, http_query(request, "name"), &found, &count))
        return;
    json_t *entities = json_array();
    for (size_t i = 0; i < (size_t)page.size && (size_t)page.offset + i < count; i++)
        json_array_append_new(entities, entity_write(&call, found[(size_t)page.offset + i]));
    http_respond_json(response, 200, page_write(&call, page, (int64_t)count, entities));
}

/* {"ids": [...]}: those that are there. */
void filters_retrieve(void *context, struct http_request *request,
                      struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    json_t *ids = NULL;
    if (!call_object(&call, &body))
        return;
    if (json_member_array(body, "ids", true, 100, &ids, &call.err)) {
        call_fail(&call);
        return;
    }
    json_t *entities = json_array();
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *guid = json_string_value(json_array_get(ids, i));
        struct entity entity;
        int64_t id = 0;
        if (guid && guid_parse(&call.api->guid, ENTITY_CONTACT_LIST_FILTER, guid, &id) &&
            STORE(call.api, entity_get, ENTITY_CONTACT_LIST_FILTER, id, call.arena, &entity,
                  NULL) == STATUS_OK)
            json_array_append_new(entities, entity_write(&call, &entity));
    }
    const struct page page = {100, 1, 0};
    int64_t count = (int64_t)json_array_size(entities);
    http_respond_json(response, 200, page_write(&call, page, count, entities));
}

/* --- Preview and copy -----------------------------------------------------------------------
 */

static void preview(struct call *call, struct list *list, const struct filter *filter)
{
    struct contact_record *records = NULL;
    struct match_count matched;
    size_t count = 0;
    struct contact_search search = {.list = {list->entity.id},
                                    .filter = filter,
                                    .now = api_now(call->api),
                                    .limit = PREVIEW_CONTACTS};
    if (matches_count(call, search.list, filter, search.now, &matched) ||
        matches_page(call, &search, &records, &count)) {
        call_fail(call);
        return;
    }
    json_t *contacts = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(contacts, contact_write_out(list, &records[i]));
    json_t *out = json_pack("{s:I,s:I,s:o}", "filteredContacts", (json_int_t)matched.matched,
                            "totalContacts", (json_int_t)matched.total, "preview", contacts);
    match_count_write(&matched, out);
    http_respond_json(call->response, 200, out);
}

/* A template of lists has no contacts. */
static void preview_of_template(struct call *call)
{
    http_respond_json(
        call->response, 200,
        json_pack("{s:i,s:i,s:[]}", "filteredContacts", 0, "totalContacts", 0, "preview"));
}

void filter_preview(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_of(ENTITY_CONTACT_LIST_FILTER);
    json_t *body = NULL;
    json_t *document = NULL;
    struct list list;
    struct filter filter;
    if (!call_object(&call, &body))
        return;
    if (resource_read(resource, &call.api->world, body, NULL, &document, &call.err)) {
        call_fail(&call);
        return;
    }
    if (source_load(&call, document, &list)) {
        bool is_right = tree_load(&call, document, &list, &filter);
        if (is_right && value_filter_is_of_template(document))
            preview_of_template(&call);
        else if (is_right)
            preview(&call, &list, &filter);
        list_fini(&list);
    }
    json_decref(document);
}

/* {"name"}: a new filter that says the same, its expression too. */
void filter_copy(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    json_t *body = NULL;
    const char *name = NULL;
    int64_t id = 0;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST_FILTER, &entity) ||
        !call_object(&call, &body))
        return;
    if (json_member_text(body, "name", true, 256, &name, &call.err)) {
        call_fail(&call);
        return;
    }
    json_t *document = resource_document(entity.document);
    json_object_set_new(document, "name", json_string(name));
    bool is_done = filters_have_room(&call) && filter_whole_check(&call, document) &&
                   entity_insert(&call, resource_of(entity.kind), document, &id);
    json_decref(document);
    if (is_done && STORE(call.api, entity_get, entity.kind, id, call.arena, &entity, &call.err))
        call_fail(&call);
    else if (is_done)
        http_respond_json(response, 200, entity_write(&call, &entity));
}

bool filters_have_room(struct call *call)
{
    const struct entity_query query = {.kind = ENTITY_CONTACT_LIST_FILTER, .limit = 1};
    struct entity_page page;
    if (STORE(call->api, entity_list, &query, call->arena, &page, &call->err))
        return call_fail(call);
    if (page.total < FILTERS_MAX)
        return true;
    http_respond_error(
        call->response, 400, "limit.exceeded", "",
        "There are %d contact list filters, which is the most: remove one first.", FILTERS_MAX);
    return false;
}

/* --- Expressions ----------------------------------------------------------------------------
 */

static const char *printed(struct call *call, const struct filter *filter,
                           const struct filter_columns *columns)
{
    struct buffer out;
    buffer_init(&out, 16 * FILTER_SOURCE_MAX);
    filter_print(filter, columns, &out);
    const char *text = arena_text(call->arena, out.data ? out.data : "", out.len);
    buffer_fini(&out);
    return text;
}

static json_t *fault_write(const struct filter_fault *fault, const struct error *err)
{
    json_t *out = json_pack("{s:s,s:i,s:i,s:i}", "message", err->text, "line", (int)fault->line,
                            "column", (int)fault->column, "length", (int)fault->length);
    if (fault->suggestion[0])
        json_object_set_new(out, "suggestion", json_string(fault->suggestion));
    return out;
}

/* The list of the path and the text of the body. False: answered. */
static bool expression_begin(struct call *call, struct list *list, json_t **body,
                             const char **text)
{
    if (!list_load(call, list))
        return false;
    if (call_object(call, body)) {
        if (!json_member_text(*body, "expression", true, FILTER_SOURCE_MAX, text, &call->err))
            return true;
        call_fail(call);
    }
    json_decref(list->document);
    return false;
}

void expression_parse(void *context, struct http_request *request,
                      struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    struct filter filter;
    struct filter_fault fault;
    struct error err;
    json_t *body = NULL, *form = NULL;
    const char *text = NULL;
    if (!expression_begin(&call, &list, &body, &text))
        return;
    const struct filter_columns columns = filter_columns_of(call.api, &list.columns);
    json_t *out = json_object();
    if (filter_parse(text, strlen(text), &columns, call.arena, &filter, &fault, &err)) {
        json_object_set_new(out, "isValid", json_false());
        json_object_set_new(out, "fault", fault_write(&fault, &err));
    } else {
        json_object_set_new(out, "isValid", json_true());
        json_object_set_new(out, "expression", json_string(printed(&call, &filter, &columns)));
        if (filter_form_write(&filter, &columns, &form, &err))
            json_object_set_new(out, "notStructuredBecause", json_string(err.text));
        else
            json_object_set_new(out, "filter", form);
    }
    http_respond_json(response, 200, out);
    list_fini(&list);
}

void expression_print(void *context, struct http_request *request,
                      struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    struct filter filter;
    json_t *body = NULL;
    if (!list_load(&call, &list))
        return;
    const struct filter_columns columns = filter_columns_of(call.api, &list.columns);
    if (call_object(&call, &body)) {
        if (filter_form_read(body, &columns, call.arena, &filter, &call.err))
            call_fail(&call);
        else
            http_respond_json(
                response, 200,
                json_pack("{s:s}", "expression", printed(&call, &filter, &columns)));
    }
    list_fini(&list);
}

/* Bytes of the first `count` characters, and the other way round. */
static size_t bytes_of(const char *text, int64_t count)
{
    size_t at = 0;
    while (text[at] && (count > 0 || ((unsigned char)text[at] & 0xC0) == 0x80))
        count -= ((unsigned char)text[at++] & 0xC0) != 0x80;
    return at;
}

static int64_t characters_of(const char *text, size_t len)
{
    int64_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

void expression_complete(void *context, struct http_request *request,
                         struct http_response *response)
{
    static const char *const kinds[] = {"column", "field", "operator", "keyword", "value"};
    struct call call = call_begin(context, request, response);
    struct list list;
    json_t *body = NULL;
    const char *text = NULL;
    int64_t cursor = 0;
    struct filter_completion *found = NULL;
    size_t from = 0;
    if (!expression_begin(&call, &list, &body, &text))
        return;
    const struct filter_columns columns = filter_columns_of(call.api, &list.columns);
    if (json_member_integer(body, "cursor", true, 0, FILTER_SOURCE_MAX, &cursor, &call.err)) {
        call_fail(&call);
    } else {
        size_t count = filter_complete(text, strlen(text), bytes_of(text, cursor), &columns,
                                       call.arena, &found, &from);
        json_t *items = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(items, json_pack("{s:s,s:s}", "text", found[i].text, "kind",
                                                   kinds[found[i].kind]));
        http_respond_json(response, 200,
                          json_pack("{s:I,s:o}", "from", (json_int_t)characters_of(text, from),
                                    "items", items));
    }
    list_fini(&list);
}
