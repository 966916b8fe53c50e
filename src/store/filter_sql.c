#include "store/filter_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

#define TEXT_MAX (4 * 1024 * 1024)
#define EXPRESSION_SIZE 192

struct writer {
    struct filter_sql *sql;
    struct wall now;
};

static void put(struct writer *w, const char *text)
{
    buffer_text(&w->sql->text, text);
}

/* Binds a value; the number of its parameter. */
static int32_t bind(struct writer *w, struct filter_sql_value value)
{
    struct filter_sql *sql = w->sql;
    sql->values = memory_grow(sql->values, &sql->capacity, sql->count + 1, sizeof(value));
    sql->values[sql->count] = value;
    return sql->first + (int32_t)sql->count++;
}

static void parameter_put(struct writer *w, int32_t number)
{
    buffer_format(&w->sql->text, "%c%d", w->sql->dialect == FILTER_SQLITE ? '?' : '$', number);
}

static int32_t value_bind(struct writer *w, const struct filter_test *test, int32_t index)
{
    const struct filter_value *value = &test->values[index];
    switch (test->kind) {
    case FILTER_TEXT:
        return bind(w, (struct filter_sql_value){
                           .type = 't', .text = value->folded, .len = value->folded_len});
    case FILTER_NUMBER:
        return bind(w, (struct filter_sql_value){.type = 'r', .real = value->number});
    case FILTER_DATE:
        return bind(
            w, (struct filter_sql_value){
                   .type = 'i', .integer = value->us + (value->is_relative ? w->now.us : 0)});
    case FILTER_REFERENCE:
        return bind(w, (struct filter_sql_value){.type = 'i', .integer = value->id});
    case FILTER_WORD: break;
    }
    return bind(w, (struct filter_sql_value){.type = 'i', .integer = value->word});
}

static void value_put(struct writer *w, const struct filter_test *test, int32_t index)
{
    parameter_put(w, value_bind(w, test, index));
}

static const char *order_sign(enum filter_operator comparison)
{
    switch ((int)comparison) {
    case FILTER_LESS_THAN:
    case FILTER_BEFORE: return "<";
    case FILTER_LESS_THAN_EQUALS: return "<=";
    case FILTER_GREATER_THAN:
    case FILTER_AFTER: return ">";
    case FILTER_GREATER_THAN_EQUALS: return ">=";
    default: return "=";
    }
}

/* A part of a text: the same parameter stands for its length and its content. */
static void part_put(struct writer *w, const struct filter_test *test, const char *expression)
{
    bool is_sqlite = w->sql->dialect == FILTER_SQLITE;
    char sign = is_sqlite ? '?' : '$';
    int32_t n = value_bind(w, test, 0);
    struct buffer *text = &w->sql->text;
    if (test->comparison == FILTER_CONTAINS)
        buffer_format(text, "%s(%s,%c%d)>0", is_sqlite ? "instr" : "strpos", expression, sign,
                      n);
    else if (test->comparison == FILTER_BEGINS_WITH)
        buffer_format(
            text, is_sqlite ? "substr(%s,1,length(%c%d))=%c%d" : "left(%s,length(%c%d))=%c%d",
            expression, sign, n, sign, n);
    else
        buffer_format(
            text, is_sqlite ? "substr(%s,-length(%c%d))=%c%d" : "right(%s,length(%c%d))=%c%d",
            expression, sign, n, sign, n);
}

static void between_put(struct writer *w, const struct filter_test *test,
                        const char *expression)
{
    buffer_format(&w->sql->text, "%s%s", expression, test->excludes_least ? ">" : ">=");
    value_put(w, test, 0);
    buffer_format(&w->sql->text, " AND %s%s", expression, test->excludes_most ? "<" : "<=");
    value_put(w, test, 1);
}

