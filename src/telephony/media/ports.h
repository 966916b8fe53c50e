/* ports.h -- which RTP port next: even ones of a range, each used again only after a pause.
 * Owner's thread. */
#ifndef CADRAN_TELEPHONY_MEDIA_PORTS_H
#define CADRAN_TELEPHONY_MEDIA_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"

struct ports {
    struct port_slot {
        uint16_t port;
        struct mono free_since;
    } * slots; /* a ring: the port that is free for longest is at the head */
    size_t capacity, head, count;
    int64_t pause_us;
};

/* The even ports from first to last. */
void ports_init(struct ports *ports, uint16_t first, uint16_t last, int64_t pause_ms);
void ports_fini(struct ports *ports);
/* 0 where none is free, or the next one is still in its pause. */
uint16_t ports_take(struct ports *ports, struct mono now);
void ports_give(struct ports *ports, uint16_t port, struct mono now);

#endif
