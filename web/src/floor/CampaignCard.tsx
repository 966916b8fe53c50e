import { Button, Skeleton } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { post, serverNow } from "../api/client";
import { problemText } from "../api/problem";
import type { Campaign, CampaignLive, CampaignStatus } from "../api/types";
import { useLive } from "../live/live";
import { Dialog } from "../ui/Dialog";
import { formatDuration, formatNumber, formatPercent, formatWhen } from "../ui/format";
import { CheckIcon, PlayIcon, StopIcon, WarnIcon } from "../ui/icons";
import { useSteady } from "../ui/time";
import { AgentCounts } from "./AgentCounts";
import classes from "./CampaignCard.module.css";
import { Dial } from "./Dial";
import { useCampaignLive, useCampaignProgress } from "./data";
import { callsNow, contactsDone, type Done, healthSentence, timeLeftMs } from "./figures";
import { OutcomeBar } from "./OutcomeBar";

const STATUS_ICONS: Record<CampaignStatus, ReactNode> = {
    on: <PlayIcon />,
    stopping: <StopIcon />,
    off: <StopIcon />,
    complete: <CheckIcon />,
    invalid: <WarnIcon />,
};

function Health({ campaign, live }: { campaign: Campaign; live: CampaignLive }) {
    const { t, i18n } = useTranslation();
    const health = useSteady(live.health, 1500);
    const sentence = healthSentence(live, health, campaign.dialingMode === "agentless");
    const when = live.opensAt ?? live.nextDue;
    return (
        <p className={classes.health} data-health={sentence}>
            {t(`campaigns.health.${sentence}`, {
                count: sentence === "stopping" ? callsNow(live) : live.queue.lookedAt,
                when: when ? formatWhen(i18n.language, when, serverNow()) : "",
            })}
        </p>
    );
}

function Progress({
    campaign,
    live,
    facts,
}: {
    campaign: Campaign;
    live: CampaignLive;
    facts: Done;
}) {
    const { t, i18n } = useTranslation();
    const lang = i18n.language;
    const { done, total, skipped } = facts;
    const percent = formatPercent(lang, done, total);
    const left = timeLeftMs(live, total - done);
    const counts = t("campaigns.contacts", {
        done: formatNumber(lang, done),
        total: formatNumber(lang, total),
    });
    return (
        <div>
            <div className={classes.progressHead}>
                <p>
                    <strong className={classes.percent}>{percent}</strong> <span>{counts}</span>
                    {skipped > 0 && (
                        <span className={classes.quiet}>
                            , {t("campaigns.skipped", { count: skipped })}
                        </span>
                    )}
                </p>
                {live.status === "on" && (
                    <p className={classes.quiet}>
                        {left === null
                            ? t("campaigns.leftUnknown")
                            : t("campaigns.left", { time: formatDuration(lang, left) })}
                    </p>
                )}
            </div>
            <div
                className={classes.bar}
                role="progressbar"
                aria-label={t("campaigns.progressOf", { name: campaign.name })}
                aria-valuemin={0}
                aria-valuemax={total}
                aria-valuenow={done}
                aria-valuetext={`${percent}, ${counts}`}
            >
                <span style={{ width: total > 0 ? `${(done / total) * 100}%` : "0" }} />
            </div>
        </div>
    );
}

function CallsNow({ live }: { live: CampaignLive }) {
    const { t, i18n } = useTranslation();
    const parts = [
        ["dialing", live.calls.dialing + live.calls.offering],
        ["ringing", live.calls.ringing],
        ["talking", live.calls.talking],
    ] as const;
    return (
        <dl className={classes.calls} aria-label={t("campaigns.now")}>
            {parts.map(([part, count]) => (
                <div key={part} data-part={part}>
                    <dt>{t(`campaigns.calls.${part}`)}</dt>
                    <dd data-testid={part}>{formatNumber(i18n.language, count)}</dd>
                </div>
            ))}
        </dl>
    );
}

