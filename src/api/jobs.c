/* Long work over HTTP: exports and their files, and every job as it stands. */
#include <string.h>

#include "api/internal.h"

#define JOBS_LISTED_MAX 100

const char *call_base(struct call *call)
{
    const struct scgi_head *head = &call->request->head;
    return arena_format(call->arena, "%s://%s", head->scheme ? head->scheme : "http",
                        head->host ? head->host : "localhost");
}

static bool jobs_are_served(struct call *call)
{
    if (!call->api->jobs)
        http_respond_error(call->response, 503, "service.unavailable", "",
                           "This server runs no jobs.");
    return call->api->jobs != NULL;
}

bool call_job_add(struct call *call, struct job_order *order, int64_t *id)
{
    const struct http_principal *who = &call->request->principal;
    order->owner = (struct entity_ref){(enum entity_kind)who->kind, who->id};
    if (!jobs_are_served(call))
        return false;
    return jobs_add(call->api->jobs, order, id, &call->err) == STATUS_OK || call_fail(call);
}

void call_job_respond(struct call *call, struct job_order *order)
{
    struct job_record job;
    int64_t id = 0;
    if (!call_job_add(call, order, &id))
        return;
    if (STORE(call->api, job_get, id, call->arena, &job, &call->err) == STATUS_OK)
        http_respond_json(call->response, 202, job_write(call, &job));
    else
        call_fail(call);
}

void respond_job_file(struct call *call, int64_t job, enum job_file file, const char *saved_as)
{
    char path[JOB_PATH_SIZE], name[HTTP_FILE_NAME_SIZE];
    jobs_path(call->api->jobs, job, file, path);
    if (http_file_link(call->api->server, path, ".csv", name, &call->err) != STATUS_OK)
        call_fail(call);
    else
        http_respond_file(call->response, name, "text/csv; charset=utf-8", saved_as);
}

/* --- Exports --------------------------------------------------------------------------------
 */

static void export_start(struct call *call, enum job_kind job, const struct entity *list,
                         enum entity_kind kind, json_t *task)
{
    int64_t id = 0;
    struct job_order order = {.kind = job, .subject = {kind, list->id}, .task = task, .fd = -1};
    if (!call_job_add(call, &order, &id))
        return;
    const char *guid = call_guid(call, GUID_JOB, id);
    const char *self = arena_format(call->arena, "%s/%s/export", resource_of(kind)->path,
                                    call_guid(call, (int32_t)kind, list->id));
    http_respond_json(
        call->response, 200,
        json_pack("{s:s,s:s,s:s}", "id", guid, "name", list->name, "selfUri", self));
}

static void export_respond(struct call *call, const struct job_record *job)
{
    char date[WALL_TEXT_SIZE];
    const char *uri = arena_format(call->arena, "%s/downloads/%s", call_base(call),
                                   call_guid(call, GUID_JOB, job->id));
    if (http_query_bool(call->request, "download", false)) {
        http_respond_empty(call->response, 302);
        http_header(call->response, "Location", "%s", uri);
        return;
    }
    wall_format(job->ended_at, date);
    http_respond_json(call->response, 200,
                      json_pack("{s:s,s:s}", "uri", uri, "exportTimestamp", date));
}

static void export_get(void *context, struct http_request *request,
                       struct http_response *response, enum entity_kind kind, enum job_kind job)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct job_record record;
    if (!call_entity(&call, "id", kind, &list) || !jobs_are_served(&call))
        return;
    enum status status = jobs_newest(call.api->jobs, job, (struct entity_ref){kind, list.id},
                                     call.arena, &record, &call.err);
    if (status == STATUS_OK && record.state == JOB_COMPLETE)
        export_respond(&call, &record);
    else if (status == STATUS_OK && job_state_is_open(record.state))
        http_respond_error(response, 404, "not.found", "",
                           "The export is being made: ask again in a moment.");
    else if (status == STATUS_OK)
        http_respond_error(response, 404, "not.found", "", "The last export has failed: %s.",
                           record.failure[0] ? record.failure : job_state_name(record.state));
    else if (status == STATUS_NOT_FOUND)
        http_respond_error(response, 404, "not.found", "",
                           "Nobody has exported this list: start an export with POST.");
    else
        call_fail(&call);
}

/* Without a body, or with an empty one: every contact. */
void contacts_export_start(void *context, struct http_request *request,
                           struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    json_t *body = NULL;
    if ((request->body_len && !call_object(&call, &body)) || !list_load(&call, &list))
        return;
    json_t *task = json_pack("{s:s}", "filter", "");
    if (!json_object_size(body) || task_selection_add(&call, &list, body, task))
        export_start(&call, JOB_CONTACTS_EXPORT, &list.entity, ENTITY_CONTACT_LIST, task);
    json_decref(task);
    list_fini(&list);
}

/* POST .../contacts/count: exactly, however large the list is. Without a body: every contact.
 */
void contacts_count_start(void *context, struct http_request *request,
                          struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    json_t *body = NULL;
    if ((request->body_len && !call_object(&call, &body)) || !list_load(&call, &list))
        return;
    json_t *task = json_object();
    struct job_order order = {.kind = JOB_CONTACTS_COUNT,
                              .subject = {ENTITY_CONTACT_LIST, list.entity.id},
                              .task = task,
                              .fd = -1};
    if (task_filter_add(&call, &list, body ? body : task, task))
        call_job_respond(&call, &order);
    json_decref(task);
    list_fini(&list);
}

