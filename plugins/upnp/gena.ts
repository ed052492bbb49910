import { parse4 } from '../../sdk/wire/address.ts';
import { branch, DECLARE, leaf } from './xml.ts';

/** Where a subscriber wants to be told; on the subscriber itself, so the address is not part of it. */
export interface Callback { readonly port: number; /** Path and query. */ readonly path: string }

/** URLs of one subscription, and octets of a path. */
const MOST_URLS = 4;
const LONGEST_PATH = 512;
const DEFAULT_PORT = 80;
const URL_HEAD = /^http:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(\/.*)?$/i;

/**
 * The URLs of a CALLBACK header that lead to whoever sent it (`from`, as in FlowKey), in its order. Others are left out: who could
 * name a stranger would have the router send there, for a look at what answers or to flood it (CVE-2020-12695). Names are not looked up.
 */
export function parseCallbacks(header: string, from: number): readonly Callback[] {
  const out: Callback[] = [];
  for (const [, url = ''] of header.matchAll(/<([^<>]*)>/g)) {
    const [, host = '', port, path = '/'] = URL_HEAD.exec(url) ?? [];
    const n = port === undefined ? DEFAULT_PORT : Number(port);
    if (parse4(host) !== from || n < 1 || n > 65535 || path.length > LONGEST_PATH || !/^[!-~]*$/.test(path)) continue;
    if (out.length < MOST_URLS && !out.some(c => c.port === n && c.path === path)) out.push({ port: n, path });
  }
  return out;
}

/** Seconds that a TIMEOUT header asks for; undefined: it does not say, or wants no end. */
export function parseTimeout(header: string): number | undefined {
  const m = /^second-(\d{1,10})$/i.exec(header.trim());
  return m ? Number(m[1]) : undefined;
}

/** The body of an event message (UDA 1.1 §4.3.2). */
export const emitProperties = (values: readonly (readonly [string, string])[]): string =>
  `${DECLARE}<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${values.map(([name, value]) => branch('e:property', leaf(name, value))).join('')}</e:propertyset>\r\n`;
