import { Button, Checkbox, NativeSelect, Radio, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContactList } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { formatBytes } from "../ui/format";
import { WarnIcon } from "../ui/icons";
import { type Look, listNameOf, look, type Problem } from "./csv";
import classes from "./ImportDialog.module.css";
import { ImportProgress } from "./ImportProgress";
import type { ImportOrder, useImporting } from "./importing";

const LOOKED_AT = 256 * 1024;
const PHONES_MAX = 10;

function ProblemNote({ problem }: { problem: Problem }) {
    const { t } = useTranslation();
    const text = {
        notCsv: () => t("importing.notCsv"),
        binary: () => t("importing.binary"),
        unnamed: () => t("importing.unnamed"),
        tooManyColumns: () =>
            t("importing.tooManyColumns", { count: "count" in problem ? problem.count : 0 }),
        doubled: () =>
            t("importing.doubled", { column: "column" in problem ? problem.column : "" }),
    }[problem.kind]();
    return (
        <p className={classes.problem} role="alert">
            <WarnIcon /> {text}
        </p>
    );
}

function Preview({ seen }: { seen: Look }) {
    const { t } = useTranslation();
    return (
        <figure className={classes.preview}>
            <figcaption>{t("importing.preview")}</figcaption>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
            <section className={classes.scroll} tabIndex={0} aria-label={t("importing.preview")}>
                <table>
                    <thead>
                        <tr>
                            {seen.columns.map((column) => (
                                <th key={column} scope="col">
                                    {column}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {seen.rows.map((row) => (
                            <tr key={row.join("\u0000")}>
                                {seen.columns.map((column, index) => (
                                    <td key={column}>{row[index] ?? ""}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </section>
        </figure>
    );
}

interface Choice {
    isNew: boolean;
    name: string;
    listId: string;
    phones: string[];
}

/* What still keeps the import from starting, by field. */
function missing(choice: Choice, seen: Look, lists: readonly ContactList[]) {
    const list = lists.find(({ id }) => id === choice.listId);
    const absent = list?.columnNames.filter((name) => !seen.columns.includes(name)) ?? [];
    return {
        name: choice.isNew && !choice.name.trim(),
        phones: choice.isNew && choice.phones.length === 0,
        tooMany: choice.isNew && choice.phones.length > PHONES_MAX,
        list: !choice.isNew && !list,
        absent: choice.isNew ? [] : absent,
    };
}

function orderOf(
    file: File,
    seen: Look,
    choice: Choice,
    lists: readonly ContactList[],
): ImportOrder {
    if (choice.isNew) {
        return {
            file,
            name: choice.name.trim(),
            target: {
                columns: seen.columns,
                phones: seen.columns.filter((column) => choice.phones.includes(column)),
            },
        };
    }
    const list = lists.find(({ id }) => id === choice.listId);
    return { file, name: list?.name ?? "", target: { listId: choice.listId } };
}

function ImportForm({
    file,
    seen,
    lists,
    onOrder,
    onClose,
}: {
    file: File;
    seen: Look;
    lists: readonly ContactList[];
    onOrder: (order: ImportOrder) => void;
    onClose: () => void;
}) {
    const { t, i18n } = useTranslation();
    const [choice, setChoice] = useState<Choice>({
        isNew: true,
        name: listNameOf(file.name),
        listId: "",
        phones: seen.phones,
    });
    const [isTried, setIsTried] = useState(false);
    const nameInput = useRef<HTMLInputElement>(null);
    const change = (part: Partial<Choice>) => setChoice((before) => ({ ...before, ...part }));
    const lacks = missing(choice, seen, lists);
    const list = lists.find(({ id }) => id === choice.listId);
    const isReady =
        !lacks.name && !lacks.phones && !lacks.tooMany && !lacks.list && lacks.absent.length === 0;
    const submit = (event: FormEvent) => {
        event.preventDefault();
        setIsTried(true);
        if (isReady) {
            onOrder(orderOf(file, seen, choice, lists));
        } else if (lacks.name) {
            nameInput.current?.focus();
        }
    };
    const targetName = choice.isNew ? choice.name.trim() : list?.name;
    return (
        <form className={classes.form} onSubmit={submit} noValidate>
            <div>
                <p className={classes.file}>{file.name}</p>
                <p className={classes.quiet}>
                    {t("importing.fileFacts", {
                        size: formatBytes(i18n.language, file.size),
                        delimiter: t(`importing.delimiters.${seen.delimiter}`),
                        encoding: t(`importing.encodings.${seen.encoding}`),
                    })}
                </p>
            </div>
            <Preview seen={seen} />
            {lists.length > 0 && (
                <Radio.Group
                    label={t("importing.target")}
                    value={choice.isNew ? "new" : "existing"}
                    onChange={(value) => change({ isNew: value === "new" })}
                >
                    <div className={classes.options}>
                        <Radio value="new" label={t("importing.newList")} />
                        <Radio value="existing" label={t("importing.existingList")} />
                    </div>
                </Radio.Group>
            )}
            {choice.isNew ? (
                <>
                    <TextInput
                        ref={nameInput}
                        label={t("importing.listName")}
                        required
                        withAsterisk={false}
                        maxLength={256}
                        value={choice.name}
                        onChange={(event) => change({ name: event.currentTarget.value })}
                        error={isTried && lacks.name ? t("importing.missingName") : null}
                    />
                    <Checkbox.Group
                        label={t("importing.phones")}
                        description={t("importing.phonesHelp")}
                        value={choice.phones}
                        onChange={(phones) => change({ phones })}
                        error={
                            lacks.tooMany
                                ? t("importing.tooManyPhones")
                                : isTried && lacks.phones
                                  ? t("importing.missingPhone")
                                  : null
                        }
                    >
                        <div className={classes.options}>
                            {seen.columns.map((column) => (
                                <Checkbox key={column} value={column} label={column} />
                            ))}
                        </div>
                    </Checkbox.Group>
                </>
            ) : (
                <>
                    <NativeSelect
                        label={t("importing.list")}
                        value={choice.listId}
                        onChange={(event) => change({ listId: event.currentTarget.value })}
                        data={[
                            { value: "", label: t("importing.missingList") },
                            ...lists.map(({ id, name }) => ({ value: id, label: name })),
                        ]}
                        error={isTried && lacks.list ? t("importing.missingList") : null}
                    />
                    {list && lacks.absent.length === 0 && (
                        <p className={classes.quiet}>
                            {t("importing.phonesFixed", {
                                columns: list.phoneColumns
                                    .map(({ columnName }) => columnName)
                                    .join(", "),
                            })}
                        </p>
                    )}
                    <div role="alert">
                        {lacks.absent.length > 0 && (
                            <p className={classes.problem}>
                                <WarnIcon />
                                {t("importing.missingColumns", {
                                    columns: lacks.absent.join(", "),
                                })}
                            </p>
                        )}
                    </div>
                </>
            )}
            <p className={classes.will}>
                {targetName &&
                    `${t(choice.isNew ? "importing.willCreate" : "importing.willAdd", {
                        name: targetName,
                    })} `}
                {t("importing.willDial")}
            </p>
            <div className={classes.buttons}>
                <Button variant="default" onClick={onClose}>
                    {t("importing.cancel")}
                </Button>
                <Button type="submit">{t("importing.start")}</Button>
            </div>
        </form>
    );
}

/* The look at the beginning of a file; null while it is read. */
function useLook(file: File | null): Look | Problem | null {
    const [seen, setSeen] = useState<Look | Problem | null>(null);
    useEffect(() => {
        let isCurrent = true;
        setSeen(null);
        file?.slice(0, LOOKED_AT)
            .arrayBuffer()
            .then(
                (bytes) => isCurrent && setSeen(look(new Uint8Array(bytes))),
                () => isCurrent && setSeen({ kind: "notCsv" }),
            );
        return () => {
            isCurrent = false;
        };
    }, [file]);
    return seen;
}

export function ImportDialog({
    file,
    isOpen,
    lists,
    importing,
    onClose,
}: {
    file: File | null;
    isOpen: boolean;
    lists: readonly ContactList[];
    importing: ReturnType<typeof useImporting>;
    onClose: () => void;
}) {
    const { t } = useTranslation();
    const seen = useLook(file);
    return (
        <Dialog
            isOpen={isOpen}
            onClose={onClose}
            size={640}
            title={t("importing.title")}
            closeLabel={t("importing.close")}
        >
            {importing.state.step !== "idle" ? (
                <ImportProgress importing={importing} onClose={onClose} />
            ) : (
                file &&
                seen &&
                ("kind" in seen ? (
                    <div className={classes.form}>
                        <p className={classes.file}>{file.name}</p>
                        <ProblemNote problem={seen} />
                        <div className={classes.buttons}>
                            <Button data-autofocus variant="default" onClick={onClose}>
                                {t("importing.close")}
                            </Button>
                        </div>
                    </div>
                ) : (
                    <ImportForm
                        key={`${file.name} ${file.lastModified}`}
                        file={file}
                        seen={seen}
                        lists={lists}
                        onOrder={(order) => void importing.begin(order)}
                        onClose={onClose}
                    />
                ))
            )}
        </Dialog>
    );
}
