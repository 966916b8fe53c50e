#include "carrier/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "base/memory.h"
#include "telephony/media/law.h"

#define FRAME 160
#define RTP_HEADER 12
#define PAUSE_FRAMES 150 /* of silence between two clips of a conversation: 3 s */
#define READS_PER_TICK 8

enum order_kind { ORDER_OPEN, ORDER_CONNECT, ORDER_PLAY, ORDER_CLOSE, ORDER_QUIT };

struct order {
    enum order_kind kind;
    struct stream *stream;
    const struct voice *first, *then;
    struct sockaddr_in peer;
    enum sdp_codec codec;
    uint8_t payload_type;
};

struct stream {
    int fd;
    size_t index; /* in audio->streams */
    bool is_connected, has_heard;
    struct sockaddr_in peer;
    enum sdp_codec codec;
    uint8_t payload_type;
    uint16_t sequence, heard_sequence;
    uint32_t timestamp, source;
    const struct voice *first, *then, *playing;
    size_t at;
    int pause;
};

struct audio {
    struct in_addr address;
    pthread_t thread;
    struct mailbox *orders;
    struct stream **streams;
    size_t count, capacity;
    _Atomic uint64_t sent, received, lost, heard;
    uint32_t next_source;
};

static void next_clip(struct stream *stream)
{
    stream->at = 0;
    if (stream->first) {
        stream->playing = stream->first;
        stream->first = NULL;
        return;
    }
    stream->playing = NULL;
    if (stream->then && stream->pause++ >= PAUSE_FRAMES) {
        stream->pause = 0;
        stream->playing = stream->then;
    }
}

static void send_frame(struct audio *audio, struct stream *stream)
{
    uint8_t packet[RTP_HEADER + FRAME];
    if (!stream->playing)
        next_clip(stream);
    packet[0] = 0x80;
    packet[1] = stream->payload_type;
    uint16_t sequence = htons(stream->sequence++);
    uint32_t timestamp = htonl(stream->timestamp), source = htonl(stream->source);
    stream->timestamp += FRAME;
    memcpy(packet + 2, &sequence, 2);
    memcpy(packet + 4, &timestamp, 4);
    memcpy(packet + 8, &source, 4);
    if (stream->playing) {
        memcpy(packet + RTP_HEADER, stream->playing->bytes + stream->at, FRAME);
        stream->at += FRAME;
        if (stream->at >= stream->playing->len)
            stream->playing = NULL;
    } else {
        memset(packet + RTP_HEADER, law_silence(SDP_CODEC_PCMU), FRAME);
    }
    if (stream->codec == SDP_CODEC_PCMA)
        law_transcode(packet + RTP_HEADER, FRAME, SDP_CODEC_PCMU);
    if (sendto(stream->fd, packet, sizeof(packet), 0, (struct sockaddr *)&stream->peer,
               sizeof(stream->peer)) == (ssize_t)sizeof(packet))
        atomic_fetch_add_explicit(&audio->sent, 1, memory_order_relaxed);
}

static void hear(struct audio *audio, struct stream *stream)
{
    uint8_t packet[2048];
    for (int i = 0; i < READS_PER_TICK; i++) {
        ssize_t len = recv(stream->fd, packet, sizeof(packet), MSG_DONTWAIT);
        if (len < RTP_HEADER + 1)
            return;
        uint16_t sequence = (uint16_t)(packet[2] << 8 | packet[3]);
        uint16_t gap = (uint16_t)(sequence - stream->heard_sequence - 1);
        if (stream->has_heard && gap < 1000)
            atomic_fetch_add_explicit(&audio->lost, gap, memory_order_relaxed);
        stream->has_heard = true;
        stream->heard_sequence = sequence;
        atomic_fetch_add_explicit(&audio->received, 1, memory_order_relaxed);
        uint8_t silence = law_silence(stream->codec);
        for (ssize_t j = RTP_HEADER; j < len; j++)
            if (packet[j] != silence) {
                atomic_fetch_add_explicit(&audio->heard, 1, memory_order_relaxed);
                break;
            }
    }
}

static void stream_free(struct audio *audio, struct stream *stream)
{
    audio->streams[stream->index] = audio->streams[--audio->count];
    audio->streams[stream->index]->index = stream->index;
    close(stream->fd);
    free(stream);
}

