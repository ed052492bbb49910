import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePart } from '../../../../lab/carrier/card-file.ts';
import { CardShelf } from '../../../../lab/carrier/card-shelf.ts';
import { factsOf, fill } from '../../../../lab/carrier/facts.ts';
import { terminal } from './terminal.ts';

const shelf = new CardShelf();
const cellular = new URL('../../../../plugins/cellular-cards/', import.meta.url);

describe('card files', () => {
  it.each(shelf.models())('%s: whole, known to a plugin, and every placeholder is a fact', model => {
    const card = shelf.card(model);
    expect(card.ports.length).toBeGreaterThan(0);
    expect(new Set(card.ports.map(p => p.interface)).size).toBe(card.ports.length);
    const manifests = readdirSync(cellular, { withFileTypes: true }).filter(d => d.isDirectory()).flatMap(d => {
      try { return [JSON.parse(readFileSync(new URL(`${d.name}/card.json`, cellular), 'utf8')) as { usb?: string[]; storage?: string[]; pcmcia?: object[] }]; } catch { return []; }
    });
    if (model !== 'generic-3gpp') expect(manifests.some(m => (card.usb !== undefined && m.usb?.includes(card.usb)) || (card.pcmcia !== undefined && m.pcmcia !== undefined))).toBe(true);
    if (card.storage) expect(manifests.some(m => m.storage?.includes(card.storage!.usb))).toBe(true);
    const t = terminal(model);
    const facts = factsOf(t.card);
    const open = [...card.answers.flatMap(a => [...a.say ?? [], a.final ?? '']), ...card.reports.flatMap(r => r.say)].flatMap(line => fill(line, facts).match(/\{\w+\}/g) ?? []);
    // What a command sets is a fact from then on, and its rules ask for it first.
    const set = new Set(card.answers.flatMap(a => Object.keys(a.set ?? {})).map(name => `{${name}}`));
    expect(open.filter(name => !set.has(name))).toEqual([]);
  });

  it('are found however the model is written, and otherwise the error names what there is', () => {
    expect(shelf.card('GTMax 3.6').model).toBe('GTMax 3.6');
    expect(shelf.card('PX-500')).toEqual(shelf.card('px500'));
    expect(() => shelf.card('nokia')).toThrow(/^no card "nokia"; there are ac580, /);
  });

  it('say what is wrong in them', () => {
    expect(() => parsePart('x.json', '{')).toThrow(/^x\.json: /);
    expect(() => parsePart('x.json', '{"answers":[{"say":"x"}]}')).toThrow('x.json: answers.0: a rule has either "on" or "like"');
    expect(() => parsePart('x.json', '{"answers":[{"like":"("}]}')).toThrow(/^x\.json: \(: /);
    expect(() => parsePart('x.json', '{"colour":"red"}')).toThrow(/colour/);
    expect(() => shelf.read('x.json', '{"family":"gsm"}')).toThrow('x.json: "model" is said neither in it nor in its family');
    expect(() => shelf.read('x.json', '{"family":"../cards/ac881"}')).toThrow('no family');
  });
});
