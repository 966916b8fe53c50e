/* First: it names the types behind the SIP library's opaque pointers. */
#include "telephony/sip/sip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/tport_tag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "telephony/sip/thread.h"

#define TICK_MS 10
#define COMMANDS_PER_TURN 256
/* While this many events wait for the sink, no new commands are taken. */
#define OUTBOX_HIGH 4096
/* Of the 5 s that a stop may take: the calls' BYEs and CANCELs, then the stacks. */
#define STOP_CALLS_US (3 * US_PER_S)
#define STOP_STACKS_US (4500 * US_PER_MS)

/* The library's clock is the wall's; a step of it would fire or hold every SIP timer, and a big
 * one aborts. Its hook makes it monotonic from the wall time at the start.
 * It moves in whole milliseconds: the library rounds the time to its next timer down to them
 * and would spin through every last fraction, which is most of the CPU once transactions
 * expire. */
extern void (*_su_time)(su_time_t *time);
static int64_t clock_base_us;

static void monotonic_su_time(su_time_t *time)
{
    int64_t us = clock_base_us + instant_mono_now().us;
    us -= us % US_PER_MS;
    time->tv_sec = (unsigned long)(us / US_PER_S);
    time->tv_usec = (unsigned long)(us % US_PER_S);
}

struct mono sip_now(void)
{
    return instant_mono_now();
}

void sip_emit(struct sip_thread *sip, const struct telephony_event *event)
{
    outbox_put(&sip->outbox, event);
}

static void quiet(void *stream, char const *format, va_list args)
{
    (void)stream;
    (void)format;
    (void)args;
}

static bool can_bind(const char *address, int type, uint16_t *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof(in);
    int one = 1;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (type == SOCK_STREAM) /* a port in TIME_WAIT is free for a server */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    bool is_bound = inet_pton(AF_INET, address, &in.sin_addr) == 1 &&
                    bind(fd, (struct sockaddr *)&in, len) == 0 &&
                    getsockname(fd, (struct sockaddr *)&in, &len) == 0;
    close(fd);
    *port = ntohs(in.sin_port);
    return is_bound;
}

uint16_t sip_find_port(const char *address, uint16_t wanted)
{
    for (int i = 0; i < 64; i++) {
        uint16_t port = wanted;
        if (can_bind(address, SOCK_DGRAM, &port) && can_bind(address, SOCK_STREAM, &port))
            return port;
        if (wanted)
            return 0;
    }
    return 0;
}

static void on_command(struct sip_thread *sip, const struct telephony_command *command)
{
    struct leg *leg = leg_find(sip, command->leg);
    switch (command->kind) {
    case TELEPHONY_TRUNK_SET: trunk_set(sip, &command->trunk); break;
    case TELEPHONY_TRUNK_REMOVE: trunk_remove(sip, command->trunk.id); break;
    case TELEPHONY_PHONE_SET: phone_set(sip, &command->phone); break;
    case TELEPHONY_PHONE_REMOVE: phone_remove(sip, command->phone.id); break;
    case TELEPHONY_DIAL:
        if (!leg && command->leg.value)
            leg_dial(sip, command);
        break;
    case TELEPHONY_RING_PHONE:
        if (!leg && command->leg.value)
            leg_ring(sip, command);
        break;
    case TELEPHONY_HANG_UP:
        if (leg)
            leg_hang_up(leg, command->hang_up.cause);
        break;
    case TELEPHONY_BRIDGE: leg_bridge(sip, command->leg, command->bridge.other); break;
    case TELEPHONY_UNBRIDGE:
        if (leg)
            leg_unbridge(leg);
        break;
    case TELEPHONY_TONE:
        if (leg)
            media_tone(sip->media, &leg->media);
        break;
    }
}

