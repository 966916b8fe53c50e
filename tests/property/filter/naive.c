#include "naive.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ensure.h"
#include "base/memory.h"

const char *const naive_columns[NAIVE_COLUMNS] = {"City", "Score", "Date of birth",
                                                  "Été",  "State", "a]b"};

const char *const naive_types[NAIVE_COLUMNS] = {"Home", "Téléphone du père", NULL, NULL, NULL,
                                                "Cell"};
const char *const naive_agents[NAIVE_NAMED][2] = {{"", ""},
                                                  {"Anna Müller", "anna@example.com"},
                                                  {"Bob \"B\" Šimek", "bob@example.com"},
                                                  {"anna", "other@example.com"}};
const char *const naive_codes[NAIVE_NAMED][2] = {
    {"", ""}, {"Vente", "id-1"}, {"Refus, à rappeler", "id-2"}, {"Répondeur", "id-3"}};
const char *const naive_zones[NAIVE_ZONE_SETS][NAIVE_ZONES] = {
    {NULL, NULL, NULL},
    {"Europe/Paris", NULL, NULL},
    {"America/Cayenne", "America/Martinique", "Europe/Paris"},
    {"Indian/Reunion", NULL, NULL}};

#define LONG16 "éèêëéèêëéèêëéèêë"
#define LONG128 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16

static const char *const pool[] = {
    "",
    "Lyon",
    "lyon",
    "LYON",
    "Lyon ",
    "Besançon",
    "Besanc\xcc\xa7on",
    "besancon",
    "BESANÇON",
    "Évry",
    "evry",
    "Œuvre",
    "oeuvre",
    "Straße",
    "STRASSE",
    "Ærø",
    "aero",
    "ΑΘΗΝΑ",
    "αθηνα",
    "МОСКВА",
    "москва",
    "L’Haÿ",
    "L'HAY",
    "a\xc2\xa0 b",
    "a  b",
    "10",
    "10.0",
    "010",
    "9,5",
    "9.5",
    "-3",
    " 7 ",
    "+7",
    "1e5",
    "0x10",
    "12abc",
    "1 000",
    "1.5.2",
    ".5",
    "5.",
    "-0",
    "2023-11-14",
    "2023-11-14T22:13:20Z",
    "2023-11-15T00:13:20+02:00",
    "2023-11-14 22:13:20.000001",
    "2023-13-01",
    "2024-02-29",
    "2023-02-29",
    "1954-06-01",
    "soon",
    "P-01D",
    "say \"no\"",
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "\xf0\x9f\x98\x80 smile",
    "%_",
    "'",
    "NULL",
    "null",
    "true",
    "[x]",
    "a]b",
    "ab",
    "abc",
    "b",
    "z",
    LONG128 LONG128 LONG128 LONG128,
    LONG128 LONG128 LONG128 "Z",
};

static const char *const date_pool[] = {"2023-11-14",     "2023-11-14T22:13:20Z",
                                        "1954-06-01",     "2024-02-29T12:00:00.500+01:00",
                                        "P-01D",          "P01DT02H30M",
                                        "P-01DT-08H-30M", "P00D",
                                        "PT-1M",          "2023-11-15"};
static const char *const number_pool[] = {"10", "9.5", "-3", "7", "0", "100", "010", "10.00"};

const char *naive_pool(struct random *random)
{
    return pool[random_below(random, ARRAY_LEN(pool))];
}

/* --- Values ---------------------------------------------------------------------------------
 */

/* Every pair of the pool, by hand. */
static const char *const folds[][2] = {
    {"ç", "c"},  {"Ç", "c"}, {"\xcc\xa7", ""}, {"É", "e"},  {"é", "e"},
    {"è", "e"},  {"ê", "e"}, {"ë", "e"},       {"Œ", "oe"}, {"ß", "ss"},
    {"Æ", "ae"}, {"ø", "o"}, {"ÿ", "y"},       {"’", "'"},  {"\xc2\xa0", " "},
    {"Α", "α"},  {"Θ", "θ"}, {"Η", "η"},       {"Ν", "ν"},  {"М", "м"},
    {"О", "о"},  {"С", "с"}, {"К", "к"},       {"В", "в"},  {"А", "а"},
};

