#include <stdlib.h>

#include "store/entity.h"
#include "store/name.h"
#include "store/sqlite/connection.h"

static void give(struct rows *rows, struct arena *arena, struct entity *entity)
{
    *entity = (struct entity){
        .kind = (enum entity_kind)sqlite3_column_int(rows->statement, 0),
        .id = sqlite3_column_int64(rows->statement, 1),
        .version = sqlite3_column_int(rows->statement, 2),
        .name = rows_text(rows, 3, arena),
        .document = rows_text(rows, 4, arena),
        .created_at = {sqlite3_column_int64(rows->statement, 5)},
        .modified_at = {sqlite3_column_int64(rows->statement, 6)},
    };
}

static enum status find_id(struct connection *connection, enum entity_kind kind, int64_t id,
                           int32_t *version, struct error *err)
{
    struct rows rows =
        sql_start(connection, SQL_ENTITY_GET, SQL_VALUES(SQL_INT(kind), SQL_INT(id)));
    bool has_row = rows_next(&rows);
    if (has_row)
        *version = sqlite3_column_int(rows.statement, 2);
    enum status status = rows_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

/* Name and references, inside the transaction that writes them. */
static enum status check(struct connection *connection, enum entity_kind kind, int64_t id,
                         const char *name, const char *folded, const struct entity_ref *refs,
                         size_t ref_count, struct error *err)
{
    enum status status = entity_check(kind, name, ref_count, err);
    if (status)
        return status;
    int64_t other = 0;
    struct rows rows =
        sql_start(connection, SQL_ENTITY_FIND, SQL_VALUES(SQL_INT(kind), SQL_TEXT(folded)));
    if (rows_next(&rows))
        other = sqlite3_column_int64(rows.statement, 1);
    status = rows_end(&rows, err);
    if (!status && other && other != id)
        return entity_name_taken(kind, name, err);
    for (size_t i = 0; i < ref_count && !status; i++) {
        int32_t version;
        status = find_id(connection, refs[i].kind, refs[i].id, &version, err);
        if (status == STATUS_NOT_FOUND)
            return entity_dangling(&refs[i], err);
    }
    return status;
}

static enum status put_refs(struct connection *connection, enum entity_kind kind, int64_t id,
                            const struct entity_ref *refs, size_t ref_count, struct error *err)
{
    enum status status =
        sql_run(connection, SQL_REF_DELETE, SQL_VALUES(SQL_INT(kind), SQL_INT(id)), err);
    for (size_t i = 0; i < ref_count && !status; i++)
        status = sql_run(
            connection, SQL_REF_INSERT,
            SQL_VALUES(SQL_INT(kind), SQL_INT(id), SQL_INT(refs[i].kind), SQL_INT(refs[i].id)),
            err);
    return status;
}

enum status sqlite_entity_create(void *self, enum entity_kind kind, const char *name,
                                 const char *document, const struct entity_ref *refs,
                                 size_t ref_count, struct wall now, int64_t *id,
                                 struct error *err)
{
    struct store_sqlite *store = self;
    struct connection *writer = &store->writer;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    char *folded = name_fold(name);
    status = check(writer, kind, 0, name, folded, refs, ref_count, err);
    if (!status)
        status = sql_run(writer, SQL_ENTITY_INSERT,
                         SQL_VALUES(SQL_INT(kind), SQL_TEXT(name), SQL_TEXT(folded),
                                    SQL_TEXT(document), SQL_INT(now.us)),
                         err);
    if (!status) {
        *id = sqlite3_last_insert_rowid(writer->db);
        status = put_refs(writer, kind, *id, refs, ref_count, err);
    }
    free(folded);
    return write_end(store, status, err);
}

enum status sqlite_entity_update(void *self, enum entity_kind kind, int64_t id, int32_t version,
                                 const char *name, const char *document,
                                 const struct entity_ref *refs, size_t ref_count,
                                 struct wall now, struct error *err)
{
    struct store_sqlite *store = self;
    struct connection *writer = &store->writer;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    int32_t stored;
    char *folded = name_fold(name);
    status = find_id(writer, kind, id, &stored, err);
    if (status == STATUS_NOT_FOUND)
        status = entity_missing(kind, id, err);
    else if (!status && stored != version)
        status = entity_stale(kind, id, stored, version, err);
    if (!status)
        status = check(writer, kind, id, name, folded, refs, ref_count, err);
    if (!status)
        status = sql_run(writer, SQL_ENTITY_UPDATE,
                         SQL_VALUES(SQL_INT(id), SQL_TEXT(name), SQL_TEXT(folded),
                                    SQL_TEXT(document), SQL_INT(now.us)),
                         err);
    if (!status)
        status = put_refs(writer, kind, id, refs, ref_count, err);
    free(folded);
    return write_end(store, status, err);
}

/* STATUS_CONFLICT with the users where there are any. */
static enum status check_unused(struct connection *connection, enum entity_kind kind,
                                int64_t id, struct entity_ref *users, size_t room,
                                size_t *found, struct error *err)
{
    char first[ENTITY_NAME_MAX + 1] = "";
    enum entity_kind first_kind = ENTITY_NONE;
    size_t total = 0;
    struct rows rows =
        sql_start(connection, SQL_REF_USERS, SQL_VALUES(SQL_INT(kind), SQL_INT(id)));
    while (rows_next(&rows)) {
        struct entity_ref user = {(enum entity_kind)sqlite3_column_int(rows.statement, 0),
                                  sqlite3_column_int64(rows.statement, 1)};
        if (total < room)
            users[total] = user;
        if (!total++) {
            first_kind = user.kind;
            snprintf(first, sizeof(first), "%s",
                     (const char *)sqlite3_column_text(rows.statement, 2));
        }
    }
    *found = total < room ? total : room;
    enum status status = rows_end(&rows, err);
    if (status || !total)
        return status;
    struct arena arena;
    arena_init(&arena);
    rows = sql_start(connection, SQL_ENTITY_GET, SQL_VALUES(SQL_INT(kind), SQL_INT(id)));
    const char *name = rows_next(&rows) ? rows_text(&rows, 3, &arena) : "";
    (void)rows_end(&rows, NULL);
    status = entity_in_use(name, first_kind, first, total, err);
    arena_fini(&arena);
    return status;
}

static enum status remove_row(struct store_sqlite *store, enum entity_kind kind, int64_t id,
                              struct entity_ref *users, size_t room, size_t *found,
                              bool is_trial, struct error *err)
{
    struct connection *writer = &store->writer;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    int32_t version;
    status = find_id(writer, kind, id, &version, err);
    if (status == STATUS_NOT_FOUND)
        status = entity_missing(kind, id, err);
    if (!status)
        status = check_unused(writer, kind, id, users, room, found, err);
    if (!status && !is_trial)
        status = sql_run(writer, SQL_REF_DELETE, SQL_VALUES(SQL_INT(kind), SQL_INT(id)), err);
    if (!status && !is_trial)
        status =
            sql_run(writer, SQL_SECRET_DELETE, SQL_VALUES(SQL_INT(kind), SQL_INT(id)), err);
    if (!status && !is_trial)
        status = sql_run(writer, SQL_ENTITY_DELETE, SQL_VALUES(SQL_INT(id)), err);
    return write_end(store, status, err);
}

/* What belongs to it goes first, in chunks: a list's contacts may be ten million. */
static enum status remove_owned(struct store_sqlite *store, enum entity_kind kind, int64_t id,
                                struct error *err)
{
    if (kind == ENTITY_CONTACT_LIST) {
        enum status status = sqlite_contacts_clear(store, (struct list_id){id}, err);
        if (!status)
            status = write_begin(store, STORE_API, err);
        if (status)
            return status;
        status = sql_run(&store->writer, SQL_INDEX_DELETE, SQL_VALUES(SQL_INT(id)), err);
        return write_end(store, status, err);
    }
    if (kind == ENTITY_DNC_LIST)
        return sqlite_dnc_clear(store, (struct dnc_list_id){id}, false, (struct wall){0}, err);
    if (kind == ENTITY_CAMPAIGN)
        return sqlite_queue_drop(store, (struct campaign_id){id}, err);
    return STATUS_OK;
}

enum status sqlite_entity_remove(void *self, enum entity_kind kind, int64_t id,
                                 struct entity_ref *users, size_t *user_count,
                                 struct error *err)
{
    struct store_sqlite *store = self;
    size_t room = users && user_count ? *user_count : 0, found = 0;
    enum status status = remove_row(store, kind, id, users, room, &found, true, err);
    if (!status)
        status = remove_owned(store, kind, id, err);
    if (!status)
        status = remove_row(store, kind, id, users, room, &found, false, err);
    if (user_count)
        *user_count = found;
    return status;
}

enum status sqlite_entity_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, struct entity *entity, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct rows rows =
        sql_start(reader, SQL_ENTITY_GET, SQL_VALUES(SQL_INT(kind), SQL_INT(id)));
    bool has_row = rows_next(&rows);
    if (has_row)
        give(&rows, arena, entity);
    enum status status = rows_end(&rows, err);
    if (!status && !has_row)
        status = entity_missing(kind, id, err);
    return read_end(reader, status);
}