/* A leg asked for while we stop: it gets its ENDED like any other. */
static void refuse(struct sip_thread *sip, const struct telephony_command *command)
{
    if (command->kind != TELEPHONY_DIAL && command->kind != TELEPHONY_RING_PHONE)
        return;
    struct telephony_event event = {
        .kind = TELEPHONY_ENDED, .leg = command->leg, .at = sip_now()};
    event.ended.outcome = OUTCOME_CANCELLED;
    event.ended.by = ENDED_BY_US;
    snprintf(event.ended.reason, sizeof(event.ended.reason), "telephony is stopping");
    sip_emit(sip, &event);
}

static void take_commands(struct sip_thread *sip)
{
    struct telephony_command command;
    bool is_stopping = atomic_load(&sip->is_stopping);
    for (int i = 0; i < COMMANDS_PER_TURN; i++) {
        if (!is_stopping && outbox_waiting(&sip->outbox) > OUTBOX_HIGH)
            break;
        if (!mailbox_poll(sip->commands, &command))
            break;
        if (is_stopping)
            refuse(sip, &command);
        else
            on_command(sip, &command);
    }
    explicit_bzero(&command, sizeof(command)); /* it may have held a password */
}

static int on_commands(struct sip_thread *sip, su_wait_t *wait, struct sip_thread *arg)
{
    (void)sip;
    (void)wait;
    mailbox_fd_clear(arg->commands);
    take_commands(arg); /* the rest, if any, at the next tick */
    return 0;
}

static int on_media(struct sip_thread *sip, su_wait_t *wait, struct sip_thread *arg)
{
    struct media_report report;
    (void)sip;
    (void)wait;
    media_fd_clear(arg->media);
    while (media_poll(arg->media, &report))
        leg_on_media(arg, &report);
    return 0;
}

static void destroy_dialogs(struct sip_thread *sip)
{
    while (sip->dialogs)
        dialog_destroy(sip->dialogs);
}

static void advance_stop(struct sip_thread *sip)
{
    struct mono now = sip_now();
    if (!sip->is_hung_up) {
        sip->is_hung_up = true;
        sip->stop_at = now;
        leg_hang_up_all(sip);
    }
    int64_t passed = now.us - sip->stop_at.us;
    bool is_quiet = sip->leg_count == 0 && sip->dialog_count == 0;
    if (!sip->is_shutting_down && (is_quiet || passed > STOP_CALLS_US)) {
        sip->is_shutting_down = true;
        /* Whoever is still waiting for a far end stops waiting. */
        size_t at = 0;
        int64_t key;
        void *value;
        while (table_next(&sip->legs, &at, &key, &value)) {
            struct leg *leg = value;
            leg_end(leg, OUTCOME_CANCELLED, ENDED_BY_US, 0, 0, "telephony is stopping");
            at = 0; /* the table may have changed */
            if (leg_find(sip, (struct leg_id){key}))
                break; /* its media close first; the next tick goes on */
        }
        if (sip->leg_count > 0) {
            sip->is_shutting_down = passed > STOP_CALLS_US + US_PER_S;
            if (!sip->is_shutting_down)
                return;
        }
        destroy_dialogs(sip);
        nua_shutdown(sip->trunk_nua);
        nua_shutdown(sip->phone_nua);
    }
    if (sip->shutdowns == 2 || passed > STOP_STACKS_US)
        su_root_break(sip->root);
}

static int on_tick(struct sip_thread *sip, su_wait_t *wait, struct sip_thread *arg)
{
    uint64_t expirations;
    (void)sip;
    (void)wait;
    while (read(arg->timer_fd, &expirations, sizeof(expirations)) < 0 && errno == EINTR)
        ;
    outbox_flush(&arg->outbox);
    take_commands(arg);
    struct lookup_answer answer;
    while (mailbox_poll(arg->lookups, &answer))
        trunk_on_lookup(arg, &answer);
    media_flush(arg->media);
    on_media(NULL, NULL, arg);
    wheel_turn(&arg->wheel, sip_now());
    if (atomic_load(&arg->is_stopping))
        advance_stop(arg);
    return 0;
}

