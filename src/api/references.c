/* Users and wrap-up codes that filters name. A filter is kept with their ids, so that it goes
 * on meaning the same when somebody is renamed or removed; it is shown with what people call
 * them. */
#include <string.h>

#include "api/internal.h"
#include "filter/value.h"

#define SCAN_PAGE 200

static enum entity_kind kind_of(enum filter_field field)
{
    return field == FILTER_AGENT ? ENTITY_USER : ENTITY_WRAPUP_CODE;
}

/* --- Looking at every one -------------------------------------------------------------------
 */

/* Called for each entity with the name that its document gives it; false ends the scan. */
typedef bool (*seen_fn)(void *context, const struct entity *entity, const char *name);

static enum status scan(struct api *api, enum entity_kind kind, seen_fn seen, void *context,
                        struct error *err)
{
    struct entity_query query = {.kind = kind, .limit = SCAN_PAGE};
    enum status status = STATUS_OK;
    bool wants_more = true;
    for (int32_t found = 1; !status && wants_more && found > 0; query.offset += found) {
        struct arena arena;
        struct entity_page page;
        arena_init(&arena);
        status = STORE(api, entity_list, &query, &arena, &page, err);
        found = status ? 0 : page.count;
        for (int32_t i = 0; i < found && wants_more; i++) {
            json_t *document = resource_document(page.entities[i].document);
            const char *name = json_string_value(json_object_get(document, "name"));
            wants_more = seen(context, &page.entities[i], name ? name : "");
            json_decref(document);
        }
        arena_fini(&arena);
    }
    return status;
}

/* --- Finding --------------------------------------------------------------------------------
 */

struct naming {
    const char *folded;
    size_t len;
    int64_t id;
    int count;
};

static bool name_count(void *context, const struct entity *entity, const char *name)
{
    struct naming *naming = context;
    char folded[1024];
    size_t len = strlen(name);
    if (len > sizeof(folded) || filter_fold(name, len, folded) != naming->len ||
        memcmp(folded, naming->folded, naming->len) != 0)
        return true;
    naming->id = entity->id;
    naming->count++;
    return true;
}

/* A user by a name that several may have. */
static enum status by_name(struct api *api, const char *text, int64_t *id, struct error *err)
{
    char folded[4 * FILTER_VALUE_CHARACTERS_MAX];
    struct naming naming = {.folded = folded, .len = filter_fold(text, strlen(text), folded)};
    enum status status = scan(api, ENTITY_USER, name_count, &naming, err);
    *id = naming.id;
    if (status || naming.count == 1)
        return status;
    if (naming.count > 1)
        return error_set(err, STATUS_INVALID, "",
                         "%d users are called \"%.100s\": write the e-mail address of one",
                         naming.count, text);
    return error_set(err, STATUS_INVALID, "",
                     "there is no user \"%.100s\": write the name, the e-mail address or the "
                     "id of one",
                     text);
}

static enum status find(void *self, enum filter_field field, const char *text, int64_t *id,
                        struct error *err)
{
    struct api *api = self;
    struct arena arena;
    struct entity entity;
    if (guid_parse(&api->guid, (int32_t)kind_of(field), text, id))
        return STATUS_OK; /* one that was removed, too */
    arena_init(&arena);
    enum status status = STORE(api, entity_find, kind_of(field), text, &arena, &entity, err);
    if (status == STATUS_OK)
        *id = entity.id;
    arena_fini(&arena);
    if (status != STATUS_NOT_FOUND)
        return status;
    if (field == FILTER_AGENT)
        return by_name(api, text, id, err);
    return error_set(err, STATUS_INVALID, "",
                     "there is no wrap-up code \"%.100s\": write the name or the id of one",
                     text);
}

/* --- Offering -------------------------------------------------------------------------------
 */

struct offering {
    bool (*put)(void *context, const char *text);
    void *context;
};

/* A user has an e-mail address besides the name; of a code both are the same. */
static bool entity_offer(void *context, const struct entity *entity, const char *name)
{
    const struct offering *offering = context;
    if (*name && !offering->put(offering->context, name))
        return false;
    return strcmp(name, entity->name) == 0 || offering->put(offering->context, entity->name);
}

