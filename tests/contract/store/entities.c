/* Configuration: versions, names, references, pages; secrets, tokens, keys, zone sets. */
#include "suite.h"

static int64_t create(struct fixture *f, enum entity_kind kind, const char *name, int64_t at_s)
{
    int64_t id = 0;
    OK(OPS->entity_create(SELF, kind, name, "{}", NULL, 0, (struct wall){at_s * US_PER_S}, &id,
                          &f->err));
    return id;
}

static void keeps_a_document_and_its_version(void **state)
{
    struct fixture *f = *state;
    int64_t id = create(f, ENTITY_CAMPAIGN, "Relance", 10);
    OK(OPS->entity_update(SELF, ENTITY_CAMPAIGN, id, 1, "Relance 2", "{\"a\":1}", NULL, 0,
                          (struct wall){20 * US_PER_S}, &f->err));
    struct entity entity;
    OK(OPS->entity_get(SELF, ENTITY_CAMPAIGN, id, &f->arena, &entity, &f->err));
    assert_int_equal(entity.version, 2);
    assert_string_equal(entity.name, "Relance 2");
    assert_string_equal(entity.document, "{\"a\":1}");
    assert_int_equal(entity.created_at.us, 10 * US_PER_S);
    assert_int_equal(entity.modified_at.us, 20 * US_PER_S);
}

static void refuses_a_stale_version_and_says_which(void **state)
{
    struct fixture *f = *state;
    int64_t id = create(f, ENTITY_QUEUE, "Accueil", 1);
    OK(OPS->entity_update(SELF, ENTITY_QUEUE, id, 1, "Accueil", "{}", NULL, 0, NOW, &f->err));
    assert_int_equal(OPS->entity_update(SELF, ENTITY_QUEUE, id, 1, "Accueil", "{\"x\":1}", NULL,
                                        0, NOW, &f->err),
                     STATUS_STALE);
    assert_non_null(strstr(f->err.text, "is at version 2, not 1"));
    struct entity entity;
    OK(OPS->entity_get(SELF, ENTITY_QUEUE, id, &f->arena, &entity, &f->err));
    assert_string_equal(entity.document, "{}");
}

static void does_not_find_what_is_of_another_kind(void **state)
{
    struct fixture *f = *state;
    int64_t id = create(f, ENTITY_QUEUE, "Accueil", 1);
    struct entity entity;
    assert_int_equal(OPS->entity_get(SELF, ENTITY_USER, id, &f->arena, &entity, &f->err),
                     STATUS_NOT_FOUND);
    assert_int_equal(
        OPS->entity_update(SELF, ENTITY_USER, id, 1, "x", "{}", NULL, 0, NOW, &f->err),
        STATUS_NOT_FOUND);
    assert_int_equal(OPS->entity_remove(SELF, ENTITY_USER, id, NULL, NULL, &f->err),
                     STATUS_NOT_FOUND);
}

static void keeps_names_unique_without_case_within_a_kind(void **state)
{
    struct fixture *f = *state;
    int64_t first = create(f, ENTITY_CAMPAIGN, "Été Lyon", 1);
    int64_t id;
    assert_int_equal(
        OPS->entity_create(SELF, ENTITY_CAMPAIGN, "éTÉ LYON", "{}", NULL, 0, NOW, &id, &f->err),
        STATUS_CONFLICT);
    assert_string_equal(f->err.path, "name");
    create(f, ENTITY_QUEUE, "Été Lyon", 1);
    create(f, ENTITY_CAMPAIGN, "Ete Lyon", 1);
    OK(OPS->entity_update(SELF, ENTITY_CAMPAIGN, first, 1, "ÉTÉ lyon", "{}", NULL, 0, NOW,
                          &f->err));
    struct entity entity;
    OK(OPS->entity_find(SELF, ENTITY_CAMPAIGN, "été LYON", &f->arena, &entity, &f->err));
    assert_int_equal(entity.id, first);
    assert_int_equal(
        OPS->entity_find(SELF, ENTITY_CAMPAIGN, "Lyon", &f->arena, &entity, &f->err),
        STATUS_NOT_FOUND);
}

static void refuses_an_empty_name(void **state)
{
    struct fixture *f = *state;
    int64_t id;
    assert_int_equal(
        OPS->entity_create(SELF, ENTITY_CAMPAIGN, "", "{}", NULL, 0, NOW, &id, &f->err),
        STATUS_INVALID);
    assert_string_equal(f->err.path, "name");
}

static void refuses_a_dangling_reference(void **state)
{
    struct fixture *f = *state;
    struct entity_ref ref = {ENTITY_CONTACT_LIST, 99};
    int64_t id;
    assert_int_equal(
        OPS->entity_create(SELF, ENTITY_CAMPAIGN, "A", "{}", &ref, 1, NOW, &id, &f->err),
        STATUS_INVALID);
    assert_non_null(strstr(f->err.text, "contact list 99"));
    struct entity entity;
    assert_int_equal(OPS->entity_find(SELF, ENTITY_CAMPAIGN, "A", &f->arena, &entity, &f->err),
                     STATUS_NOT_FOUND);
}

