import { datagram } from './ip.ts';
import { field, hex, ip4, type Layer, mac, u16 } from './octets.ts';

/** Who talks to whom, in which protocol; what a flow is known by. */
export interface Ends { readonly src: string; readonly dst: string; readonly proto: number; readonly sport: number; readonly dport: number }

export interface Decoded {
  readonly layers: readonly Layer[];
  /** Source and destination as the list shows them. */
  readonly from: string;
  readonly to: string;
  /** The innermost protocol. */
  readonly protocol: string;
  readonly ends?: Ends;
}

const types: Readonly<Record<number, string>> = { 2048: 'IPv4', 2054: 'ARP', 33024: 'VLAN', 34525: 'IPv6', 34915: 'PPPoE discovery', 34916: 'PPPoE', 34958: 'EAPOL', 35020: 'LLDP' };

/** The layers of a frame. `bytes` may be cut: what is not there is not told. Never throws. */
export function decode(bytes: Uint8Array, framing: string): Decoded {
  const layers: Layer[] = [];
  if (framing === 'ip') return finish(layers, bytes, 0, 0x0800);
  if (bytes.length < 14) return { layers: [{ name: 'Ethernet', says: 'cut', from: 0, to: bytes.length, fields: [], bad: true }], from: '', to: '', protocol: 'Ethernet' };
  let type = u16(bytes, 12);
  let at = 14;
  layers.push({ name: 'Ethernet', says: `${mac(bytes, 6)} → ${mac(bytes, 0)}`, from: 0, to: 14, fields: [
    field('Destination', mac(bytes, 0) + kind(bytes), 0, 6), field('Source', mac(bytes, 6), 6, 12), field('Type', `${types[type] ?? 'unknown'} (${hex(type, 4)})`, 12, 14),
  ] });
  if (type === 0x8100 && bytes.length >= 18) {
    const tag = u16(bytes, 14);
    type = u16(bytes, 16);
    layers.push({ name: 'VLAN', says: `id ${tag & 0xfff}`, from: 14, to: 18, fields: [field('Priority', tag >>> 13, 14, 16), field('VLAN id', tag & 0xfff, 14, 16), field('Type', `${types[type] ?? 'unknown'} (${hex(type, 4)})`, 16, 18)] });
    at = 18;
  }
  return finish(layers, bytes, at, type);
}

function finish(layers: Layer[], b: Uint8Array, at: number, type: number): Decoded {
  const outside = layers[0] === undefined ? { from: '', to: '' } : { from: mac(b, 6), to: mac(b, 0) };
  if (type === 0x0800) {
    const found = datagram(b, at);
    layers.push(...found.layers);
    const { ends } = found;
    const protocol = layers.filter((l) => l.name !== 'Data' && !l.name.endsWith('(quoted)')).at(-1)!.name;
    if (ends === undefined) return { layers, ...outside, protocol };
    const ported = (ip: string, port: number): string => (port === 0 ? ip : `${ip}:${port}`);
    return { layers, from: ported(ends.src, ends.sport), to: ported(ends.dst, ends.dport), protocol, ends };
  }
  if (type === 0x0806) {
    const layer = resolution(b, at);
    layers.push(layer);
    return { layers, ...(b.length >= at + 28 ? { from: ip4(b, at + 14), to: ip4(b, at + 24) } : outside), protocol: 'ARP' };
  }
  if (b.length > at) layers.push({ name: 'Data', says: `${b.length - at} octets`, from: at, to: b.length, fields: [] });
  return { layers, ...outside, protocol: types[type] ?? (type < 0x600 ? '802.3' : hex(type, 4)) };
}

const kind = (b: Uint8Array): string => ((b[0]! & 1) === 0 ? '' : b.subarray(0, 6).every((x) => x === 0xff) ? ' (broadcast)' : ' (multicast)');

/** RFC 826, for Ethernet and IPv4. */
function resolution(b: Uint8Array, at: number): Layer {
  if (b.length < at + 28) return { name: 'ARP', says: 'cut', from: at, to: b.length, fields: [], bad: true };
  const op = u16(b, at + 6);
  const says = op === 1 ? `who has ${ip4(b, at + 24)}? tell ${ip4(b, at + 14)}` : op === 2 ? `${ip4(b, at + 14)} is at ${mac(b, at + 8)}` : `operation ${op}`;
  return { name: 'ARP', says, from: at, to: at + 28, fields: [
    field('Hardware type', u16(b, at), at, at + 2), field('Protocol type', hex(u16(b, at + 2), 4), at + 2, at + 4), field('Lengths', `${b[at + 4]} and ${b[at + 5]}`, at + 4, at + 6),
    field('Operation', op === 1 ? '1 (request)' : op === 2 ? '2 (reply)' : op, at + 6, at + 8), field('Sender hardware address', mac(b, at + 8), at + 8, at + 14),
    field('Sender address', ip4(b, at + 14), at + 14, at + 18), field('Target hardware address', mac(b, at + 18), at + 18, at + 24), field('Target address', ip4(b, at + 24), at + 24, at + 28),
  ] };
}
