#include "http/scgi.h"

#include <string.h>

#include "base/compiler.h"

/* "16384:" */
#define SIZE_DIGITS_MAX 5
#define HEAD_MIN 16
#define CONTENT_LENGTH_DIGITS_MAX 15

static const struct {
    const char *name;
    size_t offset;
} fields[] = {
    {"REQUEST_METHOD", offsetof(struct scgi_head, method)},
    {"REQUEST_URI", offsetof(struct scgi_head, uri)},
    {"CONTENT_TYPE", offsetof(struct scgi_head, content_type)},
    {"REMOTE_ADDR", offsetof(struct scgi_head, address)},
    {"REQUEST_ID", offsetof(struct scgi_head, request_id)},
    {"HTTP_HOST", offsetof(struct scgi_head, host)},
    {"REQUEST_SCHEME", offsetof(struct scgi_head, scheme)},
    {"HTTP_AUTHORIZATION", offsetof(struct scgi_head, authorization)},
    {"HTTP_COOKIE", offsetof(struct scgi_head, cookie)},
    {"HTTP_ORIGIN", offsetof(struct scgi_head, origin)},
    {"HTTP_ACCEPT_LANGUAGE", offsetof(struct scgi_head, language)},
    {"BODY_FILE", offsetof(struct scgi_head, body_file)},
    {"AUTHORISE", offsetof(struct scgi_head, authorise)},
};

static bool read_digits(const char *text, size_t len, int64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return len > 0;
}

/* The netstring's length. NEED_MORE while the colon has not come. */
static enum scgi_verdict read_size(const char *bytes, size_t len, size_t *start, size_t *size)
{
    size_t i = 0;
    while (i < len && i <= SIZE_DIGITS_MAX && bytes[i] != ':')
        i++;
    int64_t value = 0;
    if (i > SIZE_DIGITS_MAX || (i > 0 && !read_digits(bytes, i, &value)))
        return SCGI_REFUSED;
    if (i == len)
        return SCGI_NEED_MORE;
    if (i == 0 || bytes[0] == '0' || value < HEAD_MIN || (size_t)value + i + 2 > SCGI_HEAD_MAX)
        return SCGI_REFUSED;
    *start = i + 1;
    *size = (size_t)value;
    return SCGI_COMPLETE;
}

/* Puts one pair where it belongs; `seen` has a bit per field. */
static bool take_pair(struct scgi_head *head, const char *name, const char *value,
                      uint32_t *seen)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        if (*seen & (UINT32_C(1) << i))
            return false;
        *seen |= UINT32_C(1) << i;
        if (*value)
            memcpy((char *)head + fields[i].offset, &value, sizeof(value));
        return true;
    }
    return false;
}

enum scgi_verdict scgi_parse(const char *bytes, size_t len, struct scgi_head *head)
{
    memset(head, 0, sizeof(*head));
    size_t start = 0;
    size_t size = 0;
    enum scgi_verdict verdict = read_size(bytes, len, &start, &size);
    if (verdict != SCGI_COMPLETE)
        return verdict;
    if (len < start + size + 1)
        return SCGI_NEED_MORE;
    if (bytes[start + size] != ',' || bytes[start + size - 1] != '\0')
        return SCGI_REFUSED;
    const char *at = bytes + start;
    const char *end = at + size;
    uint32_t seen = 0;
    bool is_marked = false;
    for (int pair = 0; at < end; pair++) {
        /* The last byte is NUL, so both strings end inside, unless a name has no value. */
        const char *name = at;
        const char *value = name + strlen(name) + 1;
        if (value >= end)
            return SCGI_REFUSED;
        size_t value_len = strlen(value);
        at = value + value_len + 1;
        if (pair == 0) {
            if (strcmp(name, "CONTENT_LENGTH") != 0 || value_len > CONTENT_LENGTH_DIGITS_MAX ||
                !read_digits(value, value_len, &head->content_length))
                return SCGI_REFUSED;
        } else if (strcmp(name, "SCGI") == 0 && !is_marked && strcmp(value, "1") == 0) {
            is_marked = true;
        } else if (!take_pair(head, name, value, &seen)) {
            return SCGI_REFUSED;
        }
    }
    head->size = start + size + 1;
    return is_marked && head->method && head->uri ? SCGI_COMPLETE : SCGI_REFUSED;
}
