import { fileURLToPath } from 'node:url';
import { type AttackName, attacks, inWords } from './attack-names.ts';
import { Capture, type Passage, passage } from './arrivals.ts';
import { Lancell } from './contestants.ts';
import { quiet } from './machine.ts';
import { tcp } from './measure.ts';
import { sample } from './median.ts';
import type { Options } from './options.ts';
import { must, pause, type Running, start } from './processes.ts';
import type { AttackRow } from './report.ts';
import { at, SERVER } from './wires.ts';

const program = fileURLToPath(new URL('./attackers.js', import.meta.url));
const sender = fileURLToPath(new URL('./steady.js', import.meta.url));
/** Discarded by the server (measure.ts, sink). */
const PORT = 9;
const RATE = 20_000;
const READY_MS = 30_000;
/** An attack is at its worst a moment after it began. */
const SETTLE_MS = 1000;
const TAIL_MS = 1500;
/** What an attacker still does after SIGTERM is not measured. */
const RECOVER_MS = 1000;
/** Longest time that a packet may spend in a router under attack, ms. */
export const STAY_MOST = 100;

interface Run { readonly udp: Passage; readonly mbits: number }
interface Pair { readonly alone: Run; readonly attacked: Run; readonly did: string }

export interface AttackBench { readonly rows: readonly AttackRow[]; readonly notes: readonly string[] }

/**
 * A steady UDP stream, then TCP, through one router process, in turns left alone and attacked. Attackers run in the router's namespace, so that
 * what they send crosses no wire that is measured, and reaches the router as fast as it can be; but they take CPU time of this machine.
 */
export async function benchAttack(o: Options, progress: (text: string) => void): Promise<AttackBench> {
  const lancell = new Lancell([], '127.0.0.1:0', ['LANCELL_ADMIN_PASSWORD=correct horse battery staple']);
  const found = new Map<AttackName, Pair[]>(attacks.map((name) => [name, []]));
  let busy = 0;
  try {
    await lancell.start();
    const address = await lancell.console();
    for (let i = 1; i <= o.runs; i++) {
      for (const name of attacks) {
        if (!await quiet(o.patienceMs)) busy++;
        progress(`attack: run ${i} of ${o.runs}, left alone`);
        const alone = await through(lancell, o.seconds);
        progress(`attack: run ${i} of ${o.runs}, ${inWords[name]}`);
        const attackers = await attack(address, name);
        try {
          const attacked = await through(lancell, o.seconds);
          await attackers.stop();
          found.get(name)!.push({ alone, attacked, did: attackers.output().trim().split('\n').at(-1) ?? '' });
        } finally {
          await attackers.stop();
        }
        await pause(RECOVER_MS);
      }
    }
  } finally {
    await lancell.stop();
    lancell.forget();
  }
  const all = [...found.values()].flat();
  const notes = [...found].filter(([name]) => name !== 'neighbour').map(([name, pairs]) => `${inWords[name]}: ${sums(pairs.map((p) => p.did))}`);
  if (busy > 0) notes.push(`${busy} of ${all.length} pairs with and without attack began while the machine was busy with something else`);
  return { notes, rows: [rowOf('left alone', all.map((p) => p.alone)), ...[...found].map(([name, pairs]) => rowOf(inWords[name], pairs.map((p) => p.attacked), pairs.map((p) => p.attacked.mbits / p.alone.mbits)))] };
}

async function through(lancell: Lancell, seconds: number): Promise<Run> {
  const left = new Capture('client', 'eth0', PORT);
  const came = new Capture('server', 'eth0', PORT);
  await Promise.all([left.ready(), came.ready()]);
  await must(at('client', process.execPath, sender, SERVER, String(PORT), String(RATE), String(seconds)));
  // What waits in the router's queues may still come; tcpdump itself is handed packets up to a second late.
  await pause(TAIL_MS);
  const [a, b] = await Promise.all([left.end(), came.end()]);
  return { udp: passage(a, b), mbits: await tcp(lancell, seconds, false) };
}

async function attack(address: string, name: AttackName): Promise<Running> {
  const running = start(at('router', process.execPath, program, address, name));
  const ready = new Promise<true>((resolve) => { running.heard = (text) => { if (text.includes('attacking')) resolve(true); }; });
  if (await Promise.race([ready, running.ended, pause(READY_MS)]) !== true) {
    await running.stop();
    throw new Error(`nobody attacks: ${running.output().trim().slice(-500)}`);
  }
  await pause(SETTLE_MS);
  return running;
}

function rowOf(what: string, runs: readonly Run[], ratios?: readonly number[]): AttackRow {
  const of = (pick: (u: Passage) => number) => sample(runs.map((r) => pick(r.udp)))!;
  const ratio = ratios === undefined ? undefined : sample(ratios);
  return {
    what, offered: runs.reduce((n, r) => n + r.udp.offered, 0), lost: runs.reduce((n, r) => n + r.udp.lost, 0),
    gap: of((u) => u.longestGap), gapOffered: of((u) => u.longestGapOffered), stay: of((u) => u.longestStay), stay99: of((u) => u.stay99),
    mbits: sample(runs.map((r) => r.mbits))!, ...(ratio === undefined ? {} : { ratio }),
  };
}

/** '12,000 × 401, 30 × cut off'. */
function sums(reports: readonly string[]): string {
  const total: Record<string, number> = {};
  for (const report of reports) for (const [what, n] of Object.entries(JSON.parse(report) as Record<string, number>)) total[what] = (total[what] ?? 0) + n;
  return Object.entries(total).map(([what, n]) => `${n.toLocaleString('en-US')} × ${what}`).join(', ') || 'nothing was answered';
}
