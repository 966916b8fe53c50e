#include "resource/resource.h"

#include <math.h>
#include <string.h>

#include "resource/tables.h"

#define EXTENSION "cadran"

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool is_word(const char *const *words, const char *text)
{
    for (; *words; words++) {
        if (strcmp(*words, text) == 0)
            return true;
    }
    return false;
}

/* --- Reading --------------------------------------------------------------------------------
 */

struct reading {
    const struct resource_world *world;
    struct error *err;
};

static enum status fields_read(const struct reading *r, const struct field *fields,
                               const json_t *body, const json_t *before, json_t *out);

static enum status wrong(const struct reading *r, const struct field *field, const char *text)
{
    return error_set(r->err, STATUS_INVALID, field->name, "%s", text);
}

static enum status text_check(const struct reading *r, const struct field *field,
                              const json_t *value, int64_t least, int64_t most)
{
    const char *text = json_string_value(value);
    if (!text)
        return wrong(r, field, "must be a text");
    if (field->words && !is_word(field->words, text)) {
        char list[ERROR_TEXT_MAX] = "";
        size_t len = 0;
        for (size_t i = 0; field->words[i] && len < sizeof(list) - 64; i++)
            len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%.32s", i ? ", " : "",
                                    field->words[i]);
        return error_set(r->err, STATUS_INVALID, field->name, "must be one of %s", list);
    }
    int64_t count = (int64_t)characters(text);
    if (count < least && field->flags & FIELD_REQUIRED && count == 0)
        return wrong(r, field, "required");
    if (!field->words && (count < least || count > most))
        return error_set(r->err, STATUS_INVALID, field->name,
                         "must have from %lld to %lld characters", (long long)least,
                         (long long)most);
    return STATUS_OK;
}

static enum status number_read(const struct reading *r, const struct field *field,
                               const json_t *value, json_t **out)
{
    if (!json_is_number(value))
        return wrong(r, field, "must be a number");
    double number = json_number_value(value);
    if (field->type == FIELD_INTEGER && floor(number) != number)
        return wrong(r, field, "must be a whole number");
    if (number < (double)field->least || number > (double)field->most)
        return error_set(r->err, STATUS_INVALID, field->name, "must be from %lld to %lld",
                         (long long)field->least, (long long)field->most);
    *out =
        field->type == FIELD_INTEGER ? json_integer((json_int_t)number) : json_deep_copy(value);
    return STATUS_OK;
}

/* {"id": "<guid>"} -> the store's number. An empty object is "none", as some clients write it.
 */
static enum status ref_read(const struct reading *r, const struct field *field,
                            const json_t *value, json_t **out)
{
    const json_t *id_value = json_object_get(value, "id");
    const char *text = json_string_value(id_value);
    int64_t id = 0;
    if (!json_is_object(value))
        return wrong(r, field, "must be an object with an id");
    if (!text || !*text) {
        if (field->flags & FIELD_REQUIRED)
            return error_set(r->err, STATUS_INVALID, field->name, "required");
        return STATUS_OK;
    }
    if (!guid_parse(r->world->key, (int32_t)field->ref, text, &id))
        return error_set(r->err, STATUS_INVALID, field->name, "there is no such %s",
                         resource_of(field->ref)->word);
    *out = json_integer(id);
    return STATUS_OK;
}

static enum status count_check(const struct reading *r, const struct field *field,
                               const json_t *value, int64_t least)
{
    if (!json_is_array(value))
        return wrong(r, field, "must be an array");
    int64_t count = (int64_t)json_array_size(value);
    if (count == 0 && least > 0)
        return wrong(r, field, "required");
    if (count < least || count > field->most)
        return error_set(r->err, STATUS_INVALID, field->name,
                         "must have from %lld to %lld items", (long long)least,
                         (long long)field->most);
    return STATUS_OK;
}

