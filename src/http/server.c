#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <sodium.h>

#include "base/ensure.h"
#include "base/log.h"
#include "http/server.h"

/* A short one makes connect() fail with EAGAIN, which nginx answers with 502. */
#define BACKLOG 4096
#define EVENTS_PER_TURN 64
#define SWEEP_MS 500

int peer_accept(struct http_server *server, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE)
            log_error("http.accept", "error=%s", strerror(errno));
        return -1;
    }
    struct ucred peer;
    socklen_t len = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
        (peer.uid != geteuid() && peer.uid != server->options.peer && peer.uid != 0)) {
        log_warn("http.peer", "uid=%lld refused=1", (long long)peer.uid);
        close(fd);
        return -1;
    }
    return fd;
}

static enum status socket_open(const char *path, gid_t group, struct source *source,
                               struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return error_set(err, STATUS_INVALID, "",
                         "The socket path %s is longer than %zu bytes: use a shorter data "
                         "directory.",
                         path, sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, strlen(path));
    unlink(path);
    source->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (source->fd < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "No socket: %s.", strerror(errno));
    /* Nobody may connect between bind and chmod. */
    if (fchmod(source->fd, 0600) != 0 ||
        bind(source->fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        (group != (gid_t)-1 && chown(path, (uid_t)-1, group) != 0) ||
        chmod(path, group != (gid_t)-1 ? 0660 : 0600) != 0 || listen(source->fd, BACKLOG) != 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "Cannot listen on %s: %s.", path,
                         strerror(errno));
    return STATUS_OK;
}

static void watch(struct http_server *server, struct source *source, enum source_kind kind,
                  int fd)
{
    *source = (struct source){kind, fd};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};
    ensure(epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void done_drain(struct http_server *server)
{
    struct http_job job;
    mailbox_fd_clear(server->done);
    while (mailbox_poll(server->done, &job))
        http_connection_finish(server, &job);
}

static void dispatch(struct http_server *server, struct source *source, uint32_t events)
{
    switch (source->kind) {
    case SOURCE_API_LISTENER: http_connection_accept(server); break;
    case SOURCE_PUSH_LISTENER: websocket_accept_peer(server); break;
    case SOURCE_DONE: done_drain(server); break;
    case SOURCE_HUB: hub_turn(server->hub); break;
    case SOURCE_CONNECTION:
        http_connection_event((struct http_connection *)source, events);
        break;
    case SOURCE_WEBSOCKET: websocket_event((struct websocket *)source, events); break;
    }
}

static void sweep(struct http_server *server)
{
    if (server->now.us - server->swept_at.us < SWEEP_MS * US_PER_MS)
        return;
    server->swept_at = server->now;
    http_connections_sweep(server);
    websockets_sweep(server);
    hub_sweep(server->hub);
    files_sweep(server);
}

/* A connection is closed by its own event, or by done and hub, which are sources of their own:
 * those go last, so that no event points to freed memory. WebSockets, which may close each
 * other, are freed after the turn. */
static void turn(struct http_server *server, struct epoll_event *events, int count)
{
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < count; i++) {
            struct source *source = events[i].data.ptr;
            if (!source)
                continue;
            bool is_last = source->kind == SOURCE_DONE || source->kind == SOURCE_HUB;
            if (is_last != (pass == 1))
                continue;
            events[i].data.ptr = NULL; /* it may be gone after its turn */
            dispatch(server, source, events[i].events);
        }
    }
}

static void *server_main(void *argument)
{
    struct http_server *server = argument;
    struct epoll_event events[EVENTS_PER_TURN];
    while (!atomic_load(&server->is_ended)) {
        int count = epoll_wait(server->epoll, events, EVENTS_PER_TURN, SWEEP_MS);
        ensure(count >= 0 || errno == EINTR);
        server->now = instant_mono_now();
        turn(server, events, count);
        sweep(server);
        websockets_reap(server);
    }
    return NULL;
}

static void defaults_fill(struct http_options *options)
{
    if (!options->worker_count)
        options->worker_count = 4;
    if (!options->long_worker_count)
        options->long_worker_count = 2;
    if (!options->connections_max)
        options->connections_max = 2000;
    if (!options->channels_max)
        options->channels_max = 5000;
    if (!options->read_timeout_ms)
        options->read_timeout_ms = 20000;
    if (!options->write_timeout_ms)
        options->write_timeout_ms = 30000;
    if (!options->files_age_max_s)
        options->files_age_max_s = 86400;
}

