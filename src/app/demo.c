/* demo.c -- `cadran demo`: a server, a simulated carrier, simulated agents, a running campaign.
 * Everything between them is real: SIP, RTP, HTTP and the database. The agents are simulated as
 * people: they log in, speak through their phones, and choose a wrap-up code after a moment. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/demo_table.h"
#include "app/demo_world.h"
#include "app/server.h"
#include "app/temporary.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "carrier/carrier.h"
#include "cli/cli.h"

#define TICK_MS 100
#define LINE_EVERY_MS 5000
#define TABLE_EVERY_MS 500
#define LOG_IN_TRIES 150

struct demo_agent {
    struct agent_id id;
    bool has_joined;
    int tries;
    struct call_id wrapping;
    struct mono wraps_at;
};

struct demo {
    struct serve_options options;
    struct demo_world world;
    struct server *server;
    struct carrier *carrier;
    struct random random;
    struct demo_agent *agents;
    int64_t codes[4]; /* sale, not interested, wrong number, machine */
    struct campaign_id campaign;
    bool is_terminal;
};

static enum status find_entity(struct demo *demo, enum entity_kind kind, const char *name,
                               int64_t *id, struct error *err)
{
    struct store_port store = server_store(demo->server);
    struct arena arena;
    struct entity entity = {0};
    arena_init(&arena);
    enum status status = store.ops->entity_find(store.self, kind, name, &arena, &entity, err);
    *id = entity.id;
    arena_fini(&arena);
    return status;
}

static enum status find_all(struct demo *demo, struct error *err)
{
    static const char *const codes[] = {"Vente", "Pas intéressé", "Mauvais numéro",
                                        "Répondeur"};
    enum status status =
        find_entity(demo, ENTITY_CAMPAIGN, DEMO_CAMPAIGN, &demo->campaign.value, err);
    for (size_t i = 0; status == STATUS_OK && i < ARRAY_LEN(codes); i++)
        status = find_entity(demo, ENTITY_WRAPUP_CODE, codes[i], &demo->codes[i], err);
    for (int32_t n = 0; status == STATUS_OK && n < demo->world.agents; n++) {
        char email[64];
        snprintf(email, sizeof(email), DEMO_AGENT_EMAIL, (int)n + 1);
        status = find_entity(demo, ENTITY_USER, email, &demo->agents[n].id.value, err);
    }
    return status;
}

/* --- Agents as people
 * -------------------------------------------------------------------------- */

static enum status ask(struct demo *demo, enum event_kind kind, const struct demo_agent *agent,
                       struct error *err)
{
    struct event event = {.kind = kind};
    event.ask.agent = agent->id;
    return runtime_ask(server_runtime(demo->server), &event, err);
}

/* Logs in as soon as the phone has registered. */
static void agent_begin(struct demo *demo, struct demo_agent *agent)
{
    struct error err = {0};
    agent->tries++;
    if (ask(demo, EVENT_ASK_LOG_IN, agent, &err) == STATUS_OK &&
        ask(demo, EVENT_ASK_JOIN, agent, &err) == STATUS_OK &&
        ask(demo, EVENT_ASK_READY, agent, &err) == STATUS_OK)
        agent->has_joined = true;
    else if (agent->tries == LOG_IN_TRIES)
        log_warn("demo.agent_cannot_log_in", "agent=%lld text=%s", (long long)agent->id.value,
                 err.text);
}

static int64_t choose_code(struct demo *demo)
{
    double u = random_unit(&demo->random);
    return demo->codes[u < 0.35 ? 0 : u < 0.75 ? 1 : u < 0.8 ? 2 : 3];
}

static void agent_live(struct demo *demo, struct demo_agent *agent,
                       const struct agent_view *view)
{
    struct mono now = instant_mono_now();
    if (view->state == AGENT_LOGGED_OUT || view->state == AGENT_NOT_READY ||
        view->state == AGENT_NOT_RESPONDING) {
        struct error err = {0};
        if (!agent->has_joined)
            agent_begin(demo, agent);
        else if (view->state != AGENT_LOGGED_OUT)
            (void)(ask(demo, EVENT_ASK_READY, agent, &err) == STATUS_OK);
        else
            agent->has_joined = false; /* their phone was gone: they log in again */
        return;
    }
    if (view->state != AGENT_WRAPUP)
        return;
    if (agent->wrapping.value != view->call.value) {
        agent->wrapping = view->call;
        agent->wraps_at.us = now.us + US_PER_S + (int64_t)random_below(&demo->random, 3000000);
    } else if (now.us >= agent->wraps_at.us) {
        struct event event = {.kind = EVENT_ASK_WRAPUP};
        struct error err = {0};
        event.ask.agent = agent->id;
        event.ask.call = view->call;
        event.ask.wrapup.value = choose_code(demo);
        if (runtime_ask(server_runtime(demo->server), &event, &err) != STATUS_OK)
            agent->wraps_at.us = INT64_MAX; /* its time ran out just now */
    }
}

struct look {
    struct demo *demo;
    struct demo_view *view;
};

static void read_engine(const struct engine *engine, void *arg)
{
    struct look *look = arg;
    look->view->has_campaign =
        engine_campaign_view(engine, look->demo->campaign, &look->view->campaign);
    for (int32_t n = 0; n < look->demo->world.agents; n++)
        if (!engine_agent_view(engine, look->demo->agents[n].id, &look->view->agents[n]))
            memset(&look->view->agents[n], 0, sizeof(look->view->agents[n]));
}

