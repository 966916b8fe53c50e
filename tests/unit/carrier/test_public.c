/* The simulated public: what a number does follows from the seed alone, in the shares and times
 * of its profile; what it says is what an ear that was not made for it recognises. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/status.h"
#include "carrier/profile.h"
#include "carrier/voice.h"
#include "telephony/media/law.h"
#include "telephony/media/tone_detector.h"

#define NUMBERS 40000
#define PACKET 160

static struct carrier_plan plan_of(const struct carrier_profile *profile, uint64_t seed, int n,
                                   uint32_t calls_before)
{
    char number[24];
    snprintf(number, sizeof(number), "+336%08d", n);
    struct carrier_plan plan;
    profile_plan(profile, seed, number, calls_before, &plan);
    return plan;
}

static bool same(const struct carrier_plan *a, const struct carrier_plan *b)
{
    return a->kind == b->kind && a->delay_ms == b->delay_ms && a->ring_ms == b->ring_ms &&
           a->talk_ms == b->talk_ms && a->voice == b->voice &&
           a->has_ringback == b->has_ringback;
}

static void the_seed_decides_and_the_order_of_calls_does_not(void **state)
{
    (void)state;
    struct carrier_profile profile;
    profile_default(&profile);
    struct carrier_plan forwards[100];
    for (int i = 0; i < 100; i++)
        forwards[i] = plan_of(&profile, 11, i, 0);
    int other_seed = 0, second_call = 0;
    for (int i = 99; i >= 0; i--) {
        struct carrier_plan again = plan_of(&profile, 11, i, 0);
        assert_true(same(&again, &forwards[i]));
        struct carrier_plan elsewhere = plan_of(&profile, 12, i, 0);
        struct carrier_plan later = plan_of(&profile, 11, i, 1);
        other_seed += !same(&elsewhere, &forwards[i]);
        second_call += !same(&later, &forwards[i]);
    }
    assert_int_equal(other_seed, 100);
    assert_int_equal(second_call, 100);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double median_s(int64_t *ms, int count)
{
    qsort(ms, (size_t)count, sizeof(*ms), compare);
    return (double)ms[count / 2] / 1000.0;
}

static void shares_and_times_are_those_of_the_profile(void **state)
{
    (void)state;
    struct carrier_profile profile = {
        .person = 0.30,
        .machine = 0.20,
        .busy = 0.10,
        .unknown = 0.08,
        .congestion = 0.06,
        .rejected = 0.04,
        .fax = 0.02,
        .ring_s = 7,
        .talk_s = 45,
        .machine_s = 9,
    };
    static int64_t ring[NUMBERS], talk[NUMBERS], machine[NUMBERS];
    int of_kind[PLAN_REJECTED + 1] = {0}, people = 0, machines = 0;
    for (int i = 0; i < NUMBERS; i++) {
        struct carrier_plan plan = plan_of(&profile, 3, i, 0);
        of_kind[plan.kind]++;
        ring[i] = plan.ring_ms;
        if (plan.kind == PLAN_PERSON)
            talk[people++] = plan.talk_ms;
        if (plan.kind == PLAN_MACHINE)
            machine[machines++] = plan.talk_ms;
        assert_in_range(plan.delay_ms, 100, 599);
    }
    const struct {
        double wanted;
        int seen;
    } shares[] = {
        {0.30, of_kind[PLAN_PERSON]},
        {0.20, of_kind[PLAN_MACHINE]},
        {0.10, of_kind[PLAN_BUSY] + of_kind[PLAN_BUSY_TONE]},
        {0.08, of_kind[PLAN_UNKNOWN] + of_kind[PLAN_UNKNOWN_TONE]},
        {0.06, of_kind[PLAN_CONGESTION] + of_kind[PLAN_CONGESTION_TONE]},
        {0.04, of_kind[PLAN_REJECTED]},
        {0.02, of_kind[PLAN_FAX]},
        {0.20, of_kind[PLAN_NO_ANSWER]},
        {0.04, of_kind[PLAN_BUSY_TONE]}, /* two in five refuse by a tone */
    };
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) /* 5 standard deviations */
        assert_true(fabs(shares[i].seen / (double)NUMBERS - shares[i].wanted) <
                    5 * sqrt(shares[i].wanted / NUMBERS));
    assert_true(fabs(median_s(ring, NUMBERS) / 7 - 1) < 0.03);
    assert_true(fabs(median_s(talk, people) / 45 - 1) < 0.03);
    assert_true(fabs(median_s(machine, machines) / 9 - 1) < 0.03);
}

static enum status read_text(const char *text, struct carrier_profile *profile,
                             struct error *err)
{
    char path[] = "/tmp/cadran-profile-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    enum status status = profile_read(path, profile, err);
    unlink(path);
    return status;
}

