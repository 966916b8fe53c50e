import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { problemText } from "../api/problem";
import { formatBytes, formatNumber } from "../ui/format";
import { CheckIcon, WarnIcon } from "../ui/icons";
import classes from "./ImportDialog.module.css";
import { type ImportState, isBusy, type useImporting } from "./importing";

function useSentence(state: ImportState): { text: string; done: number; total: number } {
    const { t, i18n } = useTranslation();
    const number = (value: number) => formatNumber(i18n.language, value);
    switch (state.step) {
        case "uploading":
            return {
                text: t("importing.uploading", {
                    sent: formatBytes(i18n.language, state.sent),
                    total: formatBytes(i18n.language, state.total),
                }),
                done: state.sent,
                total: state.total,
            };
        case "importing": {
            const { totalRecords = 0, completedRecords = 0 } = state.status ?? {};
            return {
                text:
                    totalRecords > 0
                        ? t("importing.importing", {
                              done: number(completedRecords),
                              total: number(Math.max(totalRecords, completedRecords)),
                          })
                        : t("importing.importingStart"),
                done: completedRecords,
                total: totalRecords,
            };
        }
        default:
            return { text: t("importing.creating"), done: 0, total: 0 };
    }
}

function Busy({ state }: { state: ImportState }) {
    const { t } = useTranslation();
    const { text, done, total } = useSentence(state);
    const share = total > 0 ? Math.min(1, done / total) : 0;
    return (
        <div>
            <p role="status">{text}</p>
            <div
                className={classes.bar}
                role="progressbar"
                aria-label={t("importing.title")}
                aria-valuemin={0}
                aria-valuemax={100}
                aria-valuenow={total > 0 ? Math.round(share * 100) : undefined}
                aria-valuetext={text}
            >
                <span style={{ width: `${share * 100}%` }} />
            </div>
        </div>
    );
}

function Done({ state }: { state: Extract<ImportState, { step: "done" }> }) {
    const { t, i18n } = useTranslation();
    const number = (value: number) => formatNumber(i18n.language, value);
    return (
        <div role="status">
            <p className={classes.done}>
                <CheckIcon /> {t("importing.done")}
            </p>
            <p>{t("importing.doneText", { count: state.size })}</p>
            <dl className={classes.result}>
                <div>
                    <dt>{t("importing.rows")}</dt>
                    <dd>{number(state.taken + state.refused)}</dd>
                </div>
                <div>
                    <dt>{t("importing.taken")}</dt>
                    <dd data-testid="taken">{number(state.taken)}</dd>
                </div>
                <div>
                    <dt>{t("importing.refused")}</dt>
                    <dd data-testid="refused">{number(state.refused)}</dd>
                </div>
            </dl>
            {state.refused > 0 && <p className={classes.quiet}>{t("importing.refusedHelp")}</p>}
        </div>
    );
}

function Failed({ state }: { state: Extract<ImportState, { step: "failed" }> }) {
    const { t } = useTranslation();
    return (
        <div className={classes.problem} role="alert">
            <WarnIcon />
            <p>
                <strong>{t("importing.failed")}</strong>
                <br />
                {state.reason
                    ? t("importing.failedReason", { reason: state.reason })
                    : problemText(t, state.error)}
            </p>
        </div>
    );
}

export function ImportProgress({
    importing,
    onClose,
}: {
    importing: ReturnType<typeof useImporting>;
    onClose: () => void;
}) {
    const { t } = useTranslation();
    const { state, stop, reset } = importing;
    return (
        <div className={classes.form}>
            {"name" in state && <p className={classes.file}>{state.name}</p>}
            {isBusy(state) && <Busy state={state} />}
            {state.step === "importing" && (
                <p className={classes.quiet}>{t("importing.background")}</p>
            )}
            {state.step === "done" && <Done state={state} />}
            {state.step === "failed" && <Failed state={state} />}
            {state.step === "stopped" && <p role="status">{t("importing.stopped")}</p>}
            <div className={classes.buttons}>
                {state.step === "uploading" && (
                    <Button variant="default" onClick={stop}>
                        {t("importing.stopUpload")}
                    </Button>
                )}
                {(state.step === "failed" || state.step === "stopped") && (
                    <Button variant="default" onClick={reset}>
                        {t("importing.back")}
                    </Button>
                )}
                <Button data-autofocus onClick={onClose}>
                    {t("importing.close")}
                </Button>
            </div>
        </div>
    );
}
