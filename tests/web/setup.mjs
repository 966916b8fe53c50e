/* Makes the folder in which the tests run: the tests themselves, their packages, and the web
 * application when it is older than its sources. usage: node setup.mjs SOURCE FOLDER */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const [, , source, folder] = process.argv;
const tests = join(source, "tests", "web");
const run = (program, args, cwd) => execFileSync(program, args, { cwd, stdio: "inherit" });

function newest(path) {
    const { mtimeMs, isDirectory } = Object.assign(statSync(path), {
        isDirectory: statSync(path).isDirectory(),
    });
    if (!isDirectory) {
        return mtimeMs;
    }
    return readdirSync(path)
        .filter((name) => name !== "node_modules" && name !== "generated")
        .reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(tests)) {
    if (/\.(mjs|json)$/.test(name) || name === ".npmrc") {
        copyFileSync(join(tests, name), join(folder, name));
    }
}
const installed = join(folder, "node_modules", ".package-lock.json");
if (!existsSync(installed) || newest(join(tests, "package-lock.json")) > newest(installed)) {
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder);
}
const built = join(source, "build", "web", "index.html");
const sources = Math.max(newest(join(source, "web")), newest(join(source, "docs", "openapi.yaml")));
if (!existsSync(built) || sources > newest(built)) {
    run(join(source, "tools", "build-web"), [], source);
}
