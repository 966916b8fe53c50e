/* First: it names the types behind the SIP library's opaque pointers. */
#include "telephony/sip/sip.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "telephony/sip/cause.h"

/* After a hang up the library has this long to finish before its handle is taken away. */
#define REAP_MS 5000
#define Q850_NORMAL 16
#define Q850_ELSEWHERE 26

static void on_no_reply(void *context)
{
    struct dialog *dialog = context;
    struct leg *leg = dialog->leg;
    if (leg && leg->dialog_count == 1)
        leg_end(leg, OUTCOME_FAILED, ENDED_BY_FAULT, 0, 0, "no reply at all");
    else
        dialog_release(dialog, Q850_NORMAL);
}

struct dialog *dialog_create(struct sip_thread *sip, enum dialog_kind kind)
{
    struct dialog *dialog = memory_new(1, sizeof(*dialog));
    dialog->sip = sip;
    dialog->kind = kind;
    dialog->next = sip->dialogs;
    dialog->link = &sip->dialogs;
    if (dialog->next)
        dialog->next->link = &dialog->next;
    sip->dialogs = dialog;
    sip->dialog_count++;
    if (kind == DIALOG_CALL)
        wheel_start(&sip->wheel, &dialog->timer, sip_now(), sip->options.no_reply_ms,
                    on_no_reply, dialog);
    return dialog;
}

void dialog_join(struct dialog *dialog, struct leg *leg)
{
    ensure(!dialog->leg && leg->dialog_count < DIALOGS_PER_LEG);
    dialog->leg = leg;
    leg->dialogs[leg->dialog_count++] = dialog;
}

static void leave_leg(struct dialog *dialog)
{
    struct leg *leg = dialog->leg;
    if (!leg)
        return;
    int32_t at = 0;
    while (leg->dialogs[at] != dialog)
        at++;
    leg->dialogs[at] = leg->dialogs[--leg->dialog_count];
    dialog->leg = NULL;
}

void dialog_destroy(struct dialog *dialog)
{
    wheel_stop(&dialog->timer);
    leave_leg(dialog);
    if (dialog->kind == DIALOG_PING && dialog->trunk && dialog->trunk->ping_dialog == dialog)
        dialog->trunk->ping_dialog = NULL;
    if (dialog->nh) {
        nua_handle_bind(dialog->nh, NULL);
        nua_handle_destroy(dialog->nh);
    }
    *dialog->link = dialog->next;
    if (dialog->next)
        dialog->next->link = dialog->link;
    dialog->sip->dialog_count--;
    free(dialog);
}

static void reap(void *context)
{
    dialog_destroy(context);
}

void dialog_release(struct dialog *dialog, int32_t cause)
{
    bool was_released = dialog->state == DIALOG_RELEASED;
    char reason[64];
    leave_leg(dialog);
    dialog->trunk = NULL; /* it may be removed before this dialog is gone */
    dialog->state = DIALOG_RELEASED;
    if (!was_released && dialog->nh) {
        snprintf(reason, sizeof(reason), "Q.850;cause=%d", (int)cause);
        nua_bye(dialog->nh, SIPTAG_REASON_STR(reason), TAG_END());
    }
    wheel_start(&dialog->sip->wheel, &dialog->timer, sip_now(), REAP_MS, reap, dialog);
}

int32_t cause_of_reason(const sip_reason_t *reason)
{
    for (; reason; reason = reason->re_next)
        if (reason->re_protocol && strcasecmp(reason->re_protocol, "Q.850") == 0 &&
            reason->re_cause) {
            long cause = strtol(reason->re_cause, NULL, 10);
            return cause > 0 && cause < 128 ? (int32_t)cause : 0;
        }
    return 0;
}

static const char *parameter(const msg_param_t *parameters, const char *name)
{
    size_t len = strlen(name);
    for (; parameters && *parameters; parameters++)
        if (strncasecmp(*parameters, name, len) == 0)
            return *parameters + len;
    return NULL;
}

