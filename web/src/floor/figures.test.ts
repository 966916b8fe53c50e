import { describe, expect, it } from "vitest";
import type { CampaignLive } from "../api/types";
import { contactsDone, dialScale, healthSentence, outcomeCounts, timeLeftMs } from "./figures";

const live = (part: Partial<CampaignLive> = {}): CampaignLive => ({
    id: "a",
    status: "on",
    health: "dialing",
    calls: { offering: 0, dialing: 1, ringing: 2, talking: 3 },
    attempts: 100,
    contactsCalled: 50,
    skipped: 10,
    callsPerMinute: 20,
    queue: { isBuilt: true, lookedAt: 500, queued: 500 },
    agents: {},
    outcomes: {},
    skips: {},
    ...part,
});

describe("outcomes", () => {
    it("are summed by what people tell apart, in a fixed order", () => {
        expect(outcomeCounts({ lost: 1, sit_callable: 2, sit_uncallable: 3, person: 4 })).toEqual([
            { group: "person", count: 4 },
            { group: "unknown", count: 5 },
            { group: "other", count: 1 },
        ]);
    });
    it("that are not known are other, not lost", () => {
        const news = { telepathy: 7 } as CampaignLive["outcomes"];
        expect(outcomeCounts(news)).toEqual([{ group: "other", count: 7 }]);
    });
});

describe("time left", () => {
    it("counts contacts, of which each takes several calls", () => {
        /* 20 calls a minute, 2 calls a contact: 10 contacts a minute. */
        expect(timeLeftMs(live(), 100)).toBe(10 * 60_000);
    });
    it("is not guessed without a pace", () => {
        expect(timeLeftMs(live({ callsPerMinute: 0 }), 100)).toBeNull();
        expect(timeLeftMs(live({ attempts: 0 }), 100)).toBeNull();
        expect(timeLeftMs(live({ status: "off" }), 100)).toBeNull();
        expect(timeLeftMs(live(), 0)).toBeNull();
    });
});

describe("progress", () => {
    it("counts who was called and who was skipped, and never more than all", () => {
        expect(contactsDone(live(), 500).done).toBe(60);
        expect(contactsDone(live({ contactsCalled: 600 }), 500).done).toBe(500);
    });
});

describe("the dial", () => {
    it("ends at a round number that the hand has not passed", () => {
        expect(dialScale(0)).toBe(10);
        expect(dialScale(41)).toBe(60);
        expect(dialScale(1001)).toBe(5000);
        expect(dialScale(7000)).toBe(10_000);
    });
});

describe("the health sentence", () => {
    it("follows the status unless it is on", () => {
        expect(healthSentence(live({ status: "stopping" }), "dialing", false)).toBe("stopping");
    });
    it("tells agents who are busy from agents who are missing", () => {
        const busy = live({ agents: { on_call: 1 } });
        expect(healthSentence(busy, "waiting_for_agents", false)).toBe("waitingAgents");
        const away = live({ agents: { not_ready: 1 } });
        expect(healthSentence(away, "waiting_for_agents", false)).toBe("noAgents");
    });
    it("says until when, where that is known", () => {
        expect(healthSentence(live(), "list_stopped", false)).toBe("listStopped");
        expect(healthSentence(live(), "outside_hours", false)).toBe("outsideHours");
        const known = live({ opensAt: "2026-01-01T08:00:00.000Z" });
        expect(healthSentence(known, "outside_hours", false)).toBe("outsideHoursUntil");
    });
});
