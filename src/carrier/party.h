/* party.h -- what the files of the simulated network share. Inside carrier/; the SIP thread's.
 *
 * A party is whoever has a handle: a called number, a phone in a call, a phone that registers.
 *
 *   INVITE --delay--> 180 or 183 --ring--> 200 --talk--> BYE (ours)
 *                          \--> 4xx 5xx 6xx, or rings until CANCEL
 * Invariant: a party's handle is destroyed in party_destroy alone, when the library says that
 * the call is terminated. */
#ifndef CADRAN_CARRIER_PARTY_H
#define CADRAN_CARRIER_PARTY_H

struct carrier;
struct party;
#define NUA_MAGIC_T struct carrier
#define NUA_HMAGIC_T struct party
#define SU_ROOT_MAGIC_T struct carrier
#define SU_WAKEUP_ARG_T struct carrier
#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_wait.h>

#include <pthread.h>
#include <stdatomic.h>

#include "carrier/carrier.h"
#include "telephony/sip/wheel.h"

#define CALLS_MAX_DEFAULT 5000
#define NUMBERS_MAX 262144 /* remembered for how often they were called */

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
    } * numbers;
    bool is_stopping, is_shut_down;
    struct mono stop_at;
    pthread_mutex_t lock;
    pthread_cond_t started;
    int result; /* 0 = not yet, 1 = runs, -1 = failed */
    _Atomic uint64_t calls, answered, hung_up_by_us, hung_up_by_peer, cancelled, refused,
        phones_registered, phone_calls, live;
};

/* party.c: any party, and its media */
struct party *party_create(struct carrier *carrier, enum party_kind kind, nua_handle_t *nh);
void party_destroy(struct party *party);
/* Calls `fire` with the party once, after the delay. */
void party_after(struct party *party, int64_t delay_ms, void (*fire)(void *context));
/* Opens the stream and makes the answer to the caller's offer (or an offer, if there was none).
 */
bool party_open_media(struct party *party);
void party_play(struct party *party, enum voice_kind first, const struct voice *then);

/* called.c: numbers that are called */
void called_on_invite(struct carrier *carrier, nua_handle_t *nh, const sip_t *sip);
void called_on_reinvite(struct party *party, const sip_t *sip);
void called_on_ack(struct party *party, const sip_t *sip);
void called_on_state(struct party *party, tagi_t *tags);
void called_refuse(struct party *party, int status, const char *phrase, int cause);
void called_hang_up(void *party);

/* phone.c: agents' phones */
void phones_add(struct carrier *carrier);
void phone_on_reply(struct party *party, int status, const char *phrase, const sip_t *sip);
bool phone_is_known(const struct carrier *carrier, const char *user);

#endif
