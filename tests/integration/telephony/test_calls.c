/* Calls over a trunk, with SIPp as the carrier: each way a call can end is an event. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "harness.h"

/* One carrier playing one scenario, and the back end with a trunk to it. */
struct stage {
    struct harness harness;
    struct peer carrier;
    struct trunk_config trunk;
    uint16_t port;
};

static void stage_open(struct stage *stage, const char *scenario, uint16_t rtp_port,
                       const char *const *extra)
{
    struct telephony_options options = harness_options();
    stage->port = free_port();
    stage->carrier =
        sipp_start(scenario, stage->port, rtp_port ? rtp_port : free_port(), extra);
    harness_start(&stage->harness, &options);
    stage->trunk = harness_trunk_config(stage->port);
    harness_trunk(&stage->harness, &stage->trunk);
}

static void stage_close(struct stage *stage)
{
    assert_int_equal(peer_wait(&stage->carrier), 0);
    harness_stop(&stage->harness);
}

static void an_answered_call_rings_is_answered_and_is_hung_up(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "answer", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 10000);
    struct telephony_event ringing = harness_await(&stage.harness, TELEPHONY_RINGING, leg);
    struct telephony_event answered = harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    assert_true(answered.at.us >= ringing.at.us);
    harness_hang_up(&stage.harness, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_PERSON);
    assert_int_equal(ended.ended.by, ENDED_BY_US);
    stage_close(&stage);
}

/* SIPp wants its status codes literally: the template, filled. */
static void write_refusal(const char *status, const char *reason, char path[64])
{
    char line[512];
    snprintf(path, 64, "/tmp/cadran-refuse-XXXXXX");
    FILE *from = fopen(SCENARIOS "/refuse.xml", "r"), *to = fdopen(mkstemp(path), "w");
    assert_non_null(from);
    while (fgets(line, sizeof(line), from)) {
        if (strstr(line, "[status]"))
            fprintf(to, "      SIP/2.0 %s\n", status);
        else if (strstr(line, "[reason]"))
            fprintf(to, "      %s\n", reason);
        else
            fputs(line, to);
    }
    fclose(from);
    fclose(to);
}

static void refusals_become_outcomes(void **state)
{
    (void)state;
    static const struct {
        const char *status, *reason;
        enum outcome outcome;
        int sip, cause;
    } cases[] = {
        {"486 Busy Here", "X-A: b", OUTCOME_BUSY, 486, 0},
        {"404 Not Found", "X-A: b", OUTCOME_SIT_UNCALLABLE, 404, 0},
        {"503 Service Unavailable", "Retry-After: 1", OUTCOME_SIT_CALLABLE, 503, 0},
        {"603 Decline", "X-A: b", OUTCOME_REJECTED, 603, 0},
        {"500 Error", "Reason: Q.850;cause=1;text=\"Unallocated\"", OUTCOME_SIT_UNCALLABLE, 500,
         1},
        {"480 Gone", "Reason: SIP;cause=480, Q.850;cause=17", OUTCOME_BUSY, 480, 17},
        {"302 Moved", "X-A: b", OUTCOME_FAILED, 302, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;
        char scenario[64];
        write_refusal(cases[i].status, cases[i].reason, scenario);
        stage_open(&stage, scenario, 0, NULL);
        unlink(scenario);
        struct leg_id leg = harness_dial(&stage.harness, 10000);
        struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
        assert_int_equal(ended.ended.outcome, cases[i].outcome);
        assert_int_equal(ended.ended.sip_status, cases[i].sip);
        assert_int_equal(ended.ended.q850_cause, cases[i].cause);
        assert_int_equal(ended.ended.by, ENDED_BY_PEER);
        stage_close(&stage);
    }
}

static void a_call_that_rings_too_long_is_cancelled(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "no_answer", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 600);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_NO_ANSWER);
    assert_int_equal(ended.ended.by, ENDED_BY_US);
    assert_int_equal(ended.ended.sip_status, 487);
    stage_close(&stage);
}

