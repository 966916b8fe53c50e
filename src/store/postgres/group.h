/* group.h -- the rows of one group of the dialer's writes: read in one round trip, changed in
 * memory by store/dialer.c, written in another.
 *
 *     struct group group = {.connection = writer, .epoch = ...};
 *     group_want(&group, write); ...           what each write will look at
 *     group_send(&group); group_receive(&group, err);
 *     struct dialer_rows rows = group_rows(&group); dialer_apply(&rows, ...); ...
 *     group_store(&group);                     sent, for the commit to receive               */
#ifndef CADRAN_STORE_POSTGRES_GROUP_H
#define CADRAN_STORE_POSTGRES_GROUP_H

#include "store/postgres/contact_rows.h"
#include "store/postgres/items.h"

struct group_count {
    int64_t campaign, pass, n;
    char name[COUNT_NAME_SIZE];
};

struct group_made {
    int64_t contact, number;
    struct wall at;
};

struct group {
    struct pg_connection *connection;
    struct contact_set contacts;
    /* By their keys; values in the order of group.c's reading. */
    struct items attempts, running, due, dnc, passes, contact_windows, number_windows, builds,
        filters;
    struct items cursors, lanes, runs, states; /* written only */
    struct pg_batch attempts_new, facts_new;
    struct group_made *made; /* the attempts of this group, for windows that are read late */
    size_t made_count, made_capacity;
    struct group_count *counts;
    size_t count_count, count_capacity;
};

void group_want(struct group *group, const struct dialer_write *write);
/* A call that a new owner of the cell lets go of. */
void group_want_running(struct group *group, const struct running_row *row);
/* In two halves, for what is to be received before it. */
void group_send(struct group *group);
enum status group_receive(struct group *group, struct error *err);
struct dialer_rows group_rows(struct group *group);
void group_store(struct group *group);
void group_fini(struct group *group);

#endif
