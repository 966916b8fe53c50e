/* jobs.h -- long work in the background: exports, imports, changes of many contacts.
 *
 * A job is stored before it begins, and where it stands is stored while it runs; so a process
 * that died leaves nothing half done: the next one takes up every job that had not ended, and
 * each kind either goes on where it stood or begins again (job_record.resumes counts it, the
 * log says it). A job runs on one of a few threads; those that wait are taken in the order of
 * their ids. Its files lie in DATA/jobs and go with it, JOBS_KEPT_US after its end.
 *
 * It never speaks HTTP and never asks the engine: whoever made it is told that contacts
 * changed. Any thread may call, until jobs_destroy. */
#ifndef CADRAN_JOB_JOBS_H
#define CADRAN_JOB_JOBS_H

#include <jansson.h>

#include "base/status.h"
#include "model/zone.h"
#include "port/store.h"

#define JOBS_OPEN_MAX 500 /* jobs that wait or run, at most */
#define JOBS_RUNNERS 3
#define JOBS_KEPT_US (7 * US_PER_DAY)

struct jobs;

struct jobs_options {
    struct store_port store;
    const struct zone_table *zones;
    const char *data;   /* the data directory */
    const char *region; /* of numbers without a country code: "FR" */
    int64_t kept_us;    /* how long an ended job is kept; 0 = JOBS_KEPT_US */
    /* Bytes that imports, exports and edits leave free on the disk of `data`, so that there is
     * room to take them back and for calls; 0 = 64 MiB, or a quarter of a smaller disk. */
    int64_t room_min;
    /* Contacts of the list are new or other than they were: on a runner's thread, at most
     * twice a second for each job. NULL: nobody wants to know. */
    void (*contacts_changed)(void *context, struct list_id list);
    void *context;
};

/* Nothing runs before jobs_start. */
enum status jobs_create(const struct jobs_options *options, struct jobs **jobs,
                        struct error *err) MUST_USE;
/* Takes up what an earlier process left, and runs. */
enum status jobs_start(struct jobs *jobs, struct error *err) MUST_USE;
/* Jobs that run stop where they stand and are taken up at the next start. NULL is accepted. */
void jobs_destroy(struct jobs *jobs);

struct job_order {
    enum job_kind kind;
    struct entity_ref subject, owner;
    const json_t *task; /* what to do; NULL: there is nothing to say */
    int fd;             /* an input file, linked or copied; stays the caller's. -1 = none */
    bool is_alone;      /* STATUS_CONFLICT while such a job of this subject waits or runs */
};
enum status jobs_add(struct jobs *jobs, const struct job_order *order, int64_t *id,
                     struct error *err) MUST_USE;
/* It ends soon after; one that waited, at once. STATUS_CONFLICT when it has ended. */
enum status jobs_cancel(struct jobs *jobs, int64_t id, struct error *err) MUST_USE;

/* Takes back what a complete import added, but for contacts that were called; what it replaced
 * stays as it is. STATUS_CONFLICT for any other job. */
enum status jobs_undo(struct jobs *jobs, int64_t id, struct error *err) MUST_USE;

/* The newest job of a kind and subject. STATUS_NOT_FOUND when there is none (any more). */
enum status jobs_newest(struct jobs *jobs, enum job_kind kind, struct entity_ref subject,
                        struct arena *arena, struct job_record *job,
                        struct error *err) MUST_USE;

/* STATUS_FULL where that many more entries are too many: of one list a million, of all two. */
enum status jobs_dnc_room(struct store_port store, struct dnc_list_id list, int64_t more,
                          struct error *err) MUST_USE;
/* The lists that an import through a template makes, from its place. Returns how many. */
size_t jobs_target_lists(const char *place, int64_t *lists, size_t room);
/* The rows of its file that no filter of the template means, from its place. */
int64_t jobs_filtered_out(const char *place);
/* "yyyy-MM-ddTHH:mmZ", also with seconds. */
bool dnc_expiry_parse(const char *text, struct wall *at);

enum job_file {
    JOB_FILE_RESULT,    /* what it made: CSV */
    JOB_FILE_INPUT,     /* what it was given */
    JOB_FILE_REFUSED,   /* rows that it refused: line,column,reason,value */
    JOB_FILE_IDS,       /* the contacts that its rows became: line,inin-outbound-id */
    JOB_FILE_CONVERTED, /* the input by its file specification */
    JOB_FILE_COUNT
};
#define JOB_PATH_SIZE 640
void jobs_path(const struct jobs *jobs, int64_t id, enum job_file file,
               char path[JOB_PATH_SIZE]);

#endif
