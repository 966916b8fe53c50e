/* From stored documents to what engine and telephony know. */
#include <string.h>

#include "api/internal.h"
#include "base/log.h"

/* The document of a reference; NULL where there is none. The caller's. */
static enum status document_get(struct api *api, enum entity_kind kind, int64_t id,
                                struct arena *arena, json_t **document, struct error *err)
{
    struct entity entity;
    *document = NULL;
    if (!id)
        return STATUS_OK;
    enum status status = STORE(api, entity_get, kind, id, arena, &entity, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_INVALID, "", "There is no such %s any more.",
                         resource_of(kind)->word);
    if (status == STATUS_OK && !(*document = resource_document(entity.document)))
        return error_set(err, STATUS_UNAVAILABLE, "", "A stored %s is damaged.",
                         resource_of(kind)->word);
    return status;
}

/* What a campaign's document refers to; each is let go of by documents_fini. */
struct campaign_documents {
    json_t *stored, *list, *limits, *times;
    json_t *dnc[CAMPAIGN_DNC_MAX];
};

static void documents_fini(struct campaign_documents *documents)
{
    json_decref(documents->stored);
    json_decref(documents->list);
    json_decref(documents->limits);
    json_decref(documents->times);
    for (size_t i = 0; i < CAMPAIGN_DNC_MAX; i++)
        json_decref(documents->dnc[i]);
}

static enum status documents_get(struct api *api, const json_t *campaign, struct arena *arena,
                                 struct campaign_documents *documents, struct error *err)
{
    const json_t *dnc = json_object_get(campaign, "dncLists");
    enum status status =
        document_get(api, ENTITY_CONTACT_LIST, value_ref(campaign, "contactList"), arena,
                     &documents->list, err);
    if (status == STATUS_OK)
        status = document_get(api, ENTITY_ATTEMPT_LIMITS,
                              value_ref(documents->list, "attemptLimits"), arena,
                              &documents->limits, err);
    if (status == STATUS_OK)
        status =
            document_get(api, ENTITY_CALLABLE_TIME_SET, value_ref(campaign, "callableTimeSet"),
                         arena, &documents->times, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(dnc) && i < CAMPAIGN_DNC_MAX;
         i++)
        status = document_get(api, ENTITY_DNC_LIST, json_integer_value(json_array_get(dnc, i)),
                              arena, &documents->dnc[i], err);
    return status;
}

/* The campaign's filter as a tree; its root is NULL where it has none. `list` is its document.
 */
static enum status campaign_filter_get(struct api *api, const json_t *campaign,
                                       const json_t *list, struct arena *arena,
                                       struct filter *filter, struct error *err)
{
    struct list_columns columns;
    json_t *document = NULL;
    const json_t *filters = json_object_get(campaign, "contactListFilters");
    filter->root = NULL;
    if (json_array_size(filters) == 0)
        return STATUS_OK;
    value_list_columns(list, &columns);
    const struct filter_columns named = filter_columns_of(api, &columns);
    enum status status =
        document_get(api, ENTITY_CONTACT_LIST_FILTER,
                     json_integer_value(json_array_get(filters, 0)), arena, &document, err);
    if (status == STATUS_OK)
        status = filter_list_check(document, value_ref(campaign, "contactList"),
                                   "contactListFilters[0]", err);
    if (status == STATUS_OK)
        status = value_filter(document, &named, arena, filter, err);
    json_decref(document);
    return status;
}

enum status campaign_filtered_out(struct call *call, const json_t *campaign, int64_t *count)
{
    struct filter filter;
    struct match_count matches = {.total = 0};
    json_t *list = NULL;
    struct list_id id = {value_ref(campaign, "contactList")};
    *count = 0;
    enum status status =
        document_get(call->api, ENTITY_CONTACT_LIST, id.value, call->arena, &list, &call->err);
    if (status == STATUS_OK)
        status =
            campaign_filter_get(call->api, campaign, list, call->arena, &filter, &call->err);
    if (status == STATUS_OK && filter.root)
        status = matches_estimate(call, id, &filter, api_now(call->api), &matches);
    json_decref(list);
    *count = matches.total - matches.matched;
    return status;
}

