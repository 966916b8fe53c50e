/* What is campaigns' own: live settings, start and stop, progress and figures. */
#include <string.h>

#include "api/internal.h"

struct campaign_reading {
    struct campaign_id id;
    struct campaign_view *view;
    bool is_there;
};

static void view_read(const struct engine *engine, void *arg)
{
    struct campaign_reading *reading = arg;
    reading->is_there = engine_campaign_view(engine, reading->id, reading->view);
}

bool campaign_view_get(struct api *api, int64_t id, struct campaign_view *view)
{
    struct campaign_reading reading = {.id = {id}, .view = view};
    return api->runtime && runtime_read(api->runtime, view_read, &reading) == STATUS_OK &&
           reading.is_there;
}

const char *campaign_status_word(struct api *api, int64_t id)
{
    struct campaign_view view;
    struct campaign_run run;
    if (campaign_view_get(api, id, &view))
        return campaign_status_name(view.status);
    if (STORE(api, run_get, (struct campaign_id){id}, &run, NULL) == STATUS_OK)
        return campaign_status_name(run.status);
    return campaign_status_name(CAMPAIGN_OFF);
}

bool campaign_ask(struct call *call, int64_t id, enum event_kind kind)
{
    struct event event = {.kind = kind};
    event.ask.campaign.value = id;
    if (!call->api->runtime) {
        http_respond_error(call->response, 503, "service.unavailable", "",
                           "The dialer does not run.");
        return false;
    }
    return runtime_ask(call->api->runtime, &event, &call->err) == STATUS_OK || call_fail(call);
}

void campaigns_extend(struct api *api, int64_t list)
{
    struct arena arena;
    struct entity_ref *users = NULL;
    size_t count = 0;
    arena_init(&arena);
    if (api->runtime && STORE(api, entity_users, ENTITY_CONTACT_LIST, list, &arena, &users,
                              &count, NULL) == STATUS_OK) {
        for (size_t i = 0; i < count; i++) {
            struct event event = {.kind = EVENT_ASK_CAMPAIGN_EXTEND};
            event.ask.campaign.value = users[i].id;
            /* One that does not run has nothing to look for. */
            if (users[i].kind == ENTITY_CAMPAIGN)
                (void)runtime_ask(api->runtime, &event, NULL);
        }
    }
    arena_fini(&arena);
}

static void act(void *context, struct http_request *request, struct http_response *response,
                enum event_kind kind)
{
    struct call call = call_begin(context, request, response);
    int64_t id = 0;
    struct entity entity;
    if (call_entity(&call, "id", ENTITY_CAMPAIGN, &entity) &&
        call_id(&call, "id", ENTITY_CAMPAIGN, &id) && campaign_ask(&call, id, kind))
        http_respond_empty(response, 200);
}

void campaign_start(void *context, struct http_request *request, struct http_response *response)
{
    act(context, request, response, EVENT_ASK_CAMPAIGN_START);
}

void campaign_stop(void *context, struct http_request *request, struct http_response *response)
{
    act(context, request, response, EVENT_ASK_CAMPAIGN_STOP);
}

void campaign_recycle(void *context, struct http_request *request,
                      struct http_response *response)
{
    act(context, request, response, EVENT_ASK_CAMPAIGN_RECYCLE);
}

/* Only these may change while it runs, and only these are taken. */
void campaign_patch(void *context, struct http_request *request, struct http_response *response)
{
    static const char *const taken[] = {"outboundLineCount", "abandonRate", "maxCallsPerAgent",
                                        "dynamicLineBalancingSettings", "queue"};
    struct call call = call_begin(context, request, response);
    struct entity before;
    json_t *body = NULL;
    if (!call_entity(&call, "id", ENTITY_CAMPAIGN, &before) || !call_object(&call, &body))
        return;
    json_t *whole = entity_write(&call, &before);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        json_t *value = json_object_get(body, taken[i]);
        if (value)
            json_object_set(whole, taken[i], value);
    }
    json_t *stored = resource_document(before.document);
    json_t *document = NULL;
    bool is_done = resource_read(resource_of(ENTITY_CAMPAIGN), &call.api->world, whole, stored,
                                 &document, &call.err) == STATUS_OK
                       ? entity_store(&call, &before, 0, document)
                       : call_fail(&call);
    json_decref(document);
    json_decref(stored);
    json_decref(whole);
    if (is_done)
        http_respond_empty(response, 204);
}

/* --- Figures --------------------------------------------------------------------------------
 */

