/* Making and checking trees. */
#include "filter/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "filter/value.h"

/* --- Words ----------------------------------------------------------------------------------
 */

static const char *const state_words[CONTACT_STATE_COUNT + 1] = {
    "waiting", "running",      "done",           "failed",  "deleted",
    "paused",  "list_stopped", "list_suspended", "shelved", NULL};
static const char *const bool_words[] = {"false", "true", NULL};
static const char *const address_words[ADDRESS_STATE_COUNT + 1] = {
    "scheduled", "rescheduled", "waiting", "blocked", "failed", NULL};
static const char *const outcome_words[OUTCOME_COUNT + 1] = {
    "none",           "person",    "machine",    "fax",
    "busy",           "no_answer", "rejected",   "sit_callable",
    "sit_uncallable", "abandoned", "agent_lost", "cancelled",
    "failed",         "lost",      NULL};

static const struct {
    const char *name;
    enum filter_kind kind;
    const char *const *words;
} fields[FILTER_FIELD_COUNT] = {
    [FILTER_COLUMN] = {NULL, FILTER_TEXT, NULL},
    [FILTER_CONTACT_ID] = {"ContactId", FILTER_TEXT, NULL},
    [FILTER_STATE] = {"State", FILTER_WORD, state_words},
    [FILTER_CALLABLE] = {"Callable", FILTER_WORD, bool_words},
    [FILTER_PRIORITY] = {"Priority", FILTER_NUMBER, NULL},
    [FILTER_NEXT_TRY] = {"NextTry", FILTER_DATE, NULL},
    [FILTER_LAST_UPDATE] = {"LastUpdate", FILTER_DATE, NULL},
    [FILTER_ATTEMPTS] = {"Attempts", FILTER_NUMBER, NULL},
    [FILTER_LAST_ATTEMPT] = {"LastAttempt", FILTER_DATE, NULL},
    [FILTER_LAST_RESULT] = {"LastResult", FILTER_WORD, outcome_words},
    [FILTER_ADDRESS] = {"Address", FILTER_TEXT, NULL},
    [FILTER_ADDRESS_STATE] = {"AddressState", FILTER_WORD, address_words},
    [FILTER_TOP_PRIORITY] = {"TopPriority", FILTER_WORD, bool_words},
    [FILTER_MANUAL_RESCHEDULES] = {"ManualReschedules", FILTER_NUMBER, NULL},
    [FILTER_AGENT] = {"Agent", FILTER_REFERENCE, NULL},
    [FILTER_DISPOSITION] = {"Disposition", FILTER_REFERENCE, NULL},
    [FILTER_TIME_ZONE] = {"TimeZone", FILTER_TEXT, NULL},
    [FILTER_ADDRESS_TYPE] = {"AddressType", FILTER_TEXT, NULL},
};

static const char *const operators[FILTER_OPERATOR_COUNT] = {
    [FILTER_EQUALS] = "EQUALS",
    [FILTER_LESS_THAN] = "LESS_THAN",
    [FILTER_LESS_THAN_EQUALS] = "LESS_THAN_EQUALS",
    [FILTER_GREATER_THAN] = "GREATER_THAN",
    [FILTER_GREATER_THAN_EQUALS] = "GREATER_THAN_EQUALS",
    [FILTER_CONTAINS] = "CONTAINS",
    [FILTER_BEGINS_WITH] = "BEGINS_WITH",
    [FILTER_ENDS_WITH] = "ENDS_WITH",
    [FILTER_BEFORE] = "BEFORE",
    [FILTER_AFTER] = "AFTER",
    [FILTER_BETWEEN] = "BETWEEN",
    [FILTER_IN] = "IN",
};

const char *filter_field_name(enum filter_field field)
{
    return field < FILTER_FIELD_COUNT ? fields[field].name : NULL;
}

enum filter_field filter_field_find(const char *name, size_t len)
{
    for (int i = FILTER_COLUMN + 1; i < FILTER_FIELD_COUNT; i++)
        if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0)
            return (enum filter_field)i;
    return FILTER_FIELD_COUNT;
}

enum filter_kind filter_field_kind(enum filter_field field)
{
    return fields[field].kind;
}

const char *const *filter_field_words(enum filter_field field)
{
    return fields[field].words;
}

const char *filter_operator_name(enum filter_operator comparison)
{
    return comparison < FILTER_OPERATOR_COUNT ? operators[comparison] : "?";
}