/* Nobody calls in: carriers reach no number here, strangers nothing at all. */
static void refuse_call(struct sip_thread *sip, nua_t *nua, nua_handle_t *nh)
{
    struct sockaddr_in source;
    bool is_peer =
        nua == sip->trunk_nua && sip_source(nua, &source) && trunk_is_peer(sip, &source);
    if (is_peer)
        nua_respond(nh, SIP_404_NOT_FOUND, TAG_END());
    else
        nua_respond(nh, SIP_403_FORBIDDEN, TAG_END());
}

/* A reply that the network sent; NULL for one that the library made up itself: no route, no
 * socket, nobody at the port. */
static const sip_t *from_network(nua_t *nua, const sip_t *message)
{
    msg_t *current = nua_current_request(nua);
    return current && nta_is_internal_msg(current) ? NULL : message;
}

static void on_call_event(nua_event_t event, int status, char const *phrase, nua_t *nua,
                          struct dialog *dialog, sip_t const *message, tagi_t tags[])
{
    int state = -1;
    switch ((int)event) {
    case nua_r_invite:
        dialog_on_reply(dialog, status, phrase, from_network(nua, message));
        break;
    case nua_i_state:
        tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
        dialog_on_state(dialog, state);
        break;
    case nua_i_invite: dialog_on_offer(dialog, nua, message, false); break;
    case nua_i_update: dialog_on_offer(dialog, nua, message, true); break;
    case nua_i_ack: dialog_on_ack(dialog, message); break;
    case nua_i_bye: dialog_on_bye(dialog, message); break;
    case nua_r_options: trunk_on_ping(dialog, status, message); break;
    default: break; /* progress of BYE, CANCEL, PRACK: the state tells what matters */
    }
}

static void on_event(nua_event_t event, int status, char const *phrase, nua_t *nua,
                     struct sip_thread *sip, nua_handle_t *nh, struct dialog *dialog,
                     sip_t const *message, tagi_t tags[])
{
    int state = -1;
    if (dialog) {
        on_call_event(event, status, phrase, nua, dialog, message, tags);
        return;
    }
    switch ((int)event) {
    case nua_r_shutdown:
        if (status >= 200)
            sip->shutdowns++;
        break;
    case nua_i_register: registrar_on_register(sip, nua, nh, message); break;
    case nua_i_invite: refuse_call(sip, nua, nh); break;
    case nua_i_state:
        tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
        if (state == nua_callstate_terminated && nh)
            nua_handle_destroy(nh);
        break;
    case nua_i_options:
    case nua_i_message:
    case nua_i_subscribe:
    case nua_i_notify:
    case nua_i_publish:
    case nua_i_refer:
    case nua_i_info:
    case nua_i_method:
        if (nh) /* the library has answered; else they stay for ever */
            nua_handle_destroy(nh);
        break;
    default: break;
    }
}

/* The library's own list has REFER and MESSAGE too, and it says yes to them by itself, whoever
 * asks: a transfer that nobody makes, with NOTIFYs to an address of the asker's choice. */
#define METHODS "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, NOTIFY"

static nua_t *create_nua(struct sip_thread *sip, uint16_t port, bool is_for_phones)
{
    char url[64];
    snprintf(url, sizeof(url), "sip:%s:%u", sip->options.address, (unsigned)port);
    return nua_create(
        sip->root, on_event, sip, NUTAG_URL(url), NUTAG_MEDIA_ENABLE(0), NUTAG_AUTOACK(1),
        NUTAG_AUTOALERT(0), NUTAG_AUTOANSWER(0), NUTAG_AUTO302(0), NUTAG_AUTO305(0),
        NUTAG_MAX_RETRY_AFTER(0), NUTAG_SESSION_TIMER(0), SIPTAG_SUPPORTED_STR("timer, 100rel"),
        SIPTAG_ALLOW_STR(is_for_phones ? METHODS ", REGISTER" : METHODS),
        NUTAG_APPL_METHOD("UPDATE"), TAG_IF(is_for_phones, NUTAG_APPL_METHOD("REGISTER")),
        NUTAG_OUTBOUND("no-options-keepalive no-validate"), SIPTAG_USER_AGENT_STR("Cadran"),
        NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0), NTATAG_UDP_MTU(65535), NTATAG_SERVER_RPORT(2),
        NTATAG_MAXSIZE(65536), NTATAG_SIP_T1X64(is_for_phones ? 4000 : 8000),
        TPTAG_UDP_RMEM(4 << 20), TPTAG_STUN_SERVER(0), TAG_END());
}

