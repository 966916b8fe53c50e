/* rows.h -- what the memory store keeps. Private to memory/. */
#ifndef CADRAN_STORE_MEMORY_ROWS_H
#define CADRAN_STORE_MEMORY_ROWS_H

#include "base/table.h"
#include "store/campaign_filter.h"
#include "store/manage.h"
#include "store/queue.h"

/* A growing array of anything. */
#define MEMORY_ARRAY(type)                                                                     \
    struct {                                                                                   \
        type *items;                                                                           \
        size_t count, capacity;                                                                \
    }

/* Adds a zeroed item and gives its place. */
#define MEMORY_ADD(array)                                                                      \
    ((array)->items = memory_grow((array)->items, &(array)->capacity, (array)->count + 1,      \
                                  sizeof(*(array)->items)),                                    \
     memset(&(array)->items[(array)->count], 0, sizeof(*(array)->items)),                      \
     &(array)->items[(array)->count++])

#define MEMORY_REMOVE(array, i)                                                                \
    (memmove(&(array)->items[i], &(array)->items[(i) + 1],                                     \
             ((array)->count - (i)-1) * sizeof(*(array)->items)),                              \
     (array)->count--)

/* Opens a zeroed place at `i`. */
#define MEMORY_INSERT(array, i)                                                                \
    ((array)->items = memory_grow((array)->items, &(array)->capacity, (array)->count + 1,      \
                                  sizeof(*(array)->items)),                                    \
     memmove(&(array)->items[(i) + 1], &(array)->items[i],                                     \
             ((array)->count - (i)) * sizeof(*(array)->items)),                                \
     memset(&(array)->items[i], 0, sizeof(*(array)->items)), (array)->count++,                 \
     &(array)->items[i])

struct memory_entity {
    enum entity_kind kind;
    int64_t id;
    int32_t version;
    char *name, *folded, *document;
    char *secret;
    struct wall created_at, modified_at;
    struct entity_ref *refs;
    size_t ref_count;
};

struct memory_contact {
    struct contact hot;
    char *external_id, *data, *extra;
    int32_t data_version;
    int64_t batch;
    struct wall created_at, updated_at, expires_at;
    struct memory_contact *next; /* of the same hash of the external id */
};

struct memory_list {
    MEMORY_ARRAY(struct memory_contact *) contacts; /* by sequence - 1; NULL where removed */
    size_t present;
    int64_t states[CONTACT_STATE_COUNT]; /* all but WAITING */
    struct table by_external_id;         /* hash -> chain of contacts */
};

struct memory_attempt {
    struct attempt_record record;
    enum dialing_mode mode;
    int64_t caller_number, epoch;
    bool is_ended, is_wrapped_up;
    enum contact_state end_state, wrapup_state; /* of the contact, after each */
    struct wall end_at, wrapup_at;              /* when they were written */
    char *note;
    struct memory_attempt *previous_of_contact, *previous_of_number;
};

struct memory_lane {
    struct queue_lane lane;
    MEMORY_ARRAY(struct queue_position) rows;
    struct queue_position cursor; /* contact 0: none */
};

struct memory_queue {
    struct queue_order order;
    struct queue_build build;
    MEMORY_ARRAY(struct contact_id) sorted; /* by rank, while it is built */
    size_t sorted_at;
    int64_t stamp; /* of the filter that it is built with */
    MEMORY_ARRAY(struct memory_lane) lanes;
};

struct memory_count {
    struct campaign_id campaign;
    int64_t pass;
    char name[COUNT_NAME_SIZE];
    int64_t count;
};

struct memory_event {
    struct contact_id contact;
    struct contact_event event; /* its texts are its own */
};

struct memory_zone_set {
    char *names; /* joined by newlines */
};

struct memory_key {
    char *name;
    uint8_t key[32];
};

struct memory_epoch {
    int32_t cell;
    int64_t epoch;
};

struct memory_campaign_filter {
    struct campaign_id campaign;
    int64_t stamp;
    char *text;
};

struct memory_dnc {
    int64_t number;
    struct wall expires_at;
};

/* Do-not-contact values of one list, in order. */
struct memory_dnc_value {
    char *value;
    struct wall expires_at;
};
struct memory_dnc_values {
    MEMORY_ARRAY(struct memory_dnc_value) entries;
};

struct memory_job {
    struct job_record record; /* its texts are not used: */
    char *task, *place, *failure;
};

