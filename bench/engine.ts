import { VirtualClock } from '../kernel/clock.ts';
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
/** Turns that are not measured. */
const WARM = 3;
/** How many rules the firewall has. */
const RULES = [0, 1_000, 10_000];
/** ns per packet: of an established flow, and the first one of a flow with a thousand rules. */
const ESTABLISHED = 300;
const FIRST = 3000;

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
  const begin = process.cpuUsage();
  while (source.left > 0) {
    batch.clear();
    source.rx(batch);
  }
  const { user, system } = process.cpuUsage(begin);
  return (user + system) * 1000 / packets;
}

/** CPU time of the first packets of flows, in a router that has met others before them. */
function newFlows(road: Road): number {
  const ns = road.run(NEW, countingFlows());
  road.empty();
  return ns;
}

/** The data path in memory. All cases take turns within each of the runs, after unmeasured turns that let V8 compile. Flows of cases of new flows end before the next turn. */
export async function benchEngine(runs: number, packets: number, progress: (text: string) => void): Promise<MemoryRow[]> {
  const bare = engineRoad(TABLE);
  const bareNew = engineRoad(TABLE, new VirtualClock());
  const whole = await Promise.all(RULES.map(n => routerRoad(TABLE, n)));
  const wholeNew = await Promise.all(RULES.map(n => routerRoad(TABLE, n, new VirtualClock())));
  const cases: readonly { readonly what: string; readonly run: () => number; readonly target?: number }[] = [
    { what: 'frame source alone', run: () => sourceAlone(packets) },
    { what: 'engine: established, 1 flow', run: () => bare.run(packets, () => 7777), target: ESTABLISHED },
    { what: 'engine: established, 10,000 flows at random', run: () => bare.run(packets, randomFlows()), target: ESTABLISHED },
    { what: 'engine: new flow', run: () => newFlows(bareNew) },
    ...whole.flatMap((road, i) => {
      const rules = RULES[i]!;
      const router = `router, ${rules.toLocaleString('en-US')} rules`;
      return [
        { what: `${router}: established, 1 flow`, run: () => road.run(packets, () => 7777), target: ESTABLISHED },
        { what: `${router}: established, 10,000 flows at random`, run: () => road.run(packets, randomFlows()), target: ESTABLISHED },
        { what: `${router}: new flow`, run: () => newFlows(wholeNew[i]!), ...(rules <= 1000 ? { target: FIRST } : { target: FIRST * 1.3 }) },
      ];
    }),
  ];
  const results = cases.map((): number[] => []);
  for (let turn = 1 - WARM; turn <= runs; turn++) {
    progress(turn < 1 ? 'memory: warming up' : `memory: run ${turn} of ${runs}`);
    for (const [i, c] of cases.entries()) {
      const ns = c.run();
      if (turn > 0) results[i]!.push(ns);
    }
  }
  for (const road of [bare, bareNew, ...whole, ...wholeNew]) await road.stop();
  const alone = sample(results[0]!)!.median;
  return cases.map((c, i) => {
    const gross = sample(results[i]!)!;
    return { what: c.what, gross, net: i === 0 ? gross.median : gross.median - alone, ...(c.target === undefined ? {} : { target: c.target }) };
  });
}
