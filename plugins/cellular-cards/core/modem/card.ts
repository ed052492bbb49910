import { type CardSpec, type Clock, type Disposable, drive, type Report, type Script, type Tick } from '../../../../sdk/index.ts';
import type { CardDevice, TimelineEntry } from '../../contract.ts';
import { hangUp, type Network, PppCall } from '../call/ppp-call.ts';
import type { PppLink } from '../call/ppp-link.ts';
import { Conversations } from './conversations.ts';
import type { Ladder, Rung } from './ladder.ts';
import { Modem } from './machine.ts';
import type { ModemIn, ModemOut, ModemSettings, ModemView } from './messages.ts';
import { Ports } from './ports.ts';
import { listening } from './scripts.ts';

/** Where the card is: what it may use and whom it tells. */
export interface CardSlot {
  readonly clock: Clock;
  readonly random: () => number;
  readonly settings: () => ModemSettings & { readonly localAddress: number };
  readonly specs: () => readonly CardSpec[];
  readonly ladder: Ladder;
  readonly link: PppLink;
  mayDial(): string | undefined;
  mayStay(): string | undefined;
  has(rung: Rung): boolean;
  pinRefused(sim: string, pin: string | undefined): boolean;
  rememberPin(sim: string, pin: string, refused: boolean): void;
  note(as: TimelineEntry['kind'], words: string): void;
  changed(): void;
  /** The call stands; says why its terms cannot be used. */
  up(network: Network): string | undefined;
  down(): void;
  report(report: Report): void;
  replug(): void;
  reboot(why: string): void;
  /** A port went away under the card: it is pulled, or it resets itself. */
  gone(): void;
  log(port: string, sent: boolean, text: string): void;
  /** To be undone before anything else when the plugin ends; `dispose` of what is returned does it, too. */
  hold(undo: () => void | Promise<void>, label: string): Disposable;
}

/** The card is given so long for the last command, twice at most (ms). */
const LEAVE_MS = 700;

/** One inserted card, all of it: ports, conversations, the machine, the call. Ends with `dispose` and leaves nothing. */
export class Card implements Disposable {
  readonly device: CardDevice;
  readonly #slot: CardSlot;
  readonly #ports: Ports;
  readonly #talks: Conversations;
  readonly #modem: Modem;
  readonly #feed: (input: ModemIn | Tick) => void;
  readonly #held: Disposable[] = [];
  #call: PppCall | undefined;
  /** A port is not what it was when it was found. */
  #switched: Disposable | undefined;
  #over = false;