static enum status item_read(const struct reading *r, const struct field *field,
                             const json_t *item, json_t *items)
{
    json_t *out = NULL;
    enum status status = STATUS_OK;
    if (field->type == FIELD_TEXTS) {
        status = text_check(r, field, item, 1, field->size);
        if (status == STATUS_OK)
            out = json_deep_copy(item);
    } else if (field->type == FIELD_REFS) {
        status = ref_read(r, field, item, &out);
    } else if (!json_is_object(item)) {
        status = wrong(r, field, "must be an object");
    } else {
        out = json_object();
        status = fields_read(r, field->fields, item, NULL, out);
    }
    if (status == STATUS_OK && out)
        json_array_append_new(items, out);
    else
        json_decref(out);
    return status;
}

/* "columnNames" -> "columnNames[3]", and what was behind it. */
static void index_prefix(const struct reading *r, const struct field *field, size_t index)
{
    char name[ERROR_PATH_MAX];
    if (!r->err)
        return;
    snprintf(name, sizeof(name), "%.80s[%zu]", field->name, index);
    if (field->type != FIELD_OBJECTS || strcmp(r->err->path, field->name) == 0)
        r->err->path[0] = '\0';
    error_prefix(r->err, name);
}

static enum status items_read(const struct reading *r, const struct field *field,
                              const json_t *value, json_t **out)
{
    int64_t least =
        field->type == FIELD_REFS && field->flags & FIELD_REQUIRED ? 1 : field->least;
    enum status status = count_check(r, field, value, least);
    if (status != STATUS_OK)
        return status;
    json_t *items = json_array();
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(value); i++) {
        status = item_read(r, field, json_array_get(value, i), items);
        if (status != STATUS_OK)
            index_prefix(r, field, i);
    }
    if (status == STATUS_OK)
        *out = items;
    else
        json_decref(items);
    return status;
}

static enum status object_read(const struct reading *r, const struct field *field,
                               const json_t *value, json_t **out)
{
    if (!json_is_object(value))
        return wrong(r, field, "must be an object");
    json_t *object = json_object();
    enum status status = fields_read(r, field->fields, value, NULL, object);
    if (status == STATUS_OK) {
        *out = object;
        return status;
    }
    error_prefix(r->err, field->name);
    json_decref(object);
    return status;
}

static enum status field_read(const struct reading *r, const struct field *field,
                              const json_t *value, json_t **out)
{
    enum status status = STATUS_OK;
    switch (field->type) {
    case FIELD_TEXT:
        status = text_check(r, field, value, field->least, field->most);
        if (status == STATUS_OK)
            *out = json_deep_copy(value);
        return status;
    case FIELD_INTEGER:
    case FIELD_NUMBER: return number_read(r, field, value, out);
    case FIELD_BOOL:
        if (!json_is_boolean(value))
            return wrong(r, field, "must be true or false");
        *out = json_boolean(json_is_true(value));
        return STATUS_OK;
    case FIELD_REF: return ref_read(r, field, value, out);
    case FIELD_REFS:
    case FIELD_TEXTS:
    case FIELD_OBJECTS: return items_read(r, field, value, out);
    case FIELD_OBJECT: return object_read(r, field, value, out);
    }
    return STATUS_OK;
}

static const struct field *field_find(const struct field *fields, const char *name)
{
    for (; fields->name; fields++) {
        if (strcmp(fields->name, name) == 0)
            return fields;
    }
    return NULL;
}

static enum status field_take(const struct reading *r, const struct field *field,
                              const json_t *body, const json_t *before, json_t *out)
{
    const json_t *value = json_object_get(body, field->name);
    json_t *taken = NULL;
    enum status status = STATUS_OK;
    if (value && !json_is_null(value))
        status = field_read(r, field, value, &taken);
    else if (field->flags & FIELD_REQUIRED)
        status = wrong(r, field, "required");
    else if (field->otherwise)
        taken = json_loads(field->otherwise, JSON_DECODE_ANY, NULL);
    if (status != STATUS_OK)
        return status;
    const json_t *fixed =
        field->flags & FIELD_FIXED ? json_object_get(before, field->name) : NULL;
    if (fixed && !json_equal(fixed, taken)) {
        json_decref(taken);
        return wrong(r, field, "cannot be changed after creation");
    }
    if (taken && !(field->flags & FIELD_SECRET))
        json_object_set_new(out, field->name, taken);
    else
        json_decref(taken);
    return STATUS_OK;
}