static void fold(const char *text, char out[NAIVE_TEXT])
{
    size_t count = 0;
    while (*text) {
        size_t i = 0;
        while (i < ARRAY_LEN(folds) && strncmp(text, folds[i][0], strlen(folds[i][0])) != 0)
            i++;
        if (i < ARRAY_LEN(folds)) {
            text += strlen(folds[i][0]);
            for (const char *at = folds[i][1]; *at; at++)
                out[count++] = *at;
        } else {
            out[count++] = (char)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text);
            text++;
        }
    }
    out[count] = '\0';
}

static bool match(const char *pattern, const char *text, regmatch_t *parts, size_t count)
{
    regex_t regex;
    ensure(regcomp(&regex, pattern, REG_EXTENDED) == 0);
    bool is = regexec(&regex, text, count, parts, 0) == 0;
    regfree(&regex);
    return is;
}

static bool number_of(const char *text, double *number)
{
    char copy[NAIVE_TEXT];
    if (!match("^[ \t\r\n]*[+-]?[0-9]+([.,][0-9]+)?[ \t\r\n]*$", text, NULL, 0))
        return false;
    snprintf(copy, sizeof(copy), "%s", text);
    for (char *at = copy; *at; at++)
        *at = *at == ',' ? '.' : *at;
    *number = atof(copy);
    return true;
}

static bool date_of(const char *text, int64_t *us)
{
    struct tm tm = {.tm_year = 0};
    regmatch_t parts[12];
    if (!match("^[ \t]*([0-9]{4})-(0[1-9]|1[0-2])-([0-3][0-9])"
               "([T ]([01][0-9]|2[0-3]):([0-5][0-9])(:([0-5][0-9])(\\.[0-9]{1,9})?)?"
               "(Z|[+-][0-9]{2}:[0-9]{2})?)?[ \t]*$",
               text, parts, 12))
        return false;
    tm.tm_year = atoi(text + parts[1].rm_so) - 1900;
    tm.tm_mon = atoi(text + parts[2].rm_so) - 1;
    tm.tm_mday = atoi(text + parts[3].rm_so);
    int day = tm.tm_mday, month = tm.tm_mon;
    if (parts[4].rm_so >= 0) {
        tm.tm_hour = atoi(text + parts[5].rm_so);
        tm.tm_min = atoi(text + parts[6].rm_so);
    }
    if (parts[8].rm_so >= 0)
        tm.tm_sec = atoi(text + parts[8].rm_so);
    int64_t seconds = timegm(&tm);
    if (tm.tm_mday != day || tm.tm_mon != month)
        return false; /* there is no such day */
    *us = seconds * 1000000;
    if (parts[9].rm_so >= 0)
        *us += (int64_t)(atof(text + parts[9].rm_so) * 1e6 + 0.5);
    if (parts[10].rm_so >= 0 && text[parts[10].rm_so] != 'Z') {
        const char *at = text + parts[10].rm_so;
        int64_t offset = (atoi(at + 1) * 60 + atoi(at + 4)) * INT64_C(60000000);
        *us -= *at == '+' ? offset : -offset;
    }
    return true;
}

static int64_t operand_date(const char *text, int64_t now_us)
{
    int64_t us = 0;
    if (*text != 'P') {
        ensure(date_of(text, &us));
        return us;
    }
    int64_t unit[] = {INT64_C(86400), 3600, 60};
    for (const char *at = text + 1; *at; at++) {
        if (*at == 'T')
            continue;
        char *end;
        int64_t value = strtol(at, &end, 10);
        us += value * unit[*end == 'D' ? 0 : *end == 'H' ? 1 : 2] * 1000000;
        at = end;
    }
    return now_us + us;
}

void naive_value_set(struct naive_value *value, const char *text)
{
    snprintf(value->text, sizeof(value->text), "%s", text);
    fold(text, value->folded);
    value->is_number = number_of(text, &value->number);
    value->is_date = date_of(text, &value->us);
}

/* --- Drawing --------------------------------------------------------------------------------
 */

static const char *const any_operators[] = {
    "EQUALS",  "LESS_THAN", "LESS_THAN_EQUALS", "GREATER_THAN", "GREATER_THAN_EQUALS",
    "BETWEEN", "IN",        "CONTAINS",         "BEGINS_WITH",  "ENDS_WITH"};
