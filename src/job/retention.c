/* Contacts go when their own retention is over, all of a list when the list's is; the list and
 * its attempts stay. What is told of contacts that somebody removed goes after DELETED_KEPT_US,
 * or with the list. */
#include "base/log.h"
#include "job/run.h"

#define PAGE 200
#define DELETED_KEPT_US (30 * US_PER_DAY)

/* Contacts of which one is being called stay until the next time, one by one. */
static bool contacts_forget(const struct store_port *store, const struct contact_id *ids,
                            size_t count)
{
    struct error err = {0};
    bool has_some = false;
    enum status status = store->ops->contacts_forget(store->self, ids, count, &err);
    if (status == STATUS_OK)
        return true;
    for (size_t i = 0; status == STATUS_CONFLICT && i < count; i++)
        has_some |= store->ops->contacts_forget(store->self, &ids[i], 1, &err) == STATUS_OK;
    if (status != STATUS_CONFLICT)
        log_warn("retention.not_applied", "text=%s", err.text);
    return has_some;
}

/* The next contacts of a list behind *after; how many. */
static size_t contacts_next(const struct store_port *store, struct list_id list,
                            struct contact_id *after, struct contact_id ids[PAGE])
{
    struct arena arena;
    struct contact_record *records = NULL;
    struct error err = {0};
    size_t count = 0;
    const struct contact_query query = {.list = list, .after = *after, .limit = PAGE};
    arena_init(&arena);
    if (store->ops->contacts_list(store->self, &query, &arena, &records, &count, &err) !=
        STATUS_OK) {
        log_warn("retention.not_applied", "text=%s", err.text);
        count = 0;
    }
    for (size_t i = 0; i < count; i++)
        *after = ids[i] = records[i].hot.id;
    arena_fini(&arena);
    return count;
}

/* What was removed from a list before `at` is told of no more. */
static void deleted_purge(const struct store_port *store, struct list_id list, struct wall at)
{
    struct error err = {0};
    int64_t total = 0;
    for (size_t count = PAGE; count == PAGE; total += (int64_t)count)
        if (store->ops->contacts_purge(store->self, list, at, &count, &err) != STATUS_OK) {
            log_warn("retention.not_applied", "text=%s", err.text);
            break;
        }
    if (total)
        log_info("retention.deleted_purged", "list=%lld contacts=%lld", (long long)list.value,
                 (long long)total);
}

static void list_expire(const struct jobs_options *options, const struct entity *list)
{
    const struct store_port *store = &options->store;
    struct list_id id = {list->id};
    struct contact_id ids[PAGE], after = {0};
    int64_t total = 0;
    for (size_t count; (count = contacts_next(store, id, &after, ids)) > 0;) {
        (void)contacts_forget(store, ids, count);
        total += (int64_t)count;
    }
    if (!total)
        return;
    log_info("retention.expired", "list=%lld contacts=%lld", (long long)list->id,
             (long long)total);
    if (options->contacts_changed)
        options->contacts_changed(options->context, id);
}

/* Contacts whose own retention is over. */
static void contacts_expire(const struct jobs_options *options, struct wall now)
{
    const struct store_port *store = &options->store;
    struct contact_id ids[PAGE];
    struct error err = {0};
    size_t count = PAGE;
    bool goes_on = true;
    while (goes_on && count == PAGE) {
        if (store->ops->contacts_expired(store->self, now, ids, &count, &err) != STATUS_OK) {
            log_warn("retention.not_applied", "text=%s", err.text);
            return;
        }
        goes_on = count && contacts_forget(store, ids, count);
        for (size_t i = 0; i < count && options->contacts_changed; i++)
            if (i == 0 || contact_list_of(ids[i]).value != contact_list_of(ids[i - 1]).value)
                options->contacts_changed(options->context, contact_list_of(ids[i]));
        if (goes_on)
            log_info("retention.contacts_expired", "contacts=%zu", count);
    }
}

void retention_apply(const struct jobs_options *options, struct wall now)
{
    const struct store_port *store = &options->store;
    contacts_expire(options, now);
    struct entity_query query = {.kind = ENTITY_CONTACT_LIST, .limit = PAGE};
    int32_t found = 1;
    while (found > 0) {
        struct arena arena;
        struct entity_page page = {.count = 0};
        struct error err;
        arena_init(&arena);
        if (store->ops->entity_list(store->self, &query, &arena, &page, &err) != STATUS_OK)
            log_warn("retention.not_applied", "text=%s", err.text);
        for (int32_t i = 0; i < page.count; i++) {
            json_t *document = resource_document(page.entities[i].document);
            struct wall at =
                value_list_expiry(document, page.entities[i].created_at, options->zones);
            json_decref(document);
            bool is_over = at.us && at.us <= now.us;
            if (is_over)
                list_expire(options, &page.entities[i]);
            deleted_purge(store, (struct list_id){page.entities[i].id},
                          (struct wall){is_over ? now.us : now.us - DELETED_KEPT_US});
        }
        found = page.count;
        query.offset += found;
        arena_fini(&arena);
    }
}
