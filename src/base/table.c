#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

static size_t slot_of(const struct table *table, int64_t key)
{
    uint64_t hash = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(hash >> 20) & (table->capacity - 1);
}

void table_init(struct table *table)
{
    memset(table, 0, sizeof(*table));
}

void table_fini(struct table *table)
{
    free(table->slots);
    table_init(table);
}

/* The slot of `key`, or the free slot where it would go. */
static struct table_slot *find(const struct table *table, int64_t key)
{
    size_t i = slot_of(table, key);
    while (table->slots[i].key && table->slots[i].key != key)
        i = (i + 1) & (table->capacity - 1);
    return &table->slots[i];
}

static void grow(struct table *table)
{
    struct table old = *table;
    table->capacity = old.capacity ? old.capacity * 2 : 16;
    table->slots = memory_new(table->capacity, sizeof(*table->slots));
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key)
            *find(table, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

void *table_get(const struct table *table, int64_t key)
{
    if (!table->count || !key)
        return NULL;
    return find(table, key)->value;
}

void table_put(struct table *table, int64_t key, void *value)
{
    ensure(key != 0);
    if ((table->count + 1) * 4 > table->capacity * 3)
        grow(table);
    struct table_slot *slot = find(table, key);
    if (!slot->key)
        table->count++;
    slot->key = key;
    slot->value = value;
}

void *table_remove(struct table *table, int64_t key)
{
    if (!table->count || !key)
        return NULL;
    struct table_slot *slot = find(table, key);
    if (!slot->key)
        return NULL;
    void *value = slot->value;
    *slot = (struct table_slot){0};
    table->count--;
    /* Close the gap, so that no later key of the same run is lost. */
    size_t i = (size_t)(slot - table->slots);
    for (;;) {
        i = (i + 1) & (table->capacity - 1);
        struct table_slot moved = table->slots[i];
        if (!moved.key)
            return value;
        table->slots[i] = (struct table_slot){0};
        *find(table, moved.key) = moved;
    }
}

bool table_next(const struct table *table, size_t *at, int64_t *key, void **value)
{
    while (*at < table->capacity) {
        struct table_slot *slot = &table->slots[(*at)++];
        if (slot->key) {
            if (key)
                *key = slot->key;
            if (value)
                *value = slot->value;
            return true;
        }
    }
    return false;
}
