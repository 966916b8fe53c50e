#include <inttypes.h>
#include <string.h>

#include "agree.h"

#define OPS subject->store.ops
#define SELF subject->store.self

static int64_t below(struct random *random, uint64_t limit)
{
    return (int64_t)random_below(random, limit);
}

/* Campaign 7 dials list 1 by its first two columns, campaign 8 lists 1 or 2 by the third. */
static struct queue_order order_of(const struct subject *subject, int campaign)
{
    struct queue_order order = {
        .campaign = {7 + campaign},
        .list = {campaign ? 2 : 1},
        .pass = subject->memory.passes[campaign],
        .column_count = 2,
        .columns = {0, 1},
        .now = {NOW_US},
    };
    if (campaign)
        order.columns[1] = 2;
    return order;
}

static void build(struct subject *subject, int campaign)
{
    struct error err;
    struct queue_order order = order_of(subject, campaign);
    struct queue_build progress = {0};
    for (int i = 0; i < 1000 && !progress.is_done; i++) {
        enum status status = OPS->queue_build(SELF, &order, &progress, &err);
        if (status) {
            say_status(subject, "build", status, &err);
            return;
        }
    }
    say(subject, "built %d\n", progress.is_done);
}

static void start(struct subject *subject, struct random *random)
{
    struct error err;
    int campaign = (int)below(random, 2);
    if (!subject->memory.epoch || !below(random, 4)) {
        enum status status =
            OPS->epoch_take(SELF, 1, (struct wall){NOW_US}, &subject->memory.epoch, &err);
        say_status(subject, "take", status, &err);
        subject->memory.call_count = 0;
        say(subject, "epoch %" PRId64 "\n", subject->memory.epoch);
    }
    if (!subject->memory.passes[campaign] || !below(random, 4)) {
        say_status(subject, "pass",
                   OPS->pass_draw(SELF, &subject->memory.passes[campaign], &err), &err);
        say(subject, "pass %" PRId64 "\n", subject->memory.passes[campaign]);
    }
    build(subject, campaign);
}

static void say_candidate(struct subject *subject, const struct candidate *candidate)
{
    say(subject, " from %d due %" PRId64 " col %d rank ", (int)candidate->from,
        candidate->due_at.us, candidate->due_column);
    for (int32_t i = 0; i < candidate->position.rank_len; i++)
        say(subject, "%02x", candidate->position.rank[i]);
    say(subject, "%s filter %" PRId64 "\n", candidate->is_outside_filter ? " outside" : "",
        candidate->filter_stamp);
    say_contact(subject, &candidate->contact);
}

static struct claim draw_claim(const struct subject *subject, struct random *random)
{
    int campaign = (int)below(random, 2);
    struct claim claim = {
        .campaign = {7 + campaign},
        .list = {campaign ? 2 : 1},
        .pass = subject->memory.passes[campaign],
        .zone_set = {(int32_t)below(random, 4)},
        .after = {.rank_len = -1},
        .now = {NOW_US + below(random, 2000) * US_PER_S},
        .fresh_limit = (int32_t)below(random, 5),
        .due_limit = (int32_t)below(random, 4),
        .dnc_list_count = (int32_t)below(random, 3),
        .dnc_lists = {{5}, {6}},
        .contact_since = {below(random, 2) ? NOW_US : 0},
        .number_since = {below(random, 2) ? NOW_US : 0},
    };
    return claim;
}

static void say_claimed(struct subject *subject, const struct claim *asked,
                        const struct claimed *claimed)
{
    int32_t fresh = 0;
    for (int32_t i = 0; i < claimed->count; i++) {
        say_candidate(subject, &claimed->candidates[i]);
        fresh += claimed->candidates[i].from == DUE_FRESH;
    }
    /* A row behind that may not be dialed counts for one and not for the other: both are right.
     */
    if (fresh < asked->fresh_limit)
        say(subject, "%d%s\n", claimed->count, claimed->is_drained ? " drained" : "");
}

static void claim(struct subject *subject, struct random *random)
{
    struct error err;
    struct memory_of *memory = &subject->memory;
    struct claim next = draw_claim(subject, random);
    /* Often on from where the last claim of the lane ended. */
    if (memory->claim.zone_set.value == next.zone_set.value && memory->claimed.count &&
        memory->claim.campaign.value == next.campaign.value &&
        memory->claim.pass == next.pass && below(random, 2)) {
        const struct candidate *last = &memory->claimed.candidates[memory->claimed.count - 1];
        if (last->from == DUE_FRESH)
            next.after = last->position;
    }
    arena_fini(&subject->arena);
    memory->claim = next;
    /* Other lanes of the run with it. */
    struct claim claims[4] = {next};
    struct claimed claimed[4] = {0};
    size_t count = 1 + (size_t)below(random, 4);
    for (size_t i = 1; i < count; i++) {
        claims[i] = next;
        claims[i].after.rank_len = -1;
        claims[i].zone_set.value = (int32_t)below(random, 4);
        claims[i].fresh_limit = (int32_t)below(random, 5);
        claims[i].due_limit = (int32_t)below(random, 4);
    }
    say_status(subject, "claim",
               OPS->claim(SELF, claims, count, &subject->arena, claimed, &err), &err);
    for (size_t i = 0; i < count; i++)
        say_claimed(subject, &claims[i], &claimed[i]);
    memory->claimed = claimed[0];
}

