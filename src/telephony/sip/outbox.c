#include "telephony/sip/outbox.h"

#include <stdlib.h>

#include "base/memory.h"

void outbox_init(struct outbox *outbox, struct telephony_sink sink)
{
    *outbox = (struct outbox){.sink = sink};
}

void outbox_fini(struct outbox *outbox)
{
    free(outbox->events);
    *outbox = (struct outbox){.sink = outbox->sink};
}

size_t outbox_waiting(const struct outbox *outbox)
{
    return outbox->count - outbox->head;
}

void outbox_flush(struct outbox *outbox)
{
    while (outbox->head < outbox->count &&
           outbox->sink.deliver(outbox->sink.context, &outbox->events[outbox->head]))
        outbox->head++;
    if (outbox->head == outbox->count)
        outbox->head = outbox->count = 0;
}

void outbox_put(struct outbox *outbox, const struct telephony_event *event)
{
    if (outbox_waiting(outbox) == 0 && outbox->sink.deliver(outbox->sink.context, event))
        return;
    outbox->events = memory_grow(outbox->events, &outbox->capacity, outbox->count + 1,
                                 sizeof(*outbox->events));
    outbox->events[outbox->count++] = *event;
}
