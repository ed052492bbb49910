/**
 * SSDP (UPnP Device Architecture 1.1 §1): HTTP-like text in single datagrams to 239.255.255.250, UDP port 1900.
 *
 *     M-SEARCH * HTTP/1.1            NOTIFY * HTTP/1.1             HTTP/1.1 200 OK
 *     MAN: "ssdp:discover"           NTS: ssdp:alive               ST: …
 *     MX: 2                          NT: …                         USN: …
 *     ST: ssdp:all                   USN: …, LOCATION: …           LOCATION: …
 */
export const PORT = 1900;
export const GROUP = 0xefff_fffa;
/** 01:00:5e and the low 23 bits of the group (RFC 1112 §6.4). */
export const GROUP_MAC = Uint8Array.of(0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa);

const LONGEST = 2048;
const MOST_HEADERS = 32;

export interface Message {
  readonly kind: 'search' | 'notify' | 'response';
  /** Names in lower case; a repeated one counts once, the first time. */
  readonly headers: ReadonlyMap<string, string>;
}

const starts: readonly (readonly [RegExp, Message['kind']])[] = [
  [/^M-SEARCH \* HTTP\/1\.[01]$/, 'search'], [/^NOTIFY \* HTTP\/1\.[01]$/, 'notify'], [/^HTTP\/1\.[01] 200( .*)?$/, 'response'],
];

/** What [at, end) says; undefined: it is not SSDP. */
export function parse(buf: Uint8Array, at: number, end: number): Message | undefined {
  if (end - at > LONGEST || end - at < 16) return undefined;
  let text = '';
  for (let i = at; i < end; i++) {
    const c = buf[i]!;
    if ((c < 32 && c !== 13 && c !== 10 && c !== 9) || c === 127) return undefined;
    text += String.fromCharCode(c);
  }
  const [first = '', ...lines] = text.split(/\r?\n/);
  const kind = starts.find(([pattern]) => pattern.test(first))?.[1];
  if (kind === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon < 1 || headers.size >= MOST_HEADERS) return undefined;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { kind, headers };
}

const first = { search: 'M-SEARCH * HTTP/1.1', notify: 'NOTIFY * HTTP/1.1', response: 'HTTP/1.1 200 OK' } as const;

/** Headers in the order given; their values are the caller's and hold no line ends. */
export const emit = (kind: Message['kind'], headers: readonly (readonly [string, string])[]): Uint8Array =>
  new TextEncoder().encode([first[kind], ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n'));

/** Target of a search: `type` without its version, and that version; `ssdp:all` and the like have version 0. */
export function target(st: string): { readonly type: string; readonly version: number } {
  const m = /^(urn:[^:]+:(?:device|service):[^:]+):(\d{1,4})$/.exec(st);
  return m ? { type: m[1]!, version: Number(m[2]) } : { type: st, version: 0 };
}
