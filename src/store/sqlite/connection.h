/* connection.h -- one SQLite connection with its statements, and the store around it. Private
 * to sqlite/. A statement is prepared at its first use and kept. A connection belongs to one
 * thread at a time: readers to theirs, the writer to whoever holds the lane. */
#ifndef CADRAN_STORE_SQLITE_CONNECTION_H
#define CADRAN_STORE_SQLITE_CONNECTION_H

#include <pthread.h>
#include <sqlite3.h>

#include "base/lane.h"
#include "base/mailbox.h"
#include "base/per_thread.h"
#include "port/store.h"
#include "store/campaign_filter.h"
#include "store/manage.h"

enum sql {
#define SQL(name, text) SQL_##name,
#include "store/sqlite/statements.h"
#undef SQL
    SQL_COUNT
};

struct connection {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
};

struct sql_value {
    char type; /* i, r (real), t (text), b (bytes) */
    int64_t integer;
    double real;
    const void *bytes; /* NULL is NULL */
    int len;
};
#define SQL_INT(value) ((struct sql_value){.type = 'i', .integer = (value)})
#define SQL_TEXT(value) ((struct sql_value){.type = 't', .bytes = (value), .len = -1})
#define SQL_BYTES(value, count)                                                                \
    ((struct sql_value){.type = 'b', .bytes = (value), .len = (int)(count)})
#define SQL_VALUES(...)                                                                        \
    (struct sql_value[]){__VA_ARGS__},                                                         \
        (int)(sizeof((struct sql_value[]){__VA_ARGS__}) / sizeof(struct sql_value))

/* Opens a connection on `path` with the settings of every one of them. */
enum status sql_connection_open(struct connection *connection, const char *path, int flags,
                                struct error *err);
void sql_connection_close(struct connection *connection);
/* The status of a SQLite result, with its sentence. */
enum status sql_connection_status(struct connection *connection, int code, struct error *err);

/* A walk over a statement's rows:
 *     struct rows rows = sql_start(connection, SQL_X, SQL_VALUES(...));
 *     while (rows_next(&rows)) ... sqlite3_column_int64(rows.statement, 0) ...
 *     status = rows_end(&rows, err);                                                         */
struct rows {
    struct connection *connection;
    sqlite3_stmt *statement;
    int code;
};
struct rows sql_start(struct connection *connection, enum sql sql,
                      const struct sql_value *values, int count);
bool rows_next(struct rows *rows);
enum status rows_end(struct rows *rows, struct error *err);
/* Runs a statement to its end. */
enum status sql_run(struct connection *connection, enum sql sql, const struct sql_value *values,
                    int count, struct error *err);
/* The first column of the first row; STATUS_NOT_FOUND (without a sentence) where none. */
enum status sql_get(struct connection *connection, enum sql sql, const struct sql_value *values,
                    int count, int64_t *value, struct error *err);
/* A column's text in the arena. */
const char *rows_text(struct rows *rows, int column, struct arena *arena);

struct store_sqlite {
    char *path;
    struct lane *lane;
    struct connection writer;
    bool is_synced;  /* the writer's synchronous setting is FULL */
    bool is_suspect; /* a sync failed: what the log holds may never reach the disk */
    struct per_thread *readers;
    struct connection checkpoints;
    pthread_t checkpointer;
    bool has_checkpointer, checkpoints_fail; /* the second: the checkpointer's, said once */
    struct mailbox *stop;
};
#define STORE_SQLITE(self) ((struct store_sqlite *)(self))

/* The calling thread's reader inside a read transaction; NULL where it cannot be had. */
struct connection *read_begin(struct store_sqlite *store, struct error *err);
/* Ends the read transaction and passes `status` on. */
enum status read_end(struct connection *connection, enum status status);

/* Takes the lane and begins a transaction. */
enum status write_begin(struct store_sqlite *store, enum store_priority priority,
                        struct error *err);
