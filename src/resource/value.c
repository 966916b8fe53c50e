#include "resource/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/retention.h"
#include "resource/filter_form.h"
#include "resource/tables.h"
#include "resource/wrapup_mapping.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static int64_t integer_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static bool bool_of(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

int64_t value_ref(const json_t *document, const char *name)
{
    return integer_of(document, name);
}

/* --- Contact list ---------------------------------------------------------------------------
 */

int16_t list_column_find(const struct list_columns *columns, const char *name)
{
    for (int32_t i = 0; i < columns->count; i++) {
        if (strcmp(columns->names[i], name) == 0)
            return (int16_t)i;
    }
    return -1;
}

enum list_state value_list_state(const json_t *list)
{
    const char *word = text_of(json_object_get(list, "cadran"), "state");
    for (int state = 0; state < LIST_STATE_COUNT; state++)
        if (strcmp(list_state_name((enum list_state)state), word) == 0)
            return (enum list_state)state;
    return LIST_STARTED;
}

void value_list_columns(const json_t *list, struct list_columns *columns)
{
    const json_t *names = json_object_get(list, "columnNames");
    const json_t *phones = json_object_get(list, "phoneColumns");
    memset(columns, 0, sizeof(*columns));
    for (size_t i = 0; i < json_array_size(names) && i < LIST_COLUMN_MAX; i++)
        columns->names[columns->count++] = json_string_value(json_array_get(names, i));
    for (size_t i = 0; i < json_array_size(phones) && i < ADDRESS_MAX; i++) {
        const json_t *phone = json_array_get(phones, i);
        int16_t column = list_column_find(columns, text_of(phone, "columnName"));
        if (column < 0)
            continue;
        columns->phone_zones[columns->phone_count] =
            list_column_find(columns, text_of(phone, "callableTimeColumn"));
        columns->types[column] = json_string_value(json_object_get(phone, "type"));
        columns->phones[columns->phone_count++] = column;
    }
    columns->has_automatic_zones = bool_of(list, "automaticTimeZoneMapping");
    if (columns->has_automatic_zones)
        columns->zip =
            (int16_t)(1 + list_column_find(columns, text_of(list, "zipCodeColumnName")));
    columns->trims = bool_of(list, "trimWhitespace");
}

/* --- Campaign -------------------------------------------------------------------------------
 */

static int16_t zone_index(const struct zone_table *zones, const char *name)
{
    const struct zone *zone = zone_find(zones, name);
    return zone ? (int16_t)(zone - zones->zones) : -1;
}

static void limits_fill(const json_t *document, int64_t id, const struct zone_table *zones,
                        struct attempt_limits *limits)
{
    static const char *const names[RECALL_COUNT] = {
        [RECALL_BUSY] = "busy",
        [RECALL_NO_ANSWER] = "noAnswer",
        [RECALL_MACHINE] = "answeringMachine",
        [RECALL_FAX] = "fax",
    };
    const char *period = text_of(document, "resetPeriod");
    const json_t *recalls = json_object_get(document, "recallEntries");
    limits->id = id;
    limits->per_contact = (int32_t)integer_of(document, "maxAttemptsPerContact");
    limits->per_number = (int32_t)integer_of(document, "maxAttemptsPerNumber");
    limits->zone = zone_index(zones, text_of(document, "timeZoneId"));
    if (strcmp(period, "TODAY") == 0 && limits->zone >= 0) {
        limits->period = RESET_TODAY;
    } else if (strncmp(period, "DAYS_", 5) == 0) {
        limits->period = RESET_DAYS;
        limits->period_days = (int32_t)strtol(period + 5, NULL, 10);
    }
    for (int i = 0; i < RECALL_COUNT; i++) {
        const json_t *entry = json_object_get(recalls, names[i]);
        limits->recalls[i].attempts = (int32_t)integer_of(entry, "nbrAttempts");
        limits->recalls[i].interval_ms = integer_of(entry, "minutesBetweenAttempts") * 60000;
    }
}

