#include <sys/random.h>

#include "base/ensure.h"
#include "store/memory/rows.h"

enum status memory_run_get(void *self, struct campaign_id campaign, struct campaign_run *run,
                           struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    *run = (struct campaign_run){.campaign = campaign, .status = CAMPAIGN_OFF};
    for (size_t i = 0; i < store->runs.count; i++)
        if (store->runs.items[i].campaign.value == campaign.value)
            *run = store->runs.items[i];
    return STATUS_OK;
}

enum status memory_run_counts(void *self, struct campaign_id campaign, int64_t pass,
                              struct run_counts *counts, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    memset(counts, 0, sizeof(*counts));
    for (size_t i = 0; i < store->counts.count; i++) {
        const struct memory_count *count = &store->counts.items[i];
        if (count->campaign.value != campaign.value || count->pass != pass)
            continue;
        if (strcmp(count->name, COUNT_ATTEMPTS) == 0)
            counts->attempts = count->count;
        else if (strcmp(count->name, COUNT_CALLED) == 0)
            counts->contacts_called = count->count;
        else if (strncmp(count->name, COUNT_SKIP, strlen(COUNT_SKIP)) == 0)
            counts->skipped += count->count;
        else
            counts->outcomes[outcome_from_name(count->name + strlen(COUNT_OUTCOME))] =
                count->count;
    }
    return STATUS_OK;
}

enum status memory_skips_list(void *self, struct campaign_id campaign, int64_t pass,
                              struct arena *arena, struct skip_count **skips, size_t *count,
                              struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    *skips = arena_new(arena, store->counts.count, sizeof(**skips));
    *count = 0;
    for (size_t i = 0; i < store->counts.count; i++) {
        const struct memory_count *counted = &store->counts.items[i];
        if (counted->campaign.value != campaign.value || counted->pass != pass ||
            strncmp(counted->name, COUNT_SKIP, strlen(COUNT_SKIP)) != 0)
            continue;
        struct skip_count skip = {.count = counted->count};
        snprintf(skip.reason, sizeof(skip.reason), "%.31s", counted->name + strlen(COUNT_SKIP));
        size_t at = (*count)++;
        for (; at > 0 && strcmp((*skips)[at - 1].reason, skip.reason) > 0; at--)
            (*skips)[at] = (*skips)[at - 1];
        (*skips)[at] = skip;
    }
    return STATUS_OK;
}

static bool matches(const struct attempt_record *record, const struct attempt_query *query)
{
    if (query->number && record->number != query->number)
        return false;
    if (!query->number && query->campaign.value &&
        record->campaign.value != query->campaign.value)
        return false;
    if (!query->number && query->contact.value && record->contact.value != query->contact.value)
        return false;
    if (!query->after.value)
        return true;
    return query->is_newest_first ? record->call.value < query->after.value
                                  : record->call.value > query->after.value;
}

enum status memory_attempts_list(void *self, const struct attempt_query *query,
                                 struct arena *arena, struct attempt_record **records,
                                 size_t *count, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *records = arena_new(arena, limit, sizeof(**records));
    *count = 0;
    for (size_t i = 0; i < store->attempts.count && *count < limit; i++) {
        size_t at = query->is_newest_first ? store->attempts.count - 1 - i : i;
        if (matches(&store->attempts.items[at]->record, query))
            (*records)[(*count)++] = store->attempts.items[at]->record;
    }
    return STATUS_OK;
}

static struct token_record *find_token(struct store_memory *store, const uint8_t hash[32])
{
    for (size_t i = 0; i < store->tokens.count; i++)
        if (memcmp(store->tokens.items[i].hash, hash, 32) == 0)
            return &store->tokens.items[i];
    return NULL;
}

enum status memory_token_put(void *self, const struct token_record *token, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct token_record *place = find_token(store, token->hash);
    if (!place)
        place = MEMORY_ADD(&store->tokens);
    *place = *token;
    return STATUS_OK;
}

enum status memory_token_get(void *self, const uint8_t hash[32], struct wall now,
                             struct token_record *token, struct error *err)
{
    const struct token_record *found = find_token(self, hash);
    if (!found || found->expires_at.us <= now.us)
        return error_set(err, STATUS_NOT_FOUND, "", "the token is unknown or has expired");
    *token = *found;
    return STATUS_OK;
}

enum status memory_token_remove(void *self, const uint8_t hash[32], struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct token_record *found = find_token(store, hash);
    if (found)
        MEMORY_REMOVE(&store->tokens, (size_t)(found - store->tokens.items));
    return STATUS_OK;
}

enum status memory_key_get(void *self, const char *name, uint8_t key[32], struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_key *found = NULL;
    for (size_t i = 0; i < store->keys.count && !found; i++)
        if (strcmp(store->keys.items[i].name, name) == 0)
            found = &store->keys.items[i];
    if (!found) {
        found = MEMORY_ADD(&store->keys);
        found->name = memory_text(name, strlen(name));
        ensure(getrandom(found->key, sizeof(found->key), 0) == (ssize_t)sizeof(found->key));
    }
    memcpy(key, found->key, sizeof(found->key));
    return STATUS_OK;
}
