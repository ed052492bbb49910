import { createPrivateKey, type KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
// tsyringe, which x509 builds upon, wants this to be there first.
import '../reflect.ts';
import { CliError } from '../../sdk/cli.ts';

/** A certificate with those of its issuers behind it, and its key; both PEM. */
export interface KeyPair { readonly cert: string; readonly key: string }

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  /** ms since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly fingerprint: string;
  readonly selfSigned: boolean;
  /** Certificates in the chain, the own one included. */
  readonly chain: number;
}

/** Browsers refuse certificates that last longer. */
const DAYS = 397;
const DAY_MS = 86_400_000;
const MOST_IN_CHAIN = 10;
const MOST_PEM = 128 * 1024;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A self-signed ECDSA P-256 certificate for these names and addresses, valid from a day before `now` (ms since the epoch). */
export async function selfSigned(names: readonly string[], now: number): Promise<KeyPair> {
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    // RFC 5280 section 4.1.2.2: positive, at most 20 octets, not guessable.
    serialNumber: `4${randomBytes(15).toString('hex').slice(1)}`,
    name: 'CN=lancell, O=lancell self-signed',
    notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAYS * DAY_MS),
    signingAlgorithm: algorithm, keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([...new Set(names)].map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  }, webcrypto as never);
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: `${cert.toString('pem')}\n`, key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n` };
}

/**
 * What a pair is, after checking that it can serve: the key belongs to the first certificate, every further one signed the one
 * before it, none is out of date. Throws CliError with what is wrong.
 */
export function examine(pair: KeyPair, now: number): CertificateFacts {
  if (pair.cert.length > MOST_PEM || pair.key.length > MOST_PEM) throw new CliError(`a PEM text is larger than ${MOST_PEM / 1024} KiB`);
  const chain = chainOf(pair.cert);
  const own = chain[0]!;
  if (!own.checkPrivateKey(keyOf(pair.key))) throw new CliError('the key does not belong to the certificate');
  for (const [i, issuer] of chain.entries()) {
    if (i > 0 && !signed(issuer, chain[i - 1]!)) throw new CliError(`certificate ${i + 1} (${line(issuer.subject)}) did not sign certificate ${i} (${line(chain[i - 1]!.subject)}): the chain is wrong or out of order`);
    if (Date.parse(issuer.validTo) <= now) throw new CliError(`the certificate of ${line(issuer.subject)} expired on ${issuer.validTo}`);
    if (Date.parse(issuer.validFrom) > now) throw new CliError(`the certificate of ${line(issuer.subject)} is not valid before ${issuer.validFrom}`);
  }
  return factsOf(own, chain.length);
}

/** What the first certificate of a PEM text says. Throws CliError when it holds none. */
export function describe(cert: string): CertificateFacts {
  const chain = chainOf(cert);
  return factsOf(chain[0]!, chain.length);
}

/** Certificates of authorities that may vouch for clients. Throws CliError. */
export function examineAuthorities(pem: string, now: number): readonly CertificateFacts[] {
  if (pem.length > MOST_PEM) throw new CliError(`a PEM text is larger than ${MOST_PEM / 1024} KiB`);
  return chainOf(pem).map((c) => {
    if (!c.ca) throw new CliError(`the certificate of ${line(c.subject)} is not one of an authority`);
    if (Date.parse(c.validTo) <= now) throw new CliError(`the certificate of ${line(c.subject)} expired on ${c.validTo}`);
    return factsOf(c, 1);
  });
}

const factsOf = (c: X509Certificate, chain: number): CertificateFacts => ({
  subject: line(c.subject), issuer: line(c.issuer), names: c.subjectAltName ?? '', notBefore: Date.parse(c.validFrom), notAfter: Date.parse(c.validTo),
  fingerprint: c.fingerprint256, selfSigned: c.subject === c.issuer && c.verify(c.publicKey), chain,
});

/** Node puts every part of a name on a line of its own. */
const line = (name: string): string => name.split('\n').join(', ');

function signed(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function chainOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new CliError('there is no certificate in this: it must be PEM, -----BEGIN CERTIFICATE-----');
  if (blocks.length > MOST_IN_CHAIN) throw new CliError(`a chain has at most ${MOST_IN_CHAIN} certificates`);
  return blocks.map((block, i) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new CliError(`certificate ${i + 1} cannot be read`);
    }
  });
}

/** Throws CliError for what is no key, is locked, or is weaker than TLS takes today. */
function keyOf(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw new CliError('the key is protected by a passphrase; take that off first (openssl pkey -in key.pem -out plain.pem)');
  const block = /-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----/.exec(pem)?.[0];
  if (block === undefined) throw new CliError('there is no private key in this: it must be PEM, -----BEGIN PRIVATE KEY-----');
  let key: KeyObject;
  try {
    key = createPrivateKey(block);
  } catch {
    throw new CliError('the private key cannot be read');
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < 2048) throw new CliError(`an RSA key of ${bits} bits is too short; 2048 at least`);
  return key;
}
