#include "model/job.h"

const char *job_kind_name(enum job_kind kind)
{
    static const char *const names[JOB_KIND_COUNT] = {
        [JOB_NONE] = "none",
        [JOB_CONTACTS_EXPORT] = "contacts_export",
        [JOB_DNC_EXPORT] = "dnc_export",
        [JOB_CONTACTS_IMPORT] = "contacts_import",
        [JOB_DNC_IMPORT] = "dnc_import",
        [JOB_CONTACTS_UPDATE] = "contacts_update",
        [JOB_CONTACTS_REMOVE] = "contacts_remove",
        [JOB_TEMPLATE_IMPORT] = "template_import",
        [JOB_CONTACTS_ACT] = "contacts_act",
        [JOB_CONTACTS_COUNT] = "contacts_count",
        [JOB_CONTACTS_INDEX] = "contacts_index",
    };
    return kind < JOB_KIND_COUNT ? names[kind] : "none";
}

const char *job_state_name(enum job_state state)
{
    static const char *const names[JOB_STATE_COUNT] = {
        [JOB_WAITING] = "waiting", [JOB_RUNNING] = "running",     [JOB_COMPLETE] = "complete",
        [JOB_FAILED] = "failed",   [JOB_CANCELLED] = "cancelled", [JOB_UNDONE] = "undone",
    };
    return state < JOB_STATE_COUNT ? names[state] : "failed";
}

bool job_state_is_open(enum job_state state)
{
    return state == JOB_WAITING || state == JOB_RUNNING;
}
