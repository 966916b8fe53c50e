/* A file through an import template: one pass tells good rows from bad ones, and from those
 * that no filter means, and how many there are; a second writes the good ones into parts, one
 * into several where several filters mean it; then each part is imported into a list of its
 * own. One that a dead process left begins again until its lists are there, and goes on in the
 * part under way after that. One that fails is taken back, lists and all. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "job/row_filters.h"
#include "job/template.h"
#include "store/export/csv_out.h"
#include "store/import/import.h"

#define PARTS_MAX 100
#define VALUE_SIZE (512 * 4 + 1) /* 512 characters: a column's value, or a filter's name */

enum split { SPLIT_NOT, SPLIT_QUANTITY, SPLIT_PERCENTAGE, SPLIT_COLUMN, SPLIT_CUSTOM };

struct part {
    char value[VALUE_SIZE]; /* of the column, or the filter's name */
    bool is_remainder;
    int64_t rows, list;
    struct csv_out *out;
};

struct splitting {
    struct job_run *run;
    json_t *template_, *list_template;
    enum split split;
    int64_t amount; /* rows of a list, or a percentage */
    int32_t column; /* of the file, for SPLIT_COLUMN; -1: not there */
    bool has_remainder;
    char path[JOB_PATH_SIZE];
    struct import_survey survey;
    struct list_columns columns;
    struct import_column list_columns[CSV_COLUMN_MAX];
    struct row_filters filters;
    uint64_t belongs;    /* the parts of the row that is looked at */
    struct wall now;     /* of both passes */
    int64_t valid, seen; /* rows of both passes */
    int64_t dropped;     /* valid ones that belong to no list */
    int64_t filtered;    /* rows that no filter means */
    int32_t part_count, part_at;
    struct part parts[PARTS_MAX];
    int64_t percentage_at; /* the share that rows go to */
    bool has_too_many, is_writing;
    enum status status; /* of a checkpoint in the middle */
    struct error err;
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void part_path(const struct job_run *run, int32_t part, char path[JOB_PATH_SIZE + 16])
{
    char base[JOB_PATH_SIZE];
    jobs_path(run->jobs, run->record.id, JOB_FILE_CONVERTED, base);
    snprintf(path, JOB_PATH_SIZE + 16, "%s.%d", base, (int)part);
}

/* --- What the template says
 * ------------------------------------------------------------------------- */

enum status job_document_load(struct job_run *run, enum entity_kind kind, int64_t id,
                              json_t **document, struct error *err)
{
    struct entity entity;
    enum status status = RUN_STORE(run, entity_get, kind, id, &run->arena, &entity, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_NOT_FOUND, "", "the %s was removed",
                         resource_of(kind)->word);
    if (status == STATUS_OK && !(*document = resource_document(entity.document)))
        return error_set(err, STATUS_UNAVAILABLE, "", "the stored %s is damaged",
                         resource_of(kind)->word);
    return status;
}

static enum status template_read(struct splitting *s, struct error *err)
{
    static const char *const words[] = {[SPLIT_QUANTITY] = "Quantity",
                                        [SPLIT_PERCENTAGE] = "Percentage",
                                        [SPLIT_COLUMN] = "Column",
                                        [SPLIT_CUSTOM] = "Custom"};
    struct job_run *run = s->run;
    enum status status = job_document_load(run, ENTITY_IMPORT_TEMPLATE, run->record.subject.id,
                                           &s->template_, err);
    if (status == STATUS_OK)
        status = job_document_load(run, ENTITY_CONTACT_LIST_TEMPLATE,
                                   value_ref(s->template_, "contactListTemplate"),
                                   &s->list_template, err);
    if (status != STATUS_OK)
        return status;
    const json_t *splitting = json_object_get(s->template_, "splittingInformation");
    s->has_remainder = json_is_true(json_object_get(splitting, "createRemainderContactList"));
    s->amount = strtoll(text_of(splitting, "criteriaValue"), NULL, 10);
    if (json_is_true(json_object_get(s->template_, "useSplittingCriteria")))
        for (int i = SPLIT_QUANTITY; i <= SPLIT_CUSTOM; i++)
            if (strcmp(text_of(splitting, "criteria"), words[i]) == 0)
                s->split = (enum split)i;
    value_list_columns(s->list_template, &s->columns);
    for (int32_t i = 0; i < s->columns.count; i++)
        s->list_columns[i].name = s->columns.names[i];
    for (int32_t i = 0; i < s->columns.phone_count; i++) {
        struct import_column *phone = &s->list_columns[s->columns.phones[i]];
        phone->is_phone = true;
        if (s->columns.phone_zones[i] >= 0 && !s->columns.has_automatic_zones)
            phone->zone_column = s->list_columns[s->columns.phone_zones[i]].name;
    }
    return STATUS_OK;
}

static struct import_order order_of(const struct splitting *s)
{
    const char *id = text_of(s->run->task, "contactIdName");
    struct import_order order = {.path = s->path,
                                 .called = "the file",
                                 .region = s->run->options->region,
                                 .columns = s->list_columns,
                                 .column_count = s->columns.count,
                                 .zip_column = s->columns.zip,
                                 .trims = s->columns.trims,
                                 .now = s->now,
                                 .context = (void *)(uintptr_t)s};
    const char *zone = text_of(s->list_template, "timeZone");
    import_retention(&order, s->run->task);
    order.zone = zone_find(s->run->options->zones, zone);
    if (*id) {
        order.id_column = id;
        order.duplicates = IMPORT_DUPLICATES_BY_ID;
        order.replaces = true;
    } else {
        order.duplicates = IMPORT_DUPLICATES_BY_NUMBER;
    }
    return order;
}

/* --- The two passes
 * --------------------------------------------------------------------------------- */

static int32_t part_add(struct splitting *s, const char *value, bool is_remainder)
{
    if (s->part_count == PARTS_MAX) {
        s->has_too_many = true;
        return -1;
    }
    struct part *part = &s->parts[s->part_count];
    snprintf(part->value, sizeof(part->value), "%s", value);
    part->is_remainder = is_remainder;
    return s->part_count++;
}

static int32_t part_by_value(struct splitting *s, struct csv_value value)
{
    char text[VALUE_SIZE];
    snprintf(text, sizeof(text), "%.*s", (int)(value.len < VALUE_SIZE ? value.len : VALUE_SIZE),
             value.text);
    for (int32_t i = 0; i < s->part_count; i++)
        if (s->parts[i].is_remainder == !text[0] && strcmp(s->parts[i].value, text) == 0)
            return i;
    if (!text[0] && !s->has_remainder)
        return -1;
    return part_add(s, text, !text[0]);
}

/* The part of a good row; -1: it belongs to no list. */
static int32_t part_of(struct splitting *s, const struct csv_row *row)
{
    int64_t share = 0;
    switch (s->split) {
    case SPLIT_NOT: share = INT64_MAX; break;
    case SPLIT_QUANTITY: share = s->amount; break;
    case SPLIT_PERCENTAGE: {
        /* Lists of so many percent each; what is left over is the remainder. Where that is
         * less than a contact, shares without one make no list. */
        int64_t lists = 100 / s->amount, index = s->seen * 100 / (s->valid * s->amount);
        bool is_left = index >= lists;
        if (is_left && !s->has_remainder)
            return -1;
        index = is_left ? lists : index;
        bool is_new = s->part_count == 0 || index != s->percentage_at;
        s->percentage_at = index;
        return is_new ? part_add(s, "", is_left) : s->part_count - 1;
    }
    case SPLIT_COLUMN: return s->column >= 0 ? part_by_value(s, row->values[s->column]) : -1;
    case SPLIT_CUSTOM: return -1; /* row_share_out */
    }
    int32_t index = share == INT64_MAX ? 0 : (int32_t)(s->seen / share);
    while (s->part_count <= index)
        if (part_add(s, "", false) < 0)
            return -1;
    return index;
}

static bool row_is_meant(void *context, const struct filter_contact *contact)
{
    struct splitting *s = context;
    s->belongs = row_filters_parts(&s->filters, contact);
    return s->belongs != 0;
}

static enum status part_open(struct splitting *s, int32_t index)
{
    char path[JOB_PATH_SIZE + 16];
    struct part *part = &s->parts[index];
    part_path(s->run, index, path);
    enum status status = csv_out_open(path, &part->out, &s->err);
    if (status != STATUS_OK)
        return status;
    for (int32_t i = 0; i < s->survey.column_count; i++)
        csv_out_text(part->out, s->survey.columns[i]);
    csv_out_end_row(part->out);
    return STATUS_OK;
}

static bool row_put(struct splitting *s, int32_t index, const struct csv_row *row)
{
    struct part *part = &s->parts[index];
    if (!part->out && (s->status = part_open(s, index)) != STATUS_OK)
        return false;
    for (int32_t i = 0; i < row->count; i++)
        csv_out_value(part->out, row->values[i].text, row->values[i].len);
    csv_out_end_row(part->out);
    part->rows++;
    return true;
}

/* Into the part of each filter that means it, or into the remainder. */
static bool row_share_out(struct splitting *s, const struct csv_row *row)
{
    bool is_rest = s->belongs >> s->filters.count != 0;
    if (is_rest && s->part_count == s->filters.count)
        (void)part_add(s, "", true);
    for (int32_t i = 0; i < s->part_count; i++)
        if (s->belongs >> i & 1 && !row_put(s, i, row))
            return false;
    return true;
}

static bool row_look(void *context, const struct csv_row *row, bool is_valid)
{
    struct splitting *s = context;
    s->status = job_checkpoint(s->run, false, &s->err);
    if (s->status != STATUS_OK)
        return false;
    if (!is_valid)
        return true;
    if (!s->is_writing) {
        s->valid++;
        return true;
    }
    if (s->split == SPLIT_CUSTOM)
        return row_share_out(s, row);
    int32_t index = part_of(s, row);
    s->seen++;
    s->dropped += index < 0;
    return index < 0 ? !s->has_too_many : row_put(s, index, row);
}

static enum status pass(struct splitting *s, bool is_writing, struct error *err)
{
    struct job_run *run = s->run;
    char refused[JOB_PATH_SIZE];
    struct import_order order = order_of(s);
    jobs_path(run->jobs, run->record.id, JOB_FILE_REFUSED, refused);
    order.refused_path = refused;
    order.is_meant = row_is_meant;
    s->is_writing = is_writing;
    enum status status = import_survey(&run->options->store, run->options->zones, &order,
                                       row_look, s, &run->arena, &s->survey, err);
    if (s->status != STATUS_OK) {
        *err = s->err;
        return s->status;
    }
    if (s->has_too_many)
        return error_set(err, STATUS_INVALID, "splittingInformation",
                         "the file would become more than %d lists: choose larger parts",
                         PARTS_MAX);
    return status;
}

static enum status column_find(struct splitting *s, struct error *err)
{
    const char *name =
        text_of(json_object_get(s->template_, "splittingInformation"), "criteriaValue");
    s->column = -1;
    for (int32_t i = 0; i < s->survey.column_count; i++)
        if (strcmp(s->survey.columns[i], name) == 0)
            s->column = i;
    if (s->split == SPLIT_COLUMN && s->column < 0)
        return error_set(err, STATUS_INVALID, "line 1",
                         "the column \"%.80s\", by which the file is split, is not there",
                         name);
    return STATUS_OK;
}

/* Every filter has its list, in their order; the remainder is the last. */
static void filter_parts_add(struct splitting *s)
{
    for (int32_t i = 0; s->split == SPLIT_CUSTOM && i < s->filters.count; i++)
        (void)part_add(s, s->filters.names[i], false);
}

static enum status parts_close(struct splitting *s, enum status status, struct error *err)
{
    for (int32_t i = 0; i < s->part_count; i++) {
        struct error late;
        enum status closed = STATUS_OK;
        if (!s->parts[i].out && status == STATUS_OK && (closed = part_open(s, i)) != STATUS_OK)
            late = s->err;
        if (s->parts[i].out)
            closed = csv_out_close(s->parts[i].out, &late);
        s->parts[i].out = NULL;
        if (status == STATUS_OK && closed != STATUS_OK) {
            status = closed;
            *err = late;
        }
    }
    return status;
}

/* Of the whole file, once: what is refused, what is filtered out, and what the lists get. */
static void rows_count(struct splitting *s)
{
    struct job_record *record = &s->run->record;
    s->filtered = s->survey.progress.rows_filtered;
    record->refused = s->survey.progress.rows_refused + s->dropped;
    record->total = record->refused + s->filtered;
    for (int32_t i = 0; i < s->part_count; i++)
        record->total += s->parts[i].rows;
}

static enum status parts_write(struct splitting *s, struct error *err)
{
    enum status status = job_input_convert(s->run, s->path, err);
    if (status == STATUS_OK)
        status = row_filters_load(s->run, s->template_, &s->columns, &s->filters, err);
    if (status == STATUS_OK && s->split == SPLIT_CUSTOM && s->filters.count == 0)
        status = error_set(err, STATUS_INVALID, "splittingInformation.criteriaValue",
                           "names no contact list filter: save the import template again");
    if (status == STATUS_OK)
        status = pass(s, false, err);
    if (status == STATUS_OK)
        status = column_find(s, err);
    if (status == STATUS_OK) {
        filter_parts_add(s);
        status = pass(s, true, err);
    }
    rows_count(s);
    status = parts_close(s, status, err);
    if (status != STATUS_OK || (s->part_count > 0 && s->valid > 0))
        return status;
    if (s->filtered > 0)
        return error_set(err, STATUS_INVALID, "",
                         "no row of the file passes the contact list filters of the import "
                         "template: %" PRId64 " are filtered out",
                         s->filtered);
    return error_set(err, STATUS_INVALID, "", "no row of the file can be a contact");
}

/* --- Lists
 * ------------------------------------------------------------------------------------------ */

/* A process may die between a list's making and its place: then the list is there, as this job
 * makes it, younger than the job, and empty. */
static bool list_is_ours(struct job_run *run, const char *name, const char *document,
                         int64_t *id)
{
    struct entity entity;
    int64_t count = 0;
    if (run->record.resumes == 0 ||
        RUN_STORE(run, entity_find, ENTITY_CONTACT_LIST, name, &run->arena, &entity, NULL) !=
            STATUS_OK ||
        RUN_STORE(run, contacts_count, (struct list_id){entity.id}, &count, NULL) != STATUS_OK)
        return false;
    bool is = count == 0 && entity.created_at.us >= run->record.created_at.us &&
              strcmp(entity.document, document) == 0;
    if (is)
        *id = entity.id;
    return is;
}

static enum status list_create(struct splitting *s, int32_t index, struct error *err)
{
    struct job_run *run = s->run;
    struct part *part = &s->parts[index];
    const struct resource *resource = resource_of(ENTITY_CONTACT_LIST);
    struct entity_ref refs[8];
    char name[LIST_NAME_SIZE];
    const struct list_name from = {
        .format = text_of(s->template_, "listNameFormat"),
        .custom = text_of(s->template_, "customListNameFormatValue"),
        .prefix = text_of(run->task, "listNamePrefix"),
        .value = part->value,
        .part = part->is_remainder ? -1 : (s->split == SPLIT_NOT ? 0 : index + 1),
        .at = run->record.created_at,
    };
    list_name_write(&from, name);
    json_t *document = json_deep_copy(s->list_template);
    json_object_set_new(document, "name", json_string(name));
    size_t count = resource_refs(resource, document, refs, ARRAY_LEN(refs));
    char *text = json_dumps(document, JSON_COMPACT);
    enum status status = RUN_STORE(run, entity_create, ENTITY_CONTACT_LIST, name, text, refs,
                                   count, instant_wall_now(), &part->list, err);
    if (status == STATUS_CONFLICT && list_is_ours(run, name, text, &part->list))
        status = STATUS_OK;
    if (status == STATUS_CONFLICT)
        error_set(err, STATUS_CONFLICT, "", "there is already a contact list \"%.100s\"", name);
    free(text);
    json_decref(document);
    return status;
}

/* "L <part> <count> <ids...> F <filtered out> | " and, of a part under way, the import's own
 * place. */
static void place_write(const struct splitting *s, char text[JOB_PLACE_SIZE])
{
    size_t len =
        (size_t)snprintf(text, JOB_PLACE_SIZE, "L %d %d", (int)s->part_at, (int)s->part_count);
    for (int32_t i = 0; i < s->part_count && len < JOB_PLACE_SIZE - 64; i++)
        len +=
            (size_t)snprintf(text + len, JOB_PLACE_SIZE - len, " %" PRId64, s->parts[i].list);
    snprintf(text + len, JOB_PLACE_SIZE - len, " F %" PRId64 " | ", s->filtered);
}

int64_t jobs_filtered_out(const char *place)
{
    int64_t count = 0;
    const char *at = place[0] == 'L' ? strstr(place, " F ") : NULL;
    return at && sscanf(at, " F %" SCNd64, &count) == 1 ? count : 0;
}

size_t jobs_target_lists(const char *place, int64_t *lists, size_t room)
{
    int part = 0, count = 0, used = 0;
    size_t found = 0;
    if (sscanf(place, "L %d %d%n", &part, &count, &used) != 2)
        return 0;
    for (const char *at = place + used; found < room && found < (size_t)count; at += used) {
        if (sscanf(at, " %" SCNd64 "%n", &lists[found], &used) != 1)
            break;
        found++;
    }
    return found;
}

/* One list at a time, each in the place before the next is made. */
static enum status lists_create(struct splitting *s, struct error *err)
{
    int32_t count = s->part_count;
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < count && status == STATUS_OK; i++) {
        s->part_count = i + 1;
        status = list_create(s, i, err);
        if (status != STATUS_OK)
            s->part_count = i;
        s->part_at = i + 1 < count ? -1 : 0; /* -1: not all of them are there */
        place_write(s, s->run->place);
        if (status == STATUS_OK)
            status = job_checkpoint(s->run, true, err);
    }
    return status;
}

