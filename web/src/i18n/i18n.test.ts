import { describe, expect, it } from "vitest";
import { en } from "./en";
import { fr } from "./fr";
import { languageChoose } from "./i18n";

function entries(texts: object, path = ""): [string, string][] {
    return Object.entries(texts).flatMap(([key, value]) =>
        typeof value === "string"
            ? [[path + key, value] as [string, string]]
            : entries(value as object, `${path}${key}.`),
    );
}

const holes = (text: string) => [...text.matchAll(/{{(\w+)/g)].map(([, name]) => name).sort();

describe("the texts", () => {
    it("have the same keys and the same holes in both languages", () => {
        const french = new Map(entries(fr));
        for (const [key, text] of entries(en)) {
            expect([key, holes(french.get(key) ?? "")]).toEqual([key, holes(text)]);
        }
        expect(french.size).toBe(entries(en).length);
    });
    it("are said in French with its own spaces before ; : ? and !", () => {
        for (const [key, text] of entries(fr)) {
            expect([key, / [;:?!»]|« /.test(text)]).toEqual([key, false]);
        }
    });
});

describe("the language", () => {
    it("is the kept one, else the browser's first that is there, else English", () => {
        expect(languageChoose("fr", ["en-GB"])).toBe("fr");
        expect(languageChoose(null, ["de-DE", "fr-CA", "en"])).toBe("fr");
        expect(languageChoose("xx", ["de"])).toBe("en");
    });
});
