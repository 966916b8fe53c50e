/* A dry run: what a file looks like, and what of its rows would become. */
#include <string.h>

#include "store/import/rows.h"

struct surveying {
    struct csv *csv;
    struct side_file *refused;
    struct buffer refusals;
    struct import_rows rows;
    int64_t commas, points; /* values such as 12,5 and 12.5 */
};

/* Digits, one separator, digits. */
static char decimal_of(struct csv_value value)
{
    size_t i = value.len && *value.text == '-' ? 1 : 0, start = i;
    while (i < value.len && value.text[i] >= '0' && value.text[i] <= '9')
        i++;
    if (i == start || i + 1 >= value.len || (value.text[i] != ',' && value.text[i] != '.'))
        return 0;
    char separator = value.text[i];
    for (i++; i < value.len; i++)
        if (value.text[i] < '0' || value.text[i] > '9')
            return 0;
    return separator;
}

/* A header's values are there, and none of them is a number. */
static bool is_header(const struct csv_row *row)
{
    for (int32_t i = 0; i < row->count; i++) {
        struct csv_value value = row->values[i];
        size_t digits = 0;
        for (size_t k = 0; k < value.len; k++)
            digits += value.text[k] >= '0' && value.text[k] <= '9';
        if (!value.len || digits * 2 > value.len)
            return false;
    }
    return row->count > 0;
}

static enum status refusals_write(struct surveying *s, struct error *err)
{
    enum status status = side_file_append(s->refused, &s->refusals, err);
    buffer_clear(&s->refusals);
    return status;
}

static enum status rows_survey(struct surveying *s, import_row_fn on_row, void *context,
                               struct error *err)
{
    struct csv_row row;
    enum status status;
    while ((status = csv_next(s->csv, &row, err)) == STATUS_OK) {
        struct arena arena;
        struct contact_write contact;
        arena_init(&arena);
        for (int32_t i = 0; i < row.count; i++) {
            char decimal = decimal_of(row.values[i]);
            s->commas += decimal == ',';
            s->points += decimal == '.';
        }
        bool is_valid = import_rows_contact(&s->rows, &row, &arena, &contact);
        bool goes_on = !on_row || on_row(context, &row, is_valid);
        arena_fini(&arena);
        if (s->refusals.len > 100000)
            status = refusals_write(s, err);
        if (status != STATUS_OK)
            return status;
        if (!goes_on)
            return error_set(err, STATUS_CONFLICT, "", "it was stopped");
    }
    return status == STATUS_NOT_FOUND ? refusals_write(s, err) : status;
}

static enum status survey_open(struct surveying *s, const struct store_port *store,
                               const struct zone_table *zones, const struct import_order *order,
                               struct arena *arena, struct import_survey *survey,
                               struct error *err)
{
    struct csv_row header;
    const char *called = order->called ? order->called : order->path;
    enum status status = number_reader_create(order->region, &s->rows.numbers, err);
    if (!status)
        status = csv_open(order->path, called, &s->csv, err);
    if (!status)
        status = csv_next(s->csv, &header, err);
    if (status == STATUS_NOT_FOUND && s->csv)
        return error_set(err, STATUS_INVALID, "", "%s is empty", called);
    if (status)
        return status;
    survey->is_windows_1252 = csv_is_windows_1252(s->csv);
    survey->delimiter = csv_delimiter(s->csv);
    survey->has_header = is_header(&header);
    survey->column_count = header.count;
    for (int32_t i = 0; i < header.count; i++)
        survey->columns[i] = arena_text(arena, header.values[i].text, header.values[i].len);
    survey->progress.bytes_total = csv_size(s->csv);
    status = import_rows_header(&s->rows, &header, err);
    survey->is_export = s->rows.is_export;
    if (!status)
        status = import_rows_zones(&s->rows, store, zones, err);
    return status ? status
                  : side_file_open(order->refused_path, REFUSED_HEADER, 0, &s->refused, err);
}

enum status import_survey(const struct store_port *store, const struct zone_table *zones,
                          const struct import_order *order, import_row_fn on_row, void *context,
                          struct arena *arena, struct import_survey *survey, struct error *err)
{
    struct error late;
    struct surveying s = {.csv = NULL};
    memset(survey, 0, sizeof(*survey));
    s.rows.order = order;
    s.rows.refusals = &s.refusals;
    buffer_init(&s.refusals, (size_t)1 << 20);
    enum status status = survey_open(&s, store, zones, order, arena, survey, err);
    if (!status)
        status = rows_survey(&s, on_row, context, err);
    enum status closed = side_file_close(s.refused, &late);
    if (!status && closed) {
        status = closed;
        *err = late;
    }
    survey->decimal = s.commas > s.points ? ',' : (s.points ? '.' : '\0');
    survey->progress.rows_read = s.rows.rows_read;
    survey->progress.rows_refused = s.rows.rows_refused;
    survey->progress.rows_filtered = s.rows.rows_filtered;
    survey->progress.rows_written =
        s.rows.rows_read - s.rows.rows_refused - s.rows.rows_filtered;
    survey->progress.numbers_invalid = s.rows.numbers_invalid;
    survey->progress.bytes_read = s.csv ? csv_position(s.csv) : 0;
    import_rows_fini(&s.rows);
    csv_close(s.csv);
    buffer_fini(&s.refusals);
    return status;
}
