import { map, Subject, type Observable, type Subscription } from 'rxjs';
import { type Batch, type Counter, type Hook, hooks, type Packet, type Slot, Verdict } from '../../sdk/packet.ts';
import type { StageSpec } from '../../sdk/plugin.ts';
import type { Disposable } from '../../sdk/scope.ts';

/** What the pipelines tell the engine. */
export interface PipelineHost {
  /** The counter for packets a broken stage had in hand. */
  counter(name: string): Counter & Disposable;
  /** A stage threw; its batch is dropped. */
  fault(stage: string, owner: string, error: unknown): void;
  /** A packet leaves here: count is done, the buffer may go back. */
  gone(p: Packet): void;
  /** Called for followed packets only. */
  trace(p: Packet, slot: string, stage: string, says: string): void;
  /** Something changed; compile before the next breath. */
  changed(): void;
}

interface Stage { readonly spec: StageSpec; readonly owner: string; readonly faults: Counter & Disposable; readonly hook: Hook; readonly rank: number }

/**
 * The road of packets: per hook one RxJS pipeline of stages over batches, in the order of the kernel's slots. Stages come and go at any
 * time; the pipelines are compiled anew between two breaths.
 */
export class Pipelines {
  readonly #host: PipelineHost;
  readonly #stages = new Set<Stage>();
  readonly #inputs = new Map<Hook, Subject<Batch>>();
  readonly #subscriptions: Subscription[] = [];
  #dirty = true;

  constructor(host: PipelineHost) { this.#host = host; }

  add(spec: StageSpec, owner: string): Disposable {
    const [hook, slot] = spec.slot.split('.') as [Hook, string];
    const rank = (hooks[hook] as readonly string[] | undefined)?.indexOf(slot) ?? -1;
    if (rank < 0) throw new Error(`${owner}: there is no slot "${spec.slot}"; slots are ${allSlots().join(', ')}`);
    const stage: Stage = { spec, owner, hook, rank, faults: this.#host.counter(`${spec.name}: stage failed`) };
    this.#stages.add(stage);
    this.#touch();
    return { dispose: () => { if (this.#stages.delete(stage)) { stage.faults.dispose(); this.#touch(); } } };
  }

  #touch(): void { this.#dirty = true; this.#host.changed(); }

  /** Stages of a hook as they will run. */
  order(hook: Hook): readonly { readonly slot: Slot; readonly name: string; readonly owner: string }[] {
    return this.#sorted(hook).map(s => ({ slot: s.spec.slot, name: s.spec.name, owner: s.owner }));
  }

  /** Between breaths only. True when anything was compiled. */
  compile(): boolean {
    if (!this.#dirty) return false;
    this.#dirty = false;
    for (const s of this.#subscriptions.splice(0)) s.unsubscribe();
    this.#inputs.clear();
    for (const hook of Object.keys(hooks) as Hook[]) {
      const stages = this.#sorted(hook);
      if (stages.length === 0) continue;
      const input = new Subject<Batch>();
      const line = stages.reduce<Observable<Batch>>((upstream, stage) => upstream.pipe(map(this.#fenced(stage))), input);
      this.#subscriptions.push(line.subscribe());
      this.#inputs.set(hook, input);
    }
    return true;
  }

  /** Runs a batch through a hook; what is left in it afterwards goes on. */
  run(hook: Hook, batch: Batch): void {
    if (batch.n > 0) this.#inputs.get(hook)?.next(batch);
  }

  #sorted(hook: Hook): Stage[] {
    const mine = [...this.#stages].filter(s => s.hook === hook)
      .sort((a, b) => a.rank - b.rank || (a.spec.name < b.spec.name ? -1 : 1));
    // `after` moves a stage behind its namesakes within one slot; names that are not there do not matter.
    const done: Stage[] = [];
    const waiting = [...mine];
    while (waiting.length > 0) {
      const i = waiting.findIndex(s => !waiting.some(o => o !== s && o.rank === s.rank && s.spec.after?.includes(o.spec.name)));
      done.push(...waiting.splice(Math.max(i, 0), 1));
    }
    return done;
  }

  /** One stage as a function over batches: a throw costs its batch, never the pipeline. */
  #fenced(stage: Stage): (batch: Batch) => Batch {
    const { spec, owner, faults } = stage;
    const host = this.#host;
    return batch => {
      if (batch.n === 0) return batch;
      try {
        spec.process(batch);
      } catch (error) {
        for (let i = 0; i < batch.n; i++) batch.drop(batch.at(i), faults);
        host.fault(spec.name, owner, error);
      }
      settle(batch, spec, host);
      return batch;
    };
  }
}

/** Removes what a stage dropped or took, keeping the order of the rest; tells the trace. */
export function settle(batch: Batch, spec: Pick<StageSpec, 'slot' | 'name' | 'trace'>, host: PipelineHost): void {
  let kept = 0;
  for (let i = 0; i < batch.n; i++) {
    const p = batch.pkts[i]!;
    if (p.trace !== 0) tell(p, spec, host);
    if (p.verdict === Verdict.Pass) {
      if (kept !== i) batch.pkts[kept] = p;
      kept++;
      continue;
    }
    if (p.verdict === Verdict.Drop && p.reason) p.reason.n++;
    host.gone(p);
  }
  batch.n = kept;
}

function tell(p: Packet, spec: Pick<StageSpec, 'slot' | 'name' | 'trace'>, host: PipelineHost): void {
  let says = '';
  try {
    says = spec.trace?.(p) ?? '';
  } catch (error) {
    says = `(its trace failed: ${error instanceof Error ? error.message : String(error)})`;
  }
  if (p.verdict === Verdict.Drop) says = `dropped: ${p.reason?.name ?? 'no reason given'}${says ? `; ${says}` : ''}`;
  if (p.verdict === Verdict.Stolen && !says) says = 'taken';
  host.trace(p, spec.slot, spec.name, says);
}

const allSlots = (): string[] => Object.entries(hooks).flatMap(([hook, slots]) => slots.map(s => `${hook}.${s}`));