#define BIND_TRIES 16

/* Between finding a free port and binding it somebody else may take it: where the choice is
 * ours, another is tried. */
static nua_t *bind_nua(struct sip_thread *sip, uint16_t wanted, uint16_t *port,
                       bool is_for_phones)
{
    nua_t *nua = NULL;
    for (int i = 0; !nua && i < (wanted ? 1 : BIND_TRIES); i++) {
        *port = sip_find_port(sip->options.address, wanted);
        if (*port)
            nua = create_nua(sip, *port, is_for_phones);
    }
    return nua;
}

static int watch(struct sip_thread *sip, int fd, su_wakeup_f callback)
{
    su_wait_t wait[1];
    if (su_wait_create(wait, fd, SU_WAIT_IN) != 0)
        return -1;
    return su_root_register(sip->root, wait, callback, sip, 0);
}

static int start_timer(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct timespec period = {.tv_nsec = TICK_MS * 1000000L};
    struct itimerspec timer = {.it_interval = period, .it_value = period};
    if (fd >= 0)
        ensure(timerfd_settime(fd, 0, &timer, NULL) == 0);
    return fd;
}

static void tell_start(struct sip_thread *sip, int result)
{
    pthread_mutex_lock(&sip->start_lock);
    sip->start_result = result;
    pthread_cond_signal(&sip->started);
    pthread_mutex_unlock(&sip->start_lock);
}

/* What is left when the loop has ended: every leg still gets its ENDED. */
static void wind_up(struct sip_thread *sip)
{
    struct mono until = {sip_now().us + 300 * US_PER_MS};
    destroy_dialogs(sip);
    take_commands(sip);
    while (sip->leg_count > 0 && sip_now().us < until.us) {
        media_flush(sip->media);
        on_media(NULL, NULL, sip);
        usleep(1000);
    }
    outbox_flush(&sip->outbox);
}

static void *run(void *arg)
{
    struct sip_thread *sip = arg;
    sip->root = su_root_create(sip);
    su_root_threading(sip->root, 0);
    sip->timer_fd = start_timer();
    int commands = watch(sip, mailbox_fd(sip->commands), on_commands);
    int media = watch(sip, media_fd(sip->media), on_media);
    int timer = watch(sip, sip->timer_fd, on_tick);
    wheel_init(&sip->wheel, sip_now());
    sip->trunk_nua = bind_nua(sip, sip->options.trunk_port, &sip->trunk_port, false);
    sip->phone_nua =
        sip->trunk_nua ? bind_nua(sip, sip->options.phone_port, &sip->phone_port, true) : NULL;
    bool runs = sip->trunk_nua && sip->phone_nua;
    if (runs) {
        tell_start(sip, 1);
        su_root_run(sip->root);
        wind_up(sip);
    } else if (sip->trunk_nua) {
        nua_shutdown(sip->trunk_nua);
        while (sip->shutdowns < 1)
            su_root_step(sip->root, 10);
    }
    if (sip->trunk_nua)
        nua_destroy(sip->trunk_nua);
    if (sip->phone_nua)
        nua_destroy(sip->phone_nua);
    su_root_deregister(sip->root, timer);
    su_root_deregister(sip->root, media);
    su_root_deregister(sip->root, commands);
    /* A stack that did not shut down in time keeps its memory: taking the loop away from under
     * it would abort, and the process ends anyway. */
    if (!runs || sip->shutdowns == 2)
        su_root_destroy(sip->root);
    else
        log_warn("sip.stop", "reason=stack_did_not_shut_down_in_time");
    close(sip->timer_fd);
    if (!runs)
        tell_start(sip, -1);
    return NULL;
}

