/* queue.h -- where a contact stands in a dial queue: its rank and its lanes.
 * A rank is made from the contact alone, as bytes that memcmp orders, so that a queue can be
 * built in any order, in part, and changed row by row. Pure; any thread. */
#ifndef CADRAN_STORE_QUEUE_H
#define CADRAN_STORE_QUEUE_H

#include "port/store.h"

/* Rank of a contact: its priority descending (two bytes), then its sequence in the list. */
void queue_rank(struct contact_id contact, int32_t priority, struct queue_position *position);
/* < 0 where `a` is dialed first. */
int queue_compare(const struct queue_position *a, const struct queue_position *b);
/* The distinct zone sets of the callable addresses among the order's columns; {0} where the
 * contact has none. Returns how many, at least 1. */
int32_t queue_zones(const struct contact *contact, const struct queue_order *order,
                    struct zone_set_id zones[ADDRESS_MAX]);
/* Whether two orders select the same addresses of the same list. */
bool queue_order_equals(const struct queue_order *a, const struct queue_order *b);

/* The order in which a queue is built: by rank, without an index over all contacts. */
enum queue_stage {
    QUEUE_STAGE_CLEAR,  /* removes rows of older passes */
    QUEUE_STAGE_HIGH,   /* priorities above 0, highest first */
    QUEUE_STAGE_NORMAL, /* priority 0, in the order of the list */
    QUEUE_STAGE_LOW,    /* priorities below 0 */
    QUEUE_STAGE_DONE,   /* contacts added since */
};

#endif
