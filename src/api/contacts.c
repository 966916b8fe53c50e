/* Contacts of a list, by the API: at most 1,000 at once, one transaction each time. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/internal.h"

#define CONTACTS_AT_ONCE 1000
#define CONTACT_ID_MAX 100
#define CONTACT_VALUE_MAX 512

/* --- Reading --------------------------------------------------------------------------------
 */

/* The zones in which an address may be called: by its own column, or by the number itself. */
static enum status zone_set_find(struct call *call, const struct list_columns *columns,
                                 const char *const *values, int32_t phone, int64_t number,
                                 struct zone_set_id *id)
{
    struct api *api = call->api;
    struct zone_set set = {.count = 0};
    int16_t column = columns->phone_zones[phone];
    const struct zone *zone =
        column >= 0 ? zone_find(api->options.zones, values[column]) : NULL;
    if (zone)
        set.zones[set.count++] = (int16_t)(zone - api->options.zones->zones);
    else if (number && api->options.numbers.zones)
        api->options.numbers.zones(api->options.numbers.context, number, &set);
    if (!set.count)
        return STATUS_OK;
    enum status status = STORE(api, zone_set_intern, api->options.zones, &set, &call->err);
    if (status == STATUS_OK && api->runtime) {
        struct event event = {.kind = EVENT_CONFIG_ZONE_SET, .zone_set = set};
        status = runtime_ask(api->runtime, &event, &call->err);
    }
    *id = set.id;
    return status;
}

static enum status addresses_read(struct call *call, const struct list_columns *columns,
                                  const char *const *values, struct contact_write *contact)
{
    for (int32_t i = 0; i < columns->phone_count; i++) {
        const char *text = values[columns->phones[i]];
        if (!*text)
            continue;
        struct contact_address *address = &contact->addresses[contact->address_count++];
        address->column = columns->phones[i];
        address->number =
            call->api->options.numbers.parse(call->api->options.numbers.context, text);
        enum status status =
            zone_set_find(call, columns, values, i, address->number, &address->zone_set);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static const char *trimmed(struct call *call, const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t len = strlen(text);
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    return arena_text(call->arena, text, len);
}

/* {"column": "text"} -> values by column position. */
static enum status values_read(struct call *call, const struct list_columns *columns,
                               const json_t *data, const char **values)
{
    const char *name = NULL;
    json_t *value = NULL;
    for (int32_t i = 0; i < columns->count; i++)
        values[i] = "";
    json_object_foreach((json_t *)(uintptr_t)data, name, value)
    {
        char path[ERROR_PATH_MAX];
        const char *text = "";
        int16_t column = list_column_find(columns, name);
        snprintf(path, sizeof(path), "data.%.100s", name);
        if (column < 0)
            return error_set(&call->err, STATUS_INVALID, path, "is not a column of the list");
        if (!json_is_null(value) && json_member_text(data, name, false, CONTACT_VALUE_MAX,
                                                     &text, &call->err) != STATUS_OK) {
            error_prefix(&call->err, "data");
            return STATUS_INVALID;
        }
        values[column] = columns->trims ? trimmed(call, text) : text;
    }
    return STATUS_OK;
}

static const char *values_text(struct call *call, const struct list_columns *columns,
                               const char *const *values)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < columns->count; i++)
        json_array_append_new(array, json_string(values[i]));
    char *text = json_dumps(array, JSON_COMPACT);
    const char *kept = arena_text(call->arena, text, strlen(text));
    free(text);
    json_decref(array);
    return kept;
}

static enum status contact_read(struct call *call, const struct list_columns *columns,
                                const json_t *body, struct contact_write *contact)
{
    const char *values[LIST_COLUMN_MAX];
    const char *id = NULL;
    json_t *data = NULL;
    json_t *overrides = NULL;
    bool is_first = false;
    contact->is_callable = true;
    if (!json_is_object(body))
        return error_set(&call->err, STATUS_INVALID, "", "must be an object");
    enum status status = json_member_text(body, "id", false, CONTACT_ID_MAX, &id, &call->err);
    if (status == STATUS_OK)
        status = json_member_object(body, "data", true, &data, &call->err);
    if (status == STATUS_OK)
        status = json_member_bool(body, "callable", false, &contact->is_callable, &call->err);
    if (status == STATUS_OK)
        status =
            json_member_object(body, "configurationOverrides", false, &overrides, &call->err);
    if (status == STATUS_OK && overrides)
        status = json_member_bool(overrides, "priority", false, &is_first, &call->err);
    if (status == STATUS_OK)
        status = values_read(call, columns, data, values);
    if (status != STATUS_OK)
        return status;
    /* One that we drew means that contact where the list has it, and else is as good as any. */
    contact->external_id = id && *id ? id : NULL;
    if (id)
        (void)!guid_parse(&call->api->guid, GUID_CONTACT, id, &contact->own.value);
    contact->priority = is_first ? 255 : 0;
    contact->data = values_text(call, columns, values);
    return addresses_read(call, columns, values, contact);
}

