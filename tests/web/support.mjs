/* What every test of the web application starts from: a real server, a real browser. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [, , CADRAN, WEB] = process.argv;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const READY_MS = 60_000;

assert.ok(CADRAN && WEB, "usage: node test.mjs CADRAN WEB-FOLDER");

/* --- The server ----------------------------------------------------------------------------- */

export function folderMake() {
    return mkdtempSync(join(tmpdir(), "cadran-web-"));
}

export function folderRemove(folder) {
    rmSync(folder, { recursive: true, force: true });
}

/* Runs `cadran COMMAND` until stop(); resolves when it listens. */
export async function serverStart(command, folder, { http = "127.0.0.1:0", more = [] } = {}) {
    const options = ["--data", join(folder, "data"), "--http", http, "--sip", "127.0.0.1:0"];
    const child = spawn(CADRAN, [command, ...options, "--web", WEB, ...more], {
        stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const ready = new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not ready:\n${said}`)), READY_MS);
        const hear = (bytes) => {
            said += bytes;
            const isWhole = command === "serve" || /contacts {2}/.test(said);
            if (/cadran ready http=\S+/.test(said) && isWhole) {
                clearTimeout(timer);
                resolve();
            }
        };
        child.stdout.on("data", hear);
        child.stderr.on("data", hear);
        ended.then((code) => reject(new Error(`ended with ${code}:\n${said}`)));
    });
    await ready;
    ended.catch(() => {});
    const address = /cadran ready http=(\S+)/.exec(said)[1];
    return {
        address,
        base: `http://${address}/`,
        email: "admin@cadran.local",
        password: /administrator .*password (\S+)/.exec(said)?.[1],
        agentPassword: /agents .*password (\S+)/.exec(said)?.[1],
        stop: async (signal = "SIGTERM") => {
            if (child.exitCode === null && child.signalCode === null) {
                child.kill(signal);
                await ended;
            }
        },
    };
}

export const demoStart = (folder, more = []) =>
    serverStart("demo", folder, {
        more: ["--json", "--agents", "6", "--contacts", "400", ...more],
    });

/* --- The browser ---------------------------------------------------------------------------- */

/* The shell where it is there: it needs neither GTK nor a desktop's services, and has no window
 * whose drawing a busy machine could put off for ever. */
const SHELL = "/usr/bin/chromium-headless-shell";
const CHROMIUM = process.env.CHROMIUM ?? (existsSync(SHELL) ? SHELL : "/usr/bin/chromium");

/* A fresh profile each time; nothing leaves this machine. */
export function browserStart() {
    return chromium.launch({
        executablePath: CHROMIUM,
        headless: true,
        args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    });
}

/* Refusals that a test provokes are no noise; everything else that the console says is. */
const EXPECTED = /status of 4(01|09)|ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE)|WebSocket connection to|status of 50[234]/;

export async function pageOpen(browser, server, { language = "fr-FR", scheme = "light", ...rest } = {}) {
    const context = await browser.newContext({
        locale: language,
        colorScheme: scheme,
        reducedMotion: "reduce",
        viewport: { width: 1440, height: 1000 },
        ...rest,
    });
    const page = await context.newPage();
    const noise = [];
    page.on("pageerror", (error) => noise.push(String(error)));
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()) && !EXPECTED.test(message.text())) {
            noise.push(message.text());
        }
    });
    page.on("request", (request) => {
        const host = new URL(request.url()).host;
        if (host && host !== server.address) {
            noise.push(`asked a foreign host: ${request.url()}`);
        }
    });
    page.setDefaultTimeout(30_000);
    await page.goto(server.base);
    await page.waitForSelector("form");
    return Object.assign(page, {
        quiet: () => assert.deepEqual(noise, [], "the console is quiet"),
    });
}

export async function signIn(page, email, password) {
    await page.fill("input[name=email]", email);
    await page.fill("input[name=password]", password);
    await page.click("button[type=submit]");
}

/* Signed in as the administrator, connected, and with the campaigns' place filled. */
export async function floorOpen(browser, server, options) {
    const page = await pageOpen(browser, server, options);
    await signIn(page, server.email, server.password);
    await see(page, '[data-testid=connection][data-state="open"]');
    return page;
}

/* Waits for it; where it does not come, says what the page shows instead. */
export async function see(page, selector) {
    try {
        await page.waitForSelector(selector);
    } catch (error) {
        throw new Error(`no ${selector}; the page says: ${await page.innerText("body")}`, {
            cause: error,
        });
    }
}

export async function attempts(page) {
    return Number(await page.getAttribute("[data-testid=attempts]", "data-count"));
}

/* Waits until the figure on the page is more than it was. */
export async function attemptsGrow(page, from) {
    await page.waitForFunction(
        (before) =>
            Number(document.querySelector("[data-testid=attempts]")?.dataset.count) > before,
        from,
        { timeout: 60_000 },
    );
}

export async function campaignWait(page, ...states) {
    await page.waitForFunction(
        (wanted) => wanted.includes(document.querySelector("article")?.dataset.status),
        states,
        { timeout: 120_000 },
    );
}

/* --- Accessibility -------------------------------------------------------------------------- */

export async function axeClean(page, where) {
    /* What is half faded in has half its contrast. A pulse never finishes, and one whose element
     * went in the meantime may never say so. */
    await page.evaluate(() =>
        Promise.race([
            Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
            new Promise((resolve) => setTimeout(resolve, 2000)),
        ]),
    );
    await page.evaluate(AXE);
    const found = await page.evaluate(async () => {
        const { violations } = await window.axe.run(document, {
            runOnly: [
                "wcag2a",
                "wcag2aa",
                "wcag21a",
                "wcag21aa",
                "wcag22aa",
                "best-practice",
            ],
        });
        return violations.map(({ id, help, nodes }) => ({
            id,
            help,
            nodes: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
        }));
    });
    assert.deepEqual(found, [], `axe finds nothing: ${where}`);
}
