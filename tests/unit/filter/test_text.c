/* The text of filters: what is parsed, refused and printed, and what may come next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filter/text.h"

static const char *const names[] = {"City", "Age", "Date of birth", "a]b", "Priority", "in"};
static const char *const types[] = {NULL, NULL, NULL, "Home", "Home", "Cell \"2\""};

/* "Anna" and "Bob", of any field. */
static enum status named(void *self, enum filter_field field, const char *text, int64_t *id,
                         struct error *err)
{
    (void)self;
    *id = strcmp(text, "Anna") == 0 ? 11 : strcmp(text, "Bob") == 0 ? 12 : 0;
    if (*id)
        return STATUS_OK;
    return strcmp(text, "down") == 0
               ? error_set(err, STATUS_UNAVAILABLE, "", "the database is away")
               : error_set(err, STATUS_INVALID, "", "there is no %s \"%s\"",
                           field == FILTER_AGENT ? "user" : "wrap-up code", text);
}

static void offered(void *self, enum filter_field field,
                    bool (*put)(void *context, const char *text), void *context)
{
    (void)self;
    (void)(put(context, "Anna") && put(context, field == FILTER_TIME_ZONE ? "Paris" : "Bob") &&
           put(context, "Anna"));
}

static const struct filter_references references = {NULL, named, offered};
static const struct filter_columns columns = {6, names, types, &references};

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static struct filter parse(const char *text, const struct filter_columns *of)
{
    struct filter filter;
    struct error err;
    if (filter_parse(text, strlen(text), of, &arena, &filter, NULL, &err))
        fail_msg("%s: %s: %s", text, err.path, err.text);
    return filter;
}

static const char *print(const struct filter *filter, const struct filter_columns *of)
{
    struct buffer out;
    buffer_init(&out, 4 * FILTER_SOURCE_MAX);
    filter_print(filter, of, &out);
    const char *text = arena_text(&arena, out.data ? out.data : "", out.len);
    buffer_fini(&out);
    return text;
}

