/* Members and wrap-up codes of a queue: lists of references within its document. */
#include <string.h>

#include "api/internal.h"

#define AT_ONCE 100
#define TRIES 5

struct listed {
    const char *field;
    enum entity_kind kind;
    int64_t most;
};
static const struct listed members = {"_members", ENTITY_USER, QUEUE_MEMBER_MAX};
static const struct listed codes = {"_wrapupCodes", ENTITY_WRAPUP_CODE, 500};

static json_t *item_write(struct call *call, const struct listed *listed,
                          const struct entity *entity)
{
    json_t *item = entity_write(call, entity);
    if (listed->kind != ENTITY_USER)
        return item;
    const char *name = json_string_value(json_object_get(item, "name"));
    return json_pack("{s:s,s:s,s:o,s:b,s:s}", "id", call_guid(call, ENTITY_USER, entity->id),
                     "name", name ? name : "", "user", item, "joined", 1, "memberBy", "user");
}

static void list(void *context, struct http_request *request, struct http_response *response,
                 const struct listed *listed)
{
    struct call call = call_begin(context, request, response);
    struct entity queue;
    struct page page = page_read(request);
    if (!call_entity(&call, "id", ENTITY_QUEUE, &queue))
        return;
    json_t *document = resource_document(queue.document);
    const json_t *ids = json_object_get(document, listed->field);
    size_t total = json_array_size(ids);
    json_t *entities = json_array();
    for (size_t i = (size_t)page.offset; i < total && i < (size_t)(page.offset + page.size);
         i++) {
        struct entity entity;
        if (STORE(call.api, entity_get, listed->kind,
                  json_integer_value(json_array_get(ids, i)), call.arena, &entity,
                  NULL) == STATUS_OK)
            json_array_append_new(entities, item_write(&call, listed, &entity));
    }
    json_decref(document);
    http_respond_json(response, 200, page_write(&call, page, (int64_t)total, entities));
}

static bool change_one(json_t *array, int64_t id, bool removes)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (json_integer_value(json_array_get(array, i)) != id)
            continue;
        if (removes)
            json_array_remove(array, i);
        return true;
    }
    if (!removes)
        json_array_append_new(array, json_integer(id));
    return !removes;
}

/* Adds or removes ids. Somebody else may be at it: then from the new state again. */
static bool change(struct call *call, const struct listed *listed, const int64_t *ids,
                   size_t count, bool removes)
{
    for (int attempt = 1;; attempt++) {
        struct entity queue;
        if (!call_entity(call, "id", ENTITY_QUEUE, &queue))
            return false;
        json_t *document = resource_document(queue.document);
        json_t *array = json_object_get(document, listed->field);
        if (!array) {
            array = json_array();
            json_object_set_new(document, listed->field, array);
        }
        for (size_t i = 0; i < count; i++)
            change_one(array, ids[i], removes);
        bool is_full = (int64_t)json_array_size(array) > listed->most;
        bool is_stored = !is_full && entity_store(call, &queue, 0, document);
        json_decref(document);
        if (is_full)
            http_respond_error(call->response, 400, "limit.exceeded", "",
                               "A queue has at most %lld of them.", (long long)listed->most);
        if (is_stored || is_full || call->err.status != STATUS_STALE || attempt == TRIES)
            return is_stored;
    }
}

static bool ids_read(struct call *call, const json_t *body, const struct listed *listed,
                     int64_t *ids, size_t *count)
{
    *count = json_array_size(body);
    for (size_t i = 0; i < *count; i++) {
        const json_t *item = json_array_get(body, i);
        const char *text = json_string_value(json_object_get(item, "id"));
        if (text && guid_parse(&call->api->guid, (int32_t)listed->kind, text, &ids[i]))
            continue;
        char path[32];
        snprintf(path, sizeof(path), "[%zu].id", i);
        http_respond_error(call->response, 400, "invalid.value", path,
                           "%s: there is no such %s", path, resource_of(listed->kind)->word);
        return false;
    }
    return true;
}

static void add(void *context, struct http_request *request, struct http_response *response,
                const struct listed *listed)
{
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    int64_t ids[AT_ONCE];
    size_t count = 0;
    if (call_array(&call, AT_ONCE, &body) && ids_read(&call, body, listed, ids, &count) &&
        change(&call, listed, ids, count, http_query_bool(request, "delete", false)))
        http_respond_empty(response, 204);
}

static void remove_one(void *context, struct http_request *request,
                       struct http_response *response, const struct listed *listed,
                       const char *param)
{
    struct call call = call_begin(context, request, response);
    int64_t id = 0;
    if (call_id(&call, param, listed->kind, &id) && change(&call, listed, &id, 1, true))
        http_respond_empty(response, 204);
}

void queue_members_list(void *context, struct http_request *request,
                        struct http_response *response)
{
    list(context, request, response, &members);
}

void queue_members_add(void *context, struct http_request *request,
                       struct http_response *response)
{
    add(context, request, response, &members);
}

void queue_member_delete(void *context, struct http_request *request,
                         struct http_response *response)
{
    remove_one(context, request, response, &members, "memberId");
}

void queue_codes_list(void *context, struct http_request *request,
                      struct http_response *response)
{
    list(context, request, response, &codes);
}

void queue_codes_add(void *context, struct http_request *request,
                     struct http_response *response)
{
    add(context, request, response, &codes);
}

void queue_code_delete(void *context, struct http_request *request,
                       struct http_response *response)
{
    remove_one(context, request, response, &codes, "codeId");
}
