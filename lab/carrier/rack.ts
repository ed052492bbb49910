import type { Clock, Disposable, StorageSwitch } from '../../sdk/index.ts';
import type { CardDevice, CardEvent, CardSource } from '../../plugins/cellular-cards/contract.ts';
import type { TtyPorts } from '../../kernel/tty/ttys.ts';
import { type Cable, type CableEvents, MemoryCable, PtyCable } from './cable.ts';
import type { CardFile } from './card-file.ts';
import { SimulatedCard } from './card.ts';
import { cardDisc, mediumOf } from './card-disc.ts';
import type { Carrier } from './carrier.ts';
import { MessageMemory } from './message-memory.ts';
import type { Network } from './network.ts';
import { Sim } from './sim.ts';

export interface RackOptions {
  readonly clock: Clock;
  readonly carrier: Carrier;
  /** How many cards fit; default 4. */
  readonly slots?: number;
  /** Real PTYs instead of cables in memory. */
  readonly ttys?: TtyPorts;
  /** Where calls lead instead of the carrier's PPP. */
  readonly network?: Network;
}

/** From the switch message to the first sign of the modem (ms). */
const SWITCH_MS = 1500;
const REPLUG_MS = 2000;

interface Slot {
  readonly n: number;
  readonly sim: Sim;
  /** Of a card that keeps its messages itself. */
  memory: MessageMemory;
  file: CardFile | undefined;
  device: CardDevice | undefined;
  card: SimulatedCard | undefined;
  /** It comes back by itself. */
  away: Disposable | undefined;
  /** Insertions so far. */
  count: number;
}

/** Slots with simulated cards: a source of cards like the host's sockets. Each slot has a SIM that stays. */
export class Rack implements CardSource {
  readonly name = 'lab';
  readonly carrier: Carrier;
  readonly #o: RackOptions;
  readonly #slots: Slot[];
  readonly #watchers = new Set<(e: CardEvent) => void>();

  constructor(o: RackOptions) {
    this.#o = o;
    this.carrier = o.carrier;
    this.#slots = Array.from({ length: o.slots ?? 4 }, (_, i) => ({ n: i + 1, sim: new Sim(i + 1), memory: new MessageMemory(), file: undefined, device: undefined, card: undefined, away: undefined, count: 0 }));
  }