static struct dialer_write write_of(const struct subject *subject,
                                    const struct candidate *candidate)
{
    const struct claim *claim = &subject->memory.claim;
    struct dialer_write write = {
        .campaign = claim->campaign,
        .pass = claim->pass,
        .contact = candidate->contact.id,
        .at = claim->now,
        .zone_set = claim->zone_set,
        .from = candidate->from,
        .position = candidate->position,
        .due_from = candidate->due_at,
        .due_column = -1,
        .change = {.state = candidate->contact.state,
                   .is_callable = candidate->contact.is_callable,
                   .address_index = -1,
                   .next_index = -1},
    };
    return write;
}

static void draw_due(struct dialer_write *write, struct random *random)
{
    write->due_class = (enum due_class)below(random, 7); /* 0: not at all */
    write->due_at.us = NOW_US + below(random, 2000) * US_PER_S;
    write->due_column = (int16_t)(below(random, 4) - 1);
}

/* What the engine would ask for a candidate, or nearly. */
static struct dialer_write draw_first(struct subject *subject, struct random *random,
                                      const struct candidate *candidate)
{
    struct memory_of *memory = &subject->memory;
    struct dialer_write write = write_of(subject, candidate);
    int64_t kind = below(random, 6);
    snprintf(write.reason, sizeof(write.reason), "%s", below(random, 2) ? "dnc" : "closed");
    if (kind == 0) {
        write.kind = DIALER_DEFER;
        draw_due(&write, random);
        return write;
    }
    if (kind == 1) {
        write.kind = DIALER_SKIP;
        write.change.state = below(random, 2) ? CONTACT_FAILED : CONTACT_WAITING;
        return write;
    }
    int32_t count = candidate->contact.address_count;
    const struct address *address =
        count ? &candidate->contact.addresses[random_below(random, (uint64_t)count)] : NULL;
    write.kind = DIALER_INTENT;
    write.call.value = (memory->epoch << 32) | ++memory->call_last;
    write.expected_version = candidate->contact.version + (below(random, 10) == 0);
    write.number = address && address->number ? address->number : 1;
    write.column = address ? address->column : 0;
    write.mode = MODE_AGENTLESS;
    write.filter_stamp = candidate->filter_stamp;
    write.agent.value = below(random, 3);
    write.dnc_list_count = memory->claim.dnc_list_count;
    memcpy(write.dnc_lists, memory->claim.dnc_lists, sizeof(write.dnc_lists));
    write.contact_since.us = write.number_since.us = NOW_US;
    write.contact_cap = (int32_t)below(random, 4);
    write.number_cap = (int32_t)below(random, 4);
    return write;
}

/* The end or the wrap-up of a call under way; sometimes of one that was never made. */
static struct dialer_write draw_last(struct subject *subject, struct random *random, int at)
{
    struct memory_of *memory = &subject->memory;
    struct dialer_write write = memory->calls[at];
    const struct contact *contact = &memory->contacts[at];
    static const enum contact_state states[] = {CONTACT_WAITING, CONTACT_DONE, CONTACT_FAILED,
                                                CONTACT_RUNNING};
    write.kind = below(random, 3) ? DIALER_END : DIALER_WRAPUP;
    write.at.us += US_PER_S;
    write.outcome = (enum outcome)below(random, OUTCOME_COUNT);
    write.answered_at.us = below(random, 2) ? write.at.us : 0;
    write.ended_at = write.at;
    write.sip_status = 486;
    write.wrapup.value = below(random, 3);
    snprintf(write.note, sizeof(write.note), "%s", below(random, 2) ? "noté" : "");
    write.change = (struct contact_change){
        .state = states[random_below(random, ARRAY_LEN(states))],
        .is_callable = below(random, 5) != 0,
        .address_index = contact->address_count ? 0 : -1,
        .address = contact->addresses[0],
        .next_index = (int32_t)below(random, 3) - 1,
    };
    write.change.address.attempts++;
    write.change.address.recalls[below(random, RECALL_COUNT)]++;
    write.change.address.last_outcome = write.outcome;
    draw_due(&write, random);
    if (!below(random, 20))
        write.call.value += 1000000;
    return write;
}

#define GROUP 6

