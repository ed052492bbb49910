import type { Disposable } from '../../sdk/index.ts';
import type { SimulatedCard } from './card.ts';
import type { Arriving } from './message-centre.ts';
import type { MessageMemory } from './message-memory.ts';
import { deliver, statusReport } from './pdu.ts';

/** The network takes a message back that nobody acknowledged with +CNMA in this time (TS 27.005 §3.4.1). */
const ACK_MS = 15_000;

/** The messages of one card, between the network and the card's memory; where they go is what +CNMI said (TS 27.005 §3.4.1). */
export class CardMailbox {
  readonly #card: SimulatedCard;
  readonly memory: MessageMemory;
  readonly #number: string;
  #attached: Disposable | undefined;
  /** +CNMI: 0 stored in silence, 1 stored and told, 2 handed over. */
  #mt = 0;
  /** +CNMI for status reports: 0 none, 1 handed over, 2 stored and told. */
  #ds = 0;
  /** Handed over, not yet acknowledged. */
  #owed: { readonly arriving: Arriving; readonly timer: Disposable } | undefined;

  constructor(card: SimulatedCard, memory: MessageMemory, number: string) {
    this.#card = card;
    this.memory = memory;
    this.#number = number;
  }

  /** Messages find it from now on. */
  open(): void { this.#attached ??= this.#card.carrier.messages.attach(this.#number, each => this.#take(each)); }

  close(): void {
    void this.#attached?.dispose();
    this.#attached = undefined;
    if (this.#owed) this.#back();
  }

  route(mt: number, ds: number): void {
    this.#mt = mt;
    this.#ds = ds;
  }

  /** +CNMA. False: there is nothing to acknowledge. */
  acknowledge(): boolean {
    if (this.#owed === undefined) return false;
    void this.#owed.timer.dispose();
    this.#owed = undefined;
    // Whatever had to wait for it.
    this.retry();
    return true;
  }

  /** There is room again, or a network. */
  retry(): void { this.#card.carrier.messages.retry(this.#number); }

  #take(arriving: Arriving): boolean {
    const card = this.#card;
    if (!card.canDial || this.#owed !== undefined) return false;
    return card.file.system === 'cdma' ? this.#keepText(arriving) : arriving.kind === 'report' ? this.#report(arriving) : this.#message(arriving);
  }

  #message(arriving: Extract<Arriving, { kind: 'message' }>): boolean {
    const pdu = deliver(arriving.sms, this.#card.clock.wall());
    if (pdu === undefined) return true;
    if (this.#mt === 2 && this.#handOver(`+CMT: ,${pdu.length}`, pdu.hex, arriving)) return true;
    return this.#keep({ status: 0, pdu: pdu.hex }, this.#mt === 0 ? '' : '+CMTI: "SM"');
  }

  #report(arriving: Extract<Arriving, { kind: 'report' }>): boolean {
    const pdu = statusReport(arriving.report);
    if (pdu === undefined || this.#ds === 0) return true;
    if (this.#ds === 1 && this.#handOver(`+CDS: ${pdu.length}`, pdu.hex, arriving)) return true;
    return this.#keep({ status: 0, pdu: pdu.hex }, '+CDSI: "SM"');
  }

  #keepText(arriving: Arriving): boolean {
    if (arriving.kind === 'report') return true;
    const { from, text } = arriving.sms;
    return this.#keep({ status: 0, pdu: '', from, text, atMs: this.#card.clock.wall() }, '+CMTI: "ME"');
  }

  #keep(message: Parameters<MessageMemory['store']>[0], tell: string): boolean {
    const at = this.memory.store(message);
    if (at !== undefined && tell !== '') this.#card.tell(`${tell},${at}`);
    return at !== undefined;
  }

  /** False: nobody would hear it. */
  #handOver(head: string, hex: string, arriving: Arriving): boolean {
    if (!this.#card.tell(`${head}\r\n${hex}`)) return false;
    // Only the service of phase 2+ wants an answer (+CSMS=1).
    if (this.#card.vars.get('csms') === '1') this.#owed = { arriving, timer: this.#card.clock.after(ACK_MS, () => this.#back()) };
    return true;
  }

  #back(): void {
    const owed = this.#owed;
    this.#owed = undefined;
    if (owed === undefined) return;
    void owed.timer.dispose();
    this.route(0, 0);
    this.#card.carrier.messages.back(this.#number, owed.arriving);
  }
}