static enum status fields_read(const struct reading *r, const struct field *fields,
                               const json_t *body, const json_t *before, json_t *out)
{
    for (const struct field *field = fields; field->name; field++) {
        if (field->flags & FIELD_READ_ONLY)
            continue;
        enum status status = field_take(r, field, body, before, out);
        if (status != STATUS_OK)
            return status;
    }
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)body, name, value)
    {
        if (!field_find(fields, name))
            json_object_set_new(out, name, json_deep_copy(value));
    }
    return STATUS_OK;
}

static enum status document_finish(const struct resource *resource,
                                   const struct resource_world *world, json_t **document,
                                   enum status status, struct error *err)
{
    if (status == STATUS_OK && resource->check)
        status = resource->check(*document, world, err);
    if (status == STATUS_OK &&
        json_dumpb(*document, NULL, 0, JSON_COMPACT) > RESOURCE_DOCUMENT_MAX)
        status = error_set(err, STATUS_INVALID, "", "The %s is too large.", resource->word);
    if (status != STATUS_OK) {
        json_decref(*document);
        *document = NULL;
    }
    return status;
}

/* Never the client's to say. */
static const char *const reserved[] = {
    "id",         "selfUri", "version",  "dateCreated",  "dateModified", "createdBy",
    "modifiedBy", EXTENSION, "_members", "_wrapupCodes", SPLIT_FILTERS};

enum status resource_read(const struct resource *resource, const struct resource_world *world,
                          const json_t *body, const json_t *before, json_t **document,
                          struct error *err)
{
    const struct reading r = {world, err};
    *document = NULL;
    if (!json_is_object(body))
        return error_set(err, STATUS_INVALID, "", "The body must be a JSON object.");
    *document = json_object();
    enum status status = fields_read(&r, resource->fields, body, before, *document);
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        json_object_del(*document, reserved[i]);
        json_t *kept = json_object_get(before, reserved[i]);
        if (kept && reserved[i][0] != 'i')
            json_object_set(*document, reserved[i], kept);
    }
    if (status == STATUS_OK && resource->extension && !json_object_get(*document, EXTENSION)) {
        /* A new one starts with the extension's own defaults. */
        json_t *none = json_object();
        json_t *extension = json_object();
        status = fields_read(&r, resource->extension, none, NULL, extension);
        json_object_set_new(*document, EXTENSION, extension);
        json_decref(none);
    }
    return document_finish(resource, world, document, status, err);
}

enum status resource_extension_read(const struct resource *resource,
                                    const struct resource_world *world, const json_t *body,
                                    const json_t *before, json_t **document, struct error *err)
{
    const struct reading r = {world, err};
    *document = NULL;
    if (!json_is_object(body))
        return error_set(err, STATUS_INVALID, "", "The body must be a JSON object.");
    *document = json_deep_copy(before);
    json_t *extension = json_object();
    enum status status = fields_read(&r, resource->extension, body,
                                     json_object_get(before, EXTENSION), extension);
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        json_object_del(extension, reserved[i]);
    json_object_set_new(*document, EXTENSION, extension);
    return document_finish(resource, world, document, status, err);
}

/* --- References -----------------------------------------------------------------------------
 */

struct gathering {
    struct entity_ref *refs;
    size_t count, limit;
};

static void gather_one(struct gathering *g, enum entity_kind kind, const json_t *value)
{
    if (g->count < g->limit && json_is_integer(value))
        g->refs[g->count++] = (struct entity_ref){kind, json_integer_value(value)};
}

static void gather(struct gathering *g, const struct field *fields, const json_t *document)
{
    for (const struct field *field = fields; field->name; field++) {
        const json_t *value = json_object_get(document, field->name);
        if (field->type == FIELD_REF)
            gather_one(g, field->ref, value);
        else if (field->type == FIELD_OBJECT && value)
            gather(g, field->fields, value);
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (field->type == FIELD_REFS)
                gather_one(g, field->ref, json_array_get(value, i));
            else if (field->type == FIELD_OBJECTS)
                gather(g, field->fields, json_array_get(value, i));
        }
    }
}

