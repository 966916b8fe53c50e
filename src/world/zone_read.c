/* One TZif file, RFC 8536: header, a block of 32-bit data that is passed over, a block of
 * 64-bit data, and a footer with the rule for what comes after. */
#include "base/memory.h"
#include "world/zone_load.h"

#define HEADER_SIZE 44
#define CHANGES_MAX 4096
#define TYPES_MAX 256
#define LAST_YEAR 2100

struct reader {
    const unsigned char *bytes;
    size_t len;
};

struct header {
    uint32_t utc_count, std_count, leap_count, change_count, type_count, char_count;
};

static int64_t big_endian(const unsigned char *bytes, int size)
{
    uint64_t value = bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

static enum status malformed(struct error *err, const char *what)
{
    return error_set(err, STATUS_INVALID, "", "not a time zone file: %s", what);
}

static enum status header_read(const struct reader *in, size_t at, struct header *header,
                               struct error *err)
{
    if (in->len < HEADER_SIZE || at > in->len - HEADER_SIZE ||
        memcmp(in->bytes + at, "TZif", 4) != 0)
        return malformed(err, "no header");
    uint32_t *fields[] = {&header->utc_count,    &header->std_count,  &header->leap_count,
                          &header->change_count, &header->type_count, &header->char_count};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        int64_t value = big_endian(in->bytes + at + 20 + 4 * i, 4);
        if (value < 0 || value > 65536)
            return malformed(err, "a count is out of range");
        *fields[i] = (uint32_t)value;
    }
    if (header->change_count > CHANGES_MAX || header->type_count > TYPES_MAX ||
        header->type_count == 0)
        return malformed(err, "too many changes, or no type");
    return STATUS_OK;
}

static size_t block_size(const struct header *header, size_t time_size)
{
    return header->change_count * (time_size + 1) + header->type_count * 6 +
           header->char_count + header->leap_count * (time_size + 4) + header->std_count +
           header->utc_count;
}

struct changes {
    struct zone_change *items;
    size_t count, capacity;
};

static void add_change(struct changes *changes, int64_t at_s, int32_t offset_s)
{
    changes->items = memory_grow(changes->items, &changes->capacity, changes->count + 1,
                                 sizeof(*changes->items));
    changes->items[changes->count++] = (struct zone_change){at_s, offset_s};
}

/* --- The footer: a POSIX TZ string
 * ------------------------------------------------------------------ */

struct rule {
    int month, week, weekday; /* week 5: the last; weekday 0: Sunday */
    int32_t time_s;           /* local, may be negative or beyond a day */
};

