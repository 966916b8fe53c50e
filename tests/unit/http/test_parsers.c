/* The pure parts of src/http: SCGI head, target, routes, WebSocket head, JSON, nginx's file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/random.h"
#include "http/json.h"
#include "http/nginx_config.h"
#include "http/request.h"
#include "http/route.h"
#include "http/scgi.h"
#include "http/text.h"
#include "http/uri.h"
#include "http/websocket_head.h"

/* --- SCGI -----------------------------------------------------------------------------------
 */

static size_t frame(char *out, size_t size, const char *pairs, size_t len, const char *body)
{
    int head = snprintf(out, size, "%zu:", len);
    memcpy(out + head, pairs, len);
    out[(size_t)head + len] = ',';
    size_t body_len = strlen(body);
    memcpy(out + (size_t)head + len + 1, body, body_len);
    return (size_t)head + len + 1 + body_len;
}

#define GOOD                                                                                   \
    "CONTENT_LENGTH\0"                                                                         \
    "5\0SCGI\0"                                                                                \
    "1\0REQUEST_METHOD\0POST\0REQUEST_URI\0/api?x=1\0"
#define PAIRS(text) text, sizeof(text) - 1

static enum scgi_verdict parse_pairs(const char *pairs, size_t len, struct scgi_head *head)
{
    static char bytes[SCGI_HEAD_MAX * 2];
    size_t total = frame(bytes, sizeof(bytes), pairs, len, "hello");
    /* Every shorter prefix of a good head asks for more; none is read past its end. */
    enum scgi_verdict verdict = scgi_parse(bytes, total, head);
    for (size_t i = 0; verdict == SCGI_COMPLETE && i < head->size; i++) {
        struct scgi_head part;
        char *exact = malloc(i ? i : 1);
        memcpy(exact, bytes, i);
        assert_int_equal(scgi_parse(exact, i, &part), SCGI_NEED_MORE);
        free(exact);
    }
    return verdict;
}

static void scgi_reads_a_request_and_where_its_body_starts(void **state)
{
    (void)state;
    struct scgi_head head;
    assert_int_equal(parse_pairs(PAIRS(GOOD "HTTP_COOKIE\0a=b\0HTTP_ORIGIN\0\0"), &head),
                     SCGI_COMPLETE);
    assert_int_equal(head.content_length, 5);
    assert_string_equal(head.method, "POST");
    assert_string_equal(head.uri, "/api?x=1");
    assert_string_equal(head.cookie, "a=b");
    assert_null(head.origin);
    assert_null(head.body_file);
}

