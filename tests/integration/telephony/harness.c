#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "telephony/media/law.h"

static bool deliver(void *context, const struct telephony_event *event)
{
    return mailbox_post(context, event);
}

struct telephony_options harness_options(void)
{
    struct telephony_options options = telephony_defaults();
    options.phone_port = 0;
    options.legs_max = 1000;
    options.media_threads = 2;
    options.ping_interval_ms = 0;
    options.no_reply_ms = 3000;
    options.cancel_wait_ms = 1000;
    return options;
}

void harness_start(struct harness *harness, const struct telephony_options *options)
{
    struct error err = {0};
    memset(harness, 0, sizeof(*harness));
    harness->next_leg = 1;
    harness->events = mailbox_create(100000, sizeof(struct telephony_event));
    struct telephony_sink sink = {harness->events, deliver};
    if (telephony_create(options, sink, &harness->telephony, &err) != STATUS_OK ||
        telephony_start(harness->telephony, &err) != STATUS_OK)
        fail_msg("%s: %s", err.path, err.text);
    harness->port = telephony_port(harness->telephony);
}

void harness_stop(struct harness *harness)
{
    telephony_destroy(harness->telephony);
    mailbox_destroy(harness->events);
}

static void post(struct harness *harness, const struct telephony_command *command)
{
    assert_int_equal(harness->port.post(harness->port.self, command), STATUS_OK);
}

struct trunk_config harness_trunk_config(uint16_t port)
{
    return (struct trunk_config){.id = {1}, .host = "127.0.0.1", .port = port};
}

void harness_trunk(struct harness *harness, const struct trunk_config *config)
{
    post(harness, &(struct telephony_command){.kind = TELEPHONY_TRUNK_SET, .trunk = *config});
}

struct leg_id harness_dial(struct harness *harness, int64_t ring_timeout_ms)
{
    struct telephony_command command = {.kind = TELEPHONY_DIAL,
                                        .leg = {harness->next_leg++},
                                        .dial = {.trunk = {1},
                                                 .number = 33123456789,
                                                 .caller_number = 33987654321,
                                                 .caller_name = "Acme \"Quote",
                                                 .ring_timeout_ms = ring_timeout_ms}};
    post(harness, &command);
    return command.leg;
}

struct leg_id harness_ring(struct harness *harness, int64_t phone, int64_t ring_timeout_ms)
{
    struct telephony_command command = {.kind = TELEPHONY_RING_PHONE,
                                        .leg = {harness->next_leg++},
                                        .ring = {.phone = {phone},
                                                 .ring_timeout_ms = ring_timeout_ms,
                                                 .caller_text = "Campaign",
                                                 .is_auto_answer = true}};
    post(harness, &command);
    return command.leg;
}

void harness_hang_up(struct harness *harness, struct leg_id leg)
{
    post(harness,
         &(struct telephony_command){.kind = TELEPHONY_HANG_UP, .leg = leg, .hang_up = {16}});
}

void harness_bridge(struct harness *harness, struct leg_id a, struct leg_id b)
{
    post(harness,
         &(struct telephony_command){.kind = TELEPHONY_BRIDGE, .leg = a, .bridge = {b}});
}

struct telephony_event harness_await(struct harness *harness, enum telephony_event_kind kind,
                                     struct leg_id leg)
{
    struct telephony_event event;
    int64_t until = instant_mono_now().us + 15 * US_PER_S;
    while (instant_mono_now().us < until) {
        if (!mailbox_take(harness->events, &event, 100))
            continue;
        bool is_leg = leg.value == 0 || event.leg.value == leg.value;
        if (is_leg && event.kind == kind)
            return event;
        if (is_leg && event.kind == TELEPHONY_ENDED)
            fail_msg("leg %lld ended: %s, sip %d, %s", (long long)event.leg.value,
                     outcome_name(event.ended.outcome), event.ended.sip_status,
                     event.ended.reason);
    }
    fail_msg("event %d of leg %lld never came", (int)kind, (long long)leg.value);
    return event;
}

