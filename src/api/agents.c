/* The running floor: agents, live calls, and why a contact is (not) called. */
#include <string.h>

#include "api/internal.h"

#define AGENTS_MAX 4096
#define CALLS_MAX 4096

struct reading {
    int64_t id; /* an agent, a call or a campaign; 0: all */
    struct agent_view *agents;
    struct call_view *calls;
    size_t count;
    bool is_there;
};

static void agents_read(const struct engine *engine, void *arg)
{
    struct reading *reading = arg;
    reading->count = engine_agents(engine, reading->agents, AGENTS_MAX);
}

static void agent_read(const struct engine *engine, void *arg)
{
    struct reading *reading = arg;
    reading->is_there =
        engine_agent_view(engine, (struct agent_id){reading->id}, reading->agents);
}

static void calls_read(const struct engine *engine, void *arg)
{
    struct reading *reading = arg;
    reading->count =
        engine_calls(engine, (struct campaign_id){reading->id}, reading->calls, CALLS_MAX);
}

static void call_read(const struct engine *engine, void *arg)
{
    struct reading *reading = arg;
    reading->is_there = engine_call_view(engine, (struct call_id){reading->id}, reading->calls);
}

static bool ask_engine(struct call *call, runtime_read_fn read, struct reading *reading)
{
    if (call->api->runtime && runtime_read(call->api->runtime, read, reading) == STATUS_OK)
        return true;
    http_respond_error(call->response, 503, "service.unavailable", "",
                       "The dialer does not run.");
    return false;
}

/* --- Writing --------------------------------------------------------------------------------
 */

static void guid_add(const struct guid_key *key, json_t *out, const char *name, int32_t kind,
                     int64_t id)
{
    char guid[GUID_SIZE];
    if (!id)
        return;
    guid_format(key, kind, id, guid);
    json_object_set_new(out, name, json_string(guid));
}

json_t *agent_write(const struct guid_key *key, const struct agent_view *view)
{
    json_t *out =
        json_pack("{s:s,s:s,s:b,s:b,s:I,s:I}", "state", agent_state_name(view->state), "reason",
                  view->reason, "isPhoneRegistered", (int)view->is_phone_registered,
                  "isConnected", (int)view->has_leg, "callsHandled",
                  (json_int_t)view->calls_handled, "talkMs", (json_int_t)view->talk_ms);
    guid_add(key, out, "id", ENTITY_USER, view->id.value);
    guid_add(key, out, "callId", GUID_CALL, view->call.value);
    guid_add(key, out, "campaignId", ENTITY_CAMPAIGN, view->campaign.value);
    date_add(out, "since", view->since);
    date_add(out, "wrapupUntil", view->wrapup_until);
    return out;
}

json_t *call_write(const struct guid_key *key, const struct call_view *view)
{
    char number[32];
    snprintf(number, sizeof(number), "+%lld", (long long)view->number);
    json_t *out =
        json_pack("{s:s,s:s}", "state", call_state_name(view->state), "number", number);
    guid_add(key, out, "id", GUID_CALL, view->id.value);
    guid_add(key, out, "campaignId", ENTITY_CAMPAIGN, view->campaign.value);
    guid_add(key, out, "contactId", GUID_CONTACT, view->contact.value);
    guid_add(key, out, "contactListId", ENTITY_CONTACT_LIST,
             contact_list_of(view->contact).value);
    guid_add(key, out, "agentId", ENTITY_USER, view->agent.value);
    date_add(out, "startedAt", view->started_at);
    date_add(out, "answeredAt", view->answered_at);
    return out;
}

/* --- Agents ---------------------------------------------------------------------------------
 */

static json_t *agent_named(struct call *call, const struct agent_view *view)
{
    struct entity user;
    json_t *out = agent_write(&call->api->guid, view);
    if (STORE(call->api, entity_get, ENTITY_USER, view->id.value, call->arena, &user, NULL) ==
        STATUS_OK) {
        json_t *document = resource_document(user.document);
        json_object_set(out, "name", json_object_get(document, "name"));
        json_object_set_new(out, "email", json_string(user.name));
        json_decref(document);
    }
    return out;
}

void agents_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct page page = page_read(request);
    struct reading reading = {.agents =
                                  arena_new(call.arena, AGENTS_MAX, sizeof(struct agent_view))};
    if (!ask_engine(&call, agents_read, &reading))
        return;
    json_t *entities = json_array();
    for (size_t i = (size_t)page.offset;
         i < reading.count && i < AGENTS_MAX && i < (size_t)(page.offset + page.size); i++)
        json_array_append_new(entities, agent_named(&call, &reading.agents[i]));
    http_respond_json(response, 200, page_write(&call, page, (int64_t)reading.count, entities));
}

