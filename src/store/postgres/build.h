/* build.h -- where the building of a dial queue stands, and how contacts take their places. */
#ifndef CADRAN_STORE_POSTGRES_BUILD_H
#define CADRAN_STORE_POSTGRES_BUILD_H

#include "store/campaign_filter.h"
#include "store/manage.h"
#include "store/postgres/contact_rows.h"
#include "store/queue.h"

struct build_row {
    struct queue_order order;
    enum queue_stage stage;
    int32_t priority_at;
    int64_t at, upto; /* contact ids */
    int64_t looked_at, queued;
    int64_t stamp; /* of the filter that it is built with */
    const struct campaign_filter *filter;
};

/* Rows of PG_BUILD_GET. */
void build_read(const struct pg_rows *rows, struct build_row *build);
/* Puts contacts into the queue of a build whose row is locked; leaves a statement to receive. A
 * contact that comes late goes behind the last of its lane, or into the due table. */
enum status build_place(struct pg_connection *connection, struct build_row *build,
                        const struct contact *const *contacts, size_t count, bool is_late,
                        struct error *err);
/* Edited contacts, in the order of the edits, take their places in the queues of their list,
 * whose builds are locked. */
#define BUILDS_MAX 64 /* campaigns over one list that an edit looks at */
enum status build_place_edited(struct pg_connection *connection, const struct build_row *builds,
                               size_t build_count, const struct contact *contacts, size_t count,
                               struct wall now, struct error *err);

/* --- Filters of campaigns (filters.c) -------------------------------------------------------
 */

/* Every contact where the campaign has none; campaign_filter_fini in any case. The pipeline is
 * empty. */
enum status pg_filter_load(struct pg_connection *connection, struct campaign_id campaign,
                           struct campaign_filter *filter, struct error *err);
/* From the row of PG_FILTER_GET that comes next. */
enum status pg_filter_receive(struct pg_connection *connection, struct campaign_filter *filter,
                              struct error *err);
/* Keeps those of the contacts that the filter means, in their order. */
enum status pg_filter_keep(struct pg_connection *connection,
                           const struct campaign_filter *filter, struct wall now,
                           const struct contact **contacts, size_t *count, struct error *err);

#endif
