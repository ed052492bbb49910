import { memoryTty, type MemoryTty } from '../../../../kernel/tty/memory.ts';
import type { CardDevice, CardEvent, CardSource } from '../../../../plugins/cellular-cards/contract.ts';
import { at, type CardSpec, type Clock, type Dialect, type Disposable, drive, type Tty } from '../../../../sdk/index.ts';
import { AsyncLine, type PppIn, type PppOptions, type PppOut, PppSession } from '../../../../sdk/ppp/index.ts';

/** What the modem and its network are like at the moment; tests change it. */
export interface World {
  sim: 'ready' | 'pin' | 'puk' | 'none';
  pin: string;
  attempts: number | undefined;
  registration: number;
  csq: number;
  /** What the network says to ATD. */
  dial: string;
  login: { user: string; password: string } | undefined;
  address: number;
  peer: number;
  /** It does not answer. */
  mute: boolean;
  /** After CONNECT the modem sends back what it gets. */
  mirror: boolean;
  /** Octets said before each answer. */
  noise: string;
}
export const sane = (): World => ({ sim: 'ready', pin: '1234', attempts: 3, registration: 1, csq: 20, dial: 'CONNECT 7200000', login: undefined, address: 0x0a40_4001, peer: PEER, mute: false, mirror: false, noise: '' });

const PEER = 0x0a40_4040;
const DNS = 0x0808_0404;

/** A modem of few words, on the far ends of memory ttys: data on port 0, commands on port 1. */
export class SmallModem {
  readonly world: World;
  readonly heard: string[] = [];
  /** IP packets that came to the network. */
  readonly packets: Uint8Array[] = [];
  readonly #clock: Clock;
  readonly #ends: (MemoryTty | undefined)[];
  #call: { readonly port: MemoryTty; readonly line: AsyncLine; feed(input: PppIn): void; close(): void } | undefined;
  #text: string[];

  constructor(clock: Clock, world: World, ports = 2) {
    this.#clock = clock;
    this.world = world;
    this.#ends = new Array<MemoryTty | undefined>(ports).fill(undefined);
    this.#text = new Array<string>(ports).fill('');
  }

