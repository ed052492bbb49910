import { at, type CardSpec, CliError, type Disposable, type PluginContext, type Script } from '../../../sdk/index.ts';
import type { CardDevice, CardStatus, Cellular, TimelineEntry } from '../contract.ts';
import { masked } from './at/mask.ts';
import { dials } from './at/results.ts';
import type { UplinkWays } from './call/uplink.ts';
import { absent, Occupant, type OccupantParts } from './modem/occupant.ts';
import type { Ladder } from './modem/ladder.ts';
import type { Settings } from './settings.ts';
import { Timeline } from './timeline.ts';

const COMMAND_MS = 20_000;
/** A search for networks takes its time. */
const SCAN_MS = 180_000;
const LONGEST_LINE = 512;
/** Octets of a running call are told so often. */
const TRAFFIC_MS = 2_000;

export type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'scope' | 'clock' | 'log' | 'links' | 'link' | 'packets' | 'flows' | 'contribute' | 'emit'>;

export interface ServiceParts extends Omit<OccupantParts, 'ctx' | 'ways' | 'slot' | 'ladder' | 'note' | 'again'> {
  readonly ladder: () => Ladder;
  readonly timeline: readonly TimelineEntry[];
}

interface Slot { readonly ladder: Ladder; occupant: Occupant | undefined; storage: { readonly device: CardDevice; readonly words: string } | undefined; /** Why the slot is empty. */ missing: string | undefined }

/** The cards in all slots, as the rest of the router knows them. */
export class CellularService implements Cellular, Disposable {
  readonly #ctx: Ctx;
  readonly #ways: UplinkWays;
  readonly #parts: ServiceParts;
  readonly #slots = new Map<number, Slot>();
  readonly #history: Timeline;
  #standIn = false;

