#include <stdlib.h>

#include "store/entity.h"
#include "store/memory/rows.h"
#include "store/name.h"

struct memory_entity *memory_entity_find(struct store_memory *store, enum entity_kind kind,
                                         int64_t id)
{
    for (size_t i = 0; i < store->entities.count; i++)
        if (store->entities.items[i].id == id && store->entities.items[i].kind == kind)
            return &store->entities.items[i];
    return NULL;
}

static struct memory_entity *find_name(struct store_memory *store, enum entity_kind kind,
                                       const char *name)
{
    char *folded = name_fold(name);
    struct memory_entity *found = NULL;
    for (size_t i = 0; i < store->entities.count && !found; i++) {
        struct memory_entity *entity = &store->entities.items[i];
        if (entity->kind == kind && strcmp(entity->folded, folded) == 0)
            found = entity;
    }
    free(folded);
    return found;
}

static enum status check(struct store_memory *store, enum entity_kind kind, int64_t id,
                         const char *name, const struct entity_ref *refs, size_t ref_count,
                         struct error *err)
{
    enum status status = entity_check(kind, name, ref_count, err);
    if (status)
        return status;
    const struct memory_entity *other = find_name(store, kind, name);
    if (other && other->id != id)
        return entity_name_taken(kind, name, err);
    for (size_t i = 0; i < ref_count; i++)
        if (!memory_entity_find(store, refs[i].kind, refs[i].id))
            return entity_dangling(&refs[i], err);
    return STATUS_OK;
}

static void fill(struct memory_entity *entity, const char *name, const char *document,
                 const struct entity_ref *refs, size_t ref_count)
{
    free(entity->name);
    free(entity->folded);
    free(entity->document);
    free(entity->refs);
    entity->name = memory_text(name, strlen(name));
    entity->folded = name_fold(name);
    entity->document = memory_text(document, strlen(document));
    entity->refs = memory_new(ref_count, sizeof(*refs));
    if (ref_count)
        memcpy(entity->refs, refs, ref_count * sizeof(*refs));
    entity->ref_count = ref_count;
}

enum status memory_entity_create(void *self, enum entity_kind kind, const char *name,
                                 const char *document, const struct entity_ref *refs,
                                 size_t ref_count, struct wall now, int64_t *id,
                                 struct error *err)
{
    struct store_memory *store = self;
    enum status status = check(store, kind, 0, name, refs, ref_count, err);
    if (status)
        return status;
    struct memory_entity *entity = MEMORY_ADD(&store->entities);
    entity->kind = kind;
    entity->id = ++store->entity_last;
    entity->version = 1;
    entity->created_at = entity->modified_at = now;
    fill(entity, name, document, refs, ref_count);
    *id = entity->id;
    return STATUS_OK;
}

enum status memory_entity_update(void *self, enum entity_kind kind, int64_t id, int32_t version,
                                 const char *name, const char *document,
                                 const struct entity_ref *refs, size_t ref_count,
                                 struct wall now, struct error *err)
{
    struct store_memory *store = self;
    struct memory_entity *entity = memory_entity_find(store, kind, id);
    if (!entity)
        return entity_missing(kind, id, err);
    if (entity->version != version)
        return entity_stale(kind, id, entity->version, version, err);
    enum status status = check(store, kind, id, name, refs, ref_count, err);
    if (status)
        return status;
    fill(entity, name, document, refs, ref_count);
    entity->version++;
    entity->modified_at = now;
    return STATUS_OK;
}

static bool refers(const struct memory_entity *entity, enum entity_kind kind, int64_t id)
{
    for (size_t i = 0; i < entity->ref_count; i++)
        if (entity->refs[i].kind == kind && entity->refs[i].id == id)
            return true;
    return false;
}

static void remove_owned(struct store_memory *store, enum entity_kind kind, int64_t id)
{
    if (kind == ENTITY_CAMPAIGN)
        memory_queue_drop(store, (struct campaign_id){id});
    if (kind == ENTITY_DNC_LIST) {
        memory_dnc_free(table_remove(&store->dncs, id));
        memory_dnc_values_free(table_remove(&store->dnc_values, id));
    }
}

enum status memory_entity_remove(void *self, enum entity_kind kind, int64_t id,
                                 struct entity_ref *users, size_t *user_count,
                                 struct error *err)
{
    struct store_memory *store = self;
    size_t room = users && user_count ? *user_count : 0, found = 0;
    const struct memory_entity *first = NULL;
    if (user_count)
        *user_count = 0;
    struct memory_entity *entity = memory_entity_find(store, kind, id);
    if (!entity)
        return entity_missing(kind, id, err);
    for (size_t i = 0; i < store->entities.count; i++) {
        const struct memory_entity *user = &store->entities.items[i];
        if (!refers(user, kind, id))
            continue;
        if (found < room)
            users[found] = (struct entity_ref){user->kind, user->id};
        first = first ? first : user;
        found++;
    }
    if (user_count)
        *user_count = found < room ? found : room;
    if (first)
        return entity_in_use(entity->name, first->kind, first->name, found, err);
    if (kind == ENTITY_CONTACT_LIST) {
        enum status status = memory_contacts_clear(store, (struct list_id){id}, err);
        if (status)
            return status;
    }
    remove_owned(store, kind, id);
    free(entity->name);
    free(entity->folded);
    free(entity->document);
    free(entity->secret);
    free(entity->refs);
    MEMORY_REMOVE(&store->entities, (size_t)(entity - store->entities.items));
    return STATUS_OK;
}