  get online(): boolean { return this.#call !== undefined; }

  open(port: number): Tty {
    this.#ends[port]?.close();
    const [near, far] = memoryTty(this.#clock, [`card${port}`, `modem${port}`]);
    this.#ends[port] = far;
    this.#text[port] = '';
    far.onData = (buf, from, to) => this.#take(port, far, buf.slice(from, to));
    far.onGone = () => { if (this.#call?.port === far) this.#end(); };
    return near;
  }

  say(port: number, text: string): void { this.#ends[port]?.write(new TextEncoder().encode(text)); }
  garbage(port: number, octets: Uint8Array): void { this.#ends[port]?.write(octets); }

  /** The network drops the call. */
  drop(): void {
    const port = this.#call?.port;
    if (port === undefined) return;
    this.#end();
    port.write(new TextEncoder().encode('\r\nNO CARRIER\r\n'));
  }

  /** The network sends an IP packet. */
  send(packet: Uint8Array): void {
    this.#call?.line.send(packet, 0, packet.length);
    this.#call?.line.flush();
  }

  pull(): void {
    this.#end();
    for (const end of this.#ends) end?.close();
  }

  #take(port: number, far: MemoryTty, octets: Uint8Array): void {
    const call = this.#call;
    if (call?.port === far) {
      if (this.world.mirror) far.write(octets);
      else call.line.receive(octets, 0, octets.length);
      return;
    }
    this.#text[port] = (this.#text[port] + new TextDecoder('latin1').decode(octets)).slice(-2000);
    for (;;) {
      const end = this.#text[port]!.indexOf('\r');
      if (end < 0 || this.#call?.port === far) return;
      const line = this.#text[port]!.slice(0, end).replace(/[^\x20-\x7e]/g, '').replace(/^.*~/, '').trim();
      this.#text[port] = this.#text[port]!.slice(end + 1);
      if (line !== '') this.#command(port, far, line);
    }
  }

  #command(port: number, far: MemoryTty, line: string): void {
    const w = this.world;
    this.heard.push(line);
    if (w.mute) return;
    const say = (...lines: string[]) => this.say(port, `${w.noise}${lines.map(l => `\r\n${l}\r\n`).join('')}`);
    if (/^ATD/.test(line)) {
      say(w.dial);
      if (w.dial.startsWith('CONNECT')) this.#begin(far);
    } else if (line === 'AT+CPIN?') say(...({ ready: ['+CPIN: READY', 'OK'], pin: ['+CPIN: SIM PIN', 'OK'], puk: ['+CPIN: SIM PUK', 'OK'], none: ['+CME ERROR: 10'] })[w.sim]);
    else if (line.startsWith('AT+CPIN=')) {
      const pin = line.replace(/\D/g, '');
      if (w.sim === 'pin' && pin === w.pin) { w.sim = 'ready'; say('OK'); } else {
        if (w.attempts !== undefined && --w.attempts <= 0) w.sim = 'puk';
        say('+CME ERROR: 16');
      }
    } else if (line === 'AT+CPINC?') say(...(w.attempts === undefined ? ['ERROR'] : [`+CPINC: ${w.attempts},3,10,10`, 'OK']));
    else if (line === 'AT+CGSN') say('490154203237518', 'OK');
    else if (line === 'AT+ICCID') say('+ICCID: 89014103211118510720', 'OK');
    else if (line === 'AT+CREG?') say(`+CREG: 0,${w.registration}`, 'OK');
    else if (line === 'AT+CSQ') say(`+CSQ: ${w.csq},99`, 'OK');
    else if (line === 'ATI') say('Manufacturer: Small', 'Model: One', 'OK');
    else if (line === 'AT+BAD') say('ERROR');
    else say('OK');
  }

  #begin(port: MemoryTty): void {
    const held: Disposable[] = [];
    const { login, address, peer } = this.world;
    held.push(this.#clock.every(100, () => { if (!port.lines()!.dsr) this.drop(); }));
    const options: PppOptions = { line: 'async', random: seeded(7), ip: { local: peer, peer: address, dns: [DNS] }, ...(login ? { door: { require: ['chap-md5', 'pap'], name: 'net', passwordOf: (user: string) => (user === login.user ? login.password : undefined) } } : {}) };
    const line = new AsyncLine({ write: (buf, from, to) => port.write(buf, from, to), packet: (buf, from, to) => { this.packets.push(buf.slice(from, to)); }, control: input => feed(input) });
    const feed = drive<PppIn, PppOut>(this.#clock, { add: d => { held.push(d); return d; } }, new PppSession(options), out => {
      line.apply(out);
      if (out.kind === 'closed' && this.#call?.port === port) this.drop();
    });
    this.#call = { port, line, feed, close: () => { for (const h of held) void h.dispose(); } };
    if (!this.world.mirror) feed({ kind: 'up' });
  }

  #end(): void {
    this.#call?.close();
    this.#call = undefined;
  }
}

export function seeded(seed: number): () => number {
  let s = seed;
  return () => { s = Math.imul(s, 1664525) + 1013904223 | 0; return (s >>> 0) / 2 ** 32; };
}

const dialect: Dialect = {
  name: 'small', system: '3gpp', init: [{ line: 'AT+CMEE=1' }, { line: 'AT+BAD' }],
  *identity() {
    const imei = (yield* at('AT+CGSN')).lines[0];
    const iccid = (yield* at('AT+ICCID')).lines[0]?.replace(/\D/g, '');
    return { maker: 'Small', model: 'One', revision: '1', imei, iccid };
  },
  *pin() {
    const a = yield* at('AT+CPIN?');
    if (a.error === 10) return { state: 'no sim', attempts: undefined };
    const left = (yield* at('AT+CPINC?')).lines[0];
    const state = /READY/.test(a.lines[0] ?? '') ? 'ready' : /PUK/.test(a.lines[0] ?? '') ? 'puk' : /PIN/.test(a.lines[0] ?? '') ? 'pin' : 'failure';
    return { state, attempts: left === undefined ? undefined : Number(/\d+/.exec(left)?.[0]) };
  },
  *enterPin(pin) { return yield* at(`AT+CPIN="${pin}"`, { secret: true }); },
  *enterPuk(puk, pin) { return yield* at(`AT+CPIN="${puk}","${pin}"`, { secret: true }); },
  *registration() {
    const n = /,(\d)/.exec((yield* at('AT+CREG?')).lines[0] ?? '')?.[1];
    return { state: ({ 0: 'idle', 1: 'home', 2: 'searching', 3: 'denied', 5: 'roaming' } as const)[n ?? ''] ?? 'unknown', carrier: 'Net' };
  },
  *signal() {
    const n = Number(/(\d+),/.exec((yield* at('AT+CSQ')).lines[0] ?? '')?.[1] ?? Number.NaN);
    return Number.isNaN(n) || n === 99 ? undefined : { dbm: -113 + 2 * n, bars: 4, source: 'AT+CSQ', measure: 'RSSI' };
  },
  *technology() { yield* at('AT+TECH?'); return 'HSDPA'; },
  *context(login) { return yield* at(`AT+CGDCONT=${login.cid},"IP","${login.apn}"`); },
  dial: cid => [`ATD*99***${cid}#`, 'ATD*99#'],
  *detach() { yield* at('AT+CGATT=0'); },
  *attach() { yield* at('AT+CGATT=1'); },
  *radio(on) { yield* at(`AT+CFUN=${on ? 1 : 4}`); },
  *reset() { yield* at('AT!RESET'); },
  report: line => (/^\^RSSI:/.test(line) ? { signal: { dbm: -113 + 2 * Number(line.slice(6)), bars: 5, source: '^RSSI', measure: 'RSSI' } } : undefined),
};
export const smallSpec: CardSpec = {
  model: 'One', maker: 'Small', title: 'Small One', form: ['USB'], technologies: ['HSDPA'], match: { usb: ['1234:0001'] }, dialect, ports: { 0: 'data', 1: 'command' },
};

/** A source that the test puts cards into. */
export class TestSource implements CardSource {
  readonly name = 'test';
  replugs = 0;
  #tell: (e: CardEvent) => void = () => {};
  readonly #cards = new Map<string, { readonly modem: SmallModem; readonly device: CardDevice }>();
  #n = 0;

  watch(tell: (e: CardEvent) => void): Disposable {
    this.#tell = tell;
    for (const { device } of this.#cards.values()) tell({ kind: 'inserted', device });
    return { dispose: () => { this.#tell = () => {}; } };
  }

  insert(modem: SmallModem, { slot = 1, ports = 2, usb = '1234:0001' } = {}): string {
    const key = `card${++this.#n}`;
    const device: CardDevice = {
      key, slot, bus: 'simulated', usb, pcmcia: undefined, manufacturer: 'Small', product: 'One', serial: '', disk: undefined,
      ports: Array.from({ length: ports }, (_, i) => ({ name: `tty${i}`, interface: i, open: () => modem.open(i) })),
    };
    this.#cards.set(key, { modem, device });
    this.#tell({ kind: 'inserted', device });
    return key;
  }

  pull(key: string): void {
    const card = this.#cards.get(key);
    this.#cards.delete(key);
    card?.modem.pull();
    this.#tell({ kind: 'removed', key });
  }

  /** Also those that were re-plugged meanwhile, and so have other keys. */
  pullAll(): void { for (const key of [...this.#cards.keys()]) this.pull(key); }

  replug = async (key: string): Promise<void> => {
    this.replugs++;
    const card = this.#cards.get(key);
    if (card === undefined) return;
    this.pull(key);
    this.insert(card.modem);
  };
}
