#include "telephony/media/tone_detector.h"

#include <pthread.h>
#include <spandsp.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/ensure.h"
#include "base/memory.h"

/* spandsp's receiver cuts the sound into segments: this known frequency (or pair), or none, for
 * so many milliseconds. Its own cadence matching is not used: it accepts after one period,
 * takes ring-back for busy, and cannot tell 914 from 950 Hz. Here a cadence must be heard
 * twice, its pauses must be quiet, and the pitch of a tone is counted from its zero crossings.
 *
 * A receiver decides which of the frequencies *it knows* is there, so frequencies within a bin
 * (62 Hz) of each other must not share one, and it needs at least three. Hence two. 425 Hz also
 * hears its neighbours 400 (United Kingdom) and 440 (France), and 950, 1400 and 1800 those of
 * North America's information tones. */
enum family { FAMILY_SINGLE, FAMILY_PAIR, FAMILY_COUNT };
enum pitch { PITCH_NONE = -1, PITCH_425, PITCH_950, PITCH_1400, PITCH_1800 };
enum { PAIR_350, PAIR_480, PAIR_620 };

static const int frequencies[FAMILY_COUNT][4] = {
    [FAMILY_SINGLE] = {425, 950, 1400, 1800},
    [FAMILY_PAIR] = {350, 480, 620, 0},
};
static super_tone_rx_descriptor_t *descriptors[FAMILY_COUNT];

#define FRAME_SAMPLES 160 /* 20 ms: the grain of the sound's history */
#define FRAME_MS 20
#define FRAMES_KEPT 64
#define LAG_MS 32 /* the receiver reports a change two blocks late */
#define SEGMENTS_KEPT 5

struct segment {
    int f1, f2; /* indices into frequencies[]; -1 = none */
    int ms;
    double hertz; /* by zero crossings */
    int64_t power;
};

struct ear {
    struct tone_detector *detector;
    enum family family;
    struct segment segments[SEGMENTS_KEPT]; /* the newest last */
};

struct tone_detector {
    super_tone_rx_state_t *receivers[FAMILY_COUNT];
    struct ear ears[FAMILY_COUNT];
    struct tone_verdict verdict;
    struct {
        int crossings;
        int64_t power; /* mean square */
    } frames[FRAMES_KEPT];
    int64_t frame_count;
    int filled, crossings;
    int64_t energy;
    int16_t last_sample;
};

static void describe(void)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        descriptors[f] = super_tone_rx_make_descriptor(NULL);
        ensure(descriptors[f]);
        /* Never matches: it only makes the frequencies known, in this order. */
        for (int i = 0; i < 4 && frequencies[f][i]; i++) {
            int tone = super_tone_rx_add_tone(descriptors[f]);
            super_tone_rx_add_element(descriptors[f], tone, frequencies[f][i], 0, 3600000, 0);
        }
    }
}

void tone_detector_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, describe);
}

static const struct segment *newest(const struct ear *ear, int back)
{
    return &ear->segments[SEGMENTS_KEPT - 1 - back];
}

static bool is_within(int value, int low, int high)
{
    return value >= low && value <= high;
}

static bool is_alike(int a, int b)
{
    return abs(a - b) <= 50;
}

/* tone, pause, tone, pause: all four about as long as each other, the pauses 15 dB quieter. */
static int cadence_ms(const struct ear *ear)
{
    const struct segment *off2 = newest(ear, 0), *on2 = newest(ear, 1);
    const struct segment *off1 = newest(ear, 2), *on1 = newest(ear, 3);
    bool is_tone = ear->family == FAMILY_PAIR ? on1->f1 + on1->f2 == PAIR_480 + PAIR_620 &&
                                                    on1->f1 > PAIR_350 && on1->f2 > PAIR_350
                                              : on1->f1 == PITCH_425 && on1->f2 < 0;
    bool is_same = (on1->f1 == on2->f1 && on1->f2 == on2->f2) ||
                   (on1->f1 == on2->f2 && on1->f2 == on2->f1);
    if (!is_tone || !is_same || off1->f1 >= 0 || off2->f1 >= 0)
        return 0;
    if (!is_alike(on1->ms, on2->ms) || !is_alike(off1->ms, off2->ms) ||
        abs(on1->ms - off1->ms) > 100)
        return 0;
    if (off1->power * 32 > on1->power || off2->power * 32 > on2->power)
        return 0;
    return (on1->ms + off1->ms) / 2;
}

