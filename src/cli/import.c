/* import.c -- `cadran import`: a CSV file into a contact list of the running server.
 * The list is made when there is none of the name: its columns are the file's header, and
 * --phone says which of them hold numbers. The file goes through the API's own upload. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/server_client.h"
#include "store/import/csv.h"

#define USAGE                                                                                  \
    "cadran import FILE.csv --list NAME [--phone COLUMN]... [--id COLUMN] [--data DIR] "       \
    "[--json]"
#define LISTS "/api/v2/outbound/contactlists"
#define PHONES_MAX 10
#define POLL_US 200000

struct order {
    const char *file, *list, *id_column;
    const char *phones[PHONES_MAX];
    int phone_count;
};

static enum status take_options(int argc, char **argv, struct order *order, struct error *err)
{
    static const struct option known[] = {{"list", required_argument, NULL, 'l'},
                                          {"phone", required_argument, NULL, 'p'},
                                          {"id", required_argument, NULL, 'i'},
                                          {NULL, 0, NULL, 0}};
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'l')
            order->list = optarg;
        else if (option == 'i')
            order->id_column = optarg;
        else if (option == 'p' && order->phone_count < PHONES_MAX)
            order->phones[order->phone_count++] = optarg;
        else
            return error_set(err, STATUS_INVALID, "", "unknown option, or more than %d --phone",
                             PHONES_MAX);
    }
    if (optind + 1 != argc || !order->list)
        return error_set(err, STATUS_INVALID, "", "a file and --list are needed");
    order->file = argv[optind];
    return STATUS_OK;
}

/* The file's header, for a list that is not there yet. */
static enum status read_header(const struct order *order, json_t **names, struct error *err)
{
    struct csv *csv;
    struct csv_row row;
    enum status status = csv_open(order->file, order->file, &csv, err);
    if (status != STATUS_OK)
        return status;
    *names = json_array();
    status = csv_next(csv, &row, err);
    for (int32_t i = 0; status == STATUS_OK && i < row.count; i++)
        json_array_append_new(*names, json_stringn(row.values[i].text, row.values[i].len));
    csv_close(csv);
    return status;
}

