/* Configuration resources: list, create, read, replace, remove, the same for all. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "api/internal.h"
#include "base/log.h"

#define USERS_NAMED_MAX 10

/* The resource that a route's template begins with, and whether it means the extension. */
static const struct resource *resource_asked(const struct call *call, bool is_extension)
{
    const char *path = call->request->match.route->path;
    for (int kind = 1; kind < ENTITY_KIND_COUNT; kind++) {
        const struct resource *resource = resource_of((enum entity_kind)kind);
        const char *prefix =
            resource ? (is_extension ? resource->extension_path : resource->path) : NULL;
        size_t len = prefix ? strlen(prefix) : 0;
        if (len && strncmp(path, prefix, len) == 0 && (path[len] == '/' || !path[len]))
            return resource;
    }
    return NULL;
}

/* --- Writing out ----------------------------------------------------------------------------
 */

static bool has_division(enum entity_kind kind)
{
    return kind == ENTITY_CAMPAIGN || kind == ENTITY_CONTACT_LIST || kind == ENTITY_DNC_LIST ||
           kind == ENTITY_QUEUE || kind == ENTITY_USER || kind == ENTITY_WRAPUP_CODE;
}

/* When its contacts go. */
static void list_expiry_add(struct api *api, const struct entity *entity, json_t *out)
{
    json_t *document = resource_document(entity->document);
    date_add(out, "dateExpiration",
             value_list_expiry(document, entity->created_at, api->options.zones));
    json_decref(document);
}

static void add_of_kind(struct call *call, const struct entity *entity, json_t *out)
{
    struct api *api = call->api;
    int64_t count = 0;
    switch (entity->kind) {
    case ENTITY_CAMPAIGN:
        json_object_set_new(out, "campaignStatus",
                            json_string(campaign_status_word(api, entity->id)));
        break;
    case ENTITY_CONTACT_LIST:
        if (STORE(api, contacts_count, (struct list_id){entity->id}, &count, NULL) == STATUS_OK)
            json_object_set_new(out, "size", json_integer(count));
        list_expiry_add(api, entity, out);
        json_object_set_new(
            out, "importStatus",
            import_status_write(api, JOB_CONTACTS_IMPORT, entity->kind, entity->id));
        break;
    case ENTITY_DNC_LIST:
        if (STORE(api, dnc_count, (struct dnc_list_id){entity->id}, &count, NULL) == STATUS_OK)
            json_object_set_new(out, "size", json_integer(count));
        json_object_set_new(out, "importStatus",
                            import_status_write(api, JOB_DNC_IMPORT, entity->kind, entity->id));
        break;
    case ENTITY_USER: json_object_set_new(out, "username", json_string(entity->name)); break;
    case ENTITY_QUEUE: {
        json_t *document = resource_document(entity->document);
        count = (int64_t)json_array_size(json_object_get(document, "_members"));
        json_object_set_new(out, "memberCount", json_integer(count));
        json_object_set_new(out, "userMemberCount", json_integer(count));
        json_decref(document);
        break;
    }
    case ENTITY_DIVISION:
        json_object_set_new(out, "homeDivision", json_boolean(entity->id == api->home.id));
        break;
    case ENTITY_NONE:
    case ENTITY_ATTEMPT_LIMITS:
    case ENTITY_CALLABLE_TIME_SET:
    case ENTITY_WRAPUP_CODE:
    case ENTITY_TRUNK:
    case ENTITY_PHONE:
    case ENTITY_CLIENT:
    case ENTITY_SCRIPT:
    case ENTITY_CONTACT_LIST_TEMPLATE:
    case ENTITY_FILE_SPECIFICATION:
    case ENTITY_CONTACT_LIST_FILTER:
    case ENTITY_CONTACT_VIEW:
    case ENTITY_WRAPUP_MAPPING:
    case ENTITY_KIND_COUNT: break;
    case ENTITY_IMPORT_TEMPLATE:
        json_object_set_new(
            out, "importStatus",
            import_status_write(api, JOB_TEMPLATE_IMPORT, entity->kind, entity->id));
        break;
    }
}

