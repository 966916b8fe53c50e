/* candidate.h -- a contact on its way from the dial queue to the gate, and how one is asked
 * for. A candidate arrives complete: the gate never has to look anything up. */
#ifndef CADRAN_MODEL_CANDIDATE_H
#define CADRAN_MODEL_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/campaign.h"
#include "model/contact.h"
#include "model/id.h"

/* Why a contact is due, in the order in which classes are dialed. */
enum due_class {
    DUE_CALLBACK_PERSONAL = 1,
    DUE_CALLBACK_TOP = 2,
    DUE_CALLBACK = 3,
    DUE_RECALL = 4,   /* system reschedules: busy, no answer, machine, next address */
    DUE_TOP = 5,      /* returned to the top: declined, ignored, stale */
    DUE_PRIORITY = 6, /* added with priority=true */
    DUE_FRESH = 7,    /* not in the due table: the queue itself */
};

#define QUEUE_RANK_MAX 48
struct queue_position {
    int32_t rank_len;
    uint8_t rank[QUEUE_RANK_MAX]; /* memcomparable: smaller is dialed first */
    struct contact_id contact;
};

/* What Start asks for: who is dialed, in which order. */
struct queue_order {
    struct campaign_id campaign;
    struct list_id list;
    int64_t pass;
    int32_t column_count;
    int16_t columns[ADDRESS_MAX]; /* the campaign's address columns, in order */
    struct wall now;              /* for a filter's relative dates; no part of the order */
};

/* A contact ready for the gate, with where it came from. */
struct candidate {
    struct contact contact;
    enum due_class from;
    struct queue_position position; /* for DUE_FRESH */
    struct wall due_at;             /* for the others */
    int16_t due_column;             /* the address that is due; -1 = whichever comes first */
    bool is_outside_filter;         /* the campaign's filter does not mean it (any more) */
    int64_t filter_stamp;           /* which filter that was; 0 = none */
};

struct claim {
    struct campaign_id campaign;
    struct list_id list;
    int64_t pass;
    struct zone_set_id zone_set;
    struct queue_position after; /* rank_len -1 = from the stored cursor */
    struct wall now;
    int32_t fresh_limit, due_limit;
    /* For the hot fields that depend on the campaign: */
    int32_t dnc_list_count;
    struct dnc_list_id dnc_lists[CAMPAIGN_DNC_MAX];
    int16_t dnc_columns[CAMPAIGN_DNC_MAX];   /* as in struct campaign */
    struct wall contact_since, number_since; /* attempt-limit windows; 0 = do not count */
};

#endif
