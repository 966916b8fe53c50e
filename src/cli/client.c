/* client.c -- `cadran client`: programs that use the API with OAuth client credentials. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/server_client.h"

#define USAGE "cadran client list | add NAME | remove NAME [--data DIR] [--json]"
#define CLIENTS "/api/v2/oauth/clients"

static int list(const struct common_options *common)
{
    json_t *entities, *one;
    struct error err;
    size_t i;
    if (list_all(common->data, CLIENTS, &entities, &err) != STATUS_OK)
        return cli_fail("client", &err);
    json_array_foreach(entities, i, one) if (!common->is_json)
        printf("%s  %s\n", json_string_value(json_object_get(one, "id")),
               json_string_value(json_object_get(one, "name")));
    if (common->is_json)
        print_json(entities);
    json_decref(entities);
    return CLI_DONE;
}

static int add(const struct common_options *common, const char *name)
{
    struct error err;
    struct server_answer answer;
    json_t *body = json_pack("{s:s}", "name", name);
    enum status status = server_call(common->data, "POST", CLIENTS, body, &answer, &err);
    json_decref(body);
    if (status == STATUS_OK && common->is_json)
        print_json(answer.body);
    else if (status == STATUS_OK)
        printf("id %s\nsecret %s   (shown once)\n",
               json_string_value(json_object_get(answer.body, "id")),
               json_string_value(json_object_get(answer.body, "secret")));
    json_decref(answer.body);
    return status == STATUS_OK ? CLI_DONE : cli_fail("client", &err);
}

static int remove_client(const struct common_options *common, const char *name)
{
    char path[256], *id;
    struct error err;
    struct server_answer answer = {0};
    enum status status = find_id(common->data, CLIENTS, "name", name, &id, &err);
    if (status == STATUS_OK) {
        snprintf(path, sizeof(path), CLIENTS "/%s", id);
        status = server_call(common->data, "DELETE", path, NULL, &answer, &err);
    }
    free(id);
    json_decref(answer.body);
    if (status != STATUS_OK)
        return cli_fail("client", &err);
    if (!common->is_json)
        printf("removed %s\n", name);
    return CLI_DONE;
}

int cli_client(int argc, char **argv)
{
    struct common_options common;
    struct error err;
    if (cli_helps(argc, argv, USAGE))
        return CLI_DONE;
    if (common_read(&argc, argv, &common, &err) != STATUS_OK) {
        cli_fail("client", &err);
        return CLI_WRONG_USAGE;
    }
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list(&common);
    if (argc == 3 && strcmp(argv[1], "add") == 0)
        return add(&common, argv[2]);
    if (argc == 3 && strcmp(argv[1], "remove") == 0)
        return remove_client(&common, argv[2]);
    return cli_usage(USAGE);
}
