#include "resource/tables.h"
#include "model/retention.h"

#include "filter/text.h"

#define NAME(most)                                                                             \
    {                                                                                          \
        "name", FIELD_TEXT, FIELD_REQUIRED, 1, most, .size = 0                                 \
    }
#define TEXT(name, most)                                                                       \
    {                                                                                          \
        name, FIELD_TEXT, 0, 0, most, .size = 0                                                \
    }
#define BOOL(name, otherwise_)                                                                 \
    {                                                                                          \
        name, FIELD_BOOL, .otherwise = otherwise_                                              \
    }
#define REF(name, kind)                                                                        \
    {                                                                                          \
        name, FIELD_REF, .ref = kind                                                           \
    }
#define READ_ONLY(name_, type_)                                                                \
    {                                                                                          \
        .name = name_, .type = type_, .flags = FIELD_READ_ONLY                                 \
    }
#define END                                                                                    \
    {                                                                                          \
        .name = NULL                                                                           \
    }

static const struct field contact_list_phone[] = {
    {"columnName", FIELD_TEXT, FIELD_REQUIRED, 1, 128, .size = 0},
    {"type", FIELD_TEXT, FIELD_REQUIRED, 1, 64, .size = 0},
    TEXT("callableTimeColumn", 128),
    END,
};
/* E-mail and WhatsApp columns. */
static const struct field contact_list_channel[] = {
    {"columnName", FIELD_TEXT, FIELD_REQUIRED, 1, 128, .size = 0},
    {"type", FIELD_TEXT, FIELD_REQUIRED, 1, 64, .size = 0},
    TEXT("contactableTimeColumn", 128),
    END,
};
static const char *const data_types[] = {"TEXT", "NUMERIC", "TIMESTAMP", NULL};
static const struct field data_type_fields[] = {
    {"columnName", FIELD_TEXT, FIELD_REQUIRED, 1, 128, .size = 0},
    {"columnDataType", FIELD_TEXT, FIELD_REQUIRED, .words = data_types},
    {"min", FIELD_INTEGER, 0, INT32_MIN, INT32_MAX, .size = 0},
    {"max", FIELD_INTEGER, 0, INT32_MIN, INT32_MAX, .size = 0},
    {"maxLength", FIELD_INTEGER, 0, 1, 512, .size = 0},
    END,
};

/* What a list and a template of lists have in common. */
#define LIST_FIELDS                                                                            \
    {"phoneColumns",   FIELD_OBJECTS, 0, 0, ADDRESS_MAX, .fields = contact_list_phone,         \
     .otherwise = "[]"},                                                                       \
        {"emailColumns", FIELD_OBJECTS, 0, 0, 10, .fields = contact_list_channel},             \
        {"whatsAppColumns", FIELD_OBJECTS, 0, 0, 10, .fields = contact_list_channel},          \
        REF("attemptLimits", ENTITY_ATTEMPT_LIMITS),                                           \
        BOOL("automaticTimeZoneMapping", "false"), TEXT("zipCodeColumnName", 128),             \
        TEXT("previewModeColumnName", 128),                                                    \
        {"previewModeAcceptedValues", FIELD_TEXTS, 0, 0, 100, .size = 512},                    \
        {"columnDataTypeSpecifications", FIELD_OBJECTS, 0, 0, 50, .fields = data_type_fields}, \
        BOOL("trimWhitespace", "true"),                                                        \
        {"retentionType", FIELD_TEXT, .words = retention_names, .otherwise = "\"Never\""},     \
        {"retentionDays", FIELD_INTEGER, 0, 1, RETENTION_DAYS_MAX, .size = 0},                 \
        TEXT("timeZone", 64)

static const struct field contact_list_fields[] = {
    NAME(256),
    {"columnNames", FIELD_TEXTS, FIELD_REQUIRED | FIELD_FIXED, 1, 50, .size = 128},
    LIST_FIELDS,
    {"division", FIELD_REF, FIELD_READ_ONLY, .ref = ENTITY_DIVISION},
    READ_ONLY("importStatus", FIELD_OBJECT),
    READ_ONLY("size", FIELD_INTEGER),
    READ_ONLY("dateExpiration", FIELD_TEXT),
    END,
};
static const struct field list_template_fields[] = {
    NAME(256),
    {"columnNames", FIELD_TEXTS, FIELD_REQUIRED, 1, 50, .size = 128},
    LIST_FIELDS,
    END,
};

