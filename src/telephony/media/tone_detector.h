/* tone_detector.h -- hears busy, congestion and special information tones in early media.
 * One detector per leg that is not answered yet; the media thread feeds it, nothing allocates
 * while it hears. Sources: ITU-T E.180 supplement 2 (tones by country), Telcordia GR-1162 (the
 * codes in the frequencies and lengths of a North American SIT). */
#ifndef CADRAN_TELEPHONY_MEDIA_TONE_DETECTOR_H
#define CADRAN_TELEPHONY_MEDIA_TONE_DETECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "model/outcome.h"
#include "port/telephony.h"

struct tone_detector;

struct tone_verdict {
    enum early_tone tone; /* EARLY_TONE_NONE: nothing heard yet */
    enum outcome outcome;
    const char *name; /* for the log: "busy", "sit_vacant", ... */
};

/* Builds the descriptions that all detectors share, before the first one; again is harmless.
 * They stay for the life of the process. */
void tone_detector_init(void);

struct tone_detector *tone_detector_create(void);
void tone_detector_destroy(struct tone_detector *detector);
/* Feeds samples at 8 kHz. What was heard first stays. */
struct tone_verdict tone_detector_hear(struct tone_detector *detector, const int16_t *samples,
                                       int count);

#endif
