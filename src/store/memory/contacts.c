#include <stdlib.h>

#include "base/ensure.h"
#include "filter/value.h"
#include "store/contact.h"
#include "store/memory/rows.h"

struct memory_list *memory_list_find(struct store_memory *store, struct list_id id,
                                     bool creates)
{
    struct memory_list *list = table_get(&store->lists, id.value);
    if (!list && creates) {
        list = memory_new(1, sizeof(*list));
        table_put(&store->lists, id.value, list);
    }
    return list;
}

struct memory_contact *memory_contact_find(struct store_memory *store, struct contact_id id)
{
    struct memory_list *list = memory_list_find(store, contact_list_of(id), false);
    size_t sequence = (size_t)(uint32_t)id.value;
    if (!list || sequence == 0 || sequence > list->contacts.count)
        return NULL;
    return list->contacts.items[sequence - 1];
}

/* --- External ids: chains by hash ------------------------------------------------------------
 */

static int64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (int64_t)(hash | 1);
}

static struct memory_contact *find_external(struct memory_list *list, const char *external_id)
{
    struct memory_contact *contact = table_get(&list->by_external_id, hash_of(external_id));
    while (contact && strcmp(contact->external_id, external_id) != 0)
        contact = contact->next;
    return contact;
}

static void link_external(struct memory_list *list, struct memory_contact *contact)
{
    if (!contact->external_id)
        return;
    int64_t hash = hash_of(contact->external_id);
    contact->next = table_get(&list->by_external_id, hash);
    table_put(&list->by_external_id, hash, contact);
}

static void unlink_external(struct memory_list *list, struct memory_contact *contact)
{
    if (!contact->external_id)
        return;
    int64_t hash = hash_of(contact->external_id);
    struct memory_contact *first = table_get(&list->by_external_id, hash);
    if (first == contact && contact->next) {
        table_put(&list->by_external_id, hash, contact->next);
    } else if (first == contact) {
        table_remove(&list->by_external_id, hash);
    } else {
        while (first->next != contact)
            first = first->next;
        first->next = contact->next;
    }
}

/* --- Writing
 * ------------------------------------------------------------------------------------ */

static void contact_free(struct memory_contact *contact)
{
    if (!contact)
        return;
    free(contact->external_id);
    free(contact->data);
    free(contact->extra);
    free(contact);
}

void memory_list_free(struct memory_list *list)
{
    for (size_t i = 0; i < list->contacts.count; i++)
        contact_free(list->contacts.items[i]);
    free(list->contacts.items);
    table_fini(&list->by_external_id);
    free(list);
}

/* True where it is due at another time now. */
static bool fill(struct memory_contact *contact, const struct contact_write *write,
                 struct wall now)
{
    bool is_moved = contact_fill(&contact->hot, write, now);
    free(contact->data);
    contact->data = memory_text(write->data, strlen(write->data));
    if (write->extra) {
        free(contact->extra);
        contact->extra = memory_text(write->extra, strlen(write->extra));
    }
    if (write->has_expiry)
        contact->expires_at = write->expires_at;
    contact->data_version++;
    contact->updated_at = now;
    return is_moved;
}

static void replace(struct store_memory *store, struct memory_contact *contact,
                    const struct contact_write *write, struct wall now)
{
    memory_event_put(store, contact, CONTACT_EVENT_CHANGED, write->actor, now);
    struct manage_rows rows = memory_manage_rows(store);
    if (fill(contact, write, now))
        ensure(manage_requeue(&rows, &contact->hot, true, NULL) == STATUS_OK);
    else
        memory_queue_edited(store, &contact->hot, now);
}

static struct memory_contact *add(struct memory_list *list, struct list_id id,
                                  const struct contact_write *write, struct wall now)
{
    struct memory_contact *contact = memory_new(1, sizeof(*contact));
    *MEMORY_ADD(&list->contacts) = contact;
    contact->hot.id.value = (id.value << CONTACT_SEQUENCE_BITS) | (int64_t)list->contacts.count;
    if (write->external_id)
        contact->external_id = memory_text(write->external_id, strlen(write->external_id));
    link_external(list, contact);
    (void)fill(contact, write, now);
    contact->created_at = now;
    list->present++;
    return contact;
}

