import type { CardSpec, Machine, Pin, Registration, Report, Script, Signal, Technology } from '../../../../sdk/index.ts';
import type { TimelineEntry } from '../../contract.ts';
import { Jobs } from './jobs.ts';
import { Knowledge } from './knowledge.ts';
import { type Ladder, type Rung, rungs, type Trouble } from './ladder.ts';
import type { CallTrouble, ModemIn, ModemOut, ModemSurroundings, ModemView } from './messages.ts';
import { type StoredPin, storedPin } from './pin.ts';
import * as scripts from './scripts.ts';
import { type Pending, phaseOf, type State, wordsOf } from './states.ts';
import { HANG_UP_MS, LOST_POLLS, POLL_MS, REPLUG_MS, RESET_MS, SEARCH_MS, SEARCH_POLL_MS, SILENCES, SIM_MS } from './times.ts';
import { Wishes } from './wishes.ts';
import * as words from './words.ts';

const MUTE = 'the card does not answer';

/** The life of one inserted card, from the first words to the call and back. Pulling it ends the machine with all it has. */
export class Modem implements Machine<ModemIn, ModemOut> {
  readonly #around: ModemSurroundings;
  readonly #ladder: Ladder;
  readonly #known = new Knowledge();
  readonly #wishes: Wishes;
  #state: State = { at: 'empty' };
  #out: ModemOut[] = [];
  #now = 0;
  #spec: CardSpec | undefined;
  #statusOnline = false;
  readonly #jobs = new Jobs();
  #pending: Pending | undefined;
  #pollAt = 0;
  #silences = 0;
  #lost = 0;
  /** What was complained of last. */
  #complaint = '';
  /** The call that is being made is not wanted any more, and why. */
  #cancelled = '';

  constructor(ladder: Ladder, around: ModemSurroundings) {
    this.#ladder = ladder;
    this.#around = around;
    this.#wishes = new Wishes(around);
  }

