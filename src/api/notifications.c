/* Notification channels. What is published on them: pushes.c. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/internal.h"

static int64_t owner_of(const struct http_request *request)
{
    /* Users and clients share no ids' space with each other here: the kind is in the low bits.
     */
    return request->principal.id * 16 + request->principal.kind;
}

static json_t *channel_write(struct call *call, const struct hub_channel_info *info)
{
    const struct scgi_head *head = &call->request->head;
    bool is_secure = head->scheme && strcmp(head->scheme, "https") == 0;
    const char *uri = arena_format(call->arena, "%s://%s/ws/%s", is_secure ? "wss" : "ws",
                                   head->host ? head->host : "localhost", info->capability);
    json_t *out = json_pack("{s:s,s:s}", "id", info->id, "connectUri", uri);
    date_add(out, "expires", info->expires_at);
    return out;
}

void channels_create(void *context, struct http_request *request,
                     struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct hub_channel_info info;
    if (hub_open(call.api->hub, owner_of(request), &info, &call.err) == STATUS_OK)
        http_respond_json(response, 200, channel_write(&call, &info));
    else
        call_fail(&call);
}

void channels_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct hub_channel_info *infos = NULL;
    size_t count = 0;
    if (hub_list(call.api->hub, owner_of(request), call.arena, &infos, &count, &call.err) !=
        STATUS_OK) {
        call_fail(&call);
        return;
    }
    json_t *entities = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(entities, channel_write(&call, &infos[i]));
    http_respond_json(response, 200, json_pack("{s:o}", "entities", entities));
}

/* What concerns one user is for that user, and for the floor. */
static bool topic_is_allowed(const struct call *call, const char *topic)
{
    const struct http_principal *who = &call->request->principal;
    static const char prefix[] = "v2.users.";
    size_t len = sizeof(prefix) - 1;
    if (who->access & ACCESS_SUPERVISOR)
        return true;
    if (strncmp(topic, prefix, len) != 0 || who->kind != ENTITY_USER)
        return false;
    char guid[GUID_SIZE];
    guid_format(&call->api->guid, ENTITY_USER, who->id, guid);
    return strncmp(topic + len, guid, GUID_SIZE - 1) == 0 && topic[len + GUID_SIZE - 1] == '.';
}

static void topics_respond(struct call *call, const char *id)
{
    const char **topics = NULL;
    size_t count = 0;
    if (hub_topics(call->api->hub, owner_of(call->request), id, call->arena, &topics, &count,
                   &call->err) != STATUS_OK) {
        call_fail(call);
        return;
    }
    json_t *entities = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(entities,
                              json_pack("{s:s,s:s}", "id", topics[i], "state", "Permitted"));
    http_respond_json(call->response, 200, json_pack("{s:o}", "entities", entities));
}

static void subscribe(void *context, struct http_request *request,
                      struct http_response *response, bool replaces)
{
    struct call call = call_begin(context, request, response);
    const char *id = http_path_param(request, "channelId");
    json_t *body = NULL;
    if (!call_array(&call, HUB_TOPICS_PER_CHANNEL, &body))
        return;
    size_t count = json_array_size(body);
    const char **topics = arena_new(call.arena, count + 1, sizeof(*topics));
    for (size_t i = 0; i < count; i++) {
        topics[i] = json_string_value(json_object_get(json_array_get(body, i), "id"));
        if (topics[i] && topic_is_allowed(&call, topics[i]))
            continue;
        http_respond_error(response, topics[i] ? 403 : 400,
                           topics[i] ? "not.authorized" : "invalid.value", "id", "[%zu].id: %s",
                           i, topics[i] ? "this topic is not for you" : "required");
        return;
    }
    if (hub_subscribe(call.api->hub, owner_of(request), id, replaces, topics, count,
                      &call.err) != STATUS_OK)
        call_fail(&call);
    else
        topics_respond(&call, id);
}

void subscriptions_add(void *context, struct http_request *request,
                       struct http_response *response)
{
    subscribe(context, request, response, false);
}

void subscriptions_put(void *context, struct http_request *request,
                       struct http_response *response)
{
    subscribe(context, request, response, true);
}

void subscriptions_list(void *context, struct http_request *request,
                        struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    topics_respond(&call, http_path_param(request, "channelId"));
}

void subscriptions_delete(void *context, struct http_request *request,
                          struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    if (hub_subscribe(call.api->hub, owner_of(request), http_path_param(request, "channelId"),
                      true, NULL, 0, &call.err) == STATUS_OK)
        http_respond_empty(response, 204);
    else
        call_fail(&call);
}
