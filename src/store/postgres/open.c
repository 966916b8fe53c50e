#include <stdlib.h>

#include "store/postgres/postgres.h"
#include "store/postgres/session.h"
#include "store/schema/schema.h"

static void *reader_make(void *context)
{
    struct store_postgres *store = context;
    struct pg_connection *reader = memory_new(1, sizeof(*reader));
    reader->target = store->target;
    return reader;
}

static void reader_close(void *context, void *value)
{
    (void)context;
    pg_close(value);
    free(value);
}

static void postgres_destroy(void *self)
{
    struct store_postgres *store = self;
    per_thread_destroy(store->readers);
    for (size_t i = 0; i < ARRAY_LEN(store->writers); i++) {
        pg_close(&store->writers[i].connection);
        lane_destroy(store->writers[i].lane);
    }
    pg_target_destroy(store->target);
    free(store);
}

static const struct store_ops postgres_ops = {
    .destroy = postgres_destroy,
    .epoch_take = postgres_epoch_take,
    .entity_create = postgres_entity_create,
    .entity_update = postgres_entity_update,
    .entity_remove = postgres_entity_remove,
    .entity_get = postgres_entity_get,
    .entity_find = postgres_entity_find,
    .entity_list = postgres_entity_list,
    .entity_users = postgres_entity_users,
    .contacts_write = postgres_contacts_write,
    .contact_update = postgres_contact_update,
    .contacts_remove = postgres_contacts_remove,
    .contacts_import = postgres_contacts_import,
    .contacts_remove_batch = postgres_contacts_remove_batch,
    .contacts_zones = postgres_contacts_zones,
    .contacts_clear = postgres_contacts_clear,
    .contacts_expired = postgres_contacts_expired,
    .contacts_forget = postgres_contacts_forget,
    .contacts_deleted = postgres_contacts_deleted,
    .contacts_purge = postgres_contacts_purge,
    .contact_get = postgres_contact_get,
    .contact_find = postgres_contact_find,
    .contacts_list = postgres_contacts_list,
    .contacts_count = postgres_contacts_count,
    .contacts_search = postgres_contacts_search,
    .contacts_tally = postgres_contacts_tally,
    .contacts_sample = postgres_contacts_sample,
    .column_index = postgres_column_index,
    .column_index_get = postgres_column_index_get,
    .contacts_act = postgres_contacts_act,
    .contact_states = postgres_contact_states,
    .contact_events = postgres_contact_events,
    .numbers_index = postgres_numbers_index,
    .numbers_list = postgres_numbers_list,
    .zone_set_intern = postgres_zone_set_intern,
    .zone_sets_list = postgres_zone_sets_list,
    .dnc_add = postgres_dnc_add,
    .dnc_remove = postgres_dnc_remove,
    .dnc_clear = postgres_dnc_clear,
    .dnc_has = postgres_dnc_has,
    .dnc_count = postgres_dnc_count,
    .dnc_list = postgres_dnc_list,
    .dnc_values_add = postgres_dnc_values_add,
    .dnc_values_remove = postgres_dnc_values_remove,
    .job_create = postgres_job_create,
    .job_save = postgres_job_save,
    .job_get = postgres_job_get,
    .jobs_list = postgres_jobs_list,
    .job_remove = postgres_job_remove,
    .pass_draw = postgres_pass_draw,
    .campaign_filter_set = postgres_campaign_filter_set,
    .queue_build = postgres_queue_build,
    .queue_lanes = postgres_queue_lanes,
    .claim = postgres_claim,
    .candidate_load = postgres_candidate_load,
    .due_next = postgres_due_next,
    .commit = postgres_commit,
    .run_get = postgres_run_get,
    .run_counts = postgres_run_counts,
    .skips_list = postgres_skips_list,
    .attempts_list = postgres_attempts_list,
    .consents_add = postgres_consents_add,
    .consents_list = postgres_consents_list,
    .person_erase = postgres_person_erase,
    .secret_set = postgres_secret_set,
    .secret_get = postgres_secret_get,
    .token_put = postgres_token_put,
    .token_get = postgres_token_get,
    .token_remove = postgres_token_remove,
    .key_get = postgres_key_get,
};

enum status store_postgres_open(const char *url, struct store_port *out, struct error *err)
{
    struct pg_target *target;
    enum status status = pg_target_create(url, &target, err);
    if (status)
        return status;
    struct store_postgres *store = memory_new(1, sizeof(*store));
    store->target = target;
    store->readers = per_thread_create(POSTGRES_READER_MAX, reader_make, reader_close, store);
    for (size_t i = 0; i < ARRAY_LEN(store->writers); i++) {
        store->writers[i].lane = lane_create();
        store->writers[i].connection.target = target;
        store->writers[i].connection.is_bulk = i == STORE_BULK;
    }
    struct pg_connection *first = &store->writers[STORE_API].connection;
    status = pg_ready(first, err);
    if (!status)
        status = pg_schema_apply(first, false, err);
    if (status) {
        postgres_destroy(store);
        return status;
    }
    *out = (struct store_port){store, &postgres_ops};
    return STATUS_OK;
}

enum status store_postgres_check(const char *url, char about[128], struct error *err)
{
    struct pg_connection connection = {0};
    struct pg_target *target;
    int64_t applied = 0;
    enum status status = pg_target_create(url, &target, err);
    if (status)
        return status;
    connection.target = target;
    status = pg_ready(&connection, err);
    int version = status ? 0 : PQserverVersion(connection.link);
    if (!status)
        status = pg_schema_check(&connection, false, &applied, err);
    pg_close(&connection);
    pg_target_destroy(target);
    if (!status)
        snprintf(about, 128, "PostgreSQL %d.%d, %s", version / 10000, version % 10000,
                 applied ==
                         schema_postgres_migrations[schema_postgres_migration_count - 1].number
                     ? "and its schema is this version's"
                     : "and the next start brings its schema up to date");
    return status;
}