static void commit(struct subject *subject, struct random *random)
{
    struct memory_of *memory = &subject->memory;
    struct dialer_write writes[GROUP];
    enum dialer_result results[GROUP];
    const struct candidate *from[GROUP] = {NULL};
    struct error err;
    int32_t count = 0;
    while (count < GROUP && below(random, 5)) {
        if (memory->call_count && below(random, 2)) {
            writes[count++] = draw_last(
                subject, random, (int)random_below(random, (uint64_t)memory->call_count));
        } else if (memory->claimed.count) {
            from[count] =
                &memory->claimed
                     .candidates[random_below(random, (uint64_t)memory->claimed.count)];
            writes[count] = draw_first(subject, random, from[count]);
            count++;
        } else {
            writes[count++] =
                (struct dialer_write){.kind = DIALER_RUN,
                                      .campaign = {7 + below(random, 2)},
                                      .status = (enum campaign_status)below(random, 5),
                                      .pass = below(random, 5)};
        }
    }
    struct dialer_batch batch = {1, memory->epoch + (below(random, 30) == 0), count, writes,
                                 results};
    enum status status = OPS->commit(SELF, &batch, &err);
    say_status(subject, "commit", status, &err);
    for (int32_t i = 0; i < count && !status; i++) {
        say(subject, " %d %s", (int)writes[i].kind,
            results[i] == WRITE_COMMITTED ? "committed" : "stale");
        if (writes[i].kind == DIALER_INTENT && results[i] == WRITE_COMMITTED &&
            memory->call_count < CALLS_MAX) {
            memory->calls[memory->call_count] = writes[i];
            memory->contacts[memory->call_count++] = from[i]->contact;
        }
    }
}

static void look(struct subject *subject, struct random *random)
{
    static struct queue_lane lanes[QUEUE_LANE_MAX];
    struct error err;
    struct arena arena;
    struct campaign_id campaign = {7 + below(random, 2)};
    int64_t pass = subject->memory.passes[campaign.value - 7];
    struct campaign_run run;
    struct run_counts counts;
    struct skip_count *skips;
    struct attempt_record *attempts;
    struct wall at;
    struct candidate candidate;
    size_t count = QUEUE_LANE_MAX;
    arena_init(&arena);
    say_status(subject, "lanes", OPS->queue_lanes(SELF, campaign, lanes, &count, &err), &err);
    say_status(subject, "run", OPS->run_get(SELF, campaign, &run, &err), &err);
    say_status(subject, "counts", OPS->run_counts(SELF, campaign, pass, &counts, &err), &err);
    say(subject, "%d pass %" PRId64 ": %" PRId64 " called %" PRId64 " skipped %" PRId64 ":",
        (int)run.status, run.pass, counts.attempts, counts.contacts_called, counts.skipped);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        say(subject, " %" PRId64, counts.outcomes[i]);
    say_status(subject, "\nskips",
               OPS->skips_list(SELF, campaign, pass, &arena, &skips, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        say(subject, " %s %" PRId64, skips[i].reason, skips[i].count);
    struct attempt_query query = {
        .campaign = below(random, 2) ? campaign : (struct campaign_id){0},
        .contact = {below(random, 2) ? 0 : (INT64_C(1) << 32) + 1 + below(random, 9)},
        .is_newest_first = below(random, 2),
        .limit = (int32_t)below(random, 20),
    };
    say_status(subject, "attempts",
               OPS->attempts_list(SELF, &query, &arena, &attempts, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        say(subject,
            "  %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d %" PRId64 " %" PRId64
            " %d %d %" PRId64 " %" PRId64 " %" PRId64 "\n",
            attempts[i].call.value, attempts[i].campaign.value, attempts[i].contact.value,
            attempts[i].number, attempts[i].column, attempts[i].pass, attempts[i].at.us,
            (int)attempts[i].outcome, attempts[i].sip_status, attempts[i].answered_at.us,
            attempts[i].wrapup.value, attempts[i].agent.value);
    say_status(subject, "due", OPS->due_next(SELF, campaign, (struct wall){NOW_US}, &at, &err),
               &err);
    say(subject, "%" PRId64 "\n", at.us);
    struct claim claim = draw_claim(subject, random);
    enum status status = OPS->candidate_load(
        SELF, &claim, (struct contact_id){(claim.list.value << 32) | (1 + below(random, 20))},
        &candidate, &err);
    say_status(subject, "load", status, &err);
    if (!status)
        say_candidate(subject, &candidate);
    arena_fini(&arena);
}

void dial(struct subject *subject, struct random *random)
{
    if (!subject->memory.epoch || !subject->memory.passes[0] || !subject->memory.passes[1]) {
        start(subject, random);
        return;
    }
    switch (below(random, 10)) {
    case 0: start(subject, random); break;
    case 1:
    case 2:
    case 3: claim(subject, random); break;
    case 4:
    case 5: look(subject, random); break;
    default: commit(subject, random);
    }
}
