/* transfer.h -- everything a store holds, moved as rows of named columns: from one database
 * into another (cadran migrate), into a file (backup), out of a file (restore).
 *
 * A source reads one snapshot, also while a server works on the database. A sink takes an empty
 * database and keeps a mark on it until it is whole: one that was interrupted is refused by
 * `serve`, and the next transfer into it begins anew. What both sides say of a table are its
 * count and a digest of its rows that no order changes. Derived tables (SQLite's index of
 * numbers) do not travel. One thread. */
#ifndef CADRAN_STORE_TRANSFER_H
#define CADRAN_STORE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define TRANSFER_COLUMN_MAX 40
#define TRANSFER_NAME_SIZE 64
#define TRANSFER_TABLE_MAX 128
#define TRANSFER_TEXT_MAX (64 << 20) /* bytes of one value in a file */

struct transfer_table {
    char name[TRANSFER_NAME_SIZE];
    int column_count;
    char columns[TRANSFER_COLUMN_MAX][TRANSFER_NAME_SIZE];
    int64_t rows; /* as counted before */
};

struct transfer_cell {
    char kind; /* i (integer; a bool is 0 or 1), t (text), b (bytes), n (NULL) */
    int64_t integer;
    const char *bytes; /* until the next row */
    size_t len;
};

/* The tables one after the other, each with its rows; STATUS_NOT_FOUND at the end of each. */
struct transfer_source {
    void *self;
    char name[160]; /* for people */
    enum status (*table_next)(void *self, struct transfer_table *table, struct error *err);
    enum status (*row_next)(void *self, struct transfer_cell *cells, struct error *err);
    void (*close)(void *self);
};

struct transfer_sink {
    void *self;
    char name[160];
    bool began_anew; /* an earlier transfer into it was interrupted */
    enum status (*table_begin)(void *self, const struct transfer_table *table,
                               struct error *err);
    enum status (*row_put)(void *self, const struct transfer_cell *cells, struct error *err);
    enum status (*table_end)(void *self, struct error *err);
    /* A source of what it holds by now, before it is finished; NULL where it has none. */
    enum status (*read_back)(void *self, struct transfer_source *source, struct error *err);
    /* Durable, and without its mark, once this has answered OK. */
    enum status (*finish)(void *self, struct error *err);
    void (*close)(void *self); /* of a sink that did not finish: it stays marked */
};

/* STATUS_INVALID where it is not there, not ours, or not of this version. */
enum status transfer_sqlite_source(const char *path, struct transfer_source *source,
                                   struct error *err);
enum status transfer_postgres_source(const char *url, struct transfer_source *source,
                                     struct error *err);
enum status transfer_file_source(const char *path, struct transfer_source *source,
                                 struct error *err);
/* STATUS_CONFLICT where it holds something already. */
enum status transfer_sqlite_sink(const char *path, struct transfer_sink *sink,
                                 struct error *err);
enum status transfer_postgres_sink(const char *url, struct transfer_sink *sink,
                                   struct error *err);
/* Replaces what is there, at the end. */
enum status transfer_file_sink(const char *path, struct transfer_sink *sink, struct error *err);

struct transfer_digest {
    char table[TRANSFER_NAME_SIZE];
    int64_t rows;
    uint64_t sums[2];
};
struct transfer_digests {
    int count;
    struct transfer_digest tables[TRANSFER_TABLE_MAX];
};

/* Called for each table as it begins and ends, and a few times a second between. */
typedef void (*transfer_progress_fn)(void *context, const struct transfer_table *table,
                                     int64_t rows);

/* Reads the source to its end, into `sink` where that is not NULL. */
enum status transfer_run(struct transfer_source *source, struct transfer_sink *sink,
                         struct transfer_digests *digests, transfer_progress_fn progress,
                         void *context, struct error *err);
/* STATUS_CONFLICT, with the table, where they differ. */
enum status transfer_compare(const struct transfer_digests *from,
                             const struct transfer_digests *into, struct error *err);

/* What a table of SQLite has that does not travel, and what travels and is not in it. */
bool transfer_is_derived(const char *table, const char *column);
/* The SQL of a column that PostgreSQL has and SQLite computes; NULL: an ordinary one. */
const char *transfer_expression(const char *table, const char *column);

/* The next id of a table is greater than the value of its row here. */
#define TRANSFER_SEQUENCES "id_sequence"
#define TRANSFER_SEQUENCE_COUNT 4 /* consent, contact_fact, entity, zone_set */

#endif
