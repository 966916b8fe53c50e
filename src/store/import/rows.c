#include "store/import/rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filter/value.h"
#include "model/retention.h"
#include "store/contact.h"
#include "store/export/contact_data.h"
#include "store/import/text.h"
#include "store/name.h"
#include "store/zone_names.h"

void import_rows_fini(struct import_rows *rows)
{
    for (int32_t i = 0; i < rows->header_count; i++)
        free(rows->header[i]);
    number_set_fini(&rows->seen);
    number_reader_destroy(rows->numbers);
    number_zone_map_destroy(rows->zones);
    free(rows->zone_ids);
    free(rows->named_ids);
    free(rows->zip_ids);
    void *names;
    int64_t id;
    for (size_t at = 0; table_next(&rows->set_names, &at, &id, &names);)
        free(names);
    table_fini(&rows->set_names);
    free(rows->scratch);
}

/* For filters. */
static void set_name(struct import_rows *rows, const struct zone_set *set)
{
    char names[ZONE_NAMES_SIZE];
    if (!rows->order->is_meant || table_get(&rows->set_names, set->id.value))
        return;
    zone_names_join(rows->zone_table, set, names);
    table_put(&rows->set_names, set->id.value, memory_text(names, strlen(names)));
}

enum status import_rows_zones(struct import_rows *rows, const struct store_port *store,
                              const struct zone_table *zones, struct error *err)
{
    rows->store = store;
    rows->zone_table = zones;
    rows->named_ids = memory_new(zones->count, sizeof(*rows->named_ids));
    rows->zones = number_zone_map_create(zones);
    size_t count = number_zone_map_count(rows->zones);
    rows->zone_ids = memory_new(count, sizeof(*rows->zone_ids));
    rows->zip_ids = memory_new((count + 1) * ZIP_ZONE_NAMES_MAX, sizeof(*rows->zip_ids));
    for (size_t i = 0; i < count; i++) {
        struct zone_set set = *number_zone_map_set(rows->zones, (int)i);
        enum status status = store->ops->zone_set_intern(store->self, zones, &set, err);
        if (status)
            return status;
        rows->zone_ids[i] = set.id;
        set_name(rows, &set);
    }
    return STATUS_OK;
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
                         CSV_FIELD_MAX);
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

/* A column that an export adds to the list's own. */
static int32_t find_system(struct import_rows *rows, const char *prefix, const char *name)
{
    char whole[CSV_HEADER_MAX * 4 + 64];
    snprintf(whole, sizeof(whole), "%s%s", prefix, name);
    for (int32_t i = 0; i < rows->order->column_count; i++)
        if (strcmp(rows->order->columns[i].name, whole) == 0)
            return -1; /* the list's own */
    return find_header(rows, whole);
}

/* Returns how many there are. */
static int32_t find_systems(struct import_rows *rows)
{
    int32_t count = 0;
    for (int c = 0; c < CONTACT_COLUMN_COUNT; c++) {
        rows->of_contact[c] =
            find_system(rows, contact_column_name((enum contact_column)c), "");
        count += rows->of_contact[c] >= 0;
    }
    for (int32_t i = 0; i < rows->order->column_count; i++) {
        const struct import_column *column = &rows->order->columns[i];
        for (int c = 0; c < PHONE_COLUMN_COUNT; c++) {
            rows->of_phone[i][c] =
                column->is_phone
                    ? find_system(rows, phone_column_prefix((enum phone_column)c), column->name)
                    : -1;
            count += rows->of_phone[i][c] >= 0;
        }
    }
    int32_t id = find_system(rows, CONTACT_COLUMN_ID, "");
    rows->is_export = id >= 0 && !rows->order->id_column;
    rows->id_source = rows->is_export ? id : -1;
    return count + (id >= 0);
}

static enum status find_named(struct import_rows *rows, const char *name, int32_t *column,
                              struct error *err)
{
    *column = name && *name ? find_header(rows, name) : -1;
    if (!name || !*name || *column >= 0)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "line 1",
                     "the retention column \"%s\" is not in the header", name);
}

static enum status find_retention(struct import_rows *rows, struct error *err)
{
    const struct import_order *order = rows->order;
    enum status status = find_named(rows, order->retention_type, &rows->retention_type, err);
    if (!status)
        status = find_named(rows, order->retention_days, &rows->retention_days, err);
    return status ? status
                  : find_named(rows, order->retention_date, &rows->retention_date, err);
}

