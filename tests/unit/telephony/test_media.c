/* Media: two legs hear each other through real sockets; what leaves is continuous RTP. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ensure.h"
#include "telephony/media/law.h"
#include "telephony/media/media.h"
#include "telephony/media/ports.h"

static const uint8_t loopback[4] = {127, 0, 0, 1};

/* A telephone on the far side of a leg. */
struct phone {
    int fd;
    uint16_t port;
    uint16_t sequence;
    uint32_t time, ssrc;
};

struct packet {
    size_t len;
    uint8_t payload_type;
    bool marker;
    uint16_t sequence;
    uint32_t time, ssrc;
    uint8_t payload[1500];
};

static struct phone phone_open(uint32_t ssrc)
{
    struct phone phone = {.sequence = 65530, .time = 4294967000U, .ssrc = ssrc};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    phone.fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(phone.fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(phone.fd, (struct sockaddr *)&address, &len), 0);
    phone.port = ntohs(address.sin_port);
    return phone;
}

static void phone_send(struct phone *phone, uint16_t to, uint8_t payload_type, uint8_t fill)
{
    uint8_t packet[172] = {0x80, payload_type};
    uint16_t sequence = htons(phone->sequence++);
    uint32_t time = htonl(phone->time), ssrc = htonl(phone->ssrc);
    phone->time += 160;
    memcpy(packet + 2, &sequence, 2);
    memcpy(packet + 4, &time, 4);
    memcpy(packet + 8, &ssrc, 4);
    memset(packet + 12, fill, 160);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(to),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(sendto(phone->fd, packet, sizeof(packet), 0, (struct sockaddr *)&address,
                            sizeof(address)),
                     sizeof(packet));
}

static bool phone_receive(struct phone *phone, struct packet *packet, int timeout_ms)
{
    uint8_t raw[1600];
    struct pollfd poller = {phone->fd, POLLIN, 0};
    if (poll(&poller, 1, timeout_ms) != 1)
        return false;
    ssize_t len = recv(phone->fd, raw, sizeof(raw), 0);
    assert_true(len >= 12);
    uint16_t sequence;
    uint32_t time, ssrc;
    memcpy(&sequence, raw + 2, 2);
    memcpy(&time, raw + 4, 4);
    memcpy(&ssrc, raw + 8, 4);
    *packet = (struct packet){.len = (size_t)len - 12,
                              .payload_type = raw[1] & 127,
                              .marker = raw[1] >> 7,
                              .sequence = ntohs(sequence),
                              .time = ntohl(time),
                              .ssrc = ntohl(ssrc)};
    memcpy(packet->payload, raw + 12, packet->len);
    return true;
}

/* The next packet whose first byte is `fill`; others (silence) are checked and skipped. */
static struct packet phone_expect(struct phone *phone, uint8_t fill)
{
    struct packet packet;
    for (int i = 0; i < 500; i++) {
        assert_true(phone_receive(phone, &packet, 2000));
        if (packet.payload[0] == fill)
            return packet;
    }
    fail_msg("the packet never came");
    return packet;
}

static struct media *start(int32_t threads, int64_t loss_after_ms)
{
    struct media_options options = {
        .threads = threads, .legs_max = 16, .loss_after_ms = loss_after_ms};
    struct error err = {0};
    memcpy(options.address, loopback, 4);
    struct media *media = media_create(&options, &err);
    assert_non_null(media);
    return media;
}

static struct media_remote remote_of(const struct phone *phone, enum sdp_codec codec)
{
    struct media_remote remote = {.port = phone->port,
                                  .hears = true,
                                  .speaks = true,
                                  .is_answered = true,
                                  .codec = codec,
                                  .payload_type = codec == SDP_CODEC_PCMA ? 8 : 0,
                                  .event_payload_type = 101};
    memcpy(remote.address, loopback, 4);
    return remote;
}

static struct media_leg open_leg(int64_t id)
{
    return (struct media_leg){.id = {id}};
}

static struct media_report wait_report(struct media *media, enum media_report_kind kind)
{
    struct media_report report;
    for (int i = 0; i < 1000; i++) {
        struct pollfd poller = {media_fd(media), POLLIN, 0};
        poll(&poller, 1, 10);
        media_fd_clear(media);
        while (media_poll(media, &report))
            if (report.kind == kind)
                return report;
    }
    fail_msg("the report never came");
    return report;
}

static void pump(struct media *media)
{
    struct media_report report;
    struct pollfd poller = {media_fd(media), POLLIN, 0};
    if (poll(&poller, 1, 20) == 1)
        media_fd_clear(media);
    assert_false(media_poll(media, &report));
}

