#include "http/json.h"

#include <stdlib.h>
#include <string.h>

#include "http/text.h"

/* Counts nesting and values without parsing: a value needs a comma or an opening before it. */
static enum status bounds_check(const char *bytes, size_t len, struct error *err)
{
    size_t depth = 0;
    size_t values = 1;
    bool is_text = false;
    for (size_t i = 0; i < len; i++) {
        char byte = bytes[i];
        if (is_text) {
            if (byte == '\\')
                i++;
            else if (byte == '"')
                is_text = false;
            continue;
        }
        if (byte == '"') {
            is_text = true;
        } else if (byte == '{' || byte == '[') {
            values++;
            if (++depth > JSON_DEPTH_MAX)
                return error_set(err, STATUS_INVALID, "",
                                 "The JSON is nested more than %d deep.", JSON_DEPTH_MAX);
        } else if ((byte == '}' || byte == ']') && depth > 0) {
            depth--;
        } else if (byte == ',') {
            values++;
        }
    }
    if (values > JSON_VALUES_MAX)
        return error_set(err, STATUS_INVALID, "", "The JSON has more than %d values.",
                         JSON_VALUES_MAX);
    return STATUS_OK;
}

enum status json_read(const char *bytes, size_t len, json_t **value, struct error *err)
{
    *value = NULL;
    enum status status = bounds_check(bytes, len, err);
    if (status != STATUS_OK)
        return status;
    json_error_t fault;
    *value = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &fault);
    if (*value)
        return STATUS_OK;
    /* jansson's own flags mean nothing to whoever sent it. */
    char *flag = strstr(fault.text, " without JSON_");
    if (flag)
        *flag = '\0';
    char path[64];
    snprintf(path, sizeof(path), "line %d, column %d", fault.line, fault.column);
    return error_set(err, STATUS_INVALID, path, "The body is not valid JSON: %.200s.",
                     text_is_utf8(fault.text, strlen(fault.text)) ? fault.text : "bad text");
}

/* NULL for absent and null. */
static json_t *member(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_null(value) ? NULL : value;
}

static enum status absent(const char *name, bool is_required, struct error *err)
{
    return is_required ? error_set(err, STATUS_INVALID, name, "required") : STATUS_OK;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

enum status json_member_text(const json_t *object, const char *name, bool is_required,
                             size_t len_max, const char **value, struct error *err)
{
    const json_t *item = member(object, name);
    if (!item)
        return absent(name, is_required, err);
    const char *text = json_string_value(item);
    if (!text)
        return error_set(err, STATUS_INVALID, name, "must be a text");
    if (is_required && !*text)
        return error_set(err, STATUS_INVALID, name, "required");
    if (characters(text) > len_max)
        return error_set(err, STATUS_INVALID, name, "must have at most %zu characters",
                         len_max);
    *value = text;
    return STATUS_OK;
}

enum status json_member_integer(const json_t *object, const char *name, bool is_required,
                                int64_t least, int64_t most, int64_t *value, struct error *err)
{
    const json_t *item = member(object, name);
    if (!item)
        return absent(name, is_required, err);
    int64_t number = 0;
    if (json_is_integer(item)) {
        number = json_integer_value(item);
    } else if (json_is_real(item) && json_real_value(item) >= -9e15 &&
               json_real_value(item) <= 9e15 &&
               (double)(int64_t)json_real_value(item) == json_real_value(item)) {
        number = (int64_t)json_real_value(item); /* 5.0 is what some clients write for 5 */
    } else {
        return error_set(err, STATUS_INVALID, name, "must be a whole number");
    }
    if (number < least || number > most)
        return error_set(err, STATUS_INVALID, name, "must be from %lld to %lld",
                         (long long)least, (long long)most);
    *value = number;
    return STATUS_OK;
}

enum status json_member_bool(const json_t *object, const char *name, bool is_required,
                             bool *value, struct error *err)
{
    const json_t *item = member(object, name);
    if (!item)
        return absent(name, is_required, err);
    if (!json_is_boolean(item))
        return error_set(err, STATUS_INVALID, name, "must be true or false");
    *value = json_is_true(item);
    return STATUS_OK;
}

enum status json_member_array(const json_t *object, const char *name, bool is_required,
                              size_t count_max, json_t **array, struct error *err)
{
    json_t *item = member(object, name);
    if (!item)
        return absent(name, is_required, err);
    if (!json_is_array(item))
        return error_set(err, STATUS_INVALID, name, "must be an array");
    if (json_array_size(item) > count_max)
        return error_set(err, STATUS_INVALID, name, "must have at most %zu items", count_max);
    *array = item;
    return STATUS_OK;
}

enum status json_member_object(const json_t *object, const char *name, bool is_required,
                               json_t **value, struct error *err)
{
    json_t *item = member(object, name);
    if (!item)
        return absent(name, is_required, err);
    if (!json_is_object(item))
        return error_set(err, STATUS_INVALID, name, "must be an object");
    *value = item;
    return STATUS_OK;
}
