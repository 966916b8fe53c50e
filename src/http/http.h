/* http.h -- the server behind nginx: SCGI requests on one UNIX socket, WebSockets on another.
 *
 * One thread (epoll) owns every connection. A request's head is parsed and its route found
 * there; then a worker asks http_options.authorise who it is, and runs the route's handler to
 * completion. The http thread writes the answer, always with a Content-Length: SCGI has no end
 * mark, so an answer cut short would otherwise look whole. It knows nothing of campaigns, and
 * speaks neither HTTP nor TLS: nginx does (nginx.h).
 *
 * Limits, all of them tested: connections, requests in flight, bytes of head, body per route,
 * bytes of all bodies, time to send a request or take an answer.
 *
 * Life: http_server_start -> ... -> http_server_stop, from one thread. hub.h may be called from
 * any thread between the two. */
#ifndef CADRAN_HTTP_HTTP_H
#define CADRAN_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"
#include "http/request.h"
#include "http/route.h"

/* A body's limit where the route says nothing. */
#define HTTP_BODY_DEFAULT (1024 * 1024)
#define HTTP_PATH_SIZE 108 /* sun_path */

struct http_server;
struct hub;

/* On a worker: says who asks (request->principal) and whether they may. False: it has answered
 * (401, 403, 429). Called for every route that is not HTTP_ROUTE_OPEN. */
typedef bool (*http_authorise_fn)(void *context, struct http_request *request,
                                  struct http_response *response);
/* On a worker: a text that a client sent over its WebSocket, and whose channel it is. */
typedef void (*http_message_fn)(void *context, int64_t owner, const char *channel,
                                const char *text, size_t len);

struct http_options {
    const char *api_socket;  /* path of the SCGI socket; replaced when it exists */
    const char *push_socket; /* path of the WebSocket socket */
    gid_t socket_group;      /* who may connect besides the owner; (gid_t)-1: nobody */
    uid_t peer;              /* the user whose connections are taken, besides our own */
    const char *spool;       /* where nginx leaves bodies; NULL: no upload is taken */
    const char *files;       /* where http_file_create puts files; NULL: none */
    const struct http_route *routes;
    size_t route_count;
    void *context; /* for handlers and the functions below */
    http_authorise_fn authorise;
    http_message_fn on_message; /* NULL: clients' messages are dropped */
    int32_t worker_count;       /* 0 = 4 */
    int32_t long_worker_count;  /* 0 = 2 */
    int32_t connections_max;    /* 0 = 2,000 */
    int32_t channels_max;       /* 0 = 5,000 */
    int32_t read_timeout_ms;    /* to send a whole request; 0 = 20,000 */
    int32_t write_timeout_ms;   /* to take a whole answer; 0 = 30,000 */
    int32_t files_age_max_s;    /* files older than this are deleted; 0 = a day */
};

enum status http_server_start(const struct http_options *options, struct http_server **server,
                              struct error *err) MUST_USE;
/* Waits for the handlers that run, then drops what is left. NULL is accepted. */
void http_server_stop(struct http_server *server);
struct hub *http_server_hub(struct http_server *server);

/* A new empty file that http_respond_file can send; its unguessable name ends in `suffix`
 * (".csv"). The caller writes and closes *fd. Any thread. */
#define HTTP_FILE_NAME_SIZE 64
enum status http_file_create(struct http_server *server, const char *suffix, int *fd,
                             char name[HTTP_FILE_NAME_SIZE], struct error *err) MUST_USE;

/* Gives an existing file a name that http_respond_file can send, for as long as files are kept;
 * its own name stays. A copy where it lies on another file system. Any thread. */
enum status http_file_link(struct http_server *server, const char *path, const char *suffix,
                           char name[HTTP_FILE_NAME_SIZE], struct error *err) MUST_USE;

/* Counters since the start, for /metrics. Any thread. */
struct http_counters {
    uint64_t requests;     /* answered */
    uint64_t refused;      /* malformed: nginx's list and ours do not match, or an attack */
    uint64_t gone;         /* clients that left before the answer */
    uint64_t overloaded;   /* answered 503: too many in flight */
    uint64_t by_class[6];  /* answers by status / 100 */
    uint64_t within_ms[8]; /* answers in at most 1, 2, 5, 10, 50, 100, 1000 ms; the rest */
    uint64_t connections, websockets; /* now */
    uint64_t messages_sent;
};
void http_server_counters(struct http_server *server, struct http_counters *counters);

#endif
