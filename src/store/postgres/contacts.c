/* Contacts as people read, edit and remove them. Many at once: writing.c. */
#include <stdlib.h>

#include "store/contact.h"
#include "store/postgres/build.h"
#include "store/postgres/writing.h"

#define CLEAR_CHUNK 500 /* contacts a transaction removes */

/* --- Edits
 * ----------------------------------------------------------------------------------------- */

static enum status update_check(struct pg_rows *rows, const struct contact_set *set,
                                struct contact_id id, int32_t data_version,
                                const struct contact_write *write, struct error *err)
{
    const struct contact_entry *entry = contact_set_find(set, id);
    if (!pg_next(rows) || !entry)
        return contact_missing(id, err);
    int32_t stored = (int32_t)pg_int(rows, 2);
    enum status status = contact_check(write, 0, err);
    if (!status && stored != data_version)
        status = contact_data_stale(id, stored, data_version, err);
    if (!status && entry->contact.state == CONTACT_RUNNING)
        status = contact_running(id, 0, err);
    return status;
}

enum status postgres_contact_update(void *self, struct contact_id id, int32_t data_version,
                                    const struct contact_write *write, struct wall now,
                                    struct error *err)
{
    struct store_postgres *store = self;
    struct contact_set set = {0};
    struct build_row builds[BUILDS_MAX];
    size_t build_count;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    contact_set_want(&set, id);
    pg_send(writer, PG_BUILDS_LOCK, PG_VALUES(PG_INT(contact_list_of(id).value)));
    contact_set_send(&set, writer, true);
    pg_send_batch(writer, PG_CONTACT_GET, &set.keys); /* behind the lock */
    pg_sync(writer);
    enum status status = builds_receive(writer, builds, &build_count, err);
    if (!status)
        status = contact_set_receive(&set, writer, err);
    if (!status) {
        struct pg_rows rows = pg_receive(writer);
        status =
            rows.result ? update_check(&rows, &set, id, data_version, write, err) : STATUS_OK;
        enum status ended = pg_end(&rows, status ? NULL : err);
        status = status ? status : ended;
    }
    if (!status) {
        struct contact_entry *entry = contact_set_find(&set, id);
        struct replaced replaced = {.entry = entry};
        replaced_take(&replaced, write);
        struct edit edit = {.is_moved = contact_fill(&entry->contact, write, now),
                            .data = write->data};
        edit.contact = entry->contact;
        status = replaced_store(writer, &replaced, 1, now, err);
        if (!status)
            status = edits_place(writer, builds, build_count, &edit, 1, now, err);
    }
    contact_set_fini(&set);
    return pg_write_end(store, STORE_API, status, err);
}

/* --- Removal
 * --------------------------------------------------------------------------------------- */

/* Sends the removal of these contacts and what their lists have less. */
static void remove_send(struct pg_connection *connection, struct pg_batch *keys)
{
    static const enum pg deletes[] = {PG_ADDRESS_DELETE, PG_DUE_DELETE_CONTACT, PG_STATE_DELETE,
                                      PG_CONTACT_DELETE};
    if (!keys->count)
        return;
    pg_columns_unindex_send(connection, keys);
    pg_send_batch(connection, PG_STATE_COUNT_LESS, keys);
    for (size_t i = 0; i < ARRAY_LEN(deletes); i++)
        pg_send_batch(connection, deletes[i], keys);
    pg_send(connection, PG_LIST_LESS, PG_VALUES(PG_ARRAY(&keys->columns[0])));
}

/* Locks and checks contacts, then sends their removal; `actor` NULL: no trace is left. */
static enum status remove_all(struct pg_connection *writer, const struct contact_id *ids,
                              size_t count, const struct entity_ref *actor, struct wall now,
                              int64_t *removed, struct error *err)
{
    struct contact_set set = {0};
    struct pg_batch keys = {.column_count = 2}, actors = {0};
    struct pg_array lists = {0};
    for (size_t i = 0; i < count; i++) {
        contact_set_want(&set, ids[i]);
        pg_array_int(&lists, contact_list_of(ids[i]).value);
    }
    pg_send(writer, PG_LIST_LOCK_MANY, PG_VALUES(PG_ARRAY(&lists)));
    pg_array_fini(&lists);
    contact_set_send(&set, writer, true);
    pg_sync(writer);
    struct pg_rows rows = pg_receive(writer);
    enum status status = pg_end(&rows, err);
    if (!status)
        status = contact_set_receive(&set, writer, err);
    for (size_t i = 0; i < count && !status; i++) {
        const struct contact_entry *entry = contact_set_find(&set, ids[i]);
        if (entry && entry->contact.state == CONTACT_RUNNING)
            status = contact_running(ids[i], i, err);
    }
    for (size_t i = 0; i < set.count && !status; i++)
        if (set.entries[i].is_found) {
            int64_t list = contact_list_of(set.entries[i].contact.id).value;
            PG_ADD(&keys, list, set.entries[i].contact.id.value);
            if (actor)
                PG_ADD(&actors, list, set.entries[i].contact.id.value, actor->kind, actor->id);
        }
    *removed = keys.count;
    if (!status && keys.count) {
        if (actor)
            send_before(writer, &actors, now, CONTACT_EVENT_DELETED);
        remove_send(writer, &keys);
        status = pg_settle(writer, err);
    }
    pg_batch_fini(&actors);
    pg_batch_fini(&keys);
    contact_set_fini(&set);
    return status;
}

