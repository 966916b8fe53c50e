/* api_front -- the API behind nginx, on SQLite and the real runtime, over a telephone network
 * on which nobody answers. Usage: api_front DATA. Prints one JSON line with addresses and
 * secrets; `api_front --routes` prints the routing table. The end of standard input stops it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "http/nginx.h"
#include "runtime/system_clock.h"
#include "store/sqlite/sqlite.h"

/* --- The world: two zones, and numbers as they are written in France ------------------------
 */

static const struct zone zones[] = {
    {.name = "America/Cayenne", .offset_first_s = -10800},
    {.name = "Europe/Paris", .offset_first_s = 3600},
};
static const struct zone_table zone_table = {zones, 2};

static int64_t number_parse(void *context, const char *text)
{
    (void)context;
    bool is_national = *text == '0';
    const char *digits = text + (*text == '+' || is_national);
    size_t len = strspn(digits, "0123456789");
    if ((*text != '+' && !is_national) || digits[len] || len < 9 || len > 14)
        return 0;
    int64_t number = strtoll(digits, NULL, 10);
    return is_national ? INT64_C(33000000000) + number : number;
}

static void number_zones(void *context, int64_t number, struct zone_set *set)
{
    (void)context;
    set->zones[set->count++] = number / 1000000000 == 594 ? 0 : 1;
}

/* --- Telephony: every call rings out --------------------------------------------------------
 */

static struct runtime *runtime;

static enum status telephony_post(void *self, const struct telephony_command *command)
{
    (void)self;
    if (command->kind == TELEPHONY_PHONE_SET) {
        /* It registers at once. */
        struct telephony_event event = {.kind = TELEPHONY_PHONE_STATE,
                                        .at = instant_mono_now()};
        event.phone.phone = command->phone.id;
        event.phone.is_registered = true;
        struct telephony_sink sink = runtime_sink(runtime);
        return sink.deliver(sink.context, &event) ? STATUS_OK : STATUS_FULL;
    }
    if (command->kind == TELEPHONY_RING_PHONE || command->kind == TELEPHONY_DIAL) {
        struct telephony_event event = {
            .kind = command->kind == TELEPHONY_DIAL ? TELEPHONY_ENDED : TELEPHONY_ANSWERED,
            .leg = command->leg,
            .at = instant_mono_now()};
        if (event.kind == TELEPHONY_ENDED)
            event.ended.outcome = OUTCOME_NO_ANSWER;
        struct telephony_sink sink = runtime_sink(runtime);
        return sink.deliver(sink.context, &event) ? STATUS_OK : STATUS_FULL;
    }
    return STATUS_OK;
}

static struct api *api;

static void contacts_changed(void *context, struct list_id list)
{
    (void)context;
    api_contacts_changed(api, list);
}

static int fail(const struct error *err)
{
    fprintf(stderr, "api_front: %s: %s\n", err->path, err->text);
    return 1;
}

static int routes_print(void)
{
    size_t count = 0;
    const struct http_route *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++)
        printf("%s %s\n", routes[i].method, routes[i].path);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    if (strcmp(argv[1], "--routes") == 0)
        return routes_print();
    signal(SIGPIPE, SIG_IGN);
    char path[512];
    struct error err;
    struct store_port store;
    struct jobs *jobs = NULL;
    struct nginx *nginx = NULL;
    struct http_server *server = NULL;
    struct api_secrets secrets;
    bool is_new = false;
    const struct clock_port clock = system_clock();
    snprintf(path, sizeof(path), "%s/cadran.db", argv[1]);
    if (store_sqlite_open(path, &store, &err) != STATUS_OK)
        return fail(&err);
    const struct api_options options = {
        .store = store,
        .clock = clock,
        .zones = &zone_table,
        .numbers = {NULL, number_parse, number_zones},
        .requests_per_minute = 100000,
    };
    if (api_create(&options, &api, &err) != STATUS_OK)
        return fail(&err);
    const struct runtime_options running = {
        .store = store,
        .telephony = {NULL, telephony_post},
        .clock = clock,
        .zones = &zone_table,
        .cell = 1,
        .watcher = api_watcher(api),
    };
    const struct jobs_options long_work = {.store = store,
                                           .zones = &zone_table,
                                           .data = argv[1],
                                           .region = "FR",
                                           .contacts_changed = contacts_changed};
    const struct nginx_options front = {.data = argv[1], .http = "127.0.0.1:0"};
    if (runtime_create(&running, &runtime, &err) != STATUS_OK ||
        jobs_create(&long_work, &jobs, &err) != STATUS_OK ||
        nginx_prepare(&front, &nginx, &err) != STATUS_OK)
        return fail(&err);
    struct http_options http = {
        .api_socket = nginx_api_socket(nginx),
        .push_socket = nginx_push_socket(nginx),
        .socket_group = nginx_gid(nginx),
        .peer = nginx_uid(nginx),
        .spool = nginx_spool(nginx),
        .files = nginx_files(nginx),
        .context = api,
        .authorise = api_authorise,
    };
    http.routes = api_routes(&http.route_count);
    if (http_server_start(&http, &server, &err) != STATUS_OK)
        return fail(&err);
    api_bind(api, server, runtime, (struct telephony_port){NULL, telephony_post}, jobs);
    runtime_start(runtime);
    if (api_configure(api, &err) != STATUS_OK ||
        api_bootstrap(api, &secrets, &is_new, &err) != STATUS_OK ||
        jobs_start(jobs, &err) != STATUS_OK || nginx_start(nginx, &err) != STATUS_OK)
        return fail(&err);
    json_t *line =
        json_pack("{s:s,s:b,s:s,s:s,s:s,s:s}", "http", nginx_http_address(nginx), "new",
                  (int)is_new, "email", secrets.email, "password", secrets.password, "client",
                  secrets.client_id, "secret", secrets.client_secret);
    json_dumpf(line, stdout, JSON_COMPACT);
    json_decref(line);
    printf("\n");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    nginx_stop(nginx);
    api_unbind(api);
    http_server_stop(server);
    jobs_destroy(jobs);
    runtime_stop(runtime);
    runtime_destroy(runtime);
    api_destroy(api);
    store.ops->destroy(store.self);
    return 0;
}
