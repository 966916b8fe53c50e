/* One client's WebSocket: the head, then frames by libwslay.
 *
 * libwslay queues pongs and messages without limit. So nothing is read while more than a few
 * wait to be sent, each turn reads a bounded number of bytes, a client may send a bounded
 * number of frames a second, and our own messages are queued one at a time: what waits, waits
 * in the channel (hub.c), where the newest state wins and numbered messages are counted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wslay/wslay.h>

#include "base/ensure.h"
#include "base/log.h"
#include "http/server.h"
#include "http/websocket_head.h"

#define MESSAGE_IN_MAX 65536
#define QUEUED_MAX 8
#define READ_PER_TURN 16384
#define SEND_PER_TURN 64
#define FRAMES_PER_SECOND 500
#define HEAD_TIMEOUT_MS 10000
#define PING_EVERY_MS 20000
#define SILENCE_MAX_MS 60000

struct websocket {
    struct source source; /* first: epoll points here */
    struct http_server *server;
    char *head; /* until the handshake is done */
    size_t head_len;
    wslay_event_context_ptr frames; /* NULL before the handshake */
    struct channel *channel;
    size_t budget;
    int32_t frame_count;
    struct mono window_at, heard_at, pinged_at;
    bool is_failed; /* by a callback: close after the call */
    bool is_dead;
    struct websocket *next, *previous;
};

static void watch(struct websocket *at, uint32_t events)
{
    struct epoll_event event = {.events = events | EPOLLRDHUP, .data.ptr = &at->source};
    ensure(epoll_ctl(at->server->epoll, EPOLL_CTL_MOD, at->source.fd, &event) == 0);
}

static void unlink_from(struct websocket *at)
{
    if (at->previous)
        at->previous->next = at->next;
    else
        at->server->websockets = at->next;
    if (at->next)
        at->next->previous = at->previous;
}

static void die(struct websocket *at)
{
    if (at->is_dead)
        return;
    at->is_dead = true;
    if (at->channel) {
        hub_detach(at->channel, at);
        atomic_fetch_sub(&at->server->counters.websockets, 1);
    }
    at->channel = NULL;
    close(at->source.fd);
    unlink_from(at);
    at->server->websocket_count--;
    at->next = at->server->dead_websockets;
    at->server->dead_websockets = at;
}

void websocket_close(struct websocket *at, int code)
{
    if (at->is_dead)
        return;
    if (at->frames && wslay_event_queue_close(at->frames, (uint16_t)code, NULL, 0) == 0)
        (void)wslay_event_send(at->frames);
    die(at);
}

void websockets_reap(struct http_server *server)
{
    while (server->dead_websockets) {
        struct websocket *at = server->dead_websockets;
        server->dead_websockets = at->next;
        wslay_event_context_free(at->frames);
        free(at->head);
        free(at);
    }
}

void websockets_close_all(struct http_server *server)
{
    while (server->websockets)
        websocket_close(server->websockets, WSLAY_CODE_GOING_AWAY);
    websockets_reap(server);
}

