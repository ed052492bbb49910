import { defaultTimeouts } from '../../../kernel/flow/timeouts.ts';
import { VirtualClock } from '../../../kernel/clock.ts';
import { Bus } from '../../../kernel/events.ts';
import { createLog } from '../../../kernel/log.ts';
import { PluginHost } from '../../../kernel/plugins/host.ts';
import type { Limits } from '../../../kernel/plugins/entry.ts';
import { type MemoryTty, memoryTty } from '../../../kernel/tty/memory.ts';
import type { KernelServices, SettingsSection } from '../../../kernel/plugins/services.ts';
import type { AnyPlugin, CommandSpec, Disposable, LinkInfo } from '../../../sdk/index.ts';

/** A list of names that are registered now. */
class Register {
  readonly names: string[] = [];
  add(name: string): Disposable {
    this.names.push(name);
    return { dispose: () => { this.names.splice(this.names.indexOf(name), 1); } };
  }
}

/** Settings that are held in memory: enough to start plugins and to change what they are told. */
class FakeSettings {
  readonly raw: Record<string, unknown> = {};
  readonly sections = new Map<string, SettingsSection>();
  attach(section: SettingsSection) {
    this.sections.set(section.id, section);
    const parsed = section.schema.safeParse(this.raw[section.id] ?? {});
    return {
      problems: parsed.success ? [] : parsed.error.issues.map(i => ({ path: i.path.map(String), message: i.message })),
      dispose: () => { if (this.sections.get(section.id) === section) this.sections.delete(section.id); },
    };
  }
  running(id: string): unknown { return this.sections.get(id)?.schema.parse(this.raw[id] ?? {}); }
  async update(id: string, change: (draft: unknown) => void): Promise<void> {
    const before = this.raw[id];
    const draft = structuredClone(this.running(id));
    change(draft);
    this.raw[id] = draft;
    try {
      await this.sections.get(id)?.apply(this.running(id));
    } catch (error) {
      this.raw[id] = before;
      await this.sections.get(id)?.apply(this.running(id));
      throw error;
    }
  }
}

/** The rest of the kernel, as far as plugins notice it, with what they hold to look at. */
export function fakeKernel(limits: Limits = {}) {
  const clock = new VirtualClock();
  const log = createLog({ clock, level: 'debug' });
  const bus = new Bus(log.logger('bus'));
  const held = new Register();
  const settings = new FakeSettings();
  const verbs = new Map<string, CommandSpec>();
  const marks = new Register();
  /** Order of holding the breath, releasing it, and asking for new decisions. */
  const breaths: string[] = [];
  const guards: string[][] = [];
  /** Far ends of the serial ports that were opened, by path. */
  const cables = new Map<string, MemoryTty>();
  const states: string[] = [];
  bus.on('plugin/state', e => states.push(`${e.id} ${e.state}`), 'test');
  const unused = (what: string) => () => { throw new Error(`${what} is not in this kernel`); };
  const services: KernelServices = {
    clock, log, bus,
    config: settings,
    links: { list: () => [] as LinkInfo[], byName: () => undefined, byId: () => undefined },
    packets: { take: () => undefined, free: () => {}, output: () => {}, transmit: () => {}, inject: () => {} },
    flows: {
      size: 0, max: 0, halfOpen: 0, timeouts: defaultTimeouts, halfOpenTo: () => 0, view: () => undefined, cutOldestHalfOpen: () => false,
      watch: () => held.add('flow watcher'), setTimeouts: () => held.add('flow timeouts'), trackTcp: () => held.add('TCP tracking'),
      taken: () => false, list: () => [], cut: () => {}, cutWhere: () => 0,
      bumpEpoch: why => { breaths.push(`epoch: ${why}`); },
    },
    neighbours: {
      index: () => -1, lookup: () => undefined, set: () => {}, invalidate: () => {}, remove: () => {}, list: () => [],
      resolver: () => held.add('resolver'),
    },
    udp: () => ({ bind: opts => ({ port: opts.port, send: unused('sending'), ...held.add(`udp ${opts.port}`) }) }),
    tty: {
      open: path => {
        if (cables.has(path)) throw new Error(`${path}: another program has it`);
        const [near, far] = memoryTty(clock, [path, `far end of ${path}`]);
        cables.set(path, far);
        return near;
      },
    },
    stage: spec => held.add(`stage ${spec.name}`),
    decide: spec => held.add(`decider ${spec.name}`),
    counter: name => ({ name, n: 0, ...held.add(`counter ${name}`) }),
    mark: name => { const mark = marks.add(name); return { bit: 1, release: () => void mark.dispose() }; },
    link: () => ({ id: 7, ...held.add('link') }),
    command: spec => {
      verbs.set(spec.path, spec);
      const inner = held.add(`verb ${spec.path}`);
      return { dispose: () => { verbs.delete(spec.path); return inner.dispose(); } };
    },
    panel: spec => held.add(`panel ${spec.path}`),
    hold: why => { breaths.push(`hold: ${why}`); return { dispose: () => { breaths.push('release'); } }; },
    failClosed: ids => { guards.push([...ids]); },
    folder: () => undefined,
  };
  const host = new PluginHost(services, limits);
  return {
    clock, log, bus, services, host, settings, verbs, held: held.names, marks: marks.names, breaths, guards, states, cables,
    load: (...defs: AnyPlugin[]) => host.load(...defs.map(def => ({ def }))),
    state: (id: string) => host.info(id)?.state ?? 'gone',
    faults: (id?: string) => host.faults(id).map(f => `${f.plugin}: ${f.place}: ${f.message}`),
    residue: () => host.residue().map(h => `${h.owner}: ${h.label}`),
    /** Lets promises run, without letting time pass. */
    settle: () => new Promise<void>(resolve => setImmediate(resolve)),
  };
}
