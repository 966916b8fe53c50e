import { describe, expect, it } from "vitest";
import { backoffMs } from "./channel";

describe("the wait before the next try", () => {
    it("doubles up to a quarter of a minute", () => {
        expect([0, 1, 2, 3, 9, 50].map((attempt) => backoffMs(attempt, 1))).toEqual([
            500, 1000, 2000, 4000, 15_000, 15_000,
        ]);
    });
    it("is never less than half, whatever chance says", () => {
        expect(backoffMs(4, 0)).toBe(4000);
    });
});
