/* Saved column sets and filters of people's contact screens (C36 to C38): private to who made
 * them, or shared. A view's name is unique among its owner's. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/internal.h"

#define VIEWS_MAX 5000
#define OWNER "_owner" /* {kind, id}: never the client's to say */

/* --- Whose it is ----------------------------------------------------------------------------
 */

static bool is_owner(const struct call *call, const json_t *document)
{
    const json_t *owner = json_object_get(document, OWNER);
    const struct http_principal *principal = &call->request->principal;
    return json_integer_value(json_object_get(owner, "kind")) == principal->kind &&
           json_integer_value(json_object_get(owner, "id")) == principal->id;
}

static bool may_see(const struct call *call, const json_t *document)
{
    return json_is_true(json_object_get(document, "isShared")) || is_owner(call, document);
}

static bool may_change(struct call *call, const json_t *document)
{
    if (is_owner(call, document) || call->request->principal.access & ACCESS_ADMINISTRATOR)
        return true;
    http_respond_error(call->response, 403, "not.authorized", "",
                       "Only who made a contact view, or an administrator, may change it.");
    return false;
}

/* Names are unique within a kind of entity: here the owner is a part of it. */
static const char *key_of(struct call *call, const json_t *document)
{
    const json_t *owner = json_object_get(document, OWNER);
    return arena_format(call->arena, "%lld:%lld %s",
                        (long long)json_integer_value(json_object_get(owner, "kind")),
                        (long long)json_integer_value(json_object_get(owner, "id")),
                        json_string_value(json_object_get(document, "name")));
}

static json_t *view_write(struct call *call, const struct entity *entity)
{
    struct resource_writer writer = call_writer(call);
    json_t *document = resource_document(entity->document);
    json_t *out = resource_write(resource_of(ENTITY_CONTACT_VIEW), &writer, entity);
    json_object_del(out, OWNER);
    json_object_set_new(out, "isMine", json_boolean(is_owner(call, document)));
    expression_show(call, value_ref(document, "contactList"), out);
    const json_t *owner = json_object_get(document, OWNER);
    if (json_integer_value(json_object_get(owner, "kind")) == ENTITY_USER)
        json_object_set_new(
            out, "owner",
            resource_ref_write(&writer, ENTITY_USER,
                               json_integer_value(json_object_get(owner, "id"))));
    json_decref(document);
    return out;
}

/* The view of the path, if the caller may see it. False: answered. The document is the
 * caller's. */
static bool view_load(struct call *call, struct entity *entity, json_t **document)
{
    if (!call_entity(call, "id", ENTITY_CONTACT_VIEW, entity))
        return false;
    *document = resource_document(entity->document);
    if (may_see(call, *document) || call->request->principal.access & ACCESS_ADMINISTRATOR)
        return true;
    json_decref(*document);
    return call_unknown(call, ENTITY_CONTACT_VIEW);
}

/* --- What it says ---------------------------------------------------------------------------
 */

static bool is_known(const struct list_columns *columns, const char *name)
{
    return list_column_find(columns, name) >= 0 ||
           filter_field_find(name, strlen(name)) != FILTER_FIELD_COUNT;
}

static enum status names_check(struct call *call, const json_t *document, const char *list,
                               const char *member, const struct list_columns *columns)
{
    const json_t *items = json_object_get(document, list);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *name = json_string_value(member ? json_object_get(item, member) : item);
        if (!is_known(columns, name))
            return error_set(&call->err, STATUS_INVALID,
                             arena_format(call->arena, "%s[%zu]%s%s", list, i,
                                          member ? "." : "", member ? member : ""),
                             "%.128s is neither a column of the list nor a field", name);
    }
    return STATUS_OK;
}

/* Its columns and its expression must be of its list; without one, of every contact. Its
 * expression becomes the one to keep. */
static bool view_check(struct call *call, json_t *document)
{
    struct list_columns columns = {.count = 0};
    struct entity list;
    struct filter filter;
    json_t *source = NULL;
    int64_t id = value_ref(document, "contactList");
    const char *text = json_string_value(json_object_get(document, "expression"));
    enum status status = STATUS_OK;
    if (id)
        status = STORE(call->api, entity_get, ENTITY_CONTACT_LIST, id, call->arena, &list,
                       &call->err);
    if (status == STATUS_NOT_FOUND)
        status = error_set(&call->err, STATUS_INVALID, "contactList",
                           "there is no such contact list any more");
    if (status == STATUS_OK && id) {
        source = resource_document(list.document);
        value_list_columns(source, &columns);
    }
    const struct filter_columns of = filter_columns_of(call->api, &columns);
    if (status == STATUS_OK)
        status = names_check(call, document, "columns", NULL, &columns);
    if (status == STATUS_OK)
        status = names_check(call, document, "contactSorts", "fieldName", &columns);
    if (status == STATUS_OK && text &&
        (status = filter_parse(text, strlen(text), &of, call->arena, &filter, NULL,
                               &call->err)) != STATUS_OK)
        error_prefix(&call->err, "expression");
    if (status == STATUS_OK)
        status = expression_keep(call, &columns, document);
    json_decref(source);
    return status == STATUS_OK || call_fail(call);
}

static bool name_taken(struct call *call)
{
    if (call->err.status == STATUS_CONFLICT)
        snprintf(call->err.text, sizeof(call->err.text),
                 "You have a contact view of that name already.");
    else if (call->err.status == STATUS_STALE)
        snprintf(call->err.text, sizeof(call->err.text),
                 "The contact view was changed by somebody else meanwhile: read it again.");
    return call_fail(call);
}

