/* Changes and removals of many contacts: a job each, and how far it is. */
#include <string.h>

#include "api/internal.h"
#include "filter/text.h"

#define CONTACT_IDS_MAX 10000
#define JOBS_LISTED_MAX 100

bool task_filter_add(struct call *call, struct list *list, const json_t *body, json_t *task)
{
    struct filter filter = {0};
    struct buffer text;
    const struct filter_columns by_position = {.count = list->columns.count};
    if (search_filter_read(call, list->entity.id, &list->columns, body, &filter) != STATUS_OK)
        return call_fail(call);
    buffer_init(&text, FILTER_SOURCE_MAX);
    filter_print(&filter, &by_position, &text);
    bool is_short = !text.is_full;
    if (is_short) {
        json_object_set_new(task, "filter", json_stringn(text.len ? text.data : "", text.len));
        json_object_set_new(task, "now", json_integer(api_now(call->api).us));
    } else {
        http_respond_error(call->response, 400, "invalid.value", "criteria",
                           "criteria: as an expression it is longer than %d bytes",
                           FILTER_SOURCE_MAX);
    }
    buffer_fini(&text);
    return is_short;
}

static bool ids_add(struct call *call, json_t *ids, json_t *task)
{
    for (size_t i = 0; i < json_array_size(ids); i++) {
        if (json_is_string(json_array_get(ids, i)))
            continue;
        char path[40];
        snprintf(path, sizeof(path), "contactIds[%zu]", i);
        http_respond_error(call->response, 400, "invalid.value", path, "%s: must be a text",
                           path);
        return false;
    }
    json_object_set(task, "contactIds", ids);
    return true;
}

bool task_selection_add(struct call *call, struct list *list, const json_t *body, json_t *task)
{
    json_t *ids = NULL;
    if (json_member_array(body, "contactIds", false, CONTACT_IDS_MAX, &ids, &call->err))
        return call_fail(call);
    int filters = !!json_object_get(body, "contactListFilterId") +
                  !!json_object_get(body, "criteria") + !!json_object_get(body, "expression");
    if ((ids != NULL) + filters != 1) {
        http_respond_error(call->response, 400, "invalid.value", "contactIds",
                           "contactIds: exactly one of contactIds, contactListFilterId, "
                           "criteria and expression says which contacts are meant");
        return false;
    }
    return ids ? ids_add(call, ids, task) : task_filter_add(call, list, body, task);
}

/* Nobody changes a whole list by a filter that was left empty. */
static bool selection_read(struct call *call, struct list *list, const json_t *body,
                           json_t *task)
{
    if (!task_selection_add(call, list, body, task))
        return false;
    const json_t *filter = json_object_get(task, "filter");
    if (!filter || json_string_length(filter) > 0)
        return true;
    http_respond_error(call->response, 400, "invalid.value", "criteria",
                       "criteria: an empty filter is every contact of the list; to remove "
                       "them all, clear the list");
    return false;
}

/* The change is read once against an empty contact, so that it is refused now, not later. */
static bool change_check(struct call *call, int64_t list, const json_t *change)
{
    struct contact_write write;
    struct contact_record nobody = {.data = "[]"};
    if (!list_contact_read(call, list, change, &nobody, &write)) {
        error_prefix(&call->err, "contact");
        return call_fail(call);
    }
    return true;
}