static const char *const date_operators[] = {"BEFORE", "AFTER", "BETWEEN"};
static const struct {
    const char *name;
    char kind;
    const char *words[6];
} naive_fields[] = {
    {"ContactId", 't', {NULL}},
    {"Contact.State", 'w', {"waiting", "running", "done", "failed", "PAUSED", "Shelved"}},
    {"Callable", 'w', {"true", "false", "true", "false", "true", "false"}},
    {"TopPriority", 'w', {"true", "false", "true", "false", "TRUE", "false"}},
    {"ManualReschedules", 'n', {NULL}},
    {"Priority", 'n', {NULL}},
    {"NextTry", 'd', {NULL}},
    {"LastUpdate", 'd', {NULL}},
    {"Attempts", 'n', {NULL}},
    {"LastAttempt", 'd', {NULL}},
    {"LastResult", 'w', {"busy", "no_answer", "person", "machine", "Fax", "failed"}},
    {"Address", 't', {NULL}},
    {"AddressState",
     'w',
     {"scheduled", "rescheduled", "waiting", "blocked", "FAILED", "waiting"}},
    {"Agent", 'r', {NULL}},
    {"Disposition", 'r', {NULL}},
    {"TimeZone", 't', {NULL}},
    {"AddressType", 't', {NULL}},
};

/* The texts that a field of texts is compared with. */
static const char *field_text(struct random *random, const char *field)
{
    static const char *const addresses[] = {"+33100000007", "+331", "7", "+", "33100000012"};
    static const char *const ids[] = {"", "client-3", "CLIENT-12", "client", "3"};
    static const char *const zones[] = {"", "europe/PARIS", "America/Martinique", "America/",
                                        "e"};
    static const char *const types[] = {"", "home", "TELEPHONE DU PERE", "Cell", "l"};
    size_t draw = random_below(random, 5);
    return strcmp(field, "ContactId") == 0  ? ids[draw]
           : strcmp(field, "TimeZone") == 0 ? zones[draw]
           : strcmp(field, "Address") == 0  ? addresses[draw]
                                            : types[draw];
}

static const char *value_draw(struct random *random, const struct naive_test *test,
                              size_t field)
{
    if (test->kind == 'n')
        return number_pool[random_below(random, ARRAY_LEN(number_pool))];
    if (test->kind == 'd')
        return date_pool[random_below(random, ARRAY_LEN(date_pool))];
    if (test->kind == 'w')
        return naive_fields[field].words[random_below(random, 6)];
    if (test->kind == 'r')
        return (strcmp(test->field, "Agent") == 0
                    ? naive_agents
                    : naive_codes)[random_below(random, NAIVE_NAMED)][random_below(random, 2)];
    if (test->column < 0)
        return field_text(random, test->field);
    return naive_pool(random);
}

static void test_draw(struct random *random, struct naive_test *test, bool is_field)
{
    size_t field = random_below(random, ARRAY_LEN(naive_fields));
    is_field = is_field || random_below(random, 3) == 0;
    test->column = is_field ? -1 : (int)random_below(random, NAIVE_COLUMNS);
    test->field = naive_fields[field].name;
    test->kind = test->column < 0 ? naive_fields[field].kind : "tnd"[random_below(random, 3)];
    /* Fields have few values: half of their tests are of one of them. */
    bool is_equal = is_field && test->kind == 't' && random_below(random, 2);
    if (test->kind == 'w' || test->kind == 'r' || is_equal)
        test->sign = random_below(random, 2) ? "EQUALS" : "IN";
    else if (test->kind == 'd')
        test->sign = date_operators[random_below(random, 3)];
    else
        test->sign = any_operators[random_below(random, test->kind == 'n' ? 7 : 10)];
    test->count = strcmp(test->sign, "BETWEEN") == 0 ? 2
                  : strcmp(test->sign, "IN") == 0    ? 1 + (int)random_below(random, 4)
                                                     : 1;
    test->includes_least = random_below(random, 2);
    test->includes_most = random_below(random, 2);
    for (int i = 0; i < test->count; i++) {
        const char *value = value_draw(random, test, field);
        bool is_part = strcmp(test->sign, "IN") != 0 && /* which CONTAINS has in it */
                       strstr("CONTAINS BEGINS_WITH ENDS_WITH", test->sign) != NULL;
        while (is_part && !*value)
            value = value_draw(random, test, field);
        snprintf(test->values[i], sizeof(test->values[i]), "%s", value);
    }
}

