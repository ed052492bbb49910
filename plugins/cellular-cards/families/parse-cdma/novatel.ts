import type { Signal, Technology } from '../../../../sdk/index.ts';
import { levelOf } from '../../core/qcdm/novatel.ts';
import { after, int } from '../parse/lines.ts';
import { technologyOfWord } from '../parse/technology.ts';
import { both, measured } from './level.ts';

/** Labels of $NWRSSI, best first, and the radio they speak of. */
const labels = [['RX0', 'EV-DO'], ['1x RSSI', '1x'], ['RX1', 'EV-DO'], ['HDR RSSI', 'EV-DO']] as const;

export interface Levels { readonly dbm: number; readonly radio: '1x' | 'EV-DO'; readonly label: string }

/** $NWRSSI: the first label with a level that can be one, of one radio or of either. Some cards print the sign, some leave it out. */
export function parseNwrssi(lines: readonly string[], of?: Levels['radio']): Levels | undefined {
  const text = lines.join('\n');
  for (const [label, radio] of labels) {
    if (of !== undefined && of !== radio) continue;
    const n = new RegExp(`(?<![A-Za-z0-9])${label}\\s*[=:]\\s*([+-]?\\d{1,4})`, 'i').exec(text)?.[1];
    const dbm = n === undefined ? undefined : levelOf(Number(n));
    if (dbm !== undefined) return { dbm, radio, label };
  }
  return undefined;
}
/** Both radios, where both have a level. */
export const parseSignal = (lines: readonly string[]): Signal | undefined => {
  const signal = (level: Levels | undefined): Signal | undefined => level && measured({ dbm: level.dbm, radio: level.radio, source: '$NWRSSI' });
  const first = parseNwrssi(lines);
  return both(signal(first), signal(first && parseNwrssi(lines, first.radio === '1x' ? 'EV-DO' : '1x')));
};

/** $NWSYSMODE in words, or as the number of the system mode (2 CDMA, 4 EV-DO). */
export function parseSysmode(lines: readonly string[]): Technology | undefined {
  const text = after(lines, '$NWSYSMODE') ?? lines.find(l => l.trim() !== '');
  const n = int(text);
  return n === 2 ? '1xRTT' : n === 4 ? 'EVDO-0' : technologyOfWord(text);
}

/** A number or name alone behind its tag, or bare: $NWMDN, $NWNN. */
export const parseBare = (lines: readonly string[], tag: string): string | undefined => {
  const text = (after(lines, tag) ?? lines.find(l => l.trim() !== '' && !/^\s*AT/i.test(l)) ?? '').replace(/^"|"$/g, '').trim();
  return text === '' ? undefined : text.slice(0, 64);
};
