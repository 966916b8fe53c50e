/* store.h -- the port to everything that outlives the process.
 *
 * Synchronous: a call returns when the work is done, and a write returns when it is durable.
 * Any thread may call; a back end keeps one read connection per calling thread, and passes
 * every write through one lane with priorities (dialer, then API, then bulk). The engine never
 * waits here: the runtime calls from threads of its own. Nothing in this header assumes SQL.
 *
 * Two kinds of rows never fight over a version: those that people own (entities, contacts'
 * data) and those that the engine owns (runs, attempts, contacts' hot state). Every write of
 * the engine carries (cell, epoch); an older epoch than the cell's newest gets STATUS_STALE and
 * changes nothing.
 *
 * Invariants, proven for every back end by tests/contract/store:
 *   S1  an attempt that was answered COMMITTED survives any crash after the answer;
 *   S2  a batch is all or nothing, but for rows answered STALE, which change nothing but their
 *       own return to the top of the queue;
 *   S3  within one pass a contact's address is dialed again only as a due row says so;
 *   S4  an old epoch writes nothing.
 *
 * What follows from them, and was left to the store to decide:
 *   - A due row that only puts off a contact's first dial of the pass (DEFER from the queue or
 *     from such a row, a stale intent from there, a contact added behind the cursor) is void as
 *     soon as the contact was dialed or skipped in the pass. Rows made by END and WRAPUP are
 * not.
 *   - Counters of an address (attempts, recalls) and its state belong to a pass: a contact that
 *     is read for another pass has them cleared. Uncallable marks stay for ever. Two campaigns
 *     that run over one list at the same time share them: the later pass clears.
 *   - DONE and FAILED belong to a pass too: building the queue of a newer one makes such
 *     contacts WAITING.
 *   - The owner consumes a lane in order: an INTENT, DEFER or SKIP of a fresh row moves the
 *     cursor to its position, never back; rows passed over are gone for this pass.
 *   - END and WRAPUP of a call may be sent again after UNKNOWN: the second END changes nothing,
 *     a second WRAPUP is a correction.
 *
 * Texts are UTF-8. Documents are opaque bytes here; resource/ knows what they say. */
#ifndef CADRAN_PORT_STORE_H
#define CADRAN_PORT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/memory.h"
#include "base/status.h"
#include "filter/filter.h"
#include "model/campaign.h"
#include "model/candidate.h"
#include "model/consent.h"
#include "model/contact.h"
#include "model/dialer_write.h"
#include "model/id.h"
#include "model/job.h"
#include "model/outcome.h"
#include "model/zone.h"

enum store_priority { STORE_DIALER, STORE_API, STORE_BULK };

/* --- Entities: configuration documents ---------------------------------------------------- */

/* Stored numbers: append only. */
enum entity_kind {
    ENTITY_NONE = 0,
    ENTITY_CAMPAIGN = 1,
    ENTITY_CONTACT_LIST = 2,
    ENTITY_DNC_LIST = 3,
    ENTITY_ATTEMPT_LIMITS = 4,
    ENTITY_CALLABLE_TIME_SET = 5,
    ENTITY_QUEUE = 6,
    ENTITY_USER = 7,
    ENTITY_WRAPUP_CODE = 8,
    ENTITY_TRUNK = 9,
    ENTITY_PHONE = 10,
    ENTITY_CLIENT = 11, /* an API client (OAuth client credentials) */
    ENTITY_DIVISION = 12,
    ENTITY_SCRIPT = 13,
    ENTITY_CONTACT_LIST_FILTER = 20,
    ENTITY_CONTACT_VIEW = 21, /* a column set and a filter that people saved */
    ENTITY_CONTACT_LIST_TEMPLATE = 22,
    ENTITY_IMPORT_TEMPLATE = 23,
    ENTITY_FILE_SPECIFICATION = 24,
    ENTITY_WRAPUP_MAPPING = 25, /* one of the organisation: what wrap-up codes mean */
    ENTITY_KIND_COUNT
};

struct entity {
    enum entity_kind kind;
    int64_t id;
    int32_t version;  /* 1 when created */
    const char *name; /* unique within its kind, compared without case */
    const char *document;
    struct wall created_at, modified_at;
};

/* What a document refers to; kept beside it so that "in use" and "dangling" are look-ups. */
struct entity_ref {
    enum entity_kind kind;
    int64_t id;
};

enum name_match { NAME_ANY, NAME_EQUALS, NAME_PREFIX, NAME_CONTAINS };