static const char *const splits[] = {"Percentage", "Quantity", "Column", "Custom", NULL};
static const struct field splitting_fields[] = {
    {"criteria", FIELD_TEXT, FIELD_REQUIRED, .words = splits},
    TEXT("criteriaValue", SPLIT_VALUE_MAX),
    BOOL("createRemainderContactList", "false"),
    BOOL("useWaterfallRule", "false"),
    END,
};
static const char *const name_formats[] = {"ListNamePrefix",
                                           "ListNamePrefixMonthDayYear",
                                           "ListNamePrefixPart",
                                           "ListNamePrefixMonthDayYearHourMinuteSecond",
                                           "Custom",
                                           "ListNamePrefixMonthDayYearPart",
                                           "ListNamePrefixMonthDayYearHourMinuteSecondPart",
                                           NULL};
static const struct field import_template_fields[] = {
    NAME(256),
    {"contactListTemplate", FIELD_REF, FIELD_REQUIRED, .ref = ENTITY_CONTACT_LIST_TEMPLATE},
    REF("contactListFilter", ENTITY_CONTACT_LIST_FILTER),
    BOOL("useSplittingCriteria", "false"),
    {"splittingInformation", FIELD_OBJECT, .fields = splitting_fields},
    {"listNameFormat", FIELD_TEXT, .words = name_formats,
     .otherwise = "\"ListNamePrefixMonthDayYearHourMinuteSecondPart\""},
    TEXT("customListNameFormatValue", 128),
    READ_ONLY("importStatus", FIELD_OBJECT),
    END,
};

static const char *const file_formats[] = {"FixedLength", "Delimited", NULL};
static const char *const delimiters[] = {"Comma",     "Pipe",   "Colon", "Tab",
                                         "Semicolon", "Custom", NULL};
static const struct field file_column_fields[] = {
    {"columnName", FIELD_TEXT, FIELD_REQUIRED, 1, 128, .size = 0},
    {"columnNumber", FIELD_INTEGER, 0, 0, 199, .size = 0},
    {"startPosition", FIELD_INTEGER, 0, 0, 65535, .size = 0},
    {"length", FIELD_INTEGER, 0, 1, 512, .size = 0},
    END,
};
static const struct field preprocessing_fields[] = {
    {"find", FIELD_TEXT, FIELD_REQUIRED, 1, 256, .size = 0},
    TEXT("replaceWith", 256),
    BOOL("global", "false"),
    BOOL("ignoreCase", "false"),
    END,
};
static const struct field file_specification_fields[] = {
    NAME(256),
    TEXT("description", 512),
    {"format", FIELD_TEXT, FIELD_REQUIRED, .words = file_formats},
    {"numberOfHeadingLinesSkipped", FIELD_INTEGER, 0, 0, 1000, .otherwise = "0"},
    {"numberOfTrailingLinesSkipped", FIELD_INTEGER, 0, 0, 1000, .otherwise = "0"},
    BOOL("header", "true"),
    {"delimiter", FIELD_TEXT, .words = delimiters, .otherwise = "\"Comma\""},
    TEXT("delimiterValue", 8),
    {"columnInformation", FIELD_OBJECTS, 0, 0, 200, .fields = file_column_fields},
    {"preprocessingRules", FIELD_OBJECTS, 0, 0, 20, .fields = preprocessing_fields},
    END,
};

static const char *const list_states[] = {"started", "stopped", "paused", NULL};
static const struct field contact_list_extension[] = {
    {"state", FIELD_TEXT, .words = list_states, .otherwise = "\"started\""},
    {"listPriority", FIELD_INTEGER, 0, 0, 255, .otherwise = "0"},
    TEXT("description", 512),
    READ_ONLY("isDefault", FIELD_BOOL),
    READ_ONLY("contactClosedRatio", FIELD_NUMBER),
    READ_ONLY("states", FIELD_OBJECT),
    END,
};

static const char *const dnc_sources[] = {"rds", "rds_custom", "dnc.com", "gryphon", NULL};
static const char *const dnc_methods[] = {"Phone", "Email", "Any", "WhatsApp", NULL};
static const struct field dnc_list_fields[] = {
    NAME(256),
    {"dncSourceType", FIELD_TEXT, FIELD_REQUIRED | FIELD_FIXED, .words = dnc_sources},
    {"contactMethod", FIELD_TEXT, FIELD_FIXED, .words = dnc_methods},
    {"customExclusionColumn", FIELD_TEXT, FIELD_FIXED, 0, 128, .size = 0},
    TEXT("loginId", 128),
    TEXT("campaignId", 128),
    {"dncCodes", FIELD_TEXTS, 0, 0, 30, .size = 1},
    TEXT("licenseId", 128),
    {"division", FIELD_REF, FIELD_READ_ONLY, .ref = ENTITY_DIVISION},
    READ_ONLY("importStatus", FIELD_OBJECT),
    READ_ONLY("size", FIELD_INTEGER),
    END,
};

