/* future.h -- one answer, waited for by one thread and given by another.
 * Both sides hold it: the waiter may give up, the giver may come late; the last one frees it.
 */
#ifndef CADRAN_BASE_FUTURE_H
#define CADRAN_BASE_FUTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct future;

/* Room for an answer of `size` bytes; held twice: by the caller and by whoever will answer. */
struct future *future_create(size_t size);
/* Gives the answer and lets go of the giver's hold. */
void future_answer(struct future *future, const void *answer);
/* Waits up to timeout_ms (-1: for ever), copies the answer, and lets go of the waiter's hold.
 * False when none came in time. */
bool future_wait(struct future *future, void *answer, int timeout_ms) MUST_USE;

#endif