/* --- Writing --------------------------------------------------------------------------------
 */

static const char *contact_id_text(struct call *call, const struct contact_record *record)
{
    return record->external_id ? record->external_id
                               : call_guid(call, GUID_CONTACT, record->hot.id.value);
}

static void addresses_write(const struct list_columns *columns, const struct contact *hot,
                            json_t *out)
{
    json_t *status = json_object();
    json_t *records = json_object();
    for (int32_t i = 0; i < hot->address_count; i++) {
        const struct address *address = &hot->addresses[i];
        if (address->column < 0 || address->column >= columns->count)
            continue;
        const char *name = columns->names[address->column];
        json_object_set_new(status, name,
                            json_pack("{s:b}", "callable", (int)address->is_callable));
        if (!address->last_at.us)
            continue;
        json_t *record =
            json_pack("{s:s}", "lastResult", outcome_wrapup_name(address->last_outcome));
        date_add(record, "lastAttempt", address->last_at);
        json_object_set_new(records, name, record);
    }
    json_object_set_new(out, "phoneNumberStatus", status);
    json_object_set_new(out, "callRecords", records);
}

json_t *contact_write_out(struct call *call, int64_t list, const struct list_columns *columns,
                          const struct contact_record *record)
{
    const char *id = contact_id_text(call, record);
    const char *list_guid = call_guid(call, ENTITY_CONTACT_LIST, list);
    json_t *values = json_loads(record->data, 0, NULL);
    json_t *data = json_object();
    for (int32_t i = 0; i < columns->count; i++) {
        json_t *value = json_array_get(values, (size_t)i);
        json_object_set(data, columns->names[i], value);
        if (!value)
            json_object_set_new(data, columns->names[i], json_string(""));
    }
    json_decref(values);
    json_t *out = json_pack("{s:s,s:s,s:o,s:b,s:{s:b},s:s,s:i}", "id", id, "contactListId",
                            list_guid, "data", data, "callable", (int)record->hot.is_callable,
                            "configurationOverrides", "priority", record->hot.priority >= 255,
                            "state", contact_state_name(record->hot.state), "dataVersion",
                            (int)record->data_version);
    addresses_write(columns, &record->hot, out);
    date_add(out, "dateModified", record->updated_at);
    json_object_set_new(
        out, "selfUri",
        json_string(arena_format(call->arena, "/api/v2/outbound/contactlists/%s/contacts/%s",
                                 list_guid, id)));
    return out;
}

/* --- Lists ----------------------------------------------------------------------------------
 */

bool list_load(struct call *call, struct list *list)
{
    list->document = NULL;
    if (!call_entity(call, "id", ENTITY_CONTACT_LIST, &list->entity))
        return false;
    list->document = resource_document(list->entity.document);
    value_list_columns(list->document, &list->columns);
    return true;
}

bool contact_load(struct call *call, int64_t list, const char *id,
                  struct contact_record *record)
{
    struct contact_id own = {0};
    enum status status = STATUS_NOT_FOUND;
    if (guid_parse(&call->api->guid, GUID_CONTACT, id, &own.value) &&
        contact_list_of(own).value == list)
        status = STORE(call->api, contact_get, own, call->arena, record, &call->err);
    if (status == STATUS_NOT_FOUND)
        status = STORE(call->api, contact_find, (struct list_id){list}, id, call->arena, record,
                       &call->err);
    if (status == STATUS_OK)
        return true;
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return call_fail(call);
    http_respond_error(call->response, 404, "not.found", "",
                       "There is no such contact in this list.");
    return false;
}

/* --- Handlers -------------------------------------------------------------------------------
 */

static void added_respond(struct call *call, const struct list *list,
                          const struct contact_id *ids, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) {
        struct contact_record record;
        if (STORE(call->api, contact_get, ids[i], call->arena, &record, NULL) == STATUS_OK)
            json_array_append_new(
                out, contact_write_out(call, list->entity.id, &list->columns, &record));
    }
    http_respond_json(call->response, 200, out);
}

static bool add_all(struct call *call, const struct list *list, const json_t *body)
{
    size_t count = json_array_size(body);
    struct contact_write *writes = arena_new(call->arena, count + 1, sizeof(*writes));
    struct contact_id *ids = arena_new(call->arena, count + 1, sizeof(*ids));
    bool is_first = http_query_bool(call->request, "priority", false);
    for (size_t i = 0; i < count; i++) {
        if (contact_read(call, &list->columns, json_array_get(body, i), &writes[i]) !=
            STATUS_OK) {
            char prefix[32];
            snprintf(prefix, sizeof(prefix), "[%zu]", i);
            error_prefix(&call->err, prefix);
            return call_fail(call);
        }
        writes[i].actor = call_actor(call);
        if (is_first)
            writes[i].priority = 255;
    }
    if (STORE(call->api, contacts_write, STORE_API, (struct list_id){list->entity.id},
              CONTACT_UPSERT, writes, count, api_now(call->api), ids,
              &call->err) != STATUS_OK) {
        if (call->err.status == STATUS_CONFLICT)
            http_respond_error(call->response, 409, "contact.in.use", call->err.path, "%s: %s",
                               call->err.path, call->err.text);
        else
            call_fail(call);
        return false;
    }
    if (!http_query_bool(call->request, "doNotQueue", false))
        campaigns_extend(call->api, list->entity.id);
    added_respond(call, list, ids, count);
    return true;
}

