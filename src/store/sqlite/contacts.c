/* Contacts as people write them. Hot rows as the dialer writes them: commit.c. */
#include "store/contact.h"

#include <stdlib.h>
#include <string.h>

#include "store/sqlite/connection.h"
#include "store/sqlite/contact_rows.h"

#define CLEAR_CHUNK 250 /* contacts a transaction removes; also bounded by time */

static int64_t sequence_of(struct contact_id id)
{
    return id.value & INT64_C(0xFFFFFFFF);
}

static enum status find_external(struct connection *connection, struct list_id list,
                                 const char *external_id, struct contact_id *id,
                                 struct error *err)
{
    return sql_get(connection, SQL_CONTACT_FIND,
                   SQL_VALUES(SQL_INT(list.value), SQL_TEXT(external_id)), &id->value, err);
}

/* What the contact was goes into its history. */
static enum status before_put(struct connection *connection, const struct contact *hot,
                              enum contact_event_kind kind, struct entity_ref actor,
                              struct wall now, struct error *err)
{
    struct rows rows =
        sql_start(connection, SQL_CONTACT_GET, SQL_VALUES(SQL_INT(hot->id.value)));
    char *before = NULL;
    if (rows_next(&rows))
        before = manage_before(hot, (const char *)sqlite3_column_text(rows.statement, 0),
                               (const char *)sqlite3_column_text(rows.statement, 3));
    enum status status = rows_end(&rows, err);
    struct contact_event event = {
        .kind = kind,
        .at = now,
        .actor = actor,
        .state = kind == CONTACT_EVENT_DELETED ? CONTACT_DELETED : hot->state,
        .before = before,
    };
    struct manage_rows manage = sqlite_manage_rows(connection);
    if (!status && before)
        status = manage.event_put(connection, hot->id, &event, err);
    free(before);
    return status;
}

static enum status replaced_put(struct connection *connection, const struct contact *hot,
                                const struct contact_write *write, struct wall now,
                                struct error *err)
{
    return before_put(connection, hot, CONTACT_EVENT_CHANGED, write->actor, now, err);
}

/* Replaces an existing contact; the caller has checked its version. */
static enum status replace(struct connection *connection, struct contact_id id,
                           const struct contact_write *write, size_t index, struct wall now,
                           struct error *err)
{
    struct contact hot;
    enum status status = sqlite_contact_get_hot(connection, id, &hot, err);
    if (status)
        return status == STATUS_NOT_FOUND ? contact_missing(id, err) : status;
    if (hot.state == CONTACT_RUNNING)
        return contact_running(id, index, err);
    int64_t stored = 0;
    if (write->data_version)
        status = sql_get(connection, SQL_CONTACT_VERSION, SQL_VALUES(SQL_INT(id.value)),
                         &stored, err);
    if (!status)
        status = contact_version_check(write, id, (int32_t)stored, index, err);
    if (!status)
        status = replaced_put(connection, &hot, write, now, err);
    if (!status)
        status = contact_rows_unindex(connection, &hot, err);
    if (!status)
        status = sqlite_columns_unindex(connection, id, err);
    bool is_moved = contact_fill(&hot, write, now);
    if (!status)
        status = sql_run(connection, SQL_CONTACT_UPDATE,
                         SQL_VALUES(SQL_INT(id.value), SQL_INT(now.us), SQL_TEXT(write->data),
                                    SQL_TEXT(write->extra), SQL_INT(write->has_expiry),
                                    SQL_INT(write->expires_at.us)),
                         err);
    if (!status)
        status = sql_run(connection, SQL_ADDRESS_DELETE, SQL_VALUES(SQL_INT(id.value)), err);
    if (!status)
        status = contact_rows_put(connection, &hot, SQL_STATE_UPDATE, err);
    if (!status)
        status = contact_rows_index(connection, &hot, err);
    if (!status)
        status = sqlite_columns_index(connection, id, err);
    if (status || !is_moved)
        return status ? status : sqlite_queue_edited(connection, &hot, now, err);
    struct manage_rows rows = sqlite_manage_rows(connection);
    return manage_requeue(&rows, &hot, true, err);
}

/* How an array of contacts is written. */
struct writing {
    struct connection *connection;
    struct list_row list;
    enum contact_write_mode mode;
    int64_t batch;
    bool is_indexed;
    struct wall now;
};

