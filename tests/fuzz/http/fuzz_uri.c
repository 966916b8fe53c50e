#include <string.h>

#include "base/ensure.h"
#include "fuzz.h"
#include "http/text.h"
#include "http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct uri uri;
    arena_init(&arena);
    const char *raw = arena_text(&arena, (const char *)data, size);
    if (uri_read(&arena, raw, &uri, NULL) == STATUS_OK) {
        ensure(uri.path[0] == '/' && text_is_utf8(uri.path, strlen(uri.path)));
        ensure(!strstr(uri.path, "//") && !strstr(uri.path, "/../"));
        for (size_t i = 0; i < uri.segment_count; i++)
            ensure(uri.segments[i][0] && !strchr(uri.segments[i], '/'));
        for (size_t i = 0; i < uri.param_count; i++)
            ensure(text_is_utf8(uri.params[i].value, strlen(uri.params[i].value)));
    }
    arena_fini(&arena);
    return 0;
}
