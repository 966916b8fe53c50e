#include "telephony/sdp.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RTP_PAYLOAD_TYPES 128

/* A piece of the text; never terminated. */
struct span {
    const char *at;
    size_t len;
};

struct reader {
    struct sdp *sdp;
    struct error *err;
    int32_t line_number;
    bool has_version, has_origin, has_name;
    bool has_session_address;
    uint8_t session_address[4];
    enum sdp_direction session_direction;
    bool is_in_media; /* below the first m= */
    bool is_in_audio; /* below the chosen m=audio */
    bool has_audio_address;
    int32_t format_count;
    uint8_t formats[SDP_FORMATS_MAX];
    enum sdp_codec codec_of[RTP_PAYLOAD_TYPES];
    bool is_event[RTP_PAYLOAD_TYPES];
};

static enum status refuse(struct reader *reader, const char *what)
{
    char path[32];
    snprintf(path, sizeof(path), "line %d", (int)reader->line_number);
    return error_set(reader->err, STATUS_INVALID, path, "%s", what);
}

static bool span_is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool span_is_any_case(struct span span, const char *text)
{
    if (span.len != strlen(text))
        return false;
    for (size_t i = 0; i < span.len; i++)
        if (lower(span.at[i]) != lower(text[i]))
            return false;
    return true;
}

/* Cuts off the front up to `end` (not kept); the whole where `end` does not occur. */
static struct span span_cut(struct span *rest, char end)
{
    const char *found = rest->len ? memchr(rest->at, end, rest->len) : NULL;
    struct span front = *rest;
    if (found) {
        front.len = (size_t)(found - rest->at);
        rest->at = found + 1;
        rest->len -= front.len + 1;
    } else {
        rest->at += rest->len;
        rest->len = 0;
    }
    return front;
}

