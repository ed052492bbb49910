import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AuthorizedKeys, fingerprint, parseKeyLine } from '../../../kernel/console/ssh-keys.ts';
import { hostKeys } from '../../../kernel/console/ssh-host-keys.ts';

// The key and its fingerprint as ssh-keygen -lf shows it.
const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github.com';
const PRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

/** Another ed25519 key: length and type, length and 32 octets (RFC 8709). */
function another(): string {
  const raw = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const part = (b: Uint8Array): Buffer => Buffer.concat([Buffer.from([0, 0, 0, b.length]), b]);
  return `ssh-ed25519 ${Buffer.concat([part(Buffer.from('ssh-ed25519')), part(raw)]).toString('base64')} other`;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('public keys', () => {
  it('are read as OpenSSH writes them', () => {
    const key = parseKeyLine(`  ${LINE}\n`);
    expect(key).toMatchObject({ type: 'ssh-ed25519', comment: 'github.com' });
    expect(fingerprint(key)).toBe(PRINT);
  });

  it.each([
    '', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'ssh-dss AAAAB3NzaC1kc3MAAACBAJ', `ssh-rsa ${LINE.split(' ')[1]}`, LINE.replace('AAAAC3', 'AAAAD3'),
    'ssh-ed25519 <script>alert(1)</script>', `command="sh" ${LINE}`, '-----BEGIN OPENSSH PRIVATE KEY-----',
  ])('refuses %j', (line) => { expect(() => parseKeyLine(line)).toThrow(); });

  it('belong to an account, are kept, and are taken away by the beginning of their fingerprint', () => {
    const at = folder();
    const keys = new AuthorizedKeys(at);
    keys.add('Alice', LINE);
    keys.add('alice', another());
    keys.add('bob', LINE);
    expect(() => keys.add('ALICE', LINE)).toThrow(/already/);
    expect(statSync(join(at, 'authorized-keys.json')).mode & 0o777).toBe(0o600);
    const again = new AuthorizedKeys(at);
    expect(again.of('ALICE')).toHaveLength(2);
    const blob = Buffer.from(LINE.split(' ')[1]!, 'base64');
    expect(again.find('alice', blob)).toBeDefined();
    expect(again.find('carol', blob)).toBeUndefined();
    expect(() => again.remove('alice', 'SHA256:')).toThrow();
    again.remove('alice', PRINT.slice(0, 12));
    expect(again.find('alice', blob)).toBeUndefined();
    expect(again.find('bob', blob)).toBeDefined();
    again.forget('BOB');
    expect(new AuthorizedKeys(at).names).toEqual(['alice']);
  });

  it('are nobody’s by a name from the language', () => {
    const keys = new AuthorizedKeys(undefined);
    for (const name of ['constructor', '__proto__', 'toString']) expect(keys.of(name)).toEqual([]);
  });

  it('in a file that cannot be understood stop the service instead of being forgotten', () => {
    const at = folder();
    writeFileSync(join(at, 'authorized-keys.json'), '{"alice": [{"type": "ssh-ed25519"}]}');
    expect(() => new AuthorizedKeys(at)).toThrow(/cannot be understood/);
  });
});

describe('host keys', () => {
  it('are made once, closed to others, and never replaced', async () => {
    const at = join(folder(), 'ssh');
    let made = 0;
    const make = async (kind: string): Promise<string> => `${kind} ${++made}`;
    expect(await hostKeys(at, make, () => true)).toEqual(['ed25519 1', 'rsa 2']);
    expect(await hostKeys(at, make, () => true)).toEqual(['ed25519 1', 'rsa 2']);
    for (const kind of ['ed25519', 'rsa']) expect(statSync(join(at, `host_${kind}_key`)).mode & 0o777).toBe(0o600);
    await expect(hostKeys(at, make, () => false)).rejects.toThrow(/no private key/);
    expect(made).toBe(2);
  });
});
