#include "telephony/telephony.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "telephony/media/media.h"
#include "telephony/sip/thread.h"

struct telephony {
    struct telephony_options options;
    struct sip_thread *sip;
    struct media *media;
    bool is_running;
};

struct telephony_options telephony_defaults(void)
{
    return (struct telephony_options){
        .address = "127.0.0.1",
        .phone_port = 5060,
        .legs_max = 20000,
        .trunks_max = 1000,
        .phones_max = 20000,
        .commands_max = 4096,
        .rtp_port_pause_ms = 5000,
        .media_loss_ms = 30000,
        .no_reply_ms = 5000,
        .cancel_wait_ms = 4000,
        .ping_interval_ms = 30000,
        .unauthenticated_max = 1000,
        .registration_s_max = 3600,
        .realm = "cadran",
    };
}

static enum status check(const struct telephony_options *options, struct error *err)
{
    struct in_addr in;
    const struct {
        const char *name;
        int64_t value, min, max;
    } ranges[] = {
        {"legs_max", options->legs_max, 1, 1000000},
        {"trunks_max", options->trunks_max, 1, 100000},
        {"phones_max", options->phones_max, 1, 1000000},
        {"commands_max", options->commands_max, 1, 1000000},
        {"media_threads", options->media_threads, 0, 256},
        {"rtp_port_pause_ms", options->rtp_port_pause_ms, 0, 600000},
        {"media_loss_ms", options->media_loss_ms, 0, 86400000},
        {"no_reply_ms", options->no_reply_ms, 100, 60000},
        {"cancel_wait_ms", options->cancel_wait_ms, 100, 60000},
        {"ping_interval_ms", options->ping_interval_ms, 0, 86400000},
        {"unauthenticated_max", options->unauthenticated_max, 1, 1000000},
        {"registration_s_max", options->registration_s_max, 10, 86400},
        {"rtp_port_last", options->rtp_port_last, options->rtp_port_first, 65535},
    };
    if (inet_pton(AF_INET, options->address, &in) != 1 || in.s_addr == INADDR_ANY)
        return error_set(err, STATUS_INVALID, "address",
                         "%.15s is not an IPv4 address that peers can be told",
                         options->address);
    if (!options->realm[0] || strpbrk(options->realm, "\"\\\r\n"))
        return error_set(err, STATUS_INVALID, "realm", "the realm must be a plain word");
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (ranges[i].value < ranges[i].min || ranges[i].value > ranges[i].max)
            return error_set(err, STATUS_INVALID, ranges[i].name,
                             "%lld is not from %lld to %lld", (long long)ranges[i].value,
                             (long long)ranges[i].min, (long long)ranges[i].max);
    return STATUS_OK;
}

enum status telephony_create(const struct telephony_options *options,
                             struct telephony_sink sink, struct telephony **out,
                             struct error *err)
{
    *out = NULL;
    enum status status = check(options, err);
    if (status != STATUS_OK)
        return status;
    if (sodium_init() < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "libsodium does not start");
    struct telephony *telephony = memory_new(1, sizeof(*telephony));
    telephony->options = *options;
    telephony->sip = sip_thread_create(options, sink);
    *out = telephony;
    return STATUS_OK;
}

enum status telephony_start(struct telephony *telephony, struct error *err)
{
    const struct telephony_options *options = &telephony->options;
    struct media_options media_options = {
        .port_first = options->rtp_port_first,
        .port_last = options->rtp_port_last,
        .threads = options->media_threads,
        .legs_max = options->legs_max,
        .port_pause_ms = options->rtp_port_pause_ms,
        .loss_after_ms = options->media_loss_ms,
    };
    inet_pton(AF_INET, options->address, media_options.address);
    telephony->media = media_create(&media_options, err);
    if (!telephony->media)
        return STATUS_UNAVAILABLE;
    enum status status = sip_thread_start(telephony->sip, telephony->media, err);
    telephony->is_running = status == STATUS_OK;
    return status;
}

static enum status post(void *self, const struct telephony_command *command)
{
    struct telephony *telephony = self;
    return sip_thread_post(telephony->sip, command) ? STATUS_OK : STATUS_FULL;
}

struct telephony_port telephony_port(struct telephony *telephony)
{
    return (struct telephony_port){.self = telephony, .post = post};
}

uint16_t telephony_phone_port(const struct telephony *telephony)
{
    return sip_thread_phone_port(telephony->sip);
}

uint16_t telephony_trunk_port(const struct telephony *telephony)
{
    return sip_thread_trunk_port(telephony->sip);
}

void telephony_stop(struct telephony *telephony)
{
    if (!telephony->is_running)
        return;
    telephony->is_running = false;
    sip_thread_stop(telephony->sip);
}

void telephony_destroy(struct telephony *telephony)
{
    if (!telephony)
        return;
    telephony_stop(telephony);
    media_destroy(telephony->media);
    sip_thread_destroy(telephony->sip);
    free(telephony);
}
