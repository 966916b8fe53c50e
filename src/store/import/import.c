/* The pipeline: a thread reads and makes contacts, batches of them go round a ring of six, the
 * calling thread writes them. A batch is one transaction of about five milliseconds. */
#include "store/import/import.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/mailbox.h"
#include "store/import/rows.h"

#define BATCH_ROWS 384
#define RING_BATCHES 6
#define REFUSALS_MAX ((size_t)1 << 20)    /* of one batch, at most */
#define IDS_MAX ((size_t)1 << 20)         /* of one batch: ids are at most 256 bytes */
#define REFUSALS_ENOUGH ((size_t)1 << 17) /* a batch of bad rows is over then */

struct batch {
    struct arena arena;
    size_t count;
    struct contact_write contacts[BATCH_ROWS];
    int64_t lines[BATCH_ROWS];
    struct buffer refusals;
    struct csv_place place;                           /* behind its last row */
    int64_t rows_read, rows_refused, numbers_invalid; /* when it was filled */
};

struct import {
    const struct store_port *store;
    struct import_order order;
    struct csv *csv;
    struct side_file *refused, *mapped;
    struct import_place place; /* as it was written last */
    struct writing {           /* of the batch that is written */
        const struct batch *batch;
        struct import_place place;
        char text[IMPORT_PLACE_SIZE + 4096];
        struct contact_id ids[BATCH_ROWS];
        struct buffer rows;
    } writing;
    struct import_rows rows;
    struct mailbox *filled, *empty; /* of struct batch * */
    struct batch *batches[RING_BATCHES];
    _Atomic bool is_stopped;
    bool had_contacts; /* the list was not empty at the start */
    enum status read_status;
    struct error read_error;
    int64_t refused_by_store;
};

/* --- Reading
 * ------------------------------------------------------------------------------------------------
 */

static enum status batch_fill(struct import *import, struct batch *batch)
{
    enum status status = STATUS_OK;
    arena_fini(&batch->arena);
    buffer_clear(&batch->refusals);
    import->rows.refusals = &batch->refusals;
    batch->count = 0;
    while (batch->count < BATCH_ROWS && batch->refusals.len < REFUSALS_ENOUGH && !status) {
        struct csv_row row;
        status = csv_next(import->csv, &row, &import->read_error);
        if (status || !import_rows_contact(&import->rows, &row, &batch->arena,
                                           &batch->contacts[batch->count]))
            continue;
        batch->lines[batch->count++] = row.line;
    }
    batch->rows_read = import->rows.rows_read;
    batch->rows_refused = import->rows.rows_refused;
    batch->numbers_invalid = import->rows.numbers_invalid;
    batch->place = csv_place(import->csv);
    return status;
}

static void *read_all(void *ptr)
{
    struct import *import = ptr;
    enum status status = STATUS_OK;
    struct batch *batch;
    while (!status && !atomic_load(&import->is_stopped) &&
           mailbox_take(import->empty, &batch, -1)) {
        status = batch_fill(import, batch);
        ensure(mailbox_post(import->filled, &batch)); /* there is room for every batch */
    }
    import->read_status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    mailbox_close(import->filled);
    return NULL;
}

/* --- Writing
 * ------------------------------------------------------------------------------------------------
 */

static void refuse_at(struct import *import, struct batch *batch, size_t at, const char *reason)
{
    const char *id = batch->contacts[at].external_id;
    refused_row(&batch->refusals, batch->lines[at],
                import->order.id_column ? import->order.id_column : "", reason, id ? id : "",
                id ? strlen(id) : 0);
    import->refused_by_store++;
    batch->count--;
    memmove(&batch->contacts[at], &batch->contacts[at + 1],
            (batch->count - at) * sizeof(batch->contacts[0]));
    memmove(&batch->lines[at], &batch->lines[at + 1],
            (batch->count - at) * sizeof(batch->lines[0]));
}

/* Takes out the rows whose ids the list has: one look-up each is cheaper than a failed batch.
 */
