/* contact.h -- a person to be called: the hot part that the gate needs, and its legal states.
 * What the person's columns say (name, city, ...) is not here: the dialer never reads it. */
#ifndef CADRAN_MODEL_CONTACT_H
#define CADRAN_MODEL_CONTACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/id.h"
#include "model/outcome.h"

/* Global state (catalogue C09-C18):
 *
 *            +--------------------- recall, next address -----------+
 *            v                                                      |
 *   create  WAITING --- dialer picks ---> RUNNING --- ended --------+--> DONE | FAILED
 *            |  ^                                                         |
 *            |  +-------------------------- reset ------------------------+
 *            +--> PAUSED, SHELVED, LIST_STOPPED, LIST_SUSPENDED (supervisor) --> WAITING
 */
enum contact_state {
    CONTACT_WAITING,
    CONTACT_RUNNING,
    CONTACT_DONE,
    CONTACT_FAILED,
    CONTACT_DELETED,
    CONTACT_PAUSED,
    CONTACT_LIST_STOPPED,
    CONTACT_LIST_SUSPENDED,
    CONTACT_SHELVED,
    CONTACT_STATE_COUNT
};

/* Address state (C19-C24). */
enum address_state {
    ADDRESS_SCHEDULED,   /* the next one to be dialed */
    ADDRESS_RESCHEDULED, /* to be dialed again after a try */
    ADDRESS_WAITING,     /* another address comes first */
    ADDRESS_BLOCKED,     /* on a do-not-contact list of the campaign */
    ADDRESS_FAILED,      /* no try is left */
    ADDRESS_STATE_COUNT
};

const char *contact_state_name(enum contact_state state);
const char *address_state_name(enum address_state state);

/* What a supervisor does to contacts (C48-C51):
 *
 *   act       from                              to
 *   pause     WAITING                           PAUSED; next try and callbacks are kept
 *   resume    PAUSED                            WAITING
 *   shelve    all but RUNNING                   SHELVED: unseen by the dialer, with a reason
 *   unshelve  SHELVED                           WAITING
 *   reset     DONE, FAILED, WAITING, PAUSED     WAITING, as if never called
 *   load      all but RUNNING                   WAITING, back in the list until a newer pass
 *   move      WAITING, PAUSED                   the same, with another next try (C25, C44) */
enum contact_act {
    CONTACT_PAUSE,
    CONTACT_RESUME,
    CONTACT_SHELVE,
    CONTACT_UNSHELVE,
    CONTACT_RESET,
    CONTACT_LOAD,
    CONTACT_MOVE,
    CONTACT_ACT_COUNT
};
/* "pause", ...; the API's word. */
const char *contact_act_name(enum contact_act act);
bool contact_act_from_name(const char *name, enum contact_act *act);

/* Phone columns a list may have. */
#define ADDRESS_MAX 10

/* Outcomes that have a recall entry of their own. */
enum recall_kind { RECALL_BUSY, RECALL_NO_ANSWER, RECALL_MACHINE, RECALL_FAX, RECALL_COUNT };
/* The recall entry of an outcome; RECALL_COUNT where it has none. */
enum recall_kind recall_kind_of(enum outcome outcome);

struct address {
    int64_t number; /* E.164 digits; 0 = the column holds no valid number */
    struct zone_set_id zone_set;
    bool is_zone_given; /* by hand (C45): stays with the number, whatever a file says */
    int16_t column;     /* position among the list's columns */
    enum address_state state;
    bool is_callable; /* false: marked uncallable, for ever */
    bool is_on_dnc;   /* on a do-not-contact list of the claiming campaign, as of the read */
    int32_t attempts; /* in this pass */
    int32_t attempts_in_window;    /* to this number, in the campaign's attempt-limit window */
    uint8_t recalls[RECALL_COUNT]; /* made on this address in this pass, by outcome */
    struct wall last_at;           /* 0 = never */
    enum outcome last_outcome;
    struct wrapup_code_id last_wrapup;
};

struct contact {
    struct contact_id id;
    int32_t version; /* of the hot row: grows with every write */
    enum contact_state state;
    bool is_callable;
    int32_t priority;           /* -32768..32767, higher first */
    int64_t pass;               /* the last pass in which it was dialed or skipped */
    int32_t attempts_in_window; /* of the contact, in the campaign's attempt-limit window */
    struct wall next_try;       /* 0 = at once */
    bool is_top_priority; /* C44: asked for by the person, due at next_try before others */
    bool is_put_back;     /* loaded (C49): waits in the list until a newer pass */
    struct agent_id preferred_agent;   /* C42; 0 = none */
    int32_t reschedules;               /* C32: by agents */
    struct wrapup_code_id disposition; /* C33: the last code given; 0 = none */
    struct wall touched_at;            /* C35: the last operation of any kind */
    /* A reset that forgets: attempts before it count against no limit of the campaign. */
    struct wall counted_from;
    int32_t address_count;
    struct address addresses[ADDRESS_MAX];
};

/* Whether the act is legal from the contact's state. */
bool contact_act_is_legal(const struct contact *contact, enum contact_act act);
/* Carries a legal act out on the value; RESET leaves counted_from to the caller. The version
 * grows. */
void contact_act_apply(struct contact *contact, enum contact_act act, struct wall at);

#endif
