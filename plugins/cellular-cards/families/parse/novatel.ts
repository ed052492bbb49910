import { after, fields, int } from './lines.ts';

/** $NWRAT: what, how[, domain]: 0 automatic, 1 2G, 2 3G; 1 only, 2 preferred. */
export function radioPreference(lines: readonly string[]): { readonly rat: number; readonly how: number } | undefined {
  const [rat, how] = fields(after(lines, '$NWRAT') ?? '').map(int);
  return rat === undefined || how === undefined ? undefined : { rat, how };
}

/** AT$NWRSSI=1 on GSM and LTE firmware: 'label: n', dBm without its sign, 1 to 109; 125 is no service. */
export function plainRssi(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const n = Number(/:\s*-?(\d{1,3})\s*(?:dBm)?\s*$/i.exec(line)?.[1] ?? NaN);
    if (n >= 1 && n <= 109) return -n;
  }
  return undefined;
}

export function qmiState(lines: readonly string[]): { readonly connected: boolean; readonly durationS: number | undefined } | undefined {
  const state = /QMI State:\s*(\S+)/i.exec(lines.join('\n'))?.[1];
  return state === undefined ? undefined : { connected: /_CONNECTED$/i.test(state), durationS: int(/Call Duration:\s*(\d+)/i.exec(lines.join('\n'))?.[1]) };
}