  constructor(device: CardDevice, slot: CardSlot) {
    this.device = device;
    this.#slot = slot;
    this.#ports = new Ports(device, slot.clock, {
      report: line => this.#report(line),
      mode: (mode, why) => { if (mode === 'command') this.#call?.lost(why === 'no carrier' || why === 'carrier lost' ? 'the network ended the call' : why); },
      data: (buf, from, to) => this.#call?.data(buf, from, to),
      gone: why => this.#gone(why),
      log: (port, sent, text) => slot.log(port, sent, text),
    });
    this.#talks = new Conversations(this.#ports, slot.clock);
    this.#modem = new Modem(slot.ladder, {
      settings: slot.settings, wall: () => slot.clock.wall(), lastSent: () => slot.link.lastSent,
      mayDial: () => slot.mayDial(), mayStay: () => slot.mayStay(), has: rung => slot.has(rung),
      pinRefused: (sim, pin) => slot.pinRefused(sim, pin), rememberPin: (sim, pin, refused) => slot.rememberPin(sim, pin, refused),
    });
    this.#feed = drive<ModemIn, ModemOut>(slot.clock, { add: d => { this.#held.push(d); return d; } }, this.#modem, out => this.#apply(out));
  }

  get spec(): CardSpec | undefined { return this.#modem.spec; }
  get view(): ModemView { return this.#modem.view(this.#slot.clock.now()); }
  get dialsOnDemand(): boolean { return this.#modem.dialsOnDemand; }

  tell(input: Exclude<ModemIn, Tick>): void { if (!this.#over) this.#feed(input); }

  /** A conversation for somebody else. Rejects in words. */
  run<T>(script: Script<T>): Promise<T> {
    return new Promise((resolve, reject) => this.#talks.run(script, resolve, why => reject(new Error(why))));
  }

  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    void this.#switched?.dispose();
    this.#end();
    this.#ports.dispose();
  }

  /** All but the ports; the machine first, so that nothing follows from the ends of the others. */
  #end(): void {
    for (const each of this.#held.splice(0)) void each.dispose();
    this.#talks.dispose();
    this.#call?.dispose();
    this.#call = undefined;
    this.#slot.down();
  }

  /** A port was switched: it is switched back when the router ends and the card stays. What is pulled out needs nothing. */
  #holdSwitched(release: () => Script<void>): void {
    void this.#switched?.dispose();
    let mine = true;
    let left: (() => void) | undefined;
    let ticks = 0;
    // It is set now, for a plugin that ends can set none.
    const timer = this.#slot.clock.every(LEAVE_MS, () => { if (left !== undefined && ++ticks === 2) left(); });
    const held = this.#slot.hold(() => {
      if (!mine || this.#over) return undefined;
      this.#end();
      this.#ports.leave(release());
      return new Promise(resolve => { left = resolve; });
    }, 'a switched port of the card');
    this.#switched = { dispose: () => { mine = false; void timer.dispose(); left?.(); void held.dispose(); } };
  }

  #apply(out: ModemOut): void {
    if (this.#over) return;
    const slot = this.#slot;
    switch (out.kind) {
      case 'probe': this.#identify(); break;
      case 'run':
        this.#talks.run(listening(out.script),
          ({ value, silent }) => this.tell({ kind: 'done', job: out.job, value, silent }), why => this.tell({ kind: 'broken', job: out.job, why }));
        break;
      case 'call': this.#dialled(); break;
      case 'close-call': this.#call?.close(out.why); break;
      case 'hang-up': this.#hangUp(); break;
      case 'replug': slot.replug(); break;
      case 'reboot': slot.reboot(out.why); break;
      case 'note': slot.note(out.as, out.words); break;
      case 'changed': slot.changed(); break;
    }
  }

  #identify(): void {
    this.#ports.identify(this.#slot.specs, found => {
      if ('why' in found) return this.tell({ kind: 'unidentified', why: found.why });
      const { release } = found.spec.dialect;
      if (this.#ports.switched && release !== undefined) this.#holdSwitched(release);
      this.tell({ kind: 'identified', spec: found.spec, statusOnline: found.statusOnline });
    });
  }

  #dialled(): void {
    const port = this.#ports.data;
    const { login, localAddress } = this.#slot.settings();
    const spec = this.#modem.spec;
    if (port === undefined || spec === undefined) return;
    this.#call = new PppCall(port, this.#slot.link, {
      authenticating: () => this.tell({ kind: 'authenticating' }),
      up: network => {
        const why = this.#slot.up(network);
        if (why === undefined) this.tell({ kind: 'network-up', local: network.local });
        return why;
      },
      down: () => this.#slot.down(),
      ended: (trouble, why) => {
        this.#call = undefined;
        this.#slot.down();
        this.tell({ kind: 'call-ended', trouble, why });
      },
    }, { clock: this.#slot.clock, random: this.#slot.random, login, local: localAddress, echo: spec.quirks?.lcpEcho ?? spec.dialect.system === '3gpp' });
    // The modem may have hung up again within the same breath.
    if (port.mode === 'data') this.#call.start();
    else this.#call.lost('the network ended the call');
  }

  #hangUp(): void {
    const port = this.#ports.data;
    if (port === undefined) return this.tell({ kind: 'hung-up' });
    const done = () => this.tell({ kind: 'hung-up' });
    this.#talks.run(hangUp(port), done, done);
  }

  #report(line: string): void {
    // A call that was given up came through after all: nobody has use for it.
    if (/^CONNECT\b/i.test(line)) {
      this.#ports.data?.tty.hangUp();
      return;
    }
    const report = this.#modem.spec?.dialect.report(line);
    if (report === undefined || report.ignored === true) return;
    this.tell({ kind: 'report', report });
    this.#slot.report(report);
  }

  #gone(why: string): void {
    this.#slot.log('', false, why);
    this.#slot.gone();
  }
}