static void a_call_hung_up_while_it_rings_is_cancelled(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "no_answer", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 20000);
    harness_await(&stage.harness, TELEPHONY_RINGING, leg);
    harness_hang_up(&stage.harness, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_CANCELLED);
    stage_close(&stage);
}

static void a_cancel_that_is_never_confirmed_still_ends(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "cancel_silent", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 500);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_NO_ANSWER);
    stage_close(&stage);
}

static void an_answer_that_crosses_the_cancel_is_released(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "late_answer", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 500);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_NO_ANSWER);
    stage_close(&stage); /* SIPp saw the ACK and the BYE, or it fails */
}

static void a_far_end_that_hangs_up_ends_the_call_with_its_cause(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "far_bye", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_PERSON);
    assert_int_equal(ended.ended.by, ENDED_BY_PEER);
    assert_int_equal(ended.ended.q850_cause, 17);
    stage_close(&stage);
}

static void early_media_without_an_answer_is_told_and_cancelled(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "early", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 800);
    harness_await(&stage.harness, TELEPHONY_EARLY, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_NO_ANSWER);
    assert_int_equal(ended.ended.tone, EARLY_TONE_NONE);
    stage_close(&stage);
}

static void early_media_becomes_the_calls_media_when_the_answer_has_none(void **state)
{
    (void)state;
    struct stage stage;
    struct party party;
    party_start(&party, 0, 700, 0, 0);
    stage_open(&stage, "early_answer", party.port, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_EARLY, leg);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    for (int i = 0; i < 500 && party.packets < 20; i++)
        usleep(10000);
    harness_hang_up(&stage.harness, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_true(ended.ended.packets_sent >= 20);
    assert_true(ended.ended.packets_received > 0);
    stage_close(&stage);
    party_stop(&party);
}

static void credentials_are_sent_when_asked_for(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "digest", 0, NULL);
    snprintf(stage.trunk.user, sizeof(stage.trunk.user), "dialer");
    snprintf(stage.trunk.password, sizeof(stage.trunk.password), "s3cret");
    harness_trunk(&stage.harness, &stage.trunk);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    harness_hang_up(&stage.harness, leg);
    harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    stage_close(&stage);
}

static void credentials_refused_twice_fail_the_call(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "digest_refuse", 0, NULL);
    snprintf(stage.trunk.user, sizeof(stage.trunk.user), "dialer");
    snprintf(stage.trunk.password, sizeof(stage.trunk.password), "wrong");
    harness_trunk(&stage.harness, &stage.trunk);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_FAILED);
    assert_int_equal(ended.ended.sip_status, 407);
    stage_close(&stage);
}

static void a_trunk_that_nobody_answers_at_is_a_fault_and_not_congestion(void **state)
{
    (void)state;
    static const enum trunk_transport transports[] = {TRUNK_UDP, TRUNK_TCP};
    for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
        struct harness harness;
        struct telephony_options options = harness_options();
        harness_start(&harness, &options);
        struct trunk_config trunk = harness_trunk_config(free_port());
        trunk.transport = transports[i];
        harness_trunk(&harness, &trunk);
        struct leg_id leg = harness_dial(&harness, 5000);
        struct telephony_event ended = harness_await(&harness, TELEPHONY_ENDED, leg);
        assert_int_equal(ended.ended.outcome, OUTCOME_FAILED);
        assert_int_equal(ended.ended.by, ENDED_BY_FAULT);
        assert_int_equal(ended.ended.sip_status, 0);
        harness_stop(&harness);
    }
}

static void the_far_end_may_hold_unhold_and_ask_for_an_offer(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "hold", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_PERSON);
    assert_int_equal(ended.ended.by, ENDED_BY_PEER);
    stage_close(&stage);
}

/* RFC 3261 13.2.2.4: each further answer is acknowledged, and its call released. */
static void a_second_answer_of_a_forked_call_is_released(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "fork", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    usleep(1500000); /* for the other answer and its release */
    harness_hang_up(&stage.harness, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.by, ENDED_BY_US);
    stage_close(&stage);
}

