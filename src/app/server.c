#include "app/server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/database.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/server_client.h"
#include "http/http.h"
#include "http/nginx.h"
#include "job/jobs.h"
#include "runtime/system_clock.h"
#include "telephony/telephony.h"
#include "world/number.h"
#include "world/number_zones.h"
#include "world/zone_load.h"

#define CELL 1
#define HOME_REGION "FR"
#define PATH_SIZE 1024

struct server {
    struct serve_options options;
    char data[PATH_MAX];
    int lock_fd;
    struct store_port store;
    struct zone_table zones;
    struct number_zone_map *number_zones;
    struct api *api;
    struct runtime *runtime;
    struct telephony *telephony;
    struct jobs *jobs;
    struct nginx *nginx;
    struct http_server *http, *control;
    struct api_secrets secrets;
    bool is_new;
    char sip[32], web[PATH_MAX + 64], spool[PATH_MAX + 16];
    atomic_bool is_fenced;
};

/* --- The world's facts, for the API
 * ----------------------------------------------------------- */

static int64_t parse_number(void *context, const char *text)
{
    (void)context;
    struct number number;
    /* A reader belongs to one thread, and a request has one number or a thousand: without memo.
     */
    return number_read_slow(HOME_REGION, text, strnlen(text, NUMBER_TEXT_MAX), &number) ==
                   NUMBER_VALID
               ? number.e164
               : 0;
}

static void zones_of_number(void *context, int64_t number, struct zone_set *zones)
{
    const struct server *server = context;
    memset(zones, 0, sizeof(*zones));
    int index = number_zones_find(server->number_zones, number);
    if (index >= 0)
        *zones = *number_zone_map_set(server->number_zones, index);
}

static void fenced(void *context)
{
    struct server *server = context;
    atomic_store(&server->is_fenced, true);
    kill(getpid(), SIGTERM);
}

/* --- Start, step by step
 * ---------------------------------------------------------------------- */

static enum status open_store(struct server *server, struct error *err)
{
    enum status status =
        database_open(server->options.database, server->data, &server->store, err);
    if (status == STATUS_OK)
        status = zone_load(NULL, &server->zones, err);
    if (status == STATUS_OK)
        server->number_zones = number_zone_map_create(&server->zones);
    return status;
}

static void contacts_changed(void *context, struct list_id list)
{
    struct server *server = context;
    api_contacts_changed(server->api, list);
}

static enum status open_engine(struct server *server, struct error *err)
{
    snprintf(server->spool, sizeof(server->spool), "%s/spool", server->data);
    if (mkdir(server->spool, 0700) != 0 && errno != EEXIST)
        return error_set(err, STATUS_UNAVAILABLE, server->spool,
                         "the folder cannot be made: %s", strerror(errno));
    struct clock_port clock = system_clock();
    struct api_options api = {
        .store = server->store,
        .clock = clock,
        .zones = &server->zones,
        .numbers = {server, parse_number, zones_of_number},
        .spool = server->spool,
    };
    enum status status = api_create(&api, &server->api, err);
    if (status != STATUS_OK)
        return status;
    struct runtime_options options = {
        .store = server->store,
        .clock = clock,
        .zones = &server->zones,
        .cell = CELL,
        .watcher = api_watcher(server->api),
    };
    options.watcher.fenced = fenced;
    options.watcher.fenced_context = server;
    status = runtime_create(&options, &server->runtime, err);
    if (status != STATUS_OK)
        return status;
    const struct jobs_options jobs = {
        .store = server->store,
        .zones = &server->zones,
        .data = server->data,
        .region = HOME_REGION,
        .contacts_changed = contacts_changed,
        .context = server,
    };
    return jobs_create(&jobs, &server->jobs, err);
}

static enum status open_telephony(struct server *server, struct error *err)
{
    const struct serve_options *serve = &server->options;
    struct telephony_options options = telephony_defaults();
    snprintf(options.address, sizeof(options.address), "%s", serve->sip_address);
    options.phone_port = (uint16_t)serve->sip_port;
    options.trunk_port = (uint16_t)serve->trunk_port;
    options.rtp_port_first = (uint16_t)serve->rtp_first;
    options.rtp_port_last = (uint16_t)serve->rtp_last;
    enum status status =
        telephony_create(&options, runtime_sink(server->runtime), &server->telephony, err);
    if (status == STATUS_OK)
        status = telephony_start(server->telephony, err);
    if (status != STATUS_OK) {
        /* As the command line calls them. */
        if (strcmp(err->path, "phone_port") == 0)
            snprintf(err->path, sizeof(err->path), "--sip");
        else if (strcmp(err->path, "trunk_port") == 0)
            snprintf(err->path, sizeof(err->path), "--trunk-port");
        return status;
    }
    snprintf(server->sip, sizeof(server->sip), "%s:%d", serve->sip_address,
             (int)telephony_phone_port(server->telephony));
    runtime_set_telephony(server->runtime, telephony_port(server->telephony));
    runtime_start(server->runtime);
    return STATUS_OK;
}

/* The command line's own door: whoever may open the socket is the data's owner. */
static bool authorise_owner(void *context, struct http_request *request,
                            struct http_response *response)
{
    (void)context;
    (void)response;
    request->principal = (struct http_principal){.access = UINT32_MAX};
    return true;
}

