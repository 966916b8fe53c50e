/* CSV files that come in, two ways: to an address that was handed out, and as a form. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "api/internal.h"
#include "base/log.h"
#include "http/multipart.h"

#define KEY_LIFE_S 3600
#define UPLOAD_KEY_MAX 4000

/* An upload key carries what it allows, and proves that we made it: nothing is kept. */
static const char *upload_key_make(struct call *call, json_t *claim)
{
    char *text = json_dumps(claim, JSON_COMPACT);
    size_t len = strlen(text);
    unsigned char *sealed = arena_new(call->arena, len + crypto_auth_BYTES, 1);
    size_t room = sodium_base64_ENCODED_LEN(len + crypto_auth_BYTES,
                                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *key = arena_new(call->arena, room, 1);
    memcpy(sealed + crypto_auth_BYTES, text, len);
    crypto_auth(sealed, sealed + crypto_auth_BYTES, len, call->api->upload_key);
    sodium_bin2base64(key, room, sealed, len + crypto_auth_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    free(text);
    json_decref(claim);
    return key;
}

json_t *upload_key_check(struct api *api, const char *text)
{
    unsigned char sealed[UPLOAD_KEY_MAX];
    size_t len = 0;
    if (strlen(text) > sizeof(sealed) ||
        sodium_base642bin(sealed, sizeof(sealed), text, strlen(text), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len < crypto_auth_BYTES ||
        crypto_auth_verify(sealed, sealed + crypto_auth_BYTES, len - crypto_auth_BYTES,
                           api->upload_key) != 0)
        return NULL;
    json_t *claim =
        json_loadb((const char *)sealed + crypto_auth_BYTES, len - crypto_auth_BYTES, 0, NULL);
    if (json_integer_value(json_object_get(claim, "expires")) > api_now(api).us)
        return claim;
    json_decref(claim);
    return NULL;
}

/* Answers with an address for a file of this kind; takes `task`. */
static void upload_respond(struct call *call, const json_t *body, enum job_kind kind,
                           enum entity_kind subject_kind, int64_t subject, json_t *task)
{
    int64_t life_s = KEY_LIFE_S;
    if (json_member_integer(body, "signedUrlTimeoutSeconds", false, 1, KEY_LIFE_S, &life_s,
                            &call->err) != STATUS_OK) {
        json_decref(task);
        call_fail(call);
        return;
    }
    const char *key = upload_key_make(
        call, json_pack("{s:i,s:i,s:I,s:I,s:o}", "kind", (int)kind, "of", (int)subject_kind,
                        "id", (json_int_t)subject, "expires",
                        (json_int_t)(api_now(call->api).us + life_s * US_PER_S), "task", task));
    if (strlen(key) > UPLOAD_KEY_MAX) {
        http_respond_error(call->response, 400, "invalid.value", "",
                           "The names of the columns are too long for one upload.");
        return;
    }
    const char *url =
        arena_format(call->arena, "%s/uploads/v2/%s/%s", call_base(call),
                     subject_kind == ENTITY_DNC_LIST ? "dnclists" : "contactlists", key);
    http_respond_json(call->response, 200,
                      json_pack("{s:s,s:s,s:{}}", "url", url, "uploadKey", key, "headers"));
}

/* Copies texts of the body into the task. False: answered. */
static bool texts_take(struct call *call, const json_t *body, const char *const *names,
                       json_t *task)
{
    for (; *names; names++) {
        const char *text = NULL;
        if (json_member_text(body, *names, false, 256, &text, &call->err) != STATUS_OK)
            return call_fail(call);
        if (text && *text)
            json_object_set_new(task, *names, json_string(text));
    }
    return true;
}

/* The entity that a text of the body names. False: answered. */
static bool subject_read(struct call *call, const json_t *body, const char *name,
                         enum entity_kind kind, int64_t *id)
{
    const char *text = NULL;
    struct entity entity;
    if (json_member_text(body, name, true, 64, &text, &call->err) != STATUS_OK)
        return call_fail(call);
    if (guid_parse(&call->api->guid, (int32_t)kind, text, id) &&
        STORE(call->api, entity_get, kind, *id, call->arena, &entity, NULL) == STATUS_OK)
        return true;
    return call_unknown(call, kind);
}

/* {id} or {importTemplateId, listNamePrefix}, and how the file is read. `task` is the caller's;
 * false: answered. */
static bool contacts_upload_read(struct call *call, const json_t *body, json_t *task,
                                 enum entity_kind *kind, int64_t *subject)
{
    static const char *const texts[] = {"contactIdName",
                                        "listNamePrefix",
                                        "retentionTypeColumn",
                                        "retentionDaysColumn",
                                        "retentionDateExpirationColumn",
                                        NULL};
    static const char *const flags[] = {"clearSystemData", "dryRun"};
    const char *template_id = NULL, *file = NULL;
    int64_t file_id = 0;
    if (json_member_text(body, "importTemplateId", false, 64, &template_id, &call->err) ||
        json_member_text(body, "fileSpecificationTemplateId", false, 64, &file, &call->err))
        return call_fail(call);
    bool has_template = template_id && *template_id;
    *kind = has_template ? ENTITY_IMPORT_TEMPLATE : ENTITY_CONTACT_LIST;
    if (!subject_read(call, body, has_template ? "importTemplateId" : "id", *kind, subject) ||
        (file && *file &&
         !subject_read(call, body, "fileSpecificationTemplateId", ENTITY_FILE_SPECIFICATION,
                       &file_id)) ||
        !texts_take(call, body, texts, task))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        bool is_set = false;
        if (json_member_bool(body, flags[i], false, &is_set, &call->err) != STATUS_OK)
            return call_fail(call);
        json_object_set_new(task, flags[i], json_boolean(is_set));
    }
    if (file_id)
        json_object_set_new(task, "fileSpecification", json_integer(file_id));
    if (has_template && !json_object_get(task, "listNamePrefix")) {
        http_respond_error(call->response, 400, "invalid.value", "listNamePrefix",
                           "listNamePrefix: required with an import template");
        return false;
    }
    return true;
}

void upload_url_create(void *context, struct http_request *request,
                       struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    enum entity_kind kind = ENTITY_NONE;
    int64_t subject = 0;
    if (!call_object(&call, &body))
        return;
    json_t *task = json_object();
    if (contacts_upload_read(&call, body, task, &kind, &subject))
        upload_respond(&call, body,
                       kind == ENTITY_IMPORT_TEMPLATE ? JOB_TEMPLATE_IMPORT
                                                      : JOB_CONTACTS_IMPORT,
                       kind, subject, json_incref(task));
    json_decref(task);
}

void dnc_upload_url_create(void *context, struct http_request *request,
                           struct http_response *response)
{
    static const char *const names[] = {"phoneColumns",
                                        "emailColumns",
                                        "whatsAppColumns",
                                        "customExclusionColumns",
                                        "expirationDateTimeColumn",
                                        NULL};
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    int64_t list = 0;
    if (!call_object(&call, &body) || !subject_read(&call, body, "id", ENTITY_DNC_LIST, &list))
        return;
    json_t *task = json_object();
    if (texts_take(&call, body, names, task))
        upload_respond(&call, body, JOB_DNC_IMPORT, ENTITY_DNC_LIST, list, json_incref(task));
    json_decref(task);
}

static void import_begin(struct call *call, enum job_kind kind, struct entity_ref subject,
                         const json_t *task, int fd)
{
    int64_t id = 0;
    struct job_order order = {
        .kind = kind, .subject = subject, .task = task, .fd = fd, .is_alone = true};
    if (!call_job_add(call, &order, &id))
        return;
    if (kind == JOB_CONTACTS_IMPORT)
        pushes_import_began(call->api, subject.id);
    http_respond_json(call->response, 200,
                      json_pack("{s:s,s:s}", "id",
                                call_guid(call, (int32_t)subject.kind, subject.id), "jobId",
                                call_guid(call, GUID_JOB, id)));
}

void upload_put(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *claim = upload_key_check(call.api, http_path_param(request, "uploadKey"));
    if (!claim)
        return; /* api_authorise has looked: it expired within this moment, and a 500 is right
                 */
    const struct entity_ref subject = {
        (enum entity_kind)json_integer_value(json_object_get(claim, "of")),
        json_integer_value(json_object_get(claim, "id"))};
    import_begin(&call, (enum job_kind)json_integer_value(json_object_get(claim, "kind")),
                 subject, json_object_get(claim, "task"), request->body_fd);
    json_decref(claim);
}

/* The file's part in a file of its own, without a name. */
static int part_copy(struct call *call, const struct multipart_part *part)
{
    const char *folder = call->api->options.spool ? call->api->options.spool : "/tmp";
    int out = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    off_t at = part->at;
    int64_t left = part->len;
    char bytes[65536];
    while (out >= 0 && left > 0) {
        size_t want = left < (int64_t)sizeof(bytes) ? (size_t)left : sizeof(bytes);
        ssize_t got = pread(call->request->body_fd, bytes, want, at);
        if (got <= 0 || write(out, bytes, (size_t)got) != got) {
            close(out);
            out = -1;
            break;
        }
        at += got;
        left -= got;
    }
    if (out >= 0 && lseek(out, 0, SEEK_SET) != 0) {
        close(out);
        out = -1;
    }
    if (out < 0)
        http_respond_error(call->response, 503, "service.unavailable", "",
                           "There is no room on disk for this file.");
    return out;
}

static bool form_read(struct call *call, const struct multipart *form, struct entity_ref *list,
                      json_t *task, const struct multipart_part **file)
{
    const struct multipart_part *id = multipart_find(form, "id");
    const struct multipart_part *column = multipart_find(form, "contact-id-name");
    *file = multipart_find(form, "file");
    if (!id || !id->text || !*file) {
        http_respond_error(call->response, 400, "invalid.value", id ? "file" : "id",
                           "%s: required", id ? "file" : "id");
        return false;
    }
    struct entity entity;
    if (!guid_parse(&call->api->guid, ENTITY_CONTACT_LIST, id->text, &list->id) ||
        STORE(call->api, entity_get, ENTITY_CONTACT_LIST, list->id, call->arena, &entity,
              NULL) != STATUS_OK)
        return call_unknown(call, ENTITY_CONTACT_LIST);
    if (column && column->text)
        json_object_set_new(task, "contactIdName", json_string(column->text));
    return true;
}

/* POST /uploads/v2/contactlist, multipart/form-data: id, fileType, contact-id-name, file. */
void upload_multipart(void *context, struct http_request *request,
                      struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct multipart form;
    struct entity_ref list = {ENTITY_CONTACT_LIST, 0};
    const struct multipart_part *file = NULL;
    if (multipart_read(call.arena, request->body_fd, request->body_file_len,
                       request->head.content_type, &form, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    json_t *task = json_object();
    int fd = form_read(&call, &form, &list, task, &file) ? part_copy(&call, file) : -1;
    if (fd >= 0) {
        import_begin(&call, JOB_CONTACTS_IMPORT, list, task, fd);
        close(fd);
    }
    json_decref(task);
}

/* IN_PROGRESS, FAILED or COMPLETE, as Genesys Cloud words it. */
static const char *import_state(const struct job_record *job)
{
    switch (job->state) {
    case JOB_WAITING:
    case JOB_RUNNING: return "IN_PROGRESS";
    case JOB_FAILED:
    case JOB_CANCELLED: return "FAILED";
    case JOB_COMPLETE:
    case JOB_UNDONE:
    case JOB_STATE_COUNT: break;
    }
    return "COMPLETE";
}

json_t *import_write(const struct guid_key *key, const struct job_record *job)
{
    bool is_of_template = job->kind == JOB_TEMPLATE_IMPORT && job->place;
    int64_t filtered = is_of_template ? jobs_filtered_out(job->place) : 0;
    int64_t passed = job->done + job->refused + filtered;
    int64_t percent = job_state_is_open(job->state)
                          ? (job->total > 0 ? passed * 100 / job->total : 0)
                          : (strcmp(import_state(job), "FAILED") == 0 ? 0 : 100);
    json_t *out = json_pack("{s:s,s:I,s:I,s:I}", "state", import_state(job), "totalRecords",
                            (json_int_t)job->total, "completedRecords", (json_int_t)job->done,
                            "percentComplete", (json_int_t)(percent > 100 ? 100 : percent));
    /* What Genesys Cloud's status has no field for. */
    json_t *more = json_pack("{s:I}", "refusedRecords", (json_int_t)job->refused);
    if (is_of_template)
        json_object_set_new(more, "filteredOutContactsCount", json_integer(filtered));
    json_object_set_new(out, "cadran", more);
    if (job->state == JOB_FAILED)
        json_object_set_new(out, "failureReason", json_string(job->failure));
    int64_t lists[100];
    size_t count = is_of_template ? jobs_target_lists(job->place, lists, ARRAY_LEN(lists)) : 0;
    json_t *ids = count ? json_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        char guid[GUID_SIZE];
        guid_format(key, ENTITY_CONTACT_LIST, lists[i], guid);
        json_array_append_new(ids, json_string(guid));
    }
    if (ids)
        json_object_set_new(out, "targetContactListIds", ids);
    if (job->state == JOB_CANCELLED)
        json_object_set_new(out, "failureReason", json_string("it was cancelled"));
    return out;
}

json_t *import_status_write(struct api *api, enum job_kind kind, enum entity_kind subject,
                            int64_t id)
{
    struct arena arena;
    struct job_record job = {.state = JOB_COMPLETE};
    arena_init(&arena);
    if (!api->jobs || jobs_newest(api->jobs, kind, (struct entity_ref){subject, id}, &arena,
                                  &job, NULL) != STATUS_OK)
        job = (struct job_record){.state = JOB_COMPLETE};
    json_t *out = import_write(&api->guid, &job);
    json_t *task = job.task ? json_loads(job.task, 0, NULL) : NULL;
    const char *prefix = json_string_value(json_object_get(task, "listNamePrefix"));
    if (prefix)
        json_object_set_new(out, "listNamePrefix", json_string(prefix));
    json_decref(task);
    arena_fini(&arena);
    return out;
}

void import_status(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    if (call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        http_respond_json(
            response, 200,
            import_status_write(call.api, JOB_CONTACTS_IMPORT, ENTITY_CONTACT_LIST, list.id));
}

/* A file that the last import into a list left beside it. */
static void respond_import_file(struct call *call, enum job_file file, const char *saved_as)
{
    struct entity list;
    struct job_record job;
    if (!call_entity(call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    enum status status = call->api->jobs
                             ? jobs_newest(call->api->jobs, JOB_CONTACTS_IMPORT,
                                           (struct entity_ref){ENTITY_CONTACT_LIST, list.id},
                                           call->arena, &job, &call->err)
                             : STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        respond_job_file(call, job.id, file, saved_as);
    else if (status == STATUS_NOT_FOUND)
        http_respond_error(call->response, 404, "not.found", "",
                           "No file was imported into this list.");
    else
        call_fail(call);
}

/* GET /api/cadran/v1/contactlists/{id}/refused: line, column, reason and value of each row that
 * the last import refused, as CSV. */
void import_refused(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    respond_import_file(&call, JOB_FILE_REFUSED, "refused.csv");
}

/* GET /api/cadran/v1/contactlists/{id}/ids: which contact each line of the last import's file
 * became, as CSV. */
void import_ids(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    respond_import_file(&call, JOB_FILE_IDS, "ids.csv");
}

/* GET .../importtemplates/{id}/importstatus */
void template_import_status(void *context, struct http_request *request,
                            struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity template_;
    if (call_entity(&call, "id", ENTITY_IMPORT_TEMPLATE, &template_))
        http_respond_json(response, 200,
                          import_status_write(call.api, JOB_TEMPLATE_IMPORT,
                                              ENTITY_IMPORT_TEMPLATE, template_.id));
}
