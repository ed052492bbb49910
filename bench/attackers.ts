import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { attacks, type AttackName } from './attack-names.ts';
import { hostileBackups } from './hostile-backups.ts';
import { hostileFrames } from './hostile-frames.ts';

/**
 * A program of its own that attacks a router's console from the router's own host, over loopback.
 *
 *     node attackers.js http://127.0.0.1:PORT/#TOKEN ATTACK
 *
 * Prints `attacking` when it is at full force and goes on until SIGTERM; then it prints as JSON what it did and what it was answered.
 */
const address = new URL(process.argv[2] ?? '');
const attack = process.argv[3] as AttackName;
const token = address.hash.slice(1);
const port = Number(address.port);
const AT_ONCE = 32;
const HELD = 500;
const SENDERS = 64;

const done: Record<string, number> = {};
const count = (what: string): void => { done[what] = (done[what] ?? 0) + 1; };

/** Each has a loopback address of its own: who always comes from one is made to wait, and is answered without any work. */
const from = (i: number): string => `127.${1 + (i >> 16) % 200}.${(i >> 8) & 255}.${1 + i % 250}`;

function post(path: string, body: Buffer, headers: Record<string, string>, localAddress?: string): Promise<void> {
  return new Promise((resolve) => {
    const q = request({ host: '127.0.0.1', port, path, method: 'POST', agent: localAddress === undefined ? agent : false, headers: { 'content-length': body.length, ...headers }, ...(localAddress === undefined ? {} : { localAddress }) }, (r) => {
      r.resume();
      r.once('close', () => { count(String(r.statusCode)); resolve(); });
    });
    q.once('error', () => { count('cut off'); resolve(); });
    q.end(body);
  });
}
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

/** `one` again and again, so many at a time. */
async function storm(atOnce: number, one: (i: number) => Promise<void>): Promise<void> {
  let i = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => { for (;;) await one(i++); }));
}

const logIn = (i: number): Promise<void> => post('/api/v1/login', Buffer.from(JSON.stringify({ name: i % 3 === 0 ? 'admin' : `user${i}`, password: `wrong ${i}` })), { 'content-type': 'application/json' }, from(i));

const files = attack === 'restore' ? await hostileBackups() : [];
const upload = (i: number): Promise<void> => {
  const { octets, passphrase, valid } = files[i % files.length]!;
  return post(`/api/v1/restore${valid || i % 2 === 0 ? '?dryRun=true' : ''}`, octets, { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', ...(passphrase === undefined ? {} : { 'lancell-passphrase': passphrase }) });
};

const upgrade = `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`;
const half = `POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n`;

/** A socket that sends `first`, then an octet of `rest` now and then; it comes again when it is cut off. */
function slow(i: number, first: string, rest: Buffer, everyMs: number): void {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from(i) }, () => socket.write(first));
  let at = 0;
  const drip = setInterval(() => { if (socket.writable) socket.write(rest.subarray(at % rest.length, at % rest.length + 1)); at++; }, everyMs);
  socket.resume();
  socket.on('error', () => {});
  socket.once('close', () => { clearInterval(drip); count('cut off'); setTimeout(() => slow(i, first, rest, everyMs), 20); });
}

/** A masked text frame that announces 200 octets and never ends. */
const endless = Buffer.concat([Buffer.from([0x81, 0xfe, 0, 200, 1, 2, 3, 4]), Buffer.alloc(200, 0x41)]);

const frames = hostileFrames(token);
/** WebSocket after WebSocket, frames as fast as they are taken, some of them behind a valid hello. */
function shout(i: number): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: '127.0.0.1', port }, () => {
      socket.write(upgrade);
      socket.once('data', () => {
        if (i % 2 === 0) socket.write(frames.hello);
        let n = i;
        const more = (): void => {
          for (;;) {
            if (!socket.writable) return;
            count('messages');
            if (!socket.write(frames.junk[n++ % frames.junk.length]!)) break;
          }
        };
        socket.on('drain', more);
        more();
      });
    });
    socket.resume();
    socket.on('error', () => {});
    socket.once('close', () => { count('cut off'); resolve(); });
  });
}

function neighbour(): void {
  for (const end = performance.now() + 50; performance.now() < end;) { /* burns */ }
  setImmediate(neighbour);
}

process.once('SIGTERM', () => { process.stdout.write(`\n${JSON.stringify(done)}\n`, () => process.exit()); });
if (!attacks.includes(attack)) throw new Error(`there is no attack ${attack}`);
process.stdout.write('attacking\n');
switch (attack) {
  case 'neighbour': neighbour(); break;
  case 'log-ins': await storm(AT_ONCE, logIn); break;
  case 'slow':
    for (let i = 0; i < HELD; i++) {
      slow(i, upgrade, endless, 1000);
      slow(HELD + i, half, Buffer.from('X-Slow: yes\r\n'), 1000);
    }
    break;
  case 'restore': await storm(4, upload); break;
  case 'messages': await storm(SENDERS, shout); break;
}
