/* Rules between the fields of one resource. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/retention.h"
#include "resource/tables.h"
#include "resource/value.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool has_text(const json_t *texts, const char *text)
{
    for (size_t i = 0; i < json_array_size(texts); i++) {
        if (strcmp(json_string_value(json_array_get(texts, i)), text) == 0)
            return true;
    }
    return false;
}

static enum status wrong_at(struct error *err, const char *list, size_t index, const char *name,
                            const char *text)
{
    char path[ERROR_PATH_MAX];
    snprintf(path, sizeof(path), "%s[%zu]%s%s", list, index, *name ? "." : "", name);
    return error_set(err, STATUS_INVALID, path, "%s", text);
}

/* Preview, data types and retention. */
static enum status list_rest_check(const json_t *document, const json_t *columns,
                                   const struct resource_world *world, struct error *err)
{
    const json_t *types = json_object_get(document, "columnDataTypeSpecifications");
    const char *preview = text_of(document, "previewModeColumnName");
    const char *zone = text_of(document, "timeZone");
    if (*preview && !has_text(columns, preview))
        return error_set(err, STATUS_INVALID, "previewModeColumnName",
                         "must be one of columnNames");
    for (size_t i = 0; i < json_array_size(types); i++) {
        const json_t *type = json_array_get(types, i);
        const json_t *min = json_object_get(type, "min"), *max = json_object_get(type, "max");
        if (!has_text(columns, text_of(type, "columnName")))
            return wrong_at(err, "columnDataTypeSpecifications", i, "columnName",
                            "must be one of columnNames");
        if (min && max && json_integer_value(min) > json_integer_value(max))
            return wrong_at(err, "columnDataTypeSpecifications", i, "max",
                            "must not be less than min");
    }
    if (strcmp(text_of(document, "retentionType"), retention_names[RETENTION_DAYS]) == 0 &&
        !json_object_get(document, "retentionDays"))
        return error_set(err, STATUS_INVALID, "retentionDays",
                         "required when retentionType is RetentionDays");
    if (*zone && !zone_find(world->zones, zone))
        return error_set(err, STATUS_INVALID, "timeZone",
                         "is not a time zone of the IANA base");
    return STATUS_OK;
}

enum status contact_list_check(const json_t *document, const struct resource_world *world,
                               struct error *err)
{
    const json_t *columns = json_object_get(document, "columnNames");
    const json_t *phones = json_object_get(document, "phoneColumns");
    bool is_automatic = json_is_true(json_object_get(document, "automaticTimeZoneMapping"));
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const char *name = json_string_value(json_array_get(columns, i));
        for (size_t k = 0; k < i; k++) {
            if (strcmp(name, json_string_value(json_array_get(columns, k))) == 0)
                return wrong_at(err, "columnNames", i, "", "is there twice");
        }
    }
    for (size_t i = 0; i < json_array_size(phones); i++) {
        const json_t *phone = json_array_get(phones, i);
        const char *zone = text_of(phone, "callableTimeColumn");
        if (!has_text(columns, text_of(phone, "columnName")))
            return wrong_at(err, "phoneColumns", i, "columnName", "must be one of columnNames");
        if (*zone && is_automatic)
            return wrong_at(err, "phoneColumns", i, "callableTimeColumn",
                            "is not allowed with automaticTimeZoneMapping");
        if (*zone && !has_text(columns, zone))
            return wrong_at(err, "phoneColumns", i, "callableTimeColumn",
                            "must be one of columnNames");
    }
    static const char *const channels[] = {"emailColumns", "whatsAppColumns"};
    for (size_t k = 0; k < ARRAY_LEN(channels); k++) {
        const json_t *list = json_object_get(document, channels[k]);
        for (size_t i = 0; i < json_array_size(list); i++)
            if (!has_text(columns, text_of(json_array_get(list, i), "columnName")))
                return wrong_at(err, channels[k], i, "columnName",
                                "must be one of columnNames");
    }
    enum status status = list_rest_check(document, columns, world, err);
    if (status != STATUS_OK)
        return status;
    const char *zip = text_of(document, "zipCodeColumnName");
    if (*zip && (!is_automatic || !has_text(columns, zip)))
        return error_set(err, STATUS_INVALID, "zipCodeColumnName",
                         "must be one of columnNames, and needs automaticTimeZoneMapping");
    return STATUS_OK;
}

/* What each source needs. */
static const struct {
    const char *source, *needs;
} dnc_needs[] = {
    {"rds_custom", "customExclusionColumn"}, {"dnc.com", "loginId"}, {"gryphon", "licenseId"}};

