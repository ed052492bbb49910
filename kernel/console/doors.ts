import type { Socket } from 'node:net';
import type { Logger } from '../../sdk/log.ts';
import { ConfigProblem } from '../config/section.ts';
import { admits } from './admission.ts';
import { whyNoPort } from './port-holder.ts';
import { type Ports, type Remote, type ServiceName, type Side, sideOfZone } from './remote.ts';

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
  side(socket: Socket): Side | 'none' | undefined;
  /** With a stack of the router's own addresses the settings speak of those, and `outside` of the host's address. */
  readonly inside?: InsideStack | undefined;
  /** Ports on the host's address; 0 takes a free one. Default: those of the settings. */
  readonly outside?: Ports | undefined;
}

interface Open { readonly port: number; readonly listening: Listening }
type Place = 'outside' | 'inside';

/** A service that the settings want and that cannot be had. */
export interface DoorProblem { readonly service: ServiceName; readonly place: Place; readonly port: number; readonly why: string }

const places: Readonly<Record<Place, string>> = { inside: "on the router's own addresses", outside: "on this machine's own address" };

/** Opens what the settings of remote management say, where they say, and asks them about each connection. */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #doors = new Map<ServiceName, Door>();
  readonly #open: Readonly<Record<Place, Map<ServiceName, Open>>> = { outside: new Map(), inside: new Map() };
  /** Asked for each packet to the router. */
  #insidePorts: ReadonlySet<number> = new Set();
  /** By service and place. */
  readonly #problems = new Map<string, DoorProblem>();
  /** Connections that were let in. */
  readonly #guests = new Map<Socket, ServiceName>();
  #remote: Remote | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: DoorsOptions) { this.#options = options; }

  /** What the packet side asks before a connection to an own address begins: the same rules. */
  readonly rules = {
    listens: (port: number): boolean => this.#insidePorts.has(port),
    admits: (port: number, from: string, zone: string | undefined): boolean => {
      const name = [...this.#open.inside].find(([, open]) => open.port === port)?.[0];
      return name !== undefined && this.#remote !== undefined && admits(this.#remote, name, { from, side: sideOfZone(zone) });
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

  /** What the settings want and cannot have now. */
  get problems(): readonly DoorProblem[] { return [...this.#problems.values()]; }

  /** Whether a connection that was accepted may stay. It is asked about again when the rules change. */
  admits(name: ServiceName, socket: Socket): boolean {
    if (!this.#mayStay(name, socket)) return false;
    this.#guests.set(socket, name);
    socket.once('close', () => this.#guests.delete(socket));
    return true;
  }

  #mayStay(name: ServiceName, socket: Socket): boolean {
    if (this.#remote === undefined) return false;
    const from = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
    const zone = this.#options.inside?.zoneOf(socket);
    return admits(this.#remote, name, { from, side: zone === undefined ? this.#options.side(socket) : sideOfZone(zone) });
  }

  /** From now on this service is offered. Rejects with the reason when its address on the host cannot be had; `problems` has it too. */
  add(door: Door): Promise<void> {
    this.#doors.set(door.name, door);
    return this.#exclusive(async () => {
      await this.#arrange(door, false);
      const here = this.#problems.get(`${door.name} outside`);
      if (here !== undefined) throw new Error(`${door.name}: ${here.why}`);
    });
  }

  /**
   * New settings. Rejects with ConfigProblem when they ask for a port that cannot be had; then what was open before is open still.
   * Who was let in by other rules and would not be any more is cut off.
   */
  apply(next: Remote): Promise<void> {
    return this.#exclusive(async () => {
      const before = this.#remote;
      this.#remote = next;
      try {
        for (const door of this.#doors.values()) await this.#arrange(door, asksFor(door.name, before, next));
      } catch (error) {
        this.#remote = before;
        for (const door of this.#doors.values()) await this.#arrange(door, false);
        throw error;
      }
      for (const [socket, name] of [...this.#guests]) if (!this.#mayStay(name, socket)) socket.destroy();
    });
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

  /** @param asked these settings are new for this service: then it is refused what it cannot have, else that is a problem to be told */
  async #arrange(door: Door, asked: boolean): Promise<void> {
    const remote = this.#remote;
    if (remote === undefined || this.#closed) return;
    door.settings?.(remote);
    const { active, port } = remote[door.name];
    const { inside, outside, host } = this.#options;
    if (inside !== undefined) {
      await this.#have('inside', door, active && port !== 0 ? { host, port, fd: () => inside.listen(port) } : undefined, asked);
      this.#insidePorts = new Set([...this.#open.inside.values()].map((open) => open.port));
    }
    // A port of the host that is not in the settings cannot be put right there: it is no reason to refuse them.
    await this.#have('outside', door, active ? { host, port: outside?.[door.name] ?? port } : undefined, asked && outside === undefined);
  }

  async #have(place: Place, door: Door, wanted: ListenAt | undefined, asked: boolean): Promise<void> {
    const key = `${door.name} ${place}`;
    try {
      await this.#set(place, door, wanted);
      this.#problems.delete(key);
    } catch (error) {
      const { port } = wanted!;
      const why = await whyNoPort(error, port, place === 'inside' ? undefined : this.#options.host);
      if (asked) throw new ConfigProblem([{ section: 'remote', path: `remote.${door.name}.port`, message: why }]);
      const known = this.#problems.get(key);
      this.#problems.set(key, { service: door.name, place, port, why });
      if (known?.why !== why) this.#options.log.error({ service: door.name, port }, `remote.${door.name}.port: ${why}; ${door.name} is not offered ${places[place]}`);
    }
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

/** Whether these settings want another port for a service than those before, or want it anew. */
const asksFor = (name: ServiceName, before: Remote | undefined, next: Remote): boolean =>
  before !== undefined && next[name].active && (!before[name].active || before[name].port !== next[name].port);