static enum status drop_known(struct import *import, struct batch *batch, struct error *err)
{
    const struct store_port *store = import->store;
    for (size_t i = 0; i < batch->count;) {
        struct contact_record record;
        struct arena arena;
        arena_init(&arena);
        enum status status =
            store->ops->contact_find(store->self, import->order.list,
                                     batch->contacts[i].external_id, &arena, &record, err);
        arena_fini(&arena);
        if (status == STATUS_OK)
            refuse_at(import, batch, i, "the list has a contact with this id already");
        else if (status == STATUS_NOT_FOUND)
            i++;
        else
            return status;
    }
    return STATUS_OK;
}

/* The index in a path "[12]..."; `count` where there is none. */
static size_t index_of(const char *path, size_t count)
{
    char *end;
    if (path[0] != '[')
        return count;
    unsigned long index = strtoul(path + 1, &end, 10);
    return *end == ']' && index < count ? index : count;
}

/* The place behind a batch, as the job keeps it. */
static void place_set(struct import *import, const struct batch *batch)
{
    struct writing *writing = &import->writing;
    writing->batch = batch;
    writing->place = (struct import_place){
        .csv = batch->place,
        .rows_read = batch->rows_read,
        .rows_written = import->place.rows_written + (int64_t)batch->count,
        .rows_refused = batch->rows_refused + import->refused_by_store,
        .numbers_invalid = batch->numbers_invalid,
        .refused_size = side_file_size(import->refused),
        .mapped_size = side_file_size(import->mapped),
    };
    size_t len = (size_t)snprintf(writing->text, sizeof(writing->text), "%.4000s",
                                  import->order.place_prefix ? import->order.place_prefix : "");
    import_place_write(&writing->place, writing->text + len);
}

/* Tells which contacts the rows became. What an earlier try of the batch wrote is forgotten. */
static enum status ids_write(void *context, struct error *err)
{
    struct import *import = context;
    struct writing *writing = &import->writing;
    const struct batch *batch = writing->batch;
    const struct import_order *order = &import->order;
    buffer_clear(&writing->rows);
    for (size_t i = 0; i < batch->count; i++) {
        char text[IMPORT_ID_SIZE];
        const char *id = batch->contacts[i].external_id;
        if (!id)
            order->contact_text(order->context, writing->ids[i], text);
        ids_row(&writing->rows, batch->lines[i], id ? id : text);
    }
    side_file_cut(import->mapped, import->place.mapped_size);
    enum status status = side_file_append(import->mapped, &writing->rows, err);
    place_set(import, batch);
    return status;
}

static int64_t rows_expected(const struct import *import, const struct import_place *place)
{
    int64_t total = csv_size(import->csv);
    if (place->csv.position <= 0)
        return 0;
    return (int64_t)((double)place->rows_read * (double)total / (double)place->csv.position);
}

/* The batch's rows and, of a job, where it stands after them. */
static enum status batch_commit(struct import *import, const struct batch *batch,
                                struct error *err)
{
    const struct store_port *store = import->store;
    const struct import_order *order = &import->order;
    enum contact_write_mode mode = order->replaces ? CONTACT_UPSERT : CONTACT_INSERT;
    struct writing *writing = &import->writing;
    place_set(import, batch);
    if (!order->job)
        return batch->count ? store->ops->contacts_write(store->self, STORE_BULK, order->list,
                                                         mode, batch->contacts, batch->count,
                                                         order->now, NULL, err)
                            : STATUS_OK;
    const struct import_place *place = &writing->place;
    const struct job_mark mark = {.job = order->job,
                                  .place = writing->text,
                                  .total = order->before.total ? order->before.total
                                                               : rows_expected(import, place),
                                  .done = order->before.done + place->rows_written,
                                  .refused = order->before.refused + place->rows_refused,
                                  .ids = order->ids_path ? writing->ids : NULL,
                                  .on_written = order->ids_path ? ids_write : NULL,
                                  .context = import};
    return store->ops->contacts_import(store->self, order->list, mode, batch->contacts,
                                       batch->count, order->now, &mark, err);
}