/* The three rising tones. `third` is the newest tone; short gaps between them are allowed. */
static struct tone_verdict information_tone(const struct ear *ear)
{
    const struct segment *tones[3];
    const struct tone_verdict nothing = {EARLY_TONE_NONE, OUTCOME_NONE, ""};
    int found = 0;
    for (int back = 0; back < SEGMENTS_KEPT && found < 3; back++) {
        const struct segment *segment = newest(ear, back);
        if (segment->f1 < 0 && segment->ms <= 70)
            continue;
        if (segment->f1 != PITCH_1800 - found || segment->f2 >= 0 ||
            !is_within(segment->ms, 200, 480))
            return nothing;
        tones[2 - found++] = segment;
    }
    if (found < 3)
        return nothing;
    if (is_within((int)tones[0]->hertz, 932, 968))
        /* ITU-T's has one code for every reason; in use it means a dead number. */
        return (struct tone_verdict){EARLY_TONE_SIT, OUTCOME_SIT_UNCALLABLE, "sit"};
    /* North America: the lengths of the first two tones say which (330 ms parts 274 and 380).
     */
    bool is_first_long = tones[0]->ms >= 330, is_second_long = tones[1]->ms >= 330;
    if (!is_second_long)
        return (struct tone_verdict){EARLY_TONE_SIT, OUTCOME_SIT_UNCALLABLE,
                                     is_first_long ? "sit_vacant" : "sit_intercept"};
    return (struct tone_verdict){EARLY_TONE_SIT, OUTCOME_SIT_CALLABLE,
                                 is_first_long ? "sit_no_circuit" : "sit_reorder"};
}

/* The sound of a segment that has just been reported, from its middle frames. */
static void measure(const struct tone_detector *detector, struct segment *segment)
{
    int64_t last = detector->frame_count - 1 - (LAG_MS + FRAME_MS) / FRAME_MS;
    int64_t first = detector->frame_count - (segment->ms + LAG_MS) / FRAME_MS + 2;
    int crossings = 0, frames = 0;
    int64_t power = 0;
    if (first < detector->frame_count - FRAMES_KEPT)
        first = detector->frame_count - FRAMES_KEPT;
    for (int64_t i = first < 0 ? 0 : first; i <= last; i++) {
        crossings += detector->frames[i % FRAMES_KEPT].crossings;
        power += detector->frames[i % FRAMES_KEPT].power;
        frames++;
    }
    if (frames == 0)
        return;
    segment->hertz = (double)crossings * 1000.0 / (2.0 * FRAME_MS * frames);
    segment->power = power / frames;
}

static void on_segment(void *user, int f1, int f2, int duration_ms)
{
    struct ear *ear = user;
    struct segment segment = {f1, f2, duration_ms, 0, 0};
    measure(ear->detector, &segment);
    for (int i = 1; i < SEGMENTS_KEPT; i++)
        ear->segments[i - 1] = ear->segments[i];
    ear->segments[SEGMENTS_KEPT - 1] = segment;
    if (ear->detector->verdict.tone != EARLY_TONE_NONE)
        return;
    int period = cadence_ms(ear);
    if (is_within(period, 340, 600))
        ear->detector->verdict = (struct tone_verdict){EARLY_TONE_BUSY, OUTCOME_BUSY, "busy"};
    else if (is_within(period, 150, 310))
        ear->detector->verdict =
            (struct tone_verdict){EARLY_TONE_CONGESTION, OUTCOME_SIT_CALLABLE, "congestion"};
    else if (ear->family == FAMILY_SINGLE)
        ear->detector->verdict = information_tone(ear);
}

/* spandsp insists on this callback too; what it says is not used. */
static void on_tone(void *user, int code, int level, int delay)
{
    (void)user;
    (void)code;
    (void)level;
    (void)delay;
}

struct tone_detector *tone_detector_create(void)
{
    struct tone_detector *detector = memory_new(1, sizeof(*detector));
    detector->verdict = (struct tone_verdict){EARLY_TONE_NONE, OUTCOME_NONE, ""};
    for (int f = 0; f < FAMILY_COUNT; f++) {
        detector->ears[f].detector = detector;
        detector->ears[f].family = (enum family)f;
        for (int i = 0; i < SEGMENTS_KEPT; i++)
            detector->ears[f].segments[i] = (struct segment){-1, -1, 0, 0, 0};
        detector->receivers[f] =
            super_tone_rx_init(NULL, descriptors[f], on_tone, &detector->ears[f]);
        ensure(detector->receivers[f]);
        super_tone_rx_segment_callback(detector->receivers[f], on_segment);
    }
    return detector;
}

void tone_detector_destroy(struct tone_detector *detector)
{
    if (!detector)
        return;
    for (int f = 0; f < FAMILY_COUNT; f++)
        super_tone_rx_free(detector->receivers[f]);
    free(detector);
}

static void keep_history(struct tone_detector *detector, int16_t sample)
{
    detector->crossings += (sample >= 0) != (detector->last_sample >= 0);
    detector->last_sample = sample;
    detector->energy += (int64_t)sample * sample;
    if (++detector->filled < FRAME_SAMPLES)
        return;
    int slot = (int)(detector->frame_count++ % FRAMES_KEPT);
    detector->frames[slot].crossings = detector->crossings;
    detector->frames[slot].power = detector->energy / FRAME_SAMPLES;
    detector->filled = 0;
    detector->crossings = 0;
    detector->energy = 0;
}

struct tone_verdict tone_detector_hear(struct tone_detector *detector, const int16_t *samples,
                                       int count)
{
    if (detector->verdict.tone == EARLY_TONE_NONE) {
        for (int i = 0; i < count; i++)
            keep_history(detector, samples[i]);
        for (int f = 0; f < FAMILY_COUNT; f++)
            super_tone_rx(detector->receivers[f], samples, count);
    }
    return detector->verdict;
}