/* Stores it; `before` NULL: a new one. False: answered. */
static bool view_store(struct call *call, const struct entity *before, int32_t version,
                       const json_t *document, int64_t *id)
{
    /* No references: what somebody saved for themselves keeps no list from being removed. */
    char *text = json_dumps(document, JSON_COMPACT);
    enum status status =
        before ? STORE(call->api, entity_update, ENTITY_CONTACT_VIEW, before->id, version,
                       key_of(call, document), text, NULL, 0, api_now(call->api), &call->err)
               : STORE(call->api, entity_create, ENTITY_CONTACT_VIEW, key_of(call, document),
                       text, NULL, 0, api_now(call->api), id, &call->err);
    free(text);
    return status == STATUS_OK || name_taken(call);
}

static void respond_view(struct call *call, int64_t id)
{
    struct entity entity;
    if (STORE(call->api, entity_get, ENTITY_CONTACT_VIEW, id, call->arena, &entity, &call->err))
        call_fail(call);
    else
        http_respond_json(call->response, 200, view_write(call, &entity));
}

/* --- Handlers -------------------------------------------------------------------------------
 */

static int by_name(const void *left, const void *right)
{
    const json_t *const *a = left, *const *b = right;
    return strcasecmp(json_string_value(json_object_get(*a, "name")),
                      json_string_value(json_object_get(*b, "name")));
}

/* Adds those of one page of the store that the caller may see, of the list if one is asked for.
 */
static void views_add(struct call *call, const struct entity_page *page, int64_t list,
                      json_t **found, size_t *count)
{
    for (int32_t i = 0; i < page->count && *count < VIEWS_MAX; i++) {
        json_t *document = resource_document(page->entities[i].document);
        bool is_asked = !list || value_ref(document, "contactList") == list;
        if (is_asked && may_see(call, document))
            found[(*count)++] = view_write(call, &page->entities[i]);
        json_decref(document);
    }
}

void views_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct page page = page_read(request);
    const char *guid = http_query(request, "contactListId");
    struct entity_query query = {.kind = ENTITY_CONTACT_VIEW, .limit = 200};
    struct entity_page part = {.count = 1};
    int64_t list = 0;
    size_t count = 0;
    if (guid && !guid_parse(&call.api->guid, ENTITY_CONTACT_LIST, guid, &list)) {
        http_respond_error(response, 400, "invalid.value", "contactListId",
                           "contactListId: there is no such contact list");
        return;
    }
    json_t **found = arena_new(call.arena, VIEWS_MAX, sizeof(json_t *));
    enum status status = STATUS_OK;
    while (status == STATUS_OK && part.count > 0) {
        status = STORE(call.api, entity_list, &query, call.arena, &part, &call.err);
        if (status == STATUS_OK)
            views_add(&call, &part, list, found, &count);
        query.offset += query.limit;
    }
    qsort(found, count, sizeof(*found), by_name);
    json_t *entities = json_array();
    for (size_t i = 0; i < count; i++)
        if ((int64_t)i >= page.offset && (int64_t)i < page.offset + page.size)
            json_array_append_new(entities, found[i]);
        else
            json_decref(found[i]);
    if (status == STATUS_OK) {
        http_respond_json(response, 200, page_write(&call, page, (int64_t)count, entities));
        return;
    }
    json_decref(entities);
    call_fail(&call);
}

void view_create(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    json_t *document = NULL;
    int64_t id = 0;
    if (!call_object(&call, &body))
        return;
    if (resource_read(resource_of(ENTITY_CONTACT_VIEW), &call.api->world, body, NULL, &document,
                      &call.err)) {
        call_fail(&call);
        return;
    }
    json_object_set_new(document, OWNER,
                        json_pack("{s:i,s:I}", "kind", (int)request->principal.kind, "id",
                                  (json_int_t)request->principal.id));
    bool is_done = view_check(&call, document) && view_store(&call, NULL, 0, document, &id);
    json_decref(document);
    if (is_done)
        respond_view(&call, id);
}

void view_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    json_t *document = NULL;
    if (!view_load(&call, &entity, &document))
        return;
    json_decref(document);
    http_respond_json(response, 200, view_write(&call, &entity));
}

static bool view_replace(struct call *call, const struct entity *before, const json_t *stored,
                         const json_t *body)
{
    json_t *document = NULL;
    int64_t version = 0;
    if (json_member_integer(body, "version", true, 1, INT32_MAX, &version, &call->err) ||
        resource_read(resource_of(ENTITY_CONTACT_VIEW), &call->api->world, body, stored,
                      &document, &call->err))
        return call_fail(call);
    json_object_set(document, OWNER, json_object_get(stored, OWNER));
    bool is_done = view_check(call, document) &&
                   view_store(call, before, (int32_t)version, document, NULL);
    json_decref(document);
    return is_done;
}

void view_put(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    json_t *stored = NULL;
    json_t *body = NULL;
    if (!view_load(&call, &entity, &stored))
        return;
    bool is_done = may_change(&call, stored) && call_object(&call, &body) &&
                   view_replace(&call, &entity, stored, body);
    json_decref(stored);
    if (is_done)
        respond_view(&call, entity.id);
}

void view_delete(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    json_t *document = NULL;
    if (!view_load(&call, &entity, &document))
        return;
    bool may = may_change(&call, document);
    json_decref(document);
    if (may &&
        STORE(call.api, entity_remove, ENTITY_CONTACT_VIEW, entity.id, NULL, NULL, &call.err))
        call_fail(&call);
    else if (may)
        http_respond_empty(response, 204);
}