/* The contact that a write means: by its own id, or by the client's; NULL = a new one. */
static struct memory_contact *find_written(struct store_memory *store, struct list_id id,
                                           struct memory_list *list,
                                           const struct contact_write *write)
{
    struct memory_contact *contact = NULL;
    if (write->own.value && contact_list_of(write->own).value == id.value)
        contact = memory_contact_find(store, write->own);
    if (!contact && write->external_id)
        contact = find_external(list, write->external_id);
    return contact;
}

/* Nothing is changed until every contact of the array was looked at. */
static enum status check_all(struct store_memory *store, struct list_id id,
                             struct memory_list *list, enum contact_write_mode mode,
                             const struct contact_write *contacts, size_t count,
                             struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        enum status status = contact_check(&contacts[i], i, err);
        if (status)
            return status;
        const char *external_id = contacts[i].external_id;
        for (size_t j = 0; mode == CONTACT_INSERT && external_id && j < i; j++)
            if (contacts[j].external_id && strcmp(contacts[j].external_id, external_id) == 0)
                return contact_exists(external_id, i, err);
        const struct memory_contact *found = find_written(store, id, list, &contacts[i]);
        if (found && mode == CONTACT_INSERT)
            return contact_exists(external_id, i, err);
        if (found && found->hot.state == CONTACT_RUNNING)
            return contact_running(found->hot.id, i, err);
        status = contact_version_check(&contacts[i], found ? found->hot.id : contacts[i].own,
                                       found ? found->data_version : 0, i, err);
        if (status)
            return status;
    }
    return STATUS_OK;
}

static enum status write_array(struct store_memory *store, struct list_id id,
                               enum contact_write_mode mode,
                               const struct contact_write *contacts, size_t count,
                               struct wall now, int64_t batch, struct contact_id *ids,
                               struct error *err)
{
    struct memory_list *list = memory_list_find(store, id, true);
    enum status status = check_all(store, id, list, mode, contacts, count, err);
    if (status)
        return status;
    for (size_t i = 0; i < count; i++) {
        struct memory_contact *contact = find_written(store, id, list, &contacts[i]);
        if (contact) {
            replace(store, contact, &contacts[i], now);
        } else {
            contact = add(list, id, &contacts[i], now);
            contact->batch = batch;
        }
        if (ids)
            ids[i] = contact->hot.id;
    }
    return STATUS_OK;
}

enum status memory_contacts_write(void *self, enum store_priority priority, struct list_id id,
                                  enum contact_write_mode mode,
                                  const struct contact_write *contacts, size_t count,
                                  struct wall now, struct contact_id *ids, struct error *err)
{
    (void)priority;
    return write_array(self, id, mode, contacts, count, now, 0, ids, err);
}

enum status memory_contacts_import(void *self, struct list_id id, enum contact_write_mode mode,
                                   const struct contact_write *contacts, size_t count,
                                   struct wall now, const struct job_mark *mark,
                                   struct error *err)
{
    struct store_memory *store = self;
    if (!memory_job_find(store, mark->job))
        return memory_job_mark(store, mark, err);
    enum status status =
        write_array(store, id, mode, contacts, count, now, mark->job, mark->ids, err);
    if (!status && mark->on_written)
        status = mark->on_written(mark->context, err);
    return status ? status : memory_job_mark(store, mark, err);
}

enum status memory_contact_update(void *self, struct contact_id id, int32_t data_version,
                                  const struct contact_write *write, struct wall now,
                                  struct error *err)
{
    struct memory_contact *contact = memory_contact_find(self, id);
    if (!contact)
        return contact_missing(id, err);
    enum status status = contact_check(write, 0, err);
    if (status)
        return status;
    if (contact->data_version != data_version)
        return contact_data_stale(id, contact->data_version, data_version, err);
    if (contact->hot.state == CONTACT_RUNNING)
        return contact_running(id, 0, err);
    replace(self, contact, write, now);
    return STATUS_OK;
}

