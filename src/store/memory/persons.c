#include "store/persons.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "store/contact.h"
#include "store/memory/rows.h"

static char *kept(const char *text)
{
    return memory_text(text, strlen(text));
}

enum status memory_consents_add(void *self, const struct consent *consents, size_t count,
                                int64_t *ids, struct error *err)
{
    struct store_memory *store = self;
    enum status status = consents_check(consents, count, err);
    for (size_t i = 0; i < count && !status; i++) {
        struct consent *consent = MEMORY_ADD(&store->consents);
        *consent = consents[i];
        consent->id = (int64_t)store->consents.count;
        consent->scope = kept(consents[i].scope);
        consent->source = kept(consents[i].source);
        consent->text = kept(consents[i].text);
        consent->proof = kept(consents[i].proof);
        if (ids)
            ids[i] = consent->id;
    }
    return status;
}

static void clear(const char **text)
{
    free((void *)(uintptr_t)*text);
    *text = kept("");
}

void memory_consents_free(struct store_memory *store)
{
    for (size_t i = 0; i < store->consents.count; i++) {
        free((void *)(uintptr_t)store->consents.items[i].scope);
        free((void *)(uintptr_t)store->consents.items[i].source);
        free((void *)(uintptr_t)store->consents.items[i].text);
        free((void *)(uintptr_t)store->consents.items[i].proof);
    }
    free(store->consents.items);
}

static const char *given(struct arena *arena, const char *text)
{
    return arena_text(arena, text, strlen(text));
}

enum status memory_consents_list(void *self, const struct consent_query *query,
                                 struct arena *arena, struct consent **consents, size_t *count,
                                 struct error *err)
{
    (void)err;
    const struct store_memory *store = self;
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *consents = arena_new(arena, limit, sizeof(**consents));
    *count = 0;
    for (size_t i = 0; i < store->consents.count && *count < limit; i++) {
        struct consent consent = store->consents.items[i];
        if ((query->number && consent.number != query->number) || consent.id <= query->after ||
            (query->scope && strcmp(consent.scope, query->scope) != 0))
            continue;
        consent.scope = given(arena, consent.scope);
        consent.source = given(arena, consent.source);
        consent.text = given(arena, consent.text);
        consent.proof = given(arena, consent.proof);
        (*consents)[(*count)++] = consent;
    }
    return STATUS_OK;
}

/* --- Erasure
 * ------------------------------------------------------------------------------------- */

static void erase_attempts(struct store_memory *store, const struct person *person,
                           int64_t contact, int64_t number, struct person_erased *erased)
{
    for (size_t i = 0; i < store->attempts.count; i++) {
        struct memory_attempt *attempt = store->attempts.items[i];
        if (attempt->record.number <= 0 ||
            (attempt->record.contact.value != contact && attempt->record.number != number))
            continue;
        attempt->record.number = person->pseudonym(person->context, attempt->record.number);
        free(attempt->note);
        attempt->note = NULL;
        erased->attempts++;
    }
}

int64_t memory_events_forget(struct store_memory *store, struct contact_id contact)
{
    int64_t count = 0;
    for (size_t i = 0; i < store->events.count; i++) {
        struct memory_event *event = &store->events.items[i];
        if (event->contact.value != contact.value)
            continue;
        free((void *)(uintptr_t)event->event.before);
        free((void *)(uintptr_t)event->event.note);
        event->event.before = event->event.note = NULL;
        count++;
    }
    return count;
}

enum status memory_person_erase(void *self, const struct person *person,
                                struct person_erased *erased, struct error *err)
{
    struct store_memory *store = self;
    memset(erased, 0, sizeof(*erased));
    for (size_t i = 0; i < person->contact_count; i++) {
        const struct memory_contact *contact = memory_contact_find(store, person->contacts[i]);
        if (contact && contact->hot.state == CONTACT_RUNNING)
            return contact_running(person->contacts[i], i, err);
    }
    for (size_t i = 0; i < person->contact_count; i++) {
        erased->contacts += memory_contact_forget(store, person->contacts[i]);
        erased->events += memory_events_forget(store, person->contacts[i]);
        erase_attempts(store, person, person->contacts[i].value, 0, erased);
    }
    for (size_t i = 0; i < person->number_count; i++) {
        erase_attempts(store, person, 0, person->numbers[i], erased);
        for (size_t j = 0; j < store->consents.count; j++) {
            struct consent *consent = &store->consents.items[j];
            if (consent->number != person->numbers[i])
                continue;
            consent->number = person->pseudonym(person->context, consent->number);
            clear(&consent->source);
            clear(&consent->text);
            clear(&consent->proof);
            erased->consents++;
        }
    }
    return STATUS_OK;
}
