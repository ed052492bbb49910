import { maskOf, parse4, parsePrefix } from '../../sdk/wire/address.ts';

/** Addresses from first to last, both included; as in FlowKey. */
export interface Range { readonly first: number; readonly last: number }

const EVERYBODY: Range = { first: 0, last: 0xffff_ffff };

/** '', '203.0.113.9', '203.0.113.1-203.0.113.9' or '203.0.113.0/24'; undefined: none of these, or an inverted range. */
export function parseRemote(text: string): Range | undefined {
  const words = text.trim();
  if (words === '') return EVERYBODY;
  if (words.includes('/')) {
    const prefix = parsePrefix(words);
    if (!prefix) return undefined;
    const mask = maskOf(prefix.bits);
    return { first: (prefix.address & mask) >>> 0, last: (prefix.address | ~mask) >>> 0 };
  }
  const [from = '', to, more] = words.split('-');
  const first = parse4(from.trim());
  const last = to === undefined ? first : parse4(to.trim());
  return first === undefined || last === undefined || more !== undefined || last < first ? undefined : { first, last };
}