static void drop(struct store_memory *store, struct memory_list *list,
                 struct memory_contact *contact)
{
    memory_due_forget(store, contact->hot.id);
    unlink_external(list, contact);
    list->contacts.items[(uint32_t)contact->hot.id.value - 1] = NULL;
    list->states[contact->hot.state]--;
    list->states[CONTACT_WAITING]++; /* never looked at */
    list->present--;
    contact_free(contact);
}

enum status memory_contacts_remove(void *self, struct entity_ref actor, struct wall now,
                                   const struct contact_id *ids, size_t count,
                                   struct error *err)
{
    struct store_memory *store = self;
    for (size_t i = 0; i < count; i++) {
        const struct memory_contact *contact = memory_contact_find(store, ids[i]);
        if (contact && contact->hot.state == CONTACT_RUNNING)
            return contact_running(ids[i], i, err);
    }
    for (size_t i = 0; i < count; i++) {
        struct memory_contact *contact = memory_contact_find(store, ids[i]);
        if (!contact)
            continue;
        memory_event_put(store, contact, CONTACT_EVENT_DELETED, actor, now);
        drop(store, memory_list_find(store, contact_list_of(ids[i]), false), contact);
    }
    return STATUS_OK;
}

bool memory_contact_forget(struct store_memory *store, struct contact_id id)
{
    struct memory_contact *contact = memory_contact_find(store, id);
    if (contact)
        drop(store, memory_list_find(store, contact_list_of(id), false), contact);
    return contact != NULL;
}

struct ending {
    int64_t at;
    struct contact_id id;
};

static int by_end(const void *left, const void *right)
{
    const struct ending *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->id.value < b->id.value ? -1 : a->id.value > b->id.value;
}

enum status memory_contacts_expired(void *self, struct wall now, struct contact_id *ids,
                                    size_t *count, struct error *err)
{
    (void)err;
    const struct store_memory *store = self;
    struct ending *endings = NULL;
    size_t found = 0, capacity = 0, at = 0;
    int64_t id;
    void *value;
    while (table_next(&store->lists, &at, &id, &value)) {
        const struct memory_list *list = value;
        for (size_t i = 0; i < list->contacts.count; i++) {
            const struct memory_contact *contact = list->contacts.items[i];
            if (!contact || !contact->expires_at.us || contact->expires_at.us > now.us ||
                contact->hot.state == CONTACT_RUNNING)
                continue;
            endings = memory_grow(endings, &capacity, found + 1, sizeof(*endings));
            endings[found++] = (struct ending){contact->expires_at.us, contact->hot.id};
        }
    }
    if (found)
        qsort(endings, found, sizeof(*endings), by_end);
    *count = found < *count ? found : *count;
    for (size_t i = 0; i < *count; i++)
        ids[i] = endings[i].id;
    free(endings);
    return STATUS_OK;
}

enum status memory_contacts_forget(void *self, const struct contact_id *ids, size_t count,
                                   struct error *err)
{
    struct store_memory *store = self;
    enum status status = manage_check(count, err);
    for (size_t i = 0; i < count && !status; i++) {
        const struct memory_contact *contact = memory_contact_find(store, ids[i]);
        if (contact && contact->hot.state == CONTACT_RUNNING)
            status = contact_running(ids[i], i, err);
    }
    for (size_t i = 0; i < count && !status; i++) {
        (void)memory_contact_forget(store, ids[i]);
        memory_events_forget(store, ids[i]);
    }
    return status;
}

enum status memory_contacts_clear(void *self, struct list_id id, struct error *err)
{
    struct memory_list *list = memory_list_find(self, id, false);
    enum status status = STATUS_OK;
    for (size_t i = 0; list && i < list->contacts.count; i++) {
        struct memory_contact *contact = list->contacts.items[i];
        if (contact && contact->hot.state == CONTACT_RUNNING)
            status = contact_running(contact->hot.id, i, err);
        else if (contact)
            drop(self, list, contact);
    }
    return status;
}

