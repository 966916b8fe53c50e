/* A CSV file becomes a contact list: chosen, looked at, sent, read, and told with what was refused. */
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

async function choose(name, text, encoding = "utf8") {
    const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByRole("button", { name: "Choisir un fichier" }).click(),
    ]);
    await chooser.setFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text, encoding) });
}

const dialog = () => page.getByRole("dialog", { name: "Importer des contacts" });

async function lists() {
    const answer = await page.request.get(`${server.base}api/v2/outbound/contactlists`);
    return (await answer.json()).entities;
}

/* As a French spreadsheet saves it: semicolons, Windows-1252 (latin1 is the same for these letters). */
function french(count) {
    const rows = ["Prénom;Ville;Tél. mobile"];
    for (let i = 0; i < count; i++) {
        rows.push(`Zoé ${i};Besançon;06 12 34 ${String(Math.floor(i / 100)).padStart(2, "0")} ${String(i % 100).padStart(2, "0")}`);
    }
    rows.push("deux fois;Lyon;06 12 34 00 01");
    rows.push("trop;de;valeurs;ici");
    return `${rows.join("\r\n")}\r\n`;
}

test("an empty floor says what to do next, and axe finds nothing on it", async () => {
    await page.getByText("Il n’y a pas encore de campagne").waitFor();
    await page.getByText("Il n’y a pas encore d’agent").waitFor();
    await page.getByText("Déposez ici un fichier CSV pour créer la première.").waitFor();
    await axeClean(page, "empty floor");
});

test("a file is shown as it will be read before anything is sent", async () => {
    await choose("Abonnés_2026.csv", french(1500), "latin1");
    await dialog().getByText("colonnes séparées par des points-virgules, Windows-1252").waitFor();
    assert.equal(await dialog().getByLabel("Nom de la liste").inputValue(), "Abonnés 2026");
    assert.equal(await dialog().getByLabel("Tél. mobile").isChecked(), true);
    assert.equal(await dialog().getByLabel("Ville").isChecked(), false);
    await dialog().getByText("Besançon").first().waitFor();
    await axeClean(page, "import form");
    assert.deepEqual(await lists(), []);
});

test("what is missing is said, beside its field", async () => {
    await dialog().getByLabel("Nom de la liste").fill(" ");
    await dialog().getByLabel("Tél. mobile").uncheck();
    await dialog().getByRole("button", { name: "Importer", exact: true }).click();
    await dialog().getByText("Donnez un nom à la liste.").waitFor();
    await dialog().getByText("Choisissez au moins une colonne de numéros.").waitFor();
    await axeClean(page, "import form refused");
    assert.deepEqual(await lists(), []);
});

test("the import ends with its counts, refused rows among them, and the list has them", async () => {
    await dialog().getByLabel("Nom de la liste").fill("Abonnés 2026");
    await dialog().getByLabel("Tél. mobile").check();
    await dialog().getByText("Crée la liste « Abonnés 2026 » et y importe le fichier.").waitFor();
    await dialog().getByRole("button", { name: "Importer", exact: true }).click();
    await dialog().getByText("Importation terminée").waitFor({ timeout: 60_000 });
    const number = async (name) =>
        Number((await dialog().getByTestId(name).textContent()).replace(/\D/g, ""));
    assert.equal(await number("taken"), 1500);
    assert.equal(await number("refused"), 2);
    await axeClean(page, "import done");
    const [list] = await lists();
    assert.equal(list.name, "Abonnés 2026");
    assert.equal(list.size, 1500);
    assert.deepEqual(list.columnNames, ["Prénom", "Ville", "Tél. mobile"]);
    await dialog().getByRole("button", { name: "Fermer" }).last().click();
    await page.locator('[data-list="Abonnés 2026"]').getByText(/1\s500 contacts/).waitFor();
});

test("a name that is taken is refused, and the form comes back", async () => {
    await choose("Abonnés 2026.csv", french(3));
    await dialog().getByRole("button", { name: "Importer", exact: true }).click();
    await dialog().getByText("Une liste porte déjà ce nom. Choisissez-en un autre.").waitFor();
    await axeClean(page, "import failed");
    await dialog().getByRole("button", { name: "Revenir au formulaire" }).click();
    await dialog().getByLabel("Nom de la liste").waitFor();
});

test("rows are added to a list that is there, and its own numbers are not doubled", async () => {
    await dialog().getByLabel("Une liste existante").check();
    await dialog().getByLabel("Liste", { exact: true }).selectOption({ label: "Abonnés 2026" });
    await dialog().getByText("Numéros de téléphone de cette liste : Tél. mobile").waitFor();
    await dialog().getByRole("button", { name: "Importer", exact: true }).click();
    await dialog().getByText("Importation terminée").waitFor({ timeout: 60_000 });
    assert.equal((await lists())[0].size, 1500);
    await dialog().getByRole("button", { name: "Fermer" }).last().click();
    await dialog().waitFor({ state: "hidden" });
});

test("a file without the list's columns is not sent", async () => {
    await choose("autre.csv", "Nom,Téléphone\nA,0612345678\n");
    await dialog().getByLabel("Une liste existante").check();
    await dialog().getByLabel("Liste", { exact: true }).selectOption({ label: "Abonnés 2026" });
    await dialog().getByText(/Il manque au fichier des colonnes.*Tél. mobile/).waitFor();
    await axeClean(page, "columns missing");
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "hidden" });
});

test("a spreadsheet that is no CSV is told how to become one", async () => {
    await choose("clients.xlsx", "PK\u0003\u0004\u0000\u0000\u0000");
    await dialog().getByText("Enregistrez-le en CSV depuis votre tableur").waitFor();
    await axeClean(page, "not CSV");
    await dialog().getByRole("button", { name: "Fermer" }).last().click();
    page.quiet();
});

test("a dropped file opens the same form", async () => {
    const transfer = await page.evaluateHandle(() => {
        const data = new DataTransfer();
        data.items.add(new File(["Nom,Mobile\nA,0612345678\n"], "posé.csv", { type: "text/csv" }));
        return data;
    });
    await page.getByText("Déposez ici un fichier CSV").dispatchEvent("drop", { dataTransfer: transfer });
    await dialog().getByText("posé.csv").waitFor();
    assert.equal(await dialog().getByLabel("Mobile").isChecked(), true);
});
