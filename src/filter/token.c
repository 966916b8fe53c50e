#include "filter/token.h"

#include <string.h>
#include <strings.h>

static const char *const keywords[KEYWORD_COUNT] = {
    [KEYWORD_AND] = "AND",         [KEYWORD_OR] = "OR",
    [KEYWORD_NOT] = "NOT",         [KEYWORD_IN] = "IN",
    [KEYWORD_BETWEEN] = "BETWEEN", [KEYWORD_EXCLUSIVE] = "EXCLUSIVE",
    [KEYWORD_DATE] = "DATE",       [KEYWORD_CONTAINS] = "CONTAINS",
    [KEYWORD_BEGINS] = "BEGINS",   [KEYWORD_ENDS] = "ENDS",
    [KEYWORD_WITH] = "WITH",       [KEYWORD_BEFORE] = "BEFORE",
    [KEYWORD_AFTER] = "AFTER",     [KEYWORD_TRUE] = "true",
    [KEYWORD_FALSE] = "false",
};

const char *keyword_name(enum keyword keyword)
{
    return keyword < KEYWORD_COUNT ? keywords[keyword] : "?";
}

enum keyword keyword_find(const char *text, size_t len)
{
    for (int i = 0; i < KEYWORD_COUNT; i++)
        if (strlen(keywords[i]) == len && strncasecmp(keywords[i], text, len) == 0)
            return (enum keyword)i;
    return KEYWORD_COUNT;
}

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static bool begins_name(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           letter == '_' || ((unsigned char)letter & 0x80);
}

bool name_is_plain(const char *name)
{
    if (!begins_name(*name) || keyword_find(name, strlen(name)) != KEYWORD_COUNT)
        return false;
    for (; *name; name++)
        if (!begins_name(*name) && !is_digit(*name))
            return false;
    return true;
}

/* "..." or [...], where the closing sign written twice is itself. */
static void enclosed_read(const char *text, size_t len, char close, struct token *token)
{
    size_t at = token->at + 1;
    while (at < len) {
        if (text[at] == close && at + 1 < len && text[at + 1] == close) {
            at += 2;
        } else if (text[at++] == close) {
            token->len = at - token->at;
            return;
        }
    }
    token->kind = TOKEN_OPEN_END;
    token->len = len - token->at;
}

static void digits_read(const char *text, size_t len, size_t at, struct token *token)
{
    while (at < len && is_digit(text[at]))
        at++;
    if (token->kind == TOKEN_NUMBER && at + 1 < len && text[at] == '.' &&
        is_digit(text[at + 1]))
        for (at++; at < len && is_digit(text[at]);)
            at++;
    token->len = at - token->at;
}

static void name_read(const char *text, size_t len, struct token *token)
{
    size_t at = token->at;
    while (at < len && (begins_name(text[at]) || is_digit(text[at])))
        at++;
    token->len = at - token->at;
    token->keyword = keyword_find(text + token->at, token->len);
    token->kind = token->keyword == KEYWORD_COUNT ? TOKEN_NAME : TOKEN_KEYWORD;
}

static void symbol_read(const char *text, size_t len, struct token *token)
{
    static const struct {
        const char *text;
        enum symbol symbol;
    } symbols[] = {
        {"!=", SYMBOL_NOT_EQUALS},     {"<>", SYMBOL_NOT_EQUALS}, {"<=", SYMBOL_LESS_EQUALS},
        {">=", SYMBOL_GREATER_EQUALS}, {"=", SYMBOL_EQUALS},      {"<", SYMBOL_LESS},
        {">", SYMBOL_GREATER},         {"(", SYMBOL_OPEN},        {")", SYMBOL_CLOSE},
        {",", SYMBOL_COMMA},           {".", SYMBOL_DOT},
    };
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        size_t size = strlen(symbols[i].text);
        if (len - token->at < size || memcmp(text + token->at, symbols[i].text, size) != 0)
            continue;
        token->kind = TOKEN_SYMBOL;
        token->symbol = symbols[i].symbol;
        token->len = size;
        return;
    }
    token->kind = TOKEN_STRAY;
    token->len = 1;
}

struct token token_next(const char *text, size_t len, size_t at)
{
    while (at < len && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    struct token token = {.kind = TOKEN_END, .keyword = KEYWORD_COUNT, .at = at};
    if (at >= len)
        return token;
    bool is_digit_next = at + 1 < len && is_digit(text[at + 1]);
    if (text[at] == '"') {
        token.kind = TOKEN_STRING;
        enclosed_read(text, len, '"', &token);
    } else if (text[at] == '[') {
        token.kind = TOKEN_NAME;
        token.is_bracketed = true;
        enclosed_read(text, len, ']', &token);
    } else if (text[at] == '#' && is_digit_next) {
        token.kind = TOKEN_NAME;
        digits_read(text, len, at + 1, &token);
    } else if (is_digit(text[at]) || (text[at] == '-' && is_digit_next)) {
        token.kind = TOKEN_NUMBER;
        digits_read(text, len, at + 1, &token);
    } else if (begins_name(text[at])) {
        name_read(text, len, &token);
    } else {
        symbol_read(text, len, &token);
    }
    return token;
}