static enum status find_id(struct import_rows *rows, struct error *err)
{
    const char *name = rows->order->id_column;
    if (!name)
        return STATUS_OK;
    rows->id_source = find_header(rows, name);
    if (rows->id_source < 0)
        return error_set(err, STATUS_INVALID, "line 1",
                         "the id column \"%s\" is not in the header", name);
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
    if (rows->header_count - find_systems(rows) > CSV_COLUMN_MAX)
        return error_set(err, STATUS_INVALID, "line 1", "the file has more than %d columns",
                         CSV_COLUMN_MAX);
    for (int32_t i = 0; i < order->column_count; i++) {
        const char *zone = order->columns[i].zone_column;
        rows->source[i] = find_header(rows, order->columns[i].name);
        rows->zone_source[i] = zone ? find_header(rows, zone) : -1;
        if (order->columns[i].is_phone && !phone)
            phone = order->columns[i].name;
        has_phone = has_phone || (order->columns[i].is_phone && rows->source[i] >= 0);
    }
    status = find_retention(rows, err);
    if (status || rows->is_export)
        return status;
    if (!phone)
        return error_set(err, STATUS_INVALID, "", "the list has no phone column");
    if (!has_phone)
        return error_set(err, STATUS_INVALID, "line 1",
                         "no phone column is in the header: \"%s\" is missing", phone);
    return find_id(rows, err);
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
    refused_row(rows->refusals, row->line, column >= 0 ? rows->header[column] : "", reason,
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

static const char *set_intern(struct import_rows *rows, struct zone_set *set,
                              struct zone_set_id *id)
{
    struct error err;
    if (rows->store->ops->zone_set_intern(rows->store->self, rows->zone_table, set, &err) !=
        STATUS_OK)
        return "its time zone could not be stored; import it again";
    *id = set->id;
    set_name(rows, set);
    return NULL;
}

/* The zones of a number (its set; -1: not known) and of the row's ZIP code together. NULL, or
 * why the row is refused. */
static const char *add_zip(struct import_rows *rows, const struct csv_row *row, int number_set,
                           struct zone_set_id *id)
{
    int32_t column = rows->order->zip_column ? rows->source[rows->order->zip_column - 1] : -1;
    int zip =
        column >= 0 ? zip_zone_find(row->values[column].text, row->values[column].len) : -1;
    if (zip < 0)
        return NULL;
    struct zone_set_id *known = &rows->zip_ids[(number_set + 1) * ZIP_ZONE_NAMES_MAX + zip];
    if (!known->value) {
        struct zone_set set = {.count = 0};
        if (number_set >= 0)
            set = *number_zone_map_set(rows->zones, number_set);
        zip_zone_add(rows->zone_table, zip, &set);
        const char *wrong = set.count ? set_intern(rows, &set, known) : NULL;
        if (wrong)
            return wrong;
    }
    *id = *known;
    return NULL;
}

/* The zone that the row names for a phone column, as a set; an empty text leaves what the
 * number says. NULL, or why the row is refused. */
static const char *read_zone(struct import_rows *rows, struct csv_value value,
                             struct zone_set_id *id)
{
    char name[ZONE_NAME_SIZE];
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
        const char *wrong = set_intern(rows, &set, &rows->named_ids[index]);
        if (wrong)
            return wrong;
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
        const char *late = add_zip(rows, row, set, &address->zone_set);
        if (late)
            return refuse(rows, row, -1, late);
        int32_t zone_source = rows->zone_source[i];
        const char *wrong = zone_source >= 0
                                ? read_zone(rows, row->values[zone_source], &address->zone_set)
                                : NULL;
        if (wrong && !rows->is_export)
            return refuse(rows, row, zone_source, wrong);
        valid += verdict == NUMBER_VALID;
    }
    if (!valid && !rows->is_export)
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
    if (rows->order->contact_id)
        contact->own.value =
            rows->order->contact_id(rows->order->context, contact->external_id);
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
            value = order->trims ? trim(row->values[rows->source[i]])
                                 : row->values[rows->source[i]];
        if (i)
            out[at++] = ',';
        at += contact_data_put(out + at, value.text, value.len);
    }
    out[at++] = ']';
    return arena_text(arena, out, at);
}

/* --- System columns
 * ----------------------------------------------------------------------------------- */

static struct csv_value value_of(const struct csv_row *row, int32_t column)
{
    return column >= 0 ? trim(row->values[column]) : (struct csv_value){"", 0};
}

/* 1, 0, or -1 where the column is not there or empty; -2: neither. */
static int flag_of(const struct csv_row *row, int32_t column)
{
    struct csv_value value = value_of(row, column);
    if (!value.len)
        return -1;
    if (value.len == 1 && (*value.text == '0' || *value.text == '1'))
        return *value.text - '0';
    if (value.len == 4 && strncasecmp(value.text, "true", 4) == 0)
        return 1;
    return value.len == 5 && strncasecmp(value.text, "false", 5) == 0 ? 0 : -2;
}

