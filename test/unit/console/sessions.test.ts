import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { noSessionCookie, sessionCookie, sessionIdIn } from '../../../kernel/console/cookie.ts';
import { LONGEST_MS, Sessions } from '../../../kernel/console/sessions.ts';

const minute = 60_000;
function open(idle = 5) {
  const clock = new VirtualClock();
  const settings = { idle };
  return { clock, settings, sessions: new Sessions({ clock, idleMs: () => settings.idle * minute }) };
}

describe('sessions', () => {
  it('have ids that nobody guesses, and forget them', () => {
    const { sessions } = open();
    const ids = Array.from({ length: 10 }, () => sessions.open('ann', 'admin').id);
    expect(new Set(ids).size).toBe(10);
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32);
    expect(JSON.stringify([...Object.values(sessions)])).not.toContain(ids[0]);
    expect(sessions.find('x'.repeat(43))).toBeUndefined();
    expect(sessions.find('')).toBeUndefined();
  });

  it('end after five idle minutes; looking is not doing', () => {
    const { sessions, clock } = open();
    const { id, session } = sessions.open('ann', 'admin');
    let why = '';
    session.onEnd((w) => { why = w; });
    clock.advance(4 * minute);
    session.touch();
    clock.advance(4 * minute);
    expect(sessions.find(id)).toBe(session);
    clock.advance(59_000);
    expect(session.expiresInMs).toBe(1000);
    expect(why).toBe('');
    clock.advance(1000);
    expect(why).toBe('nothing was done for too long');
    expect(sessions.find(id)).toBeUndefined();
    session.touch();
    expect(sessions.find(id)).toBeUndefined();
    expect(clock.next()).toBeUndefined();
  });

  it('end at last, however busy', () => {
    const { sessions, clock } = open();
    const { id, session } = sessions.open('ann', 'admin');
    for (let t = 0; t < LONGEST_MS; t += minute) { session.touch(); clock.advance(minute); }
    expect(sessions.find(id)).toBeUndefined();
    expect(session.ended).toBe(true);
  });

  it('take a new idle time at once; 0 is never', () => {
    const { sessions, clock, settings } = open(0);
    const { id } = sessions.open('ann', 'admin');
    clock.advance(60 * minute);
    expect(sessions.find(id)).toBeDefined();
    settings.idle = 5;
    expect(sessions.find(id)).toBeUndefined();
  });

  it('cannot be used after log-out, and go with their account', () => {
    const { sessions } = open();
    const a = sessions.open('ann', 'admin');
    const b = sessions.open('ann', 'admin');
    const c = sessions.open('bob', 'viewer');
    sessions.revoke(a.id);
    expect([a, b, c].map(({ id }) => sessions.find(id) !== undefined)).toEqual([false, true, true]);
    sessions.revokeAll('ann', 'the password was changed');
    expect([a, b, c].map(({ session }) => session.ended)).toEqual([true, true, false]);
  });

  it('are bounded per account: the idlest goes', () => {
    const { sessions, clock } = open();
    const first = sessions.open('ann', 'admin');
    for (let i = 0; i < 15; i++) { clock.advance(10); sessions.open('ann', 'admin'); }
    first.session.touch();
    expect(sessions.size).toBe(16);
    sessions.open('ann', 'admin');
    expect(sessions.size).toBe(16);
    expect(first.session.ended).toBe(false);
  });
});

describe('the cookie', () => {
  const id = 'a'.repeat(43);
  it('is for this host, not for scripts, not for other sites', () => {
    expect(sessionCookie(id, true)).toBe(`__Host-lancell_session=${id}; Path=/; HttpOnly; SameSite=Strict; Secure`);
    expect(sessionCookie(id, false)).toBe(`lancell_session=${id}; Path=/; HttpOnly; SameSite=Strict`);
    expect(noSessionCookie(true)).toContain('Max-Age=0');
  });

  it('is found among others, for its own scheme only', () => {
    expect(sessionIdIn(`x=1; __Host-lancell_session=${id}; y`, true)).toBe(id);
    expect(sessionIdIn(`lancell_session=${id}`, true)).toBeUndefined();
    expect(sessionIdIn(`__Host-lancell_session=${id}`, false)).toBeUndefined();
    for (const bad of [undefined, '', 'lancell_session', 'lancell_session=', 'lancell_session=short', `lancell_session=${id}x`, `lancell_session=${'/'.repeat(43)}`]) expect(sessionIdIn(bad, false)).toBeUndefined();
  });
});
