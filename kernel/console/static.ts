import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip as gzipWith } from 'node:zlib';
import type { Context } from 'hono';
import { HttpProblem } from './problem.ts';

const gzip = promisify(gzipWith);

/** Only these kinds of files are served; nothing else that lies in the folder. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.json': 'application/json', '.webmanifest': 'application/manifest+json', '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg', '.ico': 'image/x-icon', '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const compressible = new Set(['.html', '.js', '.mjs', '.css', '.json', '.svg', '.txt', '.webmanifest']);
/** A name that the build gave a hash of the content: it may be kept for ever. */
const hashed = /[-.][\w-]{8,}\.\w+$/;
const MOST_FILES = 2000;
const MOST_OCTETS = 16 * 1024 * 1024;

interface File { readonly stamp: string; readonly body: Uint8Array<ArrayBuffer>; readonly packed: Uint8Array<ArrayBuffer> | undefined; readonly etag: string }

/** The files of one folder. They are found in its listing, never by a path that somebody asks for: none leads outside. */
export class Assets {
  readonly #folder: string;
  /** Names under which the build puts hashes. */
  readonly #immutable: string | undefined;
  #names: ReadonlySet<string> = new Set();
  #listed = '';
  readonly #files = new Map<string, File>();

  /** immutable: the files below this folder never change under one name. */
  constructor(folder: string, immutable?: string) {
    this.#folder = folder;
    this.#immutable = immutable;
  }

  /** Whether there is a file of this name ('assets/main-1a2b3c4d.js') of a kind that is served. */
  has(name: string): boolean {
    this.#list();
    return this.#names.has(name);
  }

  isImmutable(name: string): boolean { return this.#immutable !== undefined && name.startsWith(this.#immutable) && hashed.test(name); }

  /** Undefined when it went away meanwhile. */
  async read(name: string): Promise<File | undefined> {
    if (!this.has(name)) return undefined;
    const path = join(this.#folder, name);
    try {
      const { mtimeMs, size } = statSync(path);
      const stamp = `${mtimeMs} ${size}`;
      const kept = this.#files.get(name);
      if (kept?.stamp === stamp) return kept;
      if (size > MOST_OCTETS) return undefined;
      const body = new Uint8Array(await readFile(path));
      const packed = compressible.has(extname(name)) && size > 512 ? new Uint8Array(await gzip(body, { level: 9 })) : undefined;
      const file: File = { stamp, body, packed, etag: `"${Math.round(mtimeMs).toString(36)}-${size.toString(36)}"` };
      this.#files.set(name, file);
      return file;
    } catch {
      this.#files.delete(name);
      return undefined;
    }
  }

  /** Lists the folder again when a build has changed its index. */
  #list(): void {
    const index = join(this.#folder, 'index.html');
    const stamp = existsSync(index) ? String(statSync(index).mtimeMs) : existsSync(this.#folder) ? `folder ${statSync(this.#folder).mtimeMs}` : 'none';
    if (stamp === this.#listed) return;
    this.#listed = stamp;
    this.#files.clear();
    const names = stamp === 'none' ? [] : readdirSync(this.#folder, { recursive: true, withFileTypes: true })
      .filter((e) => e.isFile() && types[extname(e.name)] !== undefined && !e.name.startsWith('.'))
      .map((e) => join(e.parentPath, e.name).slice(this.#folder.length + 1).split(sep).join('/'));
    this.#names = new Set(names.slice(0, MOST_FILES));
  }
}

/** Answers with a file, packed if the client takes that. Throws HttpProblem 404. */
export async function served(c: Context, assets: Assets | undefined, name: string): Promise<Response> {
  const file = await assets?.read(name);
  if (file === undefined) throw new HttpProblem(404, 'there is nothing here');
  const cache = assets!.isImmutable(name) ? 'public, max-age=31536000, immutable' : name.endsWith('.html') ? 'no-store' : 'no-cache';
  const headers: Record<string, string> = { 'content-type': types[extname(name)]!, 'cache-control': cache, etag: file.etag, vary: 'accept-encoding' };
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304, headers);
  const packed = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '') ? file.packed : undefined;
  return packed === undefined ? c.body(file.body, 200, headers) : c.body(packed, 200, { ...headers, 'content-encoding': 'gzip' });
}
