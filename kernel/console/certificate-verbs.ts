import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { type Args, CliError, type CommandSpec, type Facts } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Certificates, CertificateView } from './tls.ts';

const MOST_OCTETS = 128 * 1024;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const shown = (view: CertificateView): Facts => ({ facts: {
  subject: view.subject, issuer: view.issuer, names: view.names, 'valid from': day(view.notBefore), 'valid until': day(view.notAfter), state: view.state,
  fingerprint: `sha256:${view.fingerprint}`, kind: view.imported ? `imported, ${view.chain} in the chain` : 'self-signed, renewed by itself',
} });

/** Registers `certificates …` and `sys server certificate …` for the certificate of HTTPS; disposing takes them away. */
export function certificateVerbs(certificates: Certificates, command: <A extends Args>(spec: CommandSpec<A>) => Disposable): Disposable {
  const file = { schema: z.string(), help: 'PEM file on the router' };
  const view = (): Facts => shown(certificates.view());
  const replace = async (): Promise<Facts> => shown(await certificates.replaceFactory());
  const held = [
    command({ path: 'certificates my_cert view', access: 'read', help: 'the certificate that HTTPS shows', run: view }),
    command({
      path: 'certificates my_cert import', help: 'use a certificate (with its chain) and its key for HTTPS', args: { certificate: file, key: file },
      run: async ({ certificate, key }) => shown(await certificates.import({ cert: await pem(certificate), key: await pem(key) })),
    }),
    command({ path: 'certificates my_cert delete', help: "back to the router's own certificate", run: async () => shown(await certificates.drop()) }),
    command({ path: 'certificates my_cert replace_factory', help: 'make a new self-signed certificate and key', run: replace }),
    command({ path: 'sys server certificate disp', access: 'read', help: 'the certificate that HTTPS shows: subject, names, fingerprint, validity', run: view }),
    command({
      path: 'sys server certificate renew', help: 'make a new self-signed certificate and key now; clients that know the old fingerprint ask again',
      run: () => {
        if (certificates.view().imported) throw new CliError("HTTPS shows an imported certificate, which its issuer has to renew; certificates my_cert delete goes back to the router's own");
        return replace();
      },
    }),
    command({
      path: 'certificates ca_trusted import', help: 'authorities whose client certificates may log in', args: { certificates: file },
      run: async (args) => { await certificates.trust(await pem(args.certificates)); return 'believed from now on; sys server auth_client https turns it on'; },
    }),
    command({ path: 'certificates ca_trusted delete', help: 'believe no client certificates any more', run: async () => { await certificates.trust(undefined); return 'no authority is believed'; } }),
  ];
  return { dispose: () => { for (const each of held.splice(0).reverse()) void each.dispose(); } };
}

/** Throws CliError; what stands in a file that is no PEM is never repeated. */
async function pem(path: string): Promise<string> {
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > MOST_OCTETS) throw new CliError(`${path} is no PEM file`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${path} cannot be read`, { cause: error });
  }
}
