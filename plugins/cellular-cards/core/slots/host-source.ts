import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Disposable, Logger, PluginCatalog, StateFile, StorageSwitch, Tty, Usb } from '../../../../sdk/index.ts';
import type { CardDevice, CardEvent, CardSource } from '../../contract.ts';
import { sendSwitch } from './send-switch.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { present, readDevices, type SysDevice } from './sysfs.ts';
import { idsOf, isCard } from './which-devices.ts';

/** Where the system tells of changes, they are also looked for, in case one was lost (ms). */
const LOOK_MS = 5000;
const LOOK_UNTOLD_MS = 1000;
/** A card is there when it has not changed for so long: its ports appear one by one (ms). */
const QUIET_MS = 1000;
/** One without a port or a disc is waited for longer: its driver may still be loading (ms). */
const BARE_MS = 4000;
const STEP_MS = 250;
const POWER_OFF_MS = 3000;
/** What plugins ask for is asked again after so long: one may have been installed (ms). */
const IDS_MS = 10_000;

export interface HostSourceParts {
  readonly usb: Usb;
  readonly clock: Clock;
  readonly log: Logger;
  readonly catalog: PluginCatalog;
  /** Slot numbers are kept there. */
  readonly slots: StateFile;
  open(path: string): Tty;
}

interface Seen { facts: string; device: SysDevice; since: number; told: CardDevice | undefined }

/** The USB and PCMCIA sockets of this machine, as sysfs shows them. */
export class HostSource implements CardSource {
  readonly name = 'host';
  readonly #parts: HostSourceParts;
  readonly #slots: SlotNumbers;
  readonly #seen = new Map<string, Seen>();
  #tell: ((e: CardEvent) => void) | undefined;
  #insertions = 0;
  #ids: { readonly at: number; readonly known: ReadonlySet<string> } | undefined;
  /** Gives power back to what is without; nobody leaves a socket dead. */
  readonly #off = new Set<() => void>();
  #looking = false;
  #again = false;
  #soon: Disposable | undefined;

  constructor(parts: HostSourceParts) {
    this.#parts = parts;
    this.#slots = new SlotNumbers(parts.slots);
  }

