#include "resource/feed.h"

#include <string.h>
#include <time.h>

#include "base/log.h"
#include "resource/value.h"

#define PAGE 100

/* One entity and its document, for as long as it is looked at. */
struct loaded {
    struct entity entity;
    json_t *document;
};

static enum status load(const struct feed *feed, enum entity_kind kind, int64_t id,
                        struct arena *arena, struct loaded *loaded, struct error *err)
{
    memset(loaded, 0, sizeof(*loaded));
    enum status status = feed->store.ops->entity_get(feed->store.self, kind, id, arena,
                                                     &loaded->entity, err);
    if (status != STATUS_OK)
        return status;
    loaded->document = resource_document(loaded->entity.document);
    if (!loaded->document)
        return error_set(err, STATUS_INVALID, "", "the stored document of %s is damaged",
                         loaded->entity.name);
    return STATUS_OK;
}

static enum status secret_of(const struct feed *feed, enum entity_kind kind, int64_t id,
                             struct arena *arena, const char **secret, struct error *err)
{
    *secret = "";
    return feed->store.ops->secret_get(feed->store.self, kind, id, arena, secret, err);
}

/* Telephony's mailbox may be full for a moment; it never stays so. */
static enum status tell_telephony(const struct feed *feed,
                                  const struct telephony_command *command, struct error *err)
{
    if (!feed->telephony.post)
        return STATUS_OK;
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < 2000; i++) {
        if (feed->telephony.post(feed->telephony.self, command) == STATUS_OK)
            return STATUS_OK;
        nanosleep(&pause, NULL);
    }
    return error_set(err, STATUS_UNAVAILABLE, "", "telephony takes no commands; try again");
}

static enum status feed_trunk(const struct feed *feed, const struct loaded *loaded,
                              struct arena *arena, struct error *err)
{
    const char *secret;
    enum status status =
        secret_of(feed, ENTITY_TRUNK, loaded->entity.id, arena, &secret, err);
    if (status != STATUS_OK)
        return status;
    struct telephony_command command = {.kind = TELEPHONY_TRUNK_SET};
    value_trunk(loaded->entity.id, loaded->document, secret, &command.trunk);
    status = tell_telephony(feed, &command, err);
    if (status != STATUS_OK)
        return status;
    struct event event = {.kind = EVENT_CONFIG_TRUNK};
    event.trunk.trunk = command.trunk.id;
    event.trunk.channels = command.trunk.channels;
    event.trunk.calls_per_second = command.trunk.calls_per_second;
    return runtime_ask(feed->runtime, &event, err);
}

static enum status feed_phone(const struct feed *feed, const struct loaded *loaded,
                              struct arena *arena, struct error *err)
{
    const char *secret;
    enum status status =
        secret_of(feed, ENTITY_PHONE, loaded->entity.id, arena, &secret, err);
    if (status != STATUS_OK)
        return status;
    struct telephony_command command = {.kind = TELEPHONY_PHONE_SET};
    value_phone(loaded->entity.id, loaded->document, secret, &command.phone);
    return tell_telephony(feed, &command, err);
}

static enum status feed_queue(const struct feed *feed, const struct loaded *loaded,
                              struct arena *arena, struct error *err)
{
    struct event event = {.kind = EVENT_CONFIG_QUEUE};
    value_queue(loaded->entity.id, loaded->entity.version, loaded->document, arena, &event.queue);
    return runtime_ask(feed->runtime, &event, err);
}

static enum status feed_wrapup_code(const struct feed *feed, const struct loaded *loaded,
                                    struct arena *arena, struct error *err)
{
    (void)arena;
    struct event event = {.kind = EVENT_CONFIG_WRAPUP_CODE};
    value_wrapup_code(loaded->entity.id, loaded->document, &event.wrapup_code);
    return runtime_ask(feed->runtime, &event, err);
}

static enum status feed_user(const struct feed *feed, const struct loaded *loaded,
                             struct arena *arena, struct error *err)
{
    (void)arena;
    struct event event = {.kind = EVENT_CONFIG_AGENT};
    event.agent.agent.value = loaded->entity.id;
    event.agent.phone = value_ref(json_object_get(loaded->document, "cadran"), "phone");
    return runtime_ask(feed->runtime, &event, err);
}

/* A campaign's parts; documents that are there are the caller's to let go. */
struct parts {
    struct loaded list, limits, times;
};

static enum status load_part(const struct feed *feed, enum entity_kind kind, int64_t id,
                             struct arena *arena, struct loaded *part, struct error *err)
{
    return id ? load(feed, kind, id, arena, part, err) : STATUS_OK;
}

static enum status load_parts(const struct feed *feed, const json_t *campaign,
                              struct arena *arena, struct parts *parts, struct error *err)
{
    enum status status = load_part(feed, ENTITY_CONTACT_LIST, value_ref(campaign, "contactList"),
                                   arena, &parts->list, err);
    if (status == STATUS_OK)
        status = load_part(feed, ENTITY_ATTEMPT_LIMITS,
                           value_ref(parts->list.document, "attemptLimits"), arena,
                           &parts->limits, err);
    if (status == STATUS_OK)
        status = load_part(feed, ENTITY_CALLABLE_TIME_SET, value_ref(campaign, "callableTimeSet"),
                           arena, &parts->times, err);
    return status;
}