static char *copy(const char *text)
{
    return text ? memory_text(text, strlen(text)) : NULL;
}

static enum status open_all(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "No epoll: %s.", strerror(errno));
    enum status status =
        socket_open(server->api_socket, options->socket_group, &server->api_listener, err);
    if (status == STATUS_OK)
        status = socket_open(server->push_socket, options->socket_group, &server->push_listener,
                             err);
    if (status == STATUS_OK)
        status = workers_start(server, err);
    if (status != STATUS_OK)
        return status;
    server->hub = hub_create(server, options->channels_max);
    watch(server, &server->api_listener, SOURCE_API_LISTENER, server->api_listener.fd);
    watch(server, &server->push_listener, SOURCE_PUSH_LISTENER, server->push_listener.fd);
    watch(server, &server->done_source, SOURCE_DONE, mailbox_fd(server->done));
    watch(server, &server->hub_source, SOURCE_HUB, hub_fd(server->hub));
    return STATUS_OK;
}

enum status http_server_start(const struct http_options *options, struct http_server **result,
                              struct error *err)
{
    *result = NULL;
    if (sodium_init() < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "libsodium cannot start.");
    struct http_server *server = memory_new(1, sizeof(*server));
    server->options = *options;
    defaults_fill(&server->options);
    server->spool = copy(options->spool);
    server->files = copy(options->files);
    server->api_socket = copy(options->api_socket);
    server->push_socket = copy(options->push_socket);
    server->epoll = server->api_listener.fd = server->push_listener.fd = -1;
    server->now = instant_mono_now();
    atomic_init(&server->is_stopping, false);
    atomic_init(&server->is_ended, false);
    enum status status = open_all(server, err);
    if (status == STATUS_OK && pthread_create(&server->thread, NULL, server_main, server) != 0)
        status = error_set(err, STATUS_UNAVAILABLE, "", "No thread for the web server.");
    if (status != STATUS_OK) {
        http_server_stop(server);
        return status;
    }
    server->has_thread = true;
    *result = server;
    return STATUS_OK;
}

static void source_close(const struct source *source, const char *path)
{
    if (source->fd < 0)
        return;
    close(source->fd);
    unlink(path);
}

void http_server_stop(struct http_server *server)
{
    if (!server)
        return;
    atomic_store(&server->is_stopping, true);
    /* The workers first: a handler may be waiting for the hub, which is the thread's. */
    workers_stop(server);
    atomic_store(&server->is_ended, true);
    if (server->has_thread) {
        uint64_t one = 1;
        if (write(hub_fd(server->hub), &one, sizeof(one)) < 0)
            log_debug("http.stop", "error=%s", strerror(errno));
        pthread_join(server->thread, NULL);
    }
    if (server->done)
        done_drain(server);
    while (server->connections)
        http_connection_close(server->connections);
    websockets_close_all(server);
    hub_destroy(server->hub);
    for (int lane = 0; lane < 2; lane++)
        mailbox_destroy(server->lanes[lane].jobs);
    mailbox_destroy(server->done);
    source_close(&server->api_listener, server->api_socket);
    source_close(&server->push_listener, server->push_socket);
    if (server->epoll >= 0)
        close(server->epoll);
    free(server->spool);
    free(server->files);
    free(server->api_socket);
    free(server->push_socket);
    free(server);
}

struct hub *http_server_hub(struct http_server *server)
{
    return server->hub;
}

void http_server_counters(struct http_server *server, struct http_counters *counters)
{
    counters->requests = atomic_load(&server->counters.requests);
    counters->refused = atomic_load(&server->counters.refused);
    counters->gone = atomic_load(&server->counters.gone);
    counters->overloaded = atomic_load(&server->counters.overloaded);
    for (size_t i = 0; i < ARRAY_LEN(counters->by_class); i++)
        counters->by_class[i] = atomic_load(&server->counters.by_class[i]);
    for (size_t i = 0; i < ARRAY_LEN(counters->within_ms); i++)
        counters->within_ms[i] = atomic_load(&server->counters.within_ms[i]);
    counters->connections = atomic_load(&server->counters.connections);
    counters->websockets = atomic_load(&server->counters.websockets);
    counters->messages_sent = atomic_load(&server->counters.messages_sent);
}