static enum status add(struct writing *writing, const struct contact_write *write,
                       struct contact_id *id, struct error *err)
{
    struct connection *connection = writing->connection;
    struct list_row *list = &writing->list;
    if (list->last >= UINT32_MAX)
        return error_set(err, STATUS_FULL, "", "the list has used up its contact ids");
    struct contact hot = {.id = {(list->id.value << CONTACT_SEQUENCE_BITS) | ++list->last}};
    (void)contact_fill(&hot, write, writing->now);
    enum status status = sql_run(connection, SQL_CONTACT_INSERT,
                                 SQL_VALUES(SQL_INT(hot.id.value), SQL_TEXT(write->external_id),
                                            SQL_INT(writing->now.us), SQL_TEXT(write->data),
                                            SQL_INT(writing->batch), SQL_TEXT(write->extra),
                                            SQL_INT(write->expires_at.us)),
                                 err);
    if (!status)
        status = contact_rows_put(connection, &hot, SQL_STATE_INSERT, err);
    if (!status && writing->is_indexed)
        status = contact_rows_index(connection, &hot, err);
    if (!status && writing->is_indexed)
        status = sqlite_columns_index(connection, hot.id, err);
    if (!status && writing->is_indexed)
        status = sql_run(
            connection, SQL_INDEX_ADVANCE,
            SQL_VALUES(SQL_INT(list->id.value), SQL_INT(list->last), SQL_INT(list->last - 1)),
            err);
    list->count++;
    *id = hot.id;
    return status;
}

/* The contact that a write means: by its own id, or by the client's. */
static enum status find_written(struct connection *connection, struct list_id list,
                                const struct contact_write *write, struct contact_id *id,
                                struct error *err)
{
    enum status status = STATUS_NOT_FOUND;
    struct contact hot;
    *id = write->own;
    if (id->value && contact_list_of(*id).value == list.value)
        status = sqlite_contact_get_hot(connection, *id, &hot, err);
    if (status == STATUS_NOT_FOUND && write->external_id)
        status = find_external(connection, list, write->external_id, id, err);
    return status;
}

static enum status write_one(struct writing *writing, const struct contact_write *write,
                             size_t index, struct contact_id *id, struct error *err)
{
    enum status status = contact_check(write, index, err);
    if (status)
        return status;
    status = find_written(writing->connection, writing->list.id, write, id, err);
    if (!status && writing->mode == CONTACT_INSERT)
        return contact_exists(write->external_id, index, err);
    if (!status) {
        writing->list.edits++;
        return replace(writing->connection, *id, write, index, writing->now, err);
    }
    if (status == STATUS_NOT_FOUND)
        status = contact_version_check(write, *id, 0, index, err);
    return status ? status : add(writing, write, id, err);
}

/* Inside a transaction. */
static enum status write_array(struct writing *writing, struct list_id id,
                               const struct contact_write *contacts, size_t count,
                               struct contact_id *ids, struct error *err)
{
    enum status status = list_row_get(writing->connection, id, &writing->list, err);
    bool is_whole = writing->is_indexed && writing->list.number_upto == writing->list.last;
    for (size_t i = 0; i < count && !status; i++) {
        struct contact_id written = {0};
        status = write_one(writing, &contacts[i], i, &written, err);
        if (ids)
            ids[i] = written;
    }
    if (is_whole)
        writing->list.number_upto = writing->list.last;
    return status ? status : list_row_put(writing->connection, &writing->list, err);
}

enum status sqlite_contacts_write(void *self, enum store_priority priority, struct list_id id,
                                  enum contact_write_mode mode,
                                  const struct contact_write *contacts, size_t count,
                                  struct wall now, struct contact_id *ids, struct error *err)
{
    struct store_sqlite *store = self;
    /* Bulk work leaves the number index behind; others keep it where it is up to date. */
    struct writing writing = {.connection = &store->writer,
                              .mode = mode,
                              .is_indexed = priority != STORE_BULK,
                              .now = now};
    enum status status = write_begin(store, priority, err);
    if (status)
        return status;
    return write_end(store, write_array(&writing, id, contacts, count, ids, err), err);
}

