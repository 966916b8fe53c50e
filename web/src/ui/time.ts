/* The passing of time, for what counts seconds. */
import { useEffect, useRef, useState } from "react";
import { serverNow } from "../api/client";

/* The server's now, anew each second. */
export function useNow(): number {
    const [now, setNow] = useState(serverNow);
    useEffect(() => {
        const timer = setInterval(() => setNow(serverNow()), 1000);
        return () => clearInterval(timer);
    }, []);
    return now;
}

/* A value that has stayed the same for a while: sentences that change ten times a second cannot
 * be read. The first one shows at once. */
export function useSteady<T>(value: T, ms: number): T {
    const [steady, setSteady] = useState(value);
    const first = useRef(true);
    useEffect(() => {
        if (first.current) {
            first.current = false;
            return;
        }
        const timer = setTimeout(() => setSteady(value), ms);
        return () => clearTimeout(timer);
    }, [value, ms]);
    return steady;
}
