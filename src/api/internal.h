/* internal.h -- what the handlers share. Not for other folders. */
#ifndef CADRAN_API_INTERNAL_H
#define CADRAN_API_INTERNAL_H

#include <jansson.h>

#include "api/api.h"
#include "base/lane.h"
#include "filter/text.h"
#include "http/hub.h"
#include "http/json.h"
#include "job/jobs.h"
#include "resource/contact.h"
#include "resource/resource.h"
#include "resource/value.h"

/* Bits of http_route.access: who may. */
enum api_access {
    ACCESS_ADMINISTRATOR = 1,
    ACCESS_SUPERVISOR = 2,
    ACCESS_AGENT = 4,
    ACCESS_ALL = 7,
    ACCESS_FLOOR = ACCESS_ADMINISTRATOR | ACCESS_SUPERVISOR,
    ACCESS_UPLOAD = 8, /* whoever has the upload key in the path */
};

#define RATE_SLOTS 4096
struct rate_slot {
    uint64_t key;
    int64_t minute;
    int32_t count;
};

struct api {
    struct api_options options;
    struct store_port store;
    struct runtime *runtime;
    struct http_server *server;
    struct hub *hub;
    struct pushes *pushes;
    struct telephony_port telephony;
    struct jobs *jobs;      /* NULL: long work is refused */
    int32_t zone_sets_told; /* the engine knows those up to this id; under config_lane */
    struct guid_key guid;
    struct resource_world world;
    struct filter_references references;
    struct entity home; /* the division Home: id and name */
    uint8_t upload_key[32];
    /* Configuration is read and pushed under this, so that the engine gets versions in order.
     */
    struct lane *config_lane;
    struct lane *rate_lane;
    struct rate_slot rates[RATE_SLOTS];
    char unknown_hash[128]; /* of no password: as slow to check as a real one */
};

/* One request's work: everything a handler needs. */
struct call {
    struct api *api;
    struct http_request *request;
    struct http_response *response;
    struct arena *arena; /* the request's */
    struct error err;
};

#define STORE(api_, op, ...) ((api_)->store.ops->op((api_)->store.self, __VA_ARGS__))

/* Begins a handler. */
struct call call_begin(void *context, struct http_request *request,
                       struct http_response *response);
struct wall api_now(const struct api *api);
/* Answers with call->err. Returns false, so that a check and its answer are one line. */
bool call_fail(struct call *call);
/* 404 with the resource's word. Returns false. */
bool call_unknown(struct call *call, enum entity_kind kind);
/* The id of a path parameter. False: answered 404. */
bool call_id(struct call *call, const char *param, enum entity_kind kind, int64_t *id);
/* Loads the entity of a path parameter. False: answered. */
bool call_entity(struct call *call, const char *param, enum entity_kind kind,
                 struct entity *entity);
/* The JSON body, which must be an object. False: answered. */
bool call_object(struct call *call, json_t **body);
bool call_array(struct call *call, size_t count_max, json_t **body);
struct resource_writer call_writer(struct call *call);
/* Adds {id, name, selfUri} of what is referred to; no kind or no id: nothing. */
void call_ref_add(struct call *call, json_t *out, const char *name, enum entity_kind kind,
                  int64_t id);
/* Who asks: the user or the client of the token. */
struct entity_ref call_actor(const struct call *call);
const char *call_guid(struct call *call, int32_t kind, int64_t id);

/* --- Listings (listing.c) -------------------------------------------------------------------
 */

struct page {
    int32_t size, number;
    int64_t offset;
};
struct page page_read(const struct http_request *request);
/* {entities, pageSize, ...}; takes `entities`. */
json_t *page_write(struct call *call, struct page page, int64_t total, json_t *entities);

/* --- Entities (entities.c) ------------------------------------------------------------------
 */

/* What is stored as it is written, with what the running system adds. */
json_t *entity_write(struct call *call, const struct entity *entity);
/* Stores a changed document. `version` 0: whatever is there now. False: answered. */
bool entity_store(struct call *call, const struct entity *before, int32_t version,
                  const json_t *document);
bool entity_insert(struct call *call, const struct resource *resource, const json_t *document,
                   int64_t *id);
/* The 409 that names who uses a thing. */
void respond_in_use(struct call *call, enum entity_kind kind, const struct entity_ref *users,
                    size_t count);
void entities_list(void *context, struct http_request *request, struct http_response *response);
void entities_create(void *context, struct http_request *request,
                     struct http_response *response);
