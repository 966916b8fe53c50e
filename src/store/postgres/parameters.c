#include "store/postgres/parameters.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

/* Of the server's catalogue, the same in every version. */
enum { TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25, TYPE_FLOAT8 = 701 };
enum { TYPE_BYTEA_ARRAY = 1001, TYPE_TEXT_ARRAY = 1009, TYPE_INT8_ARRAY = 1016 };
#define ARRAY_HEAD 20 /* dimensions, has nulls, type, length, first index */

static void append(char **bytes, size_t *len, size_t *capacity, const void *added, size_t count)
{
    *bytes = memory_grow(*bytes, capacity, *len + count, 1);
    if (count)
        memcpy(*bytes + *len, added, count);
    *len += count;
}

static void append_u32(char **bytes, size_t *len, size_t *capacity, uint32_t value)
{
    value = htonl(value);
    append(bytes, len, capacity, &value, sizeof(value));
}

/* --- Arrays
 * --------------------------------------------------------------------------------------- */

static void element(struct pg_array *array, const void *bytes, size_t len)
{
    static const char head[ARRAY_HEAD];
    if (!array->count++)
        append(&array->bytes, &array->len, &array->capacity, head, sizeof(head));
    append_u32(&array->bytes, &array->len, &array->capacity,
               bytes ? (uint32_t)len : UINT32_MAX);
    array->has_null |= !bytes;
    if (bytes)
        append(&array->bytes, &array->len, &array->capacity, bytes, len);
}

void pg_array_fini(struct pg_array *array)
{
    free(array->bytes);
    *array = (struct pg_array){.kind = array->kind};
}

void pg_array_int(struct pg_array *array, int64_t value)
{
    array->kind = PG_INTS;
    uint64_t wire = htobe64((uint64_t)value);
    element(array, &wire, sizeof(wire));
}

void pg_array_text(struct pg_array *array, const char *text)
{
    array->kind = PG_TEXTS;
    element(array, text, text ? strlen(text) : 0);
}

void pg_array_bytes(struct pg_array *array, const void *bytes, size_t len)
{
    array->kind = PG_BYTES;
    element(array, bytes, len);
}

static uint32_t element_type(const struct pg_array *array)
{
    return array->kind == PG_INTS    ? TYPE_INT8
           : array->kind == PG_TEXTS ? TYPE_TEXT
                                     : TYPE_BYTEA;
}

static const char *array_bytes(struct pg_array *array, int *len)
{
    static const char empty[12];
    if (!array->count) {
        /* No dimension at all: the type is the only field that is not zero. */
        static const uint32_t types[] = {TYPE_INT8, TYPE_TEXT, TYPE_BYTEA};
        array->bytes = memory_grow(array->bytes, &array->capacity, ARRAY_HEAD, 1);
        uint32_t type = htonl(types[array->kind]);
        memcpy(array->bytes, empty, sizeof(empty));
        memcpy(array->bytes + 8, &type, sizeof(type));
        *len = sizeof(empty);
        return array->bytes;
    }
    const uint32_t head[] = {htonl(1), htonl(array->has_null), htonl(element_type(array)),
                             htonl((uint32_t)array->count), htonl(1)};
    _Static_assert(sizeof(head) == ARRAY_HEAD, "five words");
    memcpy(array->bytes, head, sizeof(head));
    ensure(array->len <= INT32_MAX);
    *len = (int)array->len;
    return array->bytes;
}

/* --- Batches
 * -------------------------------------------------------------------------------------- */

void pg_batch_add(struct pg_batch *batch, const int64_t *values, int count)
{
    batch->count++;
    if (batch->column_count < count)
        batch->column_count = count;
    for (int i = 0; i < count; i++)
        pg_array_int(&batch->columns[i], values[i]);
}

void pg_batch_text(struct pg_batch *batch, int column, const char *text)
{
    if (batch->column_count <= column)
        batch->column_count = column + 1;
    pg_array_text(&batch->columns[column], text);
}

