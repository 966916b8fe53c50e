/* telephony.h -- the telephony port over real SIP and RTP.
 *
 * One SIP thread (trunks, registrar, phones, calls) and a few media threads. No type of the SIP
 * library leaves this folder. Phones register at address:phone_port; calls over trunks leave
 * from address:trunk_port: two stacks, so that a flood on the port that phones use cannot delay
 * calls, and so that the trunk port can be closed to everybody but the carriers.
 *
 *   telephony_create -> telephony_start -> post ... -> telephony_stop -> telephony_destroy
 *
 * Limits are options; each is answered with ENDED and a reason, or with STATUS_FULL. */
#ifndef CADRAN_TELEPHONY_TELEPHONY_H
#define CADRAN_TELEPHONY_TELEPHONY_H

#include <stdint.h>

#include "base/status.h"
#include "port/telephony.h"

struct telephony_options {
    char address[16];    /* IPv4 to listen on and to name in Contact and SDP: not 0.0.0.0 */
    uint16_t phone_port; /* UDP and TCP; 0 = a free one */
    uint16_t trunk_port; /* UDP and TCP; 0 = a free one */
    uint16_t rtp_port_first, rtp_port_last; /* even ports of it; 0, 0 = free ones */
    int32_t media_threads;                  /* 0 = cores - 1, at least 1 */
    int32_t legs_max;
    int32_t trunks_max;
    int32_t phones_max;
    int32_t commands_max;        /* of the mailbox behind post() */
    int64_t rtp_port_pause_ms;   /* before an RTP port is used again */
    int64_t media_loss_ms;       /* no RTP on an answered leg: it ends; 0 = never */
    int64_t no_reply_ms;         /* nothing at all from a trunk: the call failed */
    int64_t cancel_wait_ms;      /* for the last word of a cancelled call */
    int64_t ping_interval_ms;    /* OPTIONS to every trunk; 0 = none */
    int32_t unauthenticated_max; /* REGISTERs without right credentials, a source in 10 s */
    int32_t registration_s_max;  /* longest registration granted */
    char realm[64];              /* of the digest */
};

/* Sensible values for everything; address 127.0.0.1, phone_port 5060. */
struct telephony_options telephony_defaults(void);

struct telephony;

/* Checks the options. STATUS_INVALID names the wrong one in err->path. */
enum status telephony_create(const struct telephony_options *options,
                             struct telephony_sink sink, struct telephony **telephony,
                             struct error *err) MUST_USE;
/* Binds the ports and starts the threads. STATUS_UNAVAILABLE: a port is taken. */
enum status telephony_start(struct telephony *telephony, struct error *err) MUST_USE;
/* The port to hand out; valid until telephony_destroy. */
struct telephony_port telephony_port(struct telephony *telephony);
/* What was bound; after telephony_start. */
uint16_t telephony_phone_port(const struct telephony *telephony);
uint16_t telephony_trunk_port(const struct telephony *telephony);
/* Hangs up every leg (each gets its ENDED) and ends the threads, in at most 5 s. */
void telephony_stop(struct telephony *telephony);
/* Stops it if need be. NULL is accepted. */
void telephony_destroy(struct telephony *telephony);

#endif
