/* A contact's history, and what it was at an instant (X9). */
#include <string.h>

#include "api/internal.h"
#include "resource/history.h"

static const char *event_word(enum contact_event_kind kind)
{
    switch (kind) {
    case CONTACT_EVENT_CREATED: return "created";
    case CONTACT_EVENT_CHANGED: return "changed";
    case CONTACT_EVENT_DELETED: return "deleted";
    case CONTACT_EVENT_ACTED: return "acted";
    case CONTACT_EVENT_ATTEMPT: return "attempt";
    case CONTACT_EVENT_ENDED: return "ended";
    case CONTACT_EVENT_WRAPPED_UP: return "wrapped_up";
    }
    return "?";
}

json_t *number_write(struct call *call, int64_t number)
{
    /* An erased number is a pseudonym: nobody needs to read it. */
    return number > 0 ? json_string(arena_format(call->arena, "+%lld", (long long)number))
                      : json_null();
}

json_t *values_by_column(const struct list_columns *columns, const json_t *values)
{
    json_t *data = json_object();
    for (int32_t i = 0; i < columns->count; i++) {
        json_t *value = json_array_get(values, (size_t)i);
        json_object_set_new(data, columns->names[i],
                            value ? json_incref(value) : json_string(""));
    }
    return data;
}

static void before_add(json_t *out, const struct list_columns *columns, const char *text)
{
    json_t *before = text ? json_loads(text, 0, NULL) : NULL;
    if (before)
        json_object_set_new(out, "dataBefore",
                            values_by_column(columns, json_object_get(before, "data")));
    json_decref(before);
}

static json_t *event_write(struct call *call, const struct list_columns *columns,
                           const struct contact_event *event)
{
    json_t *out = json_pack("{s:s}", "kind", event_word(event->kind));
    date_add(out, "at", event->at);
    call_ref_add(call, out, "by", event->actor.kind, event->actor.id);
    if (event->state != CONTACT_STATE_COUNT)
        json_object_set_new(out, "stateAfter", json_string(contact_state_name(event->state)));
    if (event->kind == CONTACT_EVENT_ACTED)
        json_object_set_new(out, "action", json_string(contact_act_name(event->act)));
    before_add(out, columns, event->before);
    if (event->note)
        json_object_set_new(out, "note", json_string(event->note));
    if (!event->call.value)
        return out;
    json_object_set_new(out, "callId",
                        json_string(call_guid(call, GUID_CALL, event->call.value)));
    call_ref_add(call, out, "campaign", ENTITY_CAMPAIGN, event->campaign.value);
    call_ref_add(call, out, "agent", ENTITY_USER, event->agent.value);
    json_object_set_new(out, "phoneNumber", number_write(call, event->number));
    if (event->column >= 0 && event->column < columns->count)
        json_object_set_new(out, "column", json_string(columns->names[event->column]));
    if (event->outcome)
        json_object_set_new(out, "outcome", json_string(outcome_name(event->outcome)));
    call_ref_add(call, out, "wrapupCode", ENTITY_WRAPUP_CODE, event->wrapup.value);
    return out;
}

bool contact_events_write(struct call *call, const struct list_columns *columns,
                          struct contact_id id, json_t **out)
{
    struct contact_event *events = NULL;
    size_t count = CONTACT_EVENTS_MAX;
    *out = json_array();
    if (STORE(call->api, contact_events, id, call->arena, &events, &count, &call->err) !=
        STATUS_OK)
        return call_fail(call);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(*out, event_write(call, columns, &events[i]));
    return true;
}

static json_t *moment_write(struct call *call, const struct list_columns *columns,
                            const struct contact_moment *moment, struct wall at)
{
    json_t *out = json_pack("{s:b}", "isThere", (int)moment->is_there);
    date_add(out, "at", at);
    if (!moment->is_there)
        return out;
    json_object_set_new(out, "globalState", json_string(contact_state_name(moment->state)));
    if (!moment->data)
        return out; /* erased */
    json_object_set_new(out, "data", values_by_column(columns, moment->data));
    json_object_set_new(out, "callable", json_boolean(moment->is_callable));
    json_object_set_new(out, "priority", json_integer(moment->priority));
    json_object_set_new(out, "topPriority", json_boolean(moment->is_top_priority));
    date_add(out, "nextTry", moment->next_try);
    call_ref_add(call, out, "preferredAgent", ENTITY_USER, moment->preferred_agent.value);
    return out;
}

/* The contact of the path, there or gone; false: answered. */
static bool contact_named(struct call *call, int64_t list, struct contact_id *id,
                          struct contact_record *record, bool *is_there)
{
    const char *text = http_path_param(call->request, "contactId");
    bool is_own = guid_parse(&call->api->guid, GUID_CONTACT, text, &id->value) &&
                  contact_list_of(*id).value == list;
    struct http_response nowhere;
    struct call quiet = *call;
    quiet.response = &nowhere;
    http_response_init(&nowhere);
    *is_there = contact_load(is_own ? &quiet : call, list, text, record);
    http_response_fini(&nowhere);
    if (*is_there)
        *id = record->hot.id;
    return *is_there || is_own;
}

/* ?at=: what it was then, too. */
void contact_history(void *context, struct http_request *request,
                     struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct contact_id id = {0};
    struct contact_record record;
    struct wall at = {0};
    bool is_there;
    const char *text = http_query(request, "at");
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    if (text && !wall_parse(text, &at)) {
        http_respond_error(response, 400, "invalid.value", "at",
                           "at: must be a date like 2026-11-24T09:30:00Z");
        return;
    }
    at.us += US_PER_MS - 1; /* dates are written in milliseconds: the whole of it counts */
    if (!contact_named(&call, list.id, &id, &record, &is_there))
        return;
    json_t *document = resource_document(list.document);
    struct list_columns columns;
    value_list_columns(document, &columns);
    struct contact_event *events = NULL;
    size_t count = CONTACT_EVENTS_MAX;
    json_t *written = json_array();
    if (STORE(call.api, contact_events, id, call.arena, &events, &count, &call.err) !=
        STATUS_OK) {
        call_fail(&call);
    } else if (!is_there && !count) {
        http_respond_error(response, 404, "not.found", "",
                           "There is and was no such contact in this list.");
    } else {
        for (size_t i = 0; i < count; i++)
            json_array_append_new(written, event_write(&call, &columns, &events[i]));
        json_t *out = json_pack("{s:s,s:O}", "contactId",
                                call_guid(&call, GUID_CONTACT, id.value), "events", written);
        struct contact_moment moment = {.data = NULL};
        if (text) {
            contact_moment_at(events, count, is_there ? &record : NULL, at, &moment);
            json_object_set_new(out, "moment", moment_write(&call, &columns, &moment, at));
        }
        json_decref(moment.data);
        http_respond_json(response, 200, out);
    }
    json_decref(written);
    json_decref(document);
}
