import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchAttack, STAY_MOST } from './attack.ts';
import { benchBrowsers, WATCHERS } from './browsers.ts';
import { noChromium } from './chromium.ts';
import { contestants, Lancell } from './contestants.ts';
import { benchEngine, type MemoryRow } from './engine.ts';
import { benchRules, type MatchRow } from './firewall-match.ts';
import type { FlowTableFigures } from './flow-table.ts';
import { FLOWS, footprint, type Footprint } from './footprint.ts';
import { machine, quiet } from './machine.ts';
import { sink } from './measure.ts';
import { sample } from './median.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { benchPage } from './page.ts';
import { benchPpp } from './ppp.ts';
import { endAll, installed, must } from './processes.ts';
import { type AttackRow, drawAttacks, drawFlowTable, drawMatches, drawMemory, drawOwn, drawPairs, drawWires, type OwnRow, type PairRow, type WireRow } from './report.ts';
import { benchWires } from './wire-bench.ts';
import { unwire, wire } from './wires.ts';

const began = Date.now();
const progress = (text: string): void => { process.stderr.write(`bench ${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}\n`); };
/** MiB: 150 MB. */
const RSS_MOST = 143;
const PAGE_MOST_MS = 1000;
const ALLOCATION_PACKETS = 10_000_000;
/** What the two memory parts may take on a slow machine. */
const MEMORY_LIMIT_MS = 120_000;

interface Allocation { readonly packets: number; readonly allocated: number; readonly kept: number; readonly collections: number }

/** In a process of its own with room for a young generation that nothing has to be collected from. */
async function allocation(): Promise<Allocation> {
  progress(`memory: allocation over ${ALLOCATION_PACKETS.toLocaleString('en-US')} packets`);
  const program = fileURLToPath(new URL('./allocation.js', import.meta.url));
  return JSON.parse(await must([process.execPath, '--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256', program, String(ALLOCATION_PACKETS)], MEMORY_LIMIT_MS)) as Allocation;
}

/** In a process of its own: what is resident is measured. */
async function flowTable(): Promise<FlowTableFigures> {
  progress('memory: a million flows');
  return JSON.parse(await must([process.execPath, '--expose-gc', fileURLToPath(new URL('./flow-table.js', import.meta.url))], MEMORY_LIMIT_MS)) as FlowTableFigures;
}

/** Why nothing can be measured over wires here; undefined: it can. */
async function noWires(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  for (const tool of ['ip', 'nft', 'iperf3', 'ping', 'ethtool', 'sysctl', 'taskset', 'setpriv']) if (!await installed(tool)) return `needs ${tool}, which is not installed`;
  return undefined;
}

function ownRows(found: readonly Footprint[]): OwnRow[] {
  const of = (pick: (f: Footprint) => number) => sample(found.map(pick))!;
  if (found.length === 0) return [];
  return [
    { what: 'process start to first routed packet', unit: 'ms', value: of(f => f.startMs), atMost: 3000 },
    { what: 'resident memory, idle', unit: 'MiB', value: of(f => f.idleMiB) },
    { what: `resident memory, ${FLOWS.toLocaleString('en-US')} flows`, unit: 'MiB', value: of(f => f.loadedMiB), atMost: RSS_MOST },
    { what: 'flows then in its table', unit: 'flows', value: of(f => f.flows) },
  ];
}

async function overWires(o: Options, notes: string[]): Promise<{ rows: readonly WireRow[]; names: readonly string[]; own: OwnRow[]; pairs: readonly PairRow[]; attacks: readonly AttackRow[] }> {
  const lancell = new Lancell();
  try {
    await wire();
    await sink();
    const found: Footprint[] = [];
    if (o.only.has('rss')) {
      for (let i = 1; i <= o.runs; i++) {
        await quiet(o.patienceMs);
        progress(`footprint: run ${i} of ${o.runs}`);
        found.push(await footprint(lancell));
      }
    }
    const wanted = (['tcp', 'udp', 'connections', 'ping'] as const).some(p => o.only.has(p));
    for (const tool of ['nginx', 'wrk']) if (o.only.has('connections') && !await installed(tool)) throw new Error(`part connections needs ${tool}, which is not installed`);
    const here = wanted ? await contestants(lancell, text => notes.push(text)) : [];
    const bench = wanted ? await benchWires(here, o, progress) : { rows: [], notes: [] };
    const browsers = o.only.has('browsers') ? await watched(o) : { rows: [], notes: [] };
    const attacks = o.only.has('attack') ? await attacked(o) : { rows: [], notes: [] };
    notes.push(...bench.notes, ...browsers.notes, ...attacks.notes);
    return { rows: bench.rows, names: here.map(c => c.name), own: ownRows(found), pairs: browsers.rows, attacks: attacks.rows };
  } finally {
    endAll();
    unwire();
  }
}

