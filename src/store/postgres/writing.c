/* Many contacts in one transaction: what is there is read and locked at once, what the writes
 * make of it is worked out in memory, and what is new goes in by COPY. */
#include "store/postgres/writing.h"

#include <stdlib.h>

#include "base/table.h"
#include "store/contact.h"
#include "store/postgres/managing.h"

enum status builds_receive(struct pg_connection *connection,
                           struct build_row builds[BUILDS_MAX], size_t *count,
                           struct error *err)
{
    *count = 0;
    struct pg_rows rows = pg_receive(connection);
    while (*count < BUILDS_MAX && pg_next(&rows))
        build_read(&rows, &builds[(*count)++]);
    return pg_end(&rows, err);
}

void send_before(struct pg_connection *connection, struct pg_batch *actors, struct wall now,
                 enum contact_event_kind kind)
{
    pg_send(connection, PG_EVENT_BEFORE,
            PG_VALUES(PG_ARRAY(&actors->columns[0]), PG_ARRAY(&actors->columns[1]),
                      PG_ARRAY(&actors->columns[2]), PG_ARRAY(&actors->columns[3]),
                      PG_INT(now.us), PG_INT(kind)));
}

void replaced_take(struct replaced *replaced, const struct contact_write *write)
{
    replaced->write = write;
    replaced->times++;
    replaced->extra = write->extra ? write->extra : replaced->extra;
    if (write->has_expiry) {
        replaced->has_expiry = true;
        replaced->expires_at = write->expires_at;
    }
}

enum status replaced_store(struct pg_connection *connection, const struct replaced *replaced,
                           size_t count, struct wall now, struct error *err)
{
    struct pg_batch cold = {0}, keys = {.column_count = 2}, states = {0}, ranks = {0};
    struct pg_batch actors = {0};
    struct pg_copy addresses = {0};
    for (size_t i = 0; i < count; i++) {
        const struct contact *hot = &replaced[i].entry->contact;
        int64_t list = contact_list_of(hot->id).value;
        const struct contact_write *write = replaced[i].write;
        PG_ADD(&cold, list, hot->id.value, now.us, replaced[i].times,
               replaced[i].has_expiry ? replaced[i].expires_at.us : -1);
        pg_batch_text(&cold, 5, write->data);
        pg_batch_text(&cold, 6, replaced[i].extra);
        PG_ADD(&keys, list, hot->id.value);
        PG_ADD(&actors, list, hot->id.value, write->actor.kind, write->actor.id);
        PG_ADD(&ranks, list, hot->id.value, hot->priority);
        contact_state_add(&states, hot);
        for (int32_t place = 0; place < hot->address_count; place++)
            contact_address_copy(&addresses, hot, place);
    }
    enum status status = STATUS_OK;
    if (count) {
        send_before(connection, &actors, now, CONTACT_EVENT_CHANGED);
        pg_columns_unindex_send(connection, &keys);
        pg_send_batch(connection, PG_CONTACT_UPDATE, &cold);
        pg_send_batch(connection, PG_VALUE_PUT, &keys);
        pg_send_batch(connection, PG_STATE_MOVE, &states);
        pg_send_batch(connection, PG_STATE_RANK, &ranks);
        pg_send_batch(connection, PG_ADDRESS_DELETE, &keys);
        status = pg_settle(connection, err);
    }
    if (!status)
        status = pg_copy_in(connection, PG_ADDRESS_COPY, &addresses, err);
    pg_batch_fini(&actors);
    pg_batch_fini(&cold);
    pg_batch_fini(&keys);
    pg_batch_fini(&states);
    pg_batch_fini(&ranks);
    pg_copy_fini(&addresses);
    return status;
}

/* edits_place does it, with the data of the edit. */
static enum status queue_later(void *self, const struct contact *contact, struct error *err)
{
    (void)self, (void)contact, (void)err;
    return STATUS_OK;
}

