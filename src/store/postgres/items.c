#include "store/postgres/items.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int64_t hash_of(const int64_t key[ITEM_KEY_MAX])
{
    uint64_t hash = 0;
    for (int i = 0; i < ITEM_KEY_MAX; i++) {
        hash = (hash ^ (uint64_t)key[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return (int64_t)(hash | 1); /* 0 is no key of a table */
}

struct item *items_get(const struct items *items, const int64_t key[ITEM_KEY_MAX])
{
    size_t at = (size_t)(uintptr_t)table_get(&items->by_hash, hash_of(key));
    while (at && memcmp(items->all[at - 1].key, key, sizeof(items->all->key)) != 0)
        at = items->all[at - 1].next;
    return at ? &items->all[at - 1] : NULL;
}

struct item *items_add(struct items *items, const int64_t key[ITEM_KEY_MAX])
{
    struct item *item = items_get(items, key);
    if (item)
        return item;
    items->all =
        memory_grow(items->all, &items->capacity, items->count + 1, sizeof(*items->all));
    item = &items->all[items->count++];
    *item = (struct item){.next = (size_t)(uintptr_t)table_get(&items->by_hash, hash_of(key))};
    memcpy(item->key, key, sizeof(item->key));
    table_put(&items->by_hash, hash_of(key), (void *)(uintptr_t)items->count);
    return item;
}

void items_fini(struct items *items)
{
    free(items->all);
    table_fini(&items->by_hash);
    *items = (struct items){0};
}
