import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bus } from '../events.ts';
import type { Config } from '../config/commit.ts';
import type { VerbTree } from '../cli/tree.ts';
import { authorOfChange } from '../console/acting.ts';
import type { PanelRegistry } from '../console/panels.ts';
import type { LinkRegistry } from '../links/registry.ts';
import type { Log } from '../log.ts';
import type { Engine } from '../packet/engine.ts';
import { Marks } from '../packet/marks.ts';
import { TtyPorts } from '../tty/ttys.ts';
import type { AttachedSection, KernelServices, SettingsSection, SettingsService } from '../plugins/services.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Link, LinkHost } from '../../sdk/link.ts';
import type { Disposable } from '../../sdk/scope.ts';

export interface Parts {
  readonly clock: Clock; readonly log: Log; readonly bus: Bus; readonly engine: Engine; readonly links: LinkRegistry;
  readonly config: Config; readonly tree: VerbTree; readonly panels: PanelRegistry; readonly state: string | undefined;
}

/** What the plugin host passes on to plugins, from the parts of this kernel. */
export function kernelServices(p: Parts): KernelServices {
  const { engine, links } = p;
  const marks = new Marks();
  return {
    clock: p.clock, log: p.log, bus: p.bus, links, packets: engine.packets, flows: engine.flows, neighbours: engine.neighbours,
    udp: owner => engine.sockets.for(owner, d => d),
    tty: new TtyPorts(p.clock),
    config: settingsService(p.config),
    stage: (spec, owner) => engine.pipelines.add(spec, owner),
    decide: (spec, owner) => engine.deciders.add(spec, owner),
    counter: name => engine.counters.take(name),
    mark: name => marks.take(name),
    link: open => openOwn(open, engine, links),
    command: (spec, owner) => p.tree.register(spec, owner),
    panel: (spec, owner) => p.panels.register(spec, owner),
    hold: why => engine.hold(why),
    failClosed: ids => { engine.deciders.failClosed = ids; },
    folder: id => {
      if (p.state === undefined) return undefined;
      const folder = join(p.state, 'data', id.replace(/[^\w.-]/g, '_'));
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
  };
}

/** A plugin's own link. It says its name itself, so it is made before the registry can know it, and spoken for until then. */
function openOwn(open: (host: LinkHost) => Link, engine: Engine, links: LinkRegistry): { readonly id: number } & Disposable {
  let target: LinkHost | undefined;
  const host: LinkHost = { wake: () => target?.wake(), changed: why => target?.changed(why) };
  let made: Link | undefined = open(host);
  const held = links.open(made.name, registered => {
    target = registered;
    const link = made ?? open(host);
    made = undefined;
    return link;
  });
  engine.linkChanged(held.id);
  return held;
}

/** The settings as the plugin host wants them. */
function settingsService(config: Config): SettingsService {
  return {
    attach: section => attach(section, config),
    running: id => config.running(id),
    update: async (id, change, author) => {
      await config.update(id, change, authorOfChange(author));
    },
  };
}

function attach(section: SettingsSection, config: Config): AttachedSection {
  let problems: AttachedSection['problems'];
  const held = config.attach({
    id: section.id, schema: section.schema, version: section.version, migrations: section.migrations,
    verify: (mine, all) => section.verify(mine, all),
    apply: next => section.apply(next),
  }, problem => { problems = problem.fields.map(f => ({ path: [f.path], message: f.message })); });
  return problems ? { problems, dispose: () => held.dispose() } : held;
}