/* {id}, or "me". An agent sees and moves themselves only; the floor, everybody. */
static bool agent_asked(struct call *call, int64_t *id)
{
    const struct http_principal *who = &call->request->principal;
    bool is_me = strcmp(http_path_param(call->request, "id"), "me") == 0;
    if (is_me)
        *id = who->kind == ENTITY_USER ? who->id : 0;
    else if (!call_id(call, "id", ENTITY_USER, id))
        return false;
    bool is_self = who->kind == ENTITY_USER && who->id == *id;
    if (!is_self && !(who->access & ACCESS_SUPERVISOR)) {
        http_respond_error(call->response, 403, "not.authorized", "",
                           "An agent may only do this for themselves.");
        return false;
    }
    return true;
}

void agent_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct agent_view view;
    struct reading reading = {.agents = &view};
    if (!agent_asked(&call, &reading.id) || !ask_engine(&call, agent_read, &reading))
        return;
    if (reading.is_there)
        http_respond_json(response, 200, agent_named(&call, &view));
    else
        http_respond_error(response, 404, "not.found", "", "This user is no agent.");
}

static bool body_optional(struct call *call, json_t **body)
{
    *body = NULL;
    return !call->request->body_len || call_object(call, body);
}

/* POST /api/cadran/v1/agents/{id}/{act} */
void agent_act(void *context, struct http_request *request, struct http_response *response)
{
    static const struct {
        const char *act;
        enum event_kind kind;
    } acts[] = {{"login", EVENT_ASK_LOG_IN}, {"logout", EVENT_ASK_LOG_OUT},
                {"ready", EVENT_ASK_READY},  {"notready", EVENT_ASK_NOT_READY},
                {"join", EVENT_ASK_JOIN},    {"leave", EVENT_ASK_LEAVE}};
    struct call call = call_begin(context, request, response);
    const char *act = http_path_param(request, "act");
    const char *reason = "";
    const char *campaign = NULL;
    json_t *body = NULL;
    struct event event = {.kind = EVENT_TICK};
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        if (strcmp(acts[i].act, act) == 0)
            event.kind = acts[i].kind;
    }
    if (event.kind == EVENT_TICK) {
        http_respond_error(response, 404, "not.found", "", "An agent cannot do that.");
        return;
    }
    if (!agent_asked(&call, &event.ask.agent.value) || !body_optional(&call, &body))
        return;
    bool needs_campaign = event.kind == EVENT_ASK_JOIN || event.kind == EVENT_ASK_LEAVE;
    if (json_member_text(body, "reason", false, AGENT_REASON_SIZE - 1, &reason, &call.err) ||
        json_member_text(body, "campaignId", needs_campaign, 64, &campaign, &call.err)) {
        call_fail(&call);
        return;
    }
    if (campaign &&
        !guid_parse(&call.api->guid, ENTITY_CAMPAIGN, campaign, &event.ask.campaign.value)) {
        http_respond_error(response, 400, "invalid.value", "campaignId",
                           "campaignId: there is no such campaign");
        return;
    }
    snprintf(event.ask.text, sizeof(event.ask.text), "%s", reason);
    if (!call.api->runtime)
        http_respond_error(response, 503, "service.unavailable", "",
                           "The dialer does not run.");
    else if (runtime_ask(call.api->runtime, &event, &call.err) != STATUS_OK)
        call_fail(&call);
    else
        agent_get(context, request, response);
}

/* --- Calls ----------------------------------------------------------------------------------
 */

void calls_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct page page = page_read(request);
    const char *campaign = http_query(request, "campaignId");
    struct reading reading = {.calls =
                                  arena_new(call.arena, CALLS_MAX, sizeof(struct call_view))};
    if (campaign && !guid_parse(&call.api->guid, ENTITY_CAMPAIGN, campaign, &reading.id)) {
        call_unknown(&call, ENTITY_CAMPAIGN);
        return;
    }
    if (!ask_engine(&call, calls_read, &reading))
        return;
    json_t *entities = json_array();
    for (size_t i = (size_t)page.offset;
         i < reading.count && i < CALLS_MAX && i < (size_t)(page.offset + page.size); i++)
        json_array_append_new(entities, call_write(&call.api->guid, &reading.calls[i]));
    http_respond_json(response, 200, page_write(&call, page, (int64_t)reading.count, entities));
}

/* The call, which must be the asking agent's own unless the floor asks. */
static bool call_asked(struct call *call, struct call_view *view)
{
    const struct http_principal *who = &call->request->principal;
    struct reading reading = {.calls = view};
    bool is_known = guid_parse(&call->api->guid, GUID_CALL,
                               http_path_param(call->request, "id"), &reading.id);
    if (is_known && !ask_engine(call, call_read, &reading))
        return false;
    bool is_own = who->kind == ENTITY_USER && reading.is_there && view->agent.value == who->id;
    if (!is_known || !reading.is_there || (!is_own && !(who->access & ACCESS_SUPERVISOR))) {
        http_respond_error(call->response, 404, "not.found", "", "There is no such call now.");
        return false;
    }
    return true;
}

void call_hang_up(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct call_view view;
    if (!call_asked(&call, &view))
        return;
    struct event event = {.kind = EVENT_ASK_HANG_UP};
    event.ask.call = view.id;
    event.ask.agent = view.agent;
    if (runtime_ask(call.api->runtime, &event, &call.err) == STATUS_OK)
        http_respond_empty(response, 204);
    else
        call_fail(&call);
}

