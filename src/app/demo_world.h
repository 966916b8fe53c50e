/* demo_world.h -- what the demo puts into a new server: a trunk to the simulated carrier,
 * agents with phones, a contact list from a CSV file, and a campaign. All of it through the
 * API, as a customer would. */
#ifndef CADRAN_APP_DEMO_WORLD_H
#define CADRAN_APP_DEMO_WORLD_H

#include <stdint.h>

#include "base/status.h"

#define DEMO_CAMPAIGN "Renouvellement"
#define DEMO_AGENT_EMAIL "agent%d@demo.example"
#define DEMO_PHONE_USER "agent%d"

struct demo_world {
    const char *data; /* the server's data directory */
    int carrier_port;
    int32_t agents, contacts;
    uint64_t seed;
    char phone_password[33]; /* of every simulated phone; drawn by the demo */
    char agent_password[33]; /* of every simulated agent */
};

/* Draws the passwords. */
void demo_world_init(struct demo_world *world);
/* Everything but the start of the campaign. */
enum status demo_world_make(const struct demo_world *world, struct error *err) MUST_USE;
enum status demo_world_start(const struct demo_world *world, struct error *err) MUST_USE;

#endif
