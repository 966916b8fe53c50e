#include "filter/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "filter/token.h"
#include "filter/value.h"

#define NESTING_MAX 64

struct parser {
    const char *text;
    size_t len;
    const struct filter_columns *columns;
    struct arena *arena;
    struct token token;
    struct filter_fault *fault;
    struct expecting *expecting;
    struct error *err;
    int32_t nesting;
    struct filter_mention *mentions; /* NULL: nobody asks for them */
    size_t mention_count;
};

static enum status or_parse(struct parser *p, struct filter_node **node);

static void next(struct parser *p)
{
    p->token = token_next(p->text, p->len, p->token.at + p->token.len);
}

static bool is_keyword(const struct parser *p, enum keyword keyword)
{
    return p->token.kind == TOKEN_KEYWORD && p->token.keyword == keyword;
}

static bool is_symbol(const struct parser *p, enum symbol symbol)
{
    return p->token.kind == TOKEN_SYMBOL && p->token.symbol == symbol;
}

static bool keyword_take(struct parser *p, enum keyword keyword)
{
    if (!is_keyword(p, keyword))
        return false;
    next(p);
    return true;
}

static bool symbol_take(struct parser *p, enum symbol symbol)
{
    if (!is_symbol(p, symbol))
        return false;
    next(p);
    return true;
}

/* What may come now: kept where the text ends here. */
static void expect(struct parser *p, enum expectation what)
{
    p->expecting->what = what;
}

/* --- Faults ---------------------------------------------------------------------------------
 */

