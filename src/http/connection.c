/* Invariants, held by the http thread alone:
 *   1  a connection owns its request until QUEUED; from then on the request's job does, and the
 *      connection's pointer is only for answering;
 *   2  request->connection is NULL as soon as its connection is closed;
 *   3  server->in_flight counts the jobs that were posted and not yet finished. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "http/server.h"

#define READ_CHUNK 16384

static struct mono after_ms(struct mono now, int64_t ms)
{
    return (struct mono){now.us + ms * US_PER_MS};
}

static void watch(struct http_connection *connection, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = &connection->source};
    ensure(epoll_ctl(connection->server->epoll, EPOLL_CTL_MOD, connection->source.fd, &event) ==
           0);
}

void http_connection_accept(struct http_server *server)
{
    int fd = peer_accept(server, server->api_listener.fd);
    if (fd < 0)
        return;
    if (server->connection_count >= server->options.connections_max) {
        atomic_fetch_add(&server->counters.overloaded, 1);
        close(fd);
        return;
    }
    struct http_connection *connection = memory_new(1, sizeof(*connection));
    connection->source = (struct source){SOURCE_CONNECTION, fd};
    connection->server = server;
    connection->request = http_request_create();
    connection->request->connection = connection;
    connection->deadline = after_ms(server->now, server->options.read_timeout_ms);
    buffer_init(&connection->out, HTTP_RESPONSE_MAX + 16384);
    connection->next = server->connections;
    if (connection->next)
        connection->next->previous = connection;
    server->connections = connection;
    server->connection_count++;
    atomic_fetch_add(&server->counters.connections, 1);
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP,
                                .data.ptr = &connection->source};
    ensure(epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

void http_connection_close(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    size_t bytes_held = connection->request->capacity;
    connection->request->connection = NULL;
    if (connection->state == CONNECTION_QUEUED)
        atomic_store(&connection->request->is_gone, true);
    else
        http_request_unref(connection->request);
    if (connection->state == CONNECTION_READ)
        server->body_bytes -= bytes_held;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    server->connection_count--;
    atomic_fetch_sub(&server->counters.connections, 1);
    close(connection->source.fd);
    buffer_fini(&connection->out);
    free(connection);
}

static void count_answer(struct http_server *server, int status, struct mono received_at)
{
    static const int64_t edges_ms[] = {1, 2, 5, 10, 50, 100, 1000};
    int64_t us = instant_mono_now().us - received_at.us;
    size_t i = 0;
    while (i < ARRAY_LEN(edges_ms) && us > edges_ms[i] * US_PER_MS)
        i++;
    atomic_fetch_add(&server->counters.within_ms[i], 1);
    atomic_fetch_add(&server->counters.requests, 1);
    atomic_fetch_add(&server->counters.by_class[status / 100 % 6], 1);
}

static void out_send(struct http_connection *connection)
{
    struct buffer *out = &connection->out;
    while (connection->out_at < out->len) {
        ssize_t sent = send(connection->source.fd, out->data + connection->out_at,
                            out->len - connection->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN) {
            watch(connection, EPOLLOUT);
            return;
        }
        if (sent < 0) {
            atomic_fetch_add(&connection->server->counters.gone, 1);
            http_connection_close(connection);
            return;
        }
        connection->out_at += (size_t)sent;
    }
    shutdown(connection->source.fd, SHUT_WR);
    http_connection_close(connection);
}

/* nginx passes the words on as they are, and a status line without any is no status line. */
static const char *reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Answer";
    }
}

/* Turns a response into bytes. One that was never given, or broke its limits, is a 500. */
static void out_compose(struct http_connection *connection, struct http_response *response)
{
    if (!response->status || response->head.is_full || response->body.is_full) {
        log_error("http.response", "uri_status=%d incomplete=1", response->status);
        buffer_clear(&response->head);
        http_respond_error(response, 500, "internal.error", "", "The server failed to answer.");
    }
    /* nginx's question whether an upload may come knows yes, 401 and 403 only; all else is a
     * 500. */
    if (connection->request->head.authorise && response->status >= 400 &&
        response->status < 500 && response->status != 401)
        response->status = 403;
    struct buffer *out = &connection->out;
    buffer_format(out, "Status: %d %s\r\n", response->status, reason_of(response->status));
    if (response->type)
        buffer_format(out, "Content-Type: %s\r\n", response->type);
    if (response->head.len)
        buffer_append(out, response->head.data, response->head.len);
    if (connection->request->head.request_id)
        buffer_format(out, "ININ-Correlation-Id: %.64s\r\n",
                      connection->request->head.request_id);
    if (response->status != 204 && response->status != 304)
        buffer_format(out, "Content-Length: %zu\r\n", response->body.len);
    buffer_text(out, "\r\n");
    if (response->body.len)
        buffer_append(out, response->body.data, response->body.len);
}

