/* The SIP thread's parts: the table of outcomes and its document, digest, timers, the outbox.
 */
#include <setjmp.h>
#include <sodium.h>
#include <sofia-sip/su_md5.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "telephony/sip/cause.h"
#include "telephony/sip/digest.h"
#include "telephony/sip/outbox.h"
#include "telephony/sip/wheel.h"

static void the_document_lists_exactly_the_table(void **state)
{
    (void)state;
    size_t count, found = 0, lines = 0;
    const struct cause_row *rows = cause_rows(&count);
    FILE *file = fopen(OUTCOMES, "r");
    char line[512];
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, "| SIP |", 7) != 0 && strncmp(line, "| Q.850 |", 9) != 0)
            continue;
        lines++;
        for (size_t i = 0; i < count; i++) {
            char expected[256];
            snprintf(expected, sizeof(expected), "| %s | %d%s | %s | %s |\n",
                     rows[i].kind == CAUSE_Q850 ? "Q.850" : "SIP", (int)rows[i].code,
                     rows[i].kind == CAUSE_SIP_CLASS ? "xx" : "", outcome_name(rows[i].outcome),
                     rows[i].text);
            found += strcmp(line, expected) == 0;
        }
    }
    fclose(file);
    assert_int_equal(lines, count);
    assert_int_equal(found, count);
}

static void a_q850_cause_wins_over_the_status_where_it_says_something(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(486, 0), OUTCOME_BUSY);
    assert_int_equal(outcome_of(480, 17), OUTCOME_BUSY);
    assert_int_equal(outcome_of(486, 16), OUTCOME_BUSY);
    assert_int_equal(outcome_of(503, 127), OUTCOME_SIT_CALLABLE);
    assert_int_equal(outcome_of(503, 1), OUTCOME_SIT_UNCALLABLE);
    assert_int_equal(outcome_of(499, 0), OUTCOME_FAILED);
    assert_int_equal(outcome_of(0, 0), OUTCOME_FAILED);
    for (int status = 300; status < 700; status++)
        assert_false(outcome_is_answered(outcome_of(status, 0)));
}

static void md5(const char *text, char hex[33])
{
    su_md5_t md5;
    su_md5_init(&md5);
    su_md5_update(&md5, text, (usize_t)strlen(text));
    su_md5_hexdigest(&md5, hex);
    su_md5_deinit(&md5);
}

/* What a phone would send. */
static struct digest_credentials sign(const char *nonce, const char *password, const char *nc)
{
    char ha1[33], ha2[33], all[512];
    struct digest_credentials c = {
        .user = "anna", .realm = "cadran", .uri = "sip:x", .cnonce = "abc", .qop = "auth"};
    snprintf(c.nonce, sizeof(c.nonce), "%s", nonce);
    snprintf(c.nc, sizeof(c.nc), "%s", nc);
    snprintf(all, sizeof(all), "anna:cadran:%s", password);
    md5(all, ha1);
    md5("REGISTER:sip:x", ha2);
    snprintf(all, sizeof(all), "%s:%s:%s:abc:auth:%s", ha1, nonce, nc, ha2);
    md5(all, c.response);
    return c;
}

static void a_digest_is_good_once_and_only_with_our_nonce(void **state)
{
    (void)state;
    static struct digest digest;
    char nonce[DIGEST_NONCE_SIZE], ha1[DIGEST_HEX_SIZE];
    struct mono now = {1000 * US_PER_S};
    digest_init(&digest);
    digest_ha1("anna", "cadran", "secret", ha1);
    digest_nonce(&digest, now, nonce);
    struct digest_credentials c = sign(nonce, "secret", "00000001");
    assert_int_equal(digest_check(&digest, now, "REGISTER", "cadran", ha1, &c), DIGEST_GOOD);
    assert_int_equal(digest_check(&digest, now, "REGISTER", "cadran", ha1, &c), DIGEST_STALE);
    c = sign(nonce, "secret", "00000003");
    assert_int_equal(digest_check(&digest, now, "REGISTER", "cadran", ha1, &c), DIGEST_GOOD);
    c = sign(nonce, "secret", "00000002");
    assert_int_equal(digest_check(&digest, now, "REGISTER", "cadran", ha1, &c), DIGEST_STALE);
    c = sign(nonce, "wrong", "00000004");
    assert_int_equal(digest_check(&digest, now, "REGISTER", "cadran", ha1, &c), DIGEST_BAD);
    c = sign(nonce, "secret", "00000004");
    assert_int_equal(digest_check(&digest, now, "INVITE", "cadran", ha1, &c), DIGEST_BAD);
    char forged[DIGEST_NONCE_SIZE];
    memcpy(forged, nonce, sizeof(forged));
    forged[0] = forged[0] == '0' ? '1' : '0'; /* another time, the same MAC */
    c = sign(forged, "secret", "00000001");
    assert_int_equal(digest_check(&digest, now, "REGISTER", "cadran", ha1, &c), DIGEST_BAD);
    c = sign(nonce, "secret", "00000005");
    now.us += 400 * US_PER_S;
    assert_int_equal(digest_check(&digest, now, "REGISTER", "cadran", ha1, &c), DIGEST_STALE);
    digest_fini(&digest);
}

