/* feed.h -- brings stored configuration to the engine and to telephony.
 *
 * At start everything, then each change after its commit; a handler answers its client when the
 * feed has returned, so that whoever reads 200 knows that the dialer has it (design: events in
 * commit order). What a value is made of (a campaign of its list, limits and times) is looked up
 * here: changing a part feeds the whole again. Any thread but the engine's; calls for one entity
 * are made one after the other by their handler. */
#ifndef CADRAN_RESOURCE_FEED_H
#define CADRAN_RESOURCE_FEED_H

#include "base/status.h"
#include "port/store.h"
#include "port/telephony.h"
#include "resource/resource.h"
#include "runtime/runtime.h"

struct feed {
    struct store_port store;
    struct runtime *runtime;
    struct telephony_port telephony; /* post NULL: none (tests of the API alone) */
    struct resource_world world;
};

/* Everything, at start: zone sets, trunks, phones, queues, codes, agents, campaigns, and how
 * campaigns stood. A damaged entity is logged and left out; only a failing store is an error. */
enum status feed_all(const struct feed *feed, struct error *err) MUST_USE;
/* After a commit that created or changed (kind, id). Kinds that the dialer does not know do
 * nothing. */
enum status feed_changed(const struct feed *feed, enum entity_kind kind, int64_t id,
                         struct error *err) MUST_USE;
/* After a commit that removed it. */
enum status feed_removed(const struct feed *feed, enum entity_kind kind, int64_t id,
                         struct error *err) MUST_USE;
/* A zone set that an import or a contact brought in. */
enum status feed_zone_set(const struct feed *feed, const struct zone_set *set,
                          struct error *err) MUST_USE;
/* Contacts were added to this list: campaigns that run over it look for them. */
enum status feed_contacts_added(const struct feed *feed, struct list_id list,
                                struct error *err) MUST_USE;

#endif
