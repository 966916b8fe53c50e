#include <stdio.h>
#include <string.h>

#include "job/template.h"

struct name {
    char *text;
    size_t len;
};

static void put(struct name *name, const char *text)
{
    size_t len = strlen(text);
    if (name->len + len >= LIST_NAME_SIZE) {
        len = LIST_NAME_SIZE - 1 - name->len;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--; /* no half of a character */
    }
    memcpy(name->text + name->len, text, len);
    name->len += len;
    name->text[name->len] = '\0';
}

static void part_write(const struct list_name *from, char text[16])
{
    if (from->part > 0)
        snprintf(text, 16, "%d", (int)from->part);
    else
        snprintf(text, 16, "%s", from->part < 0 ? "Remainder" : "1");
}

/* A date's token: its length, 0 where there is none. */
static size_t date_token(const char *at, const struct civil *civil, char text[16])
{
    const struct {
        const char *token;
        int32_t value;
        int width;
    } tokens[] = {{"YYYY", civil->year, 4}, {"MM", civil->month, 2},  {"DD", civil->day, 2},
                  {"hh", civil->hour, 2},   {"mm", civil->minute, 2}, {"ss", civil->second, 2}};
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        size_t len = strlen(tokens[i].token);
        if (strncmp(at, tokens[i].token, len) == 0) {
            snprintf(text, 16, "%0*d", tokens[i].width, (int)tokens[i].value);
            return len;
        }
    }
    return 0;
}

static void custom_write(const struct list_name *from, const struct civil *civil,
                         struct name *name)
{
    char text[16];
    for (const char *at = from->custom; *at;) {
        size_t len = *at == '%' ? 2 : date_token(at, civil, text);
        if (*at == '%' && at[1] == 'N') {
            put(name, from->prefix);
        } else if (*at == '%' && at[1] == 'P') {
            part_write(from, text);
            put(name, text);
        } else if (*at == '%' && (at[1] == 'F' || at[1] == 'C')) {
            put(name, from->part < 0 ? "Remainder" : from->value);
        } else if (*at != '%' && len > 0) {
            put(name, text);
        } else {
            put(name, (char[]){*at, '\0'});
            len = 1;
        }
        at += len;
    }
}

void list_name_write(const struct list_name *from, char text[LIST_NAME_SIZE])
{
    struct name name = {text, 0};
    struct civil civil = civil_from_wall(from->at);
    char one[64];
    text[0] = '\0';
    if (strcmp(from->format, "Custom") == 0) {
        custom_write(from, &civil, &name);
        return;
    }
    put(&name, from->prefix);
    if (strstr(from->format, "MonthDayYear")) {
        snprintf(one, sizeof(one), "-%02d-%02d-%04d", (int)civil.month, (int)civil.day,
                 (int)civil.year);
        put(&name, one);
    }
    if (strstr(from->format, "HourMinuteSecond")) {
        snprintf(one, sizeof(one), "-%02d-%02d-%02d", (int)civil.hour, (int)civil.minute,
                 (int)civil.second);
        put(&name, one);
    }
    if (strstr(from->format, "Part") && from->part != 0) {
        char part[16];
        part_write(from, part);
        put(&name, "-");
        put(&name, part);
    }
}