enum status pg_contacts_forget(struct pg_connection *writer, const struct contact_id *ids,
                               size_t count, int64_t *removed, struct error *err)
{
    *removed = 0;
    return count ? remove_all(writer, ids, count, NULL, (struct wall){0}, removed, err)
                 : STATUS_OK;
}

enum status postgres_contacts_expired(void *self, struct wall now, struct contact_id *ids,
                                      size_t *count, struct error *err)
{
    size_t room = *count;
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct pg_rows rows =
        pg_start(reader, PG_CONTACT_EXPIRED, PG_VALUES(PG_INT(now.us), PG_INT((int64_t)room)));
    while (*count < room && pg_next(&rows))
        ids[(*count)++].value = pg_int(&rows, 0);
    return pg_read_end(reader, pg_end(&rows, err));
}

enum status postgres_contacts_deleted(void *self, struct list_id list, int64_t offset,
                                      struct arena *arena, struct deleted_contact *deleted,
                                      size_t *count, struct error *err)
{
    size_t room = *count;
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct pg_rows rows =
        pg_start(reader, PG_DELETED_LIST,
                 PG_VALUES(PG_INT(list.value), PG_INT((int64_t)room), PG_INT(offset)));
    while (*count < room && pg_next(&rows))
        deleted[(*count)++] = (struct deleted_contact){
            .id = {pg_int(&rows, 0)},
            .at = {pg_int(&rows, 1)},
            .actor = {(enum entity_kind)pg_int(&rows, 2), pg_int(&rows, 3)},
            .before = pg_text_in(&rows, 4, arena)};
    return pg_read_end(reader, pg_end(&rows, err));
}