/* Packets until the first one comes through: the bridge is made on another thread. */
static int await_bridge(struct phone *from, uint16_t port, struct phone *to, uint8_t fill)
{
    struct packet packet;
    for (int sent = 1; sent < 200; sent++) {
        phone_send(from, port, 0, law_encode(SDP_CODEC_PCMU, 9000));
        for (int i = 0; i < 5; i++)
            if (phone_receive(to, &packet, 10) && packet.payload[0] == fill)
                return sent;
    }
    fail_msg("the bridge was never made");
    return 0;
}

static void a_bridge(int32_t threads)
{
    struct media *media = start(threads, 0);
    struct phone alice = phone_open(0xaaaa), bob = phone_open(0xbbbb);
    struct media_leg a = open_leg(1), b = open_leg(2);
    struct media_remote to_alice = remote_of(&alice, SDP_CODEC_PCMU);
    struct media_remote to_bob = remote_of(&bob, SDP_CODEC_PCMA);
    assert_int_equal(media_open(media, &a, NULL), STATUS_OK);
    assert_int_equal(media_open(media, &b, NULL), STATUS_OK);
    media_set_remote(media, &a, &to_alice);
    media_set_remote(media, &b, &to_bob);
    struct packet first = phone_expect(&alice, 0xff);
    phone_expect(&bob, 0xd5);
    if (threads > 1)
        assert_true(a.thread != b.thread);
    media_bridge(media, &a, &b);
    for (int i = 0; i < 50 && a.is_moving; i++)
        pump(media);
    assert_int_equal(a.thread, b.thread);

    uint8_t mu = law_encode(SDP_CODEC_PCMU, 9000), al = mu, back;
    law_transcode(&al, 1, SDP_CODEC_PCMU);
    back = al;
    law_transcode(&back, 1, SDP_CODEC_PCMA);
    assert_in_range(law_decode(SDP_CODEC_PCMA, al), 8600, 9400);
    assert_in_range(law_decode(SDP_CODEC_PCMU, back), 8600, 9400);
    struct packet last = {0};
    int warm_up = await_bridge(&alice, a.port, &bob, al);
    for (int i = 0; i < 20; i++) {
        phone_send(&alice, a.port, 0, mu);
        struct packet packet = phone_expect(&bob, al);
        assert_int_equal(packet.payload_type, 8);
        assert_int_equal(packet.len, 160);
        assert_true(packet.ssrc != 0xaaaa);
        if (i > 0) {
            assert_int_equal((uint16_t)(packet.sequence - last.sequence), 1);
            assert_int_equal(packet.time - last.time, 160);
            assert_int_equal(packet.ssrc, last.ssrc);
        }
        last = packet;
        phone_send(&bob, b.port, 8, al);
        assert_int_equal(phone_expect(&alice, back).ssrc, first.ssrc);
    }
    media_close(media, &a);
    struct media_report report = wait_report(media, MEDIA_CLOSED);
    assert_int_equal(report.leg.value, 1);
    assert_int_equal(report.counts.received, 20 + warm_up);
    assert_true(report.counts.sent >= 20);
    assert_int_equal(report.counts.lost, 0);
    /* The survivor hears silence again, and its numbers go on. */
    struct packet after = phone_expect(&bob, 0xd5);
    assert_int_equal((uint16_t)(after.sequence - last.sequence), 1);
    assert_int_equal(after.ssrc, last.ssrc);
    media_close(media, &b);
    wait_report(media, MEDIA_CLOSED);
    media_destroy(media);
    close(alice.fd);
    close(bob.fd);
}

static void bridged_legs_hear_each_other_in_their_own_law(void **state)
{
    (void)state;
    a_bridge(1);
}

static void a_bridge_across_threads_brings_the_legs_together(void **state)
{
    (void)state;
    a_bridge(3);
}

static void gaps_in_the_sequence_are_counted_as_lost(void **state)
{
    (void)state;
    struct media *media = start(1, 0);
    struct phone alice = phone_open(1);
    struct media_leg leg = open_leg(7);
    struct media_remote remote = remote_of(&alice, SDP_CODEC_PCMU);
    assert_int_equal(media_open(media, &leg, NULL), STATUS_OK);
    media_set_remote(media, &leg, &remote);
    phone_expect(&alice, 0xff);
    for (int i = 0; i < 100; i++) {
        if (i == 10 || i == 11 || i == 60)
            alice.sequence++;
        phone_send(&alice, leg.port, 0, 1);
    }
    alice.ssrc = 2; /* another source begins: its first number is no gap */
    alice.sequence = 9000;
    phone_send(&alice, leg.port, 0, 1);
    phone_send(&alice, leg.port, 33, 1); /* not negotiated */
    media_close(media, &leg);
    struct media_report report = wait_report(media, MEDIA_CLOSED);
    assert_int_equal(report.counts.received, 101);
    assert_int_equal(report.counts.lost, 3);
    media_destroy(media);
    close(alice.fd);
}

