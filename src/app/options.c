#include "app/options.h"

#include <getopt.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/database.h"
#include "base/compiler.h"
#include "cli/cli.h"

/* One option: its name on the command line and in the file, and where its text goes. */
enum option_kind {
    OPTION_TEXT,
    OPTION_LISTEN,
    OPTION_SIP,
    OPTION_PORT,
    OPTION_RTP,
    OPTION_FLAG,
    OPTION_NUMBER
};

struct option_spec {
    const char *name;
    enum option_kind kind;
    size_t offset;
    long least, most;
    bool is_demo_only;
};

#define AT(member) offsetof(struct serve_options, member)

static const struct option_spec specs[] = {
    {"data", OPTION_TEXT, AT(data), 0, 0, false},
    {"database", OPTION_TEXT, AT(database), 0, 0, false},
    {"http", OPTION_LISTEN, AT(http), 0, 0, false},
    {"https", OPTION_LISTEN, AT(https), 0, 0, false},
    {"cert", OPTION_TEXT, AT(certificate), 0, 0, false},
    {"key", OPTION_TEXT, AT(key), 0, 0, false},
    {"web", OPTION_TEXT, AT(web), 0, 0, false},
    {"bootstrap", OPTION_TEXT, AT(bootstrap), 0, 0, false},
    {"sip", OPTION_SIP, 0, 0, 0, false},
    {"trunk-port", OPTION_PORT, AT(trunk_port), 0, 65535, false},
    {"rtp-ports", OPTION_RTP, 0, 0, 0, false},
    {"verbose", OPTION_FLAG, AT(is_verbose), 0, 0, false},
    {"contacts", OPTION_NUMBER, AT(contacts), 1, 1000000, true},
    {"agents", OPTION_NUMBER, AT(agents), 1, 500, true},
    {"seed", OPTION_NUMBER, AT(seed), 0, 0x7fffffff, true},
    {"for", OPTION_NUMBER, AT(run_s), 0, 86400, true},
    {"json", OPTION_FLAG, AT(is_json), 0, 0, true},
};

void options_default(struct serve_options *options)
{
    memset(options, 0, sizeof(*options));
    snprintf(options->data, sizeof(options->data), "%s", CLI_DATA_DEFAULT);
    snprintf(options->http, sizeof(options->http), "127.0.0.1:8080");
    snprintf(options->sip_address, sizeof(options->sip_address), "127.0.0.1");
    options->sip_port = 5060;
    options->contacts = 5000;
    options->agents = 20;
    options->seed = 1;
}

const char *options_usage(bool is_demo)
{
    return is_demo
               ? "cadran demo [--contacts N] [--agents N] [--seed N] [--for SECONDS] [--json] "
                 "[--data DIR] [--database URL] [--http ADDR:PORT] [--sip ADDR:PORT] "
                 "[--rtp-ports FIRST-LAST]"
               : "cadran serve [--config FILE] [--data DIR] [--database URL] "
                 "[--http ADDR:PORT] [--https ADDR:PORT --cert FILE --key FILE] [--sip "
                 "ADDR:PORT] "
                 "[--trunk-port PORT] [--rtp-ports FIRST-LAST] [--web DIR] "
                 "[--bootstrap FILE] [--verbose]";
}

static enum status take_rtp(const char *option, const char *text, struct serve_options *options,
                            struct error *err)
{
    int first, last, used = 0;
    if (sscanf(text, "%d-%d%n", &first, &last, &used) != 2 || text[used] != '\0' ||
        first < 1024 || last > 65535 || last - first < 3)
        return error_set(err, STATUS_INVALID, option,
                         "\"%.40s\" is not a range of at least 4 ports between 1024 and 65535, "
                         "such as 20000-29999",
                         text);
    options->rtp_first = first;
    options->rtp_last = last;
    return STATUS_OK;
}

/* "ADDRESS:PORT" or ":PORT"; whether the address is one of this machine, the start finds out.
 */
static enum status listen_check(const char *option, const char *text, struct error *err)
{
    const char *colon = strrchr(text, ':');
    long port;
    if (!colon || strlen(text) >= OPTION_SIZE)
        return error_set(err, STATUS_INVALID, option,
                         "\"%.40s\" is not an address and port, such as 127.0.0.1:8080", text);
    return cli_number(option, colon + 1, 0, 65535, &port, err);
}

