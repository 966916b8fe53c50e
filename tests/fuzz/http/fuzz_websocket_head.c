#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "fuzz.h"
#include "http/websocket_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = calloc(size ? size : 1, 1);
    if (size)
        memcpy(bytes, data, size);
    struct websocket_head head;
    enum websocket_verdict verdict = websocket_head_parse(bytes, size, &head);
    if (verdict == WEBSOCKET_COMPLETE) {
        char accept[WEBSOCKET_ACCEPT_SIZE];
        ensure(head.size <= size && strlen(head.capability) > 0 && head.after >= -1);
        websocket_accept(head.key, accept);
    }
    ensure(verdict != WEBSOCKET_NEED_MORE || size < WEBSOCKET_HEAD_MAX);
    free(bytes);
    return 0;
}
