import { capabilities, modelName, revisionOf } from '../parse/identity.ts';
import { after } from '../parse/lines.ts';
import { type Esn, parseEsn } from './esn.ts';

/** The block that ATI answers on a CDMA card. Every field is a stranger's text, and may be missing. */
export interface CardBlock {
  readonly manufacturer: string | undefined; readonly model: string | undefined; readonly revision: string | undefined; readonly build: string | undefined;
  readonly esn: Esn | undefined; readonly gcap: readonly string[] | undefined;
}

const LONGEST = 64;

/** A card's word for itself as it is shown: nested labels ('Model: +GMM: V740'), blanks and control characters taken away, the rest kept. */
export const cardText = (text: string | undefined): string | undefined =>
  modelName([...(text ?? '')].map(c => (c < ' ' || c === '\x7f' ? ' ' : c)).join('').trim().replace(/^(Manufacturer|\+C?GMI|\+C?GMR|Revision)\s*:\s*/i, ''))?.slice(0, LONGEST);

/** 'CDX65UAC03  1  [Oct 17 2007 13:30:00]': the version, and when it was built. */
export const parseRevision = revisionOf;

export function parseCardBlock(lines: readonly string[]): CardBlock {
  const gcap = after(lines, '+GCAP') ?? lines.find(l => /^\s*\+?C?IS-?(707|856|95)[^:]*,/i.test(l));
  return {
    manufacturer: cardText(after(lines, 'Manufacturer')), model: cardText(after(lines, 'Model')), ...parseRevision(after(lines, 'Revision')),
    esn: parseEsn(lines.filter(l => /^\s*(p?ESN|MEID)\b/i.test(l))), gcap: gcap === undefined ? undefined : capabilities(gcap),
  };
}

/** The first line that is neither a label with nothing behind it, nor an echo; for AT+GMI, +GMM and +GMR. */
export const bareWord = (lines: readonly string[], tag: string): string | undefined => cardText(after(lines, tag) ?? lines.find(l => l.trim() !== '' && !/^\s*AT/i.test(l)));