enum filter_operator filter_operator_find(const char *name)
{
    for (int i = 0; i < FILTER_OPERATOR_COUNT; i++)
        if (strcmp(operators[i], name) == 0)
            return (enum filter_operator)i;
    return FILTER_OPERATOR_COUNT;
}

/* --- Making ---------------------------------------------------------------------------------
 */

struct filter_node *filter_test_new(struct arena *arena, const struct filter_test *test)
{
    struct filter_node *node = arena_new(arena, 1, sizeof(*node));
    node->kind = FILTER_TEST;
    node->test = *test;
    return node;
}

struct filter_node *filter_not(struct arena *arena, struct filter_node *node)
{
    struct filter_node *out = arena_new(arena, 1, sizeof(*out));
    out->kind = FILTER_NOT;
    out->count = 1;
    out->nodes = arena_new(arena, 1, sizeof(*out->nodes));
    out->nodes[0] = node;
    return out;
}

struct filter_node *filter_group(struct arena *arena, enum filter_node_kind kind,
                                 struct filter_node *const *nodes, int32_t count)
{
    ensure(kind == FILTER_AND || kind == FILTER_OR);
    if (count == 0)
        return NULL;
    if (count == 1)
        return nodes[0];
    struct filter_node *out = arena_new(arena, 1, sizeof(*out));
    out->kind = kind;
    out->count = count;
    out->nodes = arena_new(arena, (size_t)count, sizeof(*out->nodes));
    memcpy(out->nodes, nodes, (size_t)count * sizeof(*nodes));
    return out;
}

/* --- Checking a test ------------------------------------------------------------------------
 */

static bool is_word_operator(enum filter_operator comparison)
{
    return comparison == FILTER_EQUALS || comparison == FILTER_IN;
}

static bool is_part_operator(enum filter_operator comparison)
{
    return comparison == FILTER_CONTAINS || comparison == FILTER_BEGINS_WITH ||
           comparison == FILTER_ENDS_WITH;
}

static bool is_date_operator(enum filter_operator comparison)
{
    return comparison == FILTER_BEFORE || comparison == FILTER_AFTER;
}

static bool kind_has(enum filter_kind kind, enum filter_operator comparison)
{
    switch (kind) {
    case FILTER_TEXT: return !is_date_operator(comparison);
    case FILTER_NUMBER: return !is_date_operator(comparison) && !is_part_operator(comparison);
    case FILTER_DATE: return is_date_operator(comparison) || comparison == FILTER_BETWEEN;
    case FILTER_WORD:
    case FILTER_REFERENCE: return is_word_operator(comparison);
    }
    return false;
}

static enum status comparison_refuse(const struct filter_test *test, struct error *err)
{
    static const char *const reasons[] = {
        [FILTER_TEXT] = "compares dates, and this is a text",
        [FILTER_NUMBER] = "does not compare numbers",
        [FILTER_DATE] = "does not compare dates: use BEFORE, AFTER or BETWEEN",
        [FILTER_WORD] = "does not suit a field of fixed words: use EQUALS or IN",
        [FILTER_REFERENCE] = "does not suit a field of names: use EQUALS or IN",
    };
    return error_set(err, STATUS_INVALID, "operator", "%s %s",
                     filter_operator_name(test->comparison), reasons[test->kind]);
}

static enum status text_fill(const struct filter_test *test, struct filter_value *value,
                             size_t len, struct arena *arena, const char *path,
                             struct error *err)
{
    char *folded = arena_new(arena, len + 1, 1);
    value->folded_len = filter_fold(value->text, len, folded);
    value->folded = folded;
    if (!value->folded_len && is_part_operator(test->comparison))
        return error_set(err, STATUS_INVALID, path,
                         "every text has an empty one in it: say what to look for");
    return STATUS_OK;
}

static enum status number_fill(struct filter_value *value, size_t len, struct arena *arena,
                               const char *path, struct error *err)
{
    if (!filter_number(value->text, len, &value->number))
        return error_set(err, STATUS_INVALID, path, "is not a number: write it as -12.5");
    char *plain = arena_new(arena, len + 1, 1);
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        if (value->text[i] == ',')
            plain[count++] = '.';
        else if (!strchr(" \t\r\n+", value->text[i]))
            plain[count++] = value->text[i];
    value->text = plain;
    return STATUS_OK;
}

