/* One theme of our own: petrol for what can be acted on, brass for what moves. */
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
    "#e9f4f6",
    "#d3e7eb",
    "#a6cfd8",
    "#76b5c3",
    "#4b9cae",
    "#2f8799",
    "#1b7487",
    "#0e5b6b",
    "#0a4a58",
    "#063945",
];

const ink: MantineColorsTuple = [
    "#dde6ea",
    "#c3d0d6",
    "#9fb1b9",
    "#7a8f98",
    "#526872",
    "#33454e",
    "#22323a",
    "#18252c",
    "#10191e",
    "#0a1115",
];

export const theme = createTheme({
    fontFamily: '"Plex", "Segoe UI", system-ui, sans-serif',
    headings: { fontFamily: '"Plex", "Segoe UI", system-ui, sans-serif', fontWeight: "600" },
    colors: { petrol, dark: ink },
    primaryColor: "petrol",
    primaryShade: { light: 7, dark: 6 },
    defaultRadius: "md",
    cursorType: "pointer",
    focusRing: "auto",
    respectReducedMotion: true,
});
