#include "filter/value.h"

#include <stdlib.h>
#include <string.h>

/* --- UTF-8 ----------------------------------------------------------------------------------
 */

/* The letter at *at, which moves on; a byte that begins none is given as it is. */
static uint32_t letter_read(const char *text, size_t len, size_t *at)
{
    const unsigned char *bytes = (const unsigned char *)text + *at;
    size_t left = len - *at;
    size_t need = bytes[0] < 0xC2 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    if (bytes[0] < 0xC2 || bytes[0] > 0xF4 || need > left) {
        (*at)++;
        return bytes[0];
    }
    uint32_t letter = bytes[0] & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            (*at)++;
            return bytes[0];
        }
        letter = letter << 6 | (bytes[i] & 0x3Fu);
    }
    *at += need;
    return letter;
}

static size_t letter_write(uint32_t letter, char *out)
{
    if (letter < 0x80) {
        out[0] = (char)letter;
        return 1;
    }
    if (letter < 0x800) {
        out[0] = (char)(0xC0 | letter >> 6);
        out[1] = (char)(0x80 | (letter & 0x3F));
        return 2;
    }
    if (letter < 0x10000) {
        out[0] = (char)(0xE0 | letter >> 12);
        out[1] = (char)(0x80 | (letter >> 6 & 0x3F));
        out[2] = (char)(0x80 | (letter & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | letter >> 18);
    out[1] = (char)(0x80 | (letter >> 12 & 0x3F));
    out[2] = (char)(0x80 | (letter >> 6 & 0x3F));
    out[3] = (char)(0x80 | (letter & 0x3F));
    return 4;
}

/* A text cut to `room` bytes loses the part of a character at its end. */
static size_t cut(const char *text, size_t len, size_t room)
{
    if (len <= room)
        return len;
    while (room > 0 && ((unsigned char)text[room] & 0xC0) == 0x80)
        room--;
    return room;
}

/* --- A column out of the JSON array ---------------------------------------------------------
 */

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)(digit | 0x20);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The four digits of \uXXXX; -1 where they are not there. */
static int32_t unit_read(const char *data, size_t len, size_t at)
{
    int32_t unit = 0;
    if (at + 4 > len)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_value(data[at + i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* The character of an escape whose backslash stands before *at. */
static uint32_t escape_read(const char *data, size_t len, size_t *at)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char letter = data[(*at)++];
    if (letter != 'u') {
        const char *found = strchr(from, letter);
        return found && *found ? (uint32_t)to[found - from] : (unsigned char)letter;
    }
    int32_t unit = unit_read(data, len, *at);
    if (unit < 0)
        return 'u';
    *at += 4;
    if (unit < 0xD800 || unit > 0xDBFF || *at + 6 > len || data[*at] != '\\' ||
        data[*at + 1] != 'u')
        return (uint32_t)unit;
    int32_t low = unit_read(data, len, *at + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return (uint32_t)unit;
    *at += 6;
    return 0x10000u + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
}

/* Past a string whose opening quote stands before `at`. */
static size_t string_skip(const char *data, size_t len, size_t at)
{
    while (at < len && data[at] != '"')
        at += data[at] == '\\' ? 2 : 1;
    return at + 1;
}

static size_t string_read(const char *data, size_t len, size_t at, char *out, size_t room)
{
    size_t count = 0;
    while (at < len && data[at] != '"') {
        const char *stop = data + at;
        while (stop < data + len && *stop != '"' && *stop != '\\')
            stop++;
        size_t plain = (size_t)(stop - data) - at;
        if (plain > room - count)
            return count + cut(data + at, plain, room - count);
        memcpy(out + count, data + at, plain);
        count += plain;
        at += plain;
        if (at + 1 < len && data[at] == '\\') {
            char bytes[4];
            at++;
            uint32_t letter = escape_read(data, len, &at);
            size_t size = letter ? letter_write(letter, bytes) : 0;
            if (size > room - count)
                return count;
            memcpy(out + count, bytes, size);
            count += size;
        } else if (at < len && data[at] == '\\') {
            break;
        }
    }
    return count;
}

size_t filter_column_text(const char *data, size_t len, int32_t column, char *out, size_t room)
{
    size_t at = 0;
    while (at < len && data[at] != '[')
        at++;
    at++;
    for (int32_t i = 0; at < len; i++) {
        while (at < len && (data[at] == ' ' || data[at] == '\n' || data[at] == '\t'))
            at++;
        bool is_text = at < len && data[at] == '"';
        if (i == column) {
            size_t end = at;
            if (is_text)
                return string_read(data, len, at + 1, out, room);
            while (end < len && data[end] != ',' && data[end] != ']')
                end++;
            bool is_null = end - at >= 4 && memcmp(data + at, "null", 4) == 0;
            size_t count = is_null || end - at > room ? 0 : end - at;
            memcpy(out, data + at, count);
            return count;
        }
        if (is_text)
            at = string_skip(data, len, at + 1);
        while (at < len && data[at] != ',' && data[at] != ']')
            at++;
        if (at < len && data[at] == ']')
            return 0;
        at++;
    }
    return 0;
}

/* --- Folding --------------------------------------------------------------------------------
 */

/* U+00C0 to U+017F; capitals stand for two letters, '.' for the character itself. */
static const char plain_letters[] = "aaaaaaAceeeeiiiidnooooo.ouuuuyTS"
                                    "aaaaaaAceeeeiiiidnooooo.ouuuuyTy"
                                    "aaaaaaccccccccddddeeeeeeeeeegggg"
                                    "gggghhhhiiiiiiiiiiJJjjkkklllllll"
                                    "lllnnnnnnnnnooooooOOrrrrrrssssss"
                                    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof(plain_letters) == 0x180 - 0xC0 + 1, "one for each letter");

static size_t pair_write(char pair, char *out)
{
    static const char pairs[][3] = {"ae", "ij", "oe", "ss", "th"};
    static const char capitals[] = "AJOST";
    memcpy(out, pairs[strchr(capitals, pair) - capitals], 2);
    return 2;
}

static uint32_t lower(uint32_t letter)
{
    if (letter >= 0x391 && letter <= 0x3AB && letter != 0x3A2)
        return letter + 0x20;
    if (letter >= 0x400 && letter <= 0x40F)
        return letter + 0x50;
    if (letter >= 0x410 && letter <= 0x42F)
        return letter + 0x20;
    return letter;
}

static size_t folded_write(uint32_t letter, char *out)
{
    if (letter >= 0xC0 && letter < 0x180 && plain_letters[letter - 0xC0] != '.') {
        char plain = plain_letters[letter - 0xC0];
        if (plain <= 'Z')
            return pair_write(plain, out);
        out[0] = plain;
        return 1;
    }
    if (letter >= 0x300 && letter <= 0x36F)
        return 0; /* a combining accent */
    if (letter == 0x2018 || letter == 0x2019)
        letter = '\'';
    if (letter == 0xA0 || letter == 0x202F)
        letter = ' ';
    return letter_write(lower(letter), out);
}

size_t filter_fold(const char *text, size_t len, char *out)
{
    size_t count = 0;
    for (size_t at = 0; at < len;) {
        unsigned char byte = (unsigned char)text[at];
        if (byte < 0x80) {
            out[count++] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 0x20 : byte);
            at++;
            continue;
        }
        size_t before = at;
        uint32_t letter = letter_read(text, len, &at);
        if (at - before == 1)
            out[count++] = (char)byte; /* not UTF-8: stays */
        else
            count += folded_write(letter, out + count);
    }
    return count;
}

size_t filter_sort_len(const char *folded, size_t len)
{
    return cut(folded, len, FILTER_SORT_BYTES);
}

/* --- Numbers --------------------------------------------------------------------------------
 */

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static bool is_space(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

bool filter_number(const char *text, size_t len, double *number)
{
    char copy[FILTER_NUMBER_CHARACTERS_MAX + 1];
    while (len && is_space(*text)) {
        text++;
        len--;
    }
    while (len && is_space(text[len - 1]))
        len--;
    if (!len || len > FILTER_NUMBER_CHARACTERS_MAX)
        return false;
    size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0;
    size_t digits = at;
    while (at < len && is_digit(text[at]))
        at++;
    if (at == digits)
        return false;
    if (at < len && (text[at] == '.' || text[at] == ',')) {
        digits = ++at;
        while (at < len && is_digit(text[at]))
            at++;
        if (at == digits)
            return false;
    }
    if (at != len)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    char *mark = strchr(copy, ',');
    if (mark)
        *mark = '.';
    *number = strtod(copy, NULL);
    return true;
}

/* --- Dates ----------------------------------------------------------------------------------
 */

struct reader {
    const char *text;
    size_t len, at;
};

static bool take(struct reader *r, char letter)
{
    if (r->at >= r->len || r->text[r->at] != letter)
        return false;
    r->at++;
    return true;
}

/* Exactly `count` digits, at most `most`. */
static bool digits_take(struct reader *r, size_t count, int32_t most, int32_t *value)
{
    *value = 0;
    for (size_t i = 0; i < count; i++, r->at++) {
        if (r->at >= r->len || !is_digit(r->text[r->at]))
            return false;
        *value = *value * 10 + (r->text[r->at] - '0');
    }
    return *value <= most;
}

static int32_t days_of_month(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* ".250": digits behind the sixth are dropped. */
static bool fraction_take(struct reader *r, int64_t *us)
{
    int64_t unit = 100000;
    size_t from = r->at;
    for (; r->at < r->len && is_digit(r->text[r->at]) && r->at - from < 9; r->at++) {
        *us += (r->text[r->at] - '0') * unit;
        unit /= 10;
    }
    return r->at > from;
}

static bool offset_take(struct reader *r, int64_t *seconds)
{
    if (take(r, 'Z') || r->at == r->len)
        return true;
    bool is_east = take(r, '+');
    int32_t hours, minutes;
    if ((!is_east && !take(r, '-')) || !digits_take(r, 2, 23, &hours) || !take(r, ':') ||
        !digits_take(r, 2, 59, &minutes))
        return false;
    int64_t offset = hours * 3600 + minutes * 60;
    *seconds = is_east ? offset : -offset;
    return true;
}

static bool time_take(struct reader *r, int64_t *us)
{
    int32_t hour, minute, second = 0;
    int64_t fraction = 0, offset = 0;
    if (!digits_take(r, 2, 23, &hour) || !take(r, ':') || !digits_take(r, 2, 59, &minute))
        return false;
    if (take(r, ':')) {
        if (!digits_take(r, 2, 59, &second) || (take(r, '.') && !fraction_take(r, &fraction)))
            return false;
    }
    if (!offset_take(r, &offset))
        return false;
    *us = (hour * 3600 + minute * 60 + second - offset) * US_PER_S + fraction;
    return true;
}

bool filter_date(const char *text, size_t len, struct wall *at)
{
    struct reader r = {text, len, 0};
    int32_t year, month, day;
    int64_t us = 0;
    while (r.len && is_space(r.text[r.len - 1]))
        r.len--;
    while (r.at < r.len && is_space(r.text[r.at]))
        r.at++;
    if (!digits_take(&r, 4, 9999, &year) || !take(&r, '-') || !digits_take(&r, 2, 12, &month) ||
        !take(&r, '-') || !digits_take(&r, 2, 31, &day) || year < 1 || month < 1 || day < 1 ||
        day > days_of_month(year, month))
        return false;
    if ((take(&r, 'T') || take(&r, ' ')) && !time_take(&r, &us))
        return false;
    if (r.at != r.len)
        return false;
    at->us = civil_days(year, month, day) * US_PER_DAY + us;
    return true;
}

/* "-08H": a number before its letter. False where the next part is another. */
static bool part_take(struct reader *r, char letter, int64_t unit, int64_t *us)
{
    struct reader ahead = *r;
    bool is_negative = take(&ahead, '-');
    size_t from = ahead.at;
    int64_t value = 0;
    for (; ahead.at < ahead.len && is_digit(ahead.text[ahead.at]) && ahead.at - from < 5;
         ahead.at++)
        value = value * 10 + (ahead.text[ahead.at] - '0');
    if (ahead.at == from || !take(&ahead, letter))
        return false;
    *r = ahead;
    *us += (is_negative ? -value : value) * unit;
    return true;
}

bool filter_relative(const char *text, size_t len, int64_t *us)
{
    struct reader r = {text, len, 0};
    *us = 0;
    if (!take(&r, 'P'))
        return false;
    bool has_part = part_take(&r, 'D', US_PER_DAY, us);
    if (take(&r, 'T')) {
        bool has_hours = part_take(&r, 'H', 3600 * US_PER_S, us);
        bool has_minutes = part_take(&r, 'M', 60 * US_PER_S, us);
        if (!has_hours && !has_minutes)
            return false;
        has_part = true;
    }
    return has_part && r.at == r.len;
}
