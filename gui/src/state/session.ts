import { rest, RestError } from '../wire/rest.ts';
import { wire } from '../wire/socket.ts';
import { Cell } from './cell.ts';

export type Role = 'admin' | 'operator' | 'viewer';
export interface User { readonly name: string; readonly role: Role }
export type Phase =
  | { readonly at: 'starting' }
  | { readonly at: 'setup' }
  | { readonly at: 'login'; readonly why?: string }
  | { readonly at: 'in'; readonly user: User };

interface SessionAnswer { readonly name?: string | null; readonly role?: Role; readonly expiresIn?: number; readonly setupNeeded?: boolean }

/** Kept for the tab only: the address that the router prints at its start carries a token in the fragment. */
const TOKEN = 'lancell.token';

export const phase = new Cell<Phase>({ at: 'starting' });

/** Whether the person may change anything. The router decides again at every request. */
export const mayWrite = (): boolean => phase.value.at === 'in' && phase.value.user.role !== 'viewer';
export const isAdmin = (): boolean => phase.value.at === 'in' && phase.value.user.role === 'admin';

/** Called once, when the page opens. */
export async function begin(): Promise<void> {
  wire.refused = (why) => {
    sessionStorage.removeItem(TOKEN);
    wire.close();
    void look(`Your session has ended${why === '' ? '' : ` (${why})`}. Sign in again to go on where you were.`);
  };
  wire.beforeRetry = async () => {
    if (sessionStorage.getItem(TOKEN) !== null) return true;
    const answer = await ask();
    if (answer === 'unreachable') return false;
    if (answer.name) return true;
    wire.close();
    phase.value = answer.setupNeeded === true ? { at: 'setup' } : { at: 'login', why: 'Your session has ended. Sign in again to go on where you were.' };
    return false;
  };
  wire.welcome.watch((welcome) => {
    if (welcome === undefined || sessionStorage.getItem(TOKEN) === null) return;
    phase.value = { at: 'in', user: { name: welcome.author.replace(/^ws /, ''), role: welcome.access === 'write' ? 'admin' : 'viewer' } };
  });
  const token = tokenInAddress();
  if (token !== undefined && !await exchanged(token)) sessionStorage.setItem(TOKEN, token);
  const kept = sessionStorage.getItem(TOKEN);
  if (kept !== null) wire.open(kept);
  else await look();
}

/** Somebody who only reads and scrolls is there too: the router is told at most once a minute, for the idle time-out. */
const STIR_MS = 60_000;
let stirred = 0;
function stir(): void {
  const now = Date.now();
  if (phase.value.at !== 'in' || sessionStorage.getItem(TOKEN) !== null || now - stirred < STIR_MS) return;
  stirred = now;
  void rest('GET', '/session?active=1').catch(() => { /* the connection tells when it is over */ });
}
for (const what of ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const) document.addEventListener(what, stir, { passive: true });

/** A fragment that is no page is a token; it is taken out of the address at once. */
function tokenInAddress(): string | undefined {
  const fragment = location.hash.slice(1);
  if (!/^[\w-]{16,}$/.test(fragment)) return undefined;
  history.replaceState(null, '', location.pathname);
  return fragment;
}

/** A token for a session: with a cookie also files and plugins' elements can be had. A token for some areas only stays one. */
async function exchanged(token: string): Promise<boolean> {
  try {
    const answer = await rest<SessionAnswer>('POST', '/login/token', { token });
    if (!answer.name || !answer.role) return false;
    sessionStorage.removeItem(TOKEN);
    return true;
  } catch {
    return false;
  }
}

async function ask(): Promise<SessionAnswer | 'unreachable'> {
  try {
    return await rest<SessionAnswer>('GET', '/session');
  } catch (error) {
    if (error instanceof RestError && error.status > 0) return error.body as SessionAnswer ?? {};
    return 'unreachable';
  }
}

async function look(why?: string): Promise<void> {
  const answer = await ask();
  if (answer === 'unreachable') {
    setTimeout(() => void look(why), 1500);
    return;
  }
  if (answer.name && answer.role) enter({ name: answer.name, role: answer.role });
  else if (answer.setupNeeded === true) phase.value = { at: 'setup' };
  else phase.value = { at: 'login', ...(why === undefined || why === '' ? {} : { why }) };
}

function enter(user: User): void {
  phase.value = { at: 'in', user };
  wire.open();
}

/** Rejects with RestError. */
export async function logIn(name: string, password: string): Promise<void> {
  const answer = await rest<SessionAnswer>('POST', '/login', { name, password });
  if (answer.name && answer.role) enter({ name: answer.name, role: answer.role });
  else await look();
}

/** The first account, with the code that the router printed. Rejects with RestError. */
export async function setUp(code: string, name: string, password: string): Promise<void> {
  const answer = await rest<SessionAnswer>('POST', '/setup', { code, name, password });
  if (answer.name && answer.role) enter({ name: answer.name, role: answer.role });
  else await logIn(name, password);
}

export async function logOut(): Promise<void> {
  const byToken = sessionStorage.getItem(TOKEN) !== null;
  sessionStorage.removeItem(TOKEN);
  wire.close();
  if (!byToken) await rest('POST', '/logout').catch(() => { /* gone already */ });
  phase.value = { at: 'login' };
}