  constructor(ctx: Ctx, ways: UplinkWays, parts: ServiceParts) {
    this.#ctx = ctx;
    this.#ways = ways;
    this.#parts = parts;
    this.#history = new Timeline(parts.timeline, entry => ctx.emit('card/timeline', entry));
    ctx.clock.every(TRAFFIC_MS, () => { for (const { occupant } of this.#slots.values()) occupant?.tellTraffic(); });
  }

  // ── told by the slots ──

  inserted(device: CardDevice): void {
    const slot = this.#slot(device.slot);
    slot.occupant?.dispose();
    slot.storage = undefined;
    slot.missing = undefined;
    const { ladder: _ladder, timeline: _timeline, ...parts } = this.#parts;
    slot.occupant = new Occupant(device, { ...parts, ctx: this.#ctx, ways: this.#ways, slot: device.slot, ladder: slot.ladder, note: (kind, words) => this.note(device.slot, kind, words), again: same => this.inserted(same) });
    this.#ctx.emit('card/inserted', { slot: device.slot, key: device.key });
    slot.occupant.card.tell({ kind: 'stand-in', wanted: this.#standIn });
    slot.occupant.begin();
  }

  storage(device: CardDevice, words: string): void {
    const slot = this.#slot(device.slot);
    slot.storage = { device, words };
    slot.missing = undefined;
    this.#ctx.emit('card/status', this.status(device.slot));
  }

  removed(device: CardDevice): void {
    const slot = this.#slots.get(device.slot);
    if (slot === undefined) return;
    if (slot.storage?.device.key === device.key) slot.storage = undefined;
    if (slot.occupant?.device.key === device.key) {
      slot.occupant.gone(false);
      slot.occupant.dispose();
      slot.occupant = undefined;
      this.#ctx.emit('card/removed', { slot: device.slot, key: device.key });
    }
    this.#ctx.emit('card/status', this.status(device.slot));
  }

  /** Nothing came back into a slot where something should have. */
  missing(slot: number, words: string): void {
    this.#slot(slot).missing = words;
    this.#ctx.emit('card/status', this.status(slot));
  }

  note(slot: number, kind: TimelineEntry['kind'], words: string): void {
    this.#history.add({ atMs: this.#ctx.clock.wall(), slot, kind, words });
    this.#ctx.log.info({ slot, kind }, words);
  }

  // ── asked by others ──

  list(): readonly CardStatus[] { return [...this.#slots.keys()].sort((a, b) => a - b).map(slot => this.status(slot)); }

  status(slot: number): CardStatus {
    const s = this.#slots.get(slot);
    return s?.occupant?.status() ?? absent(slot, s?.storage, s?.missing);
  }

  connect(slot: number): void { this.#occupant(slot).card.tell({ kind: 'connect' }); }
  disconnect(slot: number, why: string): void { this.#occupant(slot).card.tell({ kind: 'disconnect', why }); }
  pin(slot: number, pin: string, puk: string | undefined): void { this.#occupant(slot).card.tell({ kind: 'pin', pin, puk }); }

  async command(slot: number, line: string): Promise<readonly string[]> {
    const text = line.trim();
    if (!/^AT/i.test(text) || text.length > LONGEST_LINE || /[^\x20-\x7e]/.test(text)) throw new CliError(`an AT command begins with AT and has at most ${LONGEST_LINE} characters`);
    // It would take the port from under the router; connecting is what makes calls.
    if (dials(text) || /;\s*D|\bATZ|&F/i.test(text)) throw new CliError('this command would make a call or set the card back; Connect makes calls');
    const answer = await this.run(slot, at(text, { timeoutMs: /=\?\s*$/.test(text) ? SCAN_MS : COMMAND_MS }));
    if (answer.final === 'online') throw new CliError("the card's only port carries the call: it takes commands again when it is disconnected");
    if (answer.final === 'timeout' || answer.final === 'gone') throw new CliError(answer.final === 'gone' ? 'the card is gone' : 'the card does not answer');
    this.note(slot, 'user', `AT command ${masked(text)}`);
    return [...answer.lines.map(l => masked(l)), answer.final];
  }

  async run<T>(slot: number, script: Script<T>): Promise<T> { return this.#occupant(slot).card.run(script); }

  timeline(slot?: number): readonly TimelineEntry[] { return this.#history.list(slot); }

  /** What cards and this router said to each other in this slot, secrets masked. */
  conversation(slot: number): readonly string[] { return this.#slots.get(slot)?.occupant?.conversation ?? []; }

  specs(): readonly CardSpec[] { return this.#parts.specs(); }
  spec(slot: number): CardSpec | undefined { return this.#slots.get(slot)?.occupant?.card.spec; }

  // ── for all cards ──

  /** A packet could bring about a call. */
  get dialsOnDemand(): boolean { return [...this.#slots.values()].some(s => s.occupant?.card.dialsOnDemand === true); }
  demand(): void { this.#tellAll({ kind: 'demand' }); }
  standIn(wanted: boolean): void {
    this.#standIn = wanted;
    this.#tellAll({ kind: 'stand-in', wanted });
  }
  policiesChanged(slot: number | undefined): void { for (const [number, s] of this.#slots) if (slot === undefined || slot === number) s.occupant?.card.tell({ kind: 'policies' }); }
  settingsChanged(): void {
    for (const s of this.#slots.values()) s.occupant?.settingsChanged();
    this.#tellAll({ kind: 'settings' });
  }

  /** The slot that people mean when they name none: the one whose card is online, or the first one with a card. */
  defaultSlot(): number {
    const list = this.list();
    return (list.find(s => s.phase === 'online') ?? list.find(s => s.phase !== 'empty') ?? list[0])?.slot ?? 1;
  }

  dispose(): void {
    for (const s of this.#slots.values()) s.occupant?.dispose();
    this.#slots.clear();
  }

  #tellAll(input: Parameters<Occupant['card']['tell']>[0]): void { for (const s of this.#slots.values()) s.occupant?.card.tell(input); }

  #slot(number: number): Slot {
    let slot = this.#slots.get(number);
    if (slot === undefined) this.#slots.set(number, slot = { ladder: this.#parts.ladder(), occupant: undefined, storage: undefined, missing: undefined });
    return slot;
  }

  #occupant(slot: number): Occupant {
    const s = this.#slots.get(slot);
    if (s?.occupant !== undefined) return s.occupant;
    throw new CliError(s?.storage !== undefined ? `the card in slot ${slot} shows its storage only` : `there is no card in slot ${slot}`);
  }
}
