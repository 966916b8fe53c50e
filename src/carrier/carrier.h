/* carrier.h -- a telephone network on loopback: the public behind a SIP trunk, and agents'
 * phones.
 *
 * Real SIP (sofia-sip) and real RTP; to whoever calls it is a carrier like any other, and says
 * nothing that a public network would not. Numbers behave as profile.h plans. Phones register
 * with digest at a registrar and answer by themselves.
 * One SIP thread and one audio thread of its own; the functions below are for one caller. */
#ifndef CADRAN_CARRIER_CARRIER_H
#define CADRAN_CARRIER_CARRIER_H

#include <stdint.h>

#include "base/status.h"
#include "carrier/profile.h"
#include "carrier/stream.h"

struct carrier;

struct carrier_options {
    const char *address; /* "127.0.0.1" */
    uint16_t port;       /* 0 = a free one */
    struct carrier_profile profile;
    uint64_t seed;
    int32_t calls_max; /* more are answered 503; 0 = 5,000 */
    int record_fd;     /* each called number is written here, a line per INVITE; 0 = not */
    /* Phones: phone_count 0 = none. */
    const char *registrar; /* "127.0.0.1:5060" */
    int32_t phone_count;
    /* Fills the user and password of phone n (0..). */
    void (*phone)(void *context, int32_t n, char user[64], char password[64]);
    void *context;
};

/* The options are copied; `phone` is called before it returns. */
enum status carrier_start(const struct carrier_options *options, struct carrier **carrier,
                          struct error *err) MUST_USE;
uint16_t carrier_port(const struct carrier *carrier);
/* Hangs up and frees; at most 3 seconds. NULL is accepted. */
void carrier_stop(struct carrier *carrier);

struct carrier_figures {
    uint64_t calls, answered, hung_up_by_us, hung_up_by_peer, cancelled, refused;
    uint64_t phones_registered, phone_calls;
    uint64_t live; /* calls at this instant */
    struct audio_figures audio;
};
void carrier_figures(const struct carrier *carrier, struct carrier_figures *figures);

#endif
