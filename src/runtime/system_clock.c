#include "runtime/system_clock.h"

static struct mono mono(void *self)
{
    (void)self;
    return instant_mono_now();
}

static struct wall wall(void *self)
{
    (void)self;
    return instant_wall_now();
}

struct clock_port system_clock(void)
{
    return (struct clock_port){.self = NULL, .mono = mono, .wall = wall};
}