function ConfirmDialog({
    act,
    campaign,
    live,
    facts,
    onClose,
}: {
    act: "start" | "stop" | null;
    campaign: Campaign;
    live: CampaignLive;
    facts: Done;
    onClose: () => void;
}) {
    const { t } = useTranslation();
    /* What it says stays while it fades out. */
    const shown = useRef<"start" | "stop">("start");
    shown.current = act ?? shown.current;
    const isStart = shown.current === "start";
    const doing = useMutation({
        mutationFn: () => post(`/api/v2/outbound/campaigns/${campaign.id}/${shown.current}`),
        onSuccess: onClose,
    });
    const reset = doing.reset;
    useEffect(() => {
        if (act) {
            reset();
        }
    }, [act, reset]);
    const left = facts.total - facts.done;
    const isAgain = live.status === "complete";
    const toCall = isAgain ? facts.total : left;
    const running = callsNow(live);
    return (
        <Dialog
            isOpen={act !== null}
            onClose={onClose}
            title={t(isStart ? "campaigns.startTitle" : "campaigns.stopTitle", {
                name: campaign.name,
            })}
            closeLabel={t("campaigns.cancel")}
        >
            <div className={classes.confirm}>
                {isStart ? (
                    <>
                        <p>
                            {t(isAgain ? "campaigns.startAgain" : "campaigns.startText", {
                                count: toCall,
                            })}
                        </p>
                        <p>{t(`campaigns.startFor.${campaign.dialingMode}`)}</p>
                    </>
                ) : (
                    <>
                        <p>{t("campaigns.stopText")}</p>
                        <p>
                            {t("campaigns.stopCalls", { count: running })}{" "}
                            {t("campaigns.stopLater")}
                        </p>
                    </>
                )}
                <div role="alert">
                    {doing.isError && (
                        <p className={classes.problem}>
                            <WarnIcon /> {problemText(t, doing.error)}
                        </p>
                    )}
                </div>
                <div className={classes.buttons}>
                    <Button variant="default" onClick={onClose}>
                        {t("campaigns.cancel")}
                    </Button>
                    <Button
                        data-autofocus
                        color={isStart ? "petrol" : "#a4282b"}
                        loading={doing.isPending}
                        onClick={() => doing.mutate()}
                        leftSection={isStart ? <PlayIcon /> : <StopIcon />}
                    >
                        {t(isStart ? "campaigns.start" : "campaigns.stop")}
                    </Button>
                </div>
            </div>
        </Dialog>
    );
}

function Announce({ name, status }: { name: string; status: CampaignStatus }) {
    const { t } = useTranslation();
    const first = useRef(status);
    const isNew = first.current !== status;
    return (
        <p className="unseen" role="status">
            {isNew ? `${name} : ${t(`campaigns.status.${status}`)}` : ""}
        </p>
    );
}

export function CampaignCard({ campaign }: { campaign: Campaign }) {
    const { t } = useTranslation();
    const { state } = useLive();
    const { data: live, error } = useCampaignLive(campaign.id);
    const { data: progress } = useCampaignProgress(campaign.id);
    const [act, setAct] = useState<"start" | "stop" | null>(null);
    const id = `campaign-${campaign.id}`;
    if (!live) {
        return error ? (
            <p className={classes.problem} role="alert">
                <WarnIcon /> {problemText(t, error)}
            </p>
        ) : (
            <Skeleton height={320} radius={14} />
        );
    }
    const facts = contactsDone(live, progress?.totalNumberOfContacts ?? 0);
    const isOpen = state === "open";
    const canStart = live.status !== "on" && live.status !== "stopping";
    return (
        <article className={`panel ${classes.card}`} aria-labelledby={id} data-status={live.status}>
            <div className={classes.top}>
                <div className={classes.titles}>
                    <div className={classes.title}>
                        <h3 id={id}>{campaign.name}</h3>
                        <span className={classes.status} data-status={live.status}>
                            {STATUS_ICONS[live.status]}
                            {t(`campaigns.status.${live.status}`)}
                        </span>
                        <span className={classes.mode}>
                            {t(`campaigns.modes.${campaign.dialingMode}`)}
                        </span>
                    </div>
                    <Health campaign={campaign} live={live} />
                </div>
                <div className={classes.acts}>
                    <Button
                        leftSection={<PlayIcon />}
                        disabled={!isOpen || !canStart}
                        onClick={() => setAct("start")}
                        aria-label={t("campaigns.startOf", { name: campaign.name })}
                    >
                        {t("campaigns.start")}
                    </Button>
                    <Button
                        variant="default"
                        leftSection={<StopIcon />}
                        disabled={!isOpen || live.status !== "on"}
                        onClick={() => setAct("stop")}
                        aria-label={t("campaigns.stopOf", { name: campaign.name })}
                    >
                        {t("campaigns.stop")}
                    </Button>
                </div>
            </div>
            <div className={classes.body}>
                <Dial value={live.callsPerMinute} />
                <div className={classes.figures}>
                    <Progress campaign={campaign} live={live} facts={facts} />
                    <CallsNow live={live} />
                    <AgentCounts counts={live.agents} />
                </div>
            </div>
            <div>
                <div className={classes.outcomesHead}>
                    <h4>{t("campaigns.outcomes")}</h4>
                    <Attempts count={live.attempts} />
                </div>
                <OutcomeBar live={live} />
            </div>
            <Announce name={campaign.name} status={live.status} />
            <ConfirmDialog
                act={act}
                campaign={campaign}
                live={live}
                facts={facts}
                onClose={() => setAct(null)}
            />
        </article>
    );
}

function Attempts({ count }: { count: number }) {
    const { t } = useTranslation();
    return (
        <p className={classes.quiet} data-testid="attempts" data-count={count}>
            {t("campaigns.attempts", { count })}
        </p>
    );
}
