/* What the cards show, computed from what the server told. Pure. */
import type { AgentState, CampaignLive, Health, Outcome } from "../api/types";

/* Outcomes as people tell them apart, in the order of the bar. */
export const OUTCOME_GROUPS = [
    "person",
    "machine",
    "no_answer",
    "busy",
    "rejected",
    "unknown",
    "abandoned",
    "other",
] as const;
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number];

const GROUP_OF: Record<Outcome, OutcomeGroup> = {
    person: "person",
    machine: "machine",
    fax: "machine",
    busy: "busy",
    no_answer: "no_answer",
    rejected: "rejected",
    sit_callable: "unknown",
    sit_uncallable: "unknown",
    abandoned: "abandoned",
    agent_lost: "abandoned",
    cancelled: "other",
    failed: "other",
    lost: "other",
};

export interface OutcomeCount {
    group: OutcomeGroup;
    count: number;
}

/* Groups that occurred, in their fixed order; an outcome that this page does not know is "other". */
export function outcomeCounts(outcomes: CampaignLive["outcomes"]): OutcomeCount[] {
    const sums = new Map<OutcomeGroup, number>();
    for (const [name, count] of Object.entries(outcomes)) {
        const group = GROUP_OF[name as Outcome] ?? "other";
        sums.set(group, (sums.get(group) ?? 0) + count);
    }
    return OUTCOME_GROUPS.flatMap((group) => {
        const count = sums.get(group) ?? 0;
        return count > 0 ? [{ group, count }] : [];
    });
}

export interface Done {
    done: number;
    total: number;
    skipped: number;
}

export function contactsDone(live: CampaignLive, total: number): Done {
    const done = live.contactsCalled + live.skipped;
    return { done: total > 0 ? Math.min(done, total) : done, total, skipped: live.skipped };
}

/* At the pace of the last minute; null where that says nothing. */
export function timeLeftMs(live: CampaignLive, left: number): number | null {
    if (live.status !== "on" || live.callsPerMinute <= 0 || live.attempts <= 0) {
        return null;
    }
    const perMinute = (live.callsPerMinute * live.contactsCalled) / live.attempts;
    return left > 0 && perMinute > 0 ? (left / perMinute) * 60_000 : null;
}

export function callsNow(live: CampaignLive): number {
    const { offering, dialing, ringing, talking } = live.calls;
    return offering + dialing + ringing + talking;
}

/* The end of a dial's scale: a round number that the needle has never passed. */
export function dialScale(peak: number): number {
    const rounds = [10, 20, 40, 60, 80, 100, 120, 160, 200, 300, 400, 600, 800, 1000];
    for (const round of rounds) {
        if (peak <= round) {
            return round;
        }
    }
    const power = 10 ** Math.ceil(Math.log10(peak));
    return peak <= power / 2 ? power / 2 : power;
}

export const AGENT_STATES: readonly AgentState[] = [
    "on_call",
    "reserved",
    "ready",
    "wrapup",
    "not_responding",
    "not_ready",
    "logged_out",
];

export function agentsPresent(counts: Partial<Record<AgentState, number>>): number {
    return AGENT_STATES.reduce(
        (sum, state) => sum + (state === "logged_out" ? 0 : (counts[state] ?? 0)),
        0,
    );
}

/* Which sentence tells how a campaign is. */
export type Sentence =
    | "off"
    | "dialing"
    | "dialingAgentless"
    | "building"
    | "waitingAgents"
    | "noAgents"
    | "waitingContacts"
    | "waitingContactsUntil"
    | "waitingLines"
    | "outsideHours"
    | "outsideHoursUntil"
    | "storeUnavailable"
    | "stopping"
    | "complete"
    | "invalid";

export function healthSentence(live: CampaignLive, health: Health, isAgentless: boolean): Sentence {
    switch (live.status) {
        case "off":
        case "complete":
        case "invalid":
        case "stopping":
            return live.status;
        case "on":
            break;
    }
    switch (health) {
        case "off":
        case "dialing":
            return isAgentless ? "dialingAgentless" : "dialing";
        case "building":
            return "building";
        case "waiting_for_agents":
            return (live.agents.on_call ?? 0) +
                (live.agents.reserved ?? 0) +
                (live.agents.wrapup ?? 0) +
                (live.agents.ready ?? 0) >
                0
                ? "waitingAgents"
                : "noAgents";
        case "waiting_for_contacts":
            return live.nextDue ? "waitingContactsUntil" : "waitingContacts";
        case "waiting_for_lines":
            return "waitingLines";
        case "list_stopped":
            return "listStopped";
        case "outside_hours":
            return live.opensAt ? "outsideHoursUntil" : "outsideHours";
        case "store_unavailable":
            return "storeUnavailable";
    }
}