static int32_t characters(const char *text, size_t len)
{
    int32_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static void fault_place(struct parser *p, size_t at, size_t len)
{
    size_t line_start = 0;
    p->fault->offset = at;
    p->fault->line = 1;
    for (size_t i = 0; i < at; i++)
        if (p->text[i] == '\n') {
            p->fault->line++;
            line_start = i + 1;
        }
    p->fault->column = characters(p->text + line_start, at - line_start) + 1;
    p->fault->length = len ? characters(p->text + at, len) : 0;
}

static enum status wrong_at(struct parser *p, const struct token *token, const char *text)
{
    char path[64];
    fault_place(p, token->at, token->len);
    snprintf(path, sizeof(path), "line %d, column %d", p->fault->line, p->fault->column);
    if (token->kind != TOKEN_END)
        p->expecting->what = EXPECTS_NOTHING;
    return error_set(p->err, STATUS_INVALID, path, "%s", text);
}

/* The token at hand is not what must stand here. */
static enum status unexpected(struct parser *p, const char *wanted)
{
    char text[ERROR_TEXT_MAX];
    int shown = (int)(p->token.len > 40 ? 40 : p->token.len);
    if (p->token.kind == TOKEN_END)
        snprintf(text, sizeof(text), "the text ends where %s must stand", wanted);
    else if (p->token.kind == TOKEN_OPEN_END)
        snprintf(text, sizeof(text), "the %s that begins here is never closed",
                 p->text[p->token.at] == '"' ? "text" : "name");
    else
        snprintf(text, sizeof(text), "%.*s: here must stand %s", shown, p->text + p->token.at,
                 wanted);
    return wrong_at(p, &p->token, text);
}

/* --- Names ----------------------------------------------------------------------------------
 */

const char *filter_unquote(struct arena *arena, const char *text, size_t len)
{
    char *out = arena_new(arena, len + 1, 1);
    size_t count = 0;
    if (len < 2)
        return out;
    for (size_t i = 1; i + 1 < len; i++) {
        out[count++] = text[i];
        if (text[i] == text[len - 1] && i + 2 < len && text[i + 1] == text[i])
            i++;
    }
    return out;
}

static const char *name_text(struct parser *p, const struct token *token)
{
    if (token->is_bracketed)
        return filter_unquote(p->arena, p->text + token->at, token->len);
    return arena_text(p->arena, p->text + token->at, token->len);
}

#define NAME_BYTES 512

/* Letters to change, add, drop or swap to get from a to b, folded. */
static int32_t distance(const char *a, const char *b)
{
    char from[NAME_BYTES], to[NAME_BYTES];
    if (strlen(a) >= 64 || strlen(b) >= 64)
        return INT32_MAX;
    size_t a_len = filter_fold(a, strlen(a), from), b_len = filter_fold(b, strlen(b), to);
    int32_t rows[3][65];
    for (size_t j = 0; j <= b_len; j++)
        rows[1][j] = (int32_t)j;
    for (size_t i = 1; i <= a_len; i++) {
        rows[2][0] = (int32_t)i;
        for (size_t j = 1; j <= b_len; j++) {
            bool is_same = from[i - 1] == to[j - 1];
            int32_t best = rows[1][j - 1] + !is_same;
            best = rows[1][j] + 1 < best ? rows[1][j] + 1 : best;
            best = rows[2][j - 1] + 1 < best ? rows[2][j - 1] + 1 : best;
            bool is_swap =
                i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if (is_swap && rows[0][j - 2] + 1 < best)
                best = rows[0][j - 2] + 1;
            rows[2][j] = best;
        }
        memcpy(rows[0], rows[1], sizeof(rows[0]));
        memcpy(rows[1], rows[2], sizeof(rows[1]));
    }
    return rows[1][b_len];
}

static void nearer(const char *name, const char *known, int32_t *best, const char **found)
{
    int32_t is = distance(name, known);
    if (is < *best) {
        *best = is;
        *found = known;
    }
}

static enum status unknown_name(struct parser *p, const struct token *token, const char *name,
                                bool is_field)
{
    const char *found = NULL;
    int32_t best = (int32_t)strlen(name) / 3 + 2;
    for (int32_t i = 0; !is_field && p->columns->names && i < p->columns->count; i++)
        nearer(name, p->columns->names[i], &best, &found);
    for (int i = FILTER_COLUMN + 1; i < FILTER_FIELD_COUNT; i++)
        nearer(name, filter_field_name((enum filter_field)i), &best, &found);
    char text[ERROR_TEXT_MAX];
    if (found) {
        snprintf(p->fault->suggestion, sizeof(p->fault->suggestion), "%s", found);
        snprintf(text, sizeof(text), "%.100s: unknown; did you mean %.140s?", name, found);
    } else {
        snprintf(text, sizeof(text), "%.100s: is neither a column of the list nor a field",
                 name);
    }
    return wrong_at(p, token, text);
}

static int32_t column_find(const struct parser *p, const char *name)
{
    const struct filter_columns *columns = p->columns;
    if (!columns->names) {
        long position = name[0] == '#' ? strtol(name + 1, NULL, 10) : -1;
        return position < columns->count ? (int32_t)position : -1;
    }
    for (int32_t i = 0; i < columns->count; i++)
        if (strcmp(columns->names[i], name) == 0)
            return i;
    return -1;
}

static void field_set(struct filter_test *test, enum filter_field field)
{
    test->field = field;
    test->kind = filter_field_kind(field);
}

static enum status name_parse(struct parser *p, struct filter_test *test)
{
    struct token token = p->token;
    const char *name = name_text(p, &token);
    /* A column called Date needs no brackets where only a name can stand. */
    bool is_column = token.kind == TOKEN_KEYWORD && column_find(p, name) >= 0;
    if (token.kind != TOKEN_NAME && !is_column)
        return unexpected(p, "a column or a field");
    next(p);
    if (!token.is_bracketed && strcmp(name, "Contact") == 0 && is_symbol(p, SYMBOL_DOT)) {
        next(p);
        expect(p, EXPECTS_FIELD);
        token = p->token;
        enum filter_field field =
            filter_field_find(p->text + token.at, token.kind == TOKEN_NAME ? token.len : 0);
        if (token.kind != TOKEN_NAME)
            return unexpected(p, "a field of the contact");
        if (field == FILTER_FIELD_COUNT)
            return unknown_name(p, &token, name_text(p, &token), true);
        next(p);
        field_set(test, field);
        return STATUS_OK;
    }
    int32_t column = column_find(p, name);
    enum filter_field field =
        token.is_bracketed ? FILTER_FIELD_COUNT : filter_field_find(name, strlen(name));
    if (column >= 0) {
        test->field = FILTER_COLUMN;
        test->column = (int16_t)column;
    } else if (field != FILTER_FIELD_COUNT) {
        field_set(test, field);
    } else {
        return unknown_name(p, &token, name, false);
    }
    return STATUS_OK;
}

/* --- Values ---------------------------------------------------------------------------------
 */

struct operands {
    struct filter_value values[FILTER_SET_MAX];
    struct token tokens[FILTER_SET_MAX];
    int32_t count;
};

static enum status kind_wrong(struct parser *p, const struct filter_test *test)
{
    static const char *const texts[] = {
        [FILTER_TEXT] = "is compared with a text in quotes",
        [FILTER_NUMBER] = "is compared with a number, without quotes",
        [FILTER_DATE] = "is compared with a date in quotes",
        [FILTER_WORD] = "is compared with one of its words, in quotes",
        [FILTER_REFERENCE] = "is compared with a name in quotes",
    };
    const char *name = filter_field_name(test->field);
    char text[ERROR_TEXT_MAX];
    snprintf(text, sizeof(text), "%s %s", name ? name : "the column", texts[test->kind]);
    return wrong_at(p, &p->token, text);
}

/* The kind that a value gives to a column's test. */
static enum status kind_take(struct parser *p, struct filter_test *test, enum filter_kind kind,
                             bool is_first)
{
    if (test->field == FILTER_COLUMN && is_first)
        test->kind = kind;
    bool is_right =
        test->kind == kind ||
        (kind == FILTER_TEXT && (test->kind == FILTER_DATE || test->kind == FILTER_WORD ||
                                 test->kind == FILTER_REFERENCE));
    return is_right ? STATUS_OK : kind_wrong(p, test);
}

static enum status value_parse(struct parser *p, struct filter_test *test,
                               struct operands *operands)
{
    bool is_date = test->comparison == FILTER_BEFORE || test->comparison == FILTER_AFTER;
    bool is_first = operands->count == 0;
    is_date |= is_keyword(p, KEYWORD_DATE);
    (void)keyword_take(p, KEYWORD_DATE);
    if (operands->count == FILTER_SET_MAX)
        return wrong_at(p, &p->token, "a set has at most 1000 values");
    const struct token token = p->token;
    struct filter_value *value = &operands->values[operands->count];
    enum filter_kind kind = is_date ? FILTER_DATE : FILTER_TEXT;
    *value = (struct filter_value){.text = NULL};
    if (token.kind == TOKEN_STRING) {
        value->text = filter_unquote(p->arena, p->text + token.at, token.len);
    } else if (token.kind == TOKEN_NUMBER && !is_date) {
        kind = FILTER_NUMBER;
        value->text = arena_text(p->arena, p->text + token.at, token.len);
    } else if (!is_date && (is_keyword(p, KEYWORD_TRUE) || is_keyword(p, KEYWORD_FALSE))) {
        value->text = keyword_name(token.keyword);
    } else {
        return unexpected(p, is_date ? "a date in quotes" : "a number or a text in quotes");
    }
    enum status status = kind_take(p, test, kind, is_first);
    if (status)
        return status;
    operands->tokens[operands->count++] = token;
    next(p);
    return STATUS_OK;
}

static enum status between_parse(struct parser *p, struct filter_test *test,
                                 struct operands *operands)
{
    expect(p, EXPECTS_BOUND);
    test->excludes_least = keyword_take(p, KEYWORD_EXCLUSIVE);
    enum status status = value_parse(p, test, operands);
    if (status)
        return status;
    expect(p, EXPECTS_BETWEEN_AND);
    if (!keyword_take(p, KEYWORD_AND))
        return unexpected(p, "AND and the second bound");
    expect(p, EXPECTS_BOUND);
    test->excludes_most = keyword_take(p, KEYWORD_EXCLUSIVE);
    return value_parse(p, test, operands);
}

static enum status set_parse(struct parser *p, struct filter_test *test,
                             struct operands *operands)
{
    expect(p, EXPECTS_SET);
    if (!symbol_take(p, SYMBOL_OPEN))
        return unexpected(p, "( and the values");
    do {
        expect(p, EXPECTS_VALUE);
        enum status status = value_parse(p, test, operands);
        if (status)
            return status;
        expect(p, EXPECTS_MORE_VALUES);
    } while (symbol_take(p, SYMBOL_COMMA));
    return symbol_take(p, SYMBOL_CLOSE) ? STATUS_OK : unexpected(p, "a comma or )");
}

/* --- Tests ----------------------------------------------------------------------------------
 */

/* The operator at hand; *negates for != and <>. */
static enum status operator_parse(struct parser *p, struct filter_test *test, bool *negates)
{
    static const enum filter_operator by_symbol[] = {
        [SYMBOL_EQUALS] = FILTER_EQUALS,
        [SYMBOL_NOT_EQUALS] = FILTER_EQUALS,
        [SYMBOL_LESS] = FILTER_LESS_THAN,
        [SYMBOL_LESS_EQUALS] = FILTER_LESS_THAN_EQUALS,
        [SYMBOL_GREATER] = FILTER_GREATER_THAN,
        [SYMBOL_GREATER_EQUALS] = FILTER_GREATER_THAN_EQUALS,
    };
    static const struct {
        enum keyword keyword;
        enum filter_operator comparison;
    } by_keyword[] = {
        {KEYWORD_IN, FILTER_IN},
        {KEYWORD_BETWEEN, FILTER_BETWEEN},
        {KEYWORD_CONTAINS, FILTER_CONTAINS},
        {KEYWORD_BEGINS, FILTER_BEGINS_WITH},
        {KEYWORD_ENDS, FILTER_ENDS_WITH},
        {KEYWORD_BEFORE, FILTER_BEFORE},
        {KEYWORD_AFTER, FILTER_AFTER},
    };
    if (p->token.kind == TOKEN_SYMBOL && p->token.symbol >= SYMBOL_EQUALS) {
        test->comparison = by_symbol[p->token.symbol];
        *negates = p->token.symbol == SYMBOL_NOT_EQUALS;
        next(p);
        return STATUS_OK;
    }
    for (size_t i = 0; i < ARRAY_LEN(by_keyword); i++) {
        if (!keyword_take(p, by_keyword[i].keyword))
            continue;
        test->comparison = by_keyword[i].comparison;
        bool needs_with =
            test->comparison == FILTER_BEGINS_WITH || test->comparison == FILTER_ENDS_WITH;
        if (needs_with)
            expect(p, EXPECTS_WITH);
        return !needs_with || keyword_take(p, KEYWORD_WITH) ? STATUS_OK : unexpected(p, "WITH");
    }
    return unexpected(p, "an operator: =, <, CONTAINS, IN, BETWEEN, BEFORE, ...");
}

static enum status operands_parse(struct parser *p, struct filter_test *test,
                                  struct operands *operands)
{
    p->expecting->test = *test;
    if (test->comparison == FILTER_BETWEEN)
        return between_parse(p, test, operands);
    if (test->comparison == FILTER_IN)
        return set_parse(p, test, operands);
    expect(p, EXPECTS_VALUE);
    return value_parse(p, test, operands);
}

static void mentions_add(struct parser *p, const struct filter_test *test,
                         const struct operands *operands)
{
    if (!p->mentions || test->kind != FILTER_REFERENCE)
        return;
    for (int32_t i = 0; i < operands->count && p->mention_count < FILTER_VALUES_MAX; i++)
        p->mentions[p->mention_count++] = (struct filter_mention){
            operands->tokens[i].at, operands->tokens[i].len, test->field, test->values[i].id};
}

/* Checks the test, and blames its operator or the value that is wrong. */
static enum status test_finish(struct parser *p, struct filter_test *test,
                               const struct operands *operands, const struct token *at)
{
    struct error err;
    test->value_count = operands->count;
    test->values = arena_new(p->arena, (size_t)operands->count, sizeof(*test->values));
    memcpy(test->values, operands->values, (size_t)operands->count * sizeof(*test->values));
    enum status status = filter_test_check(test, p->columns, p->arena, &err);
    mentions_add(p, test, operands);
    if (status == STATUS_OK)
        return STATUS_OK;
    const struct token *token = at;
    if (strcmp(err.path, "max") == 0)
        token = &operands->tokens[1];
    else if (strncmp(err.path, "values[", 7) == 0)
        token = &operands->tokens[strtol(err.path + 7, NULL, 10)];
    else if (strcmp(err.path, "operator") != 0)
        token = &operands->tokens[0];
    enum status wrong = wrong_at(p, token, err.text);
    if (status == STATUS_INVALID)
        return wrong;
    return error_set(p->err, status, "", "%s", err.text); /* nothing is wrong with the text */
}

static enum status test_parse(struct parser *p, struct filter_node **node)
{
    struct filter_test test = {.field = FILTER_COLUMN};
    enum status status = name_parse(p, &test);
    if (status)
        return status;
    p->expecting->test = test;
    expect(p, EXPECTS_OPERATOR);
    bool is_negated = keyword_take(p, KEYWORD_NOT), negates = false;
    if (is_negated)
        expect(p, EXPECTS_POSITIVE);
    struct token at = p->token;
    struct operands *operands = memory_new(1, sizeof(*operands));
    status = operator_parse(p, &test, &negates);
    if (!status)
        status = operands_parse(p, &test, operands);
    if (!status)
        status = test_finish(p, &test, operands, &at);
    free(operands);
    if (status)
        return status;
    *node = filter_test_new(p->arena, &test);
    if (negates)
        *node = filter_not(p->arena, *node);
    if (is_negated)
        *node = filter_not(p->arena, *node);
    return STATUS_OK;
}

/* --- Groups ---------------------------------------------------------------------------------
 */

static enum status unary_parse(struct parser *p, struct filter_node **node)
{
    expect(p, EXPECTS_TEST);
    bool is_not = is_keyword(p, KEYWORD_NOT), is_open = is_symbol(p, SYMBOL_OPEN);
    if (!is_not && !is_open)
        return test_parse(p, node);
    if (++p->nesting > NESTING_MAX)
        return wrong_at(p, &p->token, "more than 64 levels are open here: use fewer");
    next(p);
    enum status status;
    if (is_not) {
        status = unary_parse(p, node);
        if (!status)
            *node = filter_not(p->arena, *node);
    } else {
        p->expecting->open++;
        status = or_parse(p, node);
        if (!status && !symbol_take(p, SYMBOL_CLOSE))
            status = unexpected(p, "AND, OR or )");
        if (!status)
            p->expecting->open--;
        expect(p, EXPECTS_CONNECTIVE);
    }
    p->nesting--;
    return status;
}

/* unary AND unary AND ..., or the same with OR of those. */
static enum status chain_parse(struct parser *p, enum filter_node_kind kind,
                               struct filter_node **node)
{
    struct filter_node *nodes[FILTER_TESTS_MAX];
    int32_t count = 0;
    do {
        if (count == FILTER_TESTS_MAX)
            return wrong_at(p, &p->token, "the filter has more than 200 tests");
        enum status status = kind == FILTER_AND ? unary_parse(p, &nodes[count])
                                                : chain_parse(p, FILTER_AND, &nodes[count]);
        if (status)
            return status;
        count++;
        expect(p, EXPECTS_CONNECTIVE);
    } while (keyword_take(p, kind == FILTER_AND ? KEYWORD_AND : KEYWORD_OR));
    *node = filter_group(p->arena, kind, nodes, count);
    return STATUS_OK;
}

static enum status or_parse(struct parser *p, struct filter_node **node)
{
    return chain_parse(p, FILTER_OR, node);
}

static enum status whole_parse(struct parser *p, struct filter *filter)
{
    memset(p->fault, 0, sizeof(*p->fault));
    memset(p->expecting, 0, sizeof(*p->expecting));
    filter->root = NULL;
    if (p->len > FILTER_SOURCE_MAX)
        return error_set(p->err, STATUS_INVALID, "", "the filter has more than %d bytes",
                         FILTER_SOURCE_MAX);
    const char *nul = memchr(p->text, '\0', p->len);
    if (nul) {
        struct token token = {.kind = TOKEN_STRAY, .at = (size_t)(nul - p->text), .len = 1};
        return wrong_at(p, &token, "a filter has no NUL in it");
    }
    next(p);
    if (p->token.kind == TOKEN_END)
        return STATUS_OK;
    enum status status = or_parse(p, &filter->root);
    if (!status && p->token.kind != TOKEN_END)
        status = unexpected(p, "AND or OR");
    if (!status)
        status = filter_check(filter, p->err);
    if (status)
        filter->root = NULL;
    return status;
}

enum status filter_parse_expecting(const char *text, size_t len,
                                   const struct filter_columns *columns, struct arena *arena,
                                   struct filter *filter, struct filter_fault *fault,
                                   struct expecting *expecting, struct error *err)
{
    struct parser p = {.text = text,
                       .len = len,
                       .columns = columns,
                       .arena = arena,
                       .fault = fault,
                       .expecting = expecting,
                       .err = err};
    return whole_parse(&p, filter);
}

enum status filter_mentions(const char *text, size_t len, const struct filter_columns *columns,
                            struct arena *arena, const struct filter_mention **mentions,
                            size_t *count, struct error *err)
{
    struct filter filter;
    struct filter_fault fault;
    struct expecting expecting;
    struct parser p = {.text = text,
                       .len = len,
                       .columns = columns,
                       .arena = arena,
                       .fault = &fault,
                       .expecting = &expecting,
                       .err = err,
                       .mentions = arena_new(arena, FILTER_VALUES_MAX, sizeof(*p.mentions))};
    enum status status = whole_parse(&p, &filter);
    *mentions = p.mentions;
    *count = status ? 0 : p.mention_count;
    return status;
}

enum status filter_parse(const char *text, size_t len, const struct filter_columns *columns,
                         struct arena *arena, struct filter *filter, struct filter_fault *fault,
                         struct error *err)
{
    struct filter_fault unwanted;
    struct expecting expecting;
    return filter_parse_expecting(text, len, columns, arena, filter, fault ? fault : &unwanted,
                                  &expecting, err);
}
