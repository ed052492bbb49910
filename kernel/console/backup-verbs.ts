import { open, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { type Args, CliError, type CommandSpec } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Config } from '../config/commit.ts';
import { LARGEST } from '../config/document.ts';
import { writeBackup } from './backup.ts';
import { reportLines, restore, said } from './restore.ts';

export interface BackupVerbParts {
  readonly config: Config;
  readonly version: string;
  /** ms since the epoch. */
  wall(): number;
  command<A extends Args>(spec: CommandSpec<A>): Disposable;
}

const file = { schema: z.string().min(1).max(4096), help: 'a file on the router; a plain name lies in the state directory' };
const passphrase = { schema: z.string().min(1).max(1024).optional(), help: 'encrypts the file, or opens it' };

/** Registers `config backup` and `config restore`; disposing takes them away. */
export function backupVerbs({ config, version, wall, command }: BackupVerbParts): Disposable {
  const pathOf = (name: string): string => (isAbsolute(name) || config.directory === undefined ? name : join(config.directory, name));
  const held = [
    command({
      path: 'config backup', help: 'write all settings, secrets included, to a new file', args: { file, passphrase },
      run: async (args) => {
        const path = pathOf(args.file);
        const octets = await writeBackup({ made: wall(), router: version, settings: config.document }, args.passphrase);
        // An existing file is not overwritten.
        await files(path, writeFile(path, octets, { flag: 'wx', mode: 0o600 }));
        return `${octets.length} octets written to ${path}${args.passphrase === undefined ? '; it holds every password in clear' : ', encrypted'}`;
      },
    }),
    command({
      path: 'config restore', help: 'put the settings of a backup into force; dry: only say what would change',
      args: { file, how: { schema: z.enum(['dry', 'now']).default('now'), help: 'dry changes nothing' }, passphrase },
      run: async (args, io) => {
        const octets = await readSmall(pathOf(args.file));
        const report = await said(restore(config, octets, { passphrase: args.passphrase, dry: args.how === 'dry', author: io.author }));
        if (report.problems.length > 0) throw new CliError(reportLines(report).join('\n'));
        return { text: reportLines(report).join('\n') };
      },
    }),
  ];
  return { dispose: () => { for (const each of held.splice(0).reverse()) void each.dispose(); } };
}

async function files<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CliError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** A device or a huge file is not read to its end. */
async function readSmall(path: string): Promise<Buffer> {
  const handle = await files(path, open(path, 'r'));
  try {
    const { size } = await handle.stat();
    if (size > LARGEST * 2) throw new CliError(`${path} is too large for a backup`);
    const octets = Buffer.alloc(size);
    const { bytesRead } = await files(path, handle.read(octets, 0, size, 0));
    return octets.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