static enum status date_fill(struct filter_value *value, size_t len, const char *path,
                             struct error *err)
{
    struct wall at;
    value->is_relative = filter_relative(value->text, len, &value->us);
    if (value->is_relative)
        return STATUS_OK;
    if (!filter_date(value->text, len, &at))
        return error_set(err, STATUS_INVALID, path,
                         "is not a date: write it as 2026-01-31, 2026-01-31T09:00:00Z, or "
                         "P-07DT00H00M for seven days ago");
    value->us = at.us;
    return STATUS_OK;
}

static enum status word_fill(const struct filter_test *test, struct filter_value *value,
                             size_t len, struct arena *arena, const char *path,
                             struct error *err)
{
    const char *const *words = filter_field_words(test->field);
    char list[ERROR_TEXT_MAX / 2] = "";
    size_t at = 0;
    char *folded = arena_new(arena, len + 1, 1);
    value->folded = folded;
    value->folded_len = filter_fold(value->text, len, folded);
    for (value->word = 0; words[value->word]; value->word++) {
        const char *word = words[value->word];
        if (strlen(word) == value->folded_len && memcmp(word, folded, value->folded_len) == 0) {
            value->text = word;
            return STATUS_OK;
        }
        if (at < sizeof(list))
            at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "", word);
    }
    return error_set(err, STATUS_INVALID, path, "must be one of %s", list);
}

/* "#57": the id itself. */
static bool id_read(const char *text, int64_t *id)
{
    char *end = NULL;
    if (text[0] != '#' || text[1] < '1' || text[1] > '9')
        return false;
    errno = 0;
    *id = strtoll(text + 1, &end, 10);
    return !*end && !errno;
}

static enum status reference_fill(const struct filter_test *test, struct filter_value *value,
                                  const struct filter_columns *columns, const char *path,
                                  struct error *err)
{
    const struct filter_references *references = columns->references;
    struct error reason;
    value->id = 0;
    if (!value->text[0])
        return STATUS_OK;
    if (references) {
        enum status status =
            references->find(references->self, test->field, value->text, &value->id, &reason);
        return status ? error_set(err, status, path, "%s", reason.text) : STATUS_OK;
    }
    if (id_read(value->text, &value->id))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, path,
                     "names cannot be looked up here: write an id as "
                     "#57");
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static enum status value_fill(struct filter_test *test, int32_t index,
                              const struct filter_columns *columns, struct arena *arena,
                              struct error *err)
{
    struct filter_value *value = &test->values[index];
    char path[32] = "value";
    if (test->comparison == FILTER_IN)
        snprintf(path, sizeof(path), "values[%d]", (int)index);
    else if (test->comparison == FILTER_BETWEEN)
        snprintf(path, sizeof(path), "%s", index ? "max" : "min");
    size_t len = strlen(value->text);
    if (characters(value->text) > FILTER_VALUE_CHARACTERS_MAX)
        return error_set(err, STATUS_INVALID, path, "has more than %d characters",
                         FILTER_VALUE_CHARACTERS_MAX);
    switch (test->kind) {
    case FILTER_TEXT: return text_fill(test, value, len, arena, path, err);
    case FILTER_NUMBER: return number_fill(value, len, arena, path, err);
    case FILTER_DATE: return date_fill(value, len, path, err);
    case FILTER_WORD: return word_fill(test, value, len, arena, path, err);
    case FILTER_REFERENCE: return reference_fill(test, value, columns, path, err);
    }
    return STATUS_OK;
}

/* "#2#4", "#" where no column passes: as a type is written apart from its list. */
static enum status positions_read(struct filter_test *test, struct error *err)
{
    const char *text = test->values[0].text;
    bool is_right = test->comparison == FILTER_EQUALS && text[0] == '#';
    for (; is_right && text[0] == '#' && text[1]; text += strcspn(text + 1, "#") + 1) {
        char *end = NULL;
        long position = text[1] >= '0' && text[1] <= '9' ? strtol(text + 1, &end, 10) : -1;
        is_right = position >= 0 && position < FILTER_COLUMNS_MAX && (*end == '#' || !*end);
        test->columns |= is_right ? UINT64_C(1) << position : 0;
    }
    if (is_right)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "value",
                     "types are written here by the positions of their columns, as #2#4");
}

/* Which columns' types pass. */
static enum status types_fill(struct filter_test *test, const struct filter_columns *columns,
                              struct error *err)
{
    test->columns = 0;
    if (!columns->names)
        return positions_read(test, err);
    for (int32_t i = 0; i < columns->count && i < FILTER_COLUMNS_MAX; i++) {
        const char *type = columns->types && columns->types[i] ? columns->types[i] : "";
        if (filter_text_passes(test, type, strlen(type)))
            test->columns |= UINT64_C(1) << i;
    }
    return STATUS_OK;
}

