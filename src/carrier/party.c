#include "carrier/party.h"

#include <stdlib.h>

#include "base/memory.h"

/* --- Parties ---------------------------------------------------------------------------------
 */

struct party *party_create(struct carrier *carrier, enum party_kind kind, nua_handle_t *nh)
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

void party_destroy(struct party *party)
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

void party_after(struct party *party, int64_t delay_ms, void (*fire)(void *context))
{
    wheel_start(&party->carrier->wheel, &party->timer, instant_mono_now(), delay_ms, fire,
                party);
}

/* --- Media -----------------------------------------------------------------------------------
 */

/* Opens the stream and makes the answer to the caller's offer (or an offer, if there was none).
 */
bool party_open_media(struct party *party)
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

void party_play(struct party *party, enum voice_kind first, const struct voice *then)
{
    stream_play(party->carrier->audio, party->stream, voice_of(first, party->plan.voice), then);
}
