import { address } from './context.ts';
import { after, allAfter, decimal, fields, int, some } from './lines.ts';
import { plmn } from './names.ts';

type Facts = Readonly<Record<string, unknown>>;
const generation = (word: string | undefined): string | undefined => {
  const name = (word ?? '').trim().replace(/^(FDD|TDD)\s+/i, '').replace(/[-_\s](SA|NSA)$/i, '');
  return name === '' || /^NO\s?SERVICE$|^NONE$|^UNKNOWN$/i.test(name) ? undefined : name;
};
/** Levels that no radio can have are how the module says that it does not know. */
const level = (text: string | undefined): number | undefined => {
  const n = decimal(text);
  return n === undefined || n > 0 || n <= -200 ? undefined : n;
};

/** +QCSQ: the first word tells what the numbers are. The SINR of LTE is a code: dB = code / 5 - 20. */
export function levels(lines: readonly string[]): Facts | undefined {
  const [word, ...v] = fields(after(lines, '+QCSQ') ?? '');
  if (some(word) === undefined) return undefined;
  const tech = generation(word);
  const upper = tech?.toUpperCase();
  switch (upper) {
    case undefined: return { tech: undefined };
    case 'NR5G': return { tech, rsrpDbm: level(v[0]), sinrDb: decimal(v[1]), rsrqDb: level(v[2]) };
    case 'LTE': case 'CAT-M1': case 'CAT-NB1': case 'EMTC': case 'NBIOT': {
      const sinrRaw = int(v[2]);
      return { tech, rssiDbm: level(v[0]), rsrpDbm: level(v[1]), sinrRaw, sinrDb: sinrRaw === undefined ? undefined : Math.round((sinrRaw / 5 - 20) * 10) / 10, rsrqDb: level(v[3]) };
    }
    case 'WCDMA': case 'TDSCDMA': return { tech, rssiDbm: level(v[0]), rscpDbm: level(v[1]), ecioDb: level(v[2]) };
    default: return { tech, rssiDbm: level(v[0]), raw: int(v[0]) };
  }
}

/** +QNWINFO: technology, PLMN, band, channel. */
export function networkInfo(lines: readonly string[]): Facts | undefined {
  const [word, id, band, channel] = fields(after(lines, '+QNWINFO') ?? '');
  return some(word) === undefined ? undefined : { tech: generation(word), plmn: plmn(id), band: some(band), channel: int(channel) };
}

/** +QENG="servingcell". One firmware writes CONECT; with 5G beside LTE each has a line of its own. */
export function servingCell(lines: readonly string[]): Facts | undefined {
  const all = allAfter(lines, '+QENG').map(fields);
  const head = all.find(f => /^servingcell$/i.test(f[0] ?? ''));
  if (head === undefined) return undefined;
  const state = (head[1] ?? '').toUpperCase() === 'CONECT' ? 'CONNECT' : head[1];
  const inline = head.length > 2 ? cell(head.slice(2)) : undefined;
  const below = all.filter(f => f !== head).map(cell);
  const main = inline ?? below[0];
  const nr = below.find(c => c?.tech === 'NR5G' && c !== main);
  return { state, ...main, ...(nr === undefined ? {} : { nr }) };
}
function cell(f: readonly string[]): Facts | undefined {
  const tech = generation(f[0])?.toUpperCase();
  const network = (at: number) => ({ mcc: some(f[at]), mnc: some(f[at + 1]) });
  switch (tech) {
    case 'LTE': case 'CAT-M': case 'CAT-M1': case 'EMTC': case 'CAT-NB': return {
      tech: tech === 'LTE' ? tech : f[0], duplex: some(f[1]), ...network(2), ci: some(f[4]), pcid: int(f[5]), earfcn: int(f[6]), band: int(f[7]), ulBw: int(f[8]), dlBw: int(f[9]), tac: some(f[10]),
      rsrpDbm: level(f[11]), rsrqDb: level(f[12]), rssiDbm: level(f[13]), sinrRaw: int(f[14]),
    };
    case 'NR5G': return /NSA/i.test(f[0] ?? '')
      ? { tech, ...network(1), pcid: int(f[3]), rsrpDbm: level(f[4]), sinrDb: decimal(f[5]), rsrqDb: level(f[6]), arfcn: int(f[7]), band: int(f[8]) }
      : { tech, duplex: some(f[1]), ...network(2), ci: some(f[4]), pcid: int(f[5]), tac: some(f[6]), arfcn: int(f[7]), band: int(f[8]), dlBw: int(f[9]), rsrpDbm: level(f[10]), rsrqDb: level(f[11]), sinrDb: decimal(f[12]) };
    case 'WCDMA': return { tech, ...network(1), lac: some(f[3]), ci: some(f[4]), uarfcn: int(f[5]), psc: int(f[6]), rscpDbm: level(f[8]), ecioDb: level(f[9]) };
    case 'GSM': return { tech, ...network(1), lac: some(f[3]), ci: some(f[4]), bsic: int(f[5]), arfcn: int(f[6]), rssiDbm: level(f[8]) };
    default: return undefined;
  }
}