/* What is refused is in its file before the place that counts it is stored. */
static enum status batch_write(struct import *import, struct batch *batch, struct error *err)
{
    const struct import_order *order = &import->order;
    enum status status = STATUS_OK;
    if (order->id_column && !order->replaces && import->had_contacts)
        status = drop_known(import, batch, err);
    while (!status) {
        status = side_file_append(import->refused, &batch->refusals, err);
        buffer_clear(&batch->refusals);
        if (!status)
            status = batch_commit(import, batch, err);
        size_t at =
            status == STATUS_CONFLICT ? index_of(err->path, batch->count) : batch->count;
        if (!status)
            import->place = import->writing.place;
        if (at == batch->count)
            return status;
        refuse_at(import, batch, at, err->text);
        status = STATUS_OK;
    }
    return status;
}

static enum status write_all(struct import *import, struct import_progress *progress,
                             struct error *err)
{
    const struct import_order *order = &import->order;
    enum status status = STATUS_OK;
    struct batch *batch;
    while (!status && mailbox_take(import->filled, &batch, -1)) {
        status = batch_write(import, batch, err);
        progress->rows_written = import->place.rows_written;
        progress->rows_read = import->place.rows_read;
        progress->rows_refused = import->place.rows_refused;
        progress->numbers_invalid = import->place.numbers_invalid;
        progress->bytes_read = import->place.csv.position;
        if (!status && order->on_progress && !order->on_progress(order->context, progress))
            status = error_set(err, STATUS_CONFLICT, "", "the import was cancelled");
        ensure(mailbox_post(import->empty, &batch));
    }
    atomic_store(&import->is_stopped, true);
    return status;
}

void import_place_write(const struct import_place *place, char text[IMPORT_PLACE_SIZE])
{
    snprintf(text, IMPORT_PLACE_SIZE,
             "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
             " %" PRId64,
             place->csv.position, place->csv.line, place->rows_read, place->rows_written,
             place->rows_refused, place->numbers_invalid, place->refused_size,
             place->mapped_size);
}

bool import_place_read(const char *text, struct import_place *place)
{
    place->mapped_size = 0; /* not said by versions that kept no ids */
    return sscanf(text,
                  "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
                  " %" SCNd64 " %" SCNd64,
                  &place->csv.position, &place->csv.line, &place->rows_read,
                  &place->rows_written, &place->rows_refused, &place->numbers_invalid,
                  &place->refused_size, &place->mapped_size) >= 7;
}

/* --- The whole
 * ------------------------------------------------------------------------------------------------
 */

#define NUMBERS_PAGE 4096

/* What the list has already. */
static enum status load_known(struct import *import, struct error *err)
{
    const struct store_port *store = import->store;
    struct list_id list = import->order.list;
    int64_t count, numbers[NUMBERS_PAGE], after = 0;
    enum status status = store->ops->contacts_count(store->self, list, &count, err);
    import->had_contacts = count > 0;
    if (import->order.duplicates != IMPORT_DUPLICATES_BY_NUMBER)
        return status;
    for (size_t got = NUMBERS_PAGE; !status && got == NUMBERS_PAGE;) {
        status = store->ops->numbers_list(store->self, list, after, numbers, &got, err);
        for (size_t i = 0; !status && i < got; i++)
            (void)number_set_add(&import->rows.seen, numbers[i]);
        after = !status && got ? numbers[got - 1] : after;
    }
    return status;
}

static enum status check_order(const struct import_order *order, struct error *err)
{
    if (order->column_count < 1 || order->column_count > CSV_COLUMN_MAX)
        return error_set(err, STATUS_INVALID, "columns", "a list has 1 to %d columns",
                         CSV_COLUMN_MAX);
    if (!order->id_column && (order->duplicates == IMPORT_DUPLICATES_BY_ID || order->replaces))
        return error_set(err, STATUS_INVALID, "id_column",
                         "an id column is needed to tell duplicates by it");
    return STATUS_OK;
}