/* The campaign's filter as the store keeps it; "" = none. */
static enum status campaign_filter_text(struct api *api, const json_t *campaign,
                                        const json_t *list, struct arena *arena,
                                        const char **text, struct error *err)
{
    struct filter filter;
    struct buffer out;
    *text = "";
    enum status status = campaign_filter_get(api, campaign, list, arena, &filter, err);
    if (status != STATUS_OK || !filter.root)
        return status;
    const struct filter_columns by_position = {
        .count = (int32_t)json_array_size(json_object_get(list, "columnNames"))};
    buffer_init(&out, FILTER_SOURCE_MAX);
    filter_print(&filter, &by_position, &out);
    if (out.is_full)
        status = error_set(err, STATUS_INVALID, "contactListFilters[0]",
                           "is too long for a campaign: it has more than %d bytes as a text",
                           FILTER_SOURCE_MAX);
    else if (out.len)
        *text = arena_text(arena, out.data, out.len);
    buffer_fini(&out);
    return status;
}

enum status campaign_load(struct api *api, int64_t id, const json_t *document,
                          struct arena *arena, struct campaign *campaign, struct error *err)
{
    struct entity entity = {.version = 1};
    struct campaign_documents documents = {.stored = NULL};
    enum status status = STATUS_OK;
    if (!document) {
        status = STORE(api, entity_get, ENTITY_CAMPAIGN, id, arena, &entity, err);
        if (status == STATUS_OK)
            document = documents.stored = resource_document(entity.document);
        if (status == STATUS_OK && !document)
            status = error_set(err, STATUS_UNAVAILABLE, "", "A stored campaign is damaged.");
    }
    if (status == STATUS_OK)
        status = documents_get(api, document, arena, &documents, err);
    const char *filter = NULL;
    if (status == STATUS_OK)
        status = campaign_filter_text(api, document, documents.list, arena, &filter, err);
    if (status == STATUS_OK) {
        struct campaign_sources sources = {
            .id = id,
            .version = entity.version,
            .campaign = document,
            .list = documents.list,
            .limits = documents.limits,
            .limits_id = value_ref(documents.list, "attemptLimits"),
            .times = documents.times,
            .times_id = value_ref(document, "callableTimeSet"),
        };
        for (size_t i = 0; i < CAMPAIGN_DNC_MAX; i++)
            sources.dnc[i] = documents.dnc[i];
        status = value_campaign(&sources, &api->world, arena, campaign, err);
    }
    documents_fini(&documents);
    return status;
}

/* --- One entity -----------------------------------------------------------------------------
 */

struct pushing {
    struct api *api;
    enum entity_kind kind;
    int64_t id;
    int32_t version;
    const json_t *document; /* NULL: the entity is gone */
    struct arena *arena;
    struct error *err;
};

static enum status ask(struct pushing *p, const struct event *event)
{
    return p->api->runtime ? runtime_ask(p->api->runtime, event, p->err) : STATUS_OK;
}

static enum status tell(struct pushing *p, const struct telephony_command *command)
{
    if (!p->api->telephony.post)
        return STATUS_OK;
    enum status status = p->api->telephony.post(p->api->telephony.self, command);
    if (status != STATUS_OK)
        return error_set(p->err, STATUS_UNAVAILABLE, "",
                         "It is saved, but telephony is too busy to take it: save it again.");
    return status;
}

/* The store's queues are built by the campaign's filter: it must know it before the engine. */
static enum status campaign_filter_push(struct pushing *p, bool *has_changed)
{
    struct entity entity;
    json_t *list = NULL;
    const char *text = "";
    enum status status =
        STORE(p->api, entity_get, ENTITY_CAMPAIGN, p->id, p->arena, &entity, p->err);
    if (status != STATUS_OK)
        return status;
    json_t *document = resource_document(entity.document);
    status = document_get(p->api, ENTITY_CONTACT_LIST, value_ref(document, "contactList"),
                          p->arena, &list, p->err);
    if (status == STATUS_OK)
        status = campaign_filter_text(p->api, document, list, p->arena, &text, p->err);
    if (status == STATUS_OK)
        status = STORE(p->api, campaign_filter_set, (struct campaign_id){p->id}, text,
                       has_changed, p->err);
    json_decref(list);
    json_decref(document);
    return status;
}

