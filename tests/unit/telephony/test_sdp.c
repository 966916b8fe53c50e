/* SDP: what calls need is read, what is wrong is refused with its line, nothing is overrun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "telephony/sdp.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"

static enum status read_text(const char *text, struct sdp *sdp, struct error *err)
{
    return sdp_read(text, strlen(text), sdp, err);
}

static struct sdp must_read(const char *text)
{
    struct sdp sdp;
    struct error err = {0};
    enum status status = read_text(text, &sdp, &err);
    if (status != STATUS_OK)
        print_error("%s: %s\n", err.path, err.text);
    assert_int_equal(status, STATUS_OK);
    return sdp;
}

static void reads_a_carriers_answer(void **state)
{
    (void)state;
    struct sdp sdp = must_read(HEAD "m=audio 40002 RTP/AVP 8 0 18 96\r\n"
                                    "a=rtpmap:96 telephone-event/8000\r\n"
                                    "a=fmtp:96 0-16\r\na=ptime:20\r\n");
    const uint8_t address[4] = {10, 0, 0, 1};
    assert_memory_equal(sdp.address, address, 4);
    assert_int_equal(sdp.port, 40002);
    assert_int_equal(sdp.codec_count, 2);
    assert_int_equal(sdp.codecs[0].codec, SDP_CODEC_PCMA);
    assert_int_equal(sdp.codecs[1].codec, SDP_CODEC_PCMU);
    assert_int_equal(sdp.event_payload_type, 96);
    assert_int_equal(sdp.ptime_ms, 20);
    assert_int_equal(sdp.session_version, 2);
    assert_true(sdp_hears(&sdp) && sdp_speaks(&sdp));
}

static void reads_dynamic_payload_types_and_media_level_addresses(void **state)
{
    (void)state;
    struct sdp sdp = must_read("v=0\no=x 1 1 IN IP6 ::1\ns= \nt=0 0\n"
                               "m=video 9 RTP/AVP 31\nc=IN IP6 ::1\na=rtpmap:31 H261/90000\n"
                               "m=audio 5000/2 RTP/AVP 97 98\nc=IN IP4 192.168.1.255/127\n"
                               "a=rtpmap:97 pcma/8000/1\na=rtpmap:98 PCMU/16000\n");
    const uint8_t address[4] = {192, 168, 1, 255};
    assert_memory_equal(sdp.address, address, 4);
    assert_int_equal(sdp.audio_line, 1);
    assert_int_equal(sdp.codec_count, 1);
    assert_int_equal(sdp.codecs[0].codec, SDP_CODEC_PCMA);
    assert_int_equal(sdp.codecs[0].payload_type, 97);
}

static void hold_directions_and_the_hold_address_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool hears, speaks;
    } cases[] = {
        {HEAD "m=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n", true, true},
        {HEAD "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", false, true},
        {HEAD "m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n", true, false},
        {HEAD "m=audio 4000 RTP/AVP 0\r\na=inactive\r\n", false, false},
        {HEAD "a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n", false, true},
        {HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", false, true},
        {HEAD "m=audio 0 RTP/AVP 0\r\n", false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sdp sdp = must_read(cases[i].text);
        assert_int_equal(sdp_hears(&sdp), cases[i].hears);
        assert_int_equal(sdp_speaks(&sdp), cases[i].speaks);
    }
}

static void malformed_lines_are_refused_by_number(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path;
    } cases[] = {
        {"", "line 0"},
        {"v=1\r\n", "line 1"},
        {"v=0\r\nhello\r\n", "line 2"},
        {"v=0\r\no=- 1\r\n", "line 2"},
        {"v=0\r\no=- one 1 IN IP4 1.2.3.4\r\n", "line 2"},
        {"v=0\r\nm=audio 9 RTP/AVP 0\r\n", "line 2"},
        {HEAD "Q=1\r\n", "line 6"},
        {HEAD "m=audio 9 FOO 111 )\r\na=\r\n", "line 7"},
        {HEAD "m=audio 65536 RTP/AVP 0\r\n", "line 6"},
        {HEAD "m=audio 99999999999999999999999 RTP/AVP 0\r\n", "line 6"},
        {HEAD "m=audio 9 RTP/AVP\r\n", "line 6"},
        {HEAD "m=audio 9 RTP/AVP 128\r\n", "line 6"},
        {HEAD "m=audio 9 RTP/AVP )\r\n", "line 6"},
        {HEAD "m=audio 9 RTP/AVP 0\r\nc=IN IP4 1.2.3\r\n", "line 7"},
        {HEAD "m=audio 9 RTP/AVP 0\r\nc=IN IP4 1.2.3.256\r\n", "line 7"},
        {HEAD "m=audio 9 RTP/AVP 0\r\nc=IN IP4 example.org\r\n", "line 7"},
        {HEAD "m=audio 9 RTP/AVP 0\r\na=rtpmap:0\r\n", "line 7"},
        {HEAD "m=audio 9 RTP/AVP 0\r\na=ptime:soon\r\n", "line 7"},
        {HEAD "\r\nm=audio 9 RTP/AVP 0\r\n", "line 6"},
        {"v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nm=audio 9 RTP/AVP 0\r\n", "line 4"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sdp sdp;
        struct error err = {0};
        assert_int_equal(read_text(cases[i].text, &sdp, &err), STATUS_INVALID);
        assert_string_equal(err.path, cases[i].path);
        assert_true(err.text[0] != '\0');
    }
}

static void the_line_that_hangs_other_readers_is_harmless(void **state)
{
    (void)state;
    struct sdp sdp = must_read(HEAD "m=audio 9 FOO 111 )\r\n");
    assert_int_equal(sdp.audio_line, -1);
    assert_int_equal(sdp.codec_count, 0);
}

static void every_count_has_a_limit(void **state)
{
    (void)state;
    char *text = memory_new(1, SDP_TEXT_MAX * 2);
    struct sdp sdp;
    size_t len = (size_t)snprintf(text, SDP_TEXT_MAX, HEAD);
    for (int i = 0; i < SDP_MEDIA_MAX + 1; i++)
        len += (size_t)snprintf(text + len, SDP_TEXT_MAX - len, "m=video 9 RTP/AVP 1\r\n");
    assert_int_equal(sdp_read(text, len, &sdp, NULL), STATUS_INVALID);
    len = (size_t)snprintf(text, SDP_TEXT_MAX, HEAD "m=audio 9 RTP/AVP");
    for (int i = 0; i < SDP_FORMATS_MAX + 1; i++)
        len += (size_t)snprintf(text + len, SDP_TEXT_MAX - len, " %d", i);
    assert_int_equal(sdp_read(text, len, &sdp, NULL), STATUS_INVALID);
    len = (size_t)snprintf(text, SDP_TEXT_MAX, HEAD);
    for (int i = 0; i < SDP_LINES_MAX; i++)
        len += (size_t)snprintf(text + len, SDP_TEXT_MAX - len, "a=x\r\n");
    assert_int_equal(sdp_read(text, len, &sdp, NULL), STATUS_INVALID);
    memset(text, 'a', SDP_TEXT_MAX * 2);
    assert_int_equal(sdp_read(text, SDP_TEXT_MAX + 1, &sdp, NULL), STATUS_INVALID);
    free(text);
}

static void an_offer_survives_the_wire(void **state)
{
    (void)state;
    const uint8_t address[4] = {127, 0, 0, 1};
    char text[1024];
    struct sdp offer;
    sdp_offer(&offer, address, 16000, 77);
    assert_true(sdp_write(&offer, text, sizeof(text)) > 0);
    struct sdp read = must_read(text);
    assert_memory_equal(&read, &offer, sizeof(offer));
    assert_int_equal(sdp_write(&offer, text, 40), 0);
}

static void an_answer_takes_the_first_common_codec_and_mirrors_the_direction(void **state)
{
    (void)state;
    const uint8_t address[4] = {127, 0, 0, 1};
    struct sdp local, answer;
    char text[1024];
    sdp_offer(&local, address, 16000, 77);
    struct sdp offer = must_read(HEAD "m=video 7000 RTP/AVP 31\r\n"
                                      "m=audio 4000 RTP/AVP 18 8 0 96\r\na=sendonly\r\n"
                                      "a=rtpmap:96 telephone-event/8000\r\n");
    assert_true(sdp_answer(&offer, &local, &answer));
    assert_true(sdp_write(&answer, text, sizeof(text)) > 0);
    assert_non_null(strstr(text, "m=video 0 RTP/AVP 31\r\nm=audio 16000 RTP/AVP 8 96\r\n"));
    assert_non_null(strstr(text, "a=recvonly\r\n"));
    offer = must_read(HEAD "m=audio 4000 RTP/AVP 18\r\n");
    assert_false(sdp_answer(&offer, &local, &answer));
    offer = must_read(HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
    assert_true(sdp_answer(&offer, &local, &answer));
    assert_int_equal(answer.direction, SDP_RECVONLY);
}

/* Whatever is accepted has fields in range and survives being written and read again. */
static void mutated_descriptions_are_refused_or_consistent(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        HEAD
        "m=audio 40002 RTP/AVP 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:20\r\n",
        HEAD
        "m=audio 9 FOO 111 )\r\nm=audio 9 RTP/AVP 0 8 9\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n",
        HEAD "m=video 5 RTP/AVP 31\r\nm=audio 1 RTP/AVPF 97\r\na=rtpmap:97 PCMA/8000/1\r\n",
    };
    static const char bytes[] = "\r\n\0 =:/.0189vosmca()\x80\xff";
    struct random random;
    random_init(&random, 20260101);
    int accepted = 0;
    for (int round = 0; round < 200000; round++) {
        const char *seed = seeds[random_below(&random, 3)];
        size_t len = strlen(seed);
        char *text = memory_new(1, len + 1); /* exact, so that an overrun is seen */
        memcpy(text, seed, len);
        for (uint64_t n = 1 + random_below(&random, 4); n > 0; n--)
            text[random_below(&random, len)] = bytes[random_below(&random, sizeof(bytes) - 1)];
        len -= random_below(&random, 4) ? 0 : random_below(&random, len);
        char *exact = memory_new(1, len ? len : 1);
        memcpy(exact, text, len);
        struct sdp sdp;
        if (sdp_read(exact, len, &sdp, NULL) == STATUS_OK) {
            char written[SDP_TEXT_MAX];
            struct sdp again;
            accepted++;
            assert_in_range(sdp.codec_count, 0, SDP_CODECS_MAX);
            assert_in_range(sdp.media_count, 0, SDP_MEDIA_MAX);
            assert_true(sdp.audio_line < sdp.media_count);
            size_t size = sdp_write(&sdp, written, sizeof(written));
            assert_true(size > 0);
            assert_int_equal(sdp_read(written, size, &again, NULL), STATUS_OK);
            assert_int_equal(again.media_count, sdp.media_count);
            if (sdp.codec_count > 0) {
                assert_int_equal(again.port, sdp.port);
                assert_int_equal(again.direction, sdp.direction);
                assert_memory_equal(again.codecs, sdp.codecs, sizeof(sdp.codecs));
            }
        }
        free(exact);
        free(text);
    }
    assert_in_range(accepted, 10000, 190000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_carriers_answer),
        cmocka_unit_test(reads_dynamic_payload_types_and_media_level_addresses),
        cmocka_unit_test(hold_directions_and_the_hold_address_are_understood),
        cmocka_unit_test(malformed_lines_are_refused_by_number),
        cmocka_unit_test(the_line_that_hangs_other_readers_is_harmless),
        cmocka_unit_test(every_count_has_a_limit),
        cmocka_unit_test(an_offer_survives_the_wire),
        cmocka_unit_test(an_answer_takes_the_first_common_codec_and_mirrors_the_direction),
        cmocka_unit_test(mutated_descriptions_are_refused_or_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
