/* cause.h -- the one table from what the network said to what it means for the dialer.
 * docs/outcomes.md lists it; a test compares the two. Pure; any thread.
 * Source: RFC 3261 21, RFC 3326 (Reason), RFC 3398 (ISUP mapping), ITU-T Q.850. */
#ifndef CADRAN_TELEPHONY_SIP_CAUSE_H
#define CADRAN_TELEPHONY_SIP_CAUSE_H

#include <stddef.h>
#include <stdint.h>

#include "model/outcome.h"

enum cause_kind { CAUSE_Q850, CAUSE_SIP, CAUSE_SIP_CLASS };

struct cause_row {
    enum cause_kind kind;
    int32_t code; /* a class: 3 = 3xx */
    enum outcome outcome;
    const char *text;
};

/* The outcome of a call that was refused with this final response. A Q.850 cause in its Reason
 * header is nearer to the truth than the status, and wins where the table knows it; 0 = none.
 */
const struct cause_row *cause_find(int32_t sip_status, int32_t q850_cause);
enum outcome outcome_of(int32_t sip_status, int32_t q850_cause);

/* The table, for the document's test. */
const struct cause_row *cause_rows(size_t *count);

#endif
