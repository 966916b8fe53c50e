/* What a filter says of one contact. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "filter/filter.h"
#include "filter/value.h"

struct asking {
    const struct filter_contact *contact;
    size_t data_len;
    struct wall now;
};

/* --- Texts ----------------------------------------------------------------------------------
 */

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static bool has_end(const char *text, size_t len, const struct filter_value *value)
{
    return len >= value->folded_len &&
           memcmp(text + len - value->folded_len, value->folded, value->folded_len) == 0;
}

static bool text_is_in(const char *text, size_t len, const struct filter_test *test)
{
    for (int32_t i = 0; i < test->value_count; i++)
        if (compare(text, len, test->values[i].folded, test->values[i].folded_len) == 0)
            return true;
    return false;
}

/* Holds where -1, 0 or 1 (the value to the operand) passes. */
static bool order_passes(enum filter_operator comparison, int order)
{
    switch ((int)comparison) {
    case FILTER_LESS_THAN: return order < 0;
    case FILTER_LESS_THAN_EQUALS: return order <= 0;
    case FILTER_GREATER_THAN: return order > 0;
    case FILTER_GREATER_THAN_EQUALS: return order >= 0;
    case FILTER_BEFORE: return order < 0;
    case FILTER_AFTER: return order > 0;
    default: return order == 0;
    }
}

static bool lies_between(const struct filter_test *test, int to_least, int to_most)
{
    return (test->excludes_least ? to_least > 0 : to_least >= 0) &&
           (test->excludes_most ? to_most < 0 : to_most <= 0);
}

static bool folded_passes(const struct filter_test *test, const char *text, size_t len)
{
    const struct filter_value *first = &test->values[0];
    switch (test->comparison) {
    case FILTER_EQUALS:
    case FILTER_IN: return text_is_in(text, len, test);
    case FILTER_CONTAINS: return memmem(text, len, first->folded, first->folded_len) != NULL;
    case FILTER_BEGINS_WITH:
        return len >= first->folded_len && memcmp(text, first->folded, first->folded_len) == 0;
    case FILTER_ENDS_WITH: return has_end(text, len, first);
    case FILTER_BETWEEN:
        return len > 0 &&
               lies_between(
                   test, compare(text, len, first->folded, first->folded_len),
                   compare(text, len, test->values[1].folded, test->values[1].folded_len));
    case FILTER_LESS_THAN:
    case FILTER_LESS_THAN_EQUALS:
    case FILTER_GREATER_THAN:
    case FILTER_GREATER_THAN_EQUALS:
        return len > 0 && order_passes(test->comparison,
                                       compare(text, len, first->folded, first->folded_len));
    case FILTER_BEFORE:
    case FILTER_AFTER:
    case FILTER_OPERATOR_COUNT: break;
    }
    return false;
}

bool filter_text_passes(const struct filter_test *test, const char *text, size_t len)
{
    char folded[FILTER_COLUMN_BYTES];
    return folded_passes(test, folded, filter_fold(text, len, folded));
}

/* --- Numbers and dates ----------------------------------------------------------------------
 */

static int order_of(double a, double b)
{
    return (a > b) - (a < b);
}

static bool number_passes(const struct filter_test *test, double number)
{
    if (test->comparison == FILTER_BETWEEN)
        return lies_between(test, order_of(number, test->values[0].number),
                            order_of(number, test->values[1].number));
    for (int32_t i = 0; i < test->value_count; i++)
        if (order_passes(test->comparison, order_of(number, test->values[i].number)))
            return true;
    return false;
}

static int date_order(const struct asking *asking, struct wall at,
                      const struct filter_value *value)
{
    int64_t us = value->is_relative ? asking->now.us + value->us : value->us;
    return (at.us > us) - (at.us < us);
}

static bool date_passes(const struct asking *asking, const struct filter_test *test,
                        struct wall at)
{
    int order = date_order(asking, at, &test->values[0]);
    if (test->comparison == FILTER_BETWEEN)
        return lies_between(test, order, date_order(asking, at, &test->values[1]));
    return order_passes(test->comparison, order);
}

static bool word_passes(const struct filter_test *test, int32_t word)
{
    for (int32_t i = 0; i < test->value_count; i++)
        if (test->values[i].word == word)
            return true;
    return false;
}

static bool reference_passes(const struct filter_test *test, int64_t id)
{
    for (int32_t i = 0; i < test->value_count; i++)
        if (test->values[i].id == id)
            return true;
    return false;
}

/* --- Fields ---------------------------------------------------------------------------------
 */

static bool column_passes(const struct asking *asking, const struct filter_test *test)
{
    char text[FILTER_COLUMN_BYTES];
    double number;
    struct wall at;
    size_t len = filter_column_text(asking->contact->data, asking->data_len, test->column, text,
                                    sizeof(text));
    switch (test->kind) {
    case FILTER_TEXT: return filter_text_passes(test, text, len);
    case FILTER_NUMBER: return filter_number(text, len, &number) && number_passes(test, number);
    case FILTER_DATE: return filter_date(text, len, &at) && date_passes(asking, test, at);
    case FILTER_WORD:
    case FILTER_REFERENCE: break;
    }
    return false;
}

