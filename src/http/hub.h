/* hub.h -- push: channels that clients open, topics they ask for, messages that reach them.
 *
 * A channel belongs to one owner (a user or client) and is reached by its capability: an
 * unguessable part of a URI, good until it expires; whoever has it needs nothing else. A
 * channel outlives its WebSocket: a client that comes back with ?after=N goes on behind message
 * N.
 *
 * Two classes of message (design 7):
 *   state       what is so now; while one waits, a newer one of the same topic replaces it
 *   must arrive numbered per channel ("sequence"), kept until the client says {"ack":N}. When
 *               more wait than a channel holds, the channel is closed for good: the client
 * makes a new one and reads everything again. Never a silent gap.
 *
 * On the wire each message is {"topicName":...,"eventBody":...,"sequence":N?}, Genesys Cloud's
 * envelope. {"message":"ping"} is answered on topic channel.metadata.
 *
 * Any thread. The http thread owns the hub; the calls below post to it and, where they answer
 * something, wait for it. */
#ifndef CADRAN_HTTP_HUB_H
#define CADRAN_HTTP_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/memory.h"
#include "base/status.h"

struct hub;

#define HUB_CHANNEL_ID_SIZE 37
#define HUB_CAPABILITY_SIZE 44
#define HUB_TOPIC_MAX 128
#define HUB_TOPICS_PER_CHANNEL 1000
#define HUB_CHANNELS_PER_OWNER 20
#define HUB_PENDING_MAX 256 /* numbered messages that a channel keeps */
#define HUB_MESSAGE_MAX 65536

struct hub_channel_info {
    char id[HUB_CHANNEL_ID_SIZE];         /* a GUID */
    char capability[HUB_CAPABILITY_SIZE]; /* for /ws/{capability} */
    struct wall expires_at;
    bool is_connected;
};

enum hub_class { HUB_STATE, HUB_MUST_ARRIVE };

/* Sends `body` (JSON text) to every channel that asked for `topic`. STATUS_FULL: the hub is
 * behind; a state may be dropped then, a message that must arrive has to be offered again. */
enum status hub_publish(struct hub *hub, const char *topic, enum hub_class class,
                        const char *body) MUST_USE;

/* Opens a channel. An owner's oldest is closed when they have too many. */
enum status hub_open(struct hub *hub, int64_t owner, struct hub_channel_info *info,
                     struct error *err) MUST_USE;
enum status hub_list(struct hub *hub, int64_t owner, struct arena *arena,
                     struct hub_channel_info **infos, size_t *count,
                     struct error *err) MUST_USE;
/* Adds topics, or replaces all. A foreign or unknown channel is STATUS_NOT_FOUND. Topic names
 * are [A-Za-z0-9._{}-]. */
enum status hub_subscribe(struct hub *hub, int64_t owner, const char *id, bool replaces,
                          const char *const *topics, size_t count, struct error *err) MUST_USE;
enum status hub_topics(struct hub *hub, int64_t owner, const char *id, struct arena *arena,
                       const char ***topics, size_t *count, struct error *err) MUST_USE;
/* Closes every channel of an owner, and its WebSocket: at logout. */
enum status hub_close_owner(struct hub *hub, int64_t owner) MUST_USE;

#endif
