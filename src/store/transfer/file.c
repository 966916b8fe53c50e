/* A backup file: "CADRANB1", this program's migration number, then each table (its name, its
 * columns, its rows) and at the end the word END with a digest of all before it. Numbers are
 * big-endian; a row begins with 1, a table's end is 0. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/schema/schema.h"
#include "store/transfer/transfer.h"

static const char magic[8] = "CADRANB1";

struct backup_file {
    char path[4096], part[4104];
    FILE *file;
    uint64_t digest; /* of all bytes so far, FNV-1a over words' bytes */
    int column_count;
    bool is_whole;
    char *texts[TRANSFER_COLUMN_MAX];
    size_t sizes[TRANSFER_COLUMN_MAX];
    struct transfer_table table;
};

static void digest_bytes(struct backup_file *backup, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        backup->digest = (backup->digest ^ at[i]) * UINT64_C(1099511628211);
}

static void file_close(void *self)
{
    struct backup_file *backup = self;
    if (backup->file)
        fclose(backup->file);
    if (backup->part[0] && !backup->is_whole)
        unlink(backup->part);
    for (int i = 0; i < TRANSFER_COLUMN_MAX; i++)
        free(backup->texts[i]);
    free(backup);
}

/* --- Writing
 * --------------------------------------------------------------------------------------- */

static enum status put(struct backup_file *backup, const void *bytes, size_t len,
                       struct error *err)
{
    digest_bytes(backup, bytes, len);
    if (fwrite(bytes, 1, len, backup->file) == len)
        return STATUS_OK;
    return error_set(err, STATUS_UNAVAILABLE, backup->part,
                     "it cannot be written (%s): make room, and try again", strerror(errno));
}

static enum status put_number(struct backup_file *backup, int64_t value, struct error *err)
{
    uint64_t wire = htobe64((uint64_t)value);
    return put(backup, &wire, sizeof(wire), err);
}

static enum status put_text(struct backup_file *backup, const char *text, size_t len,
                            struct error *err)
{
    enum status status = put_number(backup, (int64_t)len, err);
    return status ? status : put(backup, text, len, err);
}

static enum status table_begin(void *self, const struct transfer_table *table,
                               struct error *err)
{
    struct backup_file *backup = self;
    backup->column_count = table->column_count;
    enum status status = put_text(backup, table->name, strlen(table->name), err);
    if (!status)
        status = put_number(backup, table->rows, err);
    if (!status)
        status = put_number(backup, table->column_count, err);
    for (int i = 0; i < table->column_count && !status; i++)
        status = put_text(backup, table->columns[i], strlen(table->columns[i]), err);
    return status;
}

static enum status row_put(void *self, const struct transfer_cell *cells, struct error *err)
{
    struct backup_file *backup = self;
    enum status status = put(backup, "\1", 1, err);
    for (int i = 0; i < backup->column_count && !status; i++) {
        status = put(backup, &cells[i].kind, 1, err);
        if (!status && cells[i].kind == 'i')
            status = put_number(backup, cells[i].integer, err);
        else if (!status && cells[i].kind != 'n')
            status = put_text(backup, cells[i].bytes, cells[i].len, err);
    }
    return status;
}

static enum status table_end(void *self, struct error *err)
{
    return put(self, "\0", 1, err);
}

static enum status finish(void *self, struct error *err)
{
    struct backup_file *backup = self;
    enum status status = put_text(backup, "END", 3, err);
    if (!status)
        status = put_number(backup, (int64_t)backup->digest, err);
    if (status)
        return status;
    backup->is_whole = fflush(backup->file) == 0 && fsync(fileno(backup->file)) == 0 &&
                       rename(backup->part, backup->path) == 0;
    if (backup->is_whole)
        return STATUS_OK;
    return error_set(err, STATUS_UNAVAILABLE, backup->path,
                     "the backup cannot be completed (%s): make room, and try again",
                     strerror(errno));
}

