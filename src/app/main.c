/* main.c -- the program: finds the command and runs it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/compiler.h"
#include "cli/cli.h"

struct command_line {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

static const struct command_line commands[] = {
    {"serve", app_serve, "runs the server"},
    {"demo", app_demo, "serves, with a simulated carrier, agents and a running campaign"},
    {"carrier", cli_carrier, "the simulated telephone network alone"},
    {"import", cli_import, "brings a CSV file into a contact list"},
    {"export", cli_export, "brings a contact list, or a do-not-contact list, into a CSV file"},
    {"user", cli_user, "adds a person, changes a password or roles, lists people"},
    {"client", cli_client, "adds an API client, lists them"},
    {"campaign", cli_campaign, "lists, starts, stops and watches campaigns"},
    {"doctor", app_doctor, "names what is wrong with this installation, and the mend"},
    {"migrate", app_migrate, "moves an installation into PostgreSQL, and verifies it"},
    {"backup", app_backup, "writes everything into one file, while the server runs"},
    {"restore", app_restore, "makes an installation of a backup, and verifies it"},
    {"version", cli_version, "prints the version"},
};

static int usage(FILE *out)
{
    fputs("usage: cadran COMMAND [OPTION]...\n\n", out);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\ncadran COMMAND --help says what a command takes.\n", out);
    return out == stderr ? CLI_WRONG_USAGE : CLI_DONE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout);
    if (strcmp(argv[1], "--version") == 0)
        return cli_version(1, argv + 1);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "cadran: there is no command \"%.40s\": cadran --help lists them\n",
            argv[1]);
    return CLI_WRONG_USAGE;
}
