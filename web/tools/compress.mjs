/* Writes name.gz beside every asset that shrinks by it, for nginx's gzip_static. index.html stays
 * as it is: the server writes a nonce into it each time. Ends with what the browser will fetch, and
 * fails when that is more than the page may weigh. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

const folder = fileURLToPath(new URL("../../build/web/assets/", import.meta.url));
const BUDGET = 300 * 1024;
let total = 0;
for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (!statSync(path).isFile() || name.endsWith(".gz")) {
        continue;
    }
    const plain = readFileSync(path);
    const packed = gzipSync(plain, { level: constants.Z_BEST_COMPRESSION });
    if (packed.length < plain.length * 0.95) {
        writeFileSync(`${path}.gz`, packed);
    }
    total += Math.min(plain.length, packed.length);
}
console.log(`${(total / 1024).toFixed(0)} KB compressed, of at most ${BUDGET / 1024} KB`);
if (total > BUDGET) {
    process.exit(1);
}
