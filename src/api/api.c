#include "api/internal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static const char home_document[] =
    "{\"name\":\"Home\",\"description\":\"The division of everything\"}";

/* The one division is there from the first start on. */
static enum status home_ensure(struct api *api, struct error *err)
{
    struct arena arena;
    struct entity home;
    arena_init(&arena);
    enum status status = STORE(api, entity_find, ENTITY_DIVISION, "Home", &arena, &home, err);
    if (status == STATUS_OK)
        api->home.id = home.id;
    else if (status == STATUS_NOT_FOUND)
        status = STORE(api, entity_create, ENTITY_DIVISION, "Home", home_document, NULL, 0,
                       api_now(api), &api->home.id, err);
    arena_fini(&arena);
    return status;
}

static enum status keys_get(struct api *api, struct error *err)
{
    uint8_t key[32];
    enum status status = STORE(api, key_get, "guid", key, err);
    if (status != STATUS_OK)
        return status;
    guid_key_init(&api->guid, key);
    references_init(api);
    sodium_memzero(key, sizeof(key));
    status = STORE(api, key_get, "upload", api->upload_key, err);
    char nothing[SECRET_TEXT_SIZE];
    secret_draw(nothing);
    if (status == STATUS_OK && crypto_pwhash_str(api->unknown_hash, nothing, strlen(nothing),
                                                 crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                 crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        status = error_set(err, STATUS_UNAVAILABLE, "", "No memory to check passwords.");
    return status;
}

enum status api_create(const struct api_options *options, struct api **result,
                       struct error *err)
{
    *result = NULL;
    if (sodium_init() < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "libsodium cannot start.");
    struct api *api = memory_new(1, sizeof(*api));
    api->options = *options;
    api->store = options->store;
    api->config_lane = lane_create();
    api->rate_lane = lane_create();
    api->world = (struct resource_world){&api->guid, options->zones, options->numbers.parse,
                                         options->numbers.context};
    enum status status = keys_get(api, err);
    if (status == STATUS_OK)
        status = home_ensure(api, err);
    if (status != STATUS_OK) {
        api_destroy(api);
        return status;
    }
    *result = api;
    return STATUS_OK;
}

void api_destroy(struct api *api)
{
    if (!api)
        return;
    pushes_destroy(api->pushes);
    lane_destroy(api->config_lane);
    lane_destroy(api->rate_lane);
    sodium_memzero(api, sizeof(*api));
    free(api);
}

void api_bind(struct api *api, struct http_server *server, struct runtime *runtime,
              struct telephony_port telephony, struct jobs *jobs)
{
    api->jobs = jobs;
    api->server = server;
    api->hub = server ? http_server_hub(server) : NULL;
    api->runtime = runtime;
    api->telephony = telephony;
    api->pushes = api->hub ? pushes_create(api, api->hub) : NULL;
}

void api_unbind(struct api *api)
{
    if (api)
        pushes_end(api->pushes);
}

/* --- First start ----------------------------------------------------------------------------
 */

static enum status kind_count(struct api *api, enum entity_kind kind, int64_t *count,
                              struct error *err)
{
    struct arena arena;
    struct entity_page page = {.total = 0};
    const struct entity_query query = {.kind = kind, .limit = 1};
    arena_init(&arena);
    enum status status = STORE(api, entity_list, &query, &arena, &page, err);
    *count += page.total;
    arena_fini(&arena);
    return status;
}

static enum status identity_make(struct api *api, enum entity_kind kind, const char *name,
                                 json_t *document, const char *secret, int64_t *id,
                                 struct error *err)
{
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    enum status status =
        STORE(api, entity_create, kind, name, text, NULL, 0, api_now(api), id, err);
    free(text);
    return status == STATUS_OK ? secret_store(api, kind, *id, secret, err) : status;
}

enum status api_bootstrap(struct api *api, struct api_secrets *secrets, bool *is_new,
                          struct error *err)
{
    int64_t count = 0;
    int64_t id = 0;
    *is_new = false;
    memset(secrets, 0, sizeof(*secrets));
    enum status status = kind_count(api, ENTITY_USER, &count, err);
    if (status == STATUS_OK)
        status = kind_count(api, ENTITY_CLIENT, &count, err);
    if (status != STATUS_OK || count > 0)
        return status;
    snprintf(secrets->email, sizeof(secrets->email), "admin@cadran.local");
    secret_draw(secrets->password);
    secret_draw(secrets->client_secret);
    status = identity_make(api, ENTITY_USER, secrets->email,
                           json_pack("{s:s,s:s,s:s,s:{s:[s],s:s}}", "name", "Administrator",
                                     "email", secrets->email, "state", "active", "cadran",
                                     "roles", "administrator", "language", "fr"),
                           secrets->password, &id, err);
    if (status == STATUS_OK)
        status = identity_make(
            api, ENTITY_CLIENT, "Administration",
            json_pack("{s:s,s:[s]}", "name", "Administration", "roles", "administrator"),
            secrets->client_secret, &id, err);
    guid_format(&api->guid, ENTITY_CLIENT, id, secrets->client_id);
    *is_new = status == STATUS_OK;
    return status;
}
