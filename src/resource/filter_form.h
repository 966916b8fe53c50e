/* filter_form.h -- Genesys Cloud's structured form of a filter: filterType, clauses,
 * predicates.
 *
 * It says less than the tree: two levels, columns only, NOT of single predicates, at most ten
 * of them. What it cannot say is refused here with a sentence; the text says everything
 * (filter/text.h). Pure; any thread. Source: docs/filters.md. */
#ifndef CADRAN_RESOURCE_FILTER_FORM_H
#define CADRAN_RESOURCE_FILTER_FORM_H

#include <jansson.h>

#include "filter/text.h"

#define FILTER_FORM_CONDITIONS_MAX 10

/* {filterType, clauses} -> the tree; no clauses: every contact. Paths of errors begin with
 * "clauses" or "filterType". */
enum status filter_form_read(const json_t *form, const struct filter_columns *columns,
                             struct arena *arena, struct filter *filter,
                             struct error *err) MUST_USE;
/* The tree as {filterType, clauses}, the caller's. STATUS_CONFLICT, and *form NULL: it cannot
 * be said so; err says why. */
enum status filter_form_write(const struct filter *filter, const struct filter_columns *columns,
                              json_t **form, struct error *err) MUST_USE;

#endif
