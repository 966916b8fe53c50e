/* import.h -- a file of contacts into a list.
 *
 * Columns are matched by name (case does not count); columns of the file that the list lacks
 * are passed over, columns of the list that the file lacks stay empty. Numbers become E.164 by
 * world/number.h, and their zones follow from them. A row is refused, never the file, where one
 * row is at fault; refused rows go to a CSV file of their own, and so does which contact each
 * of the others became (side_file.h).
 *
 * A file that an export made is known by its id column (contact_columns.h): then ids are ours,
 * known contacts are replaced, system columns are taken, and no row needs a number.
 *
 * The calling thread writes, a thread of its own reads; bulk priority throughout. A million
 * rows need about 200 MB. Rows that were written stay when it fails or is cancelled; as a job's
 * (order->job) they can be taken back, and it is resumed where its last transaction left it. */
#ifndef CADRAN_STORE_IMPORT_IMPORT_H
#define CADRAN_STORE_IMPORT_IMPORT_H

#include "filter/filter.h"
#include "port/store.h"
#include "store/import/csv.h"

struct import_column {
    const char *name;
    bool is_phone;
    const char
        *zone_column; /* of a phone: the column that names its time zone; NULL = its number */
};

enum import_duplicates {
    IMPORT_DUPLICATES_KEPT,
    IMPORT_DUPLICATES_BY_ID,     /* by id_column: refused, or replaced where `replaces` */
    IMPORT_DUPLICATES_BY_NUMBER, /* a row whose first number is in the list already is refused
                                  */
};

struct import_progress {
    int64_t rows_read;    /* without the header */
    int64_t rows_written; /* new and replaced */
    int64_t rows_refused;
    int64_t rows_filtered;   /* not meant, of a survey */
    int64_t numbers_invalid; /* in rows that were written for another number of theirs */
    int64_t bytes_read, bytes_total;
};

/* Where an import stands after a transaction of rows. */
struct import_place {
    struct csv_place csv;
    int64_t rows_read, rows_written, rows_refused, numbers_invalid;
    int64_t refused_size, mapped_size; /* of the files beside it */
};
#define IMPORT_PLACE_SIZE 200
#define IMPORT_ID_SIZE 64
void import_place_write(const struct import_place *place, char text[IMPORT_PLACE_SIZE]);
/* False: not a place ("" is none). */
bool import_place_read(const char *text, struct import_place *place);

struct import_order {
    const char *path;
    const char *called;       /* the file's name in sentences; NULL = its path */
    const char *refused_path; /* created, or emptied; NULL = not wanted */
    const char *ids_path; /* the same, of a job: line,inin-outbound-id of each row written */
    struct list_id list;
    const char *region;                  /* where numbers without a country code lie: "FR" */
    const struct import_column *columns; /* the list's, in its order; at most CSV_COLUMN_MAX */
    int32_t column_count;
    enum import_duplicates duplicates;
    int32_t zip_column;    /* 1 + the column with a ZIP code, whose zone joins the number's; 0 =
                              none */
    const char *id_column; /* a column of the file: the contact's external id; NULL = none */
    bool replaces;         /* a known id replaces the contact */
    /* Columns of the file that say how long a contact is kept: "Never", "Today" or
     * "RetentionDays"; days; a date. NULL or "" = none. */
    const char *retention_type, *retention_days, *retention_date;
    const struct zone *zone; /* of the list, where its day ends; NULL: UTC */
    bool trims;              /* blanks around values go */
    bool clears_system_data; /* replaced contacts begin anew; system columns are passed over */
    struct wall now;
    int64_t job;                      /* keeps its place in this job; 0 = nowhere */
    const struct import_place *place; /* goes on from there; NULL = from the start */
    /* Of a job with several files: what its place begins with, how many rows all of them have,
     * and what came before this. */
    const char *place_prefix;
    struct {
        int64_t total; /* 0: as this file looks */
        int64_t done, refused;
    } before;
    /* Of a survey: whether the contact that a row would become is meant at all. It is asked
     * before the row's number is compared with others': one that is not meant is neither
     * written nor refused, and does not make a later one a duplicate. NULL: every row is. */
    bool (*is_meant)(void *context, const struct filter_contact *contact);
    /* What texts of an export mean; 0 = nothing of ours. May be NULL. */
    int64_t (*contact_id)(void *context, const char *text);
    int64_t (*wrapup_id)(void *context, const char *text);
    /* A contact's id as clients know it; with ids_path. */
    void (*contact_text)(void *context, struct contact_id contact, char text[IMPORT_ID_SIZE]);
    /* Called by the calling thread after each batch; false cancels. May be NULL. */
    bool (*on_progress)(void *context, const struct import_progress *progress);
    void *context;
};

/* STATUS_OK: the whole file was read (rows may have been refused: see *progress).
 * STATUS_INVALID: the file or the order is at fault, nothing was written.
 * STATUS_CONFLICT: cancelled. STATUS_UNAVAILABLE, _UNKNOWN: the store or a disk failed. */
enum status import_run(const struct store_port *store, const struct zone_table *zones,
                       const struct import_order *order, struct import_progress *progress,
                       struct error *err);

/* What a file looks like to an import, without one: encoding, delimiter, header, decimals, and
 * what of each row would become. Writes no contact; refused rows go to their file. */
struct import_survey {
    bool is_windows_1252, is_export;
    char delimiter;
    bool has_header; /* the first row does not look like values */
    char decimal;    /* ',' or '.', as most of the fractions have it; 0 = there are none */
    int32_t column_count;
    const char *columns[CSV_FIELD_MAX]; /* the header's, in the arena */
    struct import_progress progress;    /* rows_written: those that would be */
};
/* Each row that could be read, before the next one is; `is_valid`: it would be written. False
 * ends the survey. */
typedef bool (*import_row_fn)(void *context, const struct csv_row *row, bool is_valid);
enum status import_survey(const struct store_port *store, const struct zone_table *zones,
                          const struct import_order *order, import_row_fn on_row, void *context,
                          struct arena *arena, struct import_survey *survey, struct error *err);

#endif
