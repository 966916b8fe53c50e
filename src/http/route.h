/* route.h -- which handler answers which path. Pure; any thread.
 *
 * A template is literal segments and {name} segments: "/api/v2/users/{userId}". Where two
 * templates fit, the one that is literal further to the left wins, whatever the table's order.
 */
#ifndef CADRAN_HTTP_ROUTE_H
#define CADRAN_HTTP_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "http/uri.h"

struct http_request;
struct http_response;

/* Runs on a worker, to completion. `context` is http_options.context. */
typedef void (*http_handler_fn)(void *context, struct http_request *request,
                                struct http_response *response);

enum http_route_flags {
    HTTP_ROUTE_OPEN = 1,       /* asks nobody who they are */
    HTTP_ROUTE_LONG = 2,       /* slow by nature: its own workers, so that others do not wait */
    HTTP_ROUTE_TAKES_FILE = 4, /* the body is left in a file (nginx's location says so too) */
};

struct http_route {
    const char *method; /* "GET"; HEAD is answered by GET's */
    const char *path;   /* the template */
    uint32_t access;    /* who may: bits that http_options.authorise understands */
    uint32_t flags;
    size_t body_max; /* bytes; 0 = HTTP_BODY_DEFAULT */
    http_handler_fn handler;
};

#define ROUTE_PARAM_MAX 4
#define ROUTE_ALLOW_MAX 8

struct route_match {
    const struct http_route *route; /* NULL: none */
    size_t param_count;
    struct uri_param params[ROUTE_PARAM_MAX]; /* names are not terminated: see route_param */
    size_t allowed_count; /* methods that this path knows; 0 = no such path */
    const char *allowed[ROUTE_ALLOW_MAX];
};

void route_find(const struct http_route *routes, size_t count, const char *method,
                const struct uri *uri, struct route_match *match);
/* The value of {name}; "" where the template has none of that name. */
const char *route_param(const struct route_match *match, const char *name);

#endif