static bool read_number(const char **text, int32_t *value)
{
    *value = 0;
    if (**text < '0' || **text > '9')
        return false;
    for (int digits = 0; **text >= '0' && **text <= '9'; (*text)++) {
        if (++digits > 4)
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool read_time(const char **text, int32_t *seconds)
{
    int32_t sign = **text == '-' ? -1 : 1, hours, minutes = 0, rest = 0;
    if (**text == '-' || **text == '+')
        (*text)++;
    if (!read_number(text, &hours) || hours > 167)
        return false;
    if (**text == ':' && ((*text)++, !read_number(text, &minutes) || minutes > 59))
        return false;
    if (**text == ':' && ((*text)++, !read_number(text, &rest) || rest > 59))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60 + rest);
    return true;
}

static bool skip_name(const char **text)
{
    const char *from = *text;
    if (**text == '<') {
        while (**text && **text != '>')
            (*text)++;
        return *(*text)++ == '>';
    }
    while ((**text >= 'A' && **text <= 'Z') || (**text >= 'a' && **text <= 'z'))
        (*text)++;
    return *text - from >= 3;
}

/* ,Mm.w.d[/time] */
static bool read_rule(const char **text, struct rule *rule)
{
    int32_t month, week, weekday;
    if (*(*text)++ != ',' || *(*text)++ != 'M' || !read_number(text, &month) ||
        *(*text)++ != '.' || !read_number(text, &week) || *(*text)++ != '.' ||
        !read_number(text, &weekday))
        return false;
    if (month < 1 || month > 12 || week < 1 || week > 5 || weekday > 6)
        return false;
    *rule = (struct rule){month, week, weekday, 7200};
    if (**text != '/')
        return true;
    (*text)++;
    return read_time(text, &rule->time_s);
}

/* Local seconds since 1970 at which the rule strikes in `year`. */
static int64_t rule_at(const struct rule *rule, int32_t year)
{
    int64_t first = civil_days(year, rule->month, 1);
    int64_t next =
        rule->month == 12 ? civil_days(year + 1, 1, 1) : civil_days(year, rule->month + 1, 1);
    int64_t weekday = (first + 4) % 7; /* 1970-01-01 was a Thursday; 0 = Sunday */
    int64_t day = first + (rule->weekday - weekday + 7) % 7 + (rule->week - 1) * INT64_C(7);
    while (day >= next)
        day -= 7;
    return day * 86400 + rule->time_s;
}

static void expand(struct changes *changes, const struct rule rules[2], int32_t standard_s,
                   int32_t summer_s)
{
    int64_t last = changes->count ? changes->items[changes->count - 1].at_s : INT64_MIN;
    for (int32_t year = 1970; year < LAST_YEAR; year++) {
        struct zone_change both[2] = {{rule_at(&rules[0], year) - standard_s, summer_s},
                                      {rule_at(&rules[1], year) - summer_s, standard_s}};
        int early = both[0].at_s < both[1].at_s ? 0 : 1;
        for (int i = 0; i < 2; i++) {
            struct zone_change change = both[i ? !early : early];
            if (change.at_s > last)
                add_change(changes, change.at_s, change.offset_s);
        }
    }
}

static enum status footer_read(const char *text, struct changes *changes, struct error *err)
{
    int32_t standard_s, summer_s;
    struct rule rules[2];
    if (!*text)
        return STATUS_OK;
    if (!skip_name(&text) || !read_time(&text, &standard_s))
        return malformed(err, "the footer has no offset");
    standard_s = -standard_s; /* POSIX counts west of Greenwich */
    if (!*text)
        return STATUS_OK; /* one offset for ever: the last change has it */
    if (!skip_name(&text))
        return malformed(err, "the footer has no summer name");
    summer_s = standard_s + 3600;
    if (*text != ',') {
        if (!read_time(&text, &summer_s))
            return malformed(err, "the footer has no summer offset");
        summer_s = -summer_s;
    }
    if (!read_rule(&text, &rules[0]) || !read_rule(&text, &rules[1]) || *text)
        return malformed(err, "the footer's rule has another form than Mm.w.d");
    expand(changes, rules, standard_s, summer_s);
    return STATUS_OK;
}

/* --- The file
 * ------------------------------------------------------------------------------------------ */

static enum status block_read(const struct reader *in, size_t at, const struct header *header,
                              struct zone *zone, struct changes *changes, struct error *err)
{
    const unsigned char *times = in->bytes + at;
    const unsigned char *indices = times + header->change_count * 8;
    const unsigned char *types = indices + header->change_count;
    zone->offset_first_s = (int32_t)big_endian(types, 4);
    for (uint32_t i = 0; i < header->change_count; i++) {
        if (indices[i] >= header->type_count)
            return malformed(err, "a change has no type");
        int64_t at_s = big_endian(times + 8 * (size_t)i, 8);
        if (i > 0 && at_s <= changes->items[i - 1].at_s)
            return malformed(err, "the changes are out of order");
        int32_t offset_s = (int32_t)big_endian(types + 6 * (size_t)indices[i], 4);
        if (offset_s < -93599 || offset_s > 93599)
            return malformed(err, "an offset is beyond a day");
        add_change(changes, at_s, offset_s);
    }
    return STATUS_OK;
}

static enum status footer_find(const struct reader *in, size_t at, char text[128],
                               struct error *err)
{
    size_t len = 0;
    if (at >= in->len || in->bytes[at] != '\n')
        return malformed(err, "no footer");
    for (at++; at + len < in->len && in->bytes[at + len] != '\n'; len++)
        if (len >= 127)
            return malformed(err, "the footer is too long");
    memcpy(text, in->bytes + at, len);
    text[len] = '\0';
    return at + len < in->len ? STATUS_OK : malformed(err, "the footer has no end");
}

enum status zone_read(const unsigned char *bytes, size_t len, struct zone *zone,
                      struct error *err)
{
    struct reader in = {bytes, len};
    struct header header;
    struct changes changes = {0};
    char footer[128];
    enum status status = header_read(&in, 0, &header, err);
    if (status)
        return status;
    if (bytes[4] < '2')
        return malformed(err, "version 1 has no 64-bit data");
    size_t at = HEADER_SIZE + block_size(&header, 4);
    status = header_read(&in, at, &header, err);
    if (status)
        return status;
    at += HEADER_SIZE;
    size_t size = block_size(&header, 8);
    if (size > len || at > len - size)
        return malformed(err, "it is cut short");
    status = block_read(&in, at, &header, zone, &changes, err);
    if (!status)
        status = footer_find(&in, at + size, footer, err);
    if (!status)
        status = footer_read(footer, &changes, err);
    if (status) {
        free(changes.items);
        return status;
    }
    zone->changes = changes.items;
    zone->change_count = changes.count;
    return STATUS_OK;
}
