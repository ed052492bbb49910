import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { FolderFile } from '../../../../kernel/plugins/state-file.ts';
import { createLog } from '../../../../kernel/log.ts';
import type { CardEvent } from '../../../../plugins/cellular-cards/contract.ts';
import { HostSource } from '../../../../plugins/cellular-cards/core/slots/host-source.ts';
import type { Uevent, Usb, UsbDevice } from '../../../../sdk/index.ts';
import { SysfsTree, type UsbShape } from './sysfs-tree.ts';

const BRIDGE = '0000:02:00.0';
const ac881: UsbShape = {
  usb: '1199:6851', manufacturer: 'Sierra Wireless, Inc.', product: 'Sierra Wireless HSPA Modem',
  interfaces: [{ number: 0, driver: 'sierra', ttys: ['ttyUSB0', 'ttyUSB1', 'ttyUSB2'] }],
};
const truInstall: UsbShape = {
  usb: '1199:0fff', manufacturer: 'Sierra', product: 'TRU-Install',
  interfaces: [{ number: 0, class: '08', driver: 'usb-storage', bulk: ['01', '82'], disk: { name: 'sr0', vendor: 'Sierra', sectors: 20_480 } }],
};
const manifests: Record<string, unknown> = {
  'cards.ac881': { model: 'AC881', usb: ['1199:6851'], storage: ['1199:0fff'] },
  'cards.ac860': { model: 'AC860', pcmcia: [{ manf: '0192', card: '0710' }] },
};

let root = '';
let tree: SysfsTree;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'lancell-sysfs-')); tree = new SysfsTree(root); });
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A source over the tree; `usb` may stand in for usbfs. */
function source(usb: Partial<Usb> = {}, folder?: string) {
  const clock = new VirtualClock();
  const events: CardEvent[] = [];
  const opened: string[] = [];
  const host = new HostSource({
    clock, log: createLog({ clock }).logger('slots'), slots: new FolderFile({ folder, name: 'slots.json', clock, failed: error => { throw error; } }),
    usb: { why: undefined, sysfs: root, dev: '/dev', open: () => { throw new Error('no usbfs here'); }, uevents: () => { throw new Error('no events here'); }, ...usb },
    catalog: { list: async () => Object.entries(manifests).map(([id, manifest]) => ({ id, folder: undefined, manifest, problem: undefined })), load: async () => {}, unload: async () => {} },
    open: path => { opened.push(path); throw new Error('busy'); },
  });
  const watching = host.watch(e => events.push(e));
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 250) {
      clock.advance(250);
      await new Promise<void>(resolve => { setImmediate(resolve); });
    }
  };
  return { clock, events, opened, host, watching, advance, words: () => events.map(e => (e.kind === 'inserted' ? `in ${e.device.slot} ${e.device.usb ?? `${e.device.pcmcia?.manf},${e.device.pcmcia?.card}`} ${e.device.ports.map(p => p.name).join(' ')}` : `out ${e.key}`)) };
}

