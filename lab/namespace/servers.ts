/**
 * What inet1 (all) and dmz1 (http) run inside their namespaces; started by services.ts, ends with the router.
 *   HTTP 80: / a page, /bytes/<n> with x-sha256, /sha256/<n>, PUT anything: the hash of what came.
 *   DNS 53, UDP and TCP echo on 7 (RFC 862).
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import { content, contentHash, countIn, HASHED_AT_ONCE, page } from '../content.ts';
import { answer } from '../name-server.ts';

const what = process.argv[2] ?? 'all';
const name = what === 'all' ? 'inet1' : 'dmz1';

function serve(request: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', url = '/' } = request;
  if (method === 'PUT' || method === 'POST') {
    const hash = createHash('sha256');
    let n = 0;
    request.on('data', (d: Buffer) => { hash.update(d); n += d.length; });
    request.on('end', () => text(response, 200, `${hash.digest('hex')} ${n}\n`));
    return;
  }
  const bytes = countIn(url, 'bytes');
  if (bytes !== undefined) {
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-length', bytes);
    if (bytes <= HASHED_AT_ONCE) response.setHeader('x-sha256', contentHash(bytes));
    if (method === 'HEAD') { response.end(); return; }
    Readable.from(content(bytes), { objectMode: false, highWaterMark: 1 << 20 }).on('error', () => response.destroy()).pipe(response);
    return;
  }
  const hashed = countIn(url, 'sha256');
  if (hashed !== undefined) text(response, 200, `${contentHash(hashed)} ${hashed}\n`);
  else if (url === '/') text(response, 200, page(name, (request.socket.remoteAddress ?? '?').replace(/^::ffff:/, '')));
  else text(response, 404, 'there is /, /bytes/<n>, /sha256/<n>, and PUT\n');
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

createServer(serve).listen(80, '0.0.0.0');

/**
 * One socket per own address: a reply from a socket on 0.0.0.0 leaves with the address of the wire, not with the one that
 * was asked.
 */
function serveUdp(port: number, reply: (data: Buffer) => Uint8Array | undefined): void {
  for (const own of Object.values(networkInterfaces()).flat()) {
    if (own?.family !== 'IPv4') continue;
    const socket = createSocket('udp4');
    socket.on('message', (data, from) => {
      const back = reply(data);
      if (back) socket.send(back, from.port, from.address, () => {});
    });
    socket.bind(port, own.address);
  }
}

if (what === 'all') {
  serveUdp(53, answer);
  serveUdp(7, data => data);
  createTcpServer(socket => { socket.on('error', () => {}); socket.pipe(socket); }).listen(7, '0.0.0.0');
}