/* A contact that is due at another time than before. */
static enum status moved_requeue(struct pg_connection *connection, const struct edit *edit,
                                 struct error *err)
{
    struct managing managing;
    enum status status = managing_open(&managing, connection, &edit->contact.id, 1, true, err);
    struct manage_rows rows = managing_rows(&managing);
    rows.queue_edited = queue_later;
    if (!status)
        status = manage_requeue(&rows, &edit->contact, true, err);
    if (!status)
        status = managing_flush(&managing, err);
    managing_fini(&managing);
    return status;
}

enum status edits_place(struct pg_connection *connection, const struct build_row *builds,
                        size_t build_count, const struct edit *edits, size_t count,
                        struct wall now, struct error *err)
{
    enum status status = STATUS_OK;
    size_t run_count = 0;
    for (size_t i = 0; i <= count && !status; i++) {
        if (i < count && !edits[i].is_moved) {
            run_count++;
            continue;
        }
        const struct edit *run = &edits[i - run_count];
        if (run_count)
            status =
                build_place_edited(connection, builds, build_count, run, run_count, now, err);
        run_count = 0;
        if (!status && i < count)
            status = moved_requeue(connection, &edits[i], err);
        if (!status && i < count && edits[i].contact.state == CONTACT_WAITING)
            status =
                build_place_edited(connection, builds, build_count, &edits[i], 1, now, err);
    }
    return status;
}

/* --- An array of writes
 * ----------------------------------------------------------------------------- */

struct added {
    struct contact hot;
    const struct contact_write *write; /* the last of it */
    const char *extra;                 /* of the last that says it */
    struct wall expires_at;
    const char *external_id;
    int32_t version;
    size_t next; /* the chain of one hash: index + 1 */
};

struct writing {
    struct pg_connection *connection;
    struct list_id list;
    enum contact_write_mode mode;
    const struct contact_write *writes;
    size_t count;
    struct wall now;
    int64_t batch;         /* the import that adds; 0 = none */
    bool is_indexed;       /* what is added enters the indices of columns */
    int64_t last, present; /* of the list's row */
    struct contact_set set;
    int32_t *versions;          /* of the set's entries; NULL where no write means one */
    struct contact_id *by_name; /* of each write: who has its external id; 0: nobody */
    struct build_row builds[BUILDS_MAX];
    size_t build_count;
    struct added *added;
    size_t added_count;
    struct table added_names; /* hash of an external id -> index + 1 */
    struct replaced *replaced;
    size_t replaced_count;
    struct edit *edits; /* each replacement as it was made: each takes its place */
    size_t edit_count;
};

static int64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (int64_t)(hash | 1);
}

static struct added *added_find(const struct writing *writing, const char *external_id)
{
    size_t at = external_id
                    ? (size_t)(uintptr_t)table_get(&writing->added_names, hash_of(external_id))
                    : 0;
    while (at && strcmp(writing->added[at - 1].external_id, external_id) != 0)
        at = writing->added[at - 1].next;
    return at ? &writing->added[at - 1] : NULL;
}

/* The versions of the contacts' data, behind their locks, where a write means one. */
static enum status versions_load(struct writing *writing, struct error *err)
{
    bool is_meant = false;
    for (size_t i = 0; i < writing->count && !is_meant; i++)
        is_meant = writing->writes[i].data_version != 0;
    if (!is_meant)
        return STATUS_OK;
    writing->versions = memory_new(writing->set.count + 1, sizeof(*writing->versions));
    pg_send_batch(writing->connection, PG_CONTACT_VERSIONS, &writing->set.keys);
    pg_sync(writing->connection);
    struct pg_rows rows = pg_receive(writing->connection);
    while (pg_next(&rows)) {
        struct contact_entry *entry =
            contact_set_find(&writing->set, (struct contact_id){pg_int(&rows, 0)});
        if (entry)
            writing->versions[entry - writing->set.entries] = (int32_t)pg_int(&rows, 1);
    }
    return pg_end(&rows, err);
}