static void times_fill(const json_t *document, int64_t id, const struct zone_table *zones,
                       struct arena *arena, struct time_set *set)
{
    const json_t *times = json_object_get(document, "callableTimes");
    size_t total = 0;
    for (size_t i = 0; i < json_array_size(times); i++)
        total += json_array_size(json_object_get(json_array_get(times, i), "timeSlots"));
    struct time_slot *slots = arena_new(arena, total + 1, sizeof(*slots));
    int32_t count = 0;
    for (size_t i = 0; i < json_array_size(times); i++) {
        const json_t *time = json_array_get(times, i);
        const json_t *list = json_object_get(time, "timeSlots");
        int16_t zone = zone_index(zones, text_of(time, "timeZoneId"));
        for (size_t k = 0; zone >= 0 && k < json_array_size(list); k++) {
            const json_t *slot = json_array_get(list, k);
            slots[count++] = (struct time_slot){
                .zone = zone,
                .day = (int8_t)integer_of(slot, "day"),
                .start_s = resource_day_seconds(text_of(slot, "startTime")),
                .stop_s = resource_day_seconds(text_of(slot, "stopTime")),
            };
        }
    }
    *set = (struct time_set){id, count, slots};
}

static enum dialing_mode mode_of(const char *name)
{
    for (int mode = MODE_AGENTLESS; mode <= MODE_EXTERNAL; mode++) {
        if (strcmp(dialing_mode_name((enum dialing_mode)mode), name) == 0)
            return (enum dialing_mode)mode;
    }
    return MODE_PREVIEW;
}

static enum status columns_fill(const struct campaign_sources *sources,
                                struct campaign *campaign, struct error *err)
{
    struct list_columns columns;
    value_list_columns(sources->list, &columns);
    const json_t *wanted = json_object_get(sources->campaign, "phoneColumns");
    for (size_t i = 0; i < json_array_size(wanted) && i < ADDRESS_MAX; i++) {
        int16_t column =
            list_column_find(&columns, text_of(json_array_get(wanted, i), "columnName"));
        bool is_phone = false;
        for (int32_t k = 0; k < columns.phone_count; k++)
            is_phone |= columns.phones[k] == column;
        char path[ERROR_PATH_MAX];
        snprintf(path, sizeof(path), "phoneColumns[%zu].columnName", i);
        if (column < 0 || !is_phone)
            return error_set(err, STATUS_INVALID, path,
                             "must be one of the contact list's phone columns");
        for (int32_t k = 0; k < campaign->address_column_count; k++) {
            if (campaign->address_columns[k] == column)
                return error_set(err, STATUS_INVALID, path, "is there twice");
        }
        campaign->address_columns[campaign->address_column_count++] = column;
    }
    campaign->has_automatic_zones = columns.has_automatic_zones;
    return STATUS_OK;
}

/* Lists of paid services are kept as settings; no dial may rely on them. */
static enum status dnc_fill(const struct campaign_sources *sources, struct campaign *campaign,
                            struct error *err)
{
    struct list_columns columns;
    value_list_columns(sources->list, &columns);
    const json_t *lists = json_object_get(sources->campaign, "dncLists");
    for (size_t i = 0; i < json_array_size(lists) && i < CAMPAIGN_DNC_MAX; i++) {
        const char *type = text_of(sources->dnc[i], "dncSourceType");
        const char *name = text_of(sources->dnc[i], "customExclusionColumn");
        char path[ERROR_PATH_MAX];
        snprintf(path, sizeof(path), "dncLists[%zu]", i);
        if (strcmp(type, "dnc.com") == 0 || strcmp(type, "gryphon") == 0)
            return error_set(err, STATUS_INVALID, path,
                             "is of type %s, a paid service that this server does not ask: "
                             "export its numbers into a list of type rds",
                             type);
        int16_t column = list_column_find(&columns, name);
        if (strcmp(type, "rds_custom") == 0 && column < 0)
            return error_set(
                err, STATUS_INVALID, path,
                "excludes the column \"%.60s\", which the contact list does not have", name);
        campaign->dnc_columns[i] = (int16_t)(strcmp(type, "rds_custom") == 0 ? column + 1 : 0);
        campaign->dnc_lists[i].value = json_integer_value(json_array_get(lists, i));
        campaign->dnc_list_count = (int32_t)i + 1;
    }
    return STATUS_OK;
}

