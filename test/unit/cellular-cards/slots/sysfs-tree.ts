import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface UsbShape {
  readonly usb: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly deviceNumber?: number;
  /** By interface number. */
  readonly interfaces: readonly { readonly number: number; readonly class?: string; readonly driver?: string; readonly ttys?: readonly string[]; readonly hsoType?: string; readonly disk?: { readonly name: string; readonly vendor: string; readonly sectors: number }; readonly bulk?: readonly string[] }[];
}

/** A sysfs in a folder, laid out as Linux lays it out: devices below their controllers, buses full of links. */
export class SysfsTree {
  readonly root: string;
  constructor(root: string) {
    this.root = root;
    for (const folder of ['bus/usb/devices', 'bus/usb/drivers', 'bus/pcmcia/devices', 'class/tty', 'class/pcmcia_socket/pcmcia_socket0']) mkdirSync(join(root, folder), { recursive: true });
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    // As the kernel writes it.
    writeFileSync(join(this.root, path), `${text}\n`);
  }

  link(path: string, to: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(join(this.root, to), join(this.root, path));
  }

  /** `at`: '1-1.2'; `controller`: the PCI address of its bus. */
  plug(at: string, controller: string, shape: UsbShape): string {
    const bus = at.split('-')[0] ?? '1';
    const folder = `devices/pci0000:00/${controller}/usb${bus}/${at}`;
    const [vendor = '', product = ''] = shape.usb.split(':');
    this.put(`${folder}/idVendor`, vendor);
    this.put(`${folder}/idProduct`, product);
    this.put(`${folder}/bDeviceClass`, '00');
    this.put(`${folder}/manufacturer`, shape.manufacturer ?? '');
    this.put(`${folder}/product`, shape.product ?? '');
    this.put(`${folder}/busnum`, bus);
    this.put(`${folder}/devnum`, String(shape.deviceNumber ?? 2));
    this.put(`${folder}/authorized`, '1');
    for (const i of shape.interfaces) {
      const own = `${folder}/${at}:1.${i.number}`;
      this.put(`${own}/bInterfaceNumber`, i.number.toString(16).padStart(2, '0'));
      this.put(`${own}/bInterfaceClass`, i.class ?? 'ff');
      if (i.driver !== undefined) {
        mkdirSync(join(this.root, `bus/usb/drivers/${i.driver}`), { recursive: true });
        this.link(`${own}/driver`, `bus/usb/drivers/${i.driver}`);
      }
      for (const tty of i.ttys ?? []) {
        const below = i.driver === 'hso' || i.driver === 'cdc_acm' ? `${own}/tty/${tty}` : `${own}/${tty}/tty/${tty}`;
        this.put(`${below}/dev`, '188:0');
        if (i.hsoType !== undefined) this.put(`${below}/hsotype`, i.hsoType);
      }
      for (const ep of i.bulk ?? []) this.put(`${own}/ep_${ep}/type`, 'Bulk');
      if (i.disk) {
        this.put(`${own}/host6/target6:0:0/6:0:0:0/vendor`, i.disk.vendor.padEnd(8));
        this.put(`${own}/host6/target6:0:0/6:0:0:0/block/${i.disk.name}/size`, String(i.disk.sectors));
      }
    }
    this.link(`bus/usb/devices/${at}`, folder);
    return folder;
  }

  unplug(at: string, controller: string): void {
    rmSync(join(this.root, `bus/usb/devices/${at}`), { force: true });
    rmSync(join(this.root, `devices/pci0000:00/${controller}/usb${at.split('-')[0]}/${at}`), { recursive: true, force: true });
  }

  /** A PC Card with one UART. */
  pcCard(socket: number, ids: { readonly manf: string; readonly card: string; readonly words: readonly string[]; readonly tty: string }): void {
    const folder = `devices/pci0000:00/0000:00:1e.0/0000:02:04.0/${socket}.0`;
    this.put(`${folder}/manf_id`, `0x${ids.manf}`);
    this.put(`${folder}/card_id`, `0x${ids.card}`);
    ids.words.forEach((word, i) => { this.put(`${folder}/prod_id${i + 1}`, word); });
    this.put(`${folder}/${socket}.0:0/${socket}.0:0.0/tty/${ids.tty}/dev`, '4:68');
    mkdirSync(join(this.root, 'bus/pcmcia/drivers/serial_cs'), { recursive: true });
    this.link(`${folder}/driver`, 'bus/pcmcia/drivers/serial_cs');
    this.link(`bus/pcmcia/devices/${socket}.0`, folder);
  }
}