enum status sqlite_entity_find(void *self, enum entity_kind kind, const char *name,
                               struct arena *arena, struct entity *entity, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    char *folded = name_fold(name);
    struct rows rows =
        sql_start(reader, SQL_ENTITY_FIND, SQL_VALUES(SQL_INT(kind), SQL_TEXT(folded)));
    bool has_row = rows_next(&rows);
    if (has_row)
        give(&rows, arena, entity);
    enum status status = rows_end(&rows, err);
    free(folded);
    if (!status && !has_row)
        status = entity_unnamed(kind, name, err);
    return read_end(reader, status);
}

enum status sqlite_entity_list(void *self, const struct entity_query *query,
                               struct arena *arena, struct entity_page *page, struct error *err)
{
    static const enum sql orders[2][2] = {
        {SQL_ENTITY_LIST_NAME, SQL_ENTITY_LIST_NAME_DOWN},
        {SQL_ENTITY_LIST_DATE, SQL_ENTITY_LIST_DATE_DOWN},
    };
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    char *folded = name_fold(query->match == NAME_ANY ? "" : query->name);
    int32_t limit = query->limit > 0 ? query->limit : 0;
    *page = (struct entity_page){0};
    page->entities = arena_new(arena, (size_t)limit, sizeof(*page->entities));
    enum status status =
        sql_get(reader, SQL_ENTITY_COUNT,
                SQL_VALUES(SQL_INT(query->kind), SQL_INT(query->match), SQL_TEXT(folded)),
                &page->total, err);
    if (!status) {
        struct rows rows =
            sql_start(reader, orders[query->is_by_date][query->is_descending],
                      SQL_VALUES(SQL_INT(query->kind), SQL_INT(query->match), SQL_TEXT(folded),
                                 SQL_INT(limit), SQL_INT(query->offset)));
        while (page->count < limit && rows_next(&rows))
            give(&rows, arena, &page->entities[page->count++]);
        status = rows_end(&rows, err);
    }
    free(folded);
    return read_end(reader, status);
}