static enum status feed_campaign(const struct feed *feed, const struct loaded *loaded,
                                 struct arena *arena, struct error *err)
{
    struct parts parts;
    memset(&parts, 0, sizeof(parts));
    struct event event = {.kind = EVENT_CONFIG_CAMPAIGN};
    enum status status = load_parts(feed, loaded->document, arena, &parts, err);
    if (status == STATUS_OK) {
        struct campaign_sources sources = {
            .id = loaded->entity.id,
            .version = loaded->entity.version,
            .campaign = loaded->document,
            .list = parts.list.document,
            .limits = parts.limits.document,
            .limits_id = parts.limits.entity.id,
            .times = parts.times.document,
            .times_id = parts.times.entity.id,
        };
        status = value_campaign(&sources, &feed->world, arena, &event.campaign, err);
    }
    if (status == STATUS_OK)
        status = runtime_ask(feed->runtime, &event, err);
    json_decref(parts.list.document);
    json_decref(parts.limits.document);
    json_decref(parts.times.document);
    return status;
}

static enum status feed_loaded(const struct feed *feed, const struct loaded *loaded,
                               struct arena *arena, struct error *err)
{
    switch (loaded->entity.kind) {
    case ENTITY_CAMPAIGN: return feed_campaign(feed, loaded, arena, err);
    case ENTITY_QUEUE: return feed_queue(feed, loaded, arena, err);
    case ENTITY_USER: return feed_user(feed, loaded, arena, err);
    case ENTITY_WRAPUP_CODE: return feed_wrapup_code(feed, loaded, arena, err);
    case ENTITY_TRUNK: return feed_trunk(feed, loaded, arena, err);
    case ENTITY_PHONE: return feed_phone(feed, loaded, arena, err);
    case ENTITY_NONE:
    case ENTITY_CONTACT_LIST:
    case ENTITY_DNC_LIST:
    case ENTITY_ATTEMPT_LIMITS:
    case ENTITY_CALLABLE_TIME_SET:
    case ENTITY_CLIENT:
    case ENTITY_DIVISION:
    case ENTITY_SCRIPT:
    case ENTITY_KIND_COUNT: break;
    }
    return STATUS_OK;
}

static bool is_fed(enum entity_kind kind)
{
    return kind == ENTITY_CAMPAIGN || kind == ENTITY_QUEUE || kind == ENTITY_USER ||
           kind == ENTITY_WRAPUP_CODE || kind == ENTITY_TRUNK || kind == ENTITY_PHONE;
}

static bool is_part(enum entity_kind kind)
{
    return kind == ENTITY_CONTACT_LIST || kind == ENTITY_ATTEMPT_LIMITS ||
           kind == ENTITY_CALLABLE_TIME_SET;
}

enum status feed_changed(const struct feed *feed, enum entity_kind kind, int64_t id,
                         struct error *err)
{
    if (!is_fed(kind) && !is_part(kind))
        return STATUS_OK;
    struct arena arena;
    arena_init(&arena);
    enum status status = STATUS_OK;
    if (is_fed(kind)) {
        struct loaded loaded;
        status = load(feed, kind, id, &arena, &loaded, err);
        if (status == STATUS_OK)
            status = feed_loaded(feed, &loaded, &arena, err);
        json_decref(loaded.document);
    } else { /* a part: whoever is made of it; limits reach campaigns through their list */
        struct entity_ref *users;
        size_t count = 0;
        status = feed->store.ops->entity_users(feed->store.self, kind, id, &arena, &users, &count,
                                               err);
        for (size_t i = 0; status == STATUS_OK && i < count; i++)
            status = feed_changed(feed, users[i].kind, users[i].id, err);
    }
    arena_fini(&arena);
    return status;
}

enum status feed_removed(const struct feed *feed, enum entity_kind kind, int64_t id,
                         struct error *err)
{
    struct event event = {0};
    struct telephony_command command = {0};
    switch (kind) {
    case ENTITY_CAMPAIGN:
        event.kind = EVENT_CONFIG_CAMPAIGN_REMOVED;
        event.ask.campaign.value = id;
        break;
    case ENTITY_QUEUE:
        event.kind = EVENT_CONFIG_QUEUE_REMOVED;
        event.ask.queue.value = id;
        break;
    case ENTITY_USER:
        event.kind = EVENT_CONFIG_AGENT_REMOVED;
        event.ask.agent.value = id;
        break;
    case ENTITY_TRUNK:
        event.kind = EVENT_CONFIG_TRUNK_REMOVED;
        event.ask.trunk.value = id;
        command.kind = TELEPHONY_TRUNK_REMOVE;
        command.trunk.id.value = id;
        break;
    case ENTITY_PHONE:
        command.kind = TELEPHONY_PHONE_REMOVE;
        command.phone.id.value = id;
        return tell_telephony(feed, &command, err);
    case ENTITY_NONE:
    case ENTITY_CONTACT_LIST:
    case ENTITY_DNC_LIST:
    case ENTITY_ATTEMPT_LIMITS:
    case ENTITY_CALLABLE_TIME_SET:
    case ENTITY_WRAPUP_CODE:
    case ENTITY_CLIENT:
    case ENTITY_DIVISION:
    case ENTITY_SCRIPT:
    case ENTITY_KIND_COUNT: return STATUS_OK;
    }
    enum status status = runtime_ask(feed->runtime, &event, err);
    if (status == STATUS_OK && kind == ENTITY_TRUNK)
        status = tell_telephony(feed, &command, err);
    return status;
}

