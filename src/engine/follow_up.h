/* follow_up.h -- what an attempt's end does to its contact: the recalls, the next address, the
 * last word. Pure; terms: docs/glossary.md. */
#ifndef CADRAN_ENGINE_FOLLOW_UP_H
#define CADRAN_ENGINE_FOLLOW_UP_H

#include "model/campaign.h"
#include "model/candidate.h"
#include "model/dialer_write.h"

/* A technical failure is tried again at most this often per address and pass. */
#define FOLLOW_UP_FAULT_TRIES 3

struct follow_up {
    struct contact_change change;
    enum due_class due_class; /* 0 = not due again in this pass */
    struct wall due_at;
    int16_t due_column;
};

/* After the dial of `contact`'s address `index` ended with `outcome` and no agent spoke to
 * anybody, or nobody can say more about it. */
struct follow_up follow_up_outcome(const struct campaign *campaign,
                                   const struct contact *contact, int32_t index,
                                   enum outcome outcome, struct wall now);

/* After an agent wrapped a conversation up; `code` may be NULL (time ran out). */
struct follow_up follow_up_wrapup(const struct campaign *campaign,
                                  const struct contact *contact, int32_t index,
                                  const struct wrapup_code *code, struct wall now);

#endif
