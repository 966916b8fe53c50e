/* What tests say of a contact: docs/filters.md, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filter/text.h"
#include "filter/value.h"

static const char *const names[] = {"Nom", "Ville", "Age", "Vu"};
static const char *const types[] = {NULL, "Domicile", "Été", NULL};
static const struct filter_columns columns = {4, names, types, NULL};
static const char *const zones[] = {"America/Cayenne\nEurope/Paris", ""};
static const struct wall now = {INT64_C(1764000000) * US_PER_S}; /* 2025-11-24T16:00:00Z */

static struct contact hot = {
    .state = CONTACT_WAITING,
    .is_callable = true,
    .priority = 100,
    .next_try = {INT64_C(1764000000) * US_PER_S + US_PER_DAY},
    .touched_at = {INT64_C(1764000000) * US_PER_S - US_PER_DAY},
    .is_top_priority = true,
    .reschedules = 3,
    .preferred_agent = {57},
    .disposition = {9},
    .address_count = 2,
    .addresses = {{.number = 33142010042,
                   .column = 2,
                   .state = ADDRESS_RESCHEDULED,
                   .attempts = 2,
                   .last_at = {INT64_C(1763990000) * US_PER_S},
                   .last_outcome = OUTCOME_BUSY},
                  {.number = 0,
                   .state = ADDRESS_WAITING,
                   .attempts = 1,
                   .last_at = {INT64_C(1763980000) * US_PER_S},
                   .last_outcome = OUTCOME_NO_ANSWER}},
};

static bool holds(const char *data, const char *text)
{
    struct arena arena;
    struct filter filter;
    struct error err;
    arena_init(&arena);
    if (filter_parse(text, strlen(text), &columns, &arena, &filter, NULL, &err))
        fail_msg("%s: %s %s", text, err.path, err.text);
    const struct filter_contact contact = {
        &hot, "client-7", data, {now.us - 2 * US_PER_DAY}, zones};
    bool is = filter_matches(&filter, &contact, now);
    arena_fini(&arena);
    return is;
}

struct row {
    const char *text;
    bool holds;
};

static void check_rows(const char *data, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (holds(data, rows[i].text) != rows[i].holds)
            fail_msg("%s of %s is not %d", rows[i].text, data, rows[i].holds);
}

static void texts_are_compared_without_case_and_accents(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Ville = \"besancon\"", true},
        {"Ville = \"BESANÇON\"", true},
        {"Ville = \"Besanc\xcc\xa7on\"", true}, /* a combining cedilla */
        {"Ville = \"Besançon \"", false},
        {"Nom = \"L'Œuvre\"", true},
        {"Nom = \"l'oeuvre\"", true},
        {"Nom CONTAINS \"OEUV\"", true},
        {"Nom BEGINS WITH \"l'o\"", true},
        {"Nom ENDS WITH \"UVRE\"", true},
        {"Nom ENDS WITH \"xuvre\"", false},
        {"Ville < \"bezons\"", true},
        {"Ville > \"bezons\"", false},
        {"Ville BETWEEN \"b\" AND \"c\"", true},
        {"Ville BETWEEN \"besançon\" AND \"c\"", true},
        {"Ville BETWEEN EXCLUSIVE \"besançon\" AND \"c\"", false},
        {"Ville BETWEEN \"a\" AND EXCLUSIVE \"besançon\"", false},
        {"Ville IN (\"Lyon\", \"Besançon\")", true},
        {"Ville NOT IN (\"Lyon\", \"Besançon\")", false},
        {"Ville != \"Lyon\"", true},
    };
    check_rows("[\"L\\u2019\\u0152uvre\",\"Besançon\",\"\",\"\"]", rows, ARRAY_LEN(rows));
}

