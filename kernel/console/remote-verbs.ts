import { z } from 'zod';
import { type Args, CliError, type CommandSpec, type Table } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Doors } from './doors.ts';
import { type Remote, type ServiceName, serviceNames, type Side, sides } from './remote.ts';

/** Where the settings of remote management are. */
export interface RemoteSettings {
  running(): Remote;
  update(change: (draft: Remote) => void, author: string): Promise<void>;
}

/** The original's word for HTTP is web; people say www. */
const services = ['web', 'www', ...serviceNames] as const;
const named = (word: (typeof services)[number]): ServiceName => (word === 'web' || word === 'www' ? 'http' : word);
/** Bits of the original's interface mask. */
const bits: readonly (readonly [number, Side])[] = [[1, 'lan'], [2, 'wan'], [4, 'dmz'], [8, 'cell'], [16, 'wlan'], [32, 'host']];
/** Edits of one author that wait for `sys server save`. */
const MOST_AUTHORS = 16;

/** Registers `sys server …`, `sys stdio`, `sys pwderrtm`; disposing takes them away. */
export function remoteVerbs(settings: RemoteSettings, doors: Pick<Doors, 'at' | 'problems'>, command: <A extends Args>(spec: CommandSpec<A>) => Disposable): Disposable {
  const drafts = new Map<string, Remote>();
  const draftOf = (author: string): Remote => {
    const draft = drafts.get(author) ?? structuredClone(settings.running());
    drafts.delete(author);
    drafts.set(author, draft);
    if (drafts.size > MOST_AUTHORS) drafts.delete(drafts.keys().next().value!);
    return draft;
  };
  const service = { schema: z.enum(services), help: 'the service' };
  const edited = 'in force after sys server save';
  const held = [
    command({
      path: 'sys server disp', access: 'read', help: 'remote management: services, ports, who may connect',
      run: (_, io): Table => {
        const shown = drafts.get(io.author) ?? settings.running();
        return {
          ...(drafts.has(io.author) ? { title: 'not saved' } : {}),
          columns: ['service', 'active', 'port', 'access', 'secure client IP', 'listens on', 'problem'],
          rows: serviceNames.map((name) => {
            const { active, port, access, secureClientIp } = shown[name];
            const at = doors.at(name);
            return [name, active ? 'yes' : 'no', port, access.join(',') || 'none', secureClientIp === '0.0.0.0' ? 'all' : secureClientIp, at === undefined ? '' : `${at.host}:${at.port}`, doors.problems.filter((p) => p.service === name).map((p) => p.why).join('; ')];
          }),
        };
      },
    }),
    command({
      path: 'sys server load', help: 'forget edits that were not saved',
      run: (_, io) => { drafts.delete(io.author); return 'as it is in force'; },
    }),
    command({
      path: 'sys server port', help: 'port of a service', args: { service, port: { schema: z.int().min(1).max(65_535), help: 'TCP port' } },
      run: ({ service: word, port }, io) => { draftOf(io.author)[named(word)].port = port; return edited; },
    }),
    command({
      path: 'sys server access', help: 'sides from which a service may be reached',
      args: { service, access: { schema: z.string(), help: 'lan,wan,cell,dmz,wlan,host; all; none; or a bit mask (1 lan, 2 wan, 4 dmz, 8 cell, 16 wlan, 32 host; 0 off)', complete: () => ['all', 'none', ...sides] } },
      run: ({ service: word, access }, io) => { draftOf(io.author)[named(word)].access = sidesIn(access); return edited; },
    }),
    command({
      path: 'sys server secureip', help: 'the only address that may use a service', args: { service, address: { schema: z.string(), help: 'an address or prefix; 0.0.0.0: all', complete: () => ['0.0.0.0'] } },
      run: ({ service: word, address }, io) => { draftOf(io.author)[named(word)].secureClientIp = address; return edited; },
    }),
    command({
      path: 'sys server active', help: 'offer a service, or not', args: { service, active: { schema: z.boolean(), help: 'whether' } },
      run: ({ service: word, active }, io) => { draftOf(io.author)[named(word)].active = active; return edited; },
    }),
    command({
      path: 'sys server auth_client', help: 'log in to HTTPS by client certificate', args: { service: { schema: z.literal('https'), help: 'the service' }, mode: { schema: z.enum(['off', 'optional', 'required']), help: 'whether' } },
      run: ({ mode }, io) => { draftOf(io.author).https.clientCertificates = mode; return edited; },
    }),
    command({
      path: 'sys server save', help: 'put the edits into force; when a port cannot be had, nothing changes',
      run: async (_, io) => {
        const draft = drafts.get(io.author);
        if (draft === undefined) return 'there is nothing to save';
        await settings.update((now) => { for (const name of serviceNames) Object.assign(now[name], draft[name]); }, io.author);
        drafts.delete(io.author);
        return 'saved';
      },
    }),
    command({
      path: 'sys stdio', help: 'idle time after which log-ins end; 0: never',
      args: { minutes: { schema: z.int().min(0).max(1440).optional(), help: 'minutes; nothing: show it' } },
      run: async ({ minutes }, io) => {
        if (minutes !== undefined) await settings.update((now) => { now.idleMinutes = minutes; }, io.author);
        const { idleMinutes } = settings.running();
        return idleMinutes === 0 ? 'log-ins do not end by themselves' : `log-ins end after ${idleMinutes} minutes without activity`;
      },
    }),
    command({
      path: 'sys pwderrtm', help: 'wait after three wrong passwords; 0: only the growing delay',
      args: { minutes: { schema: z.int().min(0).max(60).optional(), help: 'minutes; nothing: show it' } },
      run: async ({ minutes }, io) => {
        if (minutes !== undefined) await settings.update((now) => { now.lockoutMinutes = minutes; }, io.author);
        const { lockoutMinutes } = settings.running();
        return lockoutMinutes === 0 ? 'wrong passwords are answered ever more slowly' : `after three wrong passwords ${lockoutMinutes} minutes must pass`;
      },
    }),
  ];
  return { dispose: () => { for (const each of held.splice(0).reverse()) void each.dispose(); } };
}

function sidesIn(text: string): Side[] {
  if (text === 'all') return [...sides];
  if (text === 'none') return [];
  if (/^\d{1,3}$/.test(text)) return bits.filter(([bit]) => (Number(text) & bit) !== 0).map(([, side]) => side);
  return [...new Set(text.split(',').map((word) => {
    const side = sides.find((s) => s === word.trim());
    if (side === undefined) throw new CliError(`'${word}' is no side of the router; there are: ${sides.join(', ')}, all, none`);
    return side;
  }))];
}
