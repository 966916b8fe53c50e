#include "store/import/text.h"

#include <stdbool.h>
#include <string.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t text_sequence(const char *text, size_t len)
{
    unsigned char first = (unsigned char)text[0];
    if (first < 0x80)
        return 1;
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || size > len)
        return 0;
    for (size_t i = 1; i < size; i++)
        if (!is_tail(text[i]))
            return 0;
    unsigned char second = (unsigned char)text[1];
    bool is_wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                    (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return is_wrong ? 0 : size;
}

size_t text_length(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += !is_tail(text[i]);
    return count;
}

/* 0x80..0x9F; the five that Windows leaves open become U+FFFD. */
static const uint16_t high[32] = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
};

size_t text_from_windows_1252(const char *text, size_t len, char *out)
{
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        uint32_t letter = byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : byte;
        if (letter < 0x80) {
            out[at++] = (char)letter;
        } else if (letter < 0x800) {
            out[at++] = (char)(0xC0 | letter >> 6);
            out[at++] = (char)(0x80 | (letter & 0x3F));
        } else {
            out[at++] = (char)(0xE0 | letter >> 12);
            out[at++] = (char)(0x80 | (letter >> 6 & 0x3F));
            out[at++] = (char)(0x80 | (letter & 0x3F));
        }
    }
    return at;
}

/* Whether the bytes may be the beginning of a sequence that the edge of a block cuts. */
static bool is_cut(const char *bytes, size_t len)
{
    unsigned char first = (unsigned char)bytes[0];
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || len >= size)
        return false;
    for (size_t i = 1; i < len; i++)
        if (!is_tail(bytes[i]))
            return false;
    return true;
}

static void count_bytes(struct text_survey *survey, const char *bytes, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if ((unsigned char)bytes[i] < 0x80) {
            i++;
            continue;
        }
        size_t size = text_sequence(bytes + i, len - i);
        if (!size && is_cut(bytes + i, len - i)) {
            survey->tail_len = len - i;
            memcpy(survey->tail, bytes + i, survey->tail_len);
            return;
        }
        survey->sequences += size > 1;
        survey->faults += size == 0;
        i += size ? size : 1;
    }
}

void text_survey(struct text_survey *survey, const char *bytes, size_t len)
{
    for (const char *nul = memchr(bytes, 0, len); nul;
         nul = memchr(nul + 1, 0, len - (size_t)(nul + 1 - bytes))) {
        survey->nul_count++;
        survey->nul_odd += (survey->size + (nul - bytes)) & 1;
    }
    survey->size += (int64_t)len;
    if (survey->tail_len) {
        /* The sequence that the edge of the block cut, with what follows it. */
        char joined[8];
        size_t taken = len < 4 ? len : 4, tail = survey->tail_len;
        memcpy(joined, survey->tail, tail);
        memcpy(joined + tail, bytes, taken);
        survey->tail_len = 0;
        size_t size = text_sequence(joined, tail + taken);
        survey->sequences += size > 1;
        survey->faults += size == 0;
        size_t skipped = size > tail ? size - tail : 0;
        bytes += skipped;
        len -= skipped;
    }
    count_bytes(survey, bytes, len);
}
