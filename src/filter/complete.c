/* What may stand at the cursor: the parser says what it waits for where the text before ends.
 */
#include <string.h>

#include "filter/parse.h"
#include "filter/token.h"
#include "filter/value.h"

struct completing {
    const struct filter_columns *columns;
    struct arena *arena;
    struct filter_completion *items;
    size_t count;
    const char *prefix; /* folded */
    size_t prefix_len;
};

static void add(struct completing *c, enum filter_completion_kind kind, const char *text,
                const char *name)
{
    char folded[1024];
    size_t len = strlen(name);
    if (c->count == FILTER_COMPLETIONS_MAX || len > sizeof(folded))
        return;
    size_t folded_len = filter_fold(name, len, folded);
    if (folded_len < c->prefix_len || memcmp(folded, c->prefix, c->prefix_len) != 0)
        return;
    c->items[c->count++] = (struct filter_completion){kind, text};
}

static void keyword_add(struct completing *c, const char *text)
{
    add(c, FILTER_COMPLETES_KEYWORD, text, text);
}

static const char *enclosed(struct completing *c, const char *name, char open, char close)
{
    char *out = arena_new(c->arena, 2 * strlen(name) + 3, 1);
    size_t count = 0;
    out[count++] = open;
    for (; *name; name++) {
        out[count++] = *name;
        if (*name == close)
            out[count++] = close;
    }
    out[count] = close;
    return out;
}

static void names_add(struct completing *c, bool is_behind_dot)
{
    for (int32_t i = 0; !is_behind_dot && c->columns->names && i < c->columns->count; i++) {
        const char *name = c->columns->names[i];
        add(c, FILTER_COMPLETES_COLUMN,
            name_is_plain(name) ? name : enclosed(c, name, '[', ']'), name);
    }
    for (int i = FILTER_COLUMN + 1; i < FILTER_FIELD_COUNT; i++) {
        const char *name = filter_field_name((enum filter_field)i);
        bool is_hidden = false;
        for (int32_t k = 0; c->columns->names && k < c->columns->count; k++)
            is_hidden |= strcmp(c->columns->names[k], name) == 0;
        const char *text =
            is_hidden && !is_behind_dot ? arena_format(c->arena, "Contact.%s", name) : name;
        add(c, FILTER_COMPLETES_FIELD, text, name);
    }
}

static void operators_add(struct completing *c, const struct filter_test *test, bool may_negate)
{
    enum { words = 1u << FILTER_WORD | 1u << FILTER_REFERENCE };
    static const struct {
        const char *text;
        uint32_t kinds;
    } operators[] = {
        {"=", 1u << FILTER_TEXT | 1u << FILTER_NUMBER | words},
        {"!=", 1u << FILTER_TEXT | 1u << FILTER_NUMBER | words},
        {"<", 1u << FILTER_TEXT | 1u << FILTER_NUMBER},
        {"<=", 1u << FILTER_TEXT | 1u << FILTER_NUMBER},
        {">", 1u << FILTER_TEXT | 1u << FILTER_NUMBER},
        {">=", 1u << FILTER_TEXT | 1u << FILTER_NUMBER},
        {"CONTAINS", 1u << FILTER_TEXT},
        {"BEGINS WITH", 1u << FILTER_TEXT},
        {"ENDS WITH", 1u << FILTER_TEXT},
        {"IN", 1u << FILTER_TEXT | 1u << FILTER_NUMBER | words},
        {"BETWEEN", 1u << FILTER_TEXT | 1u << FILTER_NUMBER | 1u << FILTER_DATE},
        {"BEFORE", 1u << FILTER_DATE},
        {"AFTER", 1u << FILTER_DATE},
    };
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (test->field == FILTER_COLUMN || operators[i].kinds & 1u << test->kind)
            add(c, FILTER_COMPLETES_OPERATOR, operators[i].text, operators[i].text);
    if (may_negate)
        keyword_add(c, "NOT");
}

/* A text in quotes, once. False: there is no room for more. */
static bool quoted_add(void *completing, const char *value)
{
    struct completing *c = completing;
    const char *text = enclosed(c, value, '"', '"');
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->items[i].text, text) == 0)
            return true;
    add(c, FILTER_COMPLETES_VALUE, text, value);
    return c->count < FILTER_COMPLETIONS_MAX;
}

