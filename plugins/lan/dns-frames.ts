import * as dns from '../../sdk/wire/dns.ts';

const PREFIX = 2;

/** A message as TCP carries it, two octets of length in front (RFC 1035 §4.2.2). One piece, so that it leaves in one segment if it can (RFC 7766 §8). */
export function framed(message: Uint8Array): Uint8Array {
  const out = new Uint8Array(PREFIX + message.length);
  out[0] = message.length >> 8;
  out[1] = message.length;
  out.set(message, PREFIX);
  return out;
}

/** Cuts a stream into messages, however it arrives. Holds at most one message that is not complete. */
export class Frames {
  readonly #longest: number;
  #held = new Uint8Array(0);

  /** Octets of the longest message that is taken. */
  constructor(longest: number) { this.#longest = longest; }

  /** Octets that wait for the rest of their message. */
  get waiting(): number { return this.#held.length; }

  /** The messages that are complete now; undefined: the sender does not speak DNS, or too long, and nothing more can be made of it. */
  take(data: Uint8Array): Uint8Array[] | undefined {
    const all = this.#held.length === 0 ? data : joined(this.#held, data);
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at + PREFIX <= all.length) {
      const length = (all[at]! << 8) | all[at + 1]!;
      if (length < dns.HEADER || length > this.#longest) return undefined;
      if (at + PREFIX + length > all.length) break;
      messages.push(all.slice(at + PREFIX, at + PREFIX + length));
      at += PREFIX + length;
    }
    this.#held = all.slice(at);
    return messages;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
