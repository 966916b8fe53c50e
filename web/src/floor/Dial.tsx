/* The dial that the product is named after: calls per minute, with a hand. Drawn for the eye; the
 * sentence beside it says the same to everybody else. */
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../ui/format";
import classes from "./Dial.module.css";
import { dialScale } from "./figures";

const FROM = -132;
const SPAN = 264;
const TICKS = 24;
const RADIUS = 82;

function at(degrees: number, radius: number): { x: number; y: number } {
    const radians = ((degrees - 90) * Math.PI) / 180;
    return { x: 100 + radius * Math.cos(radians), y: 100 + radius * Math.sin(radians) };
}

function arc(from: number, to: number, radius: number): string {
    const start = at(from, radius);
    const end = at(to, radius);
    const isLarge = to - from > 180 ? 1 : 0;
    return `M${start.x} ${start.y}A${radius} ${radius} 0 ${isLarge} 1 ${end.x} ${end.y}`;
}

export function Dial({ value }: { value: number }) {
    const { t, i18n } = useTranslation();
    const peak = useRef(0);
    peak.current = Math.max(peak.current, value);
    const scale = dialScale(peak.current);
    const share = Math.min(1, value / scale);
    const angle = FROM + SPAN * share;
    return (
        <div className={classes.dial}>
            <svg viewBox="0 0 200 172" aria-hidden="true" focusable="false">
                <path className={classes.track} d={arc(FROM, FROM + SPAN, RADIUS)} />
                <path
                    className={classes.filled}
                    d={arc(FROM, FROM + SPAN, RADIUS)}
                    pathLength={100}
                    strokeDasharray={`${share * 100} 200`}
                />
                {Array.from({ length: TICKS + 1 }, (_, index) => {
                    const degrees = FROM + (SPAN * index) / TICKS;
                    const isLong = index % 6 === 0;
                    const outer = at(degrees, 71);
                    const inner = at(degrees, isLong ? 61 : 66);
                    return (
                        <line
                            key={degrees}
                            className={isLong ? classes.long : classes.tick}
                            x1={outer.x}
                            y1={outer.y}
                            x2={inner.x}
                            y2={inner.y}
                        />
                    );
                })}
                {[0, 0.25, 0.5, 0.75, 1].map((part) => {
                    const place = at(FROM + SPAN * part, 50);
                    return (
                        <text
                            key={part}
                            className={classes.mark}
                            x={place.x}
                            y={place.y + 3.5}
                            textAnchor="middle"
                        >
                            {formatNumber(i18n.language, Math.round(scale * part))}
                        </text>
                    );
                })}
                <g className={classes.hand} style={{ transform: `rotate(${angle}deg)` }}>
                    <line x1="100" y1="108" x2="100" y2="36" />
                    <circle cx="100" cy="100" r="6.5" />
                </g>
            </svg>
            <p className={classes.value}>
                <span className={classes.number}>{formatNumber(i18n.language, value)}</span>
                <span className={classes.unit}>{t("campaigns.perMinute")}</span>
            </p>
        </div>
    );
}
