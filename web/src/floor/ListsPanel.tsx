import { Button, Skeleton } from "@mantine/core";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { problemText } from "../api/problem";
import type { ContactList } from "../api/types";
import { useRole } from "../session";
import { Blank } from "../ui/Blank";
import { formatNumber } from "../ui/format";
import { UploadIcon } from "../ui/icons";
import { useLists } from "./data";
import floor from "./Floor.module.css";
import { ImportDialog } from "./ImportDialog";
import { isBusy, useImporting } from "./importing";
import classes from "./ListsPanel.module.css";

function ListRow({ list }: { list: ContactList }) {
    const { t, i18n } = useTranslation();
    const status = list.importStatus;
    return (
        <li className={classes.row} data-list={list.name}>
            <div className={classes.rowHead}>
                <span className={classes.name}>{list.name}</span>
                <span className={classes.size}>{t("lists.size", { count: list.size })}</span>
            </div>
            <p className={classes.quiet}>
                {list.phoneColumns.map(({ columnName }) => columnName).join(", ")}
            </p>
            {status?.state === "IN_PROGRESS" && (
                <p className={classes.quiet}>
                    {t("lists.importing", {
                        done: formatNumber(i18n.language, status.completedRecords),
                        total: formatNumber(i18n.language, status.totalRecords),
                    })}
                </p>
            )}
        </li>
    );
}

function DropZone({ onFile, isDisabled }: { onFile: (file: File) => void; isDisabled: boolean }) {
    const { t } = useTranslation();
    const input = useRef<HTMLInputElement>(null);
    const [isOver, setIsOver] = useState(false);
    const drop = (event: DragEvent) => {
        event.preventDefault();
        setIsOver(false);
        const file = event.dataTransfer.files[0];
        if (file && !isDisabled) {
            onFile(file);
        }
    };
    return (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button beside it is everybody's
        <div
            className={classes.drop}
            data-over={isOver}
            onDragOver={(event) => {
                event.preventDefault();
                setIsOver(true);
            }}
            onDragLeave={() => setIsOver(false)}
            onDrop={drop}
        >
            <UploadIcon size={22} />
            <p>
                {t("lists.drop")} <span className={classes.quiet}>{t("lists.or")}</span>
            </p>
            <Button
                variant="default"
                disabled={isDisabled}
                onClick={() => input.current?.click()}
                data-testid="choose"
            >
                {t("lists.choose")}
            </Button>
            <input
                ref={input}
                type="file"
                accept=".csv,.txt,.tsv,text/csv,text/plain"
                hidden
                aria-label={t("lists.choose")}
                onChange={(event) => {
                    const file = event.currentTarget.files?.[0];
                    event.currentTarget.value = "";
                    if (file) {
                        onFile(file);
                    }
                }}
            />
            <p className={classes.hint}>{t("lists.hint")}</p>
        </div>
    );
}

export function ListsPanel() {
    const { t } = useTranslation();
    const { data: lists, error, refetch } = useLists();
    const isAdministrator = useRole("administrator");
    const importing = useImporting();
    const [file, setFile] = useState<File | null>(null);
    const [isOpen, setIsOpen] = useState(false);
    const choose = (chosen: File) => {
        importing.reset();
        setFile(chosen);
        setIsOpen(true);
    };
    return (
        <section className={floor.section} aria-labelledby="lists">
            <div className={floor.head}>
                <h2 id="lists">{t("lists.title")}</h2>
            </div>
            <div className={`panel ${classes.panel}`}>
                {error && !lists && (
                    <Blank title={t("errors.title")} text={problemText(t, error)}>
                        <Button variant="default" onClick={() => void refetch()}>
                            {t("errors.reload")}
                        </Button>
                    </Blank>
                )}
                {!lists && !error && <Skeleton height={90} />}
                {lists?.length === 0 && (
                    <Blank title={t("lists.empty")} text={t("lists.emptyText")} />
                )}
                {lists && lists.length > 0 && (
                    <ul>
                        {lists.map((list) => (
                            <ListRow key={list.id} list={list} />
                        ))}
                    </ul>
                )}
                {isAdministrator ? (
                    <DropZone onFile={choose} isDisabled={isBusy(importing.state)} />
                ) : (
                    <p className={classes.note}>{t("lists.onlyAdmin")}</p>
                )}
                {isBusy(importing.state) && !isOpen && (
                    <Button
                        className={classes.watch}
                        variant="light"
                        onClick={() => setIsOpen(true)}
                    >
                        {t("importing.title")}
                    </Button>
                )}
            </div>
            <ImportDialog
                file={file}
                isOpen={isOpen}
                lists={lists ?? []}
                importing={importing}
                onClose={() => setIsOpen(false)}
            />
        </section>
    );
}