static const struct field recall_fields[] = {
    {"nbrAttempts", FIELD_INTEGER, FIELD_REQUIRED, 1, 100, .size = 0},
    {"minutesBetweenAttempts", FIELD_INTEGER, FIELD_REQUIRED, 5, 480, .size = 0},
    END,
};
static const struct field recalls_fields[] = {
    {"busy", FIELD_OBJECT, .fields = recall_fields},
    {"noAnswer", FIELD_OBJECT, .fields = recall_fields},
    {"answeringMachine", FIELD_OBJECT, .fields = recall_fields},
    {"fax", FIELD_OBJECT, .fields = recall_fields},
    END,
};
static const struct field attempt_limits_fields[] = {
    NAME(256),
    {"maxAttemptsPerContact", FIELD_INTEGER, 0, 1, 100, .size = 0},
    {"maxAttemptsPerNumber", FIELD_INTEGER, 0, 1, 100, .size = 0},
    TEXT("timeZoneId", 64),
    {"resetPeriod", FIELD_TEXT, 0, 1, 16, .otherwise = "\"NEVER\""},
    {"recallEntries", FIELD_OBJECT, .fields = recalls_fields},
    END,
};

static const struct field slot_fields[] = {
    {"day", FIELD_INTEGER, FIELD_REQUIRED, 1, 7, .size = 0},
    {"startTime", FIELD_TEXT, FIELD_REQUIRED, 1, 16, .size = 0},
    {"stopTime", FIELD_TEXT, FIELD_REQUIRED, 1, 16, .size = 0},
    END,
};
static const struct field callable_time_fields[] = {
    {"timeZoneId", FIELD_TEXT, FIELD_REQUIRED, 1, 64, .size = 0},
    {"timeSlots", FIELD_OBJECTS, FIELD_REQUIRED, 1, TIME_SLOT_MAX, .fields = slot_fields},
    END,
};
static const struct field callable_times_fields[] = {
    NAME(256),
    {"callableTimes", FIELD_OBJECTS, FIELD_REQUIRED, 1, TIME_SET_ZONE_MAX,
     .fields = callable_time_fields},
    END,
};

static const char *const filter_sources[] = {"ContactList", "ContactListTemplate", NULL};
static const char *const filter_types[] = {"AND", "OR", NULL};
/* Read whole by resource/filter_form.h, which knows the columns. */
static const struct field clause_fields[] = {END};
static const struct field filter_fields[] = {
    NAME(256),
    {"sourceType", FIELD_TEXT, FIELD_FIXED, .words = filter_sources,
     .otherwise = "\"ContactList\""},
    {"contactList", FIELD_REF, FIELD_FIXED, .ref = ENTITY_CONTACT_LIST},
    {"contactListTemplate", FIELD_REF, FIELD_FIXED, .ref = ENTITY_CONTACT_LIST_TEMPLATE},
    {"filterType", FIELD_TEXT, .words = filter_types, .otherwise = "\"AND\""},
    {"clauses", FIELD_OBJECTS, 0, 0, 100, .fields = clause_fields, .otherwise = "[]"},
    END,
};
static const struct field filter_extension[] = {
    TEXT("expression", FILTER_SOURCE_MAX),
    END,
};

static const char *const modes[] = {"agentless",   "preview",  "power", "predictive",
                                    "progressive", "external", NULL};
