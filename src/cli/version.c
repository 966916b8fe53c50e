#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

int cli_version(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--json") == 0) {
        printf("{\"version\":\"%s\"}\n", CADRAN_VERSION);
        return CLI_DONE;
    }
    if (argc > 1)
        return cli_usage("cadran version [--json]");
    printf("cadran %s\n", CADRAN_VERSION);
    return CLI_DONE;
}
