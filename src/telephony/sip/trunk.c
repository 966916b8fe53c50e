/* First: it names the types behind the SIP library's opaque pointers. */
#include "telephony/sip/sip.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/memory.h"

#define PING_WHEN_DOWN_MS 5000

struct lookup_job {
    char host[SIP_TEXT_SIZE];
    struct trunk_id trunk;
    int32_t lookup;
    struct mailbox *answers;
};

static bool resolve(const char *host, char address[INET_ADDRSTRLEN])
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return false;
    struct sockaddr_in in;
    memcpy(&in, found->ai_addr, sizeof(in));
    inet_ntop(AF_INET, &in.sin_addr, address, INET_ADDRSTRLEN);
    freeaddrinfo(found);
    return true;
}

/* Names are looked up off the SIP thread, which must not wait for a name server. */
static void *look_up(void *arg)
{
    struct lookup_job *job = arg;
    struct lookup_answer answer = {.trunk = job->trunk, .lookup = job->lookup};
    answer.is_found = resolve(job->host, answer.address);
    if (!mailbox_post(job->answers, &answer))
        log_warn("trunk.lookup_lost", "trunk=%lld", (long long)job->trunk.value);
    free(job);
    return NULL;
}

static void emit_state(struct trunk *trunk, bool is_up, const char *reason)
{
    struct telephony_event event = {.kind = TELEPHONY_TRUNK_STATE, .at = sip_now()};
    event.trunk.trunk = trunk->config.id;
    event.trunk.is_up = is_up;
    snprintf(event.trunk.reason, sizeof(event.trunk.reason), "%s", reason);
    sip_emit(trunk->sip, &event);
    log_info("trunk.state", "trunk=%lld up=%d reason=%s", (long long)trunk->config.id.value,
             is_up, reason);
}

static void set_health(struct trunk *trunk, enum trunk_health health, const char *reason)
{
    if (trunk->health == health)
        return;
    trunk->health = health;
    emit_state(trunk, health == TRUNK_UP, reason);
}

static void ping(void *context);

static void ping_later(struct trunk *trunk, int64_t delay_ms)
{
    if (trunk->sip->options.ping_interval_ms > 0)
        wheel_start(&trunk->sip->wheel, &trunk->ping_timer, sip_now(), delay_ms, ping, trunk);
}

static void start_lookup(struct trunk *trunk)
{
    struct in_addr in;
    trunk->lookup++;
    if (inet_pton(AF_INET, trunk->config.host, &in) == 1) {
        inet_ntop(AF_INET, &in, trunk->address, sizeof(trunk->address));
        trunk->is_resolved = true;
        return;
    }
    struct lookup_job *job = memory_new(1, sizeof(*job));
    memcpy(job->host, trunk->config.host, sizeof(job->host));
    job->trunk = trunk->config.id;
    job->lookup = trunk->lookup;
    job->answers = trunk->sip->lookups;
    pthread_t thread;
    if (pthread_create(&thread, NULL, look_up, job) == 0) {
        pthread_detach(thread);
        return;
    }
    free(job);
    set_health(trunk, TRUNK_DOWN, "no thread to look its name up");
}

static void ping(void *context)
{
    struct trunk *trunk = context;
    char uri[URI_SIZE];
    struct sip_thread *sip = trunk->sip;
    ping_later(trunk, sip->options.ping_interval_ms);
    if (!trunk->is_resolved) {
        start_lookup(trunk);
        return;
    }
    if (trunk->ping_dialog || atomic_load(&sip->is_stopping))
        return; /* the last one is not answered yet */
    snprintf(uri, sizeof(uri), "sip:%s:%d%s", trunk->address, (int)trunk->config.port,
             trunk->config.transport == TRUNK_TCP ? ";transport=tcp" : "");
    struct dialog *dialog = dialog_create(sip, DIALOG_PING);
    dialog->trunk = trunk;
    trunk->ping_dialog = dialog;
    dialog->nh =
        nua_handle(sip->trunk_nua, dialog, NUTAG_URL(uri), SIPTAG_TO_STR(uri), TAG_END());
    if (dialog->nh)
        nua_options(dialog->nh, TAG_END());
    else
        dialog_destroy(dialog);
}

void trunk_on_ping(struct dialog *dialog, int status, const sip_t *sip)
{
    struct trunk *trunk = dialog->trunk;
    if (status < 200)
        return;
    if ((status == 401 || status == 407) && dialog_authenticate(dialog, sip))
        return;
    if (trunk) {
        /* Any answer of the peer's own says that it lives; 408 and 503 say that it does not
         * take calls. Without a message the library gave up. */
        bool is_up = sip && status != 408 && status != 503;
        set_health(trunk, is_up ? TRUNK_UP : TRUNK_DOWN,
                   is_up ? "answers OPTIONS"
                   : sip ? "out of service"
                         : "does not answer OPTIONS");
        if (!is_up)
            ping_later(trunk, PING_WHEN_DOWN_MS);
    }
    dialog_destroy(dialog);
}

