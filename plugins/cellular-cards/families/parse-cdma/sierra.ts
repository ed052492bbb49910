import type { Technology } from '../../../../sdk/index.ts';

export interface SierraStatus {
  readonly band: string | undefined; readonly sleep: boolean; readonly channel: number | undefined; readonly sid: number | undefined; readonly nid: number | undefined;
  /** In Sierra's sense: 0 home, anything else roaming; undefined: not said. */
  readonly roaming: boolean | undefined; readonly roam1x: number | undefined; readonly roamHdr: number | undefined;
  readonly temperature: number | undefined; readonly state: number | undefined; readonly scanMode: number | undefined; /** 'HDR', '1x', 'CDMA', 'NO SRV' */ readonly sysMode: string | undefined; readonly hdrRevision: string | undefined;
  readonly pilot: boolean; readonly registered: boolean; readonly technology: Technology | undefined;
}

/**
 * AT!STATUS in both layouts. The older one (AirCard 580) has one roaming field and no system mode: registered while there is a
 * SID. The EV-DO one has 1xRoam, HDRRoam and Sys Mode. Some units leave out roaming.
 */
export function parseStatus(lines: readonly string[]): SierraStatus | undefined {
  const text = lines.join('\n');
  const word = (label: RegExp): string | undefined => new RegExp(`${label.source}\\s*:\\s*([^\\n:]*?)\\s*(?=\\n|$|\\s[A-Z0-9][A-Za-z0-9]*( [A-Z][a-z]+)?\\s*:)`, 'i').exec(text)?.[1];
  const number = (label: RegExp): number | undefined => { const n = /^-?\d{1,10}/.exec(word(label) ?? '')?.[0]; return n === undefined ? undefined : Number(n); };
  const sid = number(/\bSID/);
  const bandText = word(/current band/);
  if (sid === undefined && bandText === undefined && !/sys mode|modem has registered/i.test(text)) return undefined;
  const sysMode = word(/sys mode/)?.replace(/\s+/g, ' ');
  const [roam1x, roamHdr, roamOld] = [number(/1xRoam/), number(/HDRRoam/), number(/(?<![a-z])roaming/)];
  const hdrRevision = word(/hdr revision/);
  const evdo = sysMode !== undefined && /^(HDR|EV-?DO)/i.test(sysMode);
  const registered = sysMode === undefined ? (sid ?? 0) !== 0 : !/^NO SRV/i.test(sysMode) && sysMode !== '';
  const roam = sysMode === undefined ? roamOld : (evdo ? roamHdr ?? roam1x : roam1x) ?? roamOld;
  return {
    band: bandText?.replace(/\s*sleep$/i, ''), sleep: /sleep$/i.test(bandText ?? ''), channel: number(/current channel/), sid, nid: number(/\bNID/),
    roaming: roam === undefined ? undefined : roam !== 0, roam1x, roamHdr, temperature: number(/\btemp/), state: number(/\bstate/), scanMode: number(/scan mode/), sysMode, hdrRevision,
    pilot: /pilot acquired/i.test(text), registered, technology: !registered ? undefined : evdo ? (/^A/i.test(hdrRevision ?? '') ? 'EVDO-A' : 'EVDO-0') : '1xRTT',
  };
}

export interface NameAssignment { readonly mdn: string | undefined; readonly min: string | undefined; readonly sid: number | undefined; readonly nid: number | undefined }

/** AT~NAMVAL?0. A number of other than ten digits was never assigned. */
export function parseNamval(lines: readonly string[]): NameAssignment | undefined {
  const text = lines.join('\n');
  const digits = (label: string): string | undefined => new RegExp(`\\b${label}\\s*[:=]?\\s*"?(\\d+)`, 'i').exec(text)?.[1];
  const ten = (n: string | undefined): string | undefined => (n !== undefined && /^\d{10}$/.test(n) && !/^0+$/.test(n) ? n : undefined);
  const number = (n: string | undefined): number | undefined => (n === undefined || n.length > 5 ? undefined : Number(n));
  const found = { mdn: ten(digits('MDN')), min: ten(digits('MIN')), sid: number(digits('SID')), nid: number(digits('NID')) };
  return Object.values(found).every(v => v === undefined) ? undefined : found;
}