/* The test of one value; the caller makes NULL false. */
static void comparison_put(struct writer *w, const struct filter_test *test,
                           const char *expression)
{
    char present[EXPRESSION_SIZE + 16];
    snprintf(present, sizeof(present), test->kind == FILTER_TEXT ? "nullif(%s,'')" : "%s",
             expression);
    switch (test->comparison) {
    case FILTER_EQUALS:
        buffer_format(&w->sql->text, "%s=", expression);
        value_put(w, test, 0);
        break;
    case FILTER_IN:
        buffer_format(&w->sql->text, "%s IN", expression);
        for (int32_t i = 0; i < test->value_count; i++) {
            put(w, i ? "," : "(");
            value_put(w, test, i);
        }
        put(w, ")");
        break;
    case FILTER_CONTAINS:
    case FILTER_BEGINS_WITH:
    case FILTER_ENDS_WITH: part_put(w, test, expression); break;
    case FILTER_BETWEEN: between_put(w, test, present); break;
    case FILTER_LESS_THAN:
    case FILTER_LESS_THAN_EQUALS:
    case FILTER_GREATER_THAN:
    case FILTER_GREATER_THAN_EQUALS:
    case FILTER_BEFORE:
    case FILTER_AFTER:
        buffer_format(&w->sql->text, "%s%s", present, order_sign(test->comparison));
        value_put(w, test, 0);
        break;
    case FILTER_OPERATOR_COUNT: break;
    }
}

static void column_expression(const struct filter_test *test, char out[EXPRESSION_SIZE])
{
    static const char *const functions[] = {[FILTER_TEXT] = "cadran_text",
                                            [FILTER_NUMBER] = "cadran_number",
                                            [FILTER_DATE] = "cadran_date"};
    ensure(test->kind != FILTER_WORD && test->kind != FILTER_REFERENCE);
    snprintf(out, EXPRESSION_SIZE, "%s(c.data,%d)", functions[test->kind], test->column);
}

/* The addresses of the contact: behind a SELECT. */
static const char *of_contact(const struct writer *w)
{
    return w->sql->dialect == FILTER_SQLITE
               ? " FROM address a WHERE a.contact=c.id"
               : " FROM address a WHERE a.list=c.list AND a.contact=c.id";
}

/* The value of a field that a contact has once: with addresses between head and tail. */
static void expression_of(struct writer *w, const struct filter_test *test,
                          char out[EXPRESSION_SIZE])
{
    static const struct {
        const char *head, *tail; /* tail NULL: no addresses */
        bool uses_state;
    } expressions[FILTER_FIELD_COUNT] = {
        [FILTER_CONTACT_ID] = {"cadran_fold(coalesce(c.external_id,''))", NULL, false},
        [FILTER_STATE] = {"s.state", NULL, true},
        [FILTER_CALLABLE] = {"s.is_callable", NULL, true},
        [FILTER_PRIORITY] = {"s.priority", NULL, true},
        [FILTER_NEXT_TRY] = {"nullif(s.next_try,0)", NULL, true},
        [FILTER_LAST_UPDATE] = {"nullif(CASE WHEN s.touched_at>c.updated_at THEN s.touched_at"
                                " ELSE c.updated_at END,0)",
                                NULL, true},
        [FILTER_TOP_PRIORITY] = {"(s.flags&1)", NULL, true},
        [FILTER_MANUAL_RESCHEDULES] = {"s.reschedules", NULL, true},
        [FILTER_ATTEMPTS] = {"(SELECT coalesce(sum(a.attempts),0)", ")", false},
        [FILTER_LAST_ATTEMPT] = {"(SELECT max(a.last_at)", " AND a.last_at<>0)", false},
        [FILTER_LAST_RESULT] = {"(SELECT a.last_outcome",
                                " AND a.last_at<>0 ORDER BY a.last_at DESC,a.place LIMIT 1)",
                                false},
        [FILTER_AGENT] = {"s.agent", NULL, true},
        [FILTER_DISPOSITION] = {"s.disposition", NULL, true},
    };
    bool is_postgres = w->sql->dialect == FILTER_POSTGRES;
    const char *head = expressions[test->field].head, *tail = expressions[test->field].tail;
    if (test->field == FILTER_COLUMN) {
        column_expression(test, out);
    } else {
        ensure(head);
        snprintf(out, EXPRESSION_SIZE, "%s%s%s", head, tail ? of_contact(w) : "",
                 tail ? tail : "");
    }
    w->sql->uses_state |= expressions[test->field].uses_state;
    size_t len = strlen(out);
    if (is_postgres && test->field == FILTER_CALLABLE)
        snprintf(out + len, EXPRESSION_SIZE - len, "::integer");
    else if (is_postgres && test->kind == FILTER_TEXT)
        snprintf(out + len, EXPRESSION_SIZE - len, " COLLATE \"C\"");
}

/* Sets of zones are few: those that pass are found once for a statement. PostgreSQL is given an
 * array, since it makes a join of IN, and compares the names again for each address. */
