/* text.h -- small checks on text that came from outside. Pure; any thread. */
#ifndef CADRAN_HTTP_TEXT_H
#define CADRAN_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *text, size_t len);
/* No CR, LF, NUL or other control character: fit for a header's value. */
bool text_is_header(const char *text);
/* Compares without case, ASCII letters only. */
bool text_equal(const char *left, const char *right);

#endif