/* RFC 3261 14.2: an INVITE that meets ours is refused with 491, and ours goes on. */
static void an_invite_that_meets_ours_is_refused(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "glare", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    harness_hang_up(&stage.harness, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.by, ENDED_BY_US);
    stage_close(&stage);
}

static void an_answer_that_cannot_be_understood_fails_the_call(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "bad_sdp", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_FAILED);
    assert_non_null(strstr(ended.ended.reason, "line 2"));
    stage_close(&stage);
}

static void redirects_are_followed_through_the_trunk_three_times_at_most(void **state)
{
    (void)state;
    struct stage stage;
    const char *extra[] = {"-m", "4", NULL};
    stage_open(&stage, "redirect", 0, extra);
    stage.trunk.follows_redirects = true;
    harness_trunk(&stage.harness, &stage.trunk);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.sip_status, 302);
    assert_int_equal(ended.ended.outcome, OUTCOME_FAILED);
    stage_close(&stage); /* SIPp counted four calls */
}

static void a_trunk_that_answers_options_is_up_and_a_dead_one_is_down(void **state)
{
    (void)state;
    struct stage stage;
    struct telephony_options options = harness_options();
    const char *extra[] = {"-aa", NULL};
    options.ping_interval_ms = 500;
    stage.port = free_port();
    stage.carrier = sipp_start("answer", stage.port, free_port(), extra);
    harness_start(&stage.harness, &options);
    stage.trunk = harness_trunk_config(stage.port);
    harness_trunk(&stage.harness, &stage.trunk);
    struct telephony_event event =
        harness_await(&stage.harness, TELEPHONY_TRUNK_STATE, (struct leg_id){0});
    assert_true(event.trunk.is_up);
    peer_kill(&stage.carrier);
    event = harness_await(&stage.harness, TELEPHONY_TRUNK_STATE, (struct leg_id){0});
    assert_false(event.trunk.is_up);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    event = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(event.ended.outcome, OUTCOME_FAILED);
    assert_non_null(strstr(event.ended.reason, "down"));
    harness_stop(&stage.harness);
}

static void nobody_there_is_a_failure_and_not_a_wait(void **state)
{
    (void)state;
    struct harness harness;
    struct telephony_options options = harness_options();
    harness_start(&harness, &options);
    struct leg_id no_trunk = harness_dial(&harness, 5000);
    assert_int_equal(harness_await(&harness, TELEPHONY_ENDED, no_trunk).ended.outcome,
                     OUTCOME_FAILED);
    /* A socket that never answers. */
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
    getsockname(fd, (struct sockaddr *)&in, &len);
    struct trunk_config trunk = harness_trunk_config(ntohs(in.sin_port));
    harness_trunk(&harness, &trunk);
    struct leg_id leg = harness_dial(&harness, 60000);
    struct telephony_event ended = harness_await(&harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_FAILED);
    assert_int_equal(ended.ended.sip_status, 0);
    close(fd);
    harness_stop(&harness);
}

static void limits_of_a_trunk_are_answers(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "answer", 0, NULL);
    stage.trunk.channels = 1;
    harness_trunk(&stage.harness, &stage.trunk);
    struct leg_id first = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, first);
    struct leg_id second = harness_dial(&stage.harness, 5000);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, second);
    assert_int_equal(ended.ended.outcome, OUTCOME_SIT_CALLABLE);
    assert_non_null(strstr(ended.ended.reason, "channels"));
    stage.trunk.channels = 0;
    stage.trunk.calls_per_second = 1;
    harness_trunk(&stage.harness, &stage.trunk);
    /* One at once, two wait for their turn, the fourth would wait too long. */
    struct leg_id legs[4];
    for (int i = 0; i < 4; i++)
        legs[i] = harness_dial(&stage.harness, 1);
    ended = harness_await(&stage.harness, TELEPHONY_ENDED, legs[3]);
    assert_non_null(strstr(ended.ended.reason, "calls per second"));
    int64_t before = instant_mono_now().us;
    for (int i = 0; i < 3; i++)
        harness_await(&stage.harness, TELEPHONY_ENDED, legs[i]);
    assert_true(instant_mono_now().us - before > US_PER_S);
    harness_hang_up(&stage.harness, first);
    harness_await(&stage.harness, TELEPHONY_ENDED, first);
    stage_close(&stage);
}