void entities_get(void *context, struct http_request *request, struct http_response *response);
void entities_put(void *context, struct http_request *request, struct http_response *response);
void entities_delete(void *context, struct http_request *request,
                     struct http_response *response);
void entities_delete_several(void *context, struct http_request *request,
                             struct http_response *response);
void division_views_list(void *context, struct http_request *request,
                         struct http_response *response);
void division_view_get(void *context, struct http_request *request,
                       struct http_response *response);
void extension_get(void *context, struct http_request *request, struct http_response *response);
void extension_put(void *context, struct http_request *request, struct http_response *response);

/* --- Configuration (configuration.c) --------------------------------------------------------
 */

/* Tells engine and telephony how this entity stands now: present or gone. */
enum status configuration_push(struct api *api, enum entity_kind kind, int64_t id,
                               struct error *err);
/* A stored campaign as the engine's value; slots live in `arena`. `document` NULL: the stored
 * one. */
enum status campaign_load(struct api *api, int64_t id, const json_t *document,
                          struct arena *arena, struct campaign *campaign, struct error *err);

/* The engine hears of a set of zones, unless it has. */
enum status zone_set_tell(struct api *api, struct zone_set_id id, struct error *err);

/* --- Identity (identity.c) ------------------------------------------------------------------
 */

#define SECRET_HASH_SIZE 128
enum status secret_store(struct api *api, enum entity_kind kind, int64_t id, const char *secret,
                         struct error *err);
/* A random text of 256 bits. */
#define SECRET_TEXT_SIZE 44
void secret_draw(char text[SECRET_TEXT_SIZE]);
/* The bits of a stored document's roles. */
uint32_t roles_access(enum entity_kind kind, const json_t *document);
/* False: too many this minute. */
bool rate_take(struct api *api, uint64_t key, int32_t limit);
/* What an upload's address allows: kind, of, id, task. NULL: unknown, or expired. The caller's.
 */
json_t *upload_key_check(struct api *api, const char *text);

/* --- Campaigns (campaigns.c) ----------------------------------------------------------------
 */

bool campaign_view_get(struct api *api, int64_t id, struct campaign_view *view);
const char *campaign_status_word(struct api *api, int64_t id);
/* Contacts were added: campaigns that run over the list look for them. */
void campaigns_extend(struct api *api, int64_t list);
/* Starts ("on") or stops ("off"). False: answered. */
bool campaign_ask(struct call *call, int64_t id, enum event_kind kind);

/* A campaign as it runs, for /live and its topic. */
json_t *live_write(const struct guid_key *key, const struct campaign_view *view);
/* `filtered_out` NULL: it is not said. */
json_t *stats_write(const struct campaign_view *view, const int64_t *filtered_out);
/* Contacts of its list that the campaign's filter does not mean; exact up to 40,000. */
enum status campaign_filtered_out(struct call *call, const json_t *campaign, int64_t *count);
/* Adds a date where there is one. */
void date_add(json_t *out, const char *name, struct wall at);
json_t *agent_write(const struct guid_key *key, const struct agent_view *view);
json_t *call_write(const struct guid_key *key, const struct call_view *view);

/* {campaign, numberOfContactsCalled, ...}, from the store. */
json_t *progress_write(struct call *call, const struct entity *entity);

/* --- Pushes (pushes.c) ----------------------------------------------------------------------
 */

struct pushes *pushes_create(struct api *api, struct hub *hub);
/* Nothing is published any more; whoever still tries is not disturbed. NULL is accepted. */
void pushes_end(struct pushes *pushes);
void pushes_destroy(struct pushes *pushes);
/* Its figures, status or settings are not what they were: any thread. */
void pushes_campaign_changed(struct api *api, int64_t id);
/* Follows the import of a list to its end. */
void pushes_import_began(struct api *api, int64_t list);

/* The id that clients knew it by; `before` is what it was, as JSON. */
const char *deleted_contact_id(struct call *call, const struct deleted_contact *deleted,
                               const json_t *before);

/* --- Wrap-up code mapping (wrapup_mapping.c) ------------------------------------------------
 */

/* The stored document, the caller's; NULL where there is none yet. */
enum status wrapup_mapping_load(struct api *api, struct arena *arena, json_t **mapping,
                                struct error *err);

/* --- Contacts (contacts.c) ------------------------------------------------------------------
 */

bool contact_load(struct call *call, int64_t list, const char *id,
                  struct contact_record *record);
/* Reads a contact, or a change of one, of the path's list, which is `id`; the failure is in
 * call->err. */
bool list_contact_read(struct call *call, int64_t id, const json_t *body,
                       const struct contact_record *before, struct contact_write *write);