static void names_the_users_of_what_is_in_use(void **state)
{
    struct fixture *f = *state;
    int64_t list = create(f, ENTITY_CONTACT_LIST, "Clients", 1);
    struct entity_ref ref = {ENTITY_CONTACT_LIST, list};
    int64_t first, second;
    OK(OPS->entity_create(SELF, ENTITY_CAMPAIGN, "A", "{}", &ref, 1, NOW, &first, &f->err));
    OK(OPS->entity_create(SELF, ENTITY_CAMPAIGN, "B", "{}", &ref, 1, NOW, &second, &f->err));
    struct entity_ref users[1];
    size_t count = 1;
    assert_int_equal(
        OPS->entity_remove(SELF, ENTITY_CONTACT_LIST, list, users, &count, &f->err),
        STATUS_CONFLICT);
    assert_int_equal(count, 1);
    assert_int_equal(users[0].id, first);
    assert_non_null(strstr(f->err.text, "\"Clients\" is in use by campaign \"A\" and 1 more"));
    struct entity_ref *all;
    OK(OPS->entity_users(SELF, ENTITY_CONTACT_LIST, list, &f->arena, &all, &count, &f->err));
    assert_int_equal(count, 2);
    /* Whoever lets go of it frees it: by an update, by being removed. */
    OK(OPS->entity_update(SELF, ENTITY_CAMPAIGN, first, 1, "A", "{}", NULL, 0, NOW, &f->err));
    OK(OPS->entity_remove(SELF, ENTITY_CAMPAIGN, second, NULL, NULL, &f->err));
    OK(OPS->entity_remove(SELF, ENTITY_CONTACT_LIST, list, NULL, NULL, &f->err));
}

static void pages_by_name_and_by_date(void **state)
{
    struct fixture *f = *state;
    create(f, ENTITY_USER, "bruno", 30);
    create(f, ENTITY_USER, "Alice", 20);
    create(f, ENTITY_USER, "Chloé", 10);
    create(f, ENTITY_QUEUE, "Aa", 5);
    struct entity_query query = {.kind = ENTITY_USER, .limit = 2};
    struct entity_page page;
    OK(OPS->entity_list(SELF, &query, &f->arena, &page, &f->err));
    assert_int_equal(page.total, 3);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.entities[0].name, "Alice");
    assert_string_equal(page.entities[1].name, "bruno");
    query.offset = 2;
    OK(OPS->entity_list(SELF, &query, &f->arena, &page, &f->err));
    assert_int_equal(page.count, 1);
    assert_string_equal(page.entities[0].name, "Chloé");
    query = (struct entity_query){
        .kind = ENTITY_USER, .limit = 9, .is_by_date = true, .is_descending = true};
    OK(OPS->entity_list(SELF, &query, &f->arena, &page, &f->err));
    assert_string_equal(page.entities[0].name, "bruno");
    assert_string_equal(page.entities[2].name, "Chloé");
}

