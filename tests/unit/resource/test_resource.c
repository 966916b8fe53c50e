/* Field tables, GUIDs, and the values that documents become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "resource/guid.h"
#include "resource/resource.h"
#include "resource/value.h"
#include "resource/wrapup_mapping.h"

static struct guid_key key;

static const struct zone zones[] = {
    {.name = "America/Cayenne", .offset_first_s = -10800},
    {.name = "Europe/Paris", .offset_first_s = 3600},
};
static const struct zone_table zone_table = {zones, 2};

static int64_t parse_number(void *context, const char *text)
{
    (void)context;
    return *text == '+' ? strtoll(text + 1, NULL, 10) : 0;
}

static const struct resource_world world = {&key, &zone_table, parse_number, NULL};

static int set_up(void **state)
{
    (void)state;
    uint8_t secret[32];
    for (int i = 0; i < 32; i++)
        secret[i] = (uint8_t)(i * 7);
    guid_key_init(&key, secret);
    return 0;
}

/* --- GUIDs ----------------------------------------------------------------------------------
 */

static void a_guid_leads_back_to_its_id_and_to_no_other_kind(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 20261121);
    for (int i = 0; i < 20000; i++) {
        int64_t id = i < 100 ? i : (int64_t)random_next(&random);
        int32_t kind = (int32_t)random_below(&random, 13) + 1;
        char text[GUID_SIZE];
        int64_t back = 0;
        guid_format(&key, kind, id, text);
        assert_int_equal(strlen(text), 36);
        assert_int_equal(text[14], '8');           /* version */
        assert_non_null(strchr("89ab", text[19])); /* variant */
        assert_true(guid_parse(&key, kind, text, &back));
        assert_true(back == id);
        assert_false(guid_parse(&key, kind + 1, text, &back));
        /* Any changed digit makes it unknown. */
        size_t at = random_below(&random, 36);
        if (text[at] != '-') {
            text[at] = text[at] == '0' ? '1' : '0';
            assert_false(guid_parse(&key, kind, text, &back));
        }
    }
}

static void a_foreign_guid_is_unknown(void **state)
{
    (void)state;
    int64_t id = 0;
    struct guid_key other = key;
    char text[GUID_SIZE];
    other.tag[0] ^= 1;
    guid_format(&other, 1, 42, text);
    static const char *const table[] = {
        "",
        "42",
        "00000000-0000-0000-0000-000000000000",
        "6F9619FF-8B86-8D01-B42D-00CF4FC964FF",
        "{6f9619ff-8b86-8d01-b42d-00cf4fc964ff}",
        "6f9619ff-8b86-8d01-b42d-00cf4fc964ff",
        "6f9619ff-8b86-8d01-b42d-00cf4fc964ff0",
    };
    assert_false(guid_parse(&key, 1, text, &id));
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_false(guid_parse(&key, 1, table[i], &id));
}

/* --- Reading and writing --------------------------------------------------------------------
 */

static json_t *parse(const char *text)
{
    json_error_t fault;
    json_t *value = json_loads(text, 0, &fault);
    if (!value)
        fail_msg("%s: %s", text, fault.text);
    return value;
}

