/* What the floor reads from the server: once, then by push. */
import { type QueryClient, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, getAll } from "../api/client";
import type {
    Agent,
    Call,
    Campaign,
    CampaignLive,
    CampaignProgress,
    ContactList,
} from "../api/types";
import { readUnlessPushed } from "../live/live";

const PUSHED = { staleTime: Number.POSITIVE_INFINITY } as const;

export function useCampaigns() {
    return useQuery({
        queryKey: ["campaigns"],
        queryFn: () => getAll<Campaign>("/api/v2/outbound/campaigns"),
    });
}

function liveOptions(client: QueryClient, id: string) {
    const queryKey = ["live", id];
    return {
        queryKey,
        queryFn: readUnlessPushed(client, queryKey, () =>
            get<CampaignLive>(`/api/cadran/v1/campaigns/${id}/live`),
        ),
        ...PUSHED,
    };
}

export function useCampaignLive(id: string) {
    return useQuery(liveOptions(useQueryClient(), id));
}

export function useRunningCount(campaigns: readonly Campaign[] | undefined): number {
    const client = useQueryClient();
    return useQueries({
        queries: (campaigns ?? []).map(({ id }) => liveOptions(client, id)),
        combine: (results) => results.filter(({ data }) => data?.status === "on").length,
    });
}

export function useCampaignProgress(id: string) {
    return useQuery({
        queryKey: ["progress", id],
        queryFn: () => get<CampaignProgress>(`/api/v2/outbound/campaigns/${id}/progress`),
        ...PUSHED,
    });
}

export function useAgents() {
    const client = useQueryClient();
    const queryKey = ["agents"];
    return useQuery({
        queryKey,
        queryFn: readUnlessPushed(client, queryKey, () => getAll<Agent>("/api/cadran/v1/agents")),
        ...PUSHED,
    });
}

/* By the agent's id. */
export function useCalls() {
    const client = useQueryClient();
    const queryKey = ["calls"];
    return useQuery({
        queryKey,
        queryFn: readUnlessPushed(client, queryKey, async () => {
            const calls = await getAll<Call>("/api/cadran/v1/calls");
            return Object.fromEntries(calls.map((call) => [call.agentId ?? call.id, call]));
        }),
        ...PUSHED,
    });
}

/* Nothing is pushed about an import yet: while one runs, and only then, it is asked for. */
export function useLists() {
    return useQuery({
        queryKey: ["lists"],
        queryFn: () => getAll<ContactList>("/api/v2/outbound/contactlists"),
        refetchInterval: (query) =>
            query.state.data?.some((list) => list.importStatus?.state === "IN_PROGRESS")
                ? 1000
                : false,
    });
}