enum status postgres_contacts_purge(void *self, struct list_id list, struct wall at,
                                    size_t *count, struct error *err)
{
    size_t room = *count < MANAGE_ACT_MAX ? *count : MANAGE_ACT_MAX;
    int64_t gone = 0;
    *count = 0;
    struct pg_connection *writer = pg_write_begin(self, STORE_BULK, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status =
        pg_get(writer, PG_DELETED_OLD,
               PG_VALUES(PG_INT(list.value), PG_INT(at.us), PG_INT((int64_t)room)), &gone, err);
    status = pg_write_end(self, STORE_BULK, status, err);
    *count = status ? 0 : (size_t)gone;
    return status;
}

enum status postgres_contacts_forget(void *self, const struct contact_id *ids, size_t count,
                                     struct error *err)
{
    int64_t gone;
    enum status status = manage_check(count, err);
    if (status)
        return status;
    struct pg_connection *writer = pg_write_begin(self, STORE_BULK, err);
    if (!writer)
        return pg_unavailable(err);
    status = pg_contacts_forget(writer, ids, count, &gone, err);
    for (size_t i = 0; i < count && !status; i++)
        status =
            pg_run(writer, PG_ERASE_EVENTS,
                   PG_VALUES(PG_INT(contact_list_of(ids[i]).value), PG_INT(ids[i].value)), err);
    return pg_write_end(self, STORE_BULK, status, err);
}

enum status postgres_contacts_remove(void *self, struct entity_ref actor, struct wall now,
                                     const struct contact_id *ids, size_t count,
                                     struct error *err)
{
    struct store_postgres *store = self;
    int64_t removed;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = remove_all(writer, ids, count, &actor, now, &removed, err);
    return pg_write_end(store, STORE_API, status, err);
}

/* Removes contacts behind *at; *is_done at the end of the list. */
static enum status clear_chunk(struct pg_connection *connection, struct list_id list,
                               struct contact_id *at, bool *is_done, struct contact_id *running,
                               struct error *err)
{
    struct pg_batch keys = {.column_count = 2};
    pg_send(connection, PG_LIST_LOCK, PG_VALUES(PG_INT(list.value)));
    pg_send(connection, PG_STATE_NEXT_LOCK,
            PG_VALUES(PG_INT(list.value), PG_INT(at->value), PG_INT(CLEAR_CHUNK)));
    pg_sync(connection);
    struct pg_rows rows = pg_receive(connection);
    enum status status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(connection);
    *is_done = rows.count < CLEAR_CHUNK;
    while (pg_next(&rows)) {
        at->value = pg_int(&rows, 0);
        if (pg_int(&rows, 1) == CONTACT_RUNNING)
            *running = *at;
        else
            PG_ADD(&keys, list.value, at->value);
    }
    status = pg_end(&rows, err);
    if (!status)
        remove_send(connection, &keys);
    pg_batch_fini(&keys);
    return status;
}

enum status postgres_contacts_clear(void *self, struct list_id list, struct error *err)
{
    struct store_postgres *store = self;
    struct contact_id at = {list.value << CONTACT_SEQUENCE_BITS}, running = {0};
    bool is_done = false;
    while (!is_done) {
        struct pg_connection *writer = pg_write_begin(store, STORE_BULK, err);
        if (!writer)
            return pg_unavailable(err);
        enum status status = clear_chunk(writer, list, &at, &is_done, &running, err);
        status = pg_write_end(store, STORE_BULK, status, err);
        if (status)
            return status;
    }
    return running.value ? contact_running(running, (size_t)(uint32_t)running.value - 1, err)
                         : STATUS_OK;
}

static enum status batch_chunk(struct pg_connection *connection, struct list_id list,
                               int64_t batch, int64_t *at, bool *is_done, int64_t *removed,
                               int64_t *kept, struct error *err)
{
    struct pg_batch keys = {.column_count = 2};
    pg_send(connection, PG_LIST_LOCK, PG_VALUES(PG_INT(list.value)));
    pg_send(connection, PG_CONTACT_OF_BATCH,
            PG_VALUES(PG_INT(list.value), PG_INT(*at), PG_INT(batch), PG_INT(CLEAR_CHUNK)));
    pg_sync(connection);
    struct pg_rows rows = pg_receive(connection);
    enum status status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(connection);
    *is_done = rows.count < CLEAR_CHUNK;
    while (pg_next(&rows)) {
        bool is_used = pg_bool(&rows, 1);
        *at = pg_int(&rows, 0);
        *kept += is_used;
        *removed += !is_used;
        if (!is_used)
            PG_ADD(&keys, list.value, *at);
    }
    status = pg_end(&rows, err);
    if (!status)
        remove_send(connection, &keys);
    pg_batch_fini(&keys);
    return status;
}

enum status postgres_contacts_remove_batch(void *self, struct list_id list, int64_t batch,
                                           int64_t *removed, int64_t *kept, struct error *err)
{
    struct store_postgres *store = self;
    int64_t at = list.value << CONTACT_SEQUENCE_BITS;
    bool is_done = false;
    enum status status = STATUS_OK;
    while (!is_done && !status) {
        struct pg_connection *writer = pg_write_begin(store, STORE_BULK, err);
        if (!writer)
            return pg_unavailable(err);
        status = batch_chunk(writer, list, batch, &at, &is_done, removed, kept, err);
        status = pg_write_end(store, STORE_BULK, status, err);
    }
    return status;
}

/* --- Reading
 * --------------------------------------------------------------------------------------- */

/* Marks those that a campaign has taken up: the builds over each, in the order of the records.
 */
static enum status managed_receive(struct pg_connection *reader, struct contact_record *records,
                                   size_t count, struct error *err)
{
    size_t at = 0;
    struct pg_rows rows = pg_receive(reader);
    while (pg_next(&rows)) {
        while (at < count && records[at].hot.id.value < pg_int(&rows, 0))
            at++;
        if (at == count || records[at].hot.id.value != pg_int(&rows, 0))
            continue;
        struct manage_queue queue = {.pass = pg_int(&rows, 2), .is_covered = pg_bool(&rows, 3)};
        records[at].is_managed |= manage_is_managed(&records[at].hot, &queue, 1);
    }
    return pg_end(&rows, err);
}

enum status pg_records_load(struct pg_connection *reader, const struct contact_id *ids,
                            size_t wanted, struct arena *arena, struct contact_record *records,
                            size_t *count, struct error *err)
{
    struct contact_set set = {0};
    *count = 0;
    if (!wanted)
        return STATUS_OK;
    for (size_t i = 0; i < wanted; i++)
        contact_set_want(&set, ids[i]);
    contact_set_send(&set, reader, false);
    pg_send_batch(reader, PG_CONTACT_GET, &set.keys);
    pg_send_batch(reader, PG_BUILDS_OVER, &set.keys);
    pg_sync(reader);
    enum status status = contact_set_receive(&set, reader, err);
    if (!status) {
        struct pg_rows rows = pg_receive(reader);
        while (pg_next(&rows)) {
            const struct contact_entry *entry =
                contact_set_find(&set, (struct contact_id){pg_int(&rows, 0)});
            if (!entry)
                continue;
            records[(*count)++] = (struct contact_record){
                .hot = entry->contact,
                .external_id = pg_text_in(&rows, 1, arena),
                .data_version = (int32_t)pg_int(&rows, 2),
                .updated_at = {pg_int(&rows, 3)},
                .data = pg_text_in(&rows, 4, arena),
                .created_at = {pg_int(&rows, 5)},
                .batch = pg_int(&rows, 6),
                .extra = pg_text_in(&rows, 7, arena),
                .expires_at = {pg_int(&rows, 8)},
            };
        }
        status = pg_end(&rows, err);
    }
    if (!status)
        status = managed_receive(reader, records, *count, err);
    contact_set_fini(&set);
    return status;
}

enum status postgres_contact_get(void *self, struct contact_id id, struct arena *arena,
                                 struct contact_record *record, struct error *err)
{
    size_t count;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    enum status status = pg_records_load(reader, &id, 1, arena, record, &count, err);
    if (!status && !count)
        status = contact_missing(id, err);
    return pg_read_end(reader, status);
}

enum status postgres_contact_find(void *self, struct list_id list, const char *external_id,
                                  struct arena *arena, struct contact_record *record,
                                  struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct contact_id id = {0};
    struct pg_array names = {0};
    size_t count = 0;
    pg_array_text(&names, external_id);
    enum status status =
        pg_get(reader, PG_CONTACT_FIND, PG_VALUES(PG_INT(list.value), PG_ARRAY(&names)),
               &id.value, err);
    pg_array_fini(&names);
    if (!status)
        status = pg_records_load(reader, &id, 1, arena, record, &count, err);
    if (status == STATUS_NOT_FOUND || (!status && !count))
        status =
            error_set(err, STATUS_NOT_FOUND, "", "the list has no contact \"%s\"", external_id);
    return pg_read_end(reader, status);
}

static struct pg_rows list_start(struct pg_connection *reader,
                                 const struct contact_query *query, size_t limit)
{
    int64_t after = query->list.value << CONTACT_SEQUENCE_BITS;
    if (query->after.value > after)
        after = query->after.value;
    struct pg_value list = PG_INT(query->list.value), offset = PG_INT(query->offset);
    if (query->view != CONTACT_VIEW_ALL)
        return pg_start(reader,
                        query->view == CONTACT_VIEW_LIST ? PG_CONTACT_NEXT_WAITING
                                                         : PG_CONTACT_NEXT_MANAGED,
                        PG_VALUES(list, PG_INT(after), PG_INT((int64_t)limit), offset));
    if (!query->number)
        return pg_start(reader, PG_CONTACT_NEXT,
                        PG_VALUES(list, PG_INT(after), PG_INT((int64_t)limit), offset));
    return pg_start(
        reader, PG_CONTACT_BY_NUMBER,
        PG_VALUES(list, PG_INT(after), PG_INT((int64_t)limit), offset, PG_INT(query->number)));
}

enum status postgres_contacts_list(void *self, const struct contact_query *query,
                                   struct arena *arena, struct contact_record **records,
                                   size_t *count, struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0, found = 0;
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *records = arena_new(arena, limit, sizeof(**records));
    struct contact_id *ids = memory_new(limit + 1, sizeof(*ids));
    struct pg_rows rows = list_start(reader, query, limit);
    while (found < limit && pg_next(&rows))
        ids[found++].value = pg_int(&rows, 0);
    enum status status = pg_end(&rows, err);
    if (!status)
        status = pg_records_load(reader, ids, found, arena, *records, count, err);
    free(ids);
    return pg_read_end(reader, status);
}

enum status postgres_contacts_count(void *self, struct list_id id, int64_t *count,
                                    struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct pg_rows rows = pg_start(reader, PG_LIST_GET, PG_VALUES(PG_INT(id.value)));
    *count = pg_next(&rows) ? pg_int(&rows, 1) : 0;
    return pg_read_end(reader, pg_end(&rows, err));
}

enum status postgres_contacts_zones(void *self, struct list_id list, int16_t column,
                                    struct arena *arena, struct zone_count **counts,
                                    size_t *count, struct error *err)
{
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *counts = arena_new(arena, ZONE_COUNTS_MAX, sizeof(**counts));
    struct pg_rows rows =
        pg_start(reader, PG_CONTACT_ZONES,
                 PG_VALUES(PG_INT(list.value), PG_INT(ZONE_COUNTS_MAX), PG_INT(column)));
    while (*count < ZONE_COUNTS_MAX && pg_next(&rows)) {
        const char *value = pg_text(&rows, 1);
        (*counts)[(*count)++] =
            (struct zone_count){.zone_set = (int32_t)pg_int(&rows, 0),
                                .value = arena_text(arena, value, strlen(value)),
                                .contacts = pg_int(&rows, 2)};
    }
    return pg_read_end(reader, pg_end(&rows, err));
}
