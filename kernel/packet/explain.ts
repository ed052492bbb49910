import type { Packet } from '../../sdk/packet.ts';
import { format4 } from '../../sdk/wire/address.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { DST, FLAGS, linkOf, OUT, PORTS, REWRITE, SRC, WORDS } from '../flow/action.ts';
import { portsOf } from '../flow/key.ts';
import type { FlowTable } from '../flow/table.ts';

/** What the executor is about to do with a packet, in words. */
export function explainExecution(p: Packet, table: FlowTable, linkName: (id: number) => string): string {
  const a = table.tuples;
  const at = p.tuple * WORDS;
  const parts: string[] = [];
  if ((a[at + FLAGS]! & REWRITE) !== 0 && !p.translated) {
    const ports = portsOf(p.buf, p.l4, p.proto);
    const now = a[at + PORTS]!;
    const before = [end(ipv4.src(p.buf, p.l3), ports >>> 16), end(ipv4.dst(p.buf, p.l3), ports & 0xffff)];
    const after = [end(a[at + SRC]! >>> 0, now >>> 16), end(a[at + DST]! >>> 0, now & 0xffff)];
    if (before[0] !== after[0]) parts.push(`source ${before[0]} → ${after[0]}`);
    if (before[1] !== after[1]) parts.push(`destination ${before[1]} → ${after[1]}`);
  }
  if (!p.local) parts.push(`ttl ${ipv4.ttl(p.buf, p.l3)} → ${ipv4.ttl(p.buf, p.l3) - 1}`);
  parts.push(`to ${linkName(linkOf(a[at + OUT]!))}`);
  return parts.join(', ');
}

const end = (ip: number, port: number): string => port === 0 ? format4(ip) : `${format4(ip)}:${port}`;
