/* value.h -- stored documents as the engine's and telephony's values.
 * A document that was accepted converts; what can still be wrong is what it refers to (a column
 * that its list does not have), and that is STATUS_INVALID with a path. Pure; any thread. */
#ifndef CADRAN_RESOURCE_VALUE_H
#define CADRAN_RESOURCE_VALUE_H

#include <jansson.h>

#include "base/memory.h"
#include "filter/text.h"
#include "model/campaign.h"
#include "port/store.h"
#include "port/telephony.h"
#include "resource/resource.h"

/* What makes a campaign: its own document and those that it refers to. */
struct campaign_sources {
    int64_t id;
    int32_t version;
    const json_t *campaign;
    const json_t *list;   /* its contact list */
    const json_t *limits; /* the list's attempt limits; NULL: none */
    int64_t limits_id;
    const json_t *times; /* its callable time set; NULL: none */
    int64_t times_id;
    const json_t *dnc[CAMPAIGN_DNC_MAX]; /* its do-not-contact lists, in order */
};
/* Slots live in `arena`. */
enum status value_campaign(const struct campaign_sources *sources,
                           const struct resource_world *world, struct arena *arena,
                           struct campaign *campaign, struct error *err) MUST_USE;
/* Members live in `arena`, sorted. */
void value_queue(int64_t id, int32_t version, const json_t *document, struct arena *arena,
                 struct queue *queue);
/* `mapping`: wrapup_mapping.h's; NULL: no code means anything yet. */
void value_wrapup_code(int64_t id, const json_t *document, const json_t *mapping,
                       struct wrapup_code *code);
/* `secret` is the stored password; "" = none. */
void value_trunk(int64_t id, const json_t *document, const char *secret,
                 struct trunk_config *trunk);
void value_phone(int64_t id, const json_t *document, const char *secret,
                 struct phone_config *phone);

/* A reference field of a document; 0: none. */
int64_t value_ref(const json_t *document, const char *name);

/* A stored contact list filter as its tree: its clauses and its expression, both of which must
 * hold. Lives in `arena`. */
enum status value_filter(const json_t *document, const struct filter_columns *columns,
                         struct arena *arena, struct filter *filter,
                         struct error *err) MUST_USE;

/* Its source is a contact list template: rows of files are asked, not contacts. */
bool value_filter_is_of_template(const json_t *document);

#define LIST_COLUMN_MAX 50
/* A contact list's columns, for contacts and imports. Texts live as long as the document. */
struct list_columns {
    int32_t count;
    const char *names[LIST_COLUMN_MAX];
    const char *types[LIST_COLUMN_MAX]; /* of phone columns; NULL for others */
    int32_t phone_count;
    int16_t phones[ADDRESS_MAX];      /* positions among names */
    int16_t phone_zones[ADDRESS_MAX]; /* position of callableTimeColumn; -1: none */
    bool has_automatic_zones;
    int16_t zip; /* 1 + position of zipCodeColumnName; 0: none, or zones are not automatic */
    bool trims;
};
/* Started where nobody has said anything. */
enum list_state value_list_state(const json_t *list);
void value_list_columns(const json_t *list, struct list_columns *columns);
/* When the contacts of a list go by its retention; 0 = never. `zones` NULL: days are UTC's. */
struct wall value_list_expiry(const json_t *list, struct wall created_at,
                              const struct zone_table *zones);
/* -1: there is none of that name. */
int16_t list_column_find(const struct list_columns *columns, const char *name);

#endif
