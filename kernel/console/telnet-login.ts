import type { Machine, Tick } from '../../sdk/machine.ts';

export type LoginIn = { readonly kind: 'begin' } | { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'verdict'; readonly ok: boolean; readonly why: string };
export type LoginOut =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'verify'; readonly name: string; readonly password: string }
  /** `rest`: what was typed ahead. */
  | { readonly kind: 'welcome'; readonly rest: Uint8Array }
  | { readonly kind: 'end' };

type State = { at: 'name' } | { at: 'password'; readonly name: string } | { at: 'checking' } | { at: 'over' };

const MOST_ATTEMPTS = 3;
const LONGEST_ANSWER = 256;
/** Octets that may be typed before the login is over. */
const LONGEST_AHEAD = 1024;
const [CTRL_C, CTRL_D, BACKSPACE, LF, CR, CTRL_U, DELETE] = [3, 4, 8, 10, 13, 21, 127];

/** Name and password at a far terminal that we echo for: the name is shown, the password is not. */
export class TelnetLogin implements Machine<LoginIn | Tick, LoginOut> {
  #state: State = { at: 'name' };
  #line: number[] = [];
  #ahead: number[] = [];
  #attempts = 0;
  #outs: LoginOut[] = [];

  deadline(): undefined { return undefined; }

  step(input: LoginIn | Tick): readonly LoginOut[] {
    this.#outs = [];
    if (input.kind === 'begin') this.#print('login: ');
    else if (input.kind === 'bytes') for (const octet of input.bytes) this.#octet(octet);
    else if (input.kind === 'verdict') this.#verdict(input.ok, input.why);
    return this.#outs;
  }

  #octet(b: number): void {
    if (this.#state.at === 'over') return;
    if (this.#state.at === 'checking') {
      if (this.#ahead.length < LONGEST_AHEAD) this.#ahead.push(b);
      return;
    }
    if (b === CTRL_C || (b === CTRL_D && this.#line.length === 0)) this.#end();
    else if (b === CR || b === LF) this.#entered();
    else if (b === BACKSPACE || b === DELETE) {
      if (this.#line.pop() !== undefined) this.#echo('\b \b');
    } else if (b === CTRL_U) {
      this.#echo('\b \b'.repeat(this.#line.length));
      this.#line = [];
    } else if (b >= 32 && this.#line.length < LONGEST_ANSWER) {
      this.#line.push(b);
      // Only what takes one column, so that backspace can take it away again.
      this.#echo(b < 127 ? String.fromCharCode(b) : '?');
    }
  }

  #echo(text: string): void { if (this.#state.at === 'name') this.#print(text); }

  #entered(): void {
    const text = new TextDecoder().decode(Uint8Array.from(this.#line));
    this.#line = [];
    this.#print('\n');
    if (this.#state.at === 'name') {
      const name = text.trim();
      if (name !== '') this.#state = { at: 'password', name };
      this.#print(name === '' ? 'login: ' : 'Password: ');
    } else if (this.#state.at === 'password') {
      const { name } = this.#state;
      this.#state = { at: 'checking' };
      this.#outs.push({ kind: 'verify', name, password: text });
    }
  }

  #verdict(ok: boolean, why: string): void {
    if (this.#state.at !== 'checking') return;
    const ahead = Uint8Array.from(this.#ahead);
    this.#ahead = [];
    if (ok) {
      this.#state = { at: 'over' };
      this.#outs.push({ kind: 'welcome', rest: ahead });
      return;
    }
    this.#print(`${why}\n`);
    if (++this.#attempts >= MOST_ATTEMPTS) {
      this.#end();
      return;
    }
    // What was typed ahead of a refusal was meant for the shell, perhaps; it is no name and no password.
    this.#state = { at: 'name' };
    this.#print('\nlogin: ');
  }

  #end(): void {
    this.#state = { at: 'over' };
    this.#outs.push({ kind: 'end' });
  }

  #print(text: string): void { this.#outs.push({ kind: 'print', text }); }
}
