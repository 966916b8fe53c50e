#include "app/importer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lane.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/table.h"
#include "resource/resource.h"
#include "resource/value.h"
#include "store/import/import.h"

struct job {
    struct importer *importer;
    pthread_t thread;
    struct list_id list;
    int fd;
    char contact_id_name[CSV_HEADER_MAX + 1];
    /* Under the importer's lane: */
    struct api_import_progress progress;
    bool is_over;
};

struct importer {
    struct importer_options options;
    char folder[512], region[4];
    struct lane *lane;
    struct table jobs; /* list -> struct job, the newest of each list */
    int32_t running;
    atomic_bool is_stopping;
};

enum status importer_create(const struct importer_options *options, struct importer **out,
                            struct error *err)
{
    struct importer *importer = memory_new(1, sizeof(*importer));
    importer->options = *options;
    snprintf(importer->folder, sizeof(importer->folder), "%.400s/imports", options->data);
    snprintf(importer->region, sizeof(importer->region), "%.3s", options->region);
    if (mkdir(importer->folder, 0700) != 0 && errno != EEXIST) {
        enum status status = error_set(err, STATUS_UNAVAILABLE, importer->folder,
                                       "the folder cannot be made: %s", strerror(errno));
        free(importer);
        return status;
    }
    importer->lane = lane_create();
    *out = importer;
    return STATUS_OK;
}

/* Zone sets that the rows brought in, and campaigns that may dial them. */
static void tell_engine(struct importer *importer, struct list_id list)
{
    struct store_port store = importer->options.store;
    struct arena arena;
    struct error err = {0};
    struct zone_set *sets;
    struct entity_ref *users;
    size_t count = 0;
    arena_init(&arena);
    enum status status = store.ops->zone_sets_list(store.self, importer->options.zones, &arena,
                                                   &sets, &count, &err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct event event = {.kind = EVENT_CONFIG_ZONE_SET, .zone_set = sets[i]};
        status = runtime_ask(importer->options.runtime, &event, &err);
    }
    if (status == STATUS_OK)
        status = store.ops->entity_users(store.self, ENTITY_CONTACT_LIST, list.value, &arena,
                                         &users, &count, &err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct event event = {.kind = EVENT_ASK_CAMPAIGN_EXTEND};
        event.ask.campaign.value = users[i].id;
        if (users[i].kind == ENTITY_CAMPAIGN)
            status = runtime_ask(importer->options.runtime, &event, &err);
    }
    if (status != STATUS_OK)
        log_warn("import.engine_not_told", "list=%lld text=%s", (long long)list.value,
                 err.text);
    arena_fini(&arena);
}

static bool on_progress(void *context, const struct import_progress *progress)
{
    struct job *job = context;
    lane_enter(job->importer->lane, 0);
    job->progress.completed = progress->rows_written;
    job->progress.refused = progress->rows_refused;
    /* How many rows there will be is known from the bytes read so far. */
    if (progress->bytes_read > 0)
        job->progress.total =
            (int64_t)((double)progress->rows_read * (double)progress->bytes_total /
                      (double)progress->bytes_read);
    lane_leave(job->importer->lane);
    return !atomic_load(&job->importer->is_stopping);
}

/* The list's columns, from its document. STATUS_NOT_FOUND when the list is gone. */
static enum status read_columns(struct job *job, struct arena *arena,
                                struct import_column *columns, int32_t *count,
                                struct error *err)
{
    struct store_port store = job->importer->options.store;
    struct entity entity;
    enum status status = store.ops->entity_get(store.self, ENTITY_CONTACT_LIST, job->list.value,
                                               arena, &entity, err);
    if (status != STATUS_OK)
        return status;
    json_t *document = resource_document(entity.document);
    struct list_columns list;
    memset(&list, 0, sizeof(list));
    value_list_columns(document, &list);
    for (int32_t i = 0; i < list.count; i++) {
        columns[i].name = arena_text(arena, list.names[i], strlen(list.names[i]));
    }
    for (int32_t j = 0; j < list.phone_count; j++) {
        struct import_column *phone = &columns[list.phones[j]];
        phone->is_phone = true;
        if (list.phone_zones[j] >= 0 && !list.has_automatic_zones)
            phone->zone_column = columns[list.phone_zones[j]].name;
    }
    *count = list.count;
    json_decref(document);
    return STATUS_OK;
}