struct entity_query {
    enum entity_kind kind;
    enum name_match match;
    const char *name; /* ignored for NAME_ANY; compared without case */
    bool is_descending;
    bool is_by_date; /* by created_at instead of name */
    int32_t offset, limit;
};

struct entity_page {
    struct entity *entities; /* in the caller's arena */
    int32_t count;
    int64_t total;
};

/* --- Contacts ------------------------------------------------------------------------------
 */

/* Where the zone set of a write comes from. */
enum zone_source {
    ZONE_DERIVED, /* from the number or a column: one that was given for the number stays */
    ZONE_GIVEN,   /* somebody gave it (C45) */
    ZONE_RENEWED, /* from the number or a column, and one that was given is no more */
};

struct contact_address {
    int16_t column;
    int64_t number; /* 0 = the text in the column is not a valid number */
    struct zone_set_id zone_set;
    enum zone_source zone_source;
};

/* What a write says of a mark that the dialer may have set too. */
enum callable_mark {
    CALLABLE_KEPT, /* as it was where the address stays the same; a new one is callable */
    CALLABLE_YES,
    CALLABLE_NO,
};
struct contact_mark {
    enum callable_mark callable;
    /* The last attempt as an export told it; an attempt of ours that is later stays. */
    bool has_record;
    struct wall last_at;
    enum outcome last_outcome;
    struct wrapup_code_id last_wrapup;
};

struct contact_attributes {
    struct agent_id preferred_agent;
    struct wall next_try;
    bool is_top_priority;
};

/* A contact as it is written: data and addresses. */
struct contact_write {
    /* The contact to replace, whatever its external id, where the list has it; 0 = none. */
    struct contact_id own;
    const char *external_id; /* given by the client; NULL = the store's own id serves */
    const char *data;        /* JSON array of strings by column position */
    const char *extra;       /* opaque, what the API keeps beside; NULL = leave as it is */
    bool is_callable;
    /* Where it replaces a contact, these stay as they are. */
    bool keeps_callable, keeps_priority;
    enum callable_mark callable; /* before is_callable and keeps_callable, where it says so */
    /* Forgets what the dialer knows of the addresses (attempts, results, uncallable marks). */
    bool clears_system_data;
    /* Another version of the data than this, or none any more, is STATUS_STALE with path
     * "[i]"; 0 = any, and a contact that is not there is added. */
    int32_t data_version;
    int32_t priority;
    int32_t address_count;
    struct contact_address addresses[ADDRESS_MAX];
    struct contact_mark marks[ADDRESS_MAX]; /* of the addresses, in their order */
    /* What contact management adds (C41-C44); where it is NULL, what is stored stays. */
    const struct contact_attributes *attributes;
    struct entity_ref actor; /* who writes, for the history; kind 0 = an import */
    /* When the contact is to be removed; 0 = never. Not said: as it is stored. */
    bool has_expiry;
    struct wall expires_at;
};

/* A contact as it is read: everything. */
struct contact_record {
    struct contact hot;
    const char *external_id; /* NULL when the store's own id serves; in the caller's arena */
    const char *data;
    const char *extra;                  /* what a write brought; NULL where there is none */
    int64_t batch;                      /* the import that added it; 0 = none */
    int32_t data_version;               /* of data and addresses: the API's optimistic lock */
    struct wall created_at, updated_at; /* updated_at: of data and addresses */
    struct wall expires_at;             /* 0 = never */
    /* Taken up by a campaign's dial queue, and not put back since (C06, C07). */
    bool is_managed;
};

/* --- Contact management (model/contact.h) ---------------------------------------------------
 */

struct contact_action {
    enum contact_act act;
    struct wall at;
    struct entity_ref actor;
    const char *reason;   /* SHELVE; NULL = none */
    bool keeps_attempts;  /* RESET: attempts made still count against the limits */
    struct wall next_try; /* MOVE */
    bool is_top_priority; /* MOVE */
};

/* What became of the contacts that an action was asked for. */
struct contact_action_result {
    int64_t changed;
    int64_t unchanged; /* not legal from their state, or gone */
    int64_t in_use;    /* being called */
};

