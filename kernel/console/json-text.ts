/** Octets that are looked at before packets get their turn again: a fraction of a millisecond. */
const SLICE = 64 * 1024;

export interface JsonBounds {
  /** Values of all kinds; commas and brackets are counted, so that an empty list may count for two. */
  readonly values: number;
  /** Levels of lists and objects. */
  readonly depth: number;
}

/** Why octets are not taken for JSON, in words for whoever sent them. */
export class BadJson extends Error {
  override name = 'BadJson';
}

/** Not even text. */
export class NoText extends BadJson {}

/** Packets and timers get their turn. */
export const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/**
 * JSON from outside. JSON.parse holds up everything else until its end, some 200 ms for 400,000 names; so the text is counted first, slice
 * by slice, and refused as soon as it holds too much. Within bounds a text of 8 MiB is parsed in some 10 ms. Throws BadJson.
 */
export async function readJson(octets: Uint8Array, bounds: JsonBounds): Promise<unknown> {
  const scan = new Scan(bounds);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for (let at = 0; at < octets.length; at += SLICE) {
    if (at > 0) await turn();
    const slice = octets.subarray(at, at + SLICE);
    scan.take(slice);
    text += decoded(decoder, slice, at + SLICE < octets.length);
  }
  if (octets.length > SLICE) await turn();
  if (/^\s*$/.test(text)) throw new BadJson('it is empty');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadJson(`it is not JSON (${error instanceof Error ? error.message : String(error)}), perhaps cut off`);
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, slice: Uint8Array, more: boolean): string {
  try {
    return decoder.decode(slice, { stream: more });
  } catch {
    throw new NoText('it is not JSON: no UTF-8');
  }
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Counts without understanding: what is no JSON is found by JSON.parse. */
class Scan {
  readonly #bounds: JsonBounds;
  #values = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;

  constructor(bounds: JsonBounds) { this.#bounds = bounds; }

  take(octets: Uint8Array): void {
    for (let i = 0; i < octets.length; i++) {
      const c = octets[i];
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) {
        if (c === quote) this.#inString = false;
        else if (c === backslash) this.#escaped = true;
      } else if (c === quote) this.#inString = true;
      else if (c === comma) this.#count();
      else if (c === openList || c === openObject) {
        this.#count();
        if (++this.#depth > this.#bounds.depth) throw new BadJson(`it is nested deeper than ${this.#bounds.depth} levels`);
      } else if (c === closeList || c === closeObject) this.#depth--;
    }
  }

  #count(): void {
    if (++this.#values > this.#bounds.values) throw new BadJson(`it holds more than ${this.#bounds.values} values`);
  }
}