/* --- Importing
 * -------------------------------------------------------------------------------------- */

static bool on_progress(void *context, const struct import_progress *progress)
{
    struct splitting *s = context;
    struct job_run *run = s->run;
    struct job_record job;
    (void)progress;
    if (RUN_STORE(run, job_get, run->record.id, &run->arena, &job, NULL) == STATUS_OK) {
        snprintf(run->place, sizeof(run->place), "%s", job.place);
        run->record.done = job.done;
    }
    job_contacts_changed(run, (struct list_id){s->parts[s->part_at].list}, false);
    s->status = job_checkpoint(run, false, &s->err);
    return s->status == STATUS_OK;
}

static enum status part_import(struct splitting *s, const struct import_place *place,
                               struct error *err)
{
    struct job_run *run = s->run;
    struct import_progress progress;
    char path[JOB_PATH_SIZE + 16], prefix[JOB_PLACE_SIZE];
    int64_t before = run->record.done - (place ? place->rows_written : 0);
    int64_t total = run->record.total, refused = run->record.refused;
    part_path(run, s->part_at, path);
    place_write(s, prefix);
    struct import_order order = order_of(s);
    order.path = path;
    order.list.value = s->parts[s->part_at].list;
    order.job = run->record.id;
    order.place = place;
    order.place_prefix = prefix;
    order.before.total = total;
    order.before.done = before;
    order.before.refused = refused;
    order.on_progress = on_progress;
    enum status status =
        import_run(&run->options->store, run->options->zones, &order, &progress, err);
    run->record.done = before + progress.rows_written;
    run->record.total = total;
    run->record.refused = refused;
    job_contacts_changed(run, order.list, true);
    if (s->status != STATUS_OK) {
        *err = s->err;
        return s->status;
    }
    return status;
}