/* One thing that happened to a contact. Rows that never change. */
enum contact_event_kind {
    CONTACT_EVENT_CREATED = 1, /* stored numbers: append only */
    CONTACT_EVENT_CHANGED = 2, /* data or attributes: `before` is what they were */
    CONTACT_EVENT_DELETED = 3, /* the same */
    CONTACT_EVENT_ACTED = 4,
    CONTACT_EVENT_ATTEMPT = 5,
    CONTACT_EVENT_ENDED = 6,
    CONTACT_EVENT_WRAPPED_UP = 7,
};
struct contact_event {
    enum contact_event_kind kind;
    struct wall at;
    struct entity_ref actor;  /* CREATED to ACTED; kind 0 = an import, or unknown */
    enum contact_state state; /* after it; CONTACT_STATE_COUNT = not known */
    const char *before;       /* CHANGED, DELETED: {"data":[...],"callable":...,...} */
    enum contact_act act;     /* ACTED */
    const char *note;         /* ACTED: the reason; WRAPPED_UP: the agent's words; or NULL */
    struct call_id call;      /* ATTEMPT to WRAPPED_UP, and below */
    struct campaign_id campaign;
    struct agent_id agent;
    int64_t number;
    int16_t column;
    enum outcome outcome;
    struct wrapup_code_id wrapup;
};
#define CONTACT_EVENTS_MAX 1000

/* How many contacts of a list are in each state. */
struct contact_state_counts {
    int64_t counts[CONTACT_STATE_COUNT];
};

enum contact_write_mode {
    CONTACT_INSERT, /* an existing external id is STATUS_CONFLICT */
    CONTACT_UPSERT, /* an existing external id is replaced */
};

/* C06, C07: waiting in their list, or taken up by a campaign. */
enum contact_view { CONTACT_VIEW_ALL, CONTACT_VIEW_LIST, CONTACT_VIEW_MANAGED };

struct contact_query {
    struct list_id list;
    enum contact_view view;
    struct contact_id after; /* page by key: contacts with a greater id; 0 = from the start */
    int64_t offset;          /* then skip this many (for page numbers) */
    int32_t limit;
    int64_t number; /* only contacts with this number; 0 = all */
};

struct zone_count {
    int32_t zone_set;  /* -1 = several */
    const char *value; /* of the column that was asked; "" where none was */
    int64_t contacts;
};
#define ZONE_COUNTS_MAX 200000

/* A contact that somebody removed, as its history tells. */
struct deleted_contact {
    struct contact_id id;
    struct wall at;
    struct entity_ref actor;
    const char *before; /* what it was: JSON, as a DELETED event has it */
};

/* --- Do-not-contact entries -----------------------------------------------------------------
 */

#define DNC_VALUE_MAX 512 /* bytes of a value, at most */

struct dnc_entry {
    int64_t number;    /* 0: a value */
    const char *value; /* in the caller's arena; NULL: a number */
    struct wall expires_at;
};

struct dnc_query {
    struct dnc_list_id list;
    int64_t after_number;    /* 0 = from the start */
    const char *after_value; /* NULL = no value was given yet; numbers are behind it then */
    int32_t limit;
};

/* --- Jobs: long work (its values: model/job.h) ----------------------------------------------
 */

struct job_record {
    int64_t id;
    enum job_kind kind;
    enum job_state state;
    struct entity_ref subject; /* what it is about: a list */
    struct entity_ref owner;   /* who asked; ENTITY_NONE = the machine's own administrator */
    const char *task;          /* JSON: what to do */
    const char *place;         /* JSON: how far it is, for whoever resumes it; "" = not begun */
    const char *failure;       /* one sentence; "" = none */
    int64_t total, done, refused;
    int32_t resumes; /* how often a new process took it up */
    bool has_file;   /* it left a file in the data directory */
    struct wall created_at, ended_at;
};

struct job_query {
    enum job_kind kind;        /* JOB_NONE = any */
    struct entity_ref subject; /* ENTITY_NONE = any */
    bool is_open;              /* only those that wait or run */
    struct wall ended_before;  /* only those that ended before; 0 = any */
    int64_t after;             /* page by id; 0 = from the start */
    bool is_newest_first;
    int32_t limit;
};

/* Where an import stands, written in one transaction with its contacts. */
struct job_mark {
    int64_t job;
    const char *place;
    int64_t total, done, refused;
    /* Called in the transaction, once `ids` has the contacts' ids in the order of the writes,
     * before the place is stored: it may write that anew. It must not call the store; anything
     * but STATUS_OK undoes the transaction. NULL, without ids: not wanted. */
    enum status (*on_written)(void *context, struct error *err);
    void *context;
    struct contact_id *ids; /* room for each contact */
};

/* --- Searching (docs/filters.md) -----------------------------------------------------------
 */