static const char *const directions[] = {"ASC", "DESC", NULL};
static const struct field phone_column_fields[] = {
    {"columnName", FIELD_TEXT, FIELD_REQUIRED, 1, 128, .size = 0},
    END,
};
static const struct field sort_fields[] = {
    {"fieldName", FIELD_TEXT, FIELD_REQUIRED, 1, 128, .size = 0},
    {"direction", FIELD_TEXT, .words = directions, .otherwise = "\"ASC\""},
    BOOL("numeric", "false"),
    END,
};
static const struct field view_fields[] = {
    NAME(128),
    REF("contactList", ENTITY_CONTACT_LIST),
    {"columns", FIELD_TEXTS, 0, 0, 80, .size = 128, .otherwise = "[]"},
    TEXT("expression", FILTER_SOURCE_MAX),
    {"contactSorts", FIELD_OBJECTS, 0, 0, 4, .fields = sort_fields, .otherwise = "[]"},
    BOOL("isShared", "false"),
    READ_ONLY("isMine", FIELD_BOOL),
    READ_ONLY("owner", FIELD_OBJECT),
    END,
};
static const struct field campaign_fields[] = {
    NAME(CAMPAIGN_NAME_SIZE - 1),
    {"contactList", FIELD_REF, FIELD_REQUIRED, .ref = ENTITY_CONTACT_LIST},
    REF("queue", ENTITY_QUEUE),
    {"dialingMode", FIELD_TEXT, FIELD_REQUIRED, .words = modes},
    REF("script", ENTITY_SCRIPT),
    /* Either names the trunk that carries the calls. */
    REF("site", ENTITY_TRUNK),
    REF("edgeGroup", ENTITY_TRUNK),
    {"phoneColumns", FIELD_OBJECTS, FIELD_REQUIRED, 1, ADDRESS_MAX,
     .fields = phone_column_fields},
    {"abandonRate", FIELD_NUMBER, 0, 0, 100, .size = 0},
    {"dncLists", FIELD_REFS, 0, 0, CAMPAIGN_DNC_MAX, .ref = ENTITY_DNC_LIST, .otherwise = "[]"},
    REF("callableTimeSet", ENTITY_CALLABLE_TIME_SET),
    {"callerName", FIELD_TEXT, FIELD_REQUIRED, 1, CALLER_NAME_SIZE - 1, .size = 0},
    {"callerAddress", FIELD_TEXT, FIELD_REQUIRED, 1, 32, .size = 0},
    {"outboundLineCount", FIELD_INTEGER, 0, 0, 100000, .size = 0},
    BOOL("skipPreviewDisabled", "false"),
    {"previewTimeOutSeconds", FIELD_INTEGER, 0, 0, 1200, .otherwise = "0"},
    BOOL("alwaysRunning", "false"),
    {"contactListFilters", FIELD_REFS, 0, 0, 1, .ref = ENTITY_CONTACT_LIST_FILTER,
     .otherwise = "[]"},
    {"contactSorts", FIELD_OBJECTS, 0, 0, 4, .fields = sort_fields, .otherwise = "[]"},
    {"noAnswerTimeout", FIELD_INTEGER, 0, 5, 300, .otherwise = "30"},
    TEXT("callAnalysisLanguage", 16),
    {"priority", FIELD_INTEGER, 0, 1, 5, .otherwise = "3"},
    TEXT("agentOwnedColumn", 128),
    {"skillColumns", FIELD_TEXTS, 0, 0, 2, .size = 128},
    {"maxCallsPerAgent", FIELD_INTEGER, 0, 1, 15, .size = 0},
    {"maxCallsPerAgentDecimal", FIELD_NUMBER, 0, 1, 15, .size = 0},
    BOOL("callbackAutoAnswer", "false"),
    BOOL("previewAutoEnd", "true"),
    READ_ONLY("campaignStatus", FIELD_TEXT),
    {"division", FIELD_REF, FIELD_READ_ONLY, .ref = ENTITY_DIVISION},
    READ_ONLY("errors", FIELD_OBJECTS),
    END,
};

static const struct field acw_fields[] = {
    TEXT("wrapupPrompt", 64),
    {"timeoutMs", FIELD_INTEGER, 0, 0, 86400000, .size = 0},
    END,
};
static const struct field media_call_fields[] = {
    {"alertingTimeoutSeconds", FIELD_NUMBER, 0, 1, 300, .size = 0},
    BOOL("enableAutoAnswer", NULL),
    END,
};
static const struct field media_fields[] = {
    {"call", FIELD_OBJECT, .fields = media_call_fields},
    END,
};
static const struct field queue_fields[] = {
    NAME(256),
    TEXT("description", 512),
    {"mediaSettings", FIELD_OBJECT, .fields = media_fields},
    {"acwSettings", FIELD_OBJECT, .fields = acw_fields},
    BOOL("autoAnswerOnly", "true"),
    READ_ONLY("memberCount", FIELD_INTEGER),
    READ_ONLY("userMemberCount", FIELD_INTEGER),
    READ_ONLY("joinedMemberCount", FIELD_INTEGER),
    {"division", FIELD_REF, FIELD_READ_ONLY, .ref = ENTITY_DIVISION},
    READ_ONLY("sourceQueueId", FIELD_TEXT),
    END,
};
static const char *const distributions[] = {"longest_idle", "round_robin", "ring_all", NULL};
static const struct field queue_extension[] = {
    {"distribution", FIELD_TEXT, .words = distributions, .otherwise = "\"longest_idle\""},
    BOOL("logsOutUnregistered", "true"),
    BOOL("logsOutOnMiss", "false"),
    BOOL("isPerCall", "false"),
    END,
};