size_t resource_refs(const struct resource *resource, const json_t *document,
                     struct entity_ref *refs, size_t limit)
{
    struct gathering g = {refs, 0, limit};
    gather(&g, resource->fields, document);
    if (resource->extension)
        gather(&g, resource->extension, json_object_get(document, EXTENSION));
    gather(&g, resource_hidden_fields, document);
    return g.count;
}

/* --- Writing --------------------------------------------------------------------------------
 */

json_t *resource_ref_write(const struct resource_writer *writer, enum entity_kind kind,
                           int64_t id)
{
    char guid[GUID_SIZE];
    char uri[256];
    guid_format(writer->key, (int32_t)kind, id, guid);
    snprintf(uri, sizeof(uri), "%s/%s", resource_of(kind)->path, guid);
    const char *name = writer->name ? writer->name(writer->context, kind, id) : NULL;
    return json_pack("{s:s,s:s*,s:s}", "id", guid, "name", name, "selfUri", uri);
}

static json_t *object_write(const struct resource_writer *writer, const struct field *fields,
                            const json_t *document);

static json_t *value_write(const struct resource_writer *writer, const struct field *field,
                           const json_t *value)
{
    if (field->type == FIELD_REF)
        return resource_ref_write(writer, field->ref, json_integer_value(value));
    if (field->type == FIELD_OBJECT)
        return object_write(writer, field->fields, value);
    if (field->type != FIELD_REFS && field->type != FIELD_OBJECTS)
        return json_deep_copy(value);
    json_t *items = json_array();
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        json_array_append_new(
            items, field->type == FIELD_REFS
                       ? resource_ref_write(writer, field->ref, json_integer_value(item))
                       : object_write(writer, field->fields, item));
    }
    return items;
}

static json_t *object_write(const struct resource_writer *writer, const struct field *fields,
                            const json_t *document)
{
    json_t *out = json_object();
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)document, name, value)
    {
        const struct field *field = field_find(fields, name);
        json_object_set_new(out, name,
                            field ? value_write(writer, field, value) : json_deep_copy(value));
    }
    return out;
}

static void envelope_write(const struct resource_writer *writer, const char *path,
                           const struct entity *entity, json_t *out)
{
    char guid[GUID_SIZE];
    char uri[256];
    char date[WALL_TEXT_SIZE];
    guid_format(writer->key, (int32_t)entity->kind, entity->id, guid);
    snprintf(uri, sizeof(uri), "%s/%s", path, guid);
    json_object_set_new(out, "id", json_string(guid));
    wall_format(entity->created_at, date);
    json_object_set_new(out, "dateCreated", json_string(date));
    wall_format(entity->modified_at, date);
    json_object_set_new(out, "dateModified", json_string(date));
    json_object_set_new(out, "version", json_integer(entity->version));
    json_object_set_new(out, "selfUri", json_string(uri));
}

json_t *resource_document(const char *text)
{
    return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
}

json_t *resource_write(const struct resource *resource, const struct resource_writer *writer,
                       const struct entity *entity)
{
    json_t *document = resource_document(entity->document);
    if (!document)
        return NULL;
    json_object_del(document, EXTENSION);
    for (const struct field *field = resource_hidden_fields; field->name; field++)
        json_object_del(document, field->name);
    json_t *out = object_write(writer, resource->fields, document);
    envelope_write(writer, resource->path, entity, out);
    json_decref(document);
    return out;
}

json_t *resource_extension_write(const struct resource *resource,
                                 const struct resource_writer *writer,
                                 const struct entity *entity)
{
    json_t *document = resource_document(entity->document);
    if (!document)
        return NULL;
    json_t *out =
        object_write(writer, resource->extension, json_object_get(document, EXTENSION));
    json_object_set_new(out, "name", json_string(entity->name));
    envelope_write(writer, resource->extension_path, entity, out);
    json_decref(document);
    return out;
}
