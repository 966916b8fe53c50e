/* play.c -- plays one scenario file and checks what it expects (tests/scenario/README.md). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/log.h"
#include "script.h"
#include "world.h"

static int failures;
static int passes = 1; /* runs through the list, for the redial invariant */

static bool is_word(const struct statement *s, int at, const char *word)
{
    return at < s->word_count && strcmp(s->words[at], word) == 0;
}

static int number_at(const struct statement *s, int at)
{
    char *end;
    long value = at < s->word_count ? strtol(s->words[at], &end, 10) : 0;
    if (at >= s->word_count || *end)
        script_fail(s, "a number is missing");
    return (int)value;
}

static struct wall wall_at(const struct statement *s, const char *text)
{
    struct wall wall;
    if (!wall_parse(text, &wall))
        script_fail(s, "an instant is 2026-11-23T09:00:00Z");
    return wall;
}

/* "18:00" of the start's day, "+2d" or "+90m" after the start. */
static struct wall moment(const struct statement *s, struct wall start, const char *text)
{
    if (text[0] == '+' && text[strlen(text) - 1] == 'd')
        return (struct wall){start.us + atoi(text + 1) * US_PER_DAY};
    if (text[0] == '+')
        return (struct wall){start.us + script_duration_ms(s, text + 1) * US_PER_MS};
    struct civil civil = civil_from_wall(start);
    if (sscanf(text, "%d:%d", &civil.hour, &civil.minute) != 2)
        script_fail(s, "a moment is 18:00, +2d or +90m");
    civil.second = civil.microsecond = 0;
    return wall_from_civil(&civil);
}

static bool is_yes(const char *text)
{
    return strcmp(text, "yes") == 0;
}

static const char *const day_names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static int day_of(const struct statement *s, const char *text)
{
    for (int i = 0; i < 7; i++)
        if (strncmp(text, day_names[i], 3) == 0)
            return i + 1;
    script_fail(s, "a day is Mon, Tue, ...");
}

static void read_hours(struct world *world, const struct statement *s)
{
    const char *days = s->words[1], *dash = strchr(days, '-');
    int first = day_of(s, days), last = dash ? day_of(s, dash + 1) : first;
    int h1, m1, h2, m2;
    if (s->word_count < 4 || sscanf(s->words[2], "%d:%d-%d:%d", &h1, &m1, &h2, &m2) != 4)
        script_fail(s, "hours are: hours Mon-Fri 10:00-13:00 Europe/Paris");
    int16_t zone = world_zone(s->words[3]);
    if (zone < 0)
        script_fail(s, "no such zone here");
    for (int day = first; day <= last; day++)
        world->slots[world->campaign.times.slot_count++] =
            (struct time_slot){zone, (int8_t)day, h1 * 3600 + m1 * 60, h2 * 3600 + m2 * 60};
    world->campaign.times.id = 1;
}

static void read_queue(struct world *world, const struct statement *s)
{
    const char *strategy = statement_value(s, "strategy", "longest_idle");
    world->queue.distribution = strcmp(strategy, "round_robin") == 0 ? DISTRIBUTION_ROUND_ROBIN
                                : strcmp(strategy, "ring_all") == 0  ? DISTRIBUTION_RING_ALL
                                                                    : DISTRIBUTION_LONGEST_IDLE;
    world->queue.ring_timeout_ms = script_duration_ms(s, statement_value(s, "ring", "20s"));
    world->queue.wrapup_ms = script_duration_ms(s, statement_value(s, "wrapup", "60s"));
    world->queue.is_per_call = is_yes(statement_value(s, "per_call", "no"));
    world->queue.logs_out_unregistered =
        is_yes(statement_value(s, "logout_unregistered", "yes"));
    world->queue.logs_out_on_miss = is_yes(statement_value(s, "logout_missed", "no"));
}

static int64_t code_id(const struct world *world, const struct statement *s, const char *name);
static char code_names[16][WORD_SIZE];

