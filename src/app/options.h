/* options.h -- what `serve` and `demo` are told: by the command line, or by a file (--config)
 * with the same names in one [cadran] section. The command line wins. */
#ifndef CADRAN_APP_OPTIONS_H
#define CADRAN_APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define OPTION_SIZE 512

struct serve_options {
    char data[OPTION_SIZE];     /* "./cadran-data" */
    char database[OPTION_SIZE]; /* "" = the data directory's own */
    char http[OPTION_SIZE];     /* "127.0.0.1:8080" */
    char https[OPTION_SIZE];    /* "" = none */
    char certificate[OPTION_SIZE], key[OPTION_SIZE];
    char web[OPTION_SIZE];       /* built web application; "" = beside the program */
    char bootstrap[OPTION_SIZE]; /* where the first credentials are written too; "" = nowhere */
    char sip_address[16];
    int sip_port; /* phones register here; 0 = a free one */
    int trunk_port;
    int rtp_first, rtp_last; /* 0, 0 = the system draws them */
    bool is_verbose;
    /* demo only */
    long contacts, agents, seed, run_s;
    bool is_json;
};

void options_default(struct serve_options *options);
/* STATUS_INVALID: err names the option. *wants_help: --help was given. */
enum status options_read(int argc, char **argv, bool is_demo, struct serve_options *options,
                         bool *wants_help, struct error *err) MUST_USE;
const char *options_usage(bool is_demo);

#endif