static void credentials_are_read_with_limits(void **state)
{
    (void)state;
    struct digest_credentials c;
    const char *good[] = {"username=\"anna\"",
                          "realm=\"cadran\"",
                          "nonce=\"n\"",
                          "uri=\"sip:x\"",
                          "response=\"0123456789abcdef0123456789abcdef\"",
                          "cnonce=\"c\"",
                          "nc=00000001",
                          "qop=auth",
                          NULL};
    assert_true(digest_read(good, &c));
    assert_string_equal(c.user, "anna");
    assert_string_equal(c.nc, "00000001");
    good[6] = "nc=1";
    assert_false(digest_read(good, &c));
    good[6] = "nc=0000000000000000000000000000000000000000000000000000000000000001";
    assert_false(digest_read(good, &c));
    assert_false(digest_read(NULL, &c));
}

struct alarm {
    struct timer timer;
    struct mono *now;
    int64_t expected_us;
    int fired;
};

static void on_alarm(void *context)
{
    struct alarm *alarm = context;
    alarm->fired++;
    /* Never early, and at the first turn after it is due. */
    assert_true(alarm->now->us >= alarm->expected_us);
    assert_true(alarm->now->us - alarm->expected_us <= 20000);
}

static void timers_fire_once_never_early_and_stay_stopped(void **state)
{
    (void)state;
    static struct wheel wheel;
    static struct alarm alarms[2000];
    struct random random;
    struct mono now = {123456789};
    random_init(&random, 3);
    wheel_init(&wheel, now);
    for (int i = 0; i < 2000; i++) {
        int64_t delay = (int64_t)random_below(&random, 40000);
        alarms[i] = (struct alarm){.now = &now, .expected_us = now.us + delay * US_PER_MS};
        wheel_start(&wheel, &alarms[i].timer, now, delay, on_alarm, &alarms[i]);
    }
    for (int i = 0; i < 2000; i += 3)
        wheel_stop(&alarms[i].timer);
    for (int i = 0; i < 4100; i++) {
        now.us += 10000;
        wheel_turn(&wheel, now);
    }
    for (int i = 0; i < 2000; i++)
        assert_int_equal(alarms[i].fired, i % 3 == 0 ? 0 : 1);
}

struct slow_sink {
    int room, delivered;
    int64_t last;
};

static bool slow_deliver(void *context, const struct telephony_event *event)
{
    struct slow_sink *sink = context;
    if (sink->room == 0)
        return false;
    sink->room--;
    sink->delivered++;
    assert_int_equal(event->leg.value, sink->last + 1);
    sink->last = event->leg.value;
    return true;
}

static void events_wait_in_order_for_a_sink_that_is_full(void **state)
{
    (void)state;
    struct slow_sink sink = {.room = 3};
    struct outbox outbox;
    outbox_init(&outbox, (struct telephony_sink){&sink, slow_deliver});
    for (int64_t i = 1; i <= 100; i++)
        outbox_put(&outbox, &(struct telephony_event){.leg = {i}});
    assert_int_equal(sink.delivered, 3);
    assert_int_equal(outbox_waiting(&outbox), 97);
    sink.room = 10;
    outbox_flush(&outbox);
    outbox_put(&outbox, &(struct telephony_event){.leg = {101}});
    sink.room = 1000;
    outbox_flush(&outbox);
    assert_int_equal(sink.delivered, 101);
    outbox_fini(&outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_lists_exactly_the_table),
        cmocka_unit_test(a_q850_cause_wins_over_the_status_where_it_says_something),
        cmocka_unit_test(a_digest_is_good_once_and_only_with_our_nonce),
        cmocka_unit_test(credentials_are_read_with_limits),
        cmocka_unit_test(timers_fire_once_never_early_and_stay_stopped),
        cmocka_unit_test(events_wait_in_order_for_a_sink_that_is_full),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
