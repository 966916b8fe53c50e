/* A person's rights: everything that is held about a number or a contact, and its erasure. A
 * number may be several contacts'; what is found names them, and erasure takes them all. Of a
 * contact it takes that one alone: a number that another contact has stays known by that one.
 * Source: EU Regulation 2016/679, articles 15 and 17. */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"

#define LISTS_AT_ONCE 200
#define CONTACTS_OF_ONE 1000 /* that have the number, over all lists */
#define ROWS_OF_ONE 1000     /* attempts and consents */
#define DELETED_AT_ONCE 5000
#define DELETED_MOST 200000 /* of a list: so many are looked through, the newest first */
#define TAIL_DIGITS 6

/* Who is asked for: whoever has a number, or one contact. */
struct subject {
    int64_t numbers[ADDRESS_MAX];
    size_t number_count;
    bool is_contact;
    struct entity list; /* the contact's, and what it is: */
    struct contact_record record;
};

/* What a person is told. */
struct told {
    json_t *contacts;
    bool is_cut;
};

struct found {
    struct contact_id ids[CONTACTS_OF_ONE];
    size_t count;
    bool is_cut;
};

typedef bool (*list_fn)(struct call *call, const struct entity *list, int64_t number,
                        void *context);

static bool each_list(struct call *call, enum entity_kind kind, int64_t number, list_fn look,
                      void *context)
{
    struct entity_query query = {.kind = kind, .limit = LISTS_AT_ONCE};
    struct entity_page page;
    do {
        if (STORE(call->api, entity_list, &query, call->arena, &page, &call->err) != STATUS_OK)
            return call_fail(call);
        for (int32_t i = 0; i < page.count; i++)
            if (!look(call, &page.entities[i], number, context))
                return false;
        query.offset += page.count;
    } while (page.count == LISTS_AT_ONCE);
    return true;
}

/* --- Contacts that were deleted --------------------------------------------------------------
 */

/* What is told of them has numbers as somebody wrote them: there is no index of those. */

/* Whether the last digits of a text are those of the number: most are sorted out by it. */
static bool tail_matches(const char *text, int64_t number)
{
    int found = 0;
    for (size_t i = strlen(text); i > 0 && found < TAIL_DIGITS; i--) {
        if (text[i - 1] < '0' || text[i - 1] > '9')
            continue;
        if (text[i - 1] - '0' != number % 10)
            return false;
        number /= 10;
        found++;
    }
    return found == TAIL_DIGITS;
}

static bool has_number(struct call *call, const struct list_columns *columns,
                       const struct deleted_contact *deleted, int64_t number)
{
    const struct api_numbers *numbers = &call->api->options.numbers;
    json_t *before = json_loads(deleted->before, 0, NULL);
    const json_t *data = json_object_get(before, "data");
    bool has = false;
    for (int32_t i = 0; i < columns->phone_count && !has; i++) {
        const char *text = json_string_value(json_array_get(data, (size_t)columns->phones[i]));
        has = text && tail_matches(text, number) &&
              numbers->parse(numbers->context, text) == number;
    }
    json_decref(before);
    return has;
}

typedef bool (*deleted_fn)(struct call *call, const struct entity *list,
                           const struct list_columns *columns,
                           const struct deleted_contact *deleted, void *context);

/* *is_cut: there are more than are looked through. */
static bool each_deleted(struct call *call, const struct entity *list, int64_t number,
                         deleted_fn take, void *context, bool *is_cut)
{
    json_t *document = resource_document(list->document);
    struct list_columns columns;
    struct deleted_contact *rows = memory_new(DELETED_AT_ONCE, sizeof(*rows));
    bool is_fine = true;
    size_t count = DELETED_AT_ONCE;
    value_list_columns(document, &columns);
    for (int64_t at = 0; is_fine && count == DELETED_AT_ONCE; at += (int64_t)count) {
        if (at >= DELETED_MOST) {
            *is_cut = true;
            break;
        }
        struct arena arena;
        arena_init(&arena);
        is_fine = STORE(call->api, contacts_deleted, (struct list_id){list->id}, at, &arena,
                        rows, &count, &call->err) == STATUS_OK ||
                  call_fail(call);
        for (size_t i = 0; is_fine && i < count; i++)
            if (has_number(call, &columns, &rows[i], number))
                is_fine = take(call, list, &columns, &rows[i], context);
        arena_fini(&arena);
    }
    free(rows);
    json_decref(document);
    return is_fine;
}

/* --- Everything that is held ----------------------------------------------------------------
 */

