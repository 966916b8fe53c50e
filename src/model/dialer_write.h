/* dialer_write.h -- what the engine asks to have written: intents, outcomes, dispositions.
 * Plain values; the store carries them out in one transaction per group (port/store.h). */
#ifndef CADRAN_MODEL_DIALER_WRITE_H
#define CADRAN_MODEL_DIALER_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/campaign.h"
#include "model/candidate.h"
#include "model/contact.h"
#include "model/id.h"
#include "model/outcome.h"

#define DIALER_NOTE_SIZE 256

enum dialer_write_kind {
    DIALER_INTENT, /* before a dial: the attempt; probes versions, DNC and caps once more */
    DIALER_END,    /* the attempt's outcome, and what it does to the contact */
    DIALER_WRAPUP, /* the agent's disposition, and what it does to the contact */
    DIALER_DEFER,  /* not now: due again at `due_at`; no attempt was made */
    DIALER_SKIP,   /* not in this pass: passed over for a lasting reason */
    DIALER_RUN,    /* the campaign's running state */
};

/* How a hot row changes. The engine owns a contact from INTENT to its last END or WRAPUP. */
struct contact_change {
    enum contact_state state;
    bool is_callable;
    int32_t address_index;  /* which of the contact's addresses changes; -1 = none */
    struct address address; /* its new values (attempts_in_window is not stored) */
    /* The address that comes next is marked SCHEDULED (a RESCHEDULED one stays so), others that
     * were SCHEDULED become WAITING; -1 = leave as they are. */
    int32_t next_index;
};

struct dialer_write {
    enum dialer_write_kind kind;
    struct campaign_id campaign;
    int64_t pass;
    struct contact_id contact;
    struct wall at;

    /* INTENT, END, WRAPUP */
    struct call_id call;
    /* INTENT: where it was claimed from; the cursor or the due row moves with it. DEFER, SKIP
     * too. */
    struct zone_set_id zone_set;
    enum due_class from;
    struct queue_position position;
    struct wall due_from;
    /* INTENT */
    int32_t expected_version;
    int64_t number;
    int16_t column;
    enum dialing_mode mode;
    struct agent_id agent; /* also WRAPUP */
    int64_t caller_number;
    int32_t dnc_list_count;
    struct dnc_list_id dnc_lists[CAMPAIGN_DNC_MAX];
    int16_t dnc_columns[CAMPAIGN_DNC_MAX]; /* as in struct campaign */
    struct wall contact_since, number_since;
    int64_t filter_stamp;            /* of the candidate: another filter since makes it stale */
    int32_t contact_cap, number_cap; /* attempts allowed in those windows; 0 = unlimited */
    /* END */
    enum outcome outcome;
    struct wall answered_at, ended_at; /* answered_at 0 = never */
    int32_t sip_status, q850_cause;
    /* WRAPUP */
    struct wrapup_code_id wrapup;
    char note[DIALER_NOTE_SIZE];
    /* END, WRAPUP, SKIP: the contact after it. DEFER leaves the contact as it is. */
    struct contact_change change;
    /* END, WRAPUP, DEFER: when it is due again; class 0 = not at all. */
    enum due_class due_class;
    struct wall due_at;
    int16_t due_column;
    /* SKIP, DEFER: a word for the counters and the explanation ("dnc", "attempt_limit", ...).
     */
    char reason[32];
    /* RUN */
    enum campaign_status status;
};

enum dialer_result {
    WRITE_COMMITTED,
    WRITE_STALE,  /* version, DNC or cap changed: nothing written, the contact is due at once */
    WRITE_FAILED, /* nothing written; try again */
    WRITE_UNKNOWN, /* may or may not be written: treat as made */
};

#endif