struct naive_node *naive_draw(struct random *random, int depth)
{
    struct naive_node *node = memory_new(1, sizeof(*node));
    uint64_t draw = depth < 0 ? 0 : random_below(random, depth > 0 ? 10 : 4);
    node->kind = draw < 4 ? 't' : draw < 6 ? '!' : draw < 8 ? '&' : '|';
    if (node->kind == 't') {
        test_draw(random, &node->test, depth < 0);
        return node;
    }
    node->count = node->kind == '!' ? 1 : 2 + (int)random_below(random, 3);
    for (int i = 0; i < node->count; i++)
        node->nodes[i] = naive_draw(random, depth - 1);
    return node;
}

void naive_free(struct naive_node *node)
{
    for (int i = 0; i < node->count; i++)
        naive_free(node->nodes[i]);
    free(node);
}

/* --- Holding --------------------------------------------------------------------------------
 */

static bool sign_holds(const char *sign, int order)
{
    if (strcmp(sign, "LESS_THAN") == 0 || strcmp(sign, "BEFORE") == 0)
        return order < 0;
    if (strcmp(sign, "LESS_THAN_EQUALS") == 0)
        return order <= 0;
    if (strcmp(sign, "GREATER_THAN") == 0 || strcmp(sign, "AFTER") == 0)
        return order > 0;
    if (strcmp(sign, "GREATER_THAN_EQUALS") == 0)
        return order >= 0;
    return order == 0;
}

static bool bounds_hold(const struct naive_test *test, int least, int most)
{
    return (least > 0 || (least == 0 && test->includes_least)) &&
           (most < 0 || (most == 0 && test->includes_most));
}

static bool text_holds(const struct naive_test *test, const char *folded)
{
    char operand[4][NAIVE_TEXT];
    for (int i = 0; i < test->count; i++)
        fold(test->values[i], operand[i]);
    size_t len = strlen(folded), part = strlen(operand[0]);
    if (strcmp(test->sign, "CONTAINS") == 0)
        return strstr(folded, operand[0]) != NULL;
    if (strcmp(test->sign, "BEGINS_WITH") == 0)
        return strncmp(folded, operand[0], part) == 0;
    if (strcmp(test->sign, "ENDS_WITH") == 0)
        return len >= part && strcmp(folded + len - part, operand[0]) == 0;
    if (strcmp(test->sign, "EQUALS") == 0 || strcmp(test->sign, "IN") == 0) {
        for (int i = 0; i < test->count; i++)
            if (strcmp(folded, operand[i]) == 0)
                return true;
        return false;
    }
    if (!len)
        return false;
    if (strcmp(test->sign, "BETWEEN") == 0)
        return bounds_hold(test, strcmp(folded, operand[0]), strcmp(folded, operand[1]));
    return sign_holds(test->sign, strcmp(folded, operand[0]));
}

static int order_of(double a, double b)
{
    return a < b ? -1 : a > b;
}

static bool number_holds(const struct naive_test *test, double number)
{
    if (strcmp(test->sign, "BETWEEN") == 0)
        return bounds_hold(test, order_of(number, atof(test->values[0])),
                           order_of(number, atof(test->values[1])));
    for (int i = 0; i < test->count; i++)
        if (sign_holds(test->sign, order_of(number, atof(test->values[i]))))
            return true;
    return false;
}

static bool date_holds(const struct naive_test *test, int64_t us, int64_t now_us)
{
    int64_t first = operand_date(test->values[0], now_us);
    int order = us < first ? -1 : us > first;
    if (strcmp(test->sign, "BETWEEN") != 0)
        return sign_holds(test->sign, order);
    int64_t second = operand_date(test->values[1], now_us);
    return bounds_hold(test, order, us < second ? -1 : us > second);
}

static bool word_holds(const struct naive_test *test, const char *word)
{
    for (int i = 0; word && i < test->count; i++) {
        char folded[NAIVE_TEXT];
        fold(test->values[i], folded);
        if (strcmp(folded, word) == 0)
            return true;
    }
    return false;
}

static bool name_holds(const struct naive_test *test, const char *const names[2])
{
    for (int i = 0; i < test->count; i++)
        if (strcmp(test->values[i], names[0]) == 0 || strcmp(test->values[i], names[1]) == 0)
            return true;
    return false;
}

static bool any_zone_holds(const struct naive_test *test, const char *const zones[NAIVE_ZONES])
{
    char folded[NAIVE_TEXT];
    bool holds = false;
    for (int i = 0; i < NAIVE_ZONES && (i == 0 || zones[i]); i++) {
        fold(zones[i] ? zones[i] : "", folded);
        holds |= text_holds(test, folded);
    }
    return holds;
}

