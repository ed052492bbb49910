import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { CliError } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Logger } from '../../sdk/log.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { removeDurably, writeDurably } from '../config/durable.ts';
import { type CertificateFacts, describe, examine, examineAuthorities, type KeyPair, selfSigned } from './certificate.ts';

/** A self-signed certificate is made anew so long before it ends; an imported one is warned about. */
const RENEW_MS = 30 * 86_400_000;
const LOOK_MS = 12 * 3_600_000;

export interface CertificateOptions {
  /** The state directory; undefined: certificates last as long as the process. */
  readonly directory: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Names and addresses of this router, for the self-signed certificate. */
  names(): readonly string[];
}

export interface CertificateView extends CertificateFacts { readonly imported: boolean; readonly state: 'valid' | 'expiring' | 'expired' | 'not yet valid' }

/**
 * What HTTPS shows: the certificate that was imported, else one of our own making that renews itself. In `<state>/tls`:
 * factory.pem, factory-key.pem, imported.pem, imported-key.pem, ca.pem.
 */
export class Certificates {
  readonly #options: CertificateOptions;
  readonly #timer: Disposable;
  readonly #listeners = new Set<() => void>();
  #factory: KeyPair;
  #imported: KeyPair | undefined;
  #ca: string | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  /** Loads what is stored; makes a certificate when there is none that can be used. */
  static async open(options: CertificateOptions): Promise<Certificates> {
    const { directory, log, clock } = options;
    const factory = await readPair(directory, 'factory', log);
    const imported = await readPair(directory, 'imported', log);
    const ca = directory === undefined ? undefined : await readFile(join(directory, 'tls', 'ca.pem'), 'utf8').catch(() => undefined);
    const fresh = factory === undefined || describe(factory.cert).notAfter - clock.wall() < RENEW_MS;
    const certificates = new Certificates(options, fresh ? await selfSigned(options.names(), clock.wall()) : factory, imported, ca);
    if (fresh) await certificates.#write('factory', certificates.#factory);
    return certificates;
  }

  private constructor(options: CertificateOptions, factory: KeyPair, imported: KeyPair | undefined, ca: string | undefined) {
    this.#options = options;
    this.#factory = factory;
    this.#imported = imported;
    this.#ca = ca;
    this.#timer = options.clock.every(LOOK_MS, () => { void this.renew(); });
  }

  get current(): KeyPair { return this.#imported ?? this.#factory; }
  /** Authorities whose client certificates are believed. */
  get authorities(): string | undefined { return this.#ca; }

  view(): CertificateView {
    const facts = describe(this.current.cert);
    const now = this.#options.clock.wall();
    const state = facts.notAfter <= now ? 'expired' : facts.notBefore > now ? 'not yet valid' : facts.notAfter - now < RENEW_MS ? 'expiring' : 'valid';
    return { ...facts, imported: this.#imported !== undefined, state };
  }

  /** Servers take the new certificate for connections from then on. */
  onChange(fn: () => void): Disposable {
    this.#listeners.add(fn);
    return { dispose: () => void this.#listeners.delete(fn) };
  }

  /** Replaces the certificate. Throws CliError for a pair that could not serve; the old one stays. */
  import(pair: KeyPair): Promise<CertificateView> {
    return this.#exclusive(async () => {
      examine(pair, this.#options.clock.wall());
      try {
        createSecureContext(pair);
      } catch (error) {
        throw new CliError(`TLS does not take this certificate: ${error instanceof Error ? error.message : String(error)}`);
      }
      await this.#write('imported', pair);
      this.#imported = pair;
      return this.#changed();
    });
  }

  /** Goes back to the router's own certificate. */
  drop(): Promise<CertificateView> {
    return this.#exclusive(async () => {
      if (this.#imported === undefined) throw new CliError('no certificate was imported');
      await this.#remove('imported.pem');
      await this.#remove('imported-key.pem');
      this.#imported = undefined;
      return this.#changed();
    });
  }

  /** A new key and certificate of our own, for the names as they are now. */
  replaceFactory(): Promise<CertificateView> {
    return this.#exclusive(async () => {
      const pair = await selfSigned(this.#options.names(), this.#options.clock.wall());
      await this.#write('factory', pair);
      this.#factory = pair;
      return this.#changed();
    });
  }

  /** Authorities for client certificates; undefined: none. Throws CliError. */
  trust(pem: string | undefined): Promise<void> {
    return this.#exclusive(async () => {
      if (pem === undefined) await this.#remove('ca.pem');
      else {
        examineAuthorities(pem, this.#options.clock.wall());
        await this.#writeFile('ca.pem', pem);
      }
      this.#ca = pem;
      this.#changed();
    });
  }

  /** Makes the own certificate anew when its end is near; warns about an imported one. */
  async renew(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      if (describe(this.#factory.cert).notAfter - clock.wall() < RENEW_MS) {
        await this.replaceFactory();
        log.info({ until: new Date(describe(this.#factory.cert).notAfter).toISOString() }, 'https: the self-signed certificate was renewed');
      }
      const left = this.#imported === undefined ? Number.POSITIVE_INFINITY : describe(this.#imported.cert).notAfter - clock.wall();
      if (left < RENEW_MS) log.warn({ days: Math.floor(left / 86_400_000) }, left < 0 ? 'https: the imported certificate has expired' : 'https: the imported certificate ends soon');
    } catch (error) {
      log.error({ error }, 'https: the certificate could not be renewed');
    }
  }

  close(): void { void this.#timer.dispose(); }

  #changed(): CertificateView {
    for (const fn of [...this.#listeners]) fn();
    return this.view();
  }

  /** The key first: a certificate without its key would be found at the next start and refused. */
  async #write(name: string, pair: KeyPair): Promise<void> {
    await this.#writeFile(`${name}-key.pem`, pair.key);
    await this.#writeFile(`${name}.pem`, pair.cert);
  }

  async #writeFile(name: string, text: string): Promise<void> {
    const { directory } = this.#options;
    if (directory === undefined) return;
    await mkdir(join(directory, 'tls'), { recursive: true, mode: 0o700 });
    await writeDurably(join(directory, 'tls', name), text);
  }

  async #remove(name: string): Promise<void> {
    if (this.#options.directory !== undefined) await removeDurably(join(this.#options.directory, 'tls', name));
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run);
    this.#tail = result.catch(() => {});
    return result;
  }
}

/** A pair that cannot serve is left where it is, and the log tells why; an expired one is better than none. */
async function readPair(directory: string | undefined, name: string, log: Logger): Promise<KeyPair | undefined> {
  if (directory === undefined) return undefined;
  try {
    const [cert, key] = await Promise.all([readFile(join(directory, 'tls', `${name}.pem`), 'utf8'), readFile(join(directory, 'tls', `${name}-key.pem`), 'utf8')]);
    const { notBefore } = describe(cert);
    examine({ cert, key }, notBefore);
    return { cert, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.error({ error, file: `tls/${name}.pem` }, 'https: a stored certificate cannot be used');
    return undefined;
  }
}
