/* harness.h -- what the telephony tests share: the back end with its events in a mailbox, other
 * people's programs as peers, and an RTP party of our own that plays and measures tones. */
#ifndef CADRAN_TESTS_TELEPHONY_HARNESS_H
#define CADRAN_TESTS_TELEPHONY_HARNESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/mailbox.h"
#include "port/telephony.h"
#include "telephony/telephony.h"

struct harness {
    struct telephony *telephony;
    struct telephony_port port;
    struct mailbox *events;
    int64_t next_leg;
};

void harness_start(struct harness *harness, const struct telephony_options *options);
void harness_stop(struct harness *harness);
/* Test-sized times on 127.0.0.1, free ports. */
struct telephony_options harness_options(void);

void harness_trunk(struct harness *harness, const struct trunk_config *config);
struct trunk_config harness_trunk_config(uint16_t port);
struct leg_id harness_dial(struct harness *harness, int64_t ring_timeout_ms);
struct leg_id harness_ring(struct harness *harness, int64_t phone, int64_t ring_timeout_ms);
void harness_hang_up(struct harness *harness, struct leg_id leg);
void harness_bridge(struct harness *harness, struct leg_id a, struct leg_id b);
/* The next event of this kind and leg (leg 0 = any); earlier others of other legs are dropped,
 * an unexpected ENDED of the leg or 15 s without it fail the test. */
struct telephony_event harness_await(struct harness *harness, enum telephony_event_kind kind,
                                     struct leg_id leg);

/* A port that is free now for UDP and TCP, and the next one for TCP (baresip takes it for TLS).
 */
uint16_t free_port(void);
/* A child process; its output goes to a file that `peer_fail` shows. */
struct peer {
    pid_t pid;
    char log[64];
};
struct peer peer_start(const char *const argv[]);
/* Waits until it exits, at most 20 s, and returns its exit status. */
int peer_wait(struct peer *peer);
void peer_kill(struct peer *peer);
/* SIPp as carrier with one of our scenarios; returns when it listens. */
struct peer sipp_start(const char *scenario, uint16_t port, uint16_t rtp_port,
                       const char *const *extra);

/* An RTP party: sends a tone (0 = silence) and keeps what it hears. */
struct party {
    int fd;
    uint16_t port;
    uint8_t payload_type; /* 0 mu-law, 8 A-law */
    double hertz;         /* or a cadence: */
    int on_ms, off_ms;
    pthread_t thread;
    atomic_bool is_stopping;
    atomic_int play_to;
    pthread_mutex_t lock;
    int16_t heard[8000]; /* the last second, a ring */
    long heard_count;
    atomic_long packets;
};
void party_start(struct party *party, uint8_t payload_type, double hertz, int on_ms,
                 int off_ms);
/* Early media: plays to this port of ours without waiting for a packet. */
void party_play_to(struct party *party, uint16_t port);
void party_stop(struct party *party);
/* Waits up to 10 s until the last second that the party heard is mostly this tone. */
bool party_hears(struct party *party, double hertz);
/* The share of this frequency in the power heard, 0..1. */
double party_share(struct party *party, double hertz);

#endif
