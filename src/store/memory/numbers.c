#include <stdlib.h>

#include "store/dnc.h"
#include "store/export/contact_data.h"
#include "store/memory/rows.h"
#include "store/zone_names.h"

enum status memory_zone_set_intern(void *self, const struct zone_table *table,
                                   struct zone_set *set, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    if (set->count == 0) {
        set->id = (struct zone_set_id){0};
        return STATUS_OK;
    }
    char names[ZONE_NAMES_SIZE];
    zone_names_join(table, set, names);
    size_t i = 0;
    while (i < store->zone_sets.count && strcmp(store->zone_sets.items[i].names, names) != 0)
        i++;
    if (i == store->zone_sets.count)
        MEMORY_ADD(&store->zone_sets)->names = memory_text(names, strlen(names));
    set->id.value = (int32_t)i + 1;
    return STATUS_OK;
}

enum status memory_zone_sets_list(void *self, const struct zone_table *table,
                                  struct arena *arena, struct zone_set **sets, size_t *count,
                                  struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    *sets = arena_new(arena, store->zone_sets.count, sizeof(**sets));
    *count = store->zone_sets.count;
    for (size_t i = 0; i < store->zone_sets.count; i++) {
        (*sets)[i].id.value = (int32_t)i + 1;
        zone_names_split(table, store->zone_sets.items[i].names, &(*sets)[i]);
    }
    return STATUS_OK;
}

void memory_dnc_free(struct table *numbers)
{
    if (!numbers)
        return;
    size_t at = 0;
    void *value;
    while (table_next(numbers, &at, NULL, &value))
        free(value);
    table_fini(numbers);
    free(numbers);
}

enum status memory_dnc_add(void *self, enum store_priority priority, struct dnc_list_id list,
                           const int64_t *numbers, size_t count, struct wall expires_at,
                           struct error *err)
{
    (void)priority;
    struct store_memory *store = self;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] <= 0)
            return error_set(err, STATUS_INVALID, "", "entry %zu is not a number", i);
    struct table *table = table_get(&store->dncs, list.value);
    if (!table) {
        table = memory_new(1, sizeof(*table));
        table_put(&store->dncs, list.value, table);
    }
    for (size_t i = 0; i < count; i++) {
        struct memory_dnc *entry = table_get(table, numbers[i]);
        if (!entry) {
            entry = memory_new(1, sizeof(*entry));
            table_put(table, numbers[i], entry);
        }
        *entry = (struct memory_dnc){numbers[i], expires_at};
    }
    return STATUS_OK;
}

enum status memory_dnc_remove(void *self, struct dnc_list_id list, const int64_t *numbers,
                              size_t count, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct table *table = table_get(&store->dncs, list.value);
    for (size_t i = 0; table && i < count; i++)
        free(table_remove(table, numbers[i]));
    return STATUS_OK;
}

static void values_clear(struct memory_dnc_values *kept, bool expired_only, struct wall now);

enum status memory_dnc_clear(void *self, struct dnc_list_id list, bool expired_only,
                             struct wall now, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    values_clear(table_get(&store->dnc_values, list.value), expired_only, now);
    struct table *old = table_remove(&store->dncs, list.value);
    if (!old)
        return STATUS_OK;
    struct table *kept = memory_new(1, sizeof(*kept));
    size_t at = 0;
    int64_t number;
    void *value;
    while (table_next(old, &at, &number, &value)) {
        const struct memory_dnc *entry = value;
        if (expired_only && (entry->expires_at.us == 0 || entry->expires_at.us > now.us))
            table_put(kept, number, value);
        else
            free(value);
    }
    table_fini(old);
    free(old);
    table_put(&store->dncs, list.value, kept);
    return STATUS_OK;
}

enum status memory_dnc_has(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct table *table = table_get(&store->dncs, list.value);
    const struct memory_dnc *entry = table ? table_get(table, number) : NULL;
    *has = entry && (entry->expires_at.us == 0 || entry->expires_at.us > now.us);
    return STATUS_OK;
}

enum status memory_dnc_count(void *self, struct dnc_list_id list, int64_t *count,
                             struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    const struct table *table = table_get(&store->dncs, list.value);
    const struct memory_dnc_values *values = table_get(&store->dnc_values, list.value);
    *count =
        (table ? (int64_t)table->count : 0) + (values ? (int64_t)values->entries.count : 0);
    return STATUS_OK;
}

/* --- Values of a column
 * ---------------------------------------------------------------------------- */

void memory_dnc_values_free(struct memory_dnc_values *values)
{
    if (!values)
        return;
    for (size_t i = 0; i < values->entries.count; i++)
        free(values->entries.items[i].value);
    free(values->entries.items);
    free(values);
}

