#include "cli/cli.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_fail(const char *command, const struct error *err)
{
    bool has_path = err->path[0] != '\0';
    fprintf(stderr, "cadran: %s: %s%s%s\n", command, err->path, has_path ? ": " : "",
            err->text);
    return CLI_FAILED;
}

bool cli_helps(int argc, char **argv, const char *usage)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return printf("usage: %s\n", usage) > 0;
    return false;
}

int cli_usage(const char *usage)
{
    fprintf(stderr, "cadran: usage: %s\n", usage);
    return CLI_WRONG_USAGE;
}

enum status cli_number(const char *option, const char *text, long least, long most, long *value,
                       struct error *err)
{
    char *end;
    *value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || *value < least || *value > most)
        return error_set(err, STATUS_INVALID, option,
                         "\"%.40s\" is not a number from %ld to %ld", text, least, most);
    return STATUS_OK;
}

enum status cli_address(const char *option, const char *text, char address[16], int *port,
                        struct error *err)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    struct in_addr parsed;
    long number;
    if (len >= 16)
        return error_set(err, STATUS_INVALID, option,
                         "\"%.40s\" is not an IPv4 address and port", text);
    snprintf(address, 16, "%.*s", (int)len, text);
    if (len == 0)
        snprintf(address, 16, "127.0.0.1");
    if (inet_pton(AF_INET, address, &parsed) != 1)
        return error_set(err, STATUS_INVALID, option,
                         "\"%.40s\" is not an IPv4 address and port, such as 127.0.0.1:5060",
                         text);
    enum status status = cli_number(option, colon ? colon + 1 : text, 0, 65535, &number, err);
    *port = (int)number;
    return status;
}
