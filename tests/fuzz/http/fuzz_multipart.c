#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/ensure.h"
#include "fuzz.h"
#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct arena arena;
    struct multipart form;
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    ensure(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    arena_init(&arena);
    if (multipart_read(&arena, fd, (int64_t)size, "multipart/form-data; boundary=\"b\"", &form,
                       NULL) == STATUS_OK) {
        for (size_t i = 0; i < form.count; i++) {
            const struct multipart_part *part = &form.parts[i];
            ensure(part->name && part->at >= 0 && part->len >= 0 &&
                   part->at + part->len <= (int64_t)size);
            ensure(!part->text || strlen(part->text) == (size_t)part->len);
        }
    }
    arena_fini(&arena);
    return 0;
}