/* Two columns that say the same: a 0 in either counts. */
static bool flags_read(struct import_rows *rows, const struct csv_row *row, int32_t first,
                       int32_t second, int *flag)
{
    int a = flag_of(row, first), b = flag_of(row, second);
    if (a == -2 || b == -2)
        return refuse(rows, row, a == -2 ? first : second, "this is neither 1 nor 0");
    *flag = a == 0 || b == 0 ? 0 : (a == 1 || b == 1 ? 1 : -1);
    return true;
}

static bool text_read(struct csv_value value, char *text, size_t room)
{
    if (value.len >= room)
        return false;
    snprintf(text, room, "%.*s", (int)value.len, value.text);
    return true;
}

static bool mark_read(struct import_rows *rows, const struct csv_row *row, int32_t column,
                      struct contact_mark *mark)
{
    const int32_t *source = rows->of_phone[column];
    struct csv_value at = value_of(row, source[PHONE_LAST_ATTEMPT]);
    char text[64];
    int flag = -1;
    if (!flags_read(rows, row, source[PHONE_CALLABLE], source[PHONE_BY_VOICE], &flag))
        return false;
    if (flag >= 0)
        mark->callable = flag ? CALLABLE_YES : CALLABLE_NO;
    if (!at.len)
        return true;
    if (!text_read(at, text, sizeof(text)) || !wall_parse(text, &mark->last_at))
        return refuse(rows, row, source[PHONE_LAST_ATTEMPT],
                      "this is not a date such as 2026-01-31T09:30:00.000Z");
    mark->has_record = true;
    if (text_read(value_of(row, source[PHONE_LAST_RESULT]), text, sizeof(text)))
        mark->last_outcome = outcome_from_wrapup_name(text);
    if (rows->order->wrapup_id &&
        text_read(value_of(row, source[PHONE_LAST_WRAPUP]), text, sizeof(text)))
        mark->last_wrapup.value = rows->order->wrapup_id(rows->order->context, text);
    return true;
}

struct extra_text {
    char *at;
    size_t len;
    bool has_some;
};

static void extra_put(struct extra_text *extra, const char *text)
{
    size_t len = strlen(text);
    memcpy(extra->at + extra->len, text, len);
    extra->len += len;
}

/* ,"<column>":{...} of every phone column for which `write` writes something. */
static void extra_columns(struct import_rows *rows, const struct csv_row *row,
                          struct extra_text *extra, const char *head,
                          bool (*write)(struct extra_text *extra, const struct csv_row *row,
                                        const int32_t *source))
{
    bool is_first = true;
    for (int32_t i = 0; i < rows->order->column_count; i++) {
        const char *name = rows->order->columns[i].name;
        size_t start = extra->len;
        if (!rows->order->columns[i].is_phone)
            continue;
        extra_put(extra, is_first ? head : ",");
        extra->len += contact_data_put(extra->at + extra->len, name, strlen(name));
        extra_put(extra, ":");
        if (write(extra, row, rows->of_phone[i]))
            is_first = false;
        else
            extra->len = start;
    }
    if (!is_first)
        extra_put(extra, "}");
    extra->has_some = extra->has_some || !is_first;
}

static bool sms_status_put(struct extra_text *extra, const struct csv_row *row,
                           const int32_t *source)
{
    if (flag_of(row, source[PHONE_BY_SMS]) != 0)
        return false;
    extra_put(extra, "{\"contactable\":false}");
    return true;
}

static bool sms_record_put(struct extra_text *extra, const struct csv_row *row,
                           const int32_t *source)
{
    struct csv_value at = value_of(row, source[PHONE_SMS_ATTEMPT]);
    struct csv_value result = value_of(row, source[PHONE_SMS_RESULT]);
    if (!at.len && !result.len)
        return false;
    extra_put(extra, "{\"timestamp\":");
    extra->len += contact_data_put(extra->at + extra->len, at.text, at.len);
    extra_put(extra, ",\"wrapupCodeId\":");
    extra->len += contact_data_put(extra->at + extra->len, result.text, result.len);
    extra_put(extra, "}");
    return true;
}

/* What the columns of other channels say, as the API keeps it. */
static const char *extra_read(struct import_rows *rows, const struct csv_row *row,
                              struct arena *arena)
{
    size_t room = 512;
    for (int32_t i = 0; i < row->count; i++)
        room += row->values[i].len * 6 + strlen(rows->header[i]) * 12 + 64;
    rows->scratch = memory_grow(rows->scratch, &rows->scratch_capacity, room, 1);
    struct extra_text extra = {.at = rows->scratch};
    bool by_sms = flag_of(row, rows->of_contact[COLUMN_BY_SMS]) != 0;
    bool by_email = flag_of(row, rows->of_contact[COLUMN_BY_EMAIL]) != 0;
    extra_put(&extra, "{\"contactableStatus\":{\"Sms\":{\"contactable\":");
    extra_put(&extra, by_sms ? "true" : "false");
    extra_columns(rows, row, &extra, ",\"columnStatus\":{", sms_status_put);
    extra_put(&extra, "},\"Email\":{\"contactable\":");
    extra_put(&extra, by_email ? "true" : "false");
    extra_put(&extra, "}}");
    extra_columns(rows, row, &extra, ",\"latestSmsEvaluations\":{", sms_record_put);
    extra_put(&extra, "}");
    bool has_some = extra.has_some || !by_sms || !by_email;
    return has_some ? arena_text(arena, extra.at, extra.len) : "{}";
}

