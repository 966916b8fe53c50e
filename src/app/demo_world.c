#include "app/demo_world.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/listing.h"
#include "cli/server_client.h"

#define PATH_SIZE 320

static const char *const first_names[] = {"Camille", "Louis", "Inès",  "Hugo",
                                          "Zoé",     "Élise", "Mehdi", "Jeanne",
                                          "Oscar",   "Fatou", "Lucie", "Noël"};
static const char *const last_names[] = {"Martin",  "Bernard", "Dubois",   "Lefèvre",
                                         "Moreau",  "Girard",  "Roux",     "Faure",
                                         "N'Diaye", "Garnier", "Chevalier"};
static const char *const cities[] = {"Lyon",  "Paris", "Nantes", "Besançon", "Lille",
                                     "Brest", "Tours", "Nîmes",  "Metz"};
/* First digits of French landlines and mobiles that exist. */
static const char *const prefixes[] = {"014223", "044210", "024036", "038150", "032045",
                                       "061234", "062345", "063456", "078123"};

static void draw_password(char text[33])
{
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(text, 33, bytes, sizeof(bytes));
}

void demo_world_init(struct demo_world *world)
{
    if (sodium_init() < 0)
        abort(); /* no source of randomness: nothing may start */
    draw_password(world->phone_password);
    draw_password(world->agent_password);
}

/* Creates a thing and gives its id. Takes `body`. */
static enum status create(const struct demo_world *world, const char *path, json_t *body,
                          char id[64], struct error *err)
{
    struct server_answer answer;
    enum status status = server_call(world->data, "POST", path, body, &answer, err);
    const char *made = json_string_value(json_object_get(answer.body, "id"));
    if (id)
        snprintf(id, 64, "%s", made ? made : "");
    if (status != STATUS_OK)
        error_prefix(err, path);
    json_decref(body);
    json_decref(answer.body);
    return status;
}

/* Changes fields of an extension resource. Takes `fields`. */
static enum status extend(const struct demo_world *world, const char *path, json_t *fields,
                          struct error *err)
{
    struct server_answer answer;
    enum status status = server_call(world->data, "GET", path, NULL, &answer, err);
    if (status == STATUS_OK) {
        json_t *body = answer.body;
        json_object_update(body, fields);
        status = server_call(world->data, "PUT", path, body, &answer, err);
        json_decref(body);
    }
    if (status != STATUS_OK)
        error_prefix(err, path);
    json_decref(fields);
    json_decref(answer.body);
    return status;
}

static json_t *reference(const char *id)
{
    return json_pack("{s:s}", "id", id);
}

/* One agent: a user with a phone. */
static enum status make_agent(const struct demo_world *world, int32_t n, char user_id[64],
                              struct error *err)
{
    char name[64], email[64], user[64], phone_id[64], path[PATH_SIZE];
    snprintf(name, sizeof(name), "%s %s", first_names[(size_t)n % ARRAY_LEN(first_names)],
             last_names[(size_t)n * 5 % ARRAY_LEN(last_names)]);
    snprintf(email, sizeof(email), DEMO_AGENT_EMAIL, (int)n + 1);
    snprintf(user, sizeof(user), DEMO_PHONE_USER, (int)n + 1);
    enum status status = create(world, "/api/cadran/v1/phones",
                                json_pack("{s:s,s:s,s:s}", "name", user, "user", user,
                                          "password", world->phone_password),
                                phone_id, err);
    if (status == STATUS_OK)
        status = create(world, "/api/v2/users",
                        json_pack("{s:s,s:s,s:s}", "name", name, "email", email, "password",
                                  world->agent_password),
                        user_id, err);
    snprintf(path, sizeof(path), "/api/cadran/v1/users/%s", user_id);
    if (status == STATUS_OK)
        status = extend(
            world, path,
            json_pack("{s:[s],s:o}", "roles", "agent", "phone", reference(phone_id)), err);
    return status;
}

