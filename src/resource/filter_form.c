#include "resource/filter_form.h"

#include <string.h>
#include <strings.h>

#include "filter/value.h"

/* --- Reading --------------------------------------------------------------------------------
 */

struct reading {
    const struct filter_columns *columns;
    struct arena *arena;
    struct error *err;
    int32_t conditions;
};

static enum status wrong(struct reading *r, const char *path, const char *text)
{
    return error_set(r->err, STATUS_INVALID, path, "%s", text);
}

/* A text member; NULL where it is absent or null. */
static enum status text_get(struct reading *r, const json_t *object, const char *name,
                            const char **text)
{
    const json_t *value = json_object_get(object, name);
    *text = json_string_value(value);
    if (*text) /* the tree outlives the form */
        *text = arena_text(r->arena, *text, strlen(*text));
    if (*text || !value || json_is_null(value))
        return STATUS_OK;
    return wrong(r, name, "must be a text");
}

static enum status bool_get(struct reading *r, const json_t *object, const char *name, bool *is)
{
    const json_t *value = json_object_get(object, name);
    *is = json_is_true(value);
    if (!value || json_is_null(value) || json_is_boolean(value))
        return STATUS_OK;
    return wrong(r, name, "must be true or false");
}

static enum status group_kind_get(struct reading *r, const json_t *object,
                                  enum filter_node_kind *kind)
{
    const char *text;
    enum status status = text_get(r, object, "filterType", &text);
    if (status)
        return status;
    *kind = text && strcasecmp(text, "OR") == 0 ? FILTER_OR : FILTER_AND;
    if (text && *kind == FILTER_AND && strcasecmp(text, "AND") != 0)
        return wrong(r, "filterType", "must be AND or OR");
    return STATUS_OK;
}

static enum status column_get(struct reading *r, const json_t *predicate,
                              struct filter_test *test)
{
    const char *name;
    enum status status = text_get(r, predicate, "column", &name);
    if (status)
        return status;
    if (!name || !*name)
        return wrong(r, "column", "required");
    for (int32_t i = 0; i < r->columns->count; i++)
        if (strcmp(r->columns->names[i], name) == 0) {
            test->field = FILTER_COLUMN;
            test->column = (int16_t)i;
            return STATUS_OK;
        }
    return error_set(r->err, STATUS_INVALID, "column", "%.128s is not a column of the list",
                     name);
}

static enum status kind_get(struct reading *r, const json_t *predicate,
                            struct filter_test *test)
{
    const char *type, *name = NULL;
    enum status status = text_get(r, predicate, "columnType", &type);
    if (!status)
        status = text_get(r, predicate, "operator", &name);
    if (status)
        return status;
    bool is_numeric = type && strcasecmp(type, "numeric") == 0;
    if (type && !is_numeric && strcasecmp(type, "alphabetic") != 0)
        return wrong(r, "columnType", "must be numeric or alphabetic");
    if (!name)
        return wrong(r, "operator", "required");
    test->comparison = filter_operator_find(name);
    if (test->comparison == FILTER_OPERATOR_COUNT)
        return wrong(r, "operator",
                     "must be one of EQUALS, LESS_THAN, LESS_THAN_EQUALS, GREATER_THAN, "
                     "GREATER_THAN_EQUALS, CONTAINS, BEGINS_WITH, ENDS_WITH, BEFORE, AFTER, "
                     "BETWEEN, IN");
    test->kind = is_numeric ? FILTER_NUMBER : FILTER_TEXT;
    bool is_date = test->comparison == FILTER_BEFORE || test->comparison == FILTER_AFTER;
    if (is_date && is_numeric)
        return wrong(r, "columnType", "must be alphabetic for BEFORE and AFTER");
    if (is_date)
        test->kind = FILTER_DATE;
    return STATUS_OK;
}

static bool is_date(const char *text)
{
    struct wall at;
    int64_t us;
    size_t len = strlen(text);
    return filter_date(text, len, &at) || filter_relative(text, len, &us);
}

static enum status between_get(struct reading *r, const json_t *range, struct filter_test *test)
{
    const char *least, *most;
    bool includes_least = false, includes_most = false;
    enum status status = text_get(r, range, "min", &least);
    if (!status)
        status = text_get(r, range, "max", &most);
    if (!status)
        status = bool_get(r, range, "minInclusive", &includes_least);
    if (!status)
        status = bool_get(r, range, "maxInclusive", &includes_most);
    if (status)
        return status;
    if (!least || !most)
        return wrong(r, least ? "max" : "min", "required for BETWEEN");
    if (test->kind == FILTER_TEXT && is_date(least) && is_date(most))
        test->kind = FILTER_DATE;
    test->excludes_least = !includes_least;
    test->excludes_most = !includes_most;
    test->value_count = 2;
    test->values = arena_new(r->arena, 2, sizeof(*test->values));
    test->values[0].text = least;
    test->values[1].text = most;
    return STATUS_OK;
}

