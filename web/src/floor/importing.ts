/* importing.ts -- one import at a time: make the list, send the file, watch the server read it.
 *
 *   idle -> creating -> uploading -> importing -> done | failed
 *              \------------\------------\-----> failed; uploading -> stopped
 *
 * It lives with the panel, not with its dialog: the dialog may be closed meanwhile. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { get, post, upload } from "../api/client";
import type { ContactList, ImportStatus } from "../api/types";

export type ImportState =
    | { step: "idle" }
    | { step: "creating"; name: string }
    | { step: "uploading"; name: string; sent: number; total: number }
    | { step: "importing"; name: string; status: ImportStatus | null }
    | { step: "done"; name: string; taken: number; refused: number; size: number }
    | { step: "failed"; name: string; reason: string | null; error: unknown }
    | { step: "stopped"; name: string };

export interface ImportOrder {
    file: File;
    name: string;
    /* A list that is there, or the columns of the one to make. */
    target: { listId: string } | { columns: string[]; phones: string[] };
}

export function isBusy(state: ImportState): boolean {
    return ["creating", "uploading", "importing"].includes(state.step);
}

const LOOK_MS = 400;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function listMake(order: ImportOrder): Promise<string> {
    if ("listId" in order.target) {
        return order.target.listId;
    }
    const made = await post<ContactList>("/api/v2/outbound/contactlists", {
        name: order.name,
        columnNames: order.target.columns,
        /* The type is free text: the column's own name tells the numbers of one contact apart. */
        phoneColumns: order.target.phones.map((column) => ({
            columnName: column,
            type: column.slice(0, 64),
        })),
        automaticTimeZoneMapping: true,
    });
    return made.id;
}

/* The import may have ended before the first look; it has begun when the upload was answered. */
async function importWatch(
    listId: string,
    onStatus: (status: ImportStatus) => void,
): Promise<ImportStatus> {
    for (;;) {
        const status = await get<ImportStatus>(
            `/api/v2/outbound/contactlists/${listId}/importstatus`,
        );
        if (status.state !== "IN_PROGRESS") {
            return status;
        }
        onStatus(status);
        await pause(LOOK_MS);
    }
}

export function useImporting() {
    const client = useQueryClient();
    const [state, setState] = useState<ImportState>({ step: "idle" });
    const stopping = useRef<AbortController | null>(null);

    const begin = useCallback(
        async (order: ImportOrder) => {
            const { name, file } = order;
            const abort = new AbortController();
            stopping.current = abort;
            try {
                setState({ step: "creating", name });
                const id = await listMake(order);
                void client.invalidateQueries({ queryKey: ["lists"] });
                const address = await post<{ url: string }>(
                    "/api/v2/outbound/contactlists/uploads",
                    { id },
                );
                const total = file.size;
                setState({ step: "uploading", name, sent: 0, total });
                await upload(address.url, file, abort.signal, (sent) =>
                    setState({ step: "uploading", name, sent: Math.min(sent, total), total }),
                );
                setState({ step: "importing", name, status: null });
                const status = await importWatch(id, (now) =>
                    setState({ step: "importing", name, status: now }),
                );
                const list = await get<ContactList>(`/api/v2/outbound/contactlists/${id}`);
                setState(
                    status.state === "FAILED"
                        ? {
                              step: "failed",
                              name,
                              reason: status.failureReason ?? null,
                              error: null,
                          }
                        : {
                              step: "done",
                              name,
                              taken: status.completedRecords,
                              refused: status.cadran?.refusedRecords ?? 0,
                              size: list.size,
                          },
                );
            } catch (error) {
                const isStopped = error instanceof DOMException && error.name === "AbortError";
                setState(
                    isStopped
                        ? { step: "stopped", name }
                        : { step: "failed", name, reason: null, error },
                );
            } finally {
                stopping.current = null;
                void client.invalidateQueries({ queryKey: ["lists"] });
                void client.invalidateQueries({ queryKey: ["progress"] });
            }
        },
        [client],
    );

    /* Leaving in the middle of an upload would lose it: the browser asks. */
    const isUploading = state.step === "uploading";
    useEffect(() => {
        if (!isUploading) {
            return undefined;
        }
        const ask = (event: BeforeUnloadEvent) => event.preventDefault();
        window.addEventListener("beforeunload", ask);
        return () => window.removeEventListener("beforeunload", ask);
    }, [isUploading]);

    return {
        state,
        begin,
        stop: () => stopping.current?.abort(),
        reset: () => setState({ step: "idle" }),
    };
}
