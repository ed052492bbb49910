import { Observable } from 'rxjs';
import { type View, z } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import { RuleEditor } from './edit.ts';
import { read } from './page-input.ts';
import { rulePanel } from './panels-rules.ts';
import { actions } from './settings.ts';
import { attackTable, dropTable, matrixTable, statusFacts, thresholdFacts, TRIANGLE_WARNING } from './tables.ts';
import { serviceRows } from './verbs-rule.ts';

const REFRESH_MS = 2000;
const ROWS = 20;

/** The tabs of the original's firewall page. */
export function panels(core: Core): void {
  const { ctx } = core;
  const editor = new RuleEditor(core);
  const live = (view: () => View) => (): Observable<View> => new Observable<View>((page) => {
    page.next(view());
    const timer = ctx.clock.every(REFRESH_MS, () => page.next(view()));
    return () => void timer.dispose();
  });
  const form = (path: string, title?: string): View => ({ kind: 'form', settings: 'firewall', path, ...(title === undefined ? {} : { title }) });

  ctx.panel({
    path: 'security/firewall/default-rule', title: 'Default Rule',
    view: live(() => ({ kind: 'stack', title: 'Default Rule', views: [
      form('active'), form('profile'), form('triangleRoute'),
      ...(core.triangle ? [{ kind: 'log' as const, lines: [TRIANGLE_WARNING] }] : []),
      { kind: 'facts', facts: statusFacts(core) },
      { kind: 'table', table: matrixTable(core) },
      form('directions', 'Directions that differ from the profile'),
    ] })),
    actions: { async setDefault(input) {
      const d = read(directionInput, input);
      await editor.setDefault(editor.zone(d.from, true), editor.zone(d.to, true), d.action === 'profile' ? undefined : d.action, d.action === 'profile' ? undefined : d.log, 'page');
      return matrixTable(core);
    } },
  });
  rulePanel(core, editor, live);
  ctx.panel({
    path: 'security/firewall/anti-probing', title: 'Anti-Probing',
    view: live(() => ({ kind: 'stack', title: 'Anti-Probing', views: [form('antiProbing'), form('antiSpoofing'), form('scans')] })),
  });
  ctx.panel({
    path: 'security/firewall/threshold', title: 'Threshold',
    view: live(() => ({ kind: 'stack', title: 'Threshold', views: [
      { kind: 'facts', facts: thresholdFacts(core) }, form('dos'), form('sessionsPerHost'), form('log'),
      { kind: 'table', table: { ...attackTable(core, ROWS), title: 'Attacks' } }, { kind: 'table', table: { ...dropTable(core, ROWS), title: 'Refused lately' } },
    ] })),
    actions: { forgetAttacks: () => core.attacks.clear() },
  });
  ctx.panel({
    path: 'security/firewall/service', title: 'Service',
    view: live(() => ({ kind: 'stack', title: 'Service', views: [form('services', 'Own services'), form('groups', 'Address groups'), { kind: 'table', table: serviceRows(core) }] })),
  });
}

const directionInput = z.object({ from: z.string(), to: z.string(), action: z.enum([...actions, 'profile']), log: z.boolean().optional() });
