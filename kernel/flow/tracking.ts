import type { NewFlow, TcpTracking } from '../../sdk/flow.ts';
import type { Counter } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { Refused } from './tcp-window.ts';

const nobody: TcpTracking = { window: false, pickup: () => false, asymmetric: () => false };

/** How strictly TCP is followed: what the one who asked last wants, and counters of what was refused. */
export class Tracking {
  window = false;
  #how: TcpTracking = nobody;
  #asked: readonly TcpTracking[] = [];
  readonly #refused: readonly Counter[];
  readonly #changed: () => void;

  constructor(counter: (name: string) => Counter, changed: () => void) {
    this.#changed = changed;
    const refused: Counter[] = [];
    refused[-Refused.Impossible] = counter('tcp: a segment that cannot be in this state');
    refused[-Refused.Beyond] = counter('tcp: sequence number beyond the window');
    refused[-Refused.Unsent] = counter('tcp: acknowledges what was never sent');
    refused[-Refused.Old] = counter('tcp: sequence number of long ago');
    refused[-Refused.OldAck] = counter('tcp: acknowledgement of long ago');
    refused[-Refused.Reset] = counter('tcp: reset outside of the window');
    refused[-Refused.Early] = counter('tcp: data before the handshake');
    this.#refused = refused;
  }

  set(how: TcpTracking): Disposable {
    const mine = how;
    this.#put([...this.#asked, mine]);
    return { dispose: () => { if (this.#asked.includes(mine)) this.#put(this.#asked.filter(h => h !== mine)); } };
  }

  #put(asked: readonly TcpTracking[]): void {
    this.#asked = asked;
    this.#how = asked.at(-1) ?? nobody;
    this.window = this.#how.window;
    this.#changed();
  }

  pickup(flow: NewFlow): boolean { return this.#how.pickup(flow); }
  asymmetric(flow: NewFlow): boolean { return this.#how.asymmetric(flow); }

  /** The counter of an answer of `follow` that is not a state. */
  refused(why: number): Counter { return this.#refused[-why]!; }
}
