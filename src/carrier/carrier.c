/* carrier.c -- the SIP side of the simulated network.
 *
 *   INVITE --delay--> 180 or 183 --ring--> 200 --talk--> BYE (ours)
 *                          \--> 4xx 5xx 6xx, or rings until CANCEL
 * Invariant: a party's handle is destroyed in party_destroy alone, when the library says that the
 * call is terminated. */
#include "carrier/carrier.h"

struct carrier;
struct party;
#define NUA_MAGIC_T struct carrier
#define NUA_HMAGIC_T struct party
#define SU_ROOT_MAGIC_T struct carrier
#define SU_WAKEUP_ARG_T struct carrier
#include <sofia-sip/msg_header.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport_tag.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "telephony/sip/wheel.h"

#define CALLS_MAX_DEFAULT 5000
#define NUMBERS_MAX 262144 /* remembered for how often they were called */
#define STOP_LIMIT_US (3 * US_PER_S)

enum party_kind { PARTY_PUBLIC, PARTY_PHONE_CALL, PARTY_REGISTRATION };
enum party_stage { STAGE_ARRIVED, STAGE_RINGING, STAGE_ANSWERED, STAGE_OVER };

/* Whoever has a handle: a called number, a phone in a call, a phone that registers. */
struct party {
    struct carrier *carrier;
    struct party *next, **link;
    enum party_kind kind;
    enum party_stage stage;
    nua_handle_t *nh;
    struct carrier_plan plan;
    struct stream *stream;
    struct sdp offer;
    bool has_offer;
    char answer[SDP_TEXT_MAX / 8];
    struct timer timer;
    /* a registration's */
    char user[64], password[64];
    int challenges;
    bool is_registered;
};

struct carrier {
    struct carrier_options options;
    char address_text[16], registrar[128]; /* what the options pointed to */
    uint16_t port;
    uint8_t address[4];
    pthread_t thread;
    struct audio *audio;
    struct wheel wheel;
    su_root_t *root;
    nua_t *nua;
    int timer_fd, stop_fd;
    struct party *parties;
    uint64_t next_session;
    struct {
        uint64_t hash;
        uint32_t calls;
    } *numbers;
    bool is_stopping, is_shut_down;
    struct mono stop_at;
    pthread_mutex_t lock;
    pthread_cond_t started;
    int result; /* 0 = not yet, 1 = runs, -1 = failed */
    _Atomic uint64_t calls, answered, hung_up_by_us, hung_up_by_peer, cancelled, refused,
        phones_registered, phone_calls, live;
};

static struct mono now(void)
{
    return instant_mono_now();
}

/* --- Parties --------------------------------------------------------------------------------- */

static struct party *party_create(struct carrier *carrier, enum party_kind kind, nua_handle_t *nh)
{
    struct party *party = memory_new(1, sizeof(*party));
    party->carrier = carrier;
    party->kind = kind;
    party->nh = nh;
    party->next = carrier->parties;
    party->link = &carrier->parties;
    if (party->next)
        party->next->link = &party->next;
    carrier->parties = party;
    if (kind != PARTY_REGISTRATION)
        atomic_fetch_add(&carrier->live, 1);
    return party;
}

static void party_destroy(struct party *party)
{
    struct carrier *carrier = party->carrier;
    wheel_stop(&party->timer);
    if (party->stream)
        stream_close(carrier->audio, party->stream);
    *party->link = party->next;
    if (party->next)
        party->next->link = party->link;
    if (party->kind != PARTY_REGISTRATION)
        atomic_fetch_sub(&carrier->live, 1);
    nua_handle_bind(party->nh, NULL);
    nua_handle_destroy(party->nh);
    free(party);
}

static void after(struct party *party, int64_t delay_ms, void (*fire)(void *context))
{
    wheel_start(&party->carrier->wheel, &party->timer, now(), delay_ms, fire, party);
}

/* --- Media ----------------------------------------------------------------------------------- */

/* Opens the stream and makes the answer to the caller's offer (or an offer, if there was none). */
static bool media_open_for(struct party *party)
{
    struct carrier *carrier = party->carrier;
    if (party->stream)
        return true;
    uint16_t port;
    party->stream = stream_open(carrier->audio, &port);
    if (!party->stream)
        return false;
    struct sdp local, answer;
    sdp_offer(&local, carrier->address, port, ++carrier->next_session);
    if (party->has_offer) {
        if (!sdp_answer(&party->offer, &local, &answer))
            return false;
        stream_connect(carrier->audio, party->stream, &party->offer);
    } else {
        answer = local;
    }
    return sdp_write(&answer, party->answer, sizeof(party->answer)) > 0;
}

