#include "store/postgres/contact_rows.h"

#include <stdlib.h>

void contact_set_want(struct contact_set *set, struct contact_id id)
{
    set->entries =
        memory_grow(set->entries, &set->capacity, set->count + 1, sizeof(*set->entries));
    set->entries[set->count++] = (struct contact_entry){.contact = {.id = id}};
}

static int compare(const void *a, const void *b)
{
    const struct contact_entry *left = a, *right = b;
    return (left->contact.id.value > right->contact.id.value) -
           (left->contact.id.value < right->contact.id.value);
}

void contact_set_send(struct contact_set *set, struct pg_connection *connection, bool locks)
{
    size_t kept = 0;
    if (set->count)
        qsort(set->entries, set->count, sizeof(*set->entries), compare);
    for (size_t i = 0; i < set->count; i++)
        if (!kept || compare(&set->entries[kept - 1], &set->entries[i]) != 0)
            set->entries[kept++] = set->entries[i];
    set->count = kept;
    pg_batch_fini(&set->keys);
    set->keys.column_count = 2;
    for (size_t i = 0; i < set->count; i++)
        PG_ADD(&set->keys, contact_list_of(set->entries[i].contact.id).value,
               set->entries[i].contact.id.value);
    pg_send_batch(connection, locks ? PG_STATE_LOCK : PG_STATE_GET, &set->keys);
    pg_send_batch(connection, PG_ADDRESS_GET, &set->keys);
}

#define FLAG_TOP_PRIORITY 1
#define FLAG_PUT_BACK 2

static int64_t flags_of(const struct contact *contact)
{
    return (contact->is_top_priority ? FLAG_TOP_PRIORITY : 0) |
           (contact->is_put_back ? FLAG_PUT_BACK : 0);
}

static void state_read(const struct pg_rows *rows, struct contact *contact)
{
    contact->version = (int32_t)pg_int(rows, 1);
    contact->state = (enum contact_state)pg_int(rows, 2);
    contact->is_callable = pg_bool(rows, 3);
    contact->priority = (int32_t)pg_int(rows, 4);
    contact->pass = pg_int(rows, 5);
    contact->next_try.us = pg_int(rows, 6);
    int64_t flags = pg_int(rows, 7);
    contact->is_top_priority = (flags & FLAG_TOP_PRIORITY) != 0;
    contact->is_put_back = (flags & FLAG_PUT_BACK) != 0;
    contact->preferred_agent.value = pg_int(rows, 8);
    contact->reschedules = (int32_t)pg_int(rows, 9);
    contact->disposition.value = pg_int(rows, 10);
    contact->touched_at.us = pg_int(rows, 11);
    contact->counted_from.us = pg_int(rows, 12);
}

static void address_read(const struct pg_rows *rows, struct address *address)
{
    int64_t recalls = pg_int(rows, 7);
    *address = (struct address){
        .column = (int16_t)pg_int(rows, 1),
        .number = pg_int(rows, 2),
        .zone_set = {(int32_t)pg_int(rows, 3)},
        .state = (enum address_state)pg_int(rows, 4),
        .is_callable = pg_bool(rows, 5),
        .attempts = (int32_t)pg_int(rows, 6),
        .last_at = {pg_int(rows, 8)},
        .last_outcome = (enum outcome)pg_int(rows, 9),
        .last_wrapup = {pg_int(rows, 10)},
        .is_zone_given = pg_bool(rows, 11),
    };
    for (int i = 0; i < RECALL_COUNT; i++)
        address->recalls[i] = (uint8_t)(recalls >> (8 * i));
}

enum status contact_set_receive(struct contact_set *set, struct pg_connection *connection,
                                struct error *err)
{
    /* Both results are sorted as the set is. */
    size_t at = 0;
    struct pg_rows rows = pg_receive(connection);
    while (pg_next(&rows)) {
        while (set->entries[at].contact.id.value != pg_int(&rows, 0))
            at++;
        state_read(&rows, &set->entries[at].contact);
        set->entries[at].is_found = true;
    }
    enum status status = pg_end(&rows, err);
    if (status)
        return status;
    at = 0;
    rows = pg_receive(connection);
    while (pg_next(&rows)) {
        while (set->entries[at].contact.id.value != pg_int(&rows, 0))
            at++;
        struct contact *contact = &set->entries[at].contact;
        if (contact->address_count < ADDRESS_MAX)
            address_read(&rows, &contact->addresses[contact->address_count++]);
    }
    return pg_end(&rows, err);
}