#define CONTACT_SORT_MAX 4
struct contact_sort {
    int16_t column;
    bool is_numeric, is_descending;
};

struct contact_search {
    struct list_id list;
    const struct filter *filter; /* NULL = every contact */
    struct wall now;             /* for relative dates */
    int32_t sort_count;          /* 0: in the order of the list */
    struct contact_sort sorts[CONTACT_SORT_MAX];
    /* Page by key: behind this contact in the search's order; 0 = from the start. With sorts it
     * needs an index of the first one (column_index), and no other sort. */
    struct contact_id after;
    int64_t offset; /* then skip this many that match */
    int32_t limit;
};

struct contact_found {
    struct contact_record *records; /* in the caller's arena */
    size_t count;
    struct contact_id at; /* the last one looked at */
    int64_t passed;       /* of `offset` */
    /* False: the time for one read is over. Go on with after = at, offset - passed, and
     * limit - count. Sorted searches are always whole. */
    bool is_whole;
};

/* A count in pieces. Zeroed at the start; `looked_at` and `matched` grow until is_done. */
struct contact_tally {
    struct contact_id at;
    int64_t looked_at, matched;
    bool is_done;
};

/* How far an index of a column has come. */
struct column_index {
    int64_t done, total; /* contacts */
    bool is_whole;       /* every contact is in it: sorts use it */
};
#define COLUMN_INDEX_MAX 8 /* of one list */

/* A list of more contacts than this is sorted only by an index of the first column. */
#define CONTACT_SORT_DIRECT_MAX 1000000

/* --- The dial queue (its values: model/candidate.h) ----------------------------------------
 */

/* Progress of building a queue; the builder calls again until is_done. All of it is output: the
 * store keeps its own place. */
struct queue_build {
    struct contact_id at; /* the last contact looked at */
    int64_t looked_at, queued;
    bool is_done;
};

/* A lane: the part of a campaign's queue whose callable addresses lie in one zone set. */
struct queue_lane {
    struct zone_set_id zone_set;
    int64_t queued; /* rows put in; not lowered by dialing */
};
#define QUEUE_LANE_MAX 1024

#define CLAIM_LANE_MAX 64 /* claims that are made together */
struct claimed {
    int32_t count;
    bool is_drained;              /* no fresh row lies behind the last one returned */
    struct candidate *candidates; /* due rows first; in the caller's arena */
};

/* --- What the engine writes (its values: model/dialer_write.h) -----------------------------
 */

/* When INTENT is STALE the contact comes back as DUE_TOP at `at`, taken from where it stood,
 * if it is WAITING and may still be dialed in this pass; else (being called, paused, gone,
 * dialed already) it does not come back, and a used-up due row is removed. A batch is applied
 * in order. DEFER and SKIP of a row that is no longer there, or of a contact that was dialed
 * meanwhile, are STALE too; so are END and WRAPUP of an unknown call. */
struct dialer_batch {
    int32_t cell;
    int64_t epoch;
    int32_t count;
    const struct dialer_write *writes;
    enum dialer_result *results; /* one per write, filled on return */
};

/* --- Running state and history --------------------------------------------------------------
 */

struct campaign_run {
    struct campaign_id campaign;
    enum campaign_status status;
    int64_t pass; /* 0 = never started */
};

struct run_counts {
    int64_t attempts;
    int64_t outcomes[OUTCOME_COUNT];
    int64_t contacts_called; /* distinct, in this pass */
    int64_t skipped;
};

struct skip_count {
    char reason[32];
    int64_t count;
};

struct attempt_record {
    struct call_id call;
    struct campaign_id campaign;
    struct contact_id contact;
    struct agent_id agent;
    int64_t number;
    int16_t column;
    int64_t pass;
    struct wall at, answered_at, ended_at;
    enum outcome outcome; /* NONE while it runs, LOST after a crash */
    int32_t sip_status, q850_cause;
    struct wrapup_code_id wrapup;
};

struct attempt_query {
    struct campaign_id campaign; /* 0 = any */
    struct contact_id contact;   /* 0 = any */
    int64_t number;              /* 0 = any; else of whatever contact and campaign */
    struct call_id after;        /* page by key, newest first when is_newest_first */
    bool is_newest_first;
    int32_t limit;
};

/* --- Persons: consent, and erasure
 * -------------------------------------------------------------
 */

struct consent {
    int64_t id;     /* given by the store, ascending */
    int64_t number; /* E.164 digits; negative once it was erased */
    struct consent_fact fact;
    struct wall recorded_at;
    struct entity_ref actor;
    const char *scope, *source, *text, *proof; /* never NULL */
};

