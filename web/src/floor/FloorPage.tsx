import { AgentsPanel } from "./AgentsPanel";
import { Campaigns } from "./Campaigns";
import classes from "./Floor.module.css";
import { ListsPanel } from "./ListsPanel";

export function FloorPage() {
    return (
        <div className={classes.floor}>
            <div className={classes.wide}>
                <Campaigns />
                <AgentsPanel />
            </div>
            <div className={classes.side}>
                <ListsPanel />
            </div>
        </div>
    );
}
