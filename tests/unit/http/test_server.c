/* The server alone, spoken to on its sockets as nginx would. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mailbox.h"
#include "base/random.h"
#include "http/http.h"
#include "http/hub.h"

struct fixture {
    char folder[64], api[96], push[96];
    struct http_server *server;
    struct mailbox *entered, *released; /* one byte for each /slow that began, and may end */
};

static void hello(void *context, struct http_request *request, struct http_response *response)
{
    (void)context;
    http_respond_text(response, 200, "text/plain", request->body, request->body_len);
}

static void slow(void *context, struct http_request *request, struct http_response *response)
{
    struct fixture *fixture = context;
    char byte = http_request_is_gone(request) ? 'g' : 'h';
    assert_true(mailbox_post(fixture->entered, &byte));
    assert_true(mailbox_take(fixture->released, &byte, 10000));
    http_respond_empty(response, 204);
}

static void silent(void *context, struct http_request *request, struct http_response *response)
{
    (void)context;
    (void)request;
    (void)response;
}

static bool authorise(void *context, struct http_request *request,
                      struct http_response *response)
{
    (void)context;
    if (request->head.authorization && strcmp(request->head.authorization, "Bearer yes") == 0)
        return true;
    http_respond_error(response, 401, "bad.credentials", "", "Who are you?");
    return false;
}

