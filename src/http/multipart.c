#include "http/multipart.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include "http/text.h"

#define BOUNDARY_MAX 70
#define HEAD_MAX 4096

static enum status bad(struct error *err, const char *text)
{
    return error_set(err, STATUS_INVALID, "", "The form is malformed: %s.", text);
}

/* "\r\n--boundary", of which the first delimiter may lack the line's end. */
static bool delimiter_make(const char *content_type, char *out, size_t size)
{
    static const char kind[] = "multipart/form-data";
    if (!content_type || strncasecmp(content_type, kind, sizeof(kind) - 1) != 0)
        return false;
    const char *at = strcasestr(content_type, "boundary=");
    if (!at)
        return false;
    at += strlen("boundary=");
    bool is_quoted = *at == '"';
    at += is_quoted;
    size_t len = strcspn(at, is_quoted ? "\"" : "; \t");
    if (len == 0 || len > BOUNDARY_MAX)
        return false;
    snprintf(out, size, "\r\n--%.*s", (int)len, at);
    return true;
}

/* The value of name="..." in a Content-Disposition; NULL: absent. */
static const char *quoted(struct arena *arena, const char *line, size_t len, const char *name)
{
    size_t name_len = strlen(name);
    for (size_t i = 1; i + name_len + 2 < len; i++) {
        if ((line[i - 1] != ' ' && line[i - 1] != ';') ||
            strncasecmp(line + i, name, name_len) != 0 || line[i + name_len] != '=' ||
            line[i + name_len + 1] != '"')
            continue;
        const char *value = line + i + name_len + 2;
        const char *end = memchr(value, '"', len - (i + name_len + 2));
        return end ? arena_text(arena, value, (size_t)(end - value)) : NULL;
    }
    return NULL;
}

/* A part's head: name and whether it is a file. */
static bool head_read(struct arena *arena, const char *head, size_t len, const char **name,
                      bool *is_file)
{
    static const char wanted[] = "Content-Disposition:";
    const char *at = head;
    const char *end = head + len;
    while (at < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        size_t line = stop ? (size_t)(stop - at) : (size_t)(end - at);
        if (line > sizeof(wanted) && strncasecmp(at, wanted, sizeof(wanted) - 1) == 0) {
            *name = quoted(arena, at, line, "name");
            *is_file = quoted(arena, at, line, "filename") != NULL;
            return *name != NULL;
        }
        at += line + 2;
    }
    return false;
}

static enum status parts_read(struct arena *arena, const char *bytes, size_t len,
                              const char *delimiter, struct multipart *form, struct error *err)
{
    size_t delimiter_len = strlen(delimiter);
    const char *end = bytes + len;
    if (len < delimiter_len || memcmp(bytes, delimiter + 2, delimiter_len - 2) != 0)
        return bad(err, "it does not start with its boundary");
    const char *at = bytes + delimiter_len - 2;
    while (end - at >= 2 && memcmp(at, "--", 2) != 0) {
        size_t room = (size_t)(end - at) < HEAD_MAX ? (size_t)(end - at) : HEAD_MAX;
        const char *blank = memmem(at, room, "\r\n\r\n", 4);
        const char *name = NULL;
        bool is_file = false;
        if (!blank || memcmp(at, "\r\n", 2) != 0 ||
            !head_read(arena, at + 2, (size_t)(blank - at - 2 > 0 ? blank - at - 2 : 0), &name,
                       &is_file))
            return bad(err, "a part has no name");
        const char *content = blank + 4;
        const char *stop = memmem(content, (size_t)(end - content), delimiter, delimiter_len);
        if (!stop)
            return bad(err, "it does not end with its boundary");
        if (form->count == MULTIPART_PART_MAX)
            return bad(err, "it has too many parts");
        struct multipart_part *part = &form->parts[form->count++];
        *part = (struct multipart_part){name, content - bytes, stop - content, NULL};
        if (!is_file && part->len <= MULTIPART_TEXT_MAX &&
            text_is_utf8(content, (size_t)part->len) &&
            !memchr(content, '\0', (size_t)part->len))
            part->text = arena_text(arena, content, (size_t)part->len);
        at = stop + delimiter_len;
    }
    return end - at >= 2 ? STATUS_OK : bad(err, "it is cut short");
}

enum status multipart_read(struct arena *arena, int fd, int64_t len, const char *content_type,
                           struct multipart *form, struct error *err)
{
    char delimiter[BOUNDARY_MAX + 8];
    memset(form, 0, sizeof(*form));
    if (!delimiter_make(content_type, delimiter, sizeof(delimiter)))
        return bad(err, "its Content-Type names no boundary");
    if (len <= 0)
        return bad(err, "it is empty");
    /* nginx wrote the file and shortens it no more, so the mapping stays whole. */
    void *bytes = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return error_set(err, STATUS_UNAVAILABLE, "", "The form cannot be read.");
    enum status status = parts_read(arena, bytes, (size_t)len, delimiter, form, err);
    munmap(bytes, (size_t)len);
    return status;
}

const struct multipart_part *multipart_find(const struct multipart *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->parts[i].name, name) == 0)
            return &form->parts[i];
    }
    return NULL;
}
