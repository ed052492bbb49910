import { performance, PerformanceObserver } from 'node:perf_hooks';
import { routerRoad } from './road.ts';

/**
 * A program of its own, for it needs `--expose-gc` and a young generation so large that nothing is collected on the way: prints as JSON
 * what so many packets of an established flow allocate, and what of it stays. Used by main.ts.
 *
 *     node --expose-gc --min-semi-space-size=… allocation.js PACKETS
 */
const packets = Number(process.argv[2] ?? 10_000_000);
const collect = (globalThis as { gc?: () => void }).gc;
if (!collect) throw new Error('run with --expose-gc');

const collections: number[] = [];
const observer = new PerformanceObserver(list => { for (const e of list.getEntries()) collections.push(e.startTime); });
observer.observe({ entryTypes: ['gc'] });
const aMoment = () => new Promise(resolve => setTimeout(resolve, 100));

const road = await routerRoad(100_000);
const flow = (): number => 7777;
road.run(1_000_000, flow);
collect();
await aMoment();
const begin = performance.now();
const before = process.memoryUsage().heapUsed;
const ns = road.run(packets, flow);
const after = process.memoryUsage().heapUsed;
const end = performance.now();
await aMoment();
observer.disconnect();
const during = collections.filter(at => at >= begin && at <= end).length;
collect();
const kept = process.memoryUsage().heapUsed - before;
await road.stop();
process.stdout.write(`${JSON.stringify({ packets, ns, allocated: after - before, kept, collections: during })}\n`);
process.exit();
