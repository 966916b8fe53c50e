#include "http/request.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/json.h"

struct http_request *http_request_create(void)
{
    struct http_request *request = memory_new(1, sizeof(*request));
    atomic_init(&request->references, 1);
    atomic_init(&request->is_gone, false);
    request->body_fd = -1;
    arena_init(&request->arena);
    return request;
}

struct http_request *http_request_ref(struct http_request *request)
{
    atomic_fetch_add(&request->references, 1);
    return request;
}

void http_request_unref(struct http_request *request)
{
    if (!request || atomic_fetch_sub(&request->references, 1) > 1)
        return;
    json_decref(request->json);
    if (request->body_fd >= 0)
        close(request->body_fd);
    arena_fini(&request->arena);
    free(request->bytes);
    free(request);
}

bool http_request_is_gone(struct http_request *request)
{
    return atomic_load(&request->is_gone);
}

const char *http_path_param(const struct http_request *request, const char *name)
{
    return route_param(&request->match, name);
}

const char *http_query(const struct http_request *request, const char *name)
{
    return uri_param(&request->uri, name);
}

bool http_query_bool(const struct http_request *request, const char *name, bool otherwise)
{
    const char *value = http_query(request, name);
    if (value && strcmp(value, "true") == 0)
        return true;
    if (value && strcmp(value, "false") == 0)
        return false;
    return otherwise;
}

int64_t http_query_integer(const struct http_request *request, const char *name, int64_t least,
                           int64_t most, int64_t otherwise)
{
    const char *value = http_query(request, name);
    if (!value)
        return otherwise;
    char *end = NULL;
    long long number = strtoll(value, &end, 10);
    if (*end)
        return otherwise;
    if (number < least)
        return least;
    return number > most ? most : number;
}

const char *http_cookie(struct http_request *request, const char *name)
{
    const char *at = request->head.cookie;
    size_t name_len = strlen(name);
    while (at && *at) {
        at += strspn(at, " ;");
        size_t len = strcspn(at, ";");
        if (len > name_len && at[name_len] == '=' && strncmp(at, name, name_len) == 0)
            return arena_text(&request->arena, at + name_len + 1, len - name_len - 1);
        at += len;
    }
    return NULL;
}

bool http_request_json(struct http_request *request, struct http_response *response,
                       json_t **value)
{
    if (!request->json) {
        struct error err;
        if (!request->body_len) {
            http_respond_error(response, 400, "bad.request", "",
                               "The request needs a JSON body.");
            return false;
        }
        if (json_read(request->body, request->body_len, &request->json, &err) != STATUS_OK) {
            http_respond_error(response, 400, "bad.request", err.path, "%s%s%s", err.path,
                               *err.path ? ": " : "", err.text);
            return false;
        }
    }
    *value = request->json;
    return true;
}

enum status http_request_form(struct http_request *request, struct uri *form, struct error *err)
{
    memset(form, 0, sizeof(*form));
    return uri_params_read(&request->arena, request->body ? request->body : "",
                           request->body_len, form, err);
}
