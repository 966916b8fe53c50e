/* campaign_filter.h -- the filter of a campaign, as back ends keep it: a text by column
 * position and a stamp, which is another one each time the text changes (0: no filter). A
 * candidate carries the stamp under which it was read; an intent under another one is stale. */
#ifndef CADRAN_STORE_CAMPAIGN_FILTER_H
#define CADRAN_STORE_CAMPAIGN_FILTER_H

#include "filter/filter.h"

struct campaign_filter {
    int64_t stamp;
    struct filter filter;
    struct arena arena;
    bool uses_zones; /* filter_contact must have them */
};

/* Reads the text; "" is every contact. _fini also after a failure. */
enum status campaign_filter_init(struct campaign_filter *filter, int64_t stamp,
                                 const char *text, struct error *err) MUST_USE;
void campaign_filter_fini(struct campaign_filter *filter);
/* STATUS_INVALID where the text cannot be read. */
enum status campaign_filter_check(const char *text, struct error *err) MUST_USE;

#endif