static bool type_holds(const struct naive_test *test, const char *type)
{
    char folded[NAIVE_TEXT];
    fold(type ? type : "", folded);
    return text_holds(test, folded);
}

static bool address_holds(const struct naive_test *test, const struct naive_contact *contact)
{
    for (int i = 0; i < contact->address_count; i++) {
        char text[32];
        if (strcmp(test->field, "TimeZone") == 0 &&
            any_zone_holds(test, naive_zones[contact->address_zones[i]]))
            return true;
        if (strcmp(test->field, "AddressType") == 0 &&
            type_holds(test, naive_types[contact->address_columns[i]]))
            return true;
        if (strcmp(test->field, "AddressState") == 0 &&
            word_holds(test, contact->address_states[i]))
            return true;
        snprintf(text, sizeof(text), "+%" PRId64, contact->numbers[i]);
        if (strcmp(test->field, "Address") == 0 && contact->numbers[i] &&
            text_holds(test, text))
            return true;
    }
    return false;
}

static bool field_holds(const struct naive_test *test, const struct naive_contact *c,
                        int64_t now_us)
{
    char folded[NAIVE_TEXT];
    const char *name = test->field;
    if (strcmp(name, "ContactId") == 0) {
        fold(c->id, folded);
        return text_holds(test, folded);
    }
    if (strcmp(name, "Contact.State") == 0)
        return word_holds(test, c->state);
    if (strcmp(name, "Callable") == 0)
        return word_holds(test, c->is_callable ? "true" : "false");
    if (strcmp(name, "TopPriority") == 0)
        return word_holds(test, c->is_top_priority ? "true" : "false");
    if (strcmp(name, "ManualReschedules") == 0)
        return number_holds(test, 0);
    if (strcmp(name, "LastResult") == 0)
        return word_holds(test, c->last_result);
    if (strcmp(name, "Priority") == 0)
        return number_holds(test, c->priority);
    if (strcmp(name, "Attempts") == 0)
        return number_holds(test, c->attempts);
    if (strcmp(name, "NextTry") == 0)
        return c->next_try && date_holds(test, c->next_try, now_us);
    if (strcmp(name, "LastUpdate") == 0)
        return c->last_update && date_holds(test, c->last_update, now_us);
    if (strcmp(name, "LastAttempt") == 0)
        return c->last_attempt && date_holds(test, c->last_attempt, now_us);
    if (strcmp(name, "Agent") == 0)
        return name_holds(test, naive_agents[c->agent]);
    if (strcmp(name, "Disposition") == 0)
        return name_holds(test, naive_codes[c->disposition]);
    return address_holds(test, c);
}

static bool test_holds(const struct naive_test *test, const struct naive_contact *contact,
                       int64_t now_us)
{
    if (test->column < 0)
        return field_holds(test, contact, now_us);
    const struct naive_value *value = &contact->columns[test->column];
    if (test->kind == 't')
        return text_holds(test, value->folded);
    if (test->kind == 'n')
        return value->is_number && number_holds(test, value->number);
    return value->is_date && date_holds(test, value->us, now_us);
}

bool naive_holds(const struct naive_node *node, const struct naive_contact *contact,
                 int64_t now_us)
{
    if (node->kind == 't')
        return test_holds(&node->test, contact, now_us);
    if (node->kind == '!')
        return !naive_holds(node->nodes[0], contact, now_us);
    int held = 0;
    for (int i = 0; i < node->count; i++)
        held += naive_holds(node->nodes[i], contact, now_us);
    return node->kind == '&' ? held == node->count : held > 0;
}

/* --- Writing --------------------------------------------------------------------------------
 */

static void quoted(const char *text, struct buffer *out)
{
    buffer_text(out, "\"");
    for (; *text; text++)
        buffer_format(out, *text == '"' ? "\"%c" : "%c", *text);
    buffer_text(out, "\"");
}

static void value_text(const struct naive_test *test, int i, struct buffer *out)
{
    if (test->kind == 'n') {
        buffer_text(out, test->values[i]);
        return;
    }
    if (test->kind == 'd' && test->count == 2)
        buffer_text(out, "date ");
    quoted(test->values[i], out);
}

