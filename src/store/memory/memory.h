/* memory.h -- the store's port over plain memory: for the engine's scenario tests on a virtual
 * clock. It keeps nothing, answers at once, and the same calls give the same answers; one
 * thread. Good for 100,000 contacts. Only key_get draws from the system. */
#ifndef CADRAN_STORE_MEMORY_H
#define CADRAN_STORE_MEMORY_H

#include "port/store.h"

/* Never fails; destroyed by out->ops->destroy(out->self). */
void store_memory_create(struct store_port *out);

/* The next `count` commits fail: STATUS_UNAVAILABLE writes nothing, STATUS_UNKNOWN writes all
 * and says that it does not know. For tests of what the engine does then. */
void store_memory_fail_commits(struct store_port *port, int32_t count, enum status status);

#endif
