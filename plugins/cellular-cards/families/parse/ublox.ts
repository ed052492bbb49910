import { address } from './context.ts';
import { after, fields, int, some } from './lines.ts';

type Facts = Readonly<Record<string, unknown>>;

export const interfaceAddress = (lines: readonly string[]): Facts | undefined => {
  const [cid, iface, ip, netmask] = fields(after(lines, '+UIPADDR') ?? '');
  return int(cid) === undefined ? undefined : { cid: int(cid), iface: some(iface), ip: address(ip), mask: address(netmask) };
};
/** +UBANDSEL?: bands in MHz. */
export const bandsSelected = (lines: readonly string[]): Facts | undefined => {
  const text = after(lines, '+UBANDSEL');
  return text === undefined ? undefined : { bands: fields(text).flatMap(f => int(f) ?? []) };
};
/** +URAT?: what may be used, and what first. */
export const radioChoice = (lines: readonly string[]): { readonly rat: number; readonly preferred: number | undefined } | undefined => {
  const [rat, preferred] = fields(after(lines, '+URAT') ?? '').map(int);
  return rat === undefined ? undefined : { rat, preferred };
};