/* Commits where `status` is OK, else rolls back; leaves the lane. */
enum status write_end(struct store_sqlite *store, enum status status, struct error *err);
/* Bulk work's budget: true when this much of a transaction is enough. */
#define BULK_BUDGET_US 5000
bool bulk_is_spent(struct mono began);

enum status checkpointer_start(struct store_sqlite *store, struct error *err);
void checkpointer_stop(struct store_sqlite *store);
enum status schema_apply(struct connection *connection, const char *path, struct error *err);

/* Rows for store/dialer.h over a connection. */
struct dialer_rows sqlite_rows(struct connection *connection);
enum status sqlite_contact_get_hot(void *self, struct contact_id id, struct contact *contact,
                                   struct error *err);
/* state_count on a connection. */
enum status sqlite_state_count(void *self, struct list_id list, enum contact_state from,
                               enum contact_state to, struct error *err);
/* Rows for store/manage.h over a connection. */
struct manage_rows sqlite_manage_rows(struct connection *connection);
/* dnc_has on a connection, for the rows of store/dialer.h. */
enum status sqlite_dnc_has_on(void *connection, struct dnc_list_id list, int64_t number,
                              struct wall now, bool *has, struct error *err);
/* Where a job stands, inside the transaction under way. */
enum status sqlite_job_mark(struct connection *connection, const struct job_mark *mark,
                            struct error *err);
/* Whether the contact's value in a column is on the list. */
enum status sqlite_dnc_has_contact(void *connection, struct dnc_list_id list,
                                   struct contact_id contact, int16_t column, struct wall now,
                                   bool *has, struct error *err);
/* A contact as it is read, in the arena. */
enum status sqlite_record_get(struct connection *connection, struct contact_id id,
                              struct arena *arena, struct contact_record *record,
                              struct error *err);
/* The functions of filters. A SQLite result. */
int sql_functions_register(sqlite3 *db);
/* Removes one contact's rows; the caller counts. */
enum status sqlite_contact_drop(struct connection *connection, struct contact_id id,
                                struct error *err);
/* Removes one contact and says nothing of it in its history; STATUS_NOT_FOUND, or
 * STATUS_CONFLICT while it is being called. */
enum status sqlite_contact_forget(struct connection *connection, struct contact_id id,
                                  size_t index, struct error *err);
/* An edited contact takes its place in the queues of its list. */
enum status sqlite_queue_edited(struct connection *connection, const struct contact *contact,
                                struct wall now, struct error *err);
/* The contact's rows in the indices of its list: away before its data changes, back after. */
enum status sqlite_columns_unindex(struct connection *connection, struct contact_id id,
                                   struct error *err);
enum status sqlite_columns_index(struct connection *connection, struct contact_id id,
                                 struct error *err);
/* For dialer_rows; `self` is the connection. */
enum status sqlite_filter_stamp(void *self, struct campaign_id campaign, int64_t *stamp,
                                struct error *err);
/* The campaign's filter; every contact where it has none. campaign_filter_fini in any case. */
enum status sqlite_filter_load(struct connection *connection, struct campaign_id campaign,
                               struct campaign_filter *filter, struct error *err);
enum status sqlite_filter_passes(struct connection *connection,
                                 const struct campaign_filter *filter,
                                 const struct contact *contact, struct wall now, bool *passes,
                                 struct error *err);
/* The order by which the queue of the claim's pass was built; *has is false where there is
 * none. */
enum status sqlite_build_order(struct connection *connection, const struct claim *claim,
                               struct queue_order *order, bool *has, struct error *err);
/* Removes what a campaign leaves in the queue tables, in chunks. */
enum status sqlite_queue_drop(struct store_sqlite *store, struct campaign_id campaign,
                              struct error *err);
enum status sqlite_was_used(struct connection *connection, const struct contact *contact,
                            int64_t pass, bool *was, struct error *err);
/* An operation of the port, one line each: see port/store.h. */
#include "store/sqlite/operations.h"

#endif
