const HEX = /^(?:[0-9A-F]{4})+$/i;

/** Characters of UCS-2 in hexadecimal ('0056006F' is Vo), if the text is such: AT+CSCS="UCS2" makes names come like that. */
export function ucs2(text: string): string | undefined {
  if (text.length < 8 || !HEX.test(text)) return undefined;
  const units = text.match(/.{4}/g)!.map(hex => Number.parseInt(hex, 16));
  const digitsOnly = /^\d+$/.test(text);
  const latin = units.every(u => u >= 0x20 && u < 0x250 && u !== 0x7f);
  const other = !digitsOnly && units.every(u => u >= 0x20 && (u < 0xd800 || u > 0xf8ff) && u < 0xfff0) && units.some(u => u < 0x250 || (u >= 0x370 && u < 0x700) || u >= 0x900);
  return latin || other ? String.fromCharCode(...units).trimEnd() : undefined;
}

/** A carrier's name: text of a stranger, shortened; undefined when there is none. */
export function carrierName(text: string | undefined): string | undefined {
  const name = (ucs2(text ?? '') ?? text ?? '').trim().slice(0, 64);
  return name === '' ? undefined : name;
}

/** MCC and MNC, five or six digits and rarely more: '310 410', '310-410', or UCS-2 in hexadecimal. */
export function plmn(text: string | undefined): string | undefined {
  const digits = (ucs2(text ?? '') ?? text ?? '').replace(/[\s-]/g, '');
  return /^\d{5,7}$/.test(digits) ? digits : undefined;
}

/** An APN without the carrier's tail that the network adds ('.mnc001.mcc222.gprs'), for comparing. */
export const bareApn = (apn: string): string => apn.trim().toLowerCase().replace(/\.mnc\d{2,3}\.mcc\d{3}\.gprs$/, '');
