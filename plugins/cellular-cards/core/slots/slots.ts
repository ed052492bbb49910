import { type CardSpec, CliError, type Clock, type Disposable, type Logger, type PluginCatalog } from '../../../../sdk/index.ts';
import type { CardDevice, CardEvent, CardManifest, CardSource } from '../../contract.ts';
import type { ShownDisc } from './downloads.ts';
import { knowsModem, knowsStorage } from './manifest.ts';
import { ModeSwitch } from './mode-switch.ts';
import { PluginLoads } from './plugin-loads.ts';
import { planSwitch } from './storage-switch.ts';

/** Sources are plugins' and the lab's, and may come late (ms). */
const REVIEW_MS = 1000;
/** A card that goes so soon after it was told to become a modem went for that (ms). */
const SWITCHING_MS = 30_000;
/** A modem that was there for so long has made the switch good; one that falls back sooner is not told for ever (ms). */
const SETTLED_MS = 60_000;
/** Whoever inserts it again after so long did so by hand (ms). */
const BY_HAND_MS = 10_000;

export interface SlotsParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly catalog: PluginCatalog;
  /** The live lists of CardSourcesToken and CardsToken. */
  readonly sources: readonly CardSource[];
  readonly specs: readonly CardSpec[];
  /** One line of the slot's history, kind 'card'. */
  timeline(slot: number, words: string): void;
  /** A modem is there, and the plugins that know its id are loaded. */
  inserted(device: CardDevice): void;
  /** A card is there that shows its storage only; called again when the words change. */
  storage(device: CardDevice, words: string): void;
  /** What `inserted` or `storage` told of is gone. */
  removed(device: CardDevice): void;
  /** A card that was told to become a modem went, and nothing came back. */
  missing(slot: number, words: string): void;
}

/** A card that is in a slot now. */
export interface SlotCard { readonly device: CardDevice; readonly face: 'coming' | 'modem' | 'storage'; readonly words: string; readonly held: boolean }

interface Card {
  readonly device: CardDevice;
  readonly source: CardSource;
  face: SlotCard['face'];
  words: string;
  plugins: readonly string[];
  manifests: readonly CardManifest[];
  switching: ModeSwitch | undefined;
  /** When its face was found out. */
  since: number;
  /** Whoever reads its disc stops. */
  readonly gone: AbortController;
}

/**
 * What sits in the slots. From each insertion to its removal: loads the card's plugins, turns storage into a modem, hands the modem
 * on, and unloads the plugins again. Nothing of a card outlives its removal.
 */
export class Slots implements Disposable {
  readonly #parts: SlotsParts;
  readonly #loads: PluginLoads;
  readonly #watched = new Map<CardSource, Disposable>();
  readonly #cards = new Map<string, Card>();
  /** By slot: switch messages sent to the card that comes and goes there. */
  readonly #tries = new Map<number, { readonly n: number; readonly until: number }>();
  /** By slot: a card that is to come back as a modem. */
  readonly #awaited = new Map<number, Disposable>();
  /** Slots whose card is wanted as a disc. */
  readonly #held = new Set<number>();
  readonly #timer: Disposable;
  #ended = false;

  constructor(parts: SlotsParts) {
    this.#parts = parts;
    this.#loads = new PluginLoads(parts.catalog, words => parts.log.warn({}, words));
    this.#timer = parts.clock.every(REVIEW_MS, () => this.review());
    this.review();
  }

