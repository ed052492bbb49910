import type { CardSpec } from '../../../../sdk/index.ts';
import type { CardDevice } from '../../contract.ts';

const norm = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '');

const byId = (spec: CardSpec, device: CardDevice): boolean =>
  (device.usb !== undefined && spec.match.usb.includes(device.usb))
  || (device.pcmcia !== undefined && (spec.match.pcmcia ?? []).some(id => id.manf === device.pcmcia?.manf && id.card === device.pcmcia.card));

/** Fits any card that says nothing else of itself. */
const generic = (spec: CardSpec): boolean => spec.match.usb.length === 0 && (spec.match.pcmcia ?? []).length === 0;

/** Cards that have this device's id; several may share one. */
export const candidates = (device: CardDevice, specs: readonly CardSpec[]): readonly CardSpec[] => specs.filter(spec => byId(spec, device));

/**
 * Which card it is: by its id, then by words in what it says of itself; a card nobody knows by its words alone, or as one that
 * keeps to the standard. `said`: its answer to ATI. Undefined: not even that is there.
 */
export function choose(device: CardDevice, said: string, specs: readonly CardSpec[]): CardSpec | undefined {
  const text = norm(`${device.manufacturer} ${device.product} ${said}`);
  // The longest word that is found: 'E620' is in 'E620U' as well.
  const weight = (spec: CardSpec): number => Math.max(0, ...(spec.match.ident ?? []).map(norm).filter(word => word !== '' && text.includes(word)).map(word => word.length));
  const best = (list: readonly CardSpec[]): CardSpec | undefined => list.map(spec => ({ spec, fits: weight(spec) })).filter(c => c.fits > 0).sort((a, b) => b.fits - a.fits)[0]?.spec;
  const known = candidates(device, specs);
  if (known.length > 0) return best(known) ?? known.find(spec => spec.match.ident === undefined) ?? known[0];
  return best(specs.filter(spec => !generic(spec) && spec.match.usb.length > 0)) ?? specs.find(generic);
}
