#include "sim/clock.h"

#include "base/ensure.h"

#define MONO_START_US (1000 * US_PER_S)

static struct mono clock_mono(void *self)
{
    const struct sim_clock *clock = self;
    return (struct mono){MONO_START_US + clock->since_start_us};
}

static struct wall clock_wall(void *self)
{
    const struct sim_clock *clock = self;
    return (struct wall){clock->wall.us + clock->since_start_us};
}

void sim_clock_init(struct sim_clock *clock, struct wall start)
{
    clock->wall = start;
    clock->since_start_us = 0;
}

struct clock_port sim_clock_port(struct sim_clock *clock)
{
    return (struct clock_port){.self = clock, .mono = clock_mono, .wall = clock_wall};
}

void sim_clock_advance(struct sim_clock *clock, struct mono to)
{
    ensure(to.us >= MONO_START_US + clock->since_start_us);
    clock->since_start_us = to.us - MONO_START_US;
}
