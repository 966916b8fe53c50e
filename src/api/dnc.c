/* Do-not-contact entries: telephone numbers, e-mail addresses, values of a column. */
#include <ctype.h>
#include <string.h>

#include "api/internal.h"

#define DNC_AT_ONCE 10000
#define DNC_EXPIRY_MAX_US (180 * US_PER_DAY)

/* What a list holds, and which routes take it. */
enum dnc_holds { HOLDS_NUMBERS = 1, HOLDS_EMAILS = 2, HOLDS_VALUES = 4 };

struct dnc {
    struct entity entity;
    struct dnc_list_id id;
    uint32_t holds;
};

static bool refuse(struct call *call, const char *field, const char *text)
{
    http_respond_error(call->response, 400, "invalid.value", field, "%s%s%s", field,
                       *field ? ": " : "", text);
    return false;
}

static uint32_t holds_of(const char *source, const char *method)
{
    if (strcmp(source, "rds_custom") == 0)
        return HOLDS_VALUES;
    if (strcmp(method, "Email") == 0)
        return HOLDS_EMAILS;
    return strcmp(method, "Any") == 0 ? HOLDS_NUMBERS | HOLDS_EMAILS : HOLDS_NUMBERS;
}

/* The list of the path, which must hold `wanted`. False: answered. */
static bool list_get(struct call *call, uint32_t wanted, struct dnc *list)
{
    if (!call_entity(call, "id", ENTITY_DNC_LIST, &list->entity))
        return false;
    list->id.value = list->entity.id;
    json_t *document = resource_document(list->entity.document);
    const char *source = json_string_value(json_object_get(document, "dncSourceType"));
    const char *method = json_string_value(json_object_get(document, "contactMethod"));
    source = arena_format(call->arena, "%s", source ? source : "");
    list->holds = holds_of(source, method ? method : "Phone");
    json_decref(document);
    if (strncmp(source, "rds", 3) != 0) {
        http_respond_error(call->response, 400, "invalid.value", "dncSourceType",
                           "dncSourceType: the entries of a list of type %s are kept by that "
                           "service, which this server does not ask; use a list of type rds",
                           source);
        return false;
    }
    static const char *const words[] = {[HOLDS_NUMBERS] = "telephone numbers",
                                        [HOLDS_EMAILS] = "e-mail addresses",
                                        [HOLDS_VALUES] = "values of a column",
                                        [HOLDS_NUMBERS | HOLDS_EMAILS] = "numbers"};
    if (!(list->holds & wanted)) {
        http_respond_error(call->response, 400, "invalid.value", "contactMethod",
                           "contactMethod: the list holds %s, not %s", words[list->holds],
                           words[wanted]);
        return false;
    }
    return true;
}

/* "yyyy-MM-ddTHH:mmZ"; also with seconds. At most 180 days ahead. */
static bool expiry_read(struct call *call, const char *text, struct wall *at)
{
    at->us = 0;
    if (!text || !*text)
        return true;
    int64_t now = api_now(call->api).us;
    if (dnc_expiry_parse(text, at) && at->us > now && at->us <= now + DNC_EXPIRY_MAX_US)
        return true;
    return refuse(call, "expirationDateTime",
                  "must be yyyy-MM-ddTHH:mmZ, in the future and at most 180 days ahead");
}

static bool refuse_at(struct call *call, const char *path, size_t index, const char *text)
{
    char at[ERROR_PATH_MAX];
    snprintf(at, sizeof(at), "%s[%zu]", path, index);
    return refuse(call, at, text);
}

static bool numbers_read(struct call *call, const json_t *array, const char *path,
                         int64_t *numbers)
{
    const struct api_numbers *world = &call->api->options.numbers;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        numbers[i] = text ? world->parse(world->context, text) : 0;
        if (numbers[i] <= 0)
            return refuse_at(call, path, i, "is not a valid telephone number");
    }
    return true;
}

static bool values_read(struct call *call, const json_t *array, const char *path,
                        bool are_emails, const char **values)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (!text || !*text || strlen(text) > DNC_VALUE_MAX)
            return refuse_at(call, path, i, "must be a text of 1 to 512 bytes");
        const char *at = strchr(text, '@');
        if (are_emails && (!at || at == text || !at[1]))
            return refuse_at(call, path, i, "is not an e-mail address");
        char *copy = arena_text(call->arena, text, strlen(text));
        for (char *c = copy; are_emails && *c; c++)
            *c = (char)tolower((unsigned char)*c);
        values[i] = copy;
    }
    return true;
}

/* False: answered 409. */
static bool has_room(struct call *call, const struct dnc *list, size_t count)
{
    if (jobs_dnc_room(call->api->store, list->id, (int64_t)count, &call->err) == STATUS_OK)
        return true;
    if (call->err.status != STATUS_FULL)
        return call_fail(call);
    http_respond_error(call->response, 409, "limit.exceeded", "", "%s", call->err.text);
    return false;
}

