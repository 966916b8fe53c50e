/* Calls set up and released through the telephony back end, without RTP (the carrier's SDP is
 * inactive), against SIPp in another process.
 * usage: bench_sip [calls_per_second [seconds [hold_ms]]]   default 1000 30 500
 * Figures: calls answered and released, calls failed, the back end's CPU per call and as a
 * share of a core, time from dial to answer. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "base/memory.h"
#include "telephony/telephony.h"

static const char scenario[] =
    "<?xml version=\"1.0\"?>\n<scenario name=\"answer\">\n<recv request=\"INVITE\"/>\n"
    "<send><![CDATA[\nSIP/2.0 180 "
    "Ringing\n[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n"
    "[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:[local_ip]:[local_port]>\nContent-Length: "
    "0\n\n"
    "]]></send>\n"
    "<send retrans=\"500\"><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n"
    "[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n"
    "Contact: <sip:[local_ip]:[local_port]>\nContent-Type: application/sdp\n"
    "Content-Length: [len]\n\nv=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=audio 9 RTP/AVP 0\na=inactive\n\n]]></send>\n"
    "<recv request=\"ACK\"/>\n<recv request=\"BYE\"/>\n"
    "<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n"
    "[last_CSeq:]\nContent-Length: 0\n\n]]></send>\n</scenario>\n";

static bool deliver(void *context, const struct telephony_event *event)
{
    return mailbox_post(context, event);
}

static uint16_t free_port(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) || getsockname(fd, (void *)&in, &len))
        exit(1);
    close(fd);
    return ntohs(in.sin_port);
}

static pid_t start_carrier(uint16_t port, char path[64])
{
    char text[8];
    snprintf(path, 64, "/tmp/cadran-bench-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, scenario, sizeof(scenario) - 1) < 0)
        exit(1);
    close(fd);
    snprintf(text, sizeof(text), "%u", port);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(1);
        execlp("sipp", "sipp", "-sf", path, "-i", "127.0.0.1", "-p", text, "-nostdin", "-nd",
               "-buff_size", "4000000", (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 300; i++) { /* it listens when its port is taken */
        struct sockaddr_in in = {.sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int probe = socket(AF_INET, SOCK_DGRAM, 0);
        bool is_taken = bind(probe, (struct sockaddr *)&in, sizeof(in)) != 0;
        close(probe);
        if (is_taken)
            return pid;
        usleep(10000);
    }
    fprintf(stderr, "bench_sip: sipp does not start (package sip-tester)\n");
    exit(1);
}

