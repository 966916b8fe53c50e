/* media.h -- RTP for every leg: sockets, relay between bridged legs, silence, tones, hearing.
 *
 * Media threads own the sockets; the owner (the SIP thread) holds one struct media_leg per leg
 * and calls the functions below, which never wait: they post to the leg's thread. What the
 * threads notice comes back as reports. Both legs of a bridge live on one thread; a leg that is
 * bridged across threads moves first, by way of the owner.
 *
 * Invariants
 *   1. A stream has one owner at a time; its pointer moves with a message.
 *   2. From add to remove a stream's thread allocates, locks (but for mailboxes) and logs
 *      nothing.
 *   3. A port is used again only after its pause, so that a late packet of a dead call cannot
 *      reach a live one.
 * Every function is for the owner's thread. Source: RFC 3550, RFC 3551, RFC 4733. */
#ifndef CADRAN_TELEPHONY_MEDIA_MEDIA_H
#define CADRAN_TELEPHONY_MEDIA_MEDIA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "port/telephony.h"
#include "telephony/media/tone_detector.h"
#include "telephony/sdp.h"

struct media_options {
    uint8_t address[4];             /* where legs receive; network order, as written */
    uint16_t port_first, port_last; /* even ports of this range; 0, 0 = the system draws them */
    int32_t threads;
    int32_t legs_max;
    int64_t port_pause_ms; /* before a port is used again */
    int64_t loss_after_ms; /* no RTP on an answered leg for this long is a loss; 0 = never */
};

/* What a leg's peer said in its SDP, reduced to what packets need. */
struct media_remote {
    uint8_t address[4];
    uint16_t port;        /* 0 = not known yet */
    bool hears, speaks;   /* hold: sdp_hears, sdp_speaks */
    bool is_answered;     /* silence flows, loss is watched */
    enum sdp_codec codec; /* the one we send */
    uint8_t payload_type;
    uint8_t event_payload_type; /* 0 = none */
    int32_t codec_count;
    struct sdp_format codecs[SDP_CODECS_MAX]; /* those we may receive */
};

struct media_counts {
    uint32_t received, sent, lost;
};

enum media_report_kind {
    MEDIA_LOST,   /* nothing was heard from an answered leg for loss_after_ms */
    MEDIA_TONE,   /* early media said something */
    MEDIA_CLOSED, /* the last word of a leg: its counts */
};

struct media_report {
    enum media_report_kind kind;
    struct leg_id leg;
    struct tone_verdict verdict;
    struct media_counts counts;
};

struct media;
/* The owner's handle of one leg; memory of the owner, zeroed before media_open. */
struct media_leg {
    struct leg_id id;
    int32_t thread;
    uint16_t port;
    bool is_open, is_moving, is_closing;
    bool wants_tone, has_detector;
    struct media_remote remote;
    struct media_leg *bridged;
};

/* Starts the threads. NULL with *err where a thread or a descriptor limit fails. */
struct media *media_create(const struct media_options *options, struct error *err);
/* Stops the threads; every leg must have been closed or is cut here. */
void media_destroy(struct media *media);

/* Readable while reports wait. */
int media_fd(const struct media *media);
void media_fd_clear(struct media *media);
/* Takes the next report; false when there is none. */
bool media_poll(struct media *media, struct media_report *report);
/* Retries what a full mailbox refused; call every few milliseconds. */
void media_flush(struct media *media);

/* Opens a socket on a free port for leg->id and hands it to the thread with the fewest legs.
 * STATUS_FULL where no port or no leg is left. */
enum status media_open(struct media *media, struct media_leg *leg, struct error *err) MUST_USE;
void media_set_remote(struct media *media, struct media_leg *leg,
                      const struct media_remote *remote);
/* Listens for tones until the leg is answered; again is harmless. */
void media_listen(struct media *media, struct media_leg *leg);
void media_bridge(struct media *media, struct media_leg *a, struct media_leg *b);
void media_unbridge(struct media *media, struct media_leg *leg);
void media_tone(struct media *media, struct media_leg *leg);
/* MEDIA_CLOSED follows; until then the leg's memory must stay. */
void media_close(struct media *media, struct media_leg *leg);

/* The remote of an SDP; false where it has no audio that we speak. */
bool media_remote_of(const struct sdp *sdp, struct media_remote *remote) MUST_USE;

#endif