json_t *entity_write(struct call *call, const struct entity *entity)
{
    struct resource_writer writer = call_writer(call);
    json_t *out = resource_write(resource_of(entity->kind), &writer, entity);
    if (!out) {
        log_error("api.document", "kind=%d id=%lld damaged=1", (int)entity->kind,
                  (long long)entity->id);
        return NULL;
    }
    if (has_division(entity->kind))
        json_object_set_new(out, "division",
                            resource_ref_write(&writer, ENTITY_DIVISION, call->api->home.id));
    add_of_kind(call, entity, out);
    return out;
}

/* --- Storing --------------------------------------------------------------------------------
 */

/* Passwords of users are kept as argon2id, those that we must present ourselves as they are. */
static bool secret_take(struct call *call, enum entity_kind kind, int64_t id,
                        const json_t *body)
{
    const char *secret = json_string_value(json_object_get(body, "password"));
    if (!secret)
        return true;
    enum status status = kind == ENTITY_USER
                             ? secret_store(call->api, kind, id, secret, &call->err)
                             : STORE(call->api, secret_set, kind, id, secret, &call->err);
    return status == STATUS_OK || call_fail(call);
}

/* What only the whole can tell: a campaign's columns must be its list's. */
static bool whole_check(struct call *call, enum entity_kind kind, int64_t id, json_t *document)
{
    struct campaign campaign;
    if (kind == ENTITY_IMPORT_TEMPLATE)
        return import_template_whole_check(call, document);
    if (kind == ENTITY_CONTACT_LIST_TEMPLATE)
        return list_template_filters_check(call, id, document);
    if (kind == ENTITY_CONTACT_LIST_FILTER)
        return filter_whole_check(call, document);
    if (kind != ENTITY_CAMPAIGN)
        return true;
    return campaign_load(call->api, id, document, call->arena, &campaign, &call->err) ==
               STATUS_OK ||
           call_fail(call);
}

static bool push(struct call *call, enum entity_kind kind, int64_t id)
{
    return configuration_push(call->api, kind, id, &call->err) == STATUS_OK || call_fail(call);
}

static const char *key_of(const struct resource *resource, const json_t *document)
{
    return json_string_value(json_object_get(document, resource->key));
}

static bool stale_or_fail(struct call *call, const struct resource *resource)
{
    if (call->err.status == STATUS_STALE)
        snprintf(call->err.text, sizeof(call->err.text),
                 "The %s was changed by somebody else meanwhile: read it again.",
                 resource->word);
    else if (call->err.status == STATUS_CONFLICT)
        snprintf(call->err.text, sizeof(call->err.text), "There is already a %s of that %s.",
                 resource->word, resource->key);
    return call_fail(call);
}

bool entity_store(struct call *call, const struct entity *before, int32_t version,
                  const json_t *document)
{
    const struct resource *resource = resource_of(before->kind);
    struct entity_ref *refs = arena_new(call->arena, RESOURCE_REFS_MAX, sizeof(*refs));
    size_t count = resource_refs(resource, document, refs, RESOURCE_REFS_MAX);
    char *text = json_dumps(document, JSON_COMPACT);
    enum status status = STORE(call->api, entity_update, before->kind, before->id,
                               version ? version : before->version, key_of(resource, document),
                               text, refs, count, api_now(call->api), &call->err);
    free(text);
    return (status == STATUS_OK || stale_or_fail(call, resource)) &&
           push(call, before->kind, before->id);
}

bool entity_insert(struct call *call, const struct resource *resource, const json_t *document,
                   int64_t *id)
{
    struct entity_ref *refs = arena_new(call->arena, RESOURCE_REFS_MAX, sizeof(*refs));
    size_t count = resource_refs(resource, document, refs, RESOURCE_REFS_MAX);
    char *text = json_dumps(document, JSON_COMPACT);
    enum status status =
        STORE(call->api, entity_create, resource->kind, key_of(resource, document), text, refs,
              count, api_now(call->api), id, &call->err);
    free(text);
    return status == STATUS_OK || stale_or_fail(call, resource);
}

static bool respond_with(struct call *call, enum entity_kind kind, int64_t id)
{
    struct entity entity;
    if (STORE(call->api, entity_get, kind, id, call->arena, &entity, &call->err) != STATUS_OK)
        return call_fail(call);
    http_respond_json(call->response, 200, entity_write(call, &entity));
    return true;
}

