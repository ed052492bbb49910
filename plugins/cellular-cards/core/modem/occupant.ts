import type { CardSpec, Disposable, Report } from '../../../../sdk/index.ts';
import { UplinksToken } from '../../../wan/contract.ts';
import { type CallPolicy, type CardDevice, type CardStatus, type TimelineEntry, uplinkName } from '../../contract.ts';
import type { Network } from '../call/ppp-call.ts';
import { PppLink } from '../call/ppp-link.ts';
import { CellularUplink, type UplinkWays } from '../call/uplink.ts';
import type { Ctx } from '../service.ts';
import { forModem, ownDns, type Settings } from '../settings.ts';
import { Card } from './card.ts';
import type { Ladder, Rung } from './ladder.ts';
import type { PinMemory } from './pin-memory.ts';

/** Lines of the conversation with the card that are kept for whoever looks for a fault. */
const LINES = 400;
/** A card that let go of its ports and was not taken out meanwhile is looked at anew (ms). */
const GONE_MS = 15_000;

export interface OccupantParts {
  readonly ctx: Ctx;
  readonly ways: UplinkWays;
  readonly slot: number;
  readonly ladder: Ladder;
  readonly random: () => number;
  readonly settings: () => Settings;
  readonly specs: () => readonly CardSpec[];
  readonly policies: readonly CallPolicy[];
  readonly pins: PinMemory;
  has(rung: Rung): boolean;
  replug(slot: number): void;
  restart(slot: number, why: string): void;
  report(slot: number, report: Report): void;
  note(as: TimelineEntry['kind'], words: string): void;
  /** The card is still in its slot, and begins from the start. */
  again(device: CardDevice): void;
}

/** A card in its slot: its interface, its place among the uplinks, and its status. Whatever it holds goes with it. */
export class Occupant implements Disposable {
  readonly device: CardDevice;
  readonly card: Card;
  readonly #parts: OccupantParts;
  readonly #link: PppLink;
  readonly #uplink: CellularUplink;
  readonly #held: Disposable[] = [];
  readonly #lines: string[] = [];
  #connectedAt: number | undefined;
  #before = { rx: 0, tx: 0 };
  #told = -1;
  #over = false;
  #gone = false;

  constructor(device: CardDevice, parts: OccupantParts) {
    this.device = device;
    this.#parts = parts;
    const { ctx, slot } = parts;
    const name = uplinkName(slot);
    let link: PppLink | undefined;
    const held = ctx.link(host => link = new PppLink(name, host, ctx.packets, () => ctx.clock.now()));
    this.#link = link!;
    this.#held.push(held);
    this.#uplink = new CellularUplink(ctx, parts.ways, name, held.id, parts.settings().metric);
    this.#held.push(ctx.contribute(UplinksToken, this.#uplink));
    this.card = new Card(device, {
      clock: ctx.clock, random: parts.random, settings: () => forModem(parts.settings()), specs: parts.specs, ladder: parts.ladder, link: this.#link,
      mayDial: () => objection(parts.policies, p => p.mayDial(slot)), mayStay: () => objection(parts.policies, p => p.mayStay(slot)),
      has: rung => parts.has(rung),
      pinRefused: (sim, pin) => parts.pins.refused(sim, pin), rememberPin: (sim, pin, refused) => parts.pins.remember(sim, pin, refused),
      note: (as, words) => parts.note(as, words), changed: () => this.#tell(),
      up: network => this.#up(network), down: () => this.#down(),
      report: report => parts.report(slot, report), replug: () => parts.replug(slot), reboot: why => parts.restart(slot, why),
      log: (port, sent, text) => this.#log(port, sent, text), hold: (undo, label) => ctx.scope.add(undo, label), gone: () => this.gone(true),
    });
  }