/* A contact that an earlier write of this array added. */
static struct added *added_own(const struct writing *writing, struct contact_id own)
{
    int64_t first = writing->added_count ? writing->added[0].hot.id.value : 0;
    if (!first || own.value < first || own.value >= first + (int64_t)writing->added_count)
        return NULL;
    return &writing->added[own.value - first];
}

/* The first two round trips: the list's row is locked, then who is there already. */
static enum status open(struct writing *writing, struct error *err)
{
    struct pg_connection *connection = writing->connection;
    struct pg_value list = PG_INT(writing->list.value);
    struct pg_array names = {.kind = PG_TEXTS};
    for (size_t i = 0; i < writing->count; i++) {
        struct contact_id own = writing->writes[i].own;
        pg_array_text(&names, writing->writes[i].external_id);
        if (own.value && contact_list_of(own).value == writing->list.value)
            contact_set_want(&writing->set, own);
    }
    pg_send(connection, PG_LIST_MAKE, PG_VALUES(list));
    pg_send(connection, PG_LIST_LOCK, PG_VALUES(list));
    pg_send(connection, PG_CONTACT_FIND, PG_VALUES(list, PG_ARRAY(&names)));
    pg_array_fini(&names);
    pg_sync(connection);
    struct pg_rows rows = pg_receive(connection);
    enum status status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(connection);
    if (pg_next(&rows)) {
        writing->last = pg_int(&rows, 0);
        writing->present = pg_int(&rows, 1);
    }
    status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(connection);
    while (pg_next(&rows)) {
        struct contact_id id = {pg_int(&rows, 0)};
        writing->by_name[pg_int(&rows, 1) - 1] = id;
        contact_set_want(&writing->set, id);
    }
    status = pg_end(&rows, err);
    if (status || !writing->set.count)
        return status;
    pg_send(connection, PG_BUILDS_LOCK, PG_VALUES(list));
    contact_set_send(&writing->set, connection, true);
    pg_sync(connection);
    status = builds_receive(connection, writing->builds, &writing->build_count, err);
    if (!status)
        status = contact_set_receive(&writing->set, connection, err);
    return status ? status : versions_load(writing, err);
}

static enum status replace(struct writing *writing, struct contact_entry *entry, size_t index,
                           struct error *err)
{
    const struct contact_write *write = &writing->writes[index];
    if (entry->contact.state == CONTACT_RUNNING)
        return contact_running(entry->contact.id, index, err);
    if (write->data_version) {
        int32_t stored = writing->versions[entry - writing->set.entries];
        enum status status =
            contact_version_check(write, entry->contact.id, stored, index, err);
        if (status)
            return status;
        writing->versions[entry - writing->set.entries]++;
    }
    bool is_moved = contact_fill(&entry->contact, write, writing->now);
    writing->edits[writing->edit_count++] =
        (struct edit){entry->contact, write->data, is_moved};
    if (!entry->is_changed)
        writing->replaced[writing->replaced_count++] = (struct replaced){.entry = entry};
    entry->is_changed = true;
    for (size_t i = writing->replaced_count; i-- > 0;)
        if (writing->replaced[i].entry == entry) {
            replaced_take(&writing->replaced[i], write);
            break;
        }
    return STATUS_OK;
}

static void added_fill(const struct writing *writing, struct added *added,
                       const struct contact_write *write)
{
    (void)contact_fill(&added->hot, write, writing->now);
    added->write = write;
    added->extra = write->extra ? write->extra : added->extra;
    if (write->has_expiry)
        added->expires_at = write->expires_at;
}

