/* Persons: the consent ledger, and erasure. */
#include "store/persons.h"

#include "store/contact.h"
#include "store/postgres/contact_rows.h"

enum status postgres_consents_add(void *self, const struct consent *consents, size_t count,
                                  int64_t *ids, struct error *err)
{
    enum status status = consents_check(consents, count, err);
    if (status)
        return status;
    struct pg_connection *writer = pg_write_begin(self, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    for (size_t i = 0; i < count && !status; i++) {
        const struct consent *consent = &consents[i];
        int64_t id = 0;
        status =
            pg_get(writer, PG_CONSENT_INSERT,
                   PG_VALUES(PG_INT(consent->number), PG_INT(consent->fact.kind),
                             PG_INT(consent->fact.at.us), PG_INT(consent->fact.expires_at.us),
                             PG_INT(consent->recorded_at.us), PG_INT(consent->actor.kind),
                             PG_INT(consent->actor.id), PG_TEXT(consent->scope),
                             PG_TEXT(consent->source), PG_TEXT(consent->text),
                             PG_TEXT(consent->proof)),
                   &id, err);
        if (ids)
            ids[i] = id;
    }
    return pg_write_end(self, STORE_API, status, err);
}

enum status postgres_consents_list(void *self, const struct consent_query *query,
                                   struct arena *arena, struct consent **consents,
                                   size_t *count, struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    *count = 0;
    if (!reader)
        return pg_unavailable(err);
    *consents = arena_new(arena, limit, sizeof(**consents));
    struct pg_rows rows =
        pg_start(reader, query->number ? PG_CONSENT_LIST_NUMBER : PG_CONSENT_LIST,
                 PG_VALUES(PG_INT(query->number), PG_INT(query->after), PG_TEXT(query->scope),
                           PG_INT((int64_t)limit)));
    while (*count < limit && pg_next(&rows))
        (*consents)[(*count)++] = (struct consent){
            .id = pg_int(&rows, 0),
            .number = pg_int(&rows, 1),
            .fact = {.kind = (enum consent_kind)pg_int(&rows, 2),
                     .at = {pg_int(&rows, 3)},
                     .expires_at = {pg_int(&rows, 4)}},
            .recorded_at = {pg_int(&rows, 5)},
            .actor = {(enum entity_kind)pg_int(&rows, 6), pg_int(&rows, 7)},
            .scope = pg_text_in(&rows, 8, arena),
            .source = pg_text_in(&rows, 9, arena),
            .text = pg_text_in(&rows, 10, arena),
            .proof = pg_text_in(&rows, 11, arena),
        };
    return pg_read_end(reader, pg_end(&rows, err));
}

/* --- Erasure
 * ------------------------------------------------------------------------------------- */

#define ERASE_BATCH 256

struct made {
    int64_t campaign, id, at, number;
};

/* Attempts to a contact or a number, until none has a plain number. */
static enum status erase_attempts(struct pg_connection *writer, const struct person *person,
                                  int64_t contact, int64_t number, struct person_erased *erased,
                                  struct error *err)
{
    struct made made[ERASE_BATCH];
    enum status status = STATUS_OK;
    size_t count;
    do {
        count = 0;
        struct pg_rows rows =
            pg_start(writer, PG_ATTEMPTS_TO_ERASE,
                     PG_VALUES(PG_INT(contact), PG_INT(number), PG_INT(ERASE_BATCH)));
        while (count < ERASE_BATCH && pg_next(&rows))
            made[count++] = (struct made){pg_int(&rows, 0), pg_int(&rows, 1), pg_int(&rows, 2),
                                          pg_int(&rows, 3)};
        status = pg_end(&rows, err);
        for (size_t i = 0; i < count && !status; i++) {
            struct pg_value campaign = PG_INT(made[i].campaign), id = PG_INT(made[i].id);
            int64_t pseudonym = person->pseudonym(person->context, made[i].number);
            status =
                pg_run(writer, PG_ERASE_ATTEMPT,
                       PG_VALUES(campaign, id, PG_INT(made[i].at), PG_INT(pseudonym)), err);
            if (!status)
                status = pg_run(writer, PG_ERASE_NOTES, PG_VALUES(campaign, id), err);
            erased->attempts++;
        }
    } while (count == ERASE_BATCH && !status);
    return status;
}

static enum status run_counted(struct pg_connection *writer, enum pg sql, struct pg_value a,
                               struct pg_value b, int64_t *changed, struct error *err)
{
    struct pg_rows rows = pg_start(writer, sql, PG_VALUES(a, b));
    if (rows.result)
        *changed += pg_changed(&rows);
    return pg_end(&rows, err);
}

static enum status erase_contacts(struct pg_connection *writer, const struct person *person,
                                  struct person_erased *erased, struct error *err)
{
    enum status status = pg_contacts_forget(writer, person->contacts, person->contact_count,
                                            &erased->contacts, err);
    for (size_t i = 0; i < person->contact_count && !status; i++) {
        struct contact_id id = person->contacts[i];
        status = run_counted(writer, PG_ERASE_EVENTS, PG_INT(contact_list_of(id).value),
                             PG_INT(id.value), &erased->events, err);
        if (!status)
            status = erase_attempts(writer, person, id.value, 0, erased, err);
    }
    return status;
}

enum status postgres_person_erase(void *self, const struct person *person,
                                  struct person_erased *erased, struct error *err)
{
    struct person_erased done = {0};
    struct pg_connection *writer = pg_write_begin(self, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = erase_contacts(writer, person, &done, err);
    for (size_t i = 0; i < person->number_count && !status; i++) {
        int64_t number = person->numbers[i];
        status = erase_attempts(writer, person, 0, number, &done, err);
        if (!status)
            status = run_counted(writer, PG_ERASE_CONSENTS, PG_INT(number),
                                 PG_INT(person->pseudonym(person->context, number)),
                                 &done.consents, err);
    }
    status = pg_write_end(self, STORE_API, status, err);
    if (!status)
        *erased = done;
    return status;
}