void pg_batch_bytes(struct pg_batch *batch, int column, const void *bytes, size_t len)
{
    if (batch->column_count <= column)
        batch->column_count = column + 1;
    pg_array_bytes(&batch->columns[column], bytes, len);
}

void pg_batch_fini(struct pg_batch *batch)
{
    for (int i = 0; i < PG_COLUMN_MAX; i++)
        pg_array_fini(&batch->columns[i]);
    batch->column_count = 0;
    batch->count = 0;
}

int pg_batch_values(struct pg_batch *batch, struct pg_value values[PG_COLUMN_MAX])
{
    for (int i = 0; i < batch->column_count; i++)
        values[i] = PG_ARRAY(&batch->columns[i]);
    return batch->column_count;
}

/* --- COPY
 * ----------------------------------------------------------------------------------------- */

static void copy_begin(struct pg_copy *copy)
{
    static const char head[19] = "PGCOPY\n\377\r\n\0"; /* no flags, no extension */
    if (!copy->is_begun)
        append(&copy->bytes, &copy->len, &copy->capacity, head, sizeof(head));
    copy->is_begun = true;
}

void pg_copy_row(struct pg_copy *copy, int16_t fields)
{
    copy_begin(copy);
    uint16_t wire = htons((uint16_t)fields);
    append(&copy->bytes, &copy->len, &copy->capacity, &wire, sizeof(wire));
}

void pg_copy_tail(struct pg_copy *copy)
{
    copy_begin(copy);
    append(&copy->bytes, &copy->len, &copy->capacity, "\377\377", 2);
}

void pg_copy_int(struct pg_copy *copy, int size, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    append_u32(&copy->bytes, &copy->len, &copy->capacity, (uint32_t)size);
    append(&copy->bytes, &copy->len, &copy->capacity, (const char *)&wire + 8 - size,
           (size_t)size);
}

void pg_copy_bytes(struct pg_copy *copy, const char *bytes, size_t len)
{
    append_u32(&copy->bytes, &copy->len, &copy->capacity, bytes ? (uint32_t)len : UINT32_MAX);
    append(&copy->bytes, &copy->len, &copy->capacity, bytes, len);
}

void pg_copy_text(struct pg_copy *copy, const char *text)
{
    pg_copy_bytes(copy, text, text ? strlen(text) : 0);
}

void pg_copy_fini(struct pg_copy *copy)
{
    free(copy->bytes);
    *copy = (struct pg_copy){0};
}

/* --- Values
 * --------------------------------------------------------------------------------------- */

unsigned pg_value_type(const struct pg_value *value)
{
    if (value->type == 'i')
        return TYPE_INT8;
    if (value->type == 'r')
        return TYPE_FLOAT8;
    if (value->type == 't')
        return TYPE_TEXT;
    if (value->type == 'b')
        return TYPE_BYTEA;
    switch (value->array->kind) {
    case PG_INTS: return TYPE_INT8_ARRAY;
    case PG_TEXTS: return TYPE_TEXT_ARRAY;
    case PG_BYTES: break;
    }
    return TYPE_BYTEA_ARRAY;
}

const char *pg_value_bytes(const struct pg_value *value, char scratch[8], int *len)
{
    if (value->type == 'i' || value->type == 'r') {
        uint64_t wire = (uint64_t)value->integer;
        if (value->type == 'r')
            memcpy(&wire, &value->real, sizeof(wire));
        wire = htobe64(wire);
        memcpy(scratch, &wire, sizeof(wire));
        *len = sizeof(wire);
        return scratch;
    }
    if (value->type == 'a')
        return array_bytes(value->array, len);
    *len = value->type == 't' && value->bytes ? (int)strlen(value->bytes) : (int)value->len;
    return value->type == 'b' && !value->bytes && !value->len ? "" : value->bytes;
}
