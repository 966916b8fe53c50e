/* First: it names the types behind the SIP library's opaque pointers. */
#include "telephony/sip/sip.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/url.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"

#define SOURCE_WINDOW_US (10 * US_PER_S)
#define EXPIRES_DEFAULT 3600
#define EXPIRES_MIN 10

/* FNV-1a; only finds the phone, the name itself is compared. Never 0. */
static int64_t user_key(const char *user)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *user; user++)
        hash = (hash ^ (unsigned char)*user) * UINT64_C(1099511628211);
    return (int64_t)(hash | 1);
}

static struct phone *phone_by_user(const struct sip_thread *sip, const char *user)
{
    struct phone *phone = table_get(&sip->phones_by_user, user_key(user));
    return phone && strcmp(phone->user, user) == 0 ? phone : NULL;
}

static void update_state(struct phone *phone)
{
    bool is_registered = false;
    for (int i = 0; i < CONTACTS_MAX; i++)
        is_registered |= phone->contacts[i].phone != NULL;
    if (is_registered == phone->is_registered)
        return;
    phone->is_registered = is_registered;
    struct telephony_event event = {.kind = TELEPHONY_PHONE_STATE, .at = sip_now()};
    event.phone.phone = phone->id;
    event.phone.is_registered = is_registered;
    sip_emit(phone->sip, &event);
    log_info("phone.state", "phone=%lld registered=%d", (long long)phone->id.value,
             is_registered);
}

static void contact_clear(struct contact *contact)
{
    wheel_stop(&contact->expiry);
    memset(contact, 0, sizeof(*contact));
}

static void on_expired(void *context)
{
    struct contact *contact = context;
    struct phone *phone = contact->phone;
    contact_clear(contact);
    update_state(phone);
}

void phone_set(struct sip_thread *sip, const struct phone_config *config)
{
    if (config->id.value == 0 || !config->user[0])
        return;
    struct phone *phone = table_get(&sip->phones, config->id.value);
    struct phone *namesake = table_get(&sip->phones_by_user, user_key(config->user));
    if ((namesake && namesake != phone) ||
        (!phone && sip->phone_count >= sip->options.phones_max)) {
        log_error("phone.refused", "phone=%lld reason=%s", (long long)config->id.value,
                  namesake ? "its user belongs to another phone" : "phones_max");
        return;
    }
    if (!phone) {
        phone = memory_new(1, sizeof(*phone));
        phone->sip = sip;
        phone->id = config->id;
        sip->phone_count++;
        table_put(&sip->phones, config->id.value, phone);
    } else {
        table_remove(&sip->phones_by_user, user_key(phone->user));
    }
    memcpy(phone->user, config->user, sizeof(phone->user));
    table_put(&sip->phones_by_user, user_key(phone->user), phone);
    digest_ha1(config->user, sip->options.realm, config->password, phone->ha1);
}

static void phone_free(struct phone *phone)
{
    for (int i = 0; i < CONTACTS_MAX; i++)
        contact_clear(&phone->contacts[i]);
    sodium_memzero(phone->ha1, sizeof(phone->ha1));
    free(phone);
}

void phone_remove(struct sip_thread *sip, struct phone_id id)
{
    struct phone *phone = id.value ? table_remove(&sip->phones, id.value) : NULL;
    if (!phone)
        return;
    table_remove(&sip->phones_by_user, user_key(phone->user));
    sip->phone_count--;
    for (int i = 0; i < CONTACTS_MAX; i++)
        contact_clear(&phone->contacts[i]);
    update_state(phone);
    phone_free(phone);
}

void phones_fini(struct sip_thread *sip)
{
    size_t at = 0;
    int64_t key;
    void *value;
    while (table_next(&sip->phones, &at, &key, &value))
        phone_free(value);
    table_fini(&sip->phones);
    table_fini(&sip->phones_by_user);
    at = 0;
    while (table_next(&sip->sources, &at, &key, &value))
        free(value);
    table_fini(&sip->sources);
}

bool sip_source(nua_t *nua, struct sockaddr_in *source)
{
    msg_t *message = nua_current_request(nua);
    const su_sockaddr_t *address = message ? msg_addr(message) : NULL;
    if (!address || address->su_family != AF_INET)
        return false;
    memcpy(source, &address->su_sin, sizeof(*source));
    return true;
}

