import { z } from 'zod';
import { CliError, type CommandSpec } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Accounts } from './accounts.ts';
import { type AuthorizedKeys, fingerprint } from './ssh-keys.ts';

/** `sys ssh …`: what is known of host keys, and the public keys of accounts. */
export function sshVerbs(accounts: Accounts, keys: AuthorizedKeys, fingerprints: () => readonly string[], command: (spec: CommandSpec) => Disposable): void {
  const account = { schema: z.string(), help: 'name of the account', complete: () => accounts.users.map((u) => u.name) };
  const known = (name: string): string => {
    const user = accounts.user(name);
    if (user === undefined) throw new CliError(`there is no account '${name}'; there are: ${accounts.users.map((u) => u.name).join(', ') || 'none'}`);
    return user.name;
  };
  command({
    path: 'sys ssh fingerprint', help: 'Fingerprints of the keys by which SSH clients recognise this router', access: 'read',
    run: () => ({ columns: ['kind', 'fingerprint'], rows: fingerprints().map((line) => line.split(' ')) }),
  });
  command({
    path: 'sys ssh keys list', help: 'Public keys that may log in', access: 'read',
    args: { account: { ...account, schema: z.string().optional() } },
    run: (args) => {
      const name = args['account'] as string | undefined;
      const names = name === undefined ? keys.names : [known(name).toLowerCase()];
      return { columns: ['account', 'type', 'fingerprint', 'comment'], rows: names.flatMap((each) => keys.of(each).map((key) => [each, key.type, fingerprint(key), key.comment])) };
    },
  });
  command({
    path: 'sys ssh keys add', help: 'Let an account log in with this public key', args: {
      account, key: { schema: z.string(), help: 'a line of a .pub file: ssh-ed25519 AAAA… comment', rest: true },
    },
    run: (args) => `added ${fingerprint(keys.add(known(String(args['account'])), String(args['key'])))}`,
  });
  command({
    path: 'sys ssh keys remove', help: 'Take a public key away from an account', args: {
      account, key: { schema: z.string(), help: 'its fingerprint, or the beginning of it' },
    },
    run: (args) => `removed ${fingerprint(keys.remove(known(String(args['account'])), String(args['key'])))}`,
  });
}