/* How much of its body nginx has still to send. */
static size_t body_left(const struct http_connection *connection)
{
    const struct scgi_head *head = &connection->request->head;
    size_t whole = head->size + (size_t)head->content_length;
    if (!head->size || head->body_file || head->authorise || whole <= connection->len)
        return 0;
    return whole - connection->len;
}

static void drain(struct http_connection *connection)
{
    struct http_request *request = connection->request;
    while (connection->need) {
        size_t room =
            connection->need < request->capacity ? connection->need : request->capacity;
        ssize_t got = recv(connection->source.fd, request->bytes, room, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0)
            break;
        connection->need -= (size_t)got;
    }
    connection->state = CONNECTION_SEND;
    out_send(connection);
}

static void answer(struct http_connection *connection, struct http_response *response)
{
    struct http_server *server = connection->server;
    out_compose(connection, response);
    count_answer(server, response->status, connection->request->received_at);
    if (connection->state == CONNECTION_READ)
        server->body_bytes -= connection->request->capacity;
    bool may_drain = connection->state == CONNECTION_READ;
    connection->state = CONNECTION_SEND;
    connection->deadline = after_ms(server->now, server->options.write_timeout_ms);
    connection->need = may_drain ? body_left(connection) : 0;
    if (connection->need) {
        connection->state = CONNECTION_DRAIN;
        drain(connection);
    } else {
        out_send(connection);
    }
}

/* Answers from the http thread itself: nothing was handed to a worker. */
static void refuse(struct http_connection *connection, int status, const char *code,
                   const char *text)
{
    struct http_response response;
    http_response_init(&response);
    if (status == 503)
        http_header(&response, "Retry-After", "1");
    http_respond_error(&response, status, code, "", "%s", text);
    answer(connection, &response);
    http_response_fini(&response);
}

static void refuse_method(struct http_connection *connection)
{
    const struct route_match *match = &connection->request->match;
    char list[128] = "";
    size_t len = 0;
    for (size_t i = 0; i < match->allowed_count && len < sizeof(list) - 16; i++)
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
                                match->allowed[i]);
    struct http_response response;
    http_response_init(&response);
    http_header(&response, "Allow", "%s", list);
    http_respond_error(&response, 405, "method.not.allowed", "",
                       "This path does not know that method; it knows %s.", list);
    answer(connection, &response);
    http_response_fini(&response);
}

/* Target and route. False: answered. */
static bool target_find(struct http_connection *connection)
{
    struct http_request *request = connection->request;
    struct http_server *server = connection->server;
    struct error err;
    if (uri_read(&request->arena, request->head.uri, &request->uri, &err) != STATUS_OK) {
        refuse(connection, 400, "bad.request", err.text);
        return false;
    }
    route_find(server->options.routes, server->options.route_count, request->head.method,
               &request->uri, &request->match);
    if (!request->match.allowed_count) {
        refuse(connection, 404, "not.found", "There is nothing at this address.");
        return false;
    }
    if (!request->match.route) {
        refuse_method(connection);
        return false;
    }
    return true;
}

/* How much body follows, and whether it may. False: answered. */
static bool body_admit(struct http_connection *connection)
{
    struct http_request *request = connection->request;
    struct http_server *server = connection->server;
    const struct http_route *route = request->match.route;
    bool takes_file = route->flags & HTTP_ROUTE_TAKES_FILE;
    int64_t length = request->head.content_length;
    connection->need = request->head.size;
    if (request->head.authorise)
        return true;
    if (takes_file || request->head.body_file) {
        /* nginx's location and our route must agree on who gets a file. */
        if (takes_file && request->head.body_file && body_file_open(server, request))
            return true;
        refuse(connection, 400, "bad.request", "The request needs a file as its body.");
        return false;
    }
    size_t most = route->body_max ? route->body_max : HTTP_BODY_DEFAULT;
    if (length > (int64_t)most) {
        refuse(connection, 413, "request.entity.too.large", "The request's body is too large.");
        return false;
    }
    if (server->body_bytes + (size_t)length > BODY_BYTES_MAX) {
        atomic_fetch_add(&server->counters.overloaded, 1);
        refuse(connection, 503, "service.unavailable", "The server is busy; try again.");
        return false;
    }
    connection->need += (size_t)length;
    return true;
}

static void room_make(struct http_connection *connection)
{
    struct http_request *request = connection->request;
    size_t want = connection->has_head ? connection->need : SCGI_HEAD_MAX;
    if (want <= request->capacity)
        return;
    request->bytes = memory_resize(request->bytes, want + 1, 1);
    connection->server->body_bytes += want - request->capacity;
    request->capacity = want;
}

