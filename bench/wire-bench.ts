import type { Contestant } from './contestants.ts';
import { connections } from './connections.ts';
import { quiet } from './machine.ts';
import { ping, tcp, udp } from './measure.ts';
import { type Sample, sample } from './median.ts';
import type { Options } from './options.ts';
import type { WireRow } from './report.ts';
import { offload } from './wires.ts';

const TCP = { atLeast: 0.75 } as const;
const rows: readonly Omit<WireRow, 'by'>[] = [
  { what: 'TCP up, GSO on', unit: 'Mbit/s', target: TCP },
  { what: 'TCP down, GSO on', unit: 'Mbit/s', target: TCP },
  { what: 'TCP up, GSO off', unit: 'Mbit/s', target: TCP },
  { what: 'TCP down, GSO off', unit: 'Mbit/s', target: TCP },
  { what: 'UDP 64 octets, delivered', unit: 'packets/s', target: { atLeast: 0.6 } },
  { what: 'UDP 64 octets, offered', unit: 'packets/s' },
  { what: 'new TCP connections', unit: 'a second', target: { atLeast: 0.5 } },
  { what: 'ping, median', unit: 'µs', target: { atMost: 3 } },
  { what: 'ping, 99 %', unit: 'µs' },
];

export interface WireBench {
  readonly rows: readonly WireRow[];
  /** Measurements that began on a busy machine, and those that failed. */
  readonly notes: readonly string[];
}

/** Contestants take turns: in each run each of them is started, measured in everything, and stopped. */
export async function benchWires(contestants: readonly Contestant[], o: Options, progress: (text: string) => void): Promise<WireBench> {
  const results = new Map<string, Map<string, number[]>>(rows.map(r => [r.what, new Map(contestants.map(c => [c.name, []]))]));
  const notes: string[] = [];
  let busy = 0;
  let measured = 0;
  const put = (what: string, who: string, value: number): void => { results.get(what)!.get(who)!.push(value); };
  const attempt = async (c: Contestant, what: string, measure: () => Promise<void>): Promise<void> => {
    measured++;
    if (!await quiet(o.patienceMs)) busy++;
    progress(`${c.name}: ${what}`);
    try {
      await measure();
    } catch (error) {
      notes.push(`${c.name}: ${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  for (let run = 1; run <= o.runs; run++) {
    for (const c of contestants) {
      progress(`run ${run} of ${o.runs}, ${c.name}`);
      const bulk = async (gso: 'on' | 'off'): Promise<void> => {
        for (const [way, reverse] of [['up', false], ['down', true]] as const) {
          await attempt(c, `TCP ${way}, GSO ${gso}`, async () => put(`TCP ${way}, GSO ${gso}`, c.name, await tcp(c, o.seconds, reverse)));
        }
      };
      const whole = async (): Promise<void> => {
        if (o.only.has('tcp')) await bulk('on');
        if (o.only.has('udp')) await attempt(c, 'UDP', async () => {
          const { offered, delivered } = await udp(c, o.seconds);
          put('UDP 64 octets, offered', c.name, offered);
          put('UDP 64 octets, delivered', c.name, delivered);
        });
        if (o.only.has('connections')) await attempt(c, 'new connections', async () => put('new TCP connections', c.name, await connections(c, o.seconds)));
        if (o.only.has('ping')) await attempt(c, 'ping', async () => {
          await ping(c, 200); // unmeasured
          const { median, p99 } = await ping(c, o.pings);
          put('ping, median', c.name, median);
          put('ping, 99 %', c.name, p99);
        });
      };
      await withStarted(c, true, notes, whole);
      if (!o.only.has('tcp')) continue;
      await offload(false);
      await withStarted(c, false, notes, () => bulk('off'));
      await offload(true);
    }
  }
  if (busy > 0) notes.push(`${busy} of ${measured} measurements over wires began while the machine was busy with something else`);
  return {
    notes,
    rows: rows.map(r => ({ ...r, by: samples(results.get(r.what)!) })).filter(r => r.by.size > 0),
  };
}

async function withStarted(c: Contestant, big: boolean, notes: string[], measure: () => Promise<void>): Promise<void> {
  try {
    await c.start(big);
    await measure();
  } catch (error) {
    notes.push(`${c.name}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await c.stop();
  }
}

function samples(runs: ReadonlyMap<string, readonly number[]>): Map<string, Sample> {
  const all = new Map<string, Sample>();
  for (const [name, values] of runs) {
    const s = sample(values);
    if (s) all.set(name, s);
  }
  return all;
}
