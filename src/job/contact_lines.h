/* contact_lines.h -- contacts as lines of an exported file. Private to job/. */
#ifndef CADRAN_JOB_CONTACT_LINES_H
#define CADRAN_JOB_CONTACT_LINES_H

#include "job/run.h"
#include "store/export/csv_out.h"

struct contact_lines {
    const struct job_run *run;
    const struct job_list *list;
    struct zone_set *sets; /* by id - 1, as far as they were known at the start */
    size_t set_count;
};

/* Reads what rows need of the store: the names of zone sets. */
enum status contact_lines_init(struct contact_lines *rows, struct job_run *run,
                               const struct job_list *list, struct error *err);
void contact_lines_header(const struct contact_lines *rows, struct csv_out *out);
void contact_lines_put(const struct contact_lines *rows, const struct contact_record *record,
                       struct csv_out *out);

#endif