static void play(struct party *party, enum voice_kind first, const struct voice *then)
{
    stream_play(party->carrier->audio, party->stream, voice_of(first, party->plan.voice), then);
}

/* --- A called number ------------------------------------------------------------------------- */

static void refuse(struct party *party, int status, const char *phrase, int cause)
{
    char reason[64];
    snprintf(reason, sizeof(reason), "Q.850;cause=%d", cause);
    party->stage = STAGE_OVER;
    atomic_fetch_add(&party->carrier->refused, 1);
    nua_respond(party->nh, status, phrase, TAG_IF(cause, SIPTAG_REASON_STR(reason)), TAG_END());
}

static void hang_up(void *context)
{
    struct party *party = context;
    party->stage = STAGE_OVER;
    atomic_fetch_add(&party->carrier->hung_up_by_us, 1);
    nua_bye(party->nh, SIPTAG_REASON_STR("Q.850;cause=16"), TAG_END());
}

static void answer(void *context)
{
    struct party *party = context;
    if (!media_open_for(party)) {
        refuse(party, SIP_488_NOT_ACCEPTABLE, 0);
        return;
    }
    party->stage = STAGE_ANSWERED;
    atomic_fetch_add(&party->carrier->answered, 1);
    nua_respond(party->nh, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                SIPTAG_PAYLOAD_STR(party->answer), TAG_END());
    if (party->kind == PARTY_PHONE_CALL)
        play(party, VOICE_AGENT, voice_of(VOICE_AGENT, party->plan.voice));
    else if (party->plan.kind == PLAN_MACHINE)
        play(party, VOICE_MACHINE, NULL);
    else if (party->plan.kind == PLAN_FAX)
        play(party, VOICE_FAX, voice_of(VOICE_FAX, 0));
    else
        play(party, VOICE_PERSON, voice_of(VOICE_TALK, party->plan.voice));
    if (party->kind == PARTY_PUBLIC)
        after(party, party->plan.talk_ms, hang_up);
}

static void end_unknown(void *context)
{
    refuse(context, SIP_404_NOT_FOUND, 1);
}

static void end_busy(void *context)
{
    refuse(context, SIP_486_BUSY_HERE, 17);
}

static void end_congestion(void *context)
{
    refuse(context, SIP_503_SERVICE_UNAVAILABLE, 34);
}

static void decline(void *context)
{
    refuse(context, SIP_603_DECLINE, 21);
}

/* 183 with what the network plays before an answer. */
static void early(struct party *party, enum voice_kind voice, bool is_repeated)
{
    if (!media_open_for(party))
        return;
    nua_respond(party->nh, SIP_183_SESSION_PROGRESS, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                SIPTAG_PAYLOAD_STR(party->answer), TAG_END());
    play(party, voice, is_repeated ? voice_of(voice, party->plan.voice) : NULL);
}

static void ring(void *context)
{
    struct party *party = context;
    const struct carrier_plan *plan = &party->plan;
    party->stage = STAGE_RINGING;
    switch (plan->kind) {
    case PLAN_BUSY: end_busy(party); return;
    case PLAN_UNKNOWN: end_unknown(party); return;
    case PLAN_CONGESTION: end_congestion(party); return;
    case PLAN_BUSY_TONE:
        early(party, VOICE_BUSY, true);
        after(party, 20000, end_busy);
        return;
    case PLAN_UNKNOWN_TONE:
        early(party, VOICE_UNKNOWN, true);
        after(party, 15000, end_unknown);
        return;
    case PLAN_CONGESTION_TONE:
        early(party, VOICE_CONGESTION, true);
        after(party, 15000, end_congestion);
        return;
    case PLAN_PERSON:
    case PLAN_MACHINE:
    case PLAN_FAX:
    case PLAN_NO_ANSWER:
    case PLAN_REJECTED: break;
    }
    if (plan->has_ringback && party->has_offer)
        early(party, VOICE_RINGBACK, true);
    else
        nua_respond(party->nh, SIP_180_RINGING, TAG_END());
    if (plan->kind == PLAN_REJECTED)
        after(party, plan->ring_ms, decline);
    else if (plan->kind != PLAN_NO_ANSWER)
        after(party, plan->ring_ms, answer);
}