static enum status campaign_push(struct pushing *p)
{
    struct event event = {.kind = EVENT_CONFIG_CAMPAIGN_REMOVED};
    bool has_changed = false;
    event.ask.campaign.value = p->id;
    if (!p->document)
        return ask(p, &event);
    enum status status = campaign_filter_push(p, &has_changed);
    event.kind = EVENT_CONFIG_CAMPAIGN;
    if (status == STATUS_OK)
        status = campaign_load(p->api, p->id, NULL, p->arena, &event.campaign, p->err);
    if (status == STATUS_OK)
        status = ask(p, &event);
    if (status == STATUS_OK && has_changed && p->api->runtime) {
        /* Whom the filter means now, and did not before. One that does not run looks for
         * nobody. */
        struct event extend = {.kind = EVENT_ASK_CAMPAIGN_EXTEND};
        extend.ask.campaign.value = p->id;
        (void)runtime_ask(p->api->runtime, &extend, NULL);
    }
    return status;
}

static enum status queue_push(struct pushing *p)
{
    struct event event = {.kind = EVENT_CONFIG_QUEUE_REMOVED};
    event.ask.queue.value = p->id;
    if (p->document) {
        event.kind = EVENT_CONFIG_QUEUE;
        value_queue(p->id, p->version, p->document, p->arena, &event.queue);
    }
    return ask(p, &event);
}

static enum status user_push(struct pushing *p)
{
    struct event event = {.kind = EVENT_CONFIG_AGENT_REMOVED};
    const char *state = json_string_value(json_object_get(p->document, "state"));
    bool is_agent = p->document && roles_access(ENTITY_USER, p->document) & ACCESS_AGENT &&
                    state && strcmp(state, "active") == 0;
    event.ask.agent.value = p->id;
    if (is_agent) {
        event.kind = EVENT_CONFIG_AGENT;
        event.agent = (struct event_agent){
            .agent = {p->id},
            .phone = value_ref(json_object_get(p->document, "cadran"), "phone"),
        };
    }
    return ask(p, &event);
}

static enum status wrapup_code_tell(struct pushing *p, int64_t id, const json_t *document,
                                    const json_t *mapping)
{
    struct event event = {.kind = EVENT_CONFIG_WRAPUP_CODE};
    value_wrapup_code(id, document, mapping, &event.wrapup_code);
    return ask(p, &event);
}

static enum status wrapup_code_push(struct pushing *p)
{
    json_t *mapping = NULL;
    if (!p->document)
        return STATUS_OK; /* the engine keeps what a removed code meant: calls may still name it
                           */
    enum status status = wrapup_mapping_load(p->api, p->arena, &mapping, p->err);
    if (status == STATUS_OK)
        status = wrapup_code_tell(p, p->id, p->document, mapping);
    json_decref(mapping);
    return status;
}

/* Every code means what the mapping says now. */
static enum status wrapup_mapping_push(struct pushing *p)
{
    struct entity_query query = {.kind = ENTITY_WRAPUP_CODE, .limit = 200};
    enum status status = STATUS_OK;
    int32_t found = 1;
    while (status == STATUS_OK && found > 0) {
        struct entity_page page;
        status = STORE(p->api, entity_list, &query, p->arena, &page, p->err);
        found = status == STATUS_OK ? page.count : 0;
        for (int32_t i = 0; status == STATUS_OK && i < found; i++) {
            json_t *document = resource_document(page.entities[i].document);
            status = wrapup_code_tell(p, page.entities[i].id, document, p->document);
            json_decref(document);
        }
        query.offset += found;
    }
    return status;
}

static enum status trunk_push(struct pushing *p)
{
    struct telephony_command command = {.kind = TELEPHONY_TRUNK_REMOVE};
    struct event event = {.kind = EVENT_CONFIG_TRUNK_REMOVED};
    const char *secret = "";
    command.trunk.id.value = p->id;
    event.ask.trunk.value = p->id;
    if (p->document) {
        enum status status =
            STORE(p->api, secret_get, ENTITY_TRUNK, p->id, p->arena, &secret, p->err);
        if (status != STATUS_OK)
            return status;
        command.kind = TELEPHONY_TRUNK_SET;
        value_trunk(p->id, p->document, secret, &command.trunk);
        event.kind = EVENT_CONFIG_TRUNK;
        event.trunk = (struct event_trunk){
            {p->id}, command.trunk.channels, command.trunk.calls_per_second};
    }
    enum status status = ask(p, &event);
    return status == STATUS_OK ? tell(p, &command) : status;
}

