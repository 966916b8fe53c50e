#include "store/import/rows.h"

#include <stdlib.h>
#include <string.h>

#include "store/contact.h"
#include "store/export/contact_data.h"
#include "store/import/text.h"
#include "store/name.h"

void import_rows_fini(struct import_rows *rows)
{
    for (int32_t i = 0; i < rows->header_count; i++)
        free(rows->header[i]);
    number_set_fini(&rows->seen);
    number_reader_destroy(rows->numbers);
    number_zone_map_destroy(rows->zones);
    free(rows->zone_ids);
    free(rows->named_ids);
    free(rows->scratch);
}

/* --- The header
 * --------------------------------------------------------------------------------------------
 */

static struct csv_value trim(struct csv_value value)
{
    while (value.len && (*value.text == ' ' || *value.text == '\t'))
        value.text++, value.len--;
    while (value.len && (value.text[value.len - 1] == ' ' || value.text[value.len - 1] == '\t'))
        value.len--;
    return value;
}

/* The file's column of that name; -1 where there is none. */
static int32_t find_header(const struct import_rows *rows, const char *name)
{
    char *wanted = name_fold(name);
    int32_t found = -1;
    for (int32_t i = 0; i < rows->header_count && found < 0; i++) {
        char *folded = name_fold(rows->header[i]);
        if (strcmp(folded, wanted) == 0)
            found = i;
        free(folded);
    }
    free(wanted);
    return found;
}

static enum status header_names(struct import_rows *rows, const struct csv_row *header,
                                struct error *err)
{
    if (header->fault == CSV_TOO_MANY)
        return error_set(err, STATUS_INVALID, "line 1", "the file has more than %d columns",
                         CSV_COLUMN_MAX);
    if (header->fault)
        return error_set(err, STATUS_INVALID, "line 1", "the header cannot be read: %s",
                         csv_fault_text(header->fault));
    for (int32_t i = 0; i < header->count; i++) {
        struct csv_value name = trim(header->values[i]);
        if (text_length(name.text, name.len) > CSV_HEADER_MAX)
            return error_set(err, STATUS_INVALID, "line 1",
                             "the name of column %d has more than %d characters", i + 1,
                             CSV_HEADER_MAX);
        char *copy = memory_text(name.text, name.len);
        int32_t other = name.len ? find_header(rows, copy) : -1;
        rows->header[rows->header_count++] = copy;
        if (other >= 0)
            return error_set(err, STATUS_INVALID, "line 1",
                             "columns %d and %d have the same name \"%s\"", other + 1, i + 1,
                             copy);
    }
    return STATUS_OK;
}

enum status import_rows_header(struct import_rows *rows, const struct csv_row *header,
                               struct error *err)
{
    const struct import_order *order = rows->order;
    const char *phone = NULL;
    bool has_phone = false;
    enum status status = header_names(rows, header, err);
    if (status)
        return status;
    for (int32_t i = 0; i < order->column_count; i++) {
        const char *zone = order->columns[i].zone_column;
        rows->source[i] = find_header(rows, order->columns[i].name);
        rows->zone_source[i] = zone ? find_header(rows, zone) : -1;
        if (order->columns[i].is_phone && !phone)
            phone = order->columns[i].name;
        has_phone = has_phone || (order->columns[i].is_phone && rows->source[i] >= 0);
    }
    if (!phone)
        return error_set(err, STATUS_INVALID, "", "the list has no phone column");
    if (!has_phone)
        return error_set(err, STATUS_INVALID, "line 1",
                         "no phone column is in the header: \"%s\" is missing", phone);
    rows->id_source = order->id_column ? find_header(rows, order->id_column) : -1;
    if (order->id_column && rows->id_source < 0)
        return error_set(err, STATUS_INVALID, "line 1",
                         "the id column \"%s\" is not in the header", order->id_column);
    return STATUS_OK;
}

