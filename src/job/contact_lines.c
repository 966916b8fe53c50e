#include "job/contact_lines.h"

#include <string.h>

#include "store/export/contact_columns.h"
#include "store/export/contact_data.h"
#include "world/zip_zones.h"

enum status contact_lines_init(struct contact_lines *rows, struct job_run *run,
                               const struct job_list *list, struct error *err)
{
    struct zone_set *sets = NULL;
    size_t count = 0;
    *rows = (struct contact_lines){.run = run, .list = list};
    enum status status =
        RUN_STORE(run, zone_sets_list, run->options->zones, &run->arena, &sets, &count, err);
    if (status != STATUS_OK || count == 0)
        return status;
    /* Ids are given in order and never go. */
    rows->set_count = (size_t)sets[count - 1].id.value;
    rows->sets = arena_new(&run->arena, rows->set_count, sizeof(*rows->sets));
    for (size_t i = 0; i < count; i++)
        rows->sets[sets[i].id.value - 1] = sets[i];
    return STATUS_OK;
}

void contact_lines_header(const struct contact_lines *rows, struct csv_out *out)
{
    const struct list_columns *columns = &rows->list->columns;
    csv_out_text(out, CONTACT_COLUMN_ID);
    for (int32_t i = 0; i < columns->count; i++)
        csv_out_text(out, columns->names[i]);
    for (int column = 0; column < CONTACT_COLUMN_COUNT; column++)
        csv_out_text(out, contact_column_name((enum contact_column)column));
    for (int32_t i = 0; i < columns->phone_count; i++) {
        for (int column = 0; column < PHONE_COLUMN_COUNT; column++) {
            char name[700];
            snprintf(name, sizeof(name), "%s%.600s",
                     phone_column_prefix((enum phone_column)column),
                     columns->names[columns->phones[i]]);
            csv_out_text(out, name);
        }
    }
    csv_out_end_row(out);
}

static void id_put(const struct contact_lines *rows, const struct contact_record *record,
                   struct csv_out *out)
{
    char guid[GUID_SIZE];
    if (record->external_id) {
        csv_out_text(out, record->external_id);
        return;
    }
    guid_format(rows->run->key, GUID_CONTACT, record->hot.id.value, guid);
    csv_out_text(out, guid);
}

static void values_put(const struct contact_lines *rows, const struct contact_record *record,
                       struct csv_out *out)
{
    char value[4 * 512 + 64]; /* 512 characters of UTF-8 */
    const char *at = record->data + 1;
    for (int32_t i = 0; i < rows->list->columns.count; i++) {
        size_t len = 0;
        if (!contact_data_next(&at, value, sizeof(value), &len))
            len = 0;
        csv_out_value(out, value, len);
    }
}

/* What the extra says of a channel ("Sms", "Email"), of the contact or of one column. */
static bool is_contactable(const json_t *extra, const char *channel, const char *column)
{
    const json_t *status =
        json_object_get(json_object_get(extra, "contactableStatus"), channel);
    if (column)
        status = json_object_get(json_object_get(status, "columnStatus"), column);
    return !json_is_false(json_object_get(status, "contactable"));
}

static void time_put(struct wall at, struct csv_out *out)
{
    char text[WALL_TEXT_SIZE] = "";
    if (at.us)
        wall_format(at, text);
    csv_out_text(out, text);
}

static void record_put(const struct contact_lines *rows, const struct address *address,
                       struct csv_out *out)
{
    char guid[GUID_SIZE] = "";
    time_put(address->last_at, out);
    csv_out_text(out, address->last_at.us ? outcome_wrapup_name(address->last_outcome) : "");
    if (address->last_wrapup.value)
        guid_format(rows->run->key, ENTITY_WRAPUP_CODE, address->last_wrapup.value, guid);
    csv_out_text(out, guid);
}

static void sms_put(const json_t *extra, const char *column, struct csv_out *out)
{
    const json_t *evaluation =
        json_object_get(json_object_get(extra, "latestSmsEvaluations"), column);
    const char *at = json_string_value(json_object_get(evaluation, "timestamp"));
    const char *result = json_string_value(json_object_get(evaluation, "wrapupCodeId"));
    csv_out_text(out, at ? at : "");
    csv_out_text(out, result ? result : "");
}

static void zones_put(const struct contact_lines *rows, const struct address *address,
                      struct csv_out *out)
{
    char text[ZONE_SET_MAX * (ZONE_NAME_SIZE + 1)] = "";
    size_t len = 0;
    size_t index = (size_t)address->zone_set.value - 1;
    if (rows->list->columns.has_automatic_zones && address->zone_set.value &&
        index < rows->set_count) {
        const struct zone_set *set = &rows->sets[index];
        const struct zone_table *zones = rows->run->options->zones;
        for (int32_t i = 0; i < set->count && len < sizeof(text); i++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
                                    zones->zones[set->zones[i]].name);
    }
    csv_out_text(out, text);
}

static void zip_zone_put(const struct contact_lines *rows, const struct contact_record *record,
                         struct csv_out *out)
{
    char value[4 * 512 + 64];
    const char *at = record->data + 1;
    int16_t column = (int16_t)(rows->list->columns.zip - 1);
    size_t len = 0;
    for (int16_t i = 0; i <= column; i++)
        if (!contact_data_next(&at, value, sizeof(value), &len))
            len = 0;
    int zone = zip_zone_find(value, len);
    csv_out_text(out, zone >= 0 ? zip_zone_name(zone) : "");
}

static void phone_put(const struct contact_lines *rows, const struct contact_record *record,
                      int16_t column, const json_t *extra, struct csv_out *out)
{
    static const struct address nothing = {.is_callable = true};
    const struct address *address = &nothing;
    const char *name = rows->list->columns.names[column];
    for (int32_t i = 0; i < record->hot.address_count; i++)
        if (record->hot.addresses[i].column == column)
            address = &record->hot.addresses[i];
    record_put(rows, address, out);
    sms_put(extra, name, out);
    csv_out_flag(out, address->is_callable);
    csv_out_flag(out, address->is_callable); /* by voice: the same fact */
    csv_out_flag(out, is_contactable(extra, "Sms", name));
    zones_put(rows, address, out);
}

void contact_lines_put(const struct contact_lines *rows, const struct contact_record *record,
                       struct csv_out *out)
{
    const struct list_columns *columns = &rows->list->columns;
    json_t *extra = record->extra ? json_loads(record->extra, 0, NULL) : NULL;
    id_put(rows, record, out);
    values_put(rows, record, out);
    csv_out_flag(out, record->hot.is_callable);
    csv_out_flag(out, record->hot.is_callable);
    csv_out_flag(out, is_contactable(extra, "Sms", NULL));
    csv_out_flag(out, is_contactable(extra, "Email", NULL));
    zip_zone_put(rows, record, out);
    for (int32_t i = 0; i < columns->phone_count; i++)
        phone_put(rows, record, columns->phones[i], extra, out);
    csv_out_end_row(out);
    json_decref(extra);
}
