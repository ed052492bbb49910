import type { AnyPlugin } from '../../sdk/plugin.ts';
import { Session } from '../../kernel/cli/session.ts';
import { draw } from '../../kernel/cli/draw.ts';
import { VirtualClock } from '../../kernel/clock.ts';
import { onDemandFrom } from '../../kernel/plugins/catalog.ts';
import type { Document } from '../../kernel/config/document.ts';
import { createLog } from '../../kernel/log.ts';
import { labSettings } from '../../kernel/router/lab-settings.ts';
import { Router } from '../../kernel/router/router.ts';
import { memoryLab, type MemoryLabOptions } from '../../lab/memory/lab.ts';
import cellular from '../../plugins/cellular-cards/core/plugin.ts';
import generic from '../../plugins/cellular-cards/generic-3gpp/plugin.ts';
import sentry from '../../plugins/cellular-cards/sentry/plugin.ts';
import sms from '../../plugins/cellular-cards/sms/plugin.ts';
import failover from '../../plugins/failover/plugin.ts';
import firewall from '../../plugins/firewall/plugin.ts';
import ip from '../../plugins/ip/plugin.ts';
import lan from '../../plugins/lan/plugin.ts';
import nat from '../../plugins/nat/plugin.ts';
import self from '../../plugins/self/plugin.ts';
import upnp from '../../plugins/upnp/plugin.ts';
import wan from '../../plugins/wan/plugin.ts';

/** All that come with the router; those of cards are loaded when their card is there. */
export const own: readonly AnyPlugin[] = [ip, lan, wan, nat, firewall, self, upnp, cellular, generic, sentry, sms, failover];

/** A router in the memory lab under virtual time: what the whole product does, without waiting and without privileges. */
export async function bed(opts: { seed?: number; plugins?: readonly AnyPlugin[]; /** Loaded when something asks for them. */ onDemand?: Parameters<typeof onDemandFrom>[0]; factory?: Document; lab?: Partial<MemoryLabOptions>; state?: string; /** Of the clock, at the start (ms since the epoch). */ wall?: number } = {}) {
  const clock = new VirtualClock(opts.wall);
  const wait = <T>(p: Promise<T>, limitMs?: number) => settle(clock, p, limitMs, opts.state !== undefined);
  const log = createLog({ clock });
  const lab = memoryLab({ clock, seed: opts.seed ?? 1, why: 'test', ...opts.lab });
  let router: Router | undefined;
  let scheduled = false;
  const wake = () => {
    if (scheduled) return;
    scheduled = true;
    clock.after(0, () => { scheduled = false; for (let i = 0; i < 1000 && router?.engine.breathe(); i++) { /* until quiet */ } });
  };
  let seed = opts.seed ?? 1;
  const random = () => { seed = Math.imul(seed, 1664525) + 1013904223 | 0; return (seed >>> 0) / 2 ** 32; };
  router = await wait(Router.start({
    version: 'test', clock, log, plugins: (opts.plugins ?? own).map(def => ({ def })), onDemand: onDemandFrom(opts.onDemand ?? []), links: lab.links, factory: opts.factory ?? labSettings(lab.settings as never), random, wake, maxFlows: 20_000, state: opts.state,
  }));
  await wait(lab.start());
  const session = new Session({ tree: router.tree, clock, author: 'test' });
  const running = router;
  return {
    clock, log, lab, router: running,
    /** Runs a program on a lab host while virtual time goes on. */
    exec: async (host: string, line: string, limitMs = 120_000) => wait(lab.exec(host, line.split(' ')) as Promise<{ output: string; code: number }>, limitMs),
    /** Runs a verb; gives what a person would read. */
    verb: async (line: string, limitMs = 60_000) => {
      let text = '';
      const outcome = await wait(session.start(line, part => { text += draw(part, { width: undefined, ansi: false }); }).done, limitMs);
      return { text: outcome.error ? `${text}${outcome.error}` : text, code: outcome.code };
    },
    advance: async (ms: number) => { for (let t = 0; t < ms; t += 100) { clock.advance(Math.min(100, ms - t)); await Promise.resolve(); } },
    stop: async () => { session.close(); await wait(lab.stop()); await wait(running.stop()); },
  };
}
export type Bed = Awaited<ReturnType<typeof bed>>;

/**
 * Lets promises and virtual time take turns until `p` settles. Rejects when it has not after `limitMs` of virtual time. `onDisk`: files
 * are read and written, in real time; then virtual time goes so slowly that no time limit ends what the disk has not done yet.
 */
export async function settle<T>(clock: VirtualClock, p: Promise<T>, limitMs = 60_000, onDisk = false): Promise<T> {
  let done = false;
  const mark = () => { done = true; };
  p.then(mark, mark);
  const end = clock.now() + limitMs;
  while (!done) {
    for (let i = 0; i < 20 && !done; i++) await new Promise<void>(r => { setImmediate(r); });
    if (done) break;
    if (clock.now() >= end) throw new Error(`not settled after ${limitMs} ms of virtual time`);
    if (onDisk) await new Promise<void>(r => { setTimeout(r, 1); });
    const next = clock.next();
    clock.advance(next === undefined ? 10 : Math.min(Math.max(next - clock.now(), 0), onDisk ? 10 : 100));
  }
  return p;
}
