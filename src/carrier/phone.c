#include "carrier/party.h"

#include <sofia-sip/msg_header.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"

bool phone_is_known(const struct carrier *carrier, const char *user)
{
    for (const struct party *party = carrier->parties; party; party = party->next)
        if (party->kind == PARTY_REGISTRATION && strcmp(party->user, user) == 0)
            return true;
    return false;
}

/* --- Phones
 * ----------------------------------------------------------------------------------- */

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

void phones_add(struct carrier *carrier)
{
    for (int32_t i = 0; i < carrier->options.phone_count; i++) {
        char user[64], password[64], uri[192];
        carrier->options.phone(carrier->options.context, i, user, password);
        snprintf(uri, sizeof(uri), "<sip:%s@%s>", user, carrier->options.registrar);
        nua_handle_t *nh =
            nua_handle(carrier->nua, NULL, SIPTAG_TO_STR(uri), SIPTAG_FROM_STR(uri), TAG_END());
        struct party *party = party_create(carrier, PARTY_REGISTRATION, nh);
        nua_handle_bind(nh, party);
        memcpy(party->user, user, sizeof(party->user));
        memcpy(party->password, password, sizeof(party->password));
        party_after(party, 10 + i * 5, register_phone);
    }
}

void phone_on_reply(struct party *party, int status, const char *phrase, const sip_t *sip)
{
    struct carrier *carrier = party->carrier;
    if (status == 401 && sip && sip->sip_www_authenticate && party->challenges++ < 2) {
        const char *realm = msg_params_find(sip->sip_www_authenticate->au_params, "realm=");
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
    log_warn("carrier.phone_refused", "user=%s status=%d phrase=%s", party->user, status,
             phrase);
    if (!carrier->is_stopping)
        party_after(party, 2000, register_phone);
}
