/* What the parts share: checks that count, real processes on free ports, and waiting. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

let checks = 0;

export function checkCount() {
    return checks;
}

export function check(holds, sentence, ...seen) {
    checks++;
    if (!holds)
        throw new Error([`WRONG: ${sentence}`, ...seen.map((one) => JSON.stringify(one))].join('\n  '));
}

export function equal(actual, expected, sentence) {
    check(isDeepStrictEqual(actual, expected), sentence, { actual, expected });
}

/* The SDK rejects with the body itself, so status and code must be in it. */
export async function refused(promise, status, code, words, sentence) {
    let body = null;
    try {
        await promise;
    } catch (reason) {
        body = reason;
    }
    check(body !== null, `${sentence}: it is refused`);
    check(body.status === status && body.code === code, `${sentence}: ${status} ${code}`, body);
    check(words.test(body.message), `${sentence}: says why, ${words}`, body);
    check(body.message === body.messageWithParams && Array.isArray(body.errors) &&
          Array.isArray(body.details) && typeof body.messageParams === 'object',
          `${sentence}: the body has every field that the SDK describes`, body);
    return body;
}

export function pause(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
}

/* Asks until the answer is something: the only way to wait for what no one pushes. */
export async function until(sentence, ask, limitMs = 60000) {
    const end = Date.now() + limitMs;
    for (;;) {
        const answer = await ask();
        if (answer)
            return answer;
        if (Date.now() > end)
            throw new Error(`WRONG: ${sentence}, within ${limitMs} ms`);
        await pause(50);
    }
}

export class Process {
    constructor(program, args) {
        this.process = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        this.text = '';
        process.on('exit', () => this.process.kill('SIGKILL'));
        this.ended = new Promise((resolve) => this.process.on('exit', resolve));
        this.process.stdout.on('data', (bytes) => { this.text += bytes; });
    }

    async line(pattern) {
        let isOver = false;
        this.ended.then(() => { isOver = true; });
        await until(`${this.process.spawnargs[1]} says ${pattern}`,
                    () => isOver || pattern.test(this.text), 30000);
        const match = this.text.match(pattern);
        if (!match)
            throw new Error(`${this.process.spawnargs[1]} ended: ${this.text}`);
        return match;
    }

    stop() {
        this.process.kill('SIGTERM');
        return this.ended;
    }
}

export async function serve(program, folder) {
    const bootstrap = `${folder}/bootstrap.json`;
    const database = process.env.CADRAN_TEST_DATABASE; /* tests/with_postgres.py */
    const server = new Process(program, ['serve', '--data', `${folder}/data`, '--http', '127.0.0.1:0',
                                         '--sip', '127.0.0.1:0', '--bootstrap', bootstrap,
                                         ...(database ? ['--database', database] : [])]);
    [, server.http, server.sip] = await server.line(/cadran ready http=(\S+) sip=(\S+)/);
    server.secrets = JSON.parse(fs.readFileSync(bootstrap, 'utf8'));
    server.base = `http://${server.http}`;
    return server;
}

/* A telephone network: `profile` is its public, `record` the file of every number that it is
 * asked for. */
export async function carrier(program, folder, name, profile, more = []) {
    const file = `${folder}/${name}.ini`;
    const record = `${folder}/${name}.called`;
    fs.writeFileSync(file, profile);
    fs.writeFileSync(record, '');
    const network = new Process(program, ['carrier', '--sip', '127.0.0.1:0', '--profile', file,
                                          '--record', record, '--seed', '11', ...more]);
    const [, port] = await network.line(/carrier ready sip=127\.0\.0\.1:(\d+)/);
    network.port = Number(port);
    network.called = () => fs.readFileSync(record, 'ascii').split('\n').filter((line) => line);
    return network;
}

/* What the SDK has no function for, and what people do with a session instead of a token. */
export class Person {
    constructor(server) {
        this.server = server;
        this.headers = { Origin: server.base };
    }

    async ask(method, path, body) {
        const answer = await fetch(`${this.server.base}${path}`, {
            method,
            headers: { ...this.headers, 'Content-Type': 'application/json' },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await answer.text();
        const value = text ? JSON.parse(text) : undefined;
        if (answer.status >= 400)
            throw value;
        this.answer = answer;
        return value;
    }

    async logIn(email, password) {
        const user = await this.ask('POST', '/login', { email, password });
        this.headers.Cookie = this.answer.headers.get('set-cookie').split(';')[0];
        return user;
    }
}
