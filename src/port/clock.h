/* clock.h -- the port to now: the system's clock, or a virtual one that a test moves. */
#ifndef CADRAN_PORT_CLOCK_H
#define CADRAN_PORT_CLOCK_H

#include "base/instant.h"

struct clock_port {
    void *self;
    struct mono (*mono)(void *self);
    struct wall (*wall)(void *self);
};

#endif
