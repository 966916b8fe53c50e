/* parameters.h -- values on their way to PostgreSQL, in its binary form: single ones, arrays of
 * them, and rows for COPY. Private to postgres/. */
#ifndef CADRAN_STORE_POSTGRES_PARAMETERS_H
#define CADRAN_STORE_POSTGRES_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing array of one type, kept as PostgreSQL reads it. */
enum pg_kind { PG_INTS, PG_TEXTS, PG_BYTES };
struct pg_array {
    enum pg_kind kind;
    char *bytes;
    size_t len, capacity;
    int32_t count;
    bool has_null;
};
void pg_array_fini(struct pg_array *array);
void pg_array_int(struct pg_array *array, int64_t value);
void pg_array_text(struct pg_array *array, const char *text); /* NULL is NULL */
void pg_array_bytes(struct pg_array *array, const void *bytes, size_t len);

/* One parameter. An array stays the caller's until it was sent. */
struct pg_value {
    char type; /* i, r (real), t (text), b (bytes), a (array) */
    int64_t integer;
    double real;
    const void *bytes; /* NULL is NULL */
    size_t len;
    struct pg_array *array;
};
#define PG_INT(value) ((struct pg_value){.type = 'i', .integer = (value)})
#define PG_TEXT(value) ((struct pg_value){.type = 't', .bytes = (value)})
#define PG_BLOB(value, count)                                                                  \
    ((struct pg_value){.type = 'b', .bytes = (value), .len = (size_t)(count)})
#define PG_ARRAY(value) ((struct pg_value){.type = 'a', .array = (value)})
#define PG_VALUES(...)                                                                         \
    (struct pg_value[]){__VA_ARGS__},                                                          \
        (int)(sizeof((struct pg_value[]){__VA_ARGS__}) / sizeof(struct pg_value))

/* Rows for one statement over unnest: an array per column. */
#define PG_COLUMN_MAX 14
struct pg_batch {
    struct pg_array columns[PG_COLUMN_MAX];
    int column_count;
    int32_t count;
};
/* Adds a row whose first columns are these integers; texts and bytes follow by hand. */
void pg_batch_add(struct pg_batch *batch, const int64_t *values, int count);
#define PG_ADD(batch, ...)                                                                     \
    pg_batch_add(batch, (int64_t[]){__VA_ARGS__},                                              \
                 (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
void pg_batch_text(struct pg_batch *batch, int column, const char *text);
void pg_batch_bytes(struct pg_batch *batch, int column, const void *bytes, size_t len);
void pg_batch_fini(struct pg_batch *batch);
/* Its columns as parameters; returns how many. */
int pg_batch_values(struct pg_batch *batch, struct pg_value values[PG_COLUMN_MAX]);

/* What COPY ... (FORMAT binary) reads. Sizes must be those of the columns' types. */
struct pg_copy {
    char *bytes;
    size_t len, capacity;
    bool is_begun; /* its head is there, or was sent */
};
void pg_copy_row(struct pg_copy *copy, int16_t fields);
void pg_copy_int(struct pg_copy *copy, int size, int64_t value);
void pg_copy_text(struct pg_copy *copy, const char *text); /* NULL is NULL */
void pg_copy_bytes(struct pg_copy *copy, const char *bytes, size_t len);
/* Ends it: an empty one gets its head first. */
void pg_copy_tail(struct pg_copy *copy);
void pg_copy_fini(struct pg_copy *copy);

/* PostgreSQL's type of a parameter, and its bytes. `scratch` holds an integer. */
unsigned pg_value_type(const struct pg_value *value);
const char *pg_value_bytes(const struct pg_value *value, char scratch[8], int *len);

#endif
