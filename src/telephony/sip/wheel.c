#include "telephony/sip/wheel.h"

#include <stddef.h>
#include <string.h>

void wheel_init(struct wheel *wheel, struct mono now)
{
    memset(wheel->slots, 0, sizeof(wheel->slots));
    wheel->turned = now.us / WHEEL_SLOT_US;
}

static void insert(struct timer **head, struct timer *timer)
{
    timer->next = *head;
    timer->link = head;
    if (timer->next)
        timer->next->link = &timer->next;
    *head = timer;
}

void wheel_start(struct wheel *wheel, struct timer *timer, struct mono now, int64_t delay_ms,
                 void (*fire)(void *context), void *context)
{
    wheel_stop(timer);
    timer->due.us = now.us + delay_ms * US_PER_MS;
    timer->fire = fire;
    timer->context = context;
    /* Its slot is the one that ends at or after the due time, and never one already passed. */
    int64_t slot = timer->due.us / WHEEL_SLOT_US + 1;
    if (slot <= wheel->turned)
        slot = wheel->turned + 1;
    insert(&wheel->slots[slot % WHEEL_SLOTS], timer);
}

void wheel_stop(struct timer *timer)
{
    if (!timer->link)
        return;
    *timer->link = timer->next;
    if (timer->next)
        timer->next->link = timer->link;
    timer->link = NULL;
    timer->next = NULL;
}

static void turn_slot(struct timer **slot, struct mono now)
{
    /* Moved to a list of its own: callbacks may stop others of it, or start new ones. */
    struct timer *pending = NULL;
    while (*slot) {
        struct timer *timer = *slot;
        wheel_stop(timer);
        insert(&pending, timer);
    }
    while (pending) {
        struct timer *timer = pending;
        wheel_stop(timer);
        if (timer->due.us <= now.us)
            timer->fire(timer->context);
        else
            insert(slot, timer); /* of a later turn of the wheel */
    }
}

void wheel_turn(struct wheel *wheel, struct mono now)
{
    int64_t target = now.us / WHEEL_SLOT_US;
    if (target - wheel->turned > WHEEL_SLOTS)
        wheel->turned = target - WHEEL_SLOTS; /* one whole turn sees every timer */
    while (wheel->turned < target) {
        wheel->turned++;
        turn_slot(&wheel->slots[wheel->turned % WHEEL_SLOTS], now);
    }
}
