/* wheel.h -- many timers on one tick. The SIP library's own timers cost half of all CPU when
 * thousands are pending; ours are list nodes in slots of 10 ms. One owner thread; the timer is
 * the caller's memory and must be stopped before it goes. */
#ifndef CADRAN_TELEPHONY_SIP_WHEEL_H
#define CADRAN_TELEPHONY_SIP_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"

#define WHEEL_SLOTS 1024
#define WHEEL_SLOT_US 10000

struct timer {
    struct timer *next, **link; /* link = NULL: not running */
    struct mono due;
    void (*fire)(void *context);
    void *context;
};

struct wheel {
    struct timer *slots[WHEEL_SLOTS];
    int64_t turned; /* slots looked at since the clock's start */
};

void wheel_init(struct wheel *wheel, struct mono now);
/* (Re)starts it: `fire` is called once, at the first wheel_turn after delay_ms. */
void wheel_start(struct wheel *wheel, struct timer *timer, struct mono now, int64_t delay_ms,
                 void (*fire)(void *context), void *context);
/* Harmless on one that does not run. */
void wheel_stop(struct timer *timer);
/* Fires what is due. A callback may start and stop any timer. */
void wheel_turn(struct wheel *wheel, struct mono now);

#endif