static enum status open_control(struct server *server, const struct http_options *shared,
                                struct error *err)
{
    char api[PATH_MAX + 32], push[PATH_MAX + 32];
    snprintf(api, sizeof(api), "%s/" CONTROL_SOCKET, server->data);
    snprintf(push, sizeof(push), "%s/control-push.sock", server->data);
    struct http_options options = *shared;
    options.api_socket = api;
    options.push_socket = push;
    options.socket_group = (gid_t)-1;
    options.peer = geteuid();
    options.authorise = authorise_owner;
    options.spool = server->spool;
    options.worker_count = 1;
    options.long_worker_count = 1;
    return http_server_start(&options, &server->control, err);
}

/* The built web application: --web, or beside the program. "" = none was built. */
static void find_web(struct server *server)
{
    if (server->options.web[0]) {
        snprintf(server->web, sizeof(server->web), "%s", server->options.web);
        return;
    }
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (len <= 0)
        return;
    program[len] = '\0';
    char *slash = strrchr(program, '/');
    if (slash)
        *slash = '\0';
    const char *const places[] = {"web", "../web", "../share/cadran/web"};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        char index[PATH_MAX + 96];
        snprintf(server->web, sizeof(server->web), "%s/%s", program, places[i]);
        snprintf(index, sizeof(index), "%s/index.html", server->web);
        if (access(index, R_OK) == 0)
            return;
    }
    server->web[0] = '\0';
}

static enum status open_http(struct server *server, struct error *err)
{
    const struct serve_options *serve = &server->options;
    find_web(server);
    struct nginx_options nginx = {
        .data = server->data,
        .http = serve->http[0] ? serve->http : NULL,
        .https = serve->https[0] ? serve->https : NULL,
        .certificate = serve->https[0] ? serve->certificate : NULL,
        .key = serve->https[0] ? serve->key : NULL,
        .web_root = server->web[0] ? server->web : NULL,
    };
    enum status status = nginx_prepare(&nginx, &server->nginx, err);
    if (status != STATUS_OK)
        return status;
    struct http_options options = {
        .api_socket = nginx_api_socket(server->nginx),
        .push_socket = nginx_push_socket(server->nginx),
        .socket_group = nginx_gid(server->nginx),
        .peer = nginx_uid(server->nginx),
        .spool = nginx_spool(server->nginx),
        .files = nginx_files(server->nginx),
        .context = server->api,
        .authorise = api_authorise,
    };
    options.routes = api_routes(&options.route_count);
    status = http_server_start(&options, &server->http, err);
    if (status == STATUS_OK)
        api_bind(server->api, server->http, server->runtime, telephony_port(server->telephony),
                 server->jobs);
    if (status == STATUS_OK)
        status = api_configure(server->api, err);
    if (status == STATUS_OK)
        status = api_bootstrap(server->api, &server->secrets, &server->is_new, err);
    if (status == STATUS_OK)
        status = jobs_start(server->jobs, err);
    if (status == STATUS_OK)
        status = open_control(server, &options, err);
    if (status == STATUS_OK)
        status = nginx_start(server->nginx, err);
    return status;
}

/* A call takes two descriptors for media, and every client of the API one more. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

enum status server_start(const struct serve_options *options, struct server **out,
                         struct error *err)
{
    struct server *server = memory_new(1, sizeof(*server));
    server->options = *options;
    server->lock_fd = -1;
    raise_descriptors();
    enum status status =
        database_directory(server->options.data, server->data, &server->lock_fd, err);
    if (status == STATUS_OK)
        status = open_store(server, err);
    if (status == STATUS_OK)
        status = open_engine(server, err);
    if (status == STATUS_OK)
        status = open_telephony(server, err);
    if (status == STATUS_OK)
        status = open_http(server, err);
    if (status != STATUS_OK) {
        server_stop(server);
        return status;
    }
    *out = server;
    return STATUS_OK;
}

void server_stop(struct server *server)
{
    if (!server)
        return;
    nginx_stop(server->nginx);
    api_unbind(server->api);
    http_server_stop(server->control);
    http_server_stop(server->http);
    jobs_destroy(server->jobs);
    if (server->runtime)
        runtime_pause(server->runtime);
    if (server->telephony)
        telephony_stop(server->telephony);
    if (server->runtime)
        runtime_stop(server->runtime);
    telephony_destroy(server->telephony);
    runtime_destroy(server->runtime);
    api_destroy(server->api);
    number_zone_map_destroy(server->number_zones);
    if (server->store.ops)
        server->store.ops->destroy(server->store.self);
    zone_unload(&server->zones);
    if (server->lock_fd >= 0)
        close(server->lock_fd);
    free(server);
}

const char *server_http(const struct server *server)
{
    const char *http = nginx_http_address(server->nginx);
    return http[0] ? http : nginx_https_address(server->nginx);
}

const char *server_sip(const struct server *server)
{
    return server->sip;
}

struct runtime *server_runtime(struct server *server)
{
    return server->runtime;
}

struct store_port server_store(struct server *server)
{
    return server->store;
}

const struct api_secrets *server_secrets(const struct server *server)
{
    return server->is_new ? &server->secrets : NULL;
}

bool server_is_fenced(const struct server *server)
{
    return atomic_load(&server->is_fenced);
}