/* How often this number was called before; a full table forgets by overwriting. */
static uint32_t count_call(struct carrier *carrier, const char *number)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = number; *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    size_t at = (size_t)(hash % NUMBERS_MAX);
    if (carrier->numbers[at].hash != hash) {
        carrier->numbers[at].hash = hash;
        carrier->numbers[at].calls = 0;
    }
    return carrier->numbers[at].calls++;
}

static bool is_phone(const struct carrier *carrier, const char *user)
{
    for (const struct party *party = carrier->parties; party; party = party->next)
        if (party->kind == PARTY_REGISTRATION && strcmp(party->user, user) == 0)
            return true;
    return false;
}

static void on_invite(struct carrier *carrier, nua_handle_t *nh, const sip_t *sip)
{
    const char *user = sip->sip_request->rq_url->url_user;
    if (!user)
        user = "";
    if (*user == '+')
        user++;
    int32_t most = carrier->options.calls_max ? carrier->options.calls_max : CALLS_MAX_DEFAULT;
    bool is_to_phone = carrier->options.phone_count > 0 && is_phone(carrier, user);
    struct party *party =
        party_create(carrier, is_to_phone ? PARTY_PHONE_CALL : PARTY_PUBLIC, nh);
    nua_handle_bind(nh, party);
    atomic_fetch_add(is_to_phone ? &carrier->phone_calls : &carrier->calls, 1);
    struct error err;
    if (sip->sip_payload && sip->sip_payload->pl_len) {
        if (sdp_read(sip->sip_payload->pl_data, (size_t)sip->sip_payload->pl_len, &party->offer,
                     &err) != STATUS_OK) {
            refuse(party, SIP_400_BAD_REQUEST, 0);
            return;
        }
        party->has_offer = true;
    }
    if ((int64_t)atomic_load(&carrier->live) > most || carrier->is_stopping) {
        refuse(party, SIP_503_SERVICE_UNAVAILABLE, 42);
        return;
    }
    if (is_to_phone) {
        party->plan = (struct carrier_plan){.kind = PLAN_NO_ANSWER, .voice = carrier->next_session};
        nua_respond(nh, SIP_180_RINGING, TAG_END());
        after(party, 200, answer);
        return;
    }
    if (carrier->options.record_fd) {
        char line[64];
        int len = snprintf(line, sizeof(line), "%.40s\n", user);
        if (write(carrier->options.record_fd, line, (size_t)len) != len)
            log_error("carrier.record", "errno=%d", errno);
    }
    profile_plan(&carrier->options.profile, carrier->options.seed, user,
                 count_call(carrier, user), &party->plan);
    after(party, party->plan.delay_ms, ring);
}

/* A re-INVITE (hold, a new address): our answer, and packets go where it says. */
static void on_reinvite(struct party *party, const sip_t *sip)
{
    struct error err;
    struct sdp offer, local, made;
    if (!sip->sip_payload || !party->stream) {
        nua_respond(party->nh, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                    SIPTAG_PAYLOAD_STR(party->answer), TAG_END());
        return;
    }
    if (sdp_read(sip->sip_payload->pl_data, (size_t)sip->sip_payload->pl_len, &offer, &err) !=
            STATUS_OK ||
        sdp_read(party->answer, strlen(party->answer), &local, &err) != STATUS_OK ||
        !sdp_answer(&offer, &local, &made)) {
        nua_respond(party->nh, SIP_488_NOT_ACCEPTABLE, TAG_END());
        return;
    }
    made.session_version = local.session_version + 1;
    sdp_write(&made, party->answer, sizeof(party->answer));
    stream_connect(party->carrier->audio, party->stream, &offer);
    nua_respond(party->nh, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                SIPTAG_PAYLOAD_STR(party->answer), TAG_END());
}

/* --- Phones ----------------------------------------------------------------------------------- */

static void register_phone(void *context)
{
    struct party *party = context;
    struct carrier *carrier = party->carrier;
    char registrar[160], contact[160];
    snprintf(contact, sizeof(contact), "<sip:%s@%s:%d>", party->user, carrier->options.address,
             (int)carrier->port);
    snprintf(registrar, sizeof(registrar), "sip:%s", carrier->options.registrar);
    party->challenges = 0;
    nua_register(party->nh, NUTAG_REGISTRAR(registrar), SIPTAG_CONTACT_STR(contact),
                 SIPTAG_EXPIRES_STR("120"), TAG_END());
}

