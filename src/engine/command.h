/* command.h -- everything the engine may ask of the world, as values.
 * The runtime carries them out in order and answers with events. */
#ifndef CADRAN_ENGINE_COMMAND_H
#define CADRAN_ENGINE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/event.h"
#include "model/candidate.h"
#include "model/dialer_write.h"

enum command_kind {
    /* To the store */
    COMMAND_DRAW_PASS,
    COMMAND_BUILD_QUEUE, /* the next chunk; `is_first` starts from the list's beginning */
    COMMAND_LIST_LANES,
    COMMAND_CLAIM,
    COMMAND_WRITE,
    /* To telephony */
    COMMAND_DIAL,
    COMMAND_RING_PHONE,
    COMMAND_HANG_UP,
    COMMAND_BRIDGE,
    COMMAND_TONE,
    /* To people and programs */
    COMMAND_REPLY,
    COMMAND_NOTIFY,
};

/* What changed, so that whoever watches is told; the runtime reads the newest view and may fold
 * several into one. */
enum notice { NOTICE_CAMPAIGN, NOTICE_AGENT, NOTICE_CALL };

struct command {
    enum command_kind kind;
    union {
        struct {
            struct campaign_id campaign;
        } campaign;
        struct {
            struct queue_order order;
            bool is_first;
        } build;
        struct claim claim;
        struct dialer_write write;
        struct {
            struct leg leg;
            struct trunk_id trunk;
            int64_t number, caller_number;
            char caller_name[CALLER_NAME_SIZE];
            int64_t ring_timeout_ms;
        } dial;
        struct {
            struct leg leg;
            int64_t phone;
            int64_t ring_timeout_ms;
            bool is_auto_answer;
        } ring;
        struct {
            struct leg leg, other;
        } bridge;
        struct {
            struct leg leg;
        } leg;
        struct {
            int64_t request;
            enum status status;
            char text[160]; /* for a person, when status is not OK */
        } reply;
        struct {
            enum notice notice;
            int64_t id;
        } notify;
    };
};

struct commands {
    struct command *items;
    size_t count, capacity;
};

void commands_init(struct commands *commands);
void commands_fini(struct commands *commands);
void commands_clear(struct commands *commands);
/* A zeroed command at the end, valid until the next one is added. */
struct command *commands_add(struct commands *commands, enum command_kind kind);

#endif
