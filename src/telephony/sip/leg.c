/* First: it names the types behind the SIP library's opaque pointers. */
#include "telephony/sip/sip.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"

#define Q850_NORMAL 16
#define Q850_NO_ANSWER 19

struct leg *leg_find(struct sip_thread *sip, struct leg_id id)
{
    return id.value ? table_get(&sip->legs, id.value) : NULL;
}

static struct leg *leg_create(struct sip_thread *sip, struct leg_id id)
{
    struct leg *leg = memory_new(1, sizeof(*leg));
    leg->sip = sip;
    leg->id = id;
    leg->media.id = id;
    table_put(&sip->legs, id.value, leg);
    sip->leg_count++;
    return leg;
}

/* The last word; the leg is gone after. */
static void leg_finish(struct leg *leg)
{
    struct sip_thread *sip = leg->sip;
    ensure(leg->dialog_count == 0 && !leg->media.is_open);
    wheel_stop(&leg->ring_timer);
    if (leg->trunk)
        trunk_leave(leg->trunk);
    table_remove(&sip->legs, leg->id.value);
    sip->leg_count--;
    leg->ended.kind = TELEPHONY_ENDED;
    leg->ended.leg = leg->id;
    sip_emit(sip, &leg->ended);
    free(leg);
}

static void release_dialogs(struct leg *leg, int32_t cause)
{
    while (leg->dialog_count > 0)
        dialog_release(leg->dialogs[leg->dialog_count - 1], cause);
}

static void note_end(struct leg *leg, enum outcome outcome, enum leg_ended_by by,
                     int32_t status, int32_t cause, const char *reason)
{
    leg->ended.at = sip_now();
    leg->ended.ended.outcome = outcome;
    leg->ended.ended.by = by;
    leg->ended.ended.sip_status = status;
    leg->ended.ended.q850_cause = cause;
    snprintf(leg->ended.ended.reason, sizeof(leg->ended.ended.reason), "%s", reason);
}

void leg_end(struct leg *leg, enum outcome outcome, enum leg_ended_by by, int32_t status,
             int32_t cause, const char *reason)
{
    if (leg->state == LEG_ENDING)
        return;
    if (leg->state == LEG_CANCELLING) {
        /* Why it was cancelled is known; the far end's last word only adds the status. */
        leg->ended.ended.sip_status = status;
    } else {
        note_end(leg, outcome, by, status, cause, reason);
    }
    leg->state = LEG_ENDING;
    wheel_stop(&leg->ring_timer);
    release_dialogs(leg, cause ? cause : Q850_NORMAL);
    if (leg->media.is_open)
        media_close(leg->sip->media, &leg->media); /* leg_on_media finishes */
    else
        leg_finish(leg);
}

static void on_cancel_timeout(void *context)
{
    struct leg *leg = context;
    leg_end(leg, OUTCOME_CANCELLED, ENDED_BY_US, 0, 0, "");
}

static void hang_up_dialogs(struct leg *leg, int32_t cause)
{
    char reason[64];
    snprintf(reason, sizeof(reason), "Q.850;cause=%d", (int)cause);
    for (int32_t i = 0; i < leg->dialog_count; i++) {
        wheel_stop(&leg->dialogs[i]->timer);
        nua_bye(leg->dialogs[i]->nh, SIPTAG_REASON_STR(reason), TAG_END());
    }
}

void leg_cancel(struct leg *leg, enum outcome outcome, enum leg_ended_by by, int32_t cause,
                const char *reason)
{
    if (leg->state != LEG_CALLING)
        return;
    note_end(leg, outcome, by, 0, cause, reason);
    leg->state = LEG_CANCELLING;
    hang_up_dialogs(leg, cause ? cause : Q850_NORMAL);
    wheel_start(&leg->sip->wheel, &leg->ring_timer, sip_now(), leg->sip->options.cancel_wait_ms,
                on_cancel_timeout, leg);
}

static void on_ring_timeout(void *context)
{
    struct leg *leg = context;
    leg_cancel(leg, OUTCOME_NO_ANSWER, ENDED_BY_US, Q850_NO_ANSWER, "ring timeout");
}

