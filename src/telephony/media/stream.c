#include "telephony/media/stream.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "telephony/media/law.h"

#define RTP_HEADER 12
#define DATAGRAM_MAX 1600
#define PAYLOAD_MAX 1200
/* A gap of sequence beyond this is another source, not a loss (RFC 3550, A.1). */
#define SEQUENCE_JUMP_MAX 3000
/* A bridged leg that gets nothing from the other for this long gets silence. */
#define RELAY_QUIET_US (200 * US_PER_MS)
#define TONE_HERTZ 1000.0
#define TONE_LEVEL 8000.0

static uint8_t tone_frames[2][STREAM_TONE_FRAMES][STREAM_FRAME_SAMPLES];

static void make_tones(void)
{
    const int total = STREAM_TONE_FRAMES * STREAM_FRAME_SAMPLES;
    for (int i = 0; i < total; i++) {
        /* 5 ms of rise and fall, so that it does not click */
        double edge = fmin(1.0, fmin((double)i, (double)(total - 1 - i)) / 40.0);
        double value = TONE_LEVEL * edge * sin(2 * M_PI * TONE_HERTZ * (double)i / 8000.0);
        int frame = i / STREAM_FRAME_SAMPLES, at = i % STREAM_FRAME_SAMPLES;
        tone_frames[0][frame][at] = law_encode(SDP_CODEC_PCMU, (int16_t)value);
        tone_frames[1][frame][at] = law_encode(SDP_CODEC_PCMA, (int16_t)value);
    }
}

void stream_init_tones(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_tones);
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)((unsigned)at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
}

void stream_set_remote(struct stream *stream, const struct media_remote *remote,
                       struct mono now)
{
    bool is_same_place = memcmp(stream->remote.address, remote->address, 4) == 0 &&
                         stream->remote.port == remote->port;
    bool was_answered = stream->remote.is_answered;
    stream->remote = *remote;
    if (!is_same_place && remote->hears && stream->is_latched) {
        struct sockaddr none = {.sa_family = AF_UNSPEC};
        /* Cannot fail on a UDP socket; if it did, the old peer would stay, which is harmless.
         */
        (void)connect(stream->fd, &none, sizeof(none));
        stream->is_latched = false;
    }
    stream->remote_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(remote->port)};
    memcpy(&stream->remote_address.sin_addr, remote->address, 4);
    memset(stream->payload_kind, STREAM_UNKNOWN, sizeof(stream->payload_kind));
    stream->payload_kind[0] = STREAM_PCMU;
    stream->payload_kind[8] = STREAM_PCMA;
    for (int32_t i = 0; i < remote->codec_count; i++)
        stream->payload_kind[remote->codecs[i].payload_type & 127] =
            remote->codecs[i].codec == SDP_CODEC_PCMA ? STREAM_PCMA : STREAM_PCMU;
    if (remote->event_payload_type)
        stream->payload_kind[remote->event_payload_type & 127] = STREAM_EVENT;
    if (remote->is_answered && !was_answered) {
        stream->heard_at = now; /* loss is measured from the answer */
        stream->frame_due = now;
    }
    stream->is_synced = false;
}

void stream_unbridge(struct stream *stream)
{
    struct stream *other = stream->peer;
    stream->peer = NULL;
    stream->is_synced = false;
    if (other && other->peer == stream) {
        other->peer = NULL;
        other->is_synced = false;
    }
}

void stream_bridge(struct stream *a, struct stream *b)
{
    if (a->peer == b && b->peer == a)
        return;
    stream_unbridge(a);
    stream_unbridge(b);
    a->peer = b;
    b->peer = a;
}

static void transmit(struct stream *stream, const uint8_t *packet, size_t len)
{
    ssize_t sent = stream->is_latched
                       ? send(stream->fd, packet, len, MSG_DONTWAIT | MSG_NOSIGNAL)
                       : sendto(stream->fd, packet, len, MSG_DONTWAIT | MSG_NOSIGNAL,
                                (const struct sockaddr *)&stream->remote_address,
                                sizeof(stream->remote_address));
    if (sent >= 0)
        stream->counts.sent++; /* a refused one is like one lost on the way */
}

/* The RTP time that fits this moment: continuous with what was sent. */
static uint32_t time_at(const struct stream *stream, struct mono now)
{
    int64_t elapsed = now.us - stream->sent_at.us;
    int64_t samples = elapsed * 8 / US_PER_MS;
    return stream->time +
           (uint32_t)(samples < STREAM_FRAME_SAMPLES ? STREAM_FRAME_SAMPLES : samples);
}

static void remember_sent(struct stream *stream, uint16_t sequence, uint32_t time,
                          struct mono now)
{
    if (stream->has_sent && (int16_t)(sequence - stream->sequence) < 0)
        return; /* a reordered one */
    stream->sequence = sequence;
    stream->time = time;
    stream->sent_at = now;
    stream->has_sent = true;
}

