import { definePlugin, type View, z } from 'lancell/sdk';

/** What somebody on the network may call himself. */
const HOSTILE = '<img src=x onerror=alert(1)>"\'><script>alert(2)</script>\u202e\u0007';

/** One of each kind of view, filled with text that would like to be more than text; and a custom element. */
export default definePlugin({
  id: 'parade',
  version: '1.0.0',
  title: 'One of each',
  config: z.object({ motto: z.string().default('steady').meta({ title: 'Motto' }) }),
  setup(ctx) {
    ctx.log.warn({ host: HOSTILE }, `a host calls itself ${HOSTILE}`);
    ctx.panel({ path: 'parade/element', title: 'Element', view: (): View => ({ kind: 'element', tag: 'parade-badge', module: 'badge.js', data: { name: HOSTILE } }) });
    ctx.panel({ path: 'parade/broken', title: 'Broken', view: (): View => ({ kind: 'stack', title: 'Broken', views: [
      { kind: 'element', tag: 'parade-stillborn', module: 'stillborn.js', data: null }, { kind: 'element', tag: 'parade-fickle', module: 'fickle.js', data: { at: ctx.clock.wall() } },
      { kind: 'facts', facts: { facts: { 'the page': 'lives' } } },
    ] }) });
    let votes = 0;
    ctx.panel({
      path: 'parade/vote', title: 'Vote', view: (): View => ({ kind: 'element', tag: 'parade-vote', module: 'vote.js', data: { votes } }),
      actions: { vote: () => { votes++; } },
    });
    const order = ['first', 'second', 'third', 'fourth'];
    ctx.panel({
      path: 'parade/order', title: 'Order',
      view: (): View => ({ kind: 'table', table: { title: 'rules', columns: ['#', 'rule'], rows: order.map((rule, i) => [i + 1, rule]) }, move: 'reorder' }),
      actions: {
        reorder(input) {
          const { from, to } = input as { readonly from: number; readonly to: number };
          order.splice(to, 0, ...order.splice(from, 1));
        },
      },
    });
    ctx.panel({
      path: 'parade/views', title: 'Views', actions: { forget: () => HOSTILE, greet: () => HOSTILE },
      view: (): View => ({
        kind: 'stack', title: HOSTILE, views: [
          { kind: 'facts', facts: { facts: { [HOSTILE]: HOSTILE } } },
          { kind: 'table', table: { title: HOSTILE, columns: ['host', HOSTILE], rows: [[HOSTILE, HOSTILE], ['b', 2]] }, rowActions: ['forget'] },
          { kind: 'gauge', title: HOSTILE, value: 3, max: 4, unit: HOSTILE },
          { kind: 'chart', title: HOSTILE, unit: HOSTILE, series: [HOSTILE], points: [[1_700_000_000_000, 1], [1_700_000_001_000, 2]] },
          { kind: 'log', lines: [HOSTILE], title: HOSTILE },
          { kind: 'graph', title: HOSTILE, nodes: [{ id: 'a', label: HOSTILE, detail: HOSTILE }, { id: 'b', label: 'b' }], edges: [{ from: 'a', to: 'b', label: HOSTILE }] },
          { kind: 'tabs', tabs: [{ title: HOSTILE, view: { kind: 'log', lines: [HOSTILE] } }, { title: 'form', view: { kind: 'form', settings: 'parade' } }] },
        ],
      }),
    });
  },
});