/* {"code": "<wrap-up code's id>", "notes": "..."} */
void call_wrap_up(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct call_view view;
    json_t *body = NULL;
    const char *code = NULL;
    const char *notes = "";
    if (!call_asked(&call, &view) || !call_object(&call, &body))
        return;
    struct event event = {.kind = EVENT_ASK_WRAPUP};
    if (json_member_text(body, "code", true, 64, &code, &call.err) ||
        json_member_text(body, "notes", false, DIALER_NOTE_SIZE - 1, &notes, &call.err)) {
        call_fail(&call);
        return;
    }
    if (!guid_parse(&call.api->guid, ENTITY_WRAPUP_CODE, code, &event.ask.wrapup.value)) {
        http_respond_error(response, 400, "invalid.value", "code",
                           "code: there is no such wrap-up code");
        return;
    }
    event.ask.call = view.id;
    event.ask.agent = view.agent;
    snprintf(event.ask.text, sizeof(event.ask.text), "%s", notes);
    /* Cut within a character, a note would not be text any more. */
    for (size_t len = strlen(event.ask.text);
         len > 0 && strlen(notes) > len && ((unsigned char)notes[len] & 0xc0) == 0x80;)
        event.ask.text[--len] = '\0';
    if (runtime_ask(call.api->runtime, &event, &call.err) == STATUS_OK)
        http_respond_empty(response, 204);
    else
        call_fail(&call);
}

/* --- Explanation ----------------------------------------------------------------------------
 */

struct explaining {
    struct campaign_id campaign;
    struct wall now;
    struct claim claim;
    struct candidate candidate;
    struct gate_verdict verdict;
    struct gate_steps steps;
    bool is_there;
};

static void claim_read(const struct engine *engine, void *arg)
{
    struct explaining *at = arg;
    at->is_there = engine_claim_for(engine, at->campaign, at->now, &at->claim);
}

static void explain_read(const struct engine *engine, void *arg)
{
    struct explaining *at = arg;
    at->is_there =
        engine_explain(engine, at->campaign, &at->candidate, at->now, &at->verdict, &at->steps);
}

static json_t *explanation_write(struct call *call, const struct explaining *at)
{
    static const char *const answers[] = {
        [GATE_DIAL] = "dial", [GATE_NOT_NOW] = "not_now", [GATE_NEVER] = "never"};
    json_t *steps = json_array();
    for (int32_t i = 0; i < at->steps.count; i++) {
        const struct gate_step *step = &at->steps.steps[i];
        json_t *item = json_pack("{s:s,s:b}", "check", gate_check_name(step->check), "passed",
                                 (int)step->has_passed);
        if (step->address_index >= 0 &&
            step->address_index < at->candidate.contact.address_count)
            json_object_set_new(
                item, "column",
                json_integer(at->candidate.contact.addresses[step->address_index].column));
        if (step->limit)
            json_object_update_new(item,
                                   json_pack("{s:I,s:I}", "value", (json_int_t)step->value,
                                             "limit", (json_int_t)step->limit));
        date_add(item, "until", step->until);
        json_array_append_new(steps, item);
    }
    json_t *out = json_pack("{s:s,s:s,s:s,s:o}", "contactId",
                            call_guid(call, GUID_CONTACT, at->candidate.contact.id.value),
                            "answer", answers[at->verdict.answer], "contactState",
                            contact_state_name(at->candidate.contact.state), "steps", steps);
    if (at->verdict.answer != GATE_DIAL)
        json_object_set_new(out, "because", json_string(gate_check_name(at->verdict.because)));
    date_add(out, "until", at->verdict.until);
    date_add(out, "at", at->now);
    return out;
}

static bool engine_has(struct call *call, runtime_read_fn read, struct explaining *at)
{
    if (!call->api->runtime || runtime_read(call->api->runtime, read, at) != STATUS_OK) {
        http_respond_error(call->response, 503, "service.unavailable", "",
                           "The dialer does not run.");
        return false;
    }
    return at->is_there || call_unknown(call, ENTITY_CAMPAIGN);
}

/* GET .../campaigns/{id}/contacts/{contactId}/explanation: the gate's own answer, now. */
void contact_explanation(void *context, struct http_request *request,
                         struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct explaining *at = arena_new(call.arena, 1, sizeof(*at));
    struct contact_record record;
    at->now = api_now(call.api);
    if (!call_id(&call, "id", ENTITY_CAMPAIGN, &at->campaign.value) ||
        !engine_has(&call, claim_read, at) ||
        !contact_load(&call, at->claim.list.value, http_path_param(request, "contactId"),
                      &record))
        return;
    if (STORE(call.api, candidate_load, &at->claim, record.hot.id, &at->candidate, &call.err) !=
        STATUS_OK)
        call_fail(&call);
    else if (engine_has(&call, explain_read, at))
        http_respond_json(response, 200, explanation_write(&call, at));
}
