/* name.h -- names compared without case, the same way in every back end.
 * Simple lower-casing of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic; other letters
 * and invalid UTF-8 stay as they are. Accents count. Any thread. */
#ifndef CADRAN_STORE_NAME_H
#define CADRAN_STORE_NAME_H

/* The folded copy; the caller frees it. */
char *name_fold(const char *name);

#endif