enum status sqlite_contacts_import(void *self, struct list_id id, enum contact_write_mode mode,
                                   const struct contact_write *contacts, size_t count,
                                   struct wall now, const struct job_mark *mark,
                                   struct error *err)
{
    struct store_sqlite *store = self;
    struct writing writing = {
        .connection = &store->writer, .mode = mode, .batch = mark->job, .now = now};
    enum status status = write_begin(store, STORE_BULK, err);
    if (status)
        return status;
    status = write_array(&writing, id, contacts, count, mark->ids, err);
    if (!status && mark->on_written)
        status = mark->on_written(mark->context, err);
    if (!status)
        status = sqlite_job_mark(&store->writer, mark, err);
    return write_end(store, status, err);
}

enum status sqlite_contact_update(void *self, struct contact_id id, int32_t data_version,
                                  const struct contact_write *write, struct wall now,
                                  struct error *err)
{
    struct store_sqlite *store = self;
    struct connection *writer = &store->writer;
    int32_t stored = 0;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    struct rows rows = sql_start(writer, SQL_CONTACT_GET, SQL_VALUES(SQL_INT(id.value)));
    bool has_row = rows_next(&rows);
    if (has_row)
        stored = sqlite3_column_int(rows.statement, 1);
    status = rows_end(&rows, err);
    if (!status && !has_row)
        status = contact_missing(id, err);
    if (!status)
        status = contact_check(write, 0, err);
    if (!status && stored != data_version)
        status = contact_data_stale(id, stored, data_version, err);
    struct list_row list = {0};
    if (!status)
        status = list_row_get(writer, contact_list_of(id), &list, err);
    list.edits++;
    if (!status)
        status = list_row_put(writer, &list, err);
    if (!status)
        status = replace(writer, id, write, 0, now, err);
    return write_end(store, status, err);
}

enum status sqlite_contact_drop(struct connection *connection, struct contact_id id,
                                struct error *err)
{
    static const enum sql deletes[] = {SQL_ADDRESS_DELETE, SQL_DUE_DELETE_CONTACT,
                                       SQL_STATE_DELETE, SQL_CONTACT_DELETE};
    struct contact hot;
    enum status status = sqlite_contact_get_hot(connection, id, &hot, err);
    if (!status)
        status = contact_rows_unindex(connection, &hot, err);
    if (!status)
        status = sqlite_columns_unindex(connection, id, err);
    for (size_t i = 0; i < ARRAY_LEN(deletes) && !status; i++)
        status = sql_run(connection, deletes[i], SQL_VALUES(SQL_INT(id.value)), err);
    return status;
}

/* `now` 0: without a trace, when a whole list goes. */
static enum status remove_one(struct connection *connection, struct contact_id id, size_t index,
                              struct entity_ref actor, struct wall now, struct error *err)
{
    struct contact hot;
    enum status status = sqlite_contact_get_hot(connection, id, &hot, err);
    if (!status && hot.state == CONTACT_RUNNING)
        return contact_running(id, index, err);
    if (!status && now.us)
        status = before_put(connection, &hot, CONTACT_EVENT_DELETED, actor, now, err);
    if (!status)
        status = sqlite_contact_drop(connection, id, err);
    if (!status)
        status = sqlite_state_count(connection, contact_list_of(id), hot.state, CONTACT_WAITING,
                                    err);
    struct list_row list;
    if (!status)
        status = list_row_get(connection, contact_list_of(id), &list, err);
    if (status)
        return status;
    list.count--;
    list.edits++;
    return list_row_put(connection, &list, err);
}

/* What is gone already was removed. */
static enum status removed(enum status status)
{
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status sqlite_contact_forget(struct connection *connection, struct contact_id id,
                                  size_t index, struct error *err)
{
    return remove_one(connection, id, index, (struct entity_ref){0}, (struct wall){0}, err);
}

enum status sqlite_contacts_remove(void *self, struct entity_ref actor, struct wall now,
                                   const struct contact_id *ids, size_t count,
                                   struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++)
        status = removed(remove_one(&store->writer, ids[i], i, actor, now, err));
    return write_end(store, status, err);
}

