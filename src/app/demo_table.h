/* demo_table.h -- the demo's live table: redrawn in a terminal, plain lines elsewhere. */
#ifndef CADRAN_APP_DEMO_TABLE_H
#define CADRAN_APP_DEMO_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "carrier/carrier.h"
#include "engine/engine.h"

struct demo_view {
    bool has_campaign;
    struct campaign_view campaign;
    struct agent_view *agents;
    int32_t agent_count;
    struct carrier_figures carrier;
    int64_t elapsed_s;
};

void demo_table_print(const struct demo_view *view, bool is_terminal);
/* One JSON object as a line. */
void demo_table_json(const struct demo_view *view);

#endif
