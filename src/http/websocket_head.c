#include "http/websocket_head.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/ensure.h"

#define KEY_LEN 24
#define AFTER_DIGITS_MAX 18

enum seen {
    SEEN_HOST = 1,
    SEEN_UPGRADE = 2,
    SEEN_CONNECTION = 4,
    SEEN_KEY = 8,
    SEEN_VERSION = 16,
    SEEN_ALL = 31,
};

/* The target: "/ws/" capability, and perhaps "?after=" digits. */
static bool target_read(const char *text, size_t len, struct websocket_head *head)
{
    if (len < 5 || memcmp(text, "/ws/", 4) != 0)
        return false;
    size_t at = 4;
    size_t count = 0;
    while (at < len && (isalnum((unsigned char)text[at]) || strchr("_-", text[at]))) {
        if (!text[at] || count == WEBSOCKET_CAPABILITY_SIZE - 1)
            return false;
        head->capability[count++] = text[at++];
    }
    head->capability[count] = '\0';
    head->after = -1;
    if (count == 0 || at == len)
        return count > 0;
    static const char query[] = "?after=";
    size_t query_len = sizeof(query) - 1;
    if (len - at <= query_len || len - at > query_len + AFTER_DIGITS_MAX ||
        memcmp(text + at, query, query_len) != 0)
        return false;
    head->after = 0;
    for (at += query_len; at < len; at++) {
        if (text[at] < '0' || text[at] > '9')
            return false;
        head->after = head->after * 10 + (text[at] - '0');
    }
    return true;
}

static bool request_line_read(const char *line, size_t len, struct websocket_head *head)
{
    static const char method[] = "GET ";
    static const char version[] = " HTTP/1.1";
    size_t method_len = sizeof(method) - 1;
    size_t version_len = sizeof(version) - 1;
    if (len <= method_len + version_len || memcmp(line, method, method_len) != 0 ||
        memcmp(line + len - version_len, version, version_len) != 0)
        return false;
    return target_read(line + method_len, len - method_len - version_len, head);
}

static bool key_read(const char *value, size_t len, struct websocket_head *head)
{
    if (len != KEY_LEN || value[KEY_LEN - 1] != '=' || value[KEY_LEN - 2] != '=')
        return false;
    for (size_t i = 0; i < KEY_LEN - 2; i++) {
        if (!isalnum((unsigned char)value[i]) && value[i] != '+' && value[i] != '/')
            return false;
    }
    memcpy(head->key, value, KEY_LEN);
    head->key[KEY_LEN] = '\0';
    return true;
}

static bool is_word(const char *value, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(value, word, len) == 0;
}

static bool name_is(const char *line, size_t len, const char *name)
{
    return len == strlen(name) && strncasecmp(line, name, len) == 0;
}

/* One header line. A header that matters may come once. */
static bool header_read(const char *line, size_t len, struct websocket_head *head,
                        unsigned *seen)
{
    const char *colon = memchr(line, ':', len);
    if (!colon || colon == line)
        return false;
    size_t name_len = (size_t)(colon - line);
    const char *value = colon + 1;
    size_t value_len = len - name_len - 1;
    while (value_len > 0 && *value == ' ') {
        value++;
        value_len--;
    }
    unsigned mark = 0;
    bool is_right = true;
    if (name_is(line, name_len, "Host")) {
        mark = SEEN_HOST;
        is_right = value_len > 0;
    } else if (name_is(line, name_len, "Upgrade")) {
        mark = SEEN_UPGRADE;
        is_right = is_word(value, value_len, "websocket");
    } else if (name_is(line, name_len, "Connection")) {
        mark = SEEN_CONNECTION;
        is_right = is_word(value, value_len, "upgrade");
    } else if (name_is(line, name_len, "Sec-WebSocket-Key")) {
        mark = SEEN_KEY;
        is_right = key_read(value, value_len, head);
    } else if (name_is(line, name_len, "Sec-WebSocket-Version")) {
        mark = SEEN_VERSION;
        is_right = is_word(value, value_len, "13");
    } else if (name_is(line, name_len, "Content-Length") ||
               name_is(line, name_len, "Transfer-Encoding")) {
        return false;
    }
    if (mark & *seen)
        return false;
    *seen |= mark;
    return is_right;
}

enum websocket_verdict websocket_head_parse(const char *bytes, size_t len,
                                            struct websocket_head *head)
{
    memset(head, 0, sizeof(*head));
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (!end)
        return len < WEBSOCKET_HEAD_MAX ? WEBSOCKET_NEED_MORE : WEBSOCKET_REFUSED;
    head->size = (size_t)(end - bytes) + 4;
    if (head->size > WEBSOCKET_HEAD_MAX || memchr(bytes, '\0', head->size))
        return WEBSOCKET_REFUSED;
    unsigned seen = 0;
    const char *line = bytes;
    for (bool is_first = true; line < end + 2; is_first = false) {
        const char *stop = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        size_t line_len = (size_t)(stop - line);
        if (memchr(line, '\r', line_len) || memchr(line, '\n', line_len))
            return WEBSOCKET_REFUSED;
        bool is_right = is_first ? request_line_read(line, line_len, head)
                                 : header_read(line, line_len, head, &seen);
        if (!is_right)
            return WEBSOCKET_REFUSED;
        line = stop + 2;
    }
    return seen == SEEN_ALL ? WEBSOCKET_COMPLETE : WEBSOCKET_REFUSED;
}

void websocket_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[KEY_LEN + sizeof(guid)];
    ensure(strlen(key) == KEY_LEN);
    int len = snprintf(text, sizeof(text), "%s%s", key, guid);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    ensure(EVP_Digest(text, (size_t)len, digest, &digest_len, EVP_sha1(), NULL) == 1);
    ensure(EVP_EncodeBlock((unsigned char *)accept, digest, (int)digest_len) ==
           WEBSOCKET_ACCEPT_SIZE - 1);
}
