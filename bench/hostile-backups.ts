import { randomBytes } from 'node:crypto';

/** `valid`: it would be restored, and is therefore only to be tried dry. */
export interface HostileBackup { readonly name: string; readonly octets: Buffer; readonly passphrase?: string; readonly valid?: true }

const MOST = 8 * 1024 * 1024;
const head = '"kind":"lancell-backup","version":1,"made":1700000000000,"router":"x"';
const whole = (sections: string): string => `{${head},"settings":{"format":1,"sections":${sections}}}`;
const section = (settings: string): string => `{"version":1,"settings":${settings}}`;
const keys = (n: number): string => `{${Array.from({ length: n }, (_, i) => `"k${i}":${i}`).join(',')}}`;

/** Files that somebody who may restore could bring, each wrong in its own way, none over 8 MiB. */
export function hostileBackups(): HostileBackup[] {
  const files: readonly (readonly [string, string])[] = [
    ['400,000 keys', whole(`{"lan":${section(keys(400_000))}}`)],
    ['180,000 sections', whole(`{${Array.from({ length: 180_000 }, (_, i) => `"s${i}":${section('{}')}`).join(',')}}`)],
    ['19,000 values of a plugin that is not there', whole(`{"gone":${section(keys(19_000))}}`)],
    ['19,000 values where lan wants its own', whole(`{"lan":${section(keys(19_000))}}`)],
    ['64 levels', whole(`{"lan":${section(`${'{"a":'.repeat(64)}1${'}'.repeat(64)}`)}}`)],
    ['8 million brackets', '['.repeat(MOST)],
    ['2 million pairs of brackets', `${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}`],
    ['__proto__', whole(`{"__proto__":${section('{"polluted":true}')},"lan":${section('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}')}}`)],
    ['huge numbers', whole(`{"lan":${section(`{"mtu":1e400,"lan":{"ip":-1e999},"ports":${'9'.repeat(4_000_000)}}`)}}`)],
    ['another version', whole('{}').replace('"version":1', '"version":9007199254740993')],
    ['one string of 8 MiB, escaped', `{${head},"x":"${'\\u0041'.repeat(1_300_000)}"}`],
    ['4 million zeros', whole(`{"lan":${section(`{"ports":[${'0,'.repeat(4_000_000)}0]}`)}}`)],
    ['two-octet letters', `"${'é'.repeat(4_000_000)}"`],
    ['cut off', whole(`{"lan":${section(keys(10_000))}}`).slice(0, -3)],
  ];
  const encrypted = (logN: number): Buffer => Buffer.concat([Buffer.from('LANCELLB'), Uint8Array.of(1, logN, 8, 1), randomBytes(28 + 4096)]);
  return [
    ...files.map(([name, t]) => ({ name, octets: Buffer.from(t).subarray(0, MOST), ...(name.startsWith('19,000') ? { valid: true as const } : {}) })),
    { name: 'noise', octets: randomBytes(MOST) },
    { name: 'encrypted, a dear key', octets: encrypted(17), passphrase: 'wrong' },
    { name: 'encrypted, dearer than allowed', octets: encrypted(40), passphrase: 'wrong' },
  ];
}