static void offer(void *self, enum filter_field field,
                  bool (*put)(void *context, const char *text), void *context)
{
    struct api *api = self;
    const struct zone_table *zones = api->options.zones;
    struct offering offering = {put, context};
    if (field == FILTER_TIME_ZONE) {
        for (size_t i = 0; i < zones->count && put(context, zones->zones[i].name); i++)
            ;
        return;
    }
    struct error unwanted; /* an editor offers what it can */
    if (scan(api, kind_of(field), entity_offer, &offering, &unwanted) != STATUS_OK)
        return;
}

void references_init(struct api *api)
{
    api->references = (struct filter_references){api, find, offer};
}

struct filter_columns filter_columns_of(const struct api *api,
                                        const struct list_columns *columns)
{
    return (struct filter_columns){columns->count, columns->names, columns->types,
                                   &api->references};
}

/* --- Expressions that are kept --------------------------------------------------------------
 */

/* What stands for the mention: its id, or the name that finds it again. */
static const char *word_of(struct call *call, const struct filter_mention *mention, bool by_id)
{
    struct entity entity;
    enum entity_kind kind = kind_of(mention->field);
    if (by_id || STORE(call->api, entity_get, kind, mention->id, call->arena, &entity, NULL))
        return call_guid(call, (int32_t)kind, mention->id);
    return entity.name;
}

static void quoted_put(struct buffer *out, const char *text)
{
    buffer_text(out, "\"");
    for (; *text; text++)
        buffer_text(out, (char[3]){*text, *text == '"' ? '"' : '\0', '\0'});
    buffer_text(out, "\"");
}

/* Nothing else of the text changes. */
static const char *rewritten(struct call *call, const char *text,
                             const struct filter_mention *mentions, size_t count, bool by_id)
{
    struct buffer out;
    size_t at = 0;
    buffer_init(&out, FILTER_SOURCE_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        if (!mentions[i].id)
            continue;
        buffer_append(&out, text + at, mentions[i].offset - at);
        quoted_put(&out, word_of(call, &mentions[i], by_id));
        at = mentions[i].offset + mentions[i].len;
    }
    buffer_text(&out, text + at);
    bool fits = !out.is_full && out.len <= FILTER_SOURCE_MAX;
    const char *kept = fits ? arena_text(call->arena, out.len ? out.data : "", out.len) : NULL;
    buffer_fini(&out);
    return kept;
}

enum status expression_keep(struct call *call, const struct list_columns *columns,
                            json_t *object)
{
    const char *text = json_string_value(json_object_get(object, "expression"));
    const struct filter_columns of = filter_columns_of(call->api, columns);
    const struct filter_mention *mentions;
    size_t count = 0;
    if (!text)
        return STATUS_OK;
    enum status status =
        filter_mentions(text, strlen(text), &of, call->arena, &mentions, &count, &call->err);
    const char *kept = status || !count ? text : rewritten(call, text, mentions, count, true);
    if (!status && !kept)
        status = error_set(&call->err, STATUS_INVALID, "",
                           "with ids in place of names it has more than %d bytes",
                           FILTER_SOURCE_MAX);
    if (status)
        error_prefix(&call->err, "expression");
    else if (kept != text)
        json_object_set_new(object, "expression", json_string(kept));
    return status;
}

/* The columns say which names are fields. */
static void shown_put(struct call *call, int64_t list, const char *text, json_t *object)
{
    struct list_columns columns = {.count = 0};
    const struct filter_mention *mentions;
    struct entity entity;
    struct error unwanted;
    size_t count = 0;
    json_t *document = NULL;
    if (list && STORE(call->api, entity_get, ENTITY_CONTACT_LIST, list, call->arena, &entity,
                      NULL) == STATUS_OK) {
        document = resource_document(entity.document);
        value_list_columns(document, &columns);
    }
    const struct filter_columns of = filter_columns_of(call->api, &columns);
    if (filter_mentions(text, strlen(text), &of, call->arena, &mentions, &count, &unwanted) ==
            STATUS_OK &&
        count) {
        const char *shown = rewritten(call, text, mentions, count, false);
        if (shown)
            json_object_set_new(object, "expression", json_string(shown));
    }
    json_decref(document);
}

void expression_show(struct call *call, int64_t list, json_t *object)
{
    const char *text = json_string_value(json_object_get(object, "expression"));
    bool may_name = text && (strstr(text, filter_field_name(FILTER_AGENT)) ||
                             strstr(text, filter_field_name(FILTER_DISPOSITION)));
    if (may_name)
        shown_put(call, list, text, object);
}
