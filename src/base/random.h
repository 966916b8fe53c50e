/* random.h -- a seeded source of chance (xoshiro256**, Blackman and Vigna 2018).
 * The same seed gives the same sequence on every machine. Never for secrets: those come from
 * libsodium. One owner thread. */
#ifndef CADRAN_BASE_RANDOM_H
#define CADRAN_BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
/* 0 <= result < bound; bound > 0. */
uint64_t random_below(struct random *random, uint64_t bound);
/* 0 <= result < 1. */
double random_unit(struct random *random);
/* Exponentially distributed with this mean. */
double random_exponential(struct random *random, double mean);
/* Log-normal: `median` and the standard deviation of the logarithm. */
double random_lognormal(struct random *random, double median, double sigma);

#endif