static const struct address *last_tried(const struct contact *contact)
{
    const struct address *last = NULL;
    for (int32_t i = 0; i < contact->address_count; i++) {
        const struct address *address = &contact->addresses[i];
        if (address->last_at.us && (!last || address->last_at.us > last->last_at.us))
            last = address;
    }
    return last;
}

static bool address_passes(const struct filter_test *test, const struct contact *contact)
{
    for (int32_t i = 0; i < contact->address_count; i++) {
        const struct address *address = &contact->addresses[i];
        char text[32];
        if (test->field == FILTER_ADDRESS_STATE && word_passes(test, (int32_t)address->state))
            return true;
        if (test->field != FILTER_ADDRESS || !address->number)
            continue;
        int len = snprintf(text, sizeof(text), "+%" PRId64, address->number);
        if (folded_passes(test, text, (size_t)len))
            return true;
    }
    return false;
}

/* The type of a column was compared when the tree was checked. */
static bool type_passes(const struct filter_test *test, const struct contact *contact)
{
    for (int32_t i = 0; i < contact->address_count; i++) {
        int16_t column = contact->addresses[i].column;
        if (column >= 0 && column < FILTER_COLUMNS_MAX && test->columns >> column & 1)
            return true;
    }
    return false;
}

/* Any zone of any address; an address of no zone has the empty text. */
static bool zone_passes(const struct asking *asking, const struct filter_test *test)
{
    const char *const *zones = asking->contact->zones;
    for (int32_t i = 0; i < asking->contact->hot->address_count; i++) {
        const char *name = zones && zones[i] ? zones[i] : "";
        size_t len = strcspn(name, "\n");
        for (; name[len]; len = strcspn(name, "\n")) {
            if (filter_text_passes(test, name, len))
                return true;
            name += len + 1;
        }
        if (filter_text_passes(test, name, len))
            return true;
    }
    return false;
}

static bool has_date_that_passes(const struct asking *asking, const struct filter_test *test,
                                 struct wall at)
{
    return at.us && date_passes(asking, test, at);
}

static bool test_passes(const struct asking *asking, const struct filter_test *test)
{
    const struct contact *hot = asking->contact->hot;
    const char *id = asking->contact->external_id;
    const struct address *last = NULL;
    int64_t attempts = 0;
    struct wall at;
    switch (test->field) {
    case FILTER_COLUMN: return column_passes(asking, test);
    case FILTER_CONTACT_ID: return filter_text_passes(test, id ? id : "", id ? strlen(id) : 0);
    case FILTER_STATE: return word_passes(test, (int32_t)hot->state);
    case FILTER_CALLABLE: return word_passes(test, hot->is_callable);
    case FILTER_PRIORITY: return number_passes(test, hot->priority);
    case FILTER_NEXT_TRY: return has_date_that_passes(asking, test, hot->next_try);
    case FILTER_LAST_UPDATE:
        at = asking->contact->updated_at;
        at = hot->touched_at.us > at.us ? hot->touched_at : at;
        return has_date_that_passes(asking, test, at);
    case FILTER_TOP_PRIORITY: return word_passes(test, hot->is_top_priority);
    case FILTER_MANUAL_RESCHEDULES: return number_passes(test, hot->reschedules);
    case FILTER_ATTEMPTS:
        for (int32_t i = 0; i < hot->address_count; i++)
            attempts += hot->addresses[i].attempts;
        return number_passes(test, (double)attempts);
    case FILTER_LAST_ATTEMPT:
        last = last_tried(hot);
        return last && date_passes(asking, test, last->last_at);
    case FILTER_LAST_RESULT:
        last = last_tried(hot);
        return last && word_passes(test, (int32_t)last->last_outcome);
    case FILTER_ADDRESS:
    case FILTER_ADDRESS_STATE: return address_passes(test, hot);
    case FILTER_AGENT: return reference_passes(test, hot->preferred_agent.value);
    case FILTER_DISPOSITION: return reference_passes(test, hot->disposition.value);
    case FILTER_TIME_ZONE: return zone_passes(asking, test);
    case FILTER_ADDRESS_TYPE: return type_passes(test, hot);
    case FILTER_FIELD_COUNT: break;
    }
    return false;
}

static bool node_holds(const struct asking *asking, const struct filter_node *node)
{
    if (node->kind == FILTER_TEST)
        return test_passes(asking, &node->test);
    if (node->kind == FILTER_NOT)
        return !node_holds(asking, node->nodes[0]);
    bool is_and = node->kind == FILTER_AND;
    for (int32_t i = 0; i < node->count; i++)
        if (node_holds(asking, node->nodes[i]) != is_and)
            return !is_and;
    return is_and;
}

bool filter_matches(const struct filter *filter, const struct filter_contact *contact,
                    struct wall now)
{
    if (!filter->root)
        return true;
    const struct asking asking = {contact, strlen(contact->data), now};
    return node_holds(&asking, filter->root);
}
