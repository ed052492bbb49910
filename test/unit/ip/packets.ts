import fc from 'fast-check';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import { HEADROOM, Packet } from '../../../sdk/packet.ts';
import { parse4 } from '../../../sdk/wire/address.ts';

export const ip = (text: string): number => parse4(text) as number;
export const A = ip('192.168.1.33');
export const B = ip('203.0.113.10');

/** An IPv4 packet, its header finished, options of the caller's choice. */
export function datagram(data: Uint8Array, opts: { id?: number; proto?: number; options?: readonly number[]; df?: boolean; src?: number; dst?: number } = {}): Uint8Array {
  const options = opts.options ?? [];
  const header = 20 + options.length;
  const p = new Uint8Array(header + data.length);
  ipv4.write(p, 0, { src: opts.src ?? A, dst: opts.dst ?? B, proto: opts.proto ?? 253, totalLen: p.length, id: opts.id ?? 1, df: opts.df ?? false });
  p.set(options, 20);
  p[0] = 0x40 | (header >> 2);
  p.set(data, header);
  ipv4.writeChecksum(p, 0);
  return p;
}

/** A packet whose room is filled with 0xa5, so that nothing is right by being zero. */
export function room(octets = 66_000): Packet {
  return new Packet(new Uint8Array(octets + HEADROOM).fill(0xa5), 0, octets + HEADROOM);
}

export const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
