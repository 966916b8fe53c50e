/* sdp.h -- reads and writes the session descriptions that a telephone call needs.
 *
 * Audio over RTP/AVP on IPv4 with G.711 and telephone-event: what the public network speaks. It
 * is not a general SDP library: other media are remembered only as far as an answer must refuse
 * them, and unknown attributes are skipped.
 * Bounded and allocation free: the text is read once, front to back, every count has a limit,
 * and what is wrong is refused with the number of its line. Pure; any thread.
 * Source: RFC 8866 (SDP), RFC 3264 (offer and answer), RFC 4733 (telephone-event), RFC 2543
 * (hold by 0.0.0.0, still sent by old peers). */
#ifndef CADRAN_TELEPHONY_SDP_H
#define CADRAN_TELEPHONY_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define SDP_TEXT_MAX 8192 /* bytes read or written */
#define SDP_LINES_MAX 256
#define SDP_MEDIA_MAX 8    /* m= lines */
#define SDP_FORMATS_MAX 32 /* payload types on an m= line */
#define SDP_WORD_SIZE 24

/* The order is that of the wire's bits: a direction is SEND | RECEIVE. */
enum sdp_direction {
    SDP_INACTIVE = 0,
    SDP_SENDONLY = 1,
    SDP_RECVONLY = 2,
    SDP_SENDRECV = 3,
};

enum sdp_codec { SDP_CODEC_NONE, SDP_CODEC_PCMU, SDP_CODEC_PCMA };

struct sdp_format {
    enum sdp_codec codec;
    uint8_t payload_type; /* 0..127 */
};
#define SDP_CODECS_MAX 4

/* An m= line, so that an answer can repeat it with port 0 (RFC 3264, 6). */
struct sdp_media_line {
    char kind[SDP_WORD_SIZE];     /* "audio", "video", ... */
    char protocol[SDP_WORD_SIZE]; /* "RTP/AVP", ... */
    char format[SDP_WORD_SIZE];   /* the first one */
};

struct sdp {
    uint64_t session_id;
    uint64_t session_version;     /* grows with each change of the same session */
    uint8_t address[4];           /* where the owner receives audio */
    uint16_t port;                /* 0 = the stream is refused */
    enum sdp_direction direction; /* as its owner sees it: sendonly = the owner only sends */
    bool has_hold_address;        /* c=0.0.0.0: hold, whatever the direction says */
    int32_t ptime_ms;             /* 0 = not said */
    int32_t codec_count;
    struct sdp_format codecs[SDP_CODECS_MAX]; /* ours to speak, in the owner's order */
    uint8_t event_payload_type;               /* telephone-event; 0 = none */
    int32_t media_count;
    int32_t audio_line; /* which of media[] the fields above describe; -1 = none */
    struct sdp_media_line media[SDP_MEDIA_MAX];
};

/* What we offer: sendrecv audio on address:port with both laws, mu-law first, and
 * telephone-event 101. */
void sdp_offer(struct sdp *sdp, const uint8_t address[4], uint16_t port, uint64_t session_id);

/* Reads `len` bytes (no terminator needed). STATUS_INVALID names the line in err->path.
 * A description without usable audio is valid: audio_line is -1, or codec_count is 0. */
enum status sdp_read(const char *text, size_t len, struct sdp *sdp, struct error *err) MUST_USE;

/* Writes it with CRLF lines and a terminator. The length, or 0 where `size` is too small. */
size_t sdp_write(const struct sdp *sdp, char *text, size_t size);

/* The answer of `local` (its address, port and ids) to `offer`: one codec, the offer's first
 * that we speak, the mirrored direction, every other stream refused. False where nothing is
 * common: then 488 is the reply. */
bool sdp_answer(const struct sdp *offer, const struct sdp *local, struct sdp *answer) MUST_USE;

/* Whether its owner wants to hear us, and whether it will speak. */
bool sdp_hears(const struct sdp *sdp);
bool sdp_speaks(const struct sdp *sdp);

#endif
