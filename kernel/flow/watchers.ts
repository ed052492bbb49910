import type { FlowWatcher, NewFlow } from '../../sdk/flow.ts';
import type { Disposable } from '../../sdk/scope.ts';

/** Who is told of the lives of flows. With nobody to tell it costs one comparison. Watchers do not throw: whoever adds one has fenced it. */
export class Watchers {
  #all: readonly FlowWatcher[] = [];
  #begun: readonly FlowWatcher[] = [];
  #confirmed: readonly FlowWatcher[] = [];
  #ended: readonly FlowWatcher[] = [];

  add(watcher: FlowWatcher): Disposable {
    this.#set([...this.#all, watcher]);
    return { dispose: () => this.#set(this.#all.filter(w => w !== watcher)) };
  }

  #set(all: readonly FlowWatcher[]): void {
    this.#all = all;
    this.#begun = all.filter(w => w.begun);
    this.#confirmed = all.filter(w => w.confirmed);
    this.#ended = all.filter(w => w.ended);
  }

  begun(flow: number, first: NewFlow): void {
    const told = this.#begun;
    for (let i = 0; i < told.length; i++) told[i]!.begun!(flow, first);
  }

  confirmed(flow: number): void {
    const told = this.#confirmed;
    for (let i = 0; i < told.length; i++) told[i]!.confirmed!(flow);
  }

  ended(flow: number, why: string): void {
    const told = this.#ended;
    for (let i = 0; i < told.length; i++) told[i]!.ended!(flow, why);
  }
}
