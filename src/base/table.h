/* table.h -- a hash table from 64-bit keys to pointers or numbers. Open addressing, one owner.
 * Key 0 is not used by any id in the tree and marks a free slot: storing it is a bug. */
#ifndef CADRAN_BASE_TABLE_H
#define CADRAN_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_slot {
    int64_t key;
    void *value;
};

struct table {
    struct table_slot *slots;
    size_t count;
    size_t capacity; /* a power of two, or 0 */
};

void table_init(struct table *table);
/* Frees the slots, not what the values point to. */
void table_fini(struct table *table);
/* The value, or NULL where there is none. */
void *table_get(const struct table *table, int64_t key);
/* Adds or replaces. */
void table_put(struct table *table, int64_t key, void *value);
/* Removes and returns the value; NULL where there was none. */
void *table_remove(struct table *table, int64_t key);

/* Walks in no particular order; start with *at = 0. False at the end. The table must not change
 * during a walk. */
bool table_next(const struct table *table, size_t *at, int64_t *key, void **value);

#endif