/* The newest job of that kind as an ImportStatus. */
json_t *import_status_write(struct api *api, enum job_kind kind, enum entity_kind subject,
                            int64_t id);
/* A job as an ImportStatus. */
json_t *import_write(const struct guid_key *key, const struct job_record *job);
/* The list of the path, and the world in which its contacts are read and written. */
struct list {
    struct call *call;
    struct entity entity;
    json_t *document; /* let go of by list_fini */
    struct list_columns columns;
    struct contact_world world;
    struct zone_set *sets; /* read when the first zone is written out */
    size_t set_count;
};
/* Fills in the rest from list->entity. It ends with list_fini. */
void list_open(struct call *call, struct list *list);
/* The list of the path. False: answered. */
bool list_load(struct call *call, struct list *list);
void list_fini(struct list *list);
json_t *contact_write_out(struct list *list, const struct contact_record *record);
struct filter;
/* Which contacts a body means by contactListFilterId, criteria or expression; every contact
 * without one. The failure is in call->err. (search.c) */
enum status search_filter_read(struct call *call, int64_t list,
                               const struct list_columns *columns, const json_t *body,
                               struct filter *filter) MUST_USE;
/* Adds to a job's task the contacts that a body means by one of those, as a text by position.
 * False: answered. (bulk.c) */
bool task_filter_add(struct call *call, struct list *list, const json_t *body, json_t *task);
/* The same by contactIds too: exactly one of them. False: answered. (bulk.c) */
bool task_selection_add(struct call *call, struct list *list, const json_t *body, json_t *task);
/* A job as /api/cadran/v1/jobs shows it. */
json_t *job_write(struct call *call, const struct job_record *job);

/* --- Jobs (jobs.c) --------------------------------------------------------------------------
 */

/* Adds a job that this caller owns. False: answered. */
bool call_job_add(struct call *call, struct job_order *order, int64_t *id);
/* The same, and answers with the job (202). */
void call_job_respond(struct call *call, struct job_order *order);
/* The file of a job as the answer, saved as `saved_as`. */
void respond_job_file(struct call *call, int64_t job, enum job_file file, const char *saved_as);
/* scheme://host of the request, without a slash at the end. */
const char *call_base(struct call *call);

/* --- Filters (search.c, filters.c) ----------------------------------------------------------
 */

struct match_count {
    int64_t total, matched;
    bool is_estimate;
    int64_t margin; /* 95 % */
};
/* Exact, or an estimate with its margin where that would take too long. */
/* At once, whatever the size: exact up to 40,000 contacts. */
enum status matches_estimate(struct call *call, struct list_id list,
                             const struct filter *filter, struct wall now,
                             struct match_count *count);
enum status matches_count(struct call *call, struct list_id list, const struct filter *filter,
                          struct wall now, struct match_count *count);
/* "cadran" beside an estimated count. */
void match_count_write(const struct match_count *count, json_t *out);
/* The page that `search` asks for, in whole. Changes `search`. */
enum status matches_page(struct call *call, struct contact_search *search,
                         struct contact_record **records, size_t *count);
/* False: answered that there are as many as there may be. */
bool filters_have_room(struct call *call);
/* What only its source can tell of a contact list filter: that its columns are there. Its
 * expression becomes the one to keep. False: answered. */
bool filter_whole_check(struct call *call, json_t *document);
/* STATUS_INVALID at `path` where a filter is not one of this contact list. */
enum status filter_list_check(const json_t *document, int64_t list, const char *path,
                              struct error *err) MUST_USE;
/* Whether a contact list template, as it will be, still has what its filters test; `id` 0: a
 * new one. False: answered. */
bool list_template_filters_check(struct call *call, int64_t id, const json_t *document);
/* What only the whole can tell of an import template: its column and filters. Puts what it
 * splits by under SPLIT_FILTERS. False: answered. (import_templates.c) */
bool import_template_whole_check(struct call *call, json_t *document);

/* --- Users and codes that filters name (references.c) ----------------------------------------
 */

/* Before the first filter is read. */
void references_init(struct api *api);
/* What the texts of filters of a list may name. Lives as long as the columns. */
struct filter_columns filter_columns_of(const struct api *api,
                                        const struct list_columns *columns);
/* The member "expression" as it is kept, by ids, and as it is shown, by names. */
enum status expression_keep(struct call *call, const struct list_columns *columns,
                            json_t *object) MUST_USE;
void expression_show(struct call *call, int64_t list, json_t *object);

/* --- Contact management, history, persons ----------------------------------------------------
 */

