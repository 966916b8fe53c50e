/* campaign.c -- `cadran campaign`: list, start, stop, recycle and watch campaigns. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/server_client.h"

#define USAGE                                                                                  \
    "cadran campaign list | start NAME | stop NAME | recycle NAME | show NAME [--data DIR] "   \
    "[--json]"
#define CAMPAIGNS "/api/v2/outbound/campaigns"

static int list(const struct common_options *common)
{
    json_t *entities, *one;
    struct error err;
    size_t i;
    if (list_all(common->data, CAMPAIGNS, &entities, &err) != STATUS_OK)
        return cli_fail("campaign", &err);
    json_array_foreach(entities, i, one) if (!common->is_json)
        printf("%-10s %-12s %s\n", json_string_value(json_object_get(one, "campaignStatus")),
               json_string_value(json_object_get(one, "dialingMode")),
               json_string_value(json_object_get(one, "name")));
    if (common->is_json)
        print_json(entities);
    json_decref(entities);
    return CLI_DONE;
}

static enum status act(const struct common_options *common, const char *verb, const char *id,
                       struct server_answer *answer, struct error *err)
{
    char path[256];
    if (strcmp(verb, "show") == 0) {
        snprintf(path, sizeof(path), "/api/cadran/v1/campaigns/%s/live", id);
        return server_call(common->data, "GET", path, NULL, answer, err);
    }
    if (strcmp(verb, "recycle") == 0) {
        snprintf(path, sizeof(path), CAMPAIGNS "/%s/progress", id);
        return server_call(common->data, "DELETE", path, NULL, answer, err);
    }
    snprintf(path, sizeof(path), CAMPAIGNS "/%s/%s", id, verb);
    return server_call(common->data, "POST", path, NULL, answer, err);
}

static int change(const struct common_options *common, const char *verb, const char *name)
{
    char *id;
    struct error err;
    struct server_answer answer = {0};
    enum status status = find_id(common->data, CAMPAIGNS, "name", name, &id, &err);
    if (status == STATUS_OK)
        status = act(common, verb, id, &answer, &err);
    free(id);
    if (status == STATUS_OK && answer.body && (common->is_json || strcmp(verb, "show") == 0))
        print_json(answer.body);
    else if (status == STATUS_OK)
        printf("%s: %s\n", name, verb);
    json_decref(answer.body);
    return status == STATUS_OK ? CLI_DONE : cli_fail("campaign", &err);
}

int cli_campaign(int argc, char **argv)
{
    static const char *const verbs[] = {"start", "stop", "recycle", "show"};
    struct common_options common;
    struct error err;
    if (cli_helps(argc, argv, USAGE))
        return CLI_DONE;
    if (common_read(&argc, argv, &common, &err) != STATUS_OK) {
        cli_fail("campaign", &err);
        return CLI_WRONG_USAGE;
    }
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list(&common);
    for (size_t i = 0; argc == 3 && i < ARRAY_LEN(verbs); i++)
        if (strcmp(argv[1], verbs[i]) == 0)
            return change(&common, verbs[i], argv[2]);
    return cli_usage(USAGE);
}