struct store_memory {
    MEMORY_ARRAY(struct memory_entity) entities; /* by id */
    int64_t entity_last;
    struct table lists;      /* id -> struct memory_list */
    struct table dncs;       /* id -> struct table of number -> struct memory_dnc */
    struct table dnc_values; /* id -> struct memory_dnc_values */
    MEMORY_ARRAY(struct memory_job) jobs; /* by id */
    int64_t job_last;
    MEMORY_ARRAY(struct memory_zone_set) zone_sets; /* id - 1 */
    struct table queues;                            /* campaign -> struct memory_queue */
    MEMORY_ARRAY(struct due_row) due;               /* in key order */
    MEMORY_ARRAY(struct memory_attempt *) attempts;
    struct table by_call, by_contact, by_number; /* -> struct memory_attempt, the newest */
    MEMORY_ARRAY(struct running_row) running;
    MEMORY_ARRAY(struct memory_count) counts;
    MEMORY_ARRAY(struct memory_event) events;
    MEMORY_ARRAY(struct consent) consents; /* their texts are their own */
    MEMORY_ARRAY(struct campaign_run) runs;
    MEMORY_ARRAY(struct memory_epoch) epochs;
    int64_t epoch_last, pass_last;
    MEMORY_ARRAY(struct token_record) tokens;
    MEMORY_ARRAY(struct memory_key) keys;
    MEMORY_ARRAY(struct memory_campaign_filter) filters;
    int64_t filter_last;
    int32_t failing_commits;
    enum status failing_status;
};

struct memory_entity *memory_entity_find(struct store_memory *store, enum entity_kind kind,
                                         int64_t id);
/* NULL where the contact does not exist. */
struct memory_contact *memory_contact_find(struct store_memory *store, struct contact_id id);
/* A contact as it is read, in the arena. */
void memory_record_give(struct store_memory *store, const struct memory_contact *contact,
                        struct arena *arena, struct contact_record *record);
struct memory_list *memory_list_find(struct store_memory *store, struct list_id list,
                                     bool creates);
/* Removes a contact and says nothing of it in the history; false where there is none. */
bool memory_contact_forget(struct store_memory *store, struct contact_id id);
/* What its history says it was goes; returns how many events it has. */
int64_t memory_events_forget(struct store_memory *store, struct contact_id contact);
void memory_consents_free(struct store_memory *store);
void memory_list_free(struct memory_list *list);
void memory_queue_free(struct memory_queue *queue);
void memory_dnc_free(struct table *numbers);
void memory_dnc_values_free(struct memory_dnc_values *values);
enum status memory_dnc_has_contact(void *self, struct dnc_list_id list,
                                   struct contact_id contact, int16_t column, struct wall now,
                                   bool *has, struct error *err);
struct memory_job *memory_job_find(struct store_memory *store, int64_t id);
void memory_job_free(struct memory_job *job);
enum status memory_job_mark(struct store_memory *store, const struct job_mark *mark,
                            struct error *err);
/* A contact was edited: it takes its place in the queues of its list. */
void memory_queue_edited(struct store_memory *store, const struct contact *contact,
                         struct wall now);
/* The campaign's filter; every contact where it has none. The caller ends it. */
void memory_filter_load(const struct store_memory *store, struct campaign_id campaign,
                        struct campaign_filter *filter);
bool memory_filter_passes(struct store_memory *store, const struct campaign_filter *filter,
                          struct contact_id contact, struct wall now);
/* `filter` may be NULL. */
bool memory_contact_passes(const struct store_memory *store,
                           const struct memory_contact *contact, const struct filter *filter,
                           struct wall now);
void memory_filter_drop(struct store_memory *store, struct campaign_id campaign);
enum status memory_filter_stamp(void *self, struct campaign_id campaign, int64_t *stamp,
                                struct error *err);
/* Removes the due rows of a contact. */
void memory_due_forget(struct store_memory *store, struct contact_id contact);
/* Removes the queue and the due rows of a campaign. */
void memory_queue_drop(struct store_memory *store, struct campaign_id campaign);
bool memory_was_dialed(struct store_memory *store, struct contact_id contact, int64_t pass);
struct memory_lane *memory_lane_find(struct memory_queue *queue, struct zone_set_id zone_set,
                                     bool creates);
/* The rows of the store, for store/dialer.h and store/manage.h. */
struct dialer_rows memory_rows(struct store_memory *store);
struct manage_rows memory_manage_rows(struct store_memory *store);
bool memory_is_used(struct store_memory *store, const struct contact *contact, int64_t pass);
/* `before`: what the contact's data were, for CHANGED and DELETED. */
void memory_event_put(struct store_memory *store, const struct memory_contact *contact,
                      enum contact_event_kind kind, struct entity_ref actor, struct wall now);
/* The operations of the port, by file. */
#define STORE_MEMORY(self) ((struct store_memory *)(self))

/* entities.c */
enum status memory_entity_create(void *self, enum entity_kind kind, const char *name,
                                 const char *document, const struct entity_ref *refs,
                                 size_t ref_count, struct wall now, int64_t *id,
                                 struct error *err);
