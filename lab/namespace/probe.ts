import { access, constants } from 'node:fs/promises';
import { installed, run } from './run.ts';
import { inUserNamespace } from './user-namespace.ts';

export type Probe =
  | { readonly ok: true; readonly why: string; readonly notes: readonly string[] }
  | { readonly ok: false; readonly why: string; readonly refused: 'platform' | 'program' | 'permission' };

/** Programs the lab is built with, and the Debian package each comes from. */
const programs = { ip: 'iproute2', unshare: 'util-linux', nsenter: 'util-linux', setpriv: 'util-linux', mount: 'mount' } as const;

/** Whether namespaces can be had by this process, by trying; and in words what is missing. */
export async function probe(): Promise<Probe> {
  if (process.platform !== 'linux') return { ok: false, refused: 'platform', why: `namespaces are Linux's; this is ${process.platform}` };
  for (const [program, pkg] of Object.entries(programs)) {
    if (!await installed(program)) return { ok: false, refused: 'program', why: `no program "${program}" (package ${pkg})` };
  }
  const made = await run(['unshare', '-n', '-m', 'ip', 'link', 'add', 'probe0', 'type', 'veth', 'peer', 'name', 'probe1']);
  if (made.code !== 0) return { ok: false, refused: 'permission', why: `no permission for network namespaces (${lastLine(made.output)})` };
  const notes: string[] = [];
  await access('/dev/net/tun', constants.R_OK | constants.W_OK).catch((e: NodeJS.ErrnoException) => {
    notes.push(`${e.code === 'ENOENT' ? 'no /dev/net/tun' : '/dev/net/tun may not be opened'}: the lab runs, tunnels to the host's own stack do not`);
  });
  const who = inUserNamespace() ? 'in a user namespace of its own, without root' : 'as root';
  return { ok: true, notes, why: `namespace lab: real Linux hosts on veth pairs, ${who}` };
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
