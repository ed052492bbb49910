import { describe, expect, it } from 'vitest';
import { commonBegin, complete } from '../../../kernel/cli/complete.ts';
import { VerbTree } from '../../../kernel/cli/tree.ts';
import { VirtualClock } from '../../../kernel/clock.ts';
import { type Args, z } from '../../../sdk/index.ts';

function sample(): VerbTree {
  const tree = new VerbTree();
  const add = (path: string, args?: Args): void => void tree.register({ path, help: path, ...(args === undefined ? {} : { args }), run: () => {} }, 't');
  add('ip arp status', { link: { schema: z.string(), help: 'link', complete: async () => ['eth0', 'eth1', 'my lan'] } });
  add('ip address');
  add('ip arp ackGratuitous active', { on: { schema: z.enum(['yes', 'no']), help: 'react' } });
  add('commit', { note: { schema: z.string().optional(), help: 'why', rest: true } });
  add('commit confirm', { minutes: { schema: z.number(), help: 'minutes' } });
  add('flag', { on: { schema: z.boolean(), help: 'switch' } });
  add('broken', { x: { schema: z.string(), help: 'x', complete: () => { throw new Error('no'); } } });
  add('slow', { x: { schema: z.string(), help: 'x', complete: () => new Promise(() => {}) } });
  return tree;
}

const at = (line: string, cursor = line.length) => complete(sample(), line, cursor, new VirtualClock());
const words = async (line: string, cursor?: number): Promise<string[]> => (await at(line, cursor)).candidates.map((c) => c.word);

describe('completion', () => {
  it.each([
    ['', ['broken', 'commit', 'flag', 'ip', 'slow']],
    ['i', ['ip']],
    ['ip a', ['address', 'arp']],
    ['ip ar', ['arp']],
    ['ip arp ', ['ackGratuitous', 'status']],
    ['i ar ACK', ['ackGratuitous']],
    ['ip arp ackg active ', ['yes', 'no']],
    ['ip arp ackg active n', ['no']],
    ['ip arp status ', ['eth0', 'eth1', '"my lan"']],
    ['ip arp status m', ['"my lan"']],
    ['ip arp status "m', ['"my lan"']],
    ['ip arp status eth0 ', []],
    ['commit ', ['confirm']],
    ['flag o', ['on', 'off']],
    ['help ip a', ['address', 'arp']],
    ['nothing here', []],
    ['broken ', []],
  ])('%j', async (line, expected) => expect(await words(line)).toEqual(expected));

  it('tells what it replaces, and what is expected', async () => {
    expect(await at('ip ar sta')).toMatchObject({ from: 6, to: 9 });
    expect(await at('ip arp status ')).toMatchObject({ from: 14, to: 14, hint: '<link> link: text' });
    expect((await at('commit confirm ')).hint).toBe('<minutes> minutes: a number');
  });

  it('looks only at what stands before the cursor', async () => expect(await words('ip a arp', 4)).toEqual(['address', 'arp']));

  it('gives help for every candidate', async () => expect((await at('ip a')).candidates).toEqual([
    { word: 'address', help: 'ip address' }, { word: 'arp', help: 'ackGratuitous, status' }]));

  it('does not wait for ever for a completer', async () => {
    const clock = new VirtualClock();
    const asked = complete(sample(), 'slow ', 5, clock);
    await Promise.resolve();
    clock.advance(2000);
    expect((await asked).candidates).toEqual([]);
    expect(clock.next()).toBeUndefined();
  });

  it('finds the common begin in any case', () => {
    expect(commonBegin([{ word: 'ackA', help: '' }, { word: 'ACKb', help: '' }])).toBe('ack');
    expect(commonBegin([])).toBe('');
  });
});
