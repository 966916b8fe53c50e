/* Contact management as a supervisor does it (catalogue C06-C52): the two views, every state,
 * and the acts on contacts. */
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"

#define ACT_AT_ONCE 1000
#define ACT_REASON_MAX 512

/* --- Writing --------------------------------------------------------------------------------
 */

struct managed {
    struct entity entity;
    json_t *document;
    struct list_columns columns;
    enum list_state state;
    struct zone_set *sets; /* every interned set */
    size_t set_count;
};

static bool managed_load(struct call *call, struct managed *list)
{
    list->document = NULL;
    if (!call_entity(call, "id", ENTITY_CONTACT_LIST, &list->entity))
        return false;
    list->document = resource_document(list->entity.document);
    value_list_columns(list->document, &list->columns);
    list->state = value_list_state(list->document);
    if (STORE(call->api, zone_sets_list, call->api->options.zones, call->arena, &list->sets,
              &list->set_count, &call->err) == STATUS_OK)
        return true;
    json_decref(list->document);
    return call_fail(call);
}

/* What the list makes of its contacts is not written into each of them. */
static enum contact_state shown_state(const struct managed *list, const struct contact *hot)
{
    if (hot->state != CONTACT_WAITING || list->state == LIST_STARTED)
        return hot->state;
    return list->state == LIST_STOPPED ? CONTACT_LIST_STOPPED : CONTACT_LIST_SUSPENDED;
}

static json_t *zones_write(const struct zone_table *zones, const struct managed *list,
                           struct zone_set_id id)
{
    json_t *out = json_array();
    for (size_t i = 0; i < list->set_count; i++)
        for (int32_t k = 0; list->sets[i].id.value == id.value && k < list->sets[i].count; k++)
            json_array_append_new(out, json_string(zones->zones[list->sets[i].zones[k]].name));
    return out;
}

static json_t *address_write(struct call *call, const struct managed *list,
                             const struct address *address)
{
    const char *column = list->columns.names[address->column];
    const char *type = list->columns.types[address->column];
    json_t *out =
        json_pack("{s:s,s:s,s:o,s:s,s:b,s:i,s:o,s:b}", "column", column, "type",
                  type ? type : "", "phoneNumber", number_write(call, address->number), "state",
                  address_state_name(address->state), "callable", (int)address->is_callable,
                  "attempts", (int)address->attempts, "timeZones",
                  zones_write(call->api->options.zones, list, address->zone_set),
                  "isTimeZoneGiven", (int)address->is_zone_given);
    date_add(out, "lastAttempt", address->last_at);
    if (address->last_outcome)
        json_object_set_new(out, "lastOutcome",
                            json_string(outcome_name(address->last_outcome)));
    return out;
}

static json_t *managed_write(struct call *call, const struct managed *list,
                             const struct contact_record *record)
{
    const struct contact *hot = &record->hot;
    const char *own = call_guid(call, GUID_CONTACT, hot->id.value);
    json_t *addresses = json_array();
    json_t *values = json_loads(record->data, 0, NULL);
    for (int32_t i = 0; i < hot->address_count; i++)
        if (hot->addresses[i].column >= 0 && hot->addresses[i].column < list->columns.count)
            json_array_append_new(addresses, address_write(call, list, &hot->addresses[i]));
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:i,s:b,s:b,s:i,s:i,s:o,s:o}", "id",
        record->external_id ? record->external_id : own, "contactListId",
        call_guid(call, ENTITY_CONTACT_LIST, list->entity.id), "view",
        record->is_managed ? "managed" : "list", "globalState",
        contact_state_name(shown_state(list, hot)), "priority", (int)hot->priority,
        "topPriority", (int)hot->is_top_priority, "callable", (int)hot->is_callable,
        "manualReschedules", (int)hot->reschedules, "dataVersion", (int)record->data_version,
        "addresses", addresses, "data", values_by_column(&list->columns, values));
    json_decref(values);
    date_add(out, "nextTry", hot->next_try);
    date_add(out, "dateCreated", record->created_at);
    date_add(out, "lastUpdate",
             hot->touched_at.us > record->updated_at.us ? hot->touched_at : record->updated_at);
    call_ref_add(call, out, "preferredAgent", ENTITY_USER, hot->preferred_agent.value);
    call_ref_add(call, out, "disposition", ENTITY_WRAPUP_CODE, hot->disposition.value);
    return out;
}

