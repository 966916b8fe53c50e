#include "telephony/media/media.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/table.h"
#include "telephony/media/law.h"
#include "telephony/media/ports.h"
#include "telephony/media/thread.h"

#define BIND_TRIES 32
#define COMMANDS_PER_LEG 4
#define DESCRIPTORS_SPARE 512

/* Commands that a thread's full mailbox refused, in order. */
struct overflow {
    struct media_command *items;
    size_t head, count, capacity;
};

struct media {
    struct media_options options;
    struct mailbox *notes;
    struct media_thread **threads;
    struct overflow *overflows;
    int32_t *leg_counts;
    int32_t legs;
    struct table by_leg;
    struct ports ports;
    bool has_ports;
};

/* Two descriptors a call: the system's soft limit is seldom enough. */
static void raise_descriptor_limit(int32_t legs_max)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)legs_max + DESCRIPTORS_SPARE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < wanted)
        log_warn("media.descriptors", "limit=%llu wanted=%llu mend=ulimit-n",
                 (unsigned long long)limit.rlim_cur, (unsigned long long)wanted);
}

static int32_t threads_wanted(int32_t asked)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (asked > 0)
        return asked;
    return cores > 2 ? (int32_t)cores - 1 : 1;
}

struct media *media_create(const struct media_options *options, struct error *err)
{
    struct media *media = memory_new(1, sizeof(*media));
    media->options = *options;
    media->options.threads = threads_wanted(options->threads);
    size_t threads = (size_t)media->options.threads;
    law_init();
    stream_init_tones();
    tone_detector_init();
    raise_descriptor_limit(options->legs_max);
    media->notes =
        mailbox_create((size_t)options->legs_max * 2 + 64, sizeof(struct media_note));
    mailbox_fd(media->notes);
    table_init(&media->by_leg);
    media->has_ports = options->port_first != 0;
    ports_init(&media->ports, media->has_ports ? options->port_first : 1,
               media->has_ports ? options->port_last : 0, options->port_pause_ms);
    media->threads = memory_new(threads, sizeof(struct media_thread *));
    media->overflows = memory_new(threads, sizeof(*media->overflows));
    media->leg_counts = memory_new(threads, sizeof(*media->leg_counts));
    for (size_t i = 0; i < threads; i++) {
        media->threads[i] =
            media_thread_create(media->notes, options->loss_after_ms,
                                (size_t)options->legs_max * COMMANDS_PER_LEG + 64, err);
        if (!media->threads[i]) {
            media_destroy(media);
            return NULL;
        }
    }
    return media;
}

void media_destroy(struct media *media)
{
    if (!media)
        return;
    for (int32_t i = 0; i < media->options.threads; i++)
        media_thread_destroy(media->threads[i]);
    for (int32_t i = 0; i < media->options.threads; i++) {
        struct overflow *overflow = &media->overflows[i];
        for (size_t n = overflow->head; n < overflow->count; n++) {
            if (overflow->items[n].kind == MEDIA_ADD)
                stream_destroy(overflow->items[n].stream);
            if (overflow->items[n].kind == MEDIA_HEAR)
                tone_detector_destroy(overflow->items[n].detector);
        }
        free(overflow->items);
    }
    struct media_note note;
    while (mailbox_poll(media->notes, &note))
        if (note.kind == NOTE_GIVEN)
            stream_destroy(note.stream);
    mailbox_destroy(media->notes);
    table_fini(&media->by_leg);
    ports_fini(&media->ports);
    free(media->threads);
    free(media->overflows);
    free(media->leg_counts);
    free(media);
}

int media_fd(const struct media *media)
{
    return mailbox_fd(media->notes);
}

void media_fd_clear(struct media *media)
{
    mailbox_fd_clear(media->notes);
}

static void post(struct media *media, int32_t thread, const struct media_command *command)
{
    struct overflow *overflow = &media->overflows[thread];
    if (overflow->count == overflow->head && media_thread_post(media->threads[thread], command))
        return;
    overflow->items = memory_grow(overflow->items, &overflow->capacity, overflow->count + 1,
                                  sizeof(*overflow->items));
    overflow->items[overflow->count++] = *command;
}