enum status sqlite_contacts_expired(void *self, struct wall now, struct contact_id *ids,
                                    size_t *count, struct error *err)
{
    size_t room = *count;
    *count = 0;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct rows rows = sql_start(reader, SQL_CONTACT_EXPIRED,
                                 SQL_VALUES(SQL_INT(now.us), SQL_INT((int64_t)room)));
    while (*count < room && rows_next(&rows))
        ids[(*count)++].value = sqlite3_column_int64(rows.statement, 0);
    return read_end(reader, rows_end(&rows, err));
}

enum status sqlite_contacts_forget(void *self, const struct contact_id *ids, size_t count,
                                   struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = manage_check(count, err);
    if (!status)
        status = write_begin(store, STORE_BULK, err);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++) {
        status = removed(sqlite_contact_forget(&store->writer, ids[i], i, err));
        if (!status)
            status = sql_run(&store->writer, SQL_ERASE_EVENTS,
                             SQL_VALUES(SQL_INT(ids[i].value)), err);
    }
    return write_end(store, status, err);
}

enum status sqlite_contacts_deleted(void *self, struct list_id list, int64_t offset,
                                    struct arena *arena, struct deleted_contact *deleted,
                                    size_t *count, struct error *err)
{
    size_t room = *count;
    *count = 0;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct rows rows =
        sql_start(reader, SQL_DELETED_LIST,
                  SQL_VALUES(SQL_INT(list.value), SQL_INT((int64_t)room), SQL_INT(offset)));
    while (*count < room && rows_next(&rows)) {
        const char *before = (const char *)sqlite3_column_text(rows.statement, 4);
        deleted[(*count)++] = (struct deleted_contact){
            .id = {sqlite3_column_int64(rows.statement, 0)},
            .at = {sqlite3_column_int64(rows.statement, 1)},
            .actor = {(enum entity_kind)sqlite3_column_int(rows.statement, 2),
                      sqlite3_column_int64(rows.statement, 3)},
            .before = arena_text(arena, before, strlen(before))};
    }
    return read_end(reader, rows_end(&rows, err));
}

enum status sqlite_contacts_purge(void *self, struct list_id list, struct wall at,
                                  size_t *count, struct error *err)
{
    struct store_sqlite *store = self;
    struct contact_id ids[MANAGE_ACT_MAX];
    size_t room = *count < MANAGE_ACT_MAX ? *count : MANAGE_ACT_MAX;
    *count = 0;
    enum status status = write_begin(store, STORE_BULK, err);
    if (status)
        return status;
    struct rows rows =
        sql_start(&store->writer, SQL_DELETED_OLD,
                  SQL_VALUES(SQL_INT(list.value), SQL_INT(at.us), SQL_INT((int64_t)room)));
    while (*count < room && rows_next(&rows))
        ids[(*count)++].value = sqlite3_column_int64(rows.statement, 0);
    status = rows_end(&rows, err);
    for (size_t i = 0; i < *count && !status; i++)
        status =
            sql_run(&store->writer, SQL_ERASE_EVENTS, SQL_VALUES(SQL_INT(ids[i].value)), err);
    return write_end(store, status, err);
}

/* Removes contacts behind *at for one budget; *is_done at the end of the list. */
static enum status clear_chunk(struct connection *connection, struct list_id list,
                               struct contact_id *at, bool *is_done, struct contact_id *running,
                               struct error *err)
{
    struct mono began = instant_mono_now();
    struct contact_id ids[CLEAR_CHUNK];
    size_t count = 0;
    struct rows rows = sql_start(connection, SQL_CONTACT_NEXT,
                                 SQL_VALUES(SQL_INT(at->value), SQL_INT(list_last_key(list)),
                                            SQL_INT(CLEAR_CHUNK), SQL_INT(0)));
    while (count < CLEAR_CHUNK && rows_next(&rows))
        ids[count++].value = sqlite3_column_int64(rows.statement, 0);
    enum status status = rows_end(&rows, err);
    size_t i = 0;
    for (; i < count && !status && !bulk_is_spent(began); i++) {
        status = removed(sqlite_contact_forget(connection, ids[i], i, err));
        if (status == STATUS_CONFLICT) {
            *running = ids[i];
            status = STATUS_OK;
        }
        *at = ids[i];
    }
    *is_done = i == count && count < CLEAR_CHUNK;
    return status;
}

