/* clock.h -- a virtual clock: it stands still until somebody moves it. One thread. */
#ifndef CADRAN_SIM_CLOCK_H
#define CADRAN_SIM_CLOCK_H

#include "port/clock.h"

struct sim_clock {
    struct wall wall;
    int64_t since_start_us; /* never goes back */
};

void sim_clock_init(struct sim_clock *clock, struct wall start);
struct clock_port sim_clock_port(struct sim_clock *clock);
/* Moves forward to this monotonic instant; never back. */
void sim_clock_advance(struct sim_clock *clock, struct mono to);

#endif
