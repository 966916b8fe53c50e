/* sip.h -- what the files of sip/ share: the SIP thread, its trunks, phones, legs and dialogs.
 * Inside telephony/; everything here belongs to the SIP thread.
 *
 * A leg is what the port speaks of; a dialog is one INVITE of ours on the wire. A trunk's leg
 * has one dialog (a new one after a redirect); a phone's has one per contact that rings, and
 * the first to answer stays.
 *
 * Invariants
 *   1. A leg's id is in `legs` from its command to its ENDED; ENDED is sent once, after its RTP
 *      socket is closed.
 *   2. A dialog outlives its leg (leg = NULL) until the library says that it is terminated, or
 *      its reaper fires; its handle is destroyed in dialog_destroy and nowhere else.
 *   3. A trunk's calls count the legs between their command and their ENDED.
 *
 *   calling --1xx--> proceeding --2xx--> ready --BYE--> (gone)
 *      \________________\__final, CANCEL_______________/     */
#ifndef CADRAN_TELEPHONY_SIP_SIP_H
#define CADRAN_TELEPHONY_SIP_SIP_H

struct sip_thread;
struct dialog;
#define NUA_MAGIC_T struct sip_thread
#define NUA_HMAGIC_T struct dialog
#define SU_ROOT_MAGIC_T struct sip_thread
#define SU_WAKEUP_ARG_T struct sip_thread
#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_wait.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/mailbox.h"
#include "base/table.h"
#include "telephony/media/media.h"
#include "telephony/sip/digest.h"
#include "telephony/sip/outbox.h"
#include "telephony/sip/wheel.h"
#include "telephony/telephony.h"

#define URI_SIZE 320
#define CONTACTS_MAX 4 /* of a phone */
#define REDIRECTS_MAX 3
#define DIALOGS_PER_LEG (CONTACTS_MAX + 1) /* one more while a redirect is followed */
#define SOURCES_MAX 4096

enum trunk_health { TRUNK_UNKNOWN, TRUNK_UP, TRUNK_DOWN };

struct trunk {
    struct trunk_config config;
    struct sip_thread *sip;
    bool is_removed; /* lives until its last call ended */
    bool is_resolved;
    char address[INET_ADDRSTRLEN];
    int32_t lookup; /* number of the newest name look-up; older answers are ignored */
    enum trunk_health health;
    int32_t calls;
    struct mono *starts; /* a ring of the last calls_per_second starts */
    int32_t start_next;
    nua_handle_t *ping;
    struct dialog *ping_dialog;
    struct timer ping_timer;
};

struct contact {
    struct phone *phone; /* NULL: free */
    char uri[URI_SIZE];
    char route[URI_SIZE]; /* where its REGISTER came from */
    struct timer expiry;
};

struct phone {
    struct sip_thread *sip;
    struct phone_id id;
    char user[SIP_TEXT_SIZE];
    char ha1[DIGEST_HEX_SIZE];
    struct contact contacts[CONTACTS_MAX];
    bool is_registered;
};

enum leg_state { LEG_CALLING, LEG_ANSWERED, LEG_CANCELLING, LEG_ENDING };

struct leg {
    struct sip_thread *sip;
    struct leg_id id;
    enum leg_state state;
    struct trunk *trunk; /* NULL: a phone's */
    struct media_leg media;
    struct sdp local;
    bool has_remote, was_ringing, was_early;
    int32_t redirects;
    int32_t dialog_count;
    struct dialog *dialogs[DIALOGS_PER_LEG];
    struct timer ring_timer;
    struct telephony_event ended; /* filled while it ends */
    char from[URI_SIZE], header[URI_SIZE];
    char uri[URI_SIZE], route[URI_SIZE]; /* of a trunk's */
    int64_t ring_timeout_ms;
    bool is_private;
};

enum dialog_kind { DIALOG_CALL, DIALOG_PING };
enum dialog_state { DIALOG_CALLING, DIALOG_PROCEEDING, DIALOG_READY, DIALOG_RELEASED };

struct dialog {
    struct dialog *next, **link; /* in sip->dialogs */
    struct sip_thread *sip;
    enum dialog_kind kind;
    struct leg *leg;     /* NULL once it is nobody's */
    struct trunk *trunk; /* credentials; also of a ping */
    nua_handle_t *nh;
    enum dialog_state state;
    int32_t challenges;
    bool awaits_answer; /* our 200 to a re-INVITE was an offer: the ACK answers */
    struct timer timer; /* no reply, then the reaper */
};

/* The answer of a name look-up, from its own short-lived thread. */
struct lookup_answer {
    struct trunk_id trunk;
    int32_t lookup;
    bool is_found;
    char address[INET_ADDRSTRLEN];
};

