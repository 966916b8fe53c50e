#include <string.h>

#include "base/ensure.h"
#include "filter/text.h"
#include "fuzz.h"

static const char *const names[] = {"City", "Age", "Date of birth", "a]b", "Priority"};
static const char *const types[] = {NULL, NULL, NULL, "Home", "Cell"};
static const struct filter_columns columns = {5, names, types, NULL};

/* What was parsed prints to a text that parses to the same tree; completion never fails. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct arena arena;
    struct filter filter;
    struct filter again;
    struct filter_fault fault;
    struct filter_completion *items;
    struct error err;
    size_t from = 0;
    arena_init(&arena);
    enum status status = filter_parse(text, size, &columns, &arena, &filter, &fault, &err);
    if (status == STATUS_OK) {
        static const char row[] = "[\"Lyon\",\"42\",\"1970-01-01\",\"\"]";
        static const char *const zones[] = {"Europe/Paris\nEurope/Rome"};
        struct contact hot = {.preferred_agent = {57},
                              .address_count = 1,
                              .addresses = {{.number = 33123456789, .column = 3}}};
        const struct filter_contact contact = {&hot, "x", row, {1}, zones};
        struct buffer out;
        buffer_init(&out, 8 * FILTER_SOURCE_MAX);
        filter_print(&filter, &columns, &out);
        ensure(!out.is_full);
        if (out.len <= FILTER_SOURCE_MAX) {
            ensure(filter_parse(out.data ? out.data : "", out.len, &columns, &arena, &again,
                                NULL, &err) == STATUS_OK);
            ensure(filter_equals(&filter, &again));
            ensure(filter_matches(&filter, &contact, (struct wall){2}) ==
                   filter_matches(&again, &contact, (struct wall){2}));
        }
        buffer_fini(&out);
    } else {
        ensure(fault.offset <= size);
    }
    size_t cursor = size ? data[0] % (size + 1) : 0;
    ensure(filter_complete(text, size, cursor, &columns, &arena, &items, &from) <=
           FILTER_COMPLETIONS_MAX);
    ensure(from <= cursor);
    arena_fini(&arena);
    return 0;
}