/* --- Rows ----------------------------------------------------------------------------------
 */

static bool refuse(struct import_rows *rows, const struct csv_row *row, int32_t column,
                   const char *reason)
{
    struct csv_value value = {"", 0};
    if (column >= 0 && column < row->count)
        value = row->values[column];
    rows->rows_refused++;
    refused_add(rows->refused, row->line, column >= 0 ? rows->header[column] : "", reason,
                value.text, value.len);
    return false;
}

static bool check_row(struct import_rows *rows, const struct csv_row *row)
{
    char reason[128];
    if (row->fault)
        return refuse(rows, row, -1, csv_fault_text(row->fault));
    if (row->count != rows->header_count) {
        snprintf(reason, sizeof(reason), "the row has %d values, the header has %d", row->count,
                 rows->header_count);
        return refuse(rows, row, -1, reason);
    }
    for (int32_t i = 0; i < row->count; i++) {
        if (row->values[i].len > CSV_VALUE_MAX &&
            text_length(row->values[i].text, row->values[i].len) > CSV_VALUE_MAX) {
            snprintf(reason, sizeof(reason), "the value has more than %d characters",
                     CSV_VALUE_MAX);
            return refuse(rows, row, i, reason);
        }
    }
    return true;
}

static const char *verdict_text(enum number_verdict verdict)
{
    switch (verdict) {
    case NUMBER_VALID: return "";
    case NUMBER_EMPTY: return "the row has no phone number";
    case NUMBER_NOT_A_NUMBER: return "this is not a phone number";
    case NUMBER_IMPOSSIBLE: return "no such phone number can exist";
    }
    return "";
}

/* The zone that the row names for a phone column, as a set; an empty text leaves what the
 * number says. NULL, or why the row is refused. */
static const char *read_zone(struct import_rows *rows, struct csv_value value,
                             struct zone_set_id *id)
{
    char name[ZONE_NAME_SIZE];
    struct error err;
    value = trim(value);
    if (!value.len)
        return NULL;
    snprintf(name, sizeof(name), "%.*s", (int)value.len, value.text);
    const struct zone *zone =
        value.len < sizeof(name) ? zone_find(rows->zone_table, name) : NULL;
    if (!zone)
        return "this is not a time zone, such as Europe/Paris";
    size_t index = (size_t)(zone - rows->zone_table->zones);
    if (!rows->named_ids[index].value) {
        struct zone_set set = {.count = 1, .zones = {(int16_t)index}};
        if (rows->store->ops->zone_set_intern(rows->store->self, rows->zone_table, &set,
                                              &err) != STATUS_OK)
            return "its time zone could not be stored; import it again";
        rows->named_ids[index] = set.id;
    }
    *id = rows->named_ids[index];
    return NULL;
}

/* Reads the phone columns; false where no number of the row can be called. */
static bool read_numbers(struct import_rows *rows, const struct csv_row *row,
                         struct contact_write *contact)
{
    const struct import_order *order = rows->order;
    enum number_verdict worst = NUMBER_EMPTY;
    int32_t worst_column = -1, valid = 0, invalid = 0;
    for (int32_t i = 0; i < order->column_count && contact->address_count < ADDRESS_MAX; i++) {
        int32_t source = rows->source[i];
        if (!order->columns[i].is_phone || source < 0)
            continue;
        struct number number;
        enum number_verdict verdict = number_read(rows->numbers, row->values[source].text,
                                                  row->values[source].len, &number);
        if (worst_column < 0 || (worst == NUMBER_EMPTY && verdict != NUMBER_EMPTY)) {
            worst = verdict;
            worst_column = source;
        }
        invalid += verdict != NUMBER_VALID && verdict != NUMBER_EMPTY;
        if (verdict == NUMBER_EMPTY)
            continue;
        struct contact_address *address = &contact->addresses[contact->address_count++];
        *address = (struct contact_address){.column = (int16_t)i, .number = number.e164};
        int set = number.e164 ? number_zones_find(rows->zones, number.e164) : -1;
        if (set >= 0)
            address->zone_set = rows->zone_ids[set];
        int32_t zone_source = rows->zone_source[i];
        const char *wrong = zone_source >= 0
                                ? read_zone(rows, row->values[zone_source], &address->zone_set)
                                : NULL;
        if (wrong)
            return refuse(rows, row, zone_source, wrong);
        valid += verdict == NUMBER_VALID;
    }
    if (!valid)
        return refuse(rows, row, worst_column, verdict_text(worst));
    rows->numbers_invalid += invalid;
    return true;
}

