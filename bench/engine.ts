import { performance } from 'node:perf_hooks';
import { Batch } from '../sdk/packet.ts';
import { type Sample, sample } from './median.ts';
import { engineRoad, type Road, routerRoad } from './road.ts';
import { Source } from './source.ts';

/** One line of the table: ns per packet as measured, and without what the frame source itself costs. */
export interface MemoryRow { readonly what: string; readonly gross: Sample; readonly net: number; readonly target?: number }

const FIRST_PORT = 1024;
const MANY = 10_000;
const NEW = 50_000;
const TABLE = 100_000;
/** ns per packet of an established flow through the engine. */
const TARGET = 400;

/** A generator of flow numbers below MANY; the same sequence each time. */
function randomFlows(): () => number {
  let seed = 1;
  return () => {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    return FIRST_PORT + (seed >>> 8) % MANY;
  };
}

function countingFlows(): () => number {
  let flow = FIRST_PORT;
  return () => flow++;
}

function sourceAlone(packets: number): number {
  const source = new Source('alone', 9);
  const batch = new Batch();
  source.left = packets;
  source.next = randomFlows();
  const begin = performance.now();
  while (source.left > 0) {
    batch.clear();
    source.rx(batch);
  }
  return (performance.now() - begin) * 1e6 / packets;
}

/**
 * The data path in memory. All cases take turns within each of the runs, after one unmeasured turn that lets V8 compile; a case of new
 * flows gets a fresh table each time.
 */
export async function benchEngine(runs: number, packets: number, progress: (text: string) => void): Promise<MemoryRow[]> {
  const bare = engineRoad(TABLE);
  const whole = await routerRoad(TABLE);
  const fresh = async (make: () => Road | Promise<Road>): Promise<number> => {
    const road = await make();
    const ns = road.run(NEW, countingFlows());
    await road.stop();
    return ns;
  };
  const cases: readonly { readonly what: string; readonly run: () => number | Promise<number>; readonly target?: number }[] = [
    { what: 'frame source alone', run: () => sourceAlone(packets) },
    { what: 'engine: established, 1 flow', run: () => bare.run(packets, () => 7777), target: TARGET },
    { what: 'engine: established, 10,000 flows at random', run: () => bare.run(packets, randomFlows()), target: TARGET },
    { what: 'engine: new flow', run: () => fresh(() => engineRoad(TABLE)) },
    { what: 'router (ip, lan, wan, nat): established, 1 flow', run: () => whole.run(packets, () => 7777), target: TARGET },
    { what: 'router (ip, lan, wan, nat): established, 10,000 flows at random', run: () => whole.run(packets, randomFlows()), target: TARGET },
    { what: 'router (ip, lan, wan, nat): new flow', run: () => fresh(() => routerRoad(TABLE)) },
  ];
  const results = cases.map((): number[] => []);
  for (let turn = 0; turn <= runs; turn++) {
    progress(turn === 0 ? 'memory: warming up' : `memory: run ${turn} of ${runs}`);
    for (const [i, c] of cases.entries()) {
      const ns = await c.run();
      if (turn > 0) results[i]!.push(ns);
    }
  }
  await bare.stop();
  await whole.stop();
  const alone = sample(results[0]!)!.median;
  return cases.map((c, i) => {
    const gross = sample(results[i]!)!;
    return { what: c.what, gross, net: i === 0 ? gross.median : gross.median - alone, ...(c.target === undefined ? {} : { target: c.target }) };
  });
}
