import { PerformanceObserver, performance } from 'node:perf_hooks';
import { routerRoad } from './road.ts';

/**
 * A program of its own, for it needs `--expose-gc` and a young generation so large that no slice fills it: prints as JSON what so many
 * packets of an established flow allocate, and what of it stays. Used by main.ts.
 *
 *     node --expose-gc --min-semi-space-size=… allocation.js PACKETS
 */
const SLICE = 1_000_000;
const slices = Math.ceil(Number(process.argv[2] ?? 10 * SLICE) / SLICE);
const collect = (globalThis as { gc?: () => void }).gc;
if (!collect) throw new Error('run with --expose-gc');

/** When something was collected; a collection inside a slice would hide what was allocated before it. */
const collections: number[] = [];
const observer = new PerformanceObserver(list => { for (const e of list.getEntries()) collections.push(e.startTime); });
observer.observe({ entryTypes: ['gc'] });

const road = await routerRoad(100_000);
const flow = (): number => 7777;
road.run(SLICE, flow);
collect();
const first = process.memoryUsage().heapUsed;
let allocated = 0;
const spans: [number, number][] = [];
for (let i = 0; i < slices; i++) {
  collect();
  const begin = performance.now();
  const before = process.memoryUsage().heapUsed;
  road.run(SLICE, flow);
  allocated += process.memoryUsage().heapUsed - before;
  spans.push([begin, performance.now()]);
}
collect();
const kept = process.memoryUsage().heapUsed - first;
await new Promise(resolve => setTimeout(resolve, 100));
const during = collections.filter(at => spans.some(([begin, end]) => at >= begin && at <= end)).length;
await road.stop();
process.stdout.write(`${JSON.stringify({ packets: slices * SLICE, allocated, kept, collections: during })}\n`);
process.exit();
