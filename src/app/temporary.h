/* temporary.h -- a private folder for a run that leaves nothing behind. */
#ifndef CADRAN_APP_TEMPORARY_H
#define CADRAN_APP_TEMPORARY_H

#include <stddef.h>

#include "base/status.h"

/* Makes a folder (mode 0700) below TMPDIR or /tmp and writes its path. */
enum status temporary_make(char *path, size_t size, struct error *err) MUST_USE;
/* Removes it and what is in it; follows no link out of it. */
void temporary_remove(const char *path);

#endif