/* "+33..." or null where it was erased. */
json_t *number_write(struct call *call, int64_t number);
/* An array by column position as {"column": value}. */
json_t *values_by_column(const struct list_columns *columns, const json_t *values);
/* What happened to a contact. False: answered. The array is the caller's. */
bool contact_events_write(struct call *call, const struct list_columns *columns,
                          struct contact_id id, json_t **out);
/* Answers with the contact of the path's list as contact management shows it. */
void managed_respond(struct call *call, const struct contact_record *record);
/* Adds how many of a list's contacts are in which state. */
void list_figures_add(struct call *call, int64_t list, json_t *out);
json_t *consent_write(struct call *call, const struct consent *consent);

/* --- Handlers, by file ----------------------------------------------------------------------
 */

#define HANDLER(name)                                                                          \
    void name(void *context, struct http_request *request, struct http_response *response)
HANDLER(token_create);
HANDLER(token_delete);
HANDLER(login);
HANDLER(logout);
HANDLER(users_me);
HANDLER(user_password);
HANDLER(health);
HANDLER(metrics);
HANDLER(contacts_add);
HANDLER(contacts_delete);
HANDLER(contacts_bulk);
HANDLER(contacts_search);
HANDLER(contacts_clear);
HANDLER(filters_list);
HANDLER(filters_retrieve);
HANDLER(filter_preview);
HANDLER(filter_copy);
HANDLER(views_list);
HANDLER(view_create);
HANDLER(view_get);
HANDLER(view_put);
HANDLER(view_delete);
HANDLER(expression_parse);
HANDLER(expression_print);
HANDLER(expression_complete);
HANDLER(contact_get);
HANDLER(contact_put);
HANDLER(contact_delete);
HANDLER(managed_contacts_list);
HANDLER(managed_contact_get);
HANDLER(managed_contact_create);
HANDLER(managed_contact_patch);
HANDLER(managed_contacts_act);
HANDLER(contact_history);
HANDLER(consents_add);
HANDLER(consents_list);
HANDLER(consent_state_get);
HANDLER(person_get);
HANDLER(person_erase);
HANDLER(import_status);
HANDLER(import_refused);
HANDLER(import_ids);
HANDLER(wrapup_mapping_get);
HANDLER(campaigns_all);
HANDLER(campaigns_performance);
HANDLER(campaign_diagnostics);
HANDLER(campaign_interactions);
HANDLER(wrapup_mapping_put);
HANDLER(template_import_status);
HANDLER(contacts_bulk_update);
HANDLER(contacts_bulk_remove);
HANDLER(bulk_jobs_list);
HANDLER(bulk_job_get);
HANDLER(zone_mapping_preview);
HANDLER(contacts_export_start);
HANDLER(contacts_count_start);
HANDLER(contacts_export_get);
HANDLER(dnc_export_start);
HANDLER(dnc_export_get);
HANDLER(download_get);
HANDLER(jobs_list);
HANDLER(job_get);
HANDLER(job_cancel);
HANDLER(job_undo);
HANDLER(upload_url_create);
HANDLER(upload_put);
HANDLER(upload_multipart);
HANDLER(dnc_numbers_add);
HANDLER(dnc_numbers_patch);
HANDLER(dnc_numbers_delete);
HANDLER(dnc_whatsapp_patch);
HANDLER(dnc_emails_add);
HANDLER(dnc_emails_patch);
HANDLER(dnc_emails_delete);
HANDLER(dnc_values_patch);
HANDLER(dnc_values_delete);
HANDLER(dnc_import_status);
HANDLER(dnc_upload_url_create);
HANDLER(queue_members_list);
HANDLER(queue_members_add);
HANDLER(queue_member_delete);
HANDLER(queue_codes_list);
HANDLER(queue_codes_add);
HANDLER(queue_code_delete);
HANDLER(campaign_patch);
HANDLER(campaign_start);
HANDLER(campaign_stop);
HANDLER(campaign_progress);
HANDLER(campaign_recycle);
HANDLER(campaigns_progress);
HANDLER(campaign_stats);
HANDLER(campaign_live);
HANDLER(campaign_attempts);
HANDLER(contact_explanation);
HANDLER(agents_list);
HANDLER(agent_get);
HANDLER(agent_act);
HANDLER(calls_list);
HANDLER(call_hang_up);
HANDLER(call_wrap_up);
HANDLER(channels_list);
HANDLER(channels_create);
HANDLER(subscriptions_list);
HANDLER(subscriptions_add);
HANDLER(subscriptions_put);
HANDLER(subscriptions_delete);

#endif
