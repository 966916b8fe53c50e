#include "store/transfer/transfer.h"

#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "base/instant.h"

static const struct {
    const char *table, *column; /* column NULL: all of it */
} derived[] = {
    {"number_ref", NULL},
    {"list", "number_upto"},
    {"list", "edits"},
    {"migration", NULL},
    /* Built again where a sort asks for them. */
    {"column_index", NULL},
    {"column_value", NULL},
};

static const struct {
    const char *table, *column, *sql;
} computed[] = {
    {"contact", "list", "id>>32"},
    {"contact_state", "list", "id>>32"},
    {"address", "list", "contact>>32"},
    {"contact_fact", "list", "contact>>32"},
    {"attempt_fact", "campaign",
     "(SELECT a.campaign FROM attempt a WHERE a.id=attempt_fact.attempt)"},
};

bool transfer_is_derived(const char *table, const char *column)
{
    for (size_t i = 0; i < ARRAY_LEN(derived); i++)
        if (strcmp(derived[i].table, table) == 0 &&
            (!derived[i].column || (column && strcmp(derived[i].column, column) == 0)))
            return true;
    return false;
}

const char *transfer_expression(const char *table, const char *column)
{
    for (size_t i = 0; i < ARRAY_LEN(computed); i++)
        if (strcmp(computed[i].table, table) == 0 && strcmp(computed[i].column, column) == 0)
            return computed[i].sql;
    return NULL;
}

/* --- Digests: a sum over the rows, each a mix of a sum over its cells
 * ------------------------------- */

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t hash_cell(const char *column, const struct transfer_cell *cell, uint64_t seed)
{
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037) ^ seed, column, strlen(column));
    hash = mix(hash ^ (uint64_t)(unsigned char)cell->kind);
    if (cell->kind == 'i')
        return mix(hash ^ (uint64_t)cell->integer);
    if (cell->kind == 'n')
        return hash;
    return mix(hash_bytes(hash, cell->bytes, cell->len) ^ cell->len);
}

static void digest_add(struct transfer_digest *digest, const struct transfer_table *table,
                       const struct transfer_cell *cells)
{
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t row = 0;
        for (int column = 0; column < table->column_count; column++)
            row += hash_cell(table->columns[column], &cells[column],
                             i * UINT64_C(0x9E3779B97F4A7C15));
        digest->sums[i] += mix(row);
    }
    digest->rows++;
}

/* --- The run
 * --------------------------------------------------------------------------------------- */

#define PROGRESS_EVERY 4096 /* rows between two looks at the clock */
#define PROGRESS_US (200 * US_PER_MS)

static enum status move_table(struct transfer_source *source, struct transfer_sink *sink,
                              const struct transfer_table *table,
                              struct transfer_digest *digest, transfer_progress_fn progress,
                              void *context, struct error *err)
{
    struct transfer_cell cells[TRANSFER_COLUMN_MAX];
    struct mono told = instant_mono_now();
    enum status status = sink ? sink->table_begin(sink->self, table, err) : STATUS_OK;
    if (progress)
        progress(context, table, 0);
    while (!status) {
        status = source->row_next(source->self, cells, err);
        if (status)
            break;
        digest_add(digest, table, cells);
        if (sink)
            status = sink->row_put(sink->self, cells, err);
        if (!progress || digest->rows % PROGRESS_EVERY ||
            instant_mono_now().us - told.us < PROGRESS_US)
            continue;
        told = instant_mono_now();
        progress(context, table, digest->rows);
    }
    if (status != STATUS_NOT_FOUND)
        return status;
    if (progress)
        progress(context, table, digest->rows);
    return sink ? sink->table_end(sink->self, err) : STATUS_OK;
}

enum status transfer_run(struct transfer_source *source, struct transfer_sink *sink,
                         struct transfer_digests *digests, transfer_progress_fn progress,
                         void *context, struct error *err)
{
    memset(digests, 0, sizeof(*digests));
    for (;;) {
        struct transfer_table table = {0};
        enum status status = source->table_next(source->self, &table, err);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (!status && digests->count == TRANSFER_TABLE_MAX)
            status = error_set(err, STATUS_FULL, "", "more than %d tables", TRANSFER_TABLE_MAX);
        if (status)
            return status;
        struct transfer_digest *digest = &digests->tables[digests->count++];
        memcpy(digest->table, table.name, sizeof(digest->table));
        status = move_table(source, sink, &table, digest, progress, context, err);
        if (status)
            return status;
    }
}

enum status transfer_compare(const struct transfer_digests *from,
                             const struct transfer_digests *into, struct error *err)
{
    for (int i = 0; i < from->count; i++) {
        const struct transfer_digest *left = &from->tables[i], *right = NULL;
        for (int j = 0; j < into->count && !right; j++)
            if (strcmp(into->tables[j].table, left->table) == 0)
                right = &into->tables[j];
        if (!right || right->rows != left->rows)
            return error_set(err, STATUS_CONFLICT, left->table,
                             "%" PRId64 " rows were read and %" PRId64
                             " are there: nothing was switched over; try again",
                             left->rows, right ? right->rows : 0);
        if (left->sums[0] != right->sums[0] || left->sums[1] != right->sums[1])
            return error_set(err, STATUS_CONFLICT, left->table,
                             "its rows differ from those that were read: nothing was switched "
                             "over; try again");
    }
    return STATUS_OK;
}
