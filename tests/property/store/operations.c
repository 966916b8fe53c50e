#include "agree.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "filter/text.h"

#define OPS subject->store.ops
#define SELF subject->store.self

void say(struct subject *subject, const char *format, ...)
{
    char text[2048];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    buffer_text(&subject->answer, text);
}

void say_status(struct subject *subject, const char *what, enum status status,
                const struct error *err)
{
    say(subject, "%s: %s%s%s\n", what, status_name(status), status ? " " : "",
        status ? err->text : "");
}

void say_contact(struct subject *subject, const struct contact *contact)
{
    say(subject,
        "  contact %" PRId64 " v%d state %d%s priority %d pass %" PRId64 " next %" PRId64
        " window %d\n",
        contact->id.value, contact->version, (int)contact->state,
        contact->is_callable ? "" : " uncallable", contact->priority, contact->pass,
        contact->next_try.us, contact->attempts_in_window);
    for (int32_t i = 0; i < contact->address_count; i++) {
        const struct address *address = &contact->addresses[i];
        say(subject,
            "    [%d] %" PRId64
            " zone %d%s state %d%s%s attempts %d window %d recalls %d %d last "
            "%" PRId64 " %d %" PRId64 "\n",
            address->column, address->number, address->zone_set.value,
            address->is_zone_given ? " given" : "", (int)address->state,
            address->is_callable ? "" : " uncallable", address->is_on_dnc ? " dnc" : "",
            address->attempts, address->attempts_in_window, address->recalls[0],
            address->recalls[1], address->last_at.us, (int)address->last_outcome,
            address->last_wrapup.value);
    }
}

static int64_t below(struct random *random, uint64_t limit)
{
    return (int64_t)random_below(random, limit);
}

static struct list_id draw_list(struct random *random)
{
    return (struct list_id){1 + below(random, 2)};
}

static struct contact_id draw_contact(struct random *random)
{
    return (struct contact_id){(draw_list(random).value << CONTACT_SEQUENCE_BITS) |
                               (1 + below(random, 30))};
}

static int64_t draw_number(struct random *random)
{
    return INT64_C(33100000000) + below(random, NUMBERS);
}

/* One of the first of its list: it is there, whatever else the same array adds. */
static struct contact_id draw_own(struct random *random)
{
    return (struct contact_id){(draw_list(random).value << CONTACT_SEQUENCE_BITS) |
                               (1 + below(random, 6))};
}

static struct wall draw_now(struct random *random)
{
    return (struct wall){NOW_US + below(random, 1000) * US_PER_S};
}

static const char *draw_external(struct random *random)
{
    static const char *const ids[] = {"a", "b", "c", "é", "e\\,\"x\"", "f\tg"};
    return below(random, 3) ? NULL : ids[random_below(random, ARRAY_LEN(ids))];
}

static struct contact_write draw_write(struct random *random)
{
    static const char *const datas[] = {"[]", "[\"Zoé\",\"1\"]", "[\"\\u0000\",\"\\\\N\"]",
                                        "[\"a\\tb\",\"\xF0\x9F\x98\x80\"]"};
    static const int32_t priorities[] = {0, 0, 0, 0, 5, 9, -3};
    struct contact_write write = {
        .own = below(random, 6) ? (struct contact_id){0} : draw_own(random),
        .external_id = draw_external(random),
        .data = datas[random_below(random, ARRAY_LEN(datas))],
        .is_callable = below(random, 8) != 0,
        .priority = priorities[random_below(random, ARRAY_LEN(priorities))],
        .address_count = (int32_t)below(random, 4),
    };
    static const struct contact_attributes attributes[] = {
        {{3}, {NOW_US + 5 * US_PER_S}, true}, {{0}, {0}, false}, {{4}, {NOW_US}, false}};
    if (!below(random, 3))
        write.attributes = &attributes[random_below(random, ARRAY_LEN(attributes))];
    write.extra = below(random, 4) ? NULL : below(random, 2) ? "{\"a\":1}" : "{}";
    write.has_expiry = below(random, 3) == 0;
    write.expires_at.us =
        write.has_expiry && below(random, 3) ? NOW_US + below(random, 60) * US_PER_S : 0;
    for (int32_t i = 0; i < write.address_count; i++)
        write.addresses[i] =
            (struct contact_address){.column = (int16_t)i,
                                     .number = below(random, 6) ? draw_number(random) : 0,
                                     .zone_set = {1 + (int32_t)below(random, 3)},
                                     .zone_source = (enum zone_source)below(random, 3)};
    return write;
}