static enum status take(const struct option_spec *spec, const char *value,
                        struct serve_options *options, struct error *err)
{
    char option[64];
    char *at = (char *)options + spec->offset;
    long number;
    enum status status;
    snprintf(option, sizeof(option), "--%s", spec->name);
    switch (spec->kind) {
    case OPTION_TEXT:
        if (strlen(value) >= OPTION_SIZE)
            return error_set(err, STATUS_INVALID, option, "longer than %d characters",
                             OPTION_SIZE - 1);
        snprintf(at, OPTION_SIZE, "%s", value);
        return STATUS_OK;
    case OPTION_LISTEN:
        status = listen_check(option, value, err);
        if (status == STATUS_OK)
            snprintf(at, OPTION_SIZE, "%s", value);
        return status;
    case OPTION_SIP:
        return cli_address(option, value, options->sip_address, &options->sip_port, err);
    case OPTION_RTP: return take_rtp(option, value, options, err);
    case OPTION_FLAG: *(bool *)(void *)at = true; return STATUS_OK;
    case OPTION_PORT:
        status = cli_number(option, value, spec->least, spec->most, &number, err);
        *(int *)(void *)at = (int)number;
        return status;
    case OPTION_NUMBER:
        return cli_number(option, value, spec->least, spec->most, (long *)(void *)at, err);
    }
    return STATUS_INVALID;
}

struct file_reading {
    struct serve_options *options;
    struct error *err;
};

static int take_key(void *context, const char *section, const char *name, const char *value)
{
    struct file_reading *reading = context;
    for (size_t i = 0; strcmp(section, "cadran") == 0 && i < ARRAY_LEN(specs); i++)
        if (strcmp(name, specs[i].name) == 0 && !specs[i].is_demo_only)
            return take(&specs[i], value, reading->options, reading->err) == STATUS_OK;
    error_set(reading->err, STATUS_INVALID, "", "[%.20s] %.40s is not a setting", section,
              name);
    return 0;
}

static enum status read_file(const char *path, struct serve_options *options, struct error *err)
{
    struct file_reading reading = {options, err};
    int line = ini_parse(path, take_key, &reading);
    if (line < 0)
        return error_set(err, STATUS_NOT_FOUND, path, "the configuration cannot be opened");
    if (line > 0) {
        char text[ERROR_TEXT_MAX];
        snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1,
                 err->text[0] ? err->text : "not a setting");
        return error_set(err, STATUS_INVALID, path, "line %d: %.200s", line, text);
    }
    return STATUS_OK;
}

#define VALUE_CONFIG 1000
#define VALUE_HELP 1001

enum status options_read(int argc, char **argv, bool is_demo, struct serve_options *options,
                         bool *wants_help, struct error *err)
{
    struct option known[ARRAY_LEN(specs) + 3] = {0};
    int count = 0;
    for (size_t i = 0; i < ARRAY_LEN(specs); i++)
        if (is_demo || !specs[i].is_demo_only)
            known[count++] = (struct option){
                specs[i].name, specs[i].kind == OPTION_FLAG ? no_argument : required_argument,
                NULL, (int)i};
    known[count++] = (struct option){"config", required_argument, NULL, VALUE_CONFIG};
    known[count++] = (struct option){"help", no_argument, NULL, VALUE_HELP};
    options_default(options);
    *wants_help = false;
    opterr = 0;
    enum status status = STATUS_OK;
    /* Twice: the file first, so that the command line wins wherever --config stands. */
    for (int round = 0; round < 2 && status == STATUS_OK; round++) {
        int value;
        optind = 1;
        while (status == STATUS_OK &&
               (value = getopt_long(argc, argv, "", known, NULL)) != -1) {
            if (value == '?')
                return error_set(err, STATUS_INVALID, argv[optind - 1],
                                 "not an option, or its value is missing");
            if (value == VALUE_HELP)
                *wants_help = true;
            else if (value == VALUE_CONFIG && round == 0)
                status = read_file(optarg, options, err);
            else if (value < VALUE_CONFIG && round == 1)
                status = take(&specs[value], optarg, options, err);
        }
    }
    if (status == STATUS_OK && optind < argc)
        return error_set(err, STATUS_INVALID, argv[optind], "not an option");
    if (status == STATUS_OK && options->https[0] &&
        (!options->certificate[0] || !options->key[0]))
        return error_set(err, STATUS_INVALID, "--https",
                         "needs --cert FILE and --key FILE too");
    if (status == STATUS_OK)
        status = database_option_check(options->database, err);
    return status;
}
