/* multipart.h -- a multipart/form-data body that lies in a file: where its parts are.
 * Small parts are texts; a file's part is only its place, never its bytes. Bounded; RFC 7578.
 */
#ifndef CADRAN_HTTP_MULTIPART_H
#define CADRAN_HTTP_MULTIPART_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/status.h"

#define MULTIPART_PART_MAX 16
#define MULTIPART_TEXT_MAX 1024

struct multipart_part {
    const char *name;
    int64_t at, len;  /* within the body's file */
    const char *text; /* of a part without a file name and at most MULTIPART_TEXT_MAX long */
};

struct multipart {
    size_t count;
    struct multipart_part parts[MULTIPART_PART_MAX];
};

/* Names and texts live in `arena`. */
enum status multipart_read(struct arena *arena, int fd, int64_t len, const char *content_type,
                           struct multipart *form, struct error *err) MUST_USE;
/* NULL where there is none of that name. */
const struct multipart_part *multipart_find(const struct multipart *form, const char *name);

#endif
