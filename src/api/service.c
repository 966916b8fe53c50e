/* Is it well, and how is it doing. */
#include <string.h>

#include "api/internal.h"

/* 200 while the store answers. Says nothing else to strangers. */
void health(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity home;
    bool is_well = STORE(call.api, entity_get, ENTITY_DIVISION, call.api->home.id, call.arena,
                         &home, NULL) == STATUS_OK;
    http_respond_json(response, is_well ? 200 : 503,
                      json_pack("{s:s,s:s}", "status", is_well ? "ok" : "store_unavailable",
                                "version", CADRAN_VERSION));
}

static void line(struct buffer *out, const char *name, const char *label, uint64_t value)
{
    buffer_format(out, "cadran_%s%s %llu\n", name, label, (unsigned long long)value);
}

static void http_lines(struct http_server *server, struct buffer *out)
{
    static const char *const edges[] = {"0.001", "0.002", "0.005", "0.01",
                                        "0.05",  "0.1",   "1",     "+Inf"};
    struct http_counters counters;
    char label[48];
    uint64_t sum = 0;
    http_server_counters(server, &counters);
    for (int i = 1; i < 6; i++) {
        snprintf(label, sizeof(label), "{class=\"%dxx\"}", i);
        line(out, "http_answers_total", label, counters.by_class[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
        sum += counters.within_ms[i];
        snprintf(label, sizeof(label), "{le=\"%s\"}", edges[i]);
        line(out, "http_answer_seconds_bucket", label, sum);
    }
    line(out, "http_refused_total", "", counters.refused);
    line(out, "http_gone_total", "", counters.gone);
    line(out, "http_overloaded_total", "", counters.overloaded);
    line(out, "http_connections", "", counters.connections);
    line(out, "websockets", "", counters.websockets);
    line(out, "websocket_messages_total", "", counters.messages_sent);
}

static void runtime_lines(struct runtime *runtime, struct buffer *out)
{
    struct runtime_figures figures;
    runtime_figures(runtime, &figures);
    line(out, "engine_events_total", "", (uint64_t)figures.events);
    line(out, "engine_commands_total", "", (uint64_t)figures.commands);
    line(out, "engine_mailbox", "", figures.mailbox_count);
    line(out, "store_commits_total", "", (uint64_t)figures.commits);
    line(out, "store_writes_total", "", (uint64_t)figures.writes);
    line(out, "store_claims_total", "", (uint64_t)figures.claims);
    line(out, "store_commit_microseconds_total", "", (uint64_t)figures.commit_us_sum);
    line(out, "store_commit_microseconds_max", "", (uint64_t)figures.commit_us_max);
}

/* For Prometheus: from this machine, or with a token of the floor. */
void metrics(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const char *address = request->head.address;
    bool is_local =
        address && (strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::1") == 0);
    if (!is_local) {
        struct http_route floor = *request->match.route;
        floor.access = ACCESS_FLOOR;
        request->match.route = &floor;
        if (!api_authorise(context, request, response))
            return;
    }
    struct buffer out;
    buffer_init(&out, 65536);
    http_lines(call.api->server, &out);
    if (call.api->runtime)
        runtime_lines(call.api->runtime, &out);
    http_respond_text(response, 200, "text/plain; version=0.0.4", out.data, out.len);
    buffer_fini(&out);
}
