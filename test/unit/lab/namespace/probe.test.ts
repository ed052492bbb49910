import { describe, expect, it } from 'vitest';
import { type Ground, probe } from '../../../../lab/namespace/probe.ts';

/** A machine where everything works, but for what is given. */
const machine = (but: Partial<Ground> & { readonly lacks?: string; readonly refuses?: string } = {}): Ground => ({
  platform: 'linux',
  run: async argv => {
    if (argv[0] === 'sh') return { output: '', code: argv.at(-1) === but.lacks ? 127 : 0 };
    return but.refuses === undefined ? { output: '', code: 0 } : { output: `${but.refuses}\n`, code: 1 };
  },
  tun: () => undefined,
  read: () => undefined,
  ...but,
});

describe('probe', () => {
  it('takes a machine where all works', async () => {
    expect(await probe(machine())).toMatchObject({ ok: true, notes: [], why: 'namespace lab: real Linux hosts on veth pairs, as root' });
  });

  it('tells what is missing', async () => {
    expect(await probe(machine({ platform: 'darwin' }))).toEqual({ ok: false, refused: 'platform', why: "namespaces are Linux's; this is darwin" });
    expect(await probe(machine({ lacks: 'ip' }))).toEqual({ ok: false, refused: 'program', why: 'no program "ip" (package iproute2)' });
    expect(await probe(machine({ lacks: 'unshare' }))).toEqual({ ok: false, refused: 'program', why: 'no program "unshare" (package util-linux)' });
  });

  it('tells what is refused, and by which switch', async () => {
    const refuses = 'unshare: unshare failed: Operation not permitted';
    expect(await probe(machine({ refuses }))).toMatchObject({ refused: 'permission', why: `no permission for network namespaces: ${refuses}` });
    const read = (path: string) => path.endsWith('apparmor_restrict_unprivileged_userns') ? '1\n' : undefined;
    expect((await probe(machine({ refuses, read }))).why).toContain('/proc/sys/kernel/apparmor_restrict_unprivileged_userns is 1');
  });

  it('runs without a TUN device, but says so', async () => {
    expect(await probe(machine({ tun: () => 'ENOENT' }))).toMatchObject({ ok: true, notes: [expect.stringContaining('no /dev/net/tun')] });
    expect(await probe(machine({ tun: () => 'EACCES' }))).toMatchObject({ ok: true, notes: [expect.stringContaining('may not be opened')] });
  });
});