static enum status import_open(struct import *import, const struct zone_table *zones,
                               struct error *err)
{
    const struct import_order *order = &import->order;
    const char *called = order->called ? order->called : order->path;
    struct csv_row header;
    enum status status = check_order(order, err);
    if (!status)
        status = number_reader_create(order->region, &import->rows.numbers, err);
    if (!status)
        status = csv_open(order->path, called, &import->csv, err);
    if (!status)
        status = csv_next(import->csv, &header, err);
    if (status == STATUS_NOT_FOUND && import->csv)
        return error_set(err, STATUS_INVALID, "", "%s is empty", called);
    if (!status)
        status = import_rows_header(&import->rows, &header, err);
    if (!status && import->rows.is_export) {
        import->order.id_column = CONTACT_COLUMN_ID;
        import->order.duplicates = IMPORT_DUPLICATES_BY_ID;
        import->order.replaces = true;
    }
    if (!status)
        status = side_file_open(order->refused_path, REFUSED_HEADER, import->place.refused_size,
                                &import->refused, err);
    if (!status)
        status = side_file_open(order->ids_path, IDS_HEADER, import->place.mapped_size,
                                &import->mapped, err);
    if (!status) {
        import->place.refused_size = side_file_size(import->refused);
        import->place.mapped_size = side_file_size(import->mapped);
    }
    if (!status && order->place)
        status = csv_seek(import->csv, order->place->csv, err);
    if (!status)
        status = import_rows_zones(&import->rows, import->store, zones, err);
    return status ? status : load_known(import, err);
}

static enum status run_threads(struct import *import, struct import_progress *progress,
                               struct error *err)
{
    pthread_t reader;
    import->filled = mailbox_create(RING_BATCHES, sizeof(struct batch *));
    import->empty = mailbox_create(RING_BATCHES, sizeof(struct batch *));
    for (int i = 0; i < RING_BATCHES; i++) {
        import->batches[i] = memory_new(1, sizeof(struct batch));
        arena_init(&import->batches[i]->arena);
        buffer_init(&import->batches[i]->refusals, REFUSALS_MAX);
        ensure(mailbox_post(import->empty, &import->batches[i]));
    }
    if (pthread_create(&reader, NULL, read_all, import) != 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "no thread can be started");
    enum status status = write_all(import, progress, err);
    mailbox_close(import->empty);
    pthread_join(reader, NULL);
    if (!status && import->read_status) {
        status = import->read_status;
        *err = import->read_error;
    }
    return status;
}

static void import_close(struct import *import)
{
    for (int i = 0; i < RING_BATCHES; i++) {
        if (import->batches[i]) {
            arena_fini(&import->batches[i]->arena);
            buffer_fini(&import->batches[i]->refusals);
        }
        free(import->batches[i]);
    }
    mailbox_destroy(import->filled);
    mailbox_destroy(import->empty);
    buffer_fini(&import->writing.rows);
    import_rows_fini(&import->rows);
    csv_close(import->csv);
}

enum status import_run(const struct store_port *store, const struct zone_table *zones,
                       const struct import_order *order, struct import_progress *progress,
                       struct error *err)
{
    struct error unwanted;
    struct import import = {.store = store, .order = *order};
    import.rows.order = &import.order;
    buffer_init(&import.writing.rows, IDS_MAX);
    if (order->place) {
        import.place = *order->place;
        import.rows.rows_read = import.place.rows_read;
        import.rows.rows_refused = import.place.rows_refused;
        import.rows.numbers_invalid = import.place.numbers_invalid;
    }
    err = err ? err : &unwanted;
    memset(progress, 0, sizeof(*progress));
    enum status status = import_open(&import, zones, err);
    if (!status) {
        progress->bytes_total = csv_size(import.csv);
        status = run_threads(&import, progress, err);
        /* What was written is found by number, whatever came after it. */
        struct error late;
        enum status indexed = store->ops->numbers_index(store->self, order->list, &late);
        if (!status && indexed) {
            status = indexed;
            *err = late;
        }
    }
    import_close(&import);
    struct side_file *files[] = {import.refused, import.mapped};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct error late;
        enum status closed = side_file_close(files[i], &late);
        if (!status && closed) {
            status = closed;
            *err = late;
        }
    }
    return status;
}