  get spec(): CardSpec | undefined { return this.#spec; }

  /** A packet can bring about a call. */
  get dialsOnDemand(): boolean {
    return ['registered', 'searching', 'dialling', 'call', 'hanging up', 'recovering'].includes(this.#state.at) && this.#wishes.settings.enabled && this.#wishes.held === '' && this.#blocked() === undefined;
  }

  step(input: ModemIn, now: number): readonly ModemOut[] {
    this.#out = [];
    this.#now = now;
    this.#take(input);
    this.#settle();
    return this.#out;
  }

  deadline(): number | undefined {
    const s = this.#state;
    const dues = [s.at === 'hanging up' ? s.by : s.at === 'recovering' ? s.until : undefined];
    if (s.at === 'call' && s.upAt !== undefined && !s.closing) dues.push(this.#wishes.idleAt(s.upAt));
    if (!this.#jobs.busy) {
      if (s.at === 'locked') dues.push(s.again);
      if (s.at === 'searching' || s.at === 'registered' || s.at === 'failed') dues.push(this.#pending?.due);
      if (this.#polls) dues.push(this.#pollAt);
    }
    const first = Math.min(...dues.filter(due => due !== undefined));
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  /** What is known now. */
  view(now: number): ModemView {
    const [known, frozen] = [this.#known, this.#inCall && !this.#statusOnline];
    return {
      phase: phaseOf(this.#state, this.#pending, known), words: wordsOf(this.#state, this.#pending, known, this.#wishes, this.#blocked(), now),
      identity: known.identity, pin: known.pin, networkTypes: known.networkTypes, registration: known.registration,
      signal: known.signal(now, frozen), otherSignal: known.otherSignal(now, frozen), technology: known.technology(now, frozen),
    };
  }

  #take(input: ModemIn): void {
    const s = this.#state;
    switch (input.kind) {
      case 'begin': if (s.at === 'empty') this.#identify(); break;
      case 'identified':
        if (s.at !== 'identifying') break;
        this.#spec = input.spec;
        this.#statusOnline = input.statusOnline && input.spec.quirks?.noStatusOnline !== true;
        this.#begin(input.spec);
        break;
      case 'unidentified': if (s.at === 'identifying') this.#fail('silent', input.why); break;
      case 'done': this.#jobs.ended(input.job, job => (input.silent ? job.broken(MUTE, true) : job.done(input.value))); break;
      case 'broken': this.#jobs.ended(input.job, job => job.broken(input.why, false)); break;
      case 'report': this.#hear(input.report); break;
      case 'connect': this.#connect(); break;
      case 'demand': this.#wishes.demand(this.#now); break;
      case 'stand-in': this.#wishes.standIn = input.wanted; break;
      case 'disconnect': this.#disconnect(input.why); break;
      case 'pin': if (s.at === 'locked' && !this.#jobs.busy && (input.puk !== undefined || this.#known.pin?.state === 'pin')) this.#unlock(input.pin, input.puk, false); break;
      case 'settings': this.#settingsChanged(); break;
      case 'policies': this.#policies(); break;
      case 'authenticating': if (s.at === 'call' && !s.proving) this.#enter({ ...s, proving: true }); break;
      case 'network-up': if (s.at === 'call' && s.upAt === undefined) this.#networkUp(s); break;
      case 'call-ended': if (s.at === 'call') this.#callEnded(input.trouble, input.why); break;
      case 'hung-up': if (s.at === 'hanging up') this.#hungUp(s); break;
      default: // Time has passed: what is due is looked at after every input.
    }
  }

  /** Does what is due. */
  #settle(): void {
    const s = this.#state;
    const now = this.#now;
    if (s.at === 'hanging up' && now >= s.by) this.#hungUp(s);
    else if (s.at === 'recovering' && s.until !== undefined && now >= s.until) this.#identify();
    else if (s.at === 'call' && s.upAt !== undefined && !s.closing && now >= (this.#wishes.idleAt(s.upAt) ?? Number.POSITIVE_INFINITY)) {
      this.#wishes.drop();
      this.#end('nobody used it');
    } else if (this.#jobs.busy) return;
    else if (!this.#wishes.settings.enabled && ['searching', 'registered', 'locked'].includes(s.at)) {
      this.#pending = undefined;
      this.#enter({ at: 'off' });
    } else if (s.at === 'locked' && now >= s.again) this.#run(scripts.simState(this.#spec!.dialect), pin => this.#sim(pin, true));
    else if ((s.at === 'searching' || s.at === 'registered' || s.at === 'failed') && this.#pending !== undefined && now >= this.#pending.due) this.#move(this.#pending);
    // A card that says nothing during a call is asked between two.
    else if (s.at === 'registered' && this.#pending === undefined && this.#wishes.wanted(now) && this.#blocked() === undefined && (this.#statusOnline || now < this.#pollAt)) this.#dial(this.#spec!);
    else if (this.#polls && now >= this.#pollAt) this.#poll();
  }

  #identify(): void {
    this.#pending = undefined;
    this.#enter({ at: 'identifying' });
    this.#out.push({ kind: 'probe' });
  }

  #begin(spec: CardSpec): void {
    this.#enter({ at: 'starting' });
    this.#wishes.changes();
    this.#run(scripts.startUp(spec), found => {
      if (found.refused !== undefined) this.#note('card', `the card refused ${found.refused}`);
      this.#known.identity = found.identity;
      this.#known.networkTypes = found.networkTypes;
      this.#note('card', `${spec.maker} ${spec.model}${words.numberOf(found.identity)}`);
      this.#sim(found.pin, true);
    });
  }

  /** `may`: the stored PIN may be sent. */
  #sim(pin: Pin, may: boolean): void {
    this.#known.pin = pin;
    const { enabled, pin: stored } = this.#wishes.settings;
    if (!enabled) return this.#enter({ at: 'off' });
    if (pin.state === 'pin' && may && this.#stored(pin) === 'usable') return this.#unlock(stored, undefined, true);
    const why = words.simWords(pin, this.#stored(pin));
    if (why === undefined) return this.#open();
    this.#complain(why);
    this.#enter({ at: 'locked', why, again: this.#now + SIM_MS });
  }

  #stored(pin: Pin): StoredPin {
    return storedPin(pin, this.#wishes.settings.pin, which => this.#around.pinRefused(this.#known.sim, which));
  }

  #unlock(pin: string, puk: string | undefined, automatic: boolean): void {
    this.#enter({ at: 'opening' });
    // Noted first: a card that crashes over it must not be sent it again and again.
    if (puk === undefined) this.#around.rememberPin(this.#known.sim, pin, true);
    this.#run(scripts.unlock(this.#spec!, pin, puk), ({ answer, pin: after }) => {
      const ok = answer?.ok === true && after.state !== 'pin' && after.state !== 'puk';
      if (ok) this.#around.rememberPin(this.#known.sim, pin, false);
      const which = puk === undefined ? `PIN${automatic ? ' of the settings' : ''}` : 'PUK';
      this.#note('pin', ok ? `the SIM took the ${which}` : `the SIM refused the ${which}`);
      this.#sim(after, false);
    });
  }

  #open(): void {
    this.#complaint = '';
    this.#enter({ at: 'opening' });
    const { networkType } = this.#wishes.settings;
    this.#run(scripts.opened(this.#spec!, networkType), found => {
      this.#known.identity = found.identity ?? this.#known.identity;
      this.#known.networkTypes = found.networkTypes ?? this.#known.networkTypes;
      if (found.refused !== undefined) this.#note('network', `the card refused the network type ${networkType} (${found.refused})`);
      this.#search();
    });
  }

  #search(): void {
    this.#pollAt = this.#now;
    this.#lost = this.#silences = 0;
    this.#enter(this.#wishes.settings.enabled ? { at: 'searching', since: this.#now } : { at: 'off' });
  }

  get #polls(): boolean {
    const s = this.#state;
    return s.at === 'searching' || s.at === 'registered' || (s.at === 'call' && s.upAt !== undefined && this.#statusOnline);
  }

  #poll(): void {
    const again = (): void => { this.#pollAt = this.#now + (this.#state.at === 'searching' ? SEARCH_POLL_MS : POLL_MS); };
    this.#run(scripts.reading(this.#spec!.dialect), found => {
      again();
      this.#silences = 0;
      this.#heard(found.registration, found.signal, found.technology);
    }, (why, silent) => {
      again();
      if (!silent) return this.#complain(`asking the card failed: ${why}`);
      if (++this.#silences < SILENCES) return;
      this.#silences = 0;
      // A call that stands is better than a card that talks.
      if (this.#inCall) this.#statusOnline = false;
      else this.#fail('silent', `${MUTE} any more`);
      this.#changed();
    });
  }

  #heard(registration: Registration, signal: Signal | undefined, technology: Technology | undefined): void {
    const known = this.#known;
    const [before, s] = [known.registration?.state, this.#state];
    known.measured(signal, technology, this.#now, this.#around.wall(), s.at === 'call' ? 'command' : 'data');
    known.registered(registration);
    if (s.at === 'searching' && known.here) {
      this.#note('network', words.networkWords(known.registration));
      if (this.#pending?.trouble === 'service') this.#pending = undefined;
      this.#enter({ at: 'registered' });
    } else if (s.at === 'searching') {
      if (before !== 'denied' && known.registration?.state === 'denied') this.#note('network', words.searchWords(known.registration));
      if (this.#pending === undefined && this.#now - s.since >= SEARCH_MS) this.#fail('service', words.searchWords(known.registration));
    } else if (s.at === 'registered') {
      this.#lost = known.here ? 0 : this.#lost + 1;
      if (this.#lost >= LOST_POLLS) {
        this.#note('network', 'the network is gone');
        this.#search();
      }
    } else if (s.at === 'call' && this.#wishes.forbidsRoaming(known.registration)) this.#end('the card is roaming now');
    this.#changed();
  }

  #hear({ registration: r, signal, technology }: Report): void {
    if (r !== undefined || signal !== undefined || technology !== undefined) this.#heard({ ...(this.#known.registration ?? { state: 'unknown' }), ...r }, signal, technology ?? r?.technology);
  }

  #blocked(): string | undefined { return this.#wishes.blocked(this.#spec, this.#known.registration); }

  #dial(spec: CardSpec): void {
    const [{ login, phone }, apn] = [this.#wishes.settings, words.shown(this.#wishes.settings.login.apn)];
    this.#cancelled = '';
    this.#ladder.use('redial', this.#now);
    this.#wishes.changes();
    this.#enter({ at: 'dialling' });
    this.#note('call', `dials${spec.dialect.system === '3gpp' ? ` the APN ${apn}` : ''}`);
    this.#run(scripts.dial(spec, login, phone), found => {
      if (found.connected) {
        this.#enter({ at: 'call', upAt: undefined, proving: false, closing: this.#cancelled !== '' });
        this.#out.push({ kind: 'call' });
        if (this.#cancelled !== '') this.#out.push({ kind: 'close-call', why: this.#cancelled });
        return;
      }
      this.#back();
      if (this.#cancelled !== '') return;
      this.#failCall(words.dialFailure(found, spec.dialect.system, apn));
    }, (why, silent) => {
      this.#back();
      this.#fail(silent ? 'silent' : 'call', why);
    });
  }

  /** No call any more. */
  #back(): void {
    this.#pollAt = this.#now;
    this.#enter({ at: this.#wishes.settings.enabled ? 'registered' : 'off' });
  }

  #networkUp(s: Extract<State, { at: 'call' }>): void {
    this.#ladder.online(this.#now);
    this.#pollAt = this.#now + POLL_MS;
    this.#enter({ ...s, upAt: this.#now });
    this.#note('call', 'online');
  }

  #callEnded(trouble: CallTrouble, why: string): void {
    const s = this.#state;
    this.#enter({ at: 'hanging up', trouble, why, by: this.#now + HANG_UP_MS, early: s.at === 'call' && s.upAt === undefined && !s.proving && trouble === 'call' });
    this.#note('call', trouble === 'asked' ? `offline: ${why}` : `the call ended: ${why}`);
    this.#out.push({ kind: 'hang-up' });
  }

  #hungUp({ trouble, why, early }: Extract<State, { at: 'hanging up' }>): void {
    this.#ladder.offline(this.#now);
    this.#back();
    const plain = { trouble, words: why };
    if (trouble === 'asked' || !this.#wishes.settings.enabled) return;
    if (early) this.#run(scripts.earlyEnd(this.#spec!.dialect, why, words.shown(this.#wishes.settings.login.apn)), found => this.#failCall(found), () => this.#failCall(plain));
    else this.#failCall(plain);
  }

  /** Another call follows, unless somebody said no meanwhile. */
  #failCall(f: words.DialFailure): void { if (this.#wishes.settings.enabled && this.#wishes.held === '') this.#fail(f.trouble === 'login' ? 'login' : 'call', f.words); }

  #connect(): void {
    this.#wishes.held = '';
    this.#wishes.asked = true;
    this.#ladder.forgive();
    if (this.#state.at === 'failed' && !this.#jobs.busy) this.#identify();
    else if (this.#pending?.trouble !== 'service') this.#pending = undefined;
    this.#changed();
  }

  #disconnect(why: string): void {
    this.#wishes.held = why;
    this.#wishes.drop();
    this.#forget();
    this.#end(why);
    this.#changed();
  }

  /** The next try at a call is off. */
  #forget(): void { if (this.#pending?.trouble === 'call' || this.#pending?.trouble === 'login') this.#pending = undefined; }

  /** The present call is to end; whether another one follows is up to what is wanted. */
  #end(why: string): void {
    const s = this.#state;
    if (s.at === 'dialling') this.#cancelled = why;
    if (s.at !== 'call' || s.closing) return;
    this.#enter({ ...s, closing: true });
    this.#out.push({ kind: 'close-call', why });
  }

  #policies(): void {
    const why = this.#around.mayStay();
    this.#changed();
    if (why !== undefined) this.#end(why);
  }