static bool may_send(const struct stream *stream)
{
    return stream->remote.port && stream->remote.hears &&
           stream->remote.codec != SDP_CODEC_NONE;
}

/* A frame of our own: silence or a tone. */
static void send_frame(struct stream *stream, struct mono now)
{
    uint8_t packet[RTP_HEADER + STREAM_FRAME_SAMPLES];
    int law = stream->remote.codec == SDP_CODEC_PCMA;
    bool is_first = !stream->has_sent || stream->is_synced || stream->tone_frame == 0;
    if (stream->tone_frame >= 0) {
        memcpy(packet + RTP_HEADER, tone_frames[law][stream->tone_frame], STREAM_FRAME_SAMPLES);
        if (++stream->tone_frame == STREAM_TONE_FRAMES)
            stream->tone_frame = -1;
    } else {
        memset(packet + RTP_HEADER, law_silence(stream->remote.codec), STREAM_FRAME_SAMPLES);
    }
    uint16_t sequence = (uint16_t)(stream->sequence + 1);
    /* Back to back frames are 160 apart even when the tick comes a little late. */
    uint32_t time = is_first ? time_at(stream, now) : stream->time + STREAM_FRAME_SAMPLES;
    packet[0] = 0x80;
    packet[1] = (uint8_t)(stream->remote.payload_type | (is_first ? 0x80 : 0));
    put16(packet + 2, sequence);
    put32(packet + 4, time);
    put32(packet + 8, stream->ssrc);
    stream->is_synced = false;
    transmit(stream, packet, sizeof(packet));
    remember_sent(stream, sequence, time, now);
}

void stream_tick(struct stream *stream, struct mono now)
{
    if (!may_send(stream) || !stream->remote.is_answered)
        return;
    bool is_idle = !stream->peer || stream->tone_frame >= 0 ||
                   now.us - stream->sent_at.us > RELAY_QUIET_US;
    if (!is_idle) {
        stream->frame_due = now;
        return;
    }
    for (int burst = 0; burst < 3 && stream->frame_due.us <= now.us; burst++) {
        send_frame(stream, now);
        stream->frame_due.us += STREAM_FRAME_US;
    }
    if (stream->frame_due.us <= now.us)
        stream->frame_due.us = now.us + STREAM_FRAME_US; /* too late to make good */
}

bool stream_is_lost(const struct stream *stream, struct mono now, int64_t loss_after_ms)
{
    return loss_after_ms > 0 && stream->remote.is_answered && stream->remote.speaks &&
           stream->remote.hears && !stream->is_loss_reported &&
           now.us - stream->heard_at.us > loss_after_ms * US_PER_MS;
}

struct media_counts stream_counts(const struct stream *stream)
{
    struct media_counts counts = stream->counts;
    uint32_t missing = stream->expected > stream->received_of_source
                           ? stream->expected - stream->received_of_source
                           : 0;
    counts.lost = stream->lost_before + missing;
    return counts;
}

static void count_heard(struct stream *stream, uint16_t sequence, uint32_t ssrc,
                        struct mono now)
{
    int16_t step = (int16_t)(sequence - stream->heard_sequence);
    bool is_new_source = !stream->has_heard || ssrc != stream->heard_ssrc ||
                         step > SEQUENCE_JUMP_MAX || step < -SEQUENCE_JUMP_MAX;
    if (is_new_source) {
        stream->lost_before = stream_counts(stream).lost;
        stream->expected = 1;
        stream->received_of_source = 0;
        stream->heard_ssrc = ssrc;
        stream->heard_sequence = sequence;
        stream->has_heard = true;
    } else if (step > 0) {
        stream->expected += (uint16_t)step;
        stream->heard_sequence = sequence;
    }
    stream->received_of_source++;
    stream->counts.received++;
    stream->heard_at = now;
}

/* Makes the bridged leg's numbers continue ours. */
static void sync_relay(struct stream *out, uint16_t sequence, uint32_t time, uint32_t ssrc,
                       struct mono now)
{
    uint32_t next = out->has_sent ? time_at(out, now) : out->time;
    out->relay_ssrc = ssrc;
    out->relay_sequence_first = sequence;
    out->relay_sequence_last = sequence;
    out->relay_time_last = time;
    out->relay_sequence_offset = (uint16_t)(out->sequence + 1 - sequence);
    out->relay_time_offset = next - time;
    out->is_synced = true;
}

static bool needs_sync(const struct stream *out, uint16_t sequence, uint32_t time,
                       uint32_t ssrc)
{
    int16_t step = (int16_t)(sequence - out->relay_sequence_last);
    int32_t jump = (int32_t)(time - out->relay_time_last);
    return !out->is_synced || ssrc != out->relay_ssrc || step > SEQUENCE_JUMP_MAX ||
           step < -SEQUENCE_JUMP_MAX || jump > 8000 * 30 || jump < -8000;
}