struct consent_query {
    int64_t number;    /* 0 = of everybody */
    const char *scope; /* NULL = any */
    int64_t after;     /* page by key */
    int32_t limit;
};

/* Whom to forget. A number of an attempt or a consent becomes what `pseudonym` makes of it:
 * negative, and the same for the same number, so that counts of calls and of persons stay. */
struct person {
    const struct contact_id *contacts;
    size_t contact_count;
    const int64_t *numbers;
    size_t number_count;
    int64_t (*pseudonym)(void *context, int64_t number);
    void *context;
};
struct person_erased {
    int64_t contacts, attempts, events, consents;
};

/* --- Secrets --------------------------------------------------------------------------------
 */

/* What proves an identity: an argon2id string for users and clients. Never listed, never
 * logged. */
struct token_record {
    uint8_t hash[32];      /* SHA-256 of the bearer token; the token itself is never stored */
    enum entity_kind kind; /* ENTITY_USER or ENTITY_CLIENT */
    int64_t owner;
    struct wall expires_at;
    bool is_session; /* a browser's cookie, not an OAuth token */
};

/* --- The port --------------------------------------------------------------------------------
 */

struct store_ops {
    void (*destroy)(void *self);

    /* Takes the cell over: a new epoch, unique over all cells, after which older ones write
     * nothing. Attempts of the cell without an end get OUTCOME_LOST, and contacts that were
     * RUNNING in it are WAITING again, dialed in their pass: attempts_list shows them, and
     * what follows (a recall) is the engine's. */
    enum status (*epoch_take)(void *self, int32_t cell, struct wall now, int64_t *epoch,
                              struct error *err);

    /* Entities. `refs` are checked to exist: a dangling one is STATUS_INVALID. */
    /* A name taken already is STATUS_CONFLICT with path "name". */
    enum status (*entity_create)(void *self, enum entity_kind kind, const char *name,
                                 const char *document, const struct entity_ref *refs,
                                 size_t ref_count, struct wall now, int64_t *id,
                                 struct error *err);
    /* `version` is the one that was read; another is STATUS_STALE. */
    enum status (*entity_update)(void *self, enum entity_kind kind, int64_t id, int32_t version,
                                 const char *name, const char *document,
                                 const struct entity_ref *refs, size_t ref_count,
                                 struct wall now, struct error *err);
    /* In use: STATUS_CONFLICT, and the first users are in `users` (may be NULL; *user_count is
     * its room on the way in). What belongs to it goes with it: a contact list's contacts (not
     * while one is being called: STATUS_CONFLICT), a do-not-contact list's numbers, a
     * campaign's queue, and its secret. Attempts stay. */
    enum status (*entity_remove)(void *self, enum entity_kind kind, int64_t id,
                                 struct entity_ref *users, size_t *user_count,
                                 struct error *err);
    enum status (*entity_get)(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, struct entity *entity, struct error *err);
    enum status (*entity_find)(void *self, enum entity_kind kind, const char *name,
                               struct arena *arena, struct entity *entity, struct error *err);
    enum status (*entity_list)(void *self, const struct entity_query *query,
                               struct arena *arena, struct entity_page *page,
                               struct error *err);
    /* Who refers to (kind, id). */
    enum status (*entity_users)(void *self, enum entity_kind kind, int64_t id,
                                struct arena *arena, struct entity_ref **users, size_t *count,
                                struct error *err);

