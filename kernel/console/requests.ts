import { CliError, type Reply } from '../../sdk/cli.ts';
import { partsOf } from '../cli/draw.ts';
import { reasonOf } from '../cli/errors.ts';
import { ConfigProblem } from '../config/section.ts';
import { CommitFailed } from '../config/transaction.ts';
import type { Running, Session } from '../cli/session.ts';
import { askedBy } from './acting.ts';
import type { Services } from './connection.ts';
import type { Outbox } from './outbox.ts';
import type { Answer, Id, Request } from './protocol.ts';
import { type Act, permits, refusal } from './roles.ts';
import { withKeys } from './settings.ts';
import { streamArea } from './stream-area.ts';
import { serveSettings, type SettingsRequest } from './settings-requests.ts';

type Asked = Exclude<Request, { type: 'hello' }>;
type Of<T extends Request['type']> = Extract<Request, { type: T }>;

const MOST_SUBSCRIPTIONS = 64;
/** Requests, other than verbs, that wait for an answer. */
const MOST_PENDING = 64;

/** Fields that an answer tells to be wrong: more of them nobody corrects one by one. */
const MOST_PROBLEMS = 100;

/** Serves what an authenticated client asks for. */
export class Requests {
  readonly session: Session;
  readonly #services: Services;
  readonly #outbox: Outbox;
  readonly #running = new Map<Id, Running>();
  #pending = 0;

  constructor(services: Services, session: Session, outbox: Outbox) {
    this.#services = services;
    this.session = session;
    this.#outbox = outbox;
  }

  serve(request: Asked): void {
    switch (request.type) {
      case 'run': this.#run(request); break;
      case 'cancel': this.#running.get(request.id)?.cancel(); break;
      case 'complete': this.#later(request.id, () => this.#complete(request)); break;
      case 'help': this.#later(request.id, () => this.#help(request)); break;
      case 'subscribe': this.#subscribe(request); break;
      case 'unsubscribe': this.#unsubscribe(request.id); break;
      case 'panels': this.#outbox.send({ type: 'panels', id: request.id, panels: this.#services.panels.list().map((p) => ({ ...p, actions: [...p.actions] })) }); break;
      case 'act': this.#later(request.id, () => this.#act(request)); break;
      case 'lab': this.#later(request.id, () => this.#lab(request)); break;
      case 'panel.action': this.#later(request.id, () => this.#panelAction(request)); break;
      default: this.#later(request.id, () => this.#settings(request)); break;
    }
  }

  close(): void {
    this.session.close();
    this.#running.clear();
  }