static enum status make_queue(const struct demo_world *world, char queue_id[64],
                              struct error *err)
{
    char path[PATH_SIZE];
    enum status status =
        create(world, "/api/v2/routing/queues",
               json_pack("{s:s,s:{s:s,s:i}}", "name", "Conseillers", "acwSettings",
                         "wrapupPrompt", "MANDATORY_TIMEOUT", "timeoutMs", 15000),
               queue_id, err);
    json_t *members = json_array();
    for (int32_t n = 0; status == STATUS_OK && n < world->agents; n++) {
        char user_id[64];
        status = make_agent(world, n, user_id, err);
        json_array_append_new(members, reference(user_id));
    }
    snprintf(path, sizeof(path), "/api/v2/routing/queues/%s/members", queue_id);
    struct server_answer answer = {0};
    if (status == STATUS_OK)
        status = server_call(world->data, "POST", path, members, &answer, err);
    json_decref(answer.body);
    json_decref(members);
    return status;
}

static enum status make_codes(const struct demo_world *world, struct error *err)
{
    static const struct {
        const char *name, *flag, *means;
    } codes[] = {
        {"Vente", "RIGHT_PARTY_CONTACT", "none"},
        {"Pas intéressé", "RIGHT_PARTY_CONTACT", "none"},
        {"Mauvais numéro", "NUMBER_UNCALLABLE", "none"},
        {"Répondeur", NULL, "machine"},
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < ARRAY_LEN(codes); i++) {
        char id[64], path[PATH_SIZE];
        status = create(world, "/api/v2/routing/wrapupcodes",
                        json_pack("{s:s}", "name", codes[i].name), id, err);
        snprintf(path, sizeof(path), "/api/cadran/v1/wrapupcodes/%s", id);
        json_t *flags = json_array();
        if (codes[i].flag)
            json_array_append_new(flags, json_string(codes[i].flag));
        json_t *fields = json_pack("{s:o,s:s}", "flags", flags, "means", codes[i].means);
        if (status == STATUS_OK)
            status = extend(world, path, fields, err);
        else
            json_decref(fields);
    }
    return status;
}

/* The sample file: semicolons and accents, as French spreadsheets write them. Some numbers are
 * wrong or come twice, so that there is something to refuse. */
static enum status write_contacts(const struct demo_world *world, const char *path,
                                  struct error *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return error_set(err, STATUS_UNAVAILABLE, path, "%s", strerror(errno));
    struct random random;
    random_init(&random, world->seed);
    fputs("Prénom;Nom;Ville;Échéance;Téléphone\n", file);
    for (int32_t i = 0; i < world->contacts; i++) {
        const char *prefix = prefixes[random_below(&random, ARRAY_LEN(prefixes))];
        fprintf(file, "%s;%s;%s;2026-%02d-%02d;%s%04d\n",
                first_names[random_below(&random, ARRAY_LEN(first_names))],
                last_names[random_below(&random, ARRAY_LEN(last_names))],
                cities[random_below(&random, ARRAY_LEN(cities))],
                1 + (int)random_below(&random, 12), 1 + (int)random_below(&random, 28), prefix,
                (int)(i % 10000));
    }
    fputs("Test;Faux;Lyon;2026-01-01;pas un numéro\n", file);
    if (fclose(file) != 0)
        return error_set(err, STATUS_UNAVAILABLE, path, "%s", strerror(errno));
    return STATUS_OK;
}

static enum status wait_for_import(const struct demo_world *world, const char *list_id,
                                   struct error *err)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "/api/v2/outbound/contactlists/%s/importstatus", list_id);
    for (;;) {
        struct server_answer answer;
        enum status status = server_call(world->data, "GET", path, NULL, &answer, err);
        const char *state = json_string_value(json_object_get(answer.body, "state"));
        bool is_over = status != STATUS_OK || !state || strcmp(state, "IN_PROGRESS") != 0;
        if (state && strcmp(state, "FAILED") == 0)
            status =
                error_set(err, STATUS_INVALID, "import", "%s",
                          json_string_value(json_object_get(answer.body, "failureReason")));
        json_decref(answer.body);
        if (is_over)
            return status;
        usleep(50000);
    }
}

