#include "model/agent.h"

#include "base/compiler.h"

const char *agent_state_name(enum agent_state state)
{
    switch (state) {
    case AGENT_LOGGED_OUT: return "logged_out";
    case AGENT_NOT_READY: return "not_ready";
    case AGENT_READY: return "ready";
    case AGENT_RESERVED: return "reserved";
    case AGENT_ON_CALL: return "on_call";
    case AGENT_WRAPUP: return "wrapup";
    case AGENT_NOT_RESPONDING: return "not_responding";
    case AGENT_STATE_COUNT: break;
    }
    return "?";
}

#define TO(state) (1u << (state))

static const unsigned followers[AGENT_STATE_COUNT] = {
    [AGENT_LOGGED_OUT] = TO(AGENT_NOT_READY),
    [AGENT_NOT_READY] = TO(AGENT_READY) | TO(AGENT_NOT_READY) | TO(AGENT_LOGGED_OUT),
    [AGENT_READY] = TO(AGENT_NOT_READY) | TO(AGENT_RESERVED) | TO(AGENT_LOGGED_OUT),
    [AGENT_RESERVED] = TO(AGENT_READY) | TO(AGENT_NOT_READY) | TO(AGENT_ON_CALL) |
                       TO(AGENT_NOT_RESPONDING) | TO(AGENT_LOGGED_OUT),
    [AGENT_ON_CALL] = TO(AGENT_WRAPUP),
    [AGENT_WRAPUP] = TO(AGENT_READY) | TO(AGENT_NOT_READY) | TO(AGENT_LOGGED_OUT),
    [AGENT_NOT_RESPONDING] = TO(AGENT_READY) | TO(AGENT_NOT_READY) | TO(AGENT_LOGGED_OUT),
};

bool agent_state_may_follow(enum agent_state from, enum agent_state to)
{
    return from < AGENT_STATE_COUNT && (followers[from] & TO(to)) != 0;
}