/* --- Handlers -------------------------------------------------------------------------------
 */

static bool name_filter(struct call *call, struct entity_query *query)
{
    const char *type = http_query(call->request, "filterType");
    query->name = http_query(call->request, "name");
    query->match = NAME_PREFIX;
    if (!query->name)
        query->match = NAME_ANY;
    else if (!type || strcasecmp(type, "Prefix") == 0)
        query->match = NAME_PREFIX;
    else if (strcasecmp(type, "Equals") == 0)
        query->match = NAME_EQUALS;
    else if (strcasecmp(type, "Contains") == 0)
        query->match = NAME_CONTAINS;
    else {
        http_respond_error(call->response, 400, "invalid.value", "filterType",
                           "filterType: must be Prefix, Equals or Contains.");
        return false;
    }
    /* Queues are asked for as "sales*". */
    size_t len = query->name ? strlen(query->name) : 0;
    if (len > 1 && query->name[len - 1] == '*')
        query->name = arena_text(call->arena, query->name, len - 1);
    return true;
}

/* ?id=a,b and ?id=a&id=b: exactly those; unknown ones are left out. */
static json_t *entities_by_id(struct call *call, enum entity_kind kind, int64_t *total)
{
    json_t *entities = json_array();
    const struct uri *uri = &call->request->uri;
    for (size_t i = 0; i < uri->param_count; i++) {
        if (strcmp(uri->params[i].name, "id") != 0)
            continue;
        const char *at = uri->params[i].value;
        while (*at && json_array_size(entities) < 100) {
            size_t len = strcspn(at, ",");
            struct entity entity;
            int64_t id = 0;
            if (guid_parse(&call->api->guid, (int32_t)kind, arena_text(call->arena, at, len),
                           &id) &&
                STORE(call->api, entity_get, kind, id, call->arena, &entity, NULL) == STATUS_OK)
                json_array_append_new(entities, entity_write(call, &entity));
            at += len + (at[len] == ',');
        }
    }
    *total = (int64_t)json_array_size(entities);
    return entities;
}

void entities_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_asked(&call, false);
    struct page page = page_read(request);
    int64_t total = 0;
    if (http_query(request, "id")) {
        json_t *found = entities_by_id(&call, resource->kind, &total);
        http_respond_json(response, 200, page_write(&call, page, total, found));
        return;
    }
    const char *by = http_query(request, "sortBy");
    const char *order = http_query(request, "sortOrder");
    struct entity_query query = {
        .kind = resource->kind,
        .is_descending = order && (order[0] == 'd' || order[0] == 'D'),
        .is_by_date = by && strcasecmp(by, "dateCreated") == 0,
        .offset = page.offset > INT32_MAX ? INT32_MAX : (int32_t)page.offset,
        .limit = page.size,
    };
    struct entity_page found;
    if (!name_filter(&call, &query))
        return;
    if (STORE(call.api, entity_list, &query, call.arena, &found, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    json_t *entities = json_array();
    for (int32_t i = 0; i < found.count; i++)
        json_array_append_new(entities, entity_write(&call, &found.entities[i]));
    http_respond_json(response, 200, page_write(&call, page, found.total, entities));
}

/* A new client gets a secret, which is shown this once. */
static bool client_secret_draw(struct call *call, int64_t id)
{
    char secret[SECRET_TEXT_SIZE];
    struct entity entity;
    secret_draw(secret);
    if (secret_store(call->api, ENTITY_CLIENT, id, secret, &call->err) != STATUS_OK ||
        STORE(call->api, entity_get, ENTITY_CLIENT, id, call->arena, &entity, &call->err) !=
            STATUS_OK)
        return call_fail(call);
    json_t *out = entity_write(call, &entity);
    json_object_set_new(out, "secret", json_string(secret));
    sodium_memzero(secret, sizeof(secret));
    http_respond_json(call->response, 200, out);
    return true;
}

void entities_create(void *context, struct http_request *request,
                     struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_asked(&call, false);
    json_t *body = NULL;
    json_t *document = NULL;
    int64_t id = 0;
    if (!call_object(&call, &body))
        return;
    if (resource_read(resource, &call.api->world, body, NULL, &document, &call.err) !=
        STATUS_OK) {
        call_fail(&call);
        return;
    }
    bool has_room = resource->kind != ENTITY_CONTACT_LIST_FILTER || filters_have_room(&call);
    bool is_done = has_room && whole_check(&call, resource->kind, 0, document) &&
                   entity_insert(&call, resource, document, &id) &&
                   secret_take(&call, resource->kind, id, body) &&
                   push(&call, resource->kind, id);
    json_decref(document);
    if (is_done && resource->kind == ENTITY_CLIENT)
        client_secret_draw(&call, id);
    else if (is_done)
        respond_with(&call, resource->kind, id);
}

void entities_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    if (call_entity(&call, "id", resource_asked(&call, false)->kind, &entity))
        http_respond_json(response, 200, entity_write(&call, &entity));
}