bool dialog_authenticate(struct dialog *dialog, const sip_t *sip)
{
    const struct trunk *trunk = dialog->trunk;
    if (!sip || !trunk || !trunk->config.user[0] || dialog->challenges++ > 0)
        return false;
    const msg_auth_t *challenge =
        sip->sip_proxy_authenticate ? sip->sip_proxy_authenticate : sip->sip_www_authenticate;
    const char *realm = challenge ? parameter(challenge->au_params, "realm=") : NULL;
    if (!realm)
        return false;
    char credentials[3 * SIP_TEXT_SIZE + 32];
    int len = snprintf(credentials, sizeof(credentials), "Digest:%s:%s:%s", realm,
                       trunk->config.user, trunk->config.password);
    if (len < 0 || (size_t)len >= sizeof(credentials))
        return false;
    nua_authenticate(dialog->nh, NUTAG_AUTH(credentials), TAG_END());
    explicit_bzero(credentials, sizeof(credentials));
    return true;
}

static bool has_sdp(const sip_t *sip)
{
    return sip && sip->sip_payload && sip->sip_payload->pl_data &&
           sip->sip_payload->pl_len > 0 && sip->sip_content_type &&
           sip->sip_content_type->c_type &&
           strcasecmp(sip->sip_content_type->c_type, "application/sdp") == 0;
}

static bool read_sdp(const sip_t *sip, struct sdp *sdp, struct error *err)
{
    return sdp_read(sip->sip_payload->pl_data, sip->sip_payload->pl_len, sdp, err) == STATUS_OK;
}

/* Takes the peer's side of the media into force; false: it cannot be used. */
static bool apply_remote(struct leg *leg, const struct sdp *sdp, bool is_answered)
{
    struct media_remote remote;
    if (!media_remote_of(sdp, &remote))
        return false;
    remote.is_answered = is_answered;
    media_set_remote(leg->sip->media, &leg->media, &remote);
    leg->has_remote = true;
    return true;
}

static void emit(struct leg *leg, enum telephony_event_kind kind)
{
    struct telephony_event event = {.kind = kind, .leg = leg->id, .at = sip_now()};
    sip_emit(leg->sip, &event);
}

static void on_provisional(struct dialog *dialog, int status, const sip_t *sip)
{
    struct leg *leg = dialog->leg;
    struct sdp sdp;
    wheel_stop(&dialog->timer);
    if (dialog->state == DIALOG_CALLING)
        dialog->state = DIALOG_PROCEEDING;
    if (!leg || leg->state != LEG_CALLING || status == 100)
        return;
    if (!leg->was_ringing) {
        leg->was_ringing = true;
        emit(leg, TELEPHONY_RINGING);
    }
    /* A malformed early description is no reason to give the call up: the answer has another.
     */
    if (!has_sdp(sip) || !read_sdp(sip, &sdp, NULL) || !apply_remote(leg, &sdp, false))
        return;
    if (leg->trunk)
        media_listen(leg->sip->media, &leg->media);
    if (!leg->was_early) {
        leg->was_early = true;
        emit(leg, TELEPHONY_EARLY);
    }
}

/* The other contacts of the phone stop ringing. */
static void release_others(struct leg *leg, const struct dialog *but)
{
    while (leg->dialog_count > 1)
        dialog_release(leg->dialogs[leg->dialogs[0] == but ? 1 : 0], Q850_ELSEWHERE);
}