static void matches_names_without_case_and_without_wildcards(void **state)
{
    struct fixture *f = *state;
    create(f, ENTITY_USER, "Zoé Élan", 1);
    create(f, ENTITY_USER, "100% Sûr", 1);
    create(f, ENTITY_USER, "1000 Bornes", 1);
    struct {
        enum name_match match;
        const char *name;
        int64_t total;
    } cases[] = {
        {NAME_CONTAINS, "ÉLAN", 1}, {NAME_CONTAINS, "100%", 1},   {NAME_PREFIX, "100", 2},
        {NAME_PREFIX, "élan", 0},   {NAME_EQUALS, "zoÉ éLAN", 1}, {NAME_EQUALS, "zoé", 0},
        {NAME_CONTAINS, "_", 0},    {NAME_PREFIX, "", 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct entity_query query = {
            .kind = ENTITY_USER, .match = cases[i].match, .name = cases[i].name, .limit = 10};
        struct entity_page page;
        OK(OPS->entity_list(SELF, &query, &f->arena, &page, &f->err));
        assert_int_equal(page.total, cases[i].total);
        assert_int_equal(page.count, cases[i].total);
    }
}

static void never_gives_an_id_twice(void **state)
{
    struct fixture *f = *state;
    int64_t first = create(f, ENTITY_USER, "a", 1);
    OK(OPS->entity_remove(SELF, ENTITY_USER, first, NULL, NULL, &f->err));
    assert_true(create(f, ENTITY_USER, "a", 1) > first);
}

static void keeps_secrets_apart_until_their_owner_goes(void **state)
{
    struct fixture *f = *state;
    int64_t user = create(f, ENTITY_USER, "a", 1);
    const char *secret;
    OK(OPS->secret_get(SELF, ENTITY_USER, user, &f->arena, &secret, &f->err));
    assert_string_equal(secret, "");
    OK(OPS->secret_set(SELF, ENTITY_USER, user, "one", &f->err));
    OK(OPS->secret_set(SELF, ENTITY_USER, user, "$argon2id$two", &f->err));
    OK(OPS->secret_get(SELF, ENTITY_USER, user, &f->arena, &secret, &f->err));
    assert_string_equal(secret, "$argon2id$two");
    assert_int_equal(OPS->secret_set(SELF, ENTITY_USER, user + 1, "x", &f->err),
                     STATUS_NOT_FOUND);
    OK(OPS->entity_remove(SELF, ENTITY_USER, user, NULL, NULL, &f->err));
    OK(OPS->secret_get(SELF, ENTITY_USER, user, &f->arena, &secret, &f->err));
    assert_string_equal(secret, "");
}

static void forgets_tokens_when_they_expire_or_are_removed(void **state)
{
    struct fixture *f = *state;
    /* Later than the system's clock, which may sweep what expired. */
    struct wall later = {instant_wall_now().us + MINUTE};
    struct token_record token = {
        .hash = {1, 2, 3}, .kind = ENTITY_CLIENT, .owner = 4, .expires_at = later};
    struct token_record found;
    OK(OPS->token_put(SELF, &token, &f->err));
    OK(OPS->token_get(SELF, token.hash, NOW, &found, &f->err));
    assert_int_equal(found.owner, 4);
    assert_int_equal(found.kind, ENTITY_CLIENT);
    assert_int_equal(OPS->token_get(SELF, token.hash, later, &found, &f->err),
                     STATUS_NOT_FOUND);
    OK(OPS->token_remove(SELF, token.hash, &f->err));
    assert_int_equal(OPS->token_get(SELF, token.hash, NOW, &found, &f->err), STATUS_NOT_FOUND);
}

static void makes_a_key_once(void **state)
{
    struct fixture *f = *state;
    uint8_t first[32], again[32], other[32];
    OK(OPS->key_get(SELF, "guid", first, &f->err));
    OK(OPS->key_get(SELF, "guid", again, &f->err));
    OK(OPS->key_get(SELF, "cookie", other, &f->err));
    assert_memory_equal(first, again, sizeof(first));
    assert_memory_not_equal(first, other, sizeof(first));
}

static void interns_zone_sets_by_name(void **state)
{
    struct fixture *f = *state;
    struct zone zones[] = {{.name = "America/Cayenne"}, {.name = "Europe/Paris"}};
    struct zone_table table = {zones, 2};
    struct zone_set both = {.count = 2, .zones = {0, 1}};
    struct zone_set paris = {.count = 1, .zones = {1}}, empty = {.count = 0};
    OK(OPS->zone_set_intern(SELF, &table, &both, &f->err));
    OK(OPS->zone_set_intern(SELF, &table, &paris, &f->err));
    OK(OPS->zone_set_intern(SELF, &table, &empty, &f->err));
    assert_int_equal(empty.id.value, 0);
    assert_int_not_equal(both.id.value, paris.id.value);
    /* The system's tzdata grew: indices move, ids stay. */
    struct zone grown[] = {
        {.name = "Africa/Tunis"}, {.name = "America/Cayenne"}, {.name = "Europe/Paris"}};
    struct zone_table later = {grown, 3};
    struct zone_set again = {.count = 1, .zones = {2}};
    OK(OPS->zone_set_intern(SELF, &later, &again, &f->err));
    assert_int_equal(again.id.value, paris.id.value);
    struct zone_set *sets;
    size_t count;
    OK(OPS->zone_sets_list(SELF, &later, &f->arena, &sets, &count, &f->err));
    assert_int_equal(count, 2);
    assert_int_equal(sets[0].id.value, both.id.value);
    assert_int_equal(sets[0].count, 2);
    assert_int_equal(sets[0].zones[0], 1);
    assert_int_equal(sets[0].zones[1], 2);
}

const struct CMUnitTest entity_tests[] = {
    TEST(keeps_a_document_and_its_version),
    TEST(refuses_a_stale_version_and_says_which),
    TEST(does_not_find_what_is_of_another_kind),
    TEST(keeps_names_unique_without_case_within_a_kind),
    TEST(refuses_an_empty_name),
    TEST(refuses_a_dangling_reference),
    TEST(names_the_users_of_what_is_in_use),
    TEST(pages_by_name_and_by_date),
    TEST(matches_names_without_case_and_without_wildcards),
    TEST(never_gives_an_id_twice),
    TEST(keeps_secrets_apart_until_their_owner_goes),
    TEST(forgets_tokens_when_they_expire_or_are_removed),
    TEST(makes_a_key_once),
    TEST(interns_zone_sets_by_name),
};
const size_t entity_test_count = ARRAY_LEN(entity_tests);