static void an_empty_value_passes_equality_only(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Ville = \"\"", true},
        {"Ville < \"z\"", false},
        {"Ville <= \"\"", false},
        {"NOT Ville < \"z\"", true},
        {"Ville BETWEEN \"\" AND \"z\"", false},
        {"Ville IN (\"\", \"x\")", true},
        {"Age > 0", false},
        {"NOT Age > 0", true},
        {"Age = 0", false},
        {"Vu BEFORE \"9999-01-01\"", false},
        {"NOT Vu BEFORE \"9999-01-01\"", true},
        {"Vu = \"\"", true},
    };
    check_rows("[\"x\",\"\"]", rows, ARRAY_LEN(rows)); /* the others are absent */
    check_rows("[\"x\",\"\",\"\",\"\"]", rows, ARRAY_LEN(rows));
    check_rows("[ \"x\" , null , null ]", rows, ARRAY_LEN(rows));
}

static void numbers_are_read_from_texts(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Age = 42.5", true},
        {"Age > 42", true},
        {"Age >= 42.5", true},
        {"Age < 42.5", false},
        {"Age BETWEEN 42.5 AND 43", true},
        {"Age BETWEEN EXCLUSIVE 42.5 AND 43", false},
        {"Age IN (1, 42.50)", true},
        {"Age = \"42.5\"", false}, /* a text: the comma counts */
    };
    check_rows("[\"\",\"\",\" +42,5 \",\"\"]", rows, ARRAY_LEN(rows));
    static const char *const wrong[] = {"1e5", "0x10", "1 000",  ".5", "5.", "--1",   "1,2,3",
                                        "nan", "inf",  "twelve", "",   "-",  "1.2.3", "１２"};
    double number;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (filter_number(wrong[i], strlen(wrong[i]), &number))
            fail_msg("%s is a number", wrong[i]);
}

static void dates_are_instants(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Vu BEFORE \"2025-11-24\"", false},
        {"Vu BEFORE \"2025-11-24T08:30:00Z\"", false},
        {"Vu BEFORE \"2025-11-24T08:30:00.001\"", true},
        {"Vu AFTER \"2025-11-24 09:29+01:00\"", true},
        {"Vu AFTER \"2025-11-24 09:30+01:00\"", false},
        {"Vu AFTER \"P-01D\"", true},
        {"Vu BEFORE \"PT-07H-29M\"", true}, /* before 08:31 */
        {"Vu BEFORE \"PT-07H-30M\"", false},
        {"Vu BETWEEN DATE \"2025-11-24\" AND DATE \"P00D\"", true},
        {"Vu BETWEEN EXCLUSIVE DATE \"2025-11-24T08:30Z\" AND DATE \"P00D\"", false},
    };
    check_rows("[\"\",\"\",\"\",\"2025-11-24T09:30:00.0+01:00\"]", rows, ARRAY_LEN(rows));
    static const char *const wrong[] = {
        "2025-02-29",    "2025-13-01",         "2025-1-1",    "24/11/2025", "2025-11-24T24:00",
        "2025-11-24T09", "2025-11-24T09:30+1", "2025-11-24x", "",           "0000-01-01"};
    struct wall at;
    int64_t us;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (filter_date(wrong[i], strlen(wrong[i]), &at))
            fail_msg("%s is a date", wrong[i]);
    assert_true(filter_date("1954-02-28", 10, &at));
    assert_int_equal(at.us / US_PER_DAY, -5786);
    assert_true(filter_relative("P-01DT-08H-30M", 14, &us));
    assert_int_equal(us, -(US_PER_DAY + (8 * 60 + 30) * 60 * US_PER_S));
    static const char *const not_relative[] = {"P",   "PT",    "1D",  "P1",    "P1DT",
                                               "P1H", "P1D2H", "P-D", "PT1M1H"};
    for (size_t i = 0; i < ARRAY_LEN(not_relative); i++)
        if (filter_relative(not_relative[i], strlen(not_relative[i]), &us))
            fail_msg("%s is a relative date", not_relative[i]);
}