static void write_contacts(struct subject *subject, struct random *random)
{
    struct contact_write writes[5];
    struct contact_id ids[5] = {0};
    struct error err;
    size_t count = 1 + (size_t)below(random, ARRAY_LEN(writes));
    enum store_priority priority = below(random, 2) ? STORE_API : STORE_BULK;
    enum contact_write_mode mode = below(random, 3) ? CONTACT_UPSERT : CONTACT_INSERT;
    for (size_t i = 0; i < count; i++) {
        writes[i] = draw_write(random);
        if (mode == CONTACT_INSERT)
            writes[i].own.value = 0; /* nobody inserts what is there */
    }
    struct list_id list = draw_list(random);
    enum status status = OPS->contacts_write(SELF, priority, list, mode, writes, count,
                                             draw_now(random), ids, &err);
    say_status(subject, "write", status, &err);
    for (size_t i = 0; i < count && !status; i++)
        say(subject, " %" PRId64, ids[i].value);
}

static void say_record(struct subject *subject, const struct contact_record *record)
{
    struct contact hot = record->hot; /* without what belongs to a claim */
    hot.attempts_in_window = 0;
    for (int32_t i = 0; i < hot.address_count; i++) {
        hot.addresses[i].attempts_in_window = 0;
        hot.addresses[i].is_on_dnc = false;
    }
    say_contact(subject, &hot);
    say(subject, "    agent %" PRId64 "%s%s%s moved %d code %" PRId64 " since %" PRId64 "\n",
        hot.preferred_agent.value, hot.is_top_priority ? " top" : "",
        hot.is_put_back ? " back" : "", record->is_managed ? " managed" : "", hot.reschedules,
        hot.disposition.value, hot.counted_from.us);
    say(subject, "    extra %s\n", record->extra ? record->extra : "-");
    say(subject, "    %s %s v%d at %" PRId64 " until %" PRId64 "\n",
        record->external_id ? record->external_id : "-", record->data, record->data_version,
        record->updated_at.us, record->expires_at.us);
}

