import { z } from 'zod';
import { partsOf } from '../../cli/draw.ts';
import type { PanelInfo } from '../panels.ts';
import { HttpProblem } from '../problem.ts';
import { downloadOperations } from './downloads.ts';
import { type Identity, permits } from '../roles.ts';
import { type Operation, operation, reading, writing } from './operation.ts';
import type { RestParts } from './parts.ts';

const tag = 'panels';
const panel = { panel: { schema: z.string(), help: 'place in the menu tree, slashes written as %2F' } };

/** The pages of the plugins, as data. */
export function panelOperations({ router }: RestParts): Operation[] {
  const { panels } = router;
  const known = (path: string): PanelInfo => {
    const found = panels.list().find((p) => p.path === path);
    if (found === undefined) throw new HttpProblem(404, `there is no panel '${path.slice(0, 60)}'; there are: ${panels.list().map((p) => p.path).join(', ') || 'none'}`);
    return found;
  };
  return [
    operation({
      id: 'panels', method: 'get', at: '/panels', tag, summary: 'The pages that plugins bring', access: 'read', answer: { type: 'object', properties: { panels: { type: 'array', items: { $ref: '#/components/schemas/Panel' } } } },
      description: 'A token with areas gets the pages of these plugins.',
      run: ({ require, identity }) => {
        const seen = panels.list().filter(({ owner, path }) => sees(identity, owner, path));
        if (seen.length === 0) require(reading('panel'));
        return { panels: seen };
      },
    }),
    operation({
      id: 'panel_view', method: 'get', at: '/panels/{panel}', tag, summary: 'What the page shows now', access: 'read', path: panel, answer: 'View',
      run: ({ require, path: { panel: path } }) => {
        const { owner } = known(path);
        require(reading(owner, `panel ${path}`), reading('panel'));
        return snapshot((push, end) => panels.open(path, push, end));
      },
    }),
    operation({
      id: 'panel_action', method: 'post', at: '/panels/{panel}/actions/{action}', tag, summary: 'Use an action of the page', access: 'write', answer: 'Output',
      path: { ...panel, action: { schema: z.string(), help: 'name of the action' } }, body: z.unknown(),
      run: async ({ require, path: { panel: path, action }, body }) => {
        const { owner, actions } = known(path);
        if (!actions.includes(action)) throw new HttpProblem(404, `the panel '${path}' has no action '${action.slice(0, 60)}'; it has: ${actions.join(', ') || 'none'}`);
        // What only looks is for everybody who sees the page, as on the live console.
        const wish = panels.reads(path, action) ? reading : writing;
        require(wish(owner, `panel ${path}`), wish('panel'));
        return { parts: partsOf(await panels.act(path, action, body)) };
      },
    }),
  ];
}

const sees = (identity: Identity, owner: string, path: string): boolean => [reading(owner, `panel ${path}`), reading('panel')].some((act) => permits(identity, act));

/** The first view that a panel pushes. One that shows itself only later has nothing to show now. */
function snapshot(open: (push: (view: unknown) => void, end: (why: string) => void) => { dispose(): void | Promise<void> }): unknown {
  let view: unknown;
  let why: string | undefined;
  const held = open((v) => { view ??= v; }, (w) => { why ??= w; });
  void held.dispose();
  if (view !== undefined) return view;
  throw new HttpProblem(why === undefined ? 409 : 500, why ?? 'the panel has nothing to show yet');
}

/** The same once per panel and action. */
export function panelsInDocument(parts: RestParts, fixed: readonly Operation[]): Operation[] {
  const { router } = parts;
  const of = (id: string): Operation => fixed.find((o) => o.id === id)!;
  return router.panels.list().flatMap(({ path, title, owner, actions }) => {
    const at = `/panels/${encodeURIComponent(path)}`;
    const name = path.replace(/[^\w]+/g, '_');
    const { path: _view, ...view } = of('panel_view');
    const { path: _act, ...act } = of('panel_action');
    return [
      { ...view, id: `panel_view_${name}`, at, plugin: owner, summary: `${title}: what the page shows now` },
      ...actions.map((action): Operation => ({ ...act, access: router.panels.reads(path, action) ? 'read' : 'write', id: `panel_action_${name}_${action}`, at: `${at}/actions/${encodeURIComponent(action)}`, plugin: owner, summary: `${title}: ${action}`, bodySchema: {} })),
      ...downloadOperations(parts, path),
    ];
  });
}
