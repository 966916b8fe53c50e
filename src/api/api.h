/* api.h -- the resources over HTTP: the only place where HTTP meets the domain.
 *
 * `/api/v2/...` is wire-compatible with Genesys Cloud; what that API lacks is
 * under `/api/cadran/v1/...`. docs/openapi.yaml describes every route, and a test compares the
 * two. Handlers are plain synchronous functions on a worker of src/http: they read or write the
 * store, then tell the engine what has changed, and answer when it has taken it.
 *
 * Life: api_create -> runtime_create (with api_watcher) -> http_server_start (with api_routes,
 * api_authorise and the api as context) -> api_bind -> api_configure. At the end: api_unbind ->
 * http_server_stop -> runtime_destroy -> api_destroy. */
#ifndef CADRAN_API_API_H
#define CADRAN_API_API_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "http/http.h"
#include "job/jobs.h"
#include "model/zone.h"
#include "port/clock.h"
#include "port/store.h"
#include "port/telephony.h"
#include "runtime/runtime.h"

struct api;

/* Facts about numbers, from world/: both must be safe on any thread. */
struct api_numbers {
    void *context;
    /* A telephone number as a person writes it -> E.164 digits; 0: not valid. */
    int64_t (*parse)(void *context, const char *text);
    /* The zones in which a number may lie, as indices into api_options.zones; count 0: unknown.
     */
    void (*zones)(void *context, int64_t number, struct zone_set *zones);
};

struct api_options {
    struct store_port store;
    struct clock_port clock;
    const struct zone_table *zones;
    struct api_numbers numbers;
    const char *spool;           /* a folder of ours for parts of uploads; NULL: /tmp */
    int32_t requests_per_minute; /* of one token; 0 = 6,000 */
    int32_t token_life_s;        /* 0 = a day */
};

enum status api_create(const struct api_options *options, struct api **api,
                       struct error *err) MUST_USE;
void api_destroy(struct api *api);

const struct http_route *api_routes(size_t *count);
/* For http_options.authorise; the context is the api. */
bool api_authorise(void *api, struct http_request *request, struct http_response *response);

/* Publishes what changes to whoever subscribed: for runtime_options.watcher. Its `fenced` is
 * NULL: the caller's to set. */
struct runtime_watcher api_watcher(struct api *api);
/* Before the first request. The runtime may be NULL: then nothing runs and configuration alone
 * is served. telephony.post may be NULL; so may `jobs`: then long work is refused. */
void api_bind(struct api *api, struct http_server *server, struct runtime *runtime,
              struct telephony_port telephony, struct jobs *jobs);
/* Contacts of the list are new or other than they were, for jobs_options: the engine hears of
 * new zones, and campaigns that run over the list look for more. Any thread, after api_bind. */
void api_contacts_changed(struct api *api, struct list_id list);
/* Before the http server stops: nothing is published any more, though the runtime goes on. */
void api_unbind(struct api *api);
/* Tells the engine and telephony all that is stored: once, after api_bind. */
enum status api_configure(struct api *api, struct error *err) MUST_USE;

/* The first start: an administrator and an API client with random secrets, shown once.
 * *is_new is false, and nothing is made, when there is a user or client already. */
struct api_secrets {
    char email[64], password[48];
    char client_id[40], client_secret[48];
};
enum status api_bootstrap(struct api *api, struct api_secrets *secrets, bool *is_new,
                          struct error *err) MUST_USE;

#endif