  /** Slot numbers, from 1. */
  get slots(): readonly number[] { return this.#slots.map(s => s.n); }

  watch(tell: (e: CardEvent) => void): Disposable {
    this.#watchers.add(tell);
    for (const { device } of this.#slots) if (device) tell({ kind: 'inserted', device });
    return { dispose: () => { this.#watchers.delete(tell); } };
  }

  /** Puts a card into a slot, the first free one by default; `storage`: as the disk it may show first. Gives the slot. Throws when there is no room. */
  insert(file: CardFile, slot?: number, storage = false): number {
    const s = slot === undefined ? this.#slots.find(f => f.file === undefined) : this.#slots[slot - 1];
    if (!s) throw new Error(slot === undefined ? `all ${this.#slots.length} slots are taken: "lab card remove" frees one` : `no slot ${slot}; there are 1 to ${this.#slots.length}`);
    if (s.file) throw new Error(`slot ${s.n} has a ${s.file.model}: "lab card remove ${s.n}" first`);
    if (storage && !file.storage) throw new Error(`a ${file.model} has no storage mode`);
    s.file = file;
    s.memory = new MessageMemory();
    this.#appear(s, storage);
    return s.n;
  }

  /** Pulls the card out. Throws when there is none. */
  remove(slot?: number): string {
    const s = this.#taken(slot);
    const { model } = s.file!;
    void s.away?.dispose();
    s.away = undefined;
    s.file = undefined;
    this.#vanish(s);
    return model;
  }

  sim(slot: number): Sim { return this.#slots[slot - 1]!.sim; }
  file(slot: number): CardFile | undefined { return this.#slots[slot - 1]?.file; }
  device(slot: number): CardDevice | undefined { return this.#slots[slot - 1]?.device; }
  /** The card of a slot that is powered and in modem mode; by default the first one. Throws when there is none. */
  card(slot?: number): SimulatedCard {
    const { card, file, n } = this.#taken(slot);
    if (!card) throw new Error(`the ${file?.model} in slot ${n} is ${this.#slots[n - 1]!.device ? 'in storage mode' : 'away at the moment'}`);
    return card;
  }
  cards(): readonly SimulatedCard[] { return this.#slots.flatMap(s => s.card ?? []); }

  /** The level or the carrier changed: cards take notice. */
  airChanged(): void { for (const c of this.cards()) c.airChanged(); }

  async switchMode(key: string, how: StorageSwitch['how']): Promise<void> {
    const s = this.#slots.find(x => x.device?.key === key);
    const storage = s?.file?.storage;
    if (!s || s.card || !storage) throw new Error(`${key}: no card in storage mode`);
    const right = how.kind === 'control' ? storage.control === how.request : how.kind === 'bulk' ? storage.bulk !== undefined && how.messages.some(m => m.replace(/\s/g, '').startsWith(storage.bulk!)) : storage.control === undefined && storage.bulk === undefined;
    // A wrong message is taken, and nothing happens: that is how it is.
    if (right) this.#again(s, SWITCH_MS, false);
  }

  /** With its power it loses its mode: a card that has a disc begins with it. */
  async replug(key: string): Promise<void> {
    const s = this.#slots.find(x => x.device?.key === key);
    if (s) this.#again(s, REPLUG_MS, s.file?.storage !== undefined);
  }

  stop(): void {
    for (const s of this.#slots) if (s.file) this.remove(s.n);
    this.#watchers.clear();
  }

  #taken(slot: number | undefined): Slot {
    const s = slot === undefined ? this.#slots.find(x => x.file) : this.#slots[slot - 1];
    if (!s) throw new Error(slot === undefined ? 'no card is in: "lab card insert" puts one in' : `no slot ${slot}; there are 1 to ${this.#slots.length}`);
    if (!s.file) throw new Error(`slot ${s.n} is empty`);
    return s;
  }

  #again(s: Slot, awayMs: number, storage: boolean): void {
    void s.away?.dispose();
    s.away = this.#o.clock.after(0, () => {
      this.#vanish(s);
      s.away = this.#o.clock.after(awayMs, () => { s.away = undefined; this.#appear(s, storage); });
    });
  }

  #appear(s: Slot, storage: boolean): void {
    const file = s.file!;
    const key = `lab:${s.n}:${++s.count}`;
    const about = { key, slot: s.n, bus: 'simulated' as const, manufacturer: file.manufacturer, product: file.product, serial: `LAB${s.n}` };
    if (storage) {
      const { usb, vendorText } = file.storage!;
      const { clock } = this.#o;
      const image = cardDisc(file);
      s.device = { ...about, manufacturer: vendorText, usb, pcmcia: undefined, ports: [], disk: { path: `lab:${s.n}`, bytes: image.bytes, vendor: vendorText, open: async () => mediumOf(image, clock) } };
    } else {
      const card = s.card = new SimulatedCard(file, {
        name: `sim${s.n}`, slot: s.n, clock: this.#o.clock, carrier: this.carrier, sim: s.sim, memory: s.memory, network: this.#o.network,
        restarted: (_why, awayMs) => { if (s.card === card) this.#again(s, awayMs, false); },
      });
      for (const port of card.ports) port.cable = this.#cable(`sim${s.n}:${port.plan.interface}`, { data: (buf, from, to) => port.take(buf, from, to), dropped: () => port.dropped() });
      s.device = {
        ...about, usb: file.usb, pcmcia: file.pcmcia, disk: undefined,
        ports: card.ports.map(p => ({ name: `sim${s.n}:${p.plan.interface}`, interface: p.plan.interface, open: () => p.open() })),
      };
    }
    this.#tell({ kind: 'inserted', device: s.device });
  }

  #vanish(s: Slot): void {
    const { device, card } = s;
    s.device = undefined;
    s.card = undefined;
    card?.remove();
    if (device) this.#tell({ kind: 'removed', key: device.key });
  }

  #cable(name: string, events: CableEvents): Cable {
    return this.#o.ttys ? new PtyCable(this.#o.ttys, events) : new MemoryCable(this.#o.clock, name, events);
  }

  #tell(e: CardEvent): void { for (const tell of [...this.#watchers]) tell(e); }
}
