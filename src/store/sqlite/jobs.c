/* Jobs: long work, as src/job/ keeps it. */
#include "store/sqlite/connection.h"

#define JOBS_LISTED_MAX 1000

static enum status job_missing(int64_t id, struct error *err)
{
    return error_set(err, STATUS_NOT_FOUND, "", "there is no job %lld", (long long)id);
}

enum status sqlite_job_create(void *self, const struct job_record *job, struct wall now,
                              int64_t *id, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status =
        sql_run(&store->writer, SQL_JOB_INSERT,
                SQL_VALUES(SQL_INT(job->kind), SQL_INT(JOB_WAITING), SQL_INT(job->subject.kind),
                           SQL_INT(job->subject.id), SQL_INT(job->owner.kind),
                           SQL_INT(job->owner.id), SQL_TEXT(job->task ? job->task : "{}"),
                           SQL_TEXT(job->place ? job->place : ""), SQL_INT(job->total),
                           SQL_INT(job->has_file), SQL_INT(now.us)),
                err);
    *id = sqlite3_last_insert_rowid(store->writer.db);
    return write_end(store, status, err);
}

enum status sqlite_job_save(void *self, const struct job_record *job, struct error *err)
{
    struct store_sqlite *store = self;
    int64_t found = 0;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = sql_get(&store->writer, SQL_JOB_UPDATE,
                     SQL_VALUES(SQL_INT(job->id), SQL_INT(job->state), SQL_TEXT(job->place),
                                SQL_TEXT(job->failure), SQL_INT(job->total), SQL_INT(job->done),
                                SQL_INT(job->refused), SQL_INT(job->resumes),
                                SQL_INT(job->has_file), SQL_INT(job->ended_at.us)),
                     &found, err);
    if (status == STATUS_NOT_FOUND)
        status = job_missing(job->id, err);
    return write_end(store, status, err);
}

enum status sqlite_job_mark(struct connection *connection, const struct job_mark *mark,
                            struct error *err)
{
    int64_t found = 0;
    enum status status =
        sql_get(connection, SQL_JOB_MARK,
                SQL_VALUES(SQL_INT(mark->job), SQL_TEXT(mark->place), SQL_INT(mark->total),
                           SQL_INT(mark->done), SQL_INT(mark->refused)),
                &found, err);
    return status == STATUS_NOT_FOUND ? job_missing(mark->job, err) : status;
}

static void job_read(struct rows *rows, struct arena *arena, struct job_record *job)
{
    sqlite3_stmt *at = rows->statement;
    *job = (struct job_record){
        .id = sqlite3_column_int64(at, 0),
        .kind = (enum job_kind)sqlite3_column_int(at, 1),
        .state = (enum job_state)sqlite3_column_int(at, 2),
        .subject = {(enum entity_kind)sqlite3_column_int(at, 3), sqlite3_column_int64(at, 4)},
        .owner = {(enum entity_kind)sqlite3_column_int(at, 5), sqlite3_column_int64(at, 6)},
        .task = rows_text(rows, 7, arena),
        .place = rows_text(rows, 8, arena),
        .failure = rows_text(rows, 9, arena),
        .total = sqlite3_column_int64(at, 10),
        .done = sqlite3_column_int64(at, 11),
        .refused = sqlite3_column_int64(at, 12),
        .resumes = sqlite3_column_int(at, 13),
        .has_file = sqlite3_column_int(at, 14) != 0,
        .created_at = {sqlite3_column_int64(at, 15)},
        .ended_at = {sqlite3_column_int64(at, 16)},
    };
}

enum status sqlite_job_get(void *self, int64_t id, struct arena *arena, struct job_record *job,
                           struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct rows rows = sql_start(reader, SQL_JOB_GET, SQL_VALUES(SQL_INT(id)));
    bool has_row = rows_next(&rows);
    if (has_row)
        job_read(&rows, arena, job);
    enum status status = rows_end(&rows, err);
    return read_end(reader, status || has_row ? status : job_missing(id, err));
}

static enum sql list_statement(const struct job_query *query)
{
    if (query->subject.kind)
        return query->is_newest_first ? SQL_JOB_LIST_SUBJECT_DOWN : SQL_JOB_LIST_SUBJECT;
    return query->is_newest_first ? SQL_JOB_LIST_DOWN : SQL_JOB_LIST_UP;
}

enum status sqlite_jobs_list(void *self, const struct job_query *query, struct arena *arena,
                             struct job_record **jobs, size_t *count, struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *count = 0;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    if (limit > JOBS_LISTED_MAX)
        limit = JOBS_LISTED_MAX;
    *jobs = arena_new(arena, limit, sizeof(**jobs));
    struct rows rows = sql_start(reader, list_statement(query),
                                 SQL_VALUES(SQL_INT(query->kind), SQL_INT(query->subject.kind),
                                            SQL_INT(query->subject.id), SQL_INT(query->is_open),
                                            SQL_INT(query->ended_before.us),
                                            SQL_INT(query->after), SQL_INT((int64_t)limit)));
    while (*count < limit && rows_next(&rows))
        job_read(&rows, arena, &(*jobs)[(*count)++]);
    return read_end(reader, rows_end(&rows, err));
}

enum status sqlite_job_remove(void *self, int64_t id, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = sql_run(&store->writer, SQL_JOB_DELETE, SQL_VALUES(SQL_INT(id)), err);
    return write_end(store, status, err);
}
