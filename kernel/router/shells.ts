import { join } from 'node:path';
import type { CommandSpec } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Doors } from '../console/doors.ts';
import type { RemoteShellServices } from '../console/remote-shell.ts';
import { socketDoor } from '../console/socket-door.ts';
import { type SshService, startSsh } from '../console/ssh.ts';
import { AuthorizedKeys } from '../console/ssh-keys.ts';
import { sshVerbs } from '../console/ssh-verbs.ts';
import { startTelnet } from '../console/telnet.ts';

export interface ShellOptions extends RemoteShellServices {
  readonly doors: Doors;
  /** The state directory; undefined: host keys and authorized keys live as long as the process. */
  readonly state: string | undefined;
  command(spec: CommandSpec): Disposable;
}

export interface Shells { close(): void }

/**
 * SSH and Telnet, where the settings of remote management want them. A service that cannot start, or whose port on the host is
 * taken, is reported, and the others go on.
 */
export async function startShells(options: ShellOptions): Promise<Shells> {
  const { doors, log, accounts, state } = options;
  const running: Shells[] = [];
  const telnet = startTelnet(options);
  running.push(telnet);
  try {
    const folder = state === undefined ? undefined : join(state, 'ssh');
    const keys = new AuthorizedKeys(folder);
    const ssh = await startSsh({ ...options, keys, folder });
    running.push(ssh);
    sshVerbs(accounts, keys, () => ssh.fingerprints, (spec) => options.command(spec));
    await offer('ssh', ssh.accept);
  } catch (error) {
    log.error({ error: error instanceof Error ? error.message : String(error) }, 'there is no SSH');
  }
  await offer('telnet', telnet.accept);
  return { close: () => { for (const each of running) each.close(); } };

  async function offer(name: 'ssh' | 'telnet', accept: SshService['accept']): Promise<void> {
    // The doors tell of a port that cannot be had.
    await doors.add(socketDoor(name, doors, accept)).catch(() => {});
  }
}