struct sip_thread *sip_thread_create(const struct telephony_options *options,
                                     struct telephony_sink sink)
{
    struct sip_thread *sip = memory_new(1, sizeof(*sip));
    sip->options = *options;
    ensure(inet_pton(AF_INET, options->address, sip->address) == 1);
    sip->commands =
        mailbox_create((size_t)options->commands_max, sizeof(struct telephony_command));
    sip->lookups = mailbox_create(256, sizeof(struct lookup_answer));
    mailbox_fd(sip->commands);
    outbox_init(&sip->outbox, sink);
    digest_init(&sip->digest);
    sip->next_session = (uint64_t)instant_wall_now().us;
    pthread_mutex_init(&sip->start_lock, NULL);
    pthread_cond_init(&sip->started, NULL);
    return sip;
}

enum status sip_thread_start(struct sip_thread *sip, struct media *media, struct error *err)
{
    static bool is_library_ready;
    const struct telephony_options *options = &sip->options;
    sip->media = media;
    sip->phone_port = sip_find_port(options->address, options->phone_port);
    sip->trunk_port = sip_find_port(options->address, options->trunk_port);
    if (!sip->phone_port || !sip->trunk_port)
        return error_set(
            err, STATUS_UNAVAILABLE, sip->phone_port ? "trunk_port" : "phone_port",
            "cannot bind %s:%u for SIP: choose another port, or 0 for a free one",
            options->address,
            (unsigned)(sip->phone_port ? options->trunk_port : options->phone_port));
    if (!is_library_ready) {
        is_library_ready = true;
        clock_base_us = instant_wall_now().us - instant_mono_now().us;
        _su_time = monotonic_su_time;
        su_init();
        su_log_redirect(NULL, quiet, NULL);
        su_log_set_level(NULL, 0);
    }
    if (pthread_create(&sip->thread, NULL, run, sip) != 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "cannot start the SIP thread");
    pthread_mutex_lock(&sip->start_lock);
    while (sip->start_result == 0)
        pthread_cond_wait(&sip->started, &sip->start_lock);
    int result = sip->start_result;
    pthread_mutex_unlock(&sip->start_lock);
    if (result > 0)
        return STATUS_OK;
    pthread_join(sip->thread, NULL);
    return error_set(err, STATUS_UNAVAILABLE, "", "the SIP stack could not bind %s:%u or :%u",
                     options->address, (unsigned)sip->phone_port, (unsigned)sip->trunk_port);
}

void sip_thread_stop(struct sip_thread *sip)
{
    atomic_store(&sip->is_stopping, true);
    pthread_join(sip->thread, NULL);
}

void sip_thread_destroy(struct sip_thread *sip)
{
    if (!sip)
        return;
    size_t at = 0;
    int64_t key;
    void *value;
    while (table_next(&sip->legs, &at, &key, &value))
        free(value);
    table_fini(&sip->legs);
    trunks_fini(sip);
    phones_fini(sip);
    digest_fini(&sip->digest);
    outbox_fini(&sip->outbox);
    mailbox_destroy(sip->commands);
    mailbox_destroy(sip->lookups);
    pthread_cond_destroy(&sip->started);
    pthread_mutex_destroy(&sip->start_lock);
    free(sip);
}

bool sip_thread_post(struct sip_thread *sip, const struct telephony_command *command)
{
    return mailbox_post(sip->commands, command);
}

uint16_t sip_thread_phone_port(const struct sip_thread *sip)
{
    return sip->phone_port;
}

uint16_t sip_thread_trunk_port(const struct sip_thread *sip)
{
    return sip->trunk_port;
}
