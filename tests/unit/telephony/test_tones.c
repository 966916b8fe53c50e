/* Early media: each tone of the network gets its outcome, ring-back and speech get none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "telephony/media/law.h"
#include "telephony/media/tone_detector.h"

struct piece {
    double f1, f2;
    int ms;
};

/* The verdict after `repeats` of the pieces, as it arrives: 20 ms frames through mu-law. */
static struct tone_verdict hear(const struct piece *pieces, int count, int repeats)
{
    struct tone_detector *detector = tone_detector_create();
    struct tone_verdict verdict = {EARLY_TONE_NONE, OUTCOME_NONE, ""};
    struct random random;
    random_init(&random, 5);
    int16_t frame[160];
    int filled = 0;
    for (int i = 0; i < repeats * count; i++) {
        const struct piece *piece = &pieces[i % count];
        for (int n = 0; n < piece->ms * 8; n++) {
            double t = (double)n / 8000.0, value = 0;
            if (piece->f1 > 0)
                value += 6000.0 * sin(2 * M_PI * piece->f1 * t);
            if (piece->f2 > 0)
                value += 6000.0 * sin(2 * M_PI * piece->f2 * t);
            value += (random_unit(&random) - 0.5) * 20;
            frame[filled++] =
                law_decode(SDP_CODEC_PCMU, law_encode(SDP_CODEC_PCMU, (int16_t)value));
            if (filled == 160) {
                verdict = tone_detector_hear(detector, frame, 160);
                filled = 0;
            }
        }
    }
    tone_detector_destroy(detector);
    return verdict;
}

#define HEAR(repeats, ...)                                                                     \
    hear((struct piece[])__VA_ARGS__,                                                          \
         (int)(sizeof((struct piece[])__VA_ARGS__) / sizeof(struct piece)), repeats)

static void busy_tones_of_three_continents_are_busy(void **state)
{
    (void)state;
    assert_int_equal(HEAR(4, {{480, 620, 500}, {0, 0, 500}}).outcome, OUTCOME_BUSY);
    assert_int_equal(HEAR(4, {{425, 0, 500}, {0, 0, 500}}).outcome, OUTCOME_BUSY);
    assert_int_equal(HEAR(4, {{440, 0, 500}, {0, 0, 500}}).outcome, OUTCOME_BUSY);
    assert_int_equal(HEAR(5, {{400, 0, 375}, {0, 0, 375}}).outcome, OUTCOME_BUSY);
}

static void congestion_may_be_called_again(void **state)
{
    (void)state;
    struct tone_verdict verdict = HEAR(8, {{480, 620, 250}, {0, 0, 250}});
    assert_int_equal(verdict.tone, EARLY_TONE_CONGESTION);
    assert_int_equal(verdict.outcome, OUTCOME_SIT_CALLABLE);
    assert_int_equal(HEAR(8, {{425, 0, 250}, {0, 0, 250}}).outcome, OUTCOME_SIT_CALLABLE);
}

static void information_tones_tell_a_dead_number_from_a_full_network(void **state)
{
    (void)state;
    static const struct {
        struct piece pieces[4];
        enum outcome outcome;
        const char *name;
    } cases[] = {
        {{{950, 0, 330}, {1400, 0, 330}, {1800, 0, 330}, {0, 0, 1000}},
         OUTCOME_SIT_UNCALLABLE,
         "sit"},
        {{{913.8, 0, 274}, {1370.6, 0, 274}, {1776.7, 0, 380}, {0, 0, 1000}},
         OUTCOME_SIT_UNCALLABLE,
         "sit_intercept"},
        {{{985.2, 0, 380}, {1370.6, 0, 274}, {1776.7, 0, 380}, {0, 0, 1000}},
         OUTCOME_SIT_UNCALLABLE,
         "sit_vacant"},
        {{{913.8, 0, 274}, {1428.5, 0, 380}, {1776.7, 0, 380}, {0, 0, 1000}},
         OUTCOME_SIT_CALLABLE,
         "sit_reorder"},
        {{{985.2, 0, 380}, {1428.5, 0, 380}, {1776.7, 0, 380}, {0, 0, 1000}},
         OUTCOME_SIT_CALLABLE,
         "sit_no_circuit"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tone_verdict verdict = hear(cases[i].pieces, 4, 1);
        assert_string_equal(verdict.name, cases[i].name);
        assert_int_equal(verdict.tone, EARLY_TONE_SIT);
        assert_int_equal(verdict.outcome, cases[i].outcome);
    }
}

static void ring_back_dial_tone_and_silence_are_nothing(void **state)
{
    (void)state;
    assert_int_equal(HEAR(3, {{440, 480, 2000}, {0, 0, 4000}}).tone, EARLY_TONE_NONE);
    assert_int_equal(HEAR(3, {{440, 0, 1500}, {0, 0, 3500}}).tone, EARLY_TONE_NONE);
    assert_int_equal(
        HEAR(3, {{400, 450, 400}, {0, 0, 200}, {400, 450, 400}, {0, 0, 2000}}).tone,
        EARLY_TONE_NONE);
    assert_int_equal(HEAR(1, {{350, 440, 8000}}).tone, EARLY_TONE_NONE);
    assert_int_equal(HEAR(1, {{0, 0, 8000}}).tone, EARLY_TONE_NONE);
}

static void syllables_are_nothing(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 11);
    static struct piece pieces[600];
    for (size_t i = 0; i < 600; i++) {
        bool is_pause = random_below(&random, 4) == 0;
        pieces[i] = (struct piece){is_pause ? 0 : 120 + random_unit(&random) * 900,
                                   is_pause ? 0 : 900 + random_unit(&random) * 1500,
                                   40 + (int)random_below(&random, 260)};
    }
    assert_int_equal(hear(pieces, 600, 1).tone, EARLY_TONE_NONE);
}

static int set_up(void **state)
{
    (void)state;
    law_init();
    tone_detector_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_tones_of_three_continents_are_busy),
        cmocka_unit_test(congestion_may_be_called_again),
        cmocka_unit_test(information_tones_tell_a_dead_number_from_a_full_network),
        cmocka_unit_test(ring_back_dial_tone_and_silence_are_nothing),
        cmocka_unit_test(syllables_are_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
