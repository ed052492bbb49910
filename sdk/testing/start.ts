import { VirtualClock } from '../../kernel/clock.ts';
import type { JsonObject } from '../../kernel/config/document.ts';
import { createLog } from '../../kernel/log.ts';
import { Router } from '../../kernel/router/router.ts';
import { AddressesToken } from '../../plugins/ip/contract.ts';
import ipPlugin from '../../plugins/ip/plugin.ts';
import { LanToken } from '../../plugins/lan/contract.ts';
import lanPlugin from '../../plugins/lan/plugin.ts';
import natPlugin from '../../plugins/nat/plugin.ts';
import wanPlugin from '../../plugins/wan/plugin.ts';
import type { AnyPlugin } from '../plugin.ts';
import type { Restarts } from '../restart.ts';
import { seeded } from './random.ts';
import { pass, settled } from './time.ts';
import { type Behind, TestWire } from './wire.ts';

export interface HarnessOptions<Link extends string = string> {
  /**
   * Wires by the names their links have in the router; default 'port1' and 'wan'. `wan` leads to the provider, all others
   * are ports of the LAN.
   */
  readonly links?: readonly Link[];
  /** Settings to begin with, by plugin id. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Plugins that the tested ones need, or stand-ins for them. They are not tested for leaks. */
  readonly with?: readonly AnyPlugin[];
  /**
   * False: without the router's own plugins. Default: a router that forwards. Its LAN is 192.168.1.1/24, its WAN
   * 203.0.113.2/24 with the gateway 203.0.113.1 and network address translation.
   */
  readonly routes?: boolean;
  /** State directory, for ctx.folder and for settings that outlive the harness. */
  readonly state?: string;
  /** Real ms to wait for files and sockets before virtual time passes; default 20 with a state directory, else 0. */
  readonly patienceMs?: number;
  /** Decides what the router draws by lot; default 1. */
  readonly seed?: number;
  /** How the router restarts itself; default: it does not. */
  readonly restarts?: Restarts;
  /** True: `close` does not mind that the plugin threw somewhere. For tests of just that. */
  readonly faultsAllowed?: boolean;
}

export interface Started<Link extends string> {
  readonly router: Router;
  readonly clock: VirtualClock;
  readonly wires: Readonly<Record<Link, TestWire>>;
}

/** A router under virtual time that has announced itself on its wires, with nothing under test yet. */
export async function start<Link extends string>(options: HarnessOptions<Link>, tested: readonly AnyPlugin[]): Promise<Started<Link>> {
  const clock = new VirtualClock();
  const waiting = { patienceMs: patience(options) };
  let router: Router | undefined;
  const breathe = () => { for (let i = 0; i < 1000 && router?.engine.breathe(); i++) { /* until quiet */ } };
  let due = false;
  const wake = () => {
    if (due) return;
    due = true;
    clock.after(0, () => { due = false; breathe(); });
  };
  const behind: Behind = {
    mac: name => routerMac(router, name),
    owns: ip => router?.plugins.directory.live(AddressesToken)?.ownedBy(ip) !== undefined,
    homes: new Map(),
    run: () => clock.advance(0),
  };
  const names = options.links ?? (['port1', 'wan'] as readonly string[] as readonly Link[]);
  const wires = names.map(name => new TestWire(name, behind));
  router = await settled(clock, Router.start({
    version: 'test', clock, log: createLog({ clock, level: 'debug' }), state: options.state, random: seeded(options.seed ?? 1), wake, maxFlows: 4096, ...(options.restarts ? { restarts: options.restarts } : {}),
    factory: { format: 1, sections: sections(options, names, tested) },
    plugins: [...(options.routes === false ? [] : [ipPlugin, lanPlugin, wanPlugin, natPlugin]), ...(options.with ?? [])].map(def => ({ def })),
    links: wires.map(w => ({ name: w.name, open: host => w.open(host) })),
  }), waiting);
  // Until the router has announced its addresses on the wires.
  await pass(clock, 5000);
  for (const wire of wires) wire.sent.length = 0;
  return { router, clock, wires: Object.fromEntries(wires.map(w => [w.name, w])) as Record<Link, TestWire> };
}

/** Real ms to wait for files and sockets before virtual time passes. */
export const patience = (options: HarnessOptions): number => options.patienceMs ?? (options.state === undefined ? 0 : 20);

/** The router's address on a wire: that of the LAN's bridge on its ports, else the link's own. */
function routerMac(router: Router | undefined, name: string): Uint8Array {
  const links = router?.links;
  const lan = router?.plugins.directory.live(LanToken)?.list().find(i => i.ports.includes(name));
  return links?.byId(lan?.link ?? -1)?.mac ?? links?.byName(name)?.mac ?? new Uint8Array(6);
}

function sections(options: HarnessOptions, names: readonly string[], tested: readonly AnyPlugin[]): Record<string, { version: number; settings: JsonObject }> {
  const ports = Object.fromEntries(names.filter(n => n !== 'wan').map(n => [n, 'lan']));
  const own: Record<string, JsonObject> = options.routes === false ? {} : {
    lan: { ports },
    wan: { mode: 'static', ip: '203.0.113.2', mask: '255.255.255.0', gateway: '203.0.113.1' },
  };
  for (const [id, settings] of Object.entries(options.settings ?? {})) own[id] = { ...own[id], ...settings as JsonObject };
  const version = (id: string) => [...tested, ...(options.with ?? [])].find(def => def.id === id)?.configVersion ?? 1;
  return Object.fromEntries(Object.entries(own).map(([id, settings]) => [id, { version: version(id), settings }]));
}