static void a_stop_ends_every_leg_within_five_seconds(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, "answer", 0, NULL);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    int64_t before = instant_mono_now().us;
    telephony_stop(stage.harness.telephony);
    assert_true(instant_mono_now().us - before < 5 * US_PER_S);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.by, ENDED_BY_US);
    stage_close(&stage);
}

static void throw_at(uint16_t port, struct random *random)
{
    static const char seed[] =
        "INVITE sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
        "127.0.0.1:9;branch=z9hG4bK1;rport\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: 1@b\r\nCSeq: 1 INVITE\r\n"
        "Contact: <sip:a@127.0.0.1:9>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n"
        "Content-Length: 30\r\n\r\nv=0\r\nm=audio 9 FOO 111 )\r\n\r\n\r\n";
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char *const methods[] = {"INVITE", "REGISTER", "BYE", "OPTIONS", "CANCEL"};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    for (int i = 0; i < 2000; i++) {
        char text[sizeof(seed) + 16];
        const char *method = methods[random_below(random, 5)];
        int len = snprintf(text, sizeof(text), "%s%s", method, seed + 6);
        for (uint64_t n = random_below(random, 6); n > 0; n--)
            text[random_below(random, (uint64_t)len)] = (char)random_below(random, 256);
        if (i % 16 == 0)
            len = (int)random_below(random, (uint64_t)len);
        sendto(fd, text, (size_t)len, 0, (struct sockaddr *)&in, sizeof(in));
        if (i % 50 == 0)
            usleep(1000);
    }
    close(fd);
}

static void nonsense_on_the_ports_does_not_stop_calls(void **state)
{
    (void)state;
    struct stage stage;
    struct random random;
    random_init(&random, 42);
    stage_open(&stage, "answer", 0, NULL);
    throw_at(telephony_trunk_port(stage.harness.telephony), &random);
    throw_at(telephony_phone_port(stage.harness.telephony), &random);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    harness_hang_up(&stage.harness, leg);
    harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    stage_close(&stage);
}

static void a_busy_tone_before_the_answer_is_busy(void **state)
{
    (void)state;
    struct stage stage;
    struct party party;
    party_start(&party, 8, 425, 500, 500);
    struct telephony_options options = harness_options();
    uint16_t rtp = free_port();
    rtp = (uint16_t)(rtp & ~1U);
    options.rtp_port_first = rtp;
    options.rtp_port_last =
        (uint16_t)(rtp + 1); /* so that the test knows where it will listen */
    stage.port = free_port();
    const char *law[] = {"-key", "payloads", "8", NULL};
    stage.carrier = sipp_start("early", stage.port, party.port, law);
    harness_start(&stage.harness, &options);
    stage.trunk = harness_trunk_config(stage.port);
    harness_trunk(&stage.harness, &stage.trunk);
    struct leg_id leg = harness_dial(&stage.harness, 12000);
    harness_await(&stage.harness, TELEPHONY_EARLY, leg);
    party_play_to(&party, rtp);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.outcome, OUTCOME_BUSY);
    assert_int_equal(ended.ended.tone, EARLY_TONE_BUSY);
    assert_int_equal(ended.ended.by, ENDED_BY_US);
    stage_close(&stage);
    party_stop(&party);
}