static void on_answer(struct dialog *dialog, const sip_t *sip)
{
    struct leg *leg = dialog->leg;
    struct error err = {0};
    struct sdp sdp;
    wheel_stop(&dialog->timer);
    if (!leg)
        return; /* too late: dialog_on_state hangs up once it is acknowledged */
    if (leg->state == LEG_CANCELLING) {
        leg_end(leg, OUTCOME_CANCELLED, ENDED_BY_US, 200, 0, "");
        return;
    }
    if (leg->state != LEG_CALLING)
        return; /* the answer to a re-INVITE */
    bool is_usable = has_sdp(sip) ? read_sdp(sip, &sdp, &err) && apply_remote(leg, &sdp, true)
                                  : leg->has_remote;
    if (!is_usable) {
        char reason[64];
        snprintf(reason, sizeof(reason), "answered without usable SDP %.30s", err.path);
        leg_end(leg, OUTCOME_FAILED, ENDED_BY_FAULT, 200, 0, reason);
        return;
    }
    if (!has_sdp(sip)) {
        struct media_remote remote = leg->media.remote;
        remote.is_answered = true;
        media_set_remote(leg->sip->media, &leg->media, &remote);
    }
    dialog->state = DIALOG_READY;
    leg->state = LEG_ANSWERED;
    wheel_stop(&leg->ring_timer);
    release_others(leg, dialog);
    emit(leg, TELEPHONY_ANSWERED);
}

/* Follows a 3xx through the same trunk: the new number may be called, a new host may not. */
static bool follow_redirect(struct dialog *dialog, const sip_t *sip)
{
    struct leg *leg = dialog->leg;
    struct trunk *trunk = dialog->trunk;
    char uri[URI_SIZE], route[URI_SIZE];
    if (!trunk || !trunk->config.follows_redirects || leg->redirects >= REDIRECTS_MAX || !sip ||
        !sip->sip_contact || !sip->sip_contact->m_url->url_user)
        return false;
    const url_t *url = sip->sip_contact->m_url;
    const char *transport = trunk->config.transport == TRUNK_TCP ? ";transport=tcp" : "";
    const char *domain = trunk->config.domain[0] ? trunk->config.domain : trunk->config.host;
    int len = snprintf(uri, sizeof(uri), "sip:%s@%s:%d%s", url->url_user, domain,
                       (int)trunk->config.port, transport);
    if (len < 0 || (size_t)len >= sizeof(uri))
        return false;
    snprintf(route, sizeof(route), "<sip:%s:%d%s;lr>", trunk->address, (int)trunk->config.port,
             transport);
    leg->redirects++;
    leg_invite(leg, uri, strcmp(domain, trunk->address) != 0 ? route : NULL);
    return true;
}

static void on_refusal(struct dialog *dialog, int status, const char *phrase, const sip_t *sip)
{
    struct leg *leg = dialog->leg;
    wheel_stop(&dialog->timer);
    if (!leg)
        return;
    if (leg->state == LEG_ANSWERED)
        return; /* of a re-INVITE; what ends the dialog ends it by its state */
    if (status / 100 == 3 && leg->state == LEG_CALLING && follow_redirect(dialog, sip)) {
        leave_leg(dialog);
        dialog->state = DIALOG_RELEASED;
        wheel_start(&dialog->sip->wheel, &dialog->timer, sip_now(), REAP_MS, reap, dialog);
        return;
    }
    bool is_refused_credential = status == 401 || status == 407;
    if (leg->dialog_count > 1) {
        leave_leg(dialog); /* other contacts of the phone still ring */
        return;
    }
    int32_t cause = sip ? cause_of_reason(sip->sip_reason) : 0;
    const struct cause_row *row = cause_find(status, cause);
    char reason[64];
    snprintf(reason, sizeof(reason), "%.20s: %.38s", row->text, phrase ? phrase : "");
    /* Without a message the library itself speaks: no route, no socket, no reply. */
    leave_leg(dialog);
    leg_end(leg, sip ? row->outcome : OUTCOME_FAILED, sip ? ENDED_BY_PEER : ENDED_BY_FAULT,
            sip ? status : 0, cause, reason);
    if (is_refused_credential) {
        /* The library parks the request for ever, waiting for other credentials. */
        dialog->state = DIALOG_RELEASED;
        wheel_start(&dialog->sip->wheel, &dialog->timer, sip_now(), 0, reap, dialog);
    }
}

