#include <stdlib.h>

#include "base/ensure.h"
#include "store/memory/rows.h"

static struct memory_campaign_filter *find(const struct store_memory *store,
                                           struct campaign_id campaign)
{
    for (size_t i = 0; i < store->filters.count; i++)
        if (store->filters.items[i].campaign.value == campaign.value)
            return &store->filters.items[i];
    return NULL;
}

void memory_filter_drop(struct store_memory *store, struct campaign_id campaign)
{
    struct memory_campaign_filter *filter = find(store, campaign);
    if (!filter)
        return;
    free(filter->text);
    size_t at = (size_t)(filter - store->filters.items);
    MEMORY_REMOVE(&store->filters, at);
}

enum status memory_campaign_filter_set(void *self, struct campaign_id campaign,
                                       const char *text, bool *has_changed, struct error *err)
{
    struct store_memory *store = self;
    const struct memory_campaign_filter *old = find(store, campaign);
    enum status status = campaign_filter_check(text, err);
    if (status)
        return status;
    *has_changed = strcmp(old ? old->text : "", text) != 0;
    if (!*has_changed)
        return STATUS_OK;
    memory_filter_drop(store, campaign);
    if (*text)
        *MEMORY_ADD(&store->filters) = (struct memory_campaign_filter){
            campaign, ++store->filter_last, memory_text(text, strlen(text))};
    return STATUS_OK;
}

void memory_filter_load(const struct store_memory *store, struct campaign_id campaign,
                        struct campaign_filter *filter)
{
    const struct memory_campaign_filter *kept = find(store, campaign);
    ensure(campaign_filter_init(filter, kept ? kept->stamp : 0, kept ? kept->text : "", NULL) ==
           STATUS_OK);
}

bool memory_filter_passes(struct store_memory *store, const struct campaign_filter *filter,
                          struct contact_id id, struct wall now)
{
    return memory_contact_passes(store, memory_contact_find(store, id), &filter->filter, now);
}

bool memory_contact_passes(const struct store_memory *store,
                           const struct memory_contact *contact, const struct filter *filter,
                           struct wall now)
{
    const char *zones[ADDRESS_MAX];
    for (int32_t i = 0; i < contact->hot.address_count; i++) {
        int32_t set = contact->hot.addresses[i].zone_set.value;
        bool is_known = set > 0 && (size_t)set <= store->zone_sets.count;
        zones[i] = is_known ? store->zone_sets.items[set - 1].names : "";
    }
    const struct filter_contact asked = {
        .hot = &contact->hot,
        .external_id = contact->external_id,
        .data = contact->data,
        .updated_at = contact->updated_at,
        .zones = zones,
    };
    return !filter || filter_matches(filter, &asked, now);
}

enum status memory_filter_stamp(void *self, struct campaign_id campaign, int64_t *stamp,
                                struct error *err)
{
    (void)err;
    const struct memory_campaign_filter *kept = find(self, campaign);
    *stamp = kept ? kept->stamp : 0;
    return STATUS_OK;
}
