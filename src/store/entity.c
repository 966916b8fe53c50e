#include "store/entity.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_names[ENTITY_KIND_COUNT] = {
    [ENTITY_NONE] = "nothing",
    [ENTITY_CAMPAIGN] = "campaign",
    [ENTITY_CONTACT_LIST] = "contact list",
    [ENTITY_DNC_LIST] = "do-not-contact list",
    [ENTITY_ATTEMPT_LIMITS] = "attempt limits",
    [ENTITY_CALLABLE_TIME_SET] = "callable time set",
    [ENTITY_QUEUE] = "queue",
    [ENTITY_USER] = "user",
    [ENTITY_WRAPUP_CODE] = "wrap-up code",
    [ENTITY_TRUNK] = "trunk",
    [ENTITY_PHONE] = "phone",
    [ENTITY_CLIENT] = "API client",
    [ENTITY_DIVISION] = "division",
    [ENTITY_SCRIPT] = "script",
    [ENTITY_CONTACT_LIST_FILTER] = "contact list filter",
    [ENTITY_CONTACT_VIEW] = "contact view",
    [ENTITY_WRAPUP_MAPPING] = "wrap-up code mapping",
};

const char *entity_kind_name(enum entity_kind kind)
{
    const char *name = kind < ENTITY_KIND_COUNT ? kind_names[kind] : NULL;
    return name ? name : "unknown kind";
}

enum status entity_check(enum entity_kind kind, const char *name, size_t ref_count,
                         struct error *err)
{
    if (kind <= ENTITY_NONE || kind >= ENTITY_KIND_COUNT)
        return error_set(err, STATUS_INVALID, "", "no such kind of entity: %d", (int)kind);
    size_t len = strlen(name);
    if (len == 0)
        return error_set(err, STATUS_INVALID, "name", "a %s needs a name",
                         entity_kind_name(kind));
    if (len > ENTITY_NAME_MAX)
        return error_set(err, STATUS_INVALID, "name",
                         "the name has %zu bytes; at most %d are kept", len, ENTITY_NAME_MAX);
    if (ref_count > ENTITY_REFS_MAX)
        return error_set(err, STATUS_INVALID, "",
                         "the %s refers to %zu things; at most %d are kept",
                         entity_kind_name(kind), ref_count, ENTITY_REFS_MAX);
    return STATUS_OK;
}

enum status entity_missing(enum entity_kind kind, int64_t id, struct error *err)
{
    return error_set(err, STATUS_NOT_FOUND, "", "no %s has the id %" PRId64,
                     entity_kind_name(kind), id);
}

enum status entity_unnamed(enum entity_kind kind, const char *name, struct error *err)
{
    return error_set(err, STATUS_NOT_FOUND, "name", "no %s has the name \"%s\"",
                     entity_kind_name(kind), name);
}

enum status entity_stale(enum entity_kind kind, int64_t id, int32_t stored, int32_t given,
                         struct error *err)
{
    return error_set(err, STATUS_STALE, "version",
                     "%s %" PRId64 " is at version %d, not %d: read it again and repeat",
                     entity_kind_name(kind), id, stored, given);
}

enum status entity_name_taken(enum entity_kind kind, const char *name, struct error *err)
{
    return error_set(err, STATUS_CONFLICT, "name",
                     "another %s has the name \"%s\" (case does not count): choose another",
                     entity_kind_name(kind), name);
}

enum status entity_dangling(const struct entity_ref *ref, struct error *err)
{
    return error_set(err, STATUS_INVALID, "",
                     "it refers to %s %" PRId64 ", which does not exist",
                     entity_kind_name(ref->kind), ref->id);
}

enum status entity_in_use(const char *name, enum entity_kind user_kind, const char *user_name,
                          size_t user_count, struct error *err)
{
    if (user_count == 1)
        return error_set(err, STATUS_CONFLICT, "", "\"%s\" is in use by %s \"%s\"", name,
                         entity_kind_name(user_kind), user_name);
    return error_set(err, STATUS_CONFLICT, "", "\"%s\" is in use by %s \"%s\" and %zu more",
                     name, entity_kind_name(user_kind), user_name, user_count - 1);
}
