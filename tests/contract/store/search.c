/* Searching, counting and sampling contacts. */
#include <stdio.h>
#include <string.h>

#include "filter/text.h"
#include "suite.h"

static const char *const names[] = {"Phone", "City", "Score", "Seen"};
static const char *const types[] = {"Home", NULL, NULL, "Cell"};
static const struct filter_columns columns = {4, names, types, NULL};

static struct filter parse(struct fixture *f, const char *text)
{
    struct filter filter;
    OK(filter_parse(text, strlen(text), &columns, &f->arena, &filter, NULL, &f->err));
    return filter;
}

static void add(struct fixture *f, const char *data, int32_t priority, const char *external_id)
{
    struct contact_write write = contact_of(1, 1);
    write.data = data;
    write.priority = priority;
    write.external_id = external_id;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
}

/* Eight contacts, 1 to 8; the fifth is removed again. */
static void add_some(struct fixture *f)
{
    add(f, "[\"\",\"Lyon\",\"10\",\"2023-11-14\"]", 0, "a");
    add(f, "[\"\",\"besançon\",\"9,5\",\"\"]", 5, NULL);
    add(f, "[\"\",\"\",\"none\",\"2023-11-15T00:00:00Z\"]", -5, NULL);
    add(f, "[\"\",\"Lyon\",\"-1\",\"soon\"]", 0, NULL);
    add(f, "[\"\",\"Lyon\",\"2\",\"\"]", 0, NULL);
    add(f, "[\"\",\"Évry\",\"10.0\",\"2023-11-13\"]", 0, NULL);
    add(f, "[\"\",\"LYON\",\"\",\"\"]", 7, NULL);
    add(f, "[\"\",\"Besancon\",\"100\",\"2024-01-01\"]", 0, "h");
    struct contact_id fifth = contact_id_of(5);
    OK(OPS->contacts_remove(SELF, (struct entity_ref){0}, NOW, &fifth, 1, &f->err));
}

/* The sequences that a search gives, as a text. */
static const char *found_by(struct fixture *f, struct contact_search *search)
{
    struct buffer out;
    struct contact_found found;
    buffer_init(&out, 4096);
    search->list = LIST;
    search->now = NOW; /* 2023-11-14T22:13:20Z */
    OK(OPS->contacts_search(SELF, search, &f->arena, &found, &f->err));
    assert_true(found.is_whole);
    for (size_t i = 0; i < found.count; i++) {
        assert_non_null(found.records[i].data);
        buffer_format(&out, "%s%d", i ? " " : "", (int)(uint32_t)found.records[i].hot.id.value);
    }
    const char *text = arena_text(&f->arena, out.data ? out.data : "", out.len);
    buffer_fini(&out);
    return text;
}

static const char *search_for(struct fixture *f, const char *text)
{
    struct filter filter = parse(f, text);
    struct contact_search search = {.filter = &filter, .limit = 100};
    return found_by(f, &search);
}

static void finds_what_a_filter_means(void **state)
{
    struct fixture *f = *state;
    add_some(f);
    assert_string_equal(search_for(f, ""), "1 2 3 4 6 7 8");
    assert_string_equal(search_for(f, "City = \"lyon\""), "1 4 7");
    assert_string_equal(search_for(f, "NOT City = \"lyon\""), "2 3 6 8");
    assert_string_equal(search_for(f, "City = \"Besançon\""), "2 8");
    assert_string_equal(search_for(f, "City < \"lyon\""), "2 6 8");
    assert_string_equal(search_for(f, "City CONTAINS \"san\" AND NOT Score > 50"), "2");
    assert_string_equal(search_for(f, "City BEGINS WITH \"e\" OR City ENDS WITH \"on\""),
                        "1 2 4 6 7 8");
    assert_string_equal(search_for(f, "Score = 10"), "1 6");
    assert_string_equal(search_for(f, "Score < 10"), "2 4");
    assert_string_equal(search_for(f, "NOT Score < 10"), "1 3 6 7 8");
    assert_string_equal(search_for(f, "Score BETWEEN EXCLUSIVE 9.5 AND 100"), "1 6 8");
    assert_string_equal(search_for(f, "Score IN (10, 100)"), "1 6 8");
    assert_string_equal(search_for(f, "Seen BEFORE \"P00D\""), "1 6");
    assert_string_equal(search_for(f, "Seen AFTER \"PT-23H\""), "1 3 8");
    assert_string_equal(search_for(f, "Seen BETWEEN DATE \"2023-11-14\" AND DATE \"P01D\""),
                        "1 3");
    assert_string_equal(search_for(f, "Priority > 0 OR Priority < 0"), "2 3 7");
    assert_string_equal(search_for(f, "ContactId IN (\"A\", \"H\")"), "1 8");
    assert_string_equal(search_for(f, "ContactId = \"\""), "2 3 4 6 7");
    assert_string_equal(search_for(f,
                                   "Callable = true AND State = \"waiting\" AND Attempts = 0 "
                                   "AND LastUpdate BETWEEN DATE \"P00D\" AND DATE \"P00D\""),
                        "1 2 3 4 6 7 8");
    assert_string_equal(search_for(f, "NextTry AFTER \"1970-01-01\""), "");
    assert_string_equal(search_for(f, "Address = \"+33100000001\""), "1 2 3 4 6 7 8");
    assert_string_equal(search_for(f, "Address ENDS WITH \"2\" OR AddressState = \"failed\""),
                        "");
    assert_string_equal(search_for(f, "LastAttempt BEFORE \"P01D\" OR LastResult = \"busy\""),
                        "");
}

