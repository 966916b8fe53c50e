/* selection.h -- which contacts of a list a job means, page by page. Private to job/.
 * By their ids ("contactIds"); by filter it is refused until filters can be asked here. */
#ifndef CADRAN_JOB_SELECTION_H
#define CADRAN_JOB_SELECTION_H

#include "job/run.h"

#define SELECTION_PAGE 250

struct selection {
    struct job_run *run;
    struct list_id list;
    int64_t at;    /* ids looked at so far: the place to go on from */
    int64_t total; /* contacts that may be meant, at most */
};

enum status selection_open(struct selection *selection, struct job_run *run, int64_t at,
                           struct error *err);
/* The next contacts, at most SELECTION_PAGE, in the arena; *is_last when none follow. Those
 * that are not there are left out. */
enum status selection_next(struct selection *selection, struct arena *arena,
                           struct contact_record *records, size_t *count, bool *is_last,
                           struct error *err);

#endif