static void names_of_values_add(struct completing *c, enum filter_field field)
{
    const struct filter_columns *columns = c->columns;
    bool has_names =
        field == FILTER_AGENT || field == FILTER_DISPOSITION || field == FILTER_TIME_ZONE;
    for (int32_t i = 0; field == FILTER_ADDRESS_TYPE && columns->types && i < columns->count;
         i++)
        if (columns->types[i])
            (void)quoted_add(c, columns->types[i]);
    if (has_names && columns->references)
        columns->references->offer(columns->references->self, field, quoted_add, c);
}

static void values_add(struct completing *c, const struct filter_test *test)
{
    const char *const *words = filter_field_words(test->field);
    for (; words && *words; words++) {
        const char *text =
            (test->field == FILTER_CALLABLE || test->field == FILTER_TOP_PRIORITY)
                ? *words
                : arena_format(c->arena, "\"%s\"", *words);
        add(c, FILTER_COMPLETES_VALUE, text, *words);
    }
    names_of_values_add(c, test->field);
}

static void expected_add(struct completing *c, const struct expecting *expecting)
{
    switch (expecting->what) {
    case EXPECTS_TEST:
        names_add(c, false);
        keyword_add(c, "NOT");
        break;
    case EXPECTS_FIELD: names_add(c, true); break;
    case EXPECTS_OPERATOR: operators_add(c, &expecting->test, true); break;
    case EXPECTS_POSITIVE: operators_add(c, &expecting->test, false); break;
    case EXPECTS_WITH: keyword_add(c, "WITH"); break;
    case EXPECTS_SET: keyword_add(c, "("); break;
    case EXPECTS_BOUND:
        keyword_add(c, "EXCLUSIVE");
        if (expecting->test.field == FILTER_COLUMN || expecting->test.kind == FILTER_DATE)
            keyword_add(c, "DATE");
        break;
    case EXPECTS_VALUE: values_add(c, &expecting->test); break;
    case EXPECTS_BETWEEN_AND: keyword_add(c, "AND"); break;
    case EXPECTS_MORE_VALUES:
        keyword_add(c, ",");
        keyword_add(c, ")");
        break;
    case EXPECTS_CONNECTIVE:
        keyword_add(c, "AND");
        keyword_add(c, "OR");
        if (expecting->open > 0)
            keyword_add(c, ")");
        break;
    case EXPECTS_NOTHING: break;
    }
}

/* The word that the cursor is in or behind: it is what gets completed. */
static struct token word_at(const char *text, size_t cursor)
{
    struct token token = {.kind = TOKEN_END, .at = 0};
    struct token last = token;
    do {
        last = token;
        token = token_next(text, cursor, token.at + token.len);
    } while (token.kind != TOKEN_END);
    bool is_word = last.at + last.len == cursor &&
                   ((last.kind == TOKEN_NAME && !last.is_bracketed) ||
                    last.kind == TOKEN_KEYWORD || last.kind == TOKEN_OPEN_END);
    return is_word ? last : (struct token){.kind = TOKEN_END, .at = cursor};
}

size_t filter_complete(const char *text, size_t len, size_t cursor,
                       const struct filter_columns *columns, struct arena *arena,
                       struct filter_completion **items, size_t *from)
{
    cursor = cursor > len ? len : cursor;
    *items = arena_new(arena, FILTER_COMPLETIONS_MAX, sizeof(**items));
    *from = cursor;
    if (cursor > FILTER_SOURCE_MAX)
        return 0;
    struct token word = word_at(text, cursor);
    size_t skip = word.kind == TOKEN_OPEN_END ? 1 : 0;
    char *folded = arena_new(arena, word.len + 1, 1);
    struct completing c = {
        .columns = columns, .arena = arena, .items = *items, .prefix = folded};
    if (word.len)
        c.prefix_len = filter_fold(text + word.at + skip, word.len - skip, folded);
    struct filter filter;
    struct filter_fault fault;
    struct expecting expecting;
    struct error err;
    (void)filter_parse_expecting(text, word.at, columns, arena, &filter, &fault, &expecting,
                                 &err);
    *from = word.at;
    expected_add(&c, &expecting);
    return c.count;
}
