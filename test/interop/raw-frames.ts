import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse4, parseMac } from '../../sdk/wire/address.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { Bed } from './bed.ts';

/** What an attacker's program sends: frames as they are, through a packet socket. `times` over, as fast as it goes. */
export async function send(bed: Bed, from: string, frames: readonly Uint8Array[], times = 1): Promise<void> {
  const file = join(bed.folder, 'frames');
  writeFileSync(file, frames.map((f) => Buffer.from(f).toString('hex')).join('\n'));
  await bed.net.sh(from, `exec python3 -c '${sender}' ${file} ${times}`, 60_000);
}

const sender = `
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
frames = [bytes.fromhex(l) for l in open(sys.argv[1])]
n = 0
for _ in range(int(sys.argv[2])):
    for f in frames:
        try: s.send(f)
        except OSError: pass
        n += 1
        # In bursts, and not faster than a receiver of one core can take.
        if n % 64 == 0: time.sleep(0.001)
`;

export interface Ip {
  readonly src: string; readonly dst: string; readonly proto: number; readonly data: Uint8Array;
  /** Multiple of 4 octets. */
  readonly options?: Uint8Array;
  readonly id?: number; readonly ttl?: number;
  /** Offset in octets, and whether more follow. */
  readonly fragment?: { readonly at: number; readonly more: boolean };
  /** Written over the finished header; the checksum is made right again after it unless `wrongSum`. */
  readonly version?: number; readonly headerLen?: number; readonly totalLen?: number; readonly wrongSum?: boolean;
}

/** An IPv4 packet, as wrong as asked for. */
export function packet(o: Ip): Uint8Array {
  const options = o.options ?? new Uint8Array();
  const header = 20 + options.length;
  const buf = new Uint8Array(header + o.data.length);
  ipv4.write(buf, 0, { src: parse4(o.src) ?? 0, dst: parse4(o.dst) ?? 0, proto: o.proto, totalLen: o.totalLen ?? buf.length, ttl: o.ttl ?? 64, id: o.id ?? 1 });
  buf[0] = (o.version ?? 4) << 4 | (o.headerLen ?? header) >> 2;
  buf.set(options, 20);
  buf.set(o.data, header);
  if (o.fragment) ipv4.setFlagsFragment(buf, 0, (o.fragment.more ? 0x2000 : 0) | o.fragment.at >> 3);
  if (!o.wrongSum) {
    buf[10] = buf[11] = 0;
    let sum = 0;
    for (let i = 0; i < header; i += 2) sum += buf[i]! << 8 | buf[i + 1]!;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    buf[10] = ~sum >> 8 & 0xff;
    buf[11] = ~sum & 0xff;
  } else buf[10] = buf[10]! ^ 0x55;
  return buf;
}

/** An Ethernet frame, padded to the 60 octets that a wire wants unless `short`. */
export function frame(dst: string, src: string, type: number, data: Uint8Array, short = false): Uint8Array {
  const buf = new Uint8Array(short ? 14 + data.length : Math.max(60, 14 + data.length));
  ethernet.write(buf, 0, parseMac(dst) ?? new Uint8Array(6), parseMac(src) ?? new Uint8Array(6), type);
  buf.set(data, 14);
  return buf;
}

/** Octets that are the same in every run (a linear congruential generator). */
export function noise(n: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(n);
  let x = seed >>> 0;
  for (let i = 0; i < n; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}
