/* dialer.h -- what a dialer's write means, over rows that a back end supplies.
 *
 * One place decides for every back end: when an intent is stale, what moves a cursor, which due
 * rows are void, what an old process leaves behind. Back ends only find and keep rows, inside a
 * transaction of their own: a failing row call ends the batch, and the back end rolls back.
 * Called with the write lane held. */
#ifndef CADRAN_STORE_DIALER_H
#define CADRAN_STORE_DIALER_H

#include "port/store.h"

struct due_row {
    struct campaign_id campaign;
    enum due_class due_class;
    struct zone_set_id zone_set;
    struct wall at;
    struct contact_id contact;
    int16_t column;
    int64_t pass;
    bool is_first; /* puts off the first dial of the pass: void once the contact was dialed */
};

/* A contact in the hands of the dialer, by the call. */
struct running_row {
    struct call_id call;
    int32_t cell;
    struct campaign_id campaign;
    struct contact_id contact;
    int64_t pass;
    int16_t column;
    bool is_ended; /* the END is stored; the wrap-up is awaited */
};

/* Rows of one transaction. A getter answers STATUS_NOT_FOUND where there is none; any other
 * failure ends the batch. */
struct dialer_rows {
    void *self;
    enum status (*contact_get)(void *self, struct contact_id id, struct contact *contact,
                               struct error *err);
    /* The hot row, and the addresses whose bit is set in `addresses`. */
    enum status (*contact_put)(void *self, const struct contact *contact, uint32_t addresses,
                               struct error *err);
    enum status (*attempt_get)(void *self, struct call_id call, bool *is_ended,
                               struct error *err);
    enum status (*attempt_put)(void *self, const struct dialer_write *write, int64_t epoch,
                               struct error *err);
    /* Attempts to a contact (number 0) or to a number (contact 0) at or after `since`. */
    enum status (*attempts_since)(void *self, struct contact_id contact, int64_t number,
                                  struct wall since, int32_t *count, struct error *err);
    enum status (*was_dialed)(void *self, struct contact_id contact, int64_t pass, bool *was,
                              struct error *err);
    enum status (*end_put)(void *self, const struct dialer_write *write, struct error *err);
    enum status (*wrapup_put)(void *self, const struct dialer_write *write, struct error *err);
    enum status (*running_get)(void *self, struct call_id call, struct running_row *row,
                               struct error *err);
    enum status (*running_put)(void *self, const struct running_row *row, struct error *err);
    enum status (*running_remove)(void *self, struct call_id call, struct error *err);
    enum status (*due_get)(void *self, struct due_row *key, struct error *err);
    enum status (*due_put)(void *self, const struct due_row *row, struct error *err);
    enum status (*due_remove)(void *self, const struct due_row *key, struct error *err);
    /* Moves the cursor of (campaign, zone set, pass) forward to `position`, never back. */
    enum status (*cursor_move)(void *self, const struct dialer_write *write, struct error *err);
    /* The stamp of the campaign's filter now; 0 = none. */
    enum status (*filter_stamp)(void *self, struct campaign_id campaign, int64_t *stamp,
                                struct error *err);
    enum status (*dnc_has)(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err);
    /* Whether the contact's value in a column (from 0) is on the list. */
    enum status (*dnc_has_contact)(void *self, struct dnc_list_id list,
                                   struct contact_id contact, int16_t column, struct wall now,
                                   bool *has, struct error *err);
    /* Adds 1 to a counter of a pass: COUNT_..., "outcome.<name>" or "skip.<reason>". */
    enum status (*count)(void *self, struct campaign_id campaign, int64_t pass,
                         const char *name, struct error *err);
    enum status (*run_put)(void *self, const struct campaign_run *run, struct error *err);
    /* Moves one contact of a list between the counts of its states; WAITING is not counted, it
     * is the rest. */
    enum status (*state_count)(void *self, struct list_id list, enum contact_state from,
                               enum contact_state to, struct error *err);
};

#define COUNT_ATTEMPTS "attempts"
#define COUNT_CALLED "called"
#define COUNT_OUTCOME "outcome."
#define COUNT_SKIP "skip."
#define COUNT_NAME_SIZE 48

/* One write of a batch. The result is COMMITTED or STALE; a failure is the status. */
enum status dialer_apply(const struct dialer_rows *rows, const struct dialer_write *write,
                         int32_t cell, int64_t epoch, enum dialer_result *result,
                         struct error *err);
/* Lets go of a contact that a process which died had in its hands. */
enum status dialer_release(const struct dialer_rows *rows, const struct running_row *row,
                           struct wall now, struct error *err);

#define CLAIM_LIMIT_MAX 10000
/* STATUS_INVALID where a limit is out of range, or the claims are not of one run. */
enum status dialer_claims_check(const struct claim *claims, size_t count, struct error *err);
/* The contact as this claim sees it: its pass, its windows, its do-not-contact lists. Uses
 * attempts_since, dnc_has and dnc_has_contact of `rows` only. */
enum status dialer_candidate(const struct dialer_rows *rows, const struct claim *claim,
                             struct contact *contact, struct error *err);

/* contact_put, and the counts of states where `before` was another. */
enum status dialer_contact_put(const struct dialer_rows *rows, enum contact_state before,
                               const struct contact *contact, uint32_t addresses,
                               struct error *err);
/* Clears what belongs to another pass than `pass`, as seen from it; contact->pass stays. */
void dialer_view(struct contact *contact, int64_t pass);
/* Makes a contact that an older pass finished WAITING; true where it changed. */
bool dialer_reopen(struct contact *contact, int64_t pass);
/* The zone set in which a contact is due at `column`; -1 = its first callable address. */
struct zone_set_id dialer_due_zone(const struct contact *contact, int16_t column);

#endif
