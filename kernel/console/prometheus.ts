import type { Router } from '../router/router.ts';

type Labels = Readonly<Record<string, string>>;

/** Prometheus text exposition format 0.0.4: within a label value \, " and line feeds are escaped, in help \ and line feeds. */
const label = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
const help = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');

class Exposition {
  readonly #lines: string[] = [];

  /** One family: its samples stand together. */
  family(name: string, type: 'gauge' | 'counter', what: string, samples: readonly (readonly [Labels, number])[]): void {
    if (samples.length === 0) return;
    this.#lines.push(`# HELP ${name} ${help(what)}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) {
      const inside = Object.entries(labels).map(([k, v]) => `${k}="${label(v)}"`).join(',');
      this.#lines.push(`${name}${inside === '' ? '' : `{${inside}}`} ${number(value)}`);
    }
  }

  single(name: string, type: 'gauge' | 'counter', what: string, value: number): void { this.family(name, type, what, [[{}, value]]); }
  get text(): string { return `${this.#lines.join('\n')}\n`; }
}

const number = (n: number): string => (Number.isNaN(n) ? 'NaN' : n === Number.POSITIVE_INFINITY ? '+Inf' : n === Number.NEGATIVE_INFINITY ? '-Inf' : String(n));

const states = ['active', 'starting', 'waiting', 'failed', 'stopping'] as const;

/** The figures of this router as Prometheus reads them. */
export function prometheus(router: Router): string {
  const out = new Exposition();
  const { engine, links, plugins } = router;
  out.family('lancell_info', 'gauge', 'Version and runtime; always 1.', [[{ version: router.version, runtime: router.runtime }, 1]]);
  out.single('lancell_uptime_seconds', 'gauge', 'Time since the router started.', router.uptimeMs() / 1000);
  out.single('lancell_busy_seconds_total', 'counter', 'Time spent with packets.', (router.loop?.busyMs ?? 0) / 1000);
  out.single('lancell_breaths_total', 'counter', 'Rounds of the packet engine.', engine.breaths);
  out.single('lancell_flows', 'gauge', 'Flows in the table.', engine.flows.size);
  out.single('lancell_flows_max', 'gauge', 'Flows the table has room for.', engine.flows.max);
  out.single('lancell_flows_redecided_total', 'counter', 'Flows decided again because something changed.', engine.flows.redecided);
  out.single('lancell_packet_buffers', 'gauge', 'Packet buffers of the pool.', engine.pool.size);
  out.single('lancell_packet_buffers_free', 'gauge', 'Packet buffers that are free.', engine.pool.available);

  const all = links.list();
  out.family('lancell_link_up', 'gauge', '1 when the link is up.', all.map((l) => [{ link: l.name, kind: l.kind }, l.up ? 1 : 0] as const));
  const counts = [['rxPackets', 'receive_packets', 'Packets received.'], ['rxBytes', 'receive_bytes', 'Octets received.'], ['rxDropped', 'receive_drops', 'Packets dropped on receiving.'],
    ['txPackets', 'transmit_packets', 'Packets sent.'], ['txBytes', 'transmit_bytes', 'Octets sent.'], ['txDropped', 'transmit_drops', 'Packets dropped on sending.'], ['txErrors', 'transmit_errors', 'Packets that could not be sent.']] as const;
  for (const [key, name, what] of counts) out.family(`lancell_link_${name}_total`, 'counter', what, all.map((l) => [{ link: l.name }, l.stats[key]] as const));
  out.family('lancell_events_total', 'counter', 'Named counts of packets, mostly of drops and why.', engine.counters.list(true).map((c) => [{ counter: c.name }, c.n] as const));

  const loaded = plugins.list();
  out.family('lancell_plugin_state', 'gauge', '1 for the state that the plugin is in.', loaded.flatMap((p) => [...new Set<string>([...states, p.state])].map((state) => [{ plugin: p.id, state }, p.state === state ? 1 : 0] as const)));
  out.family('lancell_plugin_generation', 'gauge', 'How often the plugin has been loaded.', loaded.map((p) => [{ plugin: p.id }, p.generation] as const));
  out.family('lancell_plugin_holds', 'gauge', 'What the plugin holds: stages, timers, listeners and the like.', loaded.map((p) => [{ plugin: p.id }, p.holds.length] as const));
  out.family('lancell_plugin_faults_total', 'counter', 'Errors that the plugin made.', loaded.map((p) => [{ plugin: p.id }, p.faults.reduce((sum, f) => sum + f.count, 0)] as const));

  out.family('lancell_plugin_events_total', 'counter', 'The named counts of each plugin, mostly of drops and why.', loaded.flatMap((p) => Object.entries(p.counters).map(([counter, n]) => [{ plugin: p.id, counter }, n] as const)));
  out.family('lancell_plugin_memory_bytes', 'gauge', 'What the plugin adds to the heap, where somebody has measured it in a process of its own.', loaded.flatMap((p) => (p.memory === undefined ? [] : [[{ plugin: p.id }, p.memory.bytes] as const])));

  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  out.single('process_resident_memory_bytes', 'gauge', 'Resident memory in octets.', memory.rss);
  out.single('process_heap_bytes', 'gauge', 'JavaScript heap in use, in octets.', memory.heapUsed);
  out.single('process_cpu_seconds_total', 'counter', 'Processor time used.', (cpu.user + cpu.system) / 1e6);
  out.single('process_start_time_seconds', 'gauge', 'Start of the router, in seconds since 1970.', (router.clock.wall() - router.uptimeMs()) / 1000);
  return out.text;
}
