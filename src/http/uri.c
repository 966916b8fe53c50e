#include "http/uri.h"

#include <string.h>

#include "http/text.h"

static int hex_of(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* Decodes %XX of `len` bytes into arena text; NULL where it is malformed. */
static char *decode(struct arena *arena, const char *raw, size_t len, bool plus_is_space)
{
    char *text = arena_new(arena, len + 1, 1);
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        if (raw[i] == '%') {
            int high = i + 2 < len ? hex_of(raw[i + 1]) : -1;
            int low = high >= 0 ? hex_of(raw[i + 2]) : -1;
            if (low < 0 || (high == 0 && low == 0))
                return NULL;
            text[out++] = (char)(high << 4 | low);
            i += 2;
        } else {
            text[out++] = plus_is_space && raw[i] == '+' ? ' ' : raw[i];
        }
    }
    return text_is_utf8(text, out) ? text : NULL;
}

static bool segment_is_safe(const char *segment)
{
    if (!*segment || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
        return false;
    return text_is_header(segment) && !strpbrk(segment, "/\\\t");
}

static enum status bad(struct error *err, const char *text)
{
    return error_set(err, STATUS_INVALID, "", "The request's address is malformed: %s.", text);
}

static enum status path_read(struct arena *arena, const char *raw, size_t len, struct uri *uri,
                             struct error *err)
{
    if (!len || raw[0] != '/')
        return bad(err, "it does not start with a slash");
    size_t at = 1;
    while (at < len) {
        const char *slash = memchr(raw + at, '/', len - at);
        size_t end = slash ? (size_t)(slash - raw) : len;
        if (uri->segment_count == URI_SEGMENT_MAX)
            return bad(err, "it has too many parts");
        char *segment = decode(arena, raw + at, end - at, false);
        if (!segment || !segment_is_safe(segment) || (slash && end + 1 == len))
            return bad(err, "a part of its path is empty, or not what it seems");
        uri->segments[uri->segment_count++] = segment;
        at = end + 1;
    }
    uri->path = decode(arena, raw, len, false);
    return uri->path ? STATUS_OK : bad(err, "its path cannot be decoded");
}

enum status uri_params_read(struct arena *arena, const char *text, size_t len, struct uri *uri,
                            struct error *err)
{
    size_t at = 0;
    while (at < len) {
        const char *amp = memchr(text + at, '&', len - at);
        size_t end = amp ? (size_t)(amp - text) : len;
        const char *equals = memchr(text + at, '=', end - at);
        size_t name_end = equals ? (size_t)(equals - text) : end;
        size_t value_at = equals ? name_end + 1 : end;
        if (end > at) {
            if (uri->param_count == URI_PARAM_MAX)
                return bad(err, "it has too many parameters");
            char *name = decode(arena, text + at, name_end - at, true);
            char *value = decode(arena, text + value_at, end - value_at, true);
            if (!name || !value)
                return bad(err, "a parameter cannot be decoded");
            uri->params[uri->param_count++] = (struct uri_param){name, value};
        }
        at = end + 1;
    }
    return STATUS_OK;
}

enum status uri_read(struct arena *arena, const char *raw, struct uri *uri, struct error *err)
{
    memset(uri, 0, sizeof(*uri));
    size_t len = strlen(raw);
    if (len > URI_RAW_MAX)
        return bad(err, "it is too long");
    const char *mark = memchr(raw, '?', len);
    size_t path_len = mark ? (size_t)(mark - raw) : len;
    enum status status = path_read(arena, raw, path_len, uri, err);
    if (status != STATUS_OK || !mark)
        return status;
    return uri_params_read(arena, mark + 1, len - path_len - 1, uri, err);
}

const char *uri_param(const struct uri *uri, const char *name)
{
    for (size_t i = 0; i < uri->param_count; i++) {
        if (strcmp(uri->params[i].name, name) == 0)
            return *uri->params[i].value ? uri->params[i].value : NULL;
    }
    return NULL;
}