static void forget_sources(struct sip_thread *sip, struct mono now)
{
    size_t at = 0, count = 0;
    int64_t key;
    void *value;
    int64_t *old = memory_new(SOURCES_MAX, sizeof(*old));
    while (table_next(&sip->sources, &at, &key, &value)) {
        const struct source *source = value;
        if (now.us - source->since.us > SOURCE_WINDOW_US && count < SOURCES_MAX)
            old[count++] = key;
    }
    for (size_t i = 0; i < count; i++)
        free(table_remove(&sip->sources, old[i]));
    free(old);
}

/* The counter of this address; NULL where too many addresses are being counted. */
static struct source *find_source(struct sip_thread *sip, const struct sockaddr_in *address)
{
    struct mono now = sip_now();
    int64_t key = (int64_t)ntohl(address->sin_addr.s_addr) + 1;
    struct source *source = table_get(&sip->sources, key);
    if (!source) {
        if (sip->sources.count >= SOURCES_MAX)
            forget_sources(sip, now);
        if (sip->sources.count >= SOURCES_MAX)
            return NULL;
        source = memory_new(1, sizeof(*source));
        source->since = now;
        table_put(&sip->sources, key, source);
    }
    if (now.us - source->since.us > SOURCE_WINDOW_US) {
        source->since = now;
        source->count = 0;
    }
    return source;
}

static void challenge(struct sip_thread *sip, nua_t *nua, nua_handle_t *nh, bool is_stale)
{
    char nonce[DIGEST_NONCE_SIZE], header[256];
    digest_nonce(&sip->digest, sip_now(), nonce);
    snprintf(header, sizeof(header),
             "Digest realm=\"%s\", nonce=\"%s\", algorithm=MD5, qop=\"auth\"%s",
             sip->options.realm, nonce, is_stale ? ", stale=true" : "");
    nua_respond(nh, SIP_401_UNAUTHORIZED, NUTAG_WITH_THIS(nua),
                SIPTAG_WWW_AUTHENTICATE_STR(header), TAG_END());
}

/* The phone whose password signed the request; NULL: it was challenged or refused. */
static struct phone *authenticate(struct sip_thread *sip, nua_t *nua, nua_handle_t *nh,
                                  const sip_t *request, struct source *source)
{
    static const char nobody[DIGEST_HEX_SIZE] = "00000000000000000000000000000000";
    struct digest_credentials credentials;
    const sip_authorization_t *authorization = request->sip_authorization;
    if (!authorization || !authorization->au_scheme ||
        strcasecmp(authorization->au_scheme, "Digest") != 0 ||
        !digest_read((const char *const *)authorization->au_params, &credentials)) {
        source->count++;
        challenge(sip, nua, nh, false);
        return NULL;
    }
    struct phone *phone = phone_by_user(sip, credentials.user);
    /* An unknown user costs as much time as a wrong password, and gets the same answer. */
    enum digest_verdict verdict =
        digest_check(&sip->digest, sip_now(), "REGISTER", sip->options.realm,
                     phone ? phone->ha1 : nobody, &credentials);
    const char *aor = request->sip_to && request->sip_to->a_url->url_user
                          ? request->sip_to->a_url->url_user
                          : "";
    if (phone && verdict == DIGEST_GOOD && strcmp(aor, phone->user) == 0) {
        if (source->count > 0)
            source->count--; /* the challenge that led here was part of it */
        return phone;
    }
    source->count++;
    if (phone && verdict == DIGEST_STALE)
        challenge(sip, nua, nh, true);
    else
        nua_respond(nh, SIP_403_FORBIDDEN, NUTAG_WITH_THIS(nua), TAG_END());
    return NULL;
}

static struct contact *find_contact(struct phone *phone, const char *uri)
{
    for (int i = 0; i < CONTACTS_MAX; i++)
        if (phone->contacts[i].phone && strcmp(phone->contacts[i].uri, uri) == 0)
            return &phone->contacts[i];
    return NULL;
}

/* A free one, or the one that would expire first: a phone that restarts often leaves old ones.
 */
static struct contact *room_for_contact(struct phone *phone)
{
    struct contact *soonest = &phone->contacts[0];
    for (int i = 0; i < CONTACTS_MAX; i++) {
        if (!phone->contacts[i].phone)
            return &phone->contacts[i];
        if (phone->contacts[i].expiry.due.us < soonest->expiry.due.us)
            soonest = &phone->contacts[i];
    }
    contact_clear(soonest);
    return soonest;
}

