import { describe, expect, it } from "vitest";
import {
    formatBytes,
    formatClock,
    formatDuration,
    formatNumber,
    formatPercent,
    formatShare,
    formatWhen,
} from "./format";

describe("figures", () => {
    it("are written as the language writes them", () => {
        expect(formatNumber("fr", 20_002)).toBe("20\u202f002");
        expect(formatNumber("en", 20_002)).toBe("20,002");
    });
    it("say 100 % only when all is done", () => {
        expect(formatPercent("en", 2999, 3000)).toBe("99%");
        expect(formatPercent("en", 3000, 3000)).toBe("100%");
        expect(formatPercent("en", 0, 0)).toBe("0%");
    });
    it("do not say nought of what is there", () => {
        expect(formatShare("en", 1, 1000)).toBe("< 1%");
        expect(formatShare("en", 0, 1000)).toBe("0%");
    });
});

describe("times", () => {
    it("are a stopwatch under way", () => {
        expect(formatClock(7_400)).toBe("0:07");
        expect(formatClock(3_729_000)).toBe("1:02:09");
        expect(formatClock(-5)).toBe("0:00");
    });
    it("are of the size that matters ahead", () => {
        expect(formatDuration("en", 20_000)).toBe("1 min");
        expect(formatDuration("en", 100 * 60_000)).toBe("1 hr 40 min");
        expect(formatDuration("fr", 72 * 3_600_000)).toMatch(/^3\sjours$/);
    });
    it("name the day unless it is today", () => {
        const now = new Date(2026, 0, 5, 9, 0).getTime();
        const later = new Date(2026, 0, 5, 14, 0).toISOString();
        const tomorrow = new Date(2026, 0, 6, 8, 0).toISOString();
        expect(formatWhen("fr", later, now)).toBe("14:00");
        expect(formatWhen("fr", tomorrow, now)).toMatch(/mardi 6 janvier/);
    });
});

describe("sizes", () => {
    it("are in the unit that fits", () => {
        expect(formatBytes("en", 812)).toBe("812 bytes");
        expect(formatBytes("en", 1_234_567)).toBe("1.2 MB");
    });
});