void dialog_on_reply(struct dialog *dialog, int status, const char *phrase, const sip_t *sip)
{
    if (status < 200)
        on_provisional(dialog, status, sip);
    else if (status < 300)
        on_answer(dialog, sip);
    else if ((status == 401 || status == 407) && dialog->leg &&
             dialog->leg->state == LEG_CALLING && dialog_authenticate(dialog, sip))
        return;
    else
        on_refusal(dialog, status, phrase, sip);
}

void dialog_on_bye(struct dialog *dialog, const sip_t *sip)
{
    struct leg *leg = dialog->leg;
    if (!leg)
        return;
    int32_t cause = sip ? cause_of_reason(sip->sip_reason) : 0;
    leave_leg(dialog);
    dialog->state = DIALOG_RELEASED; /* the library answers; terminated follows */
    if (leg->state == LEG_ANSWERED)
        leg_end(leg, OUTCOME_PERSON, ENDED_BY_PEER, 200, cause, "hung up by the far end");
    else
        leg_end(leg, OUTCOME_FAILED, ENDED_BY_PEER, 0, cause, "BYE before an answer");
}

void dialog_on_state(struct dialog *dialog, int state)
{
    if (state == nua_callstate_ready && dialog->state == DIALOG_RELEASED) {
        /* The answer crossed our CANCEL: acknowledged by now, so released properly. */
        nua_bye(dialog->nh, TAG_END());
        return;
    }
    if (state != nua_callstate_terminated)
        return;
    struct leg *leg = dialog->leg;
    if (leg && leg->dialog_count == 1) {
        leave_leg(dialog);
        leg_end(leg, leg->state == LEG_ANSWERED ? OUTCOME_PERSON : OUTCOME_FAILED,
                ENDED_BY_FAULT, 0, 0, "the SIP session was lost");
    }
    dialog_destroy(dialog);
}

/* `nua`: of an UPDATE, which is answered by its message; NULL for an INVITE. */
static void respond(struct dialog *dialog, nua_t *nua, int status, const char *phrase,
                    const struct sdp *sdp)
{
    char text[1024];
    bool has_text = sdp && sdp_write(sdp, text, sizeof(text)) > 0;
    nua_respond(dialog->nh, status, phrase, TAG_IF(nua, NUTAG_WITH_THIS(nua)),
                TAG_IF(has_text, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
                TAG_IF(has_text, SIPTAG_PAYLOAD_STR(text)), TAG_END());
}

/* A re-INVITE or an UPDATE of the peer: hold, unhold, another address, or just a refresh. */
void dialog_on_offer(struct dialog *dialog, nua_t *nua, const sip_t *sip, bool is_update)
{
    struct leg *leg = dialog->leg;
    struct sdp offer, answer;
    if (!is_update)
        nua = NULL;
    if (!leg || leg->state != LEG_ANSWERED) {
        respond(dialog, nua, SIP_481_NO_TRANSACTION, NULL);
        return;
    }
    leg->local.session_version++;
    if (!has_sdp(sip)) {
        if (is_update) {
            respond(dialog, nua, SIP_200_OK, NULL);
            return;
        }
        dialog->awaits_answer = true;
        respond(dialog, nua, SIP_200_OK, &leg->local);
        return;
    }
    if (!read_sdp(sip, &offer, NULL) || !sdp_answer(&offer, &leg->local, &answer) ||
        !apply_remote(leg, &offer, true)) {
        respond(dialog, nua, SIP_488_NOT_ACCEPTABLE, NULL);
        return;
    }
    respond(dialog, nua, SIP_200_OK, &answer);
}

void dialog_on_ack(struct dialog *dialog, const sip_t *sip)
{
    struct sdp sdp;
    if (!dialog->awaits_answer || !dialog->leg || dialog->leg->state != LEG_ANSWERED)
        return;
    dialog->awaits_answer = false;
    if (has_sdp(sip) && read_sdp(sip, &sdp, NULL))
        (void)apply_remote(dialog->leg, &sdp, true);
}
