#include <string.h>

#include "base/ensure.h"
#include "fuzz.h"
#include "http/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *value = NULL;
    struct error err;
    if (json_read((const char *)data, size, &value, &err) != STATUS_OK) {
        ensure(!value);
        return 0;
    }
    /* What was read once is read again, and is the same. */
    char *text = json_dumps(value, JSON_COMPACT);
    json_t *again = NULL;
    ensure(text && json_read(text, strlen(text), &again, &err) == STATUS_OK);
    const char *word = NULL;
    int64_t number = 0;
    (void)!json_member_text(value, "a", true, 3, &word, &err);
    (void)!json_member_integer(value, "a", true, 0, 9, &number, &err);
    json_decref(again);
    json_decref(value);
    free(text);
    return 0;
}
