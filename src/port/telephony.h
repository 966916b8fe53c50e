/* telephony.h -- the port to calls, media and phones: SIP and RTP, or a simulated network.
 *
 * Commands go in by post(), which never waits; what happens comes out through the sink, on the
 * back end's own threads. Legs are named by ids that the caller draws; a back end never makes
 * one up. Two legs may be bridged: each then hears the other.
 *
 * Life of a leg:
 *   DIAL or RING_PHONE posted --> RINGING* --> EARLY* --> ANSWERED --> ENDED
 *                             \------------------------------------>   ENDED
 * A posted leg gets exactly one ENDED, whatever happens; after it the id means nothing. A leg
 * that cannot even start (no such trunk, no free port) gets ENDED too: post() only fails for a
 * full mailbox.
 *
 * Times are monotonic and taken where it happened, so that a loaded engine measures the wire
 * and not itself. Strings are copied with the message. */
#ifndef CADRAN_PORT_TELEPHONY_H
#define CADRAN_PORT_TELEPHONY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/status.h"
#include "model/id.h"
#include "model/outcome.h"

/* A leg: a call to the public (its call_id) or an agent's phone; one number space, drawn by the
 * runtime. */
struct leg_id {
    int64_t value;
};

#define SIP_TEXT_SIZE 128

enum trunk_transport { TRUNK_UDP, TRUNK_TCP };

struct trunk_config {
    struct trunk_id id;
    char host[SIP_TEXT_SIZE]; /* address or name of the peer */
    int32_t port;             /* 5060 */
    enum trunk_transport transport;
    char user[SIP_TEXT_SIZE]; /* digest user; "" = none is sent */
    char password[SIP_TEXT_SIZE];
    char domain[SIP_TEXT_SIZE]; /* of From and To; "" = host */
    int32_t channels;           /* most calls at once; 0 = no limit */
    int32_t calls_per_second;   /* 0 = no limit */
    bool follows_redirects;     /* 3xx; off unless the trunk's owner allows it */
};

struct phone_config {
    struct phone_id id;
    char user[SIP_TEXT_SIZE];     /* the part before @ that registers */
    char password[SIP_TEXT_SIZE]; /* digest; kept in memory as HA1 only */
};

enum telephony_command_kind {
    TELEPHONY_TRUNK_SET,
    TELEPHONY_TRUNK_REMOVE,
    TELEPHONY_PHONE_SET,
    TELEPHONY_PHONE_REMOVE,
    TELEPHONY_DIAL,       /* a leg to the public over a trunk */
    TELEPHONY_RING_PHONE, /* a leg to a registered phone */
    TELEPHONY_HANG_UP,    /* CANCEL or BYE, whichever fits; ENDED follows */
    TELEPHONY_BRIDGE,     /* two answered legs hear each other */
    TELEPHONY_UNBRIDGE,   /* each goes back to hearing silence */
    TELEPHONY_TONE,       /* plays a short tone to one leg (an agent's zip tone) */
};

struct telephony_command {
    enum telephony_command_kind kind;
    struct leg_id leg;
    union {
        struct trunk_config trunk;
        struct phone_config phone;
        struct {
            struct trunk_id trunk;
            int64_t number;        /* E.164 digits */
            int64_t caller_number; /* E.164 digits; 0 = anonymous */
            char caller_name[64];
            int64_t ring_timeout_ms; /* no answer by then: CANCEL, ENDED with NO_ANSWER */
        } dial;
        struct {
            struct phone_id phone;
            int64_t ring_timeout_ms;
            char caller_text[64]; /* shown on the phone's display */
            bool
                is_auto_answer; /* asks the phone to answer by itself (Call-Info, Alert-Info) */
        } ring;
        struct {
            struct leg_id other;
        } bridge;
        struct {
            int32_t cause; /* Q.850, 16 = normal clearing */
        } hang_up;
    };
};

enum telephony_event_kind {
    TELEPHONY_RINGING,
    TELEPHONY_EARLY, /* media before the answer */
    TELEPHONY_ANSWERED,
    TELEPHONY_ENDED,
    TELEPHONY_PHONE_STATE, /* a phone registered, or its registration ended */
    TELEPHONY_TRUNK_STATE,
};

enum leg_ended_by { ENDED_BY_PEER, ENDED_BY_US, ENDED_BY_FAULT };

/* What early media said about an unanswered call. */
enum early_tone { EARLY_TONE_NONE, EARLY_TONE_BUSY, EARLY_TONE_CONGESTION, EARLY_TONE_SIT };

struct telephony_event {
    enum telephony_event_kind kind;
    struct leg_id leg;
    struct mono at;
    union {
        struct {
            enum outcome outcome; /* of an unanswered leg; PERSON for an answered one */
            enum leg_ended_by by;
            int32_t sip_status; /* 0 = none was received */
            int32_t q850_cause; /* 0 = none */
            enum early_tone tone;
            uint32_t packets_received; /* RTP, over the leg's life */
            uint32_t packets_sent;
            uint32_t packets_lost; /* by sequence gaps on arrival */
            char reason[64];       /* for the log and the event viewer */
        } ended;
        struct {
            struct phone_id phone;
            bool is_registered;
        } phone;
        struct {
            struct trunk_id trunk;
            bool is_up;
            char reason[64];
        } trunk;
    };
};

struct telephony_port {
    void *self;
    /* Hands a command over. STATUS_FULL when the mailbox is full: try again later. */
    enum status (*post)(void *self, const struct telephony_command *command) MUST_USE;
};

/* Where a back end delivers its events. False = full: the back end keeps the event and offers
 * it again; it never drops one. */
struct telephony_sink {
    void *context;
    bool (*deliver)(void *context, const struct telephony_event *event);
};

#endif
