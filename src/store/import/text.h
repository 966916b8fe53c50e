/* text.h -- bytes of a file as text: is it UTF-8, Windows-1252, or no text at all? Pure. */
#ifndef CADRAN_STORE_IMPORT_TEXT_H
#define CADRAN_STORE_IMPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Length of the UTF-8 sequence at `text` (1..4), 0 where it is not one. RFC 3629: no
 * surrogates, nothing overlong, nothing beyond U+10FFFF. */
size_t text_sequence(const char *text, size_t len);
/* Characters of UTF-8 text; bytes that are not count as one. */
size_t text_length(const char *text, size_t len);
/* Windows-1252 to UTF-8; `out` has room for 3 * len. Returns the bytes written. */
size_t text_from_windows_1252(const char *text, size_t len, char *out);

/* What a file's bytes look like, block by block. */
struct text_survey {
    int64_t size, nul_count, nul_odd, sequences, faults;
    char tail[4]; /* of the block before: a sequence may be cut by the edge */
    size_t tail_len;
};
void text_survey(struct text_survey *survey, const char *bytes, size_t len);

#endif