static enum status run(struct job *job, struct import_progress *progress, struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    struct import_column columns[CSV_COLUMN_MAX] = {{0}};
    struct import_order order = {
        .called = "the file",
        .list = job->list,
        .region = job->importer->region,
        .columns = columns,
        .now = instant_wall_now(),
        .on_progress = on_progress,
        .context = job,
    };
    enum status status = read_columns(job, &arena, columns, &order.column_count, err);
    order.path = arena_format(&arena, "/proc/self/fd/%d", job->fd);
    order.refused_path = arena_format(&arena, "%s/%lld-refused.csv", job->importer->folder,
                                      (long long)job->list.value);
    if (job->contact_id_name[0]) {
        order.id_column = job->contact_id_name;
        order.duplicates = IMPORT_DUPLICATES_BY_ID;
        order.replaces = true;
    } else {
        order.duplicates = IMPORT_DUPLICATES_BY_NUMBER;
    }
    if (status == STATUS_OK)
        status = import_run(&job->importer->options.store, job->importer->options.zones, &order,
                            progress, err);
    /* The person who sent it knows the file by another name than this descriptor's. */
    size_t len = strlen(order.path);
    if (status != STATUS_OK && strncmp(err->text, order.path, len) == 0) {
        char rest[ERROR_TEXT_MAX];
        snprintf(rest, sizeof(rest), "%s", err->text + len);
        error_set(err, status, "", "the file%s", rest);
    }
    arena_fini(&arena);
    return status;
}

static void *import_thread(void *arg)
{
    struct job *job = arg;
    struct importer *importer = job->importer;
    struct import_progress progress = {0};
    struct error err = {0};
    enum status status = run(job, &progress, &err);
    close(job->fd);
    if (progress.rows_written)
        tell_engine(importer, job->list);
    log_info("import.ended", "list=%lld status=%s written=%lld refused=%lld text=%s",
             (long long)job->list.value, status_name(status), (long long)progress.rows_written,
             (long long)progress.rows_refused, err.text);
    lane_enter(importer->lane, 0);
    job->progress.state = status == STATUS_OK ? API_IMPORT_COMPLETE : API_IMPORT_FAILED;
    job->progress.completed = progress.rows_written;
    job->progress.refused = progress.rows_refused;
    job->progress.total = progress.rows_read;
    bool has_path = err.path[0] != '\0';
    if (status != STATUS_OK)
        snprintf(job->progress.failure, sizeof(job->progress.failure), "%.100s%s%.140s",
                 err.path, has_path ? ": " : "", err.text);
    job->is_over = true;
    importer->running--;
    lane_leave(importer->lane);
    return NULL;
}

static enum status start(void *context, const struct api_import *request, struct error *err)
{
    struct importer *importer = context;
    enum status status = STATUS_OK;
    lane_enter(importer->lane, 0);
    struct job *before = table_get(&importer->jobs, request->list.value);
    if (before && !before->is_over) {
        status = error_set(err, STATUS_CONFLICT, "",
                           "this contact list is being imported already; wait for it to end");
    } else if (importer->running >= IMPORTER_RUNNING_MAX) {
        status = error_set(err, STATUS_CONFLICT, "",
                           "%d imports are running already; wait for one to end",
                           IMPORTER_RUNNING_MAX);
    } else {
        struct job *job = memory_new(1, sizeof(*job));
        job->importer = importer;
        job->list = request->list;
        job->fd = request->fd;
        memcpy(job->contact_id_name, request->contact_id_name, sizeof(job->contact_id_name));
        job->progress.state = API_IMPORT_RUNNING;
        importer->running++;
        table_put(&importer->jobs, request->list.value, job);
        pthread_create(&job->thread, NULL, import_thread, job);
        if (before) {
            pthread_join(before->thread, NULL);
            free(before);
        }
    }
    lane_leave(importer->lane);
    return status;
}

static void progress_of(void *context, struct list_id list,
                        struct api_import_progress *progress)
{
    struct importer *importer = context;
    memset(progress, 0, sizeof(*progress));
    lane_enter(importer->lane, 0);
    struct job *job = table_get(&importer->jobs, list.value);
    if (job)
        *progress = job->progress;
    lane_leave(importer->lane);
}

static int open_refused(void *context, struct list_id list)
{
    const struct importer *importer = context;
    char path[600];
    snprintf(path, sizeof(path), "%s/%lld-refused.csv", importer->folder,
             (long long)list.value);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

struct api_importer importer_port(struct importer *importer)
{
    return (struct api_importer){.context = importer,
                                 .start = start,
                                 .progress = progress_of,
                                 .open_refused = open_refused};
}

void importer_destroy(struct importer *importer)
{
    if (!importer)
        return;
    atomic_store(&importer->is_stopping, true);
    size_t at = 0;
    void *value;
    while (table_next(&importer->jobs, &at, NULL, &value)) {
        struct job *job = value;
        pthread_join(job->thread, NULL);
        free(job);
    }
    table_fini(&importer->jobs);
    lane_destroy(importer->lane);
    free(importer);
}
