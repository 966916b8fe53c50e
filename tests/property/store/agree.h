/* agree.h -- one random operation on a store, with everything it answers written down as text.
 * The operation is drawn once, from a seed of its own, for each store: so each gets the same.
 */
#ifndef CADRAN_TESTS_PROPERTY_STORE_AGREE_H
#define CADRAN_TESTS_PROPERTY_STORE_AGREE_H

#include "base/buffer.h"
#include "base/random.h"
#include "port/store.h"

#define NUMBERS 14
#define CALLS_MAX 64

/* What the operations remember; the same for every store while they agree. */
struct memory_of {
    int64_t epoch, call_last;
    int64_t passes[2]; /* of campaigns 7 and 8 */
    struct claimed claimed;
    struct claim claim;
    struct dialer_write calls[CALLS_MAX]; /* intents under way */
    struct contact contacts[CALLS_MAX];
    int call_count;
    int64_t entities[8];
};

struct subject {
    struct store_port store;
    struct memory_of memory;
    struct arena arena;   /* of the claim that is remembered */
    struct buffer answer; /* what the last operation said */
};

#define NOW_US (INT64_C(1700000000) * US_PER_S)

/* Contacts, numbers, entities, history: reads and people's writes. */
void operate(struct subject *subject, struct random *random);
/* Passes, queues, claims, the dialer's groups. */
void dial(struct subject *subject, struct random *random);
void say(struct subject *subject, const char *format, ...) PRINTF_LIKE(2, 3);
void say_status(struct subject *subject, const char *what, enum status status,
                const struct error *err);
void say_contact(struct subject *subject, const struct contact *contact);

#endif