void media_flush(struct media *media)
{
    for (int32_t i = 0; i < media->options.threads; i++) {
        struct overflow *overflow = &media->overflows[i];
        while (overflow->head < overflow->count &&
               media_thread_post(media->threads[i], &overflow->items[overflow->head]))
            overflow->head++;
        if (overflow->head == overflow->count)
            overflow->head = overflow->count = 0;
    }
}

static bool bind_to(int fd, const uint8_t ip[4], uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&address.sin_addr, ip, 4);
    return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

/* A port that the system has free. The leg's socket must be bound to it by number: the kernel
 * takes a number that it drew itself away again when a socket is disconnected (re-latching). */
static uint16_t draw_port(const uint8_t ip[4])
{
    struct sockaddr_in address = {0};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    bool is_bound =
        bind_to(fd, ip, 0) && getsockname(fd, (struct sockaddr *)&address, &len) == 0;
    close(fd);
    return is_bound ? ntohs(address.sin_port) : 0;
}

/* A bound socket, or -1 with *err. A port that another program holds goes to the end of the
 * queue. */
static int open_socket(struct media *media, uint16_t *port, struct error *err)
{
    struct mono now = instant_mono_now();
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        error_set(err, STATUS_FULL, "", "no socket for RTP: %s", strerror(errno));
        return -1;
    }
    for (int i = 0; i < BIND_TRIES; i++) {
        *port = media->has_ports ? ports_take(&media->ports, now)
                                 : draw_port(media->options.address);
        if (!*port)
            break;
        if (bind_to(fd, media->options.address, *port))
            return fd;
        if (media->has_ports)
            ports_give(&media->ports, *port, now);
    }
    close(fd);
    error_set(err, STATUS_FULL, "", "no free RTP port: widen the range");
    return -1;
}

static int32_t quietest_thread(const struct media *media)
{
    int32_t best = 0;
    for (int32_t i = 1; i < media->options.threads; i++)
        if (media->leg_counts[i] < media->leg_counts[best])
            best = i;
    return best;
}

enum status media_open(struct media *media, struct media_leg *leg, struct error *err)
{
    if (media->legs >= media->options.legs_max)
        return error_set(err, STATUS_FULL, "", "the limit of %d legs is reached",
                         (int)media->options.legs_max);
    int fd = open_socket(media, &leg->port, err);
    if (fd < 0)
        return STATUS_FULL;
    struct stream *stream = memory_new(1, sizeof(*stream));
    stream->leg = leg->id;
    stream->fd = fd;
    stream->port = leg->port;
    stream->tone_frame = -1;
    uint32_t start[3];
    randombytes_buf(start, sizeof(start)); /* at once: it is a system call */
    stream->ssrc = start[0];
    stream->sequence = (uint16_t)(start[1] & 0x7fff);
    stream->time = start[2];
    leg->thread = quietest_thread(media);
    leg->is_open = true;
    media->legs++;
    media->leg_counts[leg->thread]++;
    table_put(&media->by_leg, leg->id.value, leg);
    post(media, leg->thread,
         &(struct media_command){.kind = MEDIA_ADD, .leg = leg->id, .stream = stream});
    return STATUS_OK;
}

static bool is_usable(const struct media_leg *leg)
{
    return leg->is_open && !leg->is_closing;
}

void media_set_remote(struct media *media, struct media_leg *leg,
                      const struct media_remote *remote)
{
    leg->remote = *remote;
    if (is_usable(leg) && !leg->is_moving)
        post(media, leg->thread,
             &(struct media_command){.kind = MEDIA_REMOTE, .leg = leg->id, .remote = *remote});
}

void media_listen(struct media *media, struct media_leg *leg)
{
    if (!is_usable(leg) || leg->has_detector || leg->is_moving)
        return;
    leg->has_detector = true;
    post(media, leg->thread,
         &(struct media_command){
             .kind = MEDIA_HEAR, .leg = leg->id, .detector = tone_detector_create()});
}

static void join(struct media *media, const struct media_leg *a, const struct media_leg *b)
{
    if (!a->is_moving && !b->is_moving && a->thread == b->thread)
        post(media, a->thread,
             &(struct media_command){.kind = MEDIA_BRIDGE, .leg = a->id, .other = b->id});
}

