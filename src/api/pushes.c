/* What is published on notification channels, and when.
 *
 * The engine's thread hands over what it has just seen: figures, agents and calls go out at
 * once. What also needs the store (progress, a campaign as it is read, an import's status) is
 * made by a thread of its own, at most once a period for each thing. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/table.h"

#define PERIOD_MS 400
#define CHANGES_MAX 4096

struct change {
    enum entity_kind kind; /* a campaign, or a contact list that is being imported */
    int64_t id;
};

struct pushes {
    struct api *api;
    struct lane *lane; /* whoever publishes, and pushes_end */
    struct hub *hub;   /* under the lane; NULL: it is over */
    struct mailbox *changes;
    pthread_t thread;
    atomic_bool is_over;
    /* The thread's: */
    struct table campaigns, imports; /* to be told about */
    struct table told;               /* campaign -> its version and status when last told */
};

/* --- Publishing -----------------------------------------------------------------------------
 */

/* Takes the body. */
static void publish(struct api *api, const char *prefix, int32_t kind, int64_t id,
                    const char *suffix, enum hub_class class, json_t *body)
{
    char guid[GUID_SIZE];
    char topic[HUB_TOPIC_MAX];
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    guid_format(&api->guid, kind, id, guid);
    snprintf(topic, sizeof(topic), "%s.%s%s", prefix, guid, suffix);
    if (api->pushes && text) {
        lane_enter(api->pushes->lane, 0);
        struct hub *hub = api->pushes->hub;
        /* A state that is dropped because the hub is behind is followed by a newer one. */
        if (hub && hub_publish(hub, topic, class, text) != STATUS_OK)
            log_warn("api.publish", "prefix=%s dropped=1", prefix);
        lane_leave(api->pushes->lane);
    }
    free(text);
    json_decref(body);
}

static void change_post(struct api *api, enum entity_kind kind, int64_t id)
{
    const struct change change = {kind, id};
    if (api->pushes && !mailbox_post(api->pushes->changes, &change))
        log_warn("api.publish", "kind=%d behind=1", (int)kind);
}

void pushes_campaign_changed(struct api *api, int64_t id)
{
    change_post(api, ENTITY_CAMPAIGN, id);
}

void pushes_import_began(struct api *api, int64_t list)
{
    change_post(api, ENTITY_CONTACT_LIST, list);
}

/* --- The engine's thread --------------------------------------------------------------------
 */

static void campaign_changed(void *context, const struct campaign_view *view)
{
    struct api *api = context;
    publish(api, "v2.outbound.campaigns", ENTITY_CAMPAIGN, view->id.value, ".stats", HUB_STATE,
            stats_write(view, NULL));
    publish(api, "cadran.campaigns", ENTITY_CAMPAIGN, view->id.value, ".live", HUB_STATE,
            live_write(&api->guid, view));
    pushes_campaign_changed(api, view->id.value);
}

static void agent_changed(void *context, const struct agent_view *view)
{
    struct api *api = context;
    publish(api, "v2.users", ENTITY_USER, view->id.value, ".agent", HUB_STATE,
            agent_write(&api->guid, view));
}

/* A call is told to its agent, as a state of that agent, and to who watches the campaign. */
static void call_changed(void *context, struct call_id id, const struct call_view *view)
{
    struct api *api = context;
    char guid[GUID_SIZE];
    guid_format(&api->guid, GUID_CALL, id.value, guid);
    if (!view) {
        publish(api, "cadran.calls", GUID_CALL, id.value, "", HUB_STATE,
                json_pack("{s:s,s:s}", "id", guid, "state", "ended"));
        return;
    }
    publish(api, "cadran.calls", GUID_CALL, id.value, "", HUB_STATE,
            call_write(&api->guid, view));
    if (view->agent.value)
        publish(api, "v2.users", ENTITY_USER, view->agent.value, ".calls", HUB_MUST_ARRIVE,
                call_write(&api->guid, view));
}

struct runtime_watcher api_watcher(struct api *api)
{
    return (struct runtime_watcher){.context = api,
                                    .campaign = campaign_changed,
                                    .agent = agent_changed,
                                    .call = call_changed};
}

/* --- The thread -----------------------------------------------------------------------------
 */

