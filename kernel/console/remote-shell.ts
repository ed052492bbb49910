import type { Socket } from 'node:net';
import type { Clock } from '../../sdk/clock.ts';
import type { Logger } from '../../sdk/log.ts';
import { Session } from '../cli/session.ts';
import type { VerbTree } from '../cli/tree.ts';
import type { VerbFault } from '../cli/errors.ts';
import type { Accounts, User } from './accounts.ts';
import type { Identity } from './roles.ts';

/** What SSH and Telnet need from the router. */
export interface RemoteShellServices {
  readonly tree: VerbTree;
  readonly clock: Clock;
  readonly log: Logger;
  readonly accounts: Accounts;
  /** Idle time after which a person is logged out, in ms; 0: never. The same as in the browser. */
  idleMs(): number;
  onFault?(fault: VerbFault): void;
  /** Told who begins what that may change something. */
  audit?(author: string, what: string): void;
}

/** Said before anybody has logged in; it names no version. */
export const GREETING = 'lancell';
const MOST_CONNECTIONS = 16;
/** Who has not logged in by then is sent away. */
export const LOGIN_MS = 60_000;

export const shellFor = (services: RemoteShellServices, user: User, via: Identity['via']): Session => new Session({
  tree: services.tree, clock: services.clock, identity: { name: user.name, role: user.role, via }, onFault: (fault) => services.onFault?.(fault), onWrite: (who, verb) => services.audit?.(who, verb),
});

/** The connections of one service: how many there are, and whose. */
export class Guests {
  readonly #guests = new Map<Socket, { name: string | undefined; readonly end: (why: string) => void }>();
  readonly #most: number;

  constructor(accounts: Accounts, most = MOST_CONNECTIONS) {
    this.#most = most;
    accounts.onRevoked((name, why) => {
      for (const guest of [...this.#guests.values()]) if (guest.name?.toLowerCase() === name.toLowerCase()) guest.end(why);
    });
  }

  get size(): number { return this.#guests.size; }

  /** False: there are too many. Who has not logged in gives way to who comes: strangers alone cannot keep everybody out. */
  admit(socket: Socket, end: (why: string) => void): boolean {
    if (this.#guests.size >= this.#most) {
      const stranger = [...this.#guests].find(([, guest]) => guest.name === undefined);
      if (stranger === undefined) return false;
      this.#guests.delete(stranger[0]);
      stranger[1].end('too many connections');
    }
    this.#guests.set(socket, { name: undefined, end });
    socket.once('close', () => this.#guests.delete(socket));
    return true;
  }

  named(socket: Socket, name: string): void {
    const guest = this.#guests.get(socket);
    if (guest !== undefined) guest.name = name;
  }

  close(why: string): void {
    for (const guest of [...this.#guests.values()]) guest.end(why);
  }
}
