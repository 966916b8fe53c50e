#include "cli/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/server_client.h"

#define PATH_SIZE 512
#define PAGES_MAX 10000

enum status common_read(int *argc, char **argv, struct common_options *common,
                        struct error *err)
{
    *common = (struct common_options){.data = CLI_DATA_DEFAULT};
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            common->is_json = true;
        } else if (strcmp(argv[i], "--data") == 0) {
            if (i + 1 >= *argc)
                return error_set(err, STATUS_INVALID, "--data", "a directory is missing");
            common->data = argv[++i];
        } else {
            argv[kept++] = argv[i];
        }
    }
    *argc = kept;
    return STATUS_OK;
}

enum status list_all(const char *data, const char *path, json_t **entities, struct error *err)
{
    *entities = json_array();
    for (int page = 1; page <= PAGES_MAX; page++) {
        char url[PATH_SIZE];
        struct server_answer answer;
        snprintf(url, sizeof(url), "%s?pageSize=100&pageNumber=%d", path, page);
        enum status status = server_call(data, "GET", url, NULL, &answer, err);
        if (status == STATUS_OK)
            json_array_extend(*entities, json_object_get(answer.body, "entities"));
        int64_t pages = json_integer_value(json_object_get(answer.body, "pageCount"));
        json_decref(answer.body);
        if (status != STATUS_OK) {
            json_decref(*entities);
            *entities = NULL;
            return status;
        }
        if (page >= pages)
            break;
    }
    return STATUS_OK;
}

enum status find_id(const char *data, const char *path, const char *key, const char *name,
                    char **id, struct error *err)
{
    json_t *entities, *one;
    size_t i;
    *id = NULL;
    enum status status = list_all(data, path, &entities, err);
    if (status != STATUS_OK)
        return status;
    json_array_foreach(entities, i, one)
    {
        const char *found = json_string_value(json_object_get(one, key));
        const char *guid = json_string_value(json_object_get(one, "id"));
        if (found && guid && !*id && strcmp(found, name) == 0)
            *id = memory_text(guid, strlen(guid));
    }
    json_decref(entities);
    return *id ? STATUS_OK
               : error_set(err, STATUS_NOT_FOUND, "", "there is none of the name \"%.80s\"",
                           name);
}

void print_json(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    puts(text ? text : "null");
    free(text);
}
