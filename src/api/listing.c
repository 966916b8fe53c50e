/* The conventions of every listing. */
#include <stdio.h>

#include "api/internal.h"

#define PAGE_SIZE_DEFAULT 25
#define PAGE_SIZE_MAX 100
#define PAGE_NUMBER_MAX 10000000

struct page page_read(const struct http_request *request)
{
    struct page page;
    page.size =
        (int32_t)http_query_integer(request, "pageSize", 1, PAGE_SIZE_MAX, PAGE_SIZE_DEFAULT);
    page.number = (int32_t)http_query_integer(request, "pageNumber", 1, PAGE_NUMBER_MAX, 1);
    page.offset = (int64_t)(page.number - 1) * page.size;
    return page;
}

static void uri_add(struct call *call, json_t *out, const char *name, struct page page,
                    int64_t number)
{
    char uri[512];
    snprintf(uri, sizeof(uri), "%.400s?pageSize=%d&pageNumber=%lld", call->request->uri.path,
             page.size, (long long)number);
    json_object_set_new(out, name, json_string(uri));
}

json_t *page_write(struct call *call, struct page page, int64_t total, json_t *entities)
{
    int64_t last = (total + page.size - 1) / page.size;
    if (last < 1)
        last = 1;
    json_t *out = json_pack("{s:o,s:i,s:i,s:I,s:I}", "entities", entities, "pageSize",
                            page.size, "pageNumber", page.number, "total", (json_int_t)total,
                            "pageCount", (json_int_t)last);
    uri_add(call, out, "firstUri", page, 1);
    uri_add(call, out, "lastUri", page, last);
    uri_add(call, out, "selfUri", page, page.number);
    if (page.number < last)
        uri_add(call, out, "nextUri", page, page.number + 1);
    if (page.number > 1)
        uri_add(call, out, "previousUri", page, page.number - 1);
    return out;
}
