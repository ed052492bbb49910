import type { UplinkState } from '../wan/contract.ts';
import { parse4 } from '../../sdk/wire/address.ts';
import { type AddressRule, addressRules } from './address-rules.ts';
import { Forwards } from './forwards.ts';
import type { Dynamics } from './mappings.ts';
import { openServices, type Settings, type UplinkSettings, uplinkSettings } from './settings.ts';
import { Triggers } from './triggers.ts';
import type { AddressRules } from './translator.ts';

/** An uplink with its settings, compiled. A new one whenever either changes; what runs is carried over. */
export interface NatUplink {
  readonly name: string;
  readonly link: number;
  /** Its own address; 0: none now. */
  readonly ip: number;
  readonly config: UplinkSettings;
  readonly rules: readonly AddressRule[];
  readonly forwards: Forwards;
  readonly triggers: Triggers;
  readonly dynamics: Dynamics;
  readonly defaultServer: number;
}

/** An address that stands for inside hosts. */
export interface Outside {
  readonly address: number;
  readonly uplink: NatUplink;
  /** Port forwards and the default server count here. */
  readonly server: boolean;
  /** The rule that gives the address to one host each; undefined: hosts share it, or it is a server's only. */
  readonly exclusive: AddressRule | undefined;
}

const NO_OUTSIDE: readonly Outside[] = [];

/** What NAT does now: settings and uplinks put together. */
export class Plan {
  readonly uplinks: readonly NatUplink[];
  /** By address, as a signed number. */
  readonly outside: ReadonlyMap<number, Outside>;
  readonly settings: Settings;
  /** Links whose hosts keep their addresses. */
  readonly routed: ReadonlySet<number>;
  /** UDP ports inside that anybody may send to, once a host uses them. */
  readonly open: ReadonlySet<number>;
  readonly #byLink: readonly (NatUplink | undefined)[];

  constructor(settings: Settings, states: readonly UplinkState[], dynamics: (uplink: string) => Dynamics, routed: ReadonlySet<number>, before?: Plan) {
    this.settings = settings;
    this.routed = routed;
    this.open = new Set(settings.services.map(name => openServices[name]));
    this.uplinks = settings.active ? states.filter(s => s.link >= 0).map(s => compile(s, settings, dynamics(s.name), before)).filter(u => u.config.active) : [];
    const byLink: (NatUplink | undefined)[] = [];
    for (const u of this.uplinks) byLink[u.link] = u;
    this.#byLink = byLink;
    const outside = new Map<number, Outside>();
    for (const u of this.uplinks) for (const o of outsideOf(u)) if (!outside.has(o.address | 0)) outside.set(o.address | 0, o);
    this.outside = outside;
  }

  /** The uplink on this link, or undefined. */
  onLink(link: number): NatUplink | undefined { return link < 0 ? undefined : this.#byLink[link]; }

  named(name: string): NatUplink | undefined { return this.uplinks.find(u => u.name === name); }

  /** Which ports of an outside address may be handed out. */
  portRules(address: number): AddressRules {
    const uplink = this.outside.get(address | 0)?.uplink;
    const first = uplink?.config.firstPort ?? 1024;
    const last = uplink?.config.lastPort ?? 65535;
    const blocked = (proto: number): Uint8Array => {
      const ports = new Uint8Array(65536);
      for (const port of this.settings.reservedPorts) ports[port] = 1;
      uplink?.forwards.block(proto, ports);
      return ports;
    };
    return { tcp: { first, last, blocked: blocked(6) }, udp: { first, last, blocked: blocked(17) }, icmp: { first: 1024, last: 65535, blocked: new Uint8Array(65536) } };
  }
}

const settingsOf = (settings: Settings, name: string): UplinkSettings =>
  settings.uplinks.find(u => u.name === name) ?? uplinkSettings.parse({ name });

function compile(s: UplinkState, settings: Settings, dynamics: Dynamics, before: Plan | undefined): NatUplink {
  const config = settingsOf(settings, s.name);
  const old = before?.named(s.name);
  const full = config.mode === 'full';
  return {
    name: s.name, link: s.link, ip: s.ip, config, dynamics,
    rules: full ? addressRules(settings.addressMapping, s.name, s.ip, settings.timeouts.iamt * 1000, old?.rules ?? []) : [],
    forwards: new Forwards(settings.portForwarding, s.name),
    triggers: new Triggers(settings.portTriggering, s.name, old?.triggers),
    defaultServer: parse4(config.defaultServer) ?? 0,
  };
}

/** The outside addresses of an uplink. In SUA mode its own, which is a server's as well; else those of the rules. */
function outsideOf(u: NatUplink): readonly Outside[] {
  if (u.ip === 0) return NO_OUTSIDE;
  const made = new Map<number, { address: number; uplink: NatUplink; server: boolean; exclusive: AddressRule | undefined }>();
  const at = (address: number) => {
    const known = made.get(address) ?? { address, uplink: u, server: u.config.mode === 'sua', exclusive: undefined };
    made.set(address, known);
    return known;
  };
  // The uplink's own address stays the router's, whatever the rules say: it speaks from there itself.
  at(u.ip);
  for (const r of u.rules) {
    for (let address = r.globalFirst; address <= r.globalLast; address++) {
      const o = at(address);
      if (r.type === 'server') o.server = true;
      if (r.type === 'one-to-one' || r.type === 'many-one-to-one') o.exclusive = r;
    }
  }
  return [...made.values()];
}
