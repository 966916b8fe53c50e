#include "resource/contact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/retention.h"
#include "world/zip_zones.h"

/* --- Reading --------------------------------------------------------------------------------
 */

struct reading {
    const struct contact_world *world;
    const json_t *body;
    struct arena *arena;
    const struct contact_record *before; /* NULL: a new one */
    struct contact_write *contact;
    const char *values[LIST_COLUMN_MAX];
    struct error *err;
};

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static enum status wrong(const struct reading *r, const char *first, const char *second,
                         const char *text)
{
    char path[ERROR_PATH_MAX];
    snprintf(path, sizeof(path), "%.60s%s%.60s", first, *second ? "." : "", second);
    return error_set(r->err, STATUS_INVALID, path, "%s", text);
}

/* A member that is absent or null leaves *value alone. */
static enum status bool_read(const struct reading *r, const json_t *object, const char *path,
                             const char *name, const bool **value)
{
    static const bool truth[2] = {false, true};
    const json_t *item = json_object_get(object, name);
    if (!item || json_is_null(item))
        return STATUS_OK;
    if (!json_is_boolean(item))
        return strcmp(path, name) == 0 ? wrong(r, name, "", "must be true or false")
                                       : wrong(r, path, name, "must be true or false");
    *value = &truth[json_is_true(item)];
    return STATUS_OK;
}

static enum status object_of(const struct reading *r, const json_t *object, const char *path,
                             const char *name, json_t **value)
{
    json_t *item = json_object_get(object, name);
    if (!item || json_is_null(item))
        return STATUS_OK;
    if (!json_is_object(item))
        return *path ? wrong(r, path, name, "must be an object")
                     : wrong(r, name, "", "must be an object");
    *value = item;
    return STATUS_OK;
}

static const char *trimmed(struct arena *arena, const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t len = strlen(text);
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    return arena_text(arena, text, len);
}

/* What the contact has already. */
static void values_start(struct reading *r)
{
    json_t *stored = r->before ? json_loads(r->before->data, 0, NULL) : NULL;
    for (int32_t i = 0; i < r->world->columns->count; i++) {
        const char *text = json_string_value(json_array_get(stored, (size_t)i));
        r->values[i] = text ? arena_text(r->arena, text, strlen(text)) : "";
    }
    json_decref(stored);
}

static enum status values_read(struct reading *r, bool is_required)
{
    const struct list_columns *columns = r->world->columns;
    const char *name = NULL;
    json_t *value = NULL;
    json_t *data = json_object_get(r->body, "data");
    if (!data || json_is_null(data))
        return is_required ? wrong(r, "data", "", "required") : STATUS_OK;
    if (!json_is_object(data))
        return wrong(r, "data", "", "must be an object");
    json_object_foreach(data, name, value)
    {
        int16_t column = list_column_find(columns, name);
        const char *text = json_is_null(value) ? "" : json_string_value(value);
        if (column < 0)
            return wrong(r, "data", name, "is not a column of the list");
        if (!text)
            return wrong(r, "data", name, "must be a text");
        if (characters(text) > CONTACT_VALUE_MAX)
            return wrong(r, "data", name, "must have at most 512 characters");
        r->values[column] =
            columns->trims ? trimmed(r->arena, text) : arena_text(r->arena, text, strlen(text));
    }
    return STATUS_OK;
}

static enum status addresses_read(struct reading *r)
{
    const struct contact_world *world = r->world;
    const struct list_columns *columns = world->columns;
    enum status status = STATUS_OK;
    for (int32_t i = 0; status == STATUS_OK && i < columns->phone_count; i++) {
        const char *text = r->values[columns->phones[i]];
        int16_t zone = columns->phone_zones[i];
        if (!*text)
            continue;
        struct contact_address *address = &r->contact->addresses[r->contact->address_count++];
        address->column = columns->phones[i];
        address->number = world->parse_number(world->context, text);
        const struct contact_place place = {.zone = zone >= 0 ? r->values[zone] : "",
                                            .zip =
                                                columns->zip ? r->values[columns->zip - 1] : "",
                                            .number = address->number};
        status = world->zone_set(world->context, &place, &address->zone_set, r->err);
    }
    return status;
}

static void mark_put(const struct reading *r, int16_t column, bool is_callable)
{
    for (int32_t i = 0; i < r->contact->address_count; i++)
        if (r->contact->addresses[i].column == column)
            r->contact->marks[i].callable = is_callable ? CALLABLE_YES : CALLABLE_NO;
}