static void a_nul_in_a_value_is_left_out(void **state)
{
    struct fixture *f = *state;
    add(f, "[\"\",\"a\\u0000b\",\"\\u0000\\u00007\"]", 0, NULL);
    add(f, "[\"\",\"a\\\\u0000b\",\"\"]", 0, NULL); /* a backslash, then letters */
    assert_string_equal(search_for(f, "City = \"ab\""), "1");
    assert_string_equal(search_for(f, "Score = 7"), "1");
    assert_string_equal(search_for(f, "City = \"a\\u0000b\""), "2");
}

static void finds_by_what_the_dialer_wrote(void **state)
{
    struct fixture *f = *state;
    add_some(f);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 2);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    assert_string_equal(search_for(f, "State = \"running\""), "7"); /* the highest priority */
    struct dialer_write end =
        end_for(&intent, &claimed.candidates[0].contact, OUTCOME_BUSY, CONTACT_FAILED);
    end.change.address.last_at = NOW;
    assert_int_equal(commit_one(f, &end), WRITE_COMMITTED);
    assert_string_equal(search_for(f, "State IN (\"failed\", \"done\")"), "7");
    assert_string_equal(search_for(f, "LastResult = \"busy\" AND Attempts >= 1"), "7");
    assert_string_equal(search_for(f, "LastAttempt BETWEEN DATE \"P00D\" AND DATE \"P00D\""),
                        "7");
}

/* A contact whose address stands in `column`. */
static void add_of(struct fixture *f, int64_t agent, int16_t column, struct zone_set_id zones)
{
    const struct contact_attributes attributes = {.preferred_agent = {agent}};
    struct contact_write write = contact_of(1, 0);
    write.addresses[0].column = column;
    write.addresses[0].zone_set = zones;
    write.attributes = &attributes;
    OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
}

static struct zone_set_id zones_of(struct fixture *f, int32_t count, int16_t first,
                                   int16_t second)
{
    static struct zone zones[] = {
        {.name = "America/Cayenne"}, {.name = "Europe/Paris"}, {.name = "Europe/Rome"}};
    const struct zone_table table = {zones, ARRAY_LEN(zones)};
    struct zone_set set = {.count = count, .zones = {first, second}};
    OK(OPS->zone_set_intern(SELF, &table, &set, &f->err));
    return set.id;
}

/* C27, C29, C30, C33. */
static void finds_by_agent_zone_type_and_disposition(void **state)
{
    struct fixture *f = *state;
    const struct zone_set_id none = {0};
    add_of(f, 11, 0, zones_of(f, 1, 1, 0));
    add_of(f, 0, 3, zones_of(f, 2, 1, 2));
    add_of(f, 12, 0, zones_of(f, 1, 0, 0));
    add_of(f, 11, 1, none);
    assert_string_equal(search_for(f, "Agent = \"#11\""), "1 4");
    assert_string_equal(search_for(f, "Agent IN (\"#12\", \"\")"), "2 3");
    assert_string_equal(search_for(f, "NOT Agent = \"\""), "1 3 4");
    assert_string_equal(search_for(f, "TimeZone = \"europe/paris\""), "1 2");
    assert_string_equal(search_for(f, "TimeZone = \"Europe/Rome\""), "2");
    assert_string_equal(search_for(f, "TimeZone BEGINS WITH \"America/\""), "3");
    assert_string_equal(search_for(f, "TimeZone = \"\""), "4");
    assert_string_equal(search_for(f, "TimeZone IN (\"\", \"Europe/Paris\")"), "1 2 4");
    assert_string_equal(search_for(f, "NOT TimeZone < \"b\""), "1 2 4");
    assert_string_equal(search_for(f, "AddressType = \"home\""), "1 3");
    assert_string_equal(search_for(f, "AddressType CONTAINS \"E\""), "1 2 3");
    assert_string_equal(search_for(f, "AddressType = \"\""), "4");
    assert_string_equal(search_for(f, "AddressType = \"Pager\""), "");
    assert_string_equal(search_for(f, "Disposition = \"\""), "1 2 3 4");
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 1);
    struct dialer_write write = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &write), WRITE_COMMITTED);
    write = end_for(&write, &claimed.candidates[0].contact, OUTCOME_PERSON, CONTACT_DONE);
    assert_int_equal(commit_one(f, &write), WRITE_COMMITTED);
    write.kind = DIALER_WRAPUP;
    write.wrapup.value = 44;
    assert_int_equal(commit_one(f, &write), WRITE_COMMITTED);
    assert_string_equal(search_for(f, "Disposition = \"#44\""), "1");
    assert_string_equal(search_for(f, "Disposition IN (\"#45\", \"\")"), "2 3 4");
}

