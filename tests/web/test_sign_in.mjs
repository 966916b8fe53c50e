/* Signing in and out, both languages, both colour schemes, and who may see what. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
    axeClean,
    browserStart,
    demoStart,
    floorOpen,
    folderMake,
    folderRemove,
    pageOpen,
    signIn,
    see,
} from "./support.mjs";

const folder = folderMake();
let server;
let browser;

before(async () => {
    server = await demoStart(folder);
    browser = await browserStart();
});

after(async () => {
    await browser?.close();
    await server?.stop();
    folderRemove(folder);
});

test("a wrong password is refused in the person's language, and the right one opens", async () => {
    const page = await pageOpen(browser, server);
    await axeClean(page, "sign-in");
    await page.click("button[type=submit]");
    await page.getByText("Indiquez votre adresse e-mail.").waitFor();
    await signIn(page, server.email, "wrong-password");
    await page.getByText("L’adresse e-mail ou le mot de passe est incorrect.").waitFor();
    await axeClean(page, "sign-in refused");
    await signIn(page, server.email, server.password);
    await page.getByRole("heading", { name: "Plateau" }).waitFor();
    page.quiet();
});

test("the floor fills on a machine that has no network, where the server is", async () => {
    const page = await pageOpen(browser, server);
    await page.evaluate(() => window.dispatchEvent(new Event("offline")));
    await signIn(page, server.email, server.password);
    await see(page, "article");
    page.quiet();
    await page.close();
});

test("the session survives a reload, is out of reach of scripts, and ends at sign-out", async () => {
    const page = await floorOpen(browser, server);
    assert.equal(await page.evaluate(() => document.cookie), "");
    const cookie = (await page.context().cookies()).find(({ name }) => name === "cadran_session");
    assert.equal(cookie?.httpOnly, true);
    assert.equal(cookie?.sameSite, "Strict");
    await page.reload();
    await page.getByRole("heading", { name: "Plateau" }).waitFor();
    await page.getByRole("button", { name: "Compte de" }).click();
    await axeClean(page, "user menu");
    await page.getByRole("menuitem", { name: "Se déconnecter" }).click();
    await page.getByRole("heading", { name: "Connexion" }).waitFor();
    const answer = await page.request.get(`${server.base}api/v2/users/me`);
    assert.equal(answer.status(), 401);
    await page.reload();
    await page.getByRole("heading", { name: "Connexion" }).waitFor();
    page.quiet();
});

test("the browser's language comes first, then the person's choice, which is kept", async () => {
    const page = await pageOpen(browser, server, { language: "en-GB" });
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(await page.getAttribute("html", "lang"), "en");
    await page.getByRole("button", { name: "Language" }).click();
    await page.getByRole("menuitemradio", { name: "Français" }).click();
    await page.getByRole("heading", { name: "Connexion" }).waitFor();
    assert.equal(await page.getAttribute("html", "lang"), "fr");
    await page.reload();
    await page.getByRole("heading", { name: "Connexion" }).waitFor();
    page.quiet();
});

test("the system's colour scheme comes first, then the person's choice, which is kept", async () => {
    const page = await floorOpen(browser, server, { scheme: "dark", language: "en-GB" });
    const scheme = () => page.getAttribute("html", "data-mantine-color-scheme");
    assert.equal(await scheme(), "dark");
    await see(page, "article");
    await axeClean(page, "floor, dark, English");
    await page.getByRole("button", { name: "Appearance" }).click();
    await page.getByRole("menuitemradio", { name: "Light" }).click();
    assert.equal(await scheme(), "light");
    await page.reload();
    await see(page, "article");
    assert.equal(await scheme(), "light");
    page.quiet();
});

test("an agent is told that the floor is for supervisors", async () => {
    const page = await pageOpen(browser, server);
    await signIn(page, "agent1@demo.example", server.agentPassword);
    await page.getByText("Le plateau est réservé aux superviseurs").waitFor();
    assert.equal(await page.locator("article").count(), 0);
    await axeClean(page, "no floor");
    page.quiet();
});

test("an address that does not exist leads back", async () => {
    const page = await floorOpen(browser, server);
    await page.goto(`${server.base}nowhere`);
    await page.getByText("Cette page n’existe pas").first().waitFor();
    await axeClean(page, "not found");
    await page.getByRole("link", { name: "Vers le plateau" }).click();
    await page.getByRole("heading", { name: "Plateau" }).waitFor();
    page.quiet();
});
