import type { Report } from '../../../../sdk/index.ts';

/** A message, or what became of one, is in a memory (+CMTI, +CDSI), or found no room there (TS 27.005 §3.4.1). */
export function storedReport(line: string): Report | undefined {
  const stored = /^\+(?:CMTI|CDSI)\s*:\s*"?([A-Z]{2})"?\s*,\s*(\d{1,5})/i.exec(line);
  if (stored) return { sms: { memory: stored[1]!.toUpperCase(), index: Number(stored[2]) } };
  // Huawei: no message can come, so a look at the memory is due.
  const full = /^\^SMMEMFULL\s*:\s*"?([A-Z]{2})"?/i.exec(line);
  return full ? { sms: { memory: full[1]!.toUpperCase(), index: 0 } } : undefined;
}

/** The same, and what 3GPP cards hand over with its PDU on the next line (+CMT, +CDS). Not for cards in text mode: there a text could say it. */
export function messageReport(line: string): Report | undefined {
  const handed = /^\+(?:CMT|CDS)\s*:[^\n]*\n([0-9A-F]{2,700})$/i.exec(line);
  return handed ? { smsPdu: handed[1]! } : storedReport(line);
}
