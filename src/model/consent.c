#include "model/consent.h"

const char *consent_kind_name(enum consent_kind kind)
{
    switch (kind) {
    case CONSENT_GIVEN: return "given";
    case CONSENT_WITHDRAWN: return "withdrawn";
    }
    return "?";
}

const char *consent_state_name(enum consent_state state)
{
    switch (state) {
    case CONSENT_STATE_UNKNOWN: return "unknown";
    case CONSENT_STATE_GIVEN: return "given";
    case CONSENT_STATE_WITHDRAWN: return "withdrawn";
    case CONSENT_STATE_EXPIRED: return "expired";
    }
    return "?";
}

enum consent_state consent_state_at(const struct consent_fact *facts, size_t count,
                                    struct wall instant, size_t *which)
{
    *which = count;
    for (size_t i = 0; i < count; i++)
        if (facts[i].at.us <= instant.us &&
            (*which == count || facts[i].at.us >= facts[*which].at.us))
            *which = i;
    if (*which == count)
        return CONSENT_STATE_UNKNOWN;
    if (facts[*which].kind == CONSENT_WITHDRAWN)
        return CONSENT_STATE_WITHDRAWN;
    struct wall expires = facts[*which].expires_at;
    return expires.us && expires.us <= instant.us ? CONSENT_STATE_EXPIRED : CONSENT_STATE_GIVEN;
}