void contacts_add(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    json_t *body = NULL;
    if (!list_load(&call, &list))
        return;
    if (call_array(&call, CONTACTS_AT_ONCE, &body))
        add_all(&call, &list, body);
    json_decref(list.document);
}

void contact_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    struct contact_record record;
    if (!list_load(&call, &list))
        return;
    if (contact_load(&call, list.entity.id, http_path_param(request, "contactId"), &record))
        http_respond_json(response, 200,
                          contact_write_out(&call, list.entity.id, &list.columns, &record));
    json_decref(list.document);
}

void contact_put(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    struct contact_record record;
    struct contact_write write = {.is_callable = true};
    json_t *body = NULL;
    if (!list_load(&call, &list))
        return;
    if (contact_load(&call, list.entity.id, http_path_param(request, "contactId"), &record) &&
        call_object(&call, &body)) {
        enum status status = contact_read(&call, &list.columns, body, &write);
        int64_t version = record.data_version;
        if (status == STATUS_OK)
            status = json_member_integer(body, "dataVersion", false, 1, INT32_MAX, &version,
                                         &call.err);
        write.external_id = record.external_id;
        write.actor = call_actor(&call);
        if (status == STATUS_OK)
            status = STORE(call.api, contact_update, record.hot.id, (int32_t)version, &write,
                           api_now(call.api), &call.err);
        if (status == STATUS_CONFLICT)
            http_respond_error(response, 409, "contact.in.use", "",
                               "The contact is being called: change it after the call.");
        else if (status != STATUS_OK)
            call_fail(&call);
        else
            contact_get(context, request, response);
    }
    json_decref(list.document);
}

static void remove_and_respond(struct call *call, const struct contact_id *ids, size_t count)
{
    enum status status = STORE(call->api, contacts_remove, call_actor(call), api_now(call->api),
                               ids, count, &call->err);
    if (status == STATUS_CONFLICT)
        http_respond_error(call->response, 409, "contact.in.use", "",
                           "A contact is being called: remove it after the call.");
    else if (status != STATUS_OK)
        call_fail(call);
    else
        http_respond_empty(call->response, 204);
}

void contact_delete(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct contact_record record;
    if (call_entity(&call, "id", ENTITY_CONTACT_LIST, &list) &&
        contact_load(&call, list.id, http_path_param(request, "contactId"), &record))
        remove_and_respond(&call, &record.hot.id, 1);
}

/* ?contactIds=a,b,c; all must be there. */
void contacts_delete(void *context, struct http_request *request,
                     struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    const char *at = http_query(request, "contactIds");
    struct contact_id ids[100];
    size_t count = 0;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    if (!at) {
        http_respond_error(response, 400, "invalid.value", "contactIds",
                           "contactIds: required");
        return;
    }
    while (*at) {
        size_t len = strcspn(at, ",");
        struct contact_record record;
        if (count == ARRAY_LEN(ids)) {
            http_respond_error(response, 400, "invalid.value", "contactIds",
                               "contactIds: at most %zu are taken at once", ARRAY_LEN(ids));
            return;
        }
        if (!contact_load(&call, list.id, arena_text(call.arena, at, len), &record))
            return;
        ids[count++] = record.hot.id;
        at += len + (at[len] == ',');
    }
    remove_and_respond(&call, ids, count);
}

/* Those of the given ids that are there. */
void contacts_bulk(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    json_t *body = NULL;
    if (!list_load(&call, &list))
        return;
    if (call_array(&call, CONTACTS_AT_ONCE, &body)) {
        json_t *out = json_array();
        for (size_t i = 0; i < json_array_size(body); i++) {
            const char *id = json_string_value(json_array_get(body, i));
            struct contact_record record;
            struct http_response nowhere;
            struct call quiet = call;
            http_response_init(&nowhere);
            quiet.response = &nowhere;
            if (id && contact_load(&quiet, list.entity.id, id, &record))
                json_array_append_new(
                    out, contact_write_out(&call, list.entity.id, &list.columns, &record));
            http_response_fini(&nowhere);
        }
        http_respond_json(response, 200, out);
    }
    json_decref(list.document);
}

void contacts_clear(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    enum status status = STORE(call.api, contacts_clear, (struct list_id){list.id}, &call.err);
    if (status == STATUS_CONFLICT)
        http_respond_error(response, 409, "contact.in.use", "",
                           "Contacts that are being called stayed: clear the list after that.");
    else if (status != STATUS_OK)
        call_fail(&call);
    else
        http_respond_empty(response, 204);
}
