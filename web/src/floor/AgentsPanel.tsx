import { Button, Skeleton } from "@mantine/core";
import {
    type ColumnDef,
    flexRender,
    getCoreRowModel,
    getSortedRowModel,
    type SortingState,
    useReactTable,
} from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "wouter";
import { problemText } from "../api/problem";
import type { Agent, Call } from "../api/types";
import { useTopics } from "../live/live";
import { Blank } from "../ui/Blank";
import { formatClock, formatNumber } from "../ui/format";
import { useNow } from "../ui/time";
import { StateMark } from "./AgentCounts";
import classes from "./AgentsPanel.module.css";
import { useAgents, useCalls } from "./data";
import floor from "./Floor.module.css";
import { AGENT_STATES } from "./figures";

function Since({ at }: { at: string | undefined }) {
    const now = useNow();
    return <>{at ? formatClock(now - Date.parse(at)) : "–"}</>;
}

function StateCell({ agent }: { agent: Agent }) {
    const { t } = useTranslation();
    const notes = [
        agent.reason,
        agent.state !== "logged_out" && !agent.isPhoneRegistered ? t("agents.phoneMissing") : "",
    ].filter(Boolean);
    return (
        <span className={classes.state}>
            <StateMark state={agent.state} />
            {t(`agentStates.${agent.state}`)}
            {notes.length > 0 && <span className={classes.quiet}>{notes.join(", ")}</span>}
        </span>
    );
}

function CallCell({ agent, call }: { agent: Agent; call: Call | undefined }) {
    const { t } = useTranslation();
    if (!agent.callId || call?.id !== agent.callId) {
        return <span className={classes.quiet}>{t("agents.noCall")}</span>;
    }
    return (
        <span className={classes.call}>
            <span className={classes.number}>{call.number}</span>
            <span className={classes.quiet}>{t(`callStates.${call.state}`)}</span>
        </span>
    );
}

type Row = Agent & { call: Call | undefined };

/* The order of work: who talks first, who is away last; the longest in a state first. */
function byState(a: Row, b: Row): number {
    return AGENT_STATES.indexOf(a.state) - AGENT_STATES.indexOf(b.state);
}

function since(agent: Row): number {
    return agent.since ? Date.parse(agent.since) : 0;
}

/* The sort is in the address: ?agents=state or ?agents=-since. */
function sortingRead(text: string | null, columns: readonly string[]): SortingState {
    const id = (text ?? "").replace(/^-/, "");
    return columns.includes(id)
        ? [{ id, desc: text?.startsWith("-") ?? false }]
        : [{ id: "name", desc: false }];
}

function useColumns(): ColumnDef<Row>[] {
    const { t, i18n } = useTranslation();
    return useMemo(
        () => [
            {
                id: "name",
                header: t("agents.name"),
                accessorFn: (row) => row.name ?? row.email ?? "",
                sortingFn: (a, b) =>
                    (a.original.name ?? "").localeCompare(b.original.name ?? "", i18n.language, {
                        numeric: true,
                    }),
                cell: ({ row }) => row.original.name ?? row.original.email,
            },
            {
                id: "state",
                header: t("agents.state"),
                sortingFn: (a, b) => byState(a.original, b.original),
                accessorKey: "state",
                cell: ({ row }) => <StateCell agent={row.original} />,
            },
            {
                id: "since",
                header: t("agents.since"),
                accessorFn: since,
                sortingFn: (a, b) => since(b.original) - since(a.original),
                cell: ({ row }) => <Since at={row.original.since} />,
            },
            {
                id: "call",
                header: t("agents.call"),
                enableSorting: false,
                cell: ({ row }) => <CallCell agent={row.original} call={row.original.call} />,
            },
            {
                id: "handled",
                header: t("agents.handled"),
                accessorKey: "callsHandled",
                cell: ({ row }) => formatNumber(i18n.language, row.original.callsHandled),
            },
            {
                id: "talk",
                header: t("agents.talk"),
                accessorKey: "talkMs",
                cell: ({ row }) => formatClock(row.original.talkMs),
            },
        ],
        [t, i18n.language],
    );
}

