/* token.h -- the words of a filter's text. Private to filter/. */
#ifndef CADRAN_FILTER_TOKEN_H
#define CADRAN_FILTER_TOKEN_H

#include "filter/text.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,     /* bare, in brackets, or #3 */
    TOKEN_STRING,   /* "..." */
    TOKEN_NUMBER,   /* -12.5 */
    TOKEN_KEYWORD,  /* `keyword` says which */
    TOKEN_SYMBOL,   /* `symbol` says which */
    TOKEN_OPEN_END, /* a string or bracket that is never closed */
    TOKEN_STRAY,    /* a character that begins nothing */
};

enum keyword {
    KEYWORD_AND,
    KEYWORD_OR,
    KEYWORD_NOT,
    KEYWORD_IN,
    KEYWORD_BETWEEN,
    KEYWORD_EXCLUSIVE,
    KEYWORD_DATE,
    KEYWORD_CONTAINS,
    KEYWORD_BEGINS,
    KEYWORD_ENDS,
    KEYWORD_WITH,
    KEYWORD_BEFORE,
    KEYWORD_AFTER,
    KEYWORD_TRUE,
    KEYWORD_FALSE,
    KEYWORD_COUNT
};

enum symbol {
    SYMBOL_OPEN,
    SYMBOL_CLOSE,
    SYMBOL_COMMA,
    SYMBOL_DOT,
    SYMBOL_EQUALS,
    SYMBOL_NOT_EQUALS,
    SYMBOL_LESS,
    SYMBOL_LESS_EQUALS,
    SYMBOL_GREATER,
    SYMBOL_GREATER_EQUALS,
};

struct token {
    enum token_kind kind;
    enum keyword keyword;
    enum symbol symbol;
    size_t at, len; /* in the source */
    bool is_bracketed;
};

/* The token at or behind `at`. */
struct token token_next(const char *text, size_t len, size_t at);
const char *keyword_name(enum keyword keyword);
/* KEYWORD_COUNT: none. Without case. */
enum keyword keyword_find(const char *text, size_t len);
/* Whether a name can be written without brackets. */
bool name_is_plain(const char *name);

#endif
