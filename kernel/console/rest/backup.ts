import { z } from 'zod';
import { LARGEST } from '../../config/document.ts';
import { attachment } from '../attachment.ts';
import { writeBackup } from '../backup.ts';
import { HttpProblem } from '../problem.ts';
import { restore } from '../restore.ts';
import { type Call, type Operation, operation, writing } from './operation.ts';
import type { RestParts } from './parts.ts';

const tag = 'maintenance';
/** Percent-encoded UTF-8: header values are ASCII. */
const PASSPHRASE = 'lancell-passphrase';
const octets = { type: 'string', contentMediaType: 'application/octet-stream' };

/** All settings in one file, and back. */
export function backupOperations({ router }: RestParts): Operation[] {
  const file = async (call: Call, passphrase: string | undefined): Promise<Response> => {
    call.require({ access: 'read', area: 'config', path: 'config backup' });
    const made = router.clock.wall();
    const body = await writeBackup({ made, router: router.version, settings: router.config.document }, passphrase);
    const name = `lancell-${new Date(made).toISOString().slice(0, 16).replace(/[:T]/g, '-')}.${passphrase === undefined ? 'json' : 'backup'}`;
    return new Response(new Uint8Array(body), { headers: { 'content-type': 'application/octet-stream', 'content-disposition': attachment(name), 'cache-control': 'no-store' } });
  };
  return [
    operation({
      id: 'backup', method: 'get', at: '/backup', tag, summary: 'All settings, secrets included, in clear', access: 'read', media: 'application/octet-stream', answer: octets,
      run: (call) => file(call as Call, passphraseOf(call.headers)),
    }),
    operation({
      id: 'backup_encrypted', method: 'post', at: '/backup', tag, summary: 'All settings, encrypted', description: 'scrypt and AES-256-GCM.', access: 'write', media: 'application/octet-stream', answer: octets,
      body: z.object({ passphrase: z.string().min(1).max(1024) }), run: (call) => file(call as unknown as Call, call.body.passphrase),
    }),
    operation({
      id: 'restore', method: 'post', at: '/restore', tag, summary: 'Put the settings of a backup into force', access: 'write', body: { octets: 'application/octet-stream', most: LARGEST * 2 }, answer: 'RestoreReport',
      description: `With dryRun nothing is changed, and the report says what would be. The passphrase of an encrypted backup comes in the header ${PASSPHRASE}, percent-encoded.`,
      query: { dryRun: { schema: z.boolean().default(false), help: 'only say what would change' } },
      run: async (call) => {
        call.require(writing('config', 'config restore'));
        const report = await restore(router.config, call.body as unknown as Uint8Array, { passphrase: passphraseOf(call.headers), dry: call.query.dryRun, author: call.author });
        if (!call.query.dryRun && report.problems.length > 0) throw new HttpProblem(422, 'the backup does not fit this router; nothing is changed', { more: { ...report } });
        return report;
      },
    }),
  ];
}

function passphraseOf(headers: Headers): string | undefined {
  const value = headers.get(PASSPHRASE);
  if (value === null || value === '') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    throw new HttpProblem(400, `the header ${PASSPHRASE} is not percent-encoded`);
  }
}
