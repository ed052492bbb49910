import type { Report } from '../../../../sdk/index.ts';

/** What cards tell of messages (TS 27.005 §3.4.1): one is in a memory (+CMTI, +CDSI), is handed over (+CMT, +CDS, with its PDU on the next line), or found no room. */
export function messageReport(line: string): Report | undefined {
  const stored = /^\+(?:CMTI|CDSI)\s*:\s*"?([A-Z]{2})"?\s*,\s*(\d{1,5})/i.exec(line);
  if (stored) return { sms: { memory: stored[1]!.toUpperCase(), index: Number(stored[2]) } };
  const handed = /^\+(?:CMT|CDS)\s*:[^\n]*\n([0-9A-F]{2,700})$/i.exec(line);
  if (handed) return { smsPdu: handed[1]! };
  // Huawei: no message can come, so a look at the memory is due.
  const full = /^\^SMMEMFULL\s*:\s*"?([A-Z]{2})"?/i.exec(line);
  return full ? { sms: { memory: full[1]!.toUpperCase(), index: 0 } } : undefined;
}
