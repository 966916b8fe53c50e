/* Why a campaign does what it does: what it stands on, who could take its calls, which calls
 * are under way, and which of its settings have no effect yet (docs/not-yet-effective.md).
 * Source: CampaignDiagnostics, CampaignInteractions of purecloud-platform-client-v2 262. */
#include <string.h>

#include "api/internal.h"

#define CALLS_MAX 4096

struct floor {
    struct campaign_id campaign;
    const json_t *members; /* of the queue: users' ids */
    struct agent_view *agents;
    size_t agent_count;
    struct call_view *calls;
    size_t call_count;
};

static void floor_read(const struct engine *engine, void *arg)
{
    struct floor *floor = arg;
    for (size_t i = 0; i < json_array_size(floor->members); i++) {
        struct agent_id id = {json_integer_value(json_array_get(floor->members, i))};
        if (engine_agent_view(engine, id, &floor->agents[floor->agent_count]))
            floor->agent_count++;
    }
    if (!floor->calls)
        return;
    floor->call_count = engine_calls(engine, floor->campaign, floor->calls, CALLS_MAX);
    if (floor->call_count > CALLS_MAX)
        floor->call_count = CALLS_MAX;
}

static json_t *document_of(struct call *call, enum entity_kind kind, int64_t id)
{
    struct entity entity;
    return id && STORE(call->api, entity_get, kind, id, call->arena, &entity, NULL) == STATUS_OK
               ? resource_document(entity.document)
               : NULL;
}

/* --- Settings without effect ----------------------------------------------------------------
 */

/* As they are where nobody has set them; NULL: any value is somebody's. */
static const struct {
    const char *name, *otherwise;
} not_yet[] = {
    {"abandonRate", NULL},
    {"maxCallsPerAgent", NULL},
    {"maxCallsPerAgentDecimal", NULL},
    {"contactSorts", "[]"},
    {"agentOwnedColumn", "\"\""},
    {"skillColumns", "[]"},
    {"skipPreviewDisabled", "false"},
    {"previewTimeOutSeconds", "0"},
    {"previewAutoEnd", "true"},
    {"callbackAutoAnswer", "false"},
    {"callAnalysisLanguage", "\"\""},
    {"script", NULL},
    {"callAnalysisResponseSet", NULL},
    {"ruleSets", "[]"},
    {"dynamicContactQueueingSettings", NULL},
    {"dynamicLineBalancingSettings", NULL},
    {"diagnosticsSettings", NULL},
    {"preciseDialingEnabled", "false"},
};

static bool is_set(const json_t *value, const char *otherwise)
{
    if (!value || json_is_null(value))
        return false;
    json_t *usual = otherwise ? json_loads(otherwise, JSON_DECODE_ANY, NULL) : NULL;
    bool is_usual = usual && json_equal(value, usual);
    json_decref(usual);
    return !is_usual;
}

static json_t *not_yet_write(const json_t *document)
{
    static const char *const effective[] = {"agentless", "progressive"};
    const char *mode = json_string_value(json_object_get(document, "dialingMode"));
    json_t *out = json_array();
    bool dials = false;
    for (size_t i = 0; i < ARRAY_LEN(effective); i++)
        dials = dials || (mode && strcmp(mode, effective[i]) == 0);
    if (!dials)
        json_array_append_new(out, json_string("dialingMode"));
    for (size_t i = 0; i < ARRAY_LEN(not_yet); i++)
        if (is_set(json_object_get(document, not_yet[i].name), not_yet[i].otherwise))
            json_array_append_new(out, json_string(not_yet[i].name));
    return out;
}

/* --- Diagnostics ----------------------------------------------------------------------------
 */

static json_t *callable_write(struct call *call, const json_t *document, const json_t *list)
{
    struct resource_writer writer = call_writer(call);
    const json_t *dnc = json_object_get(document, "dncLists");
    json_t *lists = json_array();
    for (size_t i = 0; i < json_array_size(dnc); i++)
        json_array_append_new(lists,
                              resource_ref_write(&writer, ENTITY_DNC_LIST,
                                                 json_integer_value(json_array_get(dnc, i))));
    json_t *out = json_pack("{s:o,s:[]}", "dncLists", lists, "ruleSets");
    call_ref_add(call, out, "attemptLimits", ENTITY_ATTEMPT_LIMITS,
                 value_ref(list, "attemptLimits"));
    call_ref_add(call, out, "callableTimeSet", ENTITY_CALLABLE_TIME_SET,
                 value_ref(document, "callableTimeSet"));
    return out;
}

static json_t *queue_write(struct call *call, int64_t queue, const struct floor *floor)
{
    int active = 0, on_queue = 0, idle = 0, with_station = 0, on_call = 0;
    for (size_t i = 0; i < floor->agent_count; i++) {
        const struct agent_view *agent = &floor->agents[i];
        bool is_on_queue = agent->state != AGENT_LOGGED_OUT && agent->state != AGENT_NOT_READY;
        active += agent->state != AGENT_LOGGED_OUT;
        on_queue += is_on_queue;
        idle += agent->state == AGENT_READY;
        with_station += is_on_queue && (agent->has_leg || agent->is_phone_registered);
        on_call += agent->state == AGENT_ON_CALL;
    }
    json_t *out =
        json_pack("{s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "usersInQueue",
                  (int)json_array_size(floor->members), "activeUsersInQueue", active,
                  "usersOnQueue", on_queue, "usersNotUtilized", idle, "usersOnQueueWithStation",
                  with_station, "usersOnACampaignCall", on_call, "usersOnDifferentEdgeGroup", 0,
                  "usersOnANonCampaignCall", 0);
    call_ref_add(call, out, "queue", ENTITY_QUEUE, queue);
    return out;
}