enum status value_campaign(const struct campaign_sources *sources,
                           const struct resource_world *world, struct arena *arena,
                           struct campaign *campaign, struct error *err)
{
    const json_t *document = sources->campaign;
    memset(campaign, 0, sizeof(*campaign));
    campaign->id.value = sources->id;
    campaign->version = sources->version;
    snprintf(campaign->name, sizeof(campaign->name), "%s", text_of(document, "name"));
    campaign->mode = mode_of(text_of(document, "dialingMode"));
    campaign->list.value = value_ref(document, "contactList");
    campaign->list_state = value_list_state(sources->list);
    campaign->list_priority =
        (int32_t)integer_of(json_object_get(sources->list, "cadran"), "listPriority");
    campaign->queue.value = value_ref(document, "queue");
    campaign->trunk.value = value_ref(document, "site");
    if (!campaign->trunk.value)
        campaign->trunk.value = value_ref(document, "edgeGroup");
    enum status status = dnc_fill(sources, campaign, err);
    if (status != STATUS_OK)
        return status;
    if (sources->limits)
        limits_fill(sources->limits, sources->limits_id, world->zones, &campaign->limits);
    if (sources->times)
        times_fill(sources->times, sources->times_id, world->zones, arena, &campaign->times);
    campaign->caller_number =
        world->parse_number(world->context, text_of(document, "callerAddress"));
    snprintf(campaign->caller_name, sizeof(campaign->caller_name), "%s",
             text_of(document, "callerName"));
    campaign->line_count = (int32_t)integer_of(document, "outboundLineCount");
    campaign->priority = (int32_t)integer_of(document, "priority");
    campaign->ring_timeout_ms = integer_of(document, "noAnswerTimeout") * 1000;
    campaign->is_always_running = bool_of(document, "alwaysRunning");
    campaign->is_auto_answer = true;
    /* Until contact rules (R13) say otherwise. */
    campaign->error_recall_ms = 5 * 60000;
    return columns_fill(sources, campaign, err);
}

/* --- Filter ---------------------------------------------------------------------------------
 */

enum status value_filter(const json_t *document, const struct filter_columns *columns,
                         struct arena *arena, struct filter *filter, struct error *err)
{
    const char *text = text_of(json_object_get(document, "cadran"), "expression");
    struct filter clauses, expression;
    enum status status = filter_form_read(document, columns, arena, &clauses, err);
    if (!status &&
        (status = filter_parse(text, strlen(text), columns, arena, &expression, NULL, err)))
        error_prefix(err, "expression");
    if (status)
        return status;
    struct filter_node *nodes[2];
    int32_t count = 0;
    if (clauses.root)
        nodes[count++] = clauses.root;
    if (expression.root)
        nodes[count++] = expression.root;
    filter->root = filter_group(arena, FILTER_AND, nodes, count);
    return filter_check(filter, err);
}

bool value_filter_is_of_template(const json_t *document)
{
    return strcmp(text_of(document, "sourceType"), "ContactListTemplate") == 0;
}

/* --- The others -----------------------------------------------------------------------------
 */

static int compare_agents(const void *left, const void *right)
{
    const struct agent_id *a = left;
    const struct agent_id *b = right;
    return (a->value > b->value) - (a->value < b->value);
}

static enum distribution distribution_of(const char *name)
{
    for (int at = DISTRIBUTION_LONGEST_IDLE; at <= DISTRIBUTION_RING_ALL; at++) {
        if (strcmp(distribution_name((enum distribution)at), name) == 0)
            return (enum distribution)at;
    }
    return DISTRIBUTION_LONGEST_IDLE;
}

/* MANDATORY has no time-out in Genesys Cloud: the agent ends it. */
static int64_t wrapup_ms_of(const json_t *settings)
{
    int64_t timeout_ms = integer_of(settings, "timeoutMs");
    bool is_mandatory = strcmp(text_of(settings, "wrapupPrompt"), "MANDATORY") == 0;
    return is_mandatory && !timeout_ms ? QUEUE_WRAPUP_UNTIL_DONE : timeout_ms;
}

