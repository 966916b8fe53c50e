#include "store/import/number_set.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "base/memory.h"

static size_t slot_of(const struct number_set *set, int64_t value)
{
    size_t i = (size_t)(((uint64_t)value * UINT64_C(0x9e3779b97f4a7c15)) >> 20);
    i &= set->capacity - 1;
    while (set->slots[i] && set->slots[i] != value)
        i = (i + 1) & (set->capacity - 1);
    return i;
}

void number_set_fini(struct number_set *set)
{
    free(set->slots);
    *set = (struct number_set){0};
}

static void grow(struct number_set *set)
{
    struct number_set old = *set;
    set->capacity = old.capacity ? old.capacity * 2 : 1024;
    set->slots = memory_new(set->capacity, sizeof(*set->slots));
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i])
            set->slots[slot_of(set, old.slots[i])] = old.slots[i];
    free(old.slots);
}

bool number_set_add(struct number_set *set, int64_t value)
{
    ensure(value != 0);
    if ((set->count + 1) * 4 > set->capacity * 3)
        grow(set);
    size_t i = slot_of(set, value);
    if (set->slots[i])
        return false;
    set->slots[i] = value;
    set->count++;
    return true;
}

bool number_set_has(const struct number_set *set, int64_t value)
{
    return set->count > 0 && set->slots[slot_of(set, value)] == value;
}