/* `packet` has a plain header of 12 bytes followed by the payload; both are rewritten. */
static void relay(struct stream *out, uint8_t *packet, size_t len, enum stream_payload kind,
                  struct mono now)
{
    uint16_t sequence = get16(packet + 2);
    uint32_t time = get32(packet + 4), ssrc = get32(packet + 8);
    unsigned marker = packet[1] & 0x80U;
    if (!may_send(out) || out->tone_frame >= 0)
        return;
    uint8_t payload_type = out->remote.payload_type;
    if (kind == STREAM_EVENT) {
        if (!out->remote.event_payload_type)
            return;
        payload_type = out->remote.event_payload_type;
    } else {
        enum sdp_codec codec = kind == STREAM_PCMA ? SDP_CODEC_PCMA : SDP_CODEC_PCMU;
        if (codec != out->remote.codec)
            law_transcode(packet + RTP_HEADER, len - RTP_HEADER, codec);
    }
    if (needs_sync(out, sequence, time, ssrc)) {
        sync_relay(out, sequence, time, ssrc, now);
        marker = 0x80;
    }
    if ((int16_t)(sequence - out->relay_sequence_first) < 0 &&
        (uint16_t)(out->relay_sequence_first - sequence) < SEQUENCE_JUMP_MAX &&
        (int16_t)(out->relay_sequence_last - out->relay_sequence_first) < SEQUENCE_JUMP_MAX)
        return; /* older than the bridge: its number was used already */
    if ((int16_t)(sequence - out->relay_sequence_last) > 0) {
        out->relay_sequence_last = sequence;
        out->relay_time_last = time;
    }
    uint16_t out_sequence = (uint16_t)(sequence + out->relay_sequence_offset);
    uint32_t out_time = time + out->relay_time_offset;
    packet[0] = 0x80;
    packet[1] = (uint8_t)(marker | payload_type);
    put16(packet + 2, out_sequence);
    put32(packet + 4, out_time);
    put32(packet + 8, out->ssrc);
    transmit(out, packet, len);
    remember_sent(out, out_sequence, out_time, now);
}

static void listen_to(struct stream *stream, const uint8_t *payload, size_t len,
                      enum stream_payload kind)
{
    int16_t samples[PAYLOAD_MAX];
    enum sdp_codec codec = kind == STREAM_PCMA ? SDP_CODEC_PCMA : SDP_CODEC_PCMU;
    for (size_t i = 0; i < len; i++)
        samples[i] = law_decode(codec, payload[i]);
    stream->verdict = tone_detector_hear(stream->detector, samples, (int)len);
}

/* The payload of a valid RTP packet; 0 = not one. */
static size_t find_payload(const uint8_t *packet, size_t len, size_t *payload_len)
{
    if (len < RTP_HEADER || packet[0] >> 6 != 2)
        return 0;
    size_t at = RTP_HEADER + 4U * (packet[0] & 15U);
    if (packet[0] & 0x10) {
        if (len < at + 4)
            return 0;
        at += 4 + 4U * get16(packet + at + 2);
    }
    if (at >= len)
        return 0;
    size_t end = len;
    if (packet[0] & 0x20) {
        if (packet[len - 1] == 0 || packet[len - 1] > len - at)
            return 0;
        end -= packet[len - 1];
    }
    *payload_len = end - at;
    return *payload_len && *payload_len <= PAYLOAD_MAX ? at : 0;
}

static void latch(struct stream *stream, const struct sockaddr_in *from)
{
    if (!stream->remote.port)
        return; /* no SDP yet: nobody is expected */
    if (connect(stream->fd, (const struct sockaddr *)from, sizeof(*from)) == 0) {
        stream->is_latched = true;
        stream->remote_address = *from;
    }
}

bool stream_receive(struct stream *stream, struct mono now)
{
    uint8_t packet[DATAGRAM_MAX];
    struct sockaddr_in from;
    socklen_t from_len = sizeof(from);
    ssize_t got = stream->is_latched
                      ? recv(stream->fd, packet, sizeof(packet), MSG_DONTWAIT)
                      : recvfrom(stream->fd, packet, sizeof(packet), MSG_DONTWAIT,
                                 (struct sockaddr *)&from, &from_len);
    if (got < 0)
        return errno != EAGAIN; /* an ICMP error was taken off the socket */
    size_t payload_len = 0;
    size_t payload = find_payload(packet, (size_t)got, &payload_len);
    enum stream_payload kind = (enum stream_payload)stream->payload_kind[packet[1] & 127];
    if (!payload || kind == STREAM_UNKNOWN)
        return true;
    if (!stream->is_latched)
        latch(stream, &from);
    count_heard(stream, get16(packet + 2), get32(packet + 8), now);
    if (stream->detector && !stream->remote.is_answered && kind != STREAM_EVENT)
        listen_to(stream, packet + payload, payload_len, kind);
    if (!stream->peer || !stream->remote.speaks)
        return true;
    uint8_t *out = packet + payload - RTP_HEADER;
    if (payload > RTP_HEADER)
        memmove(out, packet, RTP_HEADER);
    relay(stream->peer, out, RTP_HEADER + payload_len, kind, now);
    return true;
}
