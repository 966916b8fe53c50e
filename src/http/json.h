/* json.h -- the one way in for JSON from outside, and checked access to what it says.
 *
 * json_read bounds everything before jansson allocates: bytes, depth and number of values; it
 * refuses duplicate keys, NUL inside texts, text that is not UTF-8, and anything after the
 * value. The accessors fill an error whose path names the place: "phoneColumns[0].columnName:
 * required". Pure but for memory; any thread. Source: RFC 8259. */
#ifndef CADRAN_HTTP_JSON_H
#define CADRAN_HTTP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/status.h"

#define JSON_DEPTH_MAX 16
/* 1,000 contacts of 50 columns, and what goes with them. */
#define JSON_VALUES_MAX 150000

/* *value is owned by the caller (json_decref). STATUS_INVALID says where: "line 3, column 7".
 */
enum status json_read(const char *bytes, size_t len, json_t **value,
                      struct error *err) MUST_USE;

/* Members of an object. An absent or null member: STATUS_INVALID "required" when is_required,
 * else STATUS_OK with *value untouched. A wrong type or size is STATUS_INVALID. Texts live as
 * long as `object`. Lengths are in characters, not bytes. */
enum status json_member_text(const json_t *object, const char *name, bool is_required,
                             size_t len_max, const char **value, struct error *err) MUST_USE;
enum status json_member_integer(const json_t *object, const char *name, bool is_required,
                                int64_t least, int64_t most, int64_t *value,
                                struct error *err) MUST_USE;
enum status json_member_bool(const json_t *object, const char *name, bool is_required,
                             bool *value, struct error *err) MUST_USE;
/* An array of at most `count_max` items. *array is borrowed. */
enum status json_member_array(const json_t *object, const char *name, bool is_required,
                              size_t count_max, json_t **array, struct error *err) MUST_USE;
enum status json_member_object(const json_t *object, const char *name, bool is_required,
                               json_t **value, struct error *err) MUST_USE;

#endif
