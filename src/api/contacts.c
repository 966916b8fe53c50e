/* Contacts of a list, by the API: at most 1,000 at once, one transaction each time. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/internal.h"
#include "base/ensure.h"
#include "world/zip_zones.h"

#define CONTACTS_AT_ONCE 1000

/* --- The world of a list's contacts ---------------------------------------------------------
 */

static int64_t parse_number(void *context, const char *text)
{
    const struct list *list = context;
    const struct api_numbers *numbers = &list->call->api->options.numbers;
    return numbers->parse(numbers->context, text);
}

/* The zones in which an address may be called: by its own column, or by the number itself and
 * the contact's ZIP code. */
static enum status zone_set_of(void *context, const struct contact_place *place,
                               struct zone_set_id *id, struct error *err)
{
    const struct list *list = context;
    struct api *api = list->call->api;
    struct zone_set set = {.count = 0};
    const struct zone *zone = *place->zone ? zone_find(api->options.zones, place->zone) : NULL;
    if (zone) {
        (void)zone_set_add(&set, (int16_t)(zone - api->options.zones->zones));
    } else {
        if (place->number && api->options.numbers.zones)
            api->options.numbers.zones(api->options.numbers.context, place->number, &set);
        zip_zone_add(api->options.zones, zip_zone_find(place->zip, strlen(place->zip)), &set);
    }
    if (!set.count)
        return STATUS_OK;
    enum status status = STORE(api, zone_set_intern, api->options.zones, &set, err);
    *id = set.id;
    return status == STATUS_OK ? zone_set_tell(api, set.id, err) : status;
}

static const char *zone_name(void *context, struct zone_set_id id)
{
    struct list *list = context;
    struct api *api = list->call->api;
    if (!list->sets && id.value)
        (void)!STORE(api, zone_sets_list, api->options.zones, list->call->arena, &list->sets,
                     &list->set_count, NULL);
    for (size_t i = 0; id.value && i < list->set_count; i++)
        if (list->sets[i].id.value == id.value && list->sets[i].count == 1)
            return api->options.zones->zones[list->sets[i].zones[0]].name;
    return NULL;
}

void list_open(struct call *call, struct list *list)
{
    list->call = call;
    list->sets = NULL;
    list->set_count = 0;
    list->document = resource_document(list->entity.document);
    value_list_columns(list->document, &list->columns);
    const char *zone = json_string_value(json_object_get(list->document, "timeZone"));
    list->world = (struct contact_world){
        .key = &call->api->guid,
        .columns = &list->columns,
        .parse_number = parse_number,
        .zone_set = zone_set_of,
        .zone_name = zone_name,
        .context = list,
        .now = api_now(call->api),
        .zone = zone ? zone_find(call->api->options.zones, zone) : NULL,
    };
}

bool list_load(struct call *call, struct list *list)
{
    if (!call_entity(call, "id", ENTITY_CONTACT_LIST, &list->entity))
        return false;
    list_open(call, list);
    return true;
}

void list_fini(struct list *list)
{
    json_decref(list->document);
}

json_t *contact_write_out(struct list *list, const struct contact_record *record)
{
    struct call *call = list->call;
    const char *list_guid = call_guid(call, ENTITY_CONTACT_LIST, list->entity.id);
    const char *id = record->external_id ? record->external_id
                                         : call_guid(call, GUID_CONTACT, record->hot.id.value);
    json_t *out = contact_write(&list->world, record);
    json_object_set_new(out, "id", json_string(id));
    json_object_set_new(out, "contactListId", json_string(list_guid));
    json_object_set_new(
        out, "selfUri",
        json_string(arena_format(call->arena, "/api/v2/outbound/contactlists/%s/contacts/%s",
                                 list_guid, id)));
    return out;
}

bool list_contact_read(struct call *call, int64_t id, const json_t *body,
                       const struct contact_record *before, struct contact_write *write)
{
    struct list list;
    if (!list_load(call, &list))
        return false;
    ensure(list.entity.id == id);
    enum status status =
        contact_read(&list.world, body, before, call->arena, write, &call->err);
    list_fini(&list);
    return status == STATUS_OK;
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

static void added_respond(struct call *call, struct list *list, const struct contact_id *ids,
                          size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) {
        struct contact_record record;
        if (STORE(call->api, contact_get, ids[i], call->arena, &record, NULL) == STATUS_OK)
            json_array_append_new(out, contact_write_out(list, &record));
    }
    http_respond_json(call->response, 200, out);
}

static bool add_all(struct call *call, struct list *list, const json_t *body)
{
    size_t count = json_array_size(body);
    struct contact_write *writes = arena_new(call->arena, count + 1, sizeof(*writes));
    struct contact_id *ids = arena_new(call->arena, count + 1, sizeof(*ids));
    bool is_first = http_query_bool(call->request, "priority", false);
    bool clears = http_query_bool(call->request, "clearSystemData", false);
    for (size_t i = 0; i < count; i++) {
        if (contact_read(&list->world, json_array_get(body, i), NULL, call->arena, &writes[i],
                         &call->err) != STATUS_OK) {
            char prefix[32];
            snprintf(prefix, sizeof(prefix), "[%zu]", i);
            error_prefix(&call->err, prefix);
            return call_fail(call);
        }
        writes[i].actor = call_actor(call);
        if (is_first) {
            writes[i].keeps_priority = false;
            writes[i].priority = CONTACT_PRIORITY_FIRST;
        }
        if (clears) {
            writes[i].clears_system_data = true;
            writes[i].keeps_callable = false;
            writes[i].extra = writes[i].extra ? writes[i].extra : "{}";
        }
    }
    if (STORE(call->api, contacts_write, STORE_API, (struct list_id){list->entity.id},
              CONTACT_UPSERT, writes, count, list->world.now, ids, &call->err) != STATUS_OK) {
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
    list_fini(&list);
}

void contact_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    struct contact_record record;
    if (!list_load(&call, &list))
        return;
    if (contact_load(&call, list.entity.id, http_path_param(request, "contactId"), &record))
        http_respond_json(response, 200, contact_write_out(&list, &record));
    list_fini(&list);
}

void contact_put(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    struct contact_record record;
    struct contact_write write;
    json_t *body = NULL;
    if (!list_load(&call, &list))
        return;
    if (contact_load(&call, list.entity.id, http_path_param(request, "contactId"), &record) &&
        call_object(&call, &body)) {
        list.world.now = record.created_at; /* its retention begins there */
        enum status status =
            contact_read(&list.world, body, NULL, call.arena, &write, &call.err);
        int64_t version = record.data_version;
        if (status == STATUS_OK)
            contact_zones_renew(&list.world, &record, &write);
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
    list_fini(&list);
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
                json_array_append_new(out, contact_write_out(&list, &record));
            http_response_fini(&nowhere);
        }
        http_respond_json(response, 200, out);
    }
    list_fini(&list);
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
