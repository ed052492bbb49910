import { merge, Observable } from 'rxjs';
import { NeighbourhoodToken, type PanelSpec, type PluginCatalog, type PluginContext, type View } from '../../../sdk/index.ts';
import type { BudgetSource } from '../contract.ts';
import { actions } from './panels-actions.ts';
import { cardData } from './panels-card.ts';
import { Charts } from './panels-charts.ts';
import { neighbourhood } from './panels-picture.ts';
import { saved, settingsData } from './panels-settings.ts';
import { files, storageDownloads, storageView } from './panels-storage.ts';
import { timelineData } from './panels-timeline.ts';
import type { CellularService } from './service.ts';
import type { Settings } from './settings.ts';
import type { Downloads } from './slots/downloads.ts';
import type { Slots } from './slots/slots.ts';

/** What nobody tells, ages above all, is looked at so often. */
const LOOK_MS = 1000;

export interface PanelParts {
  readonly ctx: Pick<PluginContext<Settings, {}, unknown>, 'panel' | 'clock' | 'events' | 'contribute' | 'commit' | 'log'>;
  readonly cellular: CellularService;
  readonly slots: Slots;
  readonly downloads: Downloads;
  readonly catalog: PluginCatalog;
  readonly budgets: readonly BudgetSource[];
  settings(): Settings;
}

/** The window on the home page, the tabs of the Cellular page, and the place in the picture of the network. */
export function panels(parts: PanelParts): void {
  const { ctx, cellular, slots, downloads } = parts;
  const charts = new Charts(ctx.clock, cellular);
  const models = supported(parts);
  const element = (name: string, data: unknown): View => ({ kind: 'element', tag: `cellular-cards-core-${name}`, module: `${name}.js`, data });
  const card = (): View => element('card-page', cardData(parts, models.list));
  const told = merge(ctx.events('card/status'), ctx.events('card/removed'), ctx.events('cellular/budget'));
  const when = (view: () => View): Observable<View> => new Observable<View>(page => {
    let shown = '';
    const look = (): void => {
      const next = view();
      // The time of the router goes on by itself; pages count from what they were told first.
      const text = JSON.stringify(next, (key, value: unknown) => (key === 'wall' ? undefined : value));
      if (text !== shown) page.next(next);
      shown = text;
    };
    look();
    models.refresh(look);
    const timer = ctx.clock.every(LOOK_MS, look);
    const listening = told.subscribe(look);
    return () => {
      void timer.dispose();
      listening.unsubscribe();
    };
  });

  const act = actions(parts);
  const panel = (path: string, title: string, order: number, view: () => Observable<View>, rest: Pick<PanelSpec, 'actions' | 'reads' | 'downloads'> = {}): void => {
    ctx.panel({ path, title, order, view, ...rest });
  };
  ctx.panel({ path: 'home/cellular', title: '3G Card Status', view: () => when(() => element('card-window', cardData(parts, models.list))), actions: act.card });
  panel('network/cellular', 'Card', 1, () => charts.beside(when(card)), { actions: act.card });
  panel('network/cellular/settings', 'Settings', 2, () => when(() => element('settings-form', settingsData(parts))), { actions: { save: input => saved(parts, input) } });
  panel('network/cellular/timeline', 'Timeline', 7, () => when(() => element('timeline', timelineData(cellular, ctx.clock.wall()))));
  panel('network/cellular/modem', 'AT commands', 8, () => when(() => element('at-commands', { slots: cellular.list().filter(s => s.spec !== undefined).map(s => ({ slot: s.slot, title: `${s.spec?.maker || s.maker} ${s.model}`.trim() })) })), { actions: act.modem });
  panel('network/cellular/storage', 'Storage', 9, () => when(() => storageView(slots, cellular, downloads)), { actions: { ...act.storage, files: input => files(slots, input) }, reads: ['files'], downloads: storageDownloads(downloads) });
  ctx.contribute(NeighbourhoodToken, neighbourhood(cellular));
}

/** Names of the cards there are plugins for; read from the folders when somebody looks. */
function supported({ catalog, ctx }: PanelParts): { readonly list: readonly string[]; refresh(then: () => void): void } {
  let list: readonly string[] = [];
  return {
    get list() { return list; },
    refresh(then) {
      catalog.list().then(found => {
        const next = found.flatMap(({ manifest }) => titleOf(manifest) ?? []).sort((a, b) => a.localeCompare(b, 'en'));
        if (next.join() === list.join()) return;
        list = next;
        then();
      }, (error: unknown) => ctx.log.warn({ error: String(error) }, 'cannot list the cards that are known'));
    },
  };
}

function titleOf(manifest: unknown): string | undefined {
  const { title, model } = (manifest ?? {}) as { readonly title?: unknown; readonly model?: unknown };
  return typeof title === 'string' ? title : typeof model === 'string' ? model : undefined;
}
