import { seeded } from '../../../../sdk/testing/random.ts';
import { pair, type LineOptions } from '../../../../sdk/testing/pair.ts';
import { type PppIn, type PppOptions, type PppOut, PppSession } from '../../../../sdk/ppp/index.ts';
import { parse4 } from '../../../../sdk/wire/address.ts';

export const ip = (text: string): number => parse4(text)!;
export const GATEWAY = ip('10.64.64.64');
export const ADDRESS = ip('10.20.30.40');
export const DNS = [ip('9.9.9.9'), ip('8.8.4.4')];

export const clientOptions = (over: Partial<PppOptions> = {}): PppOptions => ({ line: 'async', random: seeded(1), ip: { askDns: true }, ...over });
export const carrierOptions = (over: Partial<PppOptions> = {}): PppOptions => ({
  line: 'async', random: seeded(2), ip: { local: GATEWAY, peer: ADDRESS, dns: DNS, askDns: false }, ...over,
});

const over = (out: PppOut): PppIn | undefined => (out.kind === 'send' ? { kind: 'packet', protocol: out.protocol, data: out.data } : undefined);

/** A card's end (a) and a carrier's (b) on a bad line. */
export function twoEnds(a: Partial<PppOptions> = {}, b: Partial<PppOptions> = {}, line: LineOptions = {}) {
  const client = new PppSession(clientOptions(a));
  const carrier = new PppSession(carrierOptions(b));
  const wire = pair<PppIn, PppOut, PppIn, PppOut>(client, carrier, { ...line, toB: over, toA: over });
  const of = <K extends PppOut['kind']>(end: 'a' | 'b', kind: K) => wire[end].outs.map(o => o.out).filter((o): o is Extract<PppOut, { kind: K }> => o.kind === kind);
  return {
    ...wire, client, carrier, of,
    up: (): void => { wire.b.feed({ kind: 'up' }); wire.a.feed({ kind: 'up' }); },
    online: (): boolean => client.networkUp && carrier.networkUp,
    last: <K extends PppOut['kind']>(end: 'a' | 'b', kind: K) => of(end, kind).at(-1),
  };
}
