/** A line being typed, with the lines before it. Keys as in every shell; no drawing here. */
export class LineEditor {
  line = '';
  cursor = 0;
  readonly #history: string[];
  /** Place in the history; its length is the line that is new. */
  #at: number;
  #draft = '';

  /** Oldest first. */
  constructor(history: readonly string[] = []) {
    this.#history = [...history];
    this.#at = this.#history.length;
  }

  get history(): readonly string[] { return this.#history; }

  insert(text: string): void {
    this.line = this.line.slice(0, this.cursor) + text + this.line.slice(this.cursor);
    this.cursor += text.length;
  }

  /** Puts `text` where [from, to) was, and the cursor behind it. */
  replace(from: number, to: number, text: string): void {
    this.line = this.line.slice(0, from) + text + this.line.slice(to);
    this.cursor = from + text.length;
  }

  /** Takes the line that was typed; remembers it. */
  take(most = 300): string {
    const line = this.line;
    if (line.trim() !== '') {
      const again = this.#history.lastIndexOf(line);
      if (again >= 0) this.#history.splice(again, 1);
      this.#history.push(line);
      if (this.#history.length > most) this.#history.splice(0, this.#history.length - most);
    }
    this.clear();
    return line;
  }

  clear(): void {
    this.line = '';
    this.cursor = 0;
    this.#at = this.#history.length;
  }

  /** A control character or an escape sequence as terminals send them. False: it means nothing here. */
  key(sequence: string): boolean {
    switch (sequence) {
      case '\x1b[A': case '\x1bOA': case '\x10': return this.#turn(-1);
      case '\x1b[B': case '\x1bOB': case '\x0e': return this.#turn(1);
      case '\x1b[D': case '\x1bOD': case '\x02': return this.#go(this.cursor - this.#before());
      case '\x1b[C': case '\x1bOC': case '\x06': return this.#go(this.cursor + this.#after());
      case '\x1b[H': case '\x1bOH': case '\x1b[1~': case '\x01': return this.#go(0);
      case '\x1b[F': case '\x1bOF': case '\x1b[4~': case '\x05': return this.#go(this.line.length);
      case '\x1bb': case '\x1b[1;5D': case '\x1b[1;3D': return this.#go(this.#wordBegin());
      case '\x1bf': case '\x1b[1;5C': case '\x1b[1;3C': return this.#go(this.#wordEnd());
      case '\x7f': case '\b': return this.#cut(this.cursor - this.#before(), this.cursor);
      case '\x1b[3~': case '\x04': return this.#cut(this.cursor, this.cursor + this.#after());
      case '\x15': return this.#cut(0, this.cursor);
      case '\x0b': return this.#cut(this.cursor, this.line.length);
      case '\x17': case '\x1b\x7f': return this.#cut(this.#wordBegin(), this.cursor);
      default: return false;
    }
  }

  /** Length of the character before the cursor: two units where it is a surrogate pair. */
  #before(): number { return [...this.line.slice(0, this.cursor)].at(-1)?.length ?? 0; }
  #after(): number { return [...this.line.slice(this.cursor)][0]?.length ?? 0; }
  #wordBegin(): number { return /\S*\s*$/.exec(this.line.slice(0, this.cursor))!.index; }
  #wordEnd(): number { return this.cursor + /^\s*\S*/.exec(this.line.slice(this.cursor))![0].length; }

  #go(to: number): true {
    this.cursor = Math.max(0, Math.min(this.line.length, to));
    return true;
  }

  #cut(from: number, to: number): true {
    this.replace(from, to, '');
    return true;
  }

  #turn(by: number): true {
    const to = this.#at + by;
    if (to < 0 || to > this.#history.length) return true;
    if (this.#at === this.#history.length) this.#draft = this.line;
    this.#at = to;
    this.line = this.#history[to] ?? this.#draft;
    this.cursor = this.line.length;
    return true;
  }
}