enum status memory_contacts_remove_batch(void *self, struct list_id id, int64_t batch,
                                         int64_t *removed, int64_t *kept, struct error *err)
{
    (void)err;
    struct memory_list *list = memory_list_find(self, id, false);
    for (size_t i = 0; list && i < list->contacts.count; i++) {
        struct memory_contact *contact = list->contacts.items[i];
        if (!contact || contact->batch != batch)
            continue;
        bool is_used = contact->hot.pass != 0 || contact->hot.state == CONTACT_RUNNING;
        *kept += is_used;
        *removed += !is_used;
        if (!is_used)
            drop(self, list, contact);
    }
    return STATUS_OK;
}

/* --- Reading
 * ------------------------------------------------------------------------------------ */

static bool is_managed(struct store_memory *store, const struct contact *contact)
{
    struct manage_rows rows = memory_manage_rows(store);
    struct manage_queue queues[MANAGE_QUEUES_MAX];
    size_t count;
    ensure(rows.queues_of(store, contact, queues, &count, NULL) == STATUS_OK);
    return manage_is_managed(contact, queues, count);
}

void memory_record_give(struct store_memory *store, const struct memory_contact *contact,
                        struct arena *arena, struct contact_record *record)
{
    const char *external_id = contact->external_id;
    *record = (struct contact_record){
        .hot = contact->hot,
        .external_id = external_id ? arena_text(arena, external_id, strlen(external_id)) : NULL,
        .data = arena_text(arena, contact->data, strlen(contact->data)),
        .expires_at = contact->expires_at,
        .extra =
            contact->extra ? arena_text(arena, contact->extra, strlen(contact->extra)) : NULL,
        .batch = contact->batch,
        .data_version = contact->data_version,
        .created_at = contact->created_at,
        .updated_at = contact->updated_at,
        .is_managed = is_managed(store, &contact->hot),
    };
}

enum status memory_contact_get(void *self, struct contact_id id, struct arena *arena,
                               struct contact_record *record, struct error *err)
{
    const struct memory_contact *contact = memory_contact_find(self, id);
    if (!contact)
        return contact_missing(id, err);
    memory_record_give(self, contact, arena, record);
    return STATUS_OK;
}

enum status memory_contact_by_external(void *self, struct list_id id, const char *external_id,
                                       struct arena *arena, struct contact_record *record,
                                       struct error *err)
{
    struct memory_list *list = memory_list_find(self, id, false);
    const struct memory_contact *contact = list ? find_external(list, external_id) : NULL;
    if (!contact)
        return error_set(err, STATUS_NOT_FOUND, "", "the list has no contact \"%s\"",
                         external_id);
    memory_record_give(self, contact, arena, record);
    return STATUS_OK;
}

static bool has_number(const struct memory_contact *contact, int64_t number)
{
    for (int32_t i = 0; i < contact->hot.address_count; i++)
        if (contact->hot.addresses[i].number == number)
            return true;
    return false;
}

enum status memory_contacts_list(void *self, const struct contact_query *query,
                                 struct arena *arena, struct contact_record **records,
                                 size_t *count, struct error *err)
{
    (void)err;
    struct memory_list *list = memory_list_find(self, query->list, false);
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    int64_t skipped = 0;
    *records = arena_new(arena, limit, sizeof(**records));
    *count = 0;
    for (size_t i = 0; list && i < list->contacts.count && *count < limit; i++) {
        const struct memory_contact *contact = list->contacts.items[i];
        if (!contact || contact->hot.id.value <= query->after.value ||
            (query->number && !has_number(contact, query->number)) ||
            (query->view != CONTACT_VIEW_ALL &&
             is_managed(self, &contact->hot) != (query->view == CONTACT_VIEW_MANAGED)) ||
            skipped++ < query->offset)
            continue;
        memory_record_give(self, contact, arena, &(*records)[(*count)++]);
    }
    return STATUS_OK;
}

