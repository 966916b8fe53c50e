#include "store/import/foreign.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/export/csv_out.h"
#include "store/import/text.h"

#define GROUPS 10

struct converting {
    const struct foreign_file *file;
    FILE *in;
    struct csv_out *out;
    regex_t regexes[FOREIGN_RULE_MAX];
    int32_t regex_count;
    int64_t line;
    /* The last lines, which may be trailing ones: a ring. */
    char **held;
    int32_t held_first, held_count;
    bool has_header; /* was written */
    char text[FOREIGN_LINE_MAX + 1], other[FOREIGN_LINE_MAX + 1],
        utf8[3 * FOREIGN_LINE_MAX + 1];
};

static enum status line_wrong(const struct converting *c, struct error *err, const char *text)
{
    char path[40];
    snprintf(path, sizeof(path), "line %lld", (long long)c->line);
    return error_set(err, STATUS_INVALID, path, "%s", text);
}

/* --- Replacing
 * -------------------------------------------------------------------------------------- */

struct line {
    char *text;
    size_t len;
};

static bool put(struct line *line, const char *bytes, size_t len)
{
    if (line->len + len > FOREIGN_LINE_MAX)
        return false;
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
    line->text[line->len] = '\0';
    return true;
}

static bool put_replacement(struct line *line, const char *replacement, const char *at,
                            const regmatch_t *groups)
{
    for (const char *r = replacement; *r; r++) {
        bool is_group = r[0] == '$' && r[1] >= '1' && r[1] <= '9';
        if (is_group) {
            const regmatch_t *group = &groups[*++r - '0'];
            if (group->rm_so >= 0 &&
                !put(line, at + group->rm_so, (size_t)(group->rm_eo - group->rm_so)))
                return false;
        } else {
            if (r[0] == '$' && r[1] == '$')
                r++;
            if (!put(line, r, 1))
                return false;
        }
    }
    return true;
}

/* Replaces in c->text, by way of c->other. */
static enum status rule_apply(struct converting *c, int32_t index, struct error *err)
{
    const struct foreign_rule *rule = &c->file->rules[index];
    struct line line = {c->other, 0};
    regmatch_t groups[GROUPS];
    const char *at = c->text;
    bool fits = true;
    c->other[0] = '\0';
    for (int flags = 0; fits && regexec(&c->regexes[index], at, GROUPS, groups, flags) == 0;
         flags = REG_NOTBOL) {
        fits = put(&line, at, (size_t)groups[0].rm_so) &&
               put_replacement(&line, rule->replacement, at, groups);
        bool is_empty = groups[0].rm_eo == groups[0].rm_so;
        at += groups[0].rm_eo;
        if (is_empty && *at)
            fits = fits && put(&line, at++, 1);
        if (!rule->is_global || !*at)
            break;
    }
    if (!fits || !put(&line, at, strlen(at)))
        return line_wrong(c, err, "the line has more than 65536 bytes once texts are replaced");
    memcpy(c->text, c->other, line.len + 1);
    return STATUS_OK;
}

/* --- Splitting
 * -------------------------------------------------------------------------------------- */

/* Bytes of the first `characters` characters. */
static size_t bytes_of(const char *text, size_t len, int32_t characters)
{
    size_t at = 0;
    while (at < len && characters-- > 0) {
        size_t one = text_sequence(text + at, len - at);
        at += one ? one : 1;
    }
    return at;
}

static void fixed_put(struct converting *c, const char *text, size_t len)
{
    for (int32_t i = 0; i < c->file->column_count; i++) {
        const struct foreign_column *column = &c->file->columns[i];
        size_t start = bytes_of(text, len, column->start);
        size_t size = bytes_of(text + start, len - start, column->length);
        while (size && text[start + size - 1] == ' ')
            size--; /* fixed lengths are filled up */
        while (size && text[start] == ' ')
            start++, size--;
        csv_out_value(c->out, text + start, size);
    }
    csv_out_end_row(c->out);
}

/* Values may be in quotes, with doubled ones inside. Unquotes in place. */
static int32_t values_split(const struct converting *c, char *text, struct line *values)
{
    size_t width = strlen(c->file->delimiter);
    int32_t count = 0;
    char *at = text;
    while (count < FOREIGN_COLUMN_MAX) {
        struct line *value = &values[count++];
        *value = (struct line){at, 0};
        if (*at == '"') {
            for (at++; *at && !(at[0] == '"' && at[1] != '"'); at++) {
                at += at[0] == '"';
                value->text[value->len++] = *at;
            }
            at += *at == '"';
        }
        while (*at && strncmp(at, c->file->delimiter, width) != 0)
            value->text[value->len++] = *at++;
        if (!*at)
            break;
        at += width;
    }
    return count;
}

static void delimited_put(struct converting *c, char *text)
{
    struct line values[FOREIGN_COLUMN_MAX];
    int32_t count = values_split(c, text, values);
    int32_t wanted = c->file->column_count ? c->file->column_count : count;
    for (int32_t i = 0; i < wanted; i++) {
        int32_t number = c->file->column_count ? c->file->columns[i].number : i;
        bool is_there = number < count;
        csv_out_value(c->out, is_there ? values[number].text : "",
                      is_there ? values[number].len : 0);
    }
    csv_out_end_row(c->out);
}

