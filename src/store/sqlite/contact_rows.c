#include "store/sqlite/contact_rows.h"

#include "base/ensure.h"

enum status list_row_get(struct connection *connection, struct list_id id,
                         struct list_row *list, struct error *err)
{
    *list = (struct list_row){.id = id};
    struct rows rows = sql_start(connection, SQL_LIST_GET, SQL_VALUES(SQL_INT(id.value)));
    if (rows_next(&rows)) {
        list->last = sqlite3_column_int64(rows.statement, 0);
        list->count = sqlite3_column_int64(rows.statement, 1);
        list->number_upto = sqlite3_column_int64(rows.statement, 2);
        list->edits = sqlite3_column_int64(rows.statement, 3);
    }
    return rows_end(&rows, err);
}

enum status list_row_put(struct connection *connection, const struct list_row *list,
                         struct error *err)
{
    return sql_run(connection, SQL_LIST_PUT,
                   SQL_VALUES(SQL_INT(list->id.value), SQL_INT(list->last),
                              SQL_INT(list->count), SQL_INT(list->number_upto),
                              SQL_INT(list->edits)),
                   err);
}

int64_t list_last_key(struct list_id list)
{
    return (list.value << CONTACT_SEQUENCE_BITS) | INT64_C(0xFFFFFFFF);
}

int64_t contact_rows_recalls(const struct address *address)
{
    _Static_assert(RECALL_COUNT <= 7, "recalls are packed into one integer");
    int64_t packed = 0;
    for (int i = 0; i < RECALL_COUNT; i++)
        packed |= (int64_t)address->recalls[i] << (8 * i);
    return packed;
}

#define FLAG_TOP_PRIORITY 1
#define FLAG_PUT_BACK 2

int64_t contact_rows_flags(const struct contact *hot)
{
    return (hot->is_top_priority ? FLAG_TOP_PRIORITY : 0) |
           (hot->is_put_back ? FLAG_PUT_BACK : 0);
}

static enum status address_put(struct connection *connection, struct contact_id contact,
                               int32_t place, const struct address *address, struct error *err)
{
    return sql_run(
        connection, SQL_ADDRESS_PUT,
        SQL_VALUES(SQL_INT(contact.value), SQL_INT(place), SQL_INT(address->column),
                   SQL_INT(address->number), SQL_INT(address->zone_set.value),
                   SQL_INT(address->state), SQL_INT(address->is_callable),
                   SQL_INT(address->attempts), SQL_INT(contact_rows_recalls(address)),
                   SQL_INT(address->last_at.us), SQL_INT(address->last_outcome),
                   SQL_INT(address->last_wrapup.value), SQL_INT(address->is_zone_given)),
        err);
}

enum status contact_rows_put(struct connection *connection, const struct contact *hot,
                             enum sql state, struct error *err)
{
    enum status status = sql_run(
        connection, state,
        SQL_VALUES(SQL_INT(hot->id.value), SQL_INT(hot->version), SQL_INT(hot->state),
                   SQL_INT(hot->is_callable), SQL_INT(hot->priority), SQL_INT(hot->pass),
                   SQL_INT(hot->next_try.us), SQL_INT(contact_rows_flags(hot)),
                   SQL_INT(hot->preferred_agent.value), SQL_INT(hot->reschedules),
                   SQL_INT(hot->disposition.value), SQL_INT(hot->touched_at.us),
                   SQL_INT(hot->counted_from.us)),
        err);
    for (int32_t i = 0; i < hot->address_count && !status; i++)
        status = address_put(connection, hot->id, i, &hot->addresses[i], err);
    return status;
}

static enum status each_number(struct connection *connection, const struct contact *hot,
                               enum sql sql, struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < hot->address_count && !status; i++)
        if (hot->addresses[i].number)
            status =
                sql_run(connection, sql,
                        SQL_VALUES(SQL_INT(contact_list_of(hot->id).value),
                                   SQL_INT(hot->addresses[i].number), SQL_INT(hot->id.value)),
                        err);
    return status;
}

enum status contact_rows_index(struct connection *connection, const struct contact *hot,
                               struct error *err)
{
    return each_number(connection, hot, SQL_NUMBER_INSERT, err);
}

enum status contact_rows_unindex(struct connection *connection, const struct contact *hot,
                                 struct error *err)
{
    return each_number(connection, hot, SQL_NUMBER_DELETE, err);
}

static void address_read(struct rows *rows, struct address *address)
{
    int64_t recalls = sqlite3_column_int64(rows->statement, 6);
    *address = (struct address){
        .column = (int16_t)sqlite3_column_int(rows->statement, 0),
        .number = sqlite3_column_int64(rows->statement, 1),
        .zone_set = {sqlite3_column_int(rows->statement, 2)},
        .state = (enum address_state)sqlite3_column_int(rows->statement, 3),
        .is_callable = sqlite3_column_int(rows->statement, 4) != 0,
        .attempts = sqlite3_column_int(rows->statement, 5),
        .last_at = {sqlite3_column_int64(rows->statement, 7)},
        .last_outcome = (enum outcome)sqlite3_column_int(rows->statement, 8),
        .last_wrapup = {sqlite3_column_int64(rows->statement, 9)},
        .is_zone_given = sqlite3_column_int(rows->statement, 10) != 0,
    };
    for (int i = 0; i < RECALL_COUNT; i++)
        address->recalls[i] = (uint8_t)(recalls >> (8 * i));
}

enum status sqlite_contact_get_hot(void *self, struct contact_id id, struct contact *contact,
                                   struct error *err)
{
    struct connection *connection = self;
    *contact = (struct contact){.id = id};
    struct rows rows = sql_start(connection, SQL_STATE_GET, SQL_VALUES(SQL_INT(id.value)));
    bool has_row = rows_next(&rows);
    if (has_row) {
        contact->version = sqlite3_column_int(rows.statement, 0);
        contact->state = (enum contact_state)sqlite3_column_int(rows.statement, 1);
        contact->is_callable = sqlite3_column_int(rows.statement, 2) != 0;
        contact->priority = sqlite3_column_int(rows.statement, 3);
        contact->pass = sqlite3_column_int64(rows.statement, 4);
        contact->next_try.us = sqlite3_column_int64(rows.statement, 5);
        int flags = sqlite3_column_int(rows.statement, 6);
        contact->is_top_priority = (flags & FLAG_TOP_PRIORITY) != 0;
        contact->is_put_back = (flags & FLAG_PUT_BACK) != 0;
        contact->preferred_agent.value = sqlite3_column_int64(rows.statement, 7);
        contact->reschedules = sqlite3_column_int(rows.statement, 8);
        contact->disposition.value = sqlite3_column_int64(rows.statement, 9);
        contact->touched_at.us = sqlite3_column_int64(rows.statement, 10);
        contact->counted_from.us = sqlite3_column_int64(rows.statement, 11);
    }
    enum status status = rows_end(&rows, err);
    if (status || !has_row)
        return status ? status : STATUS_NOT_FOUND;
    rows = sql_start(connection, SQL_ADDRESS_GET, SQL_VALUES(SQL_INT(id.value)));
    while (contact->address_count < ADDRESS_MAX && rows_next(&rows))
        address_read(&rows, &contact->addresses[contact->address_count++]);
    return rows_end(&rows, err);
}