void media_bridge(struct media *media, struct media_leg *a, struct media_leg *b)
{
    if (!is_usable(a) || !is_usable(b) || a == b)
        return;
    media_unbridge(media, a);
    media_unbridge(media, b);
    a->bridged = b;
    b->bridged = a;
    if (a->thread != b->thread && !a->is_moving && !b->is_moving) {
        a->is_moving = true;
        post(media, a->thread, &(struct media_command){.kind = MEDIA_MOVE, .leg = a->id});
        return;
    }
    join(media, a, b); /* or when the one that moves has arrived */
}

void media_unbridge(struct media *media, struct media_leg *leg)
{
    struct media_leg *other = leg->bridged;
    if (!other)
        return;
    leg->bridged = NULL;
    other->bridged = NULL;
    if (is_usable(leg) && !leg->is_moving)
        post(media, leg->thread,
             &(struct media_command){.kind = MEDIA_UNBRIDGE, .leg = leg->id});
}

void media_tone(struct media *media, struct media_leg *leg)
{
    if (leg->is_moving)
        leg->wants_tone = true;
    else if (is_usable(leg))
        post(media, leg->thread, &(struct media_command){.kind = MEDIA_PLAY, .leg = leg->id});
}

void media_close(struct media *media, struct media_leg *leg)
{
    if (!is_usable(leg))
        return;
    media_unbridge(media, leg);
    leg->is_closing = true;
    if (!leg->is_moving)
        post(media, leg->thread, &(struct media_command){.kind = MEDIA_REMOVE, .leg = leg->id});
}

/* A stream came back: for good, or on its way to the thread of the leg it is bridged to. */
static bool take_back(struct media *media, struct stream *stream, struct media_report *report)
{
    struct media_leg *leg = table_get(&media->by_leg, stream->leg.value);
    ensure(leg);
    if (leg->is_moving && !leg->is_closing) {
        media->leg_counts[leg->thread]--;
        leg->thread = leg->bridged ? leg->bridged->thread : leg->thread;
        media->leg_counts[leg->thread]++;
        leg->is_moving = false;
        stream->is_closing = false;
        post(media, leg->thread,
             &(struct media_command){.kind = MEDIA_ADD, .leg = leg->id, .stream = stream});
        post(media, leg->thread,
             &(struct media_command){
                 .kind = MEDIA_REMOTE, .leg = leg->id, .remote = leg->remote});
        if (leg->wants_tone)
            media_tone(media, leg);
        leg->wants_tone = false;
        if (leg->bridged)
            media_bridge(media, leg, leg->bridged);
        return false;
    }
    *report = (struct media_report){
        .kind = MEDIA_CLOSED, .leg = stream->leg, .counts = stream_counts(stream)};
    if (media->has_ports)
        ports_give(&media->ports, stream->port, instant_mono_now());
    table_remove(&media->by_leg, stream->leg.value);
    media->leg_counts[leg->thread]--;
    media->legs--;
    leg->is_open = false;
    stream_destroy(stream);
    return true;
}

bool media_poll(struct media *media, struct media_report *report)
{
    struct media_note note;
    while (mailbox_poll(media->notes, &note)) {
        if (note.kind == NOTE_GIVEN) {
            if (take_back(media, note.stream, report))
                return true;
            continue;
        }
        *report =
            (struct media_report){.kind = note.kind == NOTE_LOST ? MEDIA_LOST : MEDIA_TONE,
                                  .leg = note.leg,
                                  .verdict = note.verdict};
        return true;
    }
    return false;
}

bool media_remote_of(const struct sdp *sdp, struct media_remote *remote)
{
    if (sdp->audio_line < 0 || sdp->codec_count == 0)
        return false;
    *remote = (struct media_remote){
        .port = sdp->port,
        .hears = sdp_hears(sdp),
        .speaks = sdp_speaks(sdp),
        .codec = sdp->codecs[0].codec,
        .payload_type = sdp->codecs[0].payload_type,
        .event_payload_type = sdp->event_payload_type,
        .codec_count = sdp->codec_count,
    };
    memcpy(remote->address, sdp->address, 4);
    memcpy(remote->codecs, sdp->codecs, sizeof(remote->codecs));
    return true;
}
