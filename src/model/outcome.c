#include "model/outcome.h"

#include <string.h>

#include "base/compiler.h"

static const struct {
    const char *name, *wrapup;
    bool is_answered;
} outcomes[OUTCOME_COUNT] = {
    [OUTCOME_NONE] = {"none", "", false},
    [OUTCOME_PERSON] = {"person", "ININ-OUTBOUND-LIVE-VOICE", true},
    [OUTCOME_MACHINE] = {"machine", "ININ-OUTBOUND-MACHINE", true},
    [OUTCOME_FAX] = {"fax", "ININ-OUTBOUND-FAX", true},
    [OUTCOME_BUSY] = {"busy", "ININ-OUTBOUND-BUSY", false},
    [OUTCOME_NO_ANSWER] = {"no_answer", "ININ-OUTBOUND-NO-ANSWER", false},
    [OUTCOME_REJECTED] = {"rejected", "ININ-OUTBOUND-DISCONNECT", false},
    [OUTCOME_SIT_CALLABLE] = {"sit_callable", "ININ-OUTBOUND-SIT-CALLABLE", false},
    [OUTCOME_SIT_UNCALLABLE] = {"sit_uncallable", "ININ-OUTBOUND-SIT-UNCALLABLE", false},
    [OUTCOME_ABANDONED] = {"abandoned", "ININ-OUTBOUND-ABANDON", true},
    [OUTCOME_AGENT_LOST] = {"agent_lost", "ININ-OUTBOUND-FAILED-TO-REACH-AGENT", true},
    [OUTCOME_CANCELLED] = {"cancelled", "ININ-OUTBOUND-DISCONNECT", false},
    [OUTCOME_FAILED] = {"failed", "ININ-OUTBOUND-INTERNAL-ERROR-SKIPPED", false},
    [OUTCOME_LOST] = {"lost", "ININ-OUTBOUND-STUCK-INTERACTION", false},
};

const char *outcome_name(enum outcome outcome)
{
    return outcome < OUTCOME_COUNT ? outcomes[outcome].name : "none";
}

enum outcome outcome_from_name(const char *name)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (strcmp(outcomes[i].name, name) == 0)
            return (enum outcome)i;
    return OUTCOME_NONE;
}

const char *outcome_wrapup_name(enum outcome outcome)
{
    return outcome < OUTCOME_COUNT ? outcomes[outcome].wrapup : "";
}

enum outcome outcome_from_wrapup_name(const char *name)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (strcmp(outcomes[i].wrapup, name) == 0)
            return (enum outcome)i;
    return OUTCOME_NONE;
}

bool outcome_is_answered(enum outcome outcome)
{
    return outcome < OUTCOME_COUNT && outcomes[outcome].is_answered;
}
