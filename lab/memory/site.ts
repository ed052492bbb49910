import { createHash } from 'node:crypto';
import * as address from '../../sdk/wire/address.ts';
import { content, contentHash, countIn, HASHED_AT_ONCE, page } from '../content.ts';
import type { Exchange, Request, Response } from './http.ts';

const encoder = new TextEncoder();

const text = (status: number, body: string): Response => {
  const bytes = encoder.encode(body);
  return { status, headers: { 'content-type': 'text/plain' }, length: bytes.length, body: [bytes] };
};

function get(host: string, r: Request): Response {
  const bytes = countIn(r.path, 'bytes');
  if (bytes !== undefined) {
    const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
    if (bytes <= HASHED_AT_ONCE) headers['x-sha256'] = contentHash(bytes);
    return { status: 200, headers, length: bytes, body: r.method === 'HEAD' ? [] : content(bytes) };
  }
  const hashed = countIn(r.path, 'sha256');
  if (hashed !== undefined) return text(200, `${contentHash(hashed)} ${hashed}\n`);
  return r.path === '/' ? text(200, page(host, address.format4(r.from))) : text(404, 'there is /, /bytes/<n>, /sha256/<n>, and PUT\n');
}

/** The lab hosts' web pages; what namespace/servers.ts serves. */
export const site = (host: string) => (r: Request): Exchange => {
  if (r.method !== 'PUT' && r.method !== 'POST') return { take: () => {}, answer: () => get(host, r) };
  const hash = createHash('sha256');
  let n = 0;
  return {
    take: piece => { hash.update(piece); n += piece.length; },
    answer: () => text(200, `${hash.digest('hex')} ${n}\n`),
  };
};