    /* Contacts. Each written id is put in ids[i] (ids may be NULL). A running contact is
     * STATUS_CONFLICT, with path "[i]". One transaction for the whole array: at most 1,000 from
     * the API, any number of small ones from an import. A contact that is replaced keeps what
     * the dialer knows of the addresses whose column and number stay the same. */
    enum status (*contacts_write)(void *self, enum store_priority priority, struct list_id list,
                                  enum contact_write_mode mode,
                                  const struct contact_write *contacts, size_t count,
                                  struct wall now, struct contact_id *ids, struct error *err);
    enum status (*contact_update)(void *self, struct contact_id id, int32_t data_version,
                                  const struct contact_write *contact, struct wall now,
                                  struct error *err);
    enum status (*contacts_remove)(void *self, struct entity_ref actor, struct wall now,
                                   const struct contact_id *ids, size_t count,
                                   struct error *err);
    /* Being called: those contacts stay, and the answer is STATUS_CONFLICT. */
    enum status (*contacts_clear)(void *self, struct list_id list, struct error *err);
    enum status (*contact_get)(void *self, struct contact_id id, struct arena *arena,
                               struct contact_record *record, struct error *err);
    enum status (*contact_find)(void *self, struct list_id list, const char *external_id,
                                struct arena *arena, struct contact_record *record,
                                struct error *err);
    enum status (*contacts_list)(void *self, const struct contact_query *query,
                                 struct arena *arena, struct contact_record **records,
                                 size_t *count, struct error *err);
    enum status (*contacts_count)(void *self, struct list_id list, int64_t *count,
                                  struct error *err);
    /* The contacts that match, in the order asked for. STATUS_UNAVAILABLE: the list is too
     * large to be sorted at once and has no index of the first sort column. */
    enum status (*contacts_search)(void *self, const struct contact_search *search,
                                   struct arena *arena, struct contact_found *found,
                                   struct error *err);
    /* One piece of the exact count (some 50 ms of one read): call again until is_done, and stop
     * at will. */
    enum status (*contacts_tally)(void *self, struct list_id list, const struct filter *filter,
                                  struct wall now, struct contact_tally *tally,
                                  struct error *err);
    /* A count over about `rows` contacts in ranges drawn by `seed`, over all of them where the
     * list has no more. */
    enum status (*contacts_sample)(void *self, struct list_id list, const struct filter *filter,
                                   struct wall now, uint64_t seed, int64_t rows,
                                   struct contact_tally *tally, struct error *err);
    /* Builds or brings up to date an index of a column's values, for sorts: one piece (a few
     * seconds of bulk work in many short transactions) a call, until is_whole. From the first
     * call on, writes keep it, but for those of STORE_BULK, which leave it behind. STATUS_FULL:
     * the list has COLUMN_INDEX_MAX of them. */
    enum status (*column_index)(void *self, struct list_id list, int16_t column,
                                bool is_numeric, struct column_index *progress,
                                struct error *err);
    /* How far an index of a column is, without building it: STATUS_NOT_FOUND (without a
     * sentence) where nobody has asked for it. */
    enum status (*column_index_get)(void *self, struct list_id list, int16_t column,
                                    bool is_numeric, struct column_index *progress,
                                    struct error *err);
    /* Carries an action out on each contact, in one transaction: at most 1,000 at once. The
     * contact takes its place in the queues of its list: one that was called in the pass
     * already and may be called again (RESET, MOVE) is due at its next try. */
    enum status (*contacts_act)(void *self, enum store_priority priority,
                                const struct contact_action *action,
                                const struct contact_id *ids, size_t count,
                                struct contact_action_result *result, struct error *err);
    enum status (*contact_states)(void *self, struct list_id list,
                                  struct contact_state_counts *counts, struct error *err);
    /* What happened to a contact, in the order of time: the newest *count, at most
     * CONTACT_EVENTS_MAX. Of a contact that is gone, too. */
    enum status (*contact_events)(void *self, struct contact_id id, struct arena *arena,
                                  struct contact_event **events, size_t *count,
                                  struct error *err);
    /* Brings the index of numbers up to date after writes of STORE_BULK, which leave it behind
     * (a random index kept live makes an import six times slower). Bulk priority, many short
     * transactions; searches by number are right before it too, but slow. */
    enum status (*numbers_index)(void *self, struct list_id list, struct error *err);
    /* The distinct numbers of a list above `after_number`, ascending: *count is the room on the
     * way in and what was found on the way out. For duplicate checks. */
    enum status (*numbers_list)(void *self, struct list_id list, int64_t after_number,
                                int64_t *numbers, size_t *count, struct error *err);

    /* Interns a set of zones given as indices into `table`; equal sets get equal ids for ever.
     */
    enum status (*zone_set_intern)(void *self, const struct zone_table *table,
                                   struct zone_set *set, struct error *err);
    enum status (*zone_sets_list)(void *self, const struct zone_table *table,
                                  struct arena *arena, struct zone_set **sets, size_t *count,
                                  struct error *err);

    /* An import's rows: as contacts_write in bulk, each new contact with batch = mark->job, and
     * the job's place with them, all or nothing: whoever resumes the job repeats no row. */
    enum status (*contacts_import)(void *self, struct list_id list,
                                   enum contact_write_mode mode,
                                   const struct contact_write *contacts, size_t count,
                                   struct wall now, const struct job_mark *mark,
                                   struct error *err);
    /* Takes back what an import added, but for contacts that were dialed or are being called:
     * those stay. Bulk priority, short transactions. *removed and *kept are added to. */
    enum status (*contacts_remove_batch)(void *self, struct list_id list, int64_t batch,
                                         int64_t *removed, int64_t *kept, struct error *err);