/* The id of the list, which is made of the file's header when there is none of the name. */
static enum status list_of(const struct common_options *common, const struct order *order,
                           char **id, struct error *err)
{
    enum status status = find_id(common->data, LISTS, "name", order->list, id, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    if (!order->phone_count)
        return error_set(err, STATUS_INVALID, "--phone",
                         "there is no list \"%.80s\" yet; to make it, name its phone columns",
                         order->list);
    json_t *names = NULL, *phones = json_array();
    struct server_answer answer = {0};
    status = read_header(order, &names, err);
    for (int i = 0; i < order->phone_count; i++)
        json_array_append_new(
            phones, json_pack("{s:s,s:s}", "columnName", order->phones[i], "type", "Phone"));
    json_t *body = json_pack("{s:s,s:O,s:O,s:b}", "name", order->list, "columnNames",
                             names ? names : phones, "phoneColumns", phones,
                             "automaticTimeZoneMapping", 1);
    if (status == STATUS_OK)
        status = server_call(common->data, "POST", LISTS, body, &answer, err);
    const char *made = json_string_value(json_object_get(answer.body, "id"));
    if (status == STATUS_OK && made)
        *id = memory_text(made, strlen(made));
    json_decref(body);
    json_decref(names);
    json_decref(phones);
    json_decref(answer.body);
    return status;
}

/* A copy of the file in the server's spool. */
static enum status spool(const struct common_options *common, const struct order *order,
                         char *path, size_t size, struct error *err)
{
    char data[4096], bytes[65536];
    if (!realpath(common->data, data))
        return error_set(err, STATUS_NOT_FOUND, common->data, "%s", strerror(errno));
    /* The spool's names are numbers. */
    snprintf(path, size, "%.3000s/spool/%d%lld", data, (int)getpid(),
             (long long)instant_mono_now().us);
    int in = open(order->file, O_RDONLY | O_CLOEXEC);
    int out = in >= 0 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    ssize_t len = 0;
    while (out >= 0 && (len = read(in, bytes, sizeof(bytes))) > 0)
        if (write(out, bytes, (size_t)len) != len) {
            len = -1;
            break;
        }
    int reason = errno;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (in < 0 || out < 0 || len < 0)
        return error_set(err, STATUS_UNAVAILABLE, order->file, "it cannot be handed over: %s",
                         strerror(reason));
    return STATUS_OK;
}

/* Hands the file to the API's own upload address. */
static enum status upload(const struct common_options *common, const struct order *order,
                          const char *list_id, struct error *err)
{
    char spooled[4096];
    struct server_answer answer = {0};
    json_t *body = json_pack("{s:s,s:s,s:s,s:s*}", "fileName", order->file, "contentType",
                             "text/csv", "id", list_id, "contactIdName", order->id_column);
    enum status status =
        server_call(common->data, "POST", LISTS "/uploads", body, &answer, err);
    json_decref(body);
    const char *url = json_string_value(json_object_get(answer.body, "url"));
    const char *path = url ? strstr(url, "/uploads/") : NULL;
    if (status == STATUS_OK && !path)
        status = error_set(err, STATUS_UNAVAILABLE, "", "the server gave no upload address");
    if (status == STATUS_OK)
        status = spool(common, order, spooled, sizeof(spooled), err);
    if (status == STATUS_OK) {
        struct server_answer done;
        status = server_call_file(common->data, "PUT", path, spooled, &done, err);
        json_decref(done.body);
        unlink(spooled);
    }
    json_decref(answer.body);
    return status;
}

static void show(const json_t *status, bool is_terminal)
{
    if (is_terminal)
        fprintf(stderr, "\r%3d %%  %lld of about %lld rows",
                (int)json_integer_value(json_object_get(status, "percentComplete")),
                (long long)json_integer_value(json_object_get(status, "completedRecords")),
                (long long)json_integer_value(json_object_get(status, "totalRecords")));
}

/* Follows the import until it ends. */
static enum status follow(const struct common_options *common, const char *list_id,
                          json_t **final, struct error *err)
{
    char path[256];
    bool is_terminal = isatty(STDERR_FILENO) && !common->is_json;
    snprintf(path, sizeof(path), LISTS "/%s/importstatus", list_id);
    for (;;) {
        struct server_answer answer;
        enum status status = server_call(common->data, "GET", path, NULL, &answer, err);
        if (status != STATUS_OK) {
            json_decref(answer.body);
            return status;
        }
        const char *state = json_string_value(json_object_get(answer.body, "state"));
        show(answer.body, is_terminal);
        if (!state || strcmp(state, "IN_PROGRESS") != 0) {
            if (is_terminal)
                fputc('\n', stderr);
            *final = answer.body;
            const char *reason =
                json_string_value(json_object_get(answer.body, "failureReason"));
            if (state && strcmp(state, "FAILED") == 0)
                return error_set(err, STATUS_INVALID, "", "%s", reason ? reason : "it failed");
            return STATUS_OK;
        }
        json_decref(answer.body);
        usleep(POLL_US);
    }
}

int cli_import(int argc, char **argv)
{
    struct common_options common;
    struct error err;
    struct order order = {0};
    if (cli_helps(argc, argv, USAGE))
        return CLI_DONE;
    if (common_read(&argc, argv, &common, &err) != STATUS_OK) {
        cli_fail("import", &err);
        return CLI_WRONG_USAGE;
    }
    if (take_options(argc, argv, &order, &err) != STATUS_OK)
        return cli_usage(USAGE);
    json_t *final = NULL;
    char *list_id = NULL;
    enum status status = list_of(&common, &order, &list_id, &err);
    if (status == STATUS_OK)
        status = upload(&common, &order, list_id, &err);
    if (status == STATUS_OK)
        status = follow(&common, list_id, &final, &err);
    if (status == STATUS_OK && common.is_json)
        print_json(final);
    else if (status == STATUS_OK)
        printf("%lld contacts imported into %s, %lld rows refused\n",
               (long long)json_integer_value(json_object_get(final, "completedRecords")),
               order.list,
               (long long)json_integer_value(
                   json_object_get(json_object_get(final, "cadran"), "refusedRecords")));
    free(list_id);
    json_decref(final);
    return status == STATUS_OK ? CLI_DONE : cli_fail("import", &err);
}