/* --- The run
 * ------------------------------------------------------------------------------------ */

static void name_phone(void *context, int32_t n, char user[64], char password[64])
{
    const struct demo *demo = context;
    snprintf(user, 64, DEMO_PHONE_USER, (int)n + 1);
    snprintf(password, 64, "%s", demo->world.phone_password);
}

static enum status begin(struct demo *demo, struct error *err)
{
    struct carrier_options carrier = {
        .address = "127.0.0.1",
        .seed = (uint64_t)demo->options.seed,
        .registrar = server_sip(demo->server),
        .phone_count = demo->world.agents,
        .phone = name_phone,
        .context = demo,
    };
    profile_default(&carrier.profile);
    enum status status = carrier_start(&carrier, &demo->carrier, err);
    if (status != STATUS_OK)
        return status;
    demo->world.carrier_port = carrier_port(demo->carrier);
    status = demo_world_make(&demo->world, err);
    if (status == STATUS_OK)
        status = find_all(demo, err);
    if (status == STATUS_OK)
        status = demo_world_start(&demo->world, err);
    return status;
}

static bool is_asked_to_stop(const sigset_t *signals, int wait_ms)
{
    struct timespec wait = {.tv_nsec = wait_ms * 1000000L};
    return sigtimedwait(signals, NULL, &wait) > 0;
}

static void live(struct demo *demo, const sigset_t *signals)
{
    struct demo_view view = {.agent_count = demo->world.agents};
    view.agents = memory_new((size_t)demo->world.agents, sizeof(*view.agents));
    struct look look = {demo, &view};
    struct mono started = instant_mono_now(), shown = {0};
    int64_t every_ms = demo->is_terminal ? TABLE_EVERY_MS : LINE_EVERY_MS;
    while (!is_asked_to_stop(signals, TICK_MS)) {
        if (runtime_read(server_runtime(demo->server), read_engine, &look) != STATUS_OK)
            break;
        for (int32_t n = 0; n < demo->world.agents; n++)
            agent_live(demo, &demo->agents[n], &view.agents[n]);
        struct mono now = instant_mono_now();
        view.elapsed_s = (now.us - started.us) / US_PER_S;
        if (now.us - shown.us >= every_ms * US_PER_MS) {
            shown = now;
            carrier_figures(demo->carrier, &view.carrier);
            demo_table_print(&view, demo->is_terminal);
        }
        bool is_over = demo->options.run_s && view.elapsed_s >= demo->options.run_s;
        if (is_over || (view.has_campaign && view.campaign.status == CAMPAIGN_COMPLETE))
            break;
    }
    carrier_figures(demo->carrier, &view.carrier);
    demo_table_print(&view, demo->is_terminal);
    if (demo->options.is_json)
        demo_table_json(&view);
    free(view.agents);
}

static void welcome(const struct demo *demo)
{
    const struct api_secrets *secrets = server_secrets(demo->server);
    printf("cadran ready http=%s sip=%s\n", server_http(demo->server),
           server_sip(demo->server));
    printf("\n  page           http://%s/\n", server_http(demo->server));
    if (secrets)
        printf("  administrator  %s   password %s\n  API client     %s   secret %s\n",
               secrets->email, secrets->password, secrets->client_id, secrets->client_secret);
    printf("  agents         " DEMO_AGENT_EMAIL " to " DEMO_AGENT_EMAIL "   password %s\n"
           "  contacts       %d, dialed through the simulated carrier on port %d\n\n",
           1, (int)demo->world.agents, demo->world.agent_password, (int)demo->world.contacts,
           demo->world.carrier_port);
    fflush(stdout);
}

static int run(struct demo *demo, const sigset_t *signals)
{
    struct error err = {0};
    enum status status = server_start(&demo->options, &demo->server, &err);
    if (status == STATUS_OK)
        status = begin(demo, &err);
    if (status == STATUS_OK) {
        welcome(demo);
        live(demo, signals);
    }
    server_stop(demo->server);
    carrier_stop(demo->carrier);
    return status == STATUS_OK ? CLI_DONE : cli_fail("demo", &err);
}

static bool has_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, strlen(name)) == 0)
            return true;
    return false;
}

int app_demo(int argc, char **argv)
{
    struct demo demo = {0};
    struct error err = {0};
    bool wants_help, is_temporary = !has_option(argc, argv, "--data");
    if (options_read(argc, argv, true, &demo.options, &wants_help, &err) != STATUS_OK) {
        cli_fail("demo", &err);
        return CLI_WRONG_USAGE;
    }
    if (wants_help) {
        printf("usage: %s\n", options_usage(true));
        return CLI_DONE;
    }
    if (is_temporary &&
        temporary_make(demo.options.data, sizeof(demo.options.data), &err) != STATUS_OK)
        return cli_fail("demo", &err);
    log_set_level(demo.options.is_verbose ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR);
    demo_world_init(&demo.world);
    demo.world.data = demo.options.data;
    demo.world.agents = (int32_t)demo.options.agents;
    demo.world.contacts = (int32_t)demo.options.contacts;
    demo.world.seed = (uint64_t)demo.options.seed;
    demo.is_terminal = isatty(STDOUT_FILENO);
    demo.agents = memory_new((size_t)demo.world.agents, sizeof(*demo.agents));
    random_init(&demo.random, demo.world.seed);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    int status = run(&demo, &signals);
    free(demo.agents);
    if (is_temporary)
        temporary_remove(demo.options.data);
    return status;
}
