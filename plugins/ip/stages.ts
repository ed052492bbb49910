import { type Clock, type Counter, type Packet, type Packets, type StageSpec, Verdict } from '../../sdk/index.ts';
import * as arp from '../../sdk/wire/arp.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { AddressTable } from './addresses.ts';
import type { Icmp } from './icmp.ts';
import type { In } from './neighbour-messages.ts';
import type { Probes } from './probes.ts';
import type { Reassembly } from './reassembly.ts';

type Count = (name: string) => Counter;

/** prerouting.arp: takes every ARP frame out of the stream and tells the machine. */
export function arpStage(feed: (input: In) => void, counter: Count): StageSpec {
  const malformed = counter('arp: malformed');
  return {
    slot: 'prerouting.arp',
    name: 'ip.arp',
    process(batch) {
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        if (p.etherType !== ethernet.TYPE_ARP) continue;
        const at = p.off + ethernet.HEADER;
        if (!arp.fits(p.buf, at, p.off + p.len)) { batch.drop(p, malformed); continue; }
        p.verdict = Verdict.Stolen;
        feed({ kind: 'arp', link: p.inLink, port: p.port < 0 ? p.inLink : p.port, op: arp.op(p.buf, at), sha: arp.sha(p.buf, at), spa: arp.spa(p.buf, at), tpa: arp.tpa(p.buf, at) });
      }
    },
    trace: (p) => p.etherType === ethernet.TYPE_ARP ? 'ARP' : 'no ARP',
  };
}

export interface ReassemblyDeps {
  readonly machine: () => Reassembly;
  readonly clock: Pick<Clock, 'now'>;
  readonly packets: Pick<Packets, 'take' | 'free' | 'inject'>;
  /** Fragments that no sender makes: told once a second for each kind and source. */
  attack(kind: string, p: Packet, detail: string): void;
  /** A deadline may have come closer. */
  rearm(): void;
}

/** prerouting.reassembly: later stages see whole datagrams only. */
export function reassemblyStage(deps: ReassemblyDeps, counter: Count): StageSpec {
  const drops = Object.fromEntries((['duplicate', 'overlap', 'too-long', 'misaligned', 'empty'] as const).map((why) => [why, counter(`reassembly: ${why}`)]));
  const noRoom = counter('reassembly: no packet buffer free');
  const done = counter('reassembly: done');
  return {
    slot: 'prerouting.reassembly',
    name: 'ip.reassembly',
    process(batch) {
      let held = false;
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        if (!isFragment(p)) continue;
        const machine = deps.machine();
        const outcome = machine.add(p.buf, p.l3, p.inLink, deps.clock.now());
        held = true;
        if (outcome === 'held') p.verdict = Verdict.Stolen;
        else if (outcome !== 'whole') {
          batch.drop(p, drops[outcome] as Counter);
          if (outcome === 'overlap') deps.attack('teardrop', p, 'overlapping fragments');
          if (outcome === 'too-long') deps.attack('ping of death', p, 'fragments of more than an IP packet can be');
        }
        else if (complete(p, machine, deps.packets)) done.n++;
        else batch.drop(p, noRoom);
      }
      if (held) deps.rearm();
    },
    trace: (p) => isFragment(p) ? `fragment at ${ipv4.fragmentOffset(p.buf, p.l3)}` : 'whole',
  };
}

const isFragment = (p: Packet): boolean => p.etherType === ethernet.TYPE_IPV4 && p.l3 !== 0 && ipv4.isFragment(p.buf, p.l3);

/** The datagram takes the place of its last fragment, or, where that has no room, comes in anew. */
function complete(p: Packet, machine: Reassembly, packets: ReassemblyDeps['packets']): boolean {
  const total = machine.wholeLen();
  if (p.l3 + total <= p.base + p.room) {
    machine.write(p.buf, p.l3);
    p.len = p.l3 - p.off + total;
    p.l4 = p.l3 + ipv4.headerLen(p.buf, p.l3);
    p.proto = ipv4.protocol(p.buf, p.l3);
    p.needsCsum = false;
    return true;
  }
  const out = packets.take();
  if (!out) return false;
  const front = p.l3 - p.off;
  out.buf.set(p.buf.subarray(p.off, p.l3), out.off);
  machine.write(out.buf, out.off + front);
  out.len = front + total;
  packets.inject(out, p.inLink);
  p.verdict = Verdict.Stolen;
  return true;
}

export interface LocalDeps {
  readonly icmp: Icmp;
  readonly probes: Probes;
  readonly addresses: AddressTable;
  /** Whether to answer pings. */
  echo(): boolean;
}

/** input.local: echo requests to own addresses, and answers to own probes. */
export function echoStage(deps: LocalDeps, counter: Count): StageSpec {
  const malformed = counter('icmp: malformed');
  const refused = counter('icmp: echo refused');
  const broadcast = counter('icmp: echo broadcast');
  const noBuffer = counter('icmp: no buffer');
  return {
    slot: 'input.local',
    name: 'ip.icmp',
    process(batch) {
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        if (p.proto !== ipv4.PROTO_ICMP || p.l4 === 0) continue;
        const end = p.l3 + ipv4.totalLen(p.buf, p.l3);
        if (!icmp.fits(p.buf, p.l4, end) || !icmp.checksumOk(p.buf, p.l4, end)) { batch.drop(p, malformed); continue; }
        if (icmp.type(p.buf, p.l4) !== icmp.TYPE_ECHO) {
          if (deps.probes.take(p)) p.verdict = Verdict.Stolen;
        } else if (!deps.addresses.ownedBy(ipv4.dst(p.buf, p.l3))) batch.drop(p, broadcast); // RFC 1122 §3.2.2.6; the smurf attack
        else if (!deps.echo()) batch.drop(p, refused);
        else if (deps.icmp.echoReply(p)) p.verdict = Verdict.Stolen;
        else batch.drop(p, noBuffer);
      }
    },
  };
}
