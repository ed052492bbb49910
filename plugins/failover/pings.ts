import { type Counter, type DeciderSpec, type Packets, type StageSpec, Verdict } from '../../sdk/index.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { UplinkState } from '../wan/contract.ts';

const SIZE = 32;
/** Identifiers of our echo requests: one per uplink, by its place. */
const FIRST_ID = 0xfa11 & 0xff00;

export interface PingDeps {
  readonly packets: Pick<Packets, 'take' | 'output'>;
  /** The uplink that is checked under this number. */
  uplink(number: number): UplinkState | undefined;
  answered(number: number, seq: number): void;
  readonly noBuffer: Counter;
}

/** An echo request that leaves through this very uplink, whatever the routes say. */
export function sendPing({ packets, noBuffer }: PingDeps, number: number, src: number, dst: number, seq: number): void {
  const p = packets.take();
  if (p === undefined) { noBuffer.n++; return; }
  const total = ipv4.HEADER + icmp.HEADER + SIZE;
  ipv4.write(p.buf, p.off, { src, dst, proto: ipv4.PROTO_ICMP, totalLen: total });
  const at = p.off + ipv4.HEADER;
  for (let i = 0; i < SIZE; i++) p.buf[at + icmp.HEADER + i] = 0x61 + (i % 26);
  icmp.writeEcho(p.buf, at, icmp.TYPE_ECHO, FIRST_ID + number, seq);
  icmp.writeChecksum(p.buf, at, p.off + total);
  p.len = total;
  packets.output(p);
}

const numberOf = (id: number): number => (id >= FIRST_ID && id < FIRST_ID + 0x100 ? id - FIRST_ID : -1);

/** Slot `route`: our questions go out where they are to. */
export function pingRoute(deps: PingDeps): DeciderSpec {
  return {
    slot: 'route', name: 'failover.check', order: 30,
    decide(flow) {
      if (!flow.local || flow.proto !== ipv4.PROTO_ICMP) return undefined;
      const uplink = deps.uplink(numberOf(flow.sport));
      if (uplink === undefined || !uplink.up || flow.src !== uplink.ip) return undefined;
      const onLink = uplink.gateway === 0 || flow.toDst === uplink.gateway;
      return { link: uplink.link, via: onLink ? flow.toDst : uplink.gateway, source: uplink.ip };
    },
    explain: () => 'a connectivity check goes out through the uplink that is checked',
  };
}

/** input.policy: their answers. */
export function pingAnswers(deps: PingDeps): StageSpec {
  return {
    slot: 'input.policy', name: 'failover.answers',
    process(batch) {
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        if (p.proto !== ipv4.PROTO_ICMP || p.l4 === 0 || !icmp.fits(p.buf, p.l4, p.off + p.len) || icmp.type(p.buf, p.l4) !== icmp.TYPE_ECHO_REPLY) continue;
        const number = numberOf(icmp.id(p.buf, p.l4));
        const uplink = deps.uplink(number);
        if (uplink === undefined || ipv4.dst(p.buf, p.l3) !== uplink.ip || p.inLink !== uplink.link) continue;
        deps.answered(number, icmp.seq(p.buf, p.l4));
        p.verdict = Verdict.Stolen;
      }
    },
  };
}
