/* outcome.h -- how an attempt ended, as the dialer knows it without an agent.
 * An outcome is data, never an error. The table from SIP status and Q.850 cause is
 * docs/outcomes.md. */
#ifndef CADRAN_MODEL_OUTCOME_H
#define CADRAN_MODEL_OUTCOME_H

#include <stdbool.h>

enum outcome {
    OUTCOME_NONE,    /* not ended yet, or the process died before it knew */
    OUTCOME_PERSON,  /* answered; nothing says that it was not a person */
    OUTCOME_MACHINE, /* answering machine or voicemail */
    OUTCOME_FAX,
    OUTCOME_BUSY,
    OUTCOME_NO_ANSWER,
    OUTCOME_REJECTED,       /* the called party refused the call while it rang */
    OUTCOME_SIT_CALLABLE,   /* network congestion or a passing fault: may be tried again */
    OUTCOME_SIT_UNCALLABLE, /* the number does not exist (any more): never again */
    OUTCOME_ABANDONED,      /* a person answered and nobody could serve them in time */
    OUTCOME_AGENT_LOST,     /* the agent's leg failed before the parties were connected */
    OUTCOME_CANCELLED,      /* ended by us before an answer */
    OUTCOME_FAILED,         /* a technical failure of ours or of the trunk */
    OUTCOME_LOST,           /* found without an end after a restart: counts as made */
    OUTCOME_COUNT
};

/* "person", "no_answer", ...: stored, logged and used by the API under /api/cadran/v1. */
const char *outcome_name(enum outcome outcome);
/* The reverse; OUTCOME_NONE where the name is unknown. */
enum outcome outcome_from_name(const char *name);
/* Genesys Cloud's system wrap-up code: "ININ-OUTBOUND-BUSY", ... */
const char *outcome_wrapup_name(enum outcome outcome);
/* The reverse, the first that has the name; OUTCOME_NONE where it is unknown. */
enum outcome outcome_from_wrapup_name(const char *name);
/* Whether somebody or something took the call off the hook. */
bool outcome_is_answered(enum outcome outcome);

#endif