/* {"version": n}, which a full replacement must carry. False: answered. */
static bool version_read(struct call *call, const json_t *body, int32_t *version)
{
    int64_t value = 0;
    call->err.status =
        json_member_integer(body, "version", true, 1, INT32_MAX, &value, &call->err);
    *version = (int32_t)value;
    return call->err.status == STATUS_OK || call_fail(call);
}

/* A campaign may be turned on and off by its campaignStatus. */
static bool status_follow(struct call *call, enum entity_kind kind, int64_t id,
                          const json_t *body)
{
    const char *wanted = json_string_value(json_object_get(body, "campaignStatus"));
    if (kind != ENTITY_CAMPAIGN || !wanted)
        return true;
    const char *now = campaign_status_word(call->api, id);
    bool is_on = strcmp(now, "on") == 0;
    if (strcmp(wanted, "on") == 0 && !is_on)
        return campaign_ask(call, id, EVENT_ASK_CAMPAIGN_START);
    if ((strcmp(wanted, "off") == 0 || strcmp(wanted, "stopping") == 0) && is_on)
        return campaign_ask(call, id, EVENT_ASK_CAMPAIGN_STOP);
    return true;
}

void entities_put(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_asked(&call, false);
    struct entity before;
    json_t *body = NULL;
    int32_t version = 0;
    if (!call_entity(&call, "id", resource->kind, &before) || !call_object(&call, &body))
        return;
    /* Wrap-up codes and queues have no version on Genesys Cloud's wire. */
    bool has_version = json_object_get(body, "version") ||
                       (resource->kind != ENTITY_WRAPUP_CODE && resource->kind != ENTITY_QUEUE);
    if (has_version && !version_read(&call, body, &version))
        return;
    json_t *stored = resource_document(before.document);
    json_t *document = NULL;
    enum status status =
        resource_read(resource, &call.api->world, body, stored, &document, &call.err);
    bool is_done = status == STATUS_OK
                       ? whole_check(&call, resource->kind, before.id, document) &&
                             entity_store(&call, &before, version, document) &&
                             secret_take(&call, resource->kind, before.id, body) &&
                             push(&call, resource->kind, before.id) &&
                             status_follow(&call, resource->kind, before.id, body)
                       : call_fail(&call);
    json_decref(stored);
    json_decref(document);
    if (is_done)
        respond_with(&call, resource->kind, before.id);
}

void respond_in_use(struct call *call, enum entity_kind kind, const struct entity_ref *users,
                    size_t count)
{
    struct resource_writer writer = call_writer(call);
    char message[ERROR_TEXT_MAX];
    snprintf(message, sizeof(message),
             "The %s is in use by %zu other thing%s and cannot be removed.",
             resource_of(kind)->word, count, count == 1 ? "" : "s");
    json_t *body = http_error_json(409, "entity.in.use", message);
    for (size_t i = 0; i < count; i++) {
        json_t *user = resource_ref_write(&writer, users[i].kind, users[i].id);
        json_object_set_new(user, "type", json_string(resource_of(users[i].kind)->word));
        json_array_append_new(json_object_get(body, "errors"), user);
    }
    if (count) {
        const char *name = writer.name(writer.context, users[0].kind, users[0].id);
        json_object_set_new(json_object_get(body, "messageParams"), "usedBy",
                            json_string(name ? name : ""));
    }
    http_respond_json(call->response, 409, body);
}