static void a_profile_is_read_and_a_wrong_one_is_named(void **state)
{
    (void)state;
    struct carrier_profile profile;
    struct error err = {0};
    assert_int_equal(
        read_text("[public]\nperson = 0.5\nfax=0\n[times]\nring_s = 2.5\n", &profile, &err),
        STATUS_OK);
    assert_true(profile.person == 0.5 && profile.fax == 0 && profile.ring_s == 2.5);
    assert_true(profile.machine == 0.18); /* what is not said keeps its default */
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"[public]\nperson=0.5\nhuman=0.1\n", "line 3: [public] human"},
        {"[public]\nperson=1.5\n", "line 2: [public] person"},
        {"[public]\nperson=half\n", "line 2: [public] person"},
        {"[times]\nring_s=0\n", "line 2: [times] ring_s"},
        {"[public]\nperson=0.9\nmachine=0.9\n", "at most 1 is possible"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        err = (struct error){0};
        assert_int_equal(read_text(wrong[i].text, &profile, &err), STATUS_INVALID);
        assert_non_null(strstr(err.text, wrong[i].words));
    }
    assert_int_equal(profile_read("/nowhere/profile.ini", &profile, &err), STATUS_NOT_FOUND);
}

/* The share of a packet's energy at this frequency. */
static double share_at(const int16_t *samples, double frequency)
{
    double re = 0, im = 0, all = 0;
    for (int i = 0; i < PACKET; i++) {
        double angle = 2 * M_PI * frequency * i / 8000.0;
        re += samples[i] * cos(angle);
        im += samples[i] * sin(angle);
        all += (double)samples[i] * samples[i];
    }
    return all > 0 ? 2 * (re * re + im * im) / (PACKET * all) : 0;
}

struct heard {
    struct tone_verdict tone;
    int loud_ms, beep_ms, first_beep_ms, ms;
};

static struct heard listen(const struct voice *voice, int repeats)
{
    struct heard heard = {.first_beep_ms = -1};
    struct tone_detector *detector = tone_detector_create();
    for (int turn = 0; turn < repeats; turn++)
        for (size_t at = 0; at + PACKET <= voice->len; at += PACKET) {
            int16_t samples[PACKET];
            double energy = 0;
            for (int i = 0; i < PACKET; i++) {
                samples[i] = law_decode(SDP_CODEC_PCMU, voice->bytes[at + (size_t)i]);
                energy += (double)samples[i] * samples[i];
            }
            bool is_loud = energy / PACKET > 300.0 * 300.0;
            bool is_beep = is_loud && share_at(samples, 1000) > 0.8;
            heard.loud_ms += is_loud ? 20 : 0;
            heard.beep_ms += is_beep ? 20 : 0;
            if (is_beep && heard.first_beep_ms < 0)
                heard.first_beep_ms = heard.ms;
            heard.tone = tone_detector_hear(detector, samples, PACKET);
            heard.ms += 20;
        }
    tone_detector_destroy(detector);
    return heard;
}

static void tones_are_recognised_and_speech_is_no_tone(void **state)
{
    (void)state;
    law_init();
    tone_detector_init();
    static const struct {
        enum voice_kind kind;
        enum outcome outcome;
    } kinds[] = {
        {VOICE_PERSON, OUTCOME_NONE},
        {VOICE_TALK, OUTCOME_NONE},
        {VOICE_AGENT, OUTCOME_NONE},
        {VOICE_MACHINE, OUTCOME_NONE},
        {VOICE_RINGBACK, OUTCOME_NONE},
        {VOICE_BUSY, OUTCOME_BUSY},
        {VOICE_UNKNOWN, OUTCOME_SIT_UNCALLABLE},
        {VOICE_CONGESTION, OUTCOME_SIT_CALLABLE},
    };
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const struct voice *first = voice_of(kinds[k].kind, 0), *voice = first;
        for (uint64_t n = 0; n == 0 || voice != first; voice = voice_of(kinds[k].kind, ++n)) {
            assert_int_equal(voice->len % PACKET, 0);
            struct heard heard = listen(voice, 3);
            assert_int_equal(heard.tone.outcome, kinds[k].outcome);
            assert_true(heard.loud_ms > 0);
        }
    }
}

static void persons_are_short_and_machines_talk_and_beep(void **state)
{
    (void)state;
    law_init();
    tone_detector_init();
    for (uint64_t n = 0; n < 7; n++) {
        struct heard person = listen(voice_of(VOICE_PERSON, n), 1);
        assert_in_range(person.loud_ms, 200, 3500);
        assert_true(person.ms < 5000);
        assert_true(person.beep_ms < 60);
    }
    for (uint64_t n = 0; n < 3; n++) {
        struct heard machine = listen(voice_of(VOICE_MACHINE, n), 1);
        assert_true(machine.loud_ms > 3500);
        assert_in_range(machine.beep_ms, 360, 440);
        assert_true(machine.first_beep_ms > machine.ms - 500); /* the beep is the end */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seed_decides_and_the_order_of_calls_does_not),
        cmocka_unit_test(shares_and_times_are_those_of_the_profile),
        cmocka_unit_test(a_profile_is_read_and_a_wrong_one_is_named),
        cmocka_unit_test(tones_are_recognised_and_speech_is_no_tone),
        cmocka_unit_test(persons_are_short_and_machines_talk_and_beep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