/* {"column": {"<flag>": bool}} */
static enum status marks_read(const struct reading *r, json_t *columns, const char *path,
                              const char *flag)
{
    const char *name = NULL;
    json_t *status = NULL;
    json_object_foreach(columns, name, status)
    {
        int16_t column = list_column_find(r->world->columns, name);
        bool is_phone = false;
        const bool *value = NULL;
        for (int32_t i = 0; i < r->world->columns->phone_count; i++)
            is_phone = is_phone || r->world->columns->phones[i] == column;
        if (!is_phone)
            return wrong(r, path, name, "is not a phone column of the list");
        if (!json_is_object(status))
            return wrong(r, path, name, "must be an object");
        if (bool_read(r, status, path, flag, &value) != STATUS_OK)
            return STATUS_INVALID;
        if (value)
            mark_put(r, column, *value);
    }
    return STATUS_OK;
}

static void callable_put(const struct reading *r, bool is_callable)
{
    /* Two fields say the same: who says no is heard. */
    if (r->contact->callable != CALLABLE_NO)
        r->contact->callable = is_callable ? CALLABLE_YES : CALLABLE_NO;
}

static enum status voice_read(const struct reading *r, json_t *status)
{
    json_t *voice = NULL, *columns = NULL;
    const bool *value = NULL;
    if (object_of(r, status, "contactableStatus", "Voice", &voice) != STATUS_OK ||
        bool_read(r, voice, "contactableStatus.Voice", "contactable", &value) != STATUS_OK ||
        object_of(r, voice, "contactableStatus.Voice", "columnStatus", &columns) != STATUS_OK)
        return STATUS_INVALID;
    if (value)
        callable_put(r, *value);
    return marks_read(r, columns, "contactableStatus.Voice.columnStatus", "contactable");
}

static enum status callable_read(const struct reading *r)
{
    json_t *phones = NULL, *status = NULL, *overrides = NULL;
    const bool *is_callable = NULL, *is_first = NULL;
    if (bool_read(r, r->body, "callable", "callable", &is_callable) != STATUS_OK ||
        object_of(r, r->body, "", "phoneNumberStatus", &phones) != STATUS_OK ||
        object_of(r, r->body, "", "contactableStatus", &status) != STATUS_OK ||
        object_of(r, r->body, "", "configurationOverrides", &overrides) != STATUS_OK ||
        bool_read(r, overrides, "configurationOverrides", "priority", &is_first) != STATUS_OK)
        return STATUS_INVALID;
    if (is_callable)
        callable_put(r, *is_callable);
    r->contact->keeps_priority = !is_first;
    r->contact->priority = is_first && *is_first ? CONTACT_PRIORITY_FIRST : 0;
    if (marks_read(r, phones, "phoneNumberStatus", "callable") != STATUS_OK)
        return STATUS_INVALID;
    return voice_read(r, status);
}

static const char *const beside[] = {"contactableStatus",      "latestSmsEvaluations",
                                     "latestEmailEvaluations", "latestWhatsAppEvaluations",
                                     "retentionType",          "retentionDays"};

/* Its own retention: by type and days since it was made, or until a date. What the body says is
 * kept beside, to be read again. */
static enum status expiry_read(const struct reading *r)
{
    const json_t *type = json_object_get(r->body, "retentionType");
    const json_t *days = json_object_get(r->body, "retentionDays");
    const json_t *date = json_object_get(r->body, "dateExpiration");
    struct wall from = r->before ? r->before->created_at : r->world->now;
    enum retention retention = RETENTION_NEVER;
    bool has_type = type && !json_is_null(type), has_days = days && !json_is_null(days);
    if (has_type && (!json_is_string(type) ||
                     !retention_from_name(json_string_value(type), false, &retention)))
        return wrong(r, "retentionType", "", "must be one of Never, Today, RetentionDays");
    if (has_days && (!json_is_integer(days) || json_integer_value(days) < 1 ||
                     json_integer_value(days) > RETENTION_DAYS_MAX))
        return wrong(r, "retentionDays", "", "must be a whole number from 1 to 3650");
    if (retention == RETENTION_DAYS && !has_days)
        return wrong(r, "retentionDays", "", "required when retentionType is RetentionDays");
    if (has_type) {
        r->contact->has_expiry = true;
        r->contact->expires_at =
            retention_end(retention, json_integer_value(days), from, r->world->zone);
    } else if (date && !json_is_null(date)) {
        r->contact->has_expiry = true;
        if (!json_is_string(date) ||
            !wall_parse(json_string_value(date), &r->contact->expires_at))
            return wrong(r, "dateExpiration", "", "must be a date like 2026-11-24T09:30:00Z");
    }
    return STATUS_OK;
}