static double used_by(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Of the back end: all threads but this one, which only plays the dialer. */
static double cpu_seconds(void)
{
    return used_by(RUSAGE_SELF) - used_by(RUSAGE_THREAD);
}

struct run {
    struct telephony_port port;
    struct mailbox *events;
    int64_t rate, seconds, hold_us;
    int64_t dialed, answered, ended, good;
    int64_t *dialed_at, *setup_us, *hang_up_at; /* by leg */
    int64_t next_hang_up;
    int64_t *queue; /* legs in order of answer */
    int64_t queued;
};

static void post(struct run *run, const struct telephony_command *command)
{
    while (run->port.post(run->port.self, command) == STATUS_FULL)
        usleep(1000);
}

static void dial(struct run *run, int64_t now)
{
    struct telephony_command command = {.kind = TELEPHONY_DIAL,
                                        .leg = {++run->dialed},
                                        .dial = {.trunk = {1},
                                                 .number = 33100000000 + run->dialed,
                                                 .caller_number = 33111111111,
                                                 .ring_timeout_ms = 20000}};
    run->dialed_at[run->dialed] = now;
    post(run, &command);
}

static void take_events(struct run *run)
{
    struct telephony_event event;
    while (mailbox_poll(run->events, &event)) {
        int64_t leg = event.leg.value;
        if (event.kind == TELEPHONY_ANSWERED) {
            run->setup_us[run->answered++] = event.at.us - run->dialed_at[leg];
            run->hang_up_at[leg] = event.at.us + run->hold_us;
            run->queue[run->queued++] = leg;
        } else if (event.kind == TELEPHONY_ENDED) {
            run->ended++;
            run->good += event.ended.outcome == OUTCOME_PERSON && event.ended.by == ENDED_BY_US;
        }
    }
}

static void hang_up_due(struct run *run, int64_t now)
{
    while (run->next_hang_up < run->queued &&
           run->hang_up_at[run->queue[run->next_hang_up]] <= now) {
        struct telephony_command command = {.kind = TELEPHONY_HANG_UP,
                                            .leg = {run->queue[run->next_hang_up++]}};
        command.hang_up.cause = 16;
        post(run, &command);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, double value, const char *unit, const char *goal)
{
    printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"goal\":\"%s\"}\n", name, value,
           unit, goal);
}

int main(int argc, char **argv)
{
    struct run run = {.rate = argc > 1 ? atoll(argv[1]) : 1000,
                      .seconds = argc > 2 ? atoll(argv[2]) : 30,
                      .hold_us = (argc > 3 ? atoll(argv[3]) : 500) * 1000};
    struct telephony_options options = telephony_defaults();
    struct error err = {0};
    struct telephony *telephony;
    char path[64];
    if (run.rate < 1 || run.seconds < 1 || run.rate * run.seconds > 10000000)
        return 2;
    int64_t total = run.rate * run.seconds;
    size_t room = (size_t)total + 1;
    run.dialed_at = memory_new(room, sizeof(int64_t));
    run.setup_us = memory_new(room, sizeof(int64_t));
    run.hang_up_at = memory_new(room, sizeof(int64_t));
    run.queue = memory_new(room, sizeof(int64_t));
    run.events = mailbox_create(65536, sizeof(struct telephony_event));
    options.phone_port = 0;
    options.ping_interval_ms = 0;
    options.media_loss_ms = 0;
    log_set_level(LOG_LEVEL_WARN);
    uint16_t port = free_port();
    pid_t carrier = start_carrier(port, path);
    if (telephony_create(&options, (struct telephony_sink){run.events, deliver}, &telephony,
                         &err) != STATUS_OK ||
        telephony_start(telephony, &err) != STATUS_OK) {
        fprintf(stderr, "bench_sip: %s\n", err.text);
        return 1;
    }
    run.port = telephony_port(telephony);
    struct telephony_command trunk = {.kind = TELEPHONY_TRUNK_SET,
                                      .trunk = {.id = {1}, .host = "127.0.0.1", .port = port}};
    post(&run, &trunk);
    double cpu = cpu_seconds();
    int64_t start = instant_mono_now().us;
    int64_t limit = start + (run.seconds + 30) * US_PER_S;
    for (int64_t now = start; run.ended < total && now < limit; now = instant_mono_now().us) {
        int64_t due = (now - start) * run.rate / US_PER_S + 1;
        while (run.dialed < total && run.dialed < due)
            dial(&run, now);
        take_events(&run);
        hang_up_due(&run, now);
        usleep(2000);
    }
    double took = (double)(instant_mono_now().us - start) / 1e6;
    cpu = cpu_seconds() - cpu;
    qsort(run.setup_us, (size_t)run.answered, sizeof(int64_t), compare);
    int64_t p99 = run.answered ? run.setup_us[run.answered * 99 / 100] : 0;
    print("sip_calls_released", (double)run.good, "calls", "all");
    print("sip_calls_failed", (double)(total - run.good), "calls", "0");
    print("sip_rate", (double)run.good / took, "calls/s", "1000");
    print("sip_cpu", cpu / took, "cores", "< 0.25");
    print("sip_cpu_per_call", cpu * 1e6 / (double)total, "us", "< 250");
    print("sip_setup_p99", (double)p99 / 1000, "ms", "-");
    telephony_destroy(telephony);
    kill(carrier, SIGKILL);
    waitpid(carrier, NULL, 0);
    unlink(path);
    mailbox_destroy(run.events);
    free(run.dialed_at);
    free(run.setup_us);
    free(run.hang_up_at);
    free(run.queue);
    return run.good == total ? 0 : 1;
}