/* A list is not removed under a job: what it writes would belong to nothing. */
static bool has_no_job(struct call *call, const struct entity *entity)
{
    struct job_record *jobs = NULL;
    size_t count = 0;
    const struct job_query query = {
        .subject = {entity->kind, entity->id}, .is_open = true, .limit = 1};
    if (STORE(call->api, jobs_list, &query, call->arena, &jobs, &count, &call->err) !=
        STATUS_OK)
        return call_fail(call);
    if (count > 0)
        http_respond_error(
            call->response, 409, "entity.in.use", "",
            "A job of this %s is under way (%s): wait for it to end, or cancel it.",
            resource_of(entity->kind)->word, job_kind_name(jobs[0].kind));
    return count == 0;
}

static bool may_remove(struct call *call, const struct entity *entity)
{
    const char *status =
        entity->kind == ENTITY_CAMPAIGN ? campaign_status_word(call->api, entity->id) : "off";
    if (strcmp(status, "on") == 0 || strcmp(status, "stopping") == 0) {
        http_respond_error(call->response, 409, "campaign.in.use", "",
                           "The campaign is running: stop it before it is removed.");
        return false;
    }
    if (entity->kind == ENTITY_DIVISION && entity->id == call->api->home.id) {
        http_respond_error(call->response, 409, "entity.in.use", "",
                           "The division Home stays.");
        return false;
    }
    return has_no_job(call, entity);
}

void entities_delete(void *context, struct http_request *request,
                     struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_asked(&call, false);
    struct entity entity;
    struct entity_ref users[USERS_NAMED_MAX];
    size_t count = USERS_NAMED_MAX;
    if (!call_entity(&call, "id", resource->kind, &entity) || !may_remove(&call, &entity))
        return;
    json_t *removed = resource->kind == ENTITY_CAMPAIGN ? entity_write(&call, &entity) : NULL;
    enum status status =
        STORE(call.api, entity_remove, resource->kind, entity.id, users, &count, &call.err);
    if (status == STATUS_CONFLICT && count > 0)
        respond_in_use(&call, resource->kind, users, count);
    else if (status != STATUS_OK)
        call_fail(&call);
    else if (!push(&call, resource->kind, entity.id))
        ;
    else if (removed)
        http_respond_json(response, 200, json_incref(removed));
    else
        http_respond_empty(response, 204);
    json_decref(removed);
}

/* ?id=a,b: all of them or, where one is unknown or in use, none. */
void entities_delete_several(void *context, struct http_request *request,
                             struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_asked(&call, false);
    const char *at = http_query(request, "id");
    int64_t ids[100];
    size_t count = 0;
    while (at && *at && count < ARRAY_LEN(ids)) {
        size_t len = strcspn(at, ",");
        struct entity entity;
        struct entity_ref *users = NULL;
        size_t user_count = 0;
        enum status status = STATUS_NOT_FOUND;
        if (guid_parse(&call.api->guid, (int32_t)resource->kind,
                       arena_text(call.arena, at, len), &ids[count]))
            status = STORE(call.api, entity_get, resource->kind, ids[count], call.arena,
                           &entity, &call.err);
        if (status == STATUS_NOT_FOUND) {
            call_unknown(&call, resource->kind);
            return;
        }
        if (status == STATUS_OK)
            status = STORE(call.api, entity_users, resource->kind, ids[count], call.arena,
                           &users, &user_count, &call.err);
        if (status != STATUS_OK) {
            call_fail(&call);
            return;
        }
        if (user_count > 0) {
            respond_in_use(&call, resource->kind, users,
                           user_count < USERS_NAMED_MAX ? user_count : USERS_NAMED_MAX);
            return;
        }
        if (!may_remove(&call, &entity))
            return;
        count++;
        at += len + (at[len] == ',');
    }
    if (count == 0 || *at) {
        http_respond_error(response, 400, "invalid.value", "id",
                           "id: from 1 to %zu ids are taken at once", ARRAY_LEN(ids));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (STORE(call.api, entity_remove, resource->kind, ids[i], NULL, NULL, &call.err) !=
            STATUS_OK) {
            call_fail(&call);
            return;
        }
        if (!push(&call, resource->kind, ids[i]))
            return;
    }
    http_respond_empty(response, 204);
}