/* What no call needs. */
static enum status extra_read(const struct reading *r)
{
    json_t *extra =
        r->before && r->before->extra ? json_loads(r->before->extra, 0, NULL) : NULL;
    bool has_some = false;
    extra = extra ? extra : json_object();
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        const json_t *value = json_object_get(r->body, beside[i]);
        if (!value || json_is_null(value))
            continue;
        json_t *copy = json_deep_copy(value);
        if (i == 0)
            json_object_del(copy, "Voice"); /* has its place */
        json_object_set_new(extra, beside[i], copy);
        has_some = true;
    }
    if (r->contact->has_expiry && !json_object_get(r->body, "retentionType")) {
        json_object_del(extra, "retentionType"); /* a date is no type */
        json_object_del(extra, "retentionDays");
        has_some = true;
    }
    char *text = has_some ? json_dumps(extra, JSON_COMPACT) : NULL;
    r->contact->extra = text ? arena_text(r->arena, text, strlen(text)) : NULL;
    free(text);
    json_decref(extra);
    return STATUS_OK;
}

static const char *data_write(const struct reading *r)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < r->world->columns->count; i++)
        json_array_append_new(array, json_string(r->values[i]));
    char *text = json_dumps(array, JSON_COMPACT);
    const char *kept = arena_text(r->arena, text, strlen(text));
    free(text);
    json_decref(array);
    return kept;
}

static enum status id_read(const struct reading *r)
{
    const json_t *id = json_object_get(r->body, "id");
    const char *text = json_string_value(id);
    if (!id || json_is_null(id))
        return STATUS_OK;
    if (!text)
        return wrong(r, "id", "", "must be a text");
    if (characters(text) > CONTACT_ID_MAX)
        return wrong(r, "id", "", "must have at most 100 characters");
    /* One that we drew means that contact where the list has it, and else is as good as any. */
    if (*text)
        r->contact->external_id = arena_text(r->arena, text, strlen(text));
    (void)!guid_parse(r->world->key, GUID_CONTACT, text, &r->contact->own.value);
    return STATUS_OK;
}

enum status contact_read(const struct contact_world *world, const json_t *body,
                         const struct contact_record *before, struct arena *arena,
                         struct contact_write *contact, struct error *err)
{
    struct reading r = {.world = world,
                        .body = body,
                        .arena = arena,
                        .before = before,
                        .contact = contact,
                        .err = err};
    *contact = (struct contact_write){.is_callable = true, .keeps_callable = true};
    if (!json_is_object(body))
        return error_set(err, STATUS_INVALID, "", "must be an object");
    values_start(&r);
    enum status status = before ? STATUS_OK : id_read(&r);
    if (status == STATUS_OK)
        status = values_read(&r, !before);
    if (status == STATUS_OK)
        status = addresses_read(&r);
    if (status == STATUS_OK)
        status = callable_read(&r);
    if (status == STATUS_OK)
        status = expiry_read(&r);
    if (status == STATUS_OK)
        status = extra_read(&r);
    if (before) {
        contact->own = before->hot.id;
        contact->external_id = before->external_id;
        contact->data_version = before->data_version;
    }
    contact->data = data_write(&r);
    if (status == STATUS_OK && before)
        contact_zones_renew(world, before, contact);
    return status;
}

static const char *value_at(const json_t *values, int16_t column)
{
    const char *text =
        column < 0 ? NULL : json_string_value(json_array_get(values, (size_t)column));
    return text ? text : "";
}

static int16_t zone_column_of(const struct list_columns *columns, int16_t phone)
{
    for (int32_t i = 0; i < columns->phone_count; i++)
        if (columns->phones[i] == phone)
            return columns->phone_zones[i];
    return -1;
}

void contact_zones_renew(const struct contact_world *world, const struct contact_record *before,
                         struct contact_write *contact)
{
    json_t *were = json_loads(before->data, 0, NULL), *are = json_loads(contact->data, 0, NULL);
    int16_t zip = (int16_t)(world->columns->zip - 1);
    bool has_moved = strcmp(value_at(were, zip), value_at(are, zip)) != 0;
    for (int32_t i = 0; i < contact->address_count; i++) {
        int16_t zone = zone_column_of(world->columns, contact->addresses[i].column);
        if (has_moved || strcmp(value_at(were, zone), value_at(are, zone)) != 0)
            contact->addresses[i].zone_source = ZONE_RENEWED;
    }
    json_decref(were);
    json_decref(are);
}

