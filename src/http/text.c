#include "http/text.h"

#include <stdint.h>

/* How many bytes follow `lead`, and the least code point that this length may carry. */
static int sequence_of(unsigned char lead, uint32_t *code, uint32_t *least)
{
    if ((lead & 0xe0) == 0xc0) {
        *code = lead & 0x1f;
        *least = 0x80;
        return 1;
    }
    if ((lead & 0xf0) == 0xe0) {
        *code = lead & 0x0f;
        *least = 0x800;
        return 2;
    }
    if ((lead & 0xf8) == 0xf0) {
        *code = lead & 0x07;
        *least = 0x10000;
        return 3;
    }
    return -1;
}

bool text_is_utf8(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < 0x80)
            continue;
        uint32_t code = 0;
        uint32_t least = 0;
        int more = sequence_of(bytes[i], &code, &least);
        if (more < 0 || len - i <= (size_t)more)
            return false;
        for (int k = 0; k < more; k++) {
            i++;
            if ((bytes[i] & 0xc0) != 0x80)
                return false;
            code = code << 6 | (bytes[i] & 0x3f);
        }
        if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
    }
    return true;
}

bool text_is_header(const char *text)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + ('a' - 'A')) : letter;
}

bool text_equal(const char *left, const char *right)
{
    while (*left && lower(*left) == lower(*right)) {
        left++;
        right++;
    }
    return lower(*left) == lower(*right);
}
