#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define USAGE "cadran version [--json]"

int cli_version(int argc, char **argv)
{
    if (cli_helps(argc, argv, USAGE))
        return CLI_DONE;
    if (argc == 2 && strcmp(argv[1], "--json") == 0) {
        printf("{\"version\":\"%s\"}\n", CADRAN_VERSION);
        return CLI_DONE;
    }
    if (argc > 1)
        return cli_usage(USAGE);
    printf("cadran %s\n", CADRAN_VERSION);
    return CLI_DONE;
}