enum status sqlite_contacts_clear(void *self, struct list_id list, struct error *err)
{
    struct store_sqlite *store = self;
    struct contact_id at = {list.value << CONTACT_SEQUENCE_BITS}, running = {0};
    bool is_done = false;
    while (!is_done) {
        enum status status = write_begin(store, STORE_BULK, err);
        if (status)
            return status;
        status = clear_chunk(&store->writer, list, &at, &is_done, &running, err);
        status = write_end(store, status, err);
        if (status)
            return status;
    }
    return running.value ? contact_running(running, (size_t)sequence_of(running) - 1, err)
                         : STATUS_OK;
}

static enum status batch_chunk(struct connection *connection, struct list_id list,
                               int64_t batch, int64_t *at, bool *is_done, int64_t *removed,
                               int64_t *kept, struct error *err)
{
    struct mono began = instant_mono_now();
    struct contact_id ids[CLEAR_CHUNK];
    bool is_used[CLEAR_CHUNK];
    size_t count = 0;
    struct rows rows = sql_start(connection, SQL_CONTACT_OF_BATCH,
                                 SQL_VALUES(SQL_INT(*at), SQL_INT(list_last_key(list)),
                                            SQL_INT(batch), SQL_INT(CLEAR_CHUNK)));
    while (count < CLEAR_CHUNK && rows_next(&rows)) {
        ids[count].value = sqlite3_column_int64(rows.statement, 0);
        is_used[count++] = sqlite3_column_int(rows.statement, 1) != 0;
    }
    enum status status = rows_end(&rows, err);
    size_t i = 0;
    for (; i < count && !status && !bulk_is_spent(began); i++) {
        if (!is_used[i])
            status = remove_one(connection, ids[i], i, (struct entity_ref){0}, (struct wall){0},
                                err);
        *removed += !is_used[i];
        *kept += is_used[i];
        *at = ids[i].value;
    }
    *is_done = i == count && count < CLEAR_CHUNK;
    return status;
}

enum status sqlite_contacts_remove_batch(void *self, struct list_id list, int64_t batch,
                                         int64_t *removed, int64_t *kept, struct error *err)
{
    struct store_sqlite *store = self;
    int64_t at = list.value << CONTACT_SEQUENCE_BITS;
    bool is_done = false;
    enum status status = STATUS_OK;
    while (!is_done && !status) {
        status = write_begin(store, STORE_BULK, err);
        if (status)
            return status;
        status = batch_chunk(&store->writer, list, batch, &at, &is_done, removed, kept, err);
        status = write_end(store, status, err);
    }
    return status;
}

/* --- Reading
 * ------------------------------------------------------------------------------------ */

enum status sqlite_record_get(struct connection *connection, struct contact_id id,
                              struct arena *arena, struct contact_record *record,
                              struct error *err)
{
    memset(record, 0, sizeof(*record));
    struct rows rows = sql_start(connection, SQL_CONTACT_GET, SQL_VALUES(SQL_INT(id.value)));
    bool has_row = rows_next(&rows);
    if (has_row) {
        record->external_id = rows_text(&rows, 0, arena);
        record->data_version = sqlite3_column_int(rows.statement, 1);
        record->updated_at.us = sqlite3_column_int64(rows.statement, 2);
        record->data = rows_text(&rows, 3, arena);
        record->extra = rows_text(&rows, 4, arena);
        record->batch = sqlite3_column_int64(rows.statement, 5);
        record->created_at.us = sqlite3_column_int64(rows.statement, 6);
        record->expires_at.us = sqlite3_column_int64(rows.statement, 7);
    }
    enum status status = rows_end(&rows, err);
    if (!status && !has_row)
        return contact_missing(id, err);
    if (!status)
        status = sqlite_contact_get_hot(connection, id, &record->hot, err);
    struct manage_rows manage = sqlite_manage_rows(connection);
    struct manage_queue queues[MANAGE_QUEUES_MAX];
    size_t count = 0;
    if (!status)
        status = manage.queues_of(connection, &record->hot, queues, &count, err);
    record->is_managed = manage_is_managed(&record->hot, queues, count);
    return status;
}

enum status sqlite_contact_get(void *self, struct contact_id id, struct arena *arena,
                               struct contact_record *record, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    return read_end(reader, sqlite_record_get(reader, id, arena, record, err));
}