describe('the sockets of the machine', () => {
  it('show a card once its ports have come, with all that sysfs says of it', async () => {
    const s = source();
    await s.advance(2000);
    tree.plug('3-1', BRIDGE, { ...ac881, interfaces: [{ number: 0, driver: 'sierra', ttys: ['ttyUSB0'] }] });
    await s.advance(750);
    expect(s.events).toEqual([]);
    tree.put(`devices/pci0000:00/${BRIDGE}/usb3/3-1/3-1:1.0/ttyUSB1/tty/ttyUSB1/dev`, '188:1');
    tree.put(`devices/pci0000:00/${BRIDGE}/usb3/3-1/3-1:1.0/ttyUSB10/tty/ttyUSB10/dev`, '188:10');
    await s.advance(5000);
    expect(s.words()).toEqual(['in 1 1199:6851 ttyUSB0 ttyUSB1 ttyUSB10']);
    const [event] = s.events;
    expect(event).toMatchObject({ device: { key: '0000:02:00.0/1#1', bus: 'usb', manufacturer: 'Sierra Wireless, Inc.', product: 'Sierra Wireless HSPA Modem', disk: undefined } });
    if (event?.kind === 'inserted') expect(() => event.device.ports[2]?.open()).toThrow('busy');
    expect(s.opened).toEqual(['/dev/ttyUSB10']);
    tree.unplug('3-1', BRIDGE);
    await s.advance(2000);
    expect(s.words().slice(1)).toEqual(['out 0000:02:00.0/1#1']);
  });

  it('keep the slot of a place: over re-plugging, over a new bus number, over a restart', async () => {
    const folder = join(root, 'state');
    mkdirSync(folder);
    const s = source({}, folder);
    tree.plug('1-1.2', '0000:00:1d.7', ac881);
    await s.advance(4000);
    tree.plug('3-1', BRIDGE, ac881);
    await s.advance(4000);
    tree.unplug('3-1', BRIDGE);
    await s.advance(2000);
    // The CardBus bridge came back as another bus.
    tree.plug('4-1', BRIDGE, ac881);
    await s.advance(4000);
    expect(s.words().map(w => w.slice(0, 4))).toEqual(['in 1', 'in 2', 'out ', 'in 2']);
    s.watching.dispose();
    expect(s.clock.next()).toBeUndefined();
    tree.unplug('1-1.2', '0000:00:1d.7');
    const again = source({}, folder);
    await again.advance(4000);
    expect(again.words().map(w => w.slice(0, 4))).toEqual(['in 2']);
    writeFileSync(join(folder, 'slots.json'), '{"x":');
    const anew = source({}, folder);
    await anew.advance(4000);
    expect(anew.words().map(w => w.slice(0, 4))).toEqual(['in 1']);
  });

  it('show a PC Card, and the roles that hso gives its ports, and nothing that is no modem', async () => {
    const s = source();
    tree.pcCard(0, { manf: '0192', card: '0710', words: ['Sierra Wireless', 'AC860', '3G Network Adapter', 'R1'], tty: 'ttyS4' });
    tree.plug('1-1', '0000:00:1d.7', { usb: '0403:6001', interfaces: [{ number: 0, driver: 'ftdi_sio', ttys: ['ttyUSB0'] }] });
    tree.plug('1-2', '0000:00:1d.7', { usb: '0781:5567', interfaces: [{ number: 0, class: '08', driver: 'usb-storage', disk: { name: 'sda', vendor: 'SanDisk', sectors: 1000 } }] });
    tree.plug('1-3', '0000:00:1d.7', { usb: '2341:0043', interfaces: [{ number: 0, class: '02', driver: 'cdc_acm', ttys: ['ttyACM0'] }] });
    tree.plug('1-4', '0000:00:1d.7', { usb: '0af0:7051', interfaces: [{ number: 0, driver: 'hso', ttys: ['ttyHS0'], hsoType: 'Control' }] });
    tree.plug('1-5', '0000:00:1d.7', { usb: '2c7c:0125', interfaces: [{ number: 2, driver: 'option', ttys: ['ttyUSB3'] }] });
    tree.put('devices/pci0000:00/0000:00:1d.7/usb1/bDeviceClass', '09');
    await s.advance(5000);
    expect(s.words().sort()).toEqual(['in 1 0af0:7051 ttyHS0', 'in 2 2c7c:0125 ttyUSB3', 'in 3 0192,0710 ttyS4']);
    expect(s.events.find(e => e.kind === 'inserted' && e.device.bus === 'pcmcia')).toMatchObject({ device: { manufacturer: 'Sierra Wireless', product: 'AC860 3G Network Adapter', key: 'pcmcia/0.0#3' } });
  });

  it('wait for the driver of a card that is bare, and take a change of ports for another insertion', async () => {
    const s = source();
    tree.plug('3-1', BRIDGE, { ...ac881, interfaces: [{ number: 0 }] });
    await s.advance(3500);
    expect(s.events).toEqual([]);
    await s.advance(3000);
    expect(s.words()).toEqual(['in 1 1199:6851 ']);
    tree.put(`devices/pci0000:00/${BRIDGE}/usb3/3-1/3-1:1.0/ttyUSB0/tty/ttyUSB0/dev`, '188:0');
    await s.advance(3000);
    expect(s.words().slice(1)).toEqual(['out 0000:02:00.0/1#1', 'in 1 1199:6851 ttyUSB0']);
  });

  it('are looked at as soon as the system tells of a change', async () => {
    let tell: (e: Uevent) => void = () => {};
    let closed = 0;
    const s = source({ uevents: fn => { tell = fn; return { dispose: () => { closed++; } }; } });
    await s.advance(6000);
    tree.plug('3-1', BRIDGE, ac881);
    tell({ action: 'add', subsystem: 'usb', path: `/devices/pci0000:00/${BRIDGE}/usb3/3-1` });
    await s.advance(1500);
    expect(s.words()).toEqual(['in 1 1199:6851 ttyUSB0 ttyUSB1 ttyUSB2']);
    void s.watching.dispose();
    expect([closed, s.clock.next()]).toEqual([1, undefined]);
  });

  it('cannot be harmed by what stands in sysfs', async () => {
    const s = source();
    const folder = tree.plug('3-1', BRIDGE, { ...ac881, product: `\u001b[31mred${'x'.repeat(5000)}` });
    tree.put(`${folder}/idVendor`, 'zzzz');
    tree.link('bus/usb/devices/9-9', 'devices/nowhere');
    tree.link('bus/pcmcia/devices/7.0', 'devices/nowhere');
    await s.advance(5000);
    expect(s.events).toEqual([]);
    tree.put(`${folder}/idVendor`, '1199');
    await s.advance(5000);
    const [event] = s.events;
    expect(event?.kind === 'inserted' && /^ ?\[31mredx{200,300}$/.test(event.device.product)).toBe(true);
  });
});

describe('switching', () => {
  const transfers: string[] = [];
  const usbfs = (fails?: string): UsbDevice => ({
    claim: n => transfers.push(`claim ${n}`),
    release: n => transfers.push(`release ${n}`),
    control: async t => { transfers.push(`control ${t.requestType} ${t.request} ${t.value} ${t.index} ${t.data?.length}`); return new Uint8Array(0); },
    bulkOut: async (ep, data) => { transfers.push(`out ${ep} ${Buffer.from(data).toString('hex')}`); },
    bulkIn: async ep => {
      transfers.push(`in ${ep}`);
      if (fails !== undefined) throw new Error(fails);
      return new Uint8Array(13);
    },
    dispose: () => { transfers.push('close'); },
  });

  it('sends a control request, a bulk message, an eject to the device that sysfs names', async () => {
    const opened: string[] = [];
    const s = source({ open: (bus, device) => { opened.push(`${bus}/${device}`); return usbfs('gone'); } });
    tree.plug('3-1', BRIDGE, { ...truInstall, deviceNumber: 7 });
    await s.advance(3000);
    const [event] = s.events;
    if (event?.kind !== 'inserted') throw new Error('no card');
    expect(event.device.disk).toEqual({ path: '/dev/sr0', bytes: 20_480 * 512, vendor: 'Sierra' });
    const { key } = event.device;
    await s.host.switchMode(key, { kind: 'control', requestType: 0x40, request: 0x0b, value: 1, index: 0 });
    expect(transfers.splice(0)).toEqual(['control 64 11 1 0 0', 'close']);
    await s.host.switchMode(key, { kind: 'bulk', messages: ['5553'], readAnswer: true });
    expect(transfers.splice(0)).toEqual(['claim 0', 'out 1 5553', 'in 130', 'close']);
    await expect(s.host.switchMode(key, { kind: 'eject' })).rejects.toThrow('gone');
    expect(transfers.splice(0).map(t => t.slice(0, 8))).toEqual(['claim 0', 'out 1 55', 'in 130', 'close']);
    expect(opened).toEqual(['3/7', '3/7', '3/7']);
    await expect(s.host.switchMode('other', { kind: 'eject' })).rejects.toThrow('the card is gone');
  });

  it('takes the power away, by the port where the hub can, and gives it back', async () => {
    const s = source();
    const folder = tree.plug('3-1', BRIDGE, ac881);
    const hub = `devices/pci0000:00/${BRIDGE}/usb3/3-0:1.0/usb3-port1`;
    tree.pcCard(0, { manf: '0192', card: '0710', words: ['Sierra Wireless'], tty: 'ttyS4' });
    await s.advance(4000);
    const keys = s.events.map(e => (e.kind === 'inserted' ? e.device.key : ''));
    const read = (path: string) => readFileSync(join(root, path), 'latin1').trim();
    const cycle = async (key: string, path: string) => {
      const done = s.host.replug(key);
      const off = read(path);
      await s.advance(4000);
      await done;
      return [off, read(path)];
    };
    expect(await cycle(keys[0]!, `${folder}/authorized`)).toEqual(['0', '1']);
    tree.put(`${hub}/disable`, '0');
    tree.link(`${folder}/port`, hub);
    expect(await cycle(keys[0]!, `${hub}/disable`)).toEqual(['1', '0']);
    for (const file of ['card_eject', 'card_insert']) tree.put(`class/pcmcia_socket/pcmcia_socket0/${file}`, '');
    expect(await cycle(keys[1]!, 'class/pcmcia_socket/pcmcia_socket0/card_insert')).toEqual(['', '1']);
    expect(read('class/pcmcia_socket/pcmcia_socket0/card_eject')).toBe('1');
    // Whoever stops watching meanwhile leaves no socket without power.
    const cut = s.host.replug(keys[0]!);
    expect(read(`${hub}/disable`)).toBe('1');
    void s.watching.dispose();
    await cut;
    expect([read(`${hub}/disable`), s.clock.next()]).toEqual(['0', undefined]);
  });
});
