/* notices.c -- tells the watcher what changed, the newest view only, at most ten times a second
 * for each thing. Runs on the engine's thread. */
#include "runtime/internal.h"

void notice_mark(struct runtime *runtime, enum notice notice, int64_t id)
{
    switch (notice) {
    case NOTICE_CAMPAIGN: table_put(&runtime->dirty_campaigns, id, runtime); break;
    case NOTICE_AGENT: table_put(&runtime->dirty_agents, id, runtime); break;
    case NOTICE_CALL: table_put(&runtime->dirty_calls, id, runtime); break;
    }
}

static void publish_campaigns(struct runtime *runtime)
{
    const struct runtime_watcher *watcher = &runtime->options.watcher;
    struct campaign_view view;
    size_t at = 0;
    int64_t id;
    while (table_next(&runtime->dirty_campaigns, &at, &id, NULL))
        if (watcher->campaign &&
            engine_campaign_view(runtime->engine, (struct campaign_id){id}, &view))
            watcher->campaign(watcher->context, &view);
    table_fini(&runtime->dirty_campaigns);
}

static void publish_agents(struct runtime *runtime)
{
    const struct runtime_watcher *watcher = &runtime->options.watcher;
    struct agent_view view;
    size_t at = 0;
    int64_t id;
    while (table_next(&runtime->dirty_agents, &at, &id, NULL))
        if (watcher->agent && engine_agent_view(runtime->engine, (struct agent_id){id}, &view))
            watcher->agent(watcher->context, &view);
    table_fini(&runtime->dirty_agents);
}

static void publish_calls(struct runtime *runtime)
{
    const struct runtime_watcher *watcher = &runtime->options.watcher;
    struct call_view view;
    size_t at = 0;
    int64_t id;
    while (table_next(&runtime->dirty_calls, &at, &id, NULL)) {
        struct call_id call = {id};
        bool is_there = engine_call_view(runtime->engine, call, &view);
        if (watcher->call)
            watcher->call(watcher->context, call, is_there ? &view : NULL);
    }
    table_fini(&runtime->dirty_calls);
}

void notices_publish(struct runtime *runtime, bool is_forced)
{
    struct mono now = runtime_now(runtime).mono;
    if (!is_forced && now.us - runtime->notices_at.us < NOTICE_PERIOD_MS * US_PER_MS)
        return;
    runtime->notices_at = now;
    publish_agents(runtime);
    publish_calls(runtime);
    publish_campaigns(runtime);
}
