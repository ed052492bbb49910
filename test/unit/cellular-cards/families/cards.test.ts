import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Dialect, Login } from '../../../../sdk/index.ts';
import { cardFile, ScriptedCard, specsOf } from './scripted-card.ts';

const login: Login = { apn: 'custom.apn', auth: 'chap/pap', user: 'somebody', password: 's3cret', cid: 1 };

/** Cards of 3GPP that came with the router, by folder. */
const cards = ['e612', 'e620', 'e630', 'u740', 'gtmax36', 'gtmax72', 'ac850', 'ac860', 'ac875', 'ac880', 'ac881', 'generic-3gpp', 'quectel', 'sierra-em', 'telit', 'simcom', 'huawei-me', 'ublox'];

describe.each(cards)('%s', folder => {
  const file = cardFile(folder);
  const read = async (what: string): Promise<unknown> => {
    const { dialect } = (await specsOf(folder))[0]!;
    const card = new ScriptedCard(file.talk);
    if (what === 'dial') return dialect.dial(1);
    if (what === 'login') {
      card.run(dialect.context!(login));
      return card.heard;
    }
    return card.run((dialect[what as 'identity'] as Dialect['identity'])()) ?? null;
  };

  it.each(file.wanted)('%s', async (what, wanted) => {
    const got = await read(what);
    if (Array.isArray(wanted)) expect(got).toHaveLength(wanted.length);
    if (typeof wanted === 'object' && wanted !== null) expect(got).toMatchObject(wanted);
    else expect(got).toBe(wanted);
  });

  it('is set up by its init without a command that must not fail', async () => {
    const { dialect } = (await specsOf(folder))[0]!;
    expect(dialect.init.filter(i => i.must)).toEqual([]);
    expect(dialect.init.every(i => /^AT\S/.test(i.line))).toBe(true);
  });

  it('says in card.json what it is loaded for', async () => {
    const path = fileURLToPath(new URL(`../../../../plugins/cellular-cards/${folder}/card.json`, import.meta.url));
    const specs = await specsOf(folder);
    // The card for all cards is there from the start.
    if (folder === 'generic-3gpp') return expect(existsSync(path)).toBe(false);
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { model: string; usb?: string[]; pcmcia?: unknown[]; storage?: string[] };
    expect(manifest.model).toBe(specs[0]!.model);
    expect([...(manifest.usb ?? [])].sort()).toEqual(specs.flatMap(s => s.match.usb).sort());
    expect(manifest.pcmcia ?? []).toEqual(specs.flatMap(s => s.match.pcmcia ?? []));
    expect([...(manifest.storage ?? [])].sort()).toEqual(specs.flatMap(s => s.storage?.usb ?? []).sort());
    for (const id of [...(manifest.usb ?? []), ...(manifest.storage ?? [])]) expect(id).toMatch(/^[0-9a-f]{4}:[0-9a-f]{4}$/);
  });

  it('gives every question an answer when the card says nothing but ERROR, or garbage', async () => {
    const { dialect } = (await specsOf(folder))[0]!;
    const questions = ['identity', 'pin', 'registration', 'signal', 'technology', 'networkTypes', 'bands', 'openSecond'] as const;
    for (const talk of [new Map<string, string[]>(), { get: (command: string) => [`${/[+^$!*_#%]\w+/.exec(command)?.[0] ?? ''}: ,,"(((,"`, '\u0007;,-1,99999999999999,"', 'OK'] } as unknown as Map<string, string[]>]) {
      for (const question of questions) {
        const script = dialect[question];
        if (script !== undefined) expect(() => new ScriptedCard(talk).run((script as Dialect['identity'])())).not.toThrow();
      }
    }
    expect(new ScriptedCard(new Map()).run(dialect.pin!())).toMatchObject({ state: 'failure', attempts: undefined });
    expect(new ScriptedCard(new Map()).run(dialect.registration())).toMatchObject({ state: 'unknown' });
  });
});