  watch(tell: (e: CardEvent) => void): Disposable {
    const { clock, usb } = this.#parts;
    this.#tell = tell;
    let events: Disposable | undefined;
    try {
      events = usb.uevents(e => { if (['usb', 'tty', 'block', 'pcmcia', 'net'].includes(e.subsystem)) this.#lookSoon(); });
    } catch (error) {
      this.#parts.log.info({ why: error instanceof Error ? error.message : String(error) }, 'the system does not tell of cards that come and go; the slots are looked at every second');
    }
    let names = '';
    const timer = clock.every(events ? LOOK_MS : LOOK_UNTOLD_MS, () => {
      const now = present(usb.sysfs);
      if (now !== names || !events) this.#lookSoon();
      names = now;
    });
    this.#lookSoon();
    return {
      dispose: () => {
        this.#tell = undefined;
        this.#seen.clear();
        for (const back of [...this.#off]) back();
        void events?.dispose();
        void timer.dispose();
        void this.#soon?.dispose();
        this.#soon = undefined;
      },
    };
  }

  async switchMode(key: string, how: StorageSwitch['how']): Promise<void> {
    await sendSwitch(this.#parts.usb, this.#deviceOf(key), how);
  }

  /** The port's power where the hub can switch it, else the device is forgotten and found again. */
  async replug(key: string): Promise<void> {
    const device = this.#deviceOf(key);
    const { clock, usb } = this.#parts;
    const [off, on] = powerSwitch(device, usb.sysfs);
    write(off);
    await new Promise<void>((resolve, reject) => {
      const back = () => {
        this.#off.delete(back);
        void timer.dispose();
        try {
          write(on);
          resolve();
        } catch (error) {
          reject(error as Error);
        }
      };
      const timer = clock.after(POWER_OFF_MS, back);
      this.#off.add(back);
    });
    if (this.#tell !== undefined) this.#lookSoon();
  }

  #deviceOf(key: string): SysDevice {
    const seen = [...this.#seen.values()].find(s => s.told?.key === key);
    if (seen === undefined) throw new Error('the card is gone');
    return seen.device;
  }

  #lookSoon(): void {
    this.#soon ??= this.#parts.clock.after(STEP_MS, () => {
      this.#soon = undefined;
      if (this.#looking) this.#again = true;
      else void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      const devices = readDevices(this.#parts.usb.sysfs);
      const now = this.#parts.clock.now();
      if (this.#ids === undefined || now - this.#ids.at > IDS_MS) this.#ids = { at: now, known: await idsOf(this.#parts.catalog) };
      const { known } = this.#ids;
      if (this.#tell !== undefined) this.#compare(devices.filter(d => isCard(d, known)));
    } catch (error) {
      this.#parts.log.error({ error: String(error) }, 'the slots could not be looked at');
    } finally {
      this.#looking = false;
      if (this.#again && this.#tell !== undefined) this.#lookSoon();
      this.#again = false;
    }
  }

  #compare(devices: readonly SysDevice[]): void {
    const now = this.#parts.clock.now();
    const here = new Map(devices.map(d => [`${d.bus} ${d.name}`, d]));
    for (const [name, seen] of this.#seen) {
      const device = here.get(name);
      if (device !== undefined && factsOf(device) === seen.facts) continue;
      // Gone, another one in its place, or the same with other ports: in each case this insertion has ended.
      this.#seen.delete(name);
      if (seen.told) this.#tell?.({ kind: 'removed', key: seen.told.key });
    }
    let unsettled = false;
    for (const [name, device] of here) {
      let seen = this.#seen.get(name);
      if (seen === undefined) this.#seen.set(name, seen = { facts: factsOf(device), device, since: now, told: undefined });
      if (seen.told) continue;
      const bare = device.ports.length === 0 && device.disks.length === 0;
      if (now - seen.since < (bare ? BARE_MS : QUIET_MS)) {
        unsettled = true;
        continue;
      }
      seen.told = this.#described(device);
      this.#tell?.({ kind: 'inserted', device: seen.told });
    }
    if (unsettled) this.#lookSoon();
  }

  #described(d: SysDevice): CardDevice {
    const [disk] = d.disks;
    const { dev } = this.#parts.usb;
    return {
      key: `${d.place}#${++this.#insertions}`, slot: this.#slots.of(d.place), bus: d.bus, usb: d.usb, pcmcia: d.pcmcia,
      manufacturer: d.manufacturer, product: d.product, serial: d.serial,
      ports: d.ports.map(p => ({ name: p.name, interface: p.interface, ...(p.hsoType === undefined ? {} : { hint: p.hsoType }), open: () => this.#parts.open(join(dev, p.name)) })),
      disk: disk && { path: join(dev, disk.name), bytes: disk.bytes, vendor: disk.vendor },
    };
  }
}

/** What one insertion is known by. */
const factsOf = (d: SysDevice): string => JSON.stringify([d.place, d.usb, d.pcmcia, d.deviceNumber, d.ports.map(p => p.name), d.disks.map(k => k.name)]);

type Switch = readonly [path: string, value: string];

/** How power goes off, and comes back. */
function powerSwitch(device: SysDevice, sysfs: string): readonly [Switch, Switch] {
  if (device.bus === 'pcmcia') {
    const socket = join(sysfs, 'class/pcmcia_socket', `pcmcia_socket${device.name.split('.')[0]}`);
    return [[join(socket, 'card_eject'), '1'], [join(socket, 'card_insert'), '1']];
  }
  const port = join(device.folder, 'port');
  if (existsSync(join(port, 'disable'))) {
    // The link goes with the device; the port itself stays.
    const disable = join(realpathSync(port), 'disable');
    return [[disable, '1'], [disable, '0']];
  }
  const authorized = join(device.folder, 'authorized');
  return [[authorized, '0'], [authorized, '1']];
}

function write([path, value]: Switch): void {
  try {
    writeFileSync(path, value);
  } catch (error) {
    throw new Error(`the power cannot be switched: ${error instanceof Error ? error.message : String(error)}`);
  }
}
