/* A whole campaign over real SIP and RTP on loopback: engine, runtime, SQLite, telephony, and
 * the simulated carrier with agents' phones. Nothing between them is mocked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "carrier/carrier.h"
#include "postgres_schema.h"
#include "runtime/runtime.h"
#include "runtime/system_clock.h"
#include "store/postgres/postgres.h"
#include "store/sqlite/sqlite.h"
#include "telephony/telephony.h"

#define AGENTS 5
#define CAMPAIGN 100
#define QUEUE 200
#define TRUNK 300
#define DEADLINE_S 90

struct stage {
    char folder[64], path[96];
    struct store_port store;
    struct telephony *telephony;
    struct carrier *carrier;
    struct runtime *runtime;
    struct list_id list;
    struct zone_table zones;
};

static void name_phone(void *context, int32_t n, char user[64], char password[64])
{
    (void)context;
    snprintf(user, 64, "agent%d", n + 1);
    snprintf(password, 64, "secret-%d", n + 1);
}

#define OK(call) assert_int_equal((call), STATUS_OK)

static void store_open(struct stage *stage, int contacts)
{
    struct error err;
    snprintf(stage->folder, sizeof(stage->folder), "/tmp/cadran-test-XXXXXX");
    assert_non_null(mkdtemp(stage->folder));
    snprintf(stage->path, sizeof(stage->path), "%s/cadran.db", stage->folder);
    OK(getenv("CADRAN_TEST_DATABASE") /* tests/with_postgres.py */
           ? store_postgres_open(postgres_schema_make(), &stage->store, &err)
           : store_sqlite_open(stage->path, &stage->store, &err));
    struct wall now = instant_wall_now();
    OK(stage->store.ops->entity_create(stage->store.self, ENTITY_CONTACT_LIST, "people", "{}",
                                       NULL, 0, now, &stage->list.value, &err));
    struct zone_set set = {.count = 0};
    (void)set;
    for (int i = 0; i < contacts; i++) {
        struct contact_write write = {
            .data = "[\"x\"]", .is_callable = true, .address_count = 1};
        write.addresses[0].number = INT64_C(33140000000) + i;
        OK(stage->store.ops->contacts_write(stage->store.self, STORE_API, stage->list,
                                            CONTACT_INSERT, &write, 1, now, NULL, &err));
    }
}

static void configure(struct stage *stage, struct event event)
{
    struct error err = {0};
    if (runtime_ask(stage->runtime, &event, &err) != STATUS_OK)
        fail_msg("refused: %s", err.text);
}

static void tell_telephony(struct stage *stage, const struct telephony_command *command)
{
    struct telephony_port port = telephony_port(stage->telephony);
    while (port.post(port.self, command) != STATUS_OK)
        usleep(1000);
}

static void open_stage(struct stage *stage, int contacts, struct carrier_profile profile)
{
    struct error err = {0};
    log_set_level(LOG_LEVEL_WARN);
    memset(stage, 0, sizeof(*stage));
    store_open(stage, contacts);
    struct runtime_options options = {
        .store = stage->store, .clock = system_clock(), .zones = &stage->zones, .cell = 1};
    OK(runtime_create(&options, &stage->runtime, &err));
    struct telephony_options telephony = telephony_defaults();
    telephony.phone_port = 0;
    OK(telephony_create(&telephony, runtime_sink(stage->runtime), &stage->telephony, &err));
    OK(telephony_start(stage->telephony, &err));
    runtime_set_telephony(stage->runtime, telephony_port(stage->telephony));
    runtime_start(stage->runtime);
    for (int i = 1; i <= AGENTS; i++) {
        struct telephony_command phone = {.kind = TELEPHONY_PHONE_SET};
        phone.phone.id.value = i;
        name_phone(NULL, i - 1, phone.phone.user, phone.phone.password);
        tell_telephony(stage, &phone);
        configure(stage, (struct event){.kind = EVENT_CONFIG_AGENT, .agent = {{i}, i}});
    }
    char registrar[32];
    snprintf(registrar, sizeof(registrar), "127.0.0.1:%d",
             telephony_phone_port(stage->telephony));
    struct carrier_options carrier = {.address = "127.0.0.1",
                                      .profile = profile,
                                      .seed = 42,
                                      .registrar = registrar,
                                      .phone_count = AGENTS,
                                      .phone = name_phone};
    OK(carrier_start(&carrier, &stage->carrier, &err));
    struct telephony_command trunk = {.kind = TELEPHONY_TRUNK_SET};
    trunk.trunk.id.value = TRUNK;
    snprintf(trunk.trunk.host, sizeof(trunk.trunk.host), "127.0.0.1");
    trunk.trunk.port = carrier_port(stage->carrier);
    tell_telephony(stage, &trunk);
    configure(stage, (struct event){.kind = EVENT_CONFIG_TRUNK, .trunk = {{TRUNK}, 0, 0}});
}

static void close_stage(struct stage *stage)
{
    char command_path[128];
    runtime_stop(stage->runtime);
    telephony_stop(stage->telephony);
    carrier_stop(stage->carrier);
    runtime_destroy(stage->runtime);
    telephony_destroy(stage->telephony);
    stage->store.ops->destroy(stage->store.self);
    const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        snprintf(command_path, sizeof(command_path), "%s%s", stage->path, ends[i]);
        unlink(command_path);
    }
    rmdir(stage->folder);
}

