import { address } from './context.ts';
import { after, allAfter, fields, groups, int, numbers, some } from './lines.ts';

type Facts = Readonly<Record<string, unknown>>;

/** Icera: %IPDPADDR: <cid>, address, gateway, name servers, WINS servers[, mask, gateway]. */
export function iceraAddress(lines: readonly string[]): Facts | undefined {
  const f = fields(after(lines, '%IPDPADDR') ?? '');
  const cid = int(f[0]);
  if (cid === undefined) return undefined;
  const bits = address(f[7])?.split('.').reduce((sum, o) => sum + Number(o).toString(2).replaceAll('0', '').length, 0);
  return { cid, ip: address(f[1]), prefix: bits, gw: address(f[8]) ?? address(f[2]), dns: [f[3], f[4]].flatMap(d => address(d) ?? []) };
}
const auths = ['none', 'PAP', 'CHAP'];
/** Icera: %IPDPCFG?: <cid>,<mode>,<auth>,<user>,<password>: the user first, other than with Qualcomm. */
export const iceraLogins = (lines: readonly string[]): Facts => ({
  profiles: allAfter(lines, '%IPDPCFG').flatMap(text => {
    const [cid, , auth, user, password] = fields(text);
    return int(cid) === undefined ? [] : [{ cid: int(cid), auth: auths[int(auth) ?? 0], ...(some(user) === undefined ? {} : { user, password }) }];
  }),
});

const allowed = ['2G', '3G', '4G', '2G+3G', '3G+4G', '2G+4G', '2G+3G+4G'];
/** Intel: +XACT?: mode, two preferences, then bands: UMTS below 100, LTE from 101, GSM in MHz. */
export function intelAccess(lines: readonly string[]): Facts | undefined {
  const n = fields(after(lines, '+XACT') ?? '').map(int);
  const mode = n[0];
  if (mode === undefined) return undefined;
  const bands = n.slice(3).flatMap(b => b ?? []);
  const gsm = [450, 480, 750, 850, 900, 1800, 1900];
  return {
    mode, allowed: allowed[mode], preferred: ['2G', '3G', '4G'][n[1] ?? 9], gsmBands: bands.filter(b => gsm.includes(b)),
    umtsBands: bands.filter(b => b < 100), lteBands: bands.filter(b => b > 100 && !gsm.includes(b)).map(b => b - 100),
  };
}

/** Ericsson: *E2IPCFG: (1,address)(2,gateway)(3,name server)… */
export function ericssonAddress(lines: readonly string[]): Facts | undefined {
  const parts = groups(after(lines, '*E2IPCFG') ?? '').map(fields);
  const of = (kind: string): string[] => parts.filter(p => p[0] === kind).flatMap(p => address(p[1]) ?? []);
  return parts.length === 0 ? undefined : { ip: of('1')[0], gw: of('2')[0], dns: of('3') };
}

/** '(0,1,2),(0,1,2)' of +IFC=?, with or without the colon. */
export function flowControls(lines: readonly string[]): Facts | undefined {
  const [te, ta] = fields(after(lines, '+IFC') ?? '').map(numbers);
  return te === undefined ? undefined : { te, ta, methods: te.flatMap(n => ['none', 'xonxoff', 'rtscts'][n] ?? []) };
}
