/* Everything by keys alone, with a focus that can be seen. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
    browserStart,
    campaignWait,
    demoStart,
    folderMake,
    folderRemove,
    pageOpen,
    see,
} from "./support.mjs";

const folder = folderMake();
let server;
let browser;
let page;

before(async () => {
    server = await demoStart(folder);
    browser = await browserStart();
    page = await pageOpen(browser, server, { language: "en-GB" });
});

after(async () => {
    await browser?.close();
    await server?.stop();
    folderRemove(folder);
});

const focused = () =>
    page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        return {
            name: element.getAttribute("aria-label") ?? element.textContent.trim(),
            tag: element.tagName,
            isSeen: style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2,
        };
    });

/* Tab until the focus is on what is called so; every stop on the way must be visible. */
async function tabTo(name) {
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press("Tab");
        const at = await focused();
        assert.ok(at.tag === "BODY" || at.isSeen, `the focus is seen on "${at.name}"`);
        if (name.test(at.name)) {
            return;
        }
    }
    assert.fail(`no stop is called ${name}`);
}

test("signs in", async () => {
    await page.keyboard.type(server.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(server.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Floor" }).waitFor();
    await see(page, "article");
});

test("the first stop skips to the content", async () => {
    await page.evaluate(() => document.activeElement.blur());
    await tabTo(/^Go to the content$/);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "content");
});

test("stops a campaign, and the focus comes back to where it was", async () => {
    await campaignWait(page, "on");
    await tabTo(/^Stop Renouvellement$/);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: /Stop/ });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.waitForFunction(() =>
        /^Stop Renouvellement$/.test(document.activeElement.getAttribute("aria-label") ?? ""),
    );
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await page.waitForFunction(() => document.activeElement.textContent.trim() === "Stop");
    await page.keyboard.press("Enter");
    await campaignWait(page, "stopping", "off");
});

test("sorts the agents", async () => {
    await tabTo(/^State/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/agents=state/);
});

test("opens the file chooser", async () => {
    const chooser = page.waitForEvent("filechooser");
    await tabTo(/^Choose a file$/);
    await page.keyboard.press("Enter");
    await chooser;
});

test("changes the language by the menu", async () => {
    await page.reload();
    await see(page, "article");
    await tabTo(/Language$/);
    await page.keyboard.press("Enter");
    await page.getByRole("menuitemradio", { name: "Français" }).waitFor();
    await page.waitForFunction(() => document.activeElement.getAttribute("role")?.startsWith("menu"));
    while (!/Français/.test((await focused()).name) || (await focused()).tag !== "BUTTON") {
        await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Plateau" }).waitFor();
    page.quiet();
});
