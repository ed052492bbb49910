import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** A serial port as sysfs shows it. */
export interface SysPort {
  /** 'ttyUSB0' */
  readonly name: string;
  readonly interface: number;
  /** Driver of the interface: 'option', 'sierra', 'hso', 'cdc_acm', 'serial_cs' … */
  readonly driver: string;
  /** What hso says the port is: 'Control', 'Application', 'Modem', 'Diagnostic', 'GPS' … */
  readonly hsoType: string | undefined;
}
export interface SysDisk { readonly name: string; readonly bytes: number; readonly vendor: string }
export interface SysEndpoint { readonly address: number; readonly bulk: boolean }

/** A device that may be a card. */
export interface SysDevice {
  readonly bus: 'usb' | 'pcmcia';
  /** Its name on its bus: '1-1.2', '0.0'. */
  readonly name: string;
  /** Where it sits, the same whenever something is plugged in there: '0000:00:1d.7/1.2'. */
  readonly place: string;
  readonly folder: string;
  readonly usb: string | undefined;
  readonly pcmcia: { readonly manf: string; readonly card: string } | undefined;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  readonly ports: readonly SysPort[];
  readonly disks: readonly SysDisk[];
  /** Bulk endpoints of its storage interface. */
  readonly storage: { readonly interface: number; readonly endpoints: readonly SysEndpoint[] } | undefined;
}

/** Texts of sysfs attributes are short; a device's own strings are a stranger's, and shown to people. */
const MOST = 256;
const text = (...path: readonly string[]): string => {
  try {
    return readFileSync(join(...path), 'latin1').slice(0, MOST).replace(/[^\x20-\x7e]/g, ' ').trim();
  } catch {
    // Gone meanwhile, or never there.
    return '';
  }
};
const names = (folder: string): string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};
const hex = (value: string): number => Number.parseInt(value, 16);

/** Names of all devices on both buses: what changes when something is plugged. */
export const present = (root: string): string => [...names(join(root, 'bus/usb/devices')), ...names(join(root, 'bus/pcmcia/devices'))].join(' ');

/** Every USB device that is no hub, and every PCMCIA function, as sysfs shows them now. Never throws. */
export function readDevices(root: string): SysDevice[] {
  const usb = names(join(root, 'bus/usb/devices')).filter(name => /^\d+-\d+(?:\.\d+)*$/.test(name));
  const pcmcia = names(join(root, 'bus/pcmcia/devices')).filter(name => /^\d+\.\d+$/.test(name));
  const found = [...usb.map(name => usbDevice(root, name)), ...pcmcia.map(name => pcmciaDevice(root, name))];
  return found.filter(d => d !== undefined);
}

function usbDevice(root: string, name: string): SysDevice | undefined {
  const folder = real(join(root, 'bus/usb/devices', name));
  const usb = `${text(folder, 'idVendor')}:${text(folder, 'idProduct')}`.toLowerCase();
  if (!/^[0-9a-f]{4}:[0-9a-f]{4}$/.test(usb) || text(folder, 'bDeviceClass') === '09') return undefined;
  const interfaces = names(folder).filter(n => n.startsWith(`${name}:`)).map(n => join(folder, n));
  const numberOf = (at: string) => hex(text(at, 'bInterfaceNumber')) || 0;
  const storage = interfaces.find(at => text(at, 'bInterfaceClass') === '08');
  return {
    bus: 'usb', name, folder, usb, pcmcia: undefined, place: placeOf(folder, name),
    manufacturer: text(folder, 'manufacturer'), product: text(folder, 'product'), serial: text(folder, 'serial'),
    busNumber: Number(text(folder, 'busnum')), deviceNumber: Number(text(folder, 'devnum')),
    ports: interfaces.flatMap(at => ports(at, numberOf(at))).sort((a, b) => a.interface - b.interface || order(a.name, b.name)),
    disks: interfaces.flatMap(at => disks(at)),
    storage: storage === undefined ? undefined : { interface: numberOf(storage), endpoints: endpoints(storage) },
  };
}

function pcmciaDevice(root: string, name: string): SysDevice {
  const folder = real(join(root, 'bus/pcmcia/devices', name));
  const id = (attribute: string) => text(folder, attribute).replace(/^0x/i, '').toLowerCase().padStart(4, '0');
  const [manufacturer = '', ...product] = [1, 2, 3].map(n => text(folder, `prod_id${n}`));
  // One UART after the other: their order is their place.
  const found = ports(folder, 0).map((p, i) => ({ ...p, interface: i }));
  return {
    bus: 'pcmcia', name, folder, usb: undefined, pcmcia: { manf: id('manf_id'), card: id('card_id') }, place: `pcmcia/${name}`,
    manufacturer, product: product.filter(t => t !== '').join(' '), serial: '', busNumber: 0, deviceNumber: 0, ports: found, disks: [], storage: undefined,
  };
}

/** Bus numbers are given out as controllers appear, and a CardBus card brings its own: the controller's address is what stays. */
function placeOf(folder: string, name: string): string {
  const parts = folder.split('/');
  const bus = parts.findIndex(p => /^usb\d+$/.test(p));
  return `${bus > 0 ? parts[bus - 1] : `bus${name.split('-')[0]}`}/${name.slice(name.indexOf('-') + 1)}`;
}

/** Folders called 'tty' lie at most this deep: usb-serial puts one folder between, the serial bus of newer kernels two. */
function ports(at: string, number: number, depth = 3): SysPort[] {
  const driver = nameOf(join(at, 'driver'));
  const found: SysPort[] = [];
  const look = (folder: string, left: number): void => {
    for (const name of names(folder)) {
      const below = join(folder, name);
      if (name === 'tty') for (const port of names(below)) found.push({ name: port, interface: number, driver, hsoType: text(below, port, 'hsotype') || undefined });
      else if (left > 0 && (/^tty/.test(name) || name.includes(':'))) look(below, left - 1);
    }
  };
  look(at, depth);
  return found;
}

/** host6/target6:0:0/6:0:0:0/block/sr0 */
function disks(at: string): SysDisk[] {
  const found: SysDisk[] = [];
  const look = (folder: string, depth: number): void => {
    for (const name of names(folder)) {
      if (name === 'block') {
        // Sectors of 512 octets, whatever the medium has.
        for (const disk of names(join(folder, name))) found.push({ name: disk, bytes: (Number(text(folder, name, disk, 'size')) || 0) * 512, vendor: text(folder, 'vendor') });
      } else if (depth > 0 && /^(?:host|target|\d+:)/.test(name)) look(join(folder, name), depth - 1);
    }
  };
  look(at, 3);
  return found;
}

const endpoints = (at: string): SysEndpoint[] =>
  names(at).filter(n => /^ep_[0-9a-f]{2}$/.test(n)).map(n => ({ address: hex(n.slice(3)), bulk: text(at, n, 'type') === 'Bulk' }));

const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};
const nameOf = (link: string): string => (existsSync(link) ? real(link).split('/').pop() ?? '' : '');
/** ttyUSB10 comes after ttyUSB9. */
const order = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
