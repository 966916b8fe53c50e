#include <inttypes.h>
#include <string.h>

#include "filter/text.h"
#include "filter/token.h"

struct printer {
    const struct filter_columns *columns;
    struct buffer *out;
};

static void enclosed_print(struct printer *p, const char *text, char open, char close)
{
    buffer_append(p->out, &open, 1);
    for (; *text; text++) {
        buffer_append(p->out, text, 1);
        if (*text == close)
            buffer_append(p->out, text, 1);
    }
    buffer_append(p->out, &close, 1);
}

static bool is_hidden(const struct printer *p, const char *field)
{
    for (int32_t i = 0; p->columns->names && i < p->columns->count; i++)
        if (strcmp(p->columns->names[i], field) == 0)
            return true;
    return false;
}

static void name_print(struct printer *p, const struct filter_test *test)
{
    if (test->field != FILTER_COLUMN) {
        const char *name = filter_field_name(test->field);
        buffer_format(p->out, "%s%s", is_hidden(p, name) ? "Contact." : "", name);
        return;
    }
    if (!p->columns->names) {
        buffer_format(p->out, "#%d", test->column);
        return;
    }
    const char *name = p->columns->names[test->column];
    if (name_is_plain(name))
        buffer_text(p->out, name);
    else
        enclosed_print(p, name, '[', ']');
}

/* The columns that were meant, as by position a type is written. */
static void positions_print(struct printer *p, const struct filter_test *test)
{
    buffer_text(p->out, test->columns ? " = \"" : " = \"#");
    for (int i = 0; i < FILTER_COLUMNS_MAX; i++)
        if (test->columns >> i & 1)
            buffer_format(p->out, "#%d", i);
    buffer_text(p->out, "\"");
}

static void value_print(struct printer *p, const struct filter_test *test, int32_t index)
{
    const char *text = test->values[index].text;
    if (test->kind == FILTER_REFERENCE && !p->columns->names && test->values[index].id) {
        buffer_format(p->out, "\"#%" PRId64 "\"", test->values[index].id);
        return;
    }
    if (test->kind == FILTER_DATE && test->comparison == FILTER_BETWEEN)
        buffer_text(p->out, "DATE ");
    if (test->kind == FILTER_NUMBER || test->field == FILTER_CALLABLE ||
        test->field == FILTER_TOP_PRIORITY)
        buffer_text(p->out, text);
    else
        enclosed_print(p, text, '"', '"');
}

static const char *operator_text(enum filter_operator comparison)
{
    static const char *const texts[FILTER_OPERATOR_COUNT] = {
        [FILTER_EQUALS] = "=",
        [FILTER_LESS_THAN] = "<",
        [FILTER_LESS_THAN_EQUALS] = "<=",
        [FILTER_GREATER_THAN] = ">",
        [FILTER_GREATER_THAN_EQUALS] = ">=",
        [FILTER_CONTAINS] = "CONTAINS",
        [FILTER_BEGINS_WITH] = "BEGINS WITH",
        [FILTER_ENDS_WITH] = "ENDS WITH",
        [FILTER_BEFORE] = "BEFORE",
        [FILTER_AFTER] = "AFTER",
        [FILTER_BETWEEN] = "BETWEEN",
        [FILTER_IN] = "IN",
    };
    return texts[comparison];
}

static void test_print(struct printer *p, const struct filter_test *test)
{
    name_print(p, test);
    if (test->field == FILTER_ADDRESS_TYPE && !p->columns->names) {
        positions_print(p, test);
        return;
    }
    buffer_format(p->out, " %s ", operator_text(test->comparison));
    if (test->comparison == FILTER_BETWEEN) {
        buffer_text(p->out, test->excludes_least ? "EXCLUSIVE " : "");
        value_print(p, test, 0);
        buffer_format(p->out, " AND %s", test->excludes_most ? "EXCLUSIVE " : "");
        value_print(p, test, 1);
        return;
    }
    if (test->comparison != FILTER_IN) {
        value_print(p, test, 0);
        return;
    }
    for (int32_t i = 0; i < test->value_count; i++) {
        buffer_text(p->out, i ? ", " : "(");
        value_print(p, test, i);
    }
    buffer_text(p->out, ")");
}

static void node_print(struct printer *p, const struct filter_node *node, bool is_inner)
{
    if (node->kind == FILTER_TEST) {
        test_print(p, &node->test);
        return;
    }
    if (node->kind == FILTER_NOT) {
        buffer_text(p->out, "NOT ");
        node_print(p, node->nodes[0], true);
        return;
    }
    buffer_text(p->out, is_inner ? "(" : "");
    for (int32_t i = 0; i < node->count; i++) {
        if (i)
            buffer_text(p->out, node->kind == FILTER_AND ? " AND " : " OR ");
        node_print(p, node->nodes[i], true);
    }
    buffer_text(p->out, is_inner ? ")" : "");
}

void filter_print(const struct filter *filter, const struct filter_columns *columns,
                  struct buffer *out)
{
    struct printer p = {columns, out};
    if (filter->root)
        node_print(&p, filter->root, false);
}
