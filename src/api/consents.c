/* The consent ledger (X5): recorded, withdrawn, proven. */
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"

#define CONSENTS_AT_ONCE 1000
#define CONSENTS_OF_ONE 1000 /* rows of one number and scope that a state is made of */
#define CONSENT_TEXT 1000    /* characters */

static bool date_read(struct call *call, const json_t *body, const char *name, struct wall *at)
{
    const char *text = NULL;
    if (json_member_text(body, name, false, 40, &text, &call->err))
        return false;
    if (!text || wall_parse(text, at))
        return true;
    (void)error_set(&call->err, STATUS_INVALID, name,
                    "must be a date like 2026-11-24T09:30:00Z");
    return false;
}

static bool consent_read(struct call *call, const json_t *body, struct consent *consent)
{
    const char *number = NULL;
    const char *kind = "given";
    *consent = (struct consent){.scope = "", .source = "", .text = "", .proof = ""};
    consent->recorded_at = consent->fact.at = api_now(call->api);
    consent->actor = call_actor(call);
    if (json_member_text(body, "phoneNumber", true, 64, &number, &call->err) ||
        json_member_text(body, "kind", false, 16, &kind, &call->err) ||
        json_member_text(body, "scope", true, 100, &consent->scope, &call->err) ||
        json_member_text(body, "source", true, CONSENT_TEXT, &consent->source, &call->err) ||
        json_member_text(body, "text", false, CONSENT_TEXT, &consent->text, &call->err) ||
        json_member_text(body, "proof", false, CONSENT_TEXT, &consent->proof, &call->err) ||
        !date_read(call, body, "at", &consent->fact.at) ||
        !date_read(call, body, "expires", &consent->fact.expires_at))
        return false;
    consent->number =
        call->api->options.numbers.parse(call->api->options.numbers.context, number);
    if (strcmp(kind, "given") != 0 && strcmp(kind, "withdrawn") != 0) {
        (void)error_set(&call->err, STATUS_INVALID, "kind", "must be given or withdrawn");
        return false;
    }
    consent->fact.kind = strcmp(kind, "given") == 0 ? CONSENT_GIVEN : CONSENT_WITHDRAWN;
    if (consent->fact.at.us <= consent->recorded_at.us + US_PER_MINUTE)
        return true;
    (void)error_set(&call->err, STATUS_INVALID, "at",
                    "lies ahead: a consent is recorded when it is given");
    return false;
}

json_t *consent_write(struct call *call, const struct consent *consent)
{
    struct resource_writer writer = call_writer(call);
    json_t *out = json_pack(
        "{s:s,s:o,s:s,s:s,s:s,s:s,s:s}", "id", call_guid(call, GUID_CONSENT, consent->id),
        "phoneNumber", number_write(call, consent->number), "kind",
        consent_kind_name(consent->fact.kind), "scope", consent->scope, "source",
        consent->source, "text", consent->text, "proof", consent->proof);
    date_add(out, "at", consent->fact.at);
    date_add(out, "expires", consent->fact.expires_at);
    date_add(out, "recordedAt", consent->recorded_at);
    if (consent->actor.id)
        json_object_set_new(
            out, "recordedBy",
            resource_ref_write(&writer, consent->actor.kind, consent->actor.id));
    return out;
}

/* An array: all of them or none. */
void consents_add(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    if (!call_array(&call, CONSENTS_AT_ONCE, &body))
        return;
    size_t count = json_array_size(body);
    struct consent *consents = arena_new(call.arena, count + 1, sizeof(*consents));
    int64_t *ids = arena_new(call.arena, count + 1, sizeof(*ids));
    for (size_t i = 0; i < count; i++) {
        if (!consent_read(&call, json_array_get(body, i), &consents[i])) {
            char prefix[32];
            snprintf(prefix, sizeof(prefix), "[%zu]", i);
            error_prefix(&call.err, prefix);
            call_fail(&call);
            return;
        }
    }
    if (STORE(call.api, consents_add, consents, count, ids, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) {
        consents[i].id = ids[i];
        json_array_append_new(out, consent_write(&call, &consents[i]));
    }
    http_respond_json(response, 200, out);
}

/* The number of the query; 0 where there is none. False: answered. */
static bool number_asked(struct call *call, bool is_required, int64_t *number)
{
    const char *text = http_query(call->request, "phoneNumber");
    *number = 0;
    if (!text && !is_required)
        return true;
    if (text)
        *number = call->api->options.numbers.parse(call->api->options.numbers.context, text);
    if (*number > 0)
        return true;
    http_respond_error(call->response, 400, "invalid.value", "phoneNumber",
                       text ? "phoneNumber: is not a valid telephone number"
                            : "phoneNumber: required");
    return false;
}

/* ?phoneNumber=&scope=&after=&pageSize=: paged by key, as a ledger is read. */
void consents_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct consent *consents = NULL;
    size_t count = 0;
    struct page page = page_read(request);
    const char *after = http_query(request, "after");
    struct consent_query query = {.scope = http_query(request, "scope"),
                                  .limit = page.size + 1};
    if (!number_asked(&call, false, &query.number))
        return;
    if (after && !guid_parse(&call.api->guid, GUID_CONSENT, after, &query.after)) {
        http_respond_error(response, 400, "invalid.value", "after",
                           "after: must be the id of a consent");
        return;
    }
    if (STORE(call.api, consents_list, &query, call.arena, &consents, &count, &call.err) !=
        STATUS_OK) {
        call_fail(&call);
        return;
    }
    bool has_more = count > (size_t)page.size;
    json_t *entities = json_array();
    for (size_t i = 0; i < count - has_more; i++)
        json_array_append_new(entities, consent_write(&call, &consents[i]));
    http_respond_json(response, 200,
                      json_pack("{s:o,s:b}", "entities", entities, "hasMore", (int)has_more));
}

/* ?phoneNumber=&scope=[&at=]: does this number consent, and by which row? */
void consent_state_get(void *context, struct http_request *request,
                       struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct consent *consents = NULL;
    size_t count = 0, which = 0;
    struct wall at = api_now(call.api);
    const char *text = http_query(request, "at");
    struct consent_query query = {.scope = http_query(request, "scope"),
                                  .limit = CONSENTS_OF_ONE};
    if (!number_asked(&call, true, &query.number))
        return;
    if (!query.scope || (text && !wall_parse(text, &at))) {
        http_respond_error(response, 400, "invalid.value", query.scope ? "at" : "scope",
                           query.scope ? "at: must be a date like 2026-11-24T09:30:00Z"
                                       : "scope: required");
        return;
    }
    if (STORE(call.api, consents_list, &query, call.arena, &consents, &count, &call.err) !=
        STATUS_OK) {
        call_fail(&call);
        return;
    }
    struct consent_fact *facts = arena_new(call.arena, count + 1, sizeof(*facts));
    for (size_t i = 0; i < count; i++)
        facts[i] = consents[i].fact;
    enum consent_state state = consent_state_at(facts, count, at, &which);
    json_t *out = json_pack("{s:s,s:s,s:o}", "state", consent_state_name(state), "scope",
                            query.scope, "phoneNumber", number_write(&call, query.number));
    date_add(out, "at", at);
    if (which < count)
        json_object_set_new(out, "by", consent_write(&call, &consents[which]));
    http_respond_json(response, 200, out);
}
