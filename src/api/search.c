/* Contacts found by a filter: search, and what counts them. Large counts are samples with a
 * margin, since a client waits 16 s at most. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "api/internal.h"
#include "resource/filter_form.h"

#define SEARCH_MS 8000 /* a page that takes longer is refused */
#define COUNT_MS 1500  /* an exact count that takes longer becomes a sample */
#define INDEX_MS 5000  /* that a request waits for an index */
#define INDEX_POLL_US 100000
#define INDEX_ROWS 100000 /* a list of no more contacts is sorted without one */
#define SAMPLE_ROWS 40000

static bool is_over(struct mono began, int64_t limit_ms)
{
    return instant_mono_now().us - began.us > limit_ms * US_PER_MS;
}

/* --- Counting -------------------------------------------------------------------------------
 */

static enum status estimate(struct call *call, struct list_id list, const struct filter *filter,
                            struct wall now, int64_t total, struct match_count *count)
{
    struct contact_tally tally;
    enum status status = STORE(call->api, contacts_sample, list, filter, now, (uint64_t)now.us,
                               SAMPLE_ROWS, &tally, &call->err);
    if (status || !tally.looked_at)
        return status;
    double seen = (double)tally.looked_at, share = (double)tally.matched / seen;
    /* 95 %; of what was never seen there may be 3 in as many as were looked at. */
    double margin = tally.matched ? 1.96 * sqrt(share * (1 - share) / seen) : 3 / seen;
    count->matched = (int64_t)llround(share * (double)total);
    count->margin = (int64_t)ceil(margin * (double)total);
    count->is_estimate = !tally.is_done;
    return STATUS_OK;
}

enum status matches_count(struct call *call, struct list_id list, const struct filter *filter,
                          struct wall now, struct match_count *count)
{
    struct contact_tally tally = {.looked_at = 0};
    struct mono began = instant_mono_now();
    memset(count, 0, sizeof(*count));
    enum status status = STORE(call->api, contacts_count, list, &count->total, &call->err);
    count->matched = count->total;
    if (status || !filter || !filter->root)
        return status;
    while (!status && !tally.is_done && !is_over(began, COUNT_MS))
        status = STORE(call->api, contacts_tally, list, filter, now, &tally, &call->err);
    if (!status && !tally.is_done)
        return estimate(call, list, filter, now, count->total, count);
    count->matched = tally.matched;
    return status;
}

enum status matches_estimate(struct call *call, struct list_id list,
                             const struct filter *filter, struct wall now,
                             struct match_count *count)
{
    memset(count, 0, sizeof(*count));
    enum status status = STORE(call->api, contacts_count, list, &count->total, &call->err);
    return status ? status : estimate(call, list, filter, now, count->total, count);
}

void match_count_write(const struct match_count *count, json_t *out)
{
    if (count->is_estimate)
        json_object_set_new(
            out, "cadran",
            json_pack("{s:b,s:I}", "isEstimate", 1, "margin", (json_int_t)count->margin));
}

/* --- Sorting a large list -------------------------------------------------------------------
 */

/* Has the index built by a job, which goes on when the request is over. STATUS_CONFLICT:
 * another one of the list is under way. */
static enum status index_order(struct call *call, const struct contact_search *search,
                               int64_t *id)
{
    const struct contact_sort *sort = &search->sorts[0];
    if (!call->api->jobs)
        return error_set(&call->err, STATUS_UNAVAILABLE, "", "nobody builds indices here");
    json_t *task =
        json_pack("{s:i,s:b}", "column", sort->column, "isNumeric", (int)sort->is_numeric);
    struct job_order order = {.kind = JOB_CONTACTS_INDEX,
                              .subject = {ENTITY_CONTACT_LIST, search->list.value},
                              .owner = call_actor(call),
                              .task = task,
                              .fd = -1,
                              .is_alone = true};
    enum status status = jobs_add(call->api->jobs, &order, id, &call->err);
    json_decref(task);
    return status;
}

