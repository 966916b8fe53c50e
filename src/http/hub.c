/* Channels and topics: all of it belongs to the http thread. hub_ask.c is the others' side. */
#include "http/hub.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/table.h"
#include "http/hub_command.h"
#include "http/json.h"
#include "http/server.h"

#define COMMANDS_MAX 16384
#define CHANNEL_LIFE_US US_PER_DAY
#define CHANNEL_BYTES_MAX ((size_t)1024 * 1024)
/* 1013: try again later; here: make a new channel. */
#define CLOSE_BEHIND 1013
#define CLOSE_REPLACED 4000
#define CLOSE_ENDED 4001

/* A frame's text, shared by the channels it goes to. */
struct hub_message {
    int32_t references;
    size_t len;
    char text[];
};

struct topic {
    char *name;
    int64_t key; /* hash of the name; topics of one key are chained */
    struct topic *same_key;
    struct channel **members;
    size_t count, capacity;
};

struct pending {
    struct topic *topic; /* of a state; NULL for a numbered message */
    int64_t sequence;
    struct hub_message *message;
};

struct channel {
    char id[HUB_CHANNEL_ID_SIZE];
    char capability[HUB_CAPABILITY_SIZE];
    int64_t key; /* hash of the capability */
    int64_t owner;
    struct wall opened_at, expires_at;
    struct topic **topics;
    size_t topic_count, topic_capacity;
    struct websocket *websocket;
    struct pending *states; /* oldest first */
    size_t state_count, state_capacity;
    struct pending numbered[HUB_PENDING_MAX]; /* ring: [numbered_at, numbered_at + count) */
    size_t numbered_at, numbered_count;
    int64_t sequence;      /* of the newest numbered message */
    int64_t sent_sequence; /* of the newest one that this WebSocket was given */
    size_t bytes;
    bool is_behind;            /* to be closed for good */
    struct hub_message *given; /* what channel_next returned last */
    struct channel *next, *previous;
};

struct hub {
    struct http_server *server;
    struct mailbox *commands;
    int32_t channels_max, channel_count;
    struct channel *channels;
    struct table by_capability; /* keyed hash -> struct channel */
    struct table by_topic;      /* keyed hash -> struct topic chain */
    uint8_t hash_key[crypto_shorthash_KEYBYTES];
};

/* Keyed, so that nobody can choose names that collide. Never 0. */
static int64_t hash_text(const struct hub *hub, const char *text)
{
    unsigned char out[crypto_shorthash_BYTES];
    int64_t key = 0;
    crypto_shorthash(out, (const unsigned char *)text, strlen(text), hub->hash_key);
    memcpy(&key, out, sizeof(key));
    return key ? key : 1;
}

static void message_unref(struct hub_message *message)
{
    if (message && --message->references == 0)
        free(message);
}

/* --- Topics ---------------------------------------------------------------------------------
 */

static struct topic *topic_find(const struct hub *hub, const char *name)
{
    struct topic *at = table_get(&hub->by_topic, hash_text(hub, name));
    while (at && strcmp(at->name, name) != 0)
        at = at->same_key;
    return at;
}

static struct topic *topic_make(struct hub *hub, const char *name)
{
    struct topic *topic = topic_find(hub, name);
    if (topic)
        return topic;
    topic = memory_new(1, sizeof(*topic));
    topic->name = memory_text(name, strlen(name));
    topic->key = hash_text(hub, name);
    topic->same_key = table_get(&hub->by_topic, topic->key);
    table_put(&hub->by_topic, topic->key, topic);
    return topic;
}

static void topic_free(struct hub *hub, struct topic *topic)
{
    struct topic *first = table_get(&hub->by_topic, topic->key);
    if (first == topic) {
        table_remove(&hub->by_topic, topic->key);
        if (topic->same_key)
            table_put(&hub->by_topic, topic->key, topic->same_key);
    } else {
        while (first->same_key != topic)
            first = first->same_key;
        first->same_key = topic->same_key;
    }
    free(topic->members);
    free(topic->name);
    free(topic);
}

