#include "store/campaign_filter.h"

#include <string.h>

#include "filter/text.h"

enum status campaign_filter_init(struct campaign_filter *filter, int64_t stamp,
                                 const char *text, struct error *err)
{
    static const struct filter_columns by_position = {.count = FILTER_COLUMNS_MAX};
    filter->stamp = stamp;
    arena_init(&filter->arena);
    enum status status = filter_parse(text, strlen(text), &by_position, &filter->arena,
                                      &filter->filter, NULL, err);
    filter->uses_zones = filter_uses(&filter->filter, FILTER_TIME_ZONE);
    return status;
}

void campaign_filter_fini(struct campaign_filter *filter)
{
    arena_fini(&filter->arena);
}

enum status campaign_filter_check(const char *text, struct error *err)
{
    struct campaign_filter filter;
    enum status status = campaign_filter_init(&filter, 0, text, err);
    campaign_filter_fini(&filter);
    return status;
}