static enum status set_get(struct reading *r, const json_t *range, struct filter_test *test)
{
    const json_t *set = json_object_get(range, "inSet");
    size_t count = json_array_size(set);
    if (!count || count > FILTER_SET_MAX)
        return wrong(r, "inSet", "required for IN: from 1 to 1000 texts");
    test->value_count = (int32_t)count;
    test->values = arena_new(r->arena, count, sizeof(*test->values));
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(set, i));
        test->values[i].text = text ? arena_text(r->arena, text, strlen(text)) : NULL;
        if (!text)
            return error_set(r->err, STATUS_INVALID, arena_format(r->arena, "inSet[%zu]", i),
                             "must be a text");
    }
    return STATUS_OK;
}

static enum status values_get(struct reading *r, const json_t *predicate,
                              struct filter_test *test)
{
    bool has_range = test->comparison == FILTER_BETWEEN || test->comparison == FILTER_IN;
    const json_t *range = json_object_get(predicate, "range");
    const char *value;
    if (has_range) {
        if (!json_is_object(range))
            return wrong(r, "range", "required for BETWEEN and IN");
        enum status status = test->comparison == FILTER_IN ? set_get(r, range, test)
                                                           : between_get(r, range, test);
        if (status)
            error_prefix(r->err, "range");
        return status;
    }
    enum status status = text_get(r, predicate, "value", &value);
    if (!status && !value)
        status = wrong(r, "value", "required");
    if (status)
        return status;
    test->value_count = 1;
    test->values = arena_new(r->arena, 1, sizeof(*test->values));
    test->values[0].text = value;
    return STATUS_OK;
}

/* "values[3]" of the tree is range.inSet[3] here, and "min" range.min. */
static void path_translate(struct error *err)
{
    char rest[32];
    bool is_set = strncmp(err->path, "values", 6) == 0;
    if (!is_set && strcmp(err->path, "min") != 0 && strcmp(err->path, "max") != 0)
        return;
    snprintf(rest, sizeof(rest), "%.30s", is_set ? err->path + 6 : err->path);
    snprintf(err->path, sizeof(err->path), is_set ? "range.inSet%s" : "range.%s", rest);
}

static enum status predicate_read(struct reading *r, const json_t *predicate,
                                  struct filter_node **node)
{
    struct filter_test test = {.field = FILTER_COLUMN};
    bool is_inverted = false;
    if (!json_is_object(predicate))
        return wrong(r, "", "must be an object");
    enum status status = column_get(r, predicate, &test);
    if (!status)
        status = kind_get(r, predicate, &test);
    if (!status)
        status = values_get(r, predicate, &test);
    if (!status)
        status = bool_get(r, predicate, "inverted", &is_inverted);
    if (status)
        return status;
    status = filter_test_check(&test, r->columns, r->arena, r->err);
    if (status) {
        path_translate(r->err);
        return status;
    }
    *node = filter_test_new(r->arena, &test);
    if (is_inverted)
        *node = filter_not(r->arena, *node);
    return STATUS_OK;
}

static enum status prefixed(struct reading *r, enum status status, const char *list, size_t i)
{
    if (status) {
        char prefix[48];
        snprintf(prefix, sizeof(prefix), "%s[%zu]", list, i);
        error_prefix(r->err, prefix);
    }
    return status;
}

static enum status clause_read(struct reading *r, const json_t *clause,
                               struct filter_node **node)
{
    enum filter_node_kind kind;
    const json_t *predicates = json_object_get(clause, "predicates");
    struct filter_node *nodes[FILTER_FORM_CONDITIONS_MAX];
    size_t count = json_array_size(predicates);
    if (!json_is_object(clause))
        return wrong(r, "", "must be an object");
    enum status status = group_kind_get(r, clause, &kind);
    if (!status && !count)
        status = wrong(r, "predicates", "required: a clause without any means nothing");
    if (!status && (r->conditions += (int32_t)count) > FILTER_FORM_CONDITIONS_MAX)
        status = wrong(r, "predicates",
                       "a filter has at most 10 conditions; a text expression may have more");
    for (size_t i = 0; i < count && !status; i++)
        status = prefixed(r, predicate_read(r, json_array_get(predicates, i), &nodes[i]),
                          "predicates", i);
    if (!status)
        *node = filter_group(r->arena, kind, nodes, (int32_t)count);
    return status;
}

enum status filter_form_read(const json_t *form, const struct filter_columns *columns,
                             struct arena *arena, struct filter *filter, struct error *err)
{
    struct error unwanted;
    struct reading r = {columns, arena, err ? err : &unwanted, 0};
    const json_t *clauses = json_object_get(form, "clauses");
    enum filter_node_kind kind;
    struct filter_node *nodes[FILTER_FORM_CONDITIONS_MAX];
    filter->root = NULL;
    enum status status = group_kind_get(&r, form, &kind);
    if (!status && clauses && !json_is_null(clauses) && !json_is_array(clauses))
        status = wrong(&r, "clauses", "must be an array");
    size_t count = json_array_size(clauses);
    for (size_t i = 0; i < count && !status; i++) {
        if (i == FILTER_FORM_CONDITIONS_MAX)
            return wrong(&r, "clauses", "a filter has at most 10 conditions");
        status =
            prefixed(&r, clause_read(&r, json_array_get(clauses, i), &nodes[i]), "clauses", i);
    }
    if (!status)
        filter->root = filter_group(arena, kind, nodes, (int32_t)count);
    return status ? status : filter_check(filter, err);
}