/* Never NULL, and different for each version and status. */
static void *told_of(const struct entity *entity, const char *status)
{
    uintptr_t sum = (uintptr_t)entity->version;
    for (const char *at = status; *at; at++)
        sum = sum * 31 + (unsigned char)*at;
    return (void *)(sum | 1);
}

static void campaign_tell(struct pushes *pushes, int64_t id)
{
    struct arena arena;
    struct entity entity;
    arena_init(&arena);
    struct call call = {.api = pushes->api, .arena = &arena};
    if (STORE(call.api, entity_get, ENTITY_CAMPAIGN, id, &arena, &entity, NULL) == STATUS_OK) {
        void *now = told_of(&entity, campaign_status_word(call.api, id));
        if (table_get(&pushes->told, id) != now)
            publish(call.api, "v2.outbound.campaigns", ENTITY_CAMPAIGN, id, "", HUB_STATE,
                    entity_write(&call, &entity));
        table_put(&pushes->told, id, now);
        publish(call.api, "v2.outbound.campaigns", ENTITY_CAMPAIGN, id, ".progress", HUB_STATE,
                progress_write(&call, &entity));
    } else {
        table_remove(&pushes->told, id);
    }
    arena_fini(&arena);
}

/* Those that still run are told about again in the next period. */
static void imports_tell(struct pushes *pushes)
{
    struct table running = {0};
    size_t at = 0;
    int64_t id = 0;
    while (table_next(&pushes->imports, &at, &id, NULL)) {
        json_t *status =
            import_status_write(pushes->api, JOB_CONTACTS_IMPORT, ENTITY_CONTACT_LIST, id);
        const char *state = json_string_value(json_object_get(status, "state"));
        if (state && strcmp(state, "IN_PROGRESS") == 0)
            table_put(&running, id, pushes);
        publish(pushes->api, "v2.outbound.contactlists", ENTITY_CONTACT_LIST, id,
                ".importstatus", HUB_STATE, status);
    }
    table_fini(&pushes->imports);
    pushes->imports = running;
}

/* Collects what changes for one period. False: it is over. */
static bool changes_collect(struct pushes *pushes)
{
    bool is_idle = !pushes->campaigns.count && !pushes->imports.count;
    struct mono until = {instant_mono_now().us + PERIOD_MS * US_PER_MS};
    for (;;) {
        struct change change;
        int64_t left_ms = (until.us - instant_mono_now().us) / US_PER_MS;
        if (!is_idle && left_ms <= 0)
            return true;
        if (mailbox_take(pushes->changes, &change, is_idle ? -1 : (int)left_ms)) {
            table_put(change.kind == ENTITY_CAMPAIGN ? &pushes->campaigns : &pushes->imports,
                      change.id, pushes);
            if (is_idle)
                until.us = instant_mono_now().us + PERIOD_MS * US_PER_MS;
            is_idle = false;
        } else if (atomic_load(&pushes->is_over)) {
            return false;
        }
    }
}

static void *run(void *arg)
{
    struct pushes *pushes = arg;
    while (changes_collect(pushes)) {
        size_t at = 0;
        int64_t id = 0;
        while (table_next(&pushes->campaigns, &at, &id, NULL))
            campaign_tell(pushes, id);
        table_fini(&pushes->campaigns);
        imports_tell(pushes);
    }
    table_fini(&pushes->campaigns);
    table_fini(&pushes->imports);
    table_fini(&pushes->told);
    return NULL;
}

struct pushes *pushes_create(struct api *api, struct hub *hub)
{
    struct pushes *pushes = memory_new(1, sizeof(*pushes));
    pushes->api = api;
    pushes->hub = hub;
    pushes->lane = lane_create();
    pushes->changes = mailbox_create(CHANGES_MAX, sizeof(struct change));
    ensure(pthread_create(&pushes->thread, NULL, run, pushes) == 0);
    return pushes;
}

void pushes_end(struct pushes *pushes)
{
    if (!pushes || !pushes->hub)
        return;
    atomic_store(&pushes->is_over, true);
    mailbox_close(pushes->changes);
    pthread_join(pushes->thread, NULL);
    lane_enter(pushes->lane, 0);
    pushes->hub = NULL;
    lane_leave(pushes->lane);
}

void pushes_destroy(struct pushes *pushes)
{
    if (!pushes)
        return;
    pushes_end(pushes);
    mailbox_destroy(pushes->changes);
    lane_destroy(pushes->lane);
    free(pushes);
}
