import { draw, type Part, toJson } from '../cli/draw.ts';
import { wantsJson } from '../cli/session.ts';
import { Terminal } from '../cli/terminal.ts';
import type { User } from './accounts.ts';
import { IdleWatch } from './idle.ts';
import { type RemoteShellServices, shellFor } from './remote-shell.ts';
import { Keyboard, Screen, sensible } from './screen.ts';
import type { AcceptConnection, PseudoTtyInfo, RejectConnection, ServerChannel, SshSession } from './ssh.ts';

/** Octets that a client may leave unread before what it runs is cancelled. */
const MOST_WAITING = 4 << 20;
const LONGEST_LINE = 65_536;

export interface SshGuest {
  readonly services: RemoteShellServices;
  readonly user: User;
  /** Ends the whole connection. */
  end(): void;
}

/** One session channel (RFC 4254 section 6): a shell with or without a terminal, or one line. Subsystems, X11 and agents are refused. */
export function serveSession(accept: AcceptConnection<SshSession>, _reject: RejectConnection, guest: SshGuest): void {
  const session = accept();
  let pty: PseudoTtyInfo | undefined;
  let resized: (columns: number, rows: number) => void = () => {};
  let used = false;
  const once = (open: AcceptConnection<ServerChannel>, refuse: RejectConnection, run: (channel: ServerChannel) => void): void => {
    if (used) return void refuse?.();
    used = true;
    const channel = open();
    channel.on('error', () => channel.destroy());
    run(channel);
  };
  session.on('pty', (yes, _no, info) => { pty = info; yes?.(); });
  session.on('window-change', (yes, _no, info) => { resized(info.cols, info.rows); yes?.(); });
  session.on('shell', (open, refuse) => once(open, refuse, (channel) => {
    if (pty === undefined) plainShell(channel, guest);
    else resized = terminalShell(channel, pty, guest);
  }));
  session.on('exec', (open, refuse, info) => once(open, refuse, (channel) => oneLine(channel, info.command, guest, (fn) => { session.on('signal', (yes) => { yes?.(); fn(); }); })));
}

/** A person. Gives what is to be called when the window changes. */
function terminalShell(channel: ServerChannel, pty: PseudoTtyInfo, { services, user, end }: SshGuest): (columns: number, rows: number) => void {
  const shell = shellFor(services, user, 'ssh');
  const input = new Keyboard();
  const output = new Screen({
    columns: sensible(pty.cols, 80), rows: sensible(pty.rows, 24),
    send: (bytes) => { channel.write(bytes); return channel.writableLength; },
    tooSlow: end,
  });
  const terminal = new Terminal({ shell, input, output });
  const idle = new IdleWatch(services.clock, services.idleMs, () => {
    terminal.print('nothing was done for too long; good-bye');
    terminal.close();
  });
  channel.on('data', (bytes: Buffer) => { idle.touch(); input.write(bytes); });
  channel.on('end', () => input.end());
  channel.once('close', () => { shell.close(); terminal.close(); });
  void terminal.done.then(({ code }) => {
    idle.close();
    shell.close();
    leave(channel, code);
  });
  return (columns, rows) => output.resize(columns, rows);
}

/** A pipe: each line runs in turn, and nothing is echoed. */
function plainShell(channel: ServerChannel, { services, user }: SshGuest): void {
  const shell = shellFor(services, user, 'ssh');
  const terminal = new Terminal({ shell, input: channel, output: channel });
  const idle = new IdleWatch(services.clock, services.idleMs, () => terminal.close());
  channel.on('data', () => idle.touch());
  channel.once('close', () => { shell.close(); terminal.close(); });
  void terminal.done.then(({ code }) => {
    idle.close();
    shell.close();
    leave(channel, code);
  });
}

/** `ssh router flow list`: its output, its errors, its exit code. It ends by itself, or with the client. */
function oneLine(channel: ServerChannel, line: string, { services, user }: SshGuest, onSignal: (fn: () => void) => void): void {
  if (line.length > LONGEST_LINE) {
    channel.stderr.write('the line is too long\n');
    leave(channel, 2);
    return;
  }
  const shell = shellFor(services, user, 'ssh');
  const json = wantsJson(line);
  const running = shell.start(line, (part: Part) => {
    channel.write(json ? `${toJson(part)}\n` : draw(part, { width: undefined, ansi: false }));
    if (channel.writableLength > MOST_WAITING) running.cancel();
  });
  onSignal(() => running.cancel());
  // With a terminal asked for (ssh -t) ^C comes as a character.
  channel.on('data', (bytes: Buffer) => { if (bytes.includes(3)) running.cancel(); });
  channel.once('close', () => shell.close());
  void running.done.then(({ code, error }) => {
    if (error !== undefined) channel.stderr.write(json ? `${JSON.stringify({ error, code })}\n` : `${error}\n`);
    shell.close();
    leave(channel, code);
  });
}

function leave(channel: ServerChannel, code: number): void {
  if (channel.destroyed) return;
  channel.exit(code);
  channel.end();
}