enum status filter_test_check(struct filter_test *test, const struct filter_columns *columns,
                              struct arena *arena, struct error *err)
{
    if (test->field != FILTER_COLUMN && test->kind != fields[test->field].kind)
        return error_set(err, STATUS_INVALID, "column", "%s is compared as another kind",
                         fields[test->field].name);
    if (!kind_has(test->kind, test->comparison))
        return comparison_refuse(test, err);
    int32_t most = test->comparison == FILTER_IN ? FILTER_SET_MAX : 2;
    if (test->value_count < 1 || test->value_count > most)
        return error_set(err, STATUS_INVALID, "values", "must have from 1 to %d values", most);
    ensure(test->comparison == FILTER_IN ||
           test->value_count == (test->comparison == FILTER_BETWEEN ? 2 : 1));
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < test->value_count && !status; i++)
        status = value_fill(test, i, columns, arena, err);
    if (!status && test->field == FILTER_ADDRESS_TYPE)
        status = types_fill(test, columns, err);
    return status;
}

/* --- The whole ------------------------------------------------------------------------------
 */

struct size {
    int32_t tests, values;
    bool is_too_deep;
};

static void measure(const struct filter_node *node, int32_t depth, struct size *size)
{
    size->is_too_deep |= depth > FILTER_DEPTH_MAX;
    if (size->is_too_deep)
        return;
    if (node->kind == FILTER_TEST) {
        size->tests++;
        size->values += node->test.value_count;
    }
    for (int32_t i = 0; i < node->count; i++)
        measure(node->nodes[i], depth + 1, size);
}

enum status filter_check(const struct filter *filter, struct error *err)
{
    struct size size = {.tests = 0};
    if (filter->root)
        measure(filter->root, 1, &size);
    if (size.is_too_deep)
        return error_set(err, STATUS_INVALID, "",
                         "the filter has more than %d levels: use fewer parentheses",
                         FILTER_DEPTH_MAX);
    if (size.tests > FILTER_TESTS_MAX)
        return error_set(err, STATUS_INVALID, "", "the filter has more than %d tests",
                         FILTER_TESTS_MAX);
    if (size.values > FILTER_VALUES_MAX)
        return error_set(err, STATUS_INVALID, "", "the filter has more than %d values",
                         FILTER_VALUES_MAX);
    return STATUS_OK;
}

int32_t filter_test_count(const struct filter *filter)
{
    struct size size = {.tests = 0};
    if (filter->root)
        measure(filter->root, 1, &size);
    return size.tests;
}

static bool node_uses(const struct filter_node *node, enum filter_field field)
{
    bool uses = node->kind == FILTER_TEST && node->test.field == field;
    for (int32_t i = 0; i < node->count && !uses; i++)
        uses = node_uses(node->nodes[i], field);
    return uses;
}

bool filter_uses(const struct filter *filter, enum filter_field field)
{
    return filter->root && node_uses(filter->root, field);
}

static bool value_equals(const struct filter_test *test, const struct filter_value *a,
                         const struct filter_value *b)
{
    return test->kind == FILTER_REFERENCE ? a->id == b->id : strcmp(a->text, b->text) == 0;
}

static bool test_equals(const struct filter_test *a, const struct filter_test *b)
{
    /* By position it is written in another way than by name. */
    if (a->field == FILTER_ADDRESS_TYPE && b->field == FILTER_ADDRESS_TYPE)
        return a->columns == b->columns;
    if (a->field != b->field || a->kind != b->kind || a->comparison != b->comparison ||
        a->value_count != b->value_count || a->excludes_least != b->excludes_least ||
        a->excludes_most != b->excludes_most)
        return false;
    if (a->field == FILTER_COLUMN && a->column != b->column)
        return false;
    for (int32_t i = 0; i < a->value_count; i++)
        if (!value_equals(a, &a->values[i], &b->values[i]))
            return false;
    return true;
}

static bool node_equals(const struct filter_node *a, const struct filter_node *b)
{
    if (a->kind != b->kind || a->count != b->count)
        return false;
    for (int32_t i = 0; i < a->count; i++)
        if (!node_equals(a->nodes[i], b->nodes[i]))
            return false;
    return a->kind != FILTER_TEST || test_equals(&a->test, &b->test);
}

bool filter_equals(const struct filter *a, const struct filter *b)
{
    if (!a->root || !b->root)
        return a->root == b->root;
    return node_equals(a->root, b->root);
}