static json_t *contact_json(struct call *call, const struct entity *list,
                            const struct list_columns *columns,
                            const struct contact_record *record)
{
    json_t *values = json_loads(record->data, 0, NULL);
    json_t *out =
        json_pack("{s:s,s:{s:s,s:s},s:o,s:s}", "id",
                  record->external_id ? record->external_id
                                      : call_guid(call, GUID_CONTACT, record->hot.id.value),
                  "contactList", "id", call_guid(call, ENTITY_CONTACT_LIST, list->id), "name",
                  list->name, "data", values_by_column(columns, values), "globalState",
                  contact_state_name(record->hot.state));
    json_decref(values);
    date_add(out, "dateCreated", record->created_at);
    date_add(out, "dateModified", record->updated_at);
    return out;
}

/* With its history. */
static bool contact_add(struct call *call, const struct entity *list,
                        const struct list_columns *columns, const struct contact_record *record,
                        json_t *contacts)
{
    json_t *contact = contact_json(call, list, columns, record);
    json_t *events = NULL;
    bool is_fine = contact_events_write(call, columns, record->hot.id, &events);
    json_object_set_new(contact, "history", events);
    json_array_append_new(contacts, contact);
    return is_fine;
}

static bool contacts_look(struct call *call, const struct entity *list, int64_t number,
                          void *context)
{
    struct told *told = context;
    struct contact_record *records = NULL;
    size_t count = 0;
    struct contact_query query = {
        .list = {list->id}, .number = number, .limit = CONTACTS_OF_ONE};
    if (STORE(call->api, contacts_list, &query, call->arena, &records, &count, &call->err) !=
        STATUS_OK)
        return call_fail(call);
    json_t *document = resource_document(list->document);
    struct list_columns columns;
    value_list_columns(document, &columns);
    bool is_fine = true;
    for (size_t i = 0; i < count && is_fine; i++)
        is_fine = contact_add(call, list, &columns, &records[i], told->contacts);
    told->is_cut = told->is_cut || count == CONTACTS_OF_ONE;
    json_decref(document);
    return is_fine;
}

static bool deleted_add(struct call *call, const struct entity *list,
                        const struct list_columns *columns,
                        const struct deleted_contact *deleted, void *context)
{
    struct told *told = context;
    json_t *before = json_loads(deleted->before, 0, NULL), *events = NULL;
    json_t *contact = json_pack(
        "{s:s,s:{s:s,s:s},s:o,s:s}", "id", deleted_contact_id(call, deleted, before),
        "contactList", "id", call_guid(call, ENTITY_CONTACT_LIST, list->id), "name", list->name,
        "data", values_by_column(columns, json_object_get(before, "data")), "globalState",
        contact_state_name(CONTACT_DELETED));
    json_decref(before);
    date_add(contact, "dateDeleted", deleted->at);
    bool is_fine = contact_events_write(call, columns, deleted->id, &events);
    json_object_set_new(contact, "history", events);
    json_array_append_new(told->contacts, contact);
    return is_fine;
}

static bool deleted_look(struct call *call, const struct entity *list, int64_t number,
                         void *context)
{
    struct told *told = context;
    return each_deleted(call, list, number, deleted_add, told, &told->is_cut);
}

static bool dnc_look(struct call *call, const struct entity *list, int64_t number,
                     void *context)
{
    bool has = false;
    if (STORE(call->api, dnc_has, (struct dnc_list_id){list->id}, number, api_now(call->api),
              &has, &call->err) != STATUS_OK)
        return call_fail(call);
    if (has)
        json_array_append_new(context,
                              json_pack("{s:s,s:s,s:o}", "id",
                                        call_guid(call, ENTITY_DNC_LIST, list->id), "name",
                                        list->name, "phoneNumber", number_write(call, number)));
    return true;
}

static bool attempts_add(struct call *call, const struct subject *subject, json_t *out)
{
    struct attempt_record *records = NULL;
    size_t count = 0;
    struct attempt_query query = {.is_newest_first = true, .limit = ROWS_OF_ONE};
    if (subject->is_contact)
        query.contact = subject->record.hot.id;
    else
        query.number = subject->numbers[0];
    struct resource_writer writer = call_writer(call);
    if (STORE(call->api, attempts_list, &query, call->arena, &records, &count, &call->err) !=
        STATUS_OK)
        return call_fail(call);
    json_t *attempts = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *attempt = json_pack(
            "{s:s,s:o,s:s}", "callId", call_guid(call, GUID_CALL, records[i].call.value),
            "campaign", resource_ref_write(&writer, ENTITY_CAMPAIGN, records[i].campaign.value),
            "outcome", outcome_name(records[i].outcome));
        date_add(attempt, "at", records[i].at);
        date_add(attempt, "answeredAt", records[i].answered_at);
        date_add(attempt, "endedAt", records[i].ended_at);
        json_array_append_new(attempts, attempt);
    }
    json_object_set_new(out, "attempts", attempts);
    return true;
}