void list_figures_add(struct call *call, int64_t list, json_t *out)
{
    struct contact_state_counts counts;
    struct entity_ref *users = NULL;
    size_t user_count = 0;
    int64_t total = 0;
    if (STORE(call->api, contact_states, (struct list_id){list}, &counts, NULL) != STATUS_OK)
        return;
    json_t *states = json_object();
    for (int state = 0; state < CONTACT_STATE_COUNT; state++) {
        total += counts.counts[state];
        if (counts.counts[state])
            json_object_set_new(states, contact_state_name((enum contact_state)state),
                                json_integer(counts.counts[state]));
    }
    int64_t closed = counts.counts[CONTACT_DONE] + counts.counts[CONTACT_FAILED];
    json_object_set_new(out, "states", states);
    json_object_set_new(out, "contactClosedRatio",
                        json_real(total ? (double)closed / (double)total : 0));
    bool is_default = false;
    if (STORE(call->api, entity_users, ENTITY_CONTACT_LIST, list, call->arena, &users,
              &user_count, NULL) == STATUS_OK)
        for (size_t i = 0; i < user_count; i++)
            is_default |= users[i].kind == ENTITY_CAMPAIGN;
    json_object_set_new(out, "isDefault", json_boolean(is_default));
}

/* --- Handlers -------------------------------------------------------------------------------
 */

static bool view_read(struct call *call, enum contact_view *view)
{
    const char *text = http_query(call->request, "view");
    *view = CONTACT_VIEW_ALL;
    if (!text || strcmp(text, "all") == 0)
        return true;
    *view = strcmp(text, "list") == 0 ? CONTACT_VIEW_LIST : CONTACT_VIEW_MANAGED;
    if (*view == CONTACT_VIEW_LIST || strcmp(text, "managed") == 0)
        return true;
    http_respond_error(call->response, 400, "invalid.value", "view",
                       "view: must be list, managed, deleted or all");
    return false;
}

const char *deleted_contact_id(struct call *call, const struct deleted_contact *deleted,
                               const json_t *before)
{
    const char *id = json_string_value(json_object_get(before, "id"));
    return id ? id : call_guid(call, GUID_CONTACT, deleted->id.value);
}

/* C14: what somebody removed, for as long as it is told of. */
static json_t *deleted_write(struct call *call, const struct managed *list,
                             const struct deleted_contact *deleted)
{
    json_t *before = json_loads(deleted->before, 0, NULL);
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:I,s:b,s:b,s:o}", "id", deleted_contact_id(call, deleted, before),
        "contactListId", call_guid(call, ENTITY_CONTACT_LIST, list->entity.id), "view",
        "deleted", "globalState", contact_state_name(CONTACT_DELETED), "priority",
        json_integer_value(json_object_get(before, "priority")), "topPriority",
        (int)json_is_true(json_object_get(before, "topPriority")), "callable",
        (int)json_is_true(json_object_get(before, "callable")), "data",
        values_by_column(&list->columns, json_object_get(before, "data")));
    json_decref(before);
    date_add(out, "dateDeleted", deleted->at);
    call_ref_add(call, out, "deletedBy", deleted->actor.kind, deleted->actor.id);
    return out;
}

static void deleted_list(struct call *call, const struct managed *list)
{
    struct page page = page_read(call->request);
    size_t count = (size_t)page.size + 1;
    struct deleted_contact *deleted = arena_new(call->arena, count, sizeof(*deleted));
    if (STORE(call->api, contacts_deleted, (struct list_id){list->entity.id}, page.offset,
              call->arena, deleted, &count, &call->err)) {
        call_fail(call);
        return;
    }
    json_t *entities = json_array();
    bool has_more = count > (size_t)page.size;
    for (size_t i = 0; i < count - has_more; i++)
        json_array_append_new(entities, deleted_write(call, list, &deleted[i]));
    json_t *out = page_write(call, page, page.offset + (int64_t)count, entities);
    json_object_set_new(out, "hasMore", json_boolean(has_more));
    http_respond_json(call->response, 200, out);
}

void managed_contacts_list(void *context, struct http_request *request,
                           struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct managed list;
    struct page page = page_read(request);
    struct contact_record *records = NULL;
    size_t count = 0;
    int64_t total = 0;
    if (!managed_load(&call, &list))
        return;
    struct contact_query query = {
        .list = {list.entity.id}, .offset = page.offset, .limit = page.size + 1};
    const char *view = http_query(request, "view");
    if (view && strcmp(view, "deleted") == 0) {
        deleted_list(&call, &list);
    } else if (view_read(&call, &query.view)) {
        if (STORE(call.api, contacts_list, &query, call.arena, &records, &count, &call.err) ||
            STORE(call.api, contacts_count, query.list, &total, &call.err)) {
            call_fail(&call);
        } else {
            json_t *entities = json_array();
            bool has_more = count > (size_t)page.size;
            for (size_t i = 0; i < count - has_more; i++)
                json_array_append_new(entities, managed_write(&call, &list, &records[i]));
            /* How many a view holds is known at its last page; until then, at least these. */
            if (query.view != CONTACT_VIEW_ALL)
                total = page.offset + (int64_t)count;
            json_t *out = page_write(&call, page, total, entities);
            json_object_set_new(out, "hasMore", json_boolean(has_more));
            http_respond_json(response, 200, out);
        }
    }
    json_decref(list.document);
}