/* Why the job has failed, where it has. */
static enum status index_failure(struct call *call, int64_t id)
{
    struct job_record job;
    enum status status = STORE(call->api, job_get, id, call->arena, &job, &call->err);
    if (status || job.state != JOB_FAILED)
        return status;
    return error_set(&call->err, STATUS_UNAVAILABLE, "contactSorts[0].fieldName",
                     "the list cannot be sorted by this column: %.200s", job.failure);
}

/* Waits for the index, as long as a request may. One job is ordered, when that of another
 * column is done. */
static enum status index_wait(struct call *call, const struct contact_search *search,
                              struct column_index *index)
{
    const struct contact_sort *sort = &search->sorts[0];
    struct mono began = instant_mono_now();
    enum status status = STATUS_OK;
    int64_t id = 0;
    while (!status && !index->is_whole && !is_over(began, INDEX_MS)) {
        status = id ? index_failure(call, id) : index_order(call, search, &id);
        if (status && (id || status != STATUS_CONFLICT))
            return status;
        usleep(INDEX_POLL_US);
        status = STORE(call->api, column_index_get, search->list, sort->column,
                       sort->is_numeric, index, &call->err);
    }
    return status;
}

/* A large list is sorted by an index of the first column, which is built when somebody asks for
 * it. Where a list has no room for another index, it is sorted without, while it is not too
 * large for that. */
static enum status index_ensure(struct call *call, const struct contact_search *search)
{
    const struct contact_sort *sort = &search->sorts[0];
    struct column_index index = {.is_whole = false};
    int64_t count = 0;
    enum status status = STORE(call->api, contacts_count, search->list, &count, &call->err);
    if (status || !search->sort_count || count <= INDEX_ROWS)
        return status;
    status = STORE(call->api, column_index_get, search->list, sort->column, sort->is_numeric,
                   &index, &call->err);
    if (status == STATUS_NOT_FOUND) /* makes it known, and begins it */
        status = STORE(call->api, column_index, search->list, sort->column, sort->is_numeric,
                       &index, &call->err);
    if (status == STATUS_FULL && count <= CONTACT_SORT_DIRECT_MAX)
        return STATUS_OK;
    if (!status)
        status = index_wait(call, search, &index);
    if (status || index.is_whole)
        return status;
    return error_set(
        &call->err, STATUS_UNAVAILABLE, "contactSorts[0].fieldName",
        "The list is being sorted by this column for the first time, and is %lld %% "
        "done: ask again.",
        (long long)(index.total ? index.done * 100 / index.total : 0));
}

/* --- Pages ----------------------------------------------------------------------------------
 */

enum status matches_page(struct call *call, struct contact_search *search,
                         struct contact_record **records, size_t *count)
{
    struct mono began = instant_mono_now();
    size_t room = (size_t)search->limit;
    struct contact_found found = {.is_whole = false};
    *records = arena_new(call->arena, room, sizeof(**records));
    *count = 0;
    enum status ready = index_ensure(call, search);
    if (ready)
        return ready;
    while (!found.is_whole) {
        enum status status =
            STORE(call->api, contacts_search, search, call->arena, &found, &call->err);
        if (status)
            return status;
        memcpy(*records + *count, found.records, found.count * sizeof(**records));
        *count += found.count;
        search->after = found.at;
        search->offset -= found.passed;
        search->limit -= (int32_t)found.count;
        if (!found.is_whole && is_over(began, SEARCH_MS))
            return error_set(&call->err, STATUS_TIMEOUT, "",
                             "So few contacts match that this page takes too long to find: add "
                             "a condition, or ask for an earlier page.");
    }
    return STATUS_OK;
}

/* --- The request ----------------------------------------------------------------------------
 */

struct search_request {
    struct page page;
    int64_t number; /* 0: any */
    struct filter filter;
    struct contact_search search;
};

