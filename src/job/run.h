/* run.h -- a job that runs, as its work sees it. Private to job/. */
#ifndef CADRAN_JOB_RUN_H
#define CADRAN_JOB_RUN_H

#include <stdatomic.h>

#include "job/jobs.h"
#include "resource/guid.h"
#include "resource/value.h"

#define JOB_PLACE_SIZE 4096
#define JOB_FAILURE_SIZE 400
#define JOB_PLACE_UNDO "undo" /* of an import: take back what it added */

struct job_run {
    struct jobs *jobs;
    const struct jobs_options *options;
    const struct guid_key *key;
    struct job_record record; /* done, total and refused are the work's to move */
    char place[JOB_PLACE_SIZE];
    char failure[JOB_FAILURE_SIZE]; /* the work's own sentence; "" = what its error says */
    json_t *task;
    struct arena arena; /* dies with the run */
    atomic_bool is_cancelled;
    enum job_state end_state; /* instead of COMPLETE; JOB_WAITING = that */
    struct mono saved_at, told_at, room_at;
};

/* Says how far it is: stored twice a second at most, unless `is_forced`. STATUS_CONFLICT: it
 * was cancelled. STATUS_TIMEOUT: the process ends; return it, and the job is taken up again.
 * STATUS_FULL: the disk is nearly full. */
enum status job_checkpoint(struct job_run *run, bool is_forced, struct error *err) MUST_USE;
/* Contacts changed: tells whoever wants to know, twice a second at most unless `is_forced`. */
void job_contacts_changed(struct job_run *run, struct list_id list, bool is_forced);

/* A list's columns; its document lives in the run's arena. STATUS_NOT_FOUND: the list is gone.
 */
struct job_list {
    struct list_id id;
    struct list_columns columns;
    const struct zone *zone; /* its own; NULL: none is said */
    bool exists;
};
enum status job_list_load(struct job_run *run, int64_t id, struct job_list *list,
                          struct error *err) MUST_USE;

/* What each kind does. STATUS_OK: complete. What they leave behind on failure is theirs. */
enum status job_contacts_export(struct job_run *run, struct error *err);
enum status job_dnc_export(struct job_run *run, struct error *err);
enum status job_contacts_import(struct job_run *run, struct error *err);
enum status job_dnc_import(struct job_run *run, struct error *err);
enum status job_contacts_update(struct job_run *run, struct error *err);
enum status job_contacts_remove(struct job_run *run, struct error *err);
enum status job_contacts_act(struct job_run *run, struct error *err);
enum status job_template_import(struct job_run *run, struct error *err);
enum status job_contacts_count(struct job_run *run, struct error *err);
enum status job_contacts_index(struct job_run *run, struct error *err);

/* Removes the contacts of lists whose retention is over; those that are being called go at the
 * next time. */
void retention_apply(const struct jobs_options *options, struct wall now);

#define RUN_STORE(run_, op, ...)                                                               \
    ((run_)->options->store.ops->op((run_)->options->store.self, __VA_ARGS__))

#endif