/* What people who may not read a thing's settings see of it. */
static json_t *division_view(json_t *whole)
{
    static const char *const shown[] = {
        "id",           "name",          "division",        "columnNames",
        "phoneColumns", "emailColumns",  "whatsAppColumns", "importStatus",
        "size",         "dncSourceType", "contactMethod",   "selfUri"};
    static const char *const of_campaigns[] = {"id", "name", "division", "selfUri"};
    bool is_campaign = json_object_get(whole, "dialingMode") != NULL;
    const char *const *names = is_campaign ? of_campaigns : shown;
    size_t count = is_campaign ? ARRAY_LEN(of_campaigns) : ARRAY_LEN(shown);
    json_t *out = json_object();
    for (size_t i = 0; i < count; i++)
        if (json_object_get(whole, names[i]))
            json_object_set(out, names[i], json_object_get(whole, names[i]));
    json_decref(whole);
    return out;
}

/* A campaign among those of every medium: calls are the only one. */
static json_t *common_campaign(json_t *whole)
{
    json_t *out = division_view(whole);
    json_object_set_new(out, "mediaType", json_string("voice"));
    return out;
}

/* The listing, with each entity made smaller. */
static void listing_narrow(void *context, struct http_request *request,
                           struct http_response *response, json_t *(*narrow)(json_t *whole))
{
    entities_list(context, request, response);
    json_t *page = response->status == 200
                       ? json_loadb(response->body.data, response->body.len, 0, NULL)
                       : NULL;
    json_t *entities = json_object_get(page, "entities");
    for (size_t i = 0; i < json_array_size(entities); i++)
        json_array_set_new(entities, i, narrow(json_incref(json_array_get(entities, i))));
    if (page)
        http_respond_json(response, 200, page);
}

void division_views_list(void *context, struct http_request *request,
                         struct http_response *response)
{
    listing_narrow(context, request, response, division_view);
}

void campaigns_all(void *context, struct http_request *request, struct http_response *response)
{
    listing_narrow(context, request, response, common_campaign);
}

void division_view_get(void *context, struct http_request *request,
                       struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    if (call_entity(&call, "id", resource_asked(&call, false)->kind, &entity))
        http_respond_json(response, 200, division_view(entity_write(&call, &entity)));
}

/* Its list is no part of the extension. */
static void filter_expression_show(struct call *call, const struct entity *entity, json_t *out)
{
    json_t *document = resource_document(entity->document);
    expression_show(call, value_ref(document, "contactList"), out);
    json_decref(document);
}

void extension_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_asked(&call, true);
    struct entity entity;
    struct resource_writer writer = call_writer(&call);
    if (call_entity(&call, "id", resource->kind, &entity)) {
        json_t *out = resource_extension_write(resource, &writer, &entity);
        if (out && resource->kind == ENTITY_CONTACT_LIST)
            list_figures_add(&call, entity.id, out);
        if (out && resource->kind == ENTITY_CONTACT_LIST_FILTER)
            filter_expression_show(&call, &entity, out);
        http_respond_json(response, 200, out);
    }
}

void extension_put(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct resource *resource = resource_asked(&call, true);
    struct entity before;
    json_t *body = NULL;
    int32_t version = 0;
    if (!call_entity(&call, "id", resource->kind, &before) || !call_object(&call, &body) ||
        !version_read(&call, body, &version))
        return;
    json_t *stored = resource_document(before.document);
    json_t *document = NULL;
    enum status status =
        resource_extension_read(resource, &call.api->world, body, stored, &document, &call.err);
    bool is_done = status == STATUS_OK
                       ? whole_check(&call, resource->kind, before.id, document) &&
                             entity_store(&call, &before, version, document)
                       : call_fail(&call);
    json_decref(stored);
    json_decref(document);
    if (is_done)
        extension_get(context, request, response);
}
