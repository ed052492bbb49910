import { Growth } from '../../sdk/history.ts';
import { NeighbourhoodToken, type NeighbourSource, type NeighbourZone, type Rates, type ShownZone } from '../../sdk/neighbourhood.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Router } from './router.ts';

const EVERY_MS = 1000;
const NONE: Rates = { in: 0, out: 0 };

/** The stream `neighbourhood`: who is around the router, as plugins tell it, with the traffic of the last second on every line. */
export function openNeighbourhood(router: Pick<Router, 'clock' | 'links' | 'plugins'>, push: (zones: readonly ShownZone[]) => void): Disposable {
  const { clock, links, plugins } = router;
  const growth = new Map<string, { readonly rx: Growth; readonly tx: Growth }>();
  const read = (): ReadonlyMap<string, Rates> => new Map(links.list().map(({ name, stats }) => {
    let of = growth.get(name);
    if (of === undefined) growth.set(name, of = { rx: new Growth(), tx: new Growth() });
    return [name, { in: of.rx.read(stats.rxBytes, clock.now()) * 8, out: of.tx.read(stats.txBytes, clock.now()) * 8 }];
  }));
  const zones = (): NeighbourZone[] => plugins.directory.point(NeighbourhoodToken).contributions.flatMap(({ item, owner }) => {
    try {
      return (item as NeighbourSource).zones();
    } catch (error) {
      plugins.report(owner, 'neighbourhood', error);
      return [];
    }
  });
  const tell = (): void => {
    const rates = read();
    push(zones().map(zone => shown(zone, rates)));
  };
  tell();
  return clock.every(EVERY_MS, tell);
}

/** Nodes that share a link share what it carries: nobody counts them one by one. */
export function shown(zone: NeighbourZone, rates: ReadonlyMap<string, Rates>): ShownZone {
  const of = (link: string | undefined): Rates => rates.get(link ?? '') ?? NONE;
  const sharing = (link: string | undefined): number => zone.nodes.filter(n => n.link === link).length;
  return {
    ...zone,
    rates: zone.links.map(of).reduce((a, b) => ({ in: a.in + b.in, out: a.out + b.out }), NONE),
    nodes: zone.nodes.map(n => ({ ...n, rates: { in: of(n.link).in / sharing(n.link), out: of(n.link).out / sharing(n.link) } })),
  };
}
