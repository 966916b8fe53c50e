import { Button, Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { problemText } from "../api/problem";
import { useTopics } from "../live/live";
import { Blank } from "../ui/Blank";
import { Sign } from "../ui/icons";
import { CampaignCard } from "./CampaignCard";
import { useCampaigns, useRunningCount } from "./data";
import classes from "./Floor.module.css";

export function Campaigns() {
    const { t } = useTranslation();
    const { data: campaigns, error, refetch } = useCampaigns();
    const running = useRunningCount(campaigns);
    useTopics((campaigns ?? []).map(({ id }) => `cadran.campaigns.${id}.live`));
    return (
        <section className={classes.section} aria-labelledby="campaigns">
            <div className={classes.head}>
                <h2 id="campaigns">{t("campaigns.title")}</h2>
                {campaigns && campaigns.length > 0 && (
                    <p className={classes.summary}>
                        {t("campaigns.summary", { running, count: campaigns.length })}
                    </p>
                )}
            </div>
            {error && !campaigns && (
                <div className="panel">
                    <Blank title={t("errors.title")} text={problemText(t, error)}>
                        <Button variant="default" onClick={() => void refetch()}>
                            {t("errors.reload")}
                        </Button>
                    </Blank>
                </div>
            )}
            {!campaigns && !error && <Skeleton height={320} radius={14} />}
            {campaigns?.length === 0 && (
                <div className="panel">
                    <Blank
                        icon={<Sign size={44} />}
                        title={t("campaigns.empty")}
                        text={t("campaigns.emptyText")}
                    />
                </div>
            )}
            <div className={classes.cards}>
                {campaigns?.map((campaign) => (
                    <CampaignCard key={campaign.id} campaign={campaign} />
                ))}
            </div>
        </section>
    );
}