void trunk_on_lookup(struct sip_thread *sip, const struct lookup_answer *answer)
{
    struct trunk *trunk = table_get(&sip->trunks, answer->trunk.value);
    if (!trunk || trunk->lookup != answer->lookup)
        return;
    if (!answer->is_found) {
        set_health(trunk, TRUNK_DOWN, "its name has no address");
        ping_later(trunk, PING_WHEN_DOWN_MS);
        return;
    }
    memcpy(trunk->address, answer->address, sizeof(trunk->address));
    trunk->is_resolved = true;
    if (trunk->health == TRUNK_DOWN)
        trunk->health = TRUNK_UNKNOWN;
    ping_later(trunk, 0);
}

static void trunk_free(struct trunk *trunk)
{
    wheel_stop(&trunk->ping_timer);
    if (trunk->ping_dialog)
        dialog_destroy(trunk->ping_dialog);
    explicit_bzero(trunk->config.password, sizeof(trunk->config.password));
    free(trunk->starts);
    free(trunk);
}

void trunk_set(struct sip_thread *sip, const struct trunk_config *config)
{
    if (config->id.value == 0 || config->calls_per_second > 100000)
        return;
    struct trunk *trunk = table_get(&sip->trunks, config->id.value);
    if (!trunk) {
        if (sip->trunk_count >= sip->options.trunks_max) {
            log_error("trunk.refused", "trunk=%lld reason=trunks_max",
                      (long long)config->id.value);
            return;
        }
        trunk = memory_new(1, sizeof(*trunk));
        trunk->sip = sip;
        sip->trunk_count++;
        table_put(&sip->trunks, config->id.value, trunk);
    }
    bool is_same_host = strcmp(trunk->config.host, config->host) == 0;
    trunk->config = *config;
    if (trunk->config.port == 0)
        trunk->config.port = 5060;
    free(trunk->starts);
    trunk->starts = NULL;
    trunk->start_next = 0;
    if (config->calls_per_second > 0) {
        trunk->starts = memory_new((size_t)config->calls_per_second, sizeof(*trunk->starts));
        for (int32_t i = 0; i < config->calls_per_second; i++)
            trunk->starts[i].us = INT64_MIN / 2;
    }
    if (!is_same_host) {
        trunk->is_resolved = false;
        start_lookup(trunk);
    }
    ping_later(trunk, 0);
}

void trunk_remove(struct sip_thread *sip, struct trunk_id id)
{
    struct trunk *trunk = id.value ? table_remove(&sip->trunks, id.value) : NULL;
    if (!trunk)
        return;
    sip->trunk_count--;
    trunk->is_removed = true;
    wheel_stop(&trunk->ping_timer);
    if (trunk->calls == 0)
        trunk_free(trunk);
}

const char *trunk_admit(struct trunk *trunk, struct mono now, int64_t *delay_ms,
                        enum outcome *outcome)
{
    const struct trunk_config *config = &trunk->config;
    *outcome = OUTCOME_FAILED;
    *delay_ms = 0;
    if (!trunk->is_resolved)
        return "the trunk's name is not resolved";
    if (trunk->health == TRUNK_DOWN)
        return "the trunk is down";
    if (config->user[0] && (strchr(config->user, ':') || strchr(config->password, ':')))
        /* The library's credentials are one string with colons between the parts. */
        return "a colon in the trunk's credentials";
    *outcome = OUTCOME_SIT_CALLABLE;
    if (config->channels > 0 && trunk->calls >= config->channels)
        return "all channels of the trunk are in use";
    if (trunk->starts) {
        /* The oldest of the last N starts must be a second ago. Calls come in groups (their
         * intents are committed together, and a slow disk makes the groups larger), so one that
         * is early waits for its turn. */
        int64_t early_us = trunk->starts[trunk->start_next].us + US_PER_S - now.us;
        if (early_us > TRUNK_WAIT_MAX_MS * US_PER_MS)
            return "the trunk's calls per second are used up";
        if (early_us > 0)
            *delay_ms = early_us / US_PER_MS + 1;
        trunk->starts[trunk->start_next].us = now.us + *delay_ms * US_PER_MS;
        trunk->start_next = (trunk->start_next + 1) % config->calls_per_second;
    }
    trunk->calls++;
    return NULL;
}

void trunk_leave(struct trunk *trunk)
{
    trunk->calls--;
    if (trunk->is_removed && trunk->calls == 0)
        trunk_free(trunk);
}

bool trunk_is_peer(const struct sip_thread *sip, const struct sockaddr_in *source)
{
    char address[INET_ADDRSTRLEN];
    size_t at = 0;
    int64_t key;
    void *value;
    inet_ntop(AF_INET, &source->sin_addr, address, sizeof(address));
    while (table_next(&sip->trunks, &at, &key, &value)) {
        const struct trunk *trunk = value;
        if (trunk->is_resolved && strcmp(trunk->address, address) == 0)
            return true;
    }
    return false;
}

void trunks_fini(struct sip_thread *sip)
{
    size_t at = 0;
    int64_t key;
    void *value;
    while (table_next(&sip->trunks, &at, &key, &value))
        trunk_free(value);
    table_fini(&sip->trunks);
}
