import { describe, expect, it } from 'vitest';
import { loadKeys } from '../../../kernel/console/auth.ts';
import { areaOf, type Identity, permits, refusal, type Role, roles } from '../../../kernel/console/roles.ts';
import { unprivilegedPorts } from '../../../kernel/console/remote.ts';
import { Session } from '../../../kernel/cli/session.ts';
import { startManagement } from '../../../kernel/router/management.ts';
import { bed } from '../../sim/bed.ts';
import { stateWithKeys } from './rig.ts';

const who = (role: Role, more: Partial<Identity> = {}): Identity => ({ name: 'x', role, via: 'session', ...more });

/** Every verb of a router with its plugins and remote management. */
async function everyVerb() {
  const b = await bed();
  const state = stateWithKeys();
  const management = await startManagement({ router: b.router, state, keys: loadKeys(undefined), host: '127.0.0.1', ports: { ...unprivilegedPorts, http: 0, https: 0, ssh: 0, telnet: 0 }, gui: '/nowhere' });
  const verbs = b.router.tree.verbs().map(({ spec, owner }) => ({ access: spec.access ?? 'write', area: areaOf(owner, spec.path), path: spec.path }) as const);
  return { ...b, management, verbs, end: async () => { await management.close(); await b.stop(); } };
}

describe('roles', () => {
  it('decide about every verb of the tree', async () => {
    const { verbs, end } = await everyVerb();
    expect(verbs.length).toBeGreaterThan(80);
    const may = (role: Role) => verbs.filter((v) => permits(who(role), v)).map((v) => v.path);
    expect(may('admin')).toEqual(verbs.map((v) => v.path));
    expect(verbs.filter((v) => v.access === 'write' && permits(who('viewer'), v))).toEqual([]);
    expect(verbs.filter((v) => v.access === 'read' && !permits(who('viewer'), v)).map((v) => v.path)).toEqual([]);
    const notOperators = verbs.filter((v) => !permits(who('operator'), v)).map((v) => v.path);
    for (const path of ['sys accounts add', 'sys accounts remove', 'sys accounts role', 'sys accounts password', 'sys exit', 'config reset', 'config restore', 'config backup', 'sys token add', 'sys ssh keys add', 'certificates my_cert import']) expect(notOperators).toContain(path);
    for (const path of ['config set', 'config commit', 'sys server port', 'sys password']) expect(notOperators).not.toContain(path);
    await end();
  });

  it('hold in a session: a viewer runs no verb that writes, however it is spelled', async () => {
    const { verbs, router, clock, end } = await everyVerb();
    const session = new Session({ tree: router.tree, clock, identity: who('viewer') });
    const before = JSON.stringify(router.config.document);
    for (const { path } of verbs.filter((v) => v.access === 'write')) {
      const outcome = await session.start(path, () => {}).done;
      expect([path, outcome.code, outcome.error]).toEqual([path, 2, `'${path}' changes the router; a viewer may only look`]);
    }
    expect(JSON.stringify(router.config.document)).toBe(before);
    await end();
  });

  it('let a token into its areas only', () => {
    const token = who('operator', { via: 'token', areas: ['vpn', 'lan'] });
    for (const [area, access, yes] of [['vpn', 'write', true], ['vpn.ike', 'write', true], ['vpnx', 'read', false], ['nat', 'read', false], ['lan', 'read', true]] as const) {
      const act = { area, access, path: 'x y' };
      expect([area, permits(token, act)]).toEqual([area, yes]);
    }
    expect(refusal(token, { area: 'nat', access: 'read', path: 'nat list' })).toBe("this token is for vpn, lan; 'nat list' belongs to nat");
    expect(permits(who('admin', { areas: ['lan'] }), { area: 'sys', access: 'write', path: 'sys accounts add' })).toBe(false);
  });

  it('are three', () => expect(roles).toEqual(['admin', 'operator', 'viewer']));
});
