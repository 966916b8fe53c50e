#include "base/instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_us(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

struct mono instant_mono_now(void)
{
    return (struct mono){clock_us(CLOCK_MONOTONIC)};
}

struct wall instant_wall_now(void)
{
    return (struct wall){clock_us(CLOCK_REALTIME)};
}

/* Days and dates by Howard Hinnant's "chrono-compatible low-level date algorithms". */
int64_t civil_days(int32_t year, int32_t month, int32_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil civil_from_wall(struct wall at)
{
    int64_t days = at.us / US_PER_DAY;
    int64_t rest = at.us % US_PER_DAY;
    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_index = (5 * day_of_year + 2) / 153;
    struct civil civil = {0};
    civil.day = (int32_t)(day_of_year - (153 * month_index + 2) / 5 + 1);
    civil.month = (int32_t)(month_index < 10 ? month_index + 3 : month_index - 9);
    civil.year = (int32_t)(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
    civil.microsecond = (int32_t)(rest % US_PER_S);
    int64_t seconds = rest / US_PER_S;
    civil.hour = (int32_t)(seconds / 3600);
    civil.minute = (int32_t)(seconds / 60 % 60);
    civil.second = (int32_t)(seconds % 60);
    int64_t weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    civil.weekday = (int32_t)(weekday < 0 ? weekday + 8 : weekday + 1);
    return civil;
}

struct wall wall_from_civil(const struct civil *civil)
{
    int64_t seconds = civil_days(civil->year, civil->month, civil->day) * 86400 +
                      civil->hour * INT64_C(3600) + civil->minute * INT64_C(60) + civil->second;
    return (struct wall){seconds * US_PER_S + civil->microsecond};
}

void wall_format(struct wall at, char text[WALL_TEXT_SIZE])
{
    struct civil c = civil_from_wall(at);
    snprintf(text, WALL_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year % 10000,
             c.month, c.day, c.hour, c.minute, c.second, c.microsecond / 1000);
}

/* Reads exactly `digits` digits; -1 where one is missing. */
static int32_t read_digits(const char **text, int digits)
{
    int32_t value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool read_char(const char **text, char wanted)
{
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

static bool read_offset(const char **text, int64_t *offset_s)
{
    *offset_s = 0;
    if (read_char(text, 'Z'))
        return true;
    int64_t sign = **text == '-' ? -1 : 1;
    if (**text != '+' && **text != '-')
        return false;
    (*text)++;
    int32_t hours = read_digits(text, 2);
    read_char(text, ':');
    int32_t minutes = read_digits(text, 2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return false;
    *offset_s = sign * (hours * INT64_C(3600) + minutes * INT64_C(60));
    return true;
}

bool wall_parse(const char *text, struct wall *at)
{
    struct civil c = {0};
    c.year = read_digits(&text, 4);
    if (c.year < 1970 || !read_char(&text, '-'))
        return false;
    c.month = read_digits(&text, 2);
    if (c.month < 1 || c.month > 12 || !read_char(&text, '-'))
        return false;
    c.day = read_digits(&text, 2);
    if (c.day < 1 || c.day > 31 || !read_char(&text, 'T'))
        return false;
    c.hour = read_digits(&text, 2);
    if (c.hour < 0 || c.hour > 23 || !read_char(&text, ':'))
        return false;
    c.minute = read_digits(&text, 2);
    if (c.minute < 0 || c.minute > 59)
        return false;
    if (read_char(&text, ':')) {
        c.second = read_digits(&text, 2);
        if (c.second < 0 || c.second > 60)
            return false;
    }
    if (read_char(&text, '.')) {
        int32_t scale = 100000;
        while (*text >= '0' && *text <= '9') {
            c.microsecond += (*text++ - '0') * scale;
            scale /= 10;
        }
    }
    int64_t offset_s;
    if (!read_offset(&text, &offset_s) || *text)
        return false;
    *at = wall_from_civil(&c);
    at->us -= offset_s * US_PER_S;
    struct civil back = civil_from_wall((struct wall){at->us + offset_s * US_PER_S});
    return back.day == c.day || c.second == 60; /* refuses 31 April */
}