static enum status parts_import(struct splitting *s, struct error *err)
{
    struct import_place place;
    const char *bar = strchr(s->run->place, '|');
    bool is_under_way = bar && import_place_read(bar + 1, &place);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && s->part_at < s->part_count) {
        status = part_import(s, is_under_way ? &place : NULL, err);
        is_under_way = false;
        if (status != STATUS_OK)
            break;
        s->part_at++;
        place_write(s, s->run->place);
        status = job_checkpoint(s->run, true, err);
    }
    return status;
}

/* --- The whole
 * -------------------------------------------------------------------------------------- */

static void lists_remove(struct splitting *s)
{
    for (int32_t i = 0; i < s->part_count; i++) {
        struct error err;
        size_t none = 0;
        if (s->parts[i].list && RUN_STORE(s->run, entity_remove, ENTITY_CONTACT_LIST,
                                          s->parts[i].list, NULL, &none, &err) != STATUS_OK)
            log_warn("import.list_kept", "list=%lld text=%s", (long long)s->parts[i].list,
                     err.text);
    }
    s->part_count = 0;
    place_write(s, s->run->place); /* what its filters mean of the file stays true */
    s->run->record.done = 0;
}

static void splitting_fini(struct splitting *s)
{
    for (int32_t i = 0; i < PARTS_MAX; i++) {
        char path[JOB_PATH_SIZE + 16];
        part_path(s->run, i, path);
        if (s->status != STATUS_TIMEOUT)
            unlink(path);
    }
    json_decref(s->template_);
    json_decref(s->list_template);
    free(s);
}