static const char *const user_states[] = {"active", "inactive", "deleted", NULL};
static const struct field user_fields[] = {
    NAME(256),
    {"email", FIELD_TEXT, FIELD_REQUIRED, 3, 254, .size = 0},
    TEXT("title", 256),
    TEXT("department", 256),
    {"state", FIELD_TEXT, .words = user_states, .otherwise = "\"active\""},
    {"password", FIELD_TEXT, FIELD_SECRET, 8, 512, .size = 0},
    READ_ONLY("divisionId", FIELD_TEXT),
    {"division", FIELD_REF, FIELD_READ_ONLY, .ref = ENTITY_DIVISION},
    READ_ONLY("username", FIELD_TEXT),
    READ_ONLY("routingStatus", FIELD_OBJECT),
    READ_ONLY("presence", FIELD_OBJECT),
    END,
};
static const char *const roles[] = {"administrator", "supervisor", "agent", NULL};
static const char *const languages[] = {"fr", "en", NULL};
static const struct field user_extension[] = {
    {"roles", FIELD_TEXTS, 0, 0, 3, .words = roles, .otherwise = "[\"agent\"]"},
    REF("phone", ENTITY_PHONE),
    {"language", FIELD_TEXT, .words = languages, .otherwise = "\"fr\""},
    END,
};

static const struct field wrapup_code_fields[] = {
    NAME(256),
    TEXT("description", 512),
    {"division", FIELD_REF, FIELD_READ_ONLY, .ref = ENTITY_DIVISION},
    END,
};
static const char *const wrapup_meanings[] = {"none", "machine", "fax", NULL};
static const struct field wrapup_code_extension[] = {
    READ_ONLY("flags",
              FIELD_TEXTS), /* what a code means is the wrap-up code mapping's to say */
    {"means", FIELD_TEXT, .words = wrapup_meanings, .otherwise = "\"none\""},
    END,
};

static const char *const transports[] = {"udp", "tcp", NULL};
static const struct field trunk_fields[] = {
    NAME(256),
    {"host", FIELD_TEXT, FIELD_REQUIRED, 1, 127, .size = 0},
    {"port", FIELD_INTEGER, 0, 1, 65535, .otherwise = "5060"},
    {"transport", FIELD_TEXT, .words = transports, .otherwise = "\"udp\""},
    TEXT("user", 127),
    {"password", FIELD_TEXT, FIELD_SECRET, 0, 127, .size = 0},
    TEXT("domain", 127),
    {"channels", FIELD_INTEGER, 0, 0, 100000, .otherwise = "0"},
    {"callsPerSecond", FIELD_INTEGER, 0, 0, 10000, .otherwise = "0"},
    BOOL("followsRedirects", "false"),
    READ_ONLY("isUp", FIELD_BOOL),
    END,
};
static const struct field phone_fields[] = {
    NAME(256),
    {"user", FIELD_TEXT, FIELD_REQUIRED, 1, 127, .size = 0},
    {"password", FIELD_TEXT, FIELD_SECRET, 1, 127, .size = 0},
    READ_ONLY("isRegistered", FIELD_BOOL),
    END,
};
static const struct field client_fields[] = {
    NAME(256),
    TEXT("description", 512),
    {"roles", FIELD_TEXTS, 0, 1, 3, .words = roles, .otherwise = "[\"administrator\"]"},
    READ_ONLY("secret", FIELD_TEXT),
    END,
};
static const struct field division_fields[] = {
    NAME(256),
    TEXT("description", 512),
    READ_ONLY("homeDivision", FIELD_BOOL),
    END,
};
static const struct field script_fields[] = {NAME(256), END};

const struct field resource_hidden_fields[] = {
    {"_members", FIELD_REFS, .most = QUEUE_MEMBER_MAX, .ref = ENTITY_USER},
    {"_wrapupCodes", FIELD_REFS, .most = 500, .ref = ENTITY_WRAPUP_CODE},
    {SPLIT_FILTERS, FIELD_REFS, .most = SPLIT_FILTERS_MAX, .ref = ENTITY_CONTACT_LIST_FILTER},
    END,
};

