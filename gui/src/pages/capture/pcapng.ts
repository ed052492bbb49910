import type { Packet } from './packets.ts';

const LINKTYPE_ETHERNET = 1;
const LINKTYPE_RAW = 101;

/** A block of the format: type and length around a body whose length is a multiple of 4. */
function block(type: number, body: Uint8Array): Uint8Array {
  const padded = (body.length + 3) & ~3;
  const out = new Uint8Array(padded + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, out.length, true);
  out.set(body, 8);
  view.setUint32(out.length - 4, out.length, true);
  return out;
}

/** The packets as a pcapng file (draft-ietf-opsawg-pcapng), one interface per link. */
export function pcapng(packets: readonly Packet[], snap: number): Blob {
  const section = new Uint8Array(16);
  const head = new DataView(section.buffer);
  head.setUint32(0, 0x1a2b3c4d, true);
  head.setUint16(4, 1, true);
  head.setBigInt64(8, -1n, true);
  const blocks = [block(0x0a0d0d0a, section)];
  const ids = new Map<string, number>();
  for (const { sent, bytes } of packets) {
    const key = `${sent.link} ${sent.framing}`;
    if (!ids.has(key)) {
      ids.set(key, ids.size);
      const name = new TextEncoder().encode(sent.link);
      const body = new Uint8Array(8 + 4 + ((name.length + 3) & ~3) + 4);
      const view = new DataView(body.buffer);
      view.setUint16(0, sent.framing === 'ip' ? LINKTYPE_RAW : LINKTYPE_ETHERNET, true);
      view.setUint32(4, snap, true);
      view.setUint16(8, 2, true);
      view.setUint16(10, name.length, true);
      body.set(name, 12);
      blocks.push(block(1, body));
    }
    const body = new Uint8Array(20 + bytes.length);
    const view = new DataView(body.buffer);
    // Times are in microseconds unless the interface says otherwise.
    const time = BigInt(Math.round(sent.at * 1000));
    view.setUint32(0, ids.get(key)!, true);
    view.setUint32(4, Number(time >> 32n), true);
    view.setUint32(8, Number(time & 0xffffffffn), true);
    view.setUint32(12, bytes.length, true);
    view.setUint32(16, sent.octets, true);
    body.set(bytes, 20);
    blocks.push(block(6, body));
  }
  return new Blob(blocks as BlobPart[], { type: 'application/x-pcapng' });
}
