import { type Batch, type Counter, definePlugin, type Disposable, type Packet, type Table, type View, z } from 'lancell/sdk';
import { format4, maskOf, parsePrefix } from 'lancell/sdk/wire/address';
import * as ethernet from 'lancell/sdk/wire/ethernet';
import * as ipv4 from 'lancell/sdk/wire/ipv4';
import { HostTable } from './host-table.ts';
import { carried, type Settings, settings } from './settings.ts';

/** Samples in the chart. */
const POINTS = 120;

/** How much each host sends and receives: a packet stage, counters, verbs, a panel. */
export default definePlugin({
  id: 'meter',
  version: '1.0.0',
  title: 'Traffic per host',
  config: settings,
  state: carried,
  setup(ctx) {
    let config = ctx.config;
    let networks = networksOf(config);
    let table = new HostTable(config.maxHosts);
    table.restore(ctx.previous?.hosts ?? [], ctx.clock.now());
    const points: number[][] = [];
    const noRoom: Counter = ctx.counter('meter: no room for another host');

    // Established flows pass neither the forward hook nor any decider, but every packet passes the taps at both ends.
    const sees = (p: Packet): boolean => config.active && p.etherType === ethernet.TYPE_IPV4 && ipv4.headerFits(p.buf, p.l3, p.off + p.len);
    ctx.stage({
      slot: 'ingress.tap', name: 'meter.sent',
      process(batch: Batch) {
        const now = ctx.clock.now();
        for (let i = 0; i < batch.n; i++) {
          const p = batch.at(i);
          if (!sees(p)) continue;
          const host = ipv4.src(p.buf, p.l3);
          if (networks.contain(host) && !table.sent(host, octetsOf(p), now)) noRoom.n++;
        }
      },
      trace: p => (sees(p) && networks.contain(ipv4.src(p.buf, p.l3)) ? `counted for ${format4(ipv4.src(p.buf, p.l3))}` : ''),
    });
    ctx.stage({
      slot: 'egress.tap', name: 'meter.received',
      process(batch: Batch) {
        const now = ctx.clock.now();
        for (let i = 0; i < batch.n; i++) {
          const p = batch.at(i);
          if (!sees(p)) continue;
          const host = ipv4.dst(p.buf, p.l3);
          if (networks.contain(host) && !table.received(host, octetsOf(p), now)) noRoom.n++;
        }
      },
      trace: p => (sees(p) && networks.contain(ipv4.dst(p.buf, p.l3)) ? `counted for ${format4(ipv4.dst(p.buf, p.l3))}` : ''),
    });

    let sampling: Disposable | undefined;
    const sampleEvery = (seconds: number): void => {
      void sampling?.dispose();
      sampling = ctx.clock.every(seconds * 1000, () => {
        const { up, down } = table.sample(seconds);
        points.push([ctx.clock.wall(), kbit(down), kbit(up)]);
        if (points.length > POINTS) points.shift();
      });
    };
    sampleEvery(config.sampleSec);

    const hosts = (most?: number): Table => ({
      columns: ['host', 'octets down', 'octets up', 'packets', 'kbit/s down', 'kbit/s up', 'silent for s'],
      rows: table.list(ctx.clock.now()).slice(0, most)
        .map(h => [format4(h.ip), h.down, h.up, h.packets, kbit(h.downPerSec), kbit(h.upPerSec), Math.floor(h.idleMs / 1000)]),
    });
    ctx.command({
      path: 'meter hosts', help: 'traffic per host, the busiest first', access: 'read',
      args: { most: { schema: z.number().int().min(1).optional(), help: 'how many' } },
      run: args => hosts(args.most),
    });
    const clear = (): string => {
      table = new HostTable(config.maxHosts);
      points.length = 0;
      return 'all counts are zero';
    };
    ctx.command({ path: 'meter clear', help: 'begin counting anew', run: clear });
    ctx.panel({
      path: 'statistics/meter', title: 'Traffic per host', actions: { clear },
      view: (): View => ({ kind: 'stack', title: 'Traffic per host', views: [
        { kind: 'chart', title: 'All hosts', unit: 'kbit/s', series: ['down', 'up'], points: points.map(p => [...p]) },
        { kind: 'table', table: hosts(20) },
        { kind: 'form', settings: 'meter' },
      ] }),
    });

    return {
      reconfigure(next) {
        if (next.maxHosts !== config.maxHosts) {
          const before = table.list(ctx.clock.now());
          table = new HostTable(next.maxHosts);
          table.restore(before, ctx.clock.now());
        }
        config = next;
        networks = networksOf(next);
        sampleEvery(next.sampleSec);
      },
      save: () => ({ hosts: table.list(ctx.clock.now()).map(({ ip, up, down, packets }) => ({ ip, up, down, packets })) }),
    };
  },
});

const kbit = (octetsPerSec: number): number => Math.round(octetsPerSec * 8 / 100) / 10;
const octetsOf = (p: Packet): number => p.len - (p.l3 - p.off);

/** Address and mask side by side, as numbers: looked at for every packet. 0.0.0.0, who has no address yet, is no host. */
function networksOf(config: Settings): { contain(ip: number): boolean } {
  const parsed = config.networks.map(text => parsePrefix(text)).filter(n => n !== undefined);
  const masks = Uint32Array.from(parsed, n => maskOf(n.bits));
  const nets = Uint32Array.from(parsed, (n, i) => n.address & masks[i]!);
  return {
    contain: ip => {
      for (let i = 0; i < nets.length; i++) if ((ip & masks[i]!) >>> 0 === nets[i]) return ip !== 0;
      return false;
    },
  };
}
