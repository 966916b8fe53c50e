/* job.h -- long work that people ask for and that outlives the process: exports, imports,
 * changes of many contacts. Values only; src/job/ runs them.
 *
 *   create  WAITING --- a runner is free ---> RUNNING --+--> COMPLETE
 *              |                               |   ^    +--> FAILED
 *              +----- cancel ---> CANCELLED <--+   |    +--> UNDONE (an import taken back)
 *                                                  +-- the process died: it is resumed       */
#ifndef CADRAN_MODEL_JOB_H
#define CADRAN_MODEL_JOB_H

#include <stdbool.h>

/* Stored numbers: append only. */
enum job_kind {
    JOB_NONE = 0,
    JOB_CONTACTS_EXPORT = 1,
    JOB_DNC_EXPORT = 2,
    JOB_CONTACTS_IMPORT = 3,
    JOB_DNC_IMPORT = 4,
    JOB_CONTACTS_UPDATE = 5,
    JOB_CONTACTS_REMOVE = 6,
    JOB_TEMPLATE_IMPORT = 7, /* a file through an import template: into several lists */
    JOB_CONTACTS_ACT = 8,    /* pause, reset, ...: model/contact.h */
    JOB_CONTACTS_COUNT = 9,
    JOB_CONTACTS_INDEX = 10, /* of a column, for sorts of a large list */
    JOB_KIND_COUNT
};
/* "contacts_export", ... */
const char *job_kind_name(enum job_kind kind);

/* Stored numbers: append only. */
enum job_state {
    JOB_WAITING = 0,
    JOB_RUNNING = 1,
    JOB_COMPLETE = 2,
    JOB_FAILED = 3,
    JOB_CANCELLED = 4,
    JOB_UNDONE = 5,
    JOB_STATE_COUNT
};
/* "waiting", ... */
const char *job_state_name(enum job_state state);
/* Whether it waits or runs. */
bool job_state_is_open(enum job_state state);

#endif
