/* csv.ts -- looks at the beginning of a file, so that a person sees what will be imported before it
 * is. The server reads the file itself; this decides nothing but what is offered. Pure. */

export const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];
export type Encoding = "utf-8" | "windows-1252";

export type Problem =
    | { kind: "notCsv" }
    | { kind: "binary" }
    | { kind: "tooManyColumns"; count: number }
    | { kind: "doubled"; column: string }
    | { kind: "unnamed" };

export interface Look {
    delimiter: Delimiter;
    encoding: Encoding;
    columns: string[];
    rows: string[][];
    phones: string[];
}

const COLUMNS_MAX = 50;
const ROWS_SHOWN = 3;
const ROWS_JUDGED = 50;

/* The first bytes of a file, which may end within a character or a line. */
export function decode(bytes: Uint8Array): { text: string; encoding: Encoding } {
    for (let cut = 0; cut < 4; cut++) {
        try {
            const whole = bytes.subarray(0, bytes.length - cut);
            return {
                text: new TextDecoder("utf-8", { fatal: true }).decode(whole),
                encoding: "utf-8",
            };
        } catch {
            /* Perhaps the last character is cut; else it is not UTF-8. */
        }
    }
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252" };
}

/* RFC 4180 with any delimiter. At most `limit` rows; empty lines are none. */
export function rowsRead(text: string, delimiter: string, limit: number): string[][] {
    const rows: string[][] = [];
    let row: string[] = [];
    let cell = "";
    let isQuoted = false;
    const cellEnd = () => {
        row.push(cell);
        cell = "";
    };
    const rowEnd = () => {
        cellEnd();
        if (row.length > 1 || row[0] !== "") {
            rows.push(row);
        }
        row = [];
    };
    for (let i = 0; i < text.length && rows.length < limit; i++) {
        const char = text[i];
        if (isQuoted) {
            if (char !== '"') {
                cell += char;
            } else if (text[i + 1] === '"') {
                cell += '"';
                i++;
            } else {
                isQuoted = false;
            }
        } else if (char === '"' && cell === "") {
            isQuoted = true;
        } else if (char === delimiter) {
            cellEnd();
        } else if (char === "\n") {
            rowEnd();
        } else if (char !== "\r") {
            cell += char;
        }
    }
    if (rows.length < limit && (cell !== "" || row.length > 0)) {
        rowEnd();
    }
    return rows;
}

/* The one that cuts the first rows into the most columns, the same number in each. */
export function delimiterFind(text: string): Delimiter {
    let best: Delimiter = ",";
    let bestScore = 0;
    for (const delimiter of DELIMITERS) {
        const rows = rowsRead(text, delimiter, 10);
        const width = rows[0]?.length ?? 0;
        const like = rows.filter((row) => row.length === width).length;
        const score = width > 1 ? (like / rows.length) * 100 + width : 0;
        if (score > bestScore) {
            best = delimiter;
            bestScore = score;
        }
    }
    return best;
}

const PHONE_NAME = /t[ée]l|phone|mobile|portable|gsm|cell|num[ée]ro|^num$|fixe|domicile/i;
const PHONE_VALUE = /^\+?[\d\s().\-/]{8,20}$/;

function looksLikePhone(value: string): boolean {
    const digits = value.replace(/\D/g, "").length;
    return PHONE_VALUE.test(value.trim()) && digits >= 8 && digits <= 15;
}

/* Columns most of whose values could be telephone numbers: by name and half of them, or nearly all. */
export function phonesFind(columns: string[], rows: string[][]): string[] {
    return columns
        .filter((name, index) => {
            const values = rows
                .map((row) => row[index]?.trim() ?? "")
                .filter((text) => text !== "");
            const share =
                values.length > 0 ? values.filter(looksLikePhone).length / values.length : 0;
            const hasSeparators = values.some((text) => /[\s.+]|^0/.test(text));
            return (PHONE_NAME.test(name) && share >= 0.5) || (share >= 0.9 && hasSeparators);
        })
        .slice(0, 10);
}

export function look(bytes: Uint8Array): Look | Problem {
    if (bytes.subarray(0, 4096).includes(0)) {
        return { kind: "binary" };
    }
    const { text, encoding } = decode(bytes);
    const plain = text.replace(/^\uFEFF/, "");
    const delimiter = delimiterFind(plain);
    const all = rowsRead(plain, delimiter, ROWS_JUDGED + 1);
    const columns = (all[0] ?? []).map((name) => name.trim());
    const rows = all.slice(1);
    if (columns.length === 0 || (columns.length === 1 && columns[0] === "")) {
        return { kind: "notCsv" };
    }
    if (columns.length > COLUMNS_MAX) {
        return { kind: "tooManyColumns", count: columns.length };
    }
    if (columns.includes("")) {
        return { kind: "unnamed" };
    }
    const doubled = columns.find((name, index) => columns.indexOf(name) !== index);
    if (doubled !== undefined) {
        return { kind: "doubled", column: doubled };
    }
    return {
        delimiter,
        encoding,
        columns,
        rows: rows.slice(0, ROWS_SHOWN),
        phones: phonesFind(columns, rows),
    };
}

/* "/home/me/Abonnés 2026.csv" -> "Abonnés 2026" */
export function listNameOf(fileName: string): string {
    return fileName
        .replace(/^.*[\\/]/, "")
        .replace(/\.[^.]{1,4}$/, "")
        .replace(/_+/g, " ")
        .trim();
}
