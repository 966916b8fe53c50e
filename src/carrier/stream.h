/* stream.h -- the simulated side's audio: one thread that plays clips every 20 ms, hears what
 * comes, and counts. A stream is opened and closed by the SIP thread and lives on the audio
 * thread between the two. G.711 only (RFC 3551). */
#ifndef CADRAN_CARRIER_STREAM_H
#define CADRAN_CARRIER_STREAM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "carrier/voice.h"
#include "telephony/sdp.h"

struct audio;
struct stream;

struct audio *audio_create(const char *address, struct error *err);
void audio_destroy(struct audio *audio);

/* Binds a free port; NULL when there is none left. */
struct stream *stream_open(struct audio *audio, uint16_t *port);
/* From now on packets go to the peer, in its codec. */
void stream_connect(struct audio *audio, struct stream *stream, const struct sdp *peer);
/* What is heard next: `first` once, then `then` with pauses for ever; either may be NULL. */
void stream_play(struct audio *audio, struct stream *stream, const struct voice *first,
                 const struct voice *then);
/* The stream is gone after it. */
void stream_close(struct audio *audio, struct stream *stream);

struct audio_figures {
    uint64_t sent, received, lost;
    uint64_t heard; /* packets that were not silence */
};
void audio_figures(const struct audio *audio, struct audio_figures *figures);

#endif
