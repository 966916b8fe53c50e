/* The language: what the person chose here before, else the browser's first that we have. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { fr } from "./fr";

export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEPT = "cadran.language";

export function languageChoose(kept: string | null, offered: readonly string[]): Language {
    for (const text of [kept, ...offered]) {
        const base = text?.toLowerCase().split("-")[0];
        const found = LANGUAGES.find((language) => language === base);
        if (found) {
            return found;
        }
    }
    return "en";
}

export function languageKeep(language: Language): void {
    try {
        localStorage.setItem(KEPT, language);
    } catch {
        /* Storage may be forbidden: the choice then lasts as long as the page. */
    }
    void i18next.changeLanguage(language);
}

function kept(): string | null {
    try {
        return localStorage.getItem(KEPT);
    } catch {
        return null;
    }
}

declare module "i18next" {
    interface CustomTypeOptions {
        defaultNS: "app";
        resources: { app: typeof en };
        returnNull: false;
    }
}

export function i18nStart(): void {
    i18next.on("languageChanged", (language) => {
        document.documentElement.lang = language;
    });
    void i18next.use(initReactI18next).init({
        lng: languageChoose(kept(), navigator.languages),
        fallbackLng: "en",
        defaultNS: "app",
        resources: { en: { app: en }, fr: { app: fr } },
        interpolation: { escapeValue: false },
        initAsync: false,
        showSupportNotice: false,
    });
}
