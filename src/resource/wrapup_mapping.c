#include "resource/wrapup_mapping.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/id.h"
#include "port/store.h"

static bool is_flag(const char *text)
{
    static const char *const flags[] = {"CONTACT_UNCALLABLE",  "NUMBER_UNCALLABLE",
                                        "RIGHT_PARTY_CONTACT", "BUSINESS_SUCCESS",
                                        "BUSINESS_NEUTRAL",    "BUSINESS_FAILURE"};
    for (size_t i = 0; text && i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strcmp(text, flags[i]) == 0)
            return true;
    return false;
}

/* Checked, each flag once. */
static enum status flags_read(const json_t *value, const char *path, json_t **flags,
                              struct error *err)
{
    *flags = json_array();
    if (!json_is_array(value) && value && !json_is_null(value))
        return error_set(err, STATUS_INVALID, path, "must be an array of flags");
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        bool is_there = false;
        char at[160];
        snprintf(at, sizeof(at), "%.130s[%zu]", path, i);
        if (!is_flag(text))
            return error_set(err, STATUS_INVALID, at,
                             "must be CONTACT_UNCALLABLE, NUMBER_UNCALLABLE, "
                             "RIGHT_PARTY_CONTACT, BUSINESS_SUCCESS, BUSINESS_NEUTRAL or "
                             "BUSINESS_FAILURE");
        for (size_t k = 0; k < json_array_size(*flags); k++)
            is_there =
                is_there || strcmp(json_string_value(json_array_get(*flags, k)), text) == 0;
        if (!is_there)
            json_array_append_new(*flags, json_string(text));
    }
    return STATUS_OK;
}

static enum status one_read(const struct guid_key *key, const char *name, json_t *value,
                            wrapup_code_fn is_code, void *context, json_t *mapping,
                            struct error *err)
{
    char path[128], number[24];
    int64_t code = 0;
    json_t *flags = NULL;
    snprintf(path, sizeof(path), "mapping.%.100s", name);
    if (!guid_parse(key, ENTITY_WRAPUP_CODE, name, &code) ||
        is_code(context, code, err) != STATUS_OK)
        return error_set(err, STATUS_INVALID, path, "is not the id of a wrap-up code");
    enum status status = flags_read(value, path, &flags, err);
    snprintf(number, sizeof(number), "%" PRId64, code);
    json_object_set_new(mapping, number, flags);
    return status;
}

enum status wrapup_mapping_read(const struct guid_key *key, const json_t *body,
                                wrapup_code_fn is_code, void *context, json_t **document,
                                struct error *err)
{
    json_t *named = json_object_get(body, "mapping"), *mapping = json_object(), *flags = NULL;
    const char *name = NULL;
    json_t *value = NULL;
    *document = json_pack("{s:o}", "mapping", mapping);
    enum status status =
        flags_read(json_object_get(body, "defaultSet"), "defaultSet", &flags, err);
    json_object_set_new(*document, "defaultSet", flags);
    if (status != STATUS_OK)
        return status;
    if (named && !json_is_null(named) && !json_is_object(named))
        return error_set(err, STATUS_INVALID, "mapping", "must be an object");
    if (json_object_size(named) > WRAPUP_MAPPING_MAX)
        return error_set(err, STATUS_INVALID, "mapping", "has more than %d codes",
                         WRAPUP_MAPPING_MAX);
    json_object_foreach(named, name, value)
    {
        status = one_read(key, name, value, is_code, context, mapping, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

const json_t *wrapup_mapping_flags(const json_t *mapping, int64_t code)
{
    char number[24];
    snprintf(number, sizeof(number), "%" PRId64, code);
    const json_t *flags = json_object_get(json_object_get(mapping, "mapping"), number);
    return flags ? flags : json_object_get(mapping, "defaultSet");
}
