#include "store/import/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/import/text.h"

#define BUFFER_SIZE (CSV_ROW_MAX + (size_t)256 * 1024)

struct csv {
    int fd;
    char delimiter;
    bool is_windows_1252, is_end;
    bool is_in_long_line;   /* what follows belongs to a line that was refused already */
    int64_t size, consumed; /* bytes of the file, bytes behind `at` */
    int64_t line;           /* of the next row */
    char *buffer;
    size_t at, filled;
    char *values; /* the decoded row */
};

const char *csv_fault_text(enum csv_fault fault)
{
    switch (fault) {
    case CSV_OK: return "";
    case CSV_UNCLOSED: return "the quotes are not closed: the row, or the file, is cut short";
    case CSV_TOO_LONG: return "the row has more than 262144 bytes";
    case CSV_TOO_MANY: return "the row has more than 200 values";
    case CSV_NUL: return "the row has a NUL byte";
    case CSV_BAD_TEXT: return "the row has bytes that are not UTF-8";
    case CSV_STRAY: return "there is text between closing quotes and the next delimiter";
    }
    return "";
}

char csv_delimiter(const struct csv *csv)
{
    return csv->delimiter;
}

bool csv_is_windows_1252(const struct csv *csv)
{
    return csv->is_windows_1252;
}

int64_t csv_size(const struct csv *csv)
{
    return csv->size;
}

int64_t csv_position(const struct csv *csv)
{
    return csv->consumed + (int64_t)csv->at;
}

struct csv_place csv_place(const struct csv *csv)
{
    return (struct csv_place){csv_position(csv), csv->line};
}

/* --- Opening
 * ------------------------------------------------------------------------------------------ */

static enum status read_failed(struct error *err, const char *path)
{
    return error_set(err, STATUS_UNAVAILABLE, "", "%s cannot be read: %s", path,
                     strerror(errno));
}

static enum status survey_check(const struct text_survey *survey, const char *head,
                                const char *path, struct error *err)
{
    const unsigned char *bytes = (const unsigned char *)head;
    if (survey->size == 0)
        return error_set(err, STATUS_INVALID, "", "%s is empty", path);
    bool has_mark = survey->size >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) ||
                                          (bytes[0] == 0xFE && bytes[1] == 0xFF));
    /* Without a mark: nearly every other byte is NUL, all of them on one side. */
    bool is_paired = survey->nul_count > survey->size / 4 &&
                     (survey->nul_odd == 0 || survey->nul_odd == survey->nul_count);
    if (has_mark || is_paired)
        return error_set(err, STATUS_INVALID, "",
                         "%s is UTF-16: save it as CSV UTF-8 and send it again", path);
    if (survey->size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
        return error_set(err, STATUS_INVALID, "",
                         "%s is a workbook or an archive: save the sheet as CSV UTF-8", path);
    if (survey->nul_count > 16 && survey->nul_count > survey->size / 1000)
        return error_set(err, STATUS_INVALID, "", "%s is not a text file", path);
    return STATUS_OK;
}

static enum status survey_file(struct csv *csv, const char *path, struct error *err)
{
    struct text_survey survey = {0};
    char head[4] = {0};
    ssize_t got;
    while ((got = read(csv->fd, csv->buffer, BUFFER_SIZE)) > 0) {
        if (survey.size == 0)
            memcpy(head, csv->buffer, got < 4 ? (size_t)got : 4);
        text_survey(&survey, csv->buffer, (size_t)got);
    }
    if (got < 0)
        return read_failed(err, path);
    survey.faults += survey.tail_len > 0;
    enum status status = survey_check(&survey, head, path, err);
    if (status)
        return status;
    bool has_mark = memcmp(head, "\xEF\xBB\xBF", 3) == 0;
    /* A few broken bytes among many good letters: UTF-8, and those rows are refused. */
    csv->is_windows_1252 =
        !has_mark && survey.faults > 0 && survey.faults * 4 > survey.sequences;
    csv->size = survey.size;
    csv->consumed = has_mark ? 3 : 0;
    if (lseek(csv->fd, csv->consumed, SEEK_SET) < 0)
        return read_failed(err, path);
    return STATUS_OK;
}

/* Makes the buffer hold CSV_ROW_MAX bytes behind `at`, or all that is left. */
static enum status fill(struct csv *csv, struct error *err)
{
    if (csv->is_end || csv->filled - csv->at > CSV_ROW_MAX)
        return STATUS_OK;
    memmove(csv->buffer, csv->buffer + csv->at, csv->filled - csv->at);
    csv->consumed += (int64_t)csv->at;
    csv->filled -= csv->at;
    csv->at = 0;
    while (csv->filled < BUFFER_SIZE && !csv->is_end) {
        ssize_t got = read(csv->fd, csv->buffer + csv->filled, BUFFER_SIZE - csv->filled);
        if (got < 0 && errno != EINTR)
            return read_failed(err, "the file");
        csv->is_end = got == 0;
        csv->filled += got > 0 ? (size_t)got : 0;
    }
    return STATUS_OK;
}

