/* row_filters.h -- which rows of a file an import template means: those that pass its contact
 * list filter, and to which of the filters that it splits by each belongs. What a filter says
 * is filter/match.c's to say, of the contact that a row would become. Private to job/; one
 * thread. */
#ifndef CADRAN_JOB_ROW_FILTERS_H
#define CADRAN_JOB_ROW_FILTERS_H

#include "job/run.h"

struct row_filters {
    bool has_meant;
    struct filter meant; /* the template's own */
    int32_t count;       /* of those it splits by; 0: it does not split by filters */
    struct filter filters[SPLIT_FILTERS_MAX];
    const char *names[SPLIT_FILTERS_MAX];
    bool is_waterfall;  /* the first that holds has the row to itself; else each that holds */
    bool has_remainder; /* what none of them holds for is a part of its own */
    struct wall now;    /* one instant for the whole file: relative dates mean the same in it */
};

/* STATUS_NOT_FOUND, STATUS_INVALID: a filter was removed, or does not fit the columns. The
 * trees and names live in the run's arena. */
enum status row_filters_load(struct job_run *run, const json_t *template_,
                             const struct list_columns *columns, struct row_filters *filters,
                             struct error *err) MUST_USE;

/* The parts that a row belongs to, as bits: bit i for filter i, bit `count` for the remainder;
 * where it does not split by filters bit 0. None: the row is filtered out. */
uint64_t row_filters_parts(const struct row_filters *filters,
                           const struct filter_contact *contact);

#endif
