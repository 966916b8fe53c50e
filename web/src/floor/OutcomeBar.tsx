import { useTranslation } from "react-i18next";
import type { CampaignLive } from "../api/types";
import { formatNumber, formatShare } from "../ui/format";
import { outcomeCounts } from "./figures";
import classes from "./OutcomeBar.module.css";

export function OutcomeBar({ live }: { live: CampaignLive }) {
    const { t, i18n } = useTranslation();
    const counts = outcomeCounts(live.outcomes);
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) {
        return <p className={classes.none}>{t("campaigns.outcomesNone")}</p>;
    }
    return (
        <>
            <div className={classes.bar} aria-hidden="true">
                {counts.map(({ group, count }) => (
                    <span
                        key={group}
                        className={classes.part}
                        style={{ flexGrow: count, background: `var(--outcome-${group})` }}
                    />
                ))}
            </div>
            <ul className={classes.legend}>
                {counts.map(({ group, count }) => (
                    <li key={group} data-outcome={group}>
                        <span
                            className={classes.swatch}
                            style={{ background: `var(--outcome-${group})` }}
                            aria-hidden="true"
                        />
                        <span>{t(`outcomes.${group}`)}</span>
                        <strong>{formatNumber(i18n.language, count)}</strong>
                        <span className={classes.share}>
                            {formatShare(i18n.language, count, total)}
                        </span>
                    </li>
                ))}
            </ul>
        </>
    );
}