static bool read_system(struct import_rows *rows, const struct csv_row *row,
                        struct arena *arena, struct contact_write *contact)
{
    int flag = -1;
    if (rows->order->clears_system_data || !rows->is_export)
        return true;
    if (!flags_read(rows, row, rows->of_contact[COLUMN_CALLABLE],
                    rows->of_contact[COLUMN_BY_VOICE], &flag))
        return false;
    contact->callable = flag < 0 ? CALLABLE_KEPT : (flag ? CALLABLE_YES : CALLABLE_NO);
    for (int32_t i = 0; i < contact->address_count; i++)
        if (!mark_read(rows, row, contact->addresses[i].column, &contact->marks[i]))
            return false;
    contact->extra = extra_read(rows, row, arena);
    if (strlen(contact->extra) > CONTACT_EXTRA_MAX)
        return refuse(rows, row, -1, "the system columns are too long once they are stored");
    return true;
}

/* Asked of the contact as the store would make it. */
static bool is_meant(struct import_rows *rows, const struct contact_write *contact)
{
    const struct import_order *order = rows->order;
    struct contact hot = {.version = 0};
    if (!order->is_meant)
        return true;
    (void)contact_fill(&hot, contact, order->now);
    const char *zones[ADDRESS_MAX];
    for (int32_t i = 0; i < hot.address_count; i++)
        zones[i] = table_get(&rows->set_names, hot.addresses[i].zone_set.value);
    const struct filter_contact asked = {.hot = &hot,
                                         .external_id = contact->external_id,
                                         .data = contact->data,
                                         .updated_at = order->now,
                                         .zones = zones};
    bool is = order->is_meant(order->context, &asked);
    rows->rows_filtered += !is;
    return is;
}

static const char *retention_text(const struct csv_row *row, int32_t column, char text[40])
{
    struct csv_value value = column >= 0 ? trim(row->values[column]) : (struct csv_value){0};
    snprintf(text, 40, "%.*s", (int)(value.len < 39 ? value.len : 39),
             value.text ? value.text : "");
    return text;
}

/* How long the contact is kept; false where the row is refused. */
static bool read_retention(struct import_rows *rows, const struct csv_row *row,
                           struct contact_write *contact)
{
    const struct import_order *order = rows->order;
    enum retention retention = RETENTION_DAYS; /* days alone say it */
    char type[40], days[40], date[40], *end = days;
    retention_text(row, rows->retention_type, type);
    retention_text(row, rows->retention_days, days);
    retention_text(row, rows->retention_date, date);
    int64_t count = *days ? strtoll(days, &end, 10) : 0;
    if (*days && (*end || count < 1 || count > RETENTION_DAYS_MAX))
        return refuse(rows, row, rows->retention_days,
                      "this is not a number of days from 1 to 3650");
    if (*type && !retention_from_name(type, true, &retention))
        return refuse(rows, row, rows->retention_type,
                      "a contact is kept by Never, Today or RetentionDays");
    if (*type && retention == RETENTION_DAYS && !count)
        return refuse(rows, row,
                      rows->retention_days >= 0 ? rows->retention_days : rows->retention_type,
                      "it is kept for days, and how many is not said");
    contact->has_expiry = *type || count || *date;
    if (*type || count)
        contact->expires_at = retention_end(retention, count, order->now, order->zone);
    else if (*date && !filter_date(date, strlen(date), &contact->expires_at))
        return refuse(rows, row, rows->retention_date,
                      "this is not a date like 2026-11-24T09:30:00Z");
    return true;
}

bool import_rows_contact(struct import_rows *rows, const struct csv_row *row,
                         struct arena *arena, struct contact_write *contact)
{
    rows->rows_read++;
    *contact = (struct contact_write){.is_callable = true,
                                      .keeps_callable = !rows->order->clears_system_data,
                                      .keeps_priority = true,
                                      .clears_system_data = rows->order->clears_system_data};
    if (!check_row(rows, row) || !read_numbers(rows, row, contact) ||
        !read_id(rows, row, arena, contact) || !read_retention(rows, row, contact) ||
        !read_system(rows, row, arena, contact))
        return false;
    contact->data = make_data(rows, row, arena);
    if (strlen(contact->data) > CONTACT_DATA_MAX)
        return refuse(rows, row, -1, "the row is too long once it is stored");
    return is_meant(rows, contact) && check_numbers_new(rows, row, contact);
}
