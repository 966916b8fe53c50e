/* Bridged G.711 calls through the media threads; our own generator in another process sends 50
 * packets a second into every leg and counts what comes out of its bridge's other leg.
 * usage: bench_media [calls [seconds]]   default 2000 10
 * Figures: packets lost between the generator's two ends, packets that reached us, the media
 * threads' CPU as a share of a core and per packet. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "telephony/media/media.h"

#define FRAME_US 20000

struct far_end {
    int fd;
    uint16_t port;
};

static int open_far(uint16_t *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ensure(fd >= 0 && bind(fd, (struct sockaddr *)&in, len) == 0 &&
           getsockname(fd, (struct sockaddr *)&in, &len) == 0);
    *port = ntohs(in.sin_port);
    return fd;
}

static int64_t drain(int epoll_fd, int timeout_ms)
{
    struct epoll_event events[512];
    uint8_t packet[400];
    int64_t got = 0;
    int count = epoll_wait(epoll_fd, events, 512, timeout_ms);
    for (int i = 0; i < count; i++) {
        ssize_t len;
        /* Silence of before the bridge (0xff) is not what was sent. */
        while ((len = recv(events[i].data.fd, packet, sizeof(packet), 0)) > 0)
            got += len == 172 && packet[20] == 0x55;
    }
    return got;
}

/* The generator: legs in slices over the 20 ms, so that the load is even. Writes sent and
 * received to the pipe. */
static void generate(const struct far_end *ends, const struct sockaddr_in *to, int legs,
                     int64_t seconds, int pipe_fd)
{
    int epoll_fd = epoll_create1(0);
    int64_t counts[2] = {0, 0};
    uint8_t packet[172] = {0x80, 0};
    memset(packet + 12, 0x55, 160);
    for (int i = 0; i < legs; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = ends[i].fd};
        ensure(connect(ends[i].fd, (const struct sockaddr *)&to[i], sizeof(to[i])) == 0);
        ensure(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ends[i].fd, &event) == 0);
    }
    int64_t start = instant_mono_now().us, total = seconds * 50 * legs;
    for (int64_t n = 0; n < total;) {
        int64_t due = (instant_mono_now().us - start) * legs / FRAME_US;
        for (; n < due && n < total; n++) {
            uint16_t sequence = htons((uint16_t)(n / legs));
            uint32_t time = htonl((uint32_t)(n / legs * 160)),
                     ssrc = htonl((uint32_t)(n % legs));
            memcpy(packet + 2, &sequence, 2);
            memcpy(packet + 4, &time, 4);
            memcpy(packet + 8, &ssrc, 4);
            counts[0] += send(ends[n % legs].fd, packet, sizeof(packet), 0) == sizeof(packet);
        }
        counts[1] += drain(epoll_fd, 1);
    }
    int64_t until = instant_mono_now().us + US_PER_S;
    while (counts[1] < counts[0] && instant_mono_now().us < until)
        counts[1] += drain(epoll_fd, 10);
    ensure(write(pipe_fd, counts, sizeof(counts)) == sizeof(counts));
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
    if (calls < 1 || calls > 20000 || seconds < 1)
        return 2;
    int legs = calls * 2, pipes[2];
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
    struct far_end *ends = memory_new((size_t)legs, sizeof(*ends));
    struct sockaddr_in *to = memory_new((size_t)legs, sizeof(*to));
    for (int i = 0; i < legs; i++) {
        ends[i].fd = open_far(&ends[i].port);
        leg[i].id.value = i + 1;
        if (media_open(media, &leg[i], &err) != STATUS_OK) {
            fprintf(stderr, "bench_media: %s\n", err.text);
            return 1;
        }
        to[i] = (struct sockaddr_in){.sin_family = AF_INET,
                                     .sin_port = htons(leg[i].port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct media_remote remote = {.address = {127, 0, 0, 1},
                                      .port = ends[i].port,
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
        generate(ends, to, legs, seconds, pipes[1]);
    }
    double cpu = cpu_seconds();
    int64_t start = instant_mono_now().us, counts[2] = {0, 0};
    struct pollfd done = {pipes[0], POLLIN, 0};
    while (poll(&done, 1, 0) == 0 && instant_mono_now().us - start < (seconds + 20) * US_PER_S)
        pump(media, 100);
    cpu = cpu_seconds() - cpu;
    double took = (double)(instant_mono_now().us - start) / 1e6;
    if (read(pipes[0], counts, sizeof(counts)) != sizeof(counts))
        return 1;
    waitpid(generator, NULL, 0);
    for (int i = 0; i < legs; i++)
        media_close(media, &leg[i]);
    int64_t until = instant_mono_now().us + 3 * US_PER_S;
    while (totals.received < counts[0] && instant_mono_now().us < until)
        pump(media, 20);
    print("media_bridged_calls", calls, "calls", "2000");
    print("media_packets_sent", (double)counts[0], "packets", "-");
    print("media_packets_lost", (double)(counts[0] - counts[1]), "packets", "0");
    print("media_packets_received", (double)totals.received, "packets", "all");
    print("media_gaps_on_arrival", (double)totals.lost, "packets", "0");
    print("media_rate", (double)counts[0] / took, "packets/s", "200000");
    print("media_cpu", cpu / took, "cores", "<= 1");
    print("media_cpu_per_packet", cpu * 1e6 / (double)counts[0], "us", "< 5");
    media_destroy(media);
    free(leg);
    free(ends);
    free(to);
    return 0;
}
