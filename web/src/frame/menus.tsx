import { Button, type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language, languageKeep } from "../i18n/i18n";
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

export function LanguageMenu() {
    const { t, i18n } = useTranslation();
    return (
        <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
            <Menu.Target>
                <Button variant="subtle" className={classes.target} leftSection={<GlobeIcon />}>
                    {i18n.language.toUpperCase()}
                    <span className="unseen">, {t("language")}</span>
                </Button>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.RadioGroup
                    value={i18n.language}
                    onChange={(language) => languageKeep(language as Language)}
                >
                    {LANGUAGES.map((language) => (
                        <Menu.RadioItem
                            key={language}
                            value={language}
                            lang={language}
                            closeMenuOnClick
                            checkIcon={<CheckIcon />}
                        >
                            {t(`languages.${language}`)}
                        </Menu.RadioItem>
                    ))}
                </Menu.RadioGroup>
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
        <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
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
                <Menu.RadioGroup
                    value={colorScheme}
                    onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
                >
                    {SCHEMES.map((one) => (
                        <Menu.RadioItem
                            key={one.scheme}
                            value={one.scheme}
                            closeMenuOnClick
                            checkIcon={<CheckIcon />}
                            rightSection={one.icon}
                        >
                            {t(`scheme.${one.scheme}`)}
                        </Menu.RadioItem>
                    ))}
                </Menu.RadioGroup>
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
        <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
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
                <Menu.Label className={classes.who}>
                    {me.email}
                    <br />
                    {roles}
                </Menu.Label>
                <Menu.Divider />
                <Menu.Item onClick={() => void signOut()}>{t("user.signOut")}</Menu.Item>
            </Menu.Dropdown>
        </Menu>
    );
}
