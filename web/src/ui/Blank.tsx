/* An empty or failed state: what it is, and what to do next. */
import type { ReactNode } from "react";
import classes from "./Blank.module.css";

export function Blank({
    title,
    text,
    icon,
    children,
}: {
    title: string;
    text: string;
    icon?: ReactNode;
    children?: ReactNode;
}) {
    return (
        <div className={classes.blank}>
            {icon && <div className={classes.icon}>{icon}</div>}
            <p className={classes.title}>{title}</p>
            <p className={classes.text}>{text}</p>
            {children}
        </div>
    );
}
