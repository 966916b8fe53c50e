/* The floor lives: its figures move by push alone, and Stop and Start do what they say. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
    attempts,
    attemptsGrow,
    axeClean,
    browserStart,
    campaignWait,
    demoStart,
    floorOpen,
    folderMake,
    folderRemove,
    see,
} from "./support.mjs";

const folder = folderMake();
let server;
let browser;
let page;

before(async () => {
    server = await demoStart(folder);
    browser = await browserStart();
    page = await floorOpen(browser, server);
    await see(page, "article");
});

after(async () => {
    await browser?.close();
    await server?.stop();
    folderRemove(folder);
});

async function live() {
    const campaigns = await page.request.get(`${server.base}api/v2/outbound/campaigns`);
    const { id } = (await campaigns.json()).entities[0];
    return (await page.request.get(`${server.base}api/cadran/v1/campaigns/${id}/live`)).json();
}

test("a card shows its campaign, and axe finds nothing on it in French and light", async () => {
    await campaignWait(page, "on");
    const card = page.getByRole("article", { name: "Renouvellement" });
    await card.getByText("En cours", { exact: true }).waitFor();
    await card.getByText("Progressif", { exact: true }).waitFor();
    await card.getByRole("progressbar", { name: "Avancement de Renouvellement" }).waitFor();
    assert.equal(await card.getByRole("button", { name: "Démarrer" }).isDisabled(), true);
    assert.equal(await card.getByRole("button", { name: "Arrêter" }).isDisabled(), false);
    await axeClean(page, "floor, light, French");
});

test("the figures move while it dials, and nothing is asked again meanwhile", async () => {
    await attemptsGrow(page, 0);
    await page.waitForLoadState("networkidle");
    const asked = [];
    const hear = (request) => asked.push(request.url());
    page.on("request", hear);
    await attemptsGrow(page, await attempts(page));
    await attemptsGrow(page, await attempts(page));
    page.off("request", hear);
    assert.deepEqual(asked, []);
    /* What is shown is what the server knows: it can only have gone on since. */
    const shown = await attempts(page);
    assert.ok(shown > 0 && shown <= (await live()).attempts);
});

test("each outcome is told by word and count, and together they are what has ended", async () => {
    await page.waitForSelector("[data-outcome]", { timeout: 60_000 });
    const legend = await page.$$eval("[data-outcome]", (items) =>
        items.map((item) => ({
            word: item.textContent,
            count: Number(item.querySelector("strong").textContent.replace(/\D/g, "")),
        })),
    );
    const truth = Object.values((await live()).outcomes).reduce((sum, count) => sum + count, 0);
    const told = legend.reduce((sum, { count }) => sum + count, 0);
    assert.ok(told > 0 && told <= truth, `${told} of ${truth}`);
    assert.ok(legend.every(({ word }) => /\p{L}/u.test(word)));
});

test("every agent has a row whose state and current call are the server's", async () => {
    const rows = page.locator("tbody tr");
    assert.equal(await rows.count(), 6);
    await page.waitForFunction(
        () =>
            [...document.querySelectorAll("tbody tr")].some(
                (row) => row.dataset.state === "on_call" && /\+\d{8}/.test(row.textContent),
            ),
        null,
        { timeout: 60_000 },
    );
});

test("the sort of the agents is in the address and survives a reload", async () => {
    await page.getByRole("button", { name: "État" }).click();
    await page.getByRole("button", { name: "État" }).click();
    await page.waitForURL(/agents=-state/);
    await page.reload();
    const header = page.getByRole("columnheader", { name: "État" });
    await header.waitFor();
    assert.equal(await header.getAttribute("aria-sort"), "descending");
});

test("Stop says what it will do, can be called off, and then stops", async () => {
    await campaignWait(page, "on");
    await page.getByRole("button", { name: "Arrêter Renouvellement" }).click();
    const dialog = page.getByRole("dialog", { name: /Arrêter/ });
    await dialog.getByText("Cadran n’appellera plus personne pour cette campagne.").waitFor();
    await axeClean(page, "stop dialog");
    await dialog.getByRole("button", { name: "Annuler" }).last().click();
    await dialog.waitFor({ state: "hidden" });
    assert.equal((await live()).status, "on");
    await page.getByRole("button", { name: "Arrêter Renouvellement" }).click();
    await dialog.getByRole("button", { name: "Arrêter", exact: true }).click();
    await campaignWait(page, "stopping", "off");
    await campaignWait(page, "off");
    await page.getByText("Personne n’est appelé.").waitFor();
    const now = await live();
    assert.equal(now.status, "off");
    assert.equal(now.calls.dialing + now.calls.ringing + now.calls.talking, 0);
    assert.equal(await attempts(page), now.attempts);
    await axeClean(page, "stopped");
});

test("a page on which nothing happens rests", async () => {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const busy = async () =>
        (await session.send("Performance.getMetrics")).metrics.find(
            ({ name }) => name === "TaskDuration",
        ).value;
    await page.waitForLoadState("networkidle");
    const from = await busy();
    const start = performance.now();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 4000)));
    const share = (await busy()) - from;
    const passed = (performance.now() - start) / 1000;
    assert.ok(share / passed < 0.6, `busy for ${share.toFixed(2)} of ${passed.toFixed(2)} s`);
});

test("Start says what it will do and goes on where it stopped", async () => {
    const before_ = await attempts(page);
    await page.getByRole("button", { name: "Démarrer Renouvellement" }).click();
    const dialog = page.getByRole("dialog", { name: /Démarrer/ });
    await dialog.getByText(/Cadran appellera les \d+ contacts restants/).waitFor();
    await axeClean(page, "start dialog");
    await dialog.getByRole("button", { name: "Démarrer", exact: true }).click();
    await campaignWait(page, "on");
    await attemptsGrow(page, before_);
    page.quiet();
});

test("a refused start is explained in the person's language", async () => {
    /* A second campaign on the same list: two may not dial it together. */
    const api = page.request;
    const headers = { Origin: server.base.slice(0, -1) };
    const campaigns = await api.get(`${server.base}api/v2/outbound/campaigns`);
    const { id, version, selfUri, dateCreated, dateModified, ...first } = (await campaigns.json())
        .entities[0];
    const made = await api.post(`${server.base}api/v2/outbound/campaigns`, {
        headers,
        data: { ...first, name: "Seconde", campaignStatus: "off" },
    });
    assert.equal(made.status(), 200, await made.text());
    await page.reload();
    await page.getByRole("button", { name: "Démarrer Seconde" }).click();
    const dialog = page.getByRole("dialog", { name: /Démarrer/ });
    await dialog.getByRole("button", { name: "Démarrer", exact: true }).click();
    await dialog.getByText(/est appelée par une autre campagne/).waitFor();
    await axeClean(page, "refused start");
});

test("on a narrow screen nothing runs over the edge", async () => {
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390);
    await axeClean(page, "narrow");
});
