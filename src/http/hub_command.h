/* hub_command.h -- what other threads ask of the hub. Not for other folders. */
#ifndef CADRAN_HTTP_HUB_COMMAND_H
#define CADRAN_HTTP_HUB_COMMAND_H

#include "base/mailbox.h"
#include "http/hub.h"

enum hub_command_kind {
    HUB_PUBLISH,
    HUB_OPEN,
    HUB_LIST,
    HUB_SUBSCRIBE,
    HUB_TOPICS,
    HUB_CLOSE_OWNER,
};

struct hub_reply {
    enum status status;
    struct hub_channel_info *infos;
    const char **topics;
    size_t count;
};

struct hub_command {
    enum hub_command_kind kind;
    enum hub_class class;
    int64_t owner;
    const char *id;
    const char *const *topics;
    size_t topic_count;
    bool replaces;
    char *topic, *body; /* PUBLISH: moves with the command */
    struct arena *arena;
    struct hub_reply *reply; /* the caller's, who waits for `answered` */
    struct mailbox *answered;
};

struct mailbox *hub_commands(struct hub *hub);

#endif