static void pages_by_number_and_by_key(void **state)
{
    struct fixture *f = *state;
    add_some(f);
    struct filter filter = parse(f, "NOT Score = 2");
    struct contact_search search = {.filter = &filter, .limit = 3};
    assert_string_equal(found_by(f, &search), "1 2 3");
    search.offset = 3;
    assert_string_equal(found_by(f, &search), "4 6 7");
    search.offset = 6;
    assert_string_equal(found_by(f, &search), "8");
    search.offset = 7;
    assert_string_equal(found_by(f, &search), "");
    search.offset = 0;
    search.after = contact_id_of(4);
    assert_string_equal(found_by(f, &search), "6 7 8");
    search.limit = 0;
    assert_string_equal(found_by(f, &search), "");
    search.limit = -1;
    struct contact_found found;
    assert_int_equal(OPS->contacts_search(SELF, &search, &f->arena, &found, &f->err),
                     STATUS_INVALID);
}

static const char *sorted(struct fixture *f, struct contact_sort first,
                          struct contact_sort second, int32_t count)
{
    struct contact_search search = {
        .limit = 100, .sort_count = count, .sorts = {first, second}};
    return found_by(f, &search);
}

static void sorts_by_up_to_four_columns(void **state)
{
    struct fixture *f = *state;
    add_some(f);
    const struct contact_sort city = {1, false, false}, city_down = {1, false, true};
    const struct contact_sort score = {2, true, false}, score_down = {2, true, true};
    const struct contact_sort score_text = {2, false, false};
    assert_string_equal(sorted(f, city, city, 1), "3 2 8 6 1 4 7");
    assert_string_equal(sorted(f, city_down, city, 1), "7 4 1 6 8 2 3");
    assert_string_equal(sorted(f, score, score, 1), "4 2 1 6 8 3 7");
    assert_string_equal(sorted(f, score_down, score, 1), "7 3 8 6 1 2 4");
    assert_string_equal(sorted(f, score_text, score, 1), "7 4 1 6 8 2 3");
    assert_string_equal(sorted(f, city, score_down, 2), "3 8 2 6 7 1 4");
    assert_string_equal(sorted(f, city_down, score, 2), "4 1 7 6 2 8 3");
    struct filter filter = parse(f, "City = \"lyon\"");
    struct contact_search search = {
        .filter = &filter, .limit = 2, .offset = 1, .sort_count = 1, .sorts = {score}};
    assert_string_equal(found_by(f, &search), "1 7");
}

static void index_whole(struct fixture *f, int16_t column, bool is_numeric)
{
    struct column_index progress = {.is_whole = false};
    for (int i = 0; i < 100 && !progress.is_whole; i++)
        OK(OPS->column_index(SELF, LIST, column, is_numeric, &progress, &f->err));
    assert_true(progress.is_whole);
}

static const char *sorted_after(struct fixture *f, struct contact_sort sort, int after)
{
    struct contact_search search = {
        .limit = 3, .sort_count = 1, .sorts = {sort}, .after = contact_id_of(after)};
    return found_by(f, &search);
}

