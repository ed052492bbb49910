import type { Batch, Counter, FlowView, Packet } from '../../sdk/index.ts';
import * as checksum from '../../sdk/wire/checksum.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as pptp from '../../sdk/wire/pptp.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import type { PptpCalls } from './pptp-calls.ts';
import { type Patch, PptpStream } from './pptp-stream.ts';

/** The word in flow lists. */
export const INSPECTOR = 'pptp';

interface Control { readonly insideDirection: 0 | 1; readonly remote: number; readonly fromInside: PptpStream; readonly fromOutside: PptpStream }

/** PPTP control connections through NAT: call ids are translated in both directions. Lengths stay, so sequence numbers do too. */
export class PptpControls {
  readonly #calls: PptpCalls;
  /** By flow; undefined: a connection that is not translated. */
  readonly #controls = new Map<number, Control | undefined>();
  readonly #view: (id: number) => FlowView | undefined;
  readonly #gap: Counter;

  constructor(calls: PptpCalls, view: (id: number) => FlowView | undefined, gap: Counter) {
    this.#calls = calls;
    this.#view = view;
    this.#gap = gap;
  }

  /** Stage forward.alg: the packets are as they came, not yet rewritten. */
  process(batch: Batch): void {
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (p.proto !== 6 || p.tuple < 0 || p.l4 === 0) continue;
      if (tcp.srcPort(p.buf, p.l4) !== pptp.PORT && tcp.dstPort(p.buf, p.l4) !== pptp.PORT) continue;
      const control = this.#of(p.tuple >> 1);
      if (control && !this.#segment(p, control)) batch.drop(p, this.#gap);
    }
  }

  /** A flow is over. */
  ended(flow: FlowView): void {
    if (flow.inspect !== INSPECTOR) return;
    this.#calls.end(remoteOf(flow), flow.id);
    this.#controls.delete(flow.id);
  }

  #segment(p: Packet, control: Control): boolean {
    const stream = (p.tuple & 1) === control.insideDirection ? control.fromInside : control.fromOutside;
    const seq = tcp.seq(p.buf, p.l4);
    if ((tcp.flags(p.buf, p.l4) & tcp.SYN) !== 0) {
      stream.begin(seq);
      return true;
    }
    const patches = stream.segment(p.buf, p.l4 + tcp.dataOffset(p.buf, p.l4), p.l3 + ipv4.totalLen(p.buf, p.l3), seq);
    if (!patches) return false;
    for (const patch of patches) write(p, patch);
    return true;
  }

  #of(flow: number): Control | undefined {
    if (this.#controls.has(flow)) return this.#controls.get(flow);
    const view = this.#view(flow);
    const control = view?.inspect === INSPECTOR ? this.#make(view) : undefined;
    this.#controls.set(flow, control);
    return control;
  }

  #make(flow: FlowView): Control | undefined {
    const outbound = flow.reply.dst !== flow.original.src;
    if (outbound === (flow.reply.src !== flow.original.dst)) return undefined; // both or neither: between hosts inside
    const host = outbound ? flow.original.src : flow.reply.src;
    const remote = remoteOf(flow);
    const address = outbound ? flow.reply.dst : flow.original.dst;
    const calls = this.#calls;
    return {
      insideDirection: outbound ? 0 : 1, remote,
      fromInside: new PptpStream((type, own, id) => {
        if (!own) return id;
        const becomes = calls.outsideId(remote, address, host, id, flow.id);
        if (type === pptp.CALL_DISCONNECT_NOTIFY) calls.end(remote, flow.id, id);
        return becomes;
      }),
      fromOutside: new PptpStream((_type, own, id) => {
        if (own) return id;
        const call = calls.find(remote, address, id);
        return call?.host === host ? call.id : id;
      }),
    };
  }
}

/** The end outside. */
const remoteOf = (flow: FlowView): number => (flow.reply.dst !== flow.original.src ? flow.reply.src : flow.original.src);

/** One octet, and the checksum that goes with it. */
function write(p: Packet, { at, value }: Patch): void {
  const { buf, l4 } = p;
  const word = at - ((at - l4) & 1);
  const before = buf[word]! << 8 | (buf[word + 1] ?? 0);
  const old = buf[at]!;
  if (old === value) return;
  buf[at] = value;
  // A checksum that is not finished yet holds nothing of the data.
  if (p.needsCsum) return;
  const now = at === word ? value << 8 | (before & 0xff) : (before & 0xff00) | value;
  tcp.setChecksum(buf, l4, checksum.update16(tcp.checksum(buf, l4), before, now));
}
