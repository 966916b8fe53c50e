#include "engine/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void commands_init(struct commands *commands)
{
    memset(commands, 0, sizeof(*commands));
}

void commands_fini(struct commands *commands)
{
    free(commands->items);
    commands_init(commands);
}

void commands_clear(struct commands *commands)
{
    commands->count = 0;
}

struct command *commands_add(struct commands *commands, enum command_kind kind)
{
    commands->items = memory_grow(commands->items, &commands->capacity, commands->count + 1,
                                  sizeof(*commands->items));
    struct command *command = &commands->items[commands->count++];
    memset(command, 0, sizeof(*command));
    command->kind = kind;
    return command;
}