static enum status phone_push(struct pushing *p)
{
    struct telephony_command command = {.kind = TELEPHONY_PHONE_REMOVE};
    const char *secret = "";
    command.phone.id.value = p->id;
    if (p->document) {
        enum status status =
            STORE(p->api, secret_get, ENTITY_PHONE, p->id, p->arena, &secret, p->err);
        if (status != STATUS_OK)
            return status;
        command.kind = TELEPHONY_PHONE_SET;
        value_phone(p->id, p->document, secret, &command.phone);
    }
    return tell(p, &command);
}

static enum status one_push(struct pushing *p)
{
    switch (p->kind) {
    case ENTITY_CAMPAIGN: return campaign_push(p);
    case ENTITY_QUEUE: return queue_push(p);
    case ENTITY_USER: return user_push(p);
    case ENTITY_WRAPUP_CODE: return wrapup_code_push(p);
    case ENTITY_TRUNK: return trunk_push(p);
    case ENTITY_PHONE: return phone_push(p);
    case ENTITY_WRAPUP_MAPPING: return wrapup_mapping_push(p);
    case ENTITY_NONE:
    case ENTITY_CONTACT_LIST:
    case ENTITY_DNC_LIST:
    case ENTITY_ATTEMPT_LIMITS:
    case ENTITY_CALLABLE_TIME_SET:
    case ENTITY_CLIENT:
    case ENTITY_DIVISION:
    case ENTITY_SCRIPT:
    case ENTITY_CONTACT_LIST_TEMPLATE:
    case ENTITY_IMPORT_TEMPLATE:
    case ENTITY_FILE_SPECIFICATION:
    case ENTITY_CONTACT_LIST_FILTER:
    case ENTITY_CONTACT_VIEW:
    case ENTITY_KIND_COUNT: break;
    }
    return STATUS_OK;
}

/* A campaign's value is made of other documents too: when one changes, so does the campaign. */
static enum status users_push(struct pushing *p, enum entity_kind kind, int64_t id, int depth)
{
    struct entity_ref *users = NULL;
    size_t count = 0;
    bool is_part = kind == ENTITY_CONTACT_LIST || kind == ENTITY_ATTEMPT_LIMITS ||
                   kind == ENTITY_CALLABLE_TIME_SET || kind == ENTITY_CONTACT_LIST_FILTER;
    if (!is_part || depth > 2)
        return STATUS_OK;
    enum status status =
        STORE(p->api, entity_users, kind, id, p->arena, &users, &count, p->err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct pushing user = *p; /* the document only says that it is there */
        user.kind = users[i].kind;
        user.id = users[i].id;
        if (user.kind == ENTITY_CAMPAIGN)
            status = campaign_push(&user);
        else
            status = users_push(p, user.kind, user.id, depth + 1);
    }
    return status;
}

enum status configuration_push(struct api *api, enum entity_kind kind, int64_t id,
                               struct error *err)
{
    struct entity entity;
    struct arena arena;
    arena_init(&arena);
    lane_enter(api->config_lane, 0);
    enum status status = STORE(api, entity_get, kind, id, &arena, &entity, err);
    json_t *document = status == STATUS_OK ? resource_document(entity.document) : NULL;
    struct pushing p = {api,      kind,   id, status == STATUS_OK ? entity.version : 0,
                        document, &arena, err};
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        status = one_push(&p);
    if (status == STATUS_OK && document)
        status = users_push(&p, kind, id, 0);
    if (kind == ENTITY_CAMPAIGN)
        pushes_campaign_changed(api, id);
    lane_leave(api->config_lane);
    json_decref(document);
    arena_fini(&arena);
    return status;
}

/* --- Everything, at start -------------------------------------------------------------------
 */