static void diagnostics_respond(struct call *call, const struct entity *entity,
                                const json_t *document, struct floor *floor, int64_t queue,
                                const json_t *list, int64_t filtered_out)
{
    struct campaign_view view = {.attempts = 0};
    (void)campaign_view_get(call->api, entity->id, &view);
    json_t *progress = progress_write(call, entity);
    json_t *out = json_pack(
        "{s:o,s:[],s:i,s:I,s:i,s:i,s:O,s:O,s:[],s:{s:s,s:o}}", "callableContacts",
        callable_write(call, document, list), "ruleSetDiagnostics",
        "outstandingInteractionsCount",
        (int)(view.calls_offering + view.calls_dialing + view.calls_ringing +
              view.calls_talking),
        "filteredOutContactsCount", (json_int_t)filtered_out, "idleAgents",
        (int)view.agents[AGENT_READY], "effectiveIdleAgents", (int)view.agents[AGENT_READY],
        "numberOfContactsCalled", json_object_get(progress, "numberOfContactsCalled"),
        "totalNumberOfContacts", json_object_get(progress, "totalNumberOfContacts"),
        "campaignErrors", "cadran", "health", campaign_health_name(view.health),
        "notYetEffective", not_yet_write(document));
    if (queue)
        json_object_set_new(out, "queueUtilizationDiagnostic", queue_write(call, queue, floor));
    json_decref(progress);
    http_respond_json(call->response, 200, out);
}

/* The campaign's floor: its queue's agents and, where they are asked for, its calls. */
static bool floor_look(struct call *call, struct floor *floor, bool with_calls)
{
    floor->agents =
        arena_new(call->arena, json_array_size(floor->members) + 1, sizeof(*floor->agents));
    floor->calls = with_calls ? arena_new(call->arena, CALLS_MAX, sizeof(*floor->calls)) : NULL;
    if (!call->api->runtime || runtime_read(call->api->runtime, floor_read, floor) == STATUS_OK)
        return true;
    http_respond_error(call->response, 503, "service.unavailable", "",
                       "The dialer does not run.");
    return false;
}

void campaign_diagnostics(void *context, struct http_request *request,
                          struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    int64_t filtered_out = 0;
    if (!call_entity(&call, "id", ENTITY_CAMPAIGN, &entity))
        return;
    json_t *document = resource_document(entity.document);
    int64_t queue = value_ref(document, "queue");
    json_t *list = document_of(&call, ENTITY_CONTACT_LIST, value_ref(document, "contactList"));
    json_t *queue_document = document_of(&call, ENTITY_QUEUE, queue);
    struct floor floor = {.campaign = {entity.id},
                          .members = json_object_get(queue_document, "_members")};
    if (campaign_filtered_out(&call, document, &filtered_out) != STATUS_OK)
        call_fail(&call);
    else if (floor_look(&call, &floor, false))
        diagnostics_respond(&call, &entity, document, &floor, queue, list, filtered_out);
    json_decref(queue_document);
    json_decref(list);
    json_decref(document);
}

/* --- Interactions ---------------------------------------------------------------------------
 */

static json_t *interaction_write(struct call *call, const json_t *document,
                                 const struct call_view *view)
{
    json_t *out = json_pack(
        "{s:s,s:o,s:{s:s},s:s,s:s,s:s}", "id", call_guid(call, GUID_CALL, view->id.value),
        "destinationAddress", number_write(call, view->number), "contact", "id",
        call_guid(call, GUID_CONTACT, view->contact.value), "dialingMode",
        json_string_value(json_object_get(document, "dialingMode")), "callerName",
        json_string_value(json_object_get(document, "callerName")), "callerAddress",
        json_string_value(json_object_get(document, "callerAddress")));
    call_ref_add(call, out, "campaign", ENTITY_CAMPAIGN, view->campaign.value);
    call_ref_add(call, out, "agent", ENTITY_USER, view->agent.value);
    call_ref_add(call, out, "queue", ENTITY_QUEUE, value_ref(document, "queue"));
    call_ref_add(call, out, "script", ENTITY_SCRIPT, value_ref(document, "script"));
    date_add(out, "creationTime", view->started_at);
    if (view->state != CALL_OFFERING && view->state != CALL_INTENT)
        date_add(out, "callPlacedTime", view->started_at);
    date_add(out, "callRoutedTime", view->answered_at);
    return out;
}

static const char *stage_of(enum call_state state)
{
    switch (state) {
    case CALL_OFFERING:
    case CALL_INTENT: return "pendingInteractions";
    case CALL_DIALING:
    case CALL_RINGING: return "proceedingInteractions";
    case CALL_TALKING:
    case CALL_WRAPUP: break;
    }
    return "interactingInteractions";
}

void campaign_interactions(void *context, struct http_request *request,
                           struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    if (!call_entity(&call, "id", ENTITY_CAMPAIGN, &entity))
        return;
    json_t *document = resource_document(entity.document);
    struct floor floor = {.campaign = {entity.id}};
    if (floor_look(&call, &floor, true)) {
        json_t *out =
            json_pack("{s:[],s:[],s:[],s:[]}", "pendingInteractions", "proceedingInteractions",
                      "previewingInteractions", "interactingInteractions");
        call_ref_add(&call, out, "campaign", ENTITY_CAMPAIGN, entity.id);
        for (size_t i = 0; i < floor.call_count; i++)
            json_array_append_new(json_object_get(out, stage_of(floor.calls[i].state)),
                                  interaction_write(&call, document, &floor.calls[i]));
        http_respond_json(response, 200, out);
    }
    json_decref(document);
}
