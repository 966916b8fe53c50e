#include "store/export/contact_data.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct out {
    char *text;
    size_t len, room;
};

static void put(struct out *out, const char *bytes, size_t len)
{
    if (out->len + len >= out->room)
        return;
    memcpy(out->text + out->len, bytes, len);
    out->len += len;
}

static int32_t hex4(const char *at)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
        if (!digit)
            return -1;
        value = value * 16 + (int32_t)((digit - digits) % 16);
    }
    return value;
}

static void put_code(struct out *out, int32_t code)
{
    char bytes[4];
    if (code < 0x80) {
        bytes[0] = (char)code;
        put(out, bytes, 1);
    } else if (code < 0x800) {
        bytes[0] = (char)(0xC0 | code >> 6);
        bytes[1] = (char)(0x80 | (code & 0x3F));
        put(out, bytes, 2);
    } else if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | code >> 12);
        bytes[1] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (code & 0x3F));
        put(out, bytes, 3);
    } else {
        bytes[0] = (char)(0xF0 | code >> 18);
        bytes[1] = (char)(0x80 | (code >> 12 & 0x3F));
        bytes[2] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[3] = (char)(0x80 | (code & 0x3F));
        put(out, bytes, 4);
    }
}

/* Behind the backslash; NULL where it is damaged. */
static const char *escape_read(const char *at, struct out *out)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (*at != 'u') {
        const char *letter = *at ? strchr(letters, *at) : NULL;
        if (!letter)
            return NULL;
        put(out, &meant[letter - letters], 1);
        return at + 1;
    }
    int32_t code = hex4(++at);
    if (code < 0)
        return NULL;
    at += 4;
    if (code >= 0xD800 && code < 0xDC00 && at[0] == '\\' && at[1] == 'u') {
        int32_t low = hex4(at + 2);
        if (low < 0xDC00 || low > 0xDFFF)
            return NULL;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    }
    put_code(out, code);
    return at;
}

bool contact_data_next(const char **place, char *text, size_t room, size_t *len)
{
    const char *at = *place;
    struct out out = {.text = text, .room = room};
    *len = 0;
    while (*at == ',' || *at == ' ')
        at++;
    if (*at != '"')
        return false;
    at++;
    while (*at && *at != '"') {
        size_t plain = strcspn(at, "\"\\");
        if (plain) {
            put(&out, at, plain < room - out.len ? plain : room - out.len - 1);
            at += plain;
        } else {
            at = escape_read(at + 1, &out);
            if (!at)
                return false;
        }
    }
    if (*at != '"')
        return false;
    text[out.len] = '\0';
    *len = out.len;
    *place = at + 1;
    return true;
}

/* The escape of a character; 0 where it stands for itself. */
static char escape_of(char c)
{
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '\b': return 'b';
    case '\f': return 'f';
    default: return (unsigned char)c < 0x20 ? 'u' : '\0';
    }
}

size_t contact_data_put(char *out, const char *value, size_t len)
{
    size_t at = 0;
    out[at++] = '"';
    for (size_t i = 0; i < len; i++) {
        char escape = escape_of(value[i]);
        if (!escape) {
            out[at++] = value[i];
            continue;
        }
        out[at++] = '\\';
        out[at++] = escape;
        if (escape == 'u')
            at += (size_t)snprintf(out + at, 5, "%04x", (unsigned char)value[i]);
    }
    out[at++] = '"';
    return at;
}