static enum status kind_configure(struct api *api, enum entity_kind kind, struct error *err)
{
    enum status status = STATUS_OK;
    struct entity_query query = {.kind = kind, .limit = 200};
    int32_t found = 1;
    while (status == STATUS_OK && found > 0) {
        struct arena arena;
        struct entity_page page;
        arena_init(&arena);
        status = STORE(api, entity_list, &query, &arena, &page, err);
        found = status == STATUS_OK ? page.count : 0;
        for (int32_t i = 0; status == STATUS_OK && i < found; i++) {
            struct error fault;
            enum status one = configuration_push(api, kind, page.entities[i].id, &fault);
            /* A campaign whose list has changed under it is not worth a start that fails. */
            if (one == STATUS_INVALID)
                log_error("api.configure", "kind=%d id=%lld error=%s", (int)kind,
                          (long long)page.entities[i].id, fault.text);
            else if (one != STATUS_OK)
                status = error_set(err, one, fault.path, "%s", fault.text);
        }
        query.offset += found;
        arena_fini(&arena);
    }
    return status;
}

/* Sets of zones that the engine has not heard of. */
static enum status zone_sets_configure(struct api *api, struct error *err)
{
    struct arena arena;
    struct zone_set *sets = NULL;
    size_t count = 0;
    arena_init(&arena);
    lane_enter(api->config_lane, 0);
    enum status status =
        STORE(api, zone_sets_list, api->options.zones, &arena, &sets, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct event event = {.kind = EVENT_CONFIG_ZONE_SET, .zone_set = sets[i]};
        if (sets[i].id.value <= api->zone_sets_told)
            continue;
        status = runtime_ask(api->runtime, &event, err);
        if (status == STATUS_OK)
            api->zone_sets_told = sets[i].id.value;
    }
    lane_leave(api->config_lane);
    arena_fini(&arena);
    return status;
}

enum status zone_set_tell(struct api *api, struct zone_set_id id, struct error *err)
{
    lane_enter(api->config_lane, 0);
    bool is_told = id.value <= api->zone_sets_told;
    lane_leave(api->config_lane);
    return is_told || !api->runtime ? STATUS_OK : zone_sets_configure(api, err);
}

void api_contacts_changed(struct api *api, struct list_id list)
{
    struct error err = {0};
    enum status status = api->runtime ? zone_sets_configure(api, &err) : STATUS_OK;
    if (status != STATUS_OK)
        log_warn("api.engine_not_told", "list=%lld text=%s", (long long)list.value, err.text);
    else if (api->runtime)
        campaigns_extend(api, list.value);
}

static enum status run_configure(struct api *api, int64_t id, struct error *err)
{
    struct campaign_run run;
    struct run_counts counts;
    enum status status = STORE(api, run_get, (struct campaign_id){id}, &run, err);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && run.pass == 0))
        return STATUS_OK;
    if (status == STATUS_OK)
        status = STORE(api, run_counts, (struct campaign_id){id}, run.pass, &counts, err);
    if (status != STATUS_OK)
        return status;
    struct event event = {.kind = EVENT_CONFIG_RUN};
    event.run.campaign.value = id;
    event.run.status = run.status;
    event.run.pass = run.pass;
    event.run.attempts = counts.attempts;
    memcpy(event.run.outcomes, counts.outcomes, sizeof(event.run.outcomes));
    event.run.contacts_called = counts.contacts_called;
    event.run.skipped = counts.skipped;
    return runtime_ask(api->runtime, &event, err);
}

static enum status runs_configure(struct api *api, struct error *err)
{
    enum status status = STATUS_OK;
    struct entity_query query = {.kind = ENTITY_CAMPAIGN, .limit = 200};
    int32_t found = 1;
    while (status == STATUS_OK && found > 0) {
        struct arena arena;
        struct entity_page page;
        arena_init(&arena);
        status = STORE(api, entity_list, &query, &arena, &page, err);
        found = status == STATUS_OK ? page.count : 0;
        for (int32_t i = 0; status == STATUS_OK && i < found; i++)
            status = run_configure(api, page.entities[i].id, err);
        query.offset += found;
        arena_fini(&arena);
    }
    return status;
}

enum status api_configure(struct api *api, struct error *err)
{
    static const enum entity_kind order[] = {ENTITY_TRUNK, ENTITY_PHONE, ENTITY_WRAPUP_CODE,
                                             ENTITY_USER,  ENTITY_QUEUE, ENTITY_CAMPAIGN};
    enum status status = api->runtime ? zone_sets_configure(api, err) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < ARRAY_LEN(order); i++)
        status = kind_configure(api, order[i], err);
    if (status == STATUS_OK && api->runtime)
        status = runs_configure(api, err);
    return status;
}