  #refuse(id: Id, error: string, code = 1): void {
    this.#outbox.send({ type: 'error', id, error, code });
  }

  #run({ id, line }: Of<'run'>): void {
    if (this.#running.has(id)) {
      this.#refuse(id, 'a verb with this id is running', 2);
      return;
    }
    const running = this.session.start(line, (part) => this.#outbox.part(id, part));
    this.#running.set(id, running);
    void running.done.then(({ code, error, at, allowed }) => {
      this.#running.delete(id);
      const missed = this.#outbox.missedOf(id);
      const lost = missed > 0 ? { missed } : {};
      if (error === undefined) this.#outbox.send({ type: 'end', id, code, ...lost });
      else this.#outbox.send({ type: 'error', id, error, code, ...lost, ...(at === undefined ? {} : { at }), ...(allowed === undefined ? {} : { allowed: [...allowed] }) });
    });
  }

  async #complete({ id, line, cursor }: Of<'complete'>): Promise<Answer> {
    const { candidates, ...rest } = await this.session.complete(line, cursor ?? line.length);
    return { type: 'completion', id, candidates: [...candidates], ...rest };
  }

  async #help({ id, line }: Of<'help'>): Promise<Answer> {
    return { type: 'help', id, parts: [...(await this.session.help(line))] };
  }

  async #act({ id, panel, action, input }: Of<'act'>): Promise<Answer> {
    this.#requireAct(panel, action);
    for (const part of partsOf(await this.#askedFor(panel, action, input))) this.#outbox.part(id, part);
    return { type: 'end', id, code: 0 };
  }

  async #panelAction({ id, path, action, input }: Of<'panel.action'>): Promise<Answer> {
    this.#requireAct(path, action);
    return { type: 'result', id, result: { parts: partsOf(await this.#askedFor(path, action, input)) } };
  }

  #requireAct(panel: string, action: string): void {
    const { panels } = this.#services;
    this.#require({ access: panels.reads(panel, action) ? 'read' : 'write', area: panels.owner(panel), path: `panel ${panel}` });
  }

  #askedFor(panel: string, action: string, input: unknown): Promise<Reply> {
    return askedBy(this.session.author, () => this.#services.panels.act(panel, action, input));
  }

  async #settings(request: SettingsRequest): Promise<Answer> {
    const { settings } = this.#services;
    if (settings === undefined) throw new CliError('this router offers no settings here');
    return { type: 'result', id: request.id, result: await serveSettings(settings, request, { author: this.session.author, require: (...acts) => this.#require(...acts) }) };
  }

  /** Throws CliError unless one of these is allowed. */
  #require(...acts: readonly Act[]): void {
    const { identity } = this.session;
    if (!acts.some((act) => permits(identity, act))) throw new CliError(refusal(identity, acts[0]!));
  }

  async #lab({ id, host, argv }: Of<'lab'>): Promise<Answer> {
    this.#require({ access: 'write', area: 'lab', path: 'lab exec' });
    const result = await this.#services.lab.exec(host, argv);
    return 'spawn' in result ? { type: 'spawn', id, argv: [...result.spawn] } : { type: 'output', id, output: result.output, code: result.code };
  }

  #subscribe({ id, stream, filter }: Of<'subscribe'>): void {
    const { streams } = this.#services;
    if (this.#outbox.has(id)) this.#refuse(id, 'a subscription with this id exists', 2);
    else if (this.#outbox.size >= MOST_SUBSCRIPTIONS) this.#refuse(id, `${MOST_SUBSCRIPTIONS} subscriptions are the most`);
    else try {
      const keep = streams.keep(stream);
      this.#require(...streamArea(stream, this.#services.panels).map((area): Act => ({ access: 'read', area, path: `stream ${stream}` })));
      const subscription = this.#outbox.subscribe(id, keep);
      this.#outbox.send({ type: 'subscribed', id, stream });
      const source = streams.open(stream, filter ?? {}, (item) => this.#outbox.item(subscription, item), (why) => this.#outbox.unsubscribe(id, why));
      if (this.#outbox.has(id)) subscription.source = source;
      else void source.dispose();
    } catch (e) {
      this.#outbox.forget(id);
      this.#refuse(id, reasonOf(e));
    }
  }

  #unsubscribe(id: Id): void {
    if (this.#outbox.has(id)) this.#outbox.unsubscribe(id, 'unsubscribed');
    else this.#refuse(id, 'there is no subscription with this id');
  }

  /** Answers when `make` is done; at most MOST_PENDING at once. */
  #later(id: Id, make: () => Promise<Answer>): void {
    if (this.#pending >= MOST_PENDING) {
      this.#refuse(id, `${MOST_PENDING} requests are waiting already`);
      return;
    }
    this.#pending++;
    make().catch((e: unknown): Answer => ({ type: 'error', id, error: reasonOf(e), code: 1, ...problemsOf(e) })).then((answer) => {
      this.#pending--;
      this.#outbox.send(answer);
    });
  }
}

/** The fields that a person has to correct; a commit that failed has them as its cause when a section named them while it was to take them. */
const problemsOf = (e: unknown): Pick<Extract<Answer, { type: 'error' }>, 'problems'> => {
  const problem = e instanceof CommitFailed ? e.cause : e;
  return problem instanceof ConfigProblem ? { problems: problem.fields.slice(0, MOST_PROBLEMS).map((f) => { const p = withKeys(f); return { ...p, keys: [...p.keys] }; }) } : {};
};