/* REGISTERs without right credentials, by source. */
struct source {
    struct mono since;
    int32_t count;
};

struct sip_thread {
    struct telephony_options options;
    uint8_t address[4];
    uint16_t phone_port, trunk_port;
    pthread_t thread;
    struct mailbox *commands, *lookups;
    struct media *media;
    struct outbox outbox;
    struct wheel wheel;
    struct digest digest;
    struct table legs, trunks, phones, phones_by_user;
    struct table sources; /* IPv4 address -> struct source */
    int32_t leg_count, trunk_count, phone_count;
    struct dialog *dialogs;
    int32_t dialog_count;
    uint64_t next_session;

    su_root_t *root;
    nua_t *trunk_nua, *phone_nua;
    int shutdowns; /* nuas that have shut down */
    int timer_fd;
    atomic_bool is_stopping;
    bool is_hung_up, is_shutting_down;
    struct mono stop_at;
    /* the start's answer */
    pthread_mutex_t start_lock;
    pthread_cond_t started;
    int start_result; /* 0 = not yet, 1 = runs, -1 = failed */
};

struct mono sip_now(void);
void sip_emit(struct sip_thread *sip, const struct telephony_event *event);
/* The port that is bound to both UDP and TCP and free; 0 if `wanted` is taken. */
uint16_t sip_find_port(const char *address, uint16_t wanted);

/* leg.c */
void leg_dial(struct sip_thread *sip, const struct telephony_command *command);
void leg_ring(struct sip_thread *sip, const struct telephony_command *command);
void leg_hang_up(struct leg *leg, int32_t cause);
void leg_bridge(struct sip_thread *sip, struct leg_id a, struct leg_id b);
void leg_unbridge(struct leg *leg);
void leg_on_media(struct sip_thread *sip, const struct media_report *report);
/* Ends it: releases its dialogs, closes its media; ENDED follows. */
void leg_end(struct leg *leg, enum outcome outcome, enum leg_ended_by by, int32_t status,
             int32_t cause, const char *reason);
/* Cancels an unanswered one; it ends when the far end has had its say. */
void leg_cancel(struct leg *leg, enum outcome outcome, enum leg_ended_by by, int32_t cause,
                const char *reason);
/* A new dialog to `uri` (through `route`, may be NULL) with the leg's offer. */
void leg_invite(struct leg *leg, const char *uri, const char *route);
void leg_hang_up_all(struct sip_thread *sip);
struct leg *leg_find(struct sip_thread *sip, struct leg_id id);

/* dialog.c */
struct dialog *dialog_create(struct sip_thread *sip, enum dialog_kind kind);
void dialog_join(struct dialog *dialog, struct leg *leg);
/* Takes it from its leg and hangs it up; it goes when the library is done with it. */
void dialog_release(struct dialog *dialog, int32_t cause);
void dialog_destroy(struct dialog *dialog);
void dialog_on_reply(struct dialog *dialog, int status, const char *phrase, const sip_t *sip);
void dialog_on_state(struct dialog *dialog, int state);
void dialog_on_bye(struct dialog *dialog, const sip_t *sip);
void dialog_on_offer(struct dialog *dialog, nua_t *nua, const sip_t *sip, bool is_update);
void dialog_on_ack(struct dialog *dialog, const sip_t *sip);
/* Answers a 401 or 407; false where the credentials are missing or were refused before. */
bool dialog_authenticate(struct dialog *dialog, const sip_t *sip);
int32_t cause_of_reason(const sip_reason_t *reason);

/* trunk.c */
void trunk_set(struct sip_thread *sip, const struct trunk_config *config);
void trunk_remove(struct sip_thread *sip, struct trunk_id id);
void trunk_on_lookup(struct sip_thread *sip, const struct lookup_answer *answer);
void trunk_on_ping(struct dialog *dialog, int status, const sip_t *sip);
/* NULL: a call may start after delay_ms and is counted; else why not, with its outcome. */
#define TRUNK_WAIT_MAX_MS 2500
const char *trunk_admit(struct trunk *trunk, struct mono now, int64_t *delay_ms,
                        enum outcome *outcome);
void trunk_leave(struct trunk *trunk);
bool trunk_is_peer(const struct sip_thread *sip, const struct sockaddr_in *source);
void trunks_fini(struct sip_thread *sip);

/* registrar.c */
void phone_set(struct sip_thread *sip, const struct phone_config *config);
void phone_remove(struct sip_thread *sip, struct phone_id id);
void registrar_on_register(struct sip_thread *sip, nua_t *nua, nua_handle_t *nh,
                           const sip_t *request);
bool sip_source(nua_t *nua, struct sockaddr_in *source);
void phones_fini(struct sip_thread *sip);

#endif
