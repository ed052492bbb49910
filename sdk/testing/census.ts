import type { Router } from '../../kernel/router/router.ts';
import { type Hook, hooks } from '../packet.ts';

/** UDP ports from here on are given out by the router itself, for its own short questions. */
const EPHEMERAL = 49_152;

/** Everything that is registered with a router now, by kind; a name may stand in a list several times. */
export type Census = Readonly<Record<string, readonly string[]>>;

/** The router's own plugins may take something up while a test runs; listeners and counters that somebody answers for are left out. */
export function census(router: Router): Census {
  const { engine, plugins } = router;
  const held = plugins.census().map(h => h.label);
  const answeredFor = held.filter(label => /^(listener|subscription) /.test(label)).length;
  return {
    stages: (Object.keys(hooks) as Hook[]).flatMap(hook => engine.pipelines.order(hook).map(s => `${s.slot} ${s.name} by ${s.owner}`)),
    deciders: engine.deciders.list().map(d => `${d.slot} ${d.name} by ${d.owner}`),
    verbs: router.tree.verbs().map(v => `${v.spec.path} by ${v.owner}`),
    panels: router.panels.list().map(p => `${p.path} by ${p.owner}`),
    services: plugins.directory.list(),
    listeners: Array.from({ length: router.bus.count() - answeredFor }, () => 'on the event bus'),
    counters: engine.counters.list(true).map(c => c.name).filter(name => !held.includes(`counter ${name}`)),
    'UDP ports': [...engine.sockets.ports()].filter(port => port < EPHEMERAL).map(String),
    links: router.links.list().map(l => l.name),
    settings: router.config.sections.map(s => s.id),
    residue: plugins.residue().map(h => `${h.label} of ${h.owner}${h.failed === undefined ? '' : ` (${h.failed})`}`),
  };
}

/** What there is after and was not before, one line each. */
export function leaks(before: Census, after: Census): string[] {
  return Object.keys(after).flatMap(kind => more(before[kind] ?? [], after[kind] ?? []).map(name => `${kind}: ${name}`));
}

/** What stands in `b` oftener than in `a`. */
function more(a: readonly string[], b: readonly string[]): string[] {
  const left = [...a];
  return b.filter(name => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
