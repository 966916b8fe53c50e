/* number_set.h -- a set of 64-bit values, 8 bytes a slot: millions of numbers or hashes for
 * duplicate checks. 0 cannot be a member. One thread. */
#ifndef CADRAN_STORE_IMPORT_NUMBER_SET_H
#define CADRAN_STORE_IMPORT_NUMBER_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number_set {
    int64_t *slots;
    size_t count, capacity;
};

void number_set_fini(struct number_set *set);
/* False where it was a member already. */
bool number_set_add(struct number_set *set, int64_t value);
bool number_set_has(const struct number_set *set, int64_t value);

#endif
