#include "store/sqlite/sqlite.h"

#include <stdlib.h>

#include "store/sqlite/connection.h"

static void *reader_make(void *context)
{
    struct store_sqlite *store = context;
    struct connection *reader = memory_new(1, sizeof(*reader));
    if (sql_connection_open(reader, store->path, SQLITE_OPEN_READWRITE, NULL)) {
        free(reader);
        return NULL;
    }
    sqlite3_exec(reader->db, "PRAGMA query_only=1; PRAGMA cache_size=-8000", NULL, NULL, NULL);
    return reader;
}

static void reader_close(void *context, void *value)
{
    (void)context;
    sql_connection_close(value);
    free(value);
}

static void sqlite_destroy(void *self)
{
    struct store_sqlite *store = self;
    checkpointer_stop(store);
    per_thread_destroy(store->readers);
    if (store->writer.db)
        sql_connection_close(&store->writer); /* the last one: SQLite folds the log back */
    lane_destroy(store->lane);
    free(store->path);
    free(store);
}

static const struct store_ops sqlite_ops = {
    .destroy = sqlite_destroy,
    .epoch_take = sqlite_epoch_take,
    .entity_create = sqlite_entity_create,
    .entity_update = sqlite_entity_update,
    .entity_remove = sqlite_entity_remove,
    .entity_get = sqlite_entity_get,
    .entity_find = sqlite_entity_find,
    .entity_list = sqlite_entity_list,
    .entity_users = sqlite_entity_users,
    .contacts_write = sqlite_contacts_write,
    .contact_update = sqlite_contact_update,
    .contacts_remove = sqlite_contacts_remove,
    .contacts_import = sqlite_contacts_import,
    .contacts_remove_batch = sqlite_contacts_remove_batch,
    .contacts_zones = sqlite_contacts_zones,
    .contacts_clear = sqlite_contacts_clear,
    .contacts_expired = sqlite_contacts_expired,
    .contacts_forget = sqlite_contacts_forget,
    .contacts_deleted = sqlite_contacts_deleted,
    .contacts_purge = sqlite_contacts_purge,
    .contact_get = sqlite_contact_get,
    .contact_find = sqlite_contact_find,
    .contacts_list = sqlite_contacts_list,
    .contacts_count = sqlite_contacts_count,
    .contacts_search = sqlite_contacts_search,
    .contacts_tally = sqlite_contacts_tally,
    .contacts_sample = sqlite_contacts_sample,
    .column_index = sqlite_column_index,
    .column_index_get = sqlite_column_index_get,
    .contacts_act = sqlite_contacts_act,
    .contact_states = sqlite_contact_states,
    .contact_events = sqlite_contact_events,
    .numbers_index = sqlite_numbers_index,
    .numbers_list = sqlite_numbers_list,
    .zone_set_intern = sqlite_zone_set_intern,
    .zone_sets_list = sqlite_zone_sets_list,
    .dnc_add = sqlite_dnc_add,
    .dnc_remove = sqlite_dnc_remove,
    .dnc_clear = sqlite_dnc_clear,
    .dnc_has = sqlite_dnc_has,
    .dnc_count = sqlite_dnc_count,
    .dnc_list = sqlite_dnc_list,
    .dnc_values_add = sqlite_dnc_values_add,
    .dnc_values_remove = sqlite_dnc_values_remove,
    .job_create = sqlite_job_create,
    .job_save = sqlite_job_save,
    .job_get = sqlite_job_get,
    .jobs_list = sqlite_jobs_list,
    .job_remove = sqlite_job_remove,
    .pass_draw = sqlite_pass_draw,
    .campaign_filter_set = sqlite_campaign_filter_set,
    .queue_build = sqlite_queue_build,
    .queue_lanes = sqlite_queue_lanes,
    .claim = sqlite_claim,
    .candidate_load = sqlite_candidate_load,
    .due_next = sqlite_due_next,
    .commit = sqlite_commit,
    .run_get = sqlite_run_get,
    .run_counts = sqlite_run_counts,
    .skips_list = sqlite_skips_list,
    .attempts_list = sqlite_attempts_list,
    .consents_add = sqlite_consents_add,
    .consents_list = sqlite_consents_list,
    .person_erase = sqlite_person_erase,
    .secret_set = sqlite_secret_set,
    .secret_get = sqlite_secret_get,
    .token_put = sqlite_token_put,
    .token_get = sqlite_token_get,
    .token_remove = sqlite_token_remove,
    .key_get = sqlite_key_get,
};

enum status store_sqlite_open(const char *path, struct store_port *out, struct error *err)
{
    struct store_sqlite *store = memory_new(1, sizeof(*store));
    store->path = memory_text(path, strlen(path));
    store->lane = lane_create();
    store->is_synced = true;
    store->readers = per_thread_create(SQLITE_READER_MAX, reader_make, reader_close, store);
    enum status status = sql_connection_open(&store->writer, path,
                                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    if (!status)
        status = sql_connection_status(
            &store->writer,
            sqlite3_exec(store->writer.db, "PRAGMA cache_size=-64000", NULL, NULL, NULL), err);
    if (!status)
        status = schema_apply(&store->writer, path, err);
    if (!status)
        status = checkpointer_start(store, err);
    if (status) {
        sqlite_destroy(store);
        return status;
    }
    *out = (struct store_port){store, &sqlite_ops};
    return STATUS_OK;
}
