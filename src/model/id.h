/* id.h -- one type per kind of identity, so that a campaign's id cannot be passed as a list's.
 * 0 is "none" everywhere. Values are the store's row numbers; on the wire they are lower-case
 * GUIDs (resource/guid.h). */
#ifndef CADRAN_MODEL_ID_H
#define CADRAN_MODEL_ID_H

#include <stdint.h>

struct campaign_id {
    int64_t value;
};
struct list_id {
    int64_t value;
};
struct contact_id {
    int64_t value;
}; /* list << 32 | sequence: a list is one range of keys */
struct queue_id {
    int64_t value;
};
struct agent_id {
    int64_t value;
}; /* the user who works as an agent */
struct trunk_id {
    int64_t value;
};
struct phone_id {
    int64_t value;
};
struct wrapup_code_id {
    int64_t value;
};
struct dnc_list_id {
    int64_t value;
};
/* One call leg to the public, which is also its attempt and its interaction:
 * epoch << 32 | sequence, so that no two processes ever draw the same one. */
struct call_id {
    int64_t value;
};
/* An interned set of time zones (a number may lie in several). */
struct zone_set_id {
    int32_t value;
};

#define CONTACT_SEQUENCE_BITS 32

static inline struct list_id contact_list_of(struct contact_id contact)
{
    return (struct list_id){contact.value >> CONTACT_SEQUENCE_BITS};
}

#endif
