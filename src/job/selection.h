/* selection.h -- which contacts of a list a job means, page by page. Private to job/.
 * By their ids ("contactIds"), or by a filter ("filter", a text by column position, as of the
 * instant "now"; "" = every contact). By filter the place is the last contact looked at, so
 * that a job that is resumed, or whose own changes move contacts out of the filter, misses
 * none. */
#ifndef CADRAN_JOB_SELECTION_H
#define CADRAN_JOB_SELECTION_H

#include "filter/text.h"
#include "job/run.h"

#define SELECTION_PAGE 250

struct selection {
    struct job_run *run;
    struct list_id list;
    int64_t at;    /* the place to go on from: ids looked at, or the last contact's own id */
    int64_t total; /* contacts that may be meant, at most */
    bool is_by_filter;
    struct filter filter; /* in the run's arena */
    struct wall now;
};

enum status selection_open(struct selection *selection, struct job_run *run, int64_t at,
                           struct error *err);
/* The next contacts, at most SELECTION_PAGE, in the arena; *is_last when none follow. Those
 * that are not there are left out; a page may be empty and not the last. */
enum status selection_next(struct selection *selection, struct arena *arena,
                           struct contact_record *records, size_t *count, bool *is_last,
                           struct error *err);

#endif
