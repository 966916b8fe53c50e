/* consent.h -- what a person has agreed to, as a ledger: rows that are appended and never
 * changed. A number has consented to a scope when the newest of its rows that was in force is a
 * consent that has not run out. Source: EU Regulation 2016/679, articles
 * 4(11) and 7. */
#ifndef CADRAN_MODEL_CONSENT_H
#define CADRAN_MODEL_CONSENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"

enum consent_kind { CONSENT_GIVEN = 1, CONSENT_WITHDRAWN = 2 }; /* stored: append only */
/* "given", "withdrawn". */
const char *consent_kind_name(enum consent_kind kind);

enum consent_state {
    CONSENT_STATE_UNKNOWN,
    CONSENT_STATE_GIVEN,
    CONSENT_STATE_WITHDRAWN,
    CONSENT_STATE_EXPIRED
};
const char *consent_state_name(enum consent_state state);

struct consent_fact {
    enum consent_kind kind;
    struct wall at;         /* when the person said so */
    struct wall expires_at; /* 0 = never */
};

/* The state at an instant, of the facts of one number and scope in any order; *which is the
 * fact that decides, `count` where none does. Of two at the same instant the later one wins. */
enum consent_state consent_state_at(const struct consent_fact *facts, size_t count,
                                    struct wall instant, size_t *which);

#endif