/* Reads single-quoted JSON; returns the document or the error's "path: text". */
static json_t *take(enum entity_kind kind, const char *text, const json_t *before, char *said)
{
    char body[4096];
    snprintf(body, sizeof(body), "%s", text);
    for (char *at = body; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    json_t *value = parse(body);
    json_t *document = NULL;
    struct error err = {0};
    enum status status =
        resource_read(resource_of(kind), &world, value, before, &document, &err);
    json_decref(value);
    assert_true((status == STATUS_OK) == (document != NULL));
    if (said)
        snprintf(said, 600, "%s: %s", err.path, err.text);
    return document;
}

static void refused(enum entity_kind kind, const char *text, const char *expected)
{
    char said[600];
    json_t *document = take(kind, text, NULL, said);
    if (document)
        fail_msg("taken: %s", text);
    if (strncmp(said, expected, strlen(expected)) != 0)
        fail_msg("said \"%s\" instead of \"%s\"", said, expected);
}

static void errors_name_the_place(void **state)
{
    (void)state;
    refused(ENTITY_CONTACT_LIST, "{'columnNames':['a']}", "name: required");
    refused(ENTITY_CONTACT_LIST, "{'name':'','columnNames':['a']}", "name: required");
    refused(ENTITY_CONTACT_LIST, "{'name':'x'}", "columnNames: required");
    refused(ENTITY_CONTACT_LIST, "{'name':'x','columnNames':[]}", "columnNames: required");
    refused(ENTITY_CONTACT_LIST, "{'name':'x','columnNames':['a',7]}",
            "columnNames[1]: must be a text");
    refused(ENTITY_CONTACT_LIST, "{'name':'x','columnNames':['a','a']}",
            "columnNames[1]: is there twice");
    refused(ENTITY_CONTACT_LIST,
            "{'name':'x','columnNames':['a'],'phoneColumns':[{'type':'Cell'}]}",
            "phoneColumns[0].columnName: required");
    refused(
        ENTITY_CONTACT_LIST,
        "{'name':'x','columnNames':['a'],'phoneColumns':[{'columnName':'b','type':'Cell'}]}",
        "phoneColumns[0].columnName: must be one of columnNames");
    refused(ENTITY_CONTACT_LIST,
            "{'name':'x','columnNames':['a'],'attemptLimits':{'id':'nope'}}",
            "attemptLimits: there is no such set of attempt limits");
    refused(ENTITY_CONTACT_LIST, "{'name':'x','columnNames':['a'],'trimWhitespace':1}",
            "trimWhitespace: must be true or false");
    refused(ENTITY_ATTEMPT_LIMITS, "{'name':'x'}", "maxAttemptsPerContact: one of");
    refused(ENTITY_ATTEMPT_LIMITS,
            "{'name':'x','maxAttemptsPerContact':3,'recallEntries':{'busy':{'nbrAttempts':3,"
            "'minutesBetweenAttempts':5}}}",
            "recallEntries.busy.nbrAttempts: must be less");
    refused(ENTITY_ATTEMPT_LIMITS,
            "{'name':'x','maxAttemptsPerContact':3,'recallEntries':{'busy':{'nbrAttempts':1,"
            "'minutesBetweenAttempts':4}}}",
            "recallEntries.busy.minutesBetweenAttempts: must be from 5 to 480");
    refused(ENTITY_ATTEMPT_LIMITS,
            "{'name':'x','maxAttemptsPerNumber':1,'resetPeriod':'DAYS_31'}",
            "resetPeriod: must be");
    refused(ENTITY_ATTEMPT_LIMITS,
            "{'name':'x','maxAttemptsPerNumber':1,'resetPeriod':'TODAY'}",
            "timeZoneId: required");
    refused(ENTITY_CALLABLE_TIME_SET,
            "{'name':'x','callableTimes':[{'timeZoneId':'Mars/Base','timeSlots':[{'day':1,"
            "'startTime':'09:00:00','stopTime':'17:00:00'}]}]}",
            "callableTimes[0].timeZoneId: is not a time zone");
    refused(ENTITY_CALLABLE_TIME_SET,
            "{'name':'x','callableTimes':[{'timeZoneId':'Europe/Paris','timeSlots':[{'day':8,"
            "'startTime':'09:00:00','stopTime':'17:00:00'}]}]}",
            "callableTimes[0].timeSlots[0].day: must be from 1 to 7");
    refused(ENTITY_CALLABLE_TIME_SET,
            "{'name':'x','callableTimes':[{'timeZoneId':'Europe/Paris','timeSlots':[{'day':1,"
            "'startTime':'17:00:00','stopTime':'09:00:00'}]}]}",
            "callableTimes[0].timeSlots[0].stopTime: must be HH:mm:ss");
    refused(ENTITY_DNC_LIST, "{'name':'x','dncSourceType':'other'}",
            "dncSourceType: must be one of rds, rds_custom, dnc.com, gryphon");
    refused(ENTITY_USER, "{'name':'x','email':'nobody'}", "email: is not an e-mail address");
    refused(ENTITY_USER, "{'name':'x','email':'a@b','password':'short'}",
            "password: must have from 8 to 512 characters");
    refused(ENTITY_TRUNK, "{'name':'x','host':'h','port':0}", "port: must be from 1 to 65535");
    refused(ENTITY_TRUNK, "{'name':'x','host':'h','port':1.5}", "port: must be a whole number");
    refused(ENTITY_CAMPAIGN, "[]", ": The body must be a JSON object");
}

#define OF_TEMPLATE "'name':'x','sourceType':'ContactListTemplate'"
#define SPLITS(criteria, value, format)                                                        \
    "{'name':'x','contactListTemplate':{'id':'%s'},'useSplittingCriteria':true,"               \
    "'splittingInformation':{'criteria':'" criteria "','criteriaValue':'" value "'},"          \
    "'listNameFormat':'Custom','customListNameFormatValue':'" format "'}"

static void with_id(char text[1024], const char *format, enum entity_kind kind)
{
    char guid[GUID_SIZE];
    guid_format(&key, (int32_t)kind, 7, guid);
    const char *at = strstr(format, "%s");
    snprintf(text, 1024, "%.*s%s%s", (int)(at - format), format, guid, at + 2);
}

static void a_filter_has_the_source_that_its_type_says(void **state)
{
    (void)state;
    char text[1024];
    refused(ENTITY_CONTACT_LIST_FILTER, "{'name':'x'}",
            "contactList: required when sourceType is ContactList, which it is");
    refused(ENTITY_CONTACT_LIST_FILTER, "{" OF_TEMPLATE "}",
            "contactListTemplate: required when sourceType is ContactListTemplate");
    with_id(text, "{" OF_TEMPLATE ",'contactList':{'id':'%s'}}", ENTITY_CONTACT_LIST);
    refused(ENTITY_CONTACT_LIST_FILTER, text, "contactListTemplate: required");
    with_id(text, "{" OF_TEMPLATE ",'contactListTemplate':{'id':'%s'}}", ENTITY_CONTACT_LIST);
    refused(ENTITY_CONTACT_LIST_FILTER, text,
            "contactListTemplate: there is no such contact list template");
    with_id(text, "{" OF_TEMPLATE ",'contactListTemplate':{'id':'%s'}}",
            ENTITY_CONTACT_LIST_TEMPLATE);
    json_t *document = take(ENTITY_CONTACT_LIST_FILTER, text, NULL, NULL);
    assert_non_null(document);
    assert_int_equal(value_ref(document, "contactListTemplate"), 7);
    assert_true(value_filter_is_of_template(document));
    json_decref(document);
}

static void an_import_template_tells_its_lists_apart(void **state)
{
    (void)state;
    char text[1024];
    static const struct {
        const char *format, *said;
    } cases[] = {
        {SPLITS("Custom", "a", "%N %F"), NULL},
        {SPLITS("Custom", "a", "%N %P"), NULL},
        {SPLITS("Column", "a", "%N %C"), NULL},
        {SPLITS("Custom", "a", "%N"), "customListNameFormatValue: must tell"},
        {SPLITS("Quantity", "5", "%N %F"), "customListNameFormatValue: must tell"},
        {SPLITS("Percentage", "5", "%N %C"), "customListNameFormatValue: must tell"},
        {SPLITS("Custom", "", "%N %F"),
         "splittingInformation.criteriaValue: must be the ids of from 1 to 50"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        with_id(text, cases[i].format, ENTITY_CONTACT_LIST_TEMPLATE);
        if (cases[i].said) {
            refused(ENTITY_IMPORT_TEMPLATE, text, cases[i].said);
            continue;
        }
        json_t *document = take(ENTITY_IMPORT_TEMPLATE, text, NULL, NULL);
        assert_non_null(document);
        json_decref(document);
    }
}

static void filters_that_a_file_is_split_by_are_references(void **state)
{
    (void)state;
    struct entity_ref refs[8];
    json_t *document = parse("{\"name\":\"x\",\"contactListTemplate\":3,"
                             "\"contactListFilter\":4,\"" SPLIT_FILTERS "\":[5,4]}");
    size_t count = resource_refs(resource_of(ENTITY_IMPORT_TEMPLATE), document, refs, 8);
    assert_int_equal(count, 4);
    for (size_t i = 1; i < count; i++) {
        assert_int_equal(refs[i].kind, ENTITY_CONTACT_LIST_FILTER);
        assert_int_equal(refs[i].id, i == 2 ? 5 : 4);
    }
    json_decref(document);
    char text[1024];
    with_id(text, "{'name':'x','contactListTemplate':{'id':'%s'},'" SPLIT_FILTERS "':[9]}",
            ENTITY_CONTACT_LIST_TEMPLATE);
    document = take(ENTITY_IMPORT_TEMPLATE, text, NULL, NULL);
    assert_non_null(document);
    assert_null(json_object_get(document, SPLIT_FILTERS)); /* nobody says what is ours */
    json_decref(document);
}

static void a_document_keeps_what_it_does_not_know_and_nothing_that_is_ours_to_say(void **state)
{
    (void)state;
    json_t *document =
        take(ENTITY_USER,
             "{'id':'mine','version':9,'selfUri':'/x','cadran':{'roles':['administrator']},"
             "'_members':[1],'name':'Zo\xc3\xa9','email':'zoe@example.com','password':'correct "
             "horse',"
             "'username':'other','biography':{'x':[1,2]}}",
             NULL, NULL);
    char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"biography\":{\"x\":[1,2]},\"cadran\":{\"language\":\"fr\","
                              "\"roles\":[\"agent\"]},\"email\":\"zoe@example.com\","
                              "\"name\":\"Zo\xc3\xa9\",\"state\":\"active\"}");
    /* A full replacement leaves the extension alone, and fixed fields as they were. */
    json_t *next =
        take(ENTITY_USER, "{'name':'Z','email':'zoe@example.com','cadran':{}}", document, NULL);
    assert_true(
        json_equal(json_object_get(next, "cadran"), json_object_get(document, "cadran")));
    assert_null(json_object_get(next, "biography"));
    free(text);
    json_decref(next);
    json_decref(document);
    json_t *list =
        take(ENTITY_CONTACT_LIST, "{'name':'x','columnNames':['a','b']}", NULL, NULL);
    char said[600];
    assert_null(take(ENTITY_CONTACT_LIST, "{'name':'x','columnNames':['b','a']}", list, said));
    assert_string_equal(said, "columnNames: cannot be changed after creation");
    json_decref(list);
}

static const char *name_of(void *context, enum entity_kind kind, int64_t id)
{
    (void)context;
    return kind == ENTITY_CONTACT_LIST && id == 42 ? "Clients" : NULL;
}

static json_t *campaign_take(void)
{
    char list[GUID_SIZE];
    char queue[GUID_SIZE];
    char body[1024];
    guid_format(&key, ENTITY_CONTACT_LIST, 42, list);
    guid_format(&key, ENTITY_QUEUE, 7, queue);
    snprintf(body, sizeof(body),
             "{'name':'Vente','contactList':{'id':'%s'},'queue':{'id':'%s'},"
             "'dialingMode':'progressive','phoneColumns':[{'columnName':'mobile'},"
             "{'columnName':'home'}],'callerName':'Cadran','callerAddress':'+33123456789'}",
             list, queue);
    return take(ENTITY_CAMPAIGN, body, NULL, NULL);
}

static void references_are_numbers_inside_and_names_outside(void **state)
{
    (void)state;
    json_t *document = campaign_take();
    struct entity_ref refs[8];
    assert_int_equal(json_integer_value(json_object_get(document, "contactList")), 42);
    assert_int_equal(resource_refs(resource_of(ENTITY_CAMPAIGN), document, refs, 8), 2);
    assert_int_equal(refs[0].kind, ENTITY_CONTACT_LIST);
    assert_int_equal(refs[1].id, 7);
    char *text = json_dumps(document, 0);
    const struct entity entity = {ENTITY_CAMPAIGN, 3, 5, "Vente", text, {0}, {1500000}};
    const struct resource_writer writer = {&key, name_of, NULL};
    json_t *out = resource_write(resource_of(ENTITY_CAMPAIGN), &writer, &entity);
    const json_t *list = json_object_get(out, "contactList");
    assert_string_equal(json_string_value(json_object_get(list, "name")), "Clients");
    assert_null(json_object_get(json_object_get(out, "queue"), "name"));
    assert_int_equal(json_integer_value(json_object_get(out, "version")), 5);
    assert_int_equal(json_integer_value(json_object_get(out, "noAnswerTimeout")), 30);
    assert_string_equal(json_string_value(json_object_get(out, "dateModified")),
                        "1970-01-01T00:00:01.500Z");
    assert_non_null(strstr(json_string_value(json_object_get(out, "selfUri")),
                           "/api/v2/outbound/campaigns/"));
    /* What was written can be sent back as it is. */
    json_t *again = NULL;
    assert_int_equal(
        resource_read(resource_of(ENTITY_CAMPAIGN), &world, out, document, &again, NULL),
        STATUS_OK);
    assert_true(json_equal(again, document));
    json_decref(again);
    json_decref(out);
    free(text);
    json_decref(document);
}

/* --- Values ---------------------------------------------------------------------------------
 */

static void a_campaign_is_made_of_four_documents(void **state)
{
    (void)state;
    json_t *campaign = campaign_take();
    json_t *list =
        take(ENTITY_CONTACT_LIST,
             "{'name':'x','columnNames':['nom','home','mobile'],'phoneColumns':["
             "{'columnName':'home','type':'Home'},{'columnName':'mobile','type':'Cell'}],"
             "'automaticTimeZoneMapping':true}",
             NULL, NULL);
    json_object_set_new(list, "cadran",
                        json_pack("{s:s,s:i}", "state", "paused", "listPriority", 7));
    json_t *limits =
        take(ENTITY_ATTEMPT_LIMITS,
             "{'name':'x','maxAttemptsPerContact':4,'resetPeriod':'TODAY',"
             "'timeZoneId':'Europe/Paris','recallEntries':{'noAnswer':{'nbrAttempts':2,"
             "'minutesBetweenAttempts':15}}}",
             NULL, NULL);
    json_t *times =
        take(ENTITY_CALLABLE_TIME_SET,
             "{'name':'x','callableTimes':[{'timeZoneId':'Europe/Paris','timeSlots':["
             "{'day':1,'startTime':'10:00:00','stopTime':'13:00:00'},"
             "{'day':5,'startTime':'14:00:00','stopTime':'24:00:00'}]}]}",
             NULL, NULL);
    const struct campaign_sources sources = {3,  1,     campaign, list,  limits,
                                             11, times, 12,       {NULL}};
    struct campaign value;
    struct arena arena;
    arena_init(&arena);
    assert_int_equal(value_campaign(&sources, &world, &arena, &value, NULL), STATUS_OK);
    assert_int_equal(value.mode, MODE_PROGRESSIVE);
    assert_int_equal(value.address_column_count, 2);
    assert_int_equal(value.address_columns[0], 2);
    assert_int_equal(value.address_columns[1], 1);
    assert_int_equal(value.caller_number, 33123456789);
    assert_int_equal(value.ring_timeout_ms, 30000);
    assert_int_equal(value.priority, 3);
    assert_int_equal(value.list_state, LIST_SUSPENDED);
    assert_int_equal(value.list_priority, 7);
    assert_true(value.has_automatic_zones);
    assert_int_equal(value.limits.per_contact, 4);
    assert_int_equal(value.limits.period, RESET_TODAY);
    assert_int_equal(value.limits.zone, 1);
    assert_int_equal(value.limits.recalls[RECALL_NO_ANSWER].interval_ms, 900000);
    assert_int_equal(value.times.slot_count, 2);
    assert_int_equal(value.times.slots[1].stop_s, 86400);
    assert_int_equal(value.times.slots[0].zone, 1);
    json_t *narrow =
        take(ENTITY_CONTACT_LIST, "{'name':'x','columnNames':['mobile'],'phoneColumns':[]}",
             NULL, NULL);
    const struct campaign_sources broken = {3, 1, campaign, narrow, NULL, 0, NULL, 0, {NULL}};
    struct error err;
    assert_int_equal(value_campaign(&broken, &world, &arena, &value, &err), STATUS_INVALID);
    assert_string_equal(err.path, "phoneColumns[0].columnName");
    arena_fini(&arena);
    json_decref(narrow);
    json_decref(times);
    json_decref(limits);
    json_decref(list);
    json_decref(campaign);
}

static void a_queue_s_members_are_sorted_and_its_settings_found(void **state)
{
    (void)state;
    json_t *document =
        take(ENTITY_QUEUE,
             "{'name':'q','acwSettings':{'timeoutMs':10000},'mediaSettings':{'call':"
             "{'alertingTimeoutSeconds':8,'serviceLevel':{'percentage':0.8}}}}",
             NULL, NULL);
    json_object_set_new(document, "_members", json_pack("[i,i,i]", 9, 2, 5));
    struct arena arena;
    struct queue queue;
    arena_init(&arena);
    value_queue(1, 1, document, &arena, &queue);
    assert_int_equal(queue.wrapup_ms, 10000);
    assert_int_equal(queue.ring_timeout_ms, 8000);
    assert_true(queue.logs_out_unregistered);
    assert_int_equal(queue.member_count, 3);
    assert_int_equal(queue.members[0].value, 2);
    assert_int_equal(queue.members[2].value, 9);
    json_decref(document);
    document = take(ENTITY_QUEUE, "{'name':'q','acwSettings':{'wrapupPrompt':'MANDATORY'}}",
                    NULL, NULL);
    value_queue(1, 1, document, &arena, &queue);
    assert_int_equal(queue.wrapup_ms, QUEUE_WRAPUP_UNTIL_DONE);
    arena_fini(&arena);
    json_decref(document);
}

static enum status any_code(void *context, int64_t code, struct error *err)
{
    (void)context;
    (void)err;
    return code < 50 ? STATUS_OK : STATUS_NOT_FOUND;
}

/* A code that the mapping does not name means what the default set says; one that it names
 * with nothing means nothing. */
static void codes_mean_what_the_mapping_says(void **state)
{
    (void)state;
    char sold[GUID_SIZE], silent[GUID_SIZE], unknown[GUID_SIZE];
    struct error err;
    struct wrapup_code code;
    json_t *document = NULL;
    guid_format(world.key, ENTITY_WRAPUP_CODE, 7, sold);
    guid_format(world.key, ENTITY_WRAPUP_CODE, 8, silent);
    guid_format(world.key, ENTITY_WRAPUP_CODE, 60, unknown);
    json_t *body = json_pack("{s:[s],s:{s:[s,s,s],s:[]}}", "defaultSet", "NUMBER_UNCALLABLE",
                             "mapping", sold, "RIGHT_PARTY_CONTACT", "BUSINESS_SUCCESS",
                             "RIGHT_PARTY_CONTACT", silent);
    assert_int_equal(wrapup_mapping_read(world.key, body, any_code, NULL, &document, &err),
                     STATUS_OK);
    assert_int_equal(json_array_size(wrapup_mapping_flags(document, 7)), 2); /* each once */
    value_wrapup_code(7, NULL, document, &code);
    assert_true(code.is_right_party && !code.is_number_uncallable);
    value_wrapup_code(8, NULL, document, &code);
    assert_false(code.is_right_party || code.is_number_uncallable);
    value_wrapup_code(9, NULL, document, &code);
    assert_true(code.is_number_uncallable && !code.is_contact_uncallable);
    value_wrapup_code(9, NULL, NULL, &code);
    assert_false(code.is_number_uncallable);
    json_decref(document);
    json_object_set_new(json_object_get(body, "mapping"), unknown, json_array());
    assert_int_equal(wrapup_mapping_read(world.key, body, any_code, NULL, &document, &err),
                     STATUS_INVALID);
    assert_non_null(strstr(err.path, unknown));
    json_decref(document);
    json_decref(body);
    body = json_pack("{s:[s,s]}", "defaultSet", "RIGHT_PARTY_CONTACT", "SOLD");
    assert_int_equal(wrapup_mapping_read(world.key, body, any_code, NULL, &document, &err),
                     STATUS_INVALID);
    assert_string_equal(err.path, "defaultSet[1]");
    json_decref(document);
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guid_leads_back_to_its_id_and_to_no_other_kind),
        cmocka_unit_test(a_foreign_guid_is_unknown),
        cmocka_unit_test(errors_name_the_place),
        cmocka_unit_test(a_filter_has_the_source_that_its_type_says),
        cmocka_unit_test(an_import_template_tells_its_lists_apart),
        cmocka_unit_test(filters_that_a_file_is_split_by_are_references),
        cmocka_unit_test(
            a_document_keeps_what_it_does_not_know_and_nothing_that_is_ours_to_say),
        cmocka_unit_test(references_are_numbers_inside_and_names_outside),
        cmocka_unit_test(a_campaign_is_made_of_four_documents),
        cmocka_unit_test(a_queue_s_members_are_sorted_and_its_settings_found),
        cmocka_unit_test(codes_mean_what_the_mapping_says),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