static enum status entries_store(struct call *call, const struct dnc *list, uint32_t kind,
                                 bool removes, const void *entries, size_t count,
                                 struct wall expires)
{
    if (kind == HOLDS_NUMBERS)
        return removes ? STORE(call->api, dnc_remove, list->id, entries, count, &call->err)
                       : STORE(call->api, dnc_add, STORE_API, list->id, entries, count, expires,
                               &call->err);
    return removes ? STORE(call->api, dnc_values_remove, list->id, entries, count, &call->err)
                   : STORE(call->api, dnc_values_add, STORE_API, list->id, entries, count,
                           expires, &call->err);
}

static void entries_put(struct call *call, const struct dnc *list, uint32_t kind, bool removes,
                        const json_t *array, const char *path, struct wall expires)
{
    size_t count = json_array_size(array);
    int64_t *numbers = arena_new(call->arena, count + 1, sizeof(*numbers));
    const char **values = arena_new(call->arena, count + 1, sizeof(*values));
    bool is_read = kind == HOLDS_NUMBERS
                       ? numbers_read(call, array, path, numbers)
                       : values_read(call, array, path, kind == HOLDS_EMAILS, values);
    if (!is_read || (!removes && !has_room(call, list, count)))
        return;
    const void *entries = kind == HOLDS_NUMBERS ? (const void *)numbers : (const void *)values;
    if (entries_store(call, list, kind, removes, entries, count, expires) == STATUS_OK)
        http_respond_empty(call->response, 204);
    else
        call_fail(call);
}

/* An array of entries; query expirationDateTime. */
static void add(void *context, struct http_request *request, struct http_response *response,
                uint32_t kind)
{
    struct call call = call_begin(context, request, response);
    struct dnc list;
    struct wall expires = {0};
    json_t *body = NULL;
    if (list_get(&call, kind, &list) && call_array(&call, DNC_AT_ONCE, &body) &&
        expiry_read(&call, http_query(request, "expirationDateTime"), &expires))
        entries_put(&call, &list, kind, false, body, "", expires);
}

/* {"action": "Add" | "Remove", <member>: [...], "expirationDateTime"} */
static void patch(void *context, struct http_request *request, struct http_response *response,
                  uint32_t kind, const char *member)
{
    struct call call = call_begin(context, request, response);
    struct dnc list;
    struct wall expires = {0};
    json_t *body = NULL, *array = NULL;
    const char *action = "Add", *expiry = NULL;
    if (!list_get(&call, kind, &list) || !call_object(&call, &body))
        return;
    if (json_member_text(body, "action", false, 16, &action, &call.err) ||
        json_member_text(body, "expirationDateTime", false, 32, &expiry, &call.err) ||
        json_member_array(body, member, true, DNC_AT_ONCE, &array, &call.err)) {
        call_fail(&call);
        return;
    }
    bool removes = strcmp(action, "Remove") == 0;
    if (!removes && strcmp(action, "Add") != 0)
        refuse(&call, "action", "must be Add or Remove");
    else if (expiry_read(&call, expiry, &expires))
        entries_put(&call, &list, kind, removes, array, member, expires);
}

/* All of them; query expiredOnly. */
static void clear(void *context, struct http_request *request, struct http_response *response,
                  uint32_t kind)
{
    struct call call = call_begin(context, request, response);
    struct dnc list;
    if (!list_get(&call, kind, &list))
        return;
    bool expired_only = http_query_bool(request, "expiredOnly", false);
    if (STORE(call.api, dnc_clear, list.id, expired_only, api_now(call.api), &call.err) ==
        STATUS_OK)
        http_respond_empty(response, 204);
    else
        call_fail(&call);
}

HANDLER(dnc_numbers_add)
{
    add(context, request, response, HOLDS_NUMBERS);
}
HANDLER(dnc_numbers_patch)
{
    patch(context, request, response, HOLDS_NUMBERS, "phoneNumbers");
}
HANDLER(dnc_numbers_delete)
{
    clear(context, request, response, HOLDS_NUMBERS);
}
HANDLER(dnc_whatsapp_patch)
{
    patch(context, request, response, HOLDS_NUMBERS, "whatsAppNumbers");
}
HANDLER(dnc_emails_add)
{
    add(context, request, response, HOLDS_EMAILS);
}
HANDLER(dnc_emails_patch)
{
    patch(context, request, response, HOLDS_EMAILS, "emailAddresses");
}
HANDLER(dnc_emails_delete)
{
    clear(context, request, response, HOLDS_EMAILS);
}
HANDLER(dnc_values_patch)
{
    patch(context, request, response, HOLDS_VALUES, "customExclusionColumnEntries");
}
HANDLER(dnc_values_delete)
{
    clear(context, request, response, HOLDS_VALUES);
}

/* GET .../{id}/importstatus */
HANDLER(dnc_import_status)
{
    struct call call = call_begin(context, request, response);
    struct entity list;
    if (call_entity(&call, "id", ENTITY_DNC_LIST, &list))
        http_respond_json(
            response, 200,
            import_status_write(call.api, JOB_DNC_IMPORT, ENTITY_DNC_LIST, list.id));
}