  get conversation(): readonly string[] { return this.#lines; }

  begin(): void { this.card.tell({ kind: 'begin' }); }

  settingsChanged(): void { this.#uplink.setMetric(this.#parts.settings().metric); }

  status(): CardStatus {
    if (this.#gone) return absent(this.#parts.slot);
    const { spec, view } = this.card;
    const { stats } = this.#link;
    const online = this.#connectedAt !== undefined;
    return {
      slot: this.#parts.slot, phase: view.phase, words: view.words,
      model: view.identity?.model || spec?.model || this.device.product, maker: view.identity?.maker || spec?.maker || this.device.manufacturer,
      spec, identity: view.identity, pin: view.pin, registration: view.registration, technology: view.technology, signal: view.signal, otherSignal: view.otherSignal, networkTypes: view.networkTypes,
      connectedAt: this.#connectedAt, rxBytes: online ? stats.rxBytes - this.#before.rx : 0, txBytes: online ? stats.txBytes - this.#before.tx : 0,
      ip: this.#uplink.ip, dns: this.#uplink.dns,
    };
  }

  /** The octets of a call have grown since they were told last. */
  tellTraffic(): void {
    const { stats } = this.#link;
    if (this.#connectedAt !== undefined && stats.rxBytes + stats.txBytes !== this.#told) this.#tell();
  }

  /**
   * There is no card any more, as far as anybody can tell: what it does about lost calls is over, and what the call has carried is told.
   * `anew`: only its ports went, it is looked at again after a while.
   */
  gone(anew: boolean): void {
    if (this.#gone || this.#over) return;
    const { ctx, ladder, note, again } = this.#parts;
    const online = this.#connectedAt !== undefined;
    this.tellTraffic();
    this.#gone = true;
    this.card.dispose();
    // Its sessions end while the account of the card is still known: they are the shares of hosts.
    this.#uplink.dispose();
    ladder.offline(ctx.clock.now());
    if (online) note('call', 'offline: the card is gone');
    this.#tell();
    if (anew) this.#held.push(ctx.clock.after(GONE_MS, () => again(this.device)));
  }

  dispose(): void {
    if (this.#over) return;
    this.tellTraffic();
    this.#over = true;
    this.card.dispose();
    this.#uplink.dispose();
    for (const each of this.#held.splice(0).reverse()) void each.dispose();
  }

  #tell(): void {
    if (this.#over) return;
    this.#told = this.#link.stats.rxBytes + this.#link.stats.txBytes;
    this.#parts.ctx.emit('card/status', this.status());
  }

  #up(network: Network): string | undefined {
    const { ctx, settings } = this.#parts;
    this.#uplink.setMetric(settings().metric);
    const why = this.#uplink.use(network, ownDns(settings()));
    if (why !== undefined) return why;
    this.#connectedAt = ctx.clock.wall();
    this.#before = { rx: this.#link.stats.rxBytes, tx: this.#link.stats.txBytes };
    return undefined;
  }

  #down(): void {
    this.#connectedAt = undefined;
    this.#uplink.withdraw();
  }

  #log(port: string, sent: boolean, text: string): void {
    this.#lines.push(`${new Date(this.#parts.ctx.clock.wall()).toISOString().slice(11, 23)} ${port} ${sent ? '>' : '<'} ${text}`);
    if (this.#lines.length > LINES) this.#lines.shift();
    this.#parts.ctx.log.debug({ slot: this.#parts.slot, port }, `${sent ? '>' : '<'} ${text}`);
  }
}

/** A slot without a card, or with one that shows its storage. */
export const absent = (slot: number, storage?: { readonly device: CardDevice; readonly words: string }, words = 'no card'): CardStatus => ({
  slot, phase: storage === undefined ? 'empty' : 'storage', words: storage?.words ?? words, model: storage?.device.product ?? '', maker: storage?.device.manufacturer ?? '',
  spec: undefined, identity: undefined, pin: undefined, registration: undefined, technology: undefined, signal: undefined, networkTypes: undefined,
  connectedAt: undefined, rxBytes: 0, txBytes: 0, ip: 0, dns: [],
});

/** The first policy's that has one. */
function objection(policies: readonly CallPolicy[], ask: (policy: CallPolicy) => string | undefined): string | undefined {
  for (const policy of policies) {
    const why = ask(policy);
    if (why !== undefined) return why;
  }
  return undefined;
}
