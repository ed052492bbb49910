import { describe, expect, it } from 'vitest';
import { VerbTree } from '../../../kernel/cli/tree.ts';
import { settingsReference } from '../../../kernel/config/reference.ts';
import { configVerbs } from '../../../kernel/config/verbs.ts';
import { CliError, type CommandIo, type Reply, type Table } from '../../../sdk/cli.ts';
import { ike, lan, rig, temporaryDir } from './rig.ts';

async function console(dir?: string) {
  const made = await rig(dir);
  made.config.attach(lan());
  const held = made.config.attach(ike());
  const tree = new VerbTree();
  const verbs = configVerbs(made.config, (spec) => tree.register(spec, 'kernel'));
  const io: CommandIo = { write: () => {}, signal: new AbortController().signal, author: 'terminal' };
  const run = async (line: string): Promise<Reply> => tree.run(line, io);
  return { ...made, run, tree, verbs, held, text: async (line: string) => { const r = await run(line); return typeof r === 'string' ? r : JSON.stringify(r); } };
}

describe('config verbs', () => {
  it('walk through an edit', async () => {
    const { text, run } = await console();
    expect(await text('config set lan.interfaces.lan.ip 192.168.10.1')).toContain('lan.interfaces.lan.ip: 192.168.1.1 → 192.168.10.1');
    expect(await text('config set vpn.ike life 3600')).toContain('28800 → 3600');
    expect(await run('config diff')).toEqual({ columns: ['setting', 'before', 'after'], rows: [['lan.interfaces.lan.ip', '192.168.1.1', '192.168.10.1'], ['vpn.ike.life', '28800', '3600']] });
    expect(await text('config show lan.interfaces.lan.ip')).toBe('192.168.1.1');
    expect(await text('config commit')).toContain('committed, 2 changes');
    expect(await text('config commit')).toBe('nothing to commit');
    expect(await text('config show lan interfaces lan ip')).toBe('192.168.10.1');
    expect(await run('config show vpn.ike')).toEqual({ columns: ['setting', 'value', 'from'], rows: [['vpn.ike.life', '3600', 'set'], ['vpn.ike.peer', '""', 'default']] });
    expect(await text('config delete vpn.ike.life')).toContain('3600 → 28800');
    expect(await text('config discard')).toContain('discarded');
    expect(await text('config rollback 1')).toContain('3600 → 28800');
    expect((await run('config history') as Table).rows.map((r) => [r[0], r[2], r[3]])).toEqual([[0, 'terminal', 2], [1, 'terminal', 2], [2, 'start', 0]]);
    expect(await text('config history 1')).toContain('192.168.10.1');
    expect(await text('config diff 1')).toContain('192.168.10.1');
  });

  it('add to lists and take from them', async () => {
    const { text } = await console();
    expect(await text('config set lan.dns add 8.8.8.8')).toContain('192.168.1.1 → 192.168.1.1, 8.8.8.8');
    expect(await text('config set lan dns remove 192.168.1.1')).toContain('→ 8.8.8.8');
    await expect(text('config set lan dns remove 1.1.1.1')).rejects.toThrow(/has no entry 1.1.1.1; it has: 8.8.8.8/);
    await expect(text('config set lan dns add x')).rejects.toThrow(/lan.dns: 'x' is not valid/);
    await expect(text('config set lan dns add')).rejects.toThrow(/add what/);
    expect(await text('config set lan.leases add {"mac":"aa","ip":"1.2.3.4"}')).toContain('lan.leases[0].ip: (not set) → 1.2.3.4');
    expect(await text(`config set lan.leases '[{"mac": "bb", "ip": "1.2.3.4"}]'`)).toContain('bb');
    expect(await text('config delete lan.leases[0]')).toContain('(not set)');
  });

  it('say what is allowed', async () => {
    const { text } = await console();
    const refused = async (line: string, why: RegExp) => { const e = await text(line).catch((x: unknown) => x); expect(e).toBeInstanceOf(CliError); expect(String(e)).toMatch(why); };
    await refused('config set lan.mode hub', /one of router, bridge/);
    await refused('config set lan.mode', /a value is missing; allowed: one of router, bridge/);
    await refused('config set lan', /a value is missing; allowed: one of active, mtu/);
    await refused('config set lan foo 1', /lan has no setting 'foo 1'; there are: active/);
    await refused('config show nat', /there are no settings 'nat'/);
    await refused('config show lan mtu extra', /no setting 'extra'/);
    await refused('config confirm', /no commit waits/);
    await refused('config commit confirm 0', /1 to 1440/);
    await refused('config save', /without a state directory/);
    await refused('config set lan.__proto__.x 1', /cannot be the name/);
    await text('config set lan.uplink.mode static');
    await refused('config commit', /lan.uplink.ip/);
  });

  it('cover secrets everywhere', async () => {
    const { text, tree, held } = await console();
    expect(await text('config set lan.wifi.key hunter22')).toContain('lan.wifi.key: (changed)');
    await text('config set lan.wifi.psk hunter23');
    for (const line of ['config diff', 'config commit', 'config show', 'config show lan.wifi', 'config show lan.wifi.key', 'config history 0', 'config rollback 1', 'config diff 1']) {
      expect(await text(line)).not.toContain('hunter');
    }
    await held.dispose();
    expect(await text('config show')).not.toContain('vpn.ike.life');
    expect(tree.verbs().length).toBe(14);
  });

  it('roll back unconfirmed commits, reset, save', async () => {
    const { text, clock, config, verbs, tree } = await console(temporaryDir());
    await text('config set lan.mtu 1400');
    expect(await text('config commit confirm 5')).toContain('2008-01-01 00:05:00 UTC unless you type: config confirm');
    clock.advance(300_000);
    await text('config save');
    expect(await text('config show lan.mtu')).toBe('1500');
    await text('config set lan.mtu 1300');
    await text('config commit note tested by hand');
    expect(config.history()[0]?.note).toBe('tested by hand');
    expect(await text('config default save')).toContain('saved');
    expect(await text('config save')).toContain('saved in');
    await text('config reset factory');
    expect(await text('config show lan.mtu')).toBe('1500');
    expect(await text('config reset')).toBe('user-defined default loaded, 1 change');
    expect(await text('config show lan.mtu')).toBe('1300');
    await verbs.dispose();
    expect(tree.verbs()).toEqual([]);
    await config.close();
  });
});

describe('the settings reference', () => {
  it('lists every setting with type, range, default and help', () => {
    const text = settingsReference([ike(), lan()]);
    expect(text).toContain('| lan.mtu | integer | octets | 576–9000 | 1500 | largest packet |');
    expect(text).toContain('| lan.active | yes/no |  |  | yes | LAN: forward for this side |');
    expect(text).toContain('| lan.mode | choice |  | router, bridge | router | how \\| it works |');
    expect(text).toContain('| lan.interfaces.&lt;name>.ip | ipv4 |');
    expect(text).toContain('| lan.leases[n].mac | text |');
    expect(text).toContain('| lan.wifi.key | text, secret |  |  | (secret) | radio key |');
    expect(text.indexOf('## lan')).toBeLessThan(text.indexOf('## vpn.ike'));
  });
});
