import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
    plugins: [react()],
    build: {
        outDir: "../build/web",
        emptyOutDir: true,
        target: "es2022",
        /* Everything is a file of our own with a hashed name: the policy allows no data: script. */
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
    },
});
