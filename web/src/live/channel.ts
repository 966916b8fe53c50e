/* channel.ts -- the one notification channel of this page.
 *
 *   idle --start--> connecting --opened--> open --closed--> waiting --timer--> connecting ...
 *                        \------------- failed ------------^
 *   any --stop--> idle;  any --401--> refused (the session is over)
 *
 * A channel outlives its WebSocket: after a loss the same address is tried once, then a new
 * channel is made. Either way `onOpen` is told, and whoever shows something reads it again: a state
 * that was missed is never guessed. Messages are gathered and handed over at most ten times a second,
 * the newest of each topic only. */
import { ApiError, post, put } from "../api/client";
import type { Channel } from "../api/types";

export type LiveState = "idle" | "connecting" | "open" | "waiting" | "refused";

export interface Message {
    topic: string;
    body: unknown;
}

export interface LiveOptions {
    onState: (state: LiveState, retryAt: number) => void;
    onMessages: (messages: Message[]) => void;
    onOpen: () => void;
}

const TOPICS_MAX = 1000;
const GATHER_MS = 100;
const PING_MS = 20_000;
const PONG_MS = 8_000;
const CONNECT_MS = 10_000;

/* 0.5, 1, 2, 4, 8, 15, 15, ... seconds, each between half and whole so that a thousand pages do not
 * come back in the same instant. `chance` is from 0 to 1. */
export function backoffMs(attempt: number, chance: number): number {
    const whole = Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
    return Math.round(whole * (0.5 + chance / 2));
}

export class LiveChannel {
    private readonly options: LiveOptions;
    private readonly wanted = new Map<string, number>();
    private channel: Channel | null = null;
    private socket: WebSocket | null = null;
    private state: LiveState = "idle";
    private attempt = 0;
    private canResume = false;
    private acked = 0;
    private subscribed = "";
    private generation = 0;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private pinging: ReturnType<typeof setTimeout> | undefined;
    private subscribing: ReturnType<typeof setTimeout> | undefined;
    private gathering: ReturnType<typeof setTimeout> | undefined;
    private gathered = new Map<string, Message>();

    constructor(options: LiveOptions) {
        this.options = options;
    }

    start(): void {
        if (this.state === "idle" || this.state === "refused") {
            this.attempt = 0;
            void this.connect();
        }
    }

    stop(): void {
        this.generation++;
        this.clear();
        this.channel = null;
        this.become("idle", 0);
    }

    /* Now, rather than when the timer ends. */
    retry(): void {
        if (this.state === "waiting") {
            clearTimeout(this.timer);
            void this.connect();
        }
    }

    /* Topics are counted: two parts of the page may want the same. Returns the way back. */
    want(topics: readonly string[]): () => void {
        for (const topic of topics) {
            this.wanted.set(topic, (this.wanted.get(topic) ?? 0) + 1);
        }
        this.subscribeSoon();
        return () => {
            for (const topic of topics) {
                const left = (this.wanted.get(topic) ?? 1) - 1;
                if (left > 0) {
                    this.wanted.set(topic, left);
                } else {
                    this.wanted.delete(topic);
                }
            }
            this.subscribeSoon();
        };
    }

    private become(state: LiveState, retryAt: number): void {
        this.state = state;
        this.options.onState(state, retryAt);
    }

    private clear(): void {
        clearTimeout(this.timer);
        clearTimeout(this.pinging);
        clearTimeout(this.subscribing);
        clearTimeout(this.gathering);
        this.gathering = undefined;
        this.gathered.clear();
        if (this.socket) {
            this.socket.onopen = null;
            this.socket.onclose = null;
            this.socket.onmessage = null;
            this.socket.close();
            this.socket = null;
        }
    }

    private fail(error?: unknown): void {
        this.clear();
        if (error instanceof ApiError && error.status === 401) {
            this.become("refused", 0);
            return;
        }
        const wait = backoffMs(this.attempt++, Math.random());
        this.become("waiting", Date.now() + wait);
        this.timer = setTimeout(() => void this.connect(), wait);
    }

    private async connect(): Promise<void> {
        const generation = ++this.generation;
        this.become("connecting", 0);
        try {
            const isOld = !this.canResume || !this.channel;
            this.canResume = false;
            if (isOld) {
                this.channel = await post<Channel>("/api/v2/notifications/channels", {});
                this.acked = 0;
            }
            if (generation !== this.generation || !this.channel) {
                return;
            }
            if (isOld) {
                await this.subscribe();
            }
            if (generation === this.generation) {
                this.open(this.channel, generation);
            }
        } catch (error) {
            if (generation === this.generation) {
                this.fail(error);
            }
        }
    }

    private open(channel: Channel, generation: number): void {
        const given = new URL(channel.connectUri);
        const address = new URL(given.pathname, location.href);
        address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
        if (this.acked > 0) {
            address.searchParams.set("after", String(this.acked));
        }
        const socket = new WebSocket(address);
        this.socket = socket;
        this.timer = setTimeout(() => this.fail(), CONNECT_MS);
        socket.onopen = () => {
            clearTimeout(this.timer);
            this.attempt = 0;
            this.canResume = true;
            this.become("open", 0);
            this.pingLater();
            this.subscribeSoon();
            this.options.onOpen();
        };
        socket.onmessage = (event) => this.take(String(event.data));
        socket.onclose = () => {
            if (generation === this.generation) {
                this.fail();
            }
        };
    }

    /* A connection that died without a word is found by asking. */
    private pingLater(): void {
        clearTimeout(this.pinging);
        this.pinging = setTimeout(() => {
            this.socket?.send('{"message":"ping"}');
            this.pinging = setTimeout(() => this.fail(), PONG_MS);
        }, PING_MS);
    }

    private take(text: string): void {
        let message: { topicName?: string; eventBody?: unknown; sequence?: number };
        try {
            message = JSON.parse(text) as typeof message;
        } catch {
            return;
        }
        this.pingLater();
        if (typeof message.sequence === "number") {
            this.acked = message.sequence;
            this.socket?.send(JSON.stringify({ ack: message.sequence }));
        }
        if (!message.topicName || message.topicName === "channel.metadata") {
            return;
        }
        this.gathered.set(message.topicName, { topic: message.topicName, body: message.eventBody });
        this.gathering ??= setTimeout(() => {
            const messages = [...this.gathered.values()];
            this.gathering = undefined;
            this.gathered.clear();
            this.options.onMessages(messages);
        }, GATHER_MS);
    }

    private subscribeSoon(): void {
        clearTimeout(this.subscribing);
        this.subscribing = setTimeout(() => {
            if (this.state !== "open" || this.topicsText() === this.subscribed) {
                return;
            }
            /* What happened between reading and subscribing is read once more. */
            this.subscribe().then(
                () => this.options.onOpen(),
                () => {
                    this.canResume = false;
                    this.fail();
                },
            );
        }, 50);
    }

    private topicsText(): string {
        return [...this.wanted.keys()].slice(0, TOPICS_MAX).sort().join(" ");
    }

    private async subscribe(): Promise<void> {
        if (this.channel) {
            const text = this.topicsText();
            const topics = text ? text.split(" ").map((id) => ({ id })) : [];
            await put(`/api/v2/notifications/channels/${this.channel.id}/subscriptions`, topics);
            this.subscribed = text;
        }
    }
}