static const struct http_route routes[] = {
    {.method = "POST",
     .path = "/hello",
     .flags = HTTP_ROUTE_OPEN,
     .body_max = 1000,
     .handler = hello},
    {.method = "POST", .path = "/slow", .flags = HTTP_ROUTE_OPEN, .handler = slow},
    {.method = "GET", .path = "/silent", .flags = HTTP_ROUTE_OPEN, .handler = silent},
    {.method = "POST", .path = "/mine", .handler = hello},
    {.method = "PUT",
     .path = "/file",
     .flags = HTTP_ROUTE_OPEN | HTTP_ROUTE_TAKES_FILE,
     .handler = hello},
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/cadran-test-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->api, sizeof(fixture->api), "%s/a", fixture->folder);
    snprintf(fixture->push, sizeof(fixture->push), "%s/p", fixture->folder);
    fixture->entered = mailbox_create(64, 1);
    fixture->released = mailbox_create(64, 1);
    const struct http_options options = {
        .api_socket = fixture->api,
        .push_socket = fixture->push,
        .socket_group = (gid_t)-1,
        .peer = geteuid(),
        .spool = fixture->folder,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .context = fixture,
        .authorise = authorise,
        .worker_count = 2,
        .connections_max = 50,
        .read_timeout_ms = 300,
    };
    struct error err;
    if (http_server_start(&options, &fixture->server, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    http_server_stop(fixture->server);
    mailbox_destroy(fixture->entered);
    mailbox_destroy(fixture->released);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval wait = {10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Sends one SCGI request; `extra` are further pairs, "NAME=value\n" each. */
static void ask(int fd, const char *method, const char *target, const char *extra,
                const char *body)
{
    char pairs[4096];
    int len = snprintf(pairs, sizeof(pairs),
                       "CONTENT_LENGTH=%zu\nSCGI=1\nREQUEST_METHOD=%s\nREQUEST_URI=%s\n%s",
                       strlen(body), method, target, extra);
    for (char *at = pairs; *at;) {
        *strchr(at, '=') = '\0';
        at += strlen(at) + 1;
        char *end = strchr(at, '\n');
        *end = '\0';
        at = end + 1;
    }
    char bytes[8192];
    int head = snprintf(bytes, sizeof(bytes), "%d:", len);
    memcpy(bytes + head, pairs, (size_t)len);
    int rest = snprintf(bytes + head + len, sizeof(bytes) - (size_t)(head + len), ",%s", body);
    size_t total = (size_t)(head + len + rest);
    assert_int_equal(send(fd, bytes, total, MSG_NOSIGNAL), (ssize_t)total);
}

static void answer_read(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t got = 0;
    while (len + 1 < size && (got = recv(fd, text + len, size - 1 - len, 0)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    close(fd);
}

static int status_of(const struct fixture *fixture, const char *method, const char *target,
                     const char *extra, const char *body)
{
    char text[8192];
    int fd = dial(fixture->api);
    ask(fd, method, target, extra, body);
    answer_read(fd, text, sizeof(text));
    int status = 0;
    assert_int_equal(sscanf(text, "Status: %d", &status), 1);
    assert_true(status == 204 || strstr(text, "\r\nContent-Length: "));
    return status;
}

static void answers_by_route_method_body_and_who_asks(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(status_of(f, "POST", "/hello", "", "hi"), 200);
    assert_int_equal(status_of(f, "POST", "/nothing", "", ""), 404);
    assert_int_equal(status_of(f, "GET", "/hello", "", ""), 405);
    assert_int_equal(status_of(f, "POST", "/hello/..", "", ""), 400);
    assert_int_equal(status_of(f, "POST", "/mine", "", ""), 401);
    assert_int_equal(status_of(f, "POST", "/mine", "HTTP_AUTHORIZATION=Bearer yes\n", ""), 200);
    assert_int_equal(
        status_of(f, "POST", "/mine", "HTTP_AUTHORIZATION=Bearer yes\nAUTHORISE=1\n", ""), 204);
    assert_int_equal(status_of(f, "POST", "/mine", "AUTHORISE=1\n", ""), 401);
    assert_int_equal(status_of(f, "POST", "/hello", "HTTP_PROXY=x\n", ""), 400);
    assert_int_equal(status_of(f, "GET", "/silent", "", ""), 500);
    char long_body[1100];
    memset(long_body, 'x', sizeof(long_body) - 1);
    long_body[sizeof(long_body) - 1] = '\0';
    assert_int_equal(status_of(f, "POST", "/hello", "", long_body), 413);
    struct http_counters counters;
    http_server_counters(f->server, &counters);
    assert_int_equal(counters.by_class[2], 3);
    assert_int_equal(counters.by_class[5], 1);
    assert_int_equal(counters.refused, 1);
}

static void takes_no_file_but_nginx_s_own(void **state)
{
    struct fixture *f = *state;
    char path[128];
    char extra[160];
    snprintf(path, sizeof(path), "%s/0000000001", f->folder);
    FILE *file = fopen(path, "we");
    fputs("body", file);
    fclose(file);
    snprintf(extra, sizeof(extra), "BODY_FILE=%s\n", path);
    assert_int_equal(status_of(f, "PUT", "/file", extra, ""), 200);
    assert_int_equal(status_of(f, "POST", "/hello", extra, ""), 400);
    assert_int_equal(status_of(f, "PUT", "/file", "", ""), 400);
    assert_int_equal(status_of(f, "PUT", "/file", "BODY_FILE=/etc/passwd\n", ""), 400);
    snprintf(extra, sizeof(extra), "BODY_FILE=%s/../../etc/passwd\n", f->folder);
    assert_int_equal(status_of(f, "PUT", "/file", extra, ""), 400);
    char link[128];
    snprintf(link, sizeof(link), "%s/0000000002", f->folder);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    snprintf(extra, sizeof(extra), "BODY_FILE=%s\n", link);
    assert_int_equal(status_of(f, "PUT", "/file", extra, ""), 400);
    unlink(path);
    unlink(link);
}

static void drops_a_client_that_sends_nothing_or_stops_half_way(void **state)
{
    struct fixture *f = *state;
    char text[64];
    int quiet = dial(f->api);
    int half = dial(f->api);
    assert_int_equal(send(half, "70:CONTENT_LENGTH", 17, MSG_NOSIGNAL), 17);
    answer_read(quiet, text, sizeof(text));
    assert_string_equal(text, "");
    answer_read(half, text, sizeof(text));
    assert_string_equal(text, "");
    assert_int_equal(status_of(f, "POST", "/hello", "", "still here"), 200);
}

static void outlives_clients_that_vanish_while_a_worker_is_at_it(void **state)
{
    struct fixture *f = *state;
    char byte = 0;
    for (int round = 0; round < 20; round++) {
        int first = dial(f->api);
        int second = dial(f->api);
        ask(first, "POST", "/slow", "", "");
        ask(second, "POST", "/slow", "", "");
        assert_true(mailbox_take(f->entered, &byte, 10000));
        assert_true(mailbox_take(f->entered, &byte, 10000));
        close(first);
        assert_true(mailbox_post(f->released, &byte));
        assert_true(mailbox_post(f->released, &byte));
        char text[512];
        answer_read(second, text, sizeof(text));
        assert_non_null(strstr(text, "Status: 204"));
    }
}

static void answers_503_when_too_much_is_in_flight(void **state)
{
    struct fixture *f = *state;
    int fds[50];
    char byte = 0;
    for (size_t i = 0; i < 50; i++) {
        fds[i] = dial(f->api);
        ask(fds[i], "POST", "/slow", "", "");
    }
    /* All 50 are in: those behind wait in the backlog or are turned away, never left hanging.
     */
    assert_true(mailbox_take(f->entered, &byte, 10000));
    assert_true(mailbox_take(f->entered, &byte, 10000));
    int extra = dial(f->api);
    char text[512];
    answer_read(extra, text, sizeof(text));
    assert_string_equal(text, "");
    for (size_t i = 0; i < 50; i++)
        assert_true(mailbox_post(f->released, &byte));
    for (size_t i = 2; i < 50; i++)
        assert_true(mailbox_take(f->entered, &byte, 10000));
    for (size_t i = 0; i < 50; i++) {
        answer_read(fds[i], text, sizeof(text));
        assert_non_null(strstr(text, "Status: 204"));
    }
}

static void survives_mutated_requests(void **state)
{
    struct fixture *f = *state;
    struct random random;
    random_init(&random, 20261121);
    char good[512];
    static const char pairs[] = "CONTENT_LENGTH\0"
                                "2\0SCGI\0"
                                "1\0REQUEST_METHOD\0POST\0REQUEST_URI\0/hello?x=%41\0"
                                "HTTP_HOST\0localhost\0HTTP_COOKIE\0a=b\0";
    int head = snprintf(good, sizeof(good), "%zu:", sizeof(pairs) - 1);
    memcpy(good + head, pairs, sizeof(pairs) - 1);
    memcpy(good + (size_t)head + sizeof(pairs) - 1, ",hi", 3);
    size_t len = (size_t)head + sizeof(pairs) + 2;
    int answered = 0;
    for (int round = 0; round < 2000; round++) {
        char bytes[512];
        memcpy(bytes, good, len);
        for (uint64_t i = random_below(&random, 4); i > 0; i--)
            bytes[random_below(&random, len)] = (char)random_below(&random, 256);
        size_t send_len = random_below(&random, 8) ? len : random_below(&random, len + 1);
        int fd = dial(f->api);
        assert_true(send(fd, bytes, send_len, MSG_NOSIGNAL) >= 0);
        shutdown(fd, SHUT_WR);
        char text[2048];
        answer_read(fd, text, sizeof(text));
        answered += strncmp(text, "Status: ", 8) == 0;
    }
    assert_true(answered > 1000);
    assert_int_equal(status_of(f, "POST", "/hello", "", "well"), 200);
}

/* --- Push -----------------------------------------------------------------------------------
 */

static int websocket_open(const struct fixture *f, const char *capability, const char *query,
                          int expected)
{
    char text[512];
    int fd = dial(f->push);
    int len = snprintf(text, sizeof(text),
                       "GET /ws/%s%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       capability, query);
    assert_int_equal(send(fd, text, (size_t)len, MSG_NOSIGNAL), len);
    /* The head byte by byte: frames may follow it at once. */
    size_t at = 0;
    while (at < sizeof(text) - 1 && recv(fd, text + at, 1, 0) == 1) {
        text[++at] = '\0';
        if (at > 4 && memcmp(text + at - 4, "\r\n\r\n", 4) == 0)
            break;
    }
    int status = 0;
    assert_int_equal(sscanf(text, "HTTP/1.1 %d", &status), 1);
    assert_int_equal(status, expected);
    return fd;
}

/* One short or medium text frame; returns its opcode, -1 at the end. */
static int frame_read(int fd, char *text, size_t size)
{
    unsigned char head[4];
    if (recv(fd, head, 2, MSG_WAITALL) != 2)
        return -1;
    size_t len = head[1];
    if (len == 126) {
        assert_int_equal(recv(fd, head + 2, 2, MSG_WAITALL), 2);
        len = (size_t)head[2] << 8 | head[3];
    }
    assert_true(len < size);
    if (len)
        assert_int_equal(recv(fd, text, len, MSG_WAITALL), (ssize_t)len);
    text[len] = '\0';
    return head[0] & 15;
}

static void frame_send(int fd, int opcode, const char *text)
{
    char bytes[256] = {0};
    size_t len = strlen(text);
    assert_true(len < 126);
    bytes[0] = (char)(0x80 | opcode);
    bytes[1] = (char)(0x80 | len); /* the mask stays zero */
    memcpy(bytes + 6, text, len);
    assert_int_equal(send(fd, bytes, len + 6, MSG_NOSIGNAL), (ssize_t)len + 6);
}

static void channel_make(const struct fixture *f, struct hub_channel_info *info)
{
    static const char *const topics[] = {"v2.a", "v2.b"};
    struct hub *hub = http_server_hub(f->server);
    assert_int_equal(hub_open(hub, 7, info, NULL), STATUS_OK);
    assert_int_equal(hub_subscribe(hub, 7, info->id, true, topics, 2, NULL), STATUS_OK);
}

static void push_keeps_the_newest_state_and_every_numbered_message(void **state)
{
    struct fixture *f = *state;
    struct hub *hub = http_server_hub(f->server);
    struct hub_channel_info info;
    char text[512];
    channel_make(f, &info);
    assert_int_equal(hub_publish(hub, "v2.a", HUB_STATE, "{\"n\":1}"), STATUS_OK);
    assert_int_equal(hub_publish(hub, "v2.a", HUB_STATE, "{\"n\":2}"), STATUS_OK);
    assert_int_equal(hub_publish(hub, "v2.other", HUB_STATE, "{\"n\":9}"), STATUS_OK);
    assert_int_equal(hub_publish(hub, "v2.b", HUB_MUST_ARRIVE, "{\"m\":1}"), STATUS_OK);
    assert_int_equal(hub_publish(hub, "v2.b", HUB_MUST_ARRIVE, "{\"m\":2}"), STATUS_OK);
    int fd = websocket_open(f, info.capability, "", 101);
    assert_int_equal(frame_read(fd, text, sizeof(text)), 1);
    assert_string_equal(text,
                        "{\"topicName\":\"v2.b\",\"eventBody\":{\"m\":1},\"sequence\":1}");
    assert_int_equal(frame_read(fd, text, sizeof(text)), 1);
    assert_string_equal(text,
                        "{\"topicName\":\"v2.b\",\"eventBody\":{\"m\":2},\"sequence\":2}");
    assert_int_equal(frame_read(fd, text, sizeof(text)), 1);
    assert_string_equal(text, "{\"topicName\":\"v2.a\",\"eventBody\":{\"n\":2}}");
    close(fd);
    /* Back again: what was not acknowledged comes again, unless the client says what it has. */
    fd = websocket_open(f, info.capability, "?after=1", 101);
    assert_int_equal(frame_read(fd, text, sizeof(text)), 1);
    assert_non_null(strstr(text, "\"sequence\":2"));
    frame_send(fd, 1, "{\"ack\":2}");
    frame_send(fd, 1, "{\"message\":\"ping\"}");
    assert_int_equal(frame_read(fd, text, sizeof(text)), 1);
    assert_string_equal(
        text, "{\"topicName\":\"channel.metadata\",\"eventBody\":{\"message\":\"pong\"}}");
    close(fd);
    fd = websocket_open(f, info.capability, "", 101);
    frame_send(fd, 1, "{\"message\":\"ping\"}");
    assert_int_equal(frame_read(fd, text, sizeof(text)), 1);
    assert_non_null(strstr(text, "pong")); /* nothing numbered came before it */
    assert_int_equal(hub_close_owner(hub, 7), STATUS_OK);
    assert_int_equal(frame_read(fd, text, sizeof(text)), 8);
    close(fd);
    close(websocket_open(f, info.capability, "", 404));
}

static void push_closes_a_channel_for_good_rather_than_lose_a_message(void **state)
{
    struct fixture *f = *state;
    struct hub *hub = http_server_hub(f->server);
    struct hub_channel_info info;
    channel_make(f, &info);
    for (int i = 0; i <= HUB_PENDING_MAX; i++)
        assert_int_equal(hub_publish(hub, "v2.b", HUB_MUST_ARRIVE, "{}"), STATUS_OK);
    const char *const none[] = {"v2.c"};
    assert_int_equal(hub_subscribe(hub, 7, info.id, false, none, 1, NULL), STATUS_NOT_FOUND);
    close(websocket_open(f, info.capability, "", 404));
}

static void push_refuses_strangers_and_bad_frames(void **state)
{
    struct fixture *f = *state;
    struct hub *hub = http_server_hub(f->server);
    struct hub_channel_info info;
    char text[512];
    channel_make(f, &info);
    close(websocket_open(f, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", 404));
    close(websocket_open(f, "a/b", "", 400));
    const char *const bad[] = {"v2.\"x"};
    assert_int_equal(hub_subscribe(hub, 7, info.id, false, bad, 1, NULL), STATUS_INVALID);
    assert_int_equal(hub_subscribe(hub, 8, info.id, false, NULL, 0, NULL), STATUS_NOT_FOUND);
    static const struct {
        int opcode;
        const char *text;
        unsigned code;
    } table[] = {{2, "{}", 1008}, {1, "not json", 1008}, {3, "", 1002}, {1, "\xff", 1007}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int fd = websocket_open(f, info.capability, "", 101);
        frame_send(fd, table[i].opcode, table[i].text);
        assert_int_equal(frame_read(fd, text, sizeof(text)), 8);
        assert_int_equal((unsigned)(unsigned char)text[0] << 8 | (unsigned char)text[1],
                         table[i].code);
        close(fd);
    }
}

static const char ping[] = {(char)0x89, (char)0x80, 0, 0, 0, 0};

static void push_queues_little_for_a_peer_that_floods_and_does_not_read(void **state)
{
    struct fixture *f = *state;
    struct hub_channel_info info;
    channel_make(f, &info);
    int fd = websocket_open(f, info.capability, "", 101);
    struct timeval wait = {0, 300000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    /* libwslay alone would take and answer all of them: 100,000 pongs queued. */
    int taken = 0;
    while (taken < 100000 && send(fd, ping, sizeof(ping), MSG_NOSIGNAL) > 0)
        taken++;
    assert_true(taken < 5000);
    close(fd);
    assert_int_equal(status_of(f, "POST", "/hello", "", "hi"), 200);
}

static void push_cuts_off_a_peer_that_sends_too_many_frames(void **state)
{
    struct fixture *f = *state;
    struct hub_channel_info info;
    char bytes[4096];
    channel_make(f, &info);
    int fd = websocket_open(f, info.capability, "", 101);
    int sent = 0;
    ssize_t got = 1;
    while (sent < 100000 && got != 0) {
        if (send(fd, ping, sizeof(ping), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
            sent++;
        got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (got < 0 && errno == ECONNRESET)
            break;
    }
    assert_in_range(sent, 500, 20000);
    close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(answers_by_route_method_body_and_who_asks),
        TEST(takes_no_file_but_nginx_s_own),
        TEST(drops_a_client_that_sends_nothing_or_stops_half_way),
        TEST(outlives_clients_that_vanish_while_a_worker_is_at_it),
        TEST(answers_503_when_too_much_is_in_flight),
        TEST(survives_mutated_requests),
        TEST(push_keeps_the_newest_state_and_every_numbered_message),
        TEST(push_closes_a_channel_for_good_rather_than_lose_a_message),
        TEST(push_refuses_strangers_and_bad_frames),
        TEST(push_queues_little_for_a_peer_that_floods_and_does_not_read),
        TEST(push_cuts_off_a_peer_that_sends_too_many_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
