/* manage.h -- what an action of contact management means, over rows that a back end supplies:
 * see dialer.h, whose rules hold here too. */
#ifndef CADRAN_STORE_MANAGE_H
#define CADRAN_STORE_MANAGE_H

#include "store/dialer.h"

/* A queue that was built over the contact's list, as this contact meets it. */
struct manage_queue {
    struct campaign_id campaign;
    int64_t pass;
    bool is_covered; /* the build has come to this contact */
    bool is_used;    /* dialed or skipped in the pass */
};
#define MANAGE_QUEUES_MAX 64

struct manage_rows {
    struct dialer_rows dialer;
    enum status (*queues_of)(void *self, const struct contact *contact,
                             struct manage_queue queues[MANAGE_QUEUES_MAX], size_t *count,
                             struct error *err);
    enum status (*due_has)(void *self, struct campaign_id campaign, struct contact_id contact,
                           bool *has, struct error *err);
    /* The contact's due rows, of every campaign. */
    enum status (*due_drop)(void *self, struct contact_id contact, struct error *err);
    /* Puts the contact where its rank belongs in the queues that cover it, where it is in none
     * (or in front of the cursor: then it is due). */
    enum status (*queue_edited)(void *self, const struct contact *contact, struct error *err);
    enum status (*event_put)(void *self, struct contact_id contact,
                             const struct contact_event *event, struct error *err);
};

#define MANAGE_ACT_MAX 1000
/* STATUS_INVALID where an action is asked for too many contacts at once. */
enum status manage_check(size_t count, struct error *err);
/* Whether the queues of the contact's list are asked, or changed. */
bool manage_act_requeues(enum contact_act act);
enum status manage_act(const struct manage_rows *rows, const struct contact_action *action,
                       struct contact_id id, struct contact_action_result *result,
                       struct error *err);
/* A contact whose attributes were written takes its place again. */
enum status manage_requeue(const struct manage_rows *rows, const struct contact *contact,
                           bool replaces_due, struct error *err);
/* Whether a campaign has taken the contact up: see contact_record. */
bool manage_is_managed(const struct contact *contact, const struct manage_queue *queues,
                       size_t count);
/* The class in which a contact that waits for its next try is due. */
enum due_class manage_due_class(const struct contact *contact);

/* Events come from a back end newest first. */
void manage_reverse(struct contact_event *events, size_t count);
/* What a contact was, for the history: {"data":[...],"callable":true,"priority":0,...}, with
 * the client's id where it has one ("id"). The caller frees it. `data` is a JSON array. */
char *manage_before(const struct contact *contact, const char *external_id, const char *data);

#endif