void managed_contact_get(void *context, struct http_request *request,
                         struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct managed list;
    struct contact_record record;
    if (!managed_load(&call, &list))
        return;
    if (contact_load(&call, list.entity.id, http_path_param(request, "contactId"), &record))
        http_respond_json(response, 200, managed_write(&call, &list, &record));
    json_decref(list.document);
}

void managed_respond(struct call *call, const struct contact_record *record)
{
    struct managed list;
    if (!managed_load(call, &list))
        return;
    http_respond_json(call->response, 200, managed_write(call, &list, record));
    json_decref(list.document);
}

static bool action_read(struct call *call, const json_t *body, struct contact_action *action)
{
    const char *word = NULL;
    const char *next_try = NULL;
    if (json_member_text(body, "action", true, 16, &word, &call->err) ||
        json_member_text(body, "reason", false, ACT_REASON_MAX, &action->reason, &call->err) ||
        json_member_bool(body, "keepsAttempts", false, &action->keeps_attempts, &call->err) ||
        json_member_bool(body, "topPriority", false, &action->is_top_priority, &call->err) ||
        json_member_text(body, "nextTry", false, 40, &next_try, &call->err))
        return call_fail(call);
    action->at = api_now(call->api);
    action->actor = call_actor(call);
    if (!contact_act_from_name(word, &action->act)) {
        http_respond_error(
            call->response, 400, "invalid.value", "action",
            "action: must be pause, resume, shelve, unshelve, reset, load or move");
        return false;
    }
    bool needs_date = action->act == CONTACT_MOVE && action->is_top_priority;
    if (next_try ? wall_parse(next_try, &action->next_try) : !needs_date)
        return true;
    http_respond_error(call->response, 400, "invalid.value", "nextTry",
                       "nextTry: must be a date like 2026-11-24T09:30:00Z%s",
                       needs_date ? "; top priority needs one" : "");
    return false;
}

static bool ids_read(struct call *call, int64_t list, const json_t *body,
                     struct contact_id **ids, size_t *count)
{
    json_t *array = NULL;
    if (json_member_array(body, "contactIds", true, ACT_AT_ONCE, &array, &call->err))
        return call_fail(call);
    *count = json_array_size(array);
    *ids = arena_new(call->arena, *count + 1, sizeof(**ids));
    for (size_t i = 0; i < *count; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        struct contact_record record;
        if (!text) {
            http_respond_error(call->response, 400, "invalid.value", "contactIds",
                               "contactIds[%zu]: must be a text", i);
            return false;
        }
        if (!contact_load(call, list, text, &record))
            return false;
        (*ids)[i] = record.hot.id;
    }
    return true;
}

/* By filter: a job, for as many as there are. */
static void act_by_filter(struct call *call, const json_t *body,
                          const struct contact_action *action)
{
    struct list list;
    if (!list_load(call, &list))
        return;
    json_t *task =
        json_pack("{s:s,s:s*,s:b,s:I,s:b}", "action", contact_act_name(action->act), "reason",
                  action->reason, "keepsAttempts", (int)action->keeps_attempts, "nextTry",
                  (json_int_t)action->next_try.us, "topPriority", (int)action->is_top_priority);
    struct job_order order = {.kind = JOB_CONTACTS_ACT,
                              .subject = {ENTITY_CONTACT_LIST, list.entity.id},
                              .task = task,
                              .fd = -1};
    if (task_filter_add(call, &list, body, task))
        call_job_respond(call, &order);
    json_decref(task);
    list_fini(&list);
}

/* {"action", "contactIds": [...], "reason", ...}; answers how many changed. With a filter in
 * place of ids it answers with the job that does it. */
void managed_contacts_act(void *context, struct http_request *request,
                          struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct contact_action action = {0};
    struct contact_action_result result;
    struct contact_id *ids = NULL;
    size_t count = 0;
    json_t *body = NULL;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list) || !call_object(&call, &body) ||
        !action_read(&call, body, &action))
        return;
    bool is_by_filter = json_object_get(body, "contactListFilterId") ||
                        json_object_get(body, "criteria") ||
                        json_object_get(body, "expression");
    if (is_by_filter && !json_object_get(body, "contactIds")) {
        act_by_filter(&call, body, &action);
        return;
    }
    if (is_by_filter) {
        http_respond_error(response, 400, "invalid.value", "contactIds",
                           "contactIds: exactly one of contactIds, contactListFilterId, "
                           "criteria and expression says which contacts are meant");
        return;
    }
    if (!ids_read(&call, list.id, body, &ids, &count))
        return;
    if (STORE(call.api, contacts_act, STORE_API, &action, ids, count, &result, &call.err) !=
        STATUS_OK) {
        call_fail(&call);
        return;
    }
    if (result.changed)
        campaigns_extend(call.api, list.id);
    http_respond_json(response, 200,
                      json_pack("{s:s,s:I,s:I,s:I}", "action", contact_act_name(action.act),
                                "changed", (json_int_t)result.changed, "unchanged",
                                (json_int_t)result.unchanged, "inUse",
                                (json_int_t)result.in_use));
}