/* --- Writing --------------------------------------------------------------------------------
 */

static enum status unsaid(struct error *err, const char *what)
{
    return error_set(err, STATUS_CONFLICT, "",
                     "the structured form cannot say this: it has no %s; keep the filter as an "
                     "expression",
                     what);
}

static json_t *range_write(const struct filter_test *test)
{
    if (test->comparison == FILTER_BETWEEN)
        return json_pack("{s:s,s:s,s:b,s:b}", "min", test->values[0].text, "max",
                         test->values[1].text, "minInclusive", (int)!test->excludes_least,
                         "maxInclusive", (int)!test->excludes_most);
    json_t *set = json_array();
    for (int32_t i = 0; i < test->value_count; i++)
        json_array_append_new(set, json_string(test->values[i].text));
    return json_pack("{s:o}", "inSet", set);
}

static enum status predicate_write(const struct filter_node *node,
                                   const struct filter_columns *columns, json_t *predicates,
                                   struct error *err)
{
    bool is_inverted = node->kind == FILTER_NOT;
    if (is_inverted)
        node = node->nodes[0];
    if (node->kind != FILTER_TEST)
        return unsaid(err, is_inverted ? "NOT of a group" : "third level of groups");
    const struct filter_test *test = &node->test;
    if (test->field != FILTER_COLUMN)
        return unsaid(err, "fields of the contact, only columns");
    bool is_between = test->comparison == FILTER_BETWEEN;
    if (is_between && test->kind == FILTER_TEXT && is_date(test->values[0].text) &&
        is_date(test->values[1].text))
        return unsaid(err, "BETWEEN of texts that are dates");
    json_t *predicate =
        json_pack("{s:s,s:s,s:s,s:b}", "column", columns->names[test->column], "columnType",
                  test->kind == FILTER_NUMBER ? "numeric" : "alphabetic", "operator",
                  filter_operator_name(test->comparison), "inverted", (int)is_inverted);
    if (is_between || test->comparison == FILTER_IN)
        json_object_set_new(predicate, "range", range_write(test));
    else
        json_object_set_new(predicate, "value", json_string(test->values[0].text));
    json_array_append_new(predicates, predicate);
    return STATUS_OK;
}

static bool is_group(const struct filter_node *node)
{
    return node->kind == FILTER_AND || node->kind == FILTER_OR;
}

static const char *type_of(enum filter_node_kind kind)
{
    return kind == FILTER_OR ? "OR" : "AND";
}

static enum status clause_write(enum filter_node_kind kind, struct filter_node *const *nodes,
                                int32_t count, const struct filter_columns *columns,
                                json_t *clauses, struct error *err)
{
    json_t *predicates = json_array();
    json_array_append_new(
        clauses, json_pack("{s:s,s:o}", "filterType", type_of(kind), "predicates", predicates));
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < count && !status; i++)
        status = predicate_write(nodes[i], columns, predicates, err);
    return status;
}

static enum status clauses_write(struct filter_node *root, const struct filter_columns *columns,
                                 json_t *clauses, struct error *err)
{
    bool has_groups = false;
    for (int32_t i = 0; is_group(root) && i < root->count; i++)
        has_groups |= is_group(root->nodes[i]);
    if (!is_group(root))
        return clause_write(FILTER_AND, &root, 1, columns, clauses, err);
    if (!has_groups)
        return clause_write(root->kind, root->nodes, root->count, columns, clauses, err);
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < root->count && !status; i++) {
        struct filter_node *node = root->nodes[i];
        status = is_group(node)
                     ? clause_write(node->kind, node->nodes, node->count, columns, clauses, err)
                     : clause_write(FILTER_AND, &node, 1, columns, clauses, err);
    }
    return status;
}

enum status filter_form_write(const struct filter *filter, const struct filter_columns *columns,
                              json_t **form, struct error *err)
{
    json_t *clauses = json_array();
    enum status status = STATUS_OK;
    *form = NULL;
    if (filter_test_count(filter) > FILTER_FORM_CONDITIONS_MAX)
        status = unsaid(err, "more than 10 conditions");
    else if (filter->root)
        status = clauses_write(filter->root, columns, clauses, err);
    if (status) {
        json_decref(clauses);
        return status;
    }
    /* One clause alone: the outer type says nothing, and AND is what clients write. */
    bool is_or =
        filter->root && filter->root->kind == FILTER_OR && json_array_size(clauses) > 1;
    *form = json_pack("{s:s,s:o}", "filterType", is_or ? "OR" : "AND", "clauses", clauses);
    return STATUS_OK;
}
