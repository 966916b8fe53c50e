/* Contacts made and changed one by one in contact management (catalogue C39-C46, C50). */
#include <string.h>

#include "api/internal.h"

#define PRIORITY_MAX 255 /* of the form; imports may carry any int16 */

/* What the form adds to a contact's data. */
struct edit {
    struct contact_attributes attributes;
    const char *zone; /* IANA name; NULL = of each number */
    const char *agent, *next_try, *state;
    int64_t priority;
    bool has_priority;
};

static bool attributes_read(struct call *call, const json_t *body, struct edit *edit)
{
    struct contact_attributes *attributes = &edit->attributes;
    json_t *agent = NULL;
    edit->has_priority = json_is_integer(json_object_get(body, "priority"));
    if (json_member_integer(body, "priority", false, 0, PRIORITY_MAX, &edit->priority,
                            &call->err) ||
        json_member_bool(body, "topPriority", false, &attributes->is_top_priority,
                         &call->err) ||
        json_member_text(body, "nextTry", false, 40, &edit->next_try, &call->err) ||
        json_member_text(body, "timeZone", false, 64, &edit->zone, &call->err) ||
        json_member_text(body, "state", false, 16, &edit->state, &call->err) ||
        json_member_object(body, "preferredAgent", false, &agent, &call->err) ||
        (agent && json_member_text(agent, "id", true, 64, &edit->agent, &call->err)))
        return call_fail(call);
    /* null takes it away. */
    if (json_is_null(json_object_get(body, "nextTry")))
        attributes->next_try.us = 0;
    if (json_is_null(json_object_get(body, "preferredAgent")))
        attributes->preferred_agent.value = 0;
    return true;
}

static bool refuse(struct call *call, const char *field, const char *sentence)
{
    http_respond_error(call->response, 400, "invalid.value", field, "%s: %s", field, sentence);
    return false;
}

static bool agent_find(struct call *call, struct edit *edit)
{
    struct entity user;
    if (!edit->agent)
        return true;
    if (!guid_parse(&call->api->guid, ENTITY_USER, edit->agent,
                    &edit->attributes.preferred_agent.value) ||
        STORE(call->api, entity_get, ENTITY_USER, edit->attributes.preferred_agent.value,
              call->arena, &user, NULL) != STATUS_OK)
        return refuse(call, "preferredAgent.id", "There is no such user.");
    return true;
}

static bool attributes_check(struct call *call, struct edit *edit)
{
    if (edit->next_try && !wall_parse(edit->next_try, &edit->attributes.next_try))
        return refuse(call, "nextTry", "must be a date like 2026-11-24T09:30:00Z");
    if (edit->attributes.is_top_priority && !edit->attributes.next_try.us)
        return refuse(call, "nextTry", "required: top priority is kept at its date");
    if (edit->zone && !zone_find(call->api->options.zones, edit->zone))
        return refuse(call, "timeZone", "must be a time zone like Europe/Paris");
    if (edit->state && strcmp(edit->state, "waiting") != 0 &&
        strcmp(edit->state, "paused") != 0 && strcmp(edit->state, "shelved") != 0)
        return refuse(call, "state", "must be waiting, paused or shelved");
    return agent_find(call, edit);
}

/* C45: the zone of the form is that of every address. */
static bool zone_apply(struct call *call, const struct edit *edit, struct contact_write *write)
{
    struct api *api = call->api;
    if (!edit->zone)
        return true;
    const struct zone *zone = zone_find(api->options.zones, edit->zone);
    struct zone_set set = {.count = 1, .zones = {(int16_t)(zone - api->options.zones->zones)}};
    enum status status = STORE(api, zone_set_intern, api->options.zones, &set, &call->err);
    if (status == STATUS_OK && api->runtime) {
        struct event event = {.kind = EVENT_CONFIG_ZONE_SET, .zone_set = set};
        status = runtime_ask(api->runtime, &event, &call->err);
    }
    for (int32_t i = 0; i < write->address_count; i++) {
        write->addresses[i].zone_set = set.id;
        write->addresses[i].zone_source = ZONE_GIVEN;
    }
    return status == STATUS_OK || call_fail(call);
}

