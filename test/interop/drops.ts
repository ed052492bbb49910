import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Bed, note } from './bed.ts';
import { wait } from './namespaces.ts';

/** The router asks its sockets for their counts once in a while; by then it has (ms). */
const COUNTED_MS = 1500;
/** Of what was sent, this part may be lost to a busy machine; more is a fault, whoever dropped it. */
const MOST = 0.05;

/**
 * What Linux itself has thrown away so far: its queues between the wires (softnet), the router's packet sockets that were not read in time, and the
 * hosts' UDP sockets. On a busy machine a test that counts packets must know.
 */
export async function drops(bed: Bed): Promise<number> {
  const softnet = readFileSync('/proc/net/softnet_stat', 'utf8').trim().split('\n').reduce((n, line) => n + Number.parseInt(line.split(/\s+/)[1] ?? '0', 16), 0);
  const sockets = (await bed.router.table('link list')).rows.reduce((n, row) => n + Number(row.at(-1)), 0);
  const hosts = await Promise.all(['lan1', 'lan2', 'inet', 'far'].map((host) => bed.net.sh(host, "awk '/^Udp: [0-9]/ { print $6 }' /proc/net/snmp")));
  return hosts.reduce((n, text) => n + Number(text), softnet + sockets);
}

/** How many were lost of how many. */
export interface Loss { readonly lost: number; readonly sent: number }

/** Nothing is lost during `what`, but for what Linux dropped for want of time; and that is little. */
export async function lossless(bed: Bed, what: () => Promise<Loss>): Promise<void> {
  const before = await drops(bed);
  await excused(bed, before, await what());
}

/** The same about something that is over; `before` is what `drops` said when it began. */
export async function excused(bed: Bed, before: number, { lost, sent }: Loss): Promise<void> {
  if (lost === 0) return;
  await wait(COUNTED_MS);
  const dropped = await drops(bed) - before;
  note(`${lost} of ${sent} lost; Linux has dropped ${dropped} packets meanwhile`);
  expect(lost, 'lost by the router').toBeLessThanOrEqual(Math.min(dropped, Math.max(1, sent * MOST)));
}