static bool consents_add_to(struct call *call, int64_t number, json_t *rows)
{
    struct consent *consents = NULL;
    size_t count = 0;
    struct consent_query query = {.number = number, .limit = ROWS_OF_ONE};
    if (STORE(call->api, consents_list, &query, call->arena, &consents, &count, &call->err) !=
        STATUS_OK)
        return call_fail(call);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows, consent_write(call, &consents[i]));
    return true;
}

static bool number_take(struct call *call, const char *text, struct subject *subject)
{
    const struct api_numbers *numbers = &call->api->options.numbers;
    subject->numbers[0] = numbers->parse(numbers->context, text);
    subject->number_count = 1;
    if (subject->numbers[0] > 0)
        return true;
    http_respond_error(call->response, 400, "invalid.value", "phoneNumber",
                       "phoneNumber: is not a valid telephone number");
    return false;
}

static bool contact_take(struct call *call, const char *list, const char *contact,
                         struct subject *subject)
{
    int64_t id = 0;
    if (!guid_parse(&call->api->guid, ENTITY_CONTACT_LIST, list, &id) ||
        STORE(call->api, entity_get, ENTITY_CONTACT_LIST, id, call->arena, &subject->list,
              &call->err) != STATUS_OK)
        return call_unknown(call, ENTITY_CONTACT_LIST);
    if (!contact_load(call, id, contact, &subject->record))
        return false;
    subject->is_contact = true;
    const struct contact *hot = &subject->record.hot;
    for (int32_t i = 0; i < hot->address_count; i++) {
        bool is_known = hot->addresses[i].number <= 0;
        for (size_t k = 0; k < subject->number_count; k++)
            is_known = is_known || subject->numbers[k] == hot->addresses[i].number;
        if (!is_known)
            subject->numbers[subject->number_count++] = hot->addresses[i].number;
    }
    return true;
}

/* Either a number, or a contact with its list. */
static bool subject_take(struct call *call, const char *number, const char *list,
                         const char *contact, struct subject *subject)
{
    *subject = (struct subject){.number_count = 0};
    if (number && !list && !contact)
        return number_take(call, number, subject);
    if (!number && list && contact)
        return contact_take(call, list, contact, subject);
    http_respond_error(call->response, 400, "invalid.value", "phoneNumber",
                       "phoneNumber: required, or contactListId and contactId in its place");
    return false;
}

static bool contacts_tell(struct call *call, const struct subject *subject, struct told *told)
{
    if (!subject->is_contact)
        return each_list(call, ENTITY_CONTACT_LIST, subject->numbers[0], contacts_look, told) &&
               each_list(call, ENTITY_CONTACT_LIST, subject->numbers[0], deleted_look, told);
    json_t *document = resource_document(subject->list.document);
    struct list_columns columns;
    value_list_columns(document, &columns);
    bool is_fine =
        contact_add(call, &subject->list, &columns, &subject->record, told->contacts);
    json_decref(document);
    return is_fine;
}

/* ?phoneNumber=, or ?contactListId=&contactId= */
void person_get(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct subject subject;
    if (!subject_take(&call, http_query(request, "phoneNumber"),
                      http_query(request, "contactListId"), http_query(request, "contactId"),
                      &subject))
        return;
    json_t *numbers = json_array(), *contacts = json_array(), *lists = json_array(),
           *consents = json_array();
    json_t *out = json_pack("{s:o,s:o,s:o,s:o}", "phoneNumbers", numbers, "contacts", contacts,
                            "doNotContactLists", lists, "consents", consents);
    struct told told = {.contacts = contacts};
    bool is_fine = contacts_tell(&call, &subject, &told) && attempts_add(&call, &subject, out);
    json_object_set_new(out, "isWhole", json_boolean(!told.is_cut));
    for (size_t i = 0; i < subject.number_count && is_fine; i++) {
        json_array_append_new(numbers, number_write(&call, subject.numbers[i]));
        is_fine = each_list(&call, ENTITY_DNC_LIST, subject.numbers[i], dnc_look, lists) &&
                  consents_add_to(&call, subject.numbers[i], consents);
    }
    if (is_fine)
        http_respond_json(response, 200, json_incref(out));
    json_decref(out);
}

/* --- Erasure --------------------------------------------------------------------------------
 */

