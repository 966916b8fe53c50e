#include "telephony/media/law.h"

#include <pthread.h>
#include <spandsp.h>

static int16_t mu_linear[256], a_linear[256];
static uint8_t mu_to_a[256], a_to_mu[256];

static void fill(void)
{
    for (int i = 0; i < 256; i++) {
        mu_linear[i] = ulaw_to_linear((uint8_t)i);
        a_linear[i] = alaw_to_linear((uint8_t)i);
        mu_to_a[i] = ulaw_to_alaw((uint8_t)i);
        a_to_mu[i] = alaw_to_ulaw((uint8_t)i);
    }
}

void law_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
}

int16_t law_decode(enum sdp_codec codec, uint8_t byte)
{
    return codec == SDP_CODEC_PCMA ? a_linear[byte] : mu_linear[byte];
}

uint8_t law_encode(enum sdp_codec codec, int16_t sample)
{
    return codec == SDP_CODEC_PCMA ? linear_to_alaw(sample) : linear_to_ulaw(sample);
}

void law_transcode(uint8_t *bytes, size_t len, enum sdp_codec from)
{
    const uint8_t *table = from == SDP_CODEC_PCMA ? a_to_mu : mu_to_a;
    for (size_t i = 0; i < len; i++)
        bytes[i] = table[bytes[i]];
}

uint8_t law_silence(enum sdp_codec codec)
{
    return codec == SDP_CODEC_PCMA ? 0xd5 : 0xff;
}
