/* text.h -- filters as people write them: State = "Waiting" AND NOT City IN ("Lyon", "Paris").
 * The language is in docs/filters.md. What is parsed prints to a text that parses to the same
 * tree. Names are strict; an unknown one is answered with its place and the nearest known one.
 * Pure; any thread. */
#ifndef CADRAN_FILTER_TEXT_H
#define CADRAN_FILTER_TEXT_H

#include "base/buffer.h"
#include "filter/filter.h"

#define FILTER_SOURCE_MAX (32 * 1024)

/* Where a text is wrong. Lines and columns count from 1, columns and length in characters. */
struct filter_fault {
    size_t offset; /* in bytes */
    int32_t line, column, length;
    char suggestion[160]; /* the name that was probably meant; "" = none */
};

/* An empty text is every contact. On STATUS_INVALID err says why, with path "line 1, column 5",
 * and *fault where (NULL is accepted). */
enum status filter_parse(const char *text, size_t len, const struct filter_columns *columns,
                         struct arena *arena, struct filter *filter, struct filter_fault *fault,
                         struct error *err) MUST_USE;
/* Appends the text; nothing for every contact. */
void filter_print(const struct filter *filter, const struct filter_columns *columns,
                  struct buffer *out);

/* Where a text says which user or which code: a value in its quotes. */
struct filter_mention {
    size_t offset, len; /* in bytes, with the quotes */
    enum filter_field field;
    int64_t id; /* 0: the empty text */
};
/* Those of a text that filter_parse takes, in their order. */
enum status filter_mentions(const char *text, size_t len, const struct filter_columns *columns,
                            struct arena *arena, const struct filter_mention **mentions,
                            size_t *count, struct error *err) MUST_USE;

enum filter_completion_kind {
    FILTER_COMPLETES_COLUMN,
    FILTER_COMPLETES_FIELD,
    FILTER_COMPLETES_OPERATOR,
    FILTER_COMPLETES_KEYWORD,
    FILTER_COMPLETES_VALUE,
};
struct filter_completion {
    enum filter_completion_kind kind;
    const char *text; /* to put in place of what stands from `from` to the cursor */
};
#define FILTER_COMPLETIONS_MAX 128
/* What may stand at a position (in bytes): at most FILTER_COMPLETIONS_MAX items in the arena.
 * Returns how many; none where the text before is wrong. */
size_t filter_complete(const char *text, size_t len, size_t cursor,
                       const struct filter_columns *columns, struct arena *arena,
                       struct filter_completion **items, size_t *from);

#endif