json_t *progress_write(struct call *call, const struct entity *entity)
{
    struct resource_writer writer = call_writer(call);
    json_t *document = resource_document(entity->document);
    int64_t list = value_ref(document, "contactList");
    struct campaign_run run = {.pass = 0};
    struct run_counts counts = {.attempts = 0};
    struct skip_count *skips = NULL;
    size_t skip_count = 0;
    int64_t total = 0;
    const struct campaign_id id = {entity->id};
    json_decref(document);
    (void)!STORE(call->api, contacts_count, (struct list_id){list}, &total, NULL);
    if (STORE(call->api, run_get, id, &run, NULL) == STATUS_OK && run.pass) {
        (void)!STORE(call->api, run_counts, id, run.pass, &counts, NULL);
        (void)!STORE(call->api, skips_list, id, run.pass, call->arena, &skips, &skip_count,
                     NULL);
    }
    json_t *skipped = json_object();
    for (size_t i = 0; i < skip_count; i++)
        json_object_set_new(skipped, skips[i].reason, json_integer(skips[i].count));
    int64_t done = counts.contacts_called + counts.skipped;
    return json_pack("{s:o,s:o,s:I,s:I,s:I,s:o}", "campaign",
                     resource_ref_write(&writer, ENTITY_CAMPAIGN, entity->id), "contactList",
                     resource_ref_write(&writer, ENTITY_CONTACT_LIST, list),
                     "numberOfContactsCalled", (json_int_t)counts.contacts_called,
                     "totalNumberOfContacts", (json_int_t)total, "percentage",
                     (json_int_t)(total ? (done > total ? 100 : done * 100 / total) : 0),
                     "numberOfContactsSkipped", skipped);
}

void campaign_progress(void *context, struct http_request *request,
                       struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    if (call_entity(&call, "id", ENTITY_CAMPAIGN, &entity))
        http_respond_json(response, 200, progress_write(&call, &entity));
}

/* What `write` says of each campaign that the body names; NULL: answered. */
static json_t *each_named(struct call *call,
                          json_t *(*write)(struct call *call, const struct entity *entity))
{
    json_t *body = NULL;
    if (!call_array(call, 100, &body))
        return NULL;
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(body); i++) {
        const char *text = json_string_value(json_array_get(body, i));
        struct entity entity;
        int64_t id = 0;
        if (text && guid_parse(&call->api->guid, ENTITY_CAMPAIGN, text, &id) &&
            STORE(call->api, entity_get, ENTITY_CAMPAIGN, id, call->arena, &entity, NULL) ==
                STATUS_OK)
            json_array_append_new(out, write(call, &entity));
    }
    return out;
}

void campaigns_progress(void *context, struct http_request *request,
                        struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *out = each_named(&call, progress_write);
    if (out)
        http_respond_json(response, 200, out);
}

static int64_t connects_of(const struct campaign_view *view)
{
    int64_t count = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        count += outcome_is_answered((enum outcome)i) ? view->outcomes[i] : 0;
    return count;
}

json_t *stats_write(const struct campaign_view *view, const int64_t *filtered_out)
{
    int64_t connects = connects_of(view);
    double ratio = view->attempts ? (double)connects / (double)view->attempts : 0;
    int32_t outstanding = view->calls_dialing + view->calls_ringing + view->calls_talking;
    json_t *out =
        json_pack("{s:{s:I,s:I,s:f},s:i,s:i,s:i,s:I}", "contactRate", "attempts",
                  (json_int_t)view->attempts, "connects", (json_int_t)connects, "connectRatio",
                  ratio, "idleAgents", (int)view->agents[AGENT_READY], "effectiveIdleAgents",
                  (int)view->agents[AGENT_READY], "outstandingCalls", (int)outstanding,
                  "validAttempts", (json_int_t)view->attempts);
    if (filtered_out)
        json_object_set_new(out, "filteredOutContactsCount", json_integer(*filtered_out));
    return out;
}

