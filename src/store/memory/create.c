#include "store/memory/memory.h"

#include <stdlib.h>

#include "store/memory/rows.h"

static void free_values(struct table *table, void (*free_value)(void *))
{
    size_t at = 0;
    void *value;
    while (table_next(table, &at, NULL, &value))
        free_value(value);
    table_fini(table);
}

static void free_list(void *list)
{
    memory_list_free(list);
}

static void free_queue(void *queue)
{
    memory_queue_free(queue);
}

static void free_dnc(void *numbers)
{
    memory_dnc_free(numbers);
}

static void free_values_of_dnc(void *values)
{
    memory_dnc_values_free(values);
}

static void memory_destroy(void *self)
{
    struct store_memory *store = self;
    for (size_t i = 0; i < store->entities.count; i++) {
        struct memory_entity *entity = &store->entities.items[i];
        free(entity->name);
        free(entity->folded);
        free(entity->document);
        free(entity->secret);
        free(entity->refs);
    }
    free(store->entities.items);
    free_values(&store->lists, free_list);
    free_values(&store->dncs, free_dnc);
    free_values(&store->dnc_values, free_values_of_dnc);
    free_values(&store->queues, free_queue);
    for (size_t i = 0; i < store->jobs.count; i++)
        memory_job_free(&store->jobs.items[i]);
    free(store->jobs.items);
    for (size_t i = 0; i < store->zone_sets.count; i++)
        free(store->zone_sets.items[i].names);
    free(store->zone_sets.items);
    for (size_t i = 0; i < store->attempts.count; i++) {
        free(store->attempts.items[i]->note);
        free(store->attempts.items[i]);
    }
    free(store->attempts.items);
    table_fini(&store->by_call);
    table_fini(&store->by_contact);
    table_fini(&store->by_number);
    for (size_t i = 0; i < store->keys.count; i++)
        free(store->keys.items[i].name);
    free(store->keys.items);
    for (size_t i = 0; i < store->filters.count; i++)
        free(store->filters.items[i].text);
    free(store->filters.items);
    free(store->due.items);
    free(store->running.items);
    free(store->counts.items);
    for (size_t i = 0; i < store->events.count; i++) {
        free((void *)(uintptr_t)store->events.items[i].event.before);
        free((void *)(uintptr_t)store->events.items[i].event.note);
    }
    free(store->events.items);
    memory_consents_free(store);
    free(store->runs.items);
    free(store->epochs.items);
    free(store->tokens.items);
    free(store);
}

static const struct store_ops memory_ops = {
    .destroy = memory_destroy,
    .epoch_take = memory_epoch_take,
    .entity_create = memory_entity_create,
    .entity_update = memory_entity_update,
    .entity_remove = memory_entity_remove,
    .entity_get = memory_entity_get,
    .entity_find = memory_entity_by_name,
    .entity_list = memory_entity_list,
    .entity_users = memory_entity_users,
    .contacts_write = memory_contacts_write,
    .contact_update = memory_contact_update,
    .contacts_remove = memory_contacts_remove,
    .contacts_import = memory_contacts_import,
    .contacts_remove_batch = memory_contacts_remove_batch,
    .contacts_zones = memory_contacts_zones,
    .contacts_clear = memory_contacts_clear,
    .contacts_expired = memory_contacts_expired,
    .contacts_forget = memory_contacts_forget,
    .contacts_deleted = memory_contacts_deleted,
    .contacts_purge = memory_contacts_purge,
    .contact_get = memory_contact_get,
    .contact_find = memory_contact_by_external,
    .contacts_list = memory_contacts_list,
    .contacts_count = memory_contacts_count,
    .contacts_search = memory_contacts_search,
    .contacts_tally = memory_contacts_tally,
    .contacts_sample = memory_contacts_sample,
    .column_index = memory_column_index,
    .column_index_get = memory_column_index_get,
    .contacts_act = memory_contacts_act,
    .contact_states = memory_contact_states,
    .contact_events = memory_contact_events,
    .numbers_index = memory_numbers_index,
    .numbers_list = memory_numbers_list,
    .zone_set_intern = memory_zone_set_intern,
    .zone_sets_list = memory_zone_sets_list,
    .dnc_add = memory_dnc_add,
    .dnc_remove = memory_dnc_remove,
    .dnc_clear = memory_dnc_clear,
    .dnc_has = memory_dnc_has,
    .dnc_count = memory_dnc_count,
    .dnc_list = memory_dnc_list,
    .dnc_values_add = memory_dnc_values_add,
    .dnc_values_remove = memory_dnc_values_remove,
    .job_create = memory_job_create,
    .job_save = memory_job_save,
    .job_get = memory_job_get,
    .jobs_list = memory_jobs_list,
    .job_remove = memory_job_remove,
    .pass_draw = memory_pass_draw,
    .campaign_filter_set = memory_campaign_filter_set,
    .queue_build = memory_queue_build,
    .queue_lanes = memory_queue_lanes,
    .claim = memory_claim,
    .candidate_load = memory_candidate_load,
    .due_next = memory_due_next,
    .commit = memory_commit,
    .run_get = memory_run_get,
    .run_counts = memory_run_counts,
    .skips_list = memory_skips_list,
    .attempts_list = memory_attempts_list,
    .consents_add = memory_consents_add,
    .consents_list = memory_consents_list,
    .person_erase = memory_person_erase,
    .secret_set = memory_secret_set,
    .secret_get = memory_secret_get,
    .token_put = memory_token_put,
    .token_get = memory_token_get,
    .token_remove = memory_token_remove,
    .key_get = memory_key_get,
};

void store_memory_create(struct store_port *out)
{
    *out = (struct store_port){memory_new(1, sizeof(struct store_memory)), &memory_ops};
}

void store_memory_fail_commits(struct store_port *port, int32_t count, enum status status)
{
    struct store_memory *store = port->self;
    store->failing_commits = count;
    store->failing_status = status;
}
