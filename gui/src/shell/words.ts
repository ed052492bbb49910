/** Numbers and times as people read them. */

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const stamp = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export const inNumbers = (n: number): string => number.format(n);
/** ms since the epoch. */
export const dateTime = (ms: number): string => stamp.format(ms);
export const timeOfDay = (ms: number): string => clock.format(ms);

/** 'in 5 minutes', '3 days ago'. */
export function ago(ms: number, now = Date.now()): string {
  const s = (ms - now) / 1000;
  for (const [unit, size] of [['day', 86_400], ['hour', 3600], ['minute', 60]] as const) if (Math.abs(s) >= size) return relative.format(Math.round(s / size), unit);
  return Math.abs(s) < 10 ? 'just now' : relative.format(Math.round(s), 'second');
}

/** 1:05 */
export const countdown = (ms: number): string => {
  const s = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
};

const steps = ['', 'k', 'M', 'G', 'T'];
/** 12.3 Mbit/s: three figures, decimal steps. */
export function scaled(n: number, unit: string): string {
  let step = 0;
  let size = Math.abs(n);
  while (size >= 999.5 && step < steps.length - 1) { size /= 1000; step++; }
  const figures = size >= 100 || step === 0 && Number.isInteger(size) ? 0 : size >= 10 ? 1 : 2;
  return `${n < 0 ? '−' : ''}${size.toFixed(figures)} ${steps[step]}${unit}`.trim();
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
/** 1.5 MiB */
export function octets(n: number): string {
  let step = 0;
  let size = n;
  while (size >= 1023.5 && step < units.length - 1) { size /= 1024; step++; }
  return `${step === 0 ? size : size.toFixed(size >= 100 ? 0 : 1)} ${units[step]}`;
}

export const many = (n: number, one: string, more = `${one}s`): string => `${inNumbers(n)} ${n === 1 ? one : more}`;
const capitals = new Set(['lan', 'wan', 'dmz', 'wlan', 'vpn', 'nat', 'dns', 'dhcp', 'alg', 'upnp', 'ip', 'arp', 'icmp', 'ddns', 'mac', 'mtu', 'wins', 'rip', 'tcp', 'udp', 'url', 'apn', 'ntp', 'id', 'ike', 'cpu', 'ssh', 'ftp', 'sip', 'igmp', 'ppp', 'sa', 'http', 'https', 'snmp']);

/** 'renew-lease' → 'Renew lease', 'dhcp' → 'DHCP' */
export const spoken = (name: string): string => {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[-_ ]+/).map((w) => (capitals.has(w.toLowerCase()) ? w.toUpperCase() : w.toLowerCase())).join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
/** Begins with a capital: 'dhcp: from the provider' → 'DHCP: from the provider'. */
export const sentence = (text: string): string => text.replace(/^[a-z]+/, (first) => (capitals.has(first) ? first.toUpperCase() : first.charAt(0).toUpperCase() + first.slice(1)));
/** As `spoken`, for what may as well be a proper name: only plain lower-case words are touched. */
export const capitalised = (text: string): string => {
  const plain = /^([a-z][a-z -]*)(\([^)]*\))?$/.exec(text);
  if (plain === null) return text;
  // Units in brackets stay as they are, and so does a hyphen between words: 'half-open (KiB)'.
  const words = plain[1]!.replace(/[a-z]+/g, (word) => (capitals.has(word) ? word.toUpperCase() : word));
  return words.charAt(0).toUpperCase() + words.slice(1) + (plain[2] ?? '');
};