static enum status import_contacts(const struct demo_world *world, const char *list_id,
                                   struct error *err)
{
    char file[PATH_SIZE];
    snprintf(file, sizeof(file), "%s/spool/1", world->data);
    enum status status = write_contacts(world, file, err);
    struct server_answer answer = {0};
    json_t *body = json_pack("{s:s,s:s,s:s}", "fileName", "demo.csv", "contentType", "text/csv",
                             "id", list_id);
    if (status == STATUS_OK)
        status = server_call(world->data, "POST", "/api/v2/outbound/contactlists/uploads", body,
                             &answer, err);
    json_decref(body);
    const char *url = json_string_value(json_object_get(answer.body, "url"));
    const char *path = url ? strstr(url, "/uploads/") : NULL;
    if (status == STATUS_OK && !path)
        status = error_set(err, STATUS_UNAVAILABLE, "uploads", "no upload address was given");
    if (status == STATUS_OK) {
        struct server_answer done;
        status = server_call_file(world->data, "PUT", path, file, &done, err);
        json_decref(done.body);
    }
    json_decref(answer.body);
    unlink(file);
    return status == STATUS_OK ? wait_for_import(world, list_id, err) : status;
}

static enum status make_list(const struct demo_world *world, char list_id[64],
                             struct error *err)
{
    char limits_id[64];
    enum status status =
        create(world, "/api/v2/outbound/attemptlimits",
               json_pack("{s:s,s:i,s:s,s:{s:{s:i,s:i},s:{s:i,s:i},s:{s:i,s:i}}}", "name",
                         "Trois essais", "maxAttemptsPerContact", 4, "resetPeriod", "NEVER",
                         "recallEntries", "busy", "nbrAttempts", 2, "minutesBetweenAttempts", 5,
                         "noAnswer", "nbrAttempts", 1, "minutesBetweenAttempts", 10,
                         "answeringMachine", "nbrAttempts", 1, "minutesBetweenAttempts", 15),
               limits_id, err);
    if (status == STATUS_OK)
        status = create(world, "/api/v2/outbound/contactlists",
                        json_pack("{s:s,s:[s,s,s,s,s],s:[{s:s,s:s}],s:o,s:b}", "name",
                                  "Abonnés", "columnNames", "Prénom", "Nom", "Ville",
                                  "Échéance", "Téléphone", "phoneColumns", "columnName",
                                  "Téléphone", "type", "Home", "attemptLimits",
                                  reference(limits_id), "automaticTimeZoneMapping", 1),
                        list_id, err);
    return status == STATUS_OK ? import_contacts(world, list_id, err) : status;
}

static enum status make_trunk(const struct demo_world *world, char trunk_id[64],
                              struct error *err)
{
    return create(world, "/api/cadran/v1/trunks",
                  json_pack("{s:s,s:s,s:i}", "name", "Opérateur simulé", "host", "127.0.0.1",
                            "port", world->carrier_port),
                  trunk_id, err);
}

enum status demo_world_make(const struct demo_world *world, struct error *err)
{
    char trunk_id[64], queue_id[64], list_id[64];
    enum status status = make_trunk(world, trunk_id, err);
    if (status == STATUS_OK)
        status = make_codes(world, err);
    if (status == STATUS_OK)
        status = make_queue(world, queue_id, err);
    if (status == STATUS_OK)
        status = make_list(world, list_id, err);
    if (status == STATUS_OK)
        status = create(world, "/api/v2/outbound/campaigns",
                        json_pack("{s:s,s:s,s:o,s:o,s:o,s:[{s:s}],s:s,s:s,s:i}", "name",
                                  DEMO_CAMPAIGN, "dialingMode", "progressive", "contactList",
                                  reference(list_id), "queue", reference(queue_id), "site",
                                  reference(trunk_id), "phoneColumns", "columnName",
                                  "Téléphone", "callerName", "Cadran", "callerAddress",
                                  "+33123456789", "noAnswerTimeout", 20),
                        NULL, err);
    return status;
}

enum status demo_world_start(const struct demo_world *world, struct error *err)
{
    char *id, path[PATH_SIZE];
    struct server_answer answer = {0};
    enum status status =
        find_id(world->data, "/api/v2/outbound/campaigns", "name", DEMO_CAMPAIGN, &id, err);
    if (status != STATUS_OK)
        return status;
    snprintf(path, sizeof(path), "/api/v2/outbound/campaigns/%s/start", id);
    free(id);
    status = server_call(world->data, "POST", path, NULL, &answer, err);
    json_decref(answer.body);
    return status;
}
