#include "store/contact.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void path_of(size_t index, const char *field, char path[64])
{
    snprintf(path, 64, "[%zu]%s", index, field);
}

enum status contact_check(const struct contact_write *write, size_t index, struct error *err)
{
    char path[64];
    path_of(index, ".id", path);
    if (write->external_id && !write->external_id[0])
        return error_set(err, STATUS_INVALID, path, "an empty id cannot be found again");
    if (write->external_id && strlen(write->external_id) > CONTACT_EXTERNAL_ID_MAX)
        return error_set(err, STATUS_INVALID, path, "the id has more than %d bytes",
                         CONTACT_EXTERNAL_ID_MAX);
    path_of(index, ".data", path);
    if (strlen(write->data) > CONTACT_DATA_MAX)
        return error_set(err, STATUS_INVALID, path, "the contact has more than %d bytes",
                         CONTACT_DATA_MAX);
    path_of(index, ".extra", path);
    if (write->extra && strlen(write->extra) > CONTACT_EXTRA_MAX)
        return error_set(err, STATUS_INVALID, path, "it has more than %d bytes",
                         CONTACT_EXTRA_MAX);
    path_of(index, ".priority", path);
    if (write->priority < INT16_MIN || write->priority > INT16_MAX)
        return error_set(err, STATUS_INVALID, path, "a priority is between %d and %d",
                         INT16_MIN, INT16_MAX);
    path_of(index, ".addresses", path);
    if (write->address_count < 0 || write->address_count > ADDRESS_MAX)
        return error_set(err, STATUS_INVALID, path, "a contact has at most %d addresses",
                         ADDRESS_MAX);
    for (int32_t i = 0; i < write->address_count; i++)
        for (int32_t j = 0; j < i; j++)
            if (write->addresses[i].column == write->addresses[j].column)
                return error_set(err, STATUS_INVALID, path, "column %d is there twice",
                                 write->addresses[i].column);
    return STATUS_OK;
}

/* The address of the same column with the same number; NULL where there is none. */
static const struct address *address_of(const struct contact *contact,
                                        const struct contact_address *like)
{
    for (int32_t i = 0; i < contact->address_count; i++)
        if (contact->addresses[i].column == like->column &&
            contact->addresses[i].number == like->number)
            return &contact->addresses[i];
    return NULL;
}

bool contact_fill(struct contact *hot, const struct contact_write *write, struct wall now)
{
    const struct contact_attributes *attributes = write->attributes;
    struct contact old = *hot;
    hot->version = old.version + 1;
    bool is_new = old.version == 0;
    hot->is_callable = write->keeps_callable && !is_new ? old.is_callable : write->is_callable;
    if (write->callable != CALLABLE_KEPT)
        hot->is_callable = write->callable == CALLABLE_YES;
    hot->priority = write->keeps_priority && !is_new ? old.priority : write->priority;
    hot->address_count = write->address_count;
    for (int32_t i = 0; i < write->address_count; i++) {
        const struct contact_address *from = &write->addresses[i];
        struct address address = {
            .number = from->number,
            .column = from->column,
            .state = i == 0 ? ADDRESS_SCHEDULED : ADDRESS_WAITING,
            .is_callable = true,
        };
        const struct address *before = address_of(&old, from);
        if (before && !write->clears_system_data)
            address = *before;
        bool stays = before && before->is_zone_given && from->zone_source == ZONE_DERIVED;
        address.zone_set = stays ? before->zone_set : from->zone_set;
        address.is_zone_given = stays || from->zone_source == ZONE_GIVEN;
        const struct contact_mark *mark = &write->marks[i];
        if (mark->callable != CALLABLE_KEPT)
            address.is_callable = mark->callable == CALLABLE_YES;
        if (mark->has_record && mark->last_at.us >= address.last_at.us) {
            address.last_at = mark->last_at;
            address.last_outcome = mark->last_outcome;
            address.last_wrapup = mark->last_wrapup;
        }
        hot->addresses[i] = address;
    }
    if (old.version)
        hot->touched_at = now;
    if (!attributes)
        return false;
    hot->preferred_agent = attributes->preferred_agent;
    hot->next_try = attributes->next_try;
    hot->is_top_priority = attributes->is_top_priority;
    return old.next_try.us != hot->next_try.us || old.is_top_priority != hot->is_top_priority;
}

enum status contact_missing(struct contact_id id, struct error *err)
{
    return error_set(err, STATUS_NOT_FOUND, "", "no contact has the id %" PRId64, id.value);
}

enum status contact_running(struct contact_id id, size_t index, struct error *err)
{
    char path[64];
    path_of(index, "", path);
    return error_set(err, STATUS_CONFLICT, path,
                     "contact %" PRId64 " is being called: try again after the call", id.value);
}

enum status contact_exists(const char *external_id, size_t index, struct error *err)
{
    char path[64];
    path_of(index, ".id", path);
    return error_set(err, STATUS_CONFLICT, path, "the list has a contact \"%s\" already",
                     external_id);
}

enum status contact_data_stale(struct contact_id id, int32_t stored, int32_t given,
                               struct error *err)
{
    return error_set(err, STATUS_STALE, "version",
                     "contact %" PRId64 " is at version %d, not %d: read it again and repeat",
                     id.value, stored, given);
}

enum status contact_version_check(const struct contact_write *write, struct contact_id id,
                                  int32_t stored, size_t index, struct error *err)
{
    char path[64];
    if (!write->data_version || write->data_version == stored)
        return STATUS_OK;
    path_of(index, "", path);
    return error_set(err, STATUS_STALE, path,
                     "contact %" PRId64 " is at version %d, not %d: read it again and repeat",
                     id.value, stored, write->data_version);
}
