import { Button, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Switch } from "wouter";
import { ApiError } from "./api/client";
import { problemText } from "./api/problem";
import { FloorPage } from "./floor/FloorPage";
import { Frame } from "./frame/Frame";
import { SignIn } from "./frame/SignIn";
import { LiveProvider } from "./live/live";
import { SessionProvider, useRole, useSession } from "./session";
import { Blank } from "./ui/Blank";
import { theme } from "./ui/theme";

function clientCreate(): QueryClient {
    return new QueryClient({
        defaultOptions: {
            queries: {
                /* A refusal is an answer; only silence is asked again. */
                retry: (count, error) => !(error instanceof ApiError) && count < 2,
                staleTime: 10_000,
                /* The server may be this machine: what the browser thinks of the network says
                 * nothing about it. */
                networkMode: "always",
            },
            mutations: { networkMode: "always" },
        },
    });
}

function NotFound() {
    const { t } = useTranslation();
    return (
        <div className="panel">
            <Blank title={t("notFound.title")} text={t("notFound.text")}>
                <Button component={Link} href="/">
                    {t("notFound.back")}
                </Button>
            </Blank>
        </div>
    );
}

function Floor() {
    const { t } = useTranslation();
    const isAdministrator = useRole("administrator");
    const isSupervisor = useRole("supervisor");
    if (isAdministrator || isSupervisor) {
        return <FloorPage />;
    }
    return (
        <div className="panel">
            <Blank title={t("noFloor.title")} text={t("noFloor.text")} />
        </div>
    );
}

function Rooms() {
    const { t } = useTranslation();
    const { me, error, reload } = useSession();
    if (me) {
        return (
            <LiveProvider>
                <Frame>
                    <Switch>
                        <Route path="/" component={Floor} />
                        <Route component={NotFound} />
                    </Switch>
                </Frame>
            </LiveProvider>
        );
    }
    if (me === null) {
        return <SignIn />;
    }
    if (error) {
        return (
            <main>
                <Blank title={t("errors.title")} text={problemText(t, error)}>
                    <Button onClick={reload}>{t("errors.reload")}</Button>
                </Blank>
            </main>
        );
    }
    return null;
}

export function App({ nonce }: { nonce: string }) {
    const [client] = useState(clientCreate);
    return (
        <MantineProvider
            theme={theme}
            defaultColorScheme="auto"
            getStyleNonce={() => nonce}
            deduplicateInlineStyles
        >
            <QueryClientProvider client={client}>
                <SessionProvider>
                    <Rooms />
                </SessionProvider>
            </QueryClientProvider>
        </MantineProvider>
    );
}
