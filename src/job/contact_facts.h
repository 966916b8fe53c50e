/* contact_facts.h -- numbers and zones for contacts that a job changes. Private to job/. */
#ifndef CADRAN_JOB_CONTACT_FACTS_H
#define CADRAN_JOB_CONTACT_FACTS_H

#include "job/run.h"
#include "resource/contact.h"
#include "world/number.h"
#include "world/number_zones.h"

struct contact_facts {
    struct job_run *run;
    struct number_reader *numbers;
    struct number_zone_map *zones;
};

enum status contact_facts_init(struct contact_facts *facts, struct job_run *run,
                               struct error *err);
void contact_facts_fini(struct contact_facts *facts);
/* For resource/contact.h; alive as long as both. */
struct contact_world contact_facts_world(struct contact_facts *facts,
                                         const struct job_list *list);

#endif
