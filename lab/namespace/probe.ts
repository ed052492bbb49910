import { accessSync, constants, readFileSync } from 'node:fs';
import { installed, type Run, run } from './run.ts';
import { OWN } from './setup.ts';
import { inUserNamespace } from './user-namespace.ts';

export type Probe =
  | { readonly ok: true; readonly why: string; readonly notes: readonly string[] }
  | { readonly ok: false; readonly why: string; readonly refused: 'platform' | 'program' | 'permission' };

/** What is looked at; others in tests. */
export interface Ground {
  readonly platform: string;
  readonly run: Run;
  /** Opening the TUN device: undefined when it may be opened, else the error code. */
  readonly tun: () => string | undefined;
  /** A file's text, or undefined. */
  readonly read: (path: string) => string | undefined;
}

const here: Ground = {
  platform: process.platform,
  run,
  tun: () => {
    try {
      accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
      return undefined;
    } catch (e) {
      return (e as NodeJS.ErrnoException).code ?? 'error';
    }
  },
  read: path => {
    try { return readFileSync(path, 'utf8'); } catch { return undefined; }
  },
};

/** Programs the lab is built with, and the Debian package each comes from. */
const programs = { ip: 'iproute2', unshare: 'util-linux', nsenter: 'util-linux', setpriv: 'util-linux', mount: 'mount' } as const;

/** Everything that a lab needs permission for, in namespaces that end with the shell. */
const trial = ['unshare', '-n', '-m', 'sh', '-ec', `PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs trial ${OWN}
ip link add trial0 type veth peer name trial1`];

/** Whether namespaces can be had by this process, by trying; and in words what is missing. */
export async function probe(ground: Ground = here): Promise<Probe> {
  if (ground.platform !== 'linux') return { ok: false, refused: 'platform', why: `namespaces are Linux's; this is ${ground.platform}` };
  for (const [program, pkg] of Object.entries(programs)) {
    if (!await installed(program, ground.run)) return { ok: false, refused: 'program', why: `no program "${program}" (package ${pkg})` };
  }
  const tried = await ground.run(trial);
  if (tried.code !== 0) {
    const said = tried.output.trim().split('\n').at(-1) ?? '';
    return { ok: false, refused: 'permission', why: `no permission for network namespaces: ${said}${closedBy(ground)}` };
  }
  const tun = ground.tun();
  const notes = tun === undefined ? [] : [`${tun === 'ENOENT' ? 'no /dev/net/tun' : '/dev/net/tun may not be opened'}: the lab runs, tunnels to the host's own stack do not`];
  const who = inUserNamespace() ? 'in a user namespace of its own, without root' : 'as root';
  return { ok: true, notes, why: `namespace lab: real Linux hosts on veth pairs, ${who}` };
}

/** Switches with which distributions close user namespaces to ordinary users. */
const switches: Readonly<Record<string, string>> = {
  '/proc/sys/kernel/unprivileged_userns_clone': '0',
  '/proc/sys/user/max_user_namespaces': '0',
  '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1',
};

function closedBy(ground: Ground): string {
  const found = Object.entries(switches).filter(([path, closed]) => ground.read(path)?.trim() === closed).map(([path, closed]) => `${path} is ${closed}`);
  return found.length === 0 ? '' : `; ${found.join(', ')}`;
}
