import { Pairs } from './pairs.ts';
import type { AddressMapping } from './settings.ts';
import { globals, locals } from './verify.ts';

/** A rule of the address mapping table as it is used. */
export interface AddressRule {
  /** Its number for people, from 1 within its uplink. */
  readonly number: number;
  readonly type: AddressMapping['type'];
  readonly localFirst: number;
  readonly localLast: number;
  /** Resolved: never 0 while the uplink has an address. */
  readonly globalFirst: number;
  readonly globalLast: number;
  /** Of many one-to-one: which host has which address. */
  readonly pairs: Pairs | undefined;
}

/** One uplink's rules in order; `own` is its address, which stands where a rule says 0.0.0.0. */
export function addressRules(all: readonly AddressMapping[], uplink: string, own: number, iamtMs: number, before: readonly AddressRule[]): readonly AddressRule[] {
  return all.filter(r => r.uplink === uplink).map((r, i): AddressRule => {
    const l = locals(r) ?? { first: 1, last: 0 };
    const g = globals(r);
    const globalFirst = g.first === 0 ? own : g.first;
    const globalLast = g.first === 0 ? own : g.last;
    const old = before.find(b => b.pairs && b.type === r.type && b.localFirst === l.first && b.localLast === l.last && b.globalFirst === globalFirst && b.globalLast === globalLast);
    const pairs = r.type === 'many-one-to-one' ? old?.pairs ?? new Pairs(l.first, l.last, globalFirst, globalLast) : undefined;
    if (pairs) pairs.keepMs = iamtMs;
    return { number: i + 1, type: r.type, localFirst: l.first, localLast: l.last, globalFirst, globalLast, pairs };
  });
}

/** The first rule that has the host; undefined: none. */
export const ruleFor = (rules: readonly AddressRule[], host: number): AddressRule | undefined => {
  for (let i = 0; i < rules.length; i++) {
    const r = rules[i]!;
    if (host >= r.localFirst && host <= r.localLast) return r;
  }
  return undefined;
};

/**
 * The address that hides a host; 0: none is left. Of several shared addresses a host always gets the same one
 * (RFC 4787 REQ-2, paired).
 */
export const globalFor = (r: AddressRule, host: number, now: number): number => {
  if (r.pairs) return r.pairs.of(host, now);
  if (r.type !== 'many-to-many-overload') return r.globalFirst;
  return r.globalFirst + (host - r.localFirst) % (r.globalLast - r.globalFirst + 1);
};

