import { describe, expect, it } from 'vitest';
import { VerbTree } from '../../../../kernel/cli/tree.ts';
import { Session } from '../../../../kernel/cli/session.ts';
import { draw } from '../../../../kernel/cli/draw.ts';
import { complete } from '../../../../kernel/cli/complete.ts';
import { cardVerbs } from '../../../../lab/carrier/verbs.ts';
import { shelf, terminal } from './terminal.ts';

function desk(model = 'ac881') {
  const t = terminal(model);
  const tree = new VerbTree();
  const verbs = cardVerbs({ carrier: t.carrier, rack: t.rack, shelf }, spec => tree.register(spec, 'lab'));
  const session = new Session({ tree, clock: t.clock, author: 'test' });
  return {
    ...t, tree, verbs,
    verb: async (line: string) => {
      let text = '';
      const { error } = await session.start(line, part => { text += draw(part, { width: undefined, ansi: false }); }).done;
      return error ?? text;
    },
  };
}

describe('lab card', () => {
  it('inserts, lists, and pulls out', async () => {
    const d = desk();
    expect(await d.verb('lab card list')).toMatch(/1 {2}Sierra Wireless AirCard 881 +there +home/);
    expect(await d.verb('lab card insert e620')).toContain('Huawei E620 is in slot 2');
    expect(await d.verb('lab card insert EC500 4')).toContain('slot 4');
    expect(await d.verb('lab card insert e620 2')).toContain('slot 2 has a E620: "lab card remove 2" first');
    expect(await d.verb('lab card insert nokia')).toContain('no card "nokia"; there are ac580');
    expect(await d.verb('lab card insert ac880 3 storage')).toContain('slot 3');
    expect(await d.verb('lab card list')).toMatch(/3 {2}Sierra Wireless AirCard 880 +storage/);
    expect(await d.verb('lab card signal -97 3')).toContain('the AC880 in slot 3 is in storage mode');
    expect(await d.verb('lab card insert u740')).toContain('all 4 slots are taken');
    expect(await d.verb('lab card remove 2')).toContain('E620 is out');
    expect(await d.verb('lab card remove 2')).toContain('slot 2 is empty');
    expect((await d.verb('lab card models')).split('\n').length).toBeGreaterThan(32);
  });

  it('plays with level, call, SIM, access points, network and faults', async () => {
    const d = desk();
    expect(await d.verb('lab card signal -97')).toMatch(/technology +HSDPA\ndBm +-97/);
    expect(await d.verb('lab card signal auto')).not.toContain('-97');
    expect(await d.verb('lab card signal 5')).toContain('-40');
    expect(await d.verb('lab card drop')).toContain('the AC881 has no call');
    d.say('AT+CGDCONT=1,"IP","internet"');
    d.say('ATD*99#');
    expect(await d.verb('lab card list')).toMatch(/AirCard 881 +online/);
    expect(await d.verb('lab card drop')).toContain('the call of the AC881 is gone');
    expect(await d.verb('lab card pin 4321')).toMatch(/locked +yes/);
    expect(d.rack.sim(1)).toMatchObject({ pin: '4321', locked: true });
    expect(await d.verb('lab card pin off')).toMatch(/locked +no/);
    expect(await d.verb('lab card pin 12')).toContain('4 to 8 digits');
    expect(await d.verb('lab card apn mine pap me sesame')).toMatch(/mine +pap +me +sesame/);
    expect(await d.verb('lab card apn mine remove')).not.toContain('mine');
    expect(await d.verb('lab card network roaming')).toContain('a foreign one');
    d.clock.advance(5000);
    expect(d.card.service().stat).toBe(5);
    expect(await d.verb('lab card network away')).toMatch(/towers +away/);
    expect(d.card.service().stat).toBe(2);
    await d.verb('lab card network back');
    expect(await d.verb('lab card network busy')).toMatch(/calls +BUSY/);
    expect(await d.verb('lab card fault silent')).toContain('the AC881: silent');
    expect(d.say('AT')).toEqual([]);
    expect(await d.verb('lab card fault none')).toContain('the AC881 works');
    const { key } = d.rack.device(1)!;
    await d.verb('lab card fault crash');
    d.clock.advance(10_000);
    expect(d.rack.device(1)!.key).not.toBe(key);
  });

  it('sends messages, which wait for a card that is away', async () => {
    const d = desk();
    d.say('ATE0');
    expect(await d.verb('lab card sms hello world')).toContain('sent to +15550100001');
    expect(d.say('AT+CMGL=4').join('\n')).toMatch(/^\+CMGL: 0,0,,\d+\n00[0-9A-F]+\nOK$/);
    expect(d.say('AT+CMGD=0')).toEqual(['OK']);
    expect(d.say('AT+CMGL=4')).toEqual(['OK']);
    expect(await d.verb('lab card remove')).toContain('AC881 is out');
    expect(await d.verb('lab card sms hello')).toContain('no card is in');
    d.carrier.messages.deliver({ from: '+1', to: '+15550100001', text: 'later' });
    expect(d.carrier.messages.waiting('+15550100001')).toBe(1);
    await d.verb('lab card insert e620 1');
    d.clock.advance(5000);
    expect([d.carrier.messages.waiting('+15550100001'), d.rack.sim(1).messages.length]).toEqual([0, 1]);
  });

  it('completes models, words and slots, and goes away', async () => {
    const d = desk();
    const offered = async (line: string) => (await complete(d.tree, line, line.length, d.clock)).candidates.map(c => c.word);
    expect(await offered('lab card insert gt')).toEqual(expect.arrayContaining(['gtmax36', 'gtmax72']));
    expect(await offered('lab card fault s')).toEqual(expect.arrayContaining(['silent', 'slow']));
    for (const v of d.verbs) await v.dispose();
    expect(d.tree.verbs()).toEqual([]);
  });
});
