import { setU32, u32 } from '../wire/octets.ts';
import { type Control, ECHO_REPLY, ECHO_REQUEST } from '../wire/ppp.ts';

/** The magic number at the head of an echo (RFC 1661 §5.8); undefined: there is none. */
export const echoMagic = (packet: Control): number | undefined => (packet.data.length >= 4 ? u32(packet.data, 0) : undefined);

/** The answer to an echo request, under our magic number. */
export function echoReply(request: Control, magic: number): Control {
  const data = request.data.slice();
  setU32(data, 0, magic);
  return { code: ECHO_REPLY, id: request.id, data };
}

/** Asks again and again whether the peer is there. */
export class EchoWatch {
  due: number | undefined;
  readonly #intervalMs: number;
  readonly #failures: number;
  #silences = 0;
  #id = 0;

  constructor({ intervalMs, failures }: { readonly intervalMs: number; readonly failures: number }) {
    this.#intervalMs = intervalMs;
    this.#failures = failures;
  }

  start(now: number): void {
    this.#silences = 0;
    this.due = now + this.#intervalMs;
  }

  stop(): void { this.due = undefined; }

  /** Any octet that the peer says proves it is there. */
  heard(): void { this.#silences = 0; }

  /** What to send now, 'dead' when too many went unanswered, or nothing. */
  tick(now: number, magic: number): Control | 'dead' | undefined {
    if (this.due === undefined || now < this.due) return undefined;
    if (this.#silences >= this.#failures) {
      this.due = undefined;
      return 'dead';
    }
    this.#silences++;
    this.due = now + this.#intervalMs;
    const data = new Uint8Array(4);
    setU32(data, 0, magic);
    return { code: ECHO_REQUEST, id: this.#id = (this.#id + 1) & 0xff, data };
  }
}