    /* Contacts that were to be removed by `now` and are not being called, the first *count. */
    enum status (*contacts_expired)(void *self, struct wall now, struct contact_id *ids,
                                    size_t *count, struct error *err);
    /* Removes contacts, and what their histories say they were. Bulk priority, one transaction:
     * at most 1,000. STATUS_CONFLICT: one is being called, and all stay. */
    enum status (*contacts_forget)(void *self, const struct contact_id *ids, size_t count,
                                   struct error *err);

    /* Contacts that were removed from a list by somebody (contacts_remove), the newest first
     * from `offset`: *count is the room, and how many there are. */
    enum status (*contacts_deleted)(void *self, struct list_id list, int64_t offset,
                                    struct arena *arena, struct deleted_contact *deleted,
                                    size_t *count, struct error *err);
    /* Clears what the histories say of the first *count that were removed before `at`; *count
     * is how many there were. Bulk priority, one transaction: at most 1,000. */
    enum status (*contacts_purge)(void *self, struct list_id list, struct wall at,
                                  size_t *count, struct error *err);

    /* How many contacts of a list have all their numbers in one zone set, by that set: 0 = of
     * numbers whose zone is unknown, -1 = in several sets; and by the folded value of a column,
     * -1 = of none. Contacts without a number are in none. One read over the list; in the order
     * of the sets, then of the values' bytes; at most ZONE_COUNTS_MAX counts. */
    enum status (*contacts_zones)(void *self, struct list_id list, int16_t column,
                                  struct arena *arena, struct zone_count **counts,
                                  size_t *count, struct error *err);

    /* Jobs. */
    enum status (*job_create)(void *self, const struct job_record *job, struct wall now,
                              int64_t *id, struct error *err);
    /* Writes state, place, failure, counts, resumes, has_file and ended_at. */
    enum status (*job_save)(void *self, const struct job_record *job, struct error *err);
    enum status (*job_get)(void *self, int64_t id, struct arena *arena, struct job_record *job,
                           struct error *err);
    enum status (*jobs_list)(void *self, const struct job_query *query, struct arena *arena,
                             struct job_record **jobs, size_t *count, struct error *err);
    enum status (*job_remove)(void *self, int64_t id, struct error *err);

    /* Do-not-contact numbers. expires_at 0 = never; an expired entry blocks nothing. */
    enum status (*dnc_add)(void *self, enum store_priority priority, struct dnc_list_id list,
                           const int64_t *numbers, size_t count, struct wall expires_at,
                           struct error *err);
    enum status (*dnc_remove)(void *self, struct dnc_list_id list, const int64_t *numbers,
                              size_t count, struct error *err);
    enum status (*dnc_clear)(void *self, struct dnc_list_id list, bool expired_only,
                             struct wall now, struct error *err);
    enum status (*dnc_has)(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err);
    /* Numbers and values together. */
    enum status (*dnc_count)(void *self, struct dnc_list_id list, int64_t *count,
                             struct error *err);
    /* Entries behind `after` in the order of the list: numbers first, then values. */
    enum status (*dnc_list)(void *self, const struct dnc_query *query, struct arena *arena,
                            struct dnc_entry **entries, size_t *count, struct error *err);
    /* Values of a list that excludes a column's values (type rds_custom). dnc_clear clears them
     * too. A contact with such a value is on the list, whatever its numbers. */
    enum status (*dnc_values_add)(void *self, enum store_priority priority,
                                  struct dnc_list_id list, const char *const *values,
                                  size_t count, struct wall expires_at, struct error *err);
    enum status (*dnc_values_remove)(void *self, struct dnc_list_id list,
                                     const char *const *values, size_t count,
                                     struct error *err);