/* Digits only, up to `max`; leading zeros are fine. */
static bool span_number(struct span span, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;
    if (span.len == 0 || span.len > 20)
        return false;
    for (size_t i = 0; i < span.len; i++) {
        if (span.at[i] < '0' || span.at[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(span.at[i] - '0');
        if (number > (max - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

static bool span_address(struct span span, uint8_t address[4])
{
    for (int i = 0; i < 4; i++) {
        uint64_t byte;
        if (i < 3 && !memchr(span.at, '.', span.len))
            return false;
        struct span part = span_cut(&span, '.');
        if (part.len > 3 || !span_number(part, 255, &byte))
            return false;
        address[i] = (uint8_t)byte;
    }
    return span.len == 0;
}

static bool is_word_char(char c)
{
    return c > ' ' && c < 0x7f;
}

static bool span_word(struct span span, char word[SDP_WORD_SIZE])
{
    if (span.len == 0 || span.len >= SDP_WORD_SIZE)
        return false;
    for (size_t i = 0; i < span.len; i++)
        if (!is_word_char(span.at[i]))
            return false;
    memcpy(word, span.at, span.len);
    word[span.len] = '\0';
    return true;
}

/* o=<user> <id> <version> IN IP4 <address> */
static enum status read_origin(struct reader *reader, struct span rest)
{
    struct span user = span_cut(&rest, ' ');
    struct span id = span_cut(&rest, ' ');
    struct span version = span_cut(&rest, ' ');
    struct span net = span_cut(&rest, ' ');
    struct span kind = span_cut(&rest, ' ');
    if (user.len == 0 || rest.len == 0 || kind.len == 0 || !span_is(net, "IN"))
        return refuse(reader, "o= needs a user, an id, a version, IN, IP4 and an address");
    if (!span_number(id, UINT64_MAX, &reader->sdp->session_id) ||
        !span_number(version, UINT64_MAX, &reader->sdp->session_version))
        return refuse(reader, "o= has an id or a version that is not a number");
    reader->has_origin = true;
    return STATUS_OK;
}

/* c=IN IP4 <address>[/ttl] */
static enum status read_connection(struct reader *reader, struct span rest)
{
    struct span net = span_cut(&rest, ' ');
    struct span kind = span_cut(&rest, ' ');
    uint8_t address[4];
    if (!span_is(net, "IN") || rest.len == 0)
        return refuse(reader, "c= needs IN, IP4 and an address");
    if (reader->is_in_media && !reader->is_in_audio)
        return STATUS_OK; /* of a stream that is refused anyway */
    if (!span_is(kind, "IP4"))
        return refuse(reader, "c= is not IPv4: only IPv4 is spoken");
    struct span host = span_cut(&rest, '/');
    if (!span_address(host, address))
        return refuse(reader, "c= has an address that is not IPv4 digits");
    if (reader->is_in_audio) {
        memcpy(reader->sdp->address, address, sizeof(address));
        reader->has_audio_address = true;
    } else {
        memcpy(reader->session_address, address, sizeof(address));
        reader->has_session_address = true;
    }
    return STATUS_OK;
}

static bool is_rtp(struct span protocol)
{
    return span_is(protocol, "RTP/AVP") || span_is(protocol, "RTP/AVPF");
}

static enum status read_formats(struct reader *reader, struct span rest)
{
    reader->format_count = 0;
    while (rest.len) {
        uint64_t payload_type;
        struct span word = span_cut(&rest, ' ');
        if (word.len == 0)
            continue;
        if (!span_number(word, RTP_PAYLOAD_TYPES - 1, &payload_type))
            return refuse(reader, "m= has a payload type that is not a number from 0 to 127");
        if (reader->format_count == SDP_FORMATS_MAX)
            return refuse(reader, "m= has too many payload types");
        reader->formats[reader->format_count++] = (uint8_t)payload_type;
    }
    return STATUS_OK;
}

/* m=<kind> <port>[/<count>] <protocol> <format>... */
static enum status read_media(struct reader *reader, struct span rest)
{
    struct sdp *sdp = reader->sdp;
    uint64_t port;
    if (sdp->media_count == SDP_MEDIA_MAX)
        return refuse(reader, "too many m= lines");
    struct span kind = span_cut(&rest, ' ');
    struct span ports = span_cut(&rest, ' ');
    struct span protocol = span_cut(&rest, ' ');
    struct span formats = rest;
    struct sdp_media_line *line = &sdp->media[sdp->media_count];
    struct span port_span = span_cut(&ports, '/');
    if (!span_number(port_span, 65535, &port))
        return refuse(reader, "m= has a port that is not a number from 0 to 65535");
    if (!span_word(kind, line->kind) || !span_word(protocol, line->protocol) ||
        !span_word(span_cut(&rest, ' '), line->format))
        return refuse(reader, "m= needs a kind, a port, a protocol and a format");
    sdp->media_count++;
    reader->is_in_media = true;
    reader->is_in_audio = false;
    if (span_is(kind, "audio") && is_rtp(protocol) && (sdp->audio_line < 0 || sdp->port == 0)) {
        sdp->audio_line = sdp->media_count - 1;
        sdp->port = (uint16_t)port;
        sdp->direction = reader->session_direction;
        reader->is_in_audio = true;
        reader->has_audio_address = false;
        memset(reader->codec_of, 0, sizeof(reader->codec_of));
        memset(reader->is_event, 0, sizeof(reader->is_event));
        reader->codec_of[0] = SDP_CODEC_PCMU;
        reader->codec_of[8] = SDP_CODEC_PCMA;
        return read_formats(reader, formats);
    }
    return STATUS_OK;
}

/* rtpmap:<payload type> <name>/<rate>[/<channels>] */
static enum status read_rtpmap(struct reader *reader, struct span rest)
{
    uint64_t payload_type, rate, channels = 1;
    struct span number = span_cut(&rest, ' ');
    while (rest.len && rest.at[0] == ' ')
        span_cut(&rest, ' ');
    struct span name = span_cut(&rest, '/');
    struct span clock = span_cut(&rest, '/');
    if (!span_number(number, RTP_PAYLOAD_TYPES - 1, &payload_type) || name.len == 0 ||
        !span_number(clock, 1000000, &rate))
        return refuse(reader, "a=rtpmap needs a payload type, a name and a rate");
    if (rest.len && !span_number(rest, 255, &channels))
        return refuse(reader, "a=rtpmap has a number of channels that is not a number");
    enum sdp_codec codec = SDP_CODEC_NONE;
    if (rate == 8000 && channels == 1 && span_is_any_case(name, "PCMU"))
        codec = SDP_CODEC_PCMU;
    else if (rate == 8000 && channels == 1 && span_is_any_case(name, "PCMA"))
        codec = SDP_CODEC_PCMA;
    reader->codec_of[payload_type] = codec;
    reader->is_event[payload_type] = rate == 8000 && span_is_any_case(name, "telephone-event");
    return STATUS_OK;
}

static bool direction_of(struct span name, enum sdp_direction *direction)
{
    static const struct {
        const char *name;
        enum sdp_direction direction;
    } names[] = {
        {"sendrecv", SDP_SENDRECV},
        {"sendonly", SDP_SENDONLY},
        {"recvonly", SDP_RECVONLY},
        {"inactive", SDP_INACTIVE},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (span_is(name, names[i].name)) {
            *direction = names[i].direction;
            return true;
        }
    return false;
}

static enum status read_attribute(struct reader *reader, struct span rest)
{
    enum sdp_direction direction;
    struct span name = span_cut(&rest, ':');
    if (name.len == 0)
        return refuse(reader, "a= has no name");
    if (reader->is_in_media && !reader->is_in_audio)
        return STATUS_OK;
    if (direction_of(name, &direction)) {
        if (reader->is_in_audio)
            reader->sdp->direction = direction;
        else
            reader->session_direction = direction;
        return STATUS_OK;
    }
    if (!reader->is_in_audio)
        return STATUS_OK;
    if (span_is(name, "rtpmap"))
        return read_rtpmap(reader, rest);
    if (span_is(name, "ptime")) {
        uint64_t ptime;
        /* "20.0" is seen in the wild: what stands behind the point does not matter. */
        struct span whole = span_cut(&rest, '.');
        if (!span_number(whole, 1000, &ptime))
            return refuse(reader, "a=ptime is not a number of milliseconds up to 1000");
        reader->sdp->ptime_ms = (int32_t)ptime;
    }
    return STATUS_OK;
}

static enum status read_line(struct reader *reader, struct span line)
{
    if (line.len < 2 || line.at[1] != '=')
        return refuse(reader, "a line is a letter, = and a value");
    char letter = line.at[0];
    struct span value = {line.at + 2, line.len - 2};
    if (!reader->has_version) {
        if (letter != 'v' || !span_is(value, "0"))
            return refuse(reader, "the first line must be v=0");
        reader->has_version = true;
        return STATUS_OK;
    }
    switch (letter) {
    case 'v': return refuse(reader, "v= comes once, first");
    case 'o':
        if (reader->has_origin || reader->is_in_media)
            return refuse(reader, "o= comes once, before the media");
        return read_origin(reader, value);
    case 's': reader->has_name = true; return STATUS_OK;
    case 'c': return read_connection(reader, value);
    case 'm':
        if (!reader->has_origin || !reader->has_name)
            return refuse(reader, "m= comes after o= and s=");
        return read_media(reader, value);
    case 'a': return read_attribute(reader, value);
    case 'i':
    case 'u':
    case 'e':
    case 'p':
    case 'b':
    case 't':
    case 'r':
    case 'z':
    case 'k': return STATUS_OK;
    default: return refuse(reader, "a line begins with a letter that SDP does not know");
    }
}

/* What only the whole text tells: the address in force, the codecs in the m= line's order. */
static enum status finish(struct reader *reader)
{
    struct sdp *sdp = reader->sdp;
    if (!reader->has_origin || !reader->has_name)
        return refuse(reader, "the description ends without o= or s=");
    if (sdp->audio_line < 0)
        return STATUS_OK;
    if (!reader->has_audio_address) {
        if (!reader->has_session_address && sdp->port)
            return refuse(reader, "the description ends without c= for its audio");
        memcpy(sdp->address, reader->session_address, sizeof(sdp->address));
    }
    static const uint8_t nowhere[4];
    sdp->has_hold_address = memcmp(sdp->address, nowhere, sizeof(nowhere)) == 0;
    for (int32_t i = 0; i < reader->format_count; i++) {
        uint8_t payload_type = reader->formats[i];
        enum sdp_codec codec = reader->codec_of[payload_type];
        if (reader->is_event[payload_type] && !sdp->event_payload_type)
            sdp->event_payload_type = payload_type;
        if (codec != SDP_CODEC_NONE && sdp->codec_count < SDP_CODECS_MAX)
            sdp->codecs[sdp->codec_count++] = (struct sdp_format){codec, payload_type};
    }
    return STATUS_OK;
}

enum status sdp_read(const char *text, size_t len, struct sdp *sdp, struct error *err)
{
    struct reader reader = {
        .sdp = sdp, .err = err, .line_number = 1, .session_direction = SDP_SENDRECV};
    memset(sdp, 0, sizeof(*sdp));
    sdp->audio_line = -1;
    sdp->direction = SDP_SENDRECV;
    if (len > SDP_TEXT_MAX)
        return refuse(&reader, "the description is too long");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\0' || (c < ' ' && c != '\r' && c != '\n' && c != '\t'))
            return refuse(&reader, "the description holds a control character");
        reader.line_number += c == '\n';
    }
    reader.line_number = 0;
    struct span rest = {text, len};
    while (rest.len) {
        if (++reader.line_number > SDP_LINES_MAX)
            return refuse(&reader, "the description has too many lines");
        struct span line = span_cut(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0 && rest.len == 0)
            break; /* an empty line at the very end is common and harmless */
        enum status status = read_line(&reader, line);
        if (status != STATUS_OK)
            return status;
    }
    return finish(&reader);
}

struct writer {
    char *text;
    size_t size, len;
    bool is_full;
};

static void put(struct writer *writer, const char *format, ...) PRINTF_LIKE(2, 3);

static void put(struct writer *writer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = writer->size - writer->len;
    int len = vsnprintf(writer->text + writer->len, room, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= room)
        writer->is_full = true;
    else
        writer->len += (size_t)len;
}

static const char *codec_name(enum sdp_codec codec)
{
    return codec == SDP_CODEC_PCMA ? "PCMA" : "PCMU";
}

static void put_audio(struct writer *writer, const struct sdp *sdp)
{
    static const char *const directions[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
    put(writer, "m=audio %u RTP/AVP", sdp->port);
    for (int32_t i = 0; i < sdp->codec_count; i++)
        put(writer, " %u", sdp->codecs[i].payload_type);
    if (sdp->event_payload_type)
        put(writer, " %u", sdp->event_payload_type);
    put(writer, "\r\n");
    for (int32_t i = 0; i < sdp->codec_count; i++)
        put(writer, "a=rtpmap:%u %s/8000\r\n", sdp->codecs[i].payload_type,
            codec_name(sdp->codecs[i].codec));
    if (sdp->event_payload_type)
        put(writer, "a=rtpmap:%u telephone-event/8000\r\na=fmtp:%u 0-16\r\n",
            sdp->event_payload_type, sdp->event_payload_type);
    if (sdp->ptime_ms)
        put(writer, "a=ptime:%d\r\n", (int)sdp->ptime_ms);
    put(writer, "a=%s\r\n", directions[sdp->direction & SDP_SENDRECV]);
}

size_t sdp_write(const struct sdp *sdp, char *text, size_t size)
{
    struct writer writer = {.text = text, .size = size};
    const uint8_t *ip = sdp->address;
    if (size == 0)
        return 0;
    put(&writer,
        "v=0\r\no=- %llu %llu IN IP4 %u.%u.%u.%u\r\ns=-\r\nc=IN IP4 %u.%u.%u.%u\r\n"
        "t=0 0\r\n",
        (unsigned long long)sdp->session_id, (unsigned long long)sdp->session_version, ip[0],
        ip[1], ip[2], ip[3], ip[0], ip[1], ip[2], ip[3]);
    for (int32_t i = 0; i < sdp->media_count; i++) {
        const struct sdp_media_line *line = &sdp->media[i];
        if (i == sdp->audio_line && sdp->codec_count > 0)
            put_audio(&writer, sdp);
        else
            put(&writer, "m=%s 0 %s %s\r\n", line->kind, line->protocol, line->format);
    }
    return writer.is_full ? 0 : writer.len;
}

void sdp_offer(struct sdp *sdp, const uint8_t address[4], uint16_t port, uint64_t session_id)
{
    *sdp = (struct sdp){
        .session_id = session_id,
        .session_version = 1,
        .port = port,
        .direction = SDP_SENDRECV,
        .ptime_ms = 20,
        .codec_count = 2,
        .codecs = {{SDP_CODEC_PCMU, 0}, {SDP_CODEC_PCMA, 8}},
        .event_payload_type = 101,
        .media_count = 1,
        .media = {{"audio", "RTP/AVP", "0"}},
    };
    memcpy(sdp->address, address, sizeof(sdp->address));
}

bool sdp_answer(const struct sdp *offer, const struct sdp *local, struct sdp *answer)
{
    if (offer->audio_line < 0 || offer->port == 0 || offer->codec_count == 0)
        return false;
    *answer = *offer;
    answer->session_id = local->session_id;
    answer->session_version = local->session_version;
    memcpy(answer->address, local->address, sizeof(answer->address));
    answer->port = local->port;
    answer->codec_count = 1;
    answer->ptime_ms = 20;
    answer->has_hold_address = false;
    /* What one side sends the other receives; a hold by address is answered as sendonly. */
    enum sdp_direction heard = offer->has_hold_address
                                   ? (enum sdp_direction)(offer->direction & SDP_SENDONLY)
                                   : offer->direction;
    unsigned mirrored = ((heard & SDP_SENDONLY) ? SDP_RECVONLY : 0U) |
                        ((heard & SDP_RECVONLY) ? SDP_SENDONLY : 0U);
    answer->direction = (enum sdp_direction)(mirrored & (unsigned)local->direction);
    return true;
}

bool sdp_hears(const struct sdp *sdp)
{
    return sdp->port && !sdp->has_hold_address && (sdp->direction & SDP_RECVONLY);
}

bool sdp_speaks(const struct sdp *sdp)
{
    return sdp->port && (sdp->direction & SDP_SENDONLY);
}