const types: Readonly<Record<number, string>> = { 1: 'IP', 2: 'IPV6', 3: 'IPV4V6' };
export const activeContexts = (lines: readonly string[]): Facts => ({
  contexts: allAfter(lines, '+QIACT').flatMap(text => {
    const [cid, active, type, ip] = fields(text);
    return int(cid) === undefined ? [] : [{ cid: int(cid), active: active === '1', type: types[int(type) ?? 0], ip: address(ip) }];
  }),
});

export const pinCounter = (lines: readonly string[]): Facts | undefined => {
  const [facility, pin, puk] = fields(after(lines, '+QPINC') ?? '');
  return int(pin) === undefined ? undefined : { facility, pin: int(pin), puk: int(puk) };
};

/** AT+QGMR: the firmware's release and minor number are within its name, R07A07. */
export const firmware = (lines: readonly string[]): Facts | undefined => {
  const revision = lines[0]?.replace(/^\+QGMR:\s*/i, '').trim();
  const [, release, minor] = /R(\d\d)A(\d\d)/.exec(revision ?? '') ?? [];
  return some(revision) === undefined ? undefined : { revision, release: int(release), minor: int(minor) };
};

/** Bits of +QCFG="band" for GSM and UMTS. */
const bandBits: readonly (readonly [bigint, string])[] = [
  [0x1n, 'GSM 900'], [0x2n, 'GSM 1800'], [0x4n, 'GSM 850'], [0x8n, 'GSM 1900'], [0x10n, 'UMTS 2100'], [0x20n, 'UMTS 1900'], [0x40n, 'UMTS 850'], [0x80n, 'UMTS 900'], [0x100n, 'UMTS 800'], [0x200n, 'UMTS 1700'],
];
/** +QCFG: "band",<GSM and UMTS>,<LTE>[,…]: hexadecimal masks, bit n of LTE is band n + 1. */
export function bandsOn(lines: readonly string[]): { readonly title: string; readonly id: string; readonly on: boolean }[] {
  const [name, legacy, lte] = fields(after(lines, '+QCFG') ?? '');
  const bits = (text: string | undefined): bigint => (/^(0x)?[0-9A-F]{1,32}$/i.test(text ?? '') ? BigInt(`0x${text!.replace(/^0x/i, '')}`) : 0n);
  if (!/^band$/i.test(name ?? '')) return [];
  const set = bits(lte);
  const lteOn = Array.from({ length: 88 }, (_, i) => i).filter(i => (set & (1n << BigInt(i))) !== 0n);
  return [...bandBits.map(([bit, title]) => ({ id: `w${bit.toString(16)}`, title, on: (bits(legacy) & bit) !== 0n })), ...lteOn.map(i => ({ id: `l${i + 1}`, title: `LTE B${i + 1}`, on: true }))];
}