void websocket_accept_peer(struct http_server *server)
{
    int fd = peer_accept(server, server->push_listener.fd);
    if (fd < 0)
        return;
    if (server->websocket_count >= server->options.channels_max) {
        atomic_fetch_add(&server->counters.overloaded, 1);
        close(fd);
        return;
    }
    int size = 65536;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    struct websocket *at = memory_new(1, sizeof(*at));
    at->source = (struct source){SOURCE_WEBSOCKET, fd};
    at->server = server;
    at->head = memory_new(1, WEBSOCKET_HEAD_MAX);
    at->heard_at = at->pinged_at = at->window_at = server->now;
    at->next = server->websockets;
    if (at->next)
        at->next->previous = at;
    server->websockets = at;
    server->websocket_count++;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = &at->source};
    ensure(epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* --- libwslay's callbacks -------------------------------------------------------------------
 */

static ssize_t on_recv(wslay_event_context_ptr frames, uint8_t *bytes, size_t len, int flags,
                       void *user)
{
    (void)flags;
    struct websocket *at = user;
    if (len > at->budget)
        len = at->budget;
    if (at->is_dead || len == 0) {
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    ssize_t got = recv(at->source.fd, bytes, len, MSG_DONTWAIT);
    if (got > 0) {
        at->budget -= (size_t)got;
        at->heard_at = at->server->now;
        return got;
    }
    bool waits = got < 0 && (errno == EAGAIN || errno == EINTR);
    wslay_event_set_error(frames, waits ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr frames, const uint8_t *bytes, size_t len,
                       int flags, void *user)
{
    (void)flags;
    struct websocket *at = user;
    ssize_t sent = send(at->source.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
        return sent;
    bool waits = errno == EAGAIN || errno == EINTR;
    wslay_event_set_error(frames, waits ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void on_frame(wslay_event_context_ptr frames,
                     const struct wslay_event_on_frame_recv_start_arg *frame, void *user)
{
    (void)frames;
    (void)frame;
    struct websocket *at = user;
    if (at->server->now.us - at->window_at.us >= US_PER_S) {
        at->window_at = at->server->now;
        at->frame_count = 0;
    }
    if (++at->frame_count > FRAMES_PER_SECOND) {
        at->is_failed = true;
        at->budget = 0;
    }
}

static void on_message(wslay_event_context_ptr frames,
                       const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    (void)frames;
    struct websocket *at = user;
    if (wslay_is_ctrl_frame(message->opcode) || at->is_failed || at->is_dead)
        return;
    at->is_failed = message->opcode != WSLAY_TEXT_FRAME ||
                    !channel_receive(at->server->hub, at->channel, (const char *)message->msg,
                                     message->msg_length);
    if (at->is_failed)
        at->budget = 0;
}

/* --- Handshake ------------------------------------------------------------------------------
 */

static bool all_sent(struct websocket *at, const char *text, size_t len)
{
    return send(at->source.fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

static void handshake_refuse(struct websocket *at, const char *status)
{
    char text[160];
    int len = snprintf(text, sizeof(text),
                       "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status);
    (void)all_sent(at, text, (size_t)len);
    die(at);
}

static void handshake_finish(struct websocket *at, const struct websocket_head *head)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_frame_recv_start_callback = on_frame,
        .on_msg_recv_callback = on_message,
    };
    struct channel *channel = hub_attach(at->server->hub, head->capability, head->after, at);
    if (!channel) {
        handshake_refuse(at, "404 Not Found");
        return;
    }
    at->channel = channel;
    atomic_fetch_add(&at->server->counters.websockets, 1);
    ensure(wslay_event_context_server_init(&at->frames, &callbacks, at) == 0);
    wslay_event_config_set_max_recv_msg_length(at->frames, MESSAGE_IN_MAX);
    char accept[WEBSOCKET_ACCEPT_SIZE];
    websocket_accept(head->key, accept);
    char text[256];
    int len = snprintf(text, sizeof(text),
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                       accept);
    if (!all_sent(at, text, (size_t)len)) {
        die(at);
        return;
    }
    free(at->head);
    at->head = NULL;
    websocket_feed(at);
}

static void handshake_read(struct websocket *at)
{
    ssize_t got = recv(at->source.fd, at->head + at->head_len,
                       WEBSOCKET_HEAD_MAX - at->head_len, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        die(at);
        return;
    }
    at->head_len += (size_t)got;
    struct websocket_head head;
    switch (websocket_head_parse(at->head, at->head_len, &head)) {
    case WEBSOCKET_NEED_MORE: return;
    case WEBSOCKET_REFUSED: break;
    case WEBSOCKET_COMPLETE:
        /* nginx holds frames back until it has seen our 101. */
        if (head.size != at->head_len)
            break;
        handshake_finish(at, &head);
        return;
    }
    atomic_fetch_add(&at->server->counters.refused, 1);
    handshake_refuse(at, "400 Bad Request");
}

/* --- Open -----------------------------------------------------------------------------------
 */

static void settle(struct websocket *at)
{
    if (at->is_dead)
        return;
    bool is_over = !wslay_event_want_read(at->frames) && !wslay_event_want_write(at->frames);
    if (is_over) {
        die(at);
        return;
    }
    uint32_t events = 0;
    if (wslay_event_get_queued_msg_count(at->frames) <= QUEUED_MAX)
        events |= EPOLLIN;
    if (wslay_event_want_write(at->frames) || channel_has_next(at->channel))
        events |= EPOLLOUT;
    watch(at, events);
}

void websocket_feed(struct websocket *at)
{
    if (at->is_dead || !at->frames)
        return;
    for (int i = 0; i < SEND_PER_TURN; i++) {
        const char *text = NULL;
        size_t len = 0;
        if (wslay_event_get_queued_msg_count(at->frames) == 0 &&
            channel_next(at->channel, &text, &len)) {
            struct wslay_event_msg message = {WSLAY_TEXT_FRAME, (const uint8_t *)text, len};
            if (wslay_event_queue_msg(at->frames, &message) != 0) {
                die(at);
                return;
            }
            atomic_fetch_add(&at->server->counters.messages_sent, 1);
        }
        if (!wslay_event_want_write(at->frames))
            break;
        if (wslay_event_send(at->frames) != 0) {
            die(at);
            return;
        }
        if (wslay_event_want_write(at->frames))
            break; /* the peer takes no more now */
    }
    settle(at);
}

void websocket_event(struct websocket *at, uint32_t events)
{
    if (at->is_dead)
        return;
    if (!at->frames) {
        handshake_read(at);
        return;
    }
    if (events & EPOLLIN) {
        at->budget = READ_PER_TURN;
        if (wslay_event_recv(at->frames) != 0) {
            die(at);
            return;
        }
        if (at->is_failed) {
            websocket_close(at, WSLAY_CODE_POLICY_VIOLATION);
            return;
        }
    } else if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        die(at);
        return;
    }
    websocket_feed(at);
}

void websockets_sweep(struct http_server *server)
{
    struct websocket *next = NULL;
    for (struct websocket *at = server->websockets; at; at = next) {
        next = at->next;
        int64_t silence_ms = (server->now.us - at->heard_at.us) / US_PER_MS;
        if (silence_ms > (at->frames ? SILENCE_MAX_MS : HEAD_TIMEOUT_MS)) {
            die(at);
            continue;
        }
        bool is_due = server->now.us - at->pinged_at.us > PING_EVERY_MS * US_PER_MS;
        if (!at->frames || !is_due || wslay_event_get_queued_msg_count(at->frames) > QUEUED_MAX)
            continue;
        at->pinged_at = server->now;
        struct wslay_event_msg ping = {WSLAY_PING, NULL, 0};
        if (wslay_event_queue_msg(at->frames, &ping) != 0)
            die(at);
        else
            websocket_feed(at);
    }
}