enum status memory_entity_update(void *self, enum entity_kind kind, int64_t id, int32_t version,
                                 const char *name, const char *document,
                                 const struct entity_ref *refs, size_t ref_count,
                                 struct wall now, struct error *err);
enum status memory_entity_remove(void *self, enum entity_kind kind, int64_t id,
                                 struct entity_ref *users, size_t *user_count,
                                 struct error *err);
enum status memory_entity_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, struct entity *entity, struct error *err);
enum status memory_entity_by_name(void *self, enum entity_kind kind, const char *name,
                                  struct arena *arena, struct entity *entity,
                                  struct error *err);
enum status memory_entity_list(void *self, const struct entity_query *query,
                               struct arena *arena, struct entity_page *page,
                               struct error *err);
enum status memory_entity_users(void *self, enum entity_kind kind, int64_t id,
                                struct arena *arena, struct entity_ref **users, size_t *count,
                                struct error *err);
enum status memory_secret_set(void *self, enum entity_kind kind, int64_t id, const char *secret,
                              struct error *err);
enum status memory_secret_get(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, const char **secret, struct error *err);

/* contacts.c */
enum status memory_contacts_write(void *self, enum store_priority priority, struct list_id list,
                                  enum contact_write_mode mode,
                                  const struct contact_write *contacts, size_t count,
                                  struct wall now, struct contact_id *ids, struct error *err);
enum status memory_contact_update(void *self, struct contact_id id, int32_t data_version,
                                  const struct contact_write *contact, struct wall now,
                                  struct error *err);
enum status memory_contacts_remove(void *self, struct entity_ref actor, struct wall now,
                                   const struct contact_id *ids, size_t count,
                                   struct error *err);
enum status memory_contacts_import(void *self, struct list_id list,
                                   enum contact_write_mode mode,
                                   const struct contact_write *contacts, size_t count,
                                   struct wall now, const struct job_mark *mark,
                                   struct error *err);
enum status memory_contacts_remove_batch(void *self, struct list_id list, int64_t batch,
                                         int64_t *removed, int64_t *kept, struct error *err);
enum status memory_contacts_zones(void *self, struct list_id list, int16_t column,
                                  struct arena *arena, struct zone_count **counts,
                                  size_t *count, struct error *err);
enum status memory_contacts_expired(void *self, struct wall now, struct contact_id *ids,
                                    size_t *count, struct error *err);
enum status memory_contacts_deleted(void *self, struct list_id list, int64_t offset,
                                    struct arena *arena, struct deleted_contact *deleted,
                                    size_t *count, struct error *err);
enum status memory_contacts_purge(void *self, struct list_id list, struct wall at,
                                  size_t *count, struct error *err);
enum status memory_contacts_forget(void *self, const struct contact_id *ids, size_t count,
                                   struct error *err);
enum status memory_contacts_clear(void *self, struct list_id list, struct error *err);
enum status memory_contact_get(void *self, struct contact_id id, struct arena *arena,
                               struct contact_record *record, struct error *err);
enum status memory_contact_by_external(void *self, struct list_id list, const char *external_id,
                                       struct arena *arena, struct contact_record *record,
                                       struct error *err);
enum status memory_contacts_list(void *self, const struct contact_query *query,
                                 struct arena *arena, struct contact_record **records,
                                 size_t *count, struct error *err);
enum status memory_contacts_count(void *self, struct list_id list, int64_t *count,
                                  struct error *err);
enum status memory_numbers_index(void *self, struct list_id list, struct error *err);
enum status memory_numbers_list(void *self, struct list_id list, int64_t after_number,
                                int64_t *numbers, size_t *count, struct error *err);

/* search.c */
enum status memory_contacts_search(void *self, const struct contact_search *search,
                                   struct arena *arena, struct contact_found *found,
                                   struct error *err);
enum status memory_contacts_tally(void *self, struct list_id list, const struct filter *filter,
                                  struct wall now, struct contact_tally *tally,
                                  struct error *err);
enum status memory_contacts_sample(void *self, struct list_id list, const struct filter *filter,
                                   struct wall now, uint64_t seed, int64_t rows,
                                   struct contact_tally *tally, struct error *err);
/* manage.c */
enum status memory_contacts_act(void *self, enum store_priority priority,
                                const struct contact_action *action,
                                const struct contact_id *ids, size_t count,
                                struct contact_action_result *result, struct error *err);
enum status memory_contact_states(void *self, struct list_id list,
                                  struct contact_state_counts *counts, struct error *err);
enum status memory_contact_events(void *self, struct contact_id id, struct arena *arena,
                                  struct contact_event **events, size_t *count,
                                  struct error *err);

