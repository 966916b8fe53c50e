#include "telephony/media/ports.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "base/memory.h"

void ports_init(struct ports *ports, uint16_t first, uint16_t last, int64_t pause_ms)
{
    uint32_t even = (first + 1U) & ~1U;
    *ports = (struct ports){.pause_us = pause_ms * US_PER_MS};
    ports->capacity = even > last ? 0 : (last - even) / 2U + 1;
    ports->slots = memory_new(ports->capacity ? ports->capacity : 1, sizeof(*ports->slots));
    for (; ports->count < ports->capacity; ports->count++)
        ports->slots[ports->count] =
            (struct port_slot){(uint16_t)(even + 2 * ports->count), {INT64_MIN / 2}};
}

void ports_fini(struct ports *ports)
{
    free(ports->slots);
    ports->slots = NULL;
}

uint16_t ports_take(struct ports *ports, struct mono now)
{
    if (ports->count == 0)
        return 0;
    const struct port_slot *slot = &ports->slots[ports->head];
    if (now.us - slot->free_since.us < ports->pause_us)
        return 0;
    ports->head = (ports->head + 1) % ports->capacity;
    ports->count--;
    return slot->port;
}

void ports_give(struct ports *ports, uint16_t port, struct mono now)
{
    ensure(ports->count < ports->capacity);
    ports->slots[(ports->head + ports->count++) % ports->capacity] =
        (struct port_slot){port, now};
}
