import type { PluginContext } from '../../sdk/index.ts';
import { macText } from './fdb.ts';
import type { Segment } from './switch.ts';

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'clock' | 'flows' | 'neighbours' | 'links'>;

/** Stations that moved are looked after together, so that one that flaps costs little (ms; stations). */
const MOVE_DELAY_MS = 50;
const MOVES = 64;

/**
 * A port leaves its interface: nobody behind it can be reached by the address he had there, from this moment on. (The original
 * let old leases work until its bridge table aged.)
 */
export const takeAway = (ctx: Ctx, segment: Segment, port: number, leases: readonly { readonly ip: number; readonly mac: string }[]): void => {
  const stations = segment.bridge.fdb.list(ctx.clock.now());
  const here = new Set(stations.filter(s => s.port === port).map(s => s.mac));
  const elsewhere = new Set(stations.filter(s => s.port !== port).map(s => s.mac));
  const lost = new Set(leases.filter(l => here.has(l.mac)).map(l => l.ip));
  for (const n of ctx.neighbours.list()) {
    if (n.link !== segment.id || n.mac === undefined || elsewhere.has(n.mac)) continue;
    // Silent for longer than the table remembers: it may be behind this port, so it has to be asked for again.
    if (here.has(n.mac)) { lost.add(n.ip); ctx.neighbours.remove(n.link, n.ip); } else ctx.neighbours.invalidate(n.link, n.ip);
  }
  segment.bridge.fdb.flushPort(port);
  const name = ctx.links.byId(port)?.name ?? 'port';
  ctx.flows.cutWhere(f =>
    f.inLink === port || f.outLink === port
    || (f.inLink === segment.id && lost.has(f.original.src)) || (f.outLink === segment.id && lost.has(f.reply.src)), `${name} left ${segment.role}`);
};

/** Tells the neighbour table the new port of stations that moved within their bridge; the executor sends to that port directly. */
export class Movers {
  readonly #ctx: Ctx;
  readonly #waiting = new Map<string, { readonly link: number; readonly port: number }>();
  #armed = false;

  constructor(ctx: Ctx) { this.#ctx = ctx; }

  moved(segment: Segment, hi: number, lo: number, port: number): void {
    const mac = macText(hi, lo);
    if (this.#waiting.size >= MOVES && !this.#waiting.has(mac)) return;
    this.#waiting.set(mac, { link: segment.id, port });
    if (this.#armed) return;
    this.#armed = true;
    this.#ctx.clock.after(MOVE_DELAY_MS, () => this.#settle());
  }

  #settle(): void {
    this.#armed = false;
    for (const n of this.#ctx.neighbours.list()) {
      const to = n.mac === undefined ? undefined : this.#waiting.get(n.mac);
      if (!to || to.link !== n.link) continue;
      const mac = Uint8Array.from((n.mac as string).split(':'), octet => Number.parseInt(octet, 16));
      this.#ctx.neighbours.set(n.link, n.ip, mac, { permanent: n.permanent, port: to.port });
    }
    this.#waiting.clear();
  }
}
