/* The frame of every page: header, banner, live region. */
import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useRoute } from "wouter";
import { useLive } from "../live/live";
import { formatTime } from "../ui/format";
import { Sign, WarnIcon } from "../ui/icons";
import { useNow } from "../ui/time";
import classes from "./Frame.module.css";
import { LanguageMenu, SchemeMenu, UserMenu } from "./menus";

function ConnectionState() {
    const { t } = useTranslation();
    const { state } = useLive();
    return (
        <span className={classes.connection} data-state={state} data-testid="connection">
            <span className={classes.light} aria-hidden="true" />
            <span>{t(`connection.${state}`)}</span>
        </span>
    );
}

function RetryLine() {
    const { t } = useTranslation();
    const { state, retryAt, retry } = useLive();
    useNow();
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
    return (
        <>
            {/* A countdown that is read out each second helps nobody. */}
            <span aria-hidden="true" className={classes.countdown}>
                {state === "waiting"
                    ? t("connection.retryIn", { seconds })
                    : t("connection.retrying")}
            </span>
            <Button size="xs" variant="default" onClick={retry} disabled={state !== "waiting"}>
                {t("connection.retry")}
            </Button>
        </>
    );
}

function Banner() {
    const { t, i18n } = useTranslation();
    const { state, wasOpen, lostAt } = useLive();
    const isLost = state !== "open" && state !== "idle" && wasOpen;
    const [isBack, setIsBack] = useState(false);
    const wasLost = useRef(false);
    useEffect(() => {
        if (isLost) {
            wasLost.current = true;
            setIsBack(false);
            return undefined;
        }
        if (!wasLost.current) {
            return undefined;
        }
        wasLost.current = false;
        setIsBack(true);
        const timer = setTimeout(() => setIsBack(false), 6000);
        return () => clearTimeout(timer);
    }, [isLost]);
    return (
        <>
            <div role="alert">
                {isLost && (
                    <div className={classes.banner} data-testid="banner">
                        <WarnIcon size={20} />
                        <p>
                            <strong>{t("connection.bannerTitle")}</strong>{" "}
                            {t("connection.bannerText", {
                                time: formatTime(i18n.language, lostAt),
                            })}
                        </p>
                        <RetryLine />
                    </div>
                )}
            </div>
            <div role="status">
                {isBack && <p className={classes.back}>{t("connection.back")}</p>}
            </div>
        </>
    );
}

export function Frame({ children }: { children: ReactNode }) {
    const { t } = useTranslation();
    const [isFloor] = useRoute("/");
    const title = isFloor ? t("pages.floor") : t("notFound.title");
    useEffect(() => {
        document.title = `${title} · ${t("product")}`;
    }, [title, t]);
    return (
        <>
            <a className={classes.skip} href="#content">
                {t("skip")}
            </a>
            <header className={classes.header}>
                <Link href="/" className={classes.brand}>
                    <Sign />
                    <span>{t("product")}</span>
                </Link>
                <h1 className={classes.page}>{title}</h1>
                <div className={classes.tools}>
                    <ConnectionState />
                    <LanguageMenu />
                    <SchemeMenu />
                    <UserMenu />
                </div>
            </header>
            <Banner />
            <main id="content" className={classes.main} tabIndex={-1}>
                {children}
            </main>
        </>
    );
}
