/* The unchanged npm package purecloud-platform-client-v2 drives a whole campaign.
 *
 *   node run.mjs PROGRAM FOLDER [PART...]
 *
 * PROGRAM is cadran; the packages are installed in FOLDER, from the lock file beside this one. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkCount, serve } from './world.mjs';
import { configuration } from './configuration.mjs';
import { contacts } from './contacts.mjs';
import { exclusions } from './exclusions.mjs';
import { limits } from './limits.mjs';
import { lists } from './lists.mjs';
import { templates } from './templates.mjs';
import { management } from './management.mjs';
import { filters } from './filters.mjs';
import { agentless } from './agentless.mjs';
import { progressive } from './progressive.mjs';
import { goodbye } from './goodbye.mjs';

const [program, folder, ...chosen] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));

/* Once, and again when the lock file has changed. */
function install() {
    const stamp = path.join(folder, 'node_modules', 'installed');
    const lock = fs.readFileSync(path.join(here, 'package-lock.json'), 'utf8');
    if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === lock)
        return;
    fs.mkdirSync(folder, { recursive: true });
    for (const name of ['package.json', 'package-lock.json', '.npmrc'])
        fs.copyFileSync(path.join(here, name), path.join(folder, name));
    execFileSync('npm', ['ci', '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
    fs.writeFileSync(stamp, lock);
}

async function log_in(server, sdk) {
    const client = sdk.ApiClient.instance;
    const [host, port] = server.http.split(':');
    client.setGateway({ host, protocol: 'http', port: Number(port) });
    const { id, secret } = server.secrets.client;
    await client.loginClientCredentialsGrant(id, secret);
    /* What only Cadran has: the SDK's own way to call any address. */
    const call = (method, path, body) => client.callApi(path, method, {}, {}, {}, {}, body,
                                                        ['PureCloud OAuth'], ['application/json'],
                                                        ['application/json']);
    return {
        sdk,
        client,
        get: (path) => call('GET', path),
        post: (path, body) => call('POST', path, body),
        put: (path, body) => call('PUT', path, body),
        patch: (path, body) => call('PATCH', path, body),
        call,
        server,
        outbound: new sdk.OutboundApi(),
        routing: new sdk.RoutingApi(),
        users: new sdk.UsersApi(),
        notifications: new sdk.NotificationsApi(),
        authorization: new sdk.AuthorizationApi(),
        tokens: new sdk.TokensApi(),
    };
}

async function main() {
    install();
    const work = fs.mkdtempSync(path.join(os.tmpdir(), 'cadran-sdk-'));
    process.env.HOME = work; /* the SDK reads and watches a file in the home folder */
    const load = createRequire(path.join(folder, 'package.json'));
    const sdk = load('purecloud-platform-client-v2');
    const server = await serve(program, work);
    const parts = { configuration, contacts, lists, exclusions, templates, limits, filters, management, agentless, progressive, goodbye };
    let status = 0;
    try {
        const world = { ...await log_in(server, sdk), program, folder: work, WebSocket: load('ws') };
        for (const [name, part] of Object.entries(parts)) {
            if (chosen.length && !chosen.includes(name))
                continue;
            const before = checkCount();
            const at = Date.now();
            await part(world);
            console.log(`${name}: ${checkCount() - before} checks, ${Date.now() - at} ms`);
        }
    } catch (reason) {
        console.error(reason instanceof Error ? reason.stack : reason);
        status = 1;
    }
    const ended = await server.stop();
    if (ended !== 0) {
        console.error(`WRONG: the server ended with ${ended}`);
        status = 1;
    }
    fs.rmSync(work, { recursive: true });
    console.log(`${checkCount()} checks ${status ? 'until the first that failed' : 'passed'}`);
    process.exit(status);
}

main();