/* C38: there and back. */
static void what_is_parsed_prints_to_the_same_tree(void **state)
{
    (void)state;
    static const struct {
        const char *text, *printed; /* NULL: the same */
    } rows[] = {
        {"State = \"waiting\" AND Priority >= 100 AND NOT City IN (\"Lyon\", \"Paris\")", NULL},
        {"State=\"Waiting\" and NOT City in (\"Lyon\",\"Paris\")",
         "State = \"waiting\" AND NOT City IN (\"Lyon\", \"Paris\")"},
        {"City = \"say \"\"no\"\"\"", NULL},
        {"Age = -12.50 OR Age > 3", NULL},
        {"City = \"a\" AND City = \"b\" OR City = \"c\"",
         "(City = \"a\" AND City = \"b\") OR City = \"c\""},
        {"City = \"a\" AND (City = \"b\" AND City = \"c\")", NULL},
        {"((City = \"a\"))", "City = \"a\""},
        {"NOT NOT City = \"a\"", NULL},
        {"NOT (City = \"a\" OR NOT (Age = 1 AND Age = 2))", NULL},
        {"City != \"a\"", "NOT City = \"a\""},
        {"City NOT CONTAINS \"a\"", "NOT City CONTAINS \"a\""},
        {"City BEGINS WITH \"a\" AND City ENDS WITH \"b\"", NULL},
        {"[Date of birth] BETWEEN DATE \"2000-01-01\" AND EXCLUSIVE DATE \"P-01D\"", NULL},
        {"[a]]b] BETWEEN EXCLUSIVE 1 AND 2", NULL},
        {"[in] = \"x\"", NULL},
        {"in = \"x\" AND NOT in IN (\"y\")", "[in] = \"x\" AND NOT [in] IN (\"y\")"},
        {"Contact.Priority = 5 AND Priority = 5", NULL},
        {"Contact.State = \"done\"", "State = \"done\""},
        {"Callable = true AND Callable = \"FALSE\"", "Callable = true AND Callable = false"},
        {"NextTry BEFORE \"P01DT02H30M\"", NULL},
        {"NextTry BETWEEN \"2026-01-01\" AND \"P01D\"",
         "NextTry BETWEEN DATE \"2026-01-01\" AND DATE \"P01D\""},
        {"Agent = \"Anna\" AND NOT Disposition IN (\"\", \"Bob\")", NULL},
        {"TimeZone BEGINS WITH \"Europe/\" OR TimeZone = \"\"", NULL},
        {"AddressType = \"home\" AND AddressType IN (\"x\", \"y\")", NULL},
        {"AddressType BETWEEN \"a\" AND EXCLUSIVE \"i\" OR NOT AddressType = \"\"", NULL},
        {" \n\t", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct filter filter = parse(rows[i].text, &columns);
        const char *printed = print(&filter, &columns);
        assert_string_equal(printed, rows[i].printed ? rows[i].printed : rows[i].text);
        struct filter again = parse(printed, &columns);
        assert_true(filter_equals(&filter, &again));
        /* By position, as a store keeps it. */
        const struct filter_columns bare = {.count = 6};
        const char *stored = print(&filter, &bare);
        again = parse(stored, &bare);
        assert_true(filter_equals(&filter, &again));
    }
    struct filter a = parse("City = \"a\" AND Age = 1", &columns);
    struct filter b = parse("City = \"a\" OR Age = 1", &columns);
    assert_false(filter_equals(&a, &b));
    b = parse("City = \"a\" AND Age = 2", &columns);
    assert_false(filter_equals(&a, &b));
    b = parse("City = \"a\" AND Age <= 1", &columns);
    assert_false(filter_equals(&a, &b));
    a = parse("Agent = \"Anna\"", &columns);
    b = parse("Agent = \"Bob\"", &columns);
    assert_false(filter_equals(&a, &b));
    a = parse("AddressType = \"Home\"", &columns);
    b = parse("AddressType = \"Cell\"", &columns);
    assert_false(filter_equals(&a, &b));
}

/* C27, C30, C33: apart from names there are ids and positions. */
static void a_stored_text_needs_no_names(void **state)
{
    (void)state;
    static const struct filter_columns bare = {.count = 6};
    struct filter filter =
        parse("Agent IN (\"Anna\", \"\") OR Disposition = \"Bob\"", &columns);
    assert_string_equal(print(&filter, &bare),
                        "Agent IN (\"#11\", \"\") OR Disposition = \"#12\"");
    filter = parse("AddressType CONTAINS \"O\" OR AddressType = \"none\"", &columns);
    assert_string_equal(print(&filter, &bare), "AddressType = \"#3#4\" OR AddressType = \"#\"");
    static const char *const wrong[] = {"Agent = \"Anna\"",
                                        "Agent = \"#\"",
                                        "Agent = \"#0\"",
                                        "Agent = \"#1x\"",
                                        "Agent = \"#99999999999999999999\"",
                                        "AddressType = \"Home\"",
                                        "AddressType = \"#1,2\"",
                                        "AddressType = \"#50\"",
                                        "AddressType = \"\"",
                                        "AddressType IN (\"#1\")"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct error err;
        assert_int_equal(
            filter_parse(wrong[i], strlen(wrong[i]), &bare, &arena, &filter, NULL, &err),
            STATUS_INVALID);
    }
}

/* A column of the same name hides the field. */
static void a_column_hides_a_field_of_its_name(void **state)
{
    (void)state;
    static const char *const hiding[] = {"Agent", "Disposition", "TimeZone", "AddressType"};
    static const struct filter_columns of = {4, hiding, NULL, &references};
    static const char text[] =
        "Agent > \"a\" AND Disposition = 1 AND TimeZone = 2 AND AddressType = 3 AND "
        "Contact.Agent = \"Bob\" AND Contact.Disposition = \"\" AND Contact.TimeZone = \"x\" "
        "AND "
        "Contact.AddressType = \"y\"";
    struct filter filter = parse(text, &of);
    assert_string_equal(print(&filter, &of), text);
    for (int i = 0; i < 8; i++)
        assert_int_equal(filter.root->nodes[i]->test.field,
                         i < 4 ? FILTER_COLUMN : FILTER_AGENT + i - 4);
}

/* What a text names can be found in it, to be written in another way. */
static void mentions_have_their_places(void **state)
{
    (void)state;
    static const char text[] = "City = \"Anna\" AND (Agent IN (\"Anna\",\"\") OR\n "
                               "Disposition != \"Bob\")";
    const struct filter_mention *mentions;
    size_t count;
    struct error err;
    assert_int_equal(
        filter_mentions(text, strlen(text), &columns, &arena, &mentions, &count, &err),
        STATUS_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(text + mentions[0].offset, "\"Anna\",", 7);
    assert_int_equal(mentions[0].len, 6);
    assert_int_equal(mentions[0].id, 11);
    assert_int_equal(mentions[1].id, 0);
    assert_memory_equal(text + mentions[2].offset, "\"Bob\")", 6);
    assert_int_equal(mentions[2].field, FILTER_DISPOSITION);
    assert_int_equal(filter_mentions("Agent =", 7, &columns, &arena, &mentions, &count, &err),
                     STATUS_INVALID);
    assert_int_equal(count, 0);
}

/* C38: the place of each fault, and what was probably meant. */
static void a_fault_has_its_place_and_a_suggestion(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path, *says, *suggestion;
        int32_t length;
    } rows[] = {
        {"Ctiy = \"Lyon\"", "line 1, column 1", "Ctiy: unknown; did you mean City?", "City", 4},
        {"City = \"é\" AND\n  Stat = \"done\"", "line 2, column 3",
         "Stat: unknown; did you mean State?", "State", 4},
        {"City = \"é\" AND Zzzzzzz = 1", "line 1, column 16",
         "Zzzzzzz: is neither a column of the list nor a field", "", 7},
        {"city = \"a\"", "line 1, column 1", "city: unknown; did you mean City?", "City", 4},
        {"Contact.Prioriti = 1", "line 1, column 9",
         "Prioriti: unknown; did you mean Priority?", "Priority", 8},
        {"City", "line 1, column 5",
         "the text ends where an operator: =, <, CONTAINS, IN, BETWEEN, "
         "BEFORE, ... must stand",
         "", 0},
        {"City = ", "line 1, column 8",
         "the text ends where a number or a text in quotes must stand", "", 0},
        {"City = Lyon", "line 1, column 8",
         "Lyon: here must stand a number or a text in quotes", "", 4},
        {"City = \"Lyon", "line 1, column 8", "the text that begins here is never closed", "",
         5},
        {"(City = \"a\"", "line 1, column 12", "the text ends where AND, OR or ) must stand",
         "", 0},
        {"City = \"a\")", "line 1, column 11", "): here must stand AND or OR", "", 1},
        {"City = \"a\" City = \"b\"", "line 1, column 12", "City: here must stand AND or OR",
         "", 4},
        {"City ~ \"a\"", "line 1, column 6",
         "~: here must stand an operator: =, <, CONTAINS, IN, "
         "BETWEEN, BEFORE, ...",
         "", 1},
        {"State = \"idle\"", "line 1, column 9",
         "must be one of waiting, running, done, failed, "
         "deleted, paused, list_stopped, list_suspended, shelved",
         "", 6},
        {"State > \"done\"", "line 1, column 7",
         "GREATER_THAN does not suit a field of fixed words: use EQUALS or IN", "", 1},
        {"Contact.Priority = \"5\"", "line 1, column 20",
         "Priority is compared with a number, without quotes", "", 3},
        {"Age IN (1, \"2\")", "line 1, column 12",
         "the column is compared with a number, without quotes", "", 3},
        {"Age BEFORE \"tomorrow\"", "line 1, column 12",
         "is not a date: write it as 2026-01-31, 2026-01-31T09:00:00Z, or P-07DT00H00M for "
         "seven days ago",
         "", 10},
        {"Age BETWEEN 1 OR 2", "line 1, column 15",
         "OR: here must stand AND and the second bound", "", 2},
        {"City CONTAINS \"\"", "line 1, column 15",
         "every text has an empty one in it: say what to look for", "", 2},
        {"Agent = \"Zoe\"", "line 1, column 9", "there is no user \"Zoe\"", "", 5},
        {"Disposition IN (\"Bob\", \"Zoe\")", "line 1, column 24",
         "there is no wrap-up code \"Zoe\"", "", 5},
        {"Agent > \"Anna\"", "line 1, column 7",
         "GREATER_THAN does not suit a field of names: use EQUALS or IN", "", 1},
        {"Agent = 57", "line 1, column 9", "Agent is compared with a name in quotes", "", 2},
        {"Agnet = \"Anna\"", "line 1, column 1", "Agnet: unknown; did you mean Agent?", "Agent",
         5},
        {"Timezone = \"x\"", "line 1, column 1", "Timezone: unknown; did you mean TimeZone?",
         "TimeZone", 8},
        {"Contact.Dispositon = \"\"", "line 1, column 9",
         "Dispositon: unknown; did you mean Disposition?", "Disposition", 10},
        {"AdressType = \"Home\"", "line 1, column 1",
         "AdressType: unknown; did you mean AddressType?", "AddressType", 10},
        {"TimeZone = 1", "line 1, column 12", "TimeZone is compared with a text in quotes", "",
         1},
        {"City BEGINS \"a\"", "line 1, column 13", "\"a\": here must stand WITH", "", 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct filter filter;
        struct filter_fault fault;
        struct error err;
        assert_int_equal(filter_parse(rows[i].text, strlen(rows[i].text), &columns, &arena,
                                      &filter, &fault, &err),
                         STATUS_INVALID);
        assert_string_equal(err.text, rows[i].says);
        assert_string_equal(err.path, rows[i].path);
        assert_string_equal(fault.suggestion, rows[i].suggestion);
        assert_int_equal(fault.length, rows[i].length);
        assert_null(filter.root);
    }
}

/* What cannot be looked up now is no fault of the text. */
static void a_look_up_that_fails_says_so(void **state)
{
    (void)state;
    struct filter filter;
    struct error err;
    assert_int_equal(
        filter_parse("Agent = \"down\"", 14, &columns, &arena, &filter, NULL, &err),
        STATUS_UNAVAILABLE);
    assert_string_equal(err.text, "the database is away");
}

static void refuse(const char *text, const char *words)
{
    struct filter filter;
    struct error err = {.text = ""};
    assert_int_equal(filter_parse(text, strlen(text), &columns, &arena, &filter, NULL, &err),
                     STATUS_INVALID);
    if (!strstr(err.text, words))
        fail_msg("it says: %s", err.text);
}

static const char *repeated(const char *first, const char *part, int count, const char *last)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    buffer_text(&out, first);
    for (int i = 0; i < count; i++)
        buffer_text(&out, part);
    buffer_text(&out, last);
    const char *text = arena_text(&arena, out.data, out.len);
    buffer_fini(&out);
    return text;
}

static void limits_are_kept(void **state)
{
    (void)state;
    parse(repeated("Age=1", " AND Age=1", 199, ""), &columns);
    refuse(repeated("Age=1", " AND Age=1", 200, ""), "more than 200 tests");
    refuse(repeated("Age=1", " AND (Age=1 OR Age=2)", 150, ""), "more than 200 tests");
    parse(repeated("Age IN (1", ",1", 999, ")"), &columns);
    refuse(repeated("Age IN (1", ",1", 1000, ")"), "at most 1000 values");
    refuse(repeated("Age=1", " OR Age IN (1,2,3,4,5,6,7,8,9,10,11)", 190, ""),
           "more than 2000 values");
    parse(repeated("", "NOT ", 15, "Age=1"), &columns);
    refuse(repeated("", "NOT ", 16, "Age=1"), "more than 16 levels");
    parse(repeated("", "(", 60, repeated("Age=1", ")", 60, "")), &columns);
    refuse(repeated("", "(", 5000, "Age=1"), "64 levels");
    parse(repeated("City = \"", "é", 512, "\""), &columns);
    refuse(repeated("City = \"", "é", 513, "\""), "more than 512 characters");
    refuse(repeated("Age=1", " ", FILTER_SOURCE_MAX, ""), "more than 32768 bytes");
}

static const char *completed(const char *text)
{
    struct filter_completion *items;
    size_t from;
    size_t cursor = strcspn(text, "|");
    char source[256];
    snprintf(source, sizeof(source), "%.*s%s", (int)cursor, text, text + cursor + 1);
    size_t count =
        filter_complete(source, strlen(source), cursor, &columns, &arena, &items, &from);
    struct buffer out;
    buffer_init(&out, 4096);
    buffer_format(&out, "%zu:", from);
    for (size_t i = 0; i < count; i++)
        buffer_format(&out, " %s", items[i].text);
    const char *list = arena_text(&arena, out.data, out.len);
    buffer_fini(&out);
    return list;
}

/* C38: what an editor may offer. */
static void says_what_may_come_next(void **state)
{
    (void)state;
    assert_string_equal(completed("|"),
                        "0: City Age [Date of birth] [a]]b] Priority [in] ContactId State "
                        "Callable Contact.Priority NextTry LastUpdate Attempts LastAttempt "
                        "LastResult Address AddressState TopPriority ManualReschedules Agent "
                        "Disposition TimeZone AddressType NOT");
    assert_string_equal(completed("ci|"), "0: City");
    assert_string_equal(completed("[dat|"), "0: [Date of birth]");
    assert_string_equal(completed("City = \"x\" AND NOT st|"), "19: State");
    assert_string_equal(completed("State |"), "6: = != IN NOT");
    assert_string_equal(completed("State NOT |"), "10: = != IN");
    assert_string_equal(completed("NextTry |"), "8: BETWEEN BEFORE AFTER NOT");
    assert_string_equal(completed("City b|"), "5: BEGINS WITH BETWEEN BEFORE");
    assert_string_equal(completed("City BEGINS |"), "12: WITH");
    assert_string_equal(completed("State = \"d|"), "8: \"done\" \"deleted\"");
    assert_string_equal(
        completed("State IN (\"done\", |"),
        "18: \"waiting\" \"running\" \"done\" \"failed\" \"deleted\" \"paused\" "
        "\"list_stopped\" \"list_suspended\" \"shelved\"");
    assert_string_equal(completed("Callable = t|"), "11: true");
    assert_string_equal(completed("Age BETWEEN |"), "12: EXCLUSIVE DATE");
    assert_string_equal(completed("Age BETWEEN 1 |"), "14: AND");
    assert_string_equal(completed("Age IN (1 |"), "10: , )");
    assert_string_equal(completed("(Age = 1 |"), "9: AND OR )");
    assert_string_equal(completed("Age = 1 |"), "8: AND OR");
    assert_string_equal(completed("Age = 1 o| City = \"x\""), "8: OR");
    assert_string_equal(completed("Contact.p|"), "8: Priority");
    assert_string_equal(completed("Agent |"), "6: = != IN NOT");
    assert_string_equal(completed("Agent = |"), "8: \"Anna\" \"Bob\"");
    assert_string_equal(completed("Disposition IN (\"b|"), "16: \"Bob\"");
    assert_string_equal(completed("TimeZone = \"p|"), "11: \"Paris\"");
    assert_string_equal(completed("AddressType = |"), "14: \"Home\" \"Cell \"\"2\"\"\"");
    assert_string_equal(completed("AddressType b|"), "12: BEGINS WITH BETWEEN");
    assert_string_equal(completed("Nobody = 1 AND |"), "15:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_parsed_prints_to_the_same_tree, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_fault_has_its_place_and_a_suggestion, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_stored_text_needs_no_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_column_hides_a_field_of_its_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mentions_have_their_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_look_up_that_fails_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_what_may_come_next, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
