/* request.h -- what a handler sees of a request, and how it answers.
 *
 * A request is reference-counted and apart from its connection: the client may vanish while a
 * worker is at it; the worker then finishes for nobody (http_request_is_gone is a hint). A
 * worker owns the request and its response from the moment it gets them until it hands them
 * back. Everything a request points to lives in its arena. */
#ifndef CADRAN_HTTP_REQUEST_H
#define CADRAN_HTTP_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/instant.h"
#include "base/memory.h"
#include "base/status.h"
#include "http/route.h"
#include "http/scgi.h"
#include "http/uri.h"

/* Who asks, as http_options.authorise found out. */
struct http_principal {
    int32_t kind;
    int64_t id;        /* 0: nobody said who they are */
    uint32_t access;   /* bits of http_route.access that they have */
    uint8_t token[32]; /* hash of what proved it: limits and logout */
    bool is_session;
};

struct http_connection;

struct http_request {
    atomic_int references;
    atomic_bool is_gone;
    struct http_connection *connection; /* the http thread's alone */
    char *bytes;                        /* head and body, as they came; `head` points into it */
    size_t capacity;
    struct scgi_head head;
    const char *body;
    size_t body_len;
    int body_fd; /* a file of the body, opened; -1: none */
    int64_t body_file_len;
    struct uri uri;
    struct route_match match;
    struct http_principal principal;
    struct arena arena;
    json_t *json; /* set by http_request_json */
    struct mono received_at, started_at;
};

struct http_response {
    int status;         /* 0 until something answered */
    const char *type;   /* of the body; NULL: no Content-Type */
    struct buffer head; /* header lines */
    struct buffer body;
};

/* A response's body, at most. Anything larger is a file (http_respond_file). */
#define HTTP_RESPONSE_MAX (64 * 1024 * 1024)

struct http_request *http_request_create(void);
struct http_request *http_request_ref(struct http_request *request);
void http_request_unref(struct http_request *request);
bool http_request_is_gone(struct http_request *request);

/* {name} of the route's template; "" where there is none. */
const char *http_path_param(const struct http_request *request, const char *name);
/* A query parameter; NULL where it is absent or empty. */
const char *http_query(const struct http_request *request, const char *name);
/* true/false; `otherwise` when absent or neither. */
bool http_query_bool(const struct http_request *request, const char *name, bool otherwise);
/* Held to least..most; `otherwise` when absent or not a number. */
int64_t http_query_integer(const struct http_request *request, const char *name, int64_t least,
                           int64_t most, int64_t otherwise);
/* The value of a cookie, in the arena; NULL where it is absent or malformed. */
const char *http_cookie(struct http_request *request, const char *name);
/* The body as JSON, owned by the request. On failure the response is a 400 that says where. */
bool http_request_json(struct http_request *request, struct http_response *response,
                       json_t **value) MUST_USE;
/* The body as a form (name=value&...): fields are added to *form. */
enum status http_request_form(struct http_request *request, struct uri *form,
                              struct error *err) MUST_USE;

void http_response_init(struct http_response *response);
void http_response_fini(struct http_response *response);
/* Adds a header. A value with a control character is a bug of the handler's: it is refused and
 * the answer becomes a 500. */
void http_header(struct http_response *response, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* Answers; takes `value`, which NULL (json_pack failed) turns into a 500. A `type` below is a
 * constant. */
void http_respond_json(struct http_response *response, int status, json_t *value);
void http_respond_text(struct http_response *response, int status, const char *type,
                       const char *text, size_t len);
void http_respond_empty(struct http_response *response, int status);
/* Lets nginx send a file of http_options.files: `name` is [A-Za-z0-9._-]. With ranges; this
 * process is free meanwhile. `saved_as` NULL: shown, not saved. */
void http_respond_file(struct http_response *response, const char *name, const char *type,
                       const char *saved_as);
/* The error body of the wire: code "not.found", a sentence, and a field of
 * messageParams where `field` is not empty. */
void http_respond_error(struct http_response *response, int status, const char *code,
                        const char *field, const char *format, ...) PRINTF_LIKE(5, 6);
/* The same from a failed call: the status word chooses code and HTTP status. */
void http_respond_failure(struct http_response *response, const struct error *err);
/* The error body itself, for a handler that adds to its "errors" or "messageParams". */
json_t *http_error_json(int status, const char *code, const char *message);

#endif
