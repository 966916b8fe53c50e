#include <string.h>

#include "api/internal.h"

struct call call_begin(void *context, struct http_request *request,
                       struct http_response *response)
{
    return (struct call){
        .api = context, .request = request, .response = response, .arena = &request->arena};
}

struct wall api_now(const struct api *api)
{
    return api->options.clock.wall(api->options.clock.self);
}

bool call_fail(struct call *call)
{
    http_respond_failure(call->response, &call->err);
    return false;
}

bool call_unknown(struct call *call, enum entity_kind kind)
{
    http_respond_error(call->response, 404, "not.found", "", "There is no such %s.",
                       resource_of(kind)->word);
    return false;
}

bool call_id(struct call *call, const char *param, enum entity_kind kind, int64_t *id)
{
    const char *text = http_path_param(call->request, param);
    return guid_parse(&call->api->guid, (int32_t)kind, text, id) || call_unknown(call, kind);
}

bool call_entity(struct call *call, const char *param, enum entity_kind kind,
                 struct entity *entity)
{
    int64_t id = 0;
    if (!call_id(call, param, kind, &id))
        return false;
    enum status status =
        STORE(call->api, entity_get, kind, id, call->arena, entity, &call->err);
    if (status == STATUS_NOT_FOUND)
        return call_unknown(call, kind);
    return status == STATUS_OK || call_fail(call);
}

static bool body_is_wrong(struct call *call, const char *what)
{
    http_respond_error(call->response, 400, "bad.request", "", "The body must be %s.", what);
    return false;
}

bool call_object(struct call *call, json_t **body)
{
    return http_request_json(call->request, call->response, body) &&
           (json_is_object(*body) || body_is_wrong(call, "a JSON object"));
}

bool call_array(struct call *call, size_t count_max, json_t **body)
{
    if (!http_request_json(call->request, call->response, body))
        return false;
    if (!json_is_array(*body))
        return body_is_wrong(call, "a JSON array");
    if (json_array_size(*body) <= count_max)
        return true;
    http_respond_error(call->response, 400, "invalid.value", "",
                       "The body has %zu items; at most %zu are taken at once.",
                       json_array_size(*body), count_max);
    return false;
}

/* One look-up by key each. */
static const char *name_find(void *context, enum entity_kind kind, int64_t id)
{
    struct call *call = context;
    struct entity entity;
    if (STORE(call->api, entity_get, kind, id, call->arena, &entity, NULL) != STATUS_OK)
        return NULL;
    return entity.name;
}

struct resource_writer call_writer(struct call *call)
{
    return (struct resource_writer){&call->api->guid, name_find, call};
}

const char *call_guid(struct call *call, int32_t kind, int64_t id)
{
    char *text = arena_new(call->arena, GUID_SIZE, 1);
    guid_format(&call->api->guid, kind, id, text);
    return text;
}

struct entity_ref call_actor(const struct call *call)
{
    const struct http_principal *principal = &call->request->principal;
    return (struct entity_ref){(enum entity_kind)principal->kind, principal->id};
}

void call_ref_add(struct call *call, json_t *out, const char *name, enum entity_kind kind,
                  int64_t id)
{
    struct resource_writer writer = call_writer(call);
    if (id && kind)
        json_object_set_new(out, name, resource_ref_write(&writer, kind, id));
}