async function watched(o: Options): Promise<Awaited<ReturnType<typeof benchBrowsers>>> {
  const why = o.realBrowsers ? await noChromium() : undefined;
  return why === undefined ? benchBrowsers(o, progress) : { rows: [], notes: [`nothing with browsers: ${why}`] };
}

async function attacked(o: Options): Promise<Awaited<ReturnType<typeof benchAttack>>> {
  return await installed('tcpdump') ? benchAttack(o, progress) : { rows: [], notes: ['nothing under attack: tcpdump is not installed'] };
}

/** Needs no wires. */
async function pageRows(o: Options, notes: string[]): Promise<OwnRow[]> {
  const why = process.platform !== 'linux' ? 'needs Linux' : await noChromium();
  if (why !== undefined) notes.push(`no page opened: ${why}`);
  return why === undefined ? [{ what: 'web console on loopback, navigation to Home drawn', unit: 'ms', value: await benchPage(o, progress), atMost: PAGE_MOST_MS }] : [];
}

async function main(o: Options): Promise<void> {
  const notes: string[] = [];
  const where = machine();
  let memory: MemoryRow[] = [];
  let allocated: Allocation | undefined;
  if (o.only.has('engine')) {
    await quiet(o.patienceMs);
    memory = await benchEngine(o.runs, o.packets, progress);
    allocated = await allocation();
  }
  let flows: FlowTableFigures | undefined;
  if (o.only.has('flows')) {
    await quiet(o.patienceMs);
    flows = await flowTable();
  }
  let matches: MatchRow[] = [];
  if (o.only.has('rules')) {
    await quiet(o.patienceMs);
    matches = benchRules(o.runs, o.packets, progress);
  }
  const ppp = o.only.has('ppp') ? await benchPpp(o.runs, o.seconds, progress) : [];
  let wires: Awaited<ReturnType<typeof overWires>> = { rows: [], names: [], own: [], pairs: [], attacks: [] };
  if ((['tcp', 'udp', 'connections', 'ping', 'rss', 'browsers', 'attack'] as const).some(p => o.only.has(p))) {
    const why = await noWires();
    if (why === undefined) wires = await overWires(o, notes);
    else notes.push(`nothing over wires: ${why}`);
  }
  const own = [...ppp, ...wires.own, ...o.only.has('page') ? await pageRows(o, notes) : []];

  const out: string[] = [`${where}; ${o.runs} runs each (browsers and page: at least 5), medians`];
  if (memory.length > 0) out.push(drawMemory(memory));
  if (allocated) {
    const each = (n: number) => (n / allocated.packets).toFixed(1);
    out.push(`allocation, router, established: ${each(allocated.allocated)} octets a packet over ${allocated.packets.toLocaleString('en-US')} packets (${allocated.collections} collections meanwhile), of which ${Math.max(0, allocated.kept).toLocaleString('en-US')} octets in all stay`);
  }
  if (flows) out.push(drawFlowTable(flows));
  if (matches.length > 0) out.push(drawMatches(matches));
  if (wires.rows.length > 0) out.push(drawWires(wires.rows, wires.names));
  if (wires.pairs.length > 0) out.push(drawPairs(wires.pairs, `${WATCHERS} ${o.realBrowsers ? 'chromium pages' : 'clients'}`));
  if (wires.attacks.length > 0) out.push(drawAttacks(wires.attacks, STAY_MOST));
  if (own.length > 0) out.push(drawOwn(own));
  if (notes.length > 0) out.push(notes.map(n => `note: ${n}`).join('\n'));
  process.stdout.write(`${out.join('\n\n')}\n`);
  if (o.json !== undefined) {
    const rows = wires.rows.map(r => ({ ...r, by: Object.fromEntries(r.by) }));
    writeFileSync(o.json, `${JSON.stringify({ machine: where, options: { ...o, only: [...o.only] }, memory, allocated, flows, matches, wires: rows, browsers: wires.pairs, attacks: wires.attacks, own, notes }, undefined, 2)}\n`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endAll();
    unwire();
    process.exit(130);
  });
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else await main(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
