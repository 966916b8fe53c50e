/* event.h -- everything that can happen to the engine, as values.
 *
 * Three sources: configuration in commit order (CONFIG), people and programs (ASK: each carries
 * a request number and gets exactly one REPLY command), and answers of the world to earlier
 * commands (STORE, LEG, PHONE, TRUNK). Pointers inside an event belong to the caller and are
 * copied or let go before engine_step returns. */
#ifndef CADRAN_ENGINE_EVENT_H
#define CADRAN_ENGINE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/agent.h"
#include "model/campaign.h"
#include "model/candidate.h"
#include "model/dialer_write.h"
#include "model/id.h"
#include "model/outcome.h"
#include "model/zone.h"

/* A leg of a call; the engine draws the number. */
struct leg {
    int64_t value;
};

enum event_kind {
    EVENT_TICK, /* engine_wake's time has come; also harmless at any other time */

    EVENT_CONFIG_CAMPAIGN, /* created or changed */
    EVENT_CONFIG_CAMPAIGN_REMOVED,
    EVENT_CONFIG_QUEUE,
    EVENT_CONFIG_QUEUE_REMOVED,
    EVENT_CONFIG_AGENT,
    EVENT_CONFIG_AGENT_REMOVED,
    EVENT_CONFIG_WRAPUP_CODE,
    EVENT_CONFIG_TRUNK,
    EVENT_CONFIG_TRUNK_REMOVED,
    EVENT_CONFIG_ZONE_SET,
    EVENT_CONFIG_RUN, /* at start: how a campaign stood when the process ended */

    EVENT_ASK_CAMPAIGN_START,
    EVENT_ASK_CAMPAIGN_STOP,
    EVENT_ASK_CAMPAIGN_RECYCLE,
    EVENT_ASK_CAMPAIGN_EXTEND, /* contacts were added to its list: look for them */
    EVENT_ASK_LOG_IN,
    EVENT_ASK_LOG_OUT,
    EVENT_ASK_READY,
    EVENT_ASK_NOT_READY,
    EVENT_ASK_JOIN,
    EVENT_ASK_LEAVE,
    EVENT_ASK_HANG_UP,
    EVENT_ASK_WRAPUP,

    EVENT_STORE_PASS,      /* answers COMMAND_DRAW_PASS */
    EVENT_STORE_BUILD,     /* answers COMMAND_BUILD_QUEUE, once per chunk */
    EVENT_STORE_LANES,     /* answers COMMAND_LIST_LANES */
    EVENT_STORE_CLAIMED,   /* answers COMMAND_CLAIM */
    EVENT_STORE_WRITTEN,   /* answers COMMAND_WRITE */
    EVENT_STORE_AVAILABLE, /* the store went away, or came back */

    EVENT_LEG_RINGING,
    EVENT_LEG_EARLY,
    EVENT_LEG_ANSWERED,
    EVENT_LEG_ENDED,
    EVENT_PHONE,
    EVENT_TRUNK,
};

struct event_agent {
    struct agent_id agent;
    int64_t phone; /* the phone's id; 0 = none */
};

struct event_trunk {
    struct trunk_id trunk;
    int32_t channels;         /* 0 = no limit */
    int32_t calls_per_second; /* 0 = no limit */
};

struct event {
    enum event_kind kind;
    int64_t request; /* for ASK; 0 = nobody waits */
    union {
        struct campaign campaign;
        struct queue queue;
        struct event_agent agent;
        struct wrapup_code wrapup_code;
        struct event_trunk trunk;
        struct zone_set zone_set;
        struct {
            struct campaign_id campaign;
            enum campaign_status status;
            int64_t pass;
            int64_t attempts;
            int64_t outcomes[OUTCOME_COUNT];
            int64_t contacts_called, skipped;
        } run;
        struct {
            struct campaign_id campaign;
            struct queue_id queue;
            struct agent_id agent;
            struct call_id call;
            struct trunk_id trunk;
            struct wrapup_code_id wrapup;
            char text[DIALER_NOTE_SIZE]; /* a reason, a note */
        } ask;
        struct {
            struct campaign_id campaign;
            bool is_ok; /* false: the store could not; the engine asks again later */
            int64_t pass;
        } drawn;
        struct {
            struct campaign_id campaign;
            int64_t pass;
            bool is_ok, is_done;
            int64_t looked_at, queued; /* so far */
        } build;
        struct {
            struct campaign_id campaign;
            bool is_ok;
            int32_t count;
            const struct zone_set_id *zone_sets;
        } lanes;
        struct {
            struct campaign_id campaign;
            int64_t pass;
            struct zone_set_id zone_set;
            bool is_ok, is_drained;
            struct wall
                due_next; /* earliest due row in the campaign's future; INT64_MAX none */
            int32_t count;
            const struct candidate *candidates;
        } claimed;
        struct {
            enum dialer_write_kind kind;
            struct campaign_id campaign;
            struct contact_id contact;
            struct call_id call;
            bool is_last;       /* the contact's last write of this attempt */
            struct wall due_at; /* of the row that made the contact due again; 0 = none */
            enum dialer_result result;
        } written;
        struct {
            bool is_available;
        } store;
        struct {
            struct leg leg;
            enum outcome outcome;
            bool is_by_peer;
            int32_t sip_status, q850_cause;
            char reason[64];
        } leg;
        struct {
            int64_t phone;
            bool is_registered;
        } phone;
        struct {
            struct trunk_id trunk;
            bool is_up;
        } trunk_state;
    };
};

#endif
