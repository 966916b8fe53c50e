/* carrier.c -- `cadran carrier`: the simulated telephone network alone. */
#include "carrier/carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define USAGE                                                                                  \
    "cadran carrier [--sip ADDR:PORT] [--seed N] [--profile FILE] [--calls-max N] "            \
    "[--record FILE] "                                                                         \
    "[--registrar ADDR:PORT --phones N --phone-user FORMAT --phone-password TEXT] [--json]"

struct arguments {
    char address[16], registrar[64];
    int port;
    long seed, calls_max, phones;
    const char *profile, *user_prefix, *password, *record;
    bool is_json;
};

static void name_phone(void *context, int32_t n, char user[64], char password[64])
{
    const struct arguments *arguments = context;
    snprintf(user, 64, "%.50s%d", arguments->user_prefix, (int)n + 1);
    snprintf(password, 64, "%.63s", arguments->password);
}

static enum status take_option(int option, const char *value, struct arguments *arguments,
                               struct error *err)
{
    switch (option) {
    case 's': return cli_address("--sip", value, arguments->address, &arguments->port, err);
    case 'e': return cli_number("--seed", value, 0, 0x7fffffff, &arguments->seed, err);
    case 'c': return cli_number("--calls-max", value, 1, 100000, &arguments->calls_max, err);
    case 'n': return cli_number("--phones", value, 0, 10000, &arguments->phones, err);
    case 'p': arguments->profile = value; return STATUS_OK;
    case 'u': arguments->user_prefix = value; return STATUS_OK;
    case 'w': arguments->password = value; return STATUS_OK;
    case 'r':
        snprintf(arguments->registrar, sizeof(arguments->registrar), "%.63s", value);
        return STATUS_OK;
    case 'o': arguments->record = value; return STATUS_OK;
    case 'j': arguments->is_json = true; return STATUS_OK;
    default: return error_set(err, STATUS_INVALID, "", "unknown option");
    }
}

static void print_figures(const struct carrier *carrier, bool is_json)
{
    struct carrier_figures f;
    carrier_figures(carrier, &f);
    printf(is_json ? "{\"calls\":%" PRIu64 ",\"answered\":%" PRIu64 ",\"refused\":%" PRIu64
                     ",\"cancelled\":%" PRIu64 ",\"rtpSent\":%" PRIu64
                     ",\"rtpReceived\":%" PRIu64 ",\"rtpLost\":%" PRIu64 "}\n"
                   : "calls %" PRIu64 ", answered %" PRIu64 ", refused %" PRIu64
                     ", cancelled %" PRIu64 "; RTP sent %" PRIu64 ", received %" PRIu64
                     ", lost %" PRIu64 "\n",
           f.calls, f.answered, f.refused, f.cancelled, f.audio.sent, f.audio.received,
           f.audio.lost);
}

static int run(const struct arguments *arguments, const struct carrier_profile *profile)
{
    struct carrier_options options = {
        .address = arguments->address,
        .port = (uint16_t)arguments->port,
        .profile = *profile,
        .seed = (uint64_t)arguments->seed,
        .calls_max = (int32_t)arguments->calls_max,
        .registrar = arguments->registrar[0] ? arguments->registrar : NULL,
        .phone_count = (int32_t)arguments->phones,
        .phone = name_phone,
        .context = (void *)arguments,
    };
    if (arguments->record) {
        options.record_fd =
            open(arguments->record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (options.record_fd < 0) {
            struct error wrong;
            error_set(&wrong, STATUS_UNAVAILABLE, "--record", "%s: %s", arguments->record,
                      strerror(errno));
            return cli_fail("carrier", &wrong);
        }
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct carrier *carrier;
    struct error err;
    if (carrier_start(&options, &carrier, &err) != STATUS_OK)
        return cli_fail("carrier", &err);
    printf("carrier ready sip=%s:%d\n", arguments->address, (int)carrier_port(carrier));
    fflush(stdout);
    int signal_number;
    sigwait(&signals, &signal_number);
    print_figures(carrier, arguments->is_json);
    carrier_stop(carrier);
    return CLI_DONE;
}

int cli_carrier(int argc, char **argv)
{
    static const struct option known[] = {
        {"sip", required_argument, NULL, 's'},
        {"seed", required_argument, NULL, 'e'},
        {"profile", required_argument, NULL, 'p'},
        {"calls-max", required_argument, NULL, 'c'},
        {"registrar", required_argument, NULL, 'r'},
        {"phones", required_argument, NULL, 'n'},
        {"phone-user", required_argument, NULL, 'u'},
        {"phone-password", required_argument, NULL, 'w'},
        {"record", required_argument, NULL, 'o'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    struct arguments arguments = {
        .address = "127.0.0.1", .port = 5070, .user_prefix = "agent", .password = ""};
    struct error err = {0};
    int option;
    if (cli_helps(argc, argv, USAGE))
        return CLI_DONE;
    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == '?')
            return cli_usage(USAGE);
        if (take_option(option, optarg, &arguments, &err) != STATUS_OK) {
            cli_fail("carrier", &err);
            return CLI_WRONG_USAGE;
        }
    }
    if (optind < argc)
        return cli_usage(USAGE);
    if (arguments.phones && !arguments.registrar[0]) {
        error_set(&err, STATUS_INVALID, "--phones", "phones need --registrar ADDR:PORT too");
        cli_fail("carrier", &err);
        return CLI_WRONG_USAGE;
    }
    struct carrier_profile profile;
    profile_default(&profile);
    if (arguments.profile && profile_read(arguments.profile, &profile, &err) != STATUS_OK)
        return cli_fail("carrier", &err);
    return run(&arguments, &profile);
}
