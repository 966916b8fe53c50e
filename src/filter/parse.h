/* parse.h -- the parser with what it expected at the end of the text: for completion. Private
 * to filter/. */
#ifndef CADRAN_FILTER_PARSE_H
#define CADRAN_FILTER_PARSE_H

#include "filter/text.h"

enum expectation {
    EXPECTS_TEST,     /* a name, NOT or ( */
    EXPECTS_FIELD,    /* behind "Contact." */
    EXPECTS_OPERATOR, /* behind a name */
    EXPECTS_POSITIVE, /* behind a name and NOT */
    EXPECTS_WITH,     /* behind BEGINS, ENDS */
    EXPECTS_SET,      /* ( behind IN */
    EXPECTS_VALUE,
    EXPECTS_BOUND, /* a value of BETWEEN */
    EXPECTS_BETWEEN_AND,
    EXPECTS_MORE_VALUES, /* , or ) */
    EXPECTS_CONNECTIVE,
    EXPECTS_NOTHING, /* the text is wrong before its end */
};

struct expecting {
    enum expectation what;
    struct filter_test test; /* its field, for operators and values */
    int32_t open;            /* parentheses */
};

enum status filter_parse_expecting(const char *text, size_t len,
                                   const struct filter_columns *columns, struct arena *arena,
                                   struct filter *filter, struct filter_fault *fault,
                                   struct expecting *expecting, struct error *err);
/* The characters of a name or string token, unquoted. */
const char *filter_unquote(struct arena *arena, const char *text, size_t len);

#endif
