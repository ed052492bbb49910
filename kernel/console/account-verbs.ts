import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { type Args, CliError, type CommandIo, type CommandSpec, type Facts, type Table } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { identityOf } from '../cli/session.ts';
import { AccountName, type Accounts } from './accounts.ts';
import { roles } from './roles.ts';
import type { Sessions } from './sessions.ts';

/** Letters and digits that nobody mistakes for one another. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Any word: what is wrong with it is said by Accounts, which does not repeat it. */
const Password = z.string();

/** Registers `sys accounts …` and `sys password`; disposing takes them away. */
export function accountVerbs(accounts: Accounts, sessions: Sessions, command: <A extends Args>(spec: CommandSpec<A>) => Disposable): Disposable {
  const account = { schema: z.string(), help: 'name of the account', complete: () => accounts.users.map((u) => u.name) };
  const role = { schema: z.enum(roles), help: 'admin: everything; operator: all but accounts, plugins from outside, resets and restores; viewer: look only' };
  const held = [
    command({
      path: 'sys accounts list', access: 'read', help: 'who may manage the router',
      run: (): Table => ({ columns: ['account', 'role', 'logged in'], rows: accounts.users.map((u) => [u.name, u.role, sessions.of(u.name)]) }),
    }),
    command({
      path: 'sys accounts add', help: 'make an account; without a password one is made up and shown',
      args: { name: { schema: AccountName, help: 'how to log in' }, role, password: { schema: Password.optional(), help: 'at least 8 characters' } },
      run: async ({ name, role: wanted, password }): Promise<string | Facts> => {
        const made = password ?? madeUp();
        await accounts.create(name, made, wanted);
        return password === undefined ? { facts: { account: name, role: wanted, password: made } } : `${name} may log in as ${wanted}`;
      },
    }),
    command({
      path: 'sys accounts remove', help: 'take an account away; its log-ins end', args: { name: account },
      run: async ({ name }) => { await accounts.remove(name); return `${name} is removed`; },
    }),
    command({
      path: 'sys accounts role', help: 'give an account another role; its log-ins end', args: { name: account, role },
      run: async ({ name, role: wanted }) => { await accounts.setRole(name, wanted); return `${name} is now ${wanted}`; },
    }),
    command({
      path: 'sys accounts password', help: 'give an account another password; its log-ins end',
      args: { name: account, password: { schema: Password, help: 'at least 8 characters' } },
      run: async ({ name, password }) => { await accounts.changePassword(name, password); return `the password of ${name} is changed`; },
    }),
    command({
      path: 'sys password', help: "change one's own password; on the router itself, the administrator's",
      args: { password: { schema: Password, help: 'the new one, at least 8 characters' } },
      run: async ({ password }, io) => {
        if (accounts.setupNeeded && isLocal(io)) {
          await accounts.create('admin', password, 'admin');
          return 'the account admin is made';
        }
        const name = own(accounts, io);
        await accounts.changePassword(name, password);
        return `the password of ${name} is changed`;
      },
    }),
  ];
  return { dispose: () => { for (const each of held.splice(0).reverse()) void each.dispose(); } };
}

/** Whoever sits at the router needs no account. */
const isLocal = (io: CommandIo): boolean => ['terminal', 'unix'].includes(identityOf(io).via);

/** The account of whoever asks. Throws CliError when it is not clear which. */
function own(accounts: Accounts, io: CommandIo): string {
  const { name, via } = identityOf(io);
  if (via === 'token') throw new CliError('a token has no password; use sys accounts password');
  if (!isLocal(io)) return name;
  const admins = accounts.users.filter((u) => u.role === 'admin');
  if (admins.length !== 1) throw new CliError(`there are several administrators (${admins.map((u) => u.name).join(', ')}); use sys accounts password`);
  return admins[0]!.name;
}

const madeUp = (): string => Array.from({ length: 16 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
