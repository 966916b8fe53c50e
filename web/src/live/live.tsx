/* The notification channel as the page sees it: its state, what to subscribe to, and the way of each
 * message into the cache that the screens read. */
import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import type { Agent, Call, CampaignLive } from "../api/types";
import { useSession } from "../session";
import { LiveChannel, type LiveState, type Message } from "./channel";

export interface Live {
    state: LiveState;
    /* It was open before: only then is there something to lose. */
    wasOpen: boolean;
    lostAt: number;
    retryAt: number;
    retry: () => void;
    want: (topics: readonly string[]) => () => void;
}

const LiveContext = createContext<Live | null>(null);

/* --- Messages into the cache ---------------------------------------------------------------- */

/* How often each key was pushed: a slower answer to an older question must not undo a push. */
const pushes = new Map<string, number>();

/* A query function whose answer gives way to what was pushed while it was under way. */
export function readUnlessPushed<T>(
    client: QueryClient,
    key: QueryKey,
    read: () => Promise<T>,
): () => Promise<T> {
    const name = JSON.stringify(key);
    return async () => {
        const before = pushes.get(name);
        const read_ = await read();
        const now = client.getQueryData<T>(key);
        return pushes.get(name) !== before && now !== undefined ? now : read_;
    };
}

function pushed(key: QueryKey): void {
    const name = JSON.stringify(key);
    pushes.set(name, (pushes.get(name) ?? 0) + 1);
}

const TOPIC = /^(cadran\.campaigns|v2\.users)\.([0-9a-f-]{36})\.(live|agent|calls)$/;

function campaignTake(client: QueryClient, live: CampaignLive): void {
    const key = ["live", live.id];
    const before = client.getQueryData<CampaignLive>(key);
    pushed(key);
    client.setQueryData(key, live);
    /* A new run or a new pass: how much there is to do is asked again. */
    if (before && (before.status !== live.status || live.contactsCalled < before.contactsCalled)) {
        void client.invalidateQueries({ queryKey: ["progress", live.id] });
    }
}

function agentsTake(client: QueryClient, changed: Agent[]): void {
    const key = ["agents"];
    const byId = new Map(changed.map((agent) => [agent.id, agent]));
    pushed(key);
    client.setQueryData<Agent[]>(key, (agents) =>
        agents?.map((agent) => {
            const news = byId.get(agent.id);
            return news ? { ...news, name: agent.name, email: agent.email } : agent;
        }),
    );
}

/* Calls are kept by their agent: the newest of each is the one that can be current. */
function callsTake(client: QueryClient, changed: Call[]): void {
    const key = ["calls"];
    pushed(key);
    client.setQueryData<Record<string, Call>>(key, (calls) => {
        const next = { ...calls };
        for (const call of changed) {
            if (call.agentId) {
                next[call.agentId] = call;
            }
        }
        return next;
    });
}

export function messagesTake(client: QueryClient, messages: readonly Message[]): void {
    const agents: Agent[] = [];
    const calls: Call[] = [];
    for (const { topic, body } of messages) {
        switch (TOPIC.exec(topic)?.[3]) {
            case "live":
                campaignTake(client, body as CampaignLive);
                break;
            case "agent":
                agents.push(body as Agent);
                break;
            case "calls":
                calls.push(body as Call);
                break;
            default:
                break;
        }
    }
    if (agents.length > 0) {
        agentsTake(client, agents);
    }
    if (calls.length > 0) {
        callsTake(client, calls);
    }
}

/* --- The provider --------------------------------------------------------------------------- */

export function LiveProvider({ children }: { children: ReactNode }) {
    const client = useQueryClient();
    const { end } = useSession();
    const [seen, setSeen] = useState({
        state: "idle" as LiveState,
        wasOpen: false,
        lostAt: 0,
        retryAt: 0,
    });
    const ended = useRef(end);
    ended.current = end;
    const [channel] = useState(
        () =>
            new LiveChannel({
                onState: (state, retryAt) => {
                    setSeen((before) => ({
                        state,
                        retryAt,
                        wasOpen: before.wasOpen || state === "open",
                        lostAt: before.state === "open" ? Date.now() : before.lostAt,
                    }));
                    if (state === "refused") {
                        ended.current();
                    }
                },
                onMessages: (messages) => messagesTake(client, messages),
                /* What happened while nothing was heard is read again. */
                onOpen: () =>
                    void client.invalidateQueries({
                        predicate: (query) => query.queryKey[0] !== "me",
                    }),
            }),
    );
    useEffect(() => {
        const retry = () => channel.retry();
        channel.start();
        window.addEventListener("online", retry);
        return () => {
            window.removeEventListener("online", retry);
            channel.stop();
        };
    }, [channel]);
    const value: Live = {
        ...seen,
        retry: () => channel.retry(),
        want: (topics) => channel.want(topics),
    };
    return <LiveContext.Provider value={value}>{children}</LiveContext.Provider>;
}

export function useLive(): Live {
    const live = useContext(LiveContext);
    if (!live) {
        throw new Error("no LiveProvider");
    }
    return live;
}

/* Subscribes while mounted. */
export function useTopics(topics: readonly string[]): void {
    const { want } = useLive();
    const wanted = useRef(want);
    wanted.current = want;
    const text = topics.join(" ");
    useEffect(() => wanted.current(text ? text.split(" ") : []), [text]);
}