enum status csv_seek(struct csv *csv, struct csv_place place, struct error *err)
{
    if (lseek(csv->fd, place.position, SEEK_SET) != place.position)
        return read_failed(err, "the file");
    csv->consumed = place.position;
    csv->line = place.line;
    csv->at = csv->filled = 0;
    csv->is_end = csv->is_in_long_line = false;
    return fill(csv, err);
}

/* The delimiter that the first row has most of, outside of quotes. */
static char find_delimiter(const struct csv *csv)
{
    static const char delimiters[] = {',', ';', '\t'};
    size_t counts[3] = {0}, best = 0;
    bool is_quoted = false;
    for (size_t i = csv->at; i < csv->filled; i++) {
        char c = csv->buffer[i];
        if (c == '"')
            is_quoted = !is_quoted;
        if (!is_quoted && (c == '\n' || c == '\r'))
            break;
        for (size_t n = 0; n < 3 && !is_quoted; n++)
            counts[n] += c == delimiters[n];
    }
    for (size_t n = 1; n < 3; n++)
        if (counts[n] > counts[best])
            best = n;
    return delimiters[best];
}

enum status csv_open(const char *path, const char *called, struct csv **out, struct error *err)
{
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 && errno == ENOENT)
        return error_set(err, STATUS_NOT_FOUND, "", "%s does not exist", called);
    if (fd < 0)
        return read_failed(err, called);
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return error_set(err, STATUS_INVALID, "", "%s is not a file", called);
    }
    struct csv *csv = memory_new(1, sizeof(*csv));
    csv->fd = fd;
    csv->line = 1;
    csv->buffer = memory_new(BUFFER_SIZE, 1);
    csv->values = memory_new(CSV_ROW_MAX, 3); /* Windows-1252 may grow threefold */
    enum status status = survey_file(csv, called, err);
    if (!status)
        status = fill(csv, err);
    if (status) {
        csv_close(csv);
        return status;
    }
    csv->delimiter = find_delimiter(csv);
    *out = csv;
    return STATUS_OK;
}

void csv_close(struct csv *csv)
{
    if (!csv)
        return;
    close(csv->fd);
    free(csv->buffer);
    free(csv->values);
    free(csv);
}

/* --- Rows
 * ------------------------------------------------------------------------------------------------
 */

struct scan {
    struct csv *csv;
    struct csv_row *row;
    size_t at;    /* in the buffer */
    size_t limit; /* the row may not pass it */
    size_t out;   /* in csv->values */
    int64_t lines;
};

static void set_fault(struct scan *scan, enum csv_fault fault)
{
    if (scan->row->fault == CSV_OK)
        scan->row->fault = fault;
}

/* Copies bytes of a value, decoded. */
static void copy(struct scan *scan, size_t from, size_t to)
{
    const char *bytes = scan->csv->buffer + from;
    char *out = scan->csv->values + scan->out;
    if (memchr(bytes, 0, to - from))
        set_fault(scan, CSV_NUL);
    if (scan->csv->is_windows_1252) {
        scan->out += text_from_windows_1252(bytes, to - from, out);
        return;
    }
    memcpy(out, bytes, to - from);
    scan->out += to - from;
}

static void check_text(struct scan *scan, const struct csv_value *value)
{
    for (size_t i = 0; i < value->len;) {
        size_t size = (unsigned char)value->text[i] < 0x80
                          ? 1
                          : text_sequence(value->text + i, value->len - i);
        if (!size) {
            set_fault(scan, CSV_BAD_TEXT);
            return;
        }
        i += size;
    }
}

/* Behind the opening quote; leaves `at` behind the closing one. */
static bool scan_quoted(struct scan *scan)
{
    const char *buffer = scan->csv->buffer;
    size_t from = scan->at;
    while (scan->at < scan->limit) {
        char c = buffer[scan->at];
        if (c == '"' && scan->at + 1 < scan->limit && buffer[scan->at + 1] == '"') {
            copy(scan, from, scan->at + 1);
            scan->at += 2;
            from = scan->at;
            continue;
        }
        if (c == '"') {
            copy(scan, from, scan->at++);
            return true;
        }
        scan->lines +=
            c == '\n' ||
            (c == '\r' && (scan->at + 1 == scan->limit || buffer[scan->at + 1] != '\n'));
        scan->at++;
    }
    return false;
}

