/* contact_rows.h -- the rows of one contact, and of a list: written and read in one place. */
#ifndef CADRAN_STORE_SQLITE_CONTACT_ROWS_H
#define CADRAN_STORE_SQLITE_CONTACT_ROWS_H

#include "store/sqlite/connection.h"

struct list_row {
    struct list_id id;
    int64_t last, count; /* the last sequence given, contacts there now */
    int64_t number_upto; /* number_ref is whole up to this sequence */
    int64_t edits;       /* grows with every contact that is changed or removed */
};

enum status list_row_get(struct connection *connection, struct list_id id,
                         struct list_row *list, struct error *err);
enum status list_row_put(struct connection *connection, const struct list_row *list,
                         struct error *err);
/* The greatest contact id that a list can have. */
int64_t list_last_key(struct list_id list);

/* Writes the hot row (by `state`: SQL_STATE_INSERT or SQL_STATE_UPDATE) and all addresses. */
enum status contact_rows_put(struct connection *connection, const struct contact *hot,
                             enum sql state, struct error *err);
/* Adds or removes the contact's numbers in number_ref. */
enum status contact_rows_index(struct connection *connection, const struct contact *hot,
                               struct error *err);
enum status contact_rows_unindex(struct connection *connection, const struct contact *hot,
                                 struct error *err);
int64_t contact_rows_recalls(const struct address *address);
int64_t contact_rows_flags(const struct contact *hot);

#endif
