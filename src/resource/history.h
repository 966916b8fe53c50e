/* history.h -- what a contact was at an instant, from what has happened to it (X9).
 *
 * A contact's history is rows that never change. Going back from what it is now, the first
 * change behind the instant says what the data were; the last event up to the instant says the
 * state. Pure; any thread. */
#ifndef CADRAN_RESOURCE_HISTORY_H
#define CADRAN_RESOURCE_HISTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "port/store.h"

struct contact_moment {
    bool is_there;
    enum contact_state state;
    json_t *data; /* an array by column position; NULL where it was not there or was erased */
    bool is_callable, is_top_priority;
    int32_t priority;
    struct agent_id preferred_agent;
    struct wall next_try;
};

/* `events` in the order of time, from the contact's first on; `now` NULL: it is gone. The
 * caller lets moment->data go. */
void contact_moment_at(const struct contact_event *events, size_t count,
                       const struct contact_record *now, struct wall instant,
                       struct contact_moment *moment);

#endif