static void fields_of_every_contact_are_read(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"State = \"Waiting\" AND Priority >= 100 AND NOT Ville IN (\"Lyon\",\"Paris\")", true},
        {"State IN (\"done\", \"failed\")", false},
        {"Callable = true", true},
        {"Callable = false", false},
        {"Priority BETWEEN -5 AND EXCLUSIVE 100", false},
        {"NextTry AFTER \"P00D\"", true},
        {"NextTry AFTER \"P01D\"", false},
        {"LastUpdate BEFORE \"PT-23H-59M\"", true},
        {"TopPriority = true", true},
        {"TopPriority = false", false},
        {"ManualReschedules BETWEEN 3 AND 4", true},
        {"ManualReschedules > 3", false},
        {"Attempts = 3", true},
        {"LastAttempt AFTER \"PT-03H\"", true},
        {"LastResult = \"busy\"", true},
        {"LastResult = \"no_answer\"", false}, /* the earlier one */
        {"Address = \"+33142010042\"", true},
        {"Address ENDS WITH \"0042\"", true},
        {"Address = \"+0\"", false}, /* no valid number */
        {"AddressState = \"rescheduled\"", true},
        {"AddressState = \"waiting\"", true},
        {"NOT AddressState = \"waiting\"", false},
        {"AddressState = \"blocked\"", false},
        {"ContactId = \"CLIENT-7\"", true},
        {"NOT (State = \"waiting\" OR Priority < 0)", false},
        {"Agent = \"#57\"", true},
        {"Agent IN (\"\", \"#9\")", false},
        {"NOT Agent = \"\"", true},
        {"Disposition IN (\"#57\", \"#9\")", true},
        {"Disposition = \"\"", false},
        {"TimeZone = \"europe/paris\"", true}, /* any of several */
        {"TimeZone BEGINS WITH \"America/\"", true},
        {"TimeZone = \"America/Cayenne\nEurope/Paris\"", false},
        {"TimeZone = \"\"", true}, /* the other address has none */
        {"TimeZone BETWEEN \"f\" AND \"z\"", false},
        {"AddressType = \"ETE\"", true},
        {"AddressType = \"Domicile\"", false},
        {"AddressType IN (\"domicile\", \"\")", true}, /* column 0 is no phone column */
        {"AddressType > \"f\"", false},
    };
    check_rows("[\"x\",\"Nice\",\"\",\"\"]", rows, ARRAY_LEN(rows));
}

static void columns_come_out_of_any_json_array(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        int32_t column;
        const char *text;
    } rows[] = {
        {"[\"a\",\"b\\\"]\",\"c\"]", 1, "b\"]"},
        {"[\"a\",\"b\\\"]\",\"c\"]", 2, "c"},
        {"[\"\\ud83d\\ude00\"]", 0, "\xf0\x9f\x98\x80"},
        {"[\"\\u00e9\\/\\n\\u0000x\"]", 0, "\xc3\xa9/\nx"},
        {"[1,true,null,\"x\"]", 0, "1"},
        {"[1,true,null,\"x\"]", 2, ""},
        {"[1,true,null,\"x\"]", 3, "x"},
        {"[]", 0, ""},
        {"", 0, ""},
        {"[\"never closed", 0, "never closed"},
        {"[\"ends in a backslash\\", 0, "ends in a backslash"},
        {"[\"a\"]", 49, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[64];
        size_t len = filter_column_text(rows[i].data, strlen(rows[i].data), rows[i].column, out,
                                        sizeof(out));
        if (len != strlen(rows[i].text) || memcmp(out, rows[i].text, len) != 0)
            fail_msg("column %d of %s is %.*s", rows[i].column, rows[i].data, (int)len, out);
    }
    char out[4];
    assert_int_equal(filter_column_text("[\"abc\xc3\xa9\"]", 9, 0, out, 4), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_compared_without_case_and_accents),
        cmocka_unit_test(an_empty_value_passes_equality_only),
        cmocka_unit_test(numbers_are_read_from_texts),
        cmocka_unit_test(dates_are_instants),
        cmocka_unit_test(fields_of_every_contact_are_read),
        cmocka_unit_test(columns_come_out_of_any_json_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
