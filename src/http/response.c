#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "http/request.h"
#include "http/text.h"

#define HEAD_MAX 8192
#define HEADER_VALUE_MAX 2048

void http_response_init(struct http_response *response)
{
    memset(response, 0, sizeof(*response));
    buffer_init(&response->head, HEAD_MAX);
    buffer_init(&response->body, HTTP_RESPONSE_MAX);
}

void http_response_fini(struct http_response *response)
{
    buffer_fini(&response->head);
    buffer_fini(&response->body);
}

void http_header(struct http_response *response, const char *name, const char *format, ...)
{
    char value[HEADER_VALUE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(value) || !text_is_header(value)) {
        log_error("http.header", "name=%s refused=1", name);
        response->head.is_full = true; /* the server then answers 500 instead */
        return;
    }
    buffer_format(&response->head, "%s: %s\r\n", name, value);
}

static int body_write(const char *bytes, size_t len, void *body)
{
    buffer_append(body, bytes, len);
    return 0;
}

/* A handler may answer once and then find a failure: the last answer counts. */
static void restart(struct http_response *response, int status)
{
    response->status = status;
    response->type = NULL;
    buffer_clear(&response->body);
}

void http_respond_json(struct http_response *response, int status, json_t *value)
{
    /* jansson makes nothing of text that is not UTF-8: no answer is given then, and that is a
     * 500. */
    restart(response, value ? status : 0);
    if (!value)
        return;
    response->type = "application/json";
    json_dump_callback(value, body_write, &response->body, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
}

void http_respond_text(struct http_response *response, int status, const char *type,
                       const char *text, size_t len)
{
    restart(response, status);
    response->type = type;
    buffer_append(&response->body, text, len);
}

void http_respond_empty(struct http_response *response, int status)
{
    restart(response, status);
}

void http_respond_file(struct http_response *response, const char *name, const char *type,
                       const char *saved_as)
{
    for (const char *at = name; *at; at++)
        ensure(isalnum((unsigned char)*at) || strchr("._-", *at));
    ensure(name[0] && name[0] != '.');
    restart(response, 200);
    response->type = type;
    if (saved_as)
        http_header(response, "Content-Disposition", "attachment; filename=\"%s\"", saved_as);
    http_header(response, "X-Accel-Redirect", "/_files/%s", name);
}

json_t *http_error_json(int status, const char *code, const char *message)
{
    return json_pack("{s:s,s:s,s:i,s:{},s:s,s:[],s:[]}", "message", message, "code", code,
                     "status", status, "messageParams", "messageWithParams", message, "details",
                     "errors");
}

void http_respond_error(struct http_response *response, int status, const char *code,
                        const char *field, const char *format, ...)
{
    char message[ERROR_TEXT_MAX + ERROR_PATH_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    /* Cut in the middle of a character, the text would not be JSON. */
    while (*message && !text_is_utf8(message, strlen(message)))
        message[strlen(message) - 1] = '\0';
    json_t *body = http_error_json(status, code, message);
    if (*field && text_is_utf8(field, strlen(field)))
        json_object_set_new(json_object_get(body, "messageParams"), "field",
                            json_string(field));
    http_respond_json(response, status, body);
}

void http_respond_failure(struct http_response *response, const struct error *err)
{
    static const struct {
        int status;
        const char *code;
    } answers[] = {
        [STATUS_OK] = {500, "internal.error"},
        [STATUS_INVALID] = {400, "invalid.value"},
        [STATUS_NOT_FOUND] = {404, "not.found"},
        [STATUS_CONFLICT] = {409, "conflict"},
        [STATUS_STALE] = {409, "version.conflict"},
        [STATUS_DENIED] = {403, "not.authorized"},
        [STATUS_FULL] = {429, "limit.exceeded"},
        [STATUS_UNAVAILABLE] = {503, "service.unavailable"},
        [STATUS_TIMEOUT] = {504, "request.timeout"},
        [STATUS_UNKNOWN] = {500, "outcome.unknown"},
    };
    if (err->status == STATUS_FULL || err->status == STATUS_UNAVAILABLE)
        http_header(response, "Retry-After", "1");
    http_respond_error(response, answers[err->status].status, answers[err->status].code,
                       err->path, "%s%s%s", err->path, *err->path ? ": " : "", err->text);
}
