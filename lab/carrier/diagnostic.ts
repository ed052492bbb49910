import type { Disposable, Tty } from '../../sdk/index.ts';
import { encode, FrameReader } from '../../plugins/cellular-cards/core/qcdm/frame.ts';
import type { Cable } from './cable.ts';
import type { PortPlan, Role } from './card-file.ts';
import type { SimulatedCard } from './card.ts';
import { factsOf } from './facts.ts';
import { query, SimulatedPort } from './port.ts';
import { qcdmAnswer } from './qcdm-answers.ts';

/** A diagnostic port: it answers frames, or commands once the card was told to ($NWDMAT sets `dmat`). */
export class DiagnosticPort {
  readonly plan: PortPlan;
  /** Set right after it is made. */
  cable!: Cable;
  readonly #card: SimulatedCard;
  readonly #frames = new FrameReader();
  #commands: SimulatedPort | undefined;

  constructor(card: SimulatedCard, plan: PortPlan) {
    this.#card = card;
    this.plan = plan;
  }

  get role(): Role { return this.#commands ? 'command' : 'diagnostic'; }
  get online(): boolean { return this.#commands?.online ?? false; }
  open(): Tty & Disposable { return this.cable.open(); }
  report(text: string): boolean { return this.#commands?.report(text) ?? false; }
  lose(): void { this.#commands?.lose(); }

  take(buf: Uint8Array, from: number, to: number): void {
    if (this.#commands) return this.#commands.take(buf, from, to);
    if (!this.#card.awake || this.#card.fault === 'silent') return;
    this.#frames.feed(buf, from, to, request => {
      const answer = qcdmAnswer(request, factsOf(this.#card), this.#card.file.novatelChip, line => query(this.#card, line));
      const timer = this.#card.clock.after(this.#card.file.timing.answerMs, () => { if (this.#card.awake) this.cable.write(encode(answer)); });
      this.#timers.push(timer);
      if (this.#timers.length > 8) this.#timers.shift();
    });
  }
  readonly #timers: Disposable[] = [];

  dropped(): void {
    this.#frames.reset();
    this.#commands?.dropped();
  }

  off(): void {
    for (const t of this.#timers) void t.dispose();
    this.#commands?.off();
  }

  modeChanged(): void {
    const wanted = this.#card.vars.get('dmat') === '1';
    if (wanted === (this.#commands !== undefined)) return;
    this.#commands?.off();
    this.#commands = wanted ? new SimulatedPort(this.#card, { role: 'command', interface: this.plan.interface }) : undefined;
    if (this.#commands) this.#commands.cable = this.cable;
  }
}
