/* contact_rows.h -- contacts as rows of an exported file. Private to job/. */
#ifndef CADRAN_JOB_CONTACT_ROWS_H
#define CADRAN_JOB_CONTACT_ROWS_H

#include "job/run.h"
#include "store/export/csv_out.h"

struct contact_rows {
    const struct job_run *run;
    const struct job_list *list;
    struct zone_set *sets; /* by id - 1, as far as they were known at the start */
    size_t set_count;
};

/* Reads what rows need of the store: the names of zone sets. */
enum status contact_rows_init(struct contact_rows *rows, struct job_run *run,
                              const struct job_list *list, struct error *err);
void contact_rows_header(const struct contact_rows *rows, struct csv_out *out);
void contact_rows_put(const struct contact_rows *rows, const struct contact_record *record,
                      struct csv_out *out);

#endif
