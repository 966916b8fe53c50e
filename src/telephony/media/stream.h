/* stream.h -- one leg's RTP: what arrives is checked and handed on, what leaves is continuous.
 * Inside media/; used by the media thread that owns the stream.
 *
 * The peer's address is latched: packets are taken from whoever sends the first valid one,
 * which is the address that the SDP named or, behind NAT, another; from then on the socket is
 * connected and the kernel drops everybody else, until a new SDP names a new address. What
 * leaves has one SSRC, and a sequence and time that never jump, whoever is bridged. */
#ifndef CADRAN_TELEPHONY_MEDIA_STREAM_H
#define CADRAN_TELEPHONY_MEDIA_STREAM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "telephony/media/media.h"

#define STREAM_FRAME_SAMPLES 160
#define STREAM_FRAME_US 20000
#define STREAM_TONE_FRAMES 12 /* 240 ms */

enum stream_payload { STREAM_UNKNOWN, STREAM_PCMU, STREAM_PCMA, STREAM_EVENT };

struct stream {
    struct leg_id leg;
    int fd;
    uint16_t port;
    size_t index; /* in its thread's list */
    struct media_remote remote;
    struct sockaddr_in remote_address;
    bool is_latched;
    uint8_t payload_kind[128];
    struct stream *peer; /* same thread; the other one's peer is this */
    struct tone_detector *detector;

    /* what we sent */
    uint32_t ssrc;
    uint16_t sequence; /* of the last packet */
    uint32_t time;     /* of the last packet, at sent_at */
    struct mono sent_at;
    bool has_sent;
    struct mono frame_due; /* of silence or a tone */
    int tone_frame;        /* -1: none plays */

    /* how the packets of the bridged leg become ours */
    bool is_synced;
    uint32_t relay_ssrc;
    uint16_t relay_sequence_first, relay_sequence_last, relay_sequence_offset;
    uint32_t relay_time_offset, relay_time_last;

    /* what we heard */
    bool has_heard;
    uint32_t heard_ssrc;
    uint16_t heard_sequence;
    struct mono heard_at;
    struct media_counts counts;
    uint32_t expected; /* packets since this source began, by sequence */
    uint32_t received_of_source;
    uint32_t lost_before; /* of sources that ended */

    bool is_loss_reported, is_tone_reported, is_closing;
    struct tone_verdict verdict;
};

/* Tones that are played, made once. */
void stream_init_tones(void);

void stream_set_remote(struct stream *stream, const struct media_remote *remote,
                       struct mono now);
void stream_bridge(struct stream *a, struct stream *b);
void stream_unbridge(struct stream *stream);
/* One datagram waits: takes it and hands it to the bridged leg. False: there was none. */
bool stream_receive(struct stream *stream, struct mono now);
/* Every 10 ms: silence and tones that are due. */
void stream_tick(struct stream *stream, struct mono now);
bool stream_is_lost(const struct stream *stream, struct mono now, int64_t loss_after_ms);
/* Counts so far. */
struct media_counts stream_counts(const struct stream *stream);

#endif