    /* The dial queue. A new pass is drawn from one sequence for all campaigns. */
    enum status (*pass_draw)(void *self, int64_t *pass, struct error *err);
    /* Whom of its list a campaign may dial: a filter as text by column position
     * (filter/text.h); "" = everybody. It is kept until it is set again; a queue that was built
     * under another one is looked through again by queue_build, for contacts that it lacks.
     * Those that it has and should not have are marked when they are claimed. */
    enum status (*campaign_filter_set)(void *self, struct campaign_id campaign,
                                       const char *filter, bool *has_changed,
                                       struct error *err);
    /* Builds the next chunk (bulk priority, a few ms); repeat until build->is_done. Rows of
     * other passes of the campaign are removed first, but for callbacks. Rows come in the order
     * of their ranks, so that dialing may start after the first call. A build of the same pass
     * is resumed where it stood (a restart, Stop and Start); called again when done, it takes
     * up the contacts added since: behind the last row of their lane, or as DUE_PRIORITY where
     * their rank says that they come earlier. Contacts with no number to dial go to zone set 0.
     * An order with other columns than the stored one is built anew. */
    enum status (*queue_build)(void *self, const struct queue_order *order,
                               struct queue_build *build, struct error *err);
    /* lanes[] has room for QUEUE_LANE_MAX; both fresh rows and due rows count as a lane. */
    enum status (*queue_lanes)(void *self, struct campaign_id campaign,
                               struct queue_lane *lanes, size_t *count, struct error *err);
    /* Reads; moves nothing. Contacts already dialed or skipped in this pass, not WAITING, or
     * returned in front of the stored cursor are left out. Several claims are lanes of one run:
     * they differ in zone set, position and limits alone, and what else they ask is taken from
     * the first. claimed[i] answers claims[i]. */
    enum status (*claim)(void *self, const struct claim *claims, size_t count,
                         struct arena *arena, struct claimed *claimed, struct error *err);
    /* One contact as a candidate of this campaign, whatever its pass and state: for
     * explanations and for a second look after STALE. Only the campaign-dependent fields of
     * `claim` count. */
    enum status (*candidate_load)(void *self, const struct claim *claim,
                                  struct contact_id contact, struct candidate *candidate,
                                  struct error *err);
    /* The earliest due row of the campaign behind `now`; at.us = INT64_MAX where none is. */
    enum status (*due_next)(void *self, struct campaign_id campaign, struct wall now,
                            struct wall *at, struct error *err);

    /* The dialer's group commit, one transaction. STATUS_STALE: the epoch is old, stop dialing.
     * STATUS_UNAVAILABLE: nothing was written. STATUS_UNKNOWN: the commit may have happened. */
    enum status (*commit)(void *self, const struct dialer_batch *batch, struct error *err);

    /* History. */
    enum status (*run_get)(void *self, struct campaign_id campaign, struct campaign_run *run,
                           struct error *err);
    enum status (*run_counts)(void *self, struct campaign_id campaign, int64_t pass,
                              struct run_counts *counts, struct error *err);
    /* The reasons of `skipped`, by name. */
    enum status (*skips_list)(void *self, struct campaign_id campaign, int64_t pass,
                              struct arena *arena, struct skip_count **skips, size_t *count,
                              struct error *err);
    enum status (*attempts_list)(void *self, const struct attempt_query *query,
                                 struct arena *arena, struct attempt_record **records,
                                 size_t *count, struct error *err);

    /* Consent: appended in one transaction; ids[i] (may be NULL) is given. */
    enum status (*consents_add)(void *self, const struct consent *consents, size_t count,
                                int64_t *ids, struct error *err);
    enum status (*consents_list)(void *self, const struct consent_query *query,
                                 struct arena *arena, struct consent **consents, size_t *count,
                                 struct error *err);
    /* Forgets a person, in one transaction: the contacts are removed without a trace of their
     * data, what their histories and notes say is cleared, attempts to them or to the numbers
     * and consents of the numbers keep their times and outcomes under a pseudonym.
     * Do-not-contact entries stay: they keep the person from being called again. A contact
     * being called: STATUS_CONFLICT. */
    enum status (*person_erase)(void *self, const struct person *person,
                                struct person_erased *erased, struct error *err);

    /* Secrets. secret_get gives "" where none is set. */
    enum status (*secret_set)(void *self, enum entity_kind kind, int64_t id, const char *secret,
                              struct error *err);
    enum status (*secret_get)(void *self, enum entity_kind kind, int64_t id,
                              struct arena *arena, const char **secret, struct error *err);
    enum status (*token_put)(void *self, const struct token_record *token, struct error *err);
    enum status (*token_get)(void *self, const uint8_t hash[32], struct wall now,
                             struct token_record *token, struct error *err);
    enum status (*token_remove)(void *self, const uint8_t hash[32], struct error *err);
    /* A named random value of 32 bytes, made at the first call and kept: keys of the
     * installation. */
    enum status (*key_get)(void *self, const char *name, uint8_t key[32], struct error *err);
};

struct store_port {
    void *self;
    const struct store_ops *ops;
};

#endif
