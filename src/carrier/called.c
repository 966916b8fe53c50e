#include "carrier/party.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* --- A called number -------------------------------------------------------------------------
 */

void called_refuse(struct party *party, int status, const char *phrase, int cause)
{
    char reason[64];
    snprintf(reason, sizeof(reason), "Q.850;cause=%d", cause);
    party->stage = STAGE_OVER;
    atomic_fetch_add(&party->carrier->refused, 1);
    nua_respond(party->nh, status, phrase, TAG_IF(cause, SIPTAG_REASON_STR(reason)), TAG_END());
}

void called_hang_up(void *context)
{
    struct party *party = context;
    party->stage = STAGE_OVER;
    atomic_fetch_add(&party->carrier->hung_up_by_us, 1);
    nua_bye(party->nh, SIPTAG_REASON_STR("Q.850;cause=16"), TAG_END());
}

static void answer(void *context)
{
    struct party *party = context;
    if (!party_open_media(party)) {
        called_refuse(party, SIP_488_NOT_ACCEPTABLE, 0);
        return;
    }
    party->stage = STAGE_ANSWERED;
    atomic_fetch_add(&party->carrier->answered, 1);
    nua_respond(party->nh, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                SIPTAG_PAYLOAD_STR(party->answer), TAG_END());
    if (party->kind == PARTY_PHONE_CALL)
        party_play(party, VOICE_AGENT, voice_of(VOICE_AGENT, party->plan.voice));
    else if (party->plan.kind == PLAN_MACHINE)
        party_play(party, VOICE_MACHINE, NULL);
    else if (party->plan.kind == PLAN_FAX)
        party_play(party, VOICE_FAX, voice_of(VOICE_FAX, 0));
    else
        party_play(party, VOICE_PERSON, voice_of(VOICE_TALK, party->plan.voice));
    if (party->kind == PARTY_PUBLIC)
        party_after(party, party->plan.talk_ms, called_hang_up);
}

static void end_unknown(void *context)
{
    called_refuse(context, SIP_404_NOT_FOUND, 1);
}

static void end_busy(void *context)
{
    called_refuse(context, SIP_486_BUSY_HERE, 17);
}

static void end_congestion(void *context)
{
    called_refuse(context, SIP_503_SERVICE_UNAVAILABLE, 34);
}

static void decline(void *context)
{
    called_refuse(context, SIP_603_DECLINE, 21);
}

/* 183 with what the network plays before an answer. */
static void early(struct party *party, enum voice_kind voice, bool is_repeated)
{
    if (!party_open_media(party))
        return;
    nua_respond(party->nh, SIP_183_SESSION_PROGRESS, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                SIPTAG_PAYLOAD_STR(party->answer), TAG_END());
    party_play(party, voice, is_repeated ? voice_of(voice, party->plan.voice) : NULL);
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
        party_after(party, 20000, end_busy);
        return;
    case PLAN_UNKNOWN_TONE:
        early(party, VOICE_UNKNOWN, true);
        party_after(party, 15000, end_unknown);
        return;
    case PLAN_CONGESTION_TONE:
        early(party, VOICE_CONGESTION, true);
        party_after(party, 15000, end_congestion);
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
        party_after(party, plan->ring_ms, decline);
    else if (plan->kind != PLAN_NO_ANSWER)
        party_after(party, plan->ring_ms, answer);
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

void called_on_invite(struct carrier *carrier, nua_handle_t *nh, const sip_t *sip)
{
    const char *user = sip->sip_request->rq_url->url_user;
    if (!user)
        user = "";
    if (*user == '+')
        user++;
    int32_t most = carrier->options.calls_max ? carrier->options.calls_max : CALLS_MAX_DEFAULT;
    bool is_to_phone = carrier->options.phone_count > 0 && phone_is_known(carrier, user);
    struct party *party =
        party_create(carrier, is_to_phone ? PARTY_PHONE_CALL : PARTY_PUBLIC, nh);
    nua_handle_bind(nh, party);
    atomic_fetch_add(is_to_phone ? &carrier->phone_calls : &carrier->calls, 1);
    struct error err;
    if (sip->sip_payload && sip->sip_payload->pl_len) {
        if (sdp_read(sip->sip_payload->pl_data, (size_t)sip->sip_payload->pl_len, &party->offer,
                     &err) != STATUS_OK) {
            called_refuse(party, SIP_400_BAD_REQUEST, 0);
            return;
        }
        party->has_offer = true;
    }
    if ((int64_t)atomic_load(&carrier->live) > most || carrier->is_stopping) {
        called_refuse(party, SIP_503_SERVICE_UNAVAILABLE, 42);
        return;
    }
    if (is_to_phone) {
        party->plan =
            (struct carrier_plan){.kind = PLAN_NO_ANSWER, .voice = carrier->next_session};
        nua_respond(nh, SIP_180_RINGING, TAG_END());
        party_after(party, 200, answer);
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
    party_after(party, party->plan.delay_ms, ring);
}

/* A re-INVITE (hold, a new address): our answer, and packets go where it says. */
void called_on_reinvite(struct party *party, const sip_t *sip)
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

void called_on_state(struct party *party, tagi_t *tags)
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

void called_on_ack(struct party *party, const sip_t *sip)
{
    struct error err;
    struct sdp answer_sdp;
    if (party->has_offer || !party->stream || !sip || !sip->sip_payload)
        return;
    if (sdp_read(sip->sip_payload->pl_data, (size_t)sip->sip_payload->pl_len, &answer_sdp,
                 &err) == STATUS_OK)
        stream_connect(party->carrier->audio, party->stream, &answer_sdp);
}
