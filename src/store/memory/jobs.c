#include <stdlib.h>

#include "store/memory/rows.h"

void memory_job_free(struct memory_job *job)
{
    free(job->task);
    free(job->place);
    free(job->failure);
}

static void text_put(char **place, const char *text)
{
    char *copy = memory_text(text ? text : "", text ? strlen(text) : 0);
    free(*place);
    *place = copy;
}

struct memory_job *memory_job_find(struct store_memory *store, int64_t id)
{
    for (size_t i = 0; i < store->jobs.count; i++)
        if (store->jobs.items[i].record.id == id)
            return &store->jobs.items[i];
    return NULL;
}

static enum status job_missing(int64_t id, struct error *err)
{
    return error_set(err, STATUS_NOT_FOUND, "", "there is no job %lld", (long long)id);
}

enum status memory_job_create(void *self, const struct job_record *job, struct wall now,
                              int64_t *id, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_job *row = MEMORY_ADD(&store->jobs);
    row->record = *job;
    row->record.id = *id = ++store->job_last;
    row->record.state = JOB_WAITING;
    row->record.created_at = now;
    row->record.ended_at = (struct wall){0};
    row->record.done = row->record.refused = 0;
    row->record.resumes = 0;
    text_put(&row->task, job->task ? job->task : "{}");
    text_put(&row->place, job->place);
    text_put(&row->failure, "");
    return STATUS_OK;
}

enum status memory_job_save(void *self, const struct job_record *job, struct error *err)
{
    struct memory_job *row = memory_job_find(self, job->id);
    if (!row)
        return job_missing(job->id, err);
    struct job_record *to = &row->record;
    to->state = job->state;
    to->total = job->total;
    to->done = job->done;
    to->refused = job->refused;
    to->resumes = job->resumes;
    to->has_file = job->has_file;
    to->ended_at = job->ended_at;
    text_put(&row->place, job->place);
    text_put(&row->failure, job->failure);
    return STATUS_OK;
}

enum status memory_job_mark(struct store_memory *store, const struct job_mark *mark,
                            struct error *err)
{
    struct memory_job *row = memory_job_find(store, mark->job);
    if (!row)
        return job_missing(mark->job, err);
    row->record.total = mark->total;
    row->record.done = mark->done;
    row->record.refused = mark->refused;
    text_put(&row->place, mark->place);
    return STATUS_OK;
}

static void job_give(const struct memory_job *row, struct arena *arena, struct job_record *job)
{
    *job = row->record;
    job->task = arena_text(arena, row->task, strlen(row->task));
    job->place = arena_text(arena, row->place, strlen(row->place));
    job->failure = arena_text(arena, row->failure, strlen(row->failure));
}

enum status memory_job_get(void *self, int64_t id, struct arena *arena, struct job_record *job,
                           struct error *err)
{
    const struct memory_job *row = memory_job_find(self, id);
    if (!row)
        return job_missing(id, err);
    job_give(row, arena, job);
    return STATUS_OK;
}

static bool job_matches(const struct job_record *job, const struct job_query *query)
{
    bool is_behind = query->is_newest_first ? !query->after || job->id < query->after
                                            : job->id > query->after;
    return is_behind && (!query->kind || job->kind == query->kind) &&
           (!query->subject.kind || (job->subject.kind == query->subject.kind &&
                                     job->subject.id == query->subject.id)) &&
           (!query->is_open || job_state_is_open(job->state)) &&
           (!query->ended_before.us ||
            (job->ended_at.us && job->ended_at.us < query->ended_before.us));
}

enum status memory_jobs_list(void *self, const struct job_query *query, struct arena *arena,
                             struct job_record **jobs, size_t *count, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *jobs = arena_new(arena, limit, sizeof(**jobs));
    *count = 0;
    for (size_t i = 0; i < store->jobs.count && *count < limit; i++) {
        size_t at = query->is_newest_first ? store->jobs.count - 1 - i : i;
        const struct memory_job *row = &store->jobs.items[at];
        if (job_matches(&row->record, query))
            job_give(row, arena, &(*jobs)[(*count)++]);
    }
    return STATUS_OK;
}

enum status memory_job_remove(void *self, int64_t id, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_job *row = memory_job_find(store, id);
    if (row) {
        memory_job_free(row);
        MEMORY_REMOVE(&store->jobs, (size_t)(row - store->jobs.items));
    }
    return STATUS_OK;
}
