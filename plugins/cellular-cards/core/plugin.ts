import { getRandomValues } from 'node:crypto';
import { definePlugin, PluginCatalogToken, RestartsToken, UsbToken, z } from '../../../sdk/index.ts';
import '../../failover/contract.ts';
import { AddressesToken, RoutesToken } from '../../ip/contract.ts';
import { BudgetsToken, CallPoliciesToken, CardSourcesToken, CellularToken } from '../contract.ts';
import { CardsToken } from '../../../sdk/card.ts';
import { demandDecider } from './call/demand.ts';
import { Ladder } from './modem/ladder.ts';
import { PinMemory } from './modem/pin-memory.ts';
import { panels } from './panels.ts';
import { CellularService } from './service.ts';
import { fromVersion1, type Settings, settings, verify } from './settings.ts';
import { Downloads } from './slots/downloads.ts';
import { HostSource } from './slots/host-source.ts';
import { Slots } from './slots/slots.ts';
import { storageVerbs } from './slots/storage-verbs.ts';
import { cardVerbs } from './verbs.ts';
import { settingVerbs } from './verbs-settings.ts';

const timelineEntry = z.object({ atMs: z.number(), slot: z.number(), kind: z.enum(['card', 'pin', 'network', 'call', 'recovery', 'sms', 'budget', 'user']), words: z.string() });
const state = z.object({ timeline: z.array(timelineEntry), pins: z.record(z.string(), z.string()) });
type State = z.infer<typeof state>;
const needs = {
  addresses: AddressesToken, routes: RoutesToken, catalog: PluginCatalogToken, usb: UsbToken, restarts: RestartsToken,
  sources: CardSourcesToken, specs: CardsToken, policies: CallPoliciesToken, budgets: BudgetsToken,
};

/** In [0, 1), not to be guessed: numbers of PPP (RFC 1661 §6.4). */
const unguessed = (): number => getRandomValues(new Uint32Array(1))[0]! / 0x1_0000_0000;

/**
 * Cellular cards: slots, modems, calls. What a model or a family does differently comes from the plugins of the cards. `random`: all
 * the chance there is in it, in [0, 1), for tests that want the same again.
 */
export const cellularWith = (random: () => number) => definePlugin<Settings, typeof needs, State>({
  id: 'cellular-cards.core',
  title: 'Cellular',
  needs,
  // Lists that others add themselves to: they are there without any.
  provides: [CellularToken, CardSourcesToken, CardsToken, CallPoliciesToken, BudgetsToken],
  config: settings,
  configVersion: 2,
  migrations: [fromVersion1],
  verify,
  state,
  setup(ctx) {
    const { addresses, routes, catalog, usb, restarts, sources, specs, policies, budgets } = ctx.use;
    let now = ctx.config;
    const pins = new PinMemory(ctx.file('pins.json'), ctx.previous?.pins ?? {}, error => ctx.log.warn({ error: String(error) }, 'cannot keep which SIM refused its stored PIN'));
    const fail = (slot: number) => (error: unknown) => cellular.note(slot, 'recovery', error instanceof Error ? error.message : String(error));
    const cellular: CellularService = new CellularService(ctx, { addresses, routes }, {
      random, ladder: () => new Ladder(random), settings: () => now, specs: () => specs, policies, pins, timeline: ctx.previous?.timeline ?? [],
      has: rung => (rung === 'replug' ? now.enabled && now.recovery.replug && sources.some(s => s.replug !== undefined) : now.enabled),
      replug: slot => { slots.replug(slot).catch(fail(slot)); },
      restart: (slot, why) => {
        const how = now.recovery.restart;
        cellular.note(slot, 'recovery', `${why}; nothing helped so far. ${{ off: 'A restart of the system may help', process: 'The router is to restart', reboot: 'The machine is to restart' }[how]}`);
        if (how === 'off') return;
        ctx.emit('cellular/restart-wanted', { slot, why, how });
        restarts.ask({ how, why, by: ctx.id, tag: slot }).then(refused => { if (refused !== undefined) cellular.note(slot, 'recovery', `no restart: ${refused}`); }).catch(fail(slot));
      },
      report: (slot, { sms, smsPdu }) => {
        if (sms !== undefined) ctx.emit('cellular/message-waiting', { slot, ...sms });
        if (smsPdu !== undefined) ctx.emit('cellular/message', { slot, pdu: smsPdu });
      },
    });
    ctx.scope.add(() => cellular.dispose(), 'cards');
    const came = restarts.cameFrom;
    // Told once a run, not again after a reload of this plugin.
    if (came?.by === ctx.id && ctx.previous === undefined) cellular.note(came.tag, 'recovery', `${came.how === 'reboot' ? 'the machine' : 'the router'} was restarted at ${new Date(came.atMs).toISOString().slice(0, 19).replace('T', ' ')} because ${came.why}`);

    const slots: Slots = new Slots({
      clock: ctx.clock, log: ctx.log, catalog, sources, specs, timeline: (slot, words) => cellular.note(slot, 'card', words),
      inserted: device => cellular.inserted(device), storage: (device, words) => cellular.storage(device, words), removed: device => cellular.removed(device), missing: (slot, words) => cellular.missing(slot, words),
    });
    ctx.scope.add(() => slots.dispose(), 'slots');
    if (usb.why === undefined) {
      ctx.contribute(CardSourcesToken, new HostSource({ usb, clock: ctx.clock, log: ctx.log, catalog, slots: ctx.file('slots.json'), open: path => ctx.tty.open(path) }));
      slots.review();
    }

    ctx.decide(demandDecider({
      addresses, routes, ready: () => cellular.dialsOnDemand, wake: () => cellular.demand(), dialling: ctx.counter('cellular: dropped while dialling'),
    }));
    ctx.on('cellular/budget', e => cellular.policiesChanged(e.slot));
    ctx.on('failover/stand-in', e => cellular.standIn(e.wanted));
    // A plugin with a policy came or went.
    ctx.on('plugin/state', () => cellular.policiesChanged(undefined));
    cardVerbs(ctx, cellular, budgets);
    settingVerbs(ctx, cellular);
    const downloads = new Downloads(ctx.clock, slot => slots.disc(slot));
    storageVerbs({ slots, folder: ctx.folder, command: spec => ctx.command(spec) });
    panels({ ctx, cellular, slots, downloads, catalog, budgets, settings: () => now });
    ctx.provide(CellularToken, cellular);
    return {
      reconfigure(next) {
        now = next;
        cellular.settingsChanged();
      },
      save: () => ({ timeline: cellular.timeline().slice(-200), pins: pins.save() }),
    };
  },
});

export default cellularWith(unguessed);
