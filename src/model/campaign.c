#include "model/campaign.h"

const char *dialing_mode_name(enum dialing_mode mode)
{
    switch (mode) {
    case MODE_AGENTLESS: return "agentless";
    case MODE_PREVIEW: return "preview";
    case MODE_POWER: return "power";
    case MODE_PREDICTIVE: return "predictive";
    case MODE_PROGRESSIVE: return "progressive";
    case MODE_EXTERNAL: return "external";
    }
    return "?";
}

const char *campaign_status_name(enum campaign_status status)
{
    switch (status) {
    case CAMPAIGN_OFF: return "off";
    case CAMPAIGN_ON: return "on";
    case CAMPAIGN_STOPPING: return "stopping";
    case CAMPAIGN_COMPLETE: return "complete";
    case CAMPAIGN_INVALID: return "invalid";
    }
    return "?";
}

const char *distribution_name(enum distribution distribution)
{
    switch (distribution) {
    case DISTRIBUTION_LONGEST_IDLE: return "longest_idle";
    case DISTRIBUTION_ROUND_ROBIN: return "round_robin";
    case DISTRIBUTION_RING_ALL: return "ring_all";
    }
    return "?";
}

const char *list_state_name(enum list_state state)
{
    switch (state) {
    case LIST_STARTED: return "started";
    case LIST_STOPPED: return "stopped";
    case LIST_SUSPENDED: return "paused";
    case LIST_STATE_COUNT: break;
    }
    return "?";
}
