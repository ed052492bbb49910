import type { Socket } from 'node:net';
import { Terminal } from '../cli/terminal.ts';
import type { User } from './accounts.ts';
import { IdleWatch } from './idle.ts';
import { GREETING, Guests, LOGIN_MS, type RemoteShellServices, shellFor } from './remote-shell.ts';
import { Keyboard, Screen } from './screen.ts';
import { TelnetLogin, type LoginIn, type LoginOut } from './telnet-login.ts';
import { Telnet, type TelnetIn, toWire } from './telnet-machine.ts';

export interface TelnetService {
  /** `from`: the client's address. */
  accept(socket: Socket, from: string): void;
  close(): void;
}

const KEEPALIVE_MS = 60_000;

/** The CLI over Telnet (RFC 854). Nothing is encrypted, so it is off unless somebody turns it on. */
export function startTelnet(services: RemoteShellServices): TelnetService {
  const guests = new Guests(services.accounts);
  return {
    accept: (socket, from) => new TelnetConnection(services, guests, socket, from),
    close: () => guests.close('the router stops'),
  };
}

class TelnetConnection {
  readonly #services: RemoteShellServices;
  readonly #guests: Guests;
  readonly #socket: Socket;
  readonly #from: string;
  readonly #machine = new Telnet();
  readonly #login = new TelnetLogin();
  readonly #screen: Screen;
  readonly #keyboard = new Keyboard();
  #user: User | undefined;
  #terminal: Terminal | undefined;
  #idle: IdleWatch | undefined;

  constructor(services: RemoteShellServices, guests: Guests, socket: Socket, from: string) {
    this.#services = services;
    this.#guests = guests;
    this.#socket = socket;
    this.#from = from;
    this.#screen = new Screen({
      columns: 80, rows: 24,
      send: (bytes) => { if (!socket.destroyed) socket.write(toWire(bytes)); return socket.writableLength; },
      tooSlow: () => socket.destroy(),
    });
    // An error without a listener would end the process; 'close' follows.
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    if (!guests.admit(socket, (why) => this.#farewell(why))) {
      socket.end('too many connections\r\n');
      return;
    }
    const tooLate = services.clock.after(LOGIN_MS, () => { if (this.#terminal === undefined) this.#farewell(`no log-in within ${LOGIN_MS / 1000} s`); });
    socket.once('close', () => {
      void tooLate.dispose();
      this.#idle?.close();
      this.#terminal?.close();
    });
    socket.on('end', () => this.#keyboard.end());
    socket.on('data', (bytes) => this.#feed({ kind: 'bytes', bytes }));
    this.#feed({ kind: 'begin' });
    this.#screen.write(`${GREETING}\n`);
    this.#talk({ kind: 'begin' });
  }

  #feed(input: TelnetIn): void {
    for (const out of this.#machine.step(input)) {
      if (this.#socket.destroyed) return;
      if (out.kind === 'send') this.#socket.write(out.bytes);
      else if (out.kind === 'window') this.#screen.resize(out.columns, out.rows);
      else if (out.kind === 'end') this.#farewell(out.why);
      else this.#typed(out.bytes);
    }
  }

  #typed(bytes: Uint8Array): void {
    this.#idle?.touch();
    if (this.#terminal === undefined) this.#talk({ kind: 'bytes', bytes });
    else this.#keyboard.write(bytes);
  }

  #talk(input: LoginIn): void {
    for (const out of this.#login.step(input)) this.#apply(out);
  }

  #apply(out: LoginOut): void {
    switch (out.kind) {
      case 'print': this.#screen.write(out.text); return;
      case 'verify': void this.#verify(out.name, out.password); return;
      case 'welcome': this.#enter(out.rest); return;
      case 'end': this.#farewell('good-bye');
    }
  }

  async #verify(name: string, password: string): Promise<void> {
    const { accounts, log } = this.#services;
    try {
      const verdict = await accounts.verify(name, password, this.#from);
      if (this.#socket.destroyed) return;
      if (verdict.ok) this.#user = verdict.user;
      log.info({ from: this.#from, ...(verdict.ok ? { account: verdict.user.name } : { why: verdict.why }) }, verdict.ok ? 'telnet: logged in' : 'telnet: log-in refused');
      this.#talk({ kind: 'verdict', ok: verdict.ok, why: verdict.ok ? '' : verdict.why });
    } catch (error) {
      log.error({ from: this.#from, error: String(error) }, 'telnet: an attempt to log in could not be judged');
      this.#farewell('this does not work now');
    }
  }

  #enter(rest: Uint8Array): void {
    const user = this.#user;
    if (user === undefined) {
      this.#farewell('');
      return;
    }
    this.#guests.named(this.#socket, user.name);
    const shell = shellFor(this.#services, user, 'telnet');
    const terminal = this.#terminal = new Terminal({ shell, input: this.#keyboard, output: this.#screen });
    this.#idle = new IdleWatch(this.#services.clock, this.#services.idleMs, () => {
      terminal.print('nothing was done for too long');
      terminal.close();
    });
    void terminal.done.then(() => {
      shell.close();
      this.#farewell('good-bye');
    });
    if (rest.length > 0) this.#keyboard.write(rest);
  }

  #farewell(why: string): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (why !== '') this.#screen.write(`${why}\n`);
    this.#socket.end(() => this.#socket.destroy());
  }
}
