#include "store/memory/memory.h"

#include "suite.h"

static void memory_create(struct store_port *out)
{
    store_memory_create(out);
}

static void memory_destroy(struct store_port *store)
{
    store->ops->destroy(store->self);
}

const struct store_factory factory = {"store contract: memory", memory_create, NULL, NULL,
                                      memory_destroy};