static void zone_put(struct writer *w, const struct filter_test *test)
{
    bool is_sqlite = w->sql->dialect == FILTER_SQLITE;
    put(w, is_sqlite ? "(a.zone_set IN (SELECT z.id FROM zone_set z,json_each('[\"'||replace("
                       "z.names,char(10),'\",\"')||'\"]') n WHERE "
                     : "(a.zone_set=ANY(ARRAY(SELECT z.id FROM zone_set z,unnest("
                       "string_to_array(z.names,E'\\n')) n(value) WHERE ");
    comparison_put(w, test,
                   is_sqlite ? "cadran_fold(n.value)" : "cadran_fold(n.value) COLLATE \"C\"");
    put(w, is_sqlite ? ")" : "))");
    if (filter_text_passes(test, "", 0))
        put(w,
            is_sqlite
                ? " OR a.zone_set NOT IN (SELECT z.id FROM zone_set z WHERE z.names<>'')"
                : " OR a.zone_set<>ALL(ARRAY(SELECT z.id FROM zone_set z WHERE z.names<>''))");
    put(w, ")");
}

/* Which columns have the type was found out with their list at hand. */
static void type_put(struct writer *w, const struct filter_test *test)
{
    put(w, "((");
    parameter_put(
        w, bind(w, (struct filter_sql_value){.type = 'i', .integer = (int64_t)test->columns}));
    put(w, w->sql->dialect == FILTER_SQLITE ? ">>a.col)&1)=1" : ">>a.col::integer)&1)=1");
}

/* A test that any address may pass. */
static void address_put(struct writer *w, const struct filter_test *test)
{
    put(w, "EXISTS(SELECT 1");
    put(w, of_contact(w));
    put(w, test->field == FILTER_ADDRESS ? " AND a.number<>0 AND " : " AND ");
    if (test->field == FILTER_TIME_ZONE)
        zone_put(w, test);
    else if (test->field == FILTER_ADDRESS_TYPE)
        type_put(w, test);
    else if (test->field == FILTER_ADDRESS_STATE)
        comparison_put(w, test, "a.state");
    else
        comparison_put(w, test,
                       w->sql->dialect == FILTER_SQLITE ? "('+'||a.number)"
                                                        : "('+'||a.number) COLLATE \"C\"");
    put(w, ")");
}

static bool is_of_addresses(enum filter_field field)
{
    return field == FILTER_ADDRESS || field == FILTER_ADDRESS_STATE ||
           field == FILTER_TIME_ZONE || field == FILTER_ADDRESS_TYPE;
}

static void test_put(struct writer *w, const struct filter_test *test)
{
    char expression[EXPRESSION_SIZE];
    if (is_of_addresses(test->field)) {
        address_put(w, test);
        return;
    }
    expression_of(w, test, expression);
    put(w, "((");
    comparison_put(w, test, expression);
    put(w, ") IS TRUE)");
}

static void node_put(struct writer *w, const struct filter_node *node)
{
    if (node->kind == FILTER_TEST) {
        test_put(w, &node->test);
        return;
    }
    put(w, node->kind == FILTER_NOT ? "(NOT " : "(");
    for (int32_t i = 0; i < node->count; i++) {
        if (i)
            put(w, node->kind == FILTER_AND ? " AND " : " OR ");
        node_put(w, node->nodes[i]);
    }
    put(w, ")");
}

void filter_sql_init(struct filter_sql *sql, enum filter_dialect dialect, int32_t first,
                     const struct filter *filter, struct wall now)
{
    *sql = (struct filter_sql){.dialect = dialect, .first = first};
    buffer_init(&sql->text, TEXT_MAX);
    struct writer w = {sql, now};
    if (filter && filter->root)
        node_put(&w, filter->root);
    ensure(!sql->text.is_full);
}

void filter_sql_fini(struct filter_sql *sql)
{
    buffer_fini(&sql->text);
    free(sql->values);
}

void filter_sql_sort(struct buffer *out, enum filter_dialect dialect, int16_t column,
                     bool is_numeric, bool is_descending)
{
    const char *direction = is_descending ? " DESC" : "";
    const char *bytes = dialect == FILTER_POSTGRES ? " COLLATE \"C\"" : "";
    if (is_numeric)
        buffer_format(out, "cadran_number(c.data,%d) IS NULL%s,cadran_number(c.data,%d)%s",
                      column, direction, column, direction);
    else
        buffer_format(out, "cadran_key(c.data,%d)%s%s", column, bytes, direction);
}
