/* resource.h -- what a configuration resource is: one table of fields each.
 *
 * The table serves reading (validation with paths: "phoneColumns[0].columnName: required"),
 * writing, and references. What is stored (the document) differs from the wire in three things:
 * references are the store's numbers, read-only fields and secrets are absent, and settings
 * that Genesys Cloud's model lacks are under "cadran", which a full replacement never touches.
 * Fields that the table does not know are kept as they came. Pure; any thread. Source:
 * docs/openapi.yaml; index.d.ts of purecloud-platform-client-v2 262. */
#ifndef CADRAN_RESOURCE_RESOURCE_H
#define CADRAN_RESOURCE_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/status.h"
#include "model/zone.h"
#include "port/store.h"
#include "resource/guid.h"

enum field_type {
    FIELD_TEXT,    /* least..most characters; or one of `words` */
    FIELD_INTEGER, /* least..most */
    FIELD_NUMBER,  /* least..most, with decimals */
    FIELD_BOOL,
    FIELD_REF,     /* {id} of a `ref` */
    FIELD_REFS,    /* at most `most` of them */
    FIELD_TEXTS,   /* least..most texts, each of at most `size` characters, or of `words` */
    FIELD_OBJECT,  /* of `fields` */
    FIELD_OBJECTS, /* least..most of them */
};

enum field_flags {
    FIELD_REQUIRED = 1,
    FIELD_READ_ONLY = 2, /* ignored when it comes in; the writer knows it */
    FIELD_SECRET = 4,    /* checked, never stored in the document, never written */
    FIELD_FIXED = 8,     /* cannot change once it is there */
};

struct field {
    const char *name;
    enum field_type type;
    uint32_t flags;
    int64_t least, most, size;
    const char *const *words; /* NULL-terminated */
    const char *otherwise;    /* JSON of the value when it is absent; NULL: stays absent */
    enum entity_kind ref;
    const struct field *fields; /* ended by a NULL name */
};

/* What checks need to know of the world. */
struct resource_world {
    const struct guid_key *key;
    const struct zone_table *zones;
    /* A telephone number as a person writes it; 0: not valid. */
    int64_t (*parse_number)(void *context, const char *text);
    void *context;
};

struct resource {
    enum entity_kind kind;
    const char *word; /* "contact list": for sentences */
    const char *path; /* "/api/v2/outbound/contactlists" */
    const char *key;  /* the field that is the entity's unique name: "name" or "email" */
    const struct field *fields;
    const struct field *extension; /* NULL: none; at extension_path/{id} */
    const char *extension_path;
    /* Rules between fields. NULL: none. */
    enum status (*check)(const json_t *document, const struct resource_world *world,
                         struct error *err);
};

/* NULL: that kind is none. */
const struct resource *resource_of(enum entity_kind kind);

/* An import template that splits by filters names them by their ids, in one text; what it
 * refers to stands in this member of its document, in their order. */
#define SPLIT_FILTERS "_splitFilters"
#define SPLIT_FILTERS_MAX 50
#define SPLIT_VALUE_MAX (SPLIT_FILTERS_MAX * (GUID_SIZE + 1))

#define RESOURCE_REFS_MAX 4096
#define RESOURCE_DOCUMENT_MAX (512 * 1024)

/* A body that came in -> the document to store. `before` is the stored document that it
 * replaces, NULL for a new one. *document is the caller's. */
enum status resource_read(const struct resource *resource, const struct resource_world *world,
                          const json_t *body, const json_t *before, json_t **document,
                          struct error *err) MUST_USE;
/* The same for the extension: gives the whole document with "cadran" replaced. */
enum status resource_extension_read(const struct resource *resource,
                                    const struct resource_world *world, const json_t *body,
                                    const json_t *before, json_t **document,
                                    struct error *err) MUST_USE;
/* Everything a document refers to, for the store. Returns how many, at most `limit`. */
size_t resource_refs(const struct resource *resource, const json_t *document,
                     struct entity_ref *refs, size_t limit);

/* The name of what is referred to; NULL when it is not there (any more). */
typedef const char *(*resource_name_fn)(void *context, enum entity_kind kind, int64_t id);
struct resource_writer {
    const struct guid_key *key;
    resource_name_fn name;
    void *context;
};
/* A reference as it is written: {id, name, selfUri}. */
json_t *resource_ref_write(const struct resource_writer *writer, enum entity_kind kind,
                           int64_t id);
/* A stored entity as it is written; NULL when its document cannot be read. */
json_t *resource_write(const struct resource *resource, const struct resource_writer *writer,
                       const struct entity *entity);
json_t *resource_extension_write(const struct resource *resource,
                                 const struct resource_writer *writer,
                                 const struct entity *entity);
/* A client's regular expression as a POSIX one: \d and \t are known, look-around and back
 * references are not (they cannot be bounded). False: not usable. */
bool resource_pattern(const char *find, char *pattern, size_t room);
/* A stored document, parsed; the caller's. NULL: damaged. */
json_t *resource_document(const char *text);

#endif
