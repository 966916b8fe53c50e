/* voice.h -- what the simulated public says: clips of 8 kHz mu-law, a whole number of 20 ms
 * packets each. Made at build time (generate/voices.py); constants. */
#ifndef CADRAN_CARRIER_VOICE_H
#define CADRAN_CARRIER_VOICE_H

#include <stddef.h>
#include <stdint.h>

enum voice_kind {
    VOICE_PERSON,  /* the first words of whoever answers */
    VOICE_TALK,    /* the rest of a conversation */
    VOICE_AGENT,   /* what a simulated agent says */
    VOICE_MACHINE, /* a greeting, then a beep */
    VOICE_UNKNOWN, /* special information tone and announcement */
    VOICE_RINGBACK,
    VOICE_BUSY,
    VOICE_CONGESTION,
    VOICE_FAX,
};

struct voice {
    enum voice_kind kind;
    const uint8_t *bytes;
    size_t len;
};

extern const struct voice voices[];
extern const size_t voice_count;

/* The nth clip of a kind, around and around; never NULL. */
const struct voice *voice_of(enum voice_kind kind, uint64_t nth);

#endif
