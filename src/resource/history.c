#include "resource/history.h"

#include <string.h>

static int64_t integer_of(const json_t *before, const char *name)
{
    return json_integer_value(json_object_get(before, name));
}

static void from_before(const char *text, struct contact_moment *moment)
{
    json_t *before = text ? json_loads(text, 0, NULL) : NULL;
    moment->data = json_incref(json_object_get(before, "data"));
    moment->is_callable = json_is_true(json_object_get(before, "callable"));
    moment->is_top_priority = json_is_true(json_object_get(before, "topPriority"));
    moment->priority = (int32_t)integer_of(before, "priority");
    moment->preferred_agent.value = integer_of(before, "agent");
    moment->next_try.us = integer_of(before, "nextTry");
    json_decref(before);
}

static void from_now(const struct contact_record *now, struct contact_moment *moment)
{
    moment->data = json_loads(now->data, 0, NULL);
    moment->is_callable = now->hot.is_callable;
    moment->is_top_priority = now->hot.is_top_priority;
    moment->priority = now->hot.priority;
    moment->preferred_agent = now->hot.preferred_agent;
    moment->next_try = now->hot.next_try;
}

void contact_moment_at(const struct contact_event *events, size_t count,
                       const struct contact_record *now, struct wall instant,
                       struct contact_moment *moment)
{
    const struct contact_event *change = NULL; /* the first behind the instant */
    memset(moment, 0, sizeof(*moment));
    moment->state = CONTACT_WAITING;
    moment->is_there = count > 0 && events[0].at.us <= instant.us;
    for (size_t i = 0; i < count; i++) {
        const struct contact_event *event = &events[i];
        bool is_behind = event->at.us > instant.us;
        bool changes =
            event->kind == CONTACT_EVENT_CHANGED || event->kind == CONTACT_EVENT_DELETED;
        if (is_behind && changes && !change)
            change = event;
        if (!is_behind && event->state != CONTACT_STATE_COUNT)
            moment->state = event->state;
        if (!is_behind && event->kind == CONTACT_EVENT_DELETED)
            moment->is_there = false;
    }
    /* Of a contact that is gone the creation is not told: it was there before what came first.
     */
    if (count && !now && events[0].kind != CONTACT_EVENT_CREATED && !moment->is_there)
        moment->is_there = change && moment->state != CONTACT_DELETED;
    if (!moment->is_there)
        return;
    if (change)
        from_before(change->before, moment);
    else if (now)
        from_now(now, moment);
}
