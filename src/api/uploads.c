/* CSV files that come in, two ways: to an address that was handed out, and as a form. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "api/internal.h"
#include "base/log.h"
#include "http/multipart.h"

#define KEY_LIFE_S 3600

/* An upload key carries what it allows, and proves that we made it: nothing is kept. */
struct upload_claim {
    int64_t list;
    int64_t expires_us;
    uint8_t clears_system_data;
    char contact_id_name[129];
};

static void upload_key_make(const struct api *api, const struct upload_claim *claim,
                            char text[400])
{
    unsigned char sealed[sizeof(*claim) + crypto_auth_BYTES];
    memcpy(sealed + crypto_auth_BYTES, claim, sizeof(*claim));
    crypto_auth(sealed, sealed + crypto_auth_BYTES, sizeof(*claim), api->upload_key);
    sodium_bin2base64(text, 400, sealed, sizeof(sealed),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool upload_key_check(struct api *api, const char *text, struct api_import *request)
{
    struct upload_claim claim;
    unsigned char sealed[sizeof(claim) + crypto_auth_BYTES];
    size_t len = 0;
    if (sodium_base642bin(sealed, sizeof(sealed), text, strlen(text), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len != sizeof(sealed) ||
        crypto_auth_verify(sealed, sealed + crypto_auth_BYTES, sizeof(claim),
                           api->upload_key) != 0)
        return false;
    memcpy(&claim, sealed + crypto_auth_BYTES, sizeof(claim));
    *request = (struct api_import){.list = {claim.list},
                                   .clears_system_data = claim.clears_system_data != 0};
    memcpy(request->contact_id_name, claim.contact_id_name, sizeof(request->contact_id_name));
    return claim.expires_us > api_now(api).us;
}

void upload_url_create(void *context, struct http_request *request,
                       struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    const char *list = NULL;
    const char *column = "";
    bool clears = false;
    int64_t life_s = KEY_LIFE_S;
    struct upload_claim claim;
    struct entity entity;
    if (!call_object(&call, &body))
        return;
    if (json_member_text(body, "id", true, 64, &list, &call.err) ||
        json_member_text(body, "contactIdName", false, 128, &column, &call.err) ||
        json_member_bool(body, "clearSystemData", false, &clears, &call.err) ||
        json_member_integer(body, "signedUrlTimeoutSeconds", false, 1, KEY_LIFE_S, &life_s,
                            &call.err)) {
        call_fail(&call);
        return;
    }
    memset(&claim, 0, sizeof(claim)); /* its padding is sealed too */
    if (!guid_parse(&call.api->guid, ENTITY_CONTACT_LIST, list, &claim.list) ||
        STORE(call.api, entity_get, ENTITY_CONTACT_LIST, claim.list, call.arena, &entity,
              NULL) != STATUS_OK) {
        call_unknown(&call, ENTITY_CONTACT_LIST);
        return;
    }
    if (strlen(column) >= sizeof(claim.contact_id_name)) {
        http_respond_error(response, 400, "invalid.value", "contactIdName",
                           "contactIdName: is too long");
        return;
    }
    char key[400];
    snprintf(claim.contact_id_name, sizeof(claim.contact_id_name), "%s", column);
    claim.expires_us = api_now(call.api).us + life_s * US_PER_S;
    claim.clears_system_data = clears;
    upload_key_make(call.api, &claim, key);
    const struct scgi_head *head = &request->head;
    const char *url = arena_format(call.arena, "%s://%s/uploads/v2/contactlists/%s",
                                   head->scheme ? head->scheme : "http",
                                   head->host ? head->host : "localhost", key);
    http_respond_json(response, 200,
                      json_pack("{s:s,s:s,s:{}}", "url", url, "uploadKey", key, "headers"));
}

static void import_begin(struct call *call, const struct api_import *import, int fd)
{
    int64_t id = 0;
    json_t *task = json_pack("{s:s,s:b}", "contactIdName", import->contact_id_name,
                             "clearSystemData", (int)import->clears_system_data);
    struct job_order order = {.kind = JOB_CONTACTS_IMPORT,
                              .subject = {ENTITY_CONTACT_LIST, import->list.value},
                              .task = task,
                              .fd = fd,
                              .is_alone = true};
    bool is_added = call_job_add(call, &order, &id);
    json_decref(task);
    if (!is_added)
        return;
    pushes_import_began(call->api, import->list.value);
    http_respond_json(call->response, 200,
                      json_pack("{s:s,s:s}", "id",
                                call_guid(call, ENTITY_CONTACT_LIST, import->list.value),
                                "jobId", call_guid(call, GUID_JOB, id)));
}

void upload_put(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct api_import import;
    if (!upload_key_check(call.api, http_path_param(request, "uploadKey"), &import))
        return; /* api_authorise has looked: it expired within this moment, and a 500 is right
                 */
    import_begin(&call, &import, request->body_fd);
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

static bool form_read(struct call *call, const struct multipart *form,
                      struct api_import *import, const struct multipart_part **file)
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
    if (!guid_parse(&call->api->guid, ENTITY_CONTACT_LIST, id->text, &import->list.value) ||
        STORE(call->api, entity_get, ENTITY_CONTACT_LIST, import->list.value, call->arena,
              &entity, NULL) != STATUS_OK)
        return call_unknown(call, ENTITY_CONTACT_LIST);
    snprintf(import->contact_id_name, sizeof(import->contact_id_name), "%s",
             column && column->text ? column->text : "");
    return true;
}

/* POST /uploads/v2/contactlist, multipart/form-data: id, fileType, contact-id-name, file. */
void upload_multipart(void *context, struct http_request *request,
                      struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct multipart form;
    struct api_import import = {.list = {0}};
    const struct multipart_part *file = NULL;
    if (multipart_read(call.arena, request->body_fd, request->body_file_len,
                       request->head.content_type, &form, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    if (!form_read(&call, &form, &import, &file))
        return;
    int fd = part_copy(&call, file);
    if (fd >= 0) {
        import_begin(&call, &import, fd);
        close(fd);
    }
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

json_t *import_write(const struct job_record *job)
{
    int64_t percent = job_state_is_open(job->state)
                          ? (job->total > 0 ? (job->done + job->refused) * 100 / job->total : 0)
                          : (strcmp(import_state(job), "FAILED") == 0 ? 0 : 100);
    json_t *out = json_pack("{s:s,s:I,s:I,s:I}", "state", import_state(job), "totalRecords",
                            (json_int_t)job->total, "completedRecords", (json_int_t)job->done,
                            "percentComplete", (json_int_t)(percent > 100 ? 100 : percent));
    /* What Genesys Cloud's status has no field for. */
    json_object_set_new(out, "cadran",
                        json_pack("{s:I}", "refusedRecords", (json_int_t)job->refused));
    if (job->state == JOB_FAILED)
        json_object_set_new(out, "failureReason", json_string(job->failure));
    if (job->state == JOB_CANCELLED)
        json_object_set_new(out, "failureReason", json_string("it was cancelled"));
    return out;
}

json_t *import_status_write(struct api *api, int64_t list)
{
    struct arena arena;
    struct job_record job = {.state = JOB_COMPLETE};
    arena_init(&arena);
    if (!api->jobs || jobs_newest(api->jobs, JOB_CONTACTS_IMPORT,
                                  (struct entity_ref){ENTITY_CONTACT_LIST, list}, &arena, &job,
                                  NULL) != STATUS_OK)
        job = (struct job_record){.state = JOB_COMPLETE};
    json_t *out = import_write(&job);
    arena_fini(&arena);
    return out;
}

void import_status(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    if (call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        http_respond_json(response, 200, import_status_write(call.api, list.id));
}

/* GET /api/cadran/v1/contactlists/{id}/refused: line, column, reason and value of each row that
 * the last import refused, as CSV. */
void import_refused(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct job_record job;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    enum status status = call.api->jobs
                             ? jobs_newest(call.api->jobs, JOB_CONTACTS_IMPORT,
                                           (struct entity_ref){ENTITY_CONTACT_LIST, list.id},
                                           call.arena, &job, &call.err)
                             : STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        respond_job_file(&call, job.id, JOB_FILE_REFUSED, "refused.csv");
    else if (status == STATUS_NOT_FOUND)
        http_respond_error(response, 404, "not.found", "",
                           "No file was imported into this list.");
    else
        call_fail(&call);
}