void value_queue(int64_t id, int32_t version, const json_t *document, struct arena *arena,
                 struct queue *queue)
{
    const json_t *extension = json_object_get(document, "cadran");
    const json_t *call = json_object_get(json_object_get(document, "mediaSettings"), "call");
    const json_t *members = json_object_get(document, "_members");
    double ring_s = json_number_value(json_object_get(call, "alertingTimeoutSeconds"));
    memset(queue, 0, sizeof(*queue));
    queue->id.value = id;
    queue->version = version;
    queue->distribution = distribution_of(text_of(extension, "distribution"));
    queue->ring_timeout_ms = ring_s > 0 ? (int64_t)(ring_s * 1000) : 15000;
    queue->wrapup_ms = wrapup_ms_of(json_object_get(document, "acwSettings"));
    queue->logs_out_unregistered = bool_of(extension, "logsOutUnregistered");
    queue->logs_out_on_miss = bool_of(extension, "logsOutOnMiss");
    queue->is_per_call = bool_of(extension, "isPerCall");
    struct agent_id *ids = arena_new(arena, json_array_size(members) + 1, sizeof(*ids));
    for (size_t i = 0; i < json_array_size(members) && i < QUEUE_MEMBER_MAX; i++)
        ids[queue->member_count++].value = json_integer_value(json_array_get(members, i));
    qsort(ids, (size_t)queue->member_count, sizeof(*ids), compare_agents);
    queue->members = ids;
}

void value_wrapup_code(int64_t id, const json_t *document, const json_t *mapping,
                       struct wrapup_code *code)
{
    const json_t *extension = json_object_get(document, "cadran");
    const json_t *flags = wrapup_mapping_flags(mapping, id);
    memset(code, 0, sizeof(*code));
    code->id.value = id;
    code->means = outcome_from_name(text_of(extension, "means"));
    for (size_t i = 0; i < json_array_size(flags); i++) {
        const char *flag = json_string_value(json_array_get(flags, i));
        code->is_contact_uncallable |= strcmp(flag, "CONTACT_UNCALLABLE") == 0;
        code->is_number_uncallable |= strcmp(flag, "NUMBER_UNCALLABLE") == 0;
        code->is_right_party |= strcmp(flag, "RIGHT_PARTY_CONTACT") == 0;
    }
}

void value_trunk(int64_t id, const json_t *document, const char *secret,
                 struct trunk_config *trunk)
{
    memset(trunk, 0, sizeof(*trunk));
    trunk->id.value = id;
    snprintf(trunk->host, sizeof(trunk->host), "%s", text_of(document, "host"));
    trunk->port = (int32_t)integer_of(document, "port");
    trunk->transport =
        strcmp(text_of(document, "transport"), "tcp") == 0 ? TRUNK_TCP : TRUNK_UDP;
    snprintf(trunk->user, sizeof(trunk->user), "%s", text_of(document, "user"));
    snprintf(trunk->password, sizeof(trunk->password), "%s", secret);
    snprintf(trunk->domain, sizeof(trunk->domain), "%s", text_of(document, "domain"));
    trunk->channels = (int32_t)integer_of(document, "channels");
    trunk->calls_per_second = (int32_t)integer_of(document, "callsPerSecond");
    trunk->follows_redirects = bool_of(document, "followsRedirects");
}

void value_phone(int64_t id, const json_t *document, const char *secret,
                 struct phone_config *phone)
{
    memset(phone, 0, sizeof(*phone));
    phone->id.value = id;
    snprintf(phone->user, sizeof(phone->user), "%s", text_of(document, "user"));
    snprintf(phone->password, sizeof(phone->password), "%s", secret);
}

struct wall value_list_expiry(const json_t *list, struct wall created_at,
                              const struct zone_table *zones)
{
    enum retention retention = RETENTION_NEVER;
    const struct zone *zone = zones ? zone_find(zones, text_of(list, "timeZone")) : NULL;
    (void)retention_from_name(text_of(list, "retentionType"), false, &retention);
    return retention_end(retention, integer_of(list, "retentionDays"), created_at, zone);
}
