/* A dialog: Mantine's, except that its head is no <header>, which within a dialog would be read as a
 * second banner of the page. */
import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Dialog.module.css";

export function Dialog({
    isOpen,
    onClose,
    title,
    closeLabel,
    size,
    children,
}: {
    isOpen: boolean;
    onClose: () => void;
    title: string;
    closeLabel: string;
    size?: number;
    children: ReactNode;
}) {
    return (
        <Modal.Root opened={isOpen} onClose={onClose} size={size ?? 480} centered>
            <Modal.Overlay color="#0a1115" backgroundOpacity={0.55} />
            <Modal.Content className={classes.content}>
                <div className={classes.head}>
                    <Modal.Title className={classes.title}>{title}</Modal.Title>
                    <Modal.CloseButton aria-label={closeLabel} />
                </div>
                <Modal.Body className={classes.body}>{children}</Modal.Body>
            </Modal.Content>
        </Modal.Root>
    );
}
