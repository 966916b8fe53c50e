/* bench_jobs [--database URL] [CONTACTS]: an export of a whole list, then a bulk edit, an act
 * and a removal of the tenth of it that a filter finds; each as the job that the API starts. */
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/random.h"
#include "figures.h"
#include "job/jobs.h"
#include "world/zone_load.h"

#define TOWNS 10

static struct bench_store store;
static struct jobs *jobs;
static struct list_id list;
static struct error err;

static void list_create(void)
{
    bench_ok(store.port.ops->entity_create(
                 store.port.self, ENTITY_CONTACT_LIST, "people",
                 "{\"name\":\"people\",\"columnNames\":[\"Nom\",\"Tel\",\"Ville\"],"
                 "\"phoneColumns\":[{\"columnName\":\"Tel\",\"type\":\"Home\"}]}",
                 NULL, 0, instant_wall_now(), &list.value, &err),
             &err);
}

static void person_fill(void *context, int64_t done, char data[BENCH_DATA_MAX],
                        struct contact_address *address)
{
    (void)context;
    (void)address;
    snprintf(data, BENCH_DATA_MAX, "[\"Durand %lld\",\"+33%lld\",\"Ville %lld\"]",
             (long long)done, (long long)(600000000 + done), (long long)done % TOWNS);
}

/* Takes the task. Ends the program unless the job does `expected` contacts. */
static double job_time(enum job_kind kind, json_t *task, int64_t expected)
{
    int64_t id = 0;
    struct arena arena;
    struct job_record job = {.state = JOB_WAITING};
    struct job_order order = {
        .kind = kind, .subject = {ENTITY_CONTACT_LIST, list.value}, .task = task, .fd = -1};
    json_object_set_new(task, "now", json_integer(instant_wall_now().us));
    struct mono began = instant_mono_now();
    bench_ok(jobs_add(jobs, &order, &id, &err), &err);
    json_decref(task);
    while (job_state_is_open(job.state)) {
        usleep(5000);
        arena_init(&arena);
        bench_ok(store.port.ops->job_get(store.port.self, id, &arena, &job, &err), &err);
        ensure(job.state != JOB_FAILED);
        arena_fini(&arena);
    }
    ensure(job.done == expected);
    return (double)(instant_mono_now().us - began.us) / 1e6;
}

int main(int argc, char **argv)
{
    struct zone_table zones;
    bench_open(&store, &argc, &argv);
    int64_t contacts = argc > 1 ? atoll(argv[1]) : 1000000, tenth = contacts / TOWNS;
    bench_ok(zone_load(NULL, &zones, &err), &err);
    list_create();
    bench_people(&store, list, contacts, person_fill, NULL);
    struct jobs_options options = {
        .store = store.port, .zones = &zones, .data = store.folder, .region = "FR"};
    bench_ok(jobs_create(&options, &jobs, &err), &err);
    bench_ok(jobs_start(jobs, &err), &err);
    figure_print("store.jobs.contacts", (double)contacts, "contacts", 0);
    figure_print("store.jobs.export",
                 job_time(JOB_CONTACTS_EXPORT, json_pack("{s:s}", "filter", ""), contacts), "s",
                 0);
    figure_print("store.jobs.edit_tenth_by_filter",
                 job_time(JOB_CONTACTS_UPDATE,
                          json_pack("{s:s,s:b,s:{s:{s:s}}}", "filter", "#2 = \"Ville 3\"",
                                    "backup", 1, "contact", "data", "Nom", "changed"),
                          tenth),
                 "s", 0);
    figure_print(
        "store.jobs.pause_tenth_by_filter",
        job_time(JOB_CONTACTS_ACT,
                 json_pack("{s:s,s:s}", "filter", "#2 = \"Ville 4\"", "action", "pause"),
                 tenth),
        "s", 0);
    figure_print(
        "store.jobs.remove_tenth_by_filter",
        job_time(JOB_CONTACTS_REMOVE, json_pack("{s:s}", "filter", "#2 = \"Ville 5\""), tenth),
        "s", 0);
    jobs_destroy(jobs);
    zone_unload(&zones);
    bench_close(&store);
    return 0;
}
