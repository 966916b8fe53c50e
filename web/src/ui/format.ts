/* Numbers, times and sizes as the person reads them: all by Intl. */

/* The person's own variant of a language: en-GB writes hours and dates otherwise than en-US does. */
let variants: readonly string[] = [];

export function variantsSet(languages: readonly string[]): void {
    variants = languages;
}

function variantOf(language: string): string {
    return variants.find((variant) => variant.split("-")[0] === language) ?? language;
}

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = `n ${language} ${JSON.stringify(options)}`;
    let format = cache.get(key) as Intl.NumberFormat | undefined;
    if (!format) {
        format = new Intl.NumberFormat(variantOf(language), options);
        cache.set(key, format);
    }
    return format;
}

function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = `d ${language} ${JSON.stringify(options)}`;
    let format = cache.get(key) as Intl.DateTimeFormat | undefined;
    if (!format) {
        format = new Intl.DateTimeFormat(variantOf(language), options);
        cache.set(key, format);
    }
    return format;
}

export function formatNumber(language: string, value: number): string {
    return numberFormat(language, {}).format(value);
}

/* Rounded down: 100 % is said only when all is done. */
export function formatPercent(language: string, part: number, whole: number): string {
    const share = whole > 0 ? Math.min(1, part / whole) : 0;
    return numberFormat(language, { style: "percent" }).format(Math.floor(share * 100) / 100);
}

/* Shares of a whole; a small part is not none. */
export function formatShare(language: string, part: number, whole: number): string {
    const share = whole > 0 ? part / whole : 0;
    if (part > 0 && share < 0.01) {
        return `< ${numberFormat(language, { style: "percent" }).format(0.01)}`;
    }
    return numberFormat(language, { style: "percent" }).format(share);
}

/* A stopwatch: 0:07, 12:40, 1:02:09. The same in both languages. */
export function formatClock(ms: number): string {
    const s = Math.max(0, Math.floor(ms / 1000));
    const two = (value: number) => String(value).padStart(2, "0");
    const minutes = Math.floor(s / 60) % 60;
    const hours = Math.floor(s / 3600);
    return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/* A duration in words, of the size that matters: 40 min, 3 h 20 min, 2 days. */
export function formatDuration(language: string, ms: number): string {
    const unit = (value: number, name: string) =>
        numberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
    const minutes = Math.max(1, Math.round(ms / 60_000));
    if (minutes < 60) {
        return unit(minutes, "minute");
    }
    if (minutes < 48 * 60) {
        const rest = minutes % 60;
        const hours = unit(Math.floor(minutes / 60), "hour");
        return rest > 0 ? `${hours} ${unit(rest, "minute")}` : hours;
    }
    return numberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" }).format(
        Math.round(minutes / 1440),
    );
}

/* A moment to come: the hour alone today, with the day otherwise. */
export function formatWhen(language: string, iso: string, now: number): string {
    const at = new Date(iso);
    const isToday = at.toDateString() === new Date(now).toDateString();
    return dateFormat(
        language,
        isToday
            ? { hour: "numeric", minute: "2-digit" }
            : {
                  weekday: "long",
                  day: "numeric",
                  month: "long",
                  hour: "numeric",
                  minute: "2-digit",
              },
    ).format(at);
}

export function formatTime(language: string, at: number): string {
    return dateFormat(language, { hour: "numeric", minute: "2-digit", second: "2-digit" }).format(
        at,
    );
}

export function formatBytes(language: string, bytes: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
    let value = bytes;
    let index = 0;
    while (value >= 1000 && index < units.length - 1) {
        value /= 1000;
        index++;
    }
    return numberFormat(language, {
        style: "unit",
        unit: units[index],
        unitDisplay: index === 0 ? "long" : "short",
        maximumFractionDigits: value < 10 && index > 0 ? 1 : 0,
    }).format(value);
}