/* The names of the columns, where the file does not say them itself. */
static void header_put(struct converting *c)
{
    for (int32_t i = 0; i < c->file->column_count; i++)
        csv_out_text(c->out, c->file->columns[i].name);
    csv_out_end_row(c->out);
}

/* --- Lines
 * -------------------------------------------------------------------------------------------
 */

static enum status line_put(struct converting *c, const char *bytes, struct error *err)
{
    enum status status = STATUS_OK;
    snprintf(c->text, sizeof(c->text), "%s", bytes);
    for (int32_t i = 0; status == STATUS_OK && i < c->file->rule_count; i++)
        status = rule_apply(c, i, err);
    if (status != STATUS_OK)
        return status;
    size_t len = strlen(c->text);
    struct text_survey survey = {0};
    text_survey(&survey, c->text, len);
    bool is_utf8 = survey.faults == 0 && survey.tail_len == 0;
    len = is_utf8 ? len : text_from_windows_1252(c->text, len, c->utf8);
    if (is_utf8)
        memcpy(c->utf8, c->text, len);
    c->utf8[len] = '\0';
    if (!c->has_header && c->file->column_count > 0) {
        c->has_header = true;
        header_put(c);
        if (c->file->has_header && !c->file->is_fixed)
            return STATUS_OK; /* its own names are passed over for the specification's */
    }
    if (len == 0)
        return STATUS_OK;
    if (c->file->is_fixed)
        fixed_put(c, c->utf8, len);
    else
        delimited_put(c, c->utf8);
    return csv_out_has_failed(c->out)
               ? error_set(err, STATUS_UNAVAILABLE, "", "there is no room on disk for the file")
               : STATUS_OK;
}

/* A line may be one of the last, which are passed over: it waits until enough others follow. */
static enum status line_hold(struct converting *c, const char *bytes, struct error *err)
{
    int32_t room = c->file->trailing_lines;
    if (room == 0)
        return line_put(c, bytes, err);
    enum status status = STATUS_OK;
    if (c->held_count == room) {
        status = line_put(c, c->held[c->held_first], err);
        free(c->held[c->held_first]);
        c->held_first = (c->held_first + 1) % room;
        c->held_count--;
    }
    c->held[(c->held_first + c->held_count++) % room] = memory_text(bytes, strlen(bytes));
    return status;
}

static enum status line_read(struct converting *c, char *bytes, bool *is_end, struct error *err)
{
    size_t len = 0;
    int byte;
    while ((byte = getc_unlocked(c->in)) != EOF && byte != '\n') {
        if (byte == 0)
            return line_wrong(c, err, "there is a NUL byte: the file is no text");
        if (len == FOREIGN_LINE_MAX)
            return line_wrong(c, err, "the line has more than 65536 bytes");
        bytes[len++] = (char)byte;
    }
    if (ferror(c->in))
        return error_set(err, STATUS_UNAVAILABLE, "", "the file cannot be read: %s",
                         strerror(errno));
    *is_end = byte == EOF && len == 0;
    if (len && bytes[len - 1] == '\r')
        len--;
    bytes[len] = '\0';
    return STATUS_OK;
}

static enum status lines_convert(struct converting *c, struct error *err)
{
    char *bytes = memory_new(FOREIGN_LINE_MAX + 1, 1);
    bool is_end = false;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !is_end) {
        c->line++;
        status = line_read(c, bytes, &is_end, err);
        char *text = c->line == 1 && strncmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? bytes + 3 : bytes;
        if (status == STATUS_OK && !is_end && c->line > c->file->heading_lines)
            status = line_hold(c, text, err);
    }
    free(bytes);
    return status;
}

static enum status rules_compile(struct converting *c, struct error *err)
{
    for (int32_t i = 0; i < c->file->rule_count; i++) {
        const struct foreign_rule *rule = &c->file->rules[i];
        int flags = REG_EXTENDED | (rule->ignores_case ? REG_ICASE : 0);
        if (regcomp(&c->regexes[i], rule->pattern, flags) != 0)
            return error_set(err, STATUS_INVALID, "", "rule %d is not a regular expression",
                             (int)i + 1);
        c->regex_count++;
    }
    return STATUS_OK;
}

enum status foreign_convert(const struct foreign_file *file, const char *from, const char *to,
                            struct error *err)
{
    struct error late;
    struct converting *c = memory_new(1, sizeof(*c));
    c->file = file;
    c->held = memory_new((size_t)file->trailing_lines + 1, sizeof(*c->held));
    enum status status = rules_compile(c, err);
    c->in = status == STATUS_OK ? fopen(from, "re") : NULL;
    if (status == STATUS_OK && !c->in)
        status = error_set(err, STATUS_UNAVAILABLE, "", "the file cannot be read: %s",
                           strerror(errno));
    if (status == STATUS_OK)
        status = csv_out_open(to, &c->out, err);
    if (status == STATUS_OK)
        status = lines_convert(c, err);
    enum status closed = csv_out_close(c->out, &late);
    if (status == STATUS_OK && closed != STATUS_OK) {
        status = closed;
        *err = late;
    }
    if (c->in)
        fclose(c->in);
    for (int32_t i = 0; i < c->held_count; i++)
        free(c->held[(c->held_first + i) % file->trailing_lines]);
    for (int32_t i = 0; i < c->regex_count; i++)
        regfree(&c->regexes[i]);
    free(c->held);
    free(c);
    return status;
}
