import { VirtualClock } from '../../../../kernel/clock.ts';
import { createLog } from '../../../../kernel/log.ts';
import type { CardDevice, CardEvent, CardManifest, CardSource } from '../../../../plugins/cellular-cards/contract.ts';
import { Slots } from '../../../../plugins/cellular-cards/core/slots/slots.ts';
import type { CardSpec, PluginCatalog, StorageSwitch } from '../../../../sdk/index.ts';

let insertions = 0;

/** A card as a source tells of it. */
export const card = (of: Partial<CardDevice>): CardDevice => ({
  key: `k${++insertions}`, slot: 1, bus: 'simulated', usb: undefined, pcmcia: undefined, manufacturer: 'Maker', product: 'Model', serial: '', disk: undefined,
  ports: [{ name: 'sim0', interface: 0, open: () => { throw new Error('not opened here'); } }],
  ...of,
});

/** A source in the test's hand. */
export class TestSource implements CardSource {
  readonly name = 'test';
  readonly here = new Map<string, CardDevice>();
  readonly sent: { readonly key: string; readonly how: StorageSwitch['how'] }[] = [];
  readonly replugged: string[] = [];
  watchers = 0;
  onSwitch: (key: string) => void = () => {};
  #tell: ((e: CardEvent) => void) | undefined;

  watch(tell: (e: CardEvent) => void) {
    this.#tell = tell;
    this.watchers++;
    for (const device of this.here.values()) tell({ kind: 'inserted', device });
    return { dispose: () => { this.#tell = undefined; this.watchers--; } };
  }
  insert(device: CardDevice): CardDevice {
    this.here.set(device.key, device);
    this.#tell?.({ kind: 'inserted', device });
    return device;
  }
  remove(key: string): void {
    this.here.delete(key);
    this.#tell?.({ kind: 'removed', key });
  }
  async switchMode(key: string, how: StorageSwitch['how']): Promise<void> {
    this.sent.push({ key, how });
    this.onSwitch(key);
  }
  async replug(key: string): Promise<void> { this.replugged.push(key); }
}

/** Slots over a test source and a catalog that only notes what it is asked for. */
export function bench(manifests: Readonly<Record<string, CardManifest | string>> = {}) {
  const clock = new VirtualClock();
  const log = createLog({ clock });
  const loaded = new Set<string>();
  const seen: string[] = [];
  const catalog: PluginCatalog = {
    list: async () => Object.entries(manifests).map(([id, manifest]) => ({ id, folder: undefined, manifest, problem: undefined })),
    load: async id => {
      if (id.includes('broken')) throw new Error(`${id} is failed`);
      loaded.add(id);
      seen.push(`load ${id}`);
    },
    unload: async id => { if (loaded.delete(id)) seen.push(`unload ${id}`); },
  };
  const source = new TestSource();
  const sources: CardSource[] = [source];
  const specs: CardSpec[] = [];
  const timeline: string[] = [];
  const status: string[] = [];
  const slots = new Slots({
    clock, log: log.logger('slots'), catalog, sources, specs,
    timeline: (slot, words) => { timeline.push(`${slot}: ${words}`); },
    inserted: device => { seen.push(`modem ${device.key}`); },
    storage: (device, words) => {
      seen.push(`storage ${device.key}`);
      status.push(words);
    },
    removed: device => { seen.push(`removed ${device.key}`); },
    missing: (slot, words) => { seen.push(`missing ${slot}: ${words}`); },
  });
  return {
    clock, log, loaded, seen, source, sources, specs, timeline, status, slots,
    settle: () => new Promise<void>(resolve => { setImmediate(resolve); }),
    advance: async (ms: number) => {
      for (let left = ms; left > 0; left -= 500) {
        clock.advance(Math.min(500, left));
        await new Promise<void>(resolve => { setImmediate(resolve); });
      }
    },
  };
}