enum status transfer_file_sink(const char *path, struct transfer_sink *sink, struct error *err)
{
    struct backup_file *backup = memory_new(1, sizeof(*backup));
    *sink = (struct transfer_sink){
        .self = backup,
        .table_begin = table_begin,
        .row_put = row_put,
        .table_end = table_end,
        .finish = finish,
        .close = file_close,
    };
    snprintf(sink->name, sizeof(sink->name), "%.150s", path);
    snprintf(backup->path, sizeof(backup->path), "%s", path);
    snprintf(backup->part, sizeof(backup->part), "%s.part", backup->path);
    int fd = open(backup->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    backup->file = fd >= 0 && fchmod(fd, 0600) == 0 ? fdopen(fd, "wb") : NULL;
    if (!backup->file) {
        enum status status = error_set(err, STATUS_UNAVAILABLE, path,
                                       "the backup cannot be written: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        file_close(backup);
        return status;
    }
    enum status status = put(backup, magic, sizeof(magic), err);
    if (!status)
        status = put_number(backup, (int64_t)schema_migration_count, err);
    if (status)
        file_close(backup);
    return status;
}

/* --- Reading
 * --------------------------------------------------------------------------------------- */

static enum status damaged(const struct backup_file *backup, struct error *err)
{
    return error_set(err, STATUS_INVALID, backup->path,
                     "it is no whole backup of Cadran: take another");
}

static enum status get(struct backup_file *backup, void *bytes, size_t len, struct error *err)
{
    if (fread(bytes, 1, len, backup->file) != len)
        return damaged(backup, err);
    digest_bytes(backup, bytes, len);
    return STATUS_OK;
}

static enum status get_number(struct backup_file *backup, int64_t *value, struct error *err)
{
    uint64_t wire = 0;
    enum status status = get(backup, &wire, sizeof(wire), err);
    *value = (int64_t)be64toh(wire);
    return status;
}

static enum status get_name(struct backup_file *backup, char name[TRANSFER_NAME_SIZE],
                            struct error *err)
{
    int64_t len;
    enum status status = get_number(backup, &len, err);
    if (!status && (len < 1 || len >= TRANSFER_NAME_SIZE))
        return damaged(backup, err);
    memset(name, 0, TRANSFER_NAME_SIZE);
    return status ? status : get(backup, name, (size_t)len, err);
}

static enum status file_end(struct backup_file *backup, struct error *err)
{
    int64_t stored;
    uint64_t digest = backup->digest;
    enum status status = get_number(backup, &stored, err);
    if (!status && ((uint64_t)stored != digest || fgetc(backup->file) != EOF))
        status = damaged(backup, err);
    return status ? status : STATUS_NOT_FOUND;
}

static enum status table_next(void *self, struct transfer_table *table, struct error *err)
{
    struct backup_file *backup = self;
    int64_t columns = 0;
    enum status status = get_name(backup, table->name, err);
    if (!status && strcmp(table->name, "END") == 0)
        return file_end(backup, err);
    if (!status)
        status = get_number(backup, &table->rows, err);
    if (!status)
        status = get_number(backup, &columns, err);
    if (!status && (columns < 1 || columns > TRANSFER_COLUMN_MAX))
        status = damaged(backup, err);
    table->column_count = status ? 0 : (int)columns;
    for (int i = 0; i < table->column_count && !status; i++)
        status = get_name(backup, table->columns[i], err);
    backup->column_count = table->column_count;
    return status;
}

static enum status get_cell(struct backup_file *backup, int column, struct transfer_cell *cell,
                            struct error *err)
{
    int64_t len;
    *cell = (struct transfer_cell){0};
    enum status status = get(backup, &cell->kind, 1, err);
    if (status || cell->kind == 'n')
        return status;
    if (cell->kind == 'i')
        return get_number(backup, &cell->integer, err);
    if (cell->kind != 't' && cell->kind != 'b')
        return damaged(backup, err);
    status = get_number(backup, &len, err);
    if (!status && (len < 0 || len > TRANSFER_TEXT_MAX))
        status = damaged(backup, err);
    if (status)
        return status;
    cell->len = (size_t)len;
    backup->texts[column] =
        memory_grow(backup->texts[column], &backup->sizes[column], cell->len + 1, 1);
    cell->bytes = backup->texts[column];
    return get(backup, backup->texts[column], cell->len, err);
}

static enum status row_next(void *self, struct transfer_cell *cells, struct error *err)
{
    struct backup_file *backup = self;
    char flag = 0;
    enum status status = get(backup, &flag, 1, err);
    if (status || flag == 0)
        return status ? status : STATUS_NOT_FOUND;
    if (flag != 1)
        return damaged(backup, err);
    for (int i = 0; i < backup->column_count && !status; i++)
        status = get_cell(backup, i, &cells[i], err);
    return status;
}

enum status transfer_file_source(const char *path, struct transfer_source *source,
                                 struct error *err)
{
    struct backup_file *backup = memory_new(1, sizeof(*backup));
    char head[sizeof(magic)];
    int64_t migration = 0;
    *source = (struct transfer_source){
        .self = backup, .table_next = table_next, .row_next = row_next, .close = file_close};
    snprintf(source->name, sizeof(source->name), "%.150s", path);
    snprintf(backup->path, sizeof(backup->path), "%s", path);
    backup->file = fopen(path, "rbe");
    enum status status = STATUS_OK;
    if (!backup->file)
        status = error_set(err, STATUS_NOT_FOUND, path, "the backup cannot be opened: %s",
                           strerror(errno));
    if (!status)
        status = get(backup, head, sizeof(head), err);
    if (!status && memcmp(head, magic, sizeof(magic)) != 0)
        status = damaged(backup, err);
    if (!status)
        status = get_number(backup, &migration, err);
    if (!status && migration != (int64_t)schema_migration_count)
        status = error_set(err, STATUS_INVALID, path,
                           "it is of another version (migration %d; this program has %d): "
                           "restore it with the program that wrote it",
                           (int)migration, (int)schema_migration_count);
    if (status)
        file_close(backup);
    return status;
}
