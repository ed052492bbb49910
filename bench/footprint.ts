import { performance } from 'node:perf_hooks';
import type { Lancell } from './contestants.ts';
import { residentMiB } from './machine.ts';
import { openFlows } from './measure.ts';
import { pause, start } from './processes.ts';
import { at, SERVER } from './wires.ts';

export const FLOWS = 10_000;
const LONGEST_MS = 15_000;

export interface Footprint {
  /** ms from the start of the process to the first answer of a ping through it. */
  readonly startMs: number;
  /** MiB resident, before and after so many flows. */
  readonly idleMiB: number;
  readonly loadedMiB: number;
  readonly flows: number;
}

/** Starts a router under a ping every 10 ms, waits for the first answer, then opens FLOWS flows through it. */
export async function footprint(lancell: Lancell): Promise<Footprint> {
  const pings = start(at(lancell.client, 'ping', '-n', '-i', '0.01', '-W', '1', SERVER));
  try {
    await pause(100);
    const begin = performance.now();
    const first = new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error('the router carries nothing')), LONGEST_MS).unref();
      pings.heard = text => { if (text.includes('bytes from')) resolve(performance.now() - begin); };
    });
    lancell.spawn();
    const startMs = await first;
    await pings.stop();
    await pause(1000);
    const idleMiB = residentMiB(lancell.pid);
    await openFlows(lancell, FLOWS);
    await pause(500);
    return { startMs, idleMiB, loadedMiB: residentMiB(lancell.pid), flows: await lancell.flows() };
  } finally {
    await pings.stop();
    await lancell.stop();
  }
}