static enum status add(struct writing *writing, const struct contact_write *write,
                       struct error *err)
{
    if (writing->last >= UINT32_MAX)
        return error_set(err, STATUS_FULL, "", "the list has used up its contact ids");
    struct added *added = &writing->added[writing->added_count++];
    added->hot.id.value = (writing->list.value << CONTACT_SEQUENCE_BITS) | ++writing->last;
    added->external_id = write->external_id;
    added->version = 1;
    added_fill(writing, added, write);
    writing->present++;
    if (!added->external_id)
        return STATUS_OK;
    int64_t hash = hash_of(added->external_id);
    added->next = (size_t)(uintptr_t)table_get(&writing->added_names, hash);
    table_put(&writing->added_names, hash, (void *)(uintptr_t)writing->added_count);
    return STATUS_OK;
}

/* One write: replaces the contact that it means, by its own id or by the client's, or adds. */
static enum status write_one(struct writing *writing, size_t index, struct contact_id *id,
                             struct error *err)
{
    const struct contact_write *write = &writing->writes[index];
    enum status status = contact_check(write, index, err);
    if (status)
        return status;
    struct contact_entry *entry = NULL;
    if (write->own.value && contact_list_of(write->own).value == writing->list.value)
        entry = contact_set_find(&writing->set, write->own);
    struct added *added = entry ? NULL : added_own(writing, write->own);
    if (!entry && !added && writing->by_name[index].value)
        entry = contact_set_find(&writing->set, writing->by_name[index]);
    if (!entry && !added)
        added = added_find(writing, write->external_id);
    if ((entry || added) && writing->mode == CONTACT_INSERT)
        return contact_exists(write->external_id, index, err);
    if (entry) {
        *id = entry->contact.id;
        return replace(writing, entry, index, err);
    }
    if (added) {
        *id = added->hot.id;
        added_fill(writing, added, write);
        added->version++;
        return STATUS_OK;
    }
    status = contact_version_check(write, write->own, 0, index, err);
    if (!status)
        status = add(writing, write, err);
    if (!status)
        *id = writing->added[writing->added_count - 1].hot.id;
    return status;
}

static enum status store_added(struct writing *writing, struct error *err)
{
    struct pg_copy cold = {0}, states = {0}, addresses = {0};
    for (size_t i = 0; i < writing->added_count; i++) {
        const struct added *added = &writing->added[i];
        pg_copy_row(&cold, 10);
        pg_copy_int(&cold, 4, writing->list.value);
        pg_copy_int(&cold, 8, added->hot.id.value);
        pg_copy_text(&cold, added->external_id);
        pg_copy_int(&cold, 4, added->version);
        pg_copy_int(&cold, 8, writing->now.us); /* updated */
        pg_copy_int(&cold, 8, writing->now.us); /* created */
        pg_copy_int(&cold, 8, writing->batch);
        pg_copy_int(&cold, 8, added->expires_at.us);
        pg_copy_text(&cold, added->write->data);
        pg_copy_text(&cold, added->extra);
        contact_state_copy(&states, &added->hot);
        for (int32_t place = 0; place < added->hot.address_count; place++)
            contact_address_copy(&addresses, &added->hot, place);
    }
    struct pg_connection *connection = writing->connection;
    enum status status = pg_copy_in(connection, PG_CONTACT_COPY, &cold, err);
    if (!status)
        status = pg_copy_in(connection, PG_STATE_COPY, &states, err);
    if (!status)
        status = pg_copy_in(connection, PG_ADDRESS_COPY, &addresses, err);
    pg_copy_fini(&cold);
    pg_copy_fini(&states);
    pg_copy_fini(&addresses);
    return status;
}

/* Behind store_added: the indices of columns follow. */
static void index_added(struct writing *writing)
{
    struct pg_batch keys = {.column_count = 2};
    int64_t base = writing->list.value << CONTACT_SEQUENCE_BITS;
    int64_t before = writing->last - (int64_t)writing->added_count;
    for (size_t i = 0; i < writing->added_count; i++)
        PG_ADD(&keys, writing->list.value, writing->added[i].hot.id.value);
    pg_send(writing->connection, PG_VALUES_SHARE, PG_VALUES(PG_ARRAY(&keys.columns[0])));
    pg_send_batch(writing->connection, PG_VALUE_PUT, &keys);
    pg_send(writing->connection, PG_INDEX_ADVANCE,
            PG_VALUES(PG_INT(writing->list.value), PG_INT(base | before),
                      PG_INT(base | writing->last)));
    pg_batch_fini(&keys);
}

