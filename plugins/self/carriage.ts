import { type Counter, type DeciderSpec, type Packet, type Packets, type SelfStack, type StageSpec, Verdict } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';

export interface CarriageDeps {
  readonly stack: SelfStack;
  readonly packets: Packets;
  /** Number of the link into the stack. */
  link(): number;
  zoneOf(link: number): string | undefined;
  counter(name: string): Counter;
}

/** Slot `policy`, before rules of any kind: who may reach a port on which a service of the router listens. */
export function admission(deps: CarriageDeps): DeciderSpec {
  // Answered as if nobody listened.
  const refused = { drop: deps.counter('self: not admitted by remote management'), reject: icmp.CODE_PORT };
  return {
    slot: 'policy', name: 'self.remote', order: 20,
    decide(flow) {
      if (!flow.toSelf || flow.local || flow.proto !== ipv4.PROTO_TCP || !deps.stack.listens(flow.toDport)) return undefined;
      const admitted = deps.stack.admits({ src: flow.src, sport: flow.sport, dst: flow.toDst, dport: flow.toDport, zone: deps.zoneOf(flow.inLink) });
      return admitted ? undefined : refused;
    },
    explain: (flow) => `remote management does not let ${format4(flow.src)} in through ${deps.zoneOf(flow.inLink) ?? 'an interface without a zone'}`,
  };
}

/** input.local: TCP for the stack, and ICMP errors about its connections, go into the link. What is for nobody there stays. */
export function intoStack(deps: CarriageDeps): StageSpec {
  const noBuffer = deps.counter('self: no packet buffer free');
  const done = deps.counter('self: into the stack');
  return {
    slot: 'input.local', name: 'self.in',
    process(batch) {
      const link = deps.link();
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        if (!forStack(p, deps.stack)) continue;
        const copy = deps.packets.take();
        if (!copy) { batch.drop(p, noBuffer); continue; }
        copy.copyFrom(p);
        bare(copy);
        deps.packets.transmit(copy, link);
        done.n++;
        p.verdict = Verdict.Stolen;
      }
    },
    trace: (p) => forStack(p, deps.stack) ? "into the stack of the router's own services" : 'no service of the router listens there',
  };
}

/** Packets of the stack's own connections are answers, in the direction 1 of their flow. */
function forStack(p: Packet, stack: SelfStack): boolean {
  if (p.l4 === 0) return false;
  if (p.proto === ipv4.PROTO_TCP) return !p.local && ((p.tuple >= 0 && (p.tuple & 1) === 1) || stack.listens(tcp.dstPort(p.buf, p.l4)));
  if (p.proto !== ipv4.PROTO_ICMP || !(p.tuple >= 0 || p.local)) return false;
  const quoted = p.l4 + icmp.HEADER;
  return icmp.isError(icmp.type(p.buf, p.l4)) && quoted + ipv4.HEADER <= p.off + p.len && ipv4.protocol(p.buf, quoted) === ipv4.PROTO_TCP;
}

/** Takes the link header off; what counts from the packet's first octet counts from the IP header then. */
function bare(p: Packet): void {
  const front = p.l3 - p.off;
  p.off = p.l3;
  p.len -= front;
  if (p.needsCsum) p.csumStart = p.l4 - p.l3;
  p.hdrLen = Math.max(0, p.hdrLen - front);
  p.tuple = p.neighbour = p.outLink = -1;
  p.mark = 0;
}

/** ingress.decap: what the stack has sent becomes a packet from the router itself, addresses as they are. */
export function outOfStack(deps: CarriageDeps): StageSpec {
  const foreign = deps.counter('self: not IPv4');
  const noBuffer = deps.counter('self: no packet buffer free');
  const done = deps.counter('self: out of the stack');
  return {
    slot: 'ingress.decap', name: 'self.out',
    process(batch) {
      const link = deps.link();
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        if (p.inLink !== link) continue;
        if ((p.buf[p.off] ?? 0) >> 4 !== 4) { batch.drop(p, foreign); continue; }
        const copy = deps.packets.take();
        if (!copy) { batch.drop(p, noBuffer); continue; }
        copy.copyFrom(p);
        copy.inLink = copy.port = -1;
        deps.packets.output(copy);
        done.n++;
        p.verdict = Verdict.Stolen;
      }
    },
    trace: () => "from the stack of the router's own services",
  };
}
