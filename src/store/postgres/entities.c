#include <stdlib.h>

#include "store/entity.h"
#include "store/name.h"
#include "store/postgres/session.h"

static void give(struct pg_rows *rows, struct arena *arena, struct entity *entity)
{
    *entity = (struct entity){
        .kind = (enum entity_kind)pg_int(rows, 0),
        .id = pg_int(rows, 1),
        .version = (int32_t)pg_int(rows, 2),
        .name = pg_text_in(rows, 3, arena),
        .document = pg_text_in(rows, 4, arena),
        .created_at = {pg_int(rows, 5)},
        .modified_at = {pg_int(rows, 6)},
    };
}

static enum status find_id(struct pg_connection *connection, enum entity_kind kind, int64_t id,
                           int32_t *version, struct error *err)
{
    struct pg_rows rows =
        pg_start(connection, PG_ENTITY_GET, PG_VALUES(PG_INT(kind), PG_INT(id)));
    bool has_row = pg_next(&rows);
    if (has_row)
        *version = (int32_t)pg_int(&rows, 2);
    enum status status = pg_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

/* Name and references, inside the transaction that writes them. */
static enum status check(struct pg_connection *connection, enum entity_kind kind, int64_t id,
                         const char *name, const char *folded, const struct entity_ref *refs,
                         size_t ref_count, struct error *err)
{
    enum status status = entity_check(kind, name, ref_count, err);
    if (status)
        return status;
    int64_t other = 0;
    struct pg_rows rows =
        pg_start(connection, PG_ENTITY_FIND, PG_VALUES(PG_INT(kind), PG_TEXT(folded)));
    if (pg_next(&rows))
        other = pg_int(&rows, 1);
    status = pg_end(&rows, err);
    if (!status && other && other != id)
        return entity_name_taken(kind, name, err);
    if (status || !ref_count)
        return status;
    struct pg_batch batch = {0};
    for (size_t i = 0; i < ref_count; i++)
        PG_ADD(&batch, refs[i].kind, refs[i].id);
    pg_send_batch(connection, PG_REF_DANGLING, &batch);
    pg_sync(connection);
    rows = pg_receive(connection);
    struct entity_ref missing = {0};
    bool is_missing = pg_next(&rows);
    if (is_missing)
        missing = (struct entity_ref){(enum entity_kind)pg_int(&rows, 0), pg_int(&rows, 1)};
    status = pg_end(&rows, err);
    pg_batch_fini(&batch);
    return status || !is_missing ? status : entity_dangling(&missing, err);
}

static enum status put_refs(struct pg_connection *connection, enum entity_kind kind, int64_t id,
                            const struct entity_ref *refs, size_t ref_count, struct error *err)
{
    enum status status =
        pg_run(connection, PG_REF_DELETE, PG_VALUES(PG_INT(kind), PG_INT(id)), err);
    if (status || !ref_count)
        return status;
    struct pg_batch batch = {0};
    for (size_t i = 0; i < ref_count; i++)
        PG_ADD(&batch, refs[i].kind, refs[i].id);
    status = pg_run(connection, PG_REF_INSERT,
                    PG_VALUES(PG_INT(kind), PG_INT(id), PG_ARRAY(&batch.columns[0]),
                              PG_ARRAY(&batch.columns[1])),
                    err);
    pg_batch_fini(&batch);
    return status;
}

enum status postgres_entity_create(void *self, enum entity_kind kind, const char *name,
                                   const char *document, const struct entity_ref *refs,
                                   size_t ref_count, struct wall now, int64_t *id,
                                   struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    char *folded = name_fold(name);
    enum status status = check(writer, kind, 0, name, folded, refs, ref_count, err);
    if (!status)
        status = pg_get(writer, PG_ENTITY_INSERT,
                        PG_VALUES(PG_INT(kind), PG_TEXT(name), PG_TEXT(folded),
                                  PG_TEXT(document), PG_INT(now.us)),
                        id, err);
    if (!status)
        status = put_refs(writer, kind, *id, refs, ref_count, err);
    free(folded);
    return pg_write_end(store, STORE_API, status, err);
}

enum status postgres_entity_update(void *self, enum entity_kind kind, int64_t id,
                                   int32_t version, const char *name, const char *document,
                                   const struct entity_ref *refs, size_t ref_count,
                                   struct wall now, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    int32_t stored;
    char *folded = name_fold(name);
    enum status status = find_id(writer, kind, id, &stored, err);
    if (status == STATUS_NOT_FOUND)
        status = entity_missing(kind, id, err);
    else if (!status && stored != version)
        status = entity_stale(kind, id, stored, version, err);
    if (!status)
        status = check(writer, kind, id, name, folded, refs, ref_count, err);
    if (!status)
        status = pg_run(writer, PG_ENTITY_UPDATE,
                        PG_VALUES(PG_INT(id), PG_TEXT(name), PG_TEXT(folded), PG_TEXT(document),
                                  PG_INT(now.us)),
                        err);
    if (!status)
        status = put_refs(writer, kind, id, refs, ref_count, err);
    free(folded);
    return pg_write_end(store, STORE_API, status, err);
}

/* STATUS_CONFLICT with the users where there are any. */
static enum status check_unused(struct pg_connection *connection, enum entity_kind kind,
                                int64_t id, struct entity_ref *users, size_t room,
                                size_t *found, struct error *err)
{
    char first[ENTITY_NAME_MAX + 1] = "";
    enum entity_kind first_kind = ENTITY_NONE;
    size_t total = 0;
    struct pg_rows rows =
        pg_start(connection, PG_REF_USERS, PG_VALUES(PG_INT(kind), PG_INT(id)));
    while (pg_next(&rows)) {
        struct entity_ref user = {(enum entity_kind)pg_int(&rows, 0), pg_int(&rows, 1)};
        if (total < room)
            users[total] = user;
        if (!total++) {
            first_kind = user.kind;
            snprintf(first, sizeof(first), "%s", pg_text(&rows, 2));
        }
    }
    *found = total < room ? total : room;
    enum status status = pg_end(&rows, err);
    if (status || !total)
        return status;
    struct arena arena;
    arena_init(&arena);
    rows = pg_start(connection, PG_ENTITY_GET, PG_VALUES(PG_INT(kind), PG_INT(id)));
    const char *name = pg_next(&rows) ? pg_text_in(&rows, 3, &arena) : "";
    (void)pg_end(&rows, NULL);
    status = entity_in_use(name, first_kind, first, total, err);
    arena_fini(&arena);
    return status;
}

static enum status remove_row(struct store_postgres *store, enum entity_kind kind, int64_t id,
                              struct entity_ref *users, size_t room, size_t *found,
                              bool is_trial, struct error *err)
{
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    int32_t version;
    enum status status = find_id(writer, kind, id, &version, err);
    if (status == STATUS_NOT_FOUND)
        status = entity_missing(kind, id, err);
    if (!status)
        status = check_unused(writer, kind, id, users, room, found, err);
    if (!status && !is_trial)
        status = pg_run(writer, PG_REF_DELETE, PG_VALUES(PG_INT(kind), PG_INT(id)), err);
    if (!status && !is_trial)
        status = pg_run(writer, PG_SECRET_DELETE, PG_VALUES(PG_INT(kind), PG_INT(id)), err);
    if (!status && !is_trial)
        status = pg_run(writer, PG_ENTITY_DELETE, PG_VALUES(PG_INT(id)), err);
    return pg_write_end(store, STORE_API, status, err);
}

/* What belongs to it goes first, in chunks: a list's contacts may be ten million. */
static enum status remove_owned(struct store_postgres *store, enum entity_kind kind, int64_t id,
                                struct error *err)
{
    if (kind == ENTITY_CONTACT_LIST) {
        enum status status = postgres_contacts_clear(store, (struct list_id){id}, err);
        struct pg_connection *writer = status ? NULL : pg_write_begin(store, STORE_API, err);
        if (!writer)
            return status ? status : pg_unavailable(err);
        pg_send(writer, PG_INDEX_DELETE, PG_VALUES(PG_INT(id)));
        return pg_write_end(store, STORE_API, STATUS_OK, err);
    }
    if (kind == ENTITY_DNC_LIST)
        return postgres_dnc_clear(store, (struct dnc_list_id){id}, false, (struct wall){0},
                                  err);
    if (kind == ENTITY_CAMPAIGN)
        return pg_queue_drop(store, (struct campaign_id){id}, err);
    return STATUS_OK;
}

enum status postgres_entity_remove(void *self, enum entity_kind kind, int64_t id,
                                   struct entity_ref *users, size_t *user_count,
                                   struct error *err)
{
    struct store_postgres *store = self;
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

enum status postgres_entity_get(void *self, enum entity_kind kind, int64_t id,
                                struct arena *arena, struct entity *entity, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct pg_rows rows = pg_start(reader, PG_ENTITY_GET, PG_VALUES(PG_INT(kind), PG_INT(id)));
    bool has_row = pg_next(&rows);
    if (has_row)
        give(&rows, arena, entity);
    enum status status = pg_end(&rows, err);
    if (!status && !has_row)
        status = entity_missing(kind, id, err);
    return pg_read_end(reader, status);
}

enum status postgres_entity_find(void *self, enum entity_kind kind, const char *name,
                                 struct arena *arena, struct entity *entity, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    char *folded = name_fold(name);
    struct pg_rows rows =
        pg_start(reader, PG_ENTITY_FIND, PG_VALUES(PG_INT(kind), PG_TEXT(folded)));
    bool has_row = pg_next(&rows);
    if (has_row)
        give(&rows, arena, entity);
    enum status status = pg_end(&rows, err);
    free(folded);
    if (!status && !has_row)
        status = entity_unnamed(kind, name, err);
    return pg_read_end(reader, status);
}

enum status postgres_entity_list(void *self, const struct entity_query *query,
                                 struct arena *arena, struct entity_page *page,
                                 struct error *err)
{
    static const enum pg orders[2][2] = {
        {PG_ENTITY_LIST_NAME, PG_ENTITY_LIST_NAME_DOWN},
        {PG_ENTITY_LIST_DATE, PG_ENTITY_LIST_DATE_DOWN},
    };
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    char *folded = name_fold(query->match == NAME_ANY ? "" : query->name);
    int32_t limit = query->limit > 0 ? query->limit : 0;
    *page = (struct entity_page){0};
    page->entities = arena_new(arena, (size_t)limit, sizeof(*page->entities));
    enum status status =
        pg_get(reader, PG_ENTITY_COUNT,
               PG_VALUES(PG_INT(query->kind), PG_INT(query->match), PG_TEXT(folded)),
               &page->total, err);
    if (!status) {
        struct pg_rows rows =
            pg_start(reader, orders[query->is_by_date][query->is_descending],
                     PG_VALUES(PG_INT(query->kind), PG_INT(query->match), PG_TEXT(folded),
                               PG_INT(limit), PG_INT(query->offset)));
        while (page->count < limit && pg_next(&rows))
            give(&rows, arena, &page->entities[page->count++]);
        status = pg_end(&rows, err);
    }
    free(folded);
    return pg_read_end(reader, status);
}

enum status postgres_entity_users(void *self, enum entity_kind kind, int64_t id,
                                  struct arena *arena, struct entity_ref **users, size_t *count,
                                  struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct entity_ref *found = NULL;
    size_t capacity = 0;
    *count = 0;
    struct pg_rows rows = pg_start(reader, PG_REF_USERS, PG_VALUES(PG_INT(kind), PG_INT(id)));
    while (pg_next(&rows)) {
        found = memory_grow(found, &capacity, *count + 1, sizeof(*found));
        found[(*count)++] =
            (struct entity_ref){(enum entity_kind)pg_int(&rows, 0), pg_int(&rows, 1)};
    }
    *users = arena_new(arena, *count, sizeof(**users));
    if (*count)
        memcpy(*users, found, *count * sizeof(*found));
    free(found);
    return pg_read_end(reader, pg_end(&rows, err));
}

enum status postgres_secret_set(void *self, enum entity_kind kind, int64_t id,
                                const char *secret, struct error *err)
{
    struct store_postgres *store = self;
    int32_t version;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = find_id(writer, kind, id, &version, err);
    if (status == STATUS_NOT_FOUND)
        status = entity_missing(kind, id, err);
    if (!status)
        status = pg_run(writer, PG_SECRET_PUT,
                        PG_VALUES(PG_INT(kind), PG_INT(id), PG_TEXT(secret)), err);
    return pg_write_end(store, STORE_API, status, err);
}

enum status postgres_secret_get(void *self, enum entity_kind kind, int64_t id,
                                struct arena *arena, const char **secret, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct pg_rows rows = pg_start(reader, PG_SECRET_GET, PG_VALUES(PG_INT(kind), PG_INT(id)));
    *secret = pg_next(&rows) ? pg_text_in(&rows, 0, arena) : arena_text(arena, "", 0);
    return pg_read_end(reader, pg_end(&rows, err));
}