static enum status write_all(struct writing *writing, struct contact_id *ids, struct error *err)
{
    enum status status = open(writing, err);
    for (size_t i = 0; i < writing->count && !status; i++) {
        struct contact_id written = {0};
        status = write_one(writing, i, &written, err);
        if (ids)
            ids[i] = written;
    }
    if (!status && writing->added_count)
        status = store_added(writing, err);
    if (!status && writing->added_count && writing->is_indexed) {
        index_added(writing);
        status = pg_settle(writing->connection, err);
    }
    if (!status && writing->replaced_count)
        status = replaced_store(writing->connection, writing->replaced, writing->replaced_count,
                                writing->now, err);
    if (!status)
        status = edits_place(writing->connection, writing->builds, writing->build_count,
                             writing->edits, writing->edit_count, writing->now, err);
    if (!status && writing->added_count)
        pg_send(writing->connection, PG_LIST_PUT,
                PG_VALUES(PG_INT(writing->list.value), PG_INT(writing->last),
                          PG_INT(writing->present)));
    return status;
}

static enum status array_write(struct store_postgres *store, enum store_priority priority,
                               struct writing *writing, const struct job_mark *mark,
                               struct contact_id *ids, struct error *err)
{
    struct pg_connection *writer = pg_write_begin(store, priority, err);
    if (!writer)
        return pg_unavailable(err);
    writing->connection = writer;
    writing->by_name = memory_new(writing->count + 1, sizeof(*writing->by_name));
    writing->added = memory_new(writing->count + 1, sizeof(*writing->added));
    writing->replaced = memory_new(writing->count + 1, sizeof(*writing->replaced));
    writing->edits = memory_new(writing->count + 1, sizeof(*writing->edits));
    enum status status = write_all(writing, ids, err);
    if (!status && mark)
        status = pg_settle(writer, err);
    if (!status && mark && mark->on_written)
        status = mark->on_written(mark->context, err);
    if (!status && mark)
        status = pg_job_mark(writer, mark, err);
    status = pg_write_end(store, priority, status, err);
    contact_set_fini(&writing->set);
    table_fini(&writing->added_names);
    free(writing->versions);
    free(writing->by_name);
    free(writing->added);
    free(writing->replaced);
    free(writing->edits);
    return status;
}

enum status postgres_contacts_write(void *self, enum store_priority priority,
                                    struct list_id list, enum contact_write_mode mode,
                                    const struct contact_write *contacts, size_t count,
                                    struct wall now, struct contact_id *ids, struct error *err)
{
    struct writing *writing = memory_new(1, sizeof(*writing));
    *writing = (struct writing){.list = list,
                                .mode = mode,
                                .writes = contacts,
                                .count = count,
                                .is_indexed = priority != STORE_BULK,
                                .now = now};
    enum status status = array_write(self, priority, writing, NULL, ids, err);
    free(writing);
    return status;
}

enum status postgres_contacts_import(void *self, struct list_id list,
                                     enum contact_write_mode mode,
                                     const struct contact_write *contacts, size_t count,
                                     struct wall now, const struct job_mark *mark,
                                     struct error *err)
{
    struct writing *writing = memory_new(1, sizeof(*writing));
    *writing = (struct writing){.list = list,
                                .mode = mode,
                                .writes = contacts,
                                .count = count,
                                .now = now,
                                .batch = mark->job};
    enum status status = array_write(self, STORE_BULK, writing, mark, mark->ids, err);
    free(writing);
    return status;
}