void leg_hang_up(struct leg *leg, int32_t cause)
{
    if (leg->state == LEG_CALLING)
        leg_cancel(leg, OUTCOME_CANCELLED, ENDED_BY_US, cause, "hung up before an answer");
    else if (leg->state == LEG_ANSWERED)
        leg_end(leg, OUTCOME_PERSON, ENDED_BY_US, 200, cause ? cause : Q850_NORMAL, "hung up");
}

void leg_hang_up_all(struct sip_thread *sip)
{
    size_t at = 0, count = 0;
    int64_t key;
    void *value;
    struct leg **legs = memory_new((size_t)sip->leg_count + 1, sizeof(struct leg *));
    while (table_next(&sip->legs, &at, &key, &value))
        legs[count++] = value;
    for (size_t i = 0; i < count; i++)
        leg_hang_up(legs[i], Q850_NORMAL);
    free(legs);
}

/* Opens the leg's socket and writes its offer. */
static bool prepare(struct leg *leg)
{
    struct sip_thread *sip = leg->sip;
    struct error err = {0};
    if (media_open(sip->media, &leg->media, &err) != STATUS_OK) {
        leg_end(leg, OUTCOME_FAILED, ENDED_BY_FAULT, 0, 0, err.text);
        return false;
    }
    sdp_offer(&leg->local, sip->address, leg->media.port, ++sip->next_session);
    return true;
}

void leg_invite(struct leg *leg, const char *uri, const char *route)
{
    struct sip_thread *sip = leg->sip;
    struct dialog *dialog = dialog_create(sip, DIALOG_CALL);
    char text[1024];
    size_t len = sdp_write(&leg->local, text, sizeof(text));
    ensure(len > 0);
    dialog_join(dialog, leg);
    dialog->trunk = leg->trunk;
    dialog->nh = nua_handle(leg->trunk ? sip->trunk_nua : sip->phone_nua, dialog,
                            NUTAG_URL(uri), SIPTAG_FROM_STR(leg->from), TAG_END());
    if (!dialog->nh) {
        leg_end(leg, OUTCOME_FAILED, ENDED_BY_FAULT, 0, 0, "the address is not valid SIP");
        return;
    }
    nua_invite(dialog->nh, SIPTAG_CONTENT_TYPE_STR("application/sdp"), SIPTAG_PAYLOAD_STR(text),
               TAG_IF(leg->header[0], SIPTAG_HEADER_STR(leg->header)),
               TAG_IF(leg->is_private, SIPTAG_PRIVACY_STR("id")),
               TAG_IF(route && route[0], NUTAG_INITIAL_ROUTE_STR(route)), TAG_END());
}

/* What may stand between quotes in a From header. */
static void copy_display(const char *text, char *to, size_t size)
{
    size_t len = 0;
    for (; *text && len + 1 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= ' ' && c != 0x7f && c != '"' && c != '\\')
            to[len++] = *text;
    }
    to[len] = '\0';
}

static void write_caller(struct leg *leg, const struct telephony_command *command,
                         const char *domain)
{
    char name[64];
    copy_display(command->dial.caller_name, name, sizeof(name));
    if (command->dial.caller_number == 0) {
        snprintf(leg->from, sizeof(leg->from),
                 "\"Anonymous\" <sip:anonymous@anonymous.invalid>");
        leg->is_private = true;
        return;
    }
    long long number = (long long)command->dial.caller_number;
    snprintf(leg->from, sizeof(leg->from), "\"%s\" <sip:+%lld@%s>", name, number, domain);
    snprintf(leg->header, sizeof(leg->header), "P-Asserted-Identity: <sip:+%lld@%s>", number,
             domain);
}

/* Its turn on the trunk has come. */
static void on_turn(void *context)
{
    struct leg *leg = context;
    wheel_start(&leg->sip->wheel, &leg->ring_timer, sip_now(), leg->ring_timeout_ms,
                on_ring_timeout, leg);
    leg_invite(leg, leg->uri, leg->route);
}