  #settingsChanged(): void {
    const [changed, s, idle] = [this.#wishes.changes(), this.#state, !this.#jobs.busy];
    if (!this.#wishes.settings.enabled) this.#end('cellular is switched off');
    else if (s.at === 'off') this.#begin(this.#spec!);
    else if (s.at === 'locked' && changed.pin && idle && this.#known.pin) this.#sim(this.#known.pin, true);
    else if (changed.networkType && idle && (s.at === 'searching' || s.at === 'registered')) this.#open();
    else if (changed.call) {
      this.#ladder.forgive();
      this.#forget();
      this.#end('the settings changed');
    }
    this.#changed();
  }

  #fail(trouble: Trouble, why: string): void {
    const { rung, inMs } = this.#ladder.next(trouble, r => this.#can(r), this.#now);
    this.#pending = { rung, due: this.#now + inMs, why: words.clean(why), trouble };
    this.#note('recovery', `${why}; ${rung === 'redial' ? words.mildWords[trouble] : words.rungWords[rung]} in ${words.span(inMs)}`);
    if (trouble === 'silent') this.#enter({ at: 'failed', why });
    else this.#changed();
  }

  #can(rung: Rung): boolean { return rung === 'redial' || (this.#spec !== undefined && scripts.stepOf(rung, this.#spec) !== undefined) || this.#around.has(rung); }

  #move({ rung, trouble, why }: Pending): void {
    this.#pending = undefined;
    if (rung !== 'redial') {
      this.#ladder.use(rung, this.#now);
      this.#note('recovery', `${words.rungWords[rung]} (step ${rungs.indexOf(rung)} of ${rungs.length - 1}, number ${this.#ladder.used(rung, this.#now)} today)`);
    }
    const step = this.#spec && scripts.stepOf(rung, this.#spec);
    if (step !== undefined) {
      this.#enter({ at: 'recovering', rung, until: undefined });
      const after = () => (rung === 'reset' ? this.#enter({ at: 'recovering', rung, until: this.#now + RESET_MS }) : this.#search());
      return this.#run(step, after, after);
    }
    if (rung === 'replug') {
      this.#out.push({ kind: 'replug' });
      return this.#enter({ at: 'recovering', rung, until: this.#now + REPLUG_MS });
    }
    if (rung === 'reboot') this.#out.push({ kind: 'reboot', why });
    if (trouble === 'silent') this.#identify();
    else if (trouble === 'service') this.#search();
    else this.#settle();
  }

  /** A script that nothing answered to is broken. */
  #run<T>(script: Script<T>, done: (value: T) => void, broken: (why: string, silent: boolean) => void = why => this.#fail('silent', why)): void {
    this.#out.push(this.#jobs.start(script, done, broken));
  }

  get #inCall(): boolean { return this.#state.at === 'call' || this.#state.at === 'dialling'; }

  #enter(state: State): void { this.#state = state; this.#changed(); }

  #changed(): void { if (this.#out.at(-1)?.kind !== 'changed') this.#out.push({ kind: 'changed' }); }
  /** What goes on and on is told once. */
  #complain(text: string): void {
    if (text !== this.#complaint) this.#note('card', text);
    this.#complaint = text;
  }

  #note(as: TimelineEntry['kind'], text: string): void { this.#out.push({ kind: 'note', as, words: words.clean(text) }); }
}
