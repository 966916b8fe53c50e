/* agent.h -- an agent's states and the changes that are legal. */
#ifndef CADRAN_MODEL_AGENT_H
#define CADRAN_MODEL_AGENT_H

#include <stdbool.h>
#include <stdint.h>

/*
 *  LOGGED_OUT <--> NOT_READY <--> READY --reserve--> RESERVED --answer--> ON_CALL --> WRAPUP
 *                      ^            ^                   |                               |
 *                      |            +---- released -----+                               |
 *                      +-- miss -- NOT_RESPONDING       +---- done, or time over -------+
 */
enum agent_state {
    AGENT_LOGGED_OUT,
    AGENT_NOT_READY, /* with a reason */
    AGENT_READY,
    AGENT_RESERVED, /* a contact is being dialed for this agent, or rings at their phone */
    AGENT_ON_CALL,
    AGENT_WRAPUP,
    AGENT_NOT_RESPONDING, /* missed a call; acts like not ready until they say ready */
    AGENT_STATE_COUNT
};

/* "logged_out", "not_ready", ... */
const char *agent_state_name(enum agent_state state);
/* Whether the life cycle above has this arrow. */
bool agent_state_may_follow(enum agent_state from, enum agent_state to);

#define AGENT_REASON_SIZE 40

#endif