static int64_t hash_of(struct csv_value value)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < value.len; i++)
        hash = (hash ^ (unsigned char)value.text[i]) * UINT64_C(1099511628211);
    return (int64_t)(hash | 1);
}

static bool read_id(struct import_rows *rows, const struct csv_row *row, struct arena *arena,
                    struct contact_write *contact)
{
    if (rows->id_source < 0)
        return true;
    struct csv_value id = trim(row->values[rows->id_source]);
    if (!id.len)
        return refuse(rows, row, rows->id_source, "the id is empty");
    if (id.len > CONTACT_EXTERNAL_ID_MAX)
        return refuse(rows, row, rows->id_source, "the id has more than 256 bytes");
    contact->external_id = arena_text(arena, id.text, id.len);
    bool is_checked = rows->order->duplicates == IMPORT_DUPLICATES_BY_ID;
    if (is_checked && !number_set_add(&rows->seen, hash_of(id)) && !rows->order->replaces)
        return refuse(rows, row, rows->id_source, "the id stands in an earlier row already");
    return true;
}

static bool check_numbers_new(struct import_rows *rows, const struct csv_row *row,
                              const struct contact_write *contact)
{
    if (rows->order->duplicates != IMPORT_DUPLICATES_BY_NUMBER)
        return true;
    bool is_first = true;
    for (int32_t i = 0; i < contact->address_count; i++) {
        int64_t number = contact->addresses[i].number;
        if (!number)
            continue;
        if (!number_set_add(&rows->seen, number) && is_first)
            return refuse(rows, row, rows->source[contact->addresses[i].column],
                          "the list has a contact with this number already");
        is_first = false;
    }
    return true;
}

/* A JSON array of the list's columns, in its order. */
static const char *make_data(struct import_rows *rows, const struct csv_row *row,
                             struct arena *arena)
{
    const struct import_order *order = rows->order;
    size_t room = 3;
    for (int32_t i = 0; i < order->column_count; i++)
        room += 3 + (rows->source[i] >= 0 ? row->values[rows->source[i]].len * 6 : 0);
    rows->scratch = memory_grow(rows->scratch, &rows->scratch_capacity, room, 1);
    char *out = rows->scratch;
    size_t at = 0;
    out[at++] = '[';
    for (int32_t i = 0; i < order->column_count; i++) {
        struct csv_value value = {"", 0};
        if (rows->source[i] >= 0)
            value = row->values[rows->source[i]];
        if (i)
            out[at++] = ',';
        at += contact_data_put(out + at, value.text, value.len);
    }
    out[at++] = ']';
    return arena_text(arena, out, at);
}

bool import_rows_contact(struct import_rows *rows, const struct csv_row *row,
                         struct arena *arena, struct contact_write *contact)
{
    rows->rows_read++;
    *contact = (struct contact_write){.is_callable = true};
    if (!check_row(rows, row) || !read_numbers(rows, row, contact) ||
        !check_numbers_new(rows, row, contact) || !read_id(rows, row, arena, contact))
        return false;
    contact->data = make_data(rows, row, arena);
    if (strlen(contact->data) > CONTACT_DATA_MAX)
        return refuse(rows, row, -1, "the row is too long once it is stored");
    return true;
}