static void start_campaign(struct stage *stage, enum dialing_mode mode, int lines)
{
    static struct agent_id members[AGENTS];
    for (int i = 0; i < AGENTS; i++)
        members[i].value = i + 1;
    configure(stage, (struct event){.kind = EVENT_CONFIG_QUEUE,
                                    .queue = {.id = {QUEUE},
                                              .ring_timeout_ms = 10000,
                                              .wrapup_ms = 300,
                                              .member_count = AGENTS,
                                              .members = members}});
    struct campaign campaign = {.id = {CAMPAIGN},
                                .name = "test",
                                .mode = mode,
                                .list = stage->list,
                                .queue = {QUEUE},
                                .trunk = {TRUNK},
                                .address_column_count = 1,
                                .caller_number = 33123456789,
                                .priority = 3,
                                .line_count = lines,
                                .ring_timeout_ms = 4000,
                                .is_auto_answer = true,
                                .error_recall_ms = 500};
    configure(stage, (struct event){.kind = EVENT_CONFIG_CAMPAIGN, .campaign = campaign});
    struct event start = {.kind = EVENT_ASK_CAMPAIGN_START};
    start.ask.campaign.value = CAMPAIGN;
    configure(stage, start);
}

static void agents_log_in(struct stage *stage)
{
    for (int i = 1; i <= AGENTS; i++) {
        struct error err = {0};
        struct event event = {.kind = EVENT_ASK_LOG_IN};
        event.ask.agent.value = i;
        int tries = 0; /* the phone registers within the first second or two */
        while (runtime_ask(stage->runtime, &event, &err) != STATUS_OK) {
            if (++tries > 1000)
                fail_msg("agent %d cannot log in: %s", i, err.text);
            usleep(10000);
        }
        event.kind = EVENT_ASK_JOIN;
        configure(stage, event);
        event.kind = EVENT_ASK_READY;
        configure(stage, event);
    }
}

static void read_view(const struct engine *engine, void *arg)
{
    if (!engine_campaign_view(engine, (struct campaign_id){CAMPAIGN}, arg))
        abort();
}

static struct campaign_view run_until_complete(struct stage *stage)
{
    struct campaign_view view;
    struct mono until = {instant_mono_now().us + DEADLINE_S * US_PER_S};
    do {
        usleep(50000);
        OK(runtime_read(stage->runtime, read_view, &view));
        if (instant_mono_now().us > until.us)
            fail_msg("the campaign is %s (%s) after %d s, %lld attempts",
                     campaign_status_name(view.status), campaign_health_name(view.health),
                     DEADLINE_S, (long long)view.attempts);
    } while (view.status != CAMPAIGN_COMPLETE);
    return view;
}

static void progressive_campaign_bridges_answers_to_agents(void **state)
{
    (void)state;
    struct stage stage;
    struct carrier_profile profile = {.person = 0.5,
                                      .busy = 0.2,
                                      .unknown = 0.1,
                                      .rejected = 0.1,
                                      .ring_s = 0.3,
                                      .talk_s = 1.0,
                                      .machine_s = 1.0};
    open_stage(&stage, 40, profile);
    start_campaign(&stage, MODE_PROGRESSIVE, 0);
    agents_log_in(&stage);
    struct campaign_view view = run_until_complete(&stage);
    assert_true(view.contacts_called == 40);
    assert_true(view.outcomes[OUTCOME_PERSON] >= 8);
    assert_true(view.outcomes[OUTCOME_BUSY] >= 1);
    assert_true(view.outcomes[OUTCOME_SIT_UNCALLABLE] >= 1);
    assert_true(view.outcomes[OUTCOME_FAILED] == 0);
    struct carrier_figures figures;
    carrier_figures(stage.carrier, &figures);
    assert_true((int64_t)figures.calls == view.attempts);
    assert_true(figures.audio.heard > 100); /* agents and customers heard each other speak */
    assert_true(figures.audio.lost == 0);
    close_stage(&stage);
}

static void agentless_campaign_dials_all_lines(void **state)
{
    (void)state;
    struct stage stage;
    struct carrier_profile profile = {.person = 0.6,
                                      .busy = 0.2,
                                      .unknown = 0.1,
                                      .rejected = 0.1,
                                      .ring_s = 0.2,
                                      .talk_s = 1.0,
                                      .machine_s = 1.0};
    open_stage(&stage, 300, profile);
    start_campaign(&stage, MODE_AGENTLESS, 50);
    struct campaign_view view = run_until_complete(&stage);
    assert_true(view.contacts_called == 300);
    struct run_counts counts;
    struct error err;
    OK(stage.store.ops->run_counts(stage.store.self, (struct campaign_id){CAMPAIGN}, view.pass,
                                   &counts, &err));
    assert_true(counts.attempts == view.attempts);
    assert_true(counts.outcomes[OUTCOME_PERSON] == view.outcomes[OUTCOME_PERSON]);
    struct carrier_figures figures;
    carrier_figures(stage.carrier, &figures);
    assert_true((int64_t)figures.calls == view.attempts);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progressive_campaign_bridges_answers_to_agents),
        cmocka_unit_test(agentless_campaign_dials_all_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