static void read_code(struct world *world, const struct statement *s)
{
    struct wrapup_code *code = &world->codes[world->code_count];
    snprintf(code_names[world->code_count], WORD_SIZE, "%s", s->words[1]);
    code->id.value = 100 + world->code_count++;
    for (int i = 2; i < s->word_count; i++) {
        code->is_right_party |= is_word(s, i, "right_party");
        code->is_number_uncallable |= is_word(s, i, "number_uncallable");
        code->is_contact_uncallable |= is_word(s, i, "contact_uncallable");
    }
    code->means = outcome_from_name(statement_value(s, "means", "none"));
}

static int64_t code_id(const struct world *world, const struct statement *s, const char *name)
{
    if (!*name)
        return 0;
    for (int i = 0; i < world->code_count; i++)
        if (strcmp(code_names[i], name) == 0)
            return world->codes[i].id.value;
    script_fail(s, "no such code above");
}

static void read_agents(struct world *world, const struct statement *s)
{
    int count = number_at(s, 1);
    for (int i = 0; i < count; i++) {
        struct actor *actor = &world->actors[++world->agent_count];
        actor->wrap_ms = script_duration_ms(s, statement_value(s, "wrap", "20s"));
        actor->code = code_id(world, s, statement_value(s, "code", ""));
        actor->wraps_at.us = INT64_MAX;
    }
}

static void read_recall(const struct statement *s, const char *key, struct recall *recall)
{
    const char *text = statement_value(s, key, "");
    const char *times = strchr(text, 'x');
    if (!*text)
        return;
    if (!times)
        script_fail(s, "a recall is 2x10m");
    recall->attempts = atoi(text);
    recall->interval_ms = script_duration_ms(s, times + 1);
}

static void read_limits(struct world *world, const struct statement *s)
{
    struct attempt_limits *limits = &world->campaign.limits;
    limits->id = 1;
    limits->per_contact = atoi(statement_value(s, "contact", "0"));
    limits->per_number = atoi(statement_value(s, "number", "0"));
    limits->zone = world_zone("Europe/Paris");
    const char *reset = statement_value(s, "reset", "never");
    limits->period = strcmp(reset, "today") == 0       ? RESET_TODAY
                     : strncmp(reset, "days:", 5) == 0 ? RESET_DAYS
                                                       : RESET_NEVER;
    if (limits->period == RESET_DAYS)
        limits->period_days = atoi(reset + 5);
    read_recall(s, "busy", &limits->recalls[RECALL_BUSY]);
    read_recall(s, "no_answer", &limits->recalls[RECALL_NO_ANSWER]);
    read_recall(s, "machine", &limits->recalls[RECALL_MACHINE]);
    read_recall(s, "fax", &limits->recalls[RECALL_FAX]);
}

static void read_campaign(struct world *world, const struct statement *s)
{
    struct campaign *campaign = &world->campaign;
    campaign->mode = is_word(s, 1, "agentless") ? MODE_AGENTLESS : MODE_PROGRESSIVE;
    campaign->line_count = atoi(statement_value(s, "lines", "0"));
    campaign->ring_timeout_ms = script_duration_ms(s, statement_value(s, "ring", "30s"));
    campaign->priority = atoi(statement_value(s, "priority", "3"));
    campaign->is_always_running = is_yes(statement_value(s, "always", "no"));
    world->channels = atoi(statement_value(s, "channels", "0"));
    world->calls_per_second = atoi(statement_value(s, "cps", "0"));
}

static void read_rival(struct world *world, const struct statement *s)
{
    world_add_rival(world, number_at(s, 1));
    world->rival.priority = atoi(statement_value(s, "priority", "3"));
    world->rival.list_priority = atoi(statement_value(s, "list_priority", "0"));
}