static void topic_leave(struct hub *hub, struct topic *topic, struct channel *channel)
{
    for (size_t i = 0; i < topic->count; i++) {
        if (topic->members[i] == channel) {
            topic->members[i] = topic->members[--topic->count];
            break;
        }
    }
    if (!topic->count)
        topic_free(hub, topic);
}

/* --- Channels -------------------------------------------------------------------------------
 */

static void states_drop(struct channel *channel, const struct topic *topic)
{
    size_t kept = 0;
    for (size_t i = 0; i < channel->state_count; i++) {
        struct pending *at = &channel->states[i];
        if (!topic || at->topic == topic) {
            channel->bytes -= at->message->len;
            message_unref(at->message);
        } else {
            channel->states[kept++] = *at;
        }
    }
    channel->state_count = kept;
}

static void topics_leave_all(struct hub *hub, struct channel *channel)
{
    states_drop(channel, NULL);
    for (size_t i = 0; i < channel->topic_count; i++)
        topic_leave(hub, channel->topics[i], channel);
    channel->topic_count = 0;
}

static void numbered_drop(struct channel *channel, int64_t up_to)
{
    while (channel->numbered_count) {
        struct pending *at = &channel->numbered[channel->numbered_at];
        if (at->sequence > up_to)
            return;
        channel->bytes -= at->message->len;
        message_unref(at->message);
        channel->numbered_at = (channel->numbered_at + 1) % HUB_PENDING_MAX;
        channel->numbered_count--;
    }
}

static void channel_destroy(struct hub *hub, struct channel *channel, int code)
{
    if (channel->websocket)
        websocket_close(channel->websocket, code);
    topics_leave_all(hub, channel);
    numbered_drop(channel, INT64_MAX);
    message_unref(channel->given);
    table_remove(&hub->by_capability, channel->key);
    if (channel->previous)
        channel->previous->next = channel->next;
    else
        hub->channels = channel->next;
    if (channel->next)
        channel->next->previous = channel->previous;
    hub->channel_count--;
    free(channel->states);
    free(channel->topics);
    free(channel);
}

