import type { Completion } from '../cli/complete.ts';
import type { Part } from '../cli/draw.ts';
import type { Outcome, Running, Shell } from '../cli/session.ts';
import { type Channel, closeCodes } from './channel.ts';
import type { LabResult } from './lab-door.ts';
import { type Answer, decodeAnswer, encode, type Request } from './protocol.ts';

type Welcome = Extract<Answer, { type: 'welcome' }>;
type Waiting = (answer: Answer) => void;
export interface Stream { onItems(items: readonly unknown[], missed: number): void; onClosed(why: string): void }
/** Omit that keeps the members of the union apart. */
type Ask<R> = R extends { readonly id: unknown } ? Omit<R, 'id'> : never;

/** The router at the other end of a channel, as a shell like the one inside it. */
export class ConsoleClient implements Shell {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  readonly #gone: ((why: string) => void)[] = [];
  #welcome: Welcome | undefined;
  #greeted: ((answer: Welcome | Error) => void) | undefined;
  #next = 1;
  #why: string | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.listen({ text: (text) => this.#text(text), drained: () => {}, closed: (why) => this.#closed(why) });
  }

  /** Waits for the welcome, after sending the token where one is needed. Rejects with the router's reason. */
  static async open(channel: Channel, token?: string): Promise<ConsoleClient> {
    const client = new ConsoleClient(channel);
    await new Promise<void>((resolve, reject) => {
      client.#greeted = (answer) => (answer instanceof Error ? reject(answer) : resolve());
      if (token !== undefined) channel.send(encode({ type: 'hello', token, client: 'lancell console' }));
    });
    return client;
  }

  get prompt(): string { return this.#welcome?.prompt ?? 'lancell> '; }
  get welcome(): Welcome | undefined { return this.#welcome; }

  /** Told once when the connection ends, or at once when it has ended already. */
  onGone(fn: (why: string) => void): void {
    if (this.#why !== undefined) fn(this.#why);
    else this.#gone.push(fn);
  }

  close(): void {
    this.#channel.close(closeCodes.normal, 'done');
  }

  start(line: string, write: (part: Part) => void): Running {
    let id = 0;
    const done = new Promise<Outcome>((resolve) => {
      id = this.#ask({ type: 'run', line }, (answer) => {
        if ('missed' in answer && answer.missed !== undefined && answer.missed > 0) write(`(${answer.missed} parts of the output were left out: this client reads too slowly)`);
        if (answer.type === 'part') write(answer.part);
        else resolve(this.#outcome(id, answer));
      });
    });
    return { done, cancel: () => this.#channel.send(encode({ type: 'cancel', id })) };
  }

  #outcome(id: number, answer: Answer): Outcome {
    this.#waiting.delete(id);
    if (answer.type === 'end') return { code: codeOf(answer.code) };
    if (answer.type !== 'error') return { code: 1, error: `the router answered with '${answer.type}'` };
    const { error, at, allowed } = answer;
    return { code: codeOf(answer.code), error, ...(at === undefined ? {} : { at }), ...(allowed === undefined ? {} : { allowed }) };
  }

  async complete(line: string, cursor: number): Promise<Completion> {
    return this.#once({ type: 'complete', line, cursor }, 'completion');
  }

  async help(line: string): Promise<readonly Part[]> {
    return (await this.#once({ type: 'help', line }, 'help')).parts;
  }

  async lab(host: string, argv: readonly string[]): Promise<LabResult> {
    return new Promise((resolve, reject) => {
      const id = this.#ask({ type: 'lab', host, argv: [...argv] }, (answer) => {
        this.#waiting.delete(id);
        if (answer.type === 'spawn') resolve({ spawn: answer.argv });
        else if (answer.type === 'output') resolve({ output: answer.output, code: answer.code });
        else reject(new Error(answer.type === 'error' ? answer.error : `the router answered with '${answer.type}'`));
      });
    });
  }

  /** Gives the function that unsubscribes. Rejects when there is no such stream. */
  subscribe(stream: string, filter: Readonly<Record<string, unknown>>, on: Stream): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const id = this.#ask({ type: 'subscribe', stream, filter: { ...filter } }, (answer) => {
        if (answer.type === 'subscribed') resolve(() => this.#channel.send(encode({ type: 'unsubscribe', id })));
        else if (answer.type === 'items') on.onItems(answer.items, answer.missed);
        else {
          this.#waiting.delete(id);
          const why = answer.type === 'closed' ? answer.why : answer.type === 'error' ? answer.error : answer.type;
          reject(new Error(why));
          on.onClosed(why);
        }
      });
    });
  }

  #once<T extends Answer['type']>(request: Ask<Request>, type: T): Promise<Extract<Answer, { type: T }>> {
    return new Promise((resolve, reject) => {
      const id = this.#ask(request, (answer) => {
        this.#waiting.delete(id);
        if (answer.type === type) resolve(answer as Extract<Answer, { type: T }>);
        else reject(new Error(answer.type === 'error' ? answer.error : `the router answered with '${answer.type}'`));
      });
    });
  }

  #ask(request: Ask<Request>, waiting: Waiting): number {
    const id = this.#next++;
    this.#waiting.set(id, waiting);
    if (this.#why !== undefined) queueMicrotask(() => waiting({ type: 'error', id, error: this.#why!, code: 1 }));
    else this.#channel.send(encode({ ...request, id } as Request));
    return id;
  }

  #text(text: string): void {
    const decoded = decodeAnswer(text);
    if (!decoded.ok) return;
    const { message } = decoded;
    if (message.type === 'bye') this.#why ??= message.reason;
    else if (message.type === 'welcome') {
      this.#welcome = message;
      this.#greet(message);
    } else if (message.id === undefined) this.#greet(new Error((message as { error?: string }).error ?? 'refused'));
    else this.#waiting.get(Number(message.id))?.(message);
  }

  #greet(answer: Welcome | Error): void {
    this.#greeted?.(answer);
    this.#greeted = undefined;
  }

  #closed(why: string): void {
    const reason = this.#why ??= why;
    this.#greet(new Error(reason));
    for (const [id, waiting] of [...this.#waiting]) waiting({ type: 'error', id, error: `the connection ended: ${reason}`, code: 1 });
    for (const fn of this.#gone.splice(0)) fn(reason);
  }
}

const codeOf = (code: number): Outcome['code'] => (code === 0 || code === 2 || code === 130 ? code : 1);