static void add_phones(struct carrier *carrier)
{
    for (int32_t i = 0; i < carrier->options.phone_count; i++) {
        char user[64], password[64], uri[192];
        carrier->options.phone(carrier->options.context, i, user, password);
        snprintf(uri, sizeof(uri), "<sip:%s@%s>", user, carrier->options.registrar);
        nua_handle_t *nh = nua_handle(carrier->nua, NULL, SIPTAG_TO_STR(uri),
                                      SIPTAG_FROM_STR(uri), TAG_END());
        struct party *party = party_create(carrier, PARTY_REGISTRATION, nh);
        nua_handle_bind(nh, party);
        memcpy(party->user, user, sizeof(party->user));
        memcpy(party->password, password, sizeof(party->password));
        after(party, 10 + i * 5, register_phone);
    }
}

static void on_register_reply(struct party *party, int status, const char *phrase,
                              const sip_t *sip)
{
    struct carrier *carrier = party->carrier;
    if (status == 401 && sip && sip->sip_www_authenticate && party->challenges++ < 2) {
        const char *realm =
            msg_params_find(sip->sip_www_authenticate->au_params, "realm=");
        char auth[256];
        snprintf(auth, sizeof(auth), "Digest:%s:%s:%s", realm ? realm : "\"\"", party->user,
                 party->password);
        nua_authenticate(party->nh, NUTAG_AUTH(auth), TAG_END());
        return;
    }
    if (status >= 200 && status < 300) {
        party->challenges = 0;
        if (!party->is_registered) {
            party->is_registered = true;
            atomic_fetch_add(&carrier->phones_registered, 1);
        }
        return;
    }
    if (status < 300)
        return;
    log_warn("carrier.phone_refused", "user=%s status=%d phrase=%s", party->user, status, phrase);
    if (!carrier->is_stopping)
        after(party, 2000, register_phone);
}

/* --- The library's events ---------------------------------------------------------------------- */

static void on_state(struct party *party, tagi_t *tags)
{
    int state = -1;
    tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
    if (state != nua_callstate_terminated)
        return;
    if (party->stage == STAGE_ANSWERED)
        atomic_fetch_add(&party->carrier->hung_up_by_peer, 1);
    else if (party->stage != STAGE_OVER)
        atomic_fetch_add(&party->carrier->cancelled, 1);
    party_destroy(party);
}

static void on_ack(struct party *party, const sip_t *sip)
{
    struct error err;
    struct sdp answer_sdp;
    if (party->has_offer || !party->stream || !sip || !sip->sip_payload)
        return;
    if (sdp_read(sip->sip_payload->pl_data, (size_t)sip->sip_payload->pl_len, &answer_sdp,
                 &err) == STATUS_OK)
        stream_connect(party->carrier->audio, party->stream, &answer_sdp);
}

static void on_event(nua_event_t event, int status, char const *phrase, nua_t *nua,
                     struct carrier *carrier, nua_handle_t *nh, struct party *party,
                     sip_t const *sip, tagi_t tags[])
{
    (void)nua;
    switch ((int)event) {
    case nua_i_invite:
        if (party)
            on_reinvite(party, sip);
        else
            on_invite(carrier, nh, sip);
        break;
    case nua_i_ack:
        if (party)
            on_ack(party, sip);
        break;
    case nua_i_state:
        if (party)
            on_state(party, tags);
        break;
    case nua_r_register:
        if (party)
            on_register_reply(party, status, phrase, sip);
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

/* --- The thread -------------------------------------------------------------------------------- */

static int on_tick(struct carrier *magic, su_wait_t *wait, struct carrier *carrier)
{
    (void)magic;
    (void)wait;
    uint64_t ticks;
    if (read(carrier->timer_fd, &ticks, sizeof(ticks)) < 0)
        return 0;
    wheel_turn(&carrier->wheel, now());
    if (carrier->is_stopping && now().us > carrier->stop_at.us)
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
    carrier->stop_at = (struct mono){now().us + STOP_LIMIT_US};
    for (struct party *party = carrier->parties; party; party = party->next) {
        wheel_stop(&party->timer);
        if (party->kind == PARTY_REGISTRATION)
            nua_unregister(party->nh, TAG_END());
        else if (party->stage == STAGE_ANSWERED)
            hang_up(party);
        else if (party->stage != STAGE_OVER)
            refuse(party, SIP_503_SERVICE_UNAVAILABLE, 42);
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
    wheel_init(&carrier->wheel, now());
    watch(carrier, carrier->timer_fd, on_tick);
    watch(carrier, carrier->stop_fd, on_stop);
    add_phones(carrier);
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
        return error_set(err, STATUS_UNAVAILABLE, "--sip", "the SIP stack did not start on %s:%d",
                         options->address, (int)options->port);
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