static void obey(struct audio *audio, const struct order *order)
{
    struct stream *stream = order->stream;
    switch (order->kind) {
    case ORDER_OPEN:
        audio->streams = memory_grow(audio->streams, &audio->capacity, audio->count + 1,
                                     sizeof(struct stream *));
        stream->index = audio->count;
        stream->source = ++audio->next_source * 2654435761u;
        audio->streams[audio->count++] = stream;
        break;
    case ORDER_CONNECT:
        stream->peer = order->peer;
        stream->codec = order->codec;
        stream->payload_type = order->payload_type;
        stream->is_connected = true;
        break;
    case ORDER_PLAY:
        stream->first = order->first;
        stream->then = order->then;
        stream->playing = NULL;
        stream->at = 0;
        stream->pause = 0;
        break;
    case ORDER_CLOSE: stream_free(audio, stream); break;
    case ORDER_QUIT: break;
    }
}

static void *audio_thread(void *arg)
{
    struct audio *audio = arg;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec every = {.it_interval.tv_nsec = 20000000, .it_value.tv_nsec = 20000000};
    timerfd_settime(timer, 0, &every, NULL);
    for (;;) {
        uint64_t ticks = 1;
        if (read(timer, &ticks, sizeof(ticks)) < 0 && errno != EINTR)
            break;
        struct order order;
        while (mailbox_poll(audio->orders, &order)) {
            if (order.kind == ORDER_QUIT) {
                close(timer);
                return NULL;
            }
            obey(audio, &order);
        }
        if (ticks > 5)
            ticks = 5; /* a machine that was away: catch up a little, skip the rest */
        for (size_t i = 0; i < audio->count; i++) {
            hear(audio, audio->streams[i]);
            for (uint64_t tick = 0; tick < ticks && audio->streams[i]->is_connected; tick++)
                send_frame(audio, audio->streams[i]);
        }
    }
    close(timer);
    return NULL;
}

struct audio *audio_create(const char *address, struct error *err)
{
    struct audio *audio = memory_new(1, sizeof(*audio));
    if (inet_pton(AF_INET, address, &audio->address) != 1) {
        error_set(err, STATUS_INVALID, "", "%s is not an IPv4 address", address);
        free(audio);
        return NULL;
    }
    law_init();
    audio->orders = mailbox_create(65536, sizeof(struct order));
    pthread_create(&audio->thread, NULL, audio_thread, audio);
    return audio;
}

static void post(struct audio *audio, const struct order *order)
{
    while (!mailbox_post(audio->orders, order))
        usleep(1000); /* the audio thread drains it every 20 ms */
}

void audio_destroy(struct audio *audio)
{
    if (!audio)
        return;
    post(audio, &(struct order){.kind = ORDER_QUIT});
    pthread_join(audio->thread, NULL);
    while (audio->count)
        stream_free(audio, audio->streams[0]);
    mailbox_destroy(audio->orders);
    free(audio->streams);
    free(audio);
}

struct stream *stream_open(struct audio *audio, uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr = audio->address};
    socklen_t len = sizeof(local);
    if (fd < 0 || bind(fd, (struct sockaddr *)&local, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&local, &len) != 0) {
        log_warn("carrier.no_port", "errno=%d", errno);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct stream *stream = memory_new(1, sizeof(*stream));
    stream->fd = fd;
    *port = ntohs(local.sin_port);
    post(audio, &(struct order){.kind = ORDER_OPEN, .stream = stream});
    return stream;
}

void stream_connect(struct audio *audio, struct stream *stream, const struct sdp *peer)
{
    struct order order = {.kind = ORDER_CONNECT, .stream = stream};
    if (peer->codec_count < 1 || !peer->port)
        return;
    order.codec = peer->codecs[0].codec;
    order.payload_type = peer->codecs[0].payload_type;
    order.peer.sin_family = AF_INET;
    order.peer.sin_port = htons(peer->port);
    memcpy(&order.peer.sin_addr, peer->address, sizeof(peer->address));
    post(audio, &order);
}

void stream_play(struct audio *audio, struct stream *stream, const struct voice *first,
                 const struct voice *then)
{
    post(audio,
         &(struct order){.kind = ORDER_PLAY, .stream = stream, .first = first, .then = then});
}

void stream_close(struct audio *audio, struct stream *stream)
{
    post(audio, &(struct order){.kind = ORDER_CLOSE, .stream = stream});
}

void audio_figures(const struct audio *audio, struct audio_figures *figures)
{
    figures->sent = atomic_load(&audio->sent);
    figures->received = atomic_load(&audio->received);
    figures->lost = atomic_load(&audio->lost);
    figures->heard = atomic_load(&audio->heard);
}
