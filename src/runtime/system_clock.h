/* system_clock.h -- the clock port of the machine that runs us. Any thread. */
#ifndef CADRAN_RUNTIME_SYSTEM_CLOCK_H
#define CADRAN_RUNTIME_SYSTEM_CLOCK_H

#include "port/clock.h"

struct clock_port system_clock(void);

#endif