/* --- Writing --------------------------------------------------------------------------------
 */

static void date_put(json_t *out, const char *name, struct wall at)
{
    char text[WALL_TEXT_SIZE];
    if (!at.us)
        return;
    wall_format(at, text);
    json_object_set_new(out, name, json_string(text));
}

static json_t *data_of(const struct contact_world *world, const struct contact_record *record)
{
    json_t *values = json_loads(record->data, 0, NULL);
    json_t *data = json_object();
    for (int32_t i = 0; i < world->columns->count; i++) {
        json_t *value = json_array_get(values, (size_t)i);
        json_object_set_new(data, world->columns->names[i],
                            value ? json_incref(value) : json_string(""));
    }
    json_decref(values);
    return data;
}

static void address_put(const struct contact_world *world, const struct address *address,
                        json_t *status, json_t *voice, json_t *records, json_t *zones)
{
    const char *name = world->columns->names[address->column];
    const char *zone = world->zone_name(world->context, address->zone_set);
    json_object_set_new(status, name,
                        json_pack("{s:b}", "callable", (int)address->is_callable));
    json_object_set_new(voice, name,
                        json_pack("{s:b}", "contactable", (int)address->is_callable));
    if (zone)
        json_object_set_new(zones, name,
                            json_pack("{s:s,s:s}", "timeZone", zone, "columnType", "PHONE"));
    if (!address->last_at.us)
        return;
    json_t *record =
        json_pack("{s:s}", "lastResult", outcome_wrapup_name(address->last_outcome));
    date_put(record, "lastAttempt", address->last_at);
    json_object_set_new(records, name, record);
}

static void zip_zone_put(const struct contact_world *world, const json_t *data, json_t *zones)
{
    int16_t column = (int16_t)(world->columns->zip - 1);
    const char *name = column >= 0 ? world->columns->names[column] : "";
    const char *text = column >= 0 ? json_string_value(json_object_get(data, name)) : NULL;
    int zone = text ? zip_zone_find(text, strlen(text)) : -1;
    if (zone >= 0)
        json_object_set_new(
            zones, name,
            json_pack("{s:s,s:s}", "timeZone", zip_zone_name(zone), "columnType", "ZIP"));
}

static void channel_default(json_t *status, const char *channel)
{
    if (!json_object_get(status, channel))
        json_object_set_new(status, channel,
                            json_pack("{s:b,s:{}}", "contactable", 1, "columnStatus"));
}

json_t *contact_write(const struct contact_world *world, const struct contact_record *record)
{
    const struct contact *hot = &record->hot;
    json_t *out =
        json_pack("{s:o,s:b,s:{s:b},s:s,s:i}", "data", data_of(world, record), "callable",
                  (int)hot->is_callable, "configurationOverrides", "priority",
                  hot->priority >= CONTACT_PRIORITY_FIRST, "state",
                  contact_state_name(hot->state), "dataVersion", (int)record->data_version);
    json_t *status = json_object(), *voice = json_object(), *records = json_object(),
           *zones = json_object();
    for (int32_t i = 0; i < hot->address_count; i++)
        if (hot->addresses[i].column >= 0 && hot->addresses[i].column < world->columns->count)
            address_put(world, &hot->addresses[i], status, voice, records, zones);
    zip_zone_put(world, json_object_get(out, "data"), zones);
    json_object_set_new(out, "phoneNumberStatus", status);
    json_object_set_new(out, "callRecords", records);
    json_object_set_new(out, "contactColumnTimeZones", zones);
    json_t *extra = record->extra ? json_loads(record->extra, 0, NULL) : NULL;
    json_object_update_missing(out, extra);
    json_decref(extra);
    json_t *channels = json_object_get(out, "contactableStatus");
    if (!channels) {
        channels = json_object();
        json_object_set_new(out, "contactableStatus", channels);
    }
    json_object_set_new(
        channels, "Voice",
        json_pack("{s:b,s:o}", "contactable", (int)hot->is_callable, "columnStatus", voice));
    channel_default(channels, "Sms");
    channel_default(channels, "Email");
    date_put(out, "dateExpiration", record->expires_at);
    date_put(out, "dateCreated", record->created_at);
    date_put(out, "dateModified", record->updated_at);
    return out;
}
