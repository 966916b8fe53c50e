/* A lost connection: a banner that says that calls go on, never a log-out, and current figures after. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
    axeClean,
    browserStart,
    floorOpen,
    folderMake,
    folderRemove,
    serverStart,
} from "./support.mjs";

const folder = folderMake();
let server;
let browser;
let page;

before(async () => {
    server = await serverStart("serve", folder);
    browser = await browserStart();
    page = await floorOpen(browser, server);
});

after(async () => {
    await browser?.close();
    await server?.stop();
    folderRemove(folder);
});

test("when the server is gone, a banner says that calls go on, and nobody is logged out", async () => {
    await server.stop();
    const banner = page.getByTestId("banner");
    await banner.getByText("La connexion au serveur est perdue.").waitFor();
    await banner.getByText(/Les appels en cours continuent/).waitFor();
    await page.getByText("Connexion perdue").waitFor();
    await page.getByRole("heading", { name: "Plateau" }).waitFor();
    await axeClean(page, "connection lost");
});

test("when it is back, the page connects by itself and reads everything again", async () => {
    const password = server.password;
    server = await serverStart("serve", folder, { http: server.address });
    server.password = password;
    /* Made while the page could not hear of it. */
    const made = await page.request.post(`${server.base}api/v2/outbound/contactlists`, {
        headers: { Origin: server.base.slice(0, -1) },
        data: { name: "Entre-temps", columnNames: ["Nom"], phoneColumns: [] },
    });
    assert.equal(made.status(), 200, await made.text());
    await page.waitForSelector('[data-testid=connection][data-state="open"]', { timeout: 60_000 });
    await page.getByText("La connexion est rétablie ; les chiffres sont à jour.").waitFor();
    await page.locator('[data-list="Entre-temps"]').waitFor();
    assert.equal(await page.getByTestId("banner").count(), 0);
    await axeClean(page, "connection back");
});

test("a connection that breaks while the server stays is taken up again on its own", async () => {
    await page.evaluate(() => {
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {
            window.lastSocket = this;
            return send.call(this, text);
        };
    });
    /* The page asks "are you there" within half a minute; then its socket is known, and closed. */
    await page.waitForFunction(() => window.lastSocket, null, { timeout: 45_000 });
    await page.evaluate(() => window.lastSocket.close());
    await page.waitForSelector('[data-testid=connection]:not([data-state="open"])');
    await page.waitForSelector('[data-testid=connection][data-state="open"]');
    page.quiet();
});

test("a session that was ended elsewhere leads to sign-in with a word why", async () => {
    const answer = await page.request.delete(`${server.base}api/v2/tokens/me`, {
        headers: { Origin: server.base.slice(0, -1) },
    });
    assert.equal(answer.status(), 204);
    await server.stop();
    await page.getByTestId("banner").waitFor();
    server = await serverStart("serve", folder, { http: server.address });
    await page.getByText(/Votre session a pris fin/).waitFor({ timeout: 60_000 });
    await axeClean(page, "session ended");
});