enum status dnc_list_check(const json_t *document, const struct resource_world *world,
                           struct error *err)
{
    (void)world;
    const char *source = text_of(document, "dncSourceType");
    const json_t *codes = json_object_get(document, "dncCodes");
    for (size_t i = 0; i < ARRAY_LEN(dnc_needs); i++)
        if (strcmp(source, dnc_needs[i].source) == 0 && !*text_of(document, dnc_needs[i].needs))
            return error_set(err, STATUS_INVALID, dnc_needs[i].needs,
                             "required for a list of type %s", source);
    if (strcmp(source, "rds_custom") != 0 && *text_of(document, "customExclusionColumn"))
        return error_set(err, STATUS_INVALID, "customExclusionColumn",
                         "is for lists of type rds_custom");
    for (size_t i = 0; i < json_array_size(codes); i++) {
        const char *code = json_string_value(json_array_get(codes, i));
        if (!code || code[0] < 'B' || code[0] > 'Y')
            return wrong_at(err, "dncCodes", i, "", "must be a letter from B to Y");
    }
    return STATUS_OK;
}

static bool is_period(const char *text)
{
    if (strcmp(text, "NEVER") == 0 || strcmp(text, "TODAY") == 0)
        return true;
    if (strncmp(text, "DAYS_", 5) != 0 || strlen(text) > 7)
        return false;
    char *end = NULL;
    long days = strtol(text + 5, &end, 10);
    return *end == '\0' && days >= 2 && days <= 30 && text[5] != '0';
}

enum status attempt_limits_check(const json_t *document, const struct resource_world *world,
                                 struct error *err)
{
    int64_t per_contact =
        json_integer_value(json_object_get(document, "maxAttemptsPerContact"));
    const char *period = text_of(document, "resetPeriod");
    const char *zone = text_of(document, "timeZoneId");
    if (!per_contact && !json_object_get(document, "maxAttemptsPerNumber"))
        return error_set(err, STATUS_INVALID, "maxAttemptsPerContact",
                         "one of maxAttemptsPerContact and maxAttemptsPerNumber is required");
    if (!is_period(period))
        return error_set(err, STATUS_INVALID, "resetPeriod",
                         "must be NEVER, TODAY, or DAYS_2 to DAYS_30");
    if (strcmp(period, "TODAY") == 0 && !*zone)
        return error_set(err, STATUS_INVALID, "timeZoneId",
                         "required when resetPeriod is TODAY");
    if (*zone && !zone_find(world->zones, zone))
        return error_set(err, STATUS_INVALID, "timeZoneId",
                         "is not a time zone of the IANA base");
    const char *name = NULL;
    json_t *entry = NULL;
    json_object_foreach(json_object_get(document, "recallEntries"), name, entry)
    {
        char path[ERROR_PATH_MAX];
        snprintf(path, sizeof(path), "recallEntries.%.60s.nbrAttempts", name);
        if (per_contact &&
            json_integer_value(json_object_get(entry, "nbrAttempts")) >= per_contact)
            return error_set(err, STATUS_INVALID, path,
                             "must be less than maxAttemptsPerContact");
    }
    return STATUS_OK;
}

static bool two_digits(const char *text, int32_t most, int32_t *value)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *value = (text[0] - '0') * 10 + (text[1] - '0');
    return *value <= most;
}

int32_t resource_day_seconds(const char *text)
{
    int32_t hour = 0;
    int32_t minute = 0;
    int32_t second = 0;
    size_t len = strlen(text);
    bool is_right = (len == 5 || len == 8 || len == 12) && text[2] == ':' &&
                    two_digits(text, 24, &hour) && two_digits(text + 3, 59, &minute);
    /* "09:00:00.000" is what some clients write. */
    if (is_right && len > 5)
        is_right = text[5] == ':' && two_digits(text + 6, 59, &second) &&
                   (len == 8 || strcmp(text + 8, ".000") == 0);
    int32_t seconds = hour * 3600 + minute * 60 + second;
    return is_right && seconds <= 86400 ? seconds : -1;
}

static enum status slots_check(const json_t *slots, size_t zone, struct error *err)
{
    for (size_t i = 0; i < json_array_size(slots); i++) {
        const json_t *slot = json_array_get(slots, i);
        int32_t start = resource_day_seconds(text_of(slot, "startTime"));
        int32_t stop = resource_day_seconds(text_of(slot, "stopTime"));
        if (start >= 0 && stop > start)
            continue;
        char path[ERROR_PATH_MAX];
        snprintf(path, sizeof(path), "callableTimes[%zu].timeSlots[%zu].%s", zone, i,
                 start < 0 ? "startTime" : "stopTime");
        return error_set(err, STATUS_INVALID, path,
                         "must be HH:mm:ss, and the stop after the start");
    }
    return STATUS_OK;
}