enum status memory_contacts_count(void *self, struct list_id id, int64_t *count,
                                  struct error *err)
{
    (void)err;
    struct memory_list *list = memory_list_find(self, id, false);
    *count = list ? (int64_t)list->present : 0;
    return STATUS_OK;
}

enum status memory_numbers_index(void *self, struct list_id list, struct error *err)
{
    (void)self;
    (void)list;
    (void)err;
    return STATUS_OK; /* there is no index: searches look at every contact */
}

/* Keeps the `room` smallest, sorted and distinct. */
static size_t number_keep(int64_t *numbers, size_t count, size_t room, int64_t number)
{
    size_t at = count;
    while (at > 0 && numbers[at - 1] > number)
        at--;
    if ((at > 0 && numbers[at - 1] == number) || at == room)
        return count;
    size_t kept = count < room ? count : room - 1;
    memmove(&numbers[at + 1], &numbers[at], (kept - at) * sizeof(*numbers));
    numbers[at] = number;
    return kept + 1;
}

enum status memory_numbers_list(void *self, struct list_id id, int64_t after_number,
                                int64_t *numbers, size_t *count, struct error *err)
{
    (void)err;
    struct memory_list *list = memory_list_find(self, id, false);
    size_t room = *count;
    *count = 0;
    for (size_t i = 0; list && i < list->contacts.count; i++) {
        const struct memory_contact *contact = list->contacts.items[i];
        for (int32_t j = 0; contact && j < contact->hot.address_count; j++) {
            int64_t number = contact->hot.addresses[j].number;
            if (number > after_number)
                *count = number_keep(numbers, *count, room, number);
        }
    }
    return STATUS_OK;
}

/* The one zone set of its numbers, -1 where they have several; false where it has none. */
static bool zone_of(const struct memory_contact *contact, int32_t *zone_set)
{
    bool has_some = false;
    for (int32_t i = 0; i < contact->hot.address_count; i++) {
        const struct address *address = &contact->hot.addresses[i];
        if (!address->number)
            continue;
        *zone_set =
            has_some && *zone_set != address->zone_set.value ? -1 : address->zone_set.value;
        has_some = true;
        if (*zone_set < 0)
            break;
    }
    return has_some;
}

static int zone_count_compare(const void *a, const void *b)
{
    const struct zone_count *left = a, *right = b;
    if (left->zone_set != right->zone_set)
        return left->zone_set < right->zone_set ? -1 : 1;
    return strcmp(left->value, right->value);
}

enum status memory_contacts_zones(void *self, struct list_id id, int16_t column,
                                  struct arena *arena, struct zone_count **counts,
                                  size_t *count, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_list *list = memory_list_find(store, id, false);
    size_t room = list ? list->contacts.count : 0, found = 0;
    struct zone_count *all = arena_new(arena, room + 1, sizeof(*all));
    for (size_t i = 0; i < room; i++) {
        const struct memory_contact *contact = list->contacts.items[i];
        char text[FILTER_COLUMN_BYTES], folded[FILTER_COLUMN_BYTES];
        size_t len = 0;
        if (!contact || !zone_of(contact, &all[found].zone_set))
            continue;
        if (column >= 0)
            len = filter_fold(text,
                              filter_column_text(contact->data, strlen(contact->data), column,
                                                 text, sizeof(text)),
                              folded);
        all[found].value = arena_text(arena, folded, len);
        all[found++].contacts = 1;
    }
    qsort(all, found, sizeof(*all), zone_count_compare);
    *counts = all;
    *count = 0;
    for (size_t i = 0; i < found; i++)
        if (*count && zone_count_compare(&all[*count - 1], &all[i]) == 0)
            all[*count - 1].contacts++;
        else if (*count < ZONE_COUNTS_MAX)
            all[(*count)++] = all[i];
    return STATUS_OK;
}