static enum status phone_read(struct call *call, const json_t *body, int64_t *number)
{
    const char *phone = NULL;
    enum status status = json_member_text(body, "phoneNumber", false, 64, &phone, &call->err);
    if (status || !phone)
        return status;
    *number = call->api->options.numbers.parse(call->api->options.numbers.context, phone);
    if (*number > 0)
        return STATUS_OK;
    return error_set(&call->err, STATUS_INVALID, "phoneNumber",
                     "is not a valid telephone number");
}

static enum status sort_read(struct call *call, const struct list_columns *columns,
                             const json_t *item, struct contact_sort *sort)
{
    const char *name = NULL;
    const char *direction = "ASC";
    if (!json_is_object(item))
        return error_set(&call->err, STATUS_INVALID, "", "must be an object");
    enum status status = json_member_text(item, "fieldName", true, 128, &name, &call->err);
    if (!status)
        status = json_member_text(item, "direction", false, 8, &direction, &call->err);
    if (!status)
        status = json_member_bool(item, "numeric", false, &sort->is_numeric, &call->err);
    if (status)
        return status;
    sort->is_descending = strcmp(direction, "DESC") == 0;
    if (!sort->is_descending && strcmp(direction, "ASC") != 0)
        return error_set(&call->err, STATUS_INVALID, "direction", "must be ASC or DESC");
    sort->column = list_column_find(columns, name);
    if (sort->column >= 0)
        return STATUS_OK;
    return error_set(&call->err, STATUS_INVALID, "fieldName", "is not a column of the list");
}

static enum status sorts_read(struct call *call, const struct list_columns *columns,
                              const json_t *body, struct contact_search *search)
{
    json_t *sorts = NULL;
    enum status status =
        json_member_array(body, "contactSorts", false, CONTACT_SORT_MAX, &sorts, &call->err);
    for (size_t i = 0; !status && i < json_array_size(sorts); i++) {
        status = sort_read(call, columns, json_array_get(sorts, i), &search->sorts[i]);
        if (status)
            error_prefix(&call->err, arena_format(call->arena, "contactSorts[%zu]", i));
        search->sort_count++;
    }
    return status;
}

/* The saved filter that is asked for: it must be one of this list. */
static enum status saved_read(struct call *call, int64_t list,
                              const struct list_columns *columns, const char *guid,
                              struct filter *filter)
{
    struct entity entity;
    int64_t id = 0;
    enum status status = STATUS_NOT_FOUND;
    if (guid_parse(&call->api->guid, ENTITY_CONTACT_LIST_FILTER, guid, &id))
        status = STORE(call->api, entity_get, ENTITY_CONTACT_LIST_FILTER, id, call->arena,
                       &entity, &call->err);
    if (status == STATUS_NOT_FOUND)
        return error_set(&call->err, STATUS_INVALID, "contactListFilterId",
                         "there is no such contact list filter");
    if (status)
        return status;
    json_t *document = resource_document(entity.document);
    const struct filter_columns of = filter_columns_of(call->api, columns);
    status = filter_list_check(document, list, "contactListFilterId", &call->err);
    if (status == STATUS_OK)
        status = value_filter(document, &of, call->arena, filter, &call->err);
    json_decref(document);
    return status;
}

enum status search_filter_read(struct call *call, int64_t list,
                               const struct list_columns *columns, const json_t *body,
                               struct filter *filter)
{
    const char *saved = NULL;
    json_t *criteria = NULL;
    const char *text = NULL;
    const struct filter_columns of = filter_columns_of(call->api, columns);
    enum status status =
        json_member_text(body, "contactListFilterId", false, 64, &saved, &call->err);
    if (!status)
        status = json_member_object(body, "criteria", false, &criteria, &call->err);
    if (!status)
        status =
            json_member_text(body, "expression", false, FILTER_SOURCE_MAX, &text, &call->err);
    if (status)
        return status;
    if ((saved != NULL) + (json_object_size(criteria) > 0) + (text != NULL) > 1)
        return error_set(&call->err, STATUS_INVALID, "contactListFilterId",
                         "only one of contactListFilterId, criteria and expression is taken");
    if (saved)
        return saved_read(call, list, columns, saved, filter);
    if (criteria) {
        status = filter_form_read(criteria, &of, call->arena, filter, &call->err);
        if (status)
            error_prefix(&call->err, "criteria");
    } else if (text) {
        status = filter_parse(text, strlen(text), &of, call->arena, filter, NULL, &call->err);
        if (status)
            error_prefix(&call->err, "expression");
    }
    return status;
}

