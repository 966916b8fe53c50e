/* Bridged G.711 calls through the media threads; our own generator in another process sends 50
 * packets a second into every leg and counts what comes out of its bridge's other leg.
 * usage: bench_media [calls [seconds]]   default 2000 10
 * Figures: packets that reached the generator again or found its sockets full, and those that
 * did neither (lost by us), the media threads' CPU as a share of a core and per packet. */
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "telephony/media/media.h"

#define FRAME_US 20000
/* The far ends share a few sockets, so that the generator sends and receives many packets a
 * call: it is on the machine that it measures. A leg is known by its own port all the same. */
#define FAR_ENDS 16
#define BATCH 128
#define PACKET_SIZE 172

/* What the generator counts. `refused`: packets that we sent and that found its sockets full.
 */
struct tally {
    int64_t sent, received, refused;
};

struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    uint8_t packets[BATCH][PACKET_SIZE];
};

static void batch_init(struct batch *batch)
{
    memset(batch, 0, sizeof(*batch));
    for (int i = 0; i < BATCH; i++) {
        batch->parts[i] = (struct iovec){batch->packets[i], PACKET_SIZE};
        batch->messages[i].msg_hdr.msg_iov = &batch->parts[i];
        batch->messages[i].msg_hdr.msg_iovlen = 1;
    }
}

static int open_far(uint16_t *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int room = 8 << 20, fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ensure(fd >= 0 && bind(fd, (struct sockaddr *)&in, len) == 0 &&
           getsockname(fd, (struct sockaddr *)&in, &len) == 0);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) != 0)
        ensure(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) == 0);
    *port = ntohs(in.sin_port);
    return fd;
}

static int64_t refused(int fd)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t len = sizeof(info);
    ensure(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0);
    return info[SK_MEMINFO_DROPS];
}

static int64_t drain(const int fds[FAR_ENDS], struct batch *batch)
{
    int64_t got = 0;
    for (int end = 0; end < FAR_ENDS; end++) {
        int count;
        do {
            count = recvmmsg(fds[end], batch->messages, BATCH, MSG_DONTWAIT, NULL);
            /* Silence of before the bridge (0xff) is not what was sent. */
            for (int i = 0; i < count; i++)
                got +=
                    batch->messages[i].msg_len == PACKET_SIZE && batch->packets[i][20] == 0x55;
        } while (count == BATCH);
    }
    return got;
}

/* Sends packets [from, to) of the whole stream from the far end `end`: those of its legs. */
static int64_t send_due(int fd, int end, const struct sockaddr_in *at, int legs, int64_t from,
                        int64_t to, struct batch *batch)
{
    int64_t sent = 0;
    int count = 0;
    int64_t first = from + ((end - from % FAR_ENDS) + FAR_ENDS) % FAR_ENDS;
    for (int64_t n = first; n < to || count; n += FAR_ENDS) {
        if (n < to) {
            uint8_t *packet = batch->packets[count];
            uint16_t sequence = htons((uint16_t)(n / legs));
            uint32_t time = htonl((uint32_t)(n / legs * 160)),
                     ssrc = htonl((uint32_t)(n % legs));
            packet[0] = 0x80;
            packet[1] = 0;
            memcpy(packet + 2, &sequence, 2);
            memcpy(packet + 4, &time, 4);
            memcpy(packet + 8, &ssrc, 4);
            memset(packet + 12, 0x55, PACKET_SIZE - 12);
            batch->messages[count].msg_hdr.msg_name = (void *)&at[n % legs];
            batch->messages[count].msg_hdr.msg_namelen = sizeof(*at);
            count++;
        }
        if (count == BATCH || n + FAR_ENDS >= to) {
            int done = sendmmsg(fd, batch->messages, (unsigned)count, 0);
            sent += done > 0 ? done : 0;
            count = 0;
        }
    }
    return sent;
}

/* The generator: legs in slices over the 20 ms, so that the load is even. Leg n's far end is
 * n % FAR_ENDS (`legs` is a multiple of it). Writes its tally to the pipe. */