void leg_dial(struct sip_thread *sip, const struct telephony_command *command)
{
    enum outcome outcome = OUTCOME_FAILED;
    int64_t delay_ms = 0;
    struct leg *leg = leg_create(sip, command->leg);
    struct trunk *trunk = table_get(&sip->trunks, command->dial.trunk.value);
    const char *refusal =
        trunk ? trunk_admit(trunk, sip_now(), &delay_ms, &outcome) : "no such trunk";
    if (refusal) {
        leg_end(leg, outcome, ENDED_BY_FAULT, 0, 0, refusal);
        return;
    }
    leg->trunk = trunk;
    if (!prepare(leg))
        return;
    const struct trunk_config *config = &trunk->config;
    const char *domain = config->domain[0] ? config->domain : config->host;
    const char *transport = config->transport == TRUNK_TCP ? ";transport=tcp" : "";
    write_caller(leg, command, domain);
    /* The peer's own name in the request, the address that we resolved under it. */
    if (strcmp(domain, trunk->address) != 0)
        snprintf(leg->route, sizeof(leg->route), "<sip:%s:%d%s;lr>", trunk->address,
                 (int)config->port, transport);
    snprintf(leg->uri, sizeof(leg->uri), "sip:+%lld@%s:%d%s", (long long)command->dial.number,
             domain, (int)config->port, transport);
    leg->ring_timeout_ms = command->dial.ring_timeout_ms;
    if (delay_ms)
        wheel_start(&sip->wheel, &leg->ring_timer, sip_now(), delay_ms, on_turn, leg);
    else
        on_turn(leg);
}

static const struct phone *phone_find(const struct sip_thread *sip, struct phone_id id)
{
    return id.value ? table_get(&sip->phones, id.value) : NULL;
}

void leg_ring(struct sip_thread *sip, const struct telephony_command *command)
{
    char name[64];
    struct leg *leg = leg_create(sip, command->leg);
    const struct phone *phone = phone_find(sip, command->ring.phone);
    if (!phone || !phone->is_registered) {
        leg_end(leg, OUTCOME_FAILED, ENDED_BY_FAULT, 0, 0,
                phone ? "the phone is not registered" : "no such phone");
        return;
    }
    if (!prepare(leg))
        return;
    copy_display(command->ring.caller_text, name, sizeof(name));
    snprintf(leg->from, sizeof(leg->from), "\"%s\" <sip:cadran@%s:%u>", name,
             sip->options.address, (unsigned)sip->phone_port);
    if (command->ring.is_auto_answer)
        snprintf(leg->header, sizeof(leg->header),
                 "Call-Info: <sip:%s>;answer-after=0\r\n"
                 "Alert-Info: <http://%s>;info=alert-autoanswer;delay=0",
                 sip->options.address, sip->options.address);
    wheel_start(&sip->wheel, &leg->ring_timer, sip_now(), command->ring.ring_timeout_ms,
                on_ring_timeout, leg);
    for (int i = 0; i < CONTACTS_MAX && leg->state == LEG_CALLING; i++)
        if (phone->contacts[i].phone)
            leg_invite(leg, phone->contacts[i].uri, phone->contacts[i].route);
}

void leg_bridge(struct sip_thread *sip, struct leg_id a_id, struct leg_id b_id)
{
    struct leg *a = leg_find(sip, a_id), *b = leg_find(sip, b_id);
    if (a && b && a->state == LEG_ANSWERED && b->state == LEG_ANSWERED)
        media_bridge(sip->media, &a->media, &b->media);
    else
        log_debug("telephony.bridge_refused", "leg=%lld other=%lld reason=not_answered",
                  (long long)a_id.value, (long long)b_id.value);
}

void leg_unbridge(struct leg *leg)
{
    media_unbridge(leg->sip->media, &leg->media);
}

void leg_on_media(struct sip_thread *sip, const struct media_report *report)
{
    struct leg *leg = leg_find(sip, report->leg);
    if (!leg)
        return;
    switch (report->kind) {
    case MEDIA_LOST:
        if (leg->state == LEG_ANSWERED)
            leg_end(leg, OUTCOME_PERSON, ENDED_BY_FAULT, 200, 0, "no media from the far end");
        break;
    case MEDIA_TONE:
        if (leg->state == LEG_CALLING) {
            leg->ended.ended.tone = report->verdict.tone;
            leg_cancel(leg, report->verdict.outcome, ENDED_BY_US, Q850_NORMAL,
                       report->verdict.name);
        }
        break;
    case MEDIA_CLOSED:
        leg->ended.ended.packets_received = report->counts.received;
        leg->ended.ended.packets_sent = report->counts.sent;
        leg->ended.ended.packets_lost = report->counts.lost;
        leg_finish(leg);
        break;
    }
}
