import { randomBytes } from 'node:crypto';

/** The mask of RFC 6455 section 5.3; with zeros the payload stands as it is. */
const MASK = Buffer.alloc(4);

function frame(first: number, payload: Buffer): Buffer {
  const n = payload.length;
  const length = n < 126 ? Buffer.from([0x80 | n]) : n < 65_536 ? Buffer.from([0xfe, n >> 8, n & 255]) : Buffer.from([0xff, 0, 0, 0, 0, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]);
  return Buffer.concat([Buffer.from([first]), length, MASK, payload]);
}
const text = (t: string): Buffer => frame(0x81, Buffer.from(t));
const LARGEST = 256 * 1024;

/** WebSocket frames as octets: a valid hello, and such as nobody should send. */
export function hostileFrames(token: string): { readonly hello: Buffer; readonly junk: readonly Buffer[] } {
  const keys = JSON.stringify(Object.fromEntries(Array.from({ length: 16_000 }, (_, i) => [`k${i}`, i])));
  return {
    hello: text(JSON.stringify({ type: 'hello', token })),
    junk: [
      text('not JSON'), text('{"type":"run"}'), text('{"type":"__proto__","id":1}'), text('null'), text('1e999'),
      text('['.repeat(LARGEST)), text(`${'['.repeat(LARGEST / 2)}${']'.repeat(LARGEST / 2)}`), text(`{"a":`.repeat(40_000)),
      text(`{"type":"config.set","id":1,"path":"lan.ports","value":${keys}}`), text(`{"type":"act","id":1,"panel":"x","action":"y","input":[${'0,'.repeat(100_000)}0]}`),
      text(`{"type":"run","id":2,"line":"${'a | '.repeat(15_000)}"}`), text(`{"type":"complete","id":3,"line":"${'"'.replace('"', 'x ').repeat(30_000)}"}`),
      frame(0x82, randomBytes(1000)), frame(0x81, randomBytes(1000)), frame(0x83, Buffer.alloc(10)), frame(0xf1, Buffer.alloc(10)), frame(0x89, Buffer.alloc(200)),
      text('a'.repeat(LARGEST + 1)), randomBytes(2000),
    ],
  };
}