static void generate(const int fds[FAR_ENDS], const struct sockaddr_in *at, int legs,
                     int64_t seconds, int pipe_fd)
{
    static struct batch out, in;
    struct tally tally = {0};
    batch_init(&out);
    batch_init(&in);
    int64_t start = instant_mono_now().us, total = seconds * 50 * legs;
    for (int64_t n = 0; n < total;) {
        int64_t due = (instant_mono_now().us - start) * legs / FRAME_US;
        due = due < total ? due : total;
        for (int end = 0; end < FAR_ENDS; end++)
            tally.sent += send_due(fds[end], end, at, legs, n, due, &out);
        n = due;
        tally.received += drain(fds, &in);
        usleep(500);
    }
    int64_t until = instant_mono_now().us + US_PER_S;
    while (tally.received < tally.sent && instant_mono_now().us < until) {
        usleep(1000);
        tally.received += drain(fds, &in);
    }
    for (int end = 0; end < FAR_ENDS; end++)
        tally.refused += refused(fds[end]);
    ensure(write(pipe_fd, &tally, sizeof(tally)) == sizeof(tally));
    _exit(0);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print(const char *name, double value, const char *unit, const char *goal)
{
    printf("{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\",\"goal\":\"%s\"}\n", name, value,
           unit, goal);
}

static struct media_counts totals;

static void pump(struct media *media, int timeout_ms)
{
    struct media_report report;
    struct pollfd poller = {media_fd(media), POLLIN, 0};
    if (poll(&poller, 1, timeout_ms) == 1)
        media_fd_clear(media);
    media_flush(media);
    while (media_poll(media, &report))
        if (report.kind == MEDIA_CLOSED) {
            totals.received += report.counts.received;
            totals.lost += report.counts.lost;
        }
}

int main(int argc, char **argv)
{
    int calls = argc > 1 ? atoi(argv[1]) : 2000;
    int64_t seconds = argc > 2 ? atoll(argv[2]) : 10;
    if (calls < FAR_ENDS || calls > 20000 || calls % FAR_ENDS || seconds < 1) {
        fprintf(stderr, "usage: bench_media [calls [seconds]]; calls: a multiple of %d\n",
                FAR_ENDS);
        return 2;
    }
    int legs = calls * 2, pipes[2], fds[FAR_ENDS];
    uint16_t ports[FAR_ENDS];
    struct media_options options = {.address = {127, 0, 0, 1}, .legs_max = legs, .threads = 1};
    struct error err = {0};
    if (sodium_init() < 0 || pipe(pipes) != 0)
        return 1;
    struct media *media = media_create(&options, &err);
    if (!media) {
        fprintf(stderr, "bench_media: %s\n", err.text);
        return 1;
    }
    struct media_leg *leg = memory_new((size_t)legs, sizeof(*leg));
    for (int end = 0; end < FAR_ENDS; end++)
        fds[end] = open_far(&ports[end]);
    struct sockaddr_in *to = memory_new((size_t)legs, sizeof(*to));
    for (int i = 0; i < legs; i++) {
        leg[i].id.value = i + 1;
        if (media_open(media, &leg[i], &err) != STATUS_OK) {
            fprintf(stderr, "bench_media: %s\n", err.text);
            return 1;
        }
        to[i] = (struct sockaddr_in){.sin_family = AF_INET,
                                     .sin_port = htons(leg[i].port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct media_remote remote = {.address = {127, 0, 0, 1},
                                      .port = ports[i % FAR_ENDS],
                                      .hears = true,
                                      .speaks = true,
                                      .is_answered = true,
                                      .codec = SDP_CODEC_PCMU};
        media_set_remote(media, &leg[i], &remote);
        if (i % 2)
            media_bridge(media, &leg[i - 1], &leg[i]);
    }
    for (int i = 0; i < 20; i++)
        pump(media, 10);
    pid_t generator = fork();
    if (generator == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        generate(fds, to, legs, seconds, pipes[1]);
    }
    double cpu = cpu_seconds();
    int64_t start = instant_mono_now().us;
    struct tally tally = {0};
    struct pollfd done = {pipes[0], POLLIN, 0};
    while (poll(&done, 1, 0) == 0 && instant_mono_now().us - start < (seconds + 20) * US_PER_S)
        pump(media, 100);
    cpu = cpu_seconds() - cpu;
    double took = (double)(instant_mono_now().us - start) / 1e6;
    if (read(pipes[0], &tally, sizeof(tally)) != sizeof(tally))
        return 1;
    waitpid(generator, NULL, 0);
    for (int i = 0; i < legs; i++)
        media_close(media, &leg[i]);
    int64_t until = instant_mono_now().us + 3 * US_PER_S;
    while (totals.received < tally.sent && instant_mono_now().us < until)
        pump(media, 20);
    print("media_bridged_calls", calls, "calls", "2000");
    print("media_packets_sent", (double)tally.sent, "packets", "-");
    print("media_packets_heard_again", (double)tally.received, "packets", "all");
    print("media_packets_the_generator_refused", (double)tally.refused, "packets", "0");
    print("media_packets_lost_by_us", (double)(tally.sent - tally.received - tally.refused),
          "packets", "0");
    print("media_packets_received", (double)totals.received, "packets", "all");
    print("media_gaps_on_arrival", (double)totals.lost, "packets", "0");
    print("media_rate", (double)tally.sent / took, "packets/s", "200000");
    print("media_cpu", cpu / took, "cores", "<= 1");
    print("media_cpu_per_packet", cpu * 1e6 / (double)tally.sent, "us", "< 5");
    media_destroy(media);
    free(leg);
    free(to);
    return 0;
}