static bool ids_look(struct call *call, const struct entity *list, int64_t number,
                     void *context)
{
    struct found *found = context;
    struct contact_record *records = NULL;
    size_t count = 0;
    struct contact_query query = {.list = {list->id},
                                  .number = number,
                                  .limit = (int32_t)(CONTACTS_OF_ONE - found->count)};
    if (!query.limit) {
        found->is_cut = true;
        return true;
    }
    if (STORE(call->api, contacts_list, &query, call->arena, &records, &count, &call->err) !=
        STATUS_OK)
        return call_fail(call);
    for (size_t i = 0; i < count; i++)
        found->ids[found->count++] = records[i].hot.id;
    return true;
}

static bool deleted_id_take(struct call *call, const struct entity *list,
                            const struct list_columns *columns,
                            const struct deleted_contact *deleted, void *context)
{
    struct found *found = context;
    (void)call;
    (void)list;
    (void)columns;
    if (found->count == CONTACTS_OF_ONE)
        found->is_cut = true;
    else
        found->ids[found->count++] = deleted->id;
    return true;
}

static bool deleted_ids_look(struct call *call, const struct entity *list, int64_t number,
                             void *context)
{
    struct found *found = context;
    return each_deleted(call, list, number, deleted_id_take, found, &found->is_cut);
}

/* Negative, the same for the same number, and of no use without the installation's key. */
static int64_t pseudonym_of(void *context, int64_t number)
{
    uint8_t hash[8];
    uint64_t value = 0;
    crypto_generichash(hash, sizeof(hash), (const uint8_t *)&number, sizeof(number), context,
                       32);
    memcpy(&value, hash, sizeof(value));
    return -(int64_t)(value >> 2) - 1;
}

/* Keeps the numbers that no other contact has. */
static bool numbers_own(struct call *call, struct subject *subject)
{
    size_t kept = 0;
    for (size_t i = 0; i < subject->number_count; i++) {
        struct found *others = arena_new(call->arena, 1, sizeof(*others));
        bool is_shared = false;
        if (!each_list(call, ENTITY_CONTACT_LIST, subject->numbers[i], ids_look, others))
            return false;
        for (size_t k = 0; k < others->count; k++)
            is_shared = is_shared || others->ids[k].value != subject->record.hot.id.value;
        if (!is_shared)
            subject->numbers[kept++] = subject->numbers[i];
    }
    subject->number_count = kept;
    return true;
}

static bool found_all(struct call *call, struct subject *subject, struct found *found)
{
    if (!subject->is_contact)
        return each_list(call, ENTITY_CONTACT_LIST, subject->numbers[0], ids_look, found) &&
               each_list(call, ENTITY_CONTACT_LIST, subject->numbers[0], deleted_ids_look,
                         found);
    found->ids[found->count++] = subject->record.hot.id;
    return numbers_own(call, subject);
}

/* {"phoneNumber" or "contactListId" and "contactId", "reason"}: cannot be undone. */
void person_erase(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const char *number = NULL, *list = NULL, *contact = NULL, *reason = NULL;
    json_t *body = NULL;
    uint8_t key[32];
    struct subject subject;
    struct found *found = arena_new(call.arena, 1, sizeof(*found));
    struct person_erased erased;
    if (!call_object(&call, &body))
        return;
    if (json_member_text(body, "phoneNumber", false, 64, &number, &call.err) ||
        json_member_text(body, "contactListId", false, 64, &list, &call.err) ||
        json_member_text(body, "contactId", false, CONTACT_ID_MAX * 4, &contact, &call.err) ||
        json_member_text(body, "reason", true, 512, &reason, &call.err) ||
        STORE(call.api, key_get, "erasure", key, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    if (!subject_take(&call, number, list, contact, &subject) ||
        !found_all(&call, &subject, found))
        return;
    struct person person = {found->ids,           found->count, subject.numbers,
                            subject.number_count, pseudonym_of, key};
    enum status status = STORE(call.api, person_erase, &person, &erased, &call.err);
    sodium_memzero(key, sizeof(key));
    if (status == STATUS_CONFLICT)
        http_respond_error(response, 409, "contact.in.use", "",
                           "The person is being called: erase them after the call.");
    else if (status != STATUS_OK)
        call_fail(&call);
    else
        http_respond_json(
            response, 200,
            json_pack("{s:I,s:I,s:I,s:I,s:b}", "contacts", (json_int_t)erased.contacts,
                      "attempts", (json_int_t)erased.attempts, "events",
                      (json_int_t)erased.events, "consents", (json_int_t)erased.consents,
                      "isWhole", (int)!found->is_cut));
}