enum status sqlite_entity_users(void *self, enum entity_kind kind, int64_t id,
                                struct arena *arena, struct entity_ref **users, size_t *count,
                                struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct entity_ref *found = NULL;
    size_t capacity = 0;
    *count = 0;
    struct rows rows = sql_start(reader, SQL_REF_USERS, SQL_VALUES(SQL_INT(kind), SQL_INT(id)));
    while (rows_next(&rows)) {
        found = memory_grow(found, &capacity, *count + 1, sizeof(*found));
        found[(*count)++] =
            (struct entity_ref){(enum entity_kind)sqlite3_column_int(rows.statement, 0),
                                sqlite3_column_int64(rows.statement, 1)};
    }
    *users = arena_new(arena, *count, sizeof(**users));
    if (*count)
        memcpy(*users, found, *count * sizeof(*found));
    free(found);
    return read_end(reader, rows_end(&rows, err));
}

enum status sqlite_secret_set(void *self, enum entity_kind kind, int64_t id, const char *secret,
                              struct error *err)
{
    struct store_sqlite *store = self;
    int32_t version;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = find_id(&store->writer, kind, id, &version, err);
    if (status == STATUS_NOT_FOUND)
        status = entity_missing(kind, id, err);
    if (!status)
        status = sql_run(&store->writer, SQL_SECRET_PUT,
                         SQL_VALUES(SQL_INT(kind), SQL_INT(id), SQL_TEXT(secret)), err);
    return write_end(store, status, err);
}

enum status sqlite_secret_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, const char **secret, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct rows rows =
        sql_start(reader, SQL_SECRET_GET, SQL_VALUES(SQL_INT(kind), SQL_INT(id)));
    *secret = rows_next(&rows) ? rows_text(&rows, 0, arena) : arena_text(arena, "", 0);
    return read_end(reader, rows_end(&rows, err));
}
