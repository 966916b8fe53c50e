/* Jobs: long work, as src/job/ keeps it. */
#include "store/postgres/session.h"

#define JOBS_LISTED_MAX 1000

static enum status job_missing(int64_t id, struct error *err)
{
    return error_set(err, STATUS_NOT_FOUND, "", "there is no job %lld", (long long)id);
}

enum status postgres_job_create(void *self, const struct job_record *job, struct wall now,
                                int64_t *id, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = pg_get(
        writer, PG_JOB_INSERT,
        PG_VALUES(PG_INT(job->kind), PG_INT(JOB_WAITING), PG_INT(job->subject.kind),
                  PG_INT(job->subject.id), PG_INT(job->owner.kind), PG_INT(job->owner.id),
                  PG_TEXT(job->task ? job->task : "{}"), PG_TEXT(job->place ? job->place : ""),
                  PG_INT(job->total), PG_INT(job->has_file), PG_INT(now.us)),
        id, err);
    return pg_write_end(store, STORE_API, status, err);
}

enum status postgres_job_save(void *self, const struct job_record *job, struct error *err)
{
    struct store_postgres *store = self;
    int64_t found = 0;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status =
        pg_get(writer, PG_JOB_UPDATE,
               PG_VALUES(PG_INT(job->id), PG_INT(job->state), PG_TEXT(job->place),
                         PG_TEXT(job->failure), PG_INT(job->total), PG_INT(job->done),
                         PG_INT(job->refused), PG_INT(job->resumes), PG_INT(job->has_file),
                         PG_INT(job->ended_at.us)),
               &found, err);
    if (status == STATUS_NOT_FOUND)
        status = job_missing(job->id, err);
    return pg_write_end(store, STORE_API, status, err);
}

enum status pg_job_mark(struct pg_connection *connection, const struct job_mark *mark,
                        struct error *err)
{
    int64_t found = 0;
    enum status status =
        pg_get(connection, PG_JOB_MARK,
               PG_VALUES(PG_INT(mark->job), PG_TEXT(mark->place), PG_INT(mark->total),
                         PG_INT(mark->done), PG_INT(mark->refused)),
               &found, err);
    return status == STATUS_NOT_FOUND ? job_missing(mark->job, err) : status;
}

static void job_read(const struct pg_rows *rows, struct arena *arena, struct job_record *job)
{
    *job = (struct job_record){
        .id = pg_int(rows, 0),
        .kind = (enum job_kind)pg_int(rows, 1),
        .state = (enum job_state)pg_int(rows, 2),
        .subject = {(enum entity_kind)pg_int(rows, 3), pg_int(rows, 4)},
        .owner = {(enum entity_kind)pg_int(rows, 5), pg_int(rows, 6)},
        .task = pg_text_in(rows, 7, arena),
        .place = pg_text_in(rows, 8, arena),
        .failure = pg_text_in(rows, 9, arena),
        .total = pg_int(rows, 10),
        .done = pg_int(rows, 11),
        .refused = pg_int(rows, 12),
        .resumes = (int32_t)pg_int(rows, 13),
        .has_file = pg_bool(rows, 14),
        .created_at = {pg_int(rows, 15)},
        .ended_at = {pg_int(rows, 16)},
    };
}

enum status postgres_job_get(void *self, int64_t id, struct arena *arena,
                             struct job_record *job, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct pg_rows rows = pg_start(reader, PG_JOB_GET, PG_VALUES(PG_INT(id)));
    bool has_row = pg_next(&rows);
    if (has_row)
        job_read(&rows, arena, job);
    enum status status = pg_end(&rows, err);
    return pg_read_end(reader, status || has_row ? status : job_missing(id, err));
}

enum status postgres_jobs_list(void *self, const struct job_query *query, struct arena *arena,
                               struct job_record **jobs, size_t *count, struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    if (limit > JOBS_LISTED_MAX)
        limit = JOBS_LISTED_MAX;
    *jobs = arena_new(arena, limit, sizeof(**jobs));
    struct pg_rows rows = pg_start(
        reader, query->is_newest_first ? PG_JOB_LIST_DOWN : PG_JOB_LIST_UP,
        PG_VALUES(PG_INT(query->kind), PG_INT(query->subject.kind), PG_INT(query->subject.id),
                  PG_INT(query->is_open), PG_INT(query->ended_before.us), PG_INT(query->after),
                  PG_INT((int64_t)limit)));
    while (*count < limit && pg_next(&rows))
        job_read(&rows, arena, &(*jobs)[(*count)++]);
    return pg_read_end(reader, pg_end(&rows, err));
}

enum status postgres_job_remove(void *self, int64_t id, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = pg_run(writer, PG_JOB_DELETE, PG_VALUES(PG_INT(id)), err);
    return pg_write_end(store, STORE_API, status, err);
}
