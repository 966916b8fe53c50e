/* carrier.c -- the simulated network's SIP thread: start, events, stop. */
#include "carrier/party.h"

#include <sofia-sip/su_log.h>
#include <sofia-sip/tport_tag.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/memory.h"

#define STOP_LIMIT_US (3 * US_PER_S)

/* --- The library's events
 * ---------------------------------------------------------------------- */

static void on_event(nua_event_t event, int status, char const *phrase, nua_t *nua,
                     struct carrier *carrier, nua_handle_t *nh, struct party *party,
                     sip_t const *sip, tagi_t tags[])
{
    (void)nua;
    switch ((int)event) {
    case nua_i_invite:
        if (party)
            called_on_reinvite(party, sip);
        else
            called_on_invite(carrier, nh, sip);
        break;
    case nua_i_ack:
        if (party)
            called_on_ack(party, sip);
        break;
    case nua_i_state:
        if (party)
            called_on_state(party, tags);
        break;
    case nua_r_register:
        if (party)
            phone_on_reply(party, status, phrase, sip);
        break;
    case nua_r_shutdown:
        if (status >= 200) {
            carrier->is_shut_down = true;
            su_root_break(carrier->root);
        }
        break;
    default:
        if (!party && event != nua_i_network_changed && nh)
            nua_handle_destroy(nh);
        break;
    }
}

/* --- The thread
 * -------------------------------------------------------------------------------- */

static int on_tick(struct carrier *magic, su_wait_t *wait, struct carrier *carrier)
{
    (void)magic;
    (void)wait;
    uint64_t ticks;
    if (read(carrier->timer_fd, &ticks, sizeof(ticks)) < 0)
        return 0;
    wheel_turn(&carrier->wheel, instant_mono_now());
    if (carrier->is_stopping && instant_mono_now().us > carrier->stop_at.us)
        su_root_break(carrier->root);
    return 0;
}

static int on_stop(struct carrier *magic, su_wait_t *wait, struct carrier *carrier)
{
    (void)magic;
    (void)wait;
    uint64_t count;
    if (read(carrier->stop_fd, &count, sizeof(count)) < 0)
        return 0;
    carrier->is_stopping = true;
    carrier->stop_at = (struct mono){instant_mono_now().us + STOP_LIMIT_US};
    for (struct party *party = carrier->parties; party; party = party->next) {
        wheel_stop(&party->timer);
        if (party->kind == PARTY_REGISTRATION)
            nua_unregister(party->nh, TAG_END());
        else if (party->stage == STAGE_ANSWERED)
            called_hang_up(party);
        else if (party->stage != STAGE_OVER)
            called_refuse(party, SIP_503_SERVICE_UNAVAILABLE, 42);
    }
    nua_shutdown(carrier->nua);
    return 0;
}

static void quiet(void *stream, char const *format, va_list args)
{
    (void)stream;
    (void)format;
    (void)args;
}

/* A port that is free for UDP and TCP now; the library cannot say which one it drew. */
static uint16_t free_port(const uint8_t address[4], uint16_t wanted)
{
    for (int attempt = 0; attempt < 50; attempt++) {
        struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(wanted)};
        memcpy(&local.sin_addr, address, 4);
        socklen_t len = sizeof(local);
        int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int on = 1;
        setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        bool is_free = bind(udp, (struct sockaddr *)&local, len) == 0 &&
                       getsockname(udp, (struct sockaddr *)&local, &len) == 0 &&
                       bind(tcp, (struct sockaddr *)&local, len) == 0;
        close(udp);
        close(tcp);
        if (is_free)
            return ntohs(local.sin_port);
        if (wanted)
            return 0;
    }
    return 0;
}

static void tell_start(struct carrier *carrier, int result)
{
    pthread_mutex_lock(&carrier->lock);
    carrier->result = result;
    pthread_cond_signal(&carrier->started);
    pthread_mutex_unlock(&carrier->lock);
}

static void watch(struct carrier *carrier, int fd,
                  int (*callback)(struct carrier *, su_wait_t *, struct carrier *))
{
    su_wait_t wait[1] = {SU_WAIT_INIT};
    su_wait_create(wait, fd, SU_WAIT_IN);
    su_root_register(carrier->root, wait, callback, carrier, 0);
}

