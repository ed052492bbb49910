import type { LinkInfo, PluginContext, Scope } from '../../sdk/index.ts';
import { contains, format4 } from '../../sdk/wire/address.ts';
import type { Addresses, Routes } from '../ip/contract.ts';
import type { UplinkState } from './contract.ts';
import { collision, collisionText, type NamedSubnet } from './subnets.ts';

/** What the uplink runs on, from a lease or from the settings. */
export interface Plan {
  readonly ip: number;
  readonly bits: number;
  readonly gateway: number;
  readonly dns: readonly number[];
  readonly routes: readonly { readonly network: number; readonly bits: number; readonly router: number }[];
}

export interface Others { readonly addresses: Addresses; readonly routes: Routes; uplinks(): readonly NamedSubnet[] }

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'scope' | 'flows' | 'log' | 'emit'>;

/** The WAN interface in use: its address, its routes, and what others are told about it. */
export class Uplink implements UplinkState {
  readonly name = 'wan';
  readonly zone = 'WAN';
  link = -1;
  ip = 0;
  bits = 0;
  gateway = 0;
  dns: readonly number[] = [];
  readonly metric: number;
  up = false;
  /** Why a plan is not in use; empty when it is. */
  refused = '';
  #held: Scope | undefined;
  #plan: Plan | undefined;
  #lastIp = 0;
  readonly #ctx: Ctx;
  readonly #others: Others;

  constructor(ctx: Ctx, others: Others, metric: number) {
    this.#ctx = ctx;
    this.#others = others;
    this.metric = metric;
  }

  get plan(): Plan | undefined { return this.#plan; }

  /** Uses the plan on this link from now on, unless its subnet is another interface's. */
  use(plan: Plan, link: LinkInfo): void {
    const same = this.up && this.#plan && JSON.stringify(plan) === JSON.stringify(this.#plan) && this.link === link.id;
    if (same) return;
    this.#release();
    this.#plan = plan;
    this.link = link.id;
    const mine: NamedSubnet = { name: this.name, address: plan.ip, bits: plan.bits };
    const other = collision(mine, this.#neighbours(link.id));
    if (other) {
      this.#refuse(mine, other);
      return;
    }
    this.refused = '';
    if (this.#lastIp !== 0 && this.#lastIp !== plan.ip) this.#cut(this.#lastIp);
    this.#install(plan, link.id);
    this.#lastIp = plan.ip;
    Object.assign(this, { ip: plan.ip, bits: plan.bits, gateway: plan.gateway, dns: plan.dns, up: true });
    this.#tell();
  }

  /** No address from now on. `forGood`: it will not come back, so what runs over it ends; else it may, after a pulled cable. */
  withdraw(forGood: boolean): void {
    this.#release();
    this.#plan = undefined;
    this.refused = '';
    const had = this.up || this.ip !== 0;
    if (forGood && this.#lastIp !== 0) {
      this.#cut(this.#lastIp);
      this.#lastIp = 0;
    }
    Object.assign(this, { ip: 0, bits: 0, gateway: 0, dns: [], up: false });
    if (had) this.#tell();
  }

  /** Another interface got or lost an address: a refused plan may be usable now, one in use may not be. */
  review(link: LinkInfo): void {
    const plan = this.#plan;
    if (!plan) return;
    const mine: NamedSubnet = { name: this.name, address: plan.ip, bits: plan.bits };
    const other = collision(mine, this.#neighbours(link.id));
    if (!other && this.refused) this.use(plan, link);
    if (other && !this.refused) {
      this.withdraw(true);
      this.#plan = plan;
      this.#refuse(mine, other);
    }
  }

  #neighbours(link: number): NamedSubnet[] {
    const inside = this.#others.addresses.list().filter(a => a.link !== link).map(a => ({ name: a.name, address: a.ip, bits: a.bits }));
    return [...inside, ...this.#others.uplinks()];
  }

  #refuse(mine: NamedSubnet, other: NamedSubnet): void {
    this.refused = collisionText(mine, other);
    Object.assign(this, { ip: 0, bits: 0, gateway: 0, dns: [], up: false });
    this.#ctx.log.error({ ip: format4(mine.address), other: other.name }, this.refused);
    this.#ctx.emit('wan/refused', { name: this.name, ip: mine.address, bits: mine.bits, other: other.name, why: this.refused });
    this.#tell();
  }

  #install(plan: Plan, link: number): void {
    const held = this.#ctx.scope.child('wan address');
    this.#held = held;
    const { addresses, routes } = this.#others;
    held.add(addresses.add({ link, ip: plan.ip, bits: plan.bits, name: this.name, zone: this.zone }), 'address');
    const reachable = new Set<number>();
    const via = (router: number): { via?: number } => {
      if (router === 0) return {};
      // Some providers give a /32 and a gateway outside of it: it is on the wire all the same.
      if (!contains({ address: plan.ip, bits: plan.bits }, router) && !reachable.has(router)) {
        reachable.add(router);
        held.add(routes.add({ dest: router, bits: 32, link, metric: this.metric, source: plan.ip, name: 'wan gateway' }), 'route to the gateway');
      }
      return { via: router };
    };
    for (const route of plan.routes) {
      held.add(routes.add({ dest: route.network, bits: route.bits, ...via(route.router), link, metric: this.metric, source: plan.ip, name: 'wan dhcp' }), 'route of the lease');
    }
    if (plan.gateway !== 0) {
      held.add(routes.add({ dest: 0, bits: 0, ...via(plan.gateway), link, metric: this.metric, source: plan.ip, name: 'wan default', reserved: 1 }), 'default route');
    }
  }

  #release(): void {
    void this.#held?.dispose();
    this.#held = undefined;
  }

  /** Flows that had this address outside cannot go on under another one. */
  #cut(ip: number): void {
    this.#ctx.flows.cutWhere(f => f.reply.dst === ip || f.original.dst === ip || f.original.src === ip, `wan lost ${format4(ip)}`);
  }

  #tell(): void {
    const { name, zone, link, ip, bits, gateway, dns, metric, up } = this;
    this.#ctx.emit('wan/address', { name, zone, link, ip, bits, gateway, dns, metric, up });
  }
}