/* The first entry that is not below `value`. */
static size_t value_place(const struct memory_dnc_values *values, const char *value)
{
    size_t at = 0;
    while (at < values->entries.count && strcmp(values->entries.items[at].value, value) < 0)
        at++;
    return at;
}

static bool value_is_at(const struct memory_dnc_values *values, size_t at, const char *value)
{
    return at < values->entries.count && strcmp(values->entries.items[at].value, value) == 0;
}

enum status memory_dnc_values_add(void *self, enum store_priority priority,
                                  struct dnc_list_id list, const char *const *values,
                                  size_t count, struct wall expires_at, struct error *err)
{
    (void)priority;
    struct store_memory *store = self;
    enum status status = dnc_values_check(values, count, err);
    if (status)
        return status;
    struct memory_dnc_values *kept = table_get(&store->dnc_values, list.value);
    if (!kept) {
        kept = memory_new(1, sizeof(*kept));
        table_put(&store->dnc_values, list.value, kept);
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = value_place(kept, values[i]);
        if (!value_is_at(kept, at, values[i]))
            MEMORY_INSERT(&kept->entries, at)->value =
                memory_text(values[i], strlen(values[i]));
        kept->entries.items[at].expires_at = expires_at;
    }
    return STATUS_OK;
}

enum status memory_dnc_values_remove(void *self, struct dnc_list_id list,
                                     const char *const *values, size_t count, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_dnc_values *kept = table_get(&store->dnc_values, list.value);
    for (size_t i = 0; kept && i < count; i++) {
        size_t at = value_place(kept, values[i]);
        if (!value_is_at(kept, at, values[i]))
            continue;
        free(kept->entries.items[at].value);
        MEMORY_REMOVE(&kept->entries, at);
    }
    return STATUS_OK;
}

static void values_clear(struct memory_dnc_values *kept, bool expired_only, struct wall now)
{
    for (size_t i = kept ? kept->entries.count : 0; i-- > 0;) {
        const struct memory_dnc_value *entry = &kept->entries.items[i];
        if (expired_only && (entry->expires_at.us == 0 || entry->expires_at.us > now.us))
            continue;
        free(entry->value);
        MEMORY_REMOVE(&kept->entries, i);
    }
}

/* The contact's value of a column: its data is an array of texts. */
static bool data_value_is(const char *data, int16_t column, const char *value)
{
    const char *at = data + 1;
    char text[DNC_VALUE_MAX + 1];
    for (int16_t i = 0; *at && i <= column; i++) {
        size_t len = 0;
        if (!contact_data_next(&at, text, sizeof(text), &len))
            return false;
        if (i == column)
            return strlen(value) == len && memcmp(text, value, len) == 0;
    }
    return false;
}

enum status memory_dnc_has_contact(void *self, struct dnc_list_id list,
                                   struct contact_id contact, int16_t column, struct wall now,
                                   bool *has, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    const struct memory_dnc_values *kept = table_get(&store->dnc_values, list.value);
    const struct memory_contact *row = memory_contact_find(store, contact);
    *has = false;
    for (size_t i = 0; kept && row && i < kept->entries.count && !*has; i++) {
        const struct memory_dnc_value *entry = &kept->entries.items[i];
        *has = (entry->expires_at.us == 0 || entry->expires_at.us > now.us) &&
               data_value_is(row->data, column, entry->value);
    }
    return STATUS_OK;
}

static int number_compare(const void *a, const void *b)
{
    const struct dnc_entry *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

enum status memory_dnc_list(void *self, const struct dnc_query *query, struct arena *arena,
                            struct dnc_entry **entries, size_t *count, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    const struct table *table = table_get(&store->dncs, query->list.value);
    const struct memory_dnc_values *kept = table_get(&store->dnc_values, query->list.value);
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0, at = 0;
    size_t room = limit + (table ? table->count : 0);
    void *value;
    *entries = arena_new(arena, room, sizeof(**entries));
    *count = 0;
    while (!query->after_value && table && table_next(table, &at, NULL, &value)) {
        const struct memory_dnc *entry = value;
        if (entry->number > query->after_number)
            (*entries)[(*count)++] =
                (struct dnc_entry){.number = entry->number, .expires_at = entry->expires_at};
    }
    if (*count)
        qsort(*entries, *count, sizeof(**entries), number_compare);
    *count = *count > limit ? limit : *count;
    const char *after = query->after_value ? query->after_value : "";
    for (size_t i = 0; kept && i < kept->entries.count && *count < limit; i++) {
        const struct memory_dnc_value *entry = &kept->entries.items[i];
        if (strcmp(entry->value, after) > 0)
            (*entries)[(*count)++] = (struct dnc_entry){
                .value = arena_text(arena, entry->value, strlen(entry->value)),
                .expires_at = entry->expires_at};
    }
    return STATUS_OK;
}
