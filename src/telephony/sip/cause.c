#include "telephony/sip/cause.h"

#include "base/compiler.h"

#define BUSY OUTCOME_BUSY
#define SILENT OUTCOME_NO_ANSWER
#define REFUSED OUTCOME_REJECTED
#define AGAIN OUTCOME_SIT_CALLABLE
#define NEVER OUTCOME_SIT_UNCALLABLE
#define FAILED OUTCOME_FAILED

/* Q.850 16 and 31 (normal clearing) and 127 (interworking) say nothing: the status decides. */
static const struct cause_row rows[] = {
    {CAUSE_Q850, 1, NEVER, "unallocated number"},
    {CAUSE_Q850, 2, AGAIN, "no route to transit network"},
    {CAUSE_Q850, 3, AGAIN, "no route to destination"},
    {CAUSE_Q850, 4, NEVER, "send special information tone"},
    {CAUSE_Q850, 5, NEVER, "misdialled trunk prefix"},
    {CAUSE_Q850, 17, BUSY, "user busy"},
    {CAUSE_Q850, 18, SILENT, "no user responding"},
    {CAUSE_Q850, 19, SILENT, "no answer from user"},
    {CAUSE_Q850, 20, SILENT, "subscriber absent"},
    {CAUSE_Q850, 21, REFUSED, "call rejected"},
    {CAUSE_Q850, 22, NEVER, "number changed"},
    {CAUSE_Q850, 25, AGAIN, "exchange routing error"},
    {CAUSE_Q850, 27, AGAIN, "destination out of order"},
    {CAUSE_Q850, 28, NEVER, "invalid number format"},
    {CAUSE_Q850, 29, FAILED, "facility rejected"},
    {CAUSE_Q850, 34, AGAIN, "no circuit available"},
    {CAUSE_Q850, 38, AGAIN, "network out of order"},
    {CAUSE_Q850, 41, AGAIN, "temporary failure"},
    {CAUSE_Q850, 42, AGAIN, "switching equipment congestion"},
    {CAUSE_Q850, 44, AGAIN, "requested circuit not available"},
    {CAUSE_Q850, 47, AGAIN, "resource unavailable"},
    {CAUSE_Q850, 50, FAILED, "facility not subscribed"},
    {CAUSE_Q850, 52, FAILED, "outgoing calls barred"},
    {CAUSE_Q850, 57, FAILED, "bearer capability not authorized"},
    {CAUSE_Q850, 58, AGAIN, "bearer capability not available"},
    {CAUSE_Q850, 63, AGAIN, "service not available"},
    {CAUSE_Q850, 65, FAILED, "bearer capability not implemented"},
    {CAUSE_Q850, 79, FAILED, "service not implemented"},
    {CAUSE_Q850, 88, FAILED, "incompatible destination"},
    {CAUSE_Q850, 95, FAILED, "invalid message"},
    {CAUSE_Q850, 102, AGAIN, "recovery on timer expiry"},
    {CAUSE_Q850, 111, FAILED, "protocol error"},
    {CAUSE_SIP, 401, FAILED, "credentials refused"},
    {CAUSE_SIP, 403, FAILED, "forbidden by the trunk"},
    {CAUSE_SIP, 404, NEVER, "not found"},
    {CAUSE_SIP, 407, FAILED, "credentials refused"},
    {CAUSE_SIP, 408, SILENT, "request timeout"},
    {CAUSE_SIP, 410, NEVER, "gone"},
    {CAUSE_SIP, 480, SILENT, "temporarily unavailable"},
    {CAUSE_SIP, 484, NEVER, "address incomplete"},
    {CAUSE_SIP, 485, NEVER, "ambiguous"},
    {CAUSE_SIP, 486, BUSY, "busy here"},
    {CAUSE_SIP, 487, SILENT, "request terminated"},
    {CAUSE_SIP, 500, AGAIN, "server internal error"},
    {CAUSE_SIP, 501, FAILED, "not implemented"},
    {CAUSE_SIP, 502, AGAIN, "bad gateway"},
    {CAUSE_SIP, 503, AGAIN, "service unavailable"},
    {CAUSE_SIP, 504, AGAIN, "server timeout"},
    {CAUSE_SIP, 505, FAILED, "version not supported"},
    {CAUSE_SIP, 513, FAILED, "message too large"},
    {CAUSE_SIP, 600, BUSY, "busy everywhere"},
    {CAUSE_SIP, 603, REFUSED, "decline"},
    {CAUSE_SIP, 604, NEVER, "does not exist anywhere"},
    {CAUSE_SIP, 606, FAILED, "not acceptable"},
    {CAUSE_SIP, 607, REFUSED, "unwanted"},
    {CAUSE_SIP, 608, REFUSED, "rejected by an analytics engine"},
    {CAUSE_SIP_CLASS, 3, FAILED, "redirect not followed"},
    {CAUSE_SIP_CLASS, 4, FAILED, "refused by the trunk"},
    {CAUSE_SIP_CLASS, 5, AGAIN, "trunk failure"},
    {CAUSE_SIP_CLASS, 6, REFUSED, "refused everywhere"},
};

static const struct cause_row *find(enum cause_kind kind, int32_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].kind == kind && rows[i].code == code)
            return &rows[i];
    return NULL;
}

const struct cause_row *cause_find(int32_t sip_status, int32_t q850_cause)
{
    static const struct cause_row unknown = {CAUSE_SIP_CLASS, 0, FAILED, "no final response"};
    const struct cause_row *row = find(CAUSE_Q850, q850_cause);
    if (!row)
        row = find(CAUSE_SIP, sip_status);
    if (!row)
        row = find(CAUSE_SIP_CLASS, sip_status / 100);
    return row ? row : &unknown;
}

enum outcome outcome_of(int32_t sip_status, int32_t q850_cause)
{
    return cause_find(sip_status, q850_cause)->outcome;
}

const struct cause_row *cause_rows(size_t *count)
{
    *count = ARRAY_LEN(rows);
    return rows;
}