static void two_bridged_customers_hear_each_other(void **state)
{
    (void)state;
    struct harness harness;
    struct telephony_options options = harness_options();
    struct party low, high;
    party_start(&low, 0, 440, 0, 0);
    party_start(&high, 8, 1200, 0, 0);
    const char *law[] = {"-key", "payloads", "8", NULL};
    uint16_t ports[2] = {free_port(), free_port()};
    struct peer a = sipp_start("answer", ports[0], low.port, NULL);
    struct peer b = sipp_start("answer", ports[1], high.port, law);
    harness_start(&harness, &options);
    struct trunk_config trunk = harness_trunk_config(ports[0]);
    harness_trunk(&harness, &trunk);
    struct leg_id one = harness_dial(&harness, 5000);
    harness_await(&harness, TELEPHONY_ANSWERED, one);
    trunk.port = ports[1];
    harness_trunk(&harness, &trunk);
    struct leg_id two = harness_dial(&harness, 5000);
    harness_await(&harness, TELEPHONY_ANSWERED, two);
    harness_bridge(&harness, one, two);
    assert_true(party_hears(&low, 1200));
    assert_true(party_hears(&high, 440));
    assert_true(party_share(&low, 440) < 0.01);
    harness_hang_up(&harness, one);
    harness_hang_up(&harness, two);
    struct telephony_event ended = harness_await(&harness, TELEPHONY_ENDED, one);
    assert_true(ended.ended.packets_received >= 40);
    assert_int_equal(ended.ended.packets_lost, 0);
    harness_await(&harness, TELEPHONY_ENDED, two);
    assert_int_equal(peer_wait(&a), 0);
    assert_int_equal(peer_wait(&b), 0);
    harness_stop(&harness);
    party_stop(&low);
    party_stop(&high);
}

static void a_far_end_that_falls_silent_is_noticed(void **state)
{
    (void)state;
    struct stage stage;
    struct telephony_options options = harness_options();
    options.media_loss_ms = 500;
    stage.port = free_port();
    stage.carrier = sipp_start("answer", stage.port, free_port(), NULL);
    harness_start(&stage.harness, &options);
    stage.trunk = harness_trunk_config(stage.port);
    harness_trunk(&stage.harness, &stage.trunk);
    struct leg_id leg = harness_dial(&stage.harness, 5000);
    harness_await(&stage.harness, TELEPHONY_ANSWERED, leg);
    struct telephony_event ended = harness_await(&stage.harness, TELEPHONY_ENDED, leg);
    assert_int_equal(ended.ended.by, ENDED_BY_FAULT);
    assert_int_equal(ended.ended.outcome, OUTCOME_PERSON);
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answered_call_rings_is_answered_and_is_hung_up),
        cmocka_unit_test(refusals_become_outcomes),
        cmocka_unit_test(a_call_that_rings_too_long_is_cancelled),
        cmocka_unit_test(a_call_hung_up_while_it_rings_is_cancelled),
        cmocka_unit_test(a_cancel_that_is_never_confirmed_still_ends),
        cmocka_unit_test(an_answer_that_crosses_the_cancel_is_released),
        cmocka_unit_test(a_far_end_that_hangs_up_ends_the_call_with_its_cause),
        cmocka_unit_test(early_media_without_an_answer_is_told_and_cancelled),
        cmocka_unit_test(early_media_becomes_the_calls_media_when_the_answer_has_none),
        cmocka_unit_test(a_busy_tone_before_the_answer_is_busy),
        cmocka_unit_test(credentials_are_sent_when_asked_for),
        cmocka_unit_test(credentials_refused_twice_fail_the_call),
        cmocka_unit_test(a_trunk_that_nobody_answers_at_is_a_fault_and_not_congestion),
        cmocka_unit_test(the_far_end_may_hold_unhold_and_ask_for_an_offer),
        cmocka_unit_test(a_second_answer_of_a_forked_call_is_released),
        cmocka_unit_test(an_invite_that_meets_ours_is_refused),
        cmocka_unit_test(an_answer_that_cannot_be_understood_fails_the_call),
        cmocka_unit_test(redirects_are_followed_through_the_trunk_three_times_at_most),
        cmocka_unit_test(a_trunk_that_answers_options_is_up_and_a_dead_one_is_down),
        cmocka_unit_test(nobody_there_is_a_failure_and_not_a_wait),
        cmocka_unit_test(limits_of_a_trunk_are_answers),
        cmocka_unit_test(two_bridged_customers_hear_each_other),
        cmocka_unit_test(a_far_end_that_falls_silent_is_noticed),
        cmocka_unit_test(nonsense_on_the_ports_does_not_stop_calls),
        cmocka_unit_test(a_stop_ends_every_leg_within_five_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
