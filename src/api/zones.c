/* How the contacts of a list are mapped to time zones. */
#include <string.h>

#include "api/internal.h"
#include "world/zip_zones.h"

struct preview {
    json_t *by_zone, *by_zip; /* contacts by the one zone that they are in */
    int64_t single, single_by_zip, several, several_by_zip;
};

static void zone_add(json_t *zones, const char *name, int64_t contacts)
{
    json_int_t before = json_integer_value(json_object_get(zones, name));
    json_object_set_new(zones, name, json_integer(before + (json_int_t)contacts));
}

static void count_add(struct call *call, struct preview *preview, const struct zone_set *sets,
                      size_t set_count, const struct zone_count *count)
{
    const struct zone_set *set = NULL;
    int64_t by_zip =
        zip_zone_find(count->value, strlen(count->value)) >= 0 ? count->contacts : 0;
    for (size_t i = 0; i < set_count && !set; i++)
        if (sets[i].id.value == count->zone_set)
            set = &sets[i];
    if (count->zone_set < 0 || (set && set->count > 1)) {
        preview->several += count->contacts;
        preview->several_by_zip += by_zip;
    } else if (set && set->count == 1) {
        const char *name = call->api->options.zones->zones[set->zones[0]].name;
        preview->single += count->contacts;
        preview->single_by_zip += by_zip;
        zone_add(preview->by_zone, name, count->contacts);
        if (by_zip)
            zone_add(preview->by_zip, name, by_zip);
    }
}

/* GET .../contactlists/{id}/timezonemappingpreview */
void zone_mapping_preview(void *context, struct http_request *request,
                          struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    struct zone_set *sets = NULL;
    struct zone_count *counts = NULL;
    size_t set_count = 0, count = 0;
    int64_t size = 0;
    if (!call_entity(&call, "id", ENTITY_CONTACT_LIST, &list))
        return;
    json_t *document = resource_document(list.document);
    struct list_columns columns;
    value_list_columns(document, &columns);
    json_decref(document);
    if (!columns.has_automatic_zones) {
        http_respond_error(response, 400, "invalid.value", "automaticTimeZoneMapping",
                           "automaticTimeZoneMapping: the list is not mapped to time zones");
        return;
    }
    if (STORE(call.api, zone_sets_list, call.api->options.zones, call.arena, &sets, &set_count,
              &call.err) ||
        STORE(call.api, contacts_zones, (struct list_id){list.id}, (int16_t)(columns.zip - 1),
              call.arena, &counts, &count, &call.err) ||
        STORE(call.api, contacts_count, (struct list_id){list.id}, &size, &call.err)) {
        call_fail(&call);
        return;
    }
    struct resource_writer writer = call_writer(&call);
    struct preview preview = {.by_zone = json_object(), .by_zip = json_object()};
    for (size_t i = 0; i < count; i++)
        count_add(&call, &preview, sets, set_count, &counts[i]);
    int64_t left = size - preview.single - preview.several;
    http_respond_json(
        response, 200,
        json_pack("{s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "contactList",
                  resource_ref_write(&writer, ENTITY_CONTACT_LIST, list.id),
                  "contactsPerTimeZone", preview.by_zone, "contactsMappedUsingZipCode",
                  preview.by_zip, "contactsMappedToASingleZone", (json_int_t)preview.single,
                  "contactsMappedToASingleZoneUsingZipCode", (json_int_t)preview.single_by_zip,
                  "contactsMappedToMultipleZones", (json_int_t)preview.several,
                  "contactsMappedToMultipleZonesUsingZipCode",
                  (json_int_t)preview.several_by_zip, "contactsInDefaultWindow",
                  (json_int_t)(left > 0 ? left : 0), "contactListSize", (json_int_t)size));
}
