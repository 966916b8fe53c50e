/* law.h -- the two laws of telephone audio, as tables: decode, and one law to the other.
 * Filled once by law_init, read only after: any thread. Source: ITU-T G.711, by spandsp. */
#ifndef CADRAN_TELEPHONY_MEDIA_LAW_H
#define CADRAN_TELEPHONY_MEDIA_LAW_H

#include <stddef.h>
#include <stdint.h>

#include "telephony/sdp.h"

/* Before any other use; again is harmless. */
void law_init(void);

int16_t law_decode(enum sdp_codec codec, uint8_t byte);
uint8_t law_encode(enum sdp_codec codec, int16_t sample);
/* In place, from one law to the other. */
void law_transcode(uint8_t *bytes, size_t len, enum sdp_codec from);
/* The byte of digital silence. */
uint8_t law_silence(enum sdp_codec codec);

#endif