static void a_stranger_cannot_take_over_a_latched_stream(void **state)
{
    (void)state;
    struct media *media = start(1, 0);
    struct phone alice = phone_open(1), bob = phone_open(2), stranger = phone_open(3);
    struct media_leg a = open_leg(1), b = open_leg(2);
    struct media_remote to_alice = remote_of(&alice, SDP_CODEC_PCMU);
    struct media_remote to_bob = remote_of(&bob, SDP_CODEC_PCMU);
    assert_int_equal(media_open(media, &a, NULL), STATUS_OK);
    assert_int_equal(media_open(media, &b, NULL), STATUS_OK);
    media_set_remote(media, &a, &to_alice);
    media_set_remote(media, &b, &to_bob);
    phone_expect(&alice, 0xff);
    media_bridge(media, &a, &b);
    await_bridge(&alice, a.port, &bob, law_encode(SDP_CODEC_PCMU, 9000));
    phone_send(&stranger, a.port, 0, 0x66);
    phone_send(&alice, a.port, 0, 0x12);
    struct packet packet;
    do {
        assert_true(phone_receive(&bob, &packet, 2000));
        assert_int_not_equal(packet.payload[0], 0x66);
    } while (packet.payload[0] != 0x12);
    media_destroy(media);
    close(alice.fd);
    close(bob.fd);
    close(stranger.fd);
}

static void a_silent_peer_is_reported_once(void **state)
{
    (void)state;
    struct media *media = start(1, 100);
    struct phone alice = phone_open(1);
    struct media_leg leg = open_leg(3);
    struct media_remote remote = remote_of(&alice, SDP_CODEC_PCMU);
    assert_int_equal(media_open(media, &leg, NULL), STATUS_OK);
    media_set_remote(media, &leg, &remote);
    assert_int_equal(wait_report(media, MEDIA_LOST).leg.value, 3);
    media_close(media, &leg);
    wait_report(media, MEDIA_CLOSED);
    media_destroy(media);
    close(alice.fd);
}

static void a_tone_reaches_the_leg_it_was_asked_for(void **state)
{
    (void)state;
    struct media *media = start(1, 0);
    struct phone alice = phone_open(1);
    struct media_leg leg = open_leg(3);
    struct media_remote remote = remote_of(&alice, SDP_CODEC_PCMU);
    assert_int_equal(media_open(media, &leg, NULL), STATUS_OK);
    media_set_remote(media, &leg, &remote);
    phone_expect(&alice, 0xff);
    media_tone(media, &leg);
    int loud = 0;
    for (int i = 0; i < 60; i++) {
        struct packet packet;
        assert_true(phone_receive(&alice, &packet, 2000));
        int64_t power = 0;
        for (size_t n = 0; n < packet.len; n++) {
            int16_t sample = law_decode(SDP_CODEC_PCMU, packet.payload[n]);
            power += (int64_t)sample * sample;
        }
        loud += power / 160 > 1000 * 1000;
    }
    assert_in_range(loud, 11, 12);
    media_destroy(media);
    close(alice.fd);
}

static void ports_rest_before_they_are_used_again(void **state)
{
    (void)state;
    struct ports ports;
    struct mono now = {1000000};
    ports_init(&ports, 10001, 10005, 5000);
    assert_int_equal(ports_take(&ports, now), 10002);
    assert_int_equal(ports_take(&ports, now), 10004);
    assert_int_equal(ports_take(&ports, now), 0);
    ports_give(&ports, 10004, now);
    now.us += 4999 * US_PER_MS;
    assert_int_equal(ports_take(&ports, now), 0);
    now.us += 1 * US_PER_MS;
    assert_int_equal(ports_take(&ports, now), 10004);
    ports_fini(&ports);
}

static void a_full_range_is_an_answer(void **state)
{
    (void)state;
    struct media_options options = {.threads = 1, .legs_max = 1};
    struct error err = {0};
    memcpy(options.address, loopback, 4);
    struct media *media = media_create(&options, &err);
    struct media_leg a = open_leg(1), b = open_leg(2);
    assert_int_equal(media_open(media, &a, &err), STATUS_OK);
    assert_int_equal(media_open(media, &b, &err), STATUS_FULL);
    assert_true(err.text[0] != '\0');
    media_destroy(media);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bridged_legs_hear_each_other_in_their_own_law),
        cmocka_unit_test(a_bridge_across_threads_brings_the_legs_together),
        cmocka_unit_test(gaps_in_the_sequence_are_counted_as_lost),
        cmocka_unit_test(a_stranger_cannot_take_over_a_latched_stream),
        cmocka_unit_test(a_silent_peer_is_reported_once),
        cmocka_unit_test(a_tone_reaches_the_leg_it_was_asked_for),
        cmocka_unit_test(ports_rest_before_they_are_used_again),
        cmocka_unit_test(a_full_range_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