static void scgi_refuses_what_nginx_does_not_write(void **state)
{
    (void)state;
    struct scgi_head head;
    static const struct {
        const char *bytes;
        size_t len;
    } table[] = {
        {PAIRS(GOOD "REQUEST_URI\0/other\0")},     /* a name twice */
        {PAIRS(GOOD "HTTP_PROXY\0http://evil\0")}, /* a name not on the list */
        {PAIRS(GOOD "NAME_ALONE\0")},              /* a name without a value */
        {PAIRS("SCGI\0"
               "1\0CONTENT_LENGTH\0"
               "5\0")}, /* the length is not first */
        {PAIRS("CONTENT_LENGTH\0-5\0SCGI\0"
               "1\0")},
        {PAIRS("CONTENT_LENGTH\0\0SCGI\0"
               "1\0")},
        {PAIRS("CONTENT_LENGTH\0"
               "1e9\0SCGI\0"
               "1\0")},
        {PAIRS("CONTENT_LENGTH\0"
               "99999999999999999999\0SCGI\0"
               "1\0")},
        {PAIRS("CONTENT_LENGTH\0"
               "5\0SCGI\0"
               "1\0REQUEST_METHOD\0GET\0")}, /* no target */
        {PAIRS("CONTENT_LENGTH\0"
               "5\0REQUEST_METHOD\0GET\0REQUEST_URI\0/\0")}, /* no mark */
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_int_equal(parse_pairs(table[i].bytes, table[i].len, &head), SCGI_REFUSED);
}

static void scgi_refuses_a_frame_that_is_not_a_netstring(void **state)
{
    (void)state;
    struct scgi_head head;
    static const char *const table[] = {
        "GET / HTTP/1.1\r\n",
        "999999:",
        "012345",
        "16385:",
        ":",
        "-5:",
        "5:abc",
        "0:,",
        "4:aaaa,",
        "030:CONTENT_LENGTH",
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_int_equal(scgi_parse(table[i], strlen(table[i]), &head), SCGI_REFUSED);
    }
    char bytes[256];
    size_t len = frame(bytes, sizeof(bytes), PAIRS(GOOD), "");
    bytes[len - 1] = ';'; /* the comma */
    assert_int_equal(scgi_parse(bytes, len, &head), SCGI_REFUSED);
    len = frame(bytes, sizeof(bytes), PAIRS(GOOD), "");
    bytes[len - 2] = 'x'; /* the last NUL */
    assert_int_equal(scgi_parse(bytes, len, &head), SCGI_REFUSED);
}

/* --- Targets --------------------------------------------------------------------------------
 */

static void uri_decodes_once_and_splits_into_segments(void **state)
{
    (void)state;
    struct arena arena;
    struct uri uri;
    arena_init(&arena);
    assert_int_equal(
        uri_read(&arena, "/api/v2/%C3%89t%C3%A9%252F?name=%C3%89+x&id=a,b&e=&f", &uri, NULL),
        STATUS_OK);
    assert_int_equal(uri.segment_count, 3);
    assert_string_equal(uri.segments[2], "\xc3\x89t\xc3\xa9%2F");
    assert_string_equal(uri_param(&uri, "name"), "\xc3\x89 x");
    assert_string_equal(uri_param(&uri, "id"), "a,b");
    assert_null(uri_param(&uri, "e")); /* "name=" means not given */
    assert_null(uri_param(&uri, "f"));
    assert_int_equal(uri.param_count, 4);
    arena_fini(&arena);
}

static void uri_refuses_what_two_readers_could_see_differently(void **state)
{
    (void)state;
    static const char *const table[] = {
        "",
        "api",
        "*",
        "http://h/",
        "//api",
        "/api//v2",
        "/api/",
        "/a/../b",
        "/a/%2e%2e/b",
        "/a/./b",
        "/a%2Fb",
        "/a%5Cb",
        "/a%00b",
        "/a%0d%0ab",
        "/a%",
        "/a%4",
        "/a%zz",
        "/a%ff",
        "/a%c0%af",
        "/a?b=%00",
        "/a?b=%",
        "/a?b=%ff",
        "/a%7f",
        "/a%09b",
        "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct arena arena;
        struct uri uri;
        arena_init(&arena);
        if (uri_read(&arena, table[i], &uri, NULL) != STATUS_INVALID)
            fail_msg("taken: %s", table[i]);
        arena_fini(&arena);
    }
}

/* --- Routes ---------------------------------------------------------------------------------
 */

static const struct http_route routes[] = {
    {.method = "GET", .path = "/lists/{listId}"},
    {.method = "POST", .path = "/lists/uploads"},
    {.method = "GET", .path = "/lists/uploads"},
    {.method = "PUT", .path = "/lists/{listId}/contacts/{contactId}"},
    {.method = "GET", .path = "/"},
};

static void find(const char *method, const char *target, struct route_match *match)
{
    static struct arena arena;
    static struct uri uri;
    arena_fini(&arena);
    arena_init(&arena);
    assert_int_equal(uri_read(&arena, target, &uri, NULL), STATUS_OK);
    route_find(routes, sizeof(routes) / sizeof(routes[0]), method, &uri, match);
    if (!target[1])
        arena_fini(&arena);
}

static void route_prefers_the_literal_and_knows_the_allowed_methods(void **state)
{
    (void)state;
    struct route_match match;
    find("GET", "/lists/uploads", &match);
    assert_ptr_equal(match.route, &routes[2]);
    find("HEAD", "/lists/42", &match);
    assert_ptr_equal(match.route, &routes[0]);
    assert_string_equal(route_param(&match, "listId"), "42");
    find("PUT", "/lists/l%201/contacts/c%3A2", &match);
    assert_string_equal(route_param(&match, "contactId"), "c:2");
    assert_string_equal(route_param(&match, "listId"), "l 1");
    assert_string_equal(route_param(&match, "list"), "");
    find("DELETE", "/lists/uploads", &match);
    assert_null(match.route);
    assert_int_equal(match.allowed_count, 2);
    find("GET", "/lists", &match);
    assert_int_equal(match.allowed_count, 0);
    find("GET", "/", &match);
    assert_ptr_equal(match.route, &routes[4]);
}

/* --- WebSocket head -------------------------------------------------------------------------
 */

#define WS_REST                                                                                \
    "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"    \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void websocket_head_reads_capability_and_key(void **state)
{
    (void)state;
    struct websocket_head head;
    static const char text[] = "GET /ws/aZ_-09?after=17 HTTP/1.1\r\n" WS_REST "\r\n";
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        assert_int_equal(websocket_head_parse(text, i, &head), WEBSOCKET_NEED_MORE);
    assert_int_equal(websocket_head_parse(text, sizeof(text) - 1, &head), WEBSOCKET_COMPLETE);
    assert_string_equal(head.capability, "aZ_-09");
    assert_int_equal(head.after, 17);
    char accept[WEBSOCKET_ACCEPT_SIZE];
    websocket_accept(head.key, accept); /* the example of RFC 6455, 1.3 */
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void websocket_head_refuses_everything_else(void **state)
{
    (void)state;
    static const char *const table[] = {
        "POST /ws/a HTTP/1.1\r\n" WS_REST "\r\n",
        "GET /ws/ HTTP/1.1\r\n" WS_REST "\r\n",
        "GET /ws/a/b HTTP/1.1\r\n" WS_REST "\r\n",
        "GET /ws/a?after= HTTP/1.1\r\n" WS_REST "\r\n",
        "GET /ws/a?after=1x HTTP/1.1\r\n" WS_REST "\r\n",
        "GET /ws/a?after=1234567890123456789 HTTP/1.1\r\n" WS_REST "\r\n",
        "GET /ws/a?other=1 HTTP/1.1\r\n" WS_REST "\r\n",
        "GET /ws/a HTTP/1.0\r\n" WS_REST "\r\n",
        "GET /ws/a HTTP/1.1\r\n" WS_REST "Upgrade: websocket\r\n\r\n",
        "GET /ws/a HTTP/1.1\r\n" WS_REST "Content-Length: 5\r\n\r\n",
        "GET /ws/a HTTP/1.1\r\n" WS_REST "Transfer-Encoding: chunked\r\n\r\n",
        "GET /ws/a HTTP/1.1\r\n" WS_REST " folded\r\n\r\n",
        "GET /ws/a HTTP/1.1\r\n" WS_REST "bad\nline: x\r\n\r\n",
        "GET /ws/a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /ws/a HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET /ws/a HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short==\r\n\r\n",
        "\r\n\r\n",
    };
    struct websocket_head head;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (websocket_head_parse(table[i], strlen(table[i]), &head) != WEBSOCKET_REFUSED)
            fail_msg("taken: %s", table[i]);
    }
    static char endless[WEBSOCKET_HEAD_MAX];
    memset(endless, 'a', sizeof(endless));
    assert_int_equal(websocket_head_parse(endless, sizeof(endless), &head), WEBSOCKET_REFUSED);
}

/* --- JSON -----------------------------------------------------------------------------------
 */

static void json_refuses_what_is_not_one_bounded_value(void **state)
{
    (void)state;
    static const char *const table[] = {
        "",
        "{",
        "nul",
        "{\"a\":1,\"a\":2}",
        "[1]x",
        "{\"a\":\"\\u0000\"}",
        "[1,]",
        "\"text\"",
        "7",
        "{\"a\":\"\xff\"}",
        "[01]",
        "{'a':1}",
        "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        json_t *value = NULL;
        struct error err;
        if (json_read(table[i], strlen(table[i]), &value, &err) != STATUS_INVALID)
            fail_msg("taken: %s", table[i]);
        assert_null(value);
        assert_true(text_is_utf8(err.text, strlen(err.text)));
    }
    size_t len = (size_t)JSON_VALUES_MAX * 2 + 10;
    char *many = malloc(len);
    memset(many, ',', len);
    many[0] = '[';
    json_t *value = NULL;
    assert_int_equal(json_read(many, len, &value, NULL), STATUS_INVALID);
    free(many);
}

static void json_errors_say_where(void **state)
{
    (void)state;
    struct error err;
    json_t *value = NULL;
    static const char text[] =
        "{\"name\":\"\",\"long\":\"\xc3\xa9\xc3\xa9\xc3\xa9\",\"count\":5.5,"
        "\"five\":5.0,\"gone\":null,\"list\":{},\"yes\":1}";
    assert_int_equal(json_read(text, sizeof(text) - 1, &value, &err), STATUS_OK);
    const char *word = "kept";
    int64_t number = 9;
    bool flag = true;
    json_t *item = NULL;
    assert_int_equal(json_member_text(value, "name", true, 9, &word, &err), STATUS_INVALID);
    assert_string_equal(err.path, "name");
    assert_string_equal(err.text, "required");
    error_prefix(&err, "phoneColumns[0]");
    assert_string_equal(err.path, "phoneColumns[0].name");
    assert_int_equal(json_member_text(value, "gone", false, 9, &word, &err), STATUS_OK);
    assert_string_equal(word, "kept");
    assert_int_equal(json_member_text(value, "long", true, 2, &word, &err), STATUS_INVALID);
    assert_int_equal(json_member_text(value, "long", true, 3, &word, &err), STATUS_OK);
    assert_int_equal(json_member_integer(value, "count", true, 0, 9, &number, &err),
                     STATUS_INVALID);
    assert_int_equal(json_member_integer(value, "five", true, 0, 4, &number, &err),
                     STATUS_INVALID);
    assert_int_equal(json_member_integer(value, "five", true, 0, 5, &number, &err), STATUS_OK);
    assert_int_equal(number, 5);
    assert_int_equal(json_member_bool(value, "yes", true, &flag, &err), STATUS_INVALID);
    assert_int_equal(json_member_array(value, "list", true, 9, &item, &err), STATUS_INVALID);
    assert_int_equal(json_member_object(value, "list", true, &item, &err), STATUS_OK);
    json_decref(value);
}

/* --- Text, responses, configuration ---------------------------------------------------------
 */

static void text_knows_utf8(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc3",
                                      "\xe0\x80\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "a\xff"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
    assert_true(text_is_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\x9e", 9));
}

static void response_refuses_a_header_that_would_split(void **state)
{
    (void)state;
    struct http_response response;
    http_response_init(&response);
    http_header(&response, "X-Good", "%d", 1);
    assert_false(response.head.is_full);
    http_header(&response, "X-Bad", "a\r\nSet-Cookie: evil=1");
    assert_true(response.head.is_full);
    assert_null(strstr(response.head.data, "evil"));
    http_response_fini(&response);
}

static void configuration_refuses_a_path_that_nginx_would_read_as_code(void **state)
{
    (void)state;
    struct nginx_config config = {
        .prefix = "/tmp/a b;{}", .http = "127.0.0.1:1", .workers = 1, .worker_connections = 64};
    struct buffer out;
    buffer_init(&out, 1 << 20);
    assert_int_equal(nginx_config_write(&config, &out, NULL), STATUS_OK);
    static const char *const bad[] = {"/tmp/$host", "/tmp/\"", "/tmp/\\", "/tmp/\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        config.prefix = bad[i];
        assert_int_equal(nginx_config_write(&config, &out, NULL), STATUS_INVALID);
    }
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scgi_reads_a_request_and_where_its_body_starts),
        cmocka_unit_test(scgi_refuses_what_nginx_does_not_write),
        cmocka_unit_test(scgi_refuses_a_frame_that_is_not_a_netstring),
        cmocka_unit_test(uri_decodes_once_and_splits_into_segments),
        cmocka_unit_test(uri_refuses_what_two_readers_could_see_differently),
        cmocka_unit_test(route_prefers_the_literal_and_knows_the_allowed_methods),
        cmocka_unit_test(websocket_head_reads_capability_and_key),
        cmocka_unit_test(websocket_head_refuses_everything_else),
        cmocka_unit_test(json_refuses_what_is_not_one_bounded_value),
        cmocka_unit_test(json_errors_say_where),
        cmocka_unit_test(text_knows_utf8),
        cmocka_unit_test(response_refuses_a_header_that_would_split),
        cmocka_unit_test(configuration_refuses_a_path_that_nginx_would_read_as_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