enum status feed_zone_set(const struct feed *feed, const struct zone_set *set, struct error *err)
{
    struct event event = {.kind = EVENT_CONFIG_ZONE_SET, .zone_set = *set};
    return runtime_ask(feed->runtime, &event, err);
}

enum status feed_contacts_added(const struct feed *feed, struct list_id list, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    struct entity_ref *users;
    size_t count = 0;
    enum status status = feed->store.ops->entity_users(feed->store.self, ENTITY_CONTACT_LIST,
                                                       list.value, &arena, &users, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct event event = {.kind = EVENT_ASK_CAMPAIGN_EXTEND};
        event.ask.campaign.value = users[i].id;
        if (users[i].kind == ENTITY_CAMPAIGN)
            status = runtime_ask(feed->runtime, &event, err);
    }
    arena_fini(&arena);
    return status;
}

/* --- At start -------------------------------------------------------------------------------- */

static enum status feed_zone_sets(const struct feed *feed, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    struct zone_set *sets;
    size_t count = 0;
    enum status status = feed->store.ops->zone_sets_list(feed->store.self, feed->world.zones,
                                                         &arena, &sets, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = feed_zone_set(feed, &sets[i], err);
    arena_fini(&arena);
    return status;
}

/* How the campaign stood; one that never started has no run. */
static enum status feed_run(const struct feed *feed, int64_t id, struct error *err)
{
    struct store_port store = feed->store;
    struct campaign_run run = {0};
    enum status status =
        store.ops->run_get(store.self, (struct campaign_id){id}, &run, err);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && !run.pass))
        return STATUS_OK;
    struct run_counts counts = {0};
    if (status == STATUS_OK)
        status = store.ops->run_counts(store.self, run.campaign, run.pass, &counts, err);
    if (status != STATUS_OK)
        return status;
    struct event event = {.kind = EVENT_CONFIG_RUN};
    event.run.campaign = run.campaign;
    event.run.status = run.status;
    event.run.pass = run.pass;
    event.run.attempts = counts.attempts;
    event.run.contacts_called = counts.contacts_called;
    event.run.skipped = counts.skipped;
    memcpy(event.run.outcomes, counts.outcomes, sizeof(counts.outcomes));
    return runtime_ask(feed->runtime, &event, err);
}

typedef enum status (*each_fn)(const struct feed *feed, int64_t id, struct error *err);

/* Calls `each` for every entity of a kind, page by page. */
static enum status for_each(const struct feed *feed, enum entity_kind kind, each_fn each,
                            struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t offset = 0; status == STATUS_OK; offset += PAGE) {
        struct arena arena;
        arena_init(&arena);
        struct entity_query query = {.kind = kind, .offset = offset, .limit = PAGE};
        struct entity_page page = {0};
        status = feed->store.ops->entity_list(feed->store.self, &query, &arena, &page, err);
        for (int32_t i = 0; status == STATUS_OK && i < page.count; i++) {
            struct error one = {0};
            enum status outcome =
                each ? each(feed, page.entities[i].id, &one)
                     : feed_changed(feed, kind, page.entities[i].id, &one);
            if (outcome == STATUS_OK)
                continue;
            log_error("feed.left_out", "kind=%d name=%s path=%s text=%s", (int)kind,
                      page.entities[i].name, one.path, one.text);
            if (outcome == STATUS_UNAVAILABLE)
                status = error_set(err, outcome, one.path, "%s", one.text);
        }
        arena_fini(&arena);
        if (page.count < PAGE)
            break;
    }
    return status;
}

enum status feed_all(const struct feed *feed, struct error *err)
{
    static const enum entity_kind order[] = {ENTITY_TRUNK,       ENTITY_PHONE, ENTITY_QUEUE,
                                             ENTITY_WRAPUP_CODE, ENTITY_USER,  ENTITY_CAMPAIGN};
    enum status status = feed_zone_sets(feed, err);
    for (size_t i = 0; status == STATUS_OK && i < ARRAY_LEN(order); i++)
        status = for_each(feed, order[i], NULL, err);
    if (status == STATUS_OK)
        status = for_each(feed, ENTITY_CAMPAIGN, feed_run, err);
    return status;
}