static void test_text(const struct naive_test *test, struct buffer *out)
{
    static const char *const written[] = {
        "=", "<", "<=", ">", ">=", "BETWEEN", "in", "Contains", "BEGINS WITH", "ENDS  WITH"};
    static const char *const brackets[NAIVE_COLUMNS] = {"City", "[Score]", "[Date of birth]",
                                                        "Été",  "State",   "[a]]b]"};
    const char *sign = test->sign;
    for (size_t i = 0; i < ARRAY_LEN(any_operators); i++)
        sign = strcmp(test->sign, any_operators[i]) == 0 ? written[i] : sign;
    buffer_format(out, "%s %s ", test->column < 0 ? test->field : brackets[test->column], sign);
    if (strcmp(test->sign, "BETWEEN") == 0) {
        buffer_text(out, test->includes_least ? "" : "EXCLUSIVE ");
        value_text(test, 0, out);
        buffer_text(out, test->includes_most ? " AND " : " AND exclusive ");
        value_text(test, 1, out);
    } else if (strcmp(test->sign, "IN") == 0) {
        for (int i = 0; i < test->count; i++) {
            buffer_text(out, i ? "," : "(");
            value_text(test, i, out);
        }
        buffer_text(out, ")");
    } else {
        value_text(test, 0, out);
    }
}

void naive_text(const struct naive_node *node, struct buffer *out)
{
    if (node->kind == 't') {
        test_text(&node->test, out);
        return;
    }
    if (node->kind == '!') {
        buffer_text(out, "NOT (");
        naive_text(node->nodes[0], out);
        buffer_text(out, ")");
        return;
    }
    for (int i = 0; i < node->count; i++) {
        buffer_text(out, i ? (node->kind == '&' ? " and (" : "\nOR (") : "(");
        naive_text(node->nodes[i], out);
        buffer_text(out, ")");
    }
}

static json_t *predicate_form(const struct naive_node *node)
{
    bool is_inverted = node->kind == '!';
    const struct naive_test *test = is_inverted ? &node->nodes[0]->test : &node->test;
    if ((is_inverted ? node->nodes[0]->kind : node->kind) != 't' || test->column < 0)
        return NULL;
    int64_t us;
    bool is_between = strcmp(test->sign, "BETWEEN") == 0;
    bool are_dates = true;
    for (int i = 0; i < test->count; i++)
        are_dates &= date_of(test->values[i], &us) || test->values[i][0] == 'P';
    if (is_between && test->kind == 't' && are_dates)
        return NULL;
    json_t *out =
        json_pack("{s:s,s:s,s:s}", "column", naive_columns[test->column], "columnType",
                  test->kind == 'n' ? "numeric" : "alphabetic", "operator", test->sign);
    if (is_inverted)
        json_object_set_new(out, "inverted", json_true());
    if (is_between) {
        json_t *range = json_pack("{s:s,s:s}", "min", test->values[0], "max", test->values[1]);
        if (test->includes_least)
            json_object_set_new(range, "minInclusive", json_true());
        json_object_set_new(range, "maxInclusive", json_boolean(test->includes_most));
        json_object_set_new(out, "range", range);
    } else if (strcmp(test->sign, "IN") == 0) {
        json_t *set = json_array();
        for (int i = 0; i < test->count; i++)
            json_array_append_new(set, json_string(test->values[i]));
        json_object_set_new(out, "range", json_pack("{s:o}", "inSet", set));
    } else {
        json_object_set_new(out, "value", json_string(test->values[0]));
    }
    return out;
}

static json_t *clause_form(const struct naive_node *node)
{
    bool is_group = node->kind == '&' || node->kind == '|';
    json_t *predicates = json_array();
    for (int i = 0; i < (is_group ? node->count : 1); i++) {
        json_t *one = predicate_form(is_group ? node->nodes[i] : node);
        if (!one) {
            json_decref(predicates);
            return NULL;
        }
        json_array_append_new(predicates, one);
    }
    return json_pack("{s:s,s:o}", "filterType", node->kind == '|' ? "OR" : "AND", "predicates",
                     predicates);
}

json_t *naive_form(const struct naive_node *node)
{
    bool is_group = node->kind == '&' || node->kind == '|';
    json_t *clauses = json_array();
    size_t conditions = 0;
    for (int i = 0; i < (is_group ? node->count : 1); i++) {
        json_t *one = clause_form(is_group ? node->nodes[i] : node);
        conditions += json_array_size(json_object_get(one, "predicates"));
        if (!one || conditions > 10) {
            json_decref(one);
            json_decref(clauses);
            return NULL;
        }
        json_array_append_new(clauses, one);
    }
    return json_pack("{s:s,s:o}", "filterType", node->kind == '|' ? "OR" : "AND", "clauses",
                     clauses);
}
