import type { Links, NewFlow } from '../../sdk/index.ts';
import { contains, type Prefix } from '../../sdk/wire/address.ts';
import type { UplinkState } from '../wan/contract.ts';
import { Balancer, full, loadIndex, type Member } from './balance.ts';
import { Meter } from './meter.ts';
import { type BalanceSettings, hostsOf, type Share } from './settings.ts';
import { Sticky } from './sticky.ts';

export interface SharingDeps {
  readonly uplinks: readonly UplinkState[];
  readonly links: Pick<Links, 'byId'>;
  good(name: string): boolean;
  settings(): BalanceSettings;
}

/** One uplink as the status shows it; rates in kbit/s. */
export interface SharingRow { readonly name: string; readonly member: boolean; readonly share: Share; readonly inbound: number; readonly outbound: number; readonly index: number; readonly given: number }

/** Active/active: which uplinks there are to choose from, how much they carry, and who gets which. */
export class Sharing {
  readonly #deps: SharingDeps;
  readonly #balancer = new Balancer();
  readonly #sticky = new Sticky();
  readonly #meters = new Map<string, Meter>();

  #fixed: readonly { readonly hosts: Prefix; readonly port: number; readonly zone: UplinkState['zone'] }[] = [];

  constructor(deps: SharingDeps) {
    this.#deps = deps;
    this.settingsChanged();
  }

  /** Reads the counts of all links; once a second or so. */
  measure(now: number): void {
    const { uplinks, links } = this.#deps;
    for (const name of [...this.#meters.keys()]) if (!uplinks.some(u => u.name === name)) this.#meters.delete(name);
    for (const { name, link } of uplinks) {
      const stats = links.byId(link)?.stats;
      if (stats === undefined) continue;
      let meter = this.#meters.get(name);
      if (meter === undefined) this.#meters.set(name, meter = new Meter());
      meter.read(stats.rxBytes, stats.txBytes, now, this.#deps.settings().frame * 1000);
    }
  }

  /** The uplink of a new session; undefined: there is none that may be used. */
  pick({ src, toDst: dst, toDport, proto, now }: Pick<NewFlow, 'src' | 'toDst' | 'toDport' | 'proto' | 'now'>): UplinkState | undefined {
    const ports = proto === 6 || proto === 17;
    const rule = this.#fixed.find(r => contains(r.hosts, src) && (r.port === 0 || (ports && r.port === toDport)));
    const only = rule && this.#deps.uplinks.find(u => u.zone === rule.zone && u.up && this.#deps.good(u.name));
    if (only !== undefined) return only;
    const settings = this.#deps.settings();
    const members = this.#members();
    const kept = this.#sticky.find(settings.stickiness, src, dst, now);
    let name = members.find(m => m.name === kept)?.name;
    if (name !== undefined) this.#balancer.count(name);
    else name = this.#balancer.pick(members, settings);
    if (name === undefined) return undefined;
    this.#sticky.keep(settings.stickiness, src, dst, name, now + settings.timeout * 1000);
    return this.#deps.uplinks.find(u => u.name === name);
  }

  /** Uplinks that come up on demand have something to do. */
  get wantsMore(): boolean {
    const { algorithm, direction } = this.#deps.settings();
    if (algorithm !== 'spillover') return true;
    const first = this.#members().sort((a, b) => a.metric - b.metric)[0];
    return first === undefined || full(first, direction);
  }

  /** Nobody is bound to what was. */
  settingsChanged(): void {
    this.#sticky.clear();
    this.#fixed = this.#deps.settings().fixed.flatMap(({ hosts, port, uplink }) => {
      const prefix = hostsOf(hosts);
      return prefix === undefined ? [] : [{ hosts: prefix, port, zone: uplink === 'cellular' ? 'CELL' : 'WAN' }];
    });
  }

  rows(): readonly SharingRow[] {
    const { direction } = this.#deps.settings();
    const members = this.#members();
    return [...this.#deps.uplinks].sort((a, b) => a.metric - b.metric).map(u => {
      const m = this.#member(u);
      return { name: u.name, member: members.some(each => each.name === u.name), share: m.share, ...m.load, index: loadIndex(m, direction), given: this.#balancer.given(u.name) };
    });
  }

  #members(): Member[] {
    const { algorithm } = this.#deps.settings();
    return this.#deps.uplinks.filter(u => u.up && this.#deps.good(u.name)).map(u => this.#member(u)).filter(m => algorithm !== 'weighted round robin' || m.share.ratio > 0);
  }

  #member({ name, zone, metric }: UplinkState): Member {
    const settings = this.#deps.settings();
    return { name, metric, share: zone === 'CELL' ? settings.cellular : settings.wan, load: this.#meters.get(name)?.load ?? { inbound: 0, outbound: 0 } };
  }
}
