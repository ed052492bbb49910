import { fileURLToPath } from 'node:url';
import { Lancell } from './contestants.ts';
import { cpuSeconds, quiet } from './machine.ts';
import { tcp } from './measure.ts';
import { median, sample } from './median.ts';
import type { Options } from './options.ts';
import { pause, type Running, start } from './processes.ts';
import type { PairRow } from './report.ts';
import { at } from './wires.ts';

export const WATCHERS = 5;
const program = fileURLToPath(new URL('./watchers.js', import.meta.url));
const FEWEST_PAIRS = 5;
const READY_MS = 20_000;
/** What connecting and drawing for the first time cost is not measured. */
const SETTLE_MS = 1000;
const WATCHED_AT_LEAST = 0.95;

/** Long against the 10 ms in which CPU time is counted. */
const IDLE_MS = 2000;

const ways = ['idle', 'up', 'down'] as const;
type Way = (typeof ways)[number];

/** One measurement; `idle` is one without traffic. CPU time is that of the process and of those below it, in seconds per second. */
interface Run { readonly mbits: number; readonly routerCpu: number; readonly watchersCpu: number }
interface Pair { readonly alone: Run; readonly watched: Run }
/** What all watchers together were sent a second. */
interface Sent { readonly messages: number; readonly octets: number }

export interface BrowserBench { readonly rows: readonly PairRow[]; readonly notes: readonly string[] }

/**
 * TCP through one router process, in turns with nobody and with WATCHERS clients looking at it. They run in the router's namespace, so
 * that what they are sent crosses no wire that is measured.
 */
export async function benchBrowsers(o: Options, progress: (text: string) => void): Promise<BrowserBench> {
  const lancell = new Lancell([], '127.0.0.1:0');
  const pairs = Math.max(FEWEST_PAIRS, o.runs);
  const found = new Map<Way, Pair[]>(ways.map(way => [way, []]));
  const sent: Sent[] = [];
  let busy = 0;
  try {
    await lancell.start();
    const address = await lancell.console();
    for (let i = 1; i <= pairs; i++) {
      if (!await quiet(o.patienceMs)) busy++;
      progress(`browsers: pair ${i} of ${pairs}, nobody`);
      const alone = await each(lancell, o.seconds);
      progress(`browsers: pair ${i} of ${pairs}, ${WATCHERS} watch`);
      const watchers = await watch(address, o.realBrowsers);
      try {
        const watched = await each(lancell, o.seconds, watchers);
        sent.push(await stop(watchers));
        for (const way of ways) found.get(way)!.push({ alone: alone[way], watched: watched[way] });
      } finally {
        await watchers.stop();
      }
    }
  } finally {
    await lancell.stop();
    lancell.forget();
  }
  const notes = [`the ${WATCHERS} watchers together were sent ${median(sent.map(s => s.messages)).toFixed(0)} messages a second, ${(median(sent.map(s => s.octets)) / 1024).toFixed(0)} KiB`];
  if (busy > 0) notes.push(`${busy} of ${pairs} pairs with and without browsers began while the machine was busy with something else`);
  return { rows: ways.flatMap(way => rows(way, found.get(way)!)), notes };
}

async function each(lancell: Lancell, seconds: number, watchers?: Running): Promise<Record<Way, Run>> {
  const one = async (load: () => Promise<number>): Promise<Run> => {
    const look = () => ({ at: performance.now(), router: cpuSeconds(lancell.pid), watchers: watchers ? cpuSeconds(watchers.pid) : 0 });
    const before = look();
    const mbits = await load();
    const after = look();
    const spent = (after.at - before.at) / 1000;
    return { mbits, routerCpu: (after.router - before.router) / spent, watchersCpu: (after.watchers - before.watchers) / spent };
  };
  return {
    idle: await one(() => pause(IDLE_MS).then(() => 0)),
    up: await one(() => tcp(lancell, seconds, false)),
    down: await one(() => tcp(lancell, seconds, true)),
  };
}

/** Resolves when all of them have something to show. */
async function watch(address: string, real: boolean): Promise<Running> {
  const socket = typeof WebSocket === 'undefined' ? ['--experimental-websocket'] : [];
  const running = start(at('router', process.execPath, ...socket, program, address, String(WATCHERS), ...(real ? ['pages'] : [])));
  const ready = new Promise<true>(resolve => { running.heard = text => { if (text.includes('watching')) resolve(true); }; });
  if (await Promise.race([ready, running.ended, pause(READY_MS)]) !== true) {
    await running.stop();
    throw new Error(`nobody can watch: ${running.output().trim().slice(-500)}`);
  }
  await pause(SETTLE_MS);
  return running;
}

/** Throws when they did not watch to the end. */
async function stop(watchers: Running): Promise<Sent> {
  await watchers.stop();
  const last = watchers.output().trim().split('\n').at(-1)!;
  if (!last.startsWith('{')) throw new Error(`the watchers ended: ${last}`);
  return JSON.parse(last) as Sent;
}

function rows(way: Way, pairs: readonly Pair[]): PairRow[] {
  const row = (what: string, unit: string, of: (r: Run) => number, atLeast?: number): PairRow => ({
    what, unit,
    alone: sample(pairs.map(p => of(p.alone)))!,
    watched: sample(pairs.map(p => of(p.watched)))!,
    ...(atLeast === undefined ? {} : { atLeast, ratio: sample(pairs.map(p => of(p.watched) / of(p.alone)))! }),
  });
  const what = way === 'idle' ? 'no traffic' : `TCP ${way}, GSO on`;
  const cpu = [
    row(`${what}: the router's CPU time`, '% of a core', r => r.routerCpu * 100),
    row(`${what}: the watchers' CPU time`, '% of a core', r => r.watchersCpu * 100),
  ];
  return way === 'idle' ? cpu : [row(what, 'Mbit/s', r => r.mbits, WATCHED_AT_LEAST), ...cpu];
}