static void give(const struct memory_entity *entity, struct arena *arena, struct entity *out)
{
    *out = (struct entity){
        .kind = entity->kind,
        .id = entity->id,
        .version = entity->version,
        .name = arena_text(arena, entity->name, strlen(entity->name)),
        .document = arena_text(arena, entity->document, strlen(entity->document)),
        .created_at = entity->created_at,
        .modified_at = entity->modified_at,
    };
}

enum status memory_entity_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, struct entity *entity, struct error *err)
{
    const struct memory_entity *found = memory_entity_find(self, kind, id);
    if (!found)
        return entity_missing(kind, id, err);
    give(found, arena, entity);
    return STATUS_OK;
}

enum status memory_entity_by_name(void *self, enum entity_kind kind, const char *name,
                                  struct arena *arena, struct entity *entity, struct error *err)
{
    const struct memory_entity *found = find_name(self, kind, name);
    if (!found)
        return entity_unnamed(kind, name, err);
    give(found, arena, entity);
    return STATUS_OK;
}

static bool matches(const struct memory_entity *entity, const struct entity_query *query,
                    const char *folded)
{
    if (entity->kind != query->kind)
        return false;
    switch (query->match) {
    case NAME_ANY: return true;
    case NAME_EQUALS: return strcmp(entity->folded, folded) == 0;
    case NAME_PREFIX: return strncmp(entity->folded, folded, strlen(folded)) == 0;
    case NAME_CONTAINS: return strstr(entity->folded, folded) != NULL;
    }
    return false;
}

/* < 0 where `a` comes first in ascending order. */
static int compare(const struct memory_entity *a, const struct memory_entity *b,
                   bool is_by_date)
{
    int order = is_by_date ? (a->created_at.us > b->created_at.us) -
                                 (a->created_at.us < b->created_at.us)
                           : strcmp(a->folded, b->folded);
    return order ? order : (a->id > b->id) - (a->id < b->id);
}

enum status memory_entity_list(void *self, const struct entity_query *query,
                               struct arena *arena, struct entity_page *page, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    char *folded = name_fold(query->match == NAME_ANY ? "" : query->name);
    const struct memory_entity **sorted = memory_new(store->entities.count, sizeof(*sorted));
    size_t count = 0;
    for (size_t i = 0; i < store->entities.count; i++) {
        const struct memory_entity *entity = &store->entities.items[i];
        if (!matches(entity, query, folded))
            continue;
        size_t at = count++;
        while (at > 0 && (compare(sorted[at - 1], entity, query->is_by_date) > 0) !=
                             query->is_descending) {
            sorted[at] = sorted[at - 1];
            at--;
        }
        sorted[at] = entity;
    }
    int64_t last = (int64_t)query->offset + query->limit;
    *page = (struct entity_page){.total = (int64_t)count};
    page->entities = arena_new(arena, (size_t)(query->limit > 0 ? query->limit : 0),
                               sizeof(*page->entities));
    for (int64_t i = query->offset; i < last && i < (int64_t)count; i++)
        give(sorted[i], arena, &page->entities[page->count++]);
    free(sorted);
    free(folded);
    return STATUS_OK;
}

enum status memory_entity_users(void *self, enum entity_kind kind, int64_t id,
                                struct arena *arena, struct entity_ref **users, size_t *count,
                                struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    *users = arena_new(arena, store->entities.count, sizeof(**users));
    *count = 0;
    for (size_t i = 0; i < store->entities.count; i++) {
        const struct memory_entity *user = &store->entities.items[i];
        if (refers(user, kind, id))
            (*users)[(*count)++] = (struct entity_ref){user->kind, user->id};
    }
    return STATUS_OK;
}

enum status memory_secret_set(void *self, enum entity_kind kind, int64_t id, const char *secret,
                              struct error *err)
{
    struct memory_entity *entity = memory_entity_find(self, kind, id);
    if (!entity)
        return entity_missing(kind, id, err);
    free(entity->secret);
    entity->secret = memory_text(secret, strlen(secret));
    return STATUS_OK;
}

enum status memory_secret_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, const char **secret, struct error *err)
{
    (void)err;
    const struct memory_entity *entity = memory_entity_find(self, kind, id);
    const char *text = entity && entity->secret ? entity->secret : "";
    *secret = arena_text(arena, text, strlen(text));
    return STATUS_OK;
}