static void read_mix(struct world *world, const struct statement *s)
{
    struct sim_public *people = &world->network_options.people;
    people->person = atof(statement_value(s, "person", "0"));
    people->machine = atof(statement_value(s, "machine", "0"));
    people->busy = atof(statement_value(s, "busy", "0"));
    people->congestion = atof(statement_value(s, "congestion", "0"));
    people->unknown_number = atof(statement_value(s, "sit", "0"));
    people->rejected = atof(statement_value(s, "rejected", "0"));
    people->ring_ms = script_duration_ms(s, statement_value(s, "ring", "10s"));
    people->talk_ms = script_duration_ms(s, statement_value(s, "talk", "90s"));
}

static void read_contact(struct world *world, const struct statement *s)
{
    int at = world->scripted_count++;
    world->scripted_number[at] = world_number(number_at(s, 1), number_at(s, 2));
    char copy[WORD_SIZE], *rest = NULL;
    snprintf(copy, sizeof(copy), "%s", s->word_count > 3 ? s->words[3] : "");
    for (char *name = strtok_r(copy, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        enum outcome outcome = outcome_from_name(name);
        if (outcome == OUTCOME_NONE)
            script_fail(s, "no such outcome");
        world->scripted[at][world->scripted_len[at]++] = outcome;
    }
    if (!world->scripted_len[at])
        script_fail(s, "outcomes are missing");
}

/* "<=3": contacts 1 to 3; their number is their only column. Or a text that begins with a
 * field. */
static void set_filter(struct world *world, const struct statement *s, int at)
{
    char text[WORDS_MAX * WORD_SIZE] = "";
    bool has_changed, is_field = at < s->word_count && isalpha((unsigned char)s->words[at][0]);
    struct error err;
    size_t len = (size_t)snprintf(text, sizeof(text), is_field ? "" : "#0");
    for (; at < s->word_count && len < sizeof(text); at++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", s->words[at]);
    if (world->real_store.ops->campaign_filter_set(world->real_store.self, world->campaign.id,
                                                   text, &has_changed, &err) != STATUS_OK)
        script_fail(s, err.text);
}

static void add_dnc(struct world *world, int contact)
{
    for (int column = 0; column < world->column_count; column++) {
        int64_t number = world_number(contact, column);
        struct error err;
        if (world->real_store.ops->dnc_add(world->real_store.self, STORE_API, world->dnc,
                                           &number, 1, (struct wall){0}, &err) != STATUS_OK)
            abort();
    }
}

static void crash(struct world *world)
{
    world_close(world);
    world_open(world);
}

static void expect_ok(const struct statement *s, enum status status, const struct error *err)
{
    if (status != STATUS_OK && !is_word(s, s->word_count - 1, "refused"))
        script_fail(s, err->text);
    if (status == STATUS_OK && is_word(s, s->word_count - 1, "refused"))
        script_fail(s, "it was accepted, and should have been refused");
}

static void agent_act(struct world *world, const struct statement *s)
{
    int agent = number_at(s, 3);
    struct error err = {0};
    enum status status = STATUS_OK;
    if (is_word(s, 4, "ready"))
        status = world_ask(world, EVENT_ASK_READY, agent, "", &err);
    else if (is_word(s, 4, "not_ready"))
        status = world_ask(world, EVENT_ASK_NOT_READY, agent, s->words[5], &err);
    else if (is_word(s, 4, "login"))
        status = world_ask(world, EVENT_ASK_LOG_IN, agent, "", &err);
    else if (is_word(s, 4, "logout"))
        status = world_ask(world, EVENT_ASK_LOG_OUT, agent, "", &err);
    else if (is_word(s, 4, "join"))
        status = world_ask(world, EVENT_ASK_JOIN, agent, "", &err);
    else
        script_fail(s, "agents do ready, not_ready, login, logout, join");
    expect_ok(s, status, &err);
}

static enum status start_other(struct world *world, struct campaign_id campaign,
                               struct error *err)
{
    struct event start = {.kind = EVENT_ASK_CAMPAIGN_START};
    start.ask.campaign = campaign;
    return runtime_ask(world->runtime, &start, err);
}

/* Another campaign over the same list. */
static enum status start_second(struct world *world, struct error *err)
{
    struct event config = {.kind = EVENT_CONFIG_CAMPAIGN, .campaign = world->campaign};
    config.campaign.id.value = CAMPAIGN_ID + 50;
    enum status status = runtime_ask(world->runtime, &config, err);
    return status == STATUS_OK ? start_other(world, config.campaign.id, err) : status;
}

static enum status set_list(struct world *world, const struct statement *s, struct error *err)
{
    struct event config = {.kind = EVENT_CONFIG_CAMPAIGN};
    if (is_word(s, 3, "priority"))
        world->campaign.list_priority = number_at(s, 4);
    for (int state = 0; state < LIST_STATE_COUNT; state++)
        if (is_word(s, 3, list_state_name((enum list_state)state)))
            world->campaign.list_state = (enum list_state)state;
    config.campaign = world->campaign;
    return runtime_ask(world->runtime, &config, err);
}

/* contact N pause|resume|shelve|unshelve|reset|load */
static void contact_act(struct world *world, const struct statement *s)
{
    struct contact_action action = {.at = sim_clock_port(&world->clock).wall(&world->clock)};
    struct contact_id id = world->contacts[number_at(s, 3)];
    struct contact_action_result result;
    struct error err;
    if (!contact_act_from_name(s->words[4], &action.act))
        script_fail(s, "no such act");
    if (world->real_store.ops->contacts_act(world->real_store.self, STORE_API, &action, &id, 1,
                                            &result, &err) != STATUS_OK)
        abort();
    if (action.act == CONTACT_RESET)
        passes++; /* it may be dialed once more */
    bool is_refused = is_word(s, s->word_count - 1, "refused");
    if (is_refused != (result.changed == 0))
        script_fail(s, is_refused ? "it was done, and should have been refused"
                                  : "it was not done");
}

static void act(struct world *world, const struct statement *s)
{
    struct error err = {0};
    enum status status = STATUS_OK;
    if (is_word(s, 2, "start")) {
        status = world_ask(world, EVENT_ASK_CAMPAIGN_START, 0, "", &err);
    } else if (is_word(s, 2, "stop")) {
        status = world_ask(world, EVENT_ASK_CAMPAIGN_STOP, 0, "", &err);
    } else if (is_word(s, 2, "recycle")) {
        passes++;
        status = world_ask(world, EVENT_ASK_CAMPAIGN_RECYCLE, 0, "", &err);
    } else if (is_word(s, 2, "dnc")) {
        add_dnc(world, number_at(s, 3));
    } else if (is_word(s, 2, "phone")) {
        world_phone(world, number_at(s, 3), is_word(s, 4, "back"));
    } else if (is_word(s, 2, "drop")) {
        sim_network_drop_phone(world->network, (struct phone_id){PHONE_BASE + number_at(s, 3)});
    } else if (is_word(s, 2, "agent")) {
        agent_act(world, s);
    } else if (is_word(s, 2, "contacts")) {
        world_add_contacts(world, world->list, number_at(s, 3), world->column_count,
                           "Europe/Paris");
        status = world_ask(world, EVENT_ASK_CAMPAIGN_EXTEND, 0, "", &err);
    } else if (is_word(s, 2, "filter")) {
        set_filter(world, s, 3);
        status = world_ask(world, EVENT_ASK_CAMPAIGN_EXTEND, 0, "", &err);
    } else if (is_word(s, 2, "crash")) {
        crash(world);
    } else if (is_word(s, 2, "remove")) {
        bool is_agent = is_word(s, 3, "agent");
        status = world_ask(
            world, is_agent ? EVENT_CONFIG_AGENT_REMOVED : EVENT_CONFIG_CAMPAIGN_REMOVED,
            is_agent ? number_at(s, 4) : 0, "", &err);
    } else if (is_word(s, 2, "second")) {
        status = start_second(world, &err);
    } else if (is_word(s, 2, "list")) {
        status = set_list(world, s, &err);
    } else if (is_word(s, 2, "contact")) {
        contact_act(world, s);
        status = world_ask(world, EVENT_ASK_CAMPAIGN_EXTEND, 0, "", &err);
    } else if (is_word(s, 2, "store")) {
        world->is_store_down = is_word(s, 3, "down");
    } else {
        script_fail(s, "nothing known happens there");
    }
    if (!is_word(s, 2, "agent") && !is_word(s, 2, "contact"))
        expect_ok(s, status, &err);
}

/* --- Expectations ----------------------------------------------------------------------------
 */

static void fail(const struct statement *s, const char *what, int64_t found)
{
    fprintf(stderr, "line %d: expect", s->line);
    for (int i = 1; i < s->word_count; i++)
        fprintf(stderr, " %s", s->words[i]);
    fprintf(stderr, ": %s %lld\n", what, (long long)found);
    failures++;
}

static void compare(const struct statement *s, int at, int64_t found)
{
    int64_t wanted = number_at(s, at + 1);
    const char *op = s->words[at];
    bool holds = strcmp(op, "=") == 0    ? found == wanted
                 : strcmp(op, "<") == 0  ? found < wanted
                 : strcmp(op, "<=") == 0 ? found <= wanted
                 : strcmp(op, ">") == 0  ? found > wanted
                 : strcmp(op, ">=") == 0 ? found >= wanted
                                         : false;
    if (!holds)
        fail(s, "found", found);
}

static int64_t attempts_of(struct world *world, int contact)
{
    struct arena arena;
    arena_init(&arena);
    struct attempt_record *records;
    size_t count = 0;
    struct attempt_query query = {.contact = world->contacts[contact], .limit = 1000};
    struct error err;
    if (world->real_store.ops->attempts_list(world->real_store.self, &query, &arena, &records,
                                             &count, &err) != STATUS_OK)
        abort();
    arena_fini(&arena);
    return (int64_t)count;
}

static void expect_contact(struct world *world, const struct statement *s)
{
    int contact = number_at(s, 2);
    if (is_word(s, 3, "attempts")) {
        compare(s, 4, attempts_of(world, contact));
        return;
    }
    struct arena arena;
    arena_init(&arena);
    struct contact_record record;
    struct error err;
    if (world->real_store.ops->contact_get(world->real_store.self, world->contacts[contact],
                                           &arena, &record, &err) != STATUS_OK)
        script_fail(s, err.text);
    if (is_word(s, 3, "state") &&
        strcmp(contact_state_name(record.hot.state), s->words[4]) != 0)
        fail(s, contact_state_name(record.hot.state), 0);
    if (is_word(s, 3, "callable") && record.hot.is_callable != is_yes(s->words[4]))
        fail(s, "found the opposite", 0);
    if (is_word(s, 3, "address_callable") &&
        record.hot.addresses[0].is_callable != is_yes(s->words[4]))
        fail(s, "found the opposite", 0);
    arena_fini(&arena);
}

static void expect_explain(struct world *world, const struct statement *s)
{
    struct clock_port clock = sim_clock_port(&world->clock);
    struct claim claim;
    struct candidate candidate;
    struct gate_verdict verdict;
    struct gate_steps steps;
    struct error err;
    const struct engine *engine = runtime_engine(world->runtime);
    if (!engine_claim_for(engine, world->campaign.id, clock.wall(clock.self), &claim) ||
        world->real_store.ops->candidate_load(world->real_store.self, &claim,
                                              world->contacts[number_at(s, 2)], &candidate,
                                              &err) != STATUS_OK ||
        !engine_explain(engine, world->campaign.id, &candidate, clock.wall(clock.self),
                        &verdict, &steps))
        script_fail(s, "no explanation");
    const char *because =
        verdict.answer == GATE_DIAL ? "dial" : gate_check_name(verdict.because);
    if (strcmp(because, s->words[3]) != 0)
        fail(s, because, 0);
    if (!steps.count)
        fail(s, "without steps", 0);
}

static void expect_agent(struct world *world, const struct statement *s)
{
    struct agent_view view;
    if (!engine_agent_view(runtime_engine(world->runtime), (struct agent_id){number_at(s, 2)},
                           &view))
        script_fail(s, "no such agent");
    if (is_word(s, 3, "calls"))
        compare(s, 4, view.calls_handled);
    else if (is_word(s, 3, "reason") ? strcmp(view.reason, s->words[4]) != 0
                                     : strcmp(agent_state_name(view.state), s->words[4]) != 0)
        fail(s, is_word(s, 3, "reason") ? view.reason : agent_state_name(view.state), 0);
}

static enum gate_check check_named(const struct statement *s, const char *name)
{
    for (int i = 0; i < GATE_CHECK_COUNT; i++)
        if (strcmp(gate_check_name((enum gate_check)i), name) == 0)
            return (enum gate_check)i;
    script_fail(s, "no such check");
}

static void expect(struct world *world, const struct statement *s)
{
    struct campaign_view view;
    if (!engine_campaign_view(runtime_engine(world->runtime), world->campaign.id, &view)) {
        if (is_word(s, 1, "agent"))
            expect_agent(world, s);
        else if (!is_word(s, 1, "status") || !is_word(s, 2, "gone"))
            script_fail(s, "the campaign is gone");
        return;
    }
    struct sim_network_figures network;
    sim_network_figures(world->network, &network);
    const char *what = s->words[1];
    if (strcmp(what, "status") == 0) {
        if (strcmp(campaign_status_name(view.status), s->words[2]) != 0)
            fail(s, campaign_status_name(view.status), 0);
    } else if (strcmp(what, "health") == 0) {
        if (strcmp(campaign_health_name(view.health), s->words[2]) != 0)
            fail(s, campaign_health_name(view.health), 0);
    } else if (strcmp(what, "contact") == 0) {
        expect_contact(world, s);
    } else if (strcmp(what, "agent") == 0) {
        expect_agent(world, s);
    } else if (strcmp(what, "explain") == 0) {
        expect_explain(world, s);
    } else if (strncmp(what, "outcome.", 8) == 0) {
        enum outcome outcome = outcome_from_name(what + 8);
        compare(s, 2, view.outcomes[outcome]);
    } else if (strncmp(what, "skips.", 6) == 0) {
        compare(s, 2, view.skips[check_named(s, what + 6)]);
    } else {
        int64_t found = strcmp(what, "attempts") == 0       ? view.attempts
                        : strcmp(what, "called") == 0       ? view.contacts_called
                        : strcmp(what, "skipped") == 0      ? view.skipped
                        : strcmp(what, "dials") == 0        ? world->dials
                        : strcmp(what, "calls_most") == 0   ? world->calls_most
                        : strcmp(what, "talking_most") == 0 ? world->talking_most
                        : strcmp(what, "bridges") == 0      ? network.bridges
                        : strcmp(what, "calls") == 0
                            ? view.calls_dialing + view.calls_ringing + view.calls_talking
                            : -1;
        if (found < 0)
            script_fail(s, "nothing of that name is counted");
        compare(s, 2, found);
    }
}

/* No address is dialed more often than its recalls and faults allow, in all passes together. */
static void check_redials(struct world *world)
{
    const struct recall *recalls = world->campaign.limits.recalls;
    int32_t most = 1 + 2; /* two more after technical faults */
    for (int i = 0; i < RECALL_COUNT; i++)
        most += recalls[i].attempts;
    for (int i = 1; i <= world->contact_count; i++)
        for (int j = 0; j < world->column_count; j++)
            if (world->dials_by_number[i][j] > most * passes)
                world_violation(world, "dialed more often than its recalls allow",
                                world_number(i, j));
}

static void set_up(struct world *world, const struct script *script)
{
    for (int i = 0; i < script->count; i++) {
        const struct statement *s = &script->statements[i];
        if (is_word(s, 0, "hours"))
            read_hours(world, s);
        else if (is_word(s, 0, "queue"))
            read_queue(world, s);
        else if (is_word(s, 0, "code"))
            read_code(world, s);
        else if (is_word(s, 0, "agents"))
            read_agents(world, s);
        else if (is_word(s, 0, "limits"))
            read_limits(world, s);
        else if (is_word(s, 0, "campaign"))
            read_campaign(world, s);
        else if (is_word(s, 0, "mix"))
            read_mix(world, s);
        else if (is_word(s, 0, "deaf"))
            world->actors[number_at(s, 1)].is_deaf = true;
        else if (is_word(s, 0, "contact"))
            read_contact(world, s);
        else if (is_word(s, 0, "contacts"))
            world_add_contacts(world, world->list, number_at(s, 1),
                               atoi(statement_value(s, "numbers", "1")),
                               statement_value(s, "zone", "Europe/Paris"));
        else if (is_word(s, 0, "rival"))
            read_rival(world, s);
    }
    for (int i = 0; i < script->count; i++)
        if (is_word(&script->statements[i], 0, "dnc"))
            add_dnc(world, number_at(&script->statements[i], 1));
        else if (is_word(&script->statements[i], 0, "filter"))
            set_filter(world, &script->statements[i], 1);
}

static void play(struct world *world, const struct script *script, struct wall start)
{
    struct wall until = {start.us + US_PER_DAY};
    for (int i = 0; i < script->count; i++)
        if (is_word(&script->statements[i], 0, "until"))
            until = moment(&script->statements[i], start, script->statements[i].words[1]);
    struct error err = {0};
    for (int i = 1; i <= world->agent_count; i++)
        if (world_ask(world, EVENT_ASK_LOG_IN, i, "", &err) != STATUS_OK ||
            world_ask(world, EVENT_ASK_JOIN, i, "", &err) != STATUS_OK ||
            world_ask(world, EVENT_ASK_READY, i, "", &err) != STATUS_OK) {
            fprintf(stderr, "agent %d cannot begin: %s\n", i, err.text);
            exit(1);
        }
    if (world_ask(world, EVENT_ASK_CAMPAIGN_START, 0, "", &err) != STATUS_OK ||
        (world->rival.id.value && start_other(world, world->rival.id, &err) != STATUS_OK)) {
        fprintf(stderr, "the campaign does not start: %s\n", err.text);
        exit(1);
    }
    for (int i = 0; i < script->count; i++) {
        const struct statement *s = &script->statements[i];
        if (is_word(s, 0, "at")) {
            world_run_until(world, moment(s, start, s->words[1]));
            if (is_word(s, 2, "expect")) {
                struct statement inner = {.line = s->line, .word_count = s->word_count - 2};
                memcpy(inner.words, s->words + 2, sizeof(inner.words[0]) * (WORDS_MAX - 2));
                expect(world, &inner);
            } else {
                act(world, s);
            }
        }
    }
    world_run_until(world, until);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: play FILE.scenario\n", stderr);
        return 2;
    }
    log_set_level(LOG_LEVEL_ERROR);
    struct script script;
    script_read(argv[1], &script);
    struct wall start = {0};
    uint64_t seed = 1;
    for (int i = 0; i < script.count; i++) {
        if (is_word(&script.statements[i], 0, "start"))
            start = wall_at(&script.statements[i], script.statements[i].words[1]);
        if (is_word(&script.statements[i], 0, "seed"))
            seed = (uint64_t)number_at(&script.statements[i], 1);
    }
    static struct world world;
    world_init(&world, start, seed);
    set_up(&world, &script);
    world_open(&world);
    play(&world, &script, start);
    int expectations = 0;
    for (int i = 0; i < script.count; i++)
        if (is_word(&script.statements[i], 0, "expect")) {
            expect(&world, &script.statements[i]);
            expectations++;
        }
    check_redials(&world);
    if (!expectations) {
        fputs("a scenario without an expectation proves nothing\n", stderr);
        failures++;
    }
    printf("%d expectations, %d failed, %lld violations, %lld dials\n", expectations, failures,
           (long long)world.violations, (long long)world.dials);
    int status = failures || world.violations ? 1 : 0;
    world_fini(&world);
    script_free(&script);
    return status;
}
