/* cli.h -- the `cadran` commands that are clients: they talk to a running server, or to nobody.
 *
 * Each takes the arguments after its own name and returns the exit status of design's contract:
 * 0 done, 1 failed, 2 wrong usage. Errors are one line on standard error that names the thing,
 * the reason and the mend. With --json the last line of standard output is one JSON object. */
#ifndef CADRAN_CLI_CLI_H
#define CADRAN_CLI_CLI_H

#include <stdbool.h>

#include "base/status.h"

#define CLI_DONE 0
#define CLI_FAILED 1
#define CLI_WRONG_USAGE 2

int cli_carrier(int argc, char **argv);
int cli_campaign(int argc, char **argv);
int cli_client(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_import(int argc, char **argv);
int cli_user(int argc, char **argv);
int cli_version(int argc, char **argv);

/* Prints "cadran: command: path: text" and returns CLI_FAILED. */
int cli_fail(const char *command, const struct error *err);
/* Where --help is among the arguments: prints the usage on standard output and returns true. */
bool cli_helps(int argc, char **argv, const char *usage);
/* Prints the usage line after "cadran: " and returns CLI_WRONG_USAGE. */
int cli_usage(const char *usage);

/* "ADDR:PORT" or ":PORT" or "PORT". STATUS_INVALID names the option. */
enum status cli_address(const char *option, const char *text, char address[16], int *port,
                        struct error *err) MUST_USE;

/* Whole numbers between least and most. */
enum status cli_number(const char *option, const char *text, long least, long most, long *value,
                       struct error *err) MUST_USE;

/* The data directory that --data, or the default ./cadran-data, names. */
#define CLI_DATA_DEFAULT "./cadran-data"

#endif
