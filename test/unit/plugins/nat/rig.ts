import { labSettings } from '../../../../kernel/router/lab-settings.ts';
import { type HostName, settings as lab } from '../../../../lab/topology.ts';
import { format4 } from '../../../../sdk/wire/address.ts';
import * as ipv4 from '../../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../../sdk/wire/tcp.ts';
import * as udp from '../../../../sdk/wire/udp.ts';
import type { AnyPlugin } from '../../../../sdk/plugin.ts';
import { bed, own } from '../../../sim/bed.ts';
import { arpFrame, from, ipOf, listen, mac, send } from '../../../sim/frames.ts';

export const LAN1 = '192.168.1.33';
export const LAN2 = '192.168.1.34';
export const DMZ1 = '192.168.2.33';
export const ROUTER = '192.168.1.1';
export const WAN = '198.51.100.2';
export const GATEWAY = '198.51.100.1';
export const SERVER = '203.0.113.10';

const wires = { lan1: 'port1', lan2: 'port2', dmz1: 'port3', inet1: 'wan' } as const;
type Host = keyof typeof wires;

/**
 * A whole router with these settings of NAT, in the lab, where packets are put on the wires by hand and read where they come out. Without a
 * firewall, unless it is wanted: what NAT alone lets in shall be seen.
 */
export async function natBed(nat: object, opts: { readonly firewall?: boolean; readonly plugins?: readonly AnyPlugin[] } = {}) {
  const plugins = [...own.filter(p => opts.firewall || p.id !== 'firewall'), ...opts.plugins ?? []];
  const document = labSettings(lab as never);
  const b = await bed({ plugins, factory: { ...document, sections: { ...document.sections, nat: { version: 1, settings: nat as never } } } });
  await b.advance(5000);
  const heard = {} as Record<HostName, Uint8Array[]>;
  for (const h of Object.keys(wires) as Host[]) heard[h] = listen(b, h);
  // So that all sides know the router's card and it knows theirs.
  for (const h of ['lan1', 'lan2', 'dmz1'] as const) await b.exec(h, `ping -c 1 ${h === 'dmz1' ? '192.168.2.1' : ROUTER}`);
  send(b, 'wan', arpFrame({ op: 1, sha: mac('02:1a:b0:00:09:01'), spa: GATEWAY, tpa: WAN }));
  await b.advance(100);
  const clear = () => { for (const h of Object.values(heard)) h.length = 0; };
  clear();
  const packets = (host: Host, proto?: number) => ipOf(heard[host]).filter(p => (proto === undefined || p[9] === proto) && !(p[9] === 17 && udp.dstPort(p, 20) === 68));
  return {
    b, heard, clear, packets,
    say: (host: Host, p: Uint8Array) => { send(b, wires[host], from(b, host, p)); b.clock.advance(5); },
    /** UDP and TCP that a host got, as 'from:port > to:port', TCP with its flags. */
    ports: (host: Host) => packets(host).filter(p => p[9] === 6 || p[9] === 17).map(p => {
      const text = `${format4(ipv4.src(p, 0))}:${udp.srcPort(p, 20)} > ${format4(ipv4.dst(p, 0))}:${udp.dstPort(p, 20)}`;
      return p[9] === 6 ? `${text} ${flagNames(tcp.flags(p, 20))}` : text;
    }),
    count: (name: string) => b.router.engine.counters.list().find(c => c.name === name)?.n ?? 0,
    flows: () => b.router.engine.flows.list(),
  };
}
export type NatBed = Awaited<ReturnType<typeof natBed>>;

const flagNames = (flags: number): string => ([['S', tcp.SYN], ['A', tcp.ACK], ['R', tcp.RST], ['F', tcp.FIN]] as const).filter(([, f]) => (flags & f) !== 0).map(([n]) => n).join('');