static void read_contacts(struct subject *subject, struct random *random)
{
    struct arena arena;
    struct contact_record record, *records;
    struct error err;
    size_t count;
    int64_t total;
    static const char *const ids[] = {"a", "b", "é", "nobody"};
    arena_init(&arena);
    enum status status = OPS->contact_get(SELF, draw_contact(random), &arena, &record, &err);
    say_status(subject, "get", status, &err);
    if (!status)
        say_record(subject, &record);
    struct list_id list = draw_list(random);
    status = OPS->contact_find(SELF, list, ids[random_below(random, ARRAY_LEN(ids))], &arena,
                               &record, &err);
    say_status(subject, "find", status, &err);
    if (!status)
        say_record(subject, &record);
    struct contact_query query = {
        .list = list,
        .after = below(random, 2) ? (struct contact_id){0}
                                  : (struct contact_id){(list.value << CONTACT_SEQUENCE_BITS) |
                                                        below(random, 20)},
        .offset = below(random, 3),
        .limit = (int32_t)below(random, 10),
        .number = below(random, 2) ? 0 : draw_number(random),
    };
    say_status(subject, "list",
               OPS->contacts_list(SELF, &query, &arena, &records, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        say_record(subject, &records[i]);
    say_status(subject, "count", OPS->contacts_count(SELF, list, &total, &err), &err);
    int64_t numbers[8];
    count = ARRAY_LEN(numbers);
    say_status(subject, "numbers",
               OPS->numbers_list(SELF, list, draw_number(random) - 5, numbers, &count, &err),
               &err);
    say(subject, "%" PRId64 " contacts, numbers", total);
    for (size_t i = 0; i < count; i++)
        say(subject, " %" PRId64, numbers[i]);
    arena_fini(&arena);
}

/* On several contacts, of several lists, at times on one twice. Those behind the first two are
 * drawn apart, so that what follows is what the seed always gave. */
static void act(struct subject *subject, struct random *random,
                const struct contact_id given[2])
{
    struct contact_id ids[8] = {given[0], given[1]};
    struct random more;
    random_init(&more, (uint64_t)(given[0].value * 31 + given[1].value));
    size_t count = 2 + (size_t)below(&more, ARRAY_LEN(ids) - 1);
    for (size_t i = 2; i < count; i++)
        ids[i] = draw_contact(&more);
    struct error err;
    struct contact_action_result result = {0};
    struct contact_state_counts counts;
    struct contact_action action = {
        .act = (enum contact_act)below(random, CONTACT_ACT_COUNT),
        .at = draw_now(random),
        .actor = {ENTITY_USER, 3},
        .reason = below(random, 2) ? "tired" : NULL,
        .keeps_attempts = below(random, 2),
        .next_try = below(random, 2) ? draw_now(random) : (struct wall){0},
        .is_top_priority = below(random, 2),
    };
    say_status(subject, "act",
               OPS->contacts_act(SELF, below(random, 2) ? STORE_API : STORE_BULK, &action, ids,
                                 count, &result, &err),
               &err);
    say(subject, "%d: %" PRId64 " %" PRId64 " %" PRId64 "\n", (int)action.act, result.changed,
        result.unchanged, result.in_use);
    say_status(subject, "states", OPS->contact_states(SELF, draw_list(random), &counts, &err),
               &err);
    for (int i = 0; i < CONTACT_STATE_COUNT; i++)
        say(subject, " %" PRId64, counts.counts[i]);
}

static void change_contacts(struct subject *subject, struct random *random)
{
    struct error err;
    struct contact_id ids[3] = {draw_contact(random), draw_contact(random), {0}};
    ids[2] = ids[0];
    struct contact_write write = draw_write(random);
    switch (below(random, 16)) {
    case 12:
    case 13:
    case 14:
    case 15: act(subject, random, ids); return;
    case 0:
        say_status(subject, "clear", OPS->contacts_clear(SELF, draw_list(random), &err), &err);
        return;
    case 1:
    case 2:
    case 3:
        say_status(subject, "remove",
                   OPS->contacts_remove(SELF, (struct entity_ref){ENTITY_USER, 1},
                                        draw_now(random), ids, 1 + (size_t)below(random, 3),
                                        &err),
                   &err);
        return;
    default:
        say_status(subject, "update",
                   OPS->contact_update(SELF, ids[0], 1 + (int32_t)below(random, 3), &write,
                                       draw_now(random), &err),
                   &err);
    }
}

static void change_dnc(struct subject *subject, struct random *random)
{
    struct error err;
    struct dnc_list_id list = {5 + below(random, 2)};
    int64_t numbers[4], count = 0;
    bool has = false;
    size_t some = 1 + (size_t)below(random, ARRAY_LEN(numbers));
    for (size_t i = 0; i < some; i++)
        numbers[i] = below(random, 40) ? draw_number(random) : -1;
    struct wall expires = below(random, 2) ? draw_now(random) : (struct wall){0};
    switch (below(random, 6)) {
    case 0:
        say_status(subject, "dnc clear",
                   OPS->dnc_clear(SELF, list, below(random, 2), draw_now(random), &err), &err);
        break;
    case 1:
        say_status(subject, "dnc remove", OPS->dnc_remove(SELF, list, numbers, some, &err),
                   &err);
        break;
    default:
        say_status(subject, "dnc add",
                   OPS->dnc_add(SELF, below(random, 2) ? STORE_API : STORE_BULK, list, numbers,
                                some, expires, &err),
                   &err);
    }
    say_status(subject, "dnc has",
               OPS->dnc_has(SELF, list, draw_number(random), draw_now(random), &has, &err),
               &err);
    say_status(subject, "dnc count", OPS->dnc_count(SELF, list, &count, &err), &err);
    say(subject, "%d of %" PRId64 "\n", has, count);
}

static void say_entity(struct subject *subject, const struct entity *entity)
{
    say(subject, "  %d %" PRId64 " v%d \"%s\" %s %" PRId64 " %" PRId64 "\n", (int)entity->kind,
        entity->id, entity->version, entity->name, entity->document, entity->created_at.us,
        entity->modified_at.us);
}

static void change_entities(struct subject *subject, struct random *random)
{
    static const char *const called[] = {"Zoé", "ZOÉ", "Été 1", "été 2", "b_%", "", "Queue"};
    static const enum entity_kind kinds[] = {ENTITY_QUEUE, ENTITY_USER, ENTITY_CAMPAIGN};
    struct error err;
    int64_t *slot = &subject->memory.entities[random_below(random, 8)], id = 0;
    int64_t other = subject->memory.entities[random_below(random, 8)];
    enum entity_kind kind = kinds[random_below(random, ARRAY_LEN(kinds))];
    struct entity_ref refs[2] = {{kinds[random_below(random, 3)], other},
                                 {kinds[random_below(random, 3)], other}};
    struct entity_ref users[2];
    size_t user_count = ARRAY_LEN(users), ref_count = (size_t)below(random, 3);
    const char *name = called[random_below(random, ARRAY_LEN(called))];
    enum status status;
    switch (below(random, 5)) {
    case 0:
    case 1:
        status = OPS->entity_create(SELF, kind, name, "{\"a\":\"é\"}", refs, ref_count,
                                    draw_now(random), &id, &err);
        say_status(subject, "create", status, &err);
        if (!status)
            *slot = id;
        say(subject, "%" PRId64 "\n", id);
        return;
    case 2:
        say_status(subject, "entity update",
                   OPS->entity_update(SELF, kind, *slot, 1 + (int32_t)below(random, 2), name,
                                      "{}", refs, ref_count, draw_now(random), &err),
                   &err);
        return;
    case 3:
        say_status(subject, "entity remove",
                   OPS->entity_remove(SELF, kind, *slot, users, &user_count, &err), &err);
        for (size_t i = 0; i < user_count; i++)
            say(subject, " %d/%" PRId64, (int)users[i].kind, users[i].id);
        return;
    default:
        say_status(subject, "secret",
                   OPS->secret_set(SELF, kind, *slot, below(random, 2) ? "one" : "two", &err),
                   &err);
    }
}

static void read_entities(struct subject *subject, struct random *random)
{
    static const char *const wanted[] = {"é", "zo", "ÉTÉ", "zoé", "%", ""};
    struct error err;
    struct arena arena;
    struct entity entity;
    struct entity_page page;
    struct entity_ref *users;
    const char *secret;
    size_t count;
    struct entity_query query = {
        .kind = below(random, 2) ? ENTITY_QUEUE : ENTITY_USER,
        .match = (enum name_match)below(random, 4),
        .name = wanted[random_below(random, ARRAY_LEN(wanted))],
        .is_descending = below(random, 2),
        .is_by_date = below(random, 2),
        .offset = (int32_t)below(random, 2),
        .limit = (int32_t)below(random, 5),
    };
    int64_t id = subject->memory.entities[random_below(random, 8)];
    arena_init(&arena);
    say_status(subject, "page", OPS->entity_list(SELF, &query, &arena, &page, &err), &err);
    say(subject, "%d of %" PRId64 "\n", page.count, page.total);
    for (int32_t i = 0; i < page.count; i++)
        say_entity(subject, &page.entities[i]);
    enum status status = OPS->entity_get(SELF, query.kind, id, &arena, &entity, &err);
    say_status(subject, "entity get", status, &err);
    if (!status)
        say_entity(subject, &entity);
    say_status(subject, "entity find",
               OPS->entity_find(SELF, query.kind, query.name, &arena, &entity, &err), &err);
    say_status(subject, "users",
               OPS->entity_users(SELF, query.kind, id, &arena, &users, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        say(subject, " %d/%" PRId64, (int)users[i].kind, users[i].id);
    say_status(subject, "secret", OPS->secret_get(SELF, query.kind, id, &arena, &secret, &err),
               &err);
    say(subject, "\"%s\"\n", secret);
    arena_fini(&arena);
}

static void use_tokens(struct subject *subject, struct random *random)
{
    struct error err;
    struct wall now = instant_wall_now();
    struct token_record token = {
        .kind = ENTITY_USER,
        .owner = 1 + below(random, 3),
        .expires_at = {NOW_US * 4 + below(random, 10)}, /* far ahead of the clock */
        .is_session = below(random, 2),
    };
    token.hash[0] = (uint8_t)below(random, 3);
    if (below(random, 2))
        say_status(subject, "token put", OPS->token_put(SELF, &token, &err), &err);
    else
        say_status(subject, "token remove", OPS->token_remove(SELF, token.hash, &err), &err);
    uint8_t hash[32] = {(uint8_t)below(random, 3)};
    enum status status = OPS->token_get(SELF, hash, now, &token, &err);
    say_status(subject, "token", status, &err);
    if (!status)
        say(subject, "%d %" PRId64 " %" PRId64 " %d\n", (int)token.kind, token.owner,
            token.expires_at.us, token.is_session);
}

/* Who is meant by the filters that are drawn. */
static const char *const filters[] = {"",
                                      "#0 = \"zoe\"",
                                      "NOT #1 CONTAINS \"1\"",
                                      "Priority > 0 OR TopPriority = true",
                                      "State IN (\"waiting\", \"done\")",
                                      "Address ENDS WITH \"3\" AND Callable = true",
                                      "Attempts >= 1 OR LastResult = \"busy\"",
                                      "Agent = \"\" OR Disposition = \"#44\"",
                                      "TimeZone = \"\" OR AddressType = \"#0#2\"",
                                      "NOT (ContactId = \"A\" OR AddressState = \"failed\")"};

static void filter_campaign(struct subject *subject, struct random *random)
{
    struct error err;
    bool has_changed = false;
    struct campaign_id campaign = {7 + below(random, 2)};
    const char *text = filters[random_below(random, ARRAY_LEN(filters))];
    enum status status = OPS->campaign_filter_set(SELF, campaign, text, &has_changed, &err);
    say_status(subject, "filter", status, &err);
    say(subject, "%" PRId64 " %s %d\n", campaign.value, text, has_changed);
}

static void search_contacts(struct subject *subject, struct random *random)
{
    static const struct filter_columns by_position = {.count = 4};
    const char *text = filters[random_below(random, ARRAY_LEN(filters))];
    struct arena arena;
    struct filter filter;
    struct contact_found found;
    struct error err;
    arena_init(&arena);
    struct contact_search search = {
        .list = draw_list(random),
        .filter = &filter,
        .now = draw_now(random),
        .sort_count = (int32_t)below(random, 3),
        .sorts = {{(int16_t)below(random, 3), below(random, 2), below(random, 2)},
                  {1, below(random, 2), below(random, 2)}},
        .offset = below(random, 3),
        .limit = 1 + (int32_t)below(random, 8),
    };
    say_status(subject, "parse",
               filter_parse(text, strlen(text), &by_position, &arena, &filter, NULL, &err),
               &err);
    if (below(random, 4) == 0) {
        struct column_index index;
        say_status(subject, "index",
                   OPS->column_index(SELF, search.list, search.sorts[0].column,
                                     search.sorts[0].is_numeric, &index, &err),
                   &err);
    }
    enum status status = OPS->contacts_search(SELF, &search, &arena, &found, &err);
    say_status(subject, "search", status, &err);
    for (size_t i = 0; !status && i < found.count; i++)
        say_record(subject, &found.records[i]);
    struct contact_tally tally = {.looked_at = 0};
    while (!status && !tally.is_done)
        status = OPS->contacts_tally(SELF, search.list, &filter, search.now, &tally, &err);
    say(subject, "%s: %" PRId64 " of %" PRId64 "\n", text, tally.matched, tally.looked_at);
    arena_fini(&arena);
}

/* Draws nothing, so that a seed gives what it always gave. */
static void look_at_deleted(struct subject *subject, struct wall now)
{
    struct deleted_contact rows[5];
    size_t count = ARRAY_LEN(rows);
    struct error err;
    struct list_id list = {1 + now.us % 2};
    struct arena arena;
    arena_init(&arena);
    say_status(subject, "deleted",
               OPS->contacts_deleted(SELF, list, now.us % 3, &arena, rows, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        say(subject, " %" PRId64 " %" PRId64 " %d %s\n", rows[i].id.value, rows[i].at.us,
            (int)rows[i].actor.kind, rows[i].before);
    arena_fini(&arena);
    count = 2;
    if (now.us % 5 == 0)
        say_status(subject, "purge", OPS->contacts_purge(SELF, list, now, &count, &err), &err);
    say(subject, " %zu\n", count);
}

static void expire_contacts(struct subject *subject, struct random *random)
{
    struct contact_id ids[3];
    size_t count = 1 + (size_t)below(random, ARRAY_LEN(ids));
    struct error err;
    struct wall now = {NOW_US + below(random, 30) * US_PER_S};
    say_status(subject, "expired", OPS->contacts_expired(SELF, now, ids, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        say(subject, " %" PRId64, ids[i].value);
    if (count && below(random, 2))
        say_status(subject, "forget", OPS->contacts_forget(SELF, ids, count, &err), &err);
    look_at_deleted(subject, (struct wall){now.us + now.us / US_PER_S % 7});
}

void operate(struct subject *subject, struct random *random)
{
    switch (below(random, 18)) {
    case 0:
    case 1:
    case 2:
    case 3: write_contacts(subject, random); break;
    case 4:
    case 5: change_contacts(subject, random); break;
    case 6:
    case 7: read_contacts(subject, random); break;
    case 8:
    case 9: change_dnc(subject, random); break;
    case 10: read_entities(subject, random); break;
    case 11: use_tokens(subject, random); break;
    case 12: filter_campaign(subject, random); break;
    case 13:
    case 14: search_contacts(subject, random); break;
    case 15: expire_contacts(subject, random); break;
    default: change_entities(subject, random);
    }
}
