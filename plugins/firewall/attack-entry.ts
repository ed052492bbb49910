import type { Events } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import type { Entry } from './journal.ts';

/** An attack as a line of the log, as the original words it: 'ip spoofing - WAN'. */
export function attackEntry(e: Events['security/attack'], zone: string, alert: boolean): Entry {
  return {
    category: 'Attacks', message: `${e.kind} - ${zone === '' ? 'no zone' : zone}`, about: format4(e.src), alert,
    fields: { src: format4(e.src), dst: format4(e.dst), note: e.detail },
  };
}
