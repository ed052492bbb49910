import type { Link, LinkHost } from '../sdk/index.ts';
import { RealClock } from '../kernel/clock.ts';
import type { LabCards } from './carrier/lab-cards.ts';
import { memoryLab, type MemoryLabOptions } from './memory/lab.ts';
import { namespaceLab, type NamespaceLabOptions } from './namespace/lab.ts';
import { probe } from './namespace/probe.ts';
import type { HostInfo, WireName } from './topology.ts';

export type { HostInfo, HostName, WireName } from './topology.ts';
export { needsUserNamespace, reexecInUserNamespace } from './namespace/user-namespace.ts';

/** What a program run on a lab host printed (stdout and stderr as a terminal shows them) and its exit code. */
export interface Ran { readonly output: string; readonly code: number }

/**
 * A real process to be started. `spawn` works from any process of the same user; `inside` only from the router's own
 * process tree (it does not enter the user namespace, which a member cannot do twice). Equal when there is none.
 */
export interface Spawn { readonly spawn: string[]; readonly inside: string[] }

/** Hosts around the router, and the wires between them. */
export interface Lab {
  readonly kind: 'namespace' | 'memory';
  /** Which and why, for people: what was tried and what was refused. */
  readonly why: string;
  /** The router's ends; to be opened after start(). */
  readonly links: readonly { readonly name: WireName; readonly open: (host: LinkHost) => Link }[];
  /** Plain facts for the router's settings, by plugin id; see topology.ts. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hosts: readonly HostInfo[];
  /** Slots for simulated cards, the carrier they call, and the cards there are. */
  readonly cards: LabCards;
  /** What fell short at start, in words: no DHCP client, no curl. */
  readonly notes: readonly string[];
  start(): Promise<void>;
  /** Throws for an unknown host, with the names there are. */
  exec(host: string, argv: readonly string[]): Spawn | Promise<Ran>;
  stop(): Promise<void>;
}

export interface LabOptions {
  readonly memory?: Partial<MemoryLabOptions>;
  readonly namespace?: NamespaceLabOptions;
}

/** What is in slot 1 of a fresh lab: the best that the original could drive. */
const FIRST_CARD = 'ac881';

/** The lab that was wished for, or the best that works here. A wish that cannot be had throws, saying what was refused. */
export async function chooseLab(wish?: 'namespace' | 'memory', opts: LabOptions = {}): Promise<Lab> {
  const inMemory = (why: string) => memoryLab({ clock: new RealClock(), seed: 1, traffic: true, card: FIRST_CARD, carrier: { delayMs: 40 }, ...opts.memory, why });
  if (wish === 'memory') return inMemory('memory lab, as asked: everything in this process, no privileges used');
  const found = await probe();
  if (found.ok) return namespaceLab(found, { card: FIRST_CARD, ...opts.memory?.clock ? { clock: opts.memory.clock } : {}, ...opts.memory?.seed === undefined ? {} : { seed: opts.memory.seed }, ...opts.namespace });
  if (wish === 'namespace') throw new Error(`the namespace lab does not work here: ${found.why}`);
  return inMemory(`memory lab: the namespace lab does not work here (${found.why})`);
}