/* An index changes how fast a sort is, and nothing else; writes keep it. */
static void an_index_sorts_the_same_and_follows_writes(void **state)
{
    struct fixture *f = *state;
    const struct contact_sort city = {1, false, false}, city_down = {1, false, true};
    const struct contact_sort score = {2, true, false}, score_down = {2, true, true};
    add_some(f);
    index_whole(f, 1, false);
    index_whole(f, 2, true);
    assert_string_equal(sorted(f, city, city, 1), "3 2 8 6 1 4 7");
    assert_string_equal(sorted(f, city_down, city, 1), "7 4 1 6 8 2 3");
    assert_string_equal(sorted(f, score, score, 1), "4 2 1 6 8 3 7");
    assert_string_equal(sorted(f, score_down, score, 1), "7 3 8 6 1 2 4");
    assert_string_equal(sorted(f, city, score_down, 2), "3 8 2 6 7 1 4");
    assert_string_equal(sorted_after(f, city, 8), "6 1 4");
    assert_string_equal(sorted_after(f, city_down, 6), "8 2 3");
    assert_string_equal(sorted_after(f, score, 8), "3 7");
    assert_string_equal(sorted_after(f, score_down, 3), "8 6 1");
    struct filter filter = parse(f, "City = \"lyon\" AND Priority >= 0");
    struct contact_search search = {
        .filter = &filter, .limit = 2, .offset = 1, .sort_count = 1, .sorts = {score_down}};
    assert_string_equal(found_by(f, &search), "1 4");
    struct contact_write write = contact_of(1, 1);
    write.data = "[\"\",\"Zurich\",\"-5\"]";
    OK(OPS->contact_update(SELF, contact_id_of(6), 1, &write, NOW, &f->err));
    struct contact_id second = contact_id_of(2);
    OK(OPS->contacts_remove(SELF, (struct entity_ref){0}, NOW, &second, 1, &f->err));
    add(f, "[\"\",\"Aix\",\"50\",\"\"]", 0, NULL);
    assert_string_equal(sorted(f, city, city, 1), "3 9 8 1 4 7 6");
    assert_string_equal(sorted(f, score, city, 1), "6 4 1 9 8 3 7");
    /* Bulk writes leave it behind; it is brought up to date. */
    write.data = "[\"\",\"Albi\",\"60\"]";
    OK(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                           &f->err));
    assert_string_equal(sorted(f, city, city, 1), "3 9 10 8 1 4 7 6");
    index_whole(f, 1, false);
    assert_string_equal(sorted(f, city, city, 1), "3 9 10 8 1 4 7 6");
    assert_string_equal(sorted_after(f, city, 9), "10 8 1");
}

static void counts_in_pieces_and_samples(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3000; i++)
        add(f, i % 3 ? "[\"\",\"x\"]" : "[\"\",\"y\"]", 0, NULL);
    struct filter filter = parse(f, "City = \"Y\"");
    struct contact_tally tally = {.looked_at = 0};
    for (int i = 0; i < 1000 && !tally.is_done; i++)
        OK(OPS->contacts_tally(SELF, LIST, &filter, NOW, &tally, &f->err));
    assert_true(tally.is_done);
    assert_int_equal(tally.looked_at, 3000);
    assert_int_equal(tally.matched, 1000);
    OK(OPS->contacts_sample(SELF, LIST, &filter, NOW, 1, 5000, &tally, &f->err));
    assert_true(tally.is_done);
    assert_int_equal(tally.matched, 1000);
    OK(OPS->contacts_sample(SELF, LIST, &filter, NOW, 7, 1000, &tally, &f->err));
    assert_true(tally.looked_at >= 1000 && tally.looked_at <= 3000);
    int64_t third = tally.looked_at / 3;
    assert_true(tally.matched >= third - 2 && tally.matched <= third + 2);
    /* Of a list that is not there: nothing. */
    struct contact_tally none = {.looked_at = 0};
    OK(OPS->contacts_tally(SELF, (struct list_id){99}, &filter, NOW, &none, &f->err));
    assert_true(none.is_done && none.looked_at == 0);
}

/* A search that finds little gives back the thread, and goes on where it stood. */
static void goes_on_where_a_piece_ended(void **state)
{
    struct fixture *f = *state;
    add_contacts(f, 20);
    add(f, "[\"\",\"needle\"]", 0, NULL);
    struct filter filter = parse(f, "City = \"needle\"");
    struct contact_search search = {.list = LIST, .filter = &filter, .now = NOW, .limit = 5};
    struct contact_found found = {.is_whole = false};
    size_t count = 0;
    for (int i = 0; i < 1000 && !found.is_whole; i++) {
        OK(OPS->contacts_search(SELF, &search, &f->arena, &found, &f->err));
        count += found.count;
        search.after = found.at;
        search.offset -= found.passed;
        search.limit -= (int32_t)found.count;
    }
    assert_int_equal(count, 1);
}

const struct CMUnitTest search_tests[] = {
    TEST(finds_what_a_filter_means),
    TEST(finds_by_what_the_dialer_wrote),
    TEST(a_nul_in_a_value_is_left_out),
    TEST(pages_by_number_and_by_key),
    TEST(sorts_by_up_to_four_columns),
    TEST(an_index_sorts_the_same_and_follows_writes),
    TEST(finds_by_agent_zone_type_and_disposition),
    TEST(counts_in_pieces_and_samples),
    TEST(goes_on_where_a_piece_ended),
};
const size_t search_test_count = ARRAY_LEN(search_tests);