static void write_route(const sip_t *request, const struct sockaddr_in *source,
                        char route[URI_SIZE])
{
    char address[INET_ADDRSTRLEN];
    const char *protocol = request->sip_via->v_protocol;
    bool is_tcp = protocol && strlen(protocol) > 4 &&
                  strcasecmp(protocol + strlen(protocol) - 4, "/TCP") == 0;
    inet_ntop(AF_INET, &source->sin_addr, address, sizeof(address));
    snprintf(route, URI_SIZE, "<sip:%s:%u%s;lr>", address, (unsigned)ntohs(source->sin_port),
             is_tcp ? ";transport=tcp" : "");
}

/* Stores or removes one Contact of the request; false where its URI is of no use. */
static bool bind_contact(struct phone *phone, const sip_t *request, const sip_contact_t *asked,
                         const struct sockaddr_in *source, long expires)
{
    char uri[URI_SIZE];
    issize_t len = url_e(uri, sizeof(uri), asked->m_url);
    if (len <= 0 || (size_t)len >= sizeof(uri) || asked->m_url->url_type != url_sip)
        return false;
    struct contact *contact = find_contact(phone, uri);
    if (expires == 0) {
        if (contact)
            contact_clear(contact);
        return true;
    }
    if (!contact)
        contact = room_for_contact(phone);
    contact->phone = phone;
    memcpy(contact->uri, uri, sizeof(uri));
    write_route(request, source, contact->route);
    wheel_start(&phone->sip->wheel, &contact->expiry, sip_now(), (int64_t)expires * 1000,
                on_expired, contact);
    return true;
}

static long expires_of(const struct sip_thread *sip, const sip_t *request,
                       const sip_contact_t *contact)
{
    long expires = EXPIRES_DEFAULT;
    if (contact && contact->m_expires)
        expires = strtol(contact->m_expires, NULL, 10);
    else if (request->sip_expires)
        expires = (long)request->sip_expires->ex_delta;
    if (expires <= 0)
        return 0;
    if (expires < EXPIRES_MIN)
        return EXPIRES_MIN;
    return expires < sip->options.registration_s_max ? expires
                                                     : sip->options.registration_s_max;
}

static void answer(struct phone *phone, nua_t *nua, nua_handle_t *nh)
{
    struct buffer list;
    buffer_init(&list, CONTACTS_MAX * (URI_SIZE + 32));
    int64_t now = sip_now().us;
    for (int i = 0; i < CONTACTS_MAX; i++)
        if (phone->contacts[i].phone)
            buffer_format(&list, "%s<%s>;expires=%lld", list.len ? ", " : "",
                          phone->contacts[i].uri,
                          (long long)((phone->contacts[i].expiry.due.us - now) / US_PER_S));
    nua_respond(nh, SIP_200_OK, NUTAG_WITH_THIS(nua),
                TAG_IF(list.len, SIPTAG_CONTACT_STR(list.data)), TAG_END());
    buffer_fini(&list);
}

static void store_contacts(struct phone *phone, nua_t *nua, nua_handle_t *nh,
                           const sip_t *request, const struct sockaddr_in *source)
{
    const sip_contact_t *contact = request->sip_contact;
    if (contact && contact->m_url->url_type == url_any) {
        if (contact->m_next || !request->sip_expires || request->sip_expires->ex_delta != 0) {
            nua_respond(nh, SIP_400_BAD_REQUEST, NUTAG_WITH_THIS(nua), TAG_END());
            return;
        }
        for (int i = 0; i < CONTACTS_MAX; i++)
            contact_clear(&phone->contacts[i]);
        contact = NULL;
    }
    int count = 0;
    for (; contact; contact = contact->m_next)
        if (++count > CONTACTS_MAX || !bind_contact(phone, request, contact, source,
                                                    expires_of(phone->sip, request, contact))) {
            nua_respond(nh, SIP_400_BAD_REQUEST, NUTAG_WITH_THIS(nua), TAG_END());
            update_state(phone);
            return;
        }
    answer(phone, nua, nh);
    update_state(phone);
}

void registrar_on_register(struct sip_thread *sip, nua_t *nua, nua_handle_t *nh,
                           const sip_t *request)
{
    struct sockaddr_in address;
    struct source *source = sip_source(nua, &address) ? find_source(sip, &address) : NULL;
    if (!source || source->count >= sip->options.unauthenticated_max) {
        nua_respond(nh, SIP_503_SERVICE_UNAVAILABLE, NUTAG_WITH_THIS(nua),
                    SIPTAG_RETRY_AFTER_STR("10"), TAG_END());
    } else {
        struct phone *phone = authenticate(sip, nua, nh, request, source);
        if (phone)
            store_contacts(phone, nua, nh, request, &address);
    }
    nua_handle_destroy(nh);
}