static bool bind_port(int type, uint16_t *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(*port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int fd = socket(AF_INET, type, 0);
    bool is_free = bind(fd, (struct sockaddr *)&in, len) == 0;
    getsockname(fd, (struct sockaddr *)&in, &len);
    close(fd);
    *port = ntohs(in.sin_port);
    return is_free;
}

/* Below the range from which the system draws ports for others, who could take it meanwhile. */
#define PORT_FIRST 22000
#define PORT_LAST 31998

uint16_t free_port(void)
{
    static uint64_t drawn;
    for (int i = 0; i < 100; i++) {
        drawn = drawn * 6364136223846793005u + (uint64_t)getpid() + 1442695040888963407u;
        uint16_t port = (uint16_t)(PORT_FIRST + (drawn >> 33) % (PORT_LAST - PORT_FIRST));
        uint16_t next = (uint16_t)(port + 1);
        if (bind_port(SOCK_DGRAM, &port) && bind_port(SOCK_STREAM, &port) &&
            bind_port(SOCK_STREAM, &next))
            return port;
    }
    fail_msg("no free port");
    return 0;
}

struct peer peer_start(const char *const argv[])
{
    struct peer peer;
    snprintf(peer.log, sizeof(peer.log), "/tmp/cadran-peer-XXXXXX");
    int log = mkstemp(peer.log);
    assert_true(log >= 0);
    peer.pid = fork();
    if (peer.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(log, 1);
        dup2(log, 2);
        execvp(argv[0], (char *const *)argv);
        dprintf(2, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    close(log);
    return peer;
}

static void show_log(const struct peer *peer)
{
    char text[4096];
    int fd = open(peer->log, O_RDONLY);
    lseek(fd, -4000, SEEK_END);
    ssize_t len = read(fd, text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    print_error("%s\n", text);
    close(fd);
}

int peer_wait(struct peer *peer)
{
    int status = -1;
    for (int i = 0; i < 2000; i++) {
        if (waitpid(peer->pid, &status, WNOHANG) == peer->pid) {
            peer->pid = 0;
            int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
            if (code != 0)
                show_log(peer);
            unlink(peer->log);
            return code;
        }
        usleep(10000);
    }
    show_log(peer);
    peer_kill(peer);
    return -1;
}

void peer_kill(struct peer *peer)
{
    if (peer->pid <= 0)
        return;
    kill(peer->pid, SIGKILL);
    waitpid(peer->pid, NULL, 0);
    unlink(peer->log);
    peer->pid = 0;
}

struct peer sipp_start(const char *scenario, uint16_t port, uint16_t rtp_port,
                       const char *const *extra)
{
    char path[256], port_text[8], rtp_text[8];
    const char *argv[48] = {
        "sipp",          "-sf",      path,     "-i",       "127.0.0.1", "-p",  port_text,
        "-key",          "rtp_port", rtp_text, "-nostdin", "-timeout",  "25s", "-timeout_error",
        "-recv_timeout", "20000",    "-m",     "1",        "-nd"};
    char trace[64];
    if (getenv("SIPP_TRACE")) { /* for a person who looks for the reason of a failure */
        snprintf(trace, sizeof(trace), "%s", getenv("SIPP_TRACE"));
        argv[18] = "-trace_msg";
        argv[19] = "-message_file";
        argv[20] = trace;
    }
    int count = 0;
    bool has_payloads = false;
    if (scenario[0] == '/')
        snprintf(path, sizeof(path), "%s", scenario);
    else
        snprintf(path, sizeof(path), "%s/%s.xml", SCENARIOS, scenario);
    snprintf(port_text, sizeof(port_text), "%u", port);
    snprintf(rtp_text, sizeof(rtp_text), "%u", rtp_port);
    while (argv[count])
        count++;
    for (; extra && *extra; extra++) {
        has_payloads |= strcmp(*extra, "payloads") == 0;
        argv[count++] = *extra;
    }
    if (!has_payloads) {
        argv[count++] = "-key";
        argv[count++] = "payloads";
        argv[count++] = "0";
    }
    struct peer peer = peer_start(argv);
    for (int i = 0; i < 500; i++) { /* it listens when its port is taken */
        uint16_t taken = port;
        if (!bind_port(SOCK_DGRAM, &taken))
            return peer;
        usleep(10000);
    }
    peer_wait(&peer);
    fail_msg("sipp does not listen");
    return peer;
}

static void send_frame(struct party *party, const struct sockaddr_in *to, long frame)
{
    uint8_t packet[172] = {0x80, party->payload_type};
    uint16_t sequence = htons((uint16_t)frame);
    uint32_t time = htonl((uint32_t)(frame * 160)), ssrc = htonl(0x7ab1e);
    long period = (party->on_ms + party->off_ms) * 8L;
    memcpy(packet + 2, &sequence, 2);
    memcpy(packet + 4, &time, 4);
    memcpy(packet + 8, &ssrc, 4);
    for (int i = 0; i < 160; i++) {
        long n = frame * 160 + i;
        bool is_on = party->hertz > 0 && (period == 0 || n % period < party->on_ms * 8L);
        double value = is_on ? 8000.0 * sin(2 * M_PI * party->hertz * (double)n / 8000.0) : 0;
        packet[12 + i] = law_encode(party->payload_type == 8 ? SDP_CODEC_PCMA : SDP_CODEC_PCMU,
                                    (int16_t)value);
    }
    sendto(party->fd, packet, sizeof(packet), 0, (const struct sockaddr *)to, sizeof(*to));
}

static void keep_heard(struct party *party, const uint8_t *packet, ssize_t len)
{
    pthread_mutex_lock(&party->lock);
    party->packets++;
    for (ssize_t i = 12; i < len; i++)
        party->heard[party->heard_count++ % 8000] =
            law_decode((packet[1] & 127) == 8 ? SDP_CODEC_PCMA : SDP_CODEC_PCMU, packet[i]);
    pthread_mutex_unlock(&party->lock);
}

/* Plays from the first packet it hears on, to where that came from, as phones behind NAT do. */
static void *party_run(void *arg)
{
    struct party *party = arg;
    struct sockaddr_in peer = {0};
    int64_t next = instant_mono_now().us;
    long frame = 0;
    while (!atomic_load(&party->is_stopping)) {
        uint8_t packet[1600];
        struct sockaddr_in from;
        socklen_t from_len = sizeof(from);
        struct pollfd poller = {party->fd, POLLIN, 0};
        int64_t wait = (next - instant_mono_now().us) / US_PER_MS;
        if (poll(&poller, 1, wait > 0 ? (int)wait : 0) == 1) {
            ssize_t len = recvfrom(party->fd, packet, sizeof(packet), MSG_DONTWAIT,
                                   (struct sockaddr *)&from, &from_len);
            if (len > 12) {
                peer = from;
                keep_heard(party, packet, len);
            }
        }
        int play_to = atomic_load(&party->play_to);
        if (play_to && !peer.sin_port)
            peer = (struct sockaddr_in){.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)play_to),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        if (instant_mono_now().us >= next) {
            if (peer.sin_port)
                send_frame(party, &peer, frame++);
            next += 20 * US_PER_MS;
        }
    }
    return NULL;
}

void party_start(struct party *party, uint8_t payload_type, double hertz, int on_ms, int off_ms)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    memset(party, 0, sizeof(*party));
    law_init();
    party->payload_type = payload_type;
    party->hertz = hertz;
    party->on_ms = on_ms;
    party->off_ms = off_ms;
    pthread_mutex_init(&party->lock, NULL);
    party->fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(party->fd, (struct sockaddr *)&in, len), 0);
    getsockname(party->fd, (struct sockaddr *)&in, &len);
    party->port = ntohs(in.sin_port);
    assert_int_equal(pthread_create(&party->thread, NULL, party_run, party), 0);
}

void party_play_to(struct party *party, uint16_t port)
{
    atomic_store(&party->play_to, port);
}

void party_stop(struct party *party)
{
    atomic_store(&party->is_stopping, true);
    pthread_join(party->thread, NULL);
    close(party->fd);
    pthread_mutex_destroy(&party->lock);
}

/* Goertzel over the last second. */
double party_share(struct party *party, double hertz)
{
    double coefficient = 2 * cos(2 * M_PI * hertz / 8000.0), s1 = 0, s2 = 0, total = 1;
    pthread_mutex_lock(&party->lock);
    bool is_enough = party->heard_count >= 8000;
    for (long i = 0; i < 8000; i++) {
        double sample = party->heard[(party->heard_count + i) % 8000];
        double s0 = sample + coefficient * s1 - s2;
        s2 = s1;
        s1 = s0;
        total += sample * sample;
    }
    pthread_mutex_unlock(&party->lock);
    double power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
    return is_enough ? power / (total * 8000 / 2) : 0;
}

bool party_hears(struct party *party, double hertz)
{
    for (int i = 0; i < 100; i++) {
        if (party_share(party, hertz) > 0.9)
            return true;
        usleep(100000);
    }
    print_error("heard: %.3f of %.0f Hz, %ld packets\n", party_share(party, hertz), hertz,
                party->packets);
    return false;
}
