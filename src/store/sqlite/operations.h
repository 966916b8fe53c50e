/* operations.h -- the operations of the port, by the file that has them. */
#ifndef CADRAN_STORE_SQLITE_OPERATIONS_H
#define CADRAN_STORE_SQLITE_OPERATIONS_H

#include "port/store.h"

/* entities.c */
enum status sqlite_entity_create(void *self, enum entity_kind kind, const char *name,
                                 const char *document, const struct entity_ref *refs,
                                 size_t ref_count, struct wall now, int64_t *id,
                                 struct error *err);
enum status sqlite_entity_update(void *self, enum entity_kind kind, int64_t id, int32_t version,
                                 const char *name, const char *document,
                                 const struct entity_ref *refs, size_t ref_count,
                                 struct wall now, struct error *err);
enum status sqlite_entity_remove(void *self, enum entity_kind kind, int64_t id,
                                 struct entity_ref *users, size_t *user_count,
                                 struct error *err);
enum status sqlite_entity_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, struct entity *entity, struct error *err);
enum status sqlite_entity_find(void *self, enum entity_kind kind, const char *name,
                               struct arena *arena, struct entity *entity, struct error *err);
enum status sqlite_entity_list(void *self, const struct entity_query *query,
                               struct arena *arena, struct entity_page *page,
                               struct error *err);
enum status sqlite_entity_users(void *self, enum entity_kind kind, int64_t id,
                                struct arena *arena, struct entity_ref **users, size_t *count,
                                struct error *err);
enum status sqlite_secret_set(void *self, enum entity_kind kind, int64_t id, const char *secret,
                              struct error *err);
enum status sqlite_secret_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, const char **secret, struct error *err);

/* contacts.c */
enum status sqlite_contacts_write(void *self, enum store_priority priority, struct list_id list,
                                  enum contact_write_mode mode,
                                  const struct contact_write *contacts, size_t count,
                                  struct wall now, struct contact_id *ids, struct error *err);
enum status sqlite_contact_update(void *self, struct contact_id id, int32_t data_version,
                                  const struct contact_write *contact, struct wall now,
                                  struct error *err);
enum status sqlite_contacts_remove(void *self, struct entity_ref actor, struct wall now,
                                   const struct contact_id *ids, size_t count,
                                   struct error *err);
enum status sqlite_contacts_import(void *self, struct list_id list,
                                   enum contact_write_mode mode,
                                   const struct contact_write *contacts, size_t count,
                                   struct wall now, const struct job_mark *mark,
                                   struct error *err);
enum status sqlite_contacts_remove_batch(void *self, struct list_id list, int64_t batch,
                                         int64_t *removed, int64_t *kept, struct error *err);
enum status sqlite_contacts_zones(void *self, struct list_id list, int16_t column,
                                  struct arena *arena, struct zone_count **counts,
                                  size_t *count, struct error *err);
enum status sqlite_contacts_expired(void *self, struct wall now, struct contact_id *ids,
                                    size_t *count, struct error *err);
enum status sqlite_contacts_deleted(void *self, struct list_id list, int64_t offset,
                                    struct arena *arena, struct deleted_contact *deleted,
                                    size_t *count, struct error *err);
enum status sqlite_contacts_purge(void *self, struct list_id list, struct wall at,
                                  size_t *count, struct error *err);
enum status sqlite_contacts_forget(void *self, const struct contact_id *ids, size_t count,
                                   struct error *err);
enum status sqlite_contacts_clear(void *self, struct list_id list, struct error *err);
enum status sqlite_contact_get(void *self, struct contact_id id, struct arena *arena,
                               struct contact_record *record, struct error *err);
enum status sqlite_contact_find(void *self, struct list_id list, const char *external_id,
                                struct arena *arena, struct contact_record *record,
                                struct error *err);
enum status sqlite_contacts_list(void *self, const struct contact_query *query,
                                 struct arena *arena, struct contact_record **records,
                                 size_t *count, struct error *err);
enum status sqlite_contacts_count(void *self, struct list_id list, int64_t *count,
                                  struct error *err);
enum status sqlite_numbers_index(void *self, struct list_id list, struct error *err);
enum status sqlite_numbers_list(void *self, struct list_id list, int64_t after_number,
                                int64_t *numbers, size_t *count, struct error *err);

/* search.c */
enum status sqlite_contacts_search(void *self, const struct contact_search *search,
                                   struct arena *arena, struct contact_found *found,
                                   struct error *err);
enum status sqlite_contacts_tally(void *self, struct list_id list, const struct filter *filter,
                                  struct wall now, struct contact_tally *tally,
                                  struct error *err);
enum status sqlite_contacts_sample(void *self, struct list_id list, const struct filter *filter,
                                   struct wall now, uint64_t seed, int64_t rows,
                                   struct contact_tally *tally, struct error *err);
/* manage.c */
enum status sqlite_contacts_act(void *self, enum store_priority priority,
                                const struct contact_action *action,
                                const struct contact_id *ids, size_t count,
                                struct contact_action_result *result, struct error *err);
enum status sqlite_contact_states(void *self, struct list_id list,
                                  struct contact_state_counts *counts, struct error *err);
