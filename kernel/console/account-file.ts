import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../sdk/log.ts';
import { writeDurably } from '../config/durable.ts';
import type { Account } from './accounts.ts';
import { roles } from './roles.ts';

/** Where accounts outlive the router. */
export interface AccountFile {
  read(): Promise<readonly Account[]>;
  write(accounts: readonly Account[]): Promise<void>;
}

const Stored = z.object({
  format: z.literal(1),
  accounts: z.array(z.object({
    name: z.string(), role: z.enum(roles), changed: z.number(),
    // The bounds keep an edited file from making every log-in eat all memory.
    password: z.object({ n: z.int().min(2).max(2 ** 20), r: z.int().min(1).max(32), p: z.int().min(1).max(16), salt: z.string(), hash: z.string() }),
  })),
});

/** Accounts that last as long as the process. */
export const accountsInMemory = (): AccountFile => ({ read: async () => [], write: async () => {} });

/** `<directory>/accounts.json`, mode 0600. One that cannot be read is put aside: then the router asks to be set up again. */
export function accountsIn(directory: string, log: Logger): AccountFile {
  const path = join(directory, 'accounts.json');
  return {
    read: async () => {
      try {
        return Stored.parse(JSON.parse(await readFile(path, 'utf8'))).accounts;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
        await rename(path, `${path}.bad`);
        log.error({ kept: `${path}.bad` }, 'accounts: the file cannot be used; the router has to be set up again');
        return [];
      }
    },
    write: async (accounts) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeDurably(path, `${JSON.stringify({ format: 1, accounts }, null, 2)}\n`);
    },
  };
}