enum status contact_set_load(struct contact_set *set, struct pg_connection *connection,
                             bool locks, struct error *err)
{
    contact_set_send(set, connection, locks);
    pg_sync(connection);
    return contact_set_receive(set, connection, err);
}

struct contact_entry *contact_set_entry(const struct contact_set *set, struct contact_id id)
{
    struct contact_entry key = {.contact = {.id = id}};
    return set->count ? bsearch(&key, set->entries, set->count, sizeof(*set->entries), compare)
                      : NULL;
}

struct contact_entry *contact_set_find(const struct contact_set *set, struct contact_id id)
{
    struct contact_entry *entry = contact_set_entry(set, id);
    return entry && entry->is_found ? entry : NULL;
}

void contact_set_fini(struct contact_set *set)
{
    free(set->entries);
    pg_batch_fini(&set->keys);
    *set = (struct contact_set){0};
}

/* --- Writing
 * --------------------------------------------------------------------------------------- */

static int64_t recalls_of(const struct address *address)
{
    _Static_assert(RECALL_COUNT <= 7, "recalls are packed into one integer");
    int64_t packed = 0;
    for (int i = 0; i < RECALL_COUNT; i++)
        packed |= (int64_t)address->recalls[i] << (8 * i);
    return packed;
}

void contact_state_add(struct pg_batch *batch, const struct contact *contact)
{
    PG_ADD(batch, contact_list_of(contact->id).value, contact->id.value, contact->version,
           contact->state, contact->is_callable, contact->pass, contact->next_try.us,
           flags_of(contact), contact->preferred_agent.value, contact->reschedules,
           contact->disposition.value, contact->touched_at.us, contact->counted_from.us);
}

void contact_address_add(struct pg_batch *batch, const struct contact *contact, int32_t place)
{
    const struct address *address = &contact->addresses[place];
    PG_ADD(batch, contact_list_of(contact->id).value, contact->id.value, place, address->state,
           address->is_callable, address->attempts, recalls_of(address), address->last_at.us,
           address->last_outcome, address->last_wrapup.value);
}

void contact_state_copy(struct pg_copy *copy, const struct contact *contact)
{
    pg_copy_row(copy, 10);
    pg_copy_int(copy, 4, contact_list_of(contact->id).value);
    pg_copy_int(copy, 8, contact->id.value);
    pg_copy_int(copy, 8, contact->pass);
    pg_copy_int(copy, 8, contact->next_try.us);
    pg_copy_int(copy, 8, contact->preferred_agent.value);
    pg_copy_int(copy, 4, contact->version);
    pg_copy_int(copy, 2, contact->state);
    pg_copy_int(copy, 2, contact->priority);
    pg_copy_int(copy, 2, flags_of(contact));
    pg_copy_int(copy, 1, contact->is_callable);
}

void contact_address_copy(struct pg_copy *copy, const struct contact *contact, int32_t place)
{
    const struct address *address = &contact->addresses[place];
    pg_copy_row(copy, 14);
    pg_copy_int(copy, 4, contact_list_of(contact->id).value);
    pg_copy_int(copy, 8, contact->id.value);
    pg_copy_int(copy, 8, address->number);
    pg_copy_int(copy, 8, recalls_of(address));
    pg_copy_int(copy, 8, address->last_at.us);
    pg_copy_int(copy, 8, address->last_wrapup.value);
    pg_copy_int(copy, 4, address->zone_set.value);
    pg_copy_int(copy, 4, address->attempts);
    pg_copy_int(copy, 2, place);
    pg_copy_int(copy, 2, address->column);
    pg_copy_int(copy, 2, address->state);
    pg_copy_int(copy, 2, address->last_outcome);
    pg_copy_int(copy, 1, address->is_callable);
    pg_copy_int(copy, 1, address->is_zone_given);
}