/* numbers.c: zone sets and do-not-contact */
enum status memory_zone_set_intern(void *self, const struct zone_table *table,
                                   struct zone_set *set, struct error *err);
enum status memory_zone_sets_list(void *self, const struct zone_table *table,
                                  struct arena *arena, struct zone_set **sets, size_t *count,
                                  struct error *err);
enum status memory_dnc_add(void *self, enum store_priority priority, struct dnc_list_id list,
                           const int64_t *numbers, size_t count, struct wall expires_at,
                           struct error *err);
enum status memory_dnc_remove(void *self, struct dnc_list_id list, const int64_t *numbers,
                              size_t count, struct error *err);
enum status memory_dnc_clear(void *self, struct dnc_list_id list, bool expired_only,
                             struct wall now, struct error *err);
enum status memory_dnc_has(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err);
enum status memory_dnc_count(void *self, struct dnc_list_id list, int64_t *count,
                             struct error *err);
enum status memory_dnc_list(void *self, const struct dnc_query *query, struct arena *arena,
                            struct dnc_entry **entries, size_t *count, struct error *err);
enum status memory_dnc_values_add(void *self, enum store_priority priority,
                                  struct dnc_list_id list, const char *const *values,
                                  size_t count, struct wall expires_at, struct error *err);
enum status memory_dnc_values_remove(void *self, struct dnc_list_id list,
                                     const char *const *values, size_t count,
                                     struct error *err);

/* jobs.c */
enum status memory_job_create(void *self, const struct job_record *job, struct wall now,
                              int64_t *id, struct error *err);
enum status memory_job_save(void *self, const struct job_record *job, struct error *err);
enum status memory_job_get(void *self, int64_t id, struct arena *arena, struct job_record *job,
                           struct error *err);
enum status memory_jobs_list(void *self, const struct job_query *query, struct arena *arena,
                             struct job_record **jobs, size_t *count, struct error *err);
enum status memory_job_remove(void *self, int64_t id, struct error *err);

enum status memory_column_index(void *self, struct list_id list, int16_t column,
                                bool is_numeric, struct column_index *progress,
                                struct error *err);
enum status memory_column_index_get(void *self, struct list_id list, int16_t column,
                                    bool is_numeric, struct column_index *progress,
                                    struct error *err);

/* filters.c */
enum status memory_campaign_filter_set(void *self, struct campaign_id campaign,
                                       const char *filter, bool *has_changed,
                                       struct error *err);
/* persons.c */
enum status memory_consents_add(void *self, const struct consent *consents, size_t count,
                                int64_t *ids, struct error *err);
enum status memory_consents_list(void *self, const struct consent_query *query,
                                 struct arena *arena, struct consent **consents, size_t *count,
                                 struct error *err);
enum status memory_person_erase(void *self, const struct person *person,
                                struct person_erased *erased, struct error *err);

/* queue.c */
enum status memory_pass_draw(void *self, int64_t *pass, struct error *err);
enum status memory_queue_build(void *self, const struct queue_order *order,
                               struct queue_build *build, struct error *err);
enum status memory_queue_lanes(void *self, struct campaign_id campaign,
                               struct queue_lane *lanes, size_t *count, struct error *err);
enum status memory_claim(void *self, const struct claim *claims, size_t count,
                         struct arena *arena, struct claimed *claimed, struct error *err);
enum status memory_candidate_load(void *self, const struct claim *claim,
                                  struct contact_id contact, struct candidate *candidate,
                                  struct error *err);
enum status memory_due_next(void *self, struct campaign_id campaign, struct wall now,
                            struct wall *at, struct error *err);

/* commit.c */
enum status memory_epoch_take(void *self, int32_t cell, struct wall now, int64_t *epoch,
                              struct error *err);
enum status memory_commit(void *self, const struct dialer_batch *batch, struct error *err);

/* history.c */
enum status memory_run_get(void *self, struct campaign_id campaign, struct campaign_run *run,
                           struct error *err);
enum status memory_run_counts(void *self, struct campaign_id campaign, int64_t pass,
                              struct run_counts *counts, struct error *err);
enum status memory_skips_list(void *self, struct campaign_id campaign, int64_t pass,
                              struct arena *arena, struct skip_count **skips, size_t *count,
                              struct error *err);
enum status memory_attempts_list(void *self, const struct attempt_query *query,
                                 struct arena *arena, struct attempt_record **records,
                                 size_t *count, struct error *err);
enum status memory_token_put(void *self, const struct token_record *token, struct error *err);
enum status memory_token_get(void *self, const uint8_t hash[32], struct wall now,
                             struct token_record *token, struct error *err);
enum status memory_token_remove(void *self, const uint8_t hash[32], struct error *err);
enum status memory_key_get(void *self, const char *name, uint8_t key[32], struct error *err);

#endif