static bool is_end_of_value(const struct scan *scan)
{
    char c = scan->csv->buffer[scan->at];
    return c == scan->csv->delimiter || c == '\n' || c == '\r';
}

static void scan_plain(struct scan *scan)
{
    size_t from = scan->at;
    while (scan->at < scan->limit && !is_end_of_value(scan))
        scan->at++;
    copy(scan, from, scan->at);
}

/* One value; false where the row cannot be read on. */
static bool scan_value(struct scan *scan)
{
    struct csv_value value = {.text = scan->csv->values + scan->out};
    size_t start = scan->out;
    if (scan->at < scan->limit && scan->csv->buffer[scan->at] == '"') {
        scan->at++;
        if (!scan_quoted(scan)) {
            set_fault(scan, CSV_UNCLOSED);
            return false;
        }
        if (scan->at < scan->limit && !is_end_of_value(scan)) {
            set_fault(scan, CSV_STRAY);
            scan_plain(scan);
        }
    } else {
        scan_plain(scan);
    }
    value.len = scan->out - start;
    if (!scan->csv->is_windows_1252)
        check_text(scan, &value);
    if (scan->row->count == CSV_FIELD_MAX)
        set_fault(scan, CSV_TOO_MANY);
    else
        scan->row->values[scan->row->count++] = value;
    return true;
}

/* Behind the end of the line at `at`. */
static void pass_newline(struct scan *scan)
{
    const char *buffer = scan->csv->buffer;
    if (scan->at < scan->csv->filled && buffer[scan->at] == '\r')
        scan->at++;
    if (scan->at < scan->csv->filled && buffer[scan->at] == '\n')
        scan->at++;
    scan->lines++;
}

/* A row that cannot be read: goes on behind its first line. */
static void pass_line(struct scan *scan)
{
    scan->at = scan->csv->at;
    scan->lines = 0;
    while (scan->at < scan->limit && scan->csv->buffer[scan->at] != '\n' &&
           scan->csv->buffer[scan->at] != '\r')
        scan->at++;
    scan->csv->is_in_long_line = scan->at == scan->limit;
    if (scan->at < scan->limit)
        pass_newline(scan);
}

/* To the end of a line that is longer than the buffer. */
static enum status pass_long_line(struct csv *csv, struct error *err)
{
    enum status status = STATUS_OK;
    while (csv->is_in_long_line && status == STATUS_OK && csv->at < csv->filled) {
        struct scan scan = {.csv = csv, .at = csv->at, .limit = csv->filled};
        while (scan.at < scan.limit && csv->buffer[scan.at] != '\n' &&
               csv->buffer[scan.at] != '\r')
            scan.at++;
        csv->is_in_long_line = scan.at == scan.limit;
        /* CR LF must not be torn: the newline is taken when both are in the buffer. */
        csv->at = scan.at;
        status = fill(csv, err);
        scan = (struct scan){.csv = csv, .at = csv->at, .limit = csv->filled};
        if (!csv->is_in_long_line)
            pass_newline(&scan);
        csv->at = scan.at;
        csv->line += scan.lines;
    }
    csv->is_in_long_line = false;
    return status;
}

static void scan_row(struct csv *csv, struct csv_row *row)
{
    size_t left = csv->filled - csv->at;
    struct scan scan = {.csv = csv,
                        .row = row,
                        .at = csv->at,
                        .limit = csv->at + (left < CSV_ROW_MAX ? left : CSV_ROW_MAX)};
    *row = (struct csv_row){.line = csv->line};
    bool is_whole = scan_value(&scan);
    while (is_whole && scan.at < scan.limit && csv->buffer[scan.at] == csv->delimiter) {
        scan.at++;
        is_whole = scan_value(&scan);
    }
    bool is_cut = is_whole && scan.at == scan.limit && left > CSV_ROW_MAX;
    if (is_cut)
        row->fault = CSV_TOO_LONG;
    if (!is_whole || is_cut)
        pass_line(&scan);
    else if (scan.at < scan.limit)
        pass_newline(&scan);
    csv->at = scan.at;
    csv->line += scan.lines;
}

static bool is_blank(const struct csv_row *row)
{
    return row->fault == CSV_OK && row->count == 1 && row->values[0].len == 0;
}

enum status csv_next(struct csv *csv, struct csv_row *row, struct error *err)
{
    do {
        enum status status = fill(csv, err);
        if (!status)
            status = pass_long_line(csv, err);
        if (!status)
            status = fill(csv, err);
        if (status)
            return status;
        if (csv->at == csv->filled)
            return STATUS_NOT_FOUND;
        scan_row(csv, row);
    } while (is_blank(row));
    return STATUS_OK;
}
