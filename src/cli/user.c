/* user.c -- `cadran user`: people who log in, from the machine that runs the server. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/server_client.h"

#define USAGE                                                                                  \
    "cadran user list | add EMAIL [--name NAME] [--role ROLE]... | password EMAIL | remove "   \
    "EMAIL "                                                                                   \
    "[--data DIR] [--json]   (the password is read from standard input)"
#define USERS "/api/v2/users"
#define PASSWORD_MAX 512

/* One line of standard input, without echo at a terminal. */
static bool read_password(char password[PASSWORD_MAX])
{
    struct termios before, quiet;
    bool is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    if (is_terminal) {
        fputs("password: ", stderr);
        quiet = before;
        quiet.c_lflag &= (tcflag_t)~ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    bool is_read = fgets(password, PASSWORD_MAX, stdin) != NULL;
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    if (is_read)
        password[strcspn(password, "\r\n")] = '\0';
    return is_read && password[0];
}

static int list(const struct common_options *common)
{
    json_t *entities, *one;
    struct error err;
    size_t i;
    if (list_all(common->data, USERS, &entities, &err) != STATUS_OK)
        return cli_fail("user", &err);
    json_array_foreach(entities, i, one) if (!common->is_json)
        printf("%-40s %s\n", json_string_value(json_object_get(one, "email")),
               json_string_value(json_object_get(one, "name")));
    if (common->is_json)
        print_json(entities);
    json_decref(entities);
    return CLI_DONE;
}

/* Adds the roles to a new user's extension. */
static enum status set_roles(const struct common_options *common, const char *id, json_t *roles,
                             struct error *err)
{
    char path[256];
    struct server_answer answer;
    snprintf(path, sizeof(path), "/api/cadran/v1/users/%s", id);
    enum status status = server_call(common->data, "GET", path, NULL, &answer, err);
    if (status == STATUS_OK) {
        json_t *body = answer.body;
        json_object_set(body, "roles", roles);
        status = server_call(common->data, "PUT", path, body, &answer, err);
        json_decref(body);
    }
    json_decref(answer.body);
    return status;
}

static int add(int argc, char **argv, const struct common_options *common)
{
    static const struct option known[] = {{"name", required_argument, NULL, 'n'},
                                          {"role", required_argument, NULL, 'r'},
                                          {NULL, 0, NULL, 0}};
    const char *name = argv[1];
    json_t *roles = json_array();
    int option;
    optind = 2;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'n')
            name = optarg;
        else if (option == 'r')
            json_array_append_new(roles, json_string(optarg));
        else {
            json_decref(roles);
            return cli_usage(USAGE);
        }
    }
    if (!json_array_size(roles))
        json_array_append_new(roles, json_string("agent"));
    char password[PASSWORD_MAX];
    struct error err = {0};
    struct server_answer answer = {0};
    enum status status = STATUS_OK;
    if (!read_password(password))
        status = error_set(&err, STATUS_INVALID, "password", "give one line on standard input");
    json_t *body =
        json_pack("{s:s,s:s,s:s}", "name", name, "email", argv[1], "password", password);
    memset(password, 0, sizeof(password));
    if (status == STATUS_OK)
        status = server_call(common->data, "POST", USERS, body, &answer, &err);
    if (status == STATUS_OK)
        status = set_roles(common, json_string_value(json_object_get(answer.body, "id")), roles,
                           &err);
    if (status == STATUS_OK && common->is_json)
        print_json(answer.body);
    else if (status == STATUS_OK)
        printf("added %s\n", argv[1]);
    json_decref(body);
    json_decref(answer.body);
    json_decref(roles);
    return status == STATUS_OK ? CLI_DONE : cli_fail("user", &err);
}

static int change(const struct common_options *common, const char *email, bool removes)
{
    char path[256], password[PASSWORD_MAX], *id;
    struct error err = {0};
    struct server_answer answer = {0};
    enum status status = find_id(common->data, USERS, "email", email, &id, &err);
    if (status == STATUS_OK && removes) {
        snprintf(path, sizeof(path), USERS "/%s", id);
        status = server_call(common->data, "DELETE", path, NULL, &answer, &err);
    } else if (status == STATUS_OK) {
        snprintf(path, sizeof(path), USERS "/%s/password", id);
        if (!read_password(password))
            status =
                error_set(&err, STATUS_INVALID, "password", "give one line on standard input");
        json_t *body = json_pack("{s:s}", "newPassword", password);
        memset(password, 0, sizeof(password));
        if (status == STATUS_OK)
            status = server_call(common->data, "POST", path, body, &answer, &err);
        json_decref(body);
    }
    free(id);
    json_decref(answer.body);
    if (status != STATUS_OK)
        return cli_fail("user", &err);
    if (!common->is_json)
        printf("%s %s\n", removes ? "removed" : "changed the password of", email);
    return CLI_DONE;
}

int cli_user(int argc, char **argv)
{
    struct common_options common;
    struct error err;
    if (cli_helps(argc, argv, USAGE))
        return CLI_DONE;
    if (common_read(&argc, argv, &common, &err) != STATUS_OK) {
        cli_fail("user", &err);
        return CLI_WRONG_USAGE;
    }
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list(&common);
    if (argc >= 3 && strcmp(argv[1], "add") == 0 && argv[2][0] != '-')
        return add(argc - 1, argv + 1, &common);
    if (argc == 3 && strcmp(argv[1], "password") == 0)
        return change(&common, argv[2], false);
    if (argc == 3 && strcmp(argv[1], "remove") == 0)
        return change(&common, argv[2], true);
    return cli_usage(USAGE);
}
