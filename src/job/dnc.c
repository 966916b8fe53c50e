/* A file of do-not-contact entries into a list. Repeating it changes nothing, so one that a
 * dead process left begins again. An expiry that cannot be read is no expiry.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "job/run.h"
#include "store/import/csv.h"
#include "store/import/side_file.h"
#include "world/number.h"

#define BATCH 1000
#define LIST_MAX 1000000
#define ALL_MAX 2000000
#define EXPIRY_MAX_US (180 * US_PER_DAY)

bool dnc_expiry_parse(const char *text, struct wall *at)
{
    char whole[40];
    size_t len = strlen(text);
    if (len >= sizeof(whole))
        return false;
    if (len == 17 && text[16] == 'Z')
        snprintf(whole, sizeof(whole), "%.16s:00Z", text);
    else
        snprintf(whole, sizeof(whole), "%s", text);
    return wall_parse(whole, at);
}

enum status jobs_dnc_room(struct store_port store, struct dnc_list_id list, int64_t more,
                          struct error *err)
{
    struct arena arena;
    struct entity_page page = {.total = 0};
    struct entity_query query = {.kind = ENTITY_DNC_LIST, .limit = 200};
    int64_t own = 0, all = 0, count = 0;
    enum status status = store.ops->dnc_count(store.self, list, &own, err);
    do {
        arena_init(&arena);
        if (status == STATUS_OK)
            status = store.ops->entity_list(store.self, &query, &arena, &page, err);
        for (int32_t i = 0; status == STATUS_OK && i < page.count; i++) {
            struct dnc_list_id id = {page.entities[i].id};
            status = store.ops->dnc_count(store.self, id, &count, err);
            all += count;
        }
        query.offset += page.count;
        arena_fini(&arena);
    } while (status == STATUS_OK && page.count > 0 && query.offset < page.total);
    if (status != STATUS_OK)
        return status;
    if (own + more > LIST_MAX)
        return error_set(err, STATUS_FULL, "",
                         "A do-not-contact list has at most %d entries: begin another one.",
                         LIST_MAX);
    if (all + more > ALL_MAX)
        return error_set(err, STATUS_FULL, "",
                         "All do-not-contact lists together have at most %d entries: remove "
                         "some that have expired.",
                         ALL_MAX);
    return STATUS_OK;
}

struct reading {
    struct job_run *run;
    struct csv *csv;
    struct side_file *refused;
    struct buffer refusals;
    struct number_reader *numbers;
    int32_t columns[CSV_FIELD_MAX]; /* of the file, that hold entries */
    int32_t column_count, expiry_column, header_count;
    bool holds_values, are_emails;
    struct dnc_list_id list;
    struct arena arena; /* the batch's texts */
    int64_t entries[BATCH];
    const char *values[BATCH];
    size_t count;
    struct wall expires_at; /* of the batch */
};

static enum status batch_store(struct reading *r, struct error *err)
{
    enum status status = STATUS_OK;
    if (r->count > 0)
        status = jobs_dnc_room(r->run->options->store, r->list, (int64_t)r->count, err);
    if (status == STATUS_OK && r->count > 0)
        status = r->holds_values ? RUN_STORE(r->run, dnc_values_add, STORE_BULK, r->list,
                                             r->values, r->count, r->expires_at, err)
                                 : RUN_STORE(r->run, dnc_add, STORE_BULK, r->list, r->entries,
                                             r->count, r->expires_at, err);
    if (status == STATUS_OK)
        status = side_file_append(r->refused, &r->refusals, err);
    buffer_clear(&r->refusals);
    arena_fini(&r->arena);
    r->run->record.done += status == STATUS_OK ? (int64_t)r->count : 0;
    r->count = 0;
    return status == STATUS_OK ? job_checkpoint(r->run, false, err) : status;
}

static void refuse(struct reading *r, const struct csv_row *row, const char *reason,
                   struct csv_value value)
{
    r->run->record.refused++;
    refused_row(&r->refusals, row->line, "", reason, value.text, value.len);
}

static struct csv_value trim(struct csv_value value)
{
    while (value.len && (*value.text == ' ' || *value.text == '\t'))
        value.text++, value.len--;
    while (value.len && (value.text[value.len - 1] == ' ' || value.text[value.len - 1] == '\t'))
        value.len--;
    return value;
}

/* Entries of one expiry make a batch. */
static enum status expiry_read(struct reading *r, const struct csv_row *row, struct error *err)
{
    struct wall at = {0};
    char text[40];
    int64_t now = instant_wall_now().us;
    if (r->expiry_column >= 0 && r->expiry_column < row->count) {
        struct csv_value value = trim(row->values[r->expiry_column]);
        snprintf(text, sizeof(text), "%.*s", value.len < 40 ? (int)value.len : 0, value.text);
        if (!*text || !dnc_expiry_parse(text, &at) || at.us > now + EXPIRY_MAX_US)
            at.us = 0;
    }
    bool is_other = at.us != r->expires_at.us && r->count > 0;
    enum status status = is_other ? batch_store(r, err) : STATUS_OK;
    r->expires_at = at;
    return status;
}

