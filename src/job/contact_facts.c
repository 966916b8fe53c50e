#include "job/contact_facts.h"

#include <string.h>

#include "world/zip_zones.h"

enum status contact_facts_init(struct contact_facts *facts, struct job_run *run,
                               struct error *err)
{
    *facts = (struct contact_facts){.run = run};
    facts->zones = number_zone_map_create(run->options->zones);
    return number_reader_create(run->options->region, &facts->numbers, err);
}

void contact_facts_fini(struct contact_facts *facts)
{
    number_reader_destroy(facts->numbers);
    number_zone_map_destroy(facts->zones);
}

static int64_t parse_number(void *context, const char *text)
{
    const struct contact_facts *facts = context;
    struct number number;
    return number_read(facts->numbers, text, strlen(text), &number) == NUMBER_VALID
               ? number.e164
               : 0;
}

static enum status zone_set(void *context, const struct contact_place *place,
                            struct zone_set_id *id, struct error *err)
{
    const struct contact_facts *facts = context;
    const struct zone_table *table = facts->run->options->zones;
    const struct zone *zone = *place->zone ? zone_find(table, place->zone) : NULL;
    struct zone_set set = {.count = 0};
    int index = place->number ? number_zones_find(facts->zones, place->number) : -1;
    if (zone) {
        (void)zone_set_add(&set, (int16_t)(zone - table->zones));
    } else {
        if (index >= 0)
            set = *number_zone_map_set(facts->zones, index);
        zip_zone_add(table, zip_zone_find(place->zip, strlen(place->zip)), &set);
    }
    if (!set.count)
        return STATUS_OK;
    enum status status = RUN_STORE(facts->run, zone_set_intern, table, &set, err);
    *id = set.id;
    return status;
}

static const char *zone_name(void *context, struct zone_set_id id)
{
    (void)context;
    (void)id;
    return NULL; /* contacts are not written out here */
}

struct contact_world contact_facts_world(struct contact_facts *facts,
                                         const struct job_list *list)
{
    return (struct contact_world){
        .key = facts->run->key,
        .columns = &list->columns,
        .parse_number = parse_number,
        .zone_set = zone_set,
        .zone_name = zone_name,
        .context = facts,
        .now = instant_wall_now(),
        .zone = list->zone,
    };
}
