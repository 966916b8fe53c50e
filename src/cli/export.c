/* export.c -- `cadran export`: a contact list of the running server as a CSV file, in Genesys
 * Cloud's column order. The server makes it in its data directory; it is copied from there. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/server_client.h"

#define USAGE "cadran export FILE.csv (--list NAME | --dnc NAME) [--data DIR] [--json]"
#define OUTBOUND "/api/v2/outbound"
#define POLL_US 100000

struct order {
    const char *file, *name, *path; /* path: of the resource */
};

static enum status take_options(int argc, char **argv, struct order *order, struct error *err)
{
    static const struct option known[] = {{"list", required_argument, NULL, 'l'},
                                          {"dnc", required_argument, NULL, 'd'},
                                          {NULL, 0, NULL, 0}};
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if ((option != 'l' && option != 'd') || order->name)
            return error_set(err, STATUS_INVALID, "", "one of --list and --dnc is needed");
        order->name = optarg;
        order->path = option == 'l' ? OUTBOUND "/contactlists" : OUTBOUND "/dnclists";
    }
    if (optind + 1 != argc || !order->name)
        return error_set(err, STATUS_INVALID, "", "a file and --list or --dnc are needed");
    order->file = argv[optind];
    return STATUS_OK;
}

/* Starts the export and follows its job to the end. */
static enum status job_run(const struct common_options *common, const struct order *order,
                           json_t **job, struct error *err)
{
    char path[512];
    char *id = NULL;
    struct server_answer answer = {0};
    enum status status = find_id(common->data, order->path, "name", order->name, &id, err);
    if (status != STATUS_OK)
        return status;
    snprintf(path, sizeof(path), "%s/%s/export", order->path, id);
    free(id);
    status = server_call(common->data, "POST", path, NULL, &answer, err);
    const char *made = json_string_value(json_object_get(answer.body, "id"));
    snprintf(path, sizeof(path), "/api/cadran/v1/jobs/%s", made ? made : "");
    json_decref(answer.body);
    while (status == STATUS_OK) {
        status = server_call(common->data, "GET", path, NULL, &answer, err);
        const char *state = json_string_value(json_object_get(answer.body, "state"));
        if (status == STATUS_OK && state && strcmp(state, "waiting") != 0 &&
            strcmp(state, "running") != 0) {
            *job = answer.body;
            return STATUS_OK;
        }
        json_decref(answer.body);
        usleep(POLL_US);
    }
    return status;
}

/* Under a name of its own first: a file of that name is replaced whole, or not at all. */
static enum status file_copy(const char *from, const char *to, struct error *err)
{
    char bytes[65536], part[4200];
    snprintf(part, sizeof(part), "%.4100s.part%d", to, (int)getpid());
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in >= 0 ? open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    ssize_t len = out >= 0 ? 1 : -1;
    while (len > 0 && (len = read(in, bytes, sizeof(bytes))) > 0)
        if (write(out, bytes, (size_t)len) != len)
            len = -1;
    if (out >= 0 && (fsync(out) != 0 || close(out) != 0))
        len = -1;
    int reason = errno;
    if (in >= 0)
        close(in);
    if (len == 0 && rename(part, to) == 0)
        return STATUS_OK;
    reason = len == 0 ? errno : reason;
    unlink(part);
    return error_set(err, STATUS_UNAVAILABLE, to, "it cannot be written: %s", strerror(reason));
}

int cli_export(int argc, char **argv)
{
    struct common_options common;
    struct error err;
    struct order order = {0};
    if (cli_helps(argc, argv, USAGE))
        return CLI_DONE;
    if (common_read(&argc, argv, &common, &err) != STATUS_OK) {
        cli_fail("export", &err);
        return CLI_WRONG_USAGE;
    }
    if (take_options(argc, argv, &order, &err) != STATUS_OK)
        return cli_usage(USAGE);
    json_t *job = NULL;
    enum status status = job_run(&common, &order, &job, &err);
    const char *made = json_string_value(json_object_get(job, "file"));
    const char *failure = json_string_value(json_object_get(job, "failure"));
    if (status == STATUS_OK && !made)
        status = error_set(&err, STATUS_UNAVAILABLE, order.name, "the export has failed: %s",
                           failure ? failure : "it was cancelled");
    if (status == STATUS_OK) {
        char from[4200];
        snprintf(from, sizeof(from), "%.4000s/%.100s", common.data, made);
        status = file_copy(from, order.file, &err);
    }
    if (status == STATUS_OK && common.is_json)
        print_json(job);
    else if (status == STATUS_OK)
        printf("%lld entries of %s exported into %s\n",
               (long long)json_integer_value(json_object_get(job, "done")), order.name,
               order.file);
    json_decref(job);
    return status == STATUS_OK ? CLI_DONE : cli_fail("export", &err);
}
