import { Button, type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LANGUAGES, languageKeep } from "../i18n/i18n";
import { useSession } from "../session";
import {
    CheckIcon,
    DownIcon,
    GlobeIcon,
    MoonIcon,
    PersonIcon,
    ScreenIcon,
    SunIcon,
} from "../ui/icons";
import classes from "./menus.module.css";

function Choice({
    isChosen,
    label,
    icon,
    lang,
    onClick,
}: {
    isChosen: boolean;
    label: string;
    icon?: React.ReactNode;
    lang?: string;
    onClick: () => void;
}) {
    return (
        <Menu.Item
            role="menuitemradio"
            aria-checked={isChosen}
            lang={lang}
            leftSection={icon}
            rightSection={isChosen ? <CheckIcon /> : <span className={classes.gap} />}
            onClick={onClick}
        >
            {label}
        </Menu.Item>
    );
}

export function LanguageMenu() {
    const { t, i18n } = useTranslation();
    return (
        <Menu position="bottom-end" withinPortal={false}>
            <Menu.Target>
                <Button
                    variant="subtle"
                    className={classes.target}
                    leftSection={<GlobeIcon />}
                    aria-label={`${t("language")} : ${t(`languages.${i18n.language as "fr" | "en"}`)}`}
                >
                    {i18n.language.toUpperCase()}
                </Button>
            </Menu.Target>
            <Menu.Dropdown>
                {LANGUAGES.map((language) => (
                    <Choice
                        key={language}
                        lang={language}
                        isChosen={i18n.language === language}
                        label={t(`languages.${language}`)}
                        onClick={() => languageKeep(language)}
                    />
                ))}
            </Menu.Dropdown>
        </Menu>
    );
}

const SCHEMES: { scheme: MantineColorScheme; icon: React.ReactNode }[] = [
    { scheme: "auto", icon: <ScreenIcon /> },
    { scheme: "light", icon: <SunIcon /> },
    { scheme: "dark", icon: <MoonIcon /> },
];

export function SchemeMenu() {
    const { t } = useTranslation();
    const { colorScheme, setColorScheme } = useMantineColorScheme();
    const icon = SCHEMES.find((one) => one.scheme === colorScheme)?.icon;
    return (
        <Menu position="bottom-end" withinPortal={false}>
            <Menu.Target>
                <Button
                    variant="subtle"
                    className={classes.target}
                    aria-label={`${t("scheme.label")} : ${t(`scheme.${colorScheme}`)}`}
                >
                    {icon}
                </Button>
            </Menu.Target>
            <Menu.Dropdown>
                {SCHEMES.map((one) => (
                    <Choice
                        key={one.scheme}
                        icon={one.icon}
                        isChosen={one.scheme === colorScheme}
                        label={t(`scheme.${one.scheme}`)}
                        onClick={() => setColorScheme(one.scheme)}
                    />
                ))}
            </Menu.Dropdown>
        </Menu>
    );
}

export function UserMenu() {
    const { t } = useTranslation();
    const { me, signOut } = useSession();
    if (!me) {
        return null;
    }
    const roles = (me.cadran?.roles ?? []).map((role) => t(`roles.${role}`)).join(", ");
    return (
        <Menu position="bottom-end" withinPortal={false}>
            <Menu.Target>
                <Button
                    variant="subtle"
                    className={classes.target}
                    leftSection={<PersonIcon />}
                    rightSection={<DownIcon />}
                    aria-label={t("user.menu", { name: me.name })}
                >
                    <span className={classes.name}>{me.name}</span>
                </Button>
            </Menu.Target>
            <Menu.Dropdown>
                <div className={classes.who}>
                    <p>{me.email}</p>
                    <p>{roles}</p>
                </div>
                <Menu.Divider />
                <Menu.Item onClick={() => void signOut()}>{t("user.signOut")}</Menu.Item>
            </Menu.Dropdown>
        </Menu>
    );
}