/* False: refused, or nothing is there. */
static bool value_read(struct reading *r, const struct csv_row *row, struct csv_value value)
{
    struct number number;
    if (!value.len)
        return false;
    if (!r->holds_values) {
        if (number_read(r->numbers, value.text, value.len, &number) == NUMBER_VALID) {
            r->entries[r->count++] = number.e164;
            return true;
        }
        refuse(r, row, "this is not a phone number", value);
        return false;
    }
    bool is_wrong = r->are_emails && !memchr(value.text, '@', value.len);
    if (value.len > DNC_VALUE_MAX || is_wrong) {
        refuse(r, row, is_wrong ? "this is not an e-mail address" : "this is too long", value);
        return false;
    }
    char *copy = arena_text(&r->arena, value.text, value.len);
    for (char *c = copy; r->are_emails && *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    r->values[r->count++] = copy;
    return true;
}

static enum status row_read(struct reading *r, const struct csv_row *row, struct error *err)
{
    struct csv_value nothing = {"", 0};
    r->run->record.total++;
    if (row->fault || row->count != r->header_count) {
        refuse(r, row,
               row->fault ? csv_fault_text(row->fault)
                          : "the row has not as many values as the header",
               nothing);
        return STATUS_OK;
    }
    enum status status = expiry_read(r, row, err);
    for (int32_t i = 0; status == STATUS_OK && i < r->column_count; i++) {
        value_read(r, row, trim(row->values[r->columns[i]]));
        if (r->count == BATCH || r->refusals.len > 100000)
            status = batch_store(r, err);
    }
    return status;
}

/* "a,b": whether `name` is one of them. */
static bool is_listed(const char *list, struct csv_value name)
{
    for (const char *at = list; *at; at += *at == ',') {
        size_t len = strcspn(at, ",");
        if (len == name.len && strncasecmp(at, name.text, len) == 0)
            return true;
        at += len;
    }
    return false;
}

static const char *task_text(const struct job_run *run, const char *name)
{
    const char *text = json_string_value(json_object_get(run->task, name));
    return text ? text : "";
}

/* Which columns hold entries: those that were named; the list's own; else the first. */
static enum status header_read(struct reading *r, const struct csv_row *header, const char *own,
                               struct error *err)
{
    static const char *const kinds[] = {"phoneColumns", "whatsAppColumns", "emailColumns",
                                        "customExclusionColumns"};
    const char *expiry = task_text(r->run, "expirationDateTimeColumn");
    bool is_named = false;
    r->header_count = header->count;
    for (int32_t i = 0; i < header->count; i++) {
        struct csv_value name = trim(header->values[i]);
        bool is_entry = false;
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            const char *list = task_text(r->run, kinds[k]);
            is_named = is_named || *list;
            is_entry = is_entry || is_listed(list, name);
        }
        is_entry = is_entry || (!is_named && *own && is_listed(own, name));
        if (is_listed(*expiry ? expiry : "expirationDateTime", name))
            r->expiry_column = i;
        else if (is_entry)
            r->columns[r->column_count++] = i;
    }
    if (r->column_count == 0 && is_named)
        return error_set(err, STATUS_INVALID, "line 1", "none of the named columns is there");
    if (r->column_count == 0)
        r->columns[r->column_count++] = r->expiry_column == 0 && header->count > 1 ? 1 : 0;
    return STATUS_OK;
}

static enum status reading_open(struct reading *r, struct error *err)
{
    struct job_run *run = r->run;
    struct entity entity;
    struct csv_row header;
    char path[JOB_PATH_SIZE];
    enum status status =
        RUN_STORE(run, entity_get, ENTITY_DNC_LIST, r->list.value, &run->arena, &entity, err);
    if (status != STATUS_OK)
        return status;
    json_t *document = resource_document(entity.document);
    const char *own = json_string_value(json_object_get(document, "customExclusionColumn"));
    const char *method = json_string_value(json_object_get(document, "contactMethod"));
    r->are_emails = method && strcmp(method, "Email") == 0;
    r->holds_values = r->are_emails || (own && *own);
    own = arena_format(&run->arena, "%s", own ? own : "");
    json_decref(document);
    jobs_path(run->jobs, run->record.id, JOB_FILE_INPUT, path);
    status = csv_open(path, "the file", &r->csv, err);
    if (status == STATUS_OK)
        status = csv_next(r->csv, &header, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_INVALID, "", "the file is empty");
    if (status == STATUS_OK)
        status = header_read(r, &header, own, err);
    if (status == STATUS_OK)
        status = number_reader_create(run->options->region, &r->numbers, err);
    jobs_path(run->jobs, run->record.id, JOB_FILE_REFUSED, path);
    return status == STATUS_OK ? side_file_open(path, REFUSED_HEADER, 0, &r->refused, err)
                               : status;
}

enum status job_dnc_import(struct job_run *run, struct error *err)
{
    struct reading *r = memory_new(1, sizeof(*r));
    struct csv_row row;
    struct error late;
    r->run = run;
    r->list.value = run->record.subject.id;
    r->expiry_column = -1;
    buffer_init(&r->refusals, (size_t)1 << 20);
    arena_init(&r->arena);
    run->record.done = run->record.refused = run->record.total = 0;
    enum status status = reading_open(r, err);
    while (status == STATUS_OK && (status = csv_next(r->csv, &row, err)) == STATUS_OK)
        status = row_read(r, &row, err);
    if (status == STATUS_NOT_FOUND && r->refused) /* the end of the file */
        status = batch_store(r, err);
    enum status closed = side_file_close(r->refused, &late);
    if (status == STATUS_OK && closed != STATUS_OK) {
        status = closed;
        *err = late;
    }
    csv_close(r->csv);
    number_reader_destroy(r->numbers);
    buffer_fini(&r->refusals);
    arena_fini(&r->arena);
    free(r);
    return status;
}
