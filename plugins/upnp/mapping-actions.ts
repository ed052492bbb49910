import { format4, parse4 } from '../../sdk/wire/address.ts';
import type { ActionEnv, Handler, Results } from './actions.ts';
import type { Entry, Refusal } from './book.ts';
import { WEEK } from './settings.ts';
import { Fault, type FaultCode } from './soap.ts';
import { branch, DECLARE, leaf } from './xml.ts';

/** Entries that one listing shows at most. */
const MOST_LISTED = 512;

type Args = ReadonlyMap<string, string>;
const codes: Readonly<Record<Refusal, FaultCode>> = { 'not-authorized': 606, conflict: 718, elsewhere: 729, 'no-port': 728, 'host-quota': 728, quota: 728, 'no-uplink': 501 };

function numberOf(args: Args, name: string, most: number): number {
  const text = args.get(name) ?? '';
  const n = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(n <= most)) throw new Fault(402);
  return n;
}
const portOf = (args: Args, name = 'NewExternalPort'): number => numberOf(args, name, 65535);

function protoOf(args: Args): number {
  const text = (args.get('NewProtocol') ?? '').toUpperCase();
  if (text !== 'TCP' && text !== 'UDP') throw new Fault(402);
  return text === 'TCP' ? 6 : 17;
}

/** 0: a wildcard. Names are not looked up: whoever answers for them could open the port to others. */
function remoteOf(args: Args): number {
  const text = args.get('NewRemoteHost') ?? '';
  if (text === '' || text === '*') return 0;
  const ip = parse4(text);
  if (ip === undefined) throw new Fault(402);
  return ip;
}

function yesOf(args: Args, name: string): boolean {
  const text = (args.get(name) ?? '').toLowerCase();
  if (['1', 'true', 'yes'].includes(text)) return true;
  if (['0', 'false', 'no'].includes(text)) return false;
  throw new Fault(402);
}

/** WANIPConnection:1 §2.4.16 and :2 §2.5.16: a lease of 0 has no end in version 1, and is a week in version 2. */
function lifetimeOf(args: Args, env: ActionEnv): number | undefined {
  const lease = numberOf(args, 'NewLeaseDuration', 2 ** 32 - 1);
  if (lease === 0) return env.version === '1' ? undefined : Math.min(WEEK, env.longest);
  return Math.min(lease, env.longest);
}

function add(args: Args, from: number, env: ActionEnv, otherwise: boolean): Entry {
  const extPort = portOf(args);
  const intPort = portOf(args, 'NewInternalPort');
  const intIp = parse4(args.get('NewInternalClient') ?? '');
  // A mapping that is not in force is not kept: nobody asks for one.
  if (intIp === undefined || !yesOf(args, 'NewEnabled')) throw new Fault(402);
  if (intPort === 0) throw new Fault(env.version === '1' ? 402 : 732);
  if (extPort === 0 && !otherwise) throw new Fault(716);
  const wish = { via: 'igd', by: from, proto: protoOf(args), extPort, intIp, intPort, remote: remoteOf(args), otherwise, lifetime: lifetimeOf(args, env), nonce: '', description: args.get('NewPortMappingDescription') ?? '' } as const;
  const made = env.book.wish(wish, env.now());
  // Version 1 does not tell the two kinds of conflict apart.
  if ('refused' in made) throw new Fault(made.refused === 'elsewhere' && env.version === '1' ? 718 : codes[made.refused]);
  return made.entry;
}

const find = (args: Args, env: ActionEnv): Entry => {
  const remote = remoteOf(args);
  const e = env.book.at(protoOf(args), portOf(args));
  if (!e || e.remote !== remote) throw new Fault(714);
  return e;
};

/** Whether `from` may take this mapping away. */
const mayDelete = (e: Entry, from: number, env: ActionEnv): boolean =>
  env.book.rules.configure && e.via === 'igd' && (e.intIp === from || e.by === from || env.book.rules.others);

const left = (e: Entry, env: ActionEnv): number => (e.until === undefined ? 0 : Math.max(1, Math.ceil((e.until - env.now()) / 1000)));
const protoName = (e: Entry): string => (e.proto === 6 ? 'TCP' : 'UDP');
const remoteName = (e: Entry): string => (e.remote === 0 ? '' : format4(e.remote));
const inside = (e: Entry, env: ActionEnv): Results => [
  ['NewInternalPort', e.intPort], ['NewInternalClient', format4(e.intIp)], ['NewEnabled', e.waiting === '' ? 1 : 0], ['NewPortMappingDescription', e.description], ['NewLeaseDuration', left(e, env)],
];
const outside = (e: Entry): Results => [['NewRemoteHost', remoteName(e)], ['NewExternalPort', e.extPort], ['NewProtocol', protoName(e)]];

/** Mappings whose outside port lies in the range; `manage`: those of other hosts as well, for whoever may have them. */
function inRange(args: Args, from: number, env: ActionEnv): readonly Entry[] {
  const [first, last, proto] = [portOf(args, 'NewStartPort'), portOf(args, 'NewEndPort'), protoOf(args)];
  if (first > last) throw new Fault(733);
  const all = yesOf(args, 'NewManage') && env.book.rules.others;
  return env.book.list().filter(e => e.proto === proto && e.extPort >= first && e.extPort <= last && (all || e.intIp === from)).sort((a, b) => a.extPort - b.extPort);
}

/** WANIPConnection's actions about port mappings. */
export const mappingActions: Readonly<Record<string, Handler>> = {
  AddPortMapping(args, from, env) {
    add(args, from, env, false);
    return [];
  },
  AddAnyPortMapping: (args, from, env) => [['NewReservedPort', add(args, from, env, true).extPort]],
  DeletePortMapping(args, from, env) {
    const e = find(args, env);
    if (!mayDelete(e, from, env)) throw new Fault(606);
    env.book.remove(e, 'deleted');
    return [];
  },
  DeletePortMappingRange(args, from, env) {
    const some = inRange(args, from, env);
    if (some.length === 0) throw new Fault(730);
    if (!some.every(e => mayDelete(e, from, env))) throw new Fault(606);
    for (const e of some) env.book.remove(e, 'deleted');
    return [];
  },
  GetGenericPortMappingEntry(args, _from, env) {
    const e = env.book.list()[numberOf(args, 'NewPortMappingIndex', 65535)];
    if (!e) throw new Fault(713);
    return [...outside(e), ...inside(e, env)];
  },
  GetSpecificPortMappingEntry: (args, _from, env) => inside(find(args, env), env),
  GetListOfPortMappings(args, from, env) {
    const most = numberOf(args, 'NewNumberOfPorts', 65535);
    const some = inRange(args, from, env);
    if (some.length === 0) throw new Fault(730);
    const entries = some.slice(0, Math.min(most === 0 ? MOST_LISTED : most, MOST_LISTED)).map(e => branch('p:PortMappingEntry', ...[...outside(e), ...inside(e, env)].map(([name, value]) => leaf(`p:${name}`, value))));
    return [['NewPortListing', `${DECLARE}<p:PortMappingList xmlns:p="urn:schemas-upnp-org:gw:WANIPConnection">${entries.join('')}</p:PortMappingList>`]];
  },
};