static void *carrier_thread(void *arg)
{
    struct carrier *carrier = arg;
    char url[64];
    snprintf(url, sizeof(url), "sip:%s:%d", carrier->options.address, (int)carrier->port);
    su_init();
    su_log_redirect(NULL, quiet, NULL);
    su_log_set_level(NULL, 0);
    carrier->root = su_root_create(carrier);
    su_root_threading(carrier->root, 0);
    carrier->nua = nua_create(
        carrier->root, on_event, carrier, NUTAG_URL(url), NUTAG_MEDIA_ENABLE(0),
        NUTAG_AUTOACK(1), NUTAG_AUTOALERT(0), NUTAG_AUTOANSWER(0), NUTAG_SESSION_TIMER(0),
        SIPTAG_SUPPORTED_STR("timer"), NUTAG_OUTBOUND("no-options-keepalive no-validate"),
        SIPTAG_USER_AGENT_STR("carrier"), NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0),
        NTATAG_UDP_MTU(65535), NTATAG_SERVER_RPORT(2), NTATAG_SIP_T1X64(8000),
        TPTAG_UDP_RMEM(4 << 20), TPTAG_STUN_SERVER(0), TAG_END());
    if (!carrier->nua) {
        su_root_destroy(carrier->root);
        tell_start(carrier, -1);
        return NULL;
    }
    wheel_init(&carrier->wheel, instant_mono_now());
    watch(carrier, carrier->timer_fd, on_tick);
    watch(carrier, carrier->stop_fd, on_stop);
    phones_add(carrier);
    tell_start(carrier, 1);
    su_root_run(carrier->root);
    while (carrier->parties)
        party_destroy(carrier->parties);
    /* A library that waits for a dead peer would wait half a minute: the process is ending. */
    if (carrier->is_shut_down) {
        nua_destroy(carrier->nua);
        su_root_destroy(carrier->root);
    }
    return NULL;
}

enum status carrier_start(const struct carrier_options *options, struct carrier **out,
                          struct error *err)
{
    struct carrier *carrier = memory_new(1, sizeof(*carrier));
    carrier->options = *options;
    carrier->timer_fd = carrier->stop_fd = -1;
    struct in_addr address;
    if (inet_pton(AF_INET, options->address, &address) != 1) {
        free(carrier);
        return error_set(err, STATUS_INVALID, "--sip", "%s is not an IPv4 address",
                         options->address);
    }
    memcpy(carrier->address, &address, 4);
    snprintf(carrier->address_text, sizeof(carrier->address_text), "%s", options->address);
    snprintf(carrier->registrar, sizeof(carrier->registrar), "%s",
             options->registrar ? options->registrar : "");
    carrier->options.address = carrier->address_text;
    carrier->options.registrar = carrier->registrar;
    carrier->port = free_port(carrier->address, options->port);
    if (!carrier->port) {
        free(carrier);
        return error_set(err, STATUS_UNAVAILABLE, "--sip",
                         "port %d of %s is in use; choose another or end what uses it",
                         (int)options->port, options->address);
    }
    carrier->audio = audio_create(options->address, err);
    carrier->numbers = memory_new(NUMBERS_MAX, sizeof(*carrier->numbers));
    carrier->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    carrier->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct itimerspec every = {.it_interval.tv_nsec = 10000000, .it_value.tv_nsec = 10000000};
    timerfd_settime(carrier->timer_fd, 0, &every, NULL);
    pthread_mutex_init(&carrier->lock, NULL);
    pthread_cond_init(&carrier->started, NULL);
    pthread_create(&carrier->thread, NULL, carrier_thread, carrier);
    pthread_mutex_lock(&carrier->lock);
    while (!carrier->result)
        pthread_cond_wait(&carrier->started, &carrier->lock);
    pthread_mutex_unlock(&carrier->lock);
    if (carrier->result < 0) {
        carrier_stop(carrier);
        return error_set(err, STATUS_UNAVAILABLE, "--sip",
                         "the SIP stack did not start on %s:%d", options->address,
                         (int)options->port);
    }
    *out = carrier;
    return STATUS_OK;
}

uint16_t carrier_port(const struct carrier *carrier)
{
    return carrier->port;
}

void carrier_stop(struct carrier *carrier)
{
    if (!carrier)
        return;
    uint64_t one = 1;
    ssize_t written = write(carrier->stop_fd, &one, sizeof(one));
    (void)written; /* an eventfd with room takes it */
    pthread_join(carrier->thread, NULL);
    audio_destroy(carrier->audio);
    close(carrier->timer_fd);
    close(carrier->stop_fd);
    pthread_cond_destroy(&carrier->started);
    pthread_mutex_destroy(&carrier->lock);
    free(carrier->numbers);
    free(carrier);
}

void carrier_figures(const struct carrier *carrier, struct carrier_figures *figures)
{
    *figures = (struct carrier_figures){
        .calls = atomic_load(&carrier->calls),
        .answered = atomic_load(&carrier->answered),
        .hung_up_by_us = atomic_load(&carrier->hung_up_by_us),
        .hung_up_by_peer = atomic_load(&carrier->hung_up_by_peer),
        .cancelled = atomic_load(&carrier->cancelled),
        .refused = atomic_load(&carrier->refused),
        .phones_registered = atomic_load(&carrier->phones_registered),
        .phone_calls = atomic_load(&carrier->phone_calls),
        .live = atomic_load(&carrier->live),
    };
    audio_figures(carrier->audio, &figures->audio);
}
