import type { Socket } from 'node:net';
import type { Logger } from '../../sdk/log.ts';
import { admits } from './admission.ts';
import type { Ports, Remote, ServiceName, Side } from './remote.ts';

/** Where to listen: on an address of the host, or on a descriptor that listens already, made when it is wanted. */
export interface ListenAt { readonly host: string; readonly port: number; readonly fd?: () => number }

/** `close` stops listening at once and resolves when the connections are gone. */
export interface Listening { readonly host: string; readonly port: number; close(): Promise<void> }

/** A service that can be reached. */
export interface Door {
  readonly name: ServiceName;
  /** Rejects when the address is taken. Connections there are asked for with `Doors.admits`, by the service. */
  listen(at: ListenAt): Promise<Listening>;
  /** Told when the settings are (to be) others, before it listens. */
  settings?(remote: Remote): void;
}

/** The stack that has the router's own addresses (kernel/self/stack.ts). */
export interface InsideStack {
  /** A descriptor that listens on this port of all of them. Throws with the reason. */
  listen(port: number): number;
  /** The security zone through which a connection to them came; undefined: it is none of theirs. */
  zoneOf(socket: Socket): string | undefined;
}

export interface DoorsOptions {
  /** Address of the host to listen on. */
  readonly host: string;
  readonly log: Logger;
  /** Side through which a connection to the host's address came; undefined: the rules about sides are not for it. */
  side(socket: Socket): Side | undefined;
  /** With a stack of the router's own addresses the settings speak of those, and `outside` of the host's address. */
  readonly inside?: InsideStack | undefined;
  /** Ports on the host's address; 0 takes a free one. Default: those of the settings. */
  readonly outside?: Ports | undefined;
}

interface Open { readonly port: number; readonly listening: Listening }
type Place = 'outside' | 'inside';

/** Opens what the settings of remote management say, where they say, and asks them about each connection. */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #doors = new Map<ServiceName, Door>();
  readonly #open: Readonly<Record<Place, Map<ServiceName, Open>>> = { outside: new Map(), inside: new Map() };
  /** Asked for each packet to the router. */
  #insidePorts: ReadonlySet<number> = new Set();
  #remote: Remote | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: DoorsOptions) { this.#options = options; }

  /** What the packet side asks before a connection to an own address begins: the same rules. */
  readonly rules = {
    listens: (port: number): boolean => this.#insidePorts.has(port),
    admits: (port: number, from: string, zone: string | undefined): boolean => {
      const name = [...this.#open.inside].find(([, open]) => open.port === port)?.[0];
      const side = sideOf(zone);
      // Through an interface without a zone nobody comes in: no rule can speak of it.
      return name !== undefined && side !== undefined && this.#remote !== undefined && admits(this.#remote, name, { from, side });
    },
  };

  /** Where a service listens on the host's address. */
  at(name: ServiceName): { readonly host: string; readonly port: number } | undefined {
    return this.#open.outside.get(name)?.listening;
  }

  /** Where services listen on the router's own addresses. */
  get inside(): readonly { readonly name: ServiceName; readonly port: number }[] {
    return [...this.#open.inside].map(([name, { port }]) => ({ name, port }));
  }

  /** Whether a connection that was accepted may stay. */
  admits(name: ServiceName, socket: Socket): boolean {
    if (this.#remote === undefined) return false;
    const from = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
    const zone = this.#options.inside?.zoneOf(socket);
    const side = zone === undefined ? this.#options.side(socket) : sideOf(zone);
    return admits(this.#remote, name, { from, side });
  }

  /** From now on this service is offered. Rejects when its address on the host is taken. */
  add(door: Door): Promise<void> {
    this.#doors.set(door.name, door);
    return this.#exclusive(() => this.#arrange(door));
  }

  /** New settings. Rejects when they name an address that is taken; then what was open before is open still. */
  apply(next: Remote): Promise<void> {
    return this.#exclusive(async () => {
      const before = this.#remote;
      this.#remote = next;
      try {
        for (const door of this.#doors.values()) await this.#arrange(door).catch((error: unknown) => this.#forgive(door, error));
      } catch (error) {
        this.#remote = before;
        for (const door of this.#doors.values()) await this.#arrange(door).catch(() => {});
        throw error;
      }
    });
  }

  /** A port of the host that is not in the settings cannot be put right there: it is no reason to refuse them. */
  #forgive(door: Door, error: unknown): void {
    if (this.#options.outside === undefined) throw error;
    this.#options.log.warn({ service: door.name, error: error instanceof Error ? error.message : String(error) }, "a service cannot listen on this machine's own address");
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail.catch(() => {});
    const all = [...this.#open.outside.values(), ...this.#open.inside.values()];
    this.#open.outside.clear();
    this.#open.inside.clear();
    this.#insidePorts = new Set();
    await Promise.all(all.map(({ listening }) => listening.close()));
  }

  async #arrange(door: Door): Promise<void> {
    const remote = this.#remote;
    if (remote === undefined || this.#closed) return;
    door.settings?.(remote);
    const { active, port } = remote[door.name];
    const { inside, outside, host, log } = this.#options;
    if (inside !== undefined) {
      try {
        await this.#set('inside', door, active && port !== 0 ? { host, port, fd: () => inside.listen(port) } : undefined);
      } catch (error) {
        // The router can still be managed from its host.
        log.error({ service: door.name, port, error: error instanceof Error ? error.message : String(error) }, "a service cannot listen on the router's own addresses");
      }
      this.#insidePorts = new Set([...this.#open.inside.values()].map((open) => open.port));
    }
    await this.#set('outside', door, active ? { host, port: outside?.[door.name] ?? port } : undefined);
  }

  /** The new place first: when it cannot be had, the old one stays. */
  async #set(place: Place, door: Door, wanted: ListenAt | undefined): Promise<void> {
    const open = this.#open[place];
    const now = open.get(door.name);
    if (now?.port === wanted?.port) return;
    const listening = wanted === undefined ? undefined : await door.listen(wanted);
    if (listening === undefined || wanted === undefined) open.delete(door.name);
    else open.set(door.name, { port: wanted.port, listening });
    void now?.listening.close();
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run);
    this.#tail = result.catch(() => {});
    return result;
  }
}

/** 'LAN' → 'lan', 'CELLULAR' → 'cell'. */
function sideOf(zone: string | undefined): Side | undefined {
  const name = zone?.toLowerCase();
  const known: Readonly<Record<string, Side>> = { lan: 'lan', wan: 'wan', cell: 'cell', cellular: 'cell', dmz: 'dmz', wlan: 'wlan' };
  return name !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
}
