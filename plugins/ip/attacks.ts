import type { Packet, PluginContext } from '../../sdk/index.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';

/** Sources told of within one second; what more there is only counts. */
const SOURCES_MOST = 256;

/** Tells of attacks, each kind and source once a second. The packet's IP header has been checked. */
export function attacks(ctx: Pick<PluginContext<unknown, {}, unknown>, 'clock' | 'emit'>): (kind: string, p: Packet, detail: string) => void {
  const told = new Set<string>();
  let second = -1;
  return (kind, p, detail) => {
    const now = Math.floor(ctx.clock.now() / 1000);
    if (now !== second) {
      second = now;
      told.clear();
    }
    const src = ipv4.src(p.buf, p.l3);
    const key = `${kind} ${src}`;
    if (told.has(key) || told.size >= SOURCES_MOST) return;
    told.add(key);
    ctx.emit('security/attack', { kind, src, dst: ipv4.dst(p.buf, p.l3), link: p.inLink, detail });
  };
}
