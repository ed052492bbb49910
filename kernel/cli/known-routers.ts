import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeDurablySync } from '../config/durable.ts';

/** The certificate that a router showed. */
export interface ShownCertificate {
  /** As `spellFingerprint` has it. */
  readonly fingerprint: string;
  /** An authority that this machine believes vouches for it, and for this very name. */
  readonly vouched: boolean;
}

/** A router whose certificate is not believed; nothing secret was sent to it. */
export class UntrustedRouter extends Error {
  override name = 'UntrustedRouter';
  /** 'unknown' may be accepted by a person who has compared it. */
  readonly kind: 'unknown' | 'changed' | 'not-pinned';
  readonly fingerprint: string;

  constructor(kind: UntrustedRouter['kind'], fingerprint: string, text: string) {
    super(text);
    this.kind = kind;
    this.fingerprint = fingerprint;
  }
}

/** 'sha256:AA:BB:…' of 32 octets in hexadecimal, colons or not, in front of it 'sha256:' or not; undefined when it is none. */
export function spellFingerprint(text: string): string | undefined {
  const hex = text.trim().replace(/^sha-?256:/i, '').replaceAll(':', '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(hex) ? `sha256:${hex.match(/../g)!.join(':')}` : undefined;
}

/** Where this person's programs keep what they know of routers. */
export const knownRoutersFile = (env: NodeJS.ProcessEnv = process.env): string => join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'lancell', 'known_routers');

/**
 * Certificates of routers that were accepted, as SSH keeps host keys: one line for each, 'HOST:PORT sha256:AA:BB:…', in a file for
 * its owner only.
 */
export class KnownRouters {
  readonly path: string;

  constructor(path: string) { this.path = path; }

  /** The fingerprint known for a place ('router:8443'). A line that cannot be read counts as none. */
  find(place: string): string | undefined {
    const line = this.#lines().find((l) => l.split(/\s+/)[0] === place.toLowerCase());
    return line === undefined ? undefined : spellFingerprint(line.split(/\s+/)[1] ?? '');
  }

  /** In place of what was known before. Throws when it cannot be kept. */
  remember(place: string, fingerprint: string): void {
    const kept = this.#lines().filter((l) => l.split(/\s+/)[0] !== place.toLowerCase());
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    writeDurablySync(this.path, `${[...kept, `${place.toLowerCase()} ${fingerprint}`].join('\n')}\n`);
  }

  #lines(): string[] {
    try {
      return readFileSync(this.path, 'utf8').split('\n').map((l) => l.trim()).filter((l) => l !== '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /**
   * Why a certificate is not believed; undefined: it is. Only the pinned one counts where one is pinned; else the one that is known,
   * or one that an authority vouches for.
   */
  judge(place: string, { fingerprint, vouched }: ShownCertificate, pinned: string | undefined): UntrustedRouter | undefined {
    if (pinned !== undefined) {
      if (pinned === fingerprint) return undefined;
      return new UntrustedRouter('not-pinned', fingerprint, `${place} does not show the certificate that --fingerprint names; nothing was sent.\n  wanted: ${pinned}\n  shown:  ${fingerprint}`);
    }
    const known = this.find(place);
    if (vouched || known === fingerprint) return undefined;
    const compare = 'Compare it with what the router itself says (sys server certificate disp)';
    if (known === undefined) {
      return new UntrustedRouter('unknown', fingerprint, `the certificate of ${place} is not known here, and no authority vouches for it; nothing was sent. Its fingerprint is\n  ${fingerprint}\n${compare}; if it is the same:\n  --fingerprint ${fingerprint}`);
    }
    return new UntrustedRouter('changed', fingerprint, `THE CERTIFICATE OF ${place.toUpperCase()} HAS CHANGED. Somebody may be between you and the router, or the router has made itself a new one. Nothing was sent.\n  known: ${known}\n  shown: ${fingerprint}\n${compare}; only if it is the same:\n  --fingerprint ${fingerprint}\n(known from ${this.path})`);
  }
}