/* A line of a dashboard: figures, progress and status together. */
static json_t *performance_write(struct call *call, const struct entity *entity)
{
    struct campaign_view view = {.attempts = 0};
    struct resource_writer writer = call_writer(call);
    (void)campaign_view_get(call->api, entity->id, &view);
    json_t *document = resource_document(entity->document);
    json_t *progress = progress_write(call, entity);
    json_t *out = stats_write(&view, NULL);
    json_t *shown = json_object();
    static const char *const parts[] = {"numberOfContactsCalled", "totalNumberOfContacts",
                                        "percentage"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        json_object_set(shown, parts[i], json_object_get(progress, parts[i]));
    json_object_set_new(out, "progress", shown);
    json_object_set_new(out, "campaign",
                        resource_ref_write(&writer, ENTITY_CAMPAIGN, entity->id));
    json_object_set_new(out, "campaignStatus",
                        json_string(campaign_status_word(call->api, entity->id)));
    json_object_set(out, "dialingMode", json_object_get(document, "dialingMode"));
    json_decref(progress);
    json_decref(document);
    return out;
}

void campaigns_performance(void *context, struct http_request *request,
                           struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *entities = each_named(&call, performance_write);
    if (entities)
        http_respond_json(response, 200, json_pack("{s:o}", "entities", entities));
}

void campaign_stats(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    struct campaign_view view = {.attempts = 0};
    if (!call_entity(&call, "id", ENTITY_CAMPAIGN, &entity))
        return;
    (void)campaign_view_get(call.api, entity.id, &view);
    int64_t filtered_out = 0;
    json_t *document = resource_document(entity.document);
    if (campaign_filtered_out(&call, document, &filtered_out) == STATUS_OK)
        http_respond_json(response, 200, stats_write(&view, &filtered_out));
    else
        call_fail(&call);
    json_decref(document);
}

void date_add(json_t *out, const char *name, struct wall at)
{
    char text[WALL_TEXT_SIZE];
    if (at.us <= 0 || at.us == INT64_MAX)
        return;
    wall_format(at, text);
    json_object_set_new(out, name, json_string(text));
}

json_t *live_write(const struct guid_key *key, const struct campaign_view *view)
{
    char guid[GUID_SIZE];
    guid_format(key, ENTITY_CAMPAIGN, view->id.value, guid);
    json_t *agents = json_object();
    json_t *outcomes = json_object();
    json_t *skips = json_object();
    for (int i = 0; i < AGENT_STATE_COUNT; i++)
        json_object_set_new(agents, agent_state_name((enum agent_state)i),
                            json_integer(view->agents[i]));
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (view->outcomes[i])
            json_object_set_new(outcomes, outcome_name((enum outcome)i),
                                json_integer(view->outcomes[i]));
    }
    for (int i = 0; i < GATE_CHECK_COUNT; i++) {
        if (view->skips[i])
            json_object_set_new(skips, gate_check_name((enum gate_check)i),
                                json_integer(view->skips[i]));
    }
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:{s:i,s:i,s:i,s:i},s:I,s:I,s:I,s:i,s:{s:b,s:I,s:I},s:o,s:o,s:o}", "id",
        guid, "status", campaign_status_name(view->status), "health",
        campaign_health_name(view->health), "calls", "offering", (int)view->calls_offering,
        "dialing", (int)view->calls_dialing, "ringing", (int)view->calls_ringing, "talking",
        (int)view->calls_talking, "attempts", (json_int_t)view->attempts, "contactsCalled",
        (json_int_t)view->contacts_called, "skipped", (json_int_t)view->skipped,
        "callsPerMinute", (int)view->call_rate_per_minute, "queue", "isBuilt",
        (int)view->is_queue_built, "lookedAt", (json_int_t)view->queue_looked_at, "queued",
        (json_int_t)view->queue_size, "agents", agents, "outcomes", outcomes, "skips", skips);
    date_add(out, "opensAt", view->opens_at);
    date_add(out, "nextDue", view->due_next);
    return out;
}

void campaign_live(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    if (!call_entity(&call, "id", ENTITY_CAMPAIGN, &entity))
        return;
    struct campaign_view view = {.id = {entity.id}};
    (void)campaign_view_get(call.api, entity.id, &view);
    http_respond_json(response, 200, live_write(&call.api->guid, &view));
}

static json_t *attempt_write(struct call *call, const struct attempt_record *record)
{
    char number[32];
    snprintf(number, sizeof(number), "+%lld", (long long)record->number);
    json_t *out = json_pack("{s:s,s:s,s:s,s:s,s:i,s:i}", "id",
                            call_guid(call, GUID_CALL, record->call.value), "contactId",
                            call_guid(call, GUID_CONTACT, record->contact.value), "number",
                            number, "outcome", outcome_name(record->outcome), "sipStatus",
                            (int)record->sip_status, "cause", (int)record->q850_cause);
    if (record->agent.value)
        json_object_set_new(out, "agentId",
                            json_string(call_guid(call, ENTITY_USER, record->agent.value)));
    if (record->wrapup.value)
        json_object_set_new(
            out, "wrapupCodeId",
            json_string(call_guid(call, ENTITY_WRAPUP_CODE, record->wrapup.value)));
    date_add(out, "startedAt", record->at);
    date_add(out, "answeredAt", record->answered_at);
    date_add(out, "endedAt", record->ended_at);
    return out;
}

/* The newest first; ?after={id of the last one seen}. */
void campaign_attempts(void *context, struct http_request *request,
                       struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    struct attempt_record *records = NULL;
    size_t count = 0;
    const char *after = http_query(request, "after");
    if (!call_entity(&call, "id", ENTITY_CAMPAIGN, &entity))
        return;
    struct attempt_query query = {
        .campaign = {entity.id}, .is_newest_first = true, .limit = page_read(request).size};
    if (after && !guid_parse(&call.api->guid, GUID_CALL, after, &query.after.value)) {
        http_respond_error(response, 400, "invalid.value", "after", "after: is not an attempt");
        return;
    }
    if (STORE(call.api, attempts_list, &query, call.arena, &records, &count, &call.err) !=
        STATUS_OK) {
        call_fail(&call);
        return;
    }
    json_t *entities = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(entities, attempt_write(&call, &records[i]));
    http_respond_json(response, 200, json_pack("{s:o}", "entities", entities));
}