static void queue(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    struct http_request *request = connection->request;
    struct http_lane *lane =
        &server->lanes[request->match.route->flags & HTTP_ROUTE_LONG ? 1 : 0];
    request->bytes[connection->need] = '\0';
    if (!request->head.authorise && request->body_fd < 0) {
        request->body = request->bytes + request->head.size;
        request->body_len = connection->need - request->head.size;
    }
    struct http_job job = {.request = request};
    if (server->in_flight >= IN_FLIGHT_MAX || !mailbox_post(lane->jobs, &job)) {
        atomic_fetch_add(&server->counters.overloaded, 1);
        refuse(connection, 503, "service.unavailable", "The server is busy; try again.");
        return;
    }
    server->in_flight++;
    connection->state = CONNECTION_QUEUED;
    watch(connection, EPOLLRDHUP);
}

/* The head is here: parses it once more, now that its bytes move no further. */
static enum scgi_verdict head_take(struct http_connection *connection)
{
    struct http_request *request = connection->request;
    enum scgi_verdict verdict = scgi_parse(request->bytes, connection->len, &request->head);
    if (verdict != SCGI_COMPLETE)
        return verdict;
    connection->has_head = true;
    connection->need = request->head.size + (size_t)request->head.content_length;
    return verdict;
}

/* False: the connection was answered or closed. */
static bool bytes_look(struct http_connection *connection)
{
    struct http_request *request = connection->request;
    if (!connection->has_head) {
        enum scgi_verdict verdict = head_take(connection);
        if (verdict == SCGI_NEED_MORE)
            return true;
        if (verdict == SCGI_REFUSED) {
            atomic_fetch_add(&connection->server->counters.refused, 1);
            log_debug("http.refused", "reason=scgi bytes=%zu", connection->len);
            memset(&request->head, 0, sizeof(request->head));
            refuse(connection, 400, "bad.request", "The request is malformed.");
            return false;
        }
        if (!target_find(connection) || !body_admit(connection))
            return false;
        char *before = request->bytes;
        room_make(connection);
        /* Growing may have moved the bytes that the head points into. */
        if (request->bytes != before) {
            ensure(scgi_parse(request->bytes, connection->len, &request->head) ==
                   SCGI_COMPLETE);
        }
    }
    if (connection->len < connection->need)
        return true;
    queue(connection);
    return false;
}

static void in_read(struct http_connection *connection)
{
    struct http_request *request = connection->request;
    for (;;) {
        room_make(connection);
        size_t room = request->capacity - connection->len;
        ssize_t got =
            recv(connection->source.fd, request->bytes + connection->len, room, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            http_connection_close(connection);
            return;
        }
        if (connection->len == 0)
            request->received_at = instant_mono_now();
        connection->len += (size_t)got;
        if (!bytes_look(connection))
            return;
        if (connection->len == request->capacity && !connection->has_head) {
            refuse(connection, 400, "bad.request", "The request's head is too large.");
            return;
        }
    }
}

void http_connection_event(struct http_connection *connection, uint32_t events)
{
    switch (connection->state) {
    case CONNECTION_READ: in_read(connection); break;
    case CONNECTION_QUEUED:
        if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
            atomic_fetch_add(&connection->server->counters.gone, 1);
            http_connection_close(connection);
        }
        break;
    case CONNECTION_DRAIN: drain(connection); break;
    case CONNECTION_SEND:
        if (events & (EPOLLHUP | EPOLLERR)) {
            atomic_fetch_add(&connection->server->counters.gone, 1);
            http_connection_close(connection);
        } else {
            out_send(connection);
        }
        break;
    }
}

void http_connection_finish(struct http_server *server, struct http_job *job)
{
    struct http_request *request = job->request;
    struct http_connection *connection = request->connection;
    server->in_flight--;
    server->body_bytes -= request->capacity;
    if (connection) {
        ensure(connection->state == CONNECTION_QUEUED && connection->request == request);
        log_debug("http.request",
                  "id=%.64s method=%.16s status=%d bytes=%zu wait_us=%lld work_us=%lld",
                  request->head.request_id ? request->head.request_id : "-",
                  request->head.method, job->response->status, job->response->body.len,
                  (long long)(request->started_at.us - request->received_at.us),
                  (long long)(server->now.us - request->started_at.us));
        answer(connection, job->response);
    } else {
        http_request_unref(request);
    }
    http_response_fini(job->response);
    free(job->response);
}

void http_connections_sweep(struct http_server *server)
{
    struct http_connection *next = NULL;
    for (struct http_connection *at = server->connections; at; at = next) {
        next = at->next;
        if (at->state != CONNECTION_QUEUED && at->deadline.us <= server->now.us) {
            log_debug("http.timeout", "state=%d bytes=%zu", (int)at->state, at->len);
            http_connection_close(at);
        }
    }
}
