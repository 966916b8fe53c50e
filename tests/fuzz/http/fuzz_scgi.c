#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "fuzz.h"
#include "http/scgi.h"

static void text_inside(const char *text, const char *bytes, size_t size)
{
    if (text)
        ensure(text >= bytes && text + strlen(text) < bytes + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A block of exactly this size, so that a read behind it is seen. */
    char *bytes = calloc(size ? size : 1, 1);
    if (size)
        memcpy(bytes, data, size);
    struct scgi_head head;
    if (scgi_parse(bytes, size, &head) == SCGI_COMPLETE) {
        ensure(head.size <= size && head.content_length >= 0 && head.method && head.uri);
        const char *const texts[] = {head.method,    head.uri,      head.content_type,
                                     head.address,   head.host,     head.cookie,
                                     head.body_file, head.authorise};
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            text_inside(texts[i], bytes, head.size);
    }
    free(bytes);
    return 0;
}
