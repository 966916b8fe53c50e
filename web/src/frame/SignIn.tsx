import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { problemText } from "../api/problem";
import { useSession } from "../session";
import { Sign, WarnIcon } from "../ui/icons";
import { LanguageMenu, SchemeMenu } from "./menus";
import classes from "./SignIn.module.css";

export function SignIn() {
    const { t } = useTranslation();
    const { signIn, hasEnded } = useSession();
    const [email, setEmail] = useState("");
    const [password, setPassword] = useState("");
    const [isTried, setIsTried] = useState(false);
    const [isBusy, setIsBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const emailInput = useRef<HTMLInputElement>(null);
    const passwordInput = useRef<HTMLInputElement>(null);

    useEffect(() => {
        document.title = `${t("signIn.title")} · ${t("product")}`;
    }, [t]);

    const submit = async (event: FormEvent) => {
        event.preventDefault();
        setIsTried(true);
        setError(null);
        if (!email.trim() || !password) {
            (email.trim() ? passwordInput : emailInput).current?.focus();
            return;
        }
        setIsBusy(true);
        try {
            await signIn(email.trim(), password);
        } catch (problem) {
            setError(problem);
            setIsBusy(false);
            passwordInput.current?.focus();
            passwordInput.current?.select();
        }
    };

    const isWrong = error instanceof ApiError && error.status === 401;
    return (
        <div className={classes.page}>
            <div className={classes.tools}>
                <LanguageMenu />
                <SchemeMenu />
            </div>
            <main className={classes.main}>
                <div className={classes.brand}>
                    <Sign size={52} />
                    <div>
                        <p className={classes.product}>{t("product")}</p>
                        <p className={classes.intro}>{t("signIn.intro")}</p>
                    </div>
                </div>
                <form className={`panel ${classes.form}`} onSubmit={submit} noValidate>
                    <h1 className={classes.title}>{t("signIn.title")}</h1>
                    {hasEnded && !error && (
                        <p className={classes.note} role="status">
                            {t("signIn.ended")}
                        </p>
                    )}
                    <div role="alert">
                        {error !== null && (
                            <p className={classes.error}>
                                <WarnIcon />
                                {isWrong ? t("errors.credentials") : problemText(t, error)}
                            </p>
                        )}
                    </div>
                    <TextInput
                        ref={emailInput}
                        label={t("signIn.email")}
                        type="email"
                        name="email"
                        autoComplete="username"
                        autoFocus
                        required
                        withAsterisk={false}
                        size="md"
                        value={email}
                        onChange={(event) => setEmail(event.currentTarget.value)}
                        error={isTried && !email.trim() ? t("signIn.missingEmail") : null}
                    />
                    <PasswordInput
                        ref={passwordInput}
                        label={t("signIn.password")}
                        name="password"
                        autoComplete="current-password"
                        required
                        withAsterisk={false}
                        size="md"
                        value={password}
                        onChange={(event) => setPassword(event.currentTarget.value)}
                        error={isTried && !password ? t("signIn.missingPassword") : null}
                    />
                    <Button type="submit" size="md" fullWidth loading={isBusy}>
                        {t("signIn.submit")}
                    </Button>
                </form>
            </main>
        </div>
    );
}
