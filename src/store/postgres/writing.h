/* writing.h -- contacts that are replaced, inside a transaction that has locked them. */
#ifndef CADRAN_STORE_POSTGRES_WRITING_H
#define CADRAN_STORE_POSTGRES_WRITING_H

#include "store/postgres/build.h"

struct replaced {
    struct contact_entry *entry; /* its contact is what is to be stored */
    const struct contact_write *write;
    int32_t times; /* its version grows by */
};

/* The builds over a list, of PG_BUILDS_LOCK. */
enum status builds_receive(struct pg_connection *connection,
                           struct build_row builds[BUILDS_MAX], size_t *count,
                           struct error *err);
/* Stores the contacts and puts them into the queues of their list. */
enum status replaced_store(struct pg_connection *connection, const struct replaced *replaced,
                           size_t count, const struct build_row *builds, size_t build_count,
                           struct wall now, struct error *err);

#endif
