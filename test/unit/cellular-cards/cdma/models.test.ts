import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startUp } from '../../../../plugins/cellular-cards/core/modem/scripts.ts';
import { technologies } from '../../../../sdk/index.ts';
import type { CardManifest } from '../../../../plugins/cellular-cards/contract.ts';
import ac580 from '../../../../plugins/cellular-cards/ac580/plugin.ts';
import ac595 from '../../../../plugins/cellular-cards/ac595/plugin.ts';
import ac597e from '../../../../plugins/cellular-cards/ac597e/plugin.ts';
import ec300 from '../../../../plugins/cellular-cards/ec300/plugin.ts';
import ec321 from '../../../../plugins/cellular-cards/ec321/plugin.ts';
import ec360 from '../../../../plugins/cellular-cards/ec360/plugin.ts';
import ec500 from '../../../../plugins/cellular-cards/ec500/plugin.ts';
import ex720 from '../../../../plugins/cellular-cards/ex720/plugin.ts';
import kpc680 from '../../../../plugins/cellular-cards/kpc680/plugin.ts';
import pc5750 from '../../../../plugins/cellular-cards/pc5750/plugin.ts';
import px500 from '../../../../plugins/cellular-cards/px500/plugin.ts';
import v740 from '../../../../plugins/cellular-cards/v740/plugin.ts';
import type { AtAnswer, Script, StepResult } from '../../../../sdk/index.ts';
import { cardOf, run } from './card.ts';

const plugins = { ac580, ac595, ac597e, ec300, ec321, ec360, ec500, ex720, kpc680, pc5750, px500, v740 };

describe.each(Object.entries(plugins))('%s', (folder, plugin) => {
  const card = cardOf(plugin);
  const { dialect } = card;

  it('says the same in its plugin and its manifest', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, `../../../../plugins/cellular-cards/${folder}/card.json`), 'utf8')) as CardManifest;
    expect(plugin.id).toBe(`cellular-cards.${folder}`);
    expect({ model: manifest.model, usb: manifest.usb, storage: manifest.storage }).toEqual({ model: card.model, usb: card.match.usb, storage: card.storage?.usb });
    for (const id of [...card.match.usb, ...(card.storage?.usb ?? [])]) expect(id).toMatch(/^[0-9a-f]{4}:[0-9a-f]{4}$/);
    expect(card.technologies.every(t => technologies.includes(t))).toBe(true);
    expect(card.match.ident).toContain(card.model);
  });

  it('is a CDMA card: calls #777, has no APN', () => {
    expect(dialect.system).toBe('cdma');
    expect(dialect.dial(1)).toEqual(['ATDT#777']);
    expect(dialect.context).toBeUndefined();
    expect(card.quirks?.lcpEcho ?? false).toBe(false);
    expect(Object.values(card.ports)).toContain('data');
  });

  it('sets up the port that dials, and the one that takes commands, each with its own lines', () => {
    const ran = run(startUp(card), {});
    const [data, others] = [true, false].map(dials => card.dialect.init.filter(i => (i.port === 'data') === dials).map(i => i.line));
    expect(data!.some(line => /&D2/.test(line) && /&C1/.test(line))).toBe(true);
    expect(others).toContain('ATE0');
    for (const line of data!) expect(ran.ports[ran.sent.indexOf(line)]).toBe('data');
    for (const line of others!) expect(/&|\bATZ|S0=/.test(line)).toBe(false);
  });

  it('shows no PIN page trouble without a SIM', () => {
    expect(dialect.pin ? run(dialect.pin(), {}).value : { state: 'not applicable' }).toMatchObject({ state: 'not applicable' });
  });

  it('ends every script on silence, with words and never a throw', () => {
    for (const final of ['ERROR', 'timeout', 'gone']) {
      const silent = { at: {}, online: final === 'gone' };
      expect(run(dialect.registration(), silent).value.state).toBe('unknown');
      expect(run(dialect.signal(), silent).value).toBeUndefined();
      expect(run(dialect.technology(), silent).value).toBeUndefined();
      expect(run(dialect.identity(), silent).value).toMatchObject({ model: '', esn: undefined });
      run(dialect.networkTypes!(), silent);
    }
  });

  it('takes any answer to anything', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom('+CSS: ?,4384', '^SYSINFO: 2,3', 'RX0=', '+CPIN: ', 'SID: x  NID:', '^PREFMODE:(8', '+GSN:', '~NAMVAL'));
    const result = fc.oneof(fc.array(line, { maxLength: 4 }).map((lines): StepResult => ({ ok: true, final: 'OK', lines, error: undefined } satisfies AtAnswer)), fc.uint8Array({ maxLength: 140 }), fc.constant(undefined));
    fc.assert(fc.property(fc.array(result, { minLength: 1, maxLength: 40 }), fc.constantFrom('registration', 'signal', 'technology', 'identity', 'networkTypes', 'pin', 'openSecond'), (results, name) => {
      const script = (dialect[name] as (() => Script<unknown>) | undefined)?.();
      if (script === undefined) return;
      let turn = script.next(undefined);
      for (let i = 0; turn.done !== true && i < 500; i++) {
        const next = results[i % results.length];
        const at: StepResult = turn.value.kind === 'at' ? (next !== undefined && 'final' in next ? next : { ok: false, final: 'ERROR', lines: [], error: undefined }) : next instanceof Uint8Array ? next : undefined;
        turn = script.next(at);
      }
      expect(turn.done).toBe(true);
    }), { numRuns: 150 });
  });
});
