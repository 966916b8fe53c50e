/* server.h -- what the files of the http thread share. Not for other folders. */
#ifndef CADRAN_HTTP_SERVER_H
#define CADRAN_HTTP_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/mailbox.h"
#include "http/http.h"

struct websocket;

/* What an epoll event points to. */
enum source_kind {
    SOURCE_API_LISTENER,
    SOURCE_PUSH_LISTENER,
    SOURCE_DONE,
    SOURCE_HUB,
    SOURCE_CONNECTION,
    SOURCE_WEBSOCKET,
};

struct source {
    enum source_kind kind;
    int fd;
};

/*  READ --head, body--> QUEUED --worker--> SEND --> closed. A client may leave in any of them.
 *   \--refused--> DRAIN --rest of the body--> SEND: nginx takes no answer while it still sends.
 */
enum connection_state { CONNECTION_READ, CONNECTION_QUEUED, CONNECTION_DRAIN, CONNECTION_SEND };

struct http_connection {
    struct source source; /* first: epoll points here */
    struct http_server *server;
    enum connection_state state;
    bool has_head;
    size_t need;                  /* bytes of head and body together, once the head is read */
    size_t len;                   /* bytes read so far */
    struct http_request *request; /* holds them */
    struct buffer out;
    size_t out_at;
    struct mono deadline;
    struct http_connection *next, *previous;
};

/* A finished or not yet started piece of work for the workers. */
struct http_job {
    struct http_request *request; /* NULL: a WebSocket's message */
    struct http_response *response;
    int64_t owner;
    char *channel, *text;
    size_t text_len;
};

struct http_lane {
    struct mailbox *jobs;
    pthread_t *threads;
    int32_t thread_count;
};

struct http_server {
    struct http_options options;
    char *spool, *files, *api_socket, *push_socket;
    int epoll;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_stopping; /* workers refuse what is left */
    atomic_bool is_ended;    /* the http thread leaves its loop */
    struct source api_listener, push_listener, done_source, hub_source;
    struct http_connection *connections;
    int32_t connection_count, in_flight;
    size_t body_bytes;         /* of requests that are here, read or being read */
    struct http_lane lanes[2]; /* quick, long */
    struct mailbox *done;
    struct hub *hub;
    struct websocket *websockets, *dead_websockets;
    int32_t websocket_count;
    struct mono swept_at, files_swept_at;
    struct mono now; /* of this turn of the loop */
    struct {
        atomic_uint_fast64_t requests, refused, gone, overloaded, by_class[6], within_ms[8],
            connections, websockets, messages_sent;
    } counters;
};

/* At most this many requests between their QUEUED and their answer. */
#define IN_FLIGHT_MAX 512
/* Of all bodies at once. */
#define BODY_BYTES_MAX ((size_t)256 * 1024 * 1024)

/* connection.c: the http thread. */
void http_connection_accept(struct http_server *server);
void http_connection_event(struct http_connection *connection, uint32_t events);
/* A worker is done: sends the response, or drops it where the client has gone. */
void http_connection_finish(struct http_server *server, struct http_job *job);
void http_connection_close(struct http_connection *connection);
void http_connections_sweep(struct http_server *server);

/* worker.c */
enum status workers_start(struct http_server *server, struct error *err);
/* After it nothing is in flight; what was queued has been dropped. */
void workers_stop(struct http_server *server);

/* server.c: an accepted connection of a permitted peer, or -1. */
int peer_accept(struct http_server *server, int listener);

/* files.c */
bool body_file_open(struct http_server *server, struct http_request *request);
void files_sweep(struct http_server *server);

/* websocket.c: the http thread. */
void websocket_accept_peer(struct http_server *server);
void websocket_event(struct websocket *websocket, uint32_t events);
void websockets_sweep(struct http_server *server);
void websockets_reap(struct http_server *server);
/* Something may be waiting to be sent. */
void websocket_feed(struct websocket *websocket);
/* Says goodbye with a code of RFC 6455, 7.4, as far as the peer takes it, and closes. */
void websocket_close(struct websocket *websocket, int code);
void websockets_close_all(struct http_server *server);

/* hub.c: the http thread. */
struct hub *hub_create(struct http_server *server, int32_t channels_max);
void hub_destroy(struct hub *hub);
int hub_fd(struct hub *hub);
/* Carries out what other threads posted. */
void hub_turn(struct hub *hub);
void hub_sweep(struct hub *hub);

struct channel;
/* The channel of a capability, which `websocket` serves from now on (an older one is closed);
 * NULL: there is none, or it has expired. `after` is websocket_head.after. */
struct channel *hub_attach(struct hub *hub, const char *capability, int64_t after,
                           struct websocket *websocket);
void hub_detach(struct channel *channel, struct websocket *websocket);
bool channel_has_next(const struct channel *channel);
/* The next message to send; good until the next call. False: none. */
bool channel_next(struct channel *channel, const char **text, size_t *len);
/* A client's message. False: it is not acceptable, close with 1008. */
bool channel_receive(struct hub *hub, struct channel *channel, const char *text, size_t len);

#endif
