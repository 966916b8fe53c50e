/* Small drawings of our own, 16 by 16, in the colour of the text. They never speak alone. */
import type { ReactNode } from "react";

function Icon({ children, size = 16 }: { children: ReactNode; size?: number }) {
    return (
        <svg
            width={size}
            height={size}
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.6"
            strokeLinecap="round"
            strokeLinejoin="round"
            aria-hidden="true"
            focusable="false"
        >
            {children}
        </svg>
    );
}

export const PlayIcon = () => (
    <Icon>
        <path d="M5 3.2v9.6L12.6 8z" fill="currentColor" />
    </Icon>
);
export const StopIcon = () => (
    <Icon>
        <rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" />
    </Icon>
);
export const CheckIcon = () => (
    <Icon>
        <path d="m3.2 8.6 3.1 3.1 6.5-7" />
    </Icon>
);
export const WarnIcon = ({ size }: { size?: number }) => (
    <Icon size={size ?? 16}>
        <path d="M8 2.2 14.4 13H1.6z" />
        <path d="M8 6.4v3.2M8 11.4v.1" />
    </Icon>
);
export const UploadIcon = ({ size }: { size?: number }) => (
    <Icon size={size ?? 16}>
        <path d="M8 10.5V2.6M4.8 5.4 8 2.4l3.2 3M2.6 10.4v3h10.8v-3" />
    </Icon>
);
export const SunIcon = () => (
    <Icon>
        <circle cx="8" cy="8" r="2.8" />
        <path d="M8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M3.3 12.7l1-1M11.7 4.3l1-1" />
    </Icon>
);
export const MoonIcon = () => (
    <Icon>
        <path d="M13.4 9.8A5.8 5.8 0 0 1 6.2 2.6a5.8 5.8 0 1 0 7.2 7.2z" />
    </Icon>
);
export const ScreenIcon = () => (
    <Icon>
        <rect x="1.8" y="2.8" width="12.4" height="8.2" rx="1.2" />
        <path d="M5.6 13.6h4.8" />
    </Icon>
);
export const GlobeIcon = () => (
    <Icon>
        <circle cx="8" cy="8" r="6.2" />
        <path d="M1.8 8h12.4M8 1.8c4 4 4 8.400 0 12.400M8 1.8c-4 4-4 8.400 0 12.400" />
    </Icon>
);
export const PersonIcon = () => (
    <Icon>
        <circle cx="8" cy="5.2" r="2.7" />
        <path d="M2.8 13.8c.6-3 2.600-4.300 5.200-4.300s4.600 1.300 5.200 4.300" />
    </Icon>
);
export const DownIcon = () => (
    <Icon size={12}>
        <path d="m3.500 6 4.500 4.500L12.500 6" />
    </Icon>
);

/* The product's sign: a dial with its hand. */
export function Sign({ size = 28 }: { size?: number }) {
    return (
        <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <g fill="none" strokeLinecap="round" strokeWidth="2.6">
                <path d="M8.400 25.200a12 12 0 1 1 15.200 0" stroke="var(--accent)" />
                <path d="m16 16 5.800-7.200" stroke="var(--needle)" />
            </g>
            <circle cx="16" cy="16" r="2.600" fill="var(--needle)" />
        </svg>
    );
}