const SORTABLE = ["name", "state", "since", "handled", "talk"];
const RIGHT = ["since", "handled", "talk"];

function AgentsTable({ agents }: { agents: Agent[] }) {
    const { data: calls } = useCalls();
    const [search, setSearch] = useSearchParams();
    const columns = useColumns();
    /* The same array for the same text: the table would otherwise sort at every render. */
    const sortText = search.get("agents");
    const sorting = useMemo(() => sortingRead(sortText, SORTABLE), [sortText]);
    const rows = useMemo<Row[]>(
        () => agents.map((agent) => ({ ...agent, call: calls?.[agent.id] })),
        [agents, calls],
    );
    const table = useReactTable({
        data: rows,
        columns,
        state: { sorting },
        autoResetPageIndex: false,
        getRowId: (row) => row.id,
        enableSortingRemoval: false,
        sortDescFirst: false,
        getCoreRowModel: getCoreRowModel(),
        getSortedRowModel: getSortedRowModel(),
        onSortingChange: (change) => {
            const next = typeof change === "function" ? change(table.getState().sorting) : change;
            const first = next[0];
            setSearch(
                (before) => {
                    const params = new URLSearchParams(before);
                    params.set("agents", first ? `${first.desc ? "-" : ""}${first.id}` : "name");
                    return params;
                },
                { replace: true },
            );
        },
    });
    return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
        <div className={classes.scroll} tabIndex={0} role="group" aria-labelledby="agents">
            <table className={classes.table}>
                <thead>
                    {table.getHeaderGroups().map((group) => (
                        <tr key={group.id}>
                            {group.headers.map((header) => {
                                const sorted = header.column.getIsSorted();
                                const label = flexRender(
                                    header.column.columnDef.header,
                                    header.getContext(),
                                );
                                return (
                                    <th
                                        key={header.id}
                                        scope="col"
                                        data-right={RIGHT.includes(header.id)}
                                        aria-sort={
                                            sorted === "asc"
                                                ? "ascending"
                                                : sorted === "desc"
                                                  ? "descending"
                                                  : undefined
                                        }
                                    >
                                        {header.column.getCanSort() ? (
                                            <button
                                                type="button"
                                                className={classes.sort}
                                                onClick={header.column.getToggleSortingHandler()}
                                            >
                                                {label}
                                                <span aria-hidden="true" className={classes.arrow}>
                                                    {sorted === "asc"
                                                        ? "▲"
                                                        : sorted === "desc"
                                                          ? "▼"
                                                          : ""}
                                                </span>
                                            </button>
                                        ) : (
                                            label
                                        )}
                                    </th>
                                );
                            })}
                        </tr>
                    ))}
                </thead>
                <tbody>
                    {table.getRowModel().rows.map((row) => (
                        <tr key={row.id} data-state={row.original.state}>
                            {row.getVisibleCells().map((cell) => (
                                <td key={cell.id} data-right={RIGHT.includes(cell.column.id)}>
                                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

export function AgentsPanel() {
    const { t } = useTranslation();
    const { data: agents, error, refetch } = useAgents();
    useTopics((agents ?? []).flatMap(({ id }) => [`v2.users.${id}.agent`, `v2.users.${id}.calls`]));
    const present = (agents ?? []).filter(({ state }) => state !== "logged_out").length;
    return (
        <section className={floor.section} aria-labelledby="agents">
            <div className={floor.head}>
                <h2 id="agents">{t("agents.title")}</h2>
                {agents && agents.length > 0 && (
                    <p className={floor.summary}>
                        {t("agents.summary", { count: agents.length, present })}
                    </p>
                )}
            </div>
            <div className={`panel ${classes.panel}`}>
                {error && !agents && (
                    <Blank title={t("errors.title")} text={problemText(t, error)}>
                        <Button variant="default" onClick={() => void refetch()}>
                            {t("errors.reload")}
                        </Button>
                    </Blank>
                )}
                {!agents && !error && <Skeleton height={160} />}
                {agents?.length === 0 && (
                    <Blank title={t("agents.empty")} text={t("agents.emptyText")} />
                )}
                {agents && agents.length > 0 && <AgentsTable agents={agents} />}
            </div>
        </section>
    );
}