static enum status page_of_body(struct call *call, const json_t *body, struct page *page)
{
    int64_t size = 25;
    int64_t number = 1;
    enum status status =
        json_member_integer(body, "pageSize", false, 1, INT32_MAX, &size, &call->err);
    if (!status)
        status =
            json_member_integer(body, "pageNumber", false, 1, 10000000, &number, &call->err);
    page->size = (int32_t)(size > 100 ? 100 : size);
    page->number = (int32_t)number;
    page->offset = (number - 1) * page->size;
    return status;
}

static enum status request_read(struct call *call, const struct list *list, const json_t *body,
                                struct search_request *request)
{
    enum status status = page_of_body(call, body, &request->page);
    if (!status)
        status = phone_read(call, body, &request->number);
    if (!status)
        status = sorts_read(call, &list->columns, body, &request->search);
    if (!status)
        status =
            search_filter_read(call, list->entity.id, &list->columns, body, &request->filter);
    if (!status && request->number && (request->filter.root || request->search.sort_count))
        status = error_set(&call->err, STATUS_INVALID, "phoneNumber",
                           "is not taken together with a filter or a sort: use Address in an "
                           "expression");
    return status;
}

/* --- Answers --------------------------------------------------------------------------------
 */

static void search_respond(struct call *call, struct list *list, struct page page,
                           const struct match_count *total,
                           const struct contact_record *records, size_t count)
{
    json_t *entities = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(entities, contact_write_out(list, &records[i]));
    json_t *out = page_write(call, page, total->matched, entities);
    json_object_set_new(out, "contactsCount", json_integer(total->matched));
    match_count_write(total, out);
    http_respond_json(call->response, 200, out);
}

static enum status by_number(struct call *call, const struct list *list,
                             const struct search_request *request,
                             struct contact_record **records, size_t *count,
                             struct match_count *total)
{
    const struct contact_query query = {.list = {list->entity.id},
                                        .offset = request->page.offset,
                                        .limit = request->page.size,
                                        .number = request->number};
    enum status status =
        STORE(call->api, contacts_list, &query, call->arena, records, count, &call->err);
    total->matched = request->page.offset + (int64_t)*count;
    return status;
}

static void search(struct call *call, struct list *list, const json_t *body)
{
    struct search_request asked = {.page = {25, 1, 0}};
    struct contact_record *records = NULL;
    struct match_count total = {.total = 0};
    size_t count = 0;
    struct wall now = api_now(call->api);
    enum status status = body ? request_read(call, list, body, &asked) : STATUS_OK;
    if (!status && asked.number) {
        status = by_number(call, list, &asked, &records, &count, &total);
    } else if (!status) {
        asked.search.list.value = list->entity.id;
        asked.search.filter = &asked.filter;
        asked.search.now = now;
        asked.search.offset = asked.page.offset;
        asked.search.limit = asked.page.size;
        status = matches_page(call, &asked.search, &records, &count);
        if (!status)
            status = matches_count(call, asked.search.list, &asked.filter, now, &total);
    }
    if (status)
        call_fail(call);
    else
        search_respond(call, list, asked.page, &total, records, count);
}

void contacts_search(void *context, struct http_request *request,
                     struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct list list;
    json_t *body = NULL;
    if (!list_load(&call, &list))
        return;
    if (!request->body_len || call_object(&call, &body))
        search(&call, &list, body);
    list_fini(&list);
}