static json_t *bulk_write(struct call *call, int64_t list, const struct job_record *job)
{
    const char *guid = call_guid(call, GUID_JOB, job->id);
    const char *list_guid = call_guid(call, ENTITY_CONTACT_LIST, list);
    const char *state = job_state_is_open(job->state)
                            ? "InProgress"
                            : (job->state == JOB_COMPLETE ? "Complete" : "Failed");
    int64_t looked_at = job->done + job->refused;
    int64_t percent = job->total > 0 ? looked_at * 100 / job->total : 0;
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:I,s:I,s:I,s:s}", "id", guid, "state", state, "type",
        job->kind == JOB_CONTACTS_REMOVE ? "BulkDelete" : "BulkEdit", "totalRecords",
        (json_int_t)job->total, "completedRecords", (json_int_t)job->done, "percentComplete",
        (json_int_t)(job->state == JOB_COMPLETE || percent > 100 ? 100 : percent), "selfUri",
        arena_format(call->arena, "/api/v2/outbound/contactlists/%s/contacts/bulk/jobs/%s",
                     list_guid, guid));
    /* Being called at that moment: Genesys Cloud's job has no field for them. */
    json_object_set_new(out, "cadran",
                        json_pack("{s:I}", "refusedRecords", (json_int_t)job->refused));
    if (job->has_file)
        json_object_set_new(
            out, "downloadURI",
            json_string(arena_format(call->arena, "%s/downloads/%s", call_base(call), guid)));
    if (strcmp(state, "Failed") == 0)
        json_object_set_new(out, "failureReason",
                            json_pack("{s:s,s:s}", "message",
                                      job->failure[0] ? job->failure : "it was cancelled",
                                      "code",
                                      job->state == JOB_CANCELLED ? "cancelled" : "failed"));
    return out;
}

static void bulk_start(void *context, struct http_request *request,
                       struct http_response *response, enum job_kind kind)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    json_t *body = NULL, *change = NULL;
    bool backup = false;
    int64_t id = 0;
    if (!call_object(&call, &body) || !list_load(&call, &list))
        return;
    if (json_member_bool(body, "generateDownloadURI", false, &backup, &call.err) ||
        json_member_object(body, "contact", kind == JOB_CONTACTS_UPDATE, &change, &call.err)) {
        call_fail(&call);
        list_fini(&list);
        return;
    }
    json_t *task = json_pack("{s:b,s:O*}", "backup", (int)backup, "contact", change);
    struct job_order order = {
        .kind = kind, .subject = {ENTITY_CONTACT_LIST, list.entity.id}, .task = task, .fd = -1};
    struct job_record job;
    if (selection_read(&call, &list, body, task) &&
        (!change || change_check(&call, list.entity.id, change)) &&
        call_job_add(&call, &order, &id)) {
        if (STORE(call.api, job_get, id, call.arena, &job, &call.err) == STATUS_OK)
            http_respond_json(response, 202, bulk_write(&call, list.entity.id, &job));
        else
            call_fail(&call);
    }
    json_decref(task);
    list_fini(&list);
}

void contacts_bulk_update(void *context, struct http_request *request,
                          struct http_response *response)
{
    bulk_start(context, request, response, JOB_CONTACTS_UPDATE);
}

void contacts_bulk_remove(void *context, struct http_request *request,
                          struct http_response *response)
{
    bulk_start(context, request, response, JOB_CONTACTS_REMOVE);
}

static bool is_bulk(const struct job_record *job)
{
    return job->kind == JOB_CONTACTS_UPDATE || job->kind == JOB_CONTACTS_REMOVE;
}

void bulk_jobs_list(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct job_record *jobs = NULL;
    size_t count = 0;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    const struct job_query query = {.subject = {ENTITY_CONTACT_LIST, list.id},
                                    .is_newest_first = true,
                                    .limit = JOBS_LISTED_MAX};
    if (STORE(call.api, jobs_list, &query, call.arena, &jobs, &count, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    json_t *entities = json_array();
    for (size_t i = 0; i < count; i++)
        if (is_bulk(&jobs[i]))
            json_array_append_new(entities, bulk_write(&call, list.id, &jobs[i]));
    json_int_t total = (json_int_t)json_array_size(entities);
    http_respond_json(response, 200,
                      json_pack("{s:I,s:o,s:s}", "total", total, "entities", entities,
                                "selfUri", request->uri.path));
}

void bulk_job_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct job_record job;
    int64_t id = 0;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    enum status status = STATUS_NOT_FOUND;
    if (guid_parse(&call.api->guid, GUID_JOB, http_path_param(request, "jobId"), &id))
        status = STORE(call.api, job_get, id, call.arena, &job, &call.err);
    bool is_of_list = status == STATUS_OK && is_bulk(&job) && job.subject.id == list.id;
    if (is_of_list)
        http_respond_json(response, 200, bulk_write(&call, list.id, &job));
    else if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        http_respond_error(response, 404, "not.found", "",
                           "There is no such job of this list.");
    else
        call_fail(&call);
}
