import { definePlugin, z } from 'lancell/sdk';
import { parse4 } from 'lancell/sdk/wire/address';

/** Attacks as a plugin tells of them: many senders, some worse than others, and a kind that would like to be markup. */
export default definePlugin({
  id: 'attackers',
  setup(ctx) {
    const dst = parse4('198.51.100.2')!;
    const link = ctx.links.byName('wan')?.id ?? -1;
    const tell = (kind: string, from: string, times = 1): void => {
      for (let i = 0; i < times; i++) ctx.emit('security/attack', { kind, src: parse4(from)!, dst, link, detail: `${times} of ${kind}` });
    };
    for (let i = 1; i <= 40; i++) tell('port scan', `203.0.113.${i}`, i === 7 ? 90 : 1);
    tell('land', '203.0.113.200');
    tell('<img src=x onerror=alert(1)>', '203.0.113.201', 2);
    ctx.command({ path: 'attackers again', help: 'one more port scan', args: { from: { schema: z.string(), help: 'address' } }, run: ({ from }) => tell('port scan', from) });
  },
});
