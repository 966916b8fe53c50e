/* items.h -- rows of one transaction by their keys of integers: what was read, what changed. */
#ifndef CADRAN_STORE_POSTGRES_ITEMS_H
#define CADRAN_STORE_POSTGRES_ITEMS_H

#include "base/table.h"
#include "model/candidate.h"

#define ITEM_KEY_MAX 5
#define ITEM_VALUE_MAX 6

struct item {
    int64_t key[ITEM_KEY_MAX];
    int64_t value[ITEM_VALUE_MAX];
    struct queue_position position; /* of a cursor */
    bool is_found;                  /* the row is there */
    bool is_changed;
    size_t next; /* the chain of one hash: index + 1 */
};

struct items {
    struct item *all;
    size_t count, capacity;
    struct table by_hash;
};

/* NULL where the key was never added. Keys that are shorter are padded with 0. */
struct item *items_get(const struct items *items, const int64_t key[ITEM_KEY_MAX]);
/* The item, added where it was not there. Pointers move with the next addition. */
struct item *items_add(struct items *items, const int64_t key[ITEM_KEY_MAX]);
void items_fini(struct items *items);
#define ITEM_KEY(...) ((int64_t[ITEM_KEY_MAX]){__VA_ARGS__})

#endif
