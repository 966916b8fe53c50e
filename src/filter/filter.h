/* filter.h -- which contacts of a list are meant: one tree of tests, and what it says of one
 * contact. docs/filters.md is the exact meaning; every face (text.h, the resource's structured
 * form, the store's SQL) stands for this tree and must agree with filter_matches.
 *
 * A tree lives in the arena that it was made in, and is not changed after filter_check. Columns
 * are positions: names belong to the list. Pure; any thread; `now` is an argument. */
#ifndef CADRAN_FILTER_FILTER_H
#define CADRAN_FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/memory.h"
#include "base/status.h"
#include "model/contact.h"

#define FILTER_TESTS_MAX 200
#define FILTER_DEPTH_MAX 16
#define FILTER_SET_MAX 1000    /* values of one IN */
#define FILTER_VALUES_MAX 2000 /* of a whole filter */
#define FILTER_VALUE_CHARACTERS_MAX 512
/* Bytes of a column's text that are read: 512 characters of four. */
#define FILTER_COLUMN_BYTES 2048
#define FILTER_COLUMNS_MAX 50

enum filter_field {
    FILTER_COLUMN, /* the list's: `column` says which */
    FILTER_CONTACT_ID,
    FILTER_STATE,
    FILTER_CALLABLE,
    FILTER_PRIORITY,
    FILTER_NEXT_TRY,
    FILTER_LAST_UPDATE,
    FILTER_ATTEMPTS,
    FILTER_LAST_ATTEMPT,
    FILTER_LAST_RESULT,
    FILTER_ADDRESS,
    FILTER_ADDRESS_STATE,
    FILTER_TOP_PRIORITY,
    FILTER_MANUAL_RESCHEDULES,
    FILTER_AGENT,
    FILTER_DISPOSITION,
    FILTER_TIME_ZONE,
    FILTER_ADDRESS_TYPE,
    FILTER_FIELD_COUNT
};

/* How a test reads a value. FILTER_WORD: one of filter_field_words. FILTER_REFERENCE: the id of
 * a user or a wrap-up code; 0 = none. */
enum filter_kind { FILTER_TEXT, FILTER_NUMBER, FILTER_DATE, FILTER_WORD, FILTER_REFERENCE };

enum filter_operator {
    FILTER_EQUALS,
    FILTER_LESS_THAN,
    FILTER_LESS_THAN_EQUALS,
    FILTER_GREATER_THAN,
    FILTER_GREATER_THAN_EQUALS,
    FILTER_CONTAINS,
    FILTER_BEGINS_WITH,
    FILTER_ENDS_WITH,
    FILTER_BEFORE,
    FILTER_AFTER,
    FILTER_BETWEEN,
    FILTER_IN,
    FILTER_OPERATOR_COUNT
};

/* A value to compare with. `text` is what was written; filter_check fills the rest. */
struct filter_value {
    const char *text;
    const char *folded; /* TEXT, WORD */
    size_t folded_len;
    double number;    /* NUMBER */
    bool is_relative; /* DATE: `us` counts from now */
    int64_t us;
    int32_t word; /* WORD: position among filter_field_words */
    int64_t id;   /* REFERENCE */
};

struct filter_test {
    enum filter_field field;
    int16_t column;
    enum filter_kind kind;
    enum filter_operator comparison;
    int32_t value_count; /* one; BETWEEN two: least and most; IN one or more */
    struct filter_value *values;
    bool excludes_least, excludes_most; /* BETWEEN */
    /* FILTER_ADDRESS_TYPE: the columns whose type passes, one bit by position. The dialer and
     * the store know columns, not what their list calls them. */
    uint64_t columns;
};

enum filter_node_kind { FILTER_TEST, FILTER_NOT, FILTER_AND, FILTER_OR };

struct filter_node {
    enum filter_node_kind kind;
    int32_t count; /* of nodes: NOT 1; AND, OR at least 2; TEST 0 */
    struct filter_node **nodes;
    struct filter_test test;
};

/* root NULL: every contact. */
struct filter {
    struct filter_node *root;
};

/* --- Names ----------------------------------------------------------------------------------
 */

/* Who knows what people call users and wrap-up codes. */
struct filter_references {
    void *self;
    /* The id of what the text names; err says why there is none. */
    enum status (*find)(void *self, enum filter_field field, const char *text, int64_t *id,
                        struct error *err);
    /* Gives texts that the field may be compared with to `put`, until it returns false. */
    void (*offer)(void *self, enum filter_field field,
                  bool (*put)(void *context, const char *text), void *context);
};

/* The list's columns, and what else has a name. names NULL: columns are written by position,
 * "#3"; this is how a filter is stored apart from its list's names. */
struct filter_columns {
    int32_t count;
    const char *const *names;
    const char *const *types; /* of phone columns, NULL for others; NULL: there are none */
    const struct filter_references *references; /* NULL: ids are written as "#57" */
};

/* --- Making ---------------------------------------------------------------------------------
 */

struct filter_node *filter_test_new(struct arena *arena, const struct filter_test *test);
struct filter_node *filter_not(struct arena *arena, struct filter_node *node);
/* AND or OR of `count` nodes, which are copied: none is NULL (every contact), one is itself. */
struct filter_node *filter_group(struct arena *arena, enum filter_node_kind kind,
                                 struct filter_node *const *nodes, int32_t count);
/* Checks one test and fills its values; the path is empty, "value" or "values[i]". */
enum status filter_test_check(struct filter_test *test, const struct filter_columns *columns,
                              struct arena *arena, struct error *err) MUST_USE;
/* Depth and number of a whole tree whose tests were checked. */
enum status filter_check(const struct filter *filter, struct error *err) MUST_USE;
/* Whether two trees say the same thing in the same way. */
bool filter_equals(const struct filter *a, const struct filter *b);
int32_t filter_test_count(const struct filter *filter);
/* Whether a test looks at the field. */
bool filter_uses(const struct filter *filter, enum filter_field field);

/* --- Words ----------------------------------------------------------------------------------
 */

/* "State", ...; NULL for FILTER_COLUMN. */
const char *filter_field_name(enum filter_field field);
/* FILTER_FIELD_COUNT: no field has this name. */
enum filter_field filter_field_find(const char *name, size_t len);
/* The kind of a field of every contact. */
enum filter_kind filter_field_kind(enum filter_field field);
/* The words of a field of kind FILTER_WORD, ended by NULL; NULL for others. Their order is that
 * of the model's enum; Callable: false, true. */
const char *const *filter_field_words(enum filter_field field);
/* "EQUALS", ... as Genesys Cloud says it. */
const char *filter_operator_name(enum filter_operator comparison);
/* FILTER_OPERATOR_COUNT: unknown. */
enum filter_operator filter_operator_find(const char *name);

/* --- Asking ---------------------------------------------------------------------------------
 */

/* What a test can look at. */
struct filter_contact {
    const struct contact *hot;
    const char *external_id; /* NULL: none */
    const char *data;        /* JSON array of texts by column position */
    struct wall updated_at;  /* of the data */
    /* The zones of each address, joined by newlines; "" or NULL: of none. May be NULL where the
     * filter does not use FILTER_TIME_ZONE. */
    const char *const *zones;
};

/* Whether a text of at most FILTER_COLUMN_BYTES passes a test of kind FILTER_TEXT. */
bool filter_text_passes(const struct filter_test *test, const char *text, size_t len);
bool filter_matches(const struct filter *filter, const struct filter_contact *contact,
                    struct wall now);

#endif