  /** What is there, by slot. */
  list(): readonly SlotCard[] {
    return [...this.#cards.values()].map(({ device, face, words }) => ({ device, face, words, held: this.#held.has(device.slot) })).sort((a, b) => a.device.slot - b.device.slot);
  }

  card(slot: number): SlotCard | undefined { return this.list().find(c => c.device.slot === slot); }

  /** The disc that shows in a slot. Throws CliError. */
  disc(slot: number): ShownDisc {
    const { device, gone } = this.#at(slot);
    if (device.disk === undefined) throw new CliError(`the card in slot ${slot} shows no disc now; to have it shown: wwan storage mount ${slot}`);
    return { device, disk: device.disk, gone: gone.signal };
  }

  /** Looks for sources that came or went. */
  review(): void {
    for (const [source, watching] of this.#watched) {
      if (this.#parts.sources.includes(source)) continue;
      this.#watched.delete(source);
      void watching.dispose();
      for (const card of [...this.#cards.values()]) if (card.source === source) this.#remove(card);
    }
    for (const source of this.#parts.sources) {
      if (this.#watched.has(source)) continue;
      // Known before it is asked, for it tells at once what is there.
      this.#watched.set(source, { dispose: () => {} });
      this.#watched.set(source, source.watch(event => this.#told(source, event)));
    }
  }

  /** Takes the power of a card away and gives it back; rejects in words. */
  async replug(slot: number): Promise<void> {
    const card = this.#at(slot);
    if (card.source.replug === undefined) throw new Error(`${card.source.name} cannot take the power away from slot ${slot}: pull the card out and insert it again`);
    this.#parts.timeline(slot, 'power off and on');
    await card.source.replug(card.device.key);
  }

  /** The card in this slot is to show its storage, and to go on showing it. */
  async hold(slot: number): Promise<void> {
    const card = this.#at(slot);
    if (card.device.disk === undefined && !this.#hasStorage(card)) throw new Error(`the card in slot ${slot} has no storage`);
    // A disc beside the modem is there anyway.
    if (card.face === 'modem' && card.device.disk !== undefined) return;
    if (card.switching?.waiting === true) throw new Error(`the card in slot ${slot} is being switched to its modem; ask again when that is there`);
    this.#held.add(slot);
    card.switching?.dispose();
    card.switching = undefined;
    if (card.face === 'storage') {
      this.#status(card, 'The card shows its storage, as asked.');
      return;
    }
    try {
      await this.replug(slot);
    } catch (error) {
      this.#held.delete(slot);
      throw error;
    }
  }

  /** The card in this slot is to be a modem. */
  release(slot: number): void {
    const card = this.#at(slot);
    this.#held.delete(slot);
    this.#tries.delete(slot);
    if (card.face !== 'storage') return;
    if (card.switching) card.switching.again();
    else this.#switch(card);
  }

  dispose(): void {
    this.#ended = true;
    void this.#timer.dispose();
    for (const watching of this.#watched.values()) void watching.dispose();
    this.#watched.clear();
    for (const waiting of this.#awaited.values()) void waiting.dispose();
    this.#awaited.clear();
    for (const card of this.#cards.values()) {
      card.gone.abort();
      card.switching?.dispose();
      this.#loads.drop(card.plugins);
    }
    this.#cards.clear();
  }

  #at(slot: number): Card {
    const card = [...this.#cards.values()].find(c => c.device.slot === slot);
    if (card === undefined) throw new CliError(`there is no card in slot ${slot}`);
    return card;
  }

  #told(source: CardSource, event: CardEvent): void {
    if (this.#ended || !this.#watched.has(source)) return;
    if (event.kind === 'removed') {
      const card = this.#cards.get(event.key);
      if (card) this.#remove(card);
      return;
    }
    const { device } = event;
    if (this.#cards.has(device.key)) return;
    const card: Card = { device, source, face: 'coming', words: 'The card was inserted.', plugins: [], manifests: [], switching: undefined, since: this.#parts.clock.now(), gone: new AbortController() };
    void this.#awaited.get(device.slot)?.dispose();
    this.#awaited.delete(device.slot);
    this.#cards.set(device.key, card);
    const id = device.usb ?? (device.pcmcia ? `${device.pcmcia.manf},${device.pcmcia.card}` : '');
    this.#parts.timeline(device.slot, `inserted: ${[device.manufacturer, device.product].filter(t => t !== '').join(' ') || 'a card'}${id === '' ? '' : ` (${id})`}`);
    this.#welcome(card).catch((error: unknown) => this.#parts.log.error({ error: String(error) }, `slot ${device.slot}: the card could not be taken in`));
  }

  async #welcome(card: Card): Promise<void> {
    const { device } = card;
    const matches = await this.#loads.matching(device);
    if (this.#gone(card)) return;
    card.manifests = matches.map(m => m.manifest);
    card.plugins = matches.map(m => m.id);
    const failed = await this.#loads.take(card.plugins);
    if (this.#gone(card)) return;
    for (const why of failed) this.#parts.timeline(device.slot, `plugin not loaded: ${why}`);
    if (!this.#inStorage(card)) {
      card.face = 'modem';
      card.words = '';
      card.since = this.#parts.clock.now();
      if (this.#held.delete(device.slot)) this.#parts.timeline(device.slot, 'its disc was asked for, and it came back as a modem all the same: it shows no storage when it gets its power');
      this.#parts.inserted(device);
      return;
    }
    card.face = 'storage';
    if (this.#held.has(device.slot)) this.#status(card, 'The card shows its storage, as asked.');
    else this.#switch(card);
  }

  /** Removed meanwhile; then its plugins were given back already. */
  #gone(card: Card): boolean { return this.#ended || this.#cards.get(card.device.key) !== card; }

  #hasStorage(card: Card): boolean {
    const { device } = card;
    const usb = device.usb ?? '';
    return device.disk !== undefined || card.manifests.some(m => (m.storage ?? []).length > 0) || this.#parts.specs.some(s => s.storage?.usb.includes(usb));
  }

  /**
   * A storage id that is no modem's is one. Where both faces have the same id, the modem has serial ports; Huawei's disc has one too.
   */
  #inStorage({ device, manifests }: Card): boolean {
    const { usb } = device;
    if (usb === undefined) return false;
    const fromSpecs = this.#parts.specs.some(s => s.storage?.usb.includes(usb));
    if (!fromSpecs && !manifests.some(m => knowsStorage(m, device))) return device.ports.length === 0 && device.disk !== undefined;
    const isModem = manifests.some(m => knowsModem(m, device)) || this.#parts.specs.some(s => s.match.usb.includes(usb));
    return !isModem || device.ports.length === 0 || (device.ports.length === 1 && device.disk !== undefined);
  }

  #switch(card: Card): void {
    const { device, source } = card;
    const { slot } = device;
    card.switching = new ModeSwitch({
      clock: this.#parts.clock,
      plan: () => planSwitch(device, this.#parts.specs.flatMap(s => s.storage ?? [])),
      send: async plan => {
        if (source.switchMode === undefined) throw new Error(`${source.name} cannot send it`);
        await source.switchMode(device.key, plan.how);
      },
      tell: words => { if (!this.#gone(card)) this.#parts.timeline(slot, words); },
      status: words => this.#status(card, words),
    }, this.#triesOf(slot));
  }

  #status(card: Card, words: string): void {
    card.words = words;
    if (!this.#gone(card)) this.#parts.storage(card.device, words);
  }

  #triesOf(slot: number): number {
    const tries = this.#tries.get(slot);
    return tries !== undefined && this.#parts.clock.now() <= tries.until ? tries.n : 0;
  }

  #remove(card: Card): void {
    const { device, switching } = card;
    const { slot } = device;
    const now = this.#parts.clock.now();
    this.#cards.delete(device.key);
    card.gone.abort();
    switching?.dispose();
    const switched = switching?.sentAt !== undefined && now - switching.sentAt < SWITCHING_MS;
    if (switched) this.#tries.set(slot, { n: switching.tries, until: Infinity });
    else if (card.face === 'modem' && now - card.since < SETTLED_MS) this.#tries.set(slot, { n: this.#triesOf(slot), until: now + BY_HAND_MS });
    else this.#tries.delete(slot);
    // The next one in this slot is another card, unless this one only changes its face.
    if (card.face === 'storage') this.#held.delete(slot);
    this.#parts.timeline(slot, 'removed');
    if (card.face !== 'coming') this.#parts.removed(device);
    this.#loads.drop(card.plugins);
    if (switched && !this.#ended) this.#await(slot);
  }

  /** It went because it was told to; nothing else tells that it stays away. */
  #await(slot: number): void {
    this.#awaited.set(slot, this.#parts.clock.after(SWITCHING_MS, () => {
      this.#awaited.delete(slot);
      this.#tries.delete(slot);
      const words = 'the card went to become a modem and has not come back: pull it out, wait ten seconds and insert it again; when that does not help, try another socket';
      this.#parts.timeline(slot, words);
      this.#parts.missing(slot, words);
    }));
  }
}
