/** Something that can be given back. */
export interface Disposable {
  dispose(): void | Promise<void>;
}

/**
 * What somebody holds, given back last in, first out; each thing once; all of them, even when one throws
 * (then one AggregateError tells of all). `add` after `dispose` undoes its argument at once and throws.
 */
export interface Scope extends Disposable {
  add(d: Disposable | (() => void | Promise<void>), label: string): Disposable;
  child(label: string): Scope;
  readonly disposed: boolean;
  /** Labels of what is still held, oldest first; `plugin residue` prints them. */
  readonly live: readonly string[];
}
