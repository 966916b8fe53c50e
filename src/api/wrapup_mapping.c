/* What wrap-up codes mean for contacts, as one document of the organisation (catalogue N21). A
 * code that it does not name means what its default set says.
 * Source: WrapUpCodeMapping of purecloud-platform-client-v2 262. */
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "resource/wrapup_mapping.h"

static enum status mapping_find(struct api *api, struct arena *arena, struct entity *entity,
                                struct error *err)
{
    return STORE(api, entity_find, ENTITY_WRAPUP_MAPPING, WRAPUP_MAPPING_NAME, arena, entity,
                 err);
}

enum status wrapup_mapping_load(struct api *api, struct arena *arena, json_t **mapping,
                                struct error *err)
{
    struct entity entity;
    enum status status = mapping_find(api, arena, &entity, err);
    *mapping = status == STATUS_OK ? resource_document(entity.document) : NULL;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* The stored one; made, empty, where nobody has asked for it yet. */
static enum status mapping_take(struct call *call, struct entity *entity)
{
    enum status status = mapping_find(call->api, call->arena, entity, &call->err);
    int64_t id = 0;
    if (status != STATUS_NOT_FOUND)
        return status;
    status = STORE(call->api, entity_create, ENTITY_WRAPUP_MAPPING, WRAPUP_MAPPING_NAME,
                   "{\"defaultSet\":[],\"mapping\":{}}", NULL, 0, api_now(call->api), &id,
                   &call->err);
    if (status != STATUS_OK && status != STATUS_CONFLICT) /* another may have been faster */
        return status;
    return mapping_find(call->api, call->arena, entity, &call->err);
}

static void mapping_respond(struct call *call, const struct entity *entity)
{
    json_t *document = resource_document(entity->document);
    json_t *named = json_object_get(document, "mapping"), *shown = json_object();
    const char *name = NULL;
    json_t *flags = NULL;
    json_object_foreach(named, name, flags)
    {
        int64_t code = strtoll(name, NULL, 10);
        struct entity kept;
        if (STORE(call->api, entity_get, ENTITY_WRAPUP_CODE, code, call->arena, &kept, NULL) ==
            STATUS_OK) /* a code that was removed is named no more */
            json_object_set(shown, call_guid(call, ENTITY_WRAPUP_CODE, code), flags);
    }
    json_t *out = json_pack("{s:s,s:s,s:i,s:O,s:o,s:s}", "id",
                            call_guid(call, ENTITY_WRAPUP_MAPPING, entity->id), "name",
                            WRAPUP_MAPPING_NAME, "version", (int)entity->version, "defaultSet",
                            json_object_get(document, "defaultSet"), "mapping", shown,
                            "selfUri", "/api/v2/outbound/wrapupcodemappings");
    date_add(out, "dateCreated", entity->created_at);
    date_add(out, "dateModified", entity->modified_at);
    http_respond_json(call->response, 200, out);
    json_decref(document);
}

void wrapup_mapping_get(void *context, struct http_request *request,
                        struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    if (mapping_take(&call, &entity) != STATUS_OK)
        call_fail(&call);
    else
        mapping_respond(&call, &entity);
}

static enum status code_check(void *context, int64_t code, struct error *err)
{
    struct call *call = context;
    struct entity entity;
    (void)err;
    return STORE(call->api, entity_get, ENTITY_WRAPUP_CODE, code, call->arena, &entity, NULL);
}

void wrapup_mapping_put(void *context, struct http_request *request,
                        struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    json_t *body = NULL, *document = NULL;
    int64_t version = 0;
    if (!call_object(&call, &body))
        return;
    if (json_member_integer(body, "version", true, 1, INT32_MAX, &version, &call.err) ||
        wrapup_mapping_read(&call.api->guid, body, code_check, &call, &document, &call.err) ||
        mapping_take(&call, &entity)) {
        json_decref(document);
        call_fail(&call);
        return;
    }
    char *text = json_dumps(document, JSON_COMPACT);
    enum status status =
        STORE(call.api, entity_update, ENTITY_WRAPUP_MAPPING, entity.id, (int32_t)version,
              WRAPUP_MAPPING_NAME, text, NULL, 0, api_now(call.api), &call.err);
    free(text);
    json_decref(document);
    if (status == STATUS_OK)
        status = configuration_push(call.api, ENTITY_WRAPUP_MAPPING, entity.id, &call.err);
    if (status == STATUS_OK)
        status = mapping_find(call.api, call.arena, &entity, &call.err);
    if (status == STATUS_OK)
        mapping_respond(&call, &entity);
    else
        call_fail(&call);
}
