/* rows.h -- from a row of the file to a contact. Private to import/; the reading thread's. */
#ifndef CADRAN_STORE_IMPORT_ROWS_H
#define CADRAN_STORE_IMPORT_ROWS_H

#include "base/memory.h"
#include "base/table.h"
#include "store/export/contact_columns.h"
#include "store/import/import.h"
#include "store/import/number_set.h"
#include "store/import/side_file.h"
#include "world/number.h"
#include "world/number_zones.h"
#include "world/zip_zones.h"

struct import_rows {
    const struct import_order *order;
    struct buffer *refusals; /* of the batch that is filled */
    struct number_reader *numbers;
    struct number_zone_map *zones;
    struct zone_set_id *zone_ids; /* by index of the map */
    const struct store_port *store;
    const struct zone_table *zone_table;
    struct zone_set_id *named_ids;       /* by index of the table; 0 = not met yet */
    struct zone_set_id *zip_ids;         /* by set of the number + 1, then ZIP zone; the same */
    struct table set_names;              /* of the sets met, as filters take them */
    int32_t zone_source[CSV_COLUMN_MAX]; /* by list column: the file's zone column, -1 = none */
    int32_t header_count;
    char *header[CSV_FIELD_MAX];    /* the file's column names */
    int32_t source[CSV_COLUMN_MAX]; /* by list column: the file's column, -1 = none */
    int32_t id_source;              /* -1 = none */
    int32_t retention_type, retention_days, retention_date; /* -1 = none */
    bool is_export; /* the file has our id column, and system columns: */
    int32_t of_contact[CONTACT_COLUMN_COUNT];             /* -1 = none */
    int32_t of_phone[CSV_COLUMN_MAX][PHONE_COLUMN_COUNT]; /* by list column */
    struct number_set seen;                               /* numbers, or hashes of ids */
    char *scratch;                                        /* a row's data while it is made */
    size_t scratch_capacity;
    int64_t rows_read, rows_refused, rows_filtered, numbers_invalid;
};

/* Matches the header with the order. STATUS_INVALID says what is wrong with it. */
enum status import_rows_header(struct import_rows *rows, const struct csv_row *header,
                               struct error *err);
/* Interns the zones that numbers may lie in. */
enum status import_rows_zones(struct import_rows *rows, const struct store_port *store,
                              const struct zone_table *zones, struct error *err);
/* Makes a contact of a row, its texts in the arena; false where it was refused or is not meant.
 */
bool import_rows_contact(struct import_rows *rows, const struct csv_row *row,
                         struct arena *arena, struct contact_write *contact);
void import_rows_fini(struct import_rows *rows);

#endif