void contacts_export_get(void *context, struct http_request *request,
                         struct http_response *response)
{
    export_get(context, request, response, ENTITY_CONTACT_LIST, JOB_CONTACTS_EXPORT);
}

void dnc_export_start(void *context, struct http_request *request,
                      struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    if (call_entity(&call, "id", ENTITY_DNC_LIST, &list))
        export_start(&call, JOB_DNC_EXPORT, &list, ENTITY_DNC_LIST, NULL);
}

void dnc_export_get(void *context, struct http_request *request, struct http_response *response)
{
    export_get(context, request, response, ENTITY_DNC_LIST, JOB_DNC_EXPORT);
}

/* --- Any job --------------------------------------------------------------------------------
 */

/* The job of the path. False: answered. */
static bool job_load(struct call *call, const char *param, struct job_record *job)
{
    int64_t id = 0;
    enum status status = STATUS_NOT_FOUND;
    if (!jobs_are_served(call))
        return false;
    if (guid_parse(&call->api->guid, GUID_JOB, http_path_param(call->request, param), &id))
        status = STORE(call->api, job_get, id, call->arena, job, &call->err);
    if (status == STATUS_OK)
        return true;
    if (status != STATUS_NOT_FOUND)
        return call_fail(call);
    http_respond_error(call->response, 404, "not.found", "", "There is no such job.");
    return false;
}

void download_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct job_record job;
    if (!job_load(&call, "downloadId", &job))
        return;
    if (!job.has_file)
        http_respond_error(response, 404, "not.found", "", "The job has left no file.");
    else
        respond_job_file(&call, job.id, JOB_FILE_RESULT,
                         job.kind == JOB_DNC_EXPORT ? "dnclist.csv" : "contacts.csv");
}

json_t *job_write(struct call *call, const struct job_record *job)
{
    struct resource_writer writer = call_writer(call);
    const char *guid = call_guid(call, GUID_JOB, job->id);
    json_t *out =
        json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:i,s:s}", "id", guid, "kind",
                  job_kind_name(job->kind), "state", job_state_name(job->state), "total",
                  (json_int_t)job->total, "done", (json_int_t)job->done, "refused",
                  (json_int_t)job->refused, "resumes", (int)job->resumes, "selfUri",
                  arena_format(call->arena, "/api/cadran/v1/jobs/%s", guid));
    if (job->kind == JOB_TEMPLATE_IMPORT)
        json_object_set_new(out, "filteredOut", json_integer(jobs_filtered_out(job->place)));
    if (resource_of(job->subject.kind))
        json_object_set_new(out, "subject",
                            resource_ref_write(&writer, job->subject.kind, job->subject.id));
    if (resource_of(job->owner.kind) && job->owner.id)
        json_object_set_new(out, "owner",
                            resource_ref_write(&writer, job->owner.kind, job->owner.id));
    if (job->failure[0])
        json_object_set_new(out, "failure", json_string(job->failure));
    if (job->place[0] == '{' && job->state != JOB_RUNNING)
        json_object_set_new(out, "report", json_loads(job->place, 0, NULL));
    /* Inside the data directory: for its owner's command line. */
    if (job->has_file)
        json_object_set_new(
            out, "file",
            json_string(arena_format(call->arena, "jobs/%lld-result.csv", (long long)job->id)));
    date_add(out, "dateCreated", job->created_at);
    date_add(out, "dateEnded", job->ended_at);
    return out;
}

void jobs_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct job_record *jobs = NULL;
    size_t count = 0;
    const struct job_query query = {.is_open = http_query_bool(request, "open", false),
                                    .is_newest_first = true,
                                    .limit = JOBS_LISTED_MAX};
    if (STORE(call.api, jobs_list, &query, call.arena, &jobs, &count, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    json_t *entities = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(entities, job_write(&call, &jobs[i]));
    http_respond_json(response, 200,
                      json_pack("{s:o,s:I}", "entities", entities, "total", (json_int_t)count));
}

void job_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct job_record job;
    if (job_load(&call, "jobId", &job))
        http_respond_json(response, 200, job_write(&call, &job));
}

void job_cancel(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct job_record job;
    if (!job_load(&call, "jobId", &job))
        return;
    if (jobs_cancel(call.api->jobs, job.id, &call.err) == STATUS_OK)
        http_respond_empty(response, 202);
    else if (call.err.status == STATUS_CONFLICT)
        http_respond_error(response, 409, "conflict", "", "%s.", call.err.text);
    else
        call_fail(&call);
}

void job_undo(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct job_record job;
    if (!job_load(&call, "jobId", &job))
        return;
    if (jobs_undo(call.api->jobs, job.id, &call.err) == STATUS_OK)
        http_respond_empty(response, 202);
    else if (call.err.status == STATUS_CONFLICT)
        http_respond_error(response, 409, "conflict", "", "%s.", call.err.text);
    else
        call_fail(&call);
}
