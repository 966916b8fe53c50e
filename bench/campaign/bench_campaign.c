/* bench_campaign.c -- an agentless campaign over real SIP with durable intents.
 *
 *   bench_campaign [CALLS_PER_SECOND [SECONDS]]      default 300 60
 *
 * The simulated carrier is another process on the same machine; every callee answers after a
 * short ring and is hung up on. Figures: the rate reached, calls that failed, the commit time
 * of a group of intents, and this process's CPU as a share of one core. Bounded: it ends when
 * all contacts are dialed, or after twice its time. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "carrier/carrier.h"
#include "runtime/runtime.h"
#include "runtime/system_clock.h"
#include "store/sqlite/sqlite.h"
#include "telephony/telephony.h"

#define CAMPAIGN 100
#define TRUNK 300

static void check(enum status status, const struct error *err, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "bench_campaign: %s: %s %s\n", what, err->path, err->text);
    exit(1);
}

/* The carrier in a child; its port comes through the pipe, and it ends with us. */
static int start_carrier(pid_t *child)
{
    int ends[2], port = 0;
    if (pipe(ends) != 0)
        exit(1);
    *child = fork();
    if (*child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        struct carrier_options options = {
            .address = "127.0.0.1", .seed = 1, .calls_max = 20000};
        options.profile =
            (struct carrier_profile){.person = 1, .ring_s = 0.3, .talk_s = 30, .machine_s = 30};
        struct carrier *carrier;
        struct error err = {0};
        check(carrier_start(&options, &carrier, &err), &err, "carrier");
        port = carrier_port(carrier);
        if (write(ends[1], &port, sizeof(port)) != (ssize_t)sizeof(port))
            exit(1);
        for (;;)
            pause();
    }
    if (read(ends[0], &port, sizeof(port)) != (ssize_t)sizeof(port))
        exit(1);
    return port;
}

static struct list_id make_list(struct store_port store, int contacts)
{
    struct error err = {0};
    struct list_id list;
    struct wall now = instant_wall_now();
    check(store.ops->entity_create(store.self, ENTITY_CONTACT_LIST, "people", "{}", NULL, 0,
                                   now, &list.value, &err),
          &err, "list");
    enum { CHUNK = 500 };
    struct contact_write *writes = calloc(CHUNK, sizeof(*writes));
    for (int i = 0; i < contacts; i += CHUNK) {
        int count = contacts - i < CHUNK ? contacts - i : CHUNK;
        for (int j = 0; j < count; j++) {
            writes[j] = (struct contact_write){
                .data = "[\"x\"]", .is_callable = true, .address_count = 1};
            writes[j].addresses[0].number = INT64_C(33140000000) + i + j;
        }
        check(store.ops->contacts_write(store.self, STORE_API, list, CONTACT_INSERT, writes,
                                        (size_t)count, now, NULL, &err),
              &err, "contacts");
    }
    free(writes);
    return list;
}

static void ask(struct runtime *runtime, struct event event)
{
    struct error err = {0};
    check(runtime_ask(runtime, &event, &err), &err, "engine");
}

static void read_view(const struct engine *engine, void *arg)
{
    if (!engine_campaign_view(engine, (struct campaign_id){CAMPAIGN}, arg))
        abort();
}

static double cpu_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void figure(const char *name, double value, const char *unit, const char *goal)
{
    printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"goal\":\"%s\"}\n", name, value,
           unit, goal);
}

int main(int argc, char **argv)
{
    int rate = argc > 1 ? atoi(argv[1]) : 300, seconds = argc > 2 ? atoi(argv[2]) : 60;
    int contacts = rate * seconds;
    pid_t child;
    int port = start_carrier(&child);
    char folder[] = "/tmp/cadran-bench-XXXXXX", path[64];
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/cadran.db", folder);
    log_set_level(LOG_LEVEL_ERROR);
    struct error err = {0};
    struct store_port store;
    check(store_sqlite_open(path, &store, &err), &err, "store");
    struct list_id list = make_list(store, contacts);
    static struct zone_table zones;
    struct runtime_options options = {
        .store = store, .clock = system_clock(), .zones = &zones, .cell = 1};
    struct runtime *runtime;
    check(runtime_create(&options, &runtime, &err), &err, "runtime");
    struct telephony_options sip = telephony_defaults();
    sip.phone_port = 0;
    struct telephony *telephony;
    check(telephony_create(&sip, runtime_sink(runtime), &telephony, &err), &err, "telephony");
    check(telephony_start(telephony, &err), &err, "telephony");
    runtime_set_telephony(runtime, telephony_port(telephony));
    runtime_start(runtime);
    struct telephony_command trunk = {.kind = TELEPHONY_TRUNK_SET};
    trunk.trunk.id.value = TRUNK;
    snprintf(trunk.trunk.host, sizeof(trunk.trunk.host), "127.0.0.1");
    trunk.trunk.port = port;
    struct telephony_port out = telephony_port(telephony);
    check(out.post(out.self, &trunk), &err, "trunk");
    ask(runtime,
        (struct event){.kind = EVENT_CONFIG_TRUNK, .trunk = {{TRUNK}, 0, rate + rate / 20}});
    struct campaign campaign = {.id = {CAMPAIGN},
                                .name = "bench",
                                .mode = MODE_AGENTLESS,
                                .list = list,
                                .trunk = {TRUNK},
                                .address_column_count = 1,
                                .caller_number = 33123456789,
                                .priority = 3,
                                .line_count = 5000,
                                .ring_timeout_ms = 10000,
                                .error_recall_ms = 600000};
    ask(runtime, (struct event){.kind = EVENT_CONFIG_CAMPAIGN, .campaign = campaign});
    struct event start = {.kind = EVENT_ASK_CAMPAIGN_START};
    start.ask.campaign.value = CAMPAIGN;
    double cpu_before = cpu_s();
    int64_t before = instant_mono_now().us, dialed_at = 0;
    ask(runtime, start);
    struct campaign_view view = {0};
    int64_t limit = before + 2 * seconds * US_PER_S + 10 * US_PER_S;
    while (instant_mono_now().us < limit) {
        usleep(20000);
        check(runtime_read(runtime, read_view, &view), &err, "engine");
        if (!dialed_at && view.attempts >= contacts)
            dialed_at = instant_mono_now().us;
        if (dialed_at && view.calls_dialing + view.calls_ringing + view.calls_talking == 0)
            break;
    }
    double took = (double)((dialed_at ? dialed_at : instant_mono_now().us) - before) / US_PER_S;
    double cpu = cpu_s() - cpu_before;
    struct runtime_figures figures;
    runtime_figures(runtime, &figures);
    int64_t failed = view.attempts - view.outcomes[OUTCOME_PERSON];
    figure("agentless campaign, calls a second", (double)view.attempts / took, "calls/s",
           ">= 300");
    figure("agentless campaign, calls that failed", (double)failed, "calls", "0");
    figure("agentless campaign, mean group commit",
           (double)figures.commit_us_sum / (double)figures.commits / 1000, "ms", "-");
    figure("agentless campaign, longest group commit", (double)figures.commit_us_max / 1000,
           "ms", "-");
    figure("agentless campaign, CPU of the dialer", cpu / took, "cores", "-");
    runtime_stop(runtime);
    telephony_stop(telephony);
    runtime_destroy(runtime);
    telephony_destroy(telephony);
    store.ops->destroy(store.self);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char name[96];
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
    rmdir(folder);
    return failed == 0 && view.attempts >= contacts ? 0 : 1;
}
