import { useTranslation } from "react-i18next";
import type { AgentState } from "../api/types";
import { formatNumber } from "../ui/format";
import classes from "./AgentCounts.module.css";
import { AGENT_STATES, agentsPresent } from "./figures";

/* A shape for each state, beside its word: colour never speaks alone. */
export function StateMark({ state }: { state: AgentState }) {
    return <span className={classes.mark} data-state={state} aria-hidden="true" />;
}

/* The states of work are there even at nought, so that nothing jumps while figures move. */
const ALWAYS: readonly AgentState[] = ["on_call", "reserved", "ready", "wrapup"];

export function AgentCounts({ counts }: { counts: Partial<Record<AgentState, number>> }) {
    const { t, i18n } = useTranslation();
    if (agentsPresent(counts) === 0) {
        return <p className={classes.none}>{t("campaigns.agentsNone")}</p>;
    }
    const shown = AGENT_STATES.filter(
        (state) => ALWAYS.includes(state) || (state !== "logged_out" && (counts[state] ?? 0) > 0),
    );
    return (
        <ul className={classes.counts} aria-label={t("campaigns.agents")}>
            {shown.map((state) => (
                <li key={state} data-agents={state}>
                    <StateMark state={state} />
                    <span>{t(`agentStates.${state}`)}</span>
                    <strong>{formatNumber(i18n.language, counts[state] ?? 0)}</strong>
                </li>
            ))}
        </ul>
    );
}