enum status callable_times_check(const json_t *document, const struct resource_world *world,
                                 struct error *err)
{
    const json_t *times = json_object_get(document, "callableTimes");
    for (size_t i = 0; i < json_array_size(times); i++) {
        const json_t *time = json_array_get(times, i);
        const char *zone = text_of(time, "timeZoneId");
        if (!zone_find(world->zones, zone))
            return wrong_at(err, "callableTimes", i, "timeZoneId",
                            "is not a time zone of the IANA base");
        for (size_t k = 0; k < i; k++) {
            if (strcmp(zone, text_of(json_array_get(times, k), "timeZoneId")) == 0)
                return wrong_at(err, "callableTimes", i, "timeZoneId", "is there twice");
        }
        enum status status = slots_check(json_object_get(time, "timeSlots"), i, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status campaign_check(const json_t *document, const struct resource_world *world,
                           struct error *err)
{
    const char *mode = text_of(document, "dialingMode");
    bool is_agentless = strcmp(mode, "agentless") == 0;
    bool overdials = strcmp(mode, "power") == 0 || strcmp(mode, "predictive") == 0;
    if (!is_agentless && !json_object_get(document, "queue"))
        return error_set(err, STATUS_INVALID, "queue", "required for this dialing mode");
    if (is_agentless && !json_object_get(document, "outboundLineCount"))
        return error_set(err, STATUS_INVALID, "outboundLineCount",
                         "required for agentless dialing");
    if (overdials && !json_object_get(document, "abandonRate"))
        return error_set(err, STATUS_INVALID, "abandonRate", "required for this dialing mode");
    if (json_object_get(document, "site") && json_object_get(document, "edgeGroup"))
        return error_set(err, STATUS_INVALID, "edgeGroup", "is not allowed together with site");
    const char *caller = text_of(document, "callerAddress");
    if (world->parse_number(world->context, caller) <= 0)
        return error_set(err, STATUS_INVALID, "callerAddress",
                         "is not a valid telephone number: write it as +33123456789");
    return STATUS_OK;
}

enum status filter_source_check(const json_t *document, const struct resource_world *world,
                                struct error *err)
{
    (void)world;
    bool is_of_template = value_filter_is_of_template(document);
    const char *source = is_of_template ? "contactListTemplate" : "contactList";
    const char *other = is_of_template ? "contactList" : "contactListTemplate";
    if (!json_object_get(document, source))
        return error_set(err, STATUS_INVALID, source, "required when sourceType is %s%s",
                         text_of(document, "sourceType"),
                         is_of_template ? "" : ", which it is where it is not given");
    if (json_object_get(document, other))
        return error_set(err, STATUS_INVALID, other,
                         "is not taken when sourceType is %s: a filter has one source",
                         text_of(document, "sourceType"));
    return STATUS_OK;
}

enum status user_check(const json_t *document, const struct resource_world *world,
                       struct error *err)
{
    (void)world;
    const char *email = text_of(document, "email");
    const char *at = strchr(email, '@');
    if (!at || at == email || !at[1] || strpbrk(email, " \t\r\n<>,;"))
        return error_set(err, STATUS_INVALID, "email", "is not an e-mail address");
    return STATUS_OK;
}

/* --- Templates ------------------------------------------------------------------------------
 */

static bool is_number(const char *text, long least, long most)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    return *text && *end == '\0' && value >= least && value <= most;
}

static enum status splitting_check(const json_t *document, struct error *err)
{
    const json_t *splitting = json_object_get(document, "splittingInformation");
    const char *criteria = text_of(splitting, "criteria");
    const char *value = text_of(splitting, "criteriaValue");
    const char *path = "splittingInformation.criteriaValue";
    if (!splitting)
        return error_set(err, STATUS_INVALID, "splittingInformation",
                         "required when useSplittingCriteria is true");
    if (strcmp(criteria, "Quantity") == 0 && !is_number(value, 1, 10000000))
        return error_set(err, STATUS_INVALID, path,
                         "must be how many contacts a list has at most: 1 to 10000000");
    if (strcmp(criteria, "Percentage") == 0 && !is_number(value, 1, 100))
        return error_set(err, STATUS_INVALID, path, "must be a percentage from 1 to 100");
    if (strcmp(criteria, "Column") == 0 && !*value)
        return error_set(err, STATUS_INVALID, path, "must be a column of the template");
    if (strcmp(criteria, "Custom") == 0 && !*value)
        return error_set(err, STATUS_INVALID, path,
                         "must be the ids of from 1 to %d contact list filters of the "
                         "template, with commas between them",
                         SPLIT_FILTERS_MAX);
    return STATUS_OK;
}

/* Whether the lists of one file have different names. A column's values and the names of
 * filters are theirs alone. */
static bool parts_are_told(const json_t *document, const char *custom)
{
    const char *criteria =
        text_of(json_object_get(document, "splittingInformation"), "criteria");
    bool has_values = strcmp(criteria, "Column") == 0 || strcmp(criteria, "Custom") == 0;
    if (!*custom)
        return strstr(text_of(document, "listNameFormat"), "Part") != NULL;
    return strstr(custom, "%P") ||
           (has_values && (strstr(custom, "%C") || strstr(custom, "%F")));
}

enum status import_template_check(const json_t *document, const struct resource_world *world,
                                  struct error *err)
{
    (void)world;
    const char *format = text_of(document, "listNameFormat");
    const char *custom = text_of(document, "customListNameFormatValue");
    bool splits_file = json_is_true(json_object_get(document, "useSplittingCriteria"));
    bool is_custom = strcmp(format, "Custom") == 0;
    enum status status = splits_file ? splitting_check(document, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (is_custom && !strstr(custom, "%N"))
        return error_set(err, STATUS_INVALID, "customListNameFormatValue",
                         "must have at least %%N, the prefix");
    if (splits_file && !parts_are_told(document, is_custom ? custom : ""))
        return error_set(err, STATUS_INVALID,
                         is_custom ? "customListNameFormatValue" : "listNameFormat",
                         "must tell the lists of one file apart: by the part, the column's "
                         "value or the filter");
    return STATUS_OK;
}

enum status file_specification_check(const json_t *document, const struct resource_world *world,
                                     struct error *err)
{
    (void)world;
    const json_t *columns = json_object_get(document, "columnInformation");
    bool is_fixed = strcmp(text_of(document, "format"), "FixedLength") == 0;
    bool has_header = json_is_true(json_object_get(document, "header"));
    if (strcmp(text_of(document, "delimiter"), "Custom") == 0 &&
        !*text_of(document, "delimiterValue"))
        return error_set(err, STATUS_INVALID, "delimiterValue",
                         "required when delimiter is Custom");
    if (json_array_size(columns) == 0 && (is_fixed || !has_header))
        return error_set(err, STATUS_INVALID, "columnInformation",
                         "required for a file of fixed length, and for one without a header");
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const json_t *column = json_array_get(columns, i);
        const char *needed = is_fixed ? "startPosition" : "columnNumber";
        if (!json_object_get(column, needed))
            return wrong_at(err, "columnInformation", i, needed, "required");
        if (is_fixed && !json_object_get(column, "length"))
            return wrong_at(err, "columnInformation", i, "length", "required");
        for (size_t k = 0; k < i; k++)
            if (strcmp(text_of(column, "columnName"),
                       text_of(json_array_get(columns, k), "columnName")) == 0)
                return wrong_at(err, "columnInformation", i, "columnName", "is there twice");
    }
    const json_t *rules = json_object_get(document, "preprocessingRules");
    for (size_t i = 0; i < json_array_size(rules); i++) {
        regex_t regex;
        char pattern[2 * 256 * 4 + 1];
        const json_t *rule = json_array_get(rules, i);
        if (!resource_pattern(text_of(rule, "find"), pattern, sizeof(pattern)) ||
            regcomp(&regex, pattern, REG_EXTENDED) != 0)
            return wrong_at(err, "preprocessingRules", i, "find",
                            "is not a regular expression that can be used here: no look-around "
                            "and no back reference");
        regfree(&regex);
    }
    return STATUS_OK;
}

bool resource_pattern(const char *find, char *pattern, size_t room)
{
    size_t len = 0;
    for (const char *at = find; *at; at++) {
        char one[8] = {*at, '\0'};
        const char *out = one;
        if (*at == '(' && at[1] == '?')
            return false;
        if (*at == '\\' && at[1]) {
            at++;
            if (*at >= '1' && *at <= '9')
                return false;
            out = *at == 'd' ? "[0-9]" : (*at == 'D' ? "[^0-9]" : one);
            if (out == one)
                snprintf(one, sizeof(one), "\\%c", *at);
            if (*at == 't')
                out = "\t";
        }
        size_t more = strlen(out);
        if (len + more + 1 > room)
            return false;
        memcpy(pattern + len, out, more);
        len += more;
    }
    pattern[len] = '\0';
    return len > 0;
}
