#include <stdlib.h>

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

enum status memory_dnc_clear(void *self, struct dnc_list_id list, bool expired_only,
                             struct wall now, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
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
    *count = table ? (int64_t)table->count : 0;
    return STATUS_OK;
}
