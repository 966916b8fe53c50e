/* Who is signed in. The server's cookie says it; this page only asks. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { ApiError, get, post } from "./api/client";
import type { Me, Role } from "./api/types";

export interface Session {
    /* undefined: not known yet; null: nobody */
    me: Me | null | undefined;
    error: unknown;
    hasEnded: boolean;
    reload: () => void;
    signIn: (email: string, password: string) => Promise<void>;
    signOut: () => Promise<void>;
    end: () => void;
}

const SessionContext = createContext<Session | null>(null);

async function meRead(): Promise<Me | null> {
    try {
        return await get<Me>("/api/v2/users/me");
    } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
            return null;
        }
        throw error;
    }
}

export function SessionProvider({ children }: { children: ReactNode }) {
    const client = useQueryClient();
    const [hasEnded, setHasEnded] = useState(false);
    const { data, error, refetch } = useQuery({
        queryKey: ["me"],
        queryFn: meRead,
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
    });
    /* Nothing of one person may be seen by the next. */
    const forget = useCallback(() => {
        client.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
        client.setQueryData(["me"], null);
    }, [client]);
    const session = useMemo<Session>(
        () => ({
            me: data,
            error: data === undefined ? error : null,
            hasEnded,
            reload: () => void refetch(),
            signIn: async (email, password) => {
                await post("/login", { email, password });
                const me = await meRead();
                setHasEnded(false);
                client.setQueryData(["me"], me);
            },
            signOut: async () => {
                await post("/logout");
                setHasEnded(false);
                forget();
            },
            end: () => {
                setHasEnded(true);
                forget();
            },
        }),
        [data, error, hasEnded, refetch, client, forget],
    );
    return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

export function useSession(): Session {
    const session = useContext(SessionContext);
    if (!session) {
        throw new Error("no SessionProvider");
    }
    return session;
}

export function useRole(role: Role): boolean {
    return useSession().me?.cadran?.roles?.includes(role) ?? false;
}