static bool write_read(struct call *call, int64_t list, const json_t *body, struct edit *edit,
                       const struct contact_record *before, struct contact_write *write)
{
    if (!attributes_read(call, body, edit) || !attributes_check(call, edit))
        return false;
    if (!list_contact_read(call, list, body, before, write))
        return call_fail(call);
    /* "timeZone": null: its numbers say it again. */
    if (json_is_null(json_object_get(body, "timeZone")))
        for (int32_t i = 0; i < write->address_count; i++)
            write->addresses[i].zone_source = ZONE_RENEWED;
    if (!write->address_count)
        return refuse(call, "data", "one of the list's phone columns must have a number");
    write->attributes = &edit->attributes;
    write->actor = call_actor(call);
    if (edit->has_priority || !before) {
        write->keeps_priority = false;
        write->priority = (int32_t)edit->priority;
    }
    return zone_apply(call, edit, write);
}

static bool answered(struct call *call, enum status status)
{
    if (status == STATUS_OK)
        return false;
    if (status == STATUS_CONFLICT && strstr(call->err.path, ".id"))
        http_respond_error(call->response, 409, "conflict", "id",
                           "id: the list has a contact of that id already");
    else if (status == STATUS_CONFLICT)
        http_respond_error(call->response, 409, "contact.in.use", "",
                           "The contact is being called: change it after the call.");
    else
        call_fail(call);
    return true;
}

/* Another state than waiting keeps the contact from being called. */
static enum status state_set(struct call *call, const struct edit *edit, struct contact_id id)
{
    struct contact_action action = {.at = api_now(call->api), .actor = call_actor(call)};
    struct contact_action_result result;
    if (!edit->state || strcmp(edit->state, "waiting") == 0)
        return STATUS_OK;
    action.act = strcmp(edit->state, "paused") == 0 ? CONTACT_PAUSE : CONTACT_SHELVE;
    return STORE(call->api, contacts_act, STORE_API, &action, &id, 1, &result, &call->err);
}

/* POST: {"id", "data", "priority", "nextTry", "preferredAgent", "topPriority", "timeZone",
 * "state"}. */
void managed_contact_create(void *context, struct http_request *request,
                            struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct edit edit = {.zone = NULL};
    struct contact_write write;
    struct contact_id id;
    struct contact_record record;
    json_t *body = NULL;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list) || !call_object(&call, &body) ||
        !write_read(&call, list.id, body, &edit, NULL, &write))
        return;
    write.own.value = 0; /* a new one, whatever id it was given */
    enum status status = STORE(call.api, contacts_write, STORE_API, (struct list_id){list.id},
                               CONTACT_INSERT, &write, 1, api_now(call.api), &id, &call.err);
    if (status == STATUS_OK)
        status = state_set(&call, &edit, id);
    if (status == STATUS_OK)
        status = STORE(call.api, contact_get, id, call.arena, &record, &call.err);
    if (answered(&call, status))
        return;
    campaigns_extend(call.api, list.id);
    managed_respond(&call, &record);
}

/* PATCH: what the body does not name stays. dataVersion: the one that was read. */
void managed_contact_patch(void *context, struct http_request *request,
                           struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct edit edit = {.zone = NULL};
    struct contact_write write;
    struct contact_record record;
    json_t *body = NULL;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list) ||
        !contact_load(&call, list.id, http_path_param(request, "contactId"), &record) ||
        !call_object(&call, &body))
        return;
    const struct contact *hot = &record.hot;
    int64_t version = record.data_version;
    edit.attributes = (struct contact_attributes){
        .preferred_agent = hot->preferred_agent,
        .next_try = hot->next_try,
        .is_top_priority = hot->is_top_priority,
    };
    if (json_member_integer(body, "dataVersion", false, 1, INT32_MAX, &version, &call.err)) {
        call_fail(&call);
        return;
    }
    if (!write_read(&call, list.id, body, &edit, &record, &write))
        return;
    write.external_id = record.external_id;
    enum status status = STORE(call.api, contact_update, hot->id, (int32_t)version, &write,
                               api_now(call.api), &call.err);
    if (status == STATUS_OK)
        status = state_set(&call, &edit, hot->id);
    if (status == STATUS_OK)
        status = STORE(call.api, contact_get, hot->id, call.arena, &record, &call.err);
    if (answered(&call, status))
        return;
    campaigns_extend(call.api, list.id);
    managed_respond(&call, &record);
}