static const struct resource resources[ENTITY_KIND_COUNT] = {
    [ENTITY_CAMPAIGN] = {ENTITY_CAMPAIGN, "campaign", "/api/v2/outbound/campaigns", "name",
                         campaign_fields, .check = campaign_check},
    [ENTITY_CONTACT_LIST] = {ENTITY_CONTACT_LIST, "contact list",
                             "/api/v2/outbound/contactlists", "name", contact_list_fields,
                             contact_list_extension, "/api/cadran/v1/contactlists",
                             contact_list_check},
    [ENTITY_CONTACT_LIST_TEMPLATE] = {ENTITY_CONTACT_LIST_TEMPLATE, "contact list template",
                                      "/api/v2/outbound/contactlisttemplates", "name",
                                      list_template_fields, .check = contact_list_check},
    [ENTITY_IMPORT_TEMPLATE] = {ENTITY_IMPORT_TEMPLATE, "import template",
                                "/api/v2/outbound/importtemplates", "name",
                                import_template_fields, .check = import_template_check},
    [ENTITY_FILE_SPECIFICATION] = {ENTITY_FILE_SPECIFICATION, "file specification template",
                                   "/api/v2/outbound/filespecificationtemplates", "name",
                                   file_specification_fields,
                                   .check = file_specification_check},
    [ENTITY_DNC_LIST] = {ENTITY_DNC_LIST, "do-not-contact list", "/api/v2/outbound/dnclists",
                         "name", dnc_list_fields, .check = dnc_list_check},
    [ENTITY_ATTEMPT_LIMITS] = {ENTITY_ATTEMPT_LIMITS, "set of attempt limits",
                               "/api/v2/outbound/attemptlimits", "name", attempt_limits_fields,
                               .check = attempt_limits_check},
    [ENTITY_CALLABLE_TIME_SET] = {ENTITY_CALLABLE_TIME_SET, "callable time set",
                                  "/api/v2/outbound/callabletimesets", "name",
                                  callable_times_fields, .check = callable_times_check},
    [ENTITY_QUEUE] = {ENTITY_QUEUE, "queue", "/api/v2/routing/queues", "name", queue_fields,
                      queue_extension, "/api/cadran/v1/queues", NULL},
    [ENTITY_USER] = {ENTITY_USER, "user", "/api/v2/users", "email", user_fields, user_extension,
                     "/api/cadran/v1/users", user_check},
    [ENTITY_WRAPUP_CODE] = {ENTITY_WRAPUP_CODE, "wrap-up code", "/api/v2/routing/wrapupcodes",
                            "name", wrapup_code_fields, wrapup_code_extension,
                            "/api/cadran/v1/wrapupcodes", NULL},
    [ENTITY_TRUNK] = {ENTITY_TRUNK, "trunk", "/api/cadran/v1/trunks", "name", trunk_fields,
                      .check = NULL},
    [ENTITY_PHONE] = {ENTITY_PHONE, "phone", "/api/cadran/v1/phones", "name", phone_fields,
                      .check = NULL},
    [ENTITY_CLIENT] = {ENTITY_CLIENT, "API client", "/api/v2/oauth/clients", "name",
                       client_fields, .check = NULL},
    [ENTITY_DIVISION] = {ENTITY_DIVISION, "division", "/api/v2/authorization/divisions", "name",
                         division_fields, .check = NULL},
    [ENTITY_CONTACT_LIST_FILTER] = {ENTITY_CONTACT_LIST_FILTER, "contact list filter",
                                    "/api/v2/outbound/contactlistfilters", "name",
                                    filter_fields, filter_extension,
                                    "/api/cadran/v1/contactlistfilters", filter_source_check},
    [ENTITY_CONTACT_VIEW] = {ENTITY_CONTACT_VIEW, "contact view", "/api/cadran/v1/contactviews",
                             "name", view_fields, .check = NULL},
    [ENTITY_SCRIPT] = {ENTITY_SCRIPT, "script", "/api/v2/scripts", "name", script_fields,
                       .check = NULL},
};

const struct resource *resource_of(enum entity_kind kind)
{
    if (kind <= ENTITY_NONE || kind >= ENTITY_KIND_COUNT || !resources[kind].word)
        return NULL;
    return &resources[kind];
}
