/* Do-not-contact numbers. */
#include <string.h>

#include "api/internal.h"

#define DNC_AT_ONCE 10000

static bool list_get(struct call *call, struct entity *list)
{
    if (!call_entity(call, "id", ENTITY_DNC_LIST, list))
        return false;
    json_t *document = resource_document(list->document);
    const char *source = json_string_value(json_object_get(document, "dncSourceType"));
    bool is_ours = source && strcmp(source, "rds") == 0;
    json_decref(document);
    if (!is_ours)
        http_respond_error(call->response, 400, "invalid.value", "dncSourceType",
                           "Numbers can only be kept in a list of type rds.");
    return is_ours;
}

static bool numbers_read(struct call *call, const json_t *array, const char *path,
                         int64_t **numbers, size_t *count)
{
    *count = json_array_size(array);
    *numbers = arena_new(call->arena, *count + 1, sizeof(**numbers));
    for (size_t i = 0; i < *count; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        int64_t number =
            text ? call->api->options.numbers.parse(call->api->options.numbers.context, text)
                 : 0;
        if (number <= 0) {
            char at[ERROR_PATH_MAX];
            snprintf(at, sizeof(at), "%s[%zu]", path, i);
            http_respond_error(call->response, 400, "invalid.value", at,
                               "%s: is not a valid telephone number", at);
            return false;
        }
        (*numbers)[i] = number;
    }
    return true;
}

/* "yyyy-MM-ddTHH:mmZ"; also with seconds. At most 180 days ahead. */
static bool expiry_read(struct call *call, const char *text, struct wall *at)
{
    char whole[40];
    at->us = 0;
    if (!text || !*text)
        return true;
    size_t len = strlen(text);
    if (len == 17 && text[16] == 'Z')
        snprintf(whole, sizeof(whole), "%.16s:00Z", text);
    else
        snprintf(whole, sizeof(whole), "%.39s", text);
    int64_t now = api_now(call->api).us;
    if (wall_parse(whole, at) && at->us > now && at->us <= now + 180 * US_PER_DAY)
        return true;
    http_respond_error(call->response, 400, "invalid.value", "expirationDateTime",
                       "expirationDateTime: must be yyyy-MM-ddTHH:mmZ, at most 180 days ahead");
    return false;
}

static void finish(struct call *call, enum status status)
{
    if (status == STATUS_OK)
        http_respond_empty(call->response, 204);
    else
        call_fail(call);
}

void dnc_numbers_add(void *context, struct http_request *request,
                     struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct wall expires = {0};
    json_t *body = NULL;
    int64_t *numbers = NULL;
    size_t count = 0;
    if (list_get(&call, &list) && call_array(&call, DNC_AT_ONCE, &body) &&
        expiry_read(&call, http_query(request, "expirationDateTime"), &expires) &&
        numbers_read(&call, body, "", &numbers, &count))
        finish(&call, STORE(call.api, dnc_add, STORE_API, (struct dnc_list_id){list.id},
                            numbers, count, expires, &call.err));
}

/* {"action": "Add" | "Remove", "phoneNumbers": [...], "expirationDateTime"} */
void dnc_numbers_patch(void *context, struct http_request *request,
                       struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct wall expires = {0};
    json_t *body = NULL;
    json_t *array = NULL;
    const char *action = "Add";
    const char *expiry = NULL;
    int64_t *numbers = NULL;
    size_t count = 0;
    if (!list_get(&call, &list) || !call_object(&call, &body))
        return;
    if (json_member_text(body, "action", false, 16, &action, &call.err) ||
        json_member_text(body, "expirationDateTime", false, 32, &expiry, &call.err) ||
        json_member_array(body, "phoneNumbers", true, DNC_AT_ONCE, &array, &call.err)) {
        call_fail(&call);
        return;
    }
    bool removes = strcmp(action, "Remove") == 0;
    if (!removes && strcmp(action, "Add") != 0) {
        http_respond_error(response, 400, "invalid.value", "action",
                           "action: must be Add or Remove");
        return;
    }
    const struct dnc_list_id id = {list.id};
    if (!expiry_read(&call, expiry, &expires) ||
        !numbers_read(&call, array, "phoneNumbers", &numbers, &count))
        return;
    finish(&call, removes ? STORE(call.api, dnc_remove, id, numbers, count, &call.err)
                          : STORE(call.api, dnc_add, STORE_API, id, numbers, count, expires,
                                  &call.err));
}

void dnc_numbers_delete(void *context, struct http_request *request,
                        struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    if (list_get(&call, &list))
        finish(&call, STORE(call.api, dnc_clear, (struct dnc_list_id){list.id},
                            http_query_bool(request, "expiredOnly", false), api_now(call.api),
                            &call.err));
}
