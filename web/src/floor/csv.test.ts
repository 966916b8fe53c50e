import { describe, expect, it } from "vitest";
import { delimiterFind, type Look, listNameOf, look, rowsRead } from "./csv";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("rows", () => {
    it("keep delimiters, quotes and line ends within quotes", () => {
        expect(rowsRead('a,"b,""c""\nd"\r\ne,f', ",", 9)).toEqual([
            ["a", 'b,"c"\nd'],
            ["e", "f"],
        ]);
    });
    it("are no more than asked for, and empty lines are none", () => {
        expect(rowsRead("a\n\nb\nc\n", ",", 2)).toEqual([["a"], ["b"]]);
    });
});

describe("the delimiter", () => {
    it("is the one that cuts every row alike", () => {
        expect(delimiterFind("Nom;Prix\nA;1,50\nB;2,70\n")).toBe(";");
        expect(delimiterFind("Nom\tVille\nA\tLyon, Rhône\n")).toBe("\t");
        expect(delimiterFind("Nom,Ville\nA,Lyon\n")).toBe(",");
    });
});

describe("the look at a file", () => {
    it("reads UTF-8 whose last character is cut", () => {
        const whole = bytes("Nom,Mobile\nZoé,0612345678\né");
        const seen = look(whole.subarray(0, whole.length - 1)) as Look;
        expect(seen.encoding).toBe("utf-8");
        expect(seen.columns).toEqual(["Nom", "Mobile"]);
    });
    it("reads Windows-1252 where it is not UTF-8", () => {
        const seen = look(new Uint8Array([0x50, 0x72, 0xe9, 0x6e, 0x6f, 0x6d, 0x3b, 0x41])) as Look;
        expect(seen.encoding).toBe("windows-1252");
        expect(seen.columns).toEqual(["Prénom", "A"]);
    });
    it("offers columns of telephone numbers, not postcodes, amounts or ids", () => {
        const seen = look(
            bytes(
                "id,Tél,Contact,Code postal,Montant,SIRET\n" +
                    "12345678,06 12 34 56 78,+33 1 42 68 53 00,75001,1200.50,73282932000074\n" +
                    "12345679,0612345679,01.42.68.53.01,69001,80,73282932000075\n",
            ),
        ) as Look;
        expect(seen.phones).toEqual(["Tél", "Contact"]);
    });
    it("tells what is wrong with a header", () => {
        expect(look(bytes(""))).toEqual({ kind: "notCsv" });
        expect(look(bytes("a,b,a\n"))).toEqual({ kind: "doubled", column: "a" });
        expect(look(bytes("a,,b\n"))).toEqual({ kind: "unnamed" });
        expect(look(bytes("PK\u0003\u0004\u0000"))).toEqual({ kind: "binary" });
        const many = Array.from({ length: 51 }, (_, index) => `c${index}`).join(",");
        expect(look(bytes(many))).toEqual({ kind: "tooManyColumns", count: 51 });
    });
});

describe("the name of a list", () => {
    it("is the file's, without folder and ending", () => {
        expect(listNameOf("C:\\Listes\\Abonnés_2026.csv")).toBe("Abonnés 2026");
        expect(listNameOf("v1.2 clients.txt")).toBe("v1.2 clients");
    });
});
