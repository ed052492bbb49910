import type { Disposable, PluginContext, Scope } from '../../../../sdk/index.ts';
import { contains, format4 } from '../../../../sdk/wire/address.ts';
import type { Addresses, Routes } from '../../../ip/contract.ts';
import type { UplinkState } from '../../../wan/contract.ts';
import type { Network } from './ppp-call.ts';

/** Of no network's own, no loopback, no group. */
const isHost = (ip: number): boolean => ip >>> 24 !== 0 && ip >>> 24 !== 127 && ip >>> 24 < 224;

export interface UplinkWays { readonly addresses: Addresses; readonly routes: Routes }
type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'scope' | 'flows' | 'log' | 'emit'>;

/** What the cellular interface is to the rest of the router: its address, its routes, its name servers. */
export class CellularUplink implements UplinkState, Disposable {
  readonly name: string;
  readonly zone = 'CELL';
  readonly link: number;
  readonly bits = 32;
  ip = 0;
  gateway = 0;
  dns: readonly number[] = [];
  metric: number;
  up = false;
  readonly #ctx: Ctx;
  readonly #ways: UplinkWays;
  #held: Scope | undefined;
  /** The address of the last call: what runs over it goes on if the next one has it too. */
  #lastIp = 0;

  constructor(ctx: Ctx, ways: UplinkWays, name: string, link: number, metric: number) {
    this.#ctx = ctx;
    this.#ways = ways;
    this.name = name;
    this.link = link;
    this.metric = metric;
  }

  /** Puts the call's terms to work; says why not, when they cannot be. `dns`: instead of the network's, when there are any. */
  use({ local, peer, dns: told }: Network, dns: readonly number[]): string | undefined {
    this.#release();
    if (!isHost(local)) return `the network gave an address that no host can have (${format4(local)})`;
    const inside = this.#ways.addresses.list().find(a => a.link !== this.link && (a.ip === local || contains({ address: a.ip, bits: a.bits }, local)));
    if (inside !== undefined) {
      const why = `the network gave the address ${format4(local)}, which is in the subnet of ${inside.name} (${format4(inside.ip)}/${inside.bits}); give that interface another subnet`;
      this.#ctx.emit('wan/refused', { name: this.name, ip: local, bits: 32, other: inside.name, why });
      return why;
    }
    if (this.#lastIp !== 0 && this.#lastIp !== local) this.#cut(this.#lastIp);
    this.#install(local, this.#usable(peer, local) ? peer : undefined);
    this.#lastIp = local;
    Object.assign(this, { ip: local, gateway: peer, dns: dns.length > 0 ? dns : told, up: true });
    this.#tell();
    return undefined;
  }

  withdraw(): void {
    this.#release();
    if (!this.up && this.ip === 0) return;
    Object.assign(this, { ip: 0, gateway: 0, dns: [], up: false });
    this.#tell();
  }

  dispose(): void {
    this.withdraw();
    if (this.#lastIp !== 0) this.#cut(this.#lastIp);
    this.#lastIp = 0;
  }

  /** Another priority, for the present call as well. */
  setMetric(metric: number): void {
    if (metric === this.metric) return;
    this.metric = metric;
    if (!this.up) return;
    this.#release();
    this.#install(this.ip, this.#usable(this.gateway, this.ip) ? this.gateway : undefined);
    this.#tell();
  }

  /** Whoever the other end says it is: it does not draw an inside host's traffic, or that of another uplink's gateway, to itself. */
  #usable(peer: number, local: number): boolean {
    return isHost(peer) && peer !== local && !this.#ways.addresses.list().some(a => a.link !== this.link && contains({ address: a.ip, bits: a.bits }, peer));
  }

  #install(local: number, via: number | undefined): void {
    const held = this.#ctx.scope.child(`${this.name} address`);
    this.#held = held;
    const { addresses, routes } = this.#ways;
    const { link, metric, name, zone } = this;
    held.add(addresses.add({ link, ip: local, bits: 32, name, zone }), 'address');
    if (via !== undefined) held.add(routes.add({ dest: via, bits: 32, link, metric, source: local, name: `${name} peer` }), 'route to the peer');
    held.add(routes.add({ dest: 0, bits: 0, via, link, metric, source: local, name: `${name} default`, reserved: 2 }), 'default route');
  }

  #release(): void {
    void this.#held?.dispose();
    this.#held = undefined;
  }

  /** Flows that had this address outside cannot go on under another one. */
  #cut(ip: number): void {
    this.#ctx.flows.cutWhere(f => f.reply.dst === ip || f.original.dst === ip || f.original.src === ip, `${this.name} lost ${format4(ip)}`);
  }

  #tell(): void {
    const { name, zone, link, ip, bits, gateway, dns, metric, up } = this;
    this.#ctx.emit('wan/address', { name, zone, link, ip, bits, gateway, dns, metric, up });
  }
}
