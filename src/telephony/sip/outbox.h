/* outbox.h -- events on their way to the sink: what it refuses waits, in order, and is offered
 * again. The SIP thread's. Grows with the legs alive, whose number is limited. */
#ifndef CADRAN_TELEPHONY_SIP_OUTBOX_H
#define CADRAN_TELEPHONY_SIP_OUTBOX_H

#include <stddef.h>

#include "port/telephony.h"

struct outbox {
    struct telephony_sink sink;
    struct telephony_event *events;
    size_t head, count, capacity;
};

void outbox_init(struct outbox *outbox, struct telephony_sink sink);
void outbox_fini(struct outbox *outbox);
void outbox_put(struct outbox *outbox, const struct telephony_event *event);
void outbox_flush(struct outbox *outbox);
/* How many wait: the SIP thread takes no commands while it is many. */
size_t outbox_waiting(const struct outbox *outbox);

#endif
