/* What went wrong, in the person's language, with the mend. The server speaks English and says what
 * happened by a code; where one code has several causes, its sentence tells them apart. */
import type { TFunction } from "i18next";
import { ApiError, Unreachable } from "./client";

const SENTENCES = [
    [/being dialed by campaign/, "errors.listInUse"],
    [/needs a queue/, "errors.noQueue"],
    [/no trunk/, "errors.noTrunk"],
    [/outboundLineCount/, "errors.noLines"],
    [/mode cannot be started/, "errors.modeNotYet"],
    [/no contact list/, "errors.noList"],
    [/no phone column/, "errors.noPhone"],
    [/already a contact list/, "errors.nameTaken"],
    [/being imported already|imports are running/, "errors.importRunning"],
] as const;

const STATUSES = {
    401: "errors.session",
    403: "errors.permissions",
    404: "errors.notFound",
    413: "errors.tooLarge",
    429: "errors.tooMany",
    502: "errors.unavailable",
    503: "errors.unavailable",
    504: "errors.unavailable",
} as const;

export function problemText(t: TFunction<"app">, error: unknown): string {
    if (error instanceof Unreachable) {
        return t("errors.unreachable");
    }
    if (!(error instanceof ApiError)) {
        return t("errors.other", { message: String(error) });
    }
    for (const [pattern, key] of SENTENCES) {
        if (pattern.test(error.message)) {
            return t(key);
        }
    }
    if (error.code === "version.conflict") {
        return t("errors.version");
    }
    const key = STATUSES[error.status as keyof typeof STATUSES];
    return key ? t(key) : t("errors.other", { message: error.message });
}
