/* The hub from any thread: commands are posted, and where they answer something, waited for. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "http/hub_command.h"

static bool topic_is_valid(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > HUB_TOPIC_MAX)
        return false;
    for (const char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("._-{}", *at))
            return false;
    }
    return true;
}

enum status hub_publish(struct hub *hub, const char *topic, enum hub_class class,
                        const char *body)
{
    size_t len = strlen(body);
    if (!topic_is_valid(topic) || len == 0 || len > HUB_MESSAGE_MAX)
        return STATUS_INVALID;
    struct hub_command command = {.kind = HUB_PUBLISH,
                                  .class = class,
                                  .topic = memory_text(topic, strlen(topic)),
                                  .body = memory_text(body, len)};
    if (mailbox_post(hub_commands(hub), &command))
        return STATUS_OK;
    free(command.topic);
    free(command.body);
    return STATUS_FULL;
}

static enum status ask(struct hub *hub, struct hub_command *command, struct hub_reply *reply,
                       struct error *err)
{
    command->reply = reply;
    command->answered = mailbox_create(1, 1);
    if (!mailbox_post(hub_commands(hub), command)) {
        reply->status = STATUS_FULL;
    } else {
        char answered = 0;
        ensure(mailbox_take(command->answered, &answered, -1));
    }
    mailbox_destroy(command->answered);
    switch (reply->status) {
    case STATUS_OK: return STATUS_OK;
    case STATUS_NOT_FOUND:
        return error_set(err, reply->status, "", "There is no such notification channel.");
    case STATUS_FULL:
    case STATUS_INVALID:
    case STATUS_CONFLICT:
    case STATUS_STALE:
    case STATUS_DENIED:
    case STATUS_UNAVAILABLE:
    case STATUS_TIMEOUT:
    case STATUS_UNKNOWN: break;
    }
    return error_set(err, reply->status, "",
                     "The limit of notification channels or topics is reached.");
}

enum status hub_open(struct hub *hub, int64_t owner, struct hub_channel_info *info,
                     struct error *err)
{
    struct hub_reply reply = {.infos = info};
    struct hub_command command = {.kind = HUB_OPEN, .owner = owner};
    return ask(hub, &command, &reply, err);
}

enum status hub_list(struct hub *hub, int64_t owner, struct arena *arena,
                     struct hub_channel_info **infos, size_t *count, struct error *err)
{
    struct hub_reply reply = {0};
    struct hub_command command = {.kind = HUB_LIST, .owner = owner, .arena = arena};
    enum status status = ask(hub, &command, &reply, err);
    *infos = reply.infos;
    *count = reply.count;
    return status;
}

enum status hub_subscribe(struct hub *hub, int64_t owner, const char *id, bool replaces,
                          const char *const *topics, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!topic_is_valid(topics[i]))
            return error_set(err, STATUS_INVALID, "id", "A topic's name is not well formed.");
    }
    struct hub_reply reply = {0};
    struct hub_command command = {.kind = HUB_SUBSCRIBE,
                                  .owner = owner,
                                  .id = id,
                                  .topics = topics,
                                  .topic_count = count,
                                  .replaces = replaces};
    return ask(hub, &command, &reply, err);
}

enum status hub_topics(struct hub *hub, int64_t owner, const char *id, struct arena *arena,
                       const char ***topics, size_t *count, struct error *err)
{
    struct hub_reply reply = {0};
    struct hub_command command = {.kind = HUB_TOPICS, .owner = owner, .id = id, .arena = arena};
    enum status status = ask(hub, &command, &reply, err);
    *topics = reply.topics;
    *count = reply.count;
    return status;
}

enum status hub_close_owner(struct hub *hub, int64_t owner)
{
    struct hub_reply reply = {0};
    struct hub_command command = {.kind = HUB_CLOSE_OWNER, .owner = owner};
    return ask(hub, &command, &reply, NULL);
}
