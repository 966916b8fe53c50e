/* Persons: the consent ledger, and erasure. */
#include "store/persons.h"

#include <stdlib.h>

#include "store/contact.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/contact_rows.h"

enum status sqlite_consents_add(void *self, const struct consent *consents, size_t count,
                                int64_t *ids, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = consents_check(consents, count, err);
    if (!status)
        status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++) {
        const struct consent *consent = &consents[i];
        status = sql_run(&store->writer, SQL_CONSENT_INSERT,
                         SQL_VALUES(SQL_INT(consent->number), SQL_INT(consent->fact.kind),
                                    SQL_INT(consent->fact.at.us),
                                    SQL_INT(consent->fact.expires_at.us),
                                    SQL_INT(consent->recorded_at.us),
                                    SQL_INT(consent->actor.kind), SQL_INT(consent->actor.id),
                                    SQL_TEXT(consent->scope), SQL_TEXT(consent->source),
                                    SQL_TEXT(consent->text), SQL_TEXT(consent->proof)),
                         err);
        if (ids)
            ids[i] = sqlite3_last_insert_rowid(store->writer.db);
    }
    return write_end(store, status, err);
}

enum status sqlite_consents_list(void *self, const struct consent_query *query,
                                 struct arena *arena, struct consent **consents, size_t *count,
                                 struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    struct connection *reader = read_begin(self, err);
    *count = 0;
    if (!reader)
        return STATUS_UNAVAILABLE;
    *consents = arena_new(arena, limit, sizeof(**consents));
    struct rows rows =
        sql_start(reader, query->number ? SQL_CONSENT_LIST_NUMBER : SQL_CONSENT_LIST,
                  SQL_VALUES(SQL_INT(query->number), SQL_INT(query->after),
                             SQL_TEXT(query->scope), SQL_INT((int64_t)limit)));
    while (*count < limit && rows_next(&rows)) {
        sqlite3_stmt *row = rows.statement;
        (*consents)[(*count)++] = (struct consent){
            .id = sqlite3_column_int64(row, 0),
            .number = sqlite3_column_int64(row, 1),
            .fact = {.kind = (enum consent_kind)sqlite3_column_int(row, 2),
                     .at = {sqlite3_column_int64(row, 3)},
                     .expires_at = {sqlite3_column_int64(row, 4)}},
            .recorded_at = {sqlite3_column_int64(row, 5)},
            .actor = {(enum entity_kind)sqlite3_column_int(row, 6),
                      sqlite3_column_int64(row, 7)},
            .scope = rows_text(&rows, 8, arena),
            .source = rows_text(&rows, 9, arena),
            .text = rows_text(&rows, 10, arena),
            .proof = rows_text(&rows, 11, arena),
        };
    }
    return read_end(reader, rows_end(&rows, err));
}

/* --- Erasure
 * ------------------------------------------------------------------------------------- */

#define ERASE_BATCH 256

/* Attempts to a contact or a number, until none has a plain number. */
static enum status erase_attempts(struct connection *writer, const struct person *person,
                                  int64_t contact, int64_t number, struct person_erased *erased,
                                  struct error *err)
{
    int64_t ids[ERASE_BATCH], numbers[ERASE_BATCH];
    enum status status = STATUS_OK;
    size_t count;
    do {
        count = 0;
        struct rows rows =
            sql_start(writer, SQL_ATTEMPTS_TO_ERASE,
                      SQL_VALUES(SQL_INT(contact), SQL_INT(number), SQL_INT(ERASE_BATCH)));
        for (; count < ERASE_BATCH && rows_next(&rows); count++) {
            ids[count] = sqlite3_column_int64(rows.statement, 0);
            numbers[count] = sqlite3_column_int64(rows.statement, 1);
        }
        status = rows_end(&rows, err);
        for (size_t i = 0; i < count && !status; i++) {
            int64_t pseudonym = person->pseudonym(person->context, numbers[i]);
            status = sql_run(writer, SQL_ERASE_ATTEMPT,
                             SQL_VALUES(SQL_INT(ids[i]), SQL_INT(pseudonym)), err);
            if (!status)
                status = sql_run(writer, SQL_ERASE_NOTES, SQL_VALUES(SQL_INT(ids[i])), err);
            erased->attempts++;
        }
    } while (count == ERASE_BATCH && !status);
    return status;
}

static enum status erase_contact(struct connection *writer, const struct person *person,
                                 size_t index, struct person_erased *erased, struct error *err)
{
    struct contact_id id = person->contacts[index];
    enum status status = sqlite_contact_forget(writer, id, index, err);
    if (status == STATUS_OK)
        erased->contacts++;
    else if (status != STATUS_NOT_FOUND)
        return status;
    status = sql_run(writer, SQL_ERASE_EVENTS, SQL_VALUES(SQL_INT(id.value)), err);
    erased->events += sqlite3_changes64(writer->db);
    return status ? status : erase_attempts(writer, person, id.value, 0, erased, err);
}

enum status sqlite_person_erase(void *self, const struct person *person,
                                struct person_erased *erased, struct error *err)
{
    struct store_sqlite *store = self;
    struct connection *writer = &store->writer;
    struct person_erased done = {0};
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    for (size_t i = 0; i < person->contact_count && !status; i++)
        status = erase_contact(writer, person, i, &done, err);
    for (size_t i = 0; i < person->number_count && !status; i++) {
        int64_t number = person->numbers[i];
        status = erase_attempts(writer, person, 0, number, &done, err);
        if (!status)
            status = sql_run(writer, SQL_ERASE_CONSENTS,
                             SQL_VALUES(SQL_INT(number),
                                        SQL_INT(person->pseudonym(person->context, number))),
                             err);
        done.consents += sqlite3_changes64(writer->db);
    }
    status = write_end(store, status, err);
    if (!status)
        *erased = done;
    return status;
}
