/* The one door to the server. Every request is to our own origin and carries the session cookie,
 * which scripts cannot read. A refusal becomes an ApiError; no answer at all, an Unreachable. */
import type { ApiErrorBody, Page } from "./types";

export class ApiError extends Error {
    readonly status: number;
    readonly code: string;

    constructor(body: ApiErrorBody) {
        super(body.message);
        this.status = body.status;
        this.code = body.code;
    }
}

export class Unreachable extends Error {}

/* How far this computer's clock is behind the server's: times in a state are counted with it.
 * The Date header has whole seconds, so a smaller difference is none. */
let clockOffsetMs = 0;

export function serverNow(): number {
    return Date.now() + clockOffsetMs;
}

function clockRead(response: Response): void {
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (Number.isFinite(date)) {
        const offset = date - Date.now();
        clockOffsetMs = Math.abs(offset) > 2000 ? offset : 0;
    }
}

async function errorRead(response: Response): Promise<ApiError> {
    try {
        const body = (await response.json()) as Partial<ApiErrorBody>;
        return new ApiError({
            message: body.message ?? response.statusText,
            code: body.code ?? "",
            status: response.status,
        });
    } catch {
        return new ApiError({ message: response.statusText, code: "", status: response.status });
    }
}

export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response;
    try {
        response = await fetch(path, {
            method,
            /* Nothing of ours is cached, and the browser's cache would make a second question for
             * the same path wait for the first, for 20 s where that one was given up. */
            cache: "no-store",
            credentials: "same-origin",
            headers: { Accept: "application/json", "Content-Type": "application/json" },
            body: body === undefined ? null : JSON.stringify(body),
        });
    } catch {
        throw new Unreachable(path);
    }
    clockRead(response);
    if (!response.ok) {
        throw await errorRead(response);
    }
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(path: string) => request<T>("GET", path);
export const post = <T>(path: string, body?: unknown) => request<T>("POST", path, body);
export const put = <T>(path: string, body?: unknown) => request<T>("PUT", path, body);

/* Every page of a listing, one after the other; at most `most` entities. */
export async function getAll<T>(path: string, most = 1000): Promise<T[]> {
    const found: T[] = [];
    for (let number = 1; found.length < most; number++) {
        const page = await get<Page<T>>(`${path}?pageSize=100&pageNumber=${number}`);
        found.push(...page.entities);
        if (number >= page.pageCount || page.entities.length === 0) {
            break;
        }
    }
    return found;
}

/* Sends a file to an address that the API handed out, and tells how far it is. The address names
 * the host as the server saw it; the same path on our own origin is the same place. */
export function upload(
    url: string,
    file: File,
    signal: AbortSignal,
    onProgress: (sent: number) => void,
): Promise<void> {
    return new Promise((resolve, reject) => {
        const sending = new XMLHttpRequest();
        signal.addEventListener("abort", () => sending.abort());
        sending.upload.onprogress = (event) => onProgress(event.loaded);
        sending.onabort = () => reject(new DOMException("aborted", "AbortError"));
        sending.onerror = () => reject(new Unreachable(url));
        sending.onload = () => {
            if (sending.status >= 200 && sending.status < 300) {
                resolve();
                return;
            }
            let body: Partial<ApiErrorBody> = {};
            try {
                body = JSON.parse(sending.responseText) as Partial<ApiErrorBody>;
            } catch {
                /* Not ours: the status alone speaks. */
            }
            reject(
                new ApiError({
                    message: body.message ?? sending.statusText,
                    code: body.code ?? "",
                    status: sending.status,
                }),
            );
        };
        sending.open("PUT", new URL(url, location.href).pathname);
        sending.setRequestHeader("Content-Type", "text/csv");
        sending.send(file);
    });
}
