/* template.h -- what import templates and file specifications say, for jobs. Private to job/.
 */
#ifndef CADRAN_JOB_TEMPLATE_H
#define CADRAN_JOB_TEMPLATE_H

#include "job/run.h"
#include "store/import/import.h"

/* A list's name by a template's format. `part` 0: there is one list only; -1: the remainder. */
struct list_name {
    const char *format, *custom, *prefix,
        *value; /* value: of the column, or the filter's name */
    int32_t part;
    struct wall at;
};
#define LIST_NAME_SIZE 300
void list_name_write(const struct list_name *name, char text[LIST_NAME_SIZE]);

/* A stored document, the caller's. STATUS_NOT_FOUND: it was removed meanwhile. */
enum status job_document_load(struct job_run *run, enum entity_kind kind, int64_t id,
                              json_t **document, struct error *err) MUST_USE;

/* Makes a CSV file of the job's input by its file specification (task "fileSpecification").
 * `path` is where the rows are then: the input's own where there is none. */
enum status job_input_convert(struct job_run *run, char path[JOB_PATH_SIZE],
                              struct error *err) MUST_USE;

/* The columns of the file that say how long its contacts are kept, as an upload names them. */
void import_retention(struct import_order *order, const json_t *task);

#endif