enum status sqlite_contact_find(void *self, struct list_id list, const char *external_id,
                                struct arena *arena, struct contact_record *record,
                                struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct contact_id id;
    enum status status = find_external(reader, list, external_id, &id, err);
    if (status == STATUS_NOT_FOUND)
        status =
            error_set(err, STATUS_NOT_FOUND, "", "the list has no contact \"%s\"", external_id);
    else if (!status)
        status = sqlite_record_get(reader, id, arena, record, err);
    return read_end(reader, status);
}

static struct rows list_start(struct connection *reader, const struct contact_query *query,
                              const struct list_row *list, int64_t limit)
{
    int64_t after = query->list.value << CONTACT_SEQUENCE_BITS;
    if (query->after.value > after)
        after = query->after.value;
    if (query->view != CONTACT_VIEW_ALL)
        return sql_start(reader,
                         query->view == CONTACT_VIEW_LIST ? SQL_CONTACT_NEXT_WAITING
                                                          : SQL_CONTACT_NEXT_MANAGED,
                         SQL_VALUES(SQL_INT(after), SQL_INT(list_last_key(query->list)),
                                    SQL_INT(limit), SQL_INT(query->offset),
                                    SQL_INT(query->list.value)));
    if (!query->number)
        return sql_start(reader, SQL_CONTACT_NEXT,
                         SQL_VALUES(SQL_INT(after), SQL_INT(list_last_key(query->list)),
                                    SQL_INT(limit), SQL_INT(query->offset)));
    if (list->number_upto == list->last)
        return sql_start(reader, SQL_CONTACT_BY_NUMBER,
                         SQL_VALUES(SQL_INT(query->list.value), SQL_INT(query->number),
                                    SQL_INT(after), SQL_INT(limit), SQL_INT(query->offset)));
    return sql_start(reader, SQL_CONTACT_BY_NUMBER_SLOW,
                     SQL_VALUES(SQL_INT(after), SQL_INT(list_last_key(query->list)),
                                SQL_INT(query->number), SQL_INT(limit),
                                SQL_INT(query->offset)));
}

enum status sqlite_contacts_list(void *self, const struct contact_query *query,
                                 struct arena *arena, struct contact_record **records,
                                 size_t *count, struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    struct list_row list;
    *count = 0;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    *records = arena_new(arena, limit, sizeof(**records));
    enum status status = list_row_get(reader, query->list, &list, err);
    if (status)
        return read_end(reader, status);
    size_t found = 0;
    struct rows rows = list_start(reader, query, &list, (int64_t)limit);
    while (found < limit && rows_next(&rows))
        (*records)[found++].hot.id.value = sqlite3_column_int64(rows.statement, 0);
    status = rows_end(&rows, err);
    for (; *count < found && !status; (*count)++)
        status = sqlite_record_get(reader, (*records)[*count].hot.id, arena,
                                   &(*records)[*count], err);
    return read_end(reader, status);
}

enum status sqlite_contacts_count(void *self, struct list_id id, int64_t *count,
                                  struct error *err)
{
    struct list_row list;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    enum status status = list_row_get(reader, id, &list, err);
    *count = list.count;
    return read_end(reader, status);
}

enum status sqlite_contacts_zones(void *self, struct list_id list, int16_t column,
                                  struct arena *arena, struct zone_count **counts,
                                  size_t *count, struct error *err)
{
    *count = 0;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    *counts = arena_new(arena, ZONE_COUNTS_MAX, sizeof(**counts));
    struct rows rows = sql_start(reader, SQL_CONTACT_ZONES,
                                 SQL_VALUES(SQL_INT(list.value << CONTACT_SEQUENCE_BITS),
                                            SQL_INT(list_last_key(list)),
                                            SQL_INT(ZONE_COUNTS_MAX), SQL_INT(column)));
    while (*count < ZONE_COUNTS_MAX && rows_next(&rows)) {
        const char *value = (const char *)sqlite3_column_text(rows.statement, 1);
        (*counts)[(*count)++] = (struct zone_count){
            .zone_set = sqlite3_column_int(rows.statement, 0),
            .value = arena_text(arena, value ? value : "", value ? strlen(value) : 0),
            .contacts = sqlite3_column_int64(rows.statement, 2)};
    }
    return read_end(reader, rows_end(&rows, err));
}