static void uuid_draw(char text[HUB_CHANNEL_ID_SIZE])
{
    unsigned char b[16];
    randombytes_buf(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(text, HUB_CHANNEL_ID_SIZE,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

static void owner_limit(struct hub *hub, int64_t owner)
{
    int32_t count = 0;
    struct channel *oldest = NULL;
    for (struct channel *at = hub->channels; at; at = at->next) {
        if (at->owner != owner)
            continue;
        count++;
        oldest = at; /* new ones are put in front */
    }
    if (count >= HUB_CHANNELS_PER_OWNER)
        channel_destroy(hub, oldest, CLOSE_REPLACED);
}

static void info_fill(const struct channel *channel, struct hub_channel_info *info)
{
    memcpy(info->id, channel->id, sizeof(info->id));
    memcpy(info->capability, channel->capability, sizeof(info->capability));
    info->expires_at = channel->expires_at;
    info->is_connected = channel->websocket != NULL;
}

static void channel_open(struct hub *hub, struct hub_command *command)
{
    owner_limit(hub, command->owner);
    if (hub->channel_count >= hub->channels_max) {
        command->reply->status = STATUS_FULL;
        return;
    }
    struct channel *channel = memory_new(1, sizeof(*channel));
    unsigned char chance[32];
    randombytes_buf(chance, sizeof(chance));
    sodium_bin2base64(channel->capability, sizeof(channel->capability), chance, sizeof(chance),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    uuid_draw(channel->id);
    channel->owner = command->owner;
    channel->key = hash_text(hub, channel->capability);
    channel->opened_at = instant_wall_now();
    channel->expires_at.us = channel->opened_at.us + CHANNEL_LIFE_US;
    if (table_get(&hub->by_capability, channel->key)) {
        free(channel); /* one in 2^64: the client asks again */
        command->reply->status = STATUS_UNAVAILABLE;
        return;
    }
    table_put(&hub->by_capability, channel->key, channel);
    channel->next = hub->channels;
    if (channel->next)
        channel->next->previous = channel;
    hub->channels = channel;
    hub->channel_count++;
    info_fill(channel, command->reply->infos);
}

static struct channel *channel_of(struct hub *hub, int64_t owner, const char *id)
{
    struct channel *at = hub->channels;
    while (at && (at->owner != owner || strcmp(at->id, id) != 0))
        at = at->next;
    return at;
}

struct channel *hub_attach(struct hub *hub, const char *capability, int64_t after,
                           struct websocket *websocket)
{
    struct channel *channel = table_get(&hub->by_capability, hash_text(hub, capability));
    if (!channel || strlen(capability) != strlen(channel->capability) ||
        sodium_memcmp(channel->capability, capability, strlen(capability)) != 0 ||
        channel->expires_at.us <= instant_wall_now().us)
        return NULL;
    struct websocket *older = channel->websocket;
    channel->websocket = NULL;
    if (older)
        websocket_close(older, CLOSE_REPLACED);
    channel->websocket = websocket;
    if (after >= 0)
        numbered_drop(channel, after);
    /* What was given to the lost WebSocket and not acknowledged is given again. */
    channel->sent_sequence = channel->numbered_count
                                 ? channel->numbered[channel->numbered_at].sequence - 1
                                 : channel->sequence;
    return channel;
}

void hub_detach(struct channel *channel, struct websocket *websocket)
{
    if (channel->websocket == websocket)
        channel->websocket = NULL;
}

bool channel_has_next(const struct channel *channel)
{
    return channel->sent_sequence < channel->sequence || channel->state_count > 0;
}

bool channel_next(struct channel *channel, const char **text, size_t *len)
{
    struct hub_message *message = NULL;
    if (channel->sent_sequence < channel->sequence) {
        int64_t first = channel->numbered[channel->numbered_at].sequence;
        size_t index = (size_t)(channel->sent_sequence + 1 - first);
        ensure(index < channel->numbered_count);
        message = channel->numbered[(channel->numbered_at + index) % HUB_PENDING_MAX].message;
        message->references++;
        channel->sent_sequence++;
    } else if (channel->state_count) {
        message = channel->states[0].message; /* its reference moves to `given` */
        channel->bytes -= message->len;
        memmove(channel->states, channel->states + 1,
                --channel->state_count * sizeof(*channel->states));
    } else {
        return false;
    }
    message_unref(channel->given);
    channel->given = message;
    *text = message->text;
    *len = message->len;
    return true;
}

/* --- Messages -------------------------------------------------------------------------------
 */

static struct hub_message *message_make(const char *topic, const char *body, int64_t sequence)
{
    size_t size = strlen(topic) + strlen(body) + 96;
    struct hub_message *message = memory_new(1, sizeof(*message) + size);
    message->references = 1;
    int len = sequence ? snprintf(message->text, size,
                                  "{\"topicName\":\"%s\",\"eventBody\":%s,\"sequence\":%lld}",
                                  topic, body, (long long)sequence)
                       : snprintf(message->text, size,
                                  "{\"topicName\":\"%s\",\"eventBody\":%s}", topic, body);
    ensure(len > 0 && (size_t)len < size);
    message->len = (size_t)len;
    return message;
}

static void state_put(struct channel *channel, struct topic *topic, struct hub_message *message)
{
    message->references++;
    channel->bytes += message->len;
    for (size_t i = 0; i < channel->state_count; i++) {
        struct pending *at = &channel->states[i];
        if (topic && at->topic == topic) {
            channel->bytes -= at->message->len;
            message_unref(at->message);
            at->message = message;
            return;
        }
    }
    channel->states = memory_grow(channel->states, &channel->state_capacity,
                                  channel->state_count + 1, sizeof(*channel->states));
    channel->states[channel->state_count++] = (struct pending){topic, 0, message};
}

/* False: the channel is full. */
static bool numbered_put(struct channel *channel, const char *topic, const char *body)
{
    if (channel->numbered_count == HUB_PENDING_MAX)
        return false;
    struct hub_message *message = message_make(topic, body, ++channel->sequence);
    size_t index = (channel->numbered_at + channel->numbered_count++) % HUB_PENDING_MAX;
    channel->numbered[index] = (struct pending){NULL, channel->sequence, message};
    channel->bytes += message->len;
    return true;
}

static void behind_destroy(struct hub *hub)
{
    struct channel *next = NULL;
    for (struct channel *at = hub->channels; at; at = next) {
        next = at->next;
        if (at->is_behind)
            channel_destroy(hub, at, CLOSE_BEHIND);
    }
}

static void publish(struct hub *hub, struct hub_command *command)
{
    bool is_any_behind = false;
    struct topic *topic = topic_find(hub, command->topic);
    struct hub_message *state = NULL;
    for (size_t i = 0; topic && i < topic->count; i++) {
        struct channel *channel = topic->members[i];
        if (command->class == HUB_MUST_ARRIVE) {
            if (!numbered_put(channel, command->topic, command->body))
                channel->is_behind = true;
        } else {
            if (!state)
                state = message_make(command->topic, command->body, 0);
            state_put(channel, topic, state);
        }
        if (channel->bytes > CHANNEL_BYTES_MAX)
            channel->is_behind = true;
        is_any_behind |= channel->is_behind;
    }
    if (is_any_behind)
        behind_destroy(hub); /* it leaves its topics: not while they are walked */
    message_unref(state);
    free(command->topic);
    free(command->body);
}

static void subscribe(struct hub *hub, struct hub_command *command)
{
    struct channel *channel = channel_of(hub, command->owner, command->id);
    if (!channel) {
        command->reply->status = STATUS_NOT_FOUND;
        return;
    }
    if (command->replaces)
        topics_leave_all(hub, channel);
    channel->expires_at.us = instant_wall_now().us + CHANNEL_LIFE_US;
    for (size_t i = 0; i < command->topic_count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < channel->topic_count && !is_known; k++)
            is_known = strcmp(channel->topics[k]->name, command->topics[i]) == 0;
        if (is_known)
            continue;
        if (channel->topic_count == HUB_TOPICS_PER_CHANNEL) {
            command->reply->status = STATUS_FULL;
            return;
        }
        struct topic *topic = topic_make(hub, command->topics[i]);
        topic->members = memory_grow(topic->members, &topic->capacity, topic->count + 1,
                                     sizeof(*topic->members));
        topic->members[topic->count++] = channel;
        channel->topics = memory_grow(channel->topics, &channel->topic_capacity,
                                      channel->topic_count + 1, sizeof(*channel->topics));
        channel->topics[channel->topic_count++] = topic;
    }
}

static void topics_list(struct hub *hub, struct hub_command *command)
{
    struct channel *channel = channel_of(hub, command->owner, command->id);
    if (!channel) {
        command->reply->status = STATUS_NOT_FOUND;
        return;
    }
    const char **names = arena_new(command->arena, channel->topic_count + 1, sizeof(*names));
    for (size_t i = 0; i < channel->topic_count; i++)
        names[i] = arena_text(command->arena, channel->topics[i]->name,
                              strlen(channel->topics[i]->name));
    command->reply->topics = names;
    command->reply->count = channel->topic_count;
}

static void channels_list(struct hub *hub, struct hub_command *command)
{
    struct hub_channel_info *infos =
        arena_new(command->arena, HUB_CHANNELS_PER_OWNER, sizeof(*infos));
    size_t count = 0;
    for (struct channel *at = hub->channels; at && count < HUB_CHANNELS_PER_OWNER;
         at = at->next) {
        if (at->owner == command->owner)
            info_fill(at, &infos[count++]);
    }
    command->reply->infos = infos;
    command->reply->count = count;
}

static void owner_close(struct hub *hub, int64_t owner)
{
    struct channel *next = NULL;
    for (struct channel *at = hub->channels; at; at = next) {
        next = at->next;
        if (at->owner == owner)
            channel_destroy(hub, at, CLOSE_ENDED);
    }
}

bool channel_receive(struct hub *hub, struct channel *channel, const char *text, size_t len)
{
    json_t *value = NULL;
    if (json_read(text, len, &value, NULL) != STATUS_OK)
        return false;
    const char *word = json_string_value(json_object_get(value, "message"));
    const json_t *ack = json_object_get(value, "ack");
    bool is_ping = word && strcmp(word, "ping") == 0;
    bool is_ack = json_is_integer(ack);
    int64_t sequence = json_integer_value(ack);
    json_decref(value);
    if (is_ping) {
        struct hub_message *pong =
            message_make("channel.metadata", "{\"message\":\"pong\"}", 0);
        state_put(channel, NULL, pong);
        message_unref(pong);
        return channel->bytes <= CHANNEL_BYTES_MAX;
    }
    if (is_ack) {
        numbered_drop(channel,
                      sequence < channel->sent_sequence ? sequence : channel->sent_sequence);
        return true;
    }
    if (!hub->server->options.on_message)
        return true;
    struct http_job job = {.owner = channel->owner,
                           .channel = memory_text(channel->id, strlen(channel->id)),
                           .text = memory_text(text, len),
                           .text_len = len};
    if (mailbox_post(hub->server->lanes[0].jobs, &job))
        return true;
    free(job.channel);
    free(job.text);
    return false;
}

/* --- The http thread's turn -----------------------------------------------------------------
 */

static void command_run(struct hub *hub, struct hub_command *command)
{
    switch (command->kind) {
    case HUB_PUBLISH: publish(hub, command); return;
    case HUB_OPEN: channel_open(hub, command); break;
    case HUB_LIST: channels_list(hub, command); break;
    case HUB_SUBSCRIBE: subscribe(hub, command); break;
    case HUB_TOPICS: topics_list(hub, command); break;
    case HUB_CLOSE_OWNER: owner_close(hub, command->owner); break;
    }
    char answered = 1;
    ensure(mailbox_post(command->answered, &answered));
}

void hub_turn(struct hub *hub)
{
    struct hub_command command;
    mailbox_fd_clear(hub->commands);
    while (mailbox_poll(hub->commands, &command))
        command_run(hub, &command);
    for (struct channel *at = hub->channels; at; at = at->next) {
        if (at->websocket && channel_has_next(at))
            websocket_feed(at->websocket);
    }
}

void hub_sweep(struct hub *hub)
{
    struct wall now = instant_wall_now();
    struct channel *next = NULL;
    for (struct channel *at = hub->channels; at; at = next) {
        next = at->next;
        if (at->expires_at.us <= now.us)
            channel_destroy(hub, at, CLOSE_ENDED);
    }
}

struct mailbox *hub_commands(struct hub *hub)
{
    return hub->commands;
}

int hub_fd(struct hub *hub)
{
    return mailbox_fd(hub->commands);
}

struct hub *hub_create(struct http_server *server, int32_t channels_max)
{
    struct hub *hub = memory_new(1, sizeof(*hub));
    hub->server = server;
    hub->channels_max = channels_max;
    hub->commands = mailbox_create(COMMANDS_MAX, sizeof(struct hub_command));
    table_init(&hub->by_capability);
    table_init(&hub->by_topic);
    crypto_shorthash_keygen(hub->hash_key);
    (void)mailbox_fd(hub->commands);
    return hub;
}

void hub_destroy(struct hub *hub)
{
    if (!hub)
        return;
    struct hub_command command;
    while (mailbox_poll(hub->commands, &command)) {
        /* Callers that wait are workers, and those have stopped. */
        ensure(command.kind == HUB_PUBLISH);
        free(command.topic);
        free(command.body);
    }
    while (hub->channels)
        channel_destroy(hub, hub->channels, CLOSE_ENDED);
    table_fini(&hub->by_capability);
    table_fini(&hub->by_topic);
    mailbox_destroy(hub->commands);
    free(hub);
}