enum status sqlite_contact_events(void *self, struct contact_id id, struct arena *arena,
                                  struct contact_event **events, size_t *count,
                                  struct error *err);

/* numbers.c: zone sets and do-not-contact */
enum status sqlite_zone_set_intern(void *self, const struct zone_table *table,
                                   struct zone_set *set, struct error *err);
enum status sqlite_zone_sets_list(void *self, const struct zone_table *table,
                                  struct arena *arena, struct zone_set **sets, size_t *count,
                                  struct error *err);
enum status sqlite_dnc_add(void *self, enum store_priority priority, struct dnc_list_id list,
                           const int64_t *numbers, size_t count, struct wall expires_at,
                           struct error *err);
enum status sqlite_dnc_remove(void *self, struct dnc_list_id list, const int64_t *numbers,
                              size_t count, struct error *err);
enum status sqlite_dnc_clear(void *self, struct dnc_list_id list, bool expired_only,
                             struct wall now, struct error *err);
enum status sqlite_dnc_has(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err);
enum status sqlite_dnc_count(void *self, struct dnc_list_id list, int64_t *count,
                             struct error *err);
enum status sqlite_dnc_list(void *self, const struct dnc_query *query, struct arena *arena,
                            struct dnc_entry **entries, size_t *count, struct error *err);
enum status sqlite_dnc_values_add(void *self, enum store_priority priority,
                                  struct dnc_list_id list, const char *const *values,
                                  size_t count, struct wall expires_at, struct error *err);
enum status sqlite_dnc_values_remove(void *self, struct dnc_list_id list,
                                     const char *const *values, size_t count,
                                     struct error *err);

/* jobs.c */
enum status sqlite_job_create(void *self, const struct job_record *job, struct wall now,
                              int64_t *id, struct error *err);
enum status sqlite_job_save(void *self, const struct job_record *job, struct error *err);
enum status sqlite_job_get(void *self, int64_t id, struct arena *arena, struct job_record *job,
                           struct error *err);
enum status sqlite_jobs_list(void *self, const struct job_query *query, struct arena *arena,
                             struct job_record **jobs, size_t *count, struct error *err);
enum status sqlite_job_remove(void *self, int64_t id, struct error *err);

/* column_index.c */
enum status sqlite_column_index(void *self, struct list_id list, int16_t column,
                                bool is_numeric, struct column_index *progress,
                                struct error *err);
enum status sqlite_column_index_get(void *self, struct list_id list, int16_t column,
                                    bool is_numeric, struct column_index *progress,
                                    struct error *err);

/* filters.c */
enum status sqlite_campaign_filter_set(void *self, struct campaign_id campaign,
                                       const char *filter, bool *has_changed,
                                       struct error *err);
/* persons.c */
enum status sqlite_consents_add(void *self, const struct consent *consents, size_t count,
                                int64_t *ids, struct error *err);
enum status sqlite_consents_list(void *self, const struct consent_query *query,
                                 struct arena *arena, struct consent **consents, size_t *count,
                                 struct error *err);
enum status sqlite_person_erase(void *self, const struct person *person,
                                struct person_erased *erased, struct error *err);

/* queue.c */
enum status sqlite_pass_draw(void *self, int64_t *pass, struct error *err);
enum status sqlite_queue_build(void *self, const struct queue_order *order,
                               struct queue_build *build, struct error *err);
enum status sqlite_queue_lanes(void *self, struct campaign_id campaign,
                               struct queue_lane *lanes, size_t *count, struct error *err);
enum status sqlite_claim(void *self, const struct claim *claims, size_t count,
                         struct arena *arena, struct claimed *claimed, struct error *err);
enum status sqlite_candidate_load(void *self, const struct claim *claim,
                                  struct contact_id contact, struct candidate *candidate,
                                  struct error *err);
enum status sqlite_due_next(void *self, struct campaign_id campaign, struct wall now,
                            struct wall *at, struct error *err);

/* commit.c */
enum status sqlite_epoch_take(void *self, int32_t cell, struct wall now, int64_t *epoch,
                              struct error *err);
enum status sqlite_commit(void *self, const struct dialer_batch *batch, struct error *err);

/* history.c */
enum status sqlite_run_get(void *self, struct campaign_id campaign, struct campaign_run *run,
                           struct error *err);
enum status sqlite_run_counts(void *self, struct campaign_id campaign, int64_t pass,
                              struct run_counts *counts, struct error *err);
enum status sqlite_skips_list(void *self, struct campaign_id campaign, int64_t pass,
                              struct arena *arena, struct skip_count **skips, size_t *count,
                              struct error *err);
enum status sqlite_attempts_list(void *self, const struct attempt_query *query,
                                 struct arena *arena, struct attempt_record **records,
                                 size_t *count, struct error *err);
enum status sqlite_token_put(void *self, const struct token_record *token, struct error *err);
enum status sqlite_token_get(void *self, const uint8_t hash[32], struct wall now,
                             struct token_record *token, struct error *err);
enum status sqlite_token_remove(void *self, const uint8_t hash[32], struct error *err);
enum status sqlite_key_get(void *self, const char *name, uint8_t key[32], struct error *err);

#endif
