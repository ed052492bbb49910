/** 'de ad be ef' → octets; whitespace is free. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/\s+/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** A buffer in which a field that was forgotten, and a write outside, can be seen. */
export function marked(length: number): Uint8Array {
  return new Uint8Array(length).fill(0xa5);
}

/** Throws on a read outside [at, end): what a parser may not do, and what plain arrays hide behind `undefined`. */
export function guarded(buf: Uint8Array, at: number, end: number): Uint8Array {
  return new Proxy(buf, {
    get(target, key) {
      const index = typeof key === 'string' && /^-?\d+$/.test(key) ? Number(key) : undefined;
      if (index === undefined) return Reflect.get(target, key, target) as unknown;
      if (index < at || index >= end) throw new RangeError(`read at ${index}, outside ${at}–${end}`);
      return target[index];
    },
  });
}