/* What the place says of lists that are there. True: all of them are, and parts are imported.
 */
static bool place_read(struct splitting *s)
{
    int64_t lists[PARTS_MAX];
    int part = -1;
    s->part_count = (int32_t)jobs_target_lists(s->run->place, lists, PARTS_MAX);
    for (int32_t i = 0; i < s->part_count; i++)
        s->parts[i].list = lists[i];
    if (s->part_count == 0 || sscanf(s->run->place, "L %d", &part) != 1 || part < 0)
        return false;
    s->part_at = part;
    s->filtered = jobs_filtered_out(s->run->place);
    return true;
}

enum status job_template_import(struct job_run *run, struct error *err)
{
    struct splitting *s = memory_new(1, sizeof(*s));
    s->run = run;
    s->now = s->filters.now = instant_wall_now();
    bool is_under_way = place_read(s);
    enum status status = template_read(s, err);
    if (status == STATUS_OK && !is_under_way) {
        lists_remove(s); /* of a process that died while it made them */
        run->record.total = run->record.refused = 0;
        status = parts_write(s, err);
        if (status == STATUS_OK)
            status = lists_create(s, err);
    }
    if (status == STATUS_OK)
        status = parts_import(s, err);
    if (status != STATUS_OK && status != STATUS_TIMEOUT)
        lists_remove(s);
    s->status = status;
    splitting_fini(s);
    return status;
}
