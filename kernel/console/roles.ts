/** What an account may do; docs/accounts.md explains them to people. */
export const roles = ['admin', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Who asks, and by which door. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
  readonly via: 'session' | 'token' | 'unix' | 'ssh' | 'telnet' | 'terminal';
  /** Parts of the router that this identity is confined to ('lan', 'vpn'); undefined: all. */
  readonly areas?: readonly string[];
}

/** Something that somebody wants to do. */
export interface Act {
  /** 'read' changes nothing. */
  readonly access: 'read' | 'write';
  /** The part of the router it is about: the id of a plugin or of a section of settings; of the kernel's own verbs the first word. */
  readonly area: string;
  /** Words of the verb ('plugin install'), or the same for what has no verb ('config restore'). */
  readonly path: string;
}

/**
 * Not for operators: what makes accounts or keys, brings foreign code in, replaces all settings at once, runs commands on
 * hosts, or ends the router. A line stands for everything below it.
 */
const forAdmins = [
  'sys accounts', 'sys ssh keys', 'sys exit', 'certificates my_cert import', 'certificates my_cert delete', 'certificates my_cert replace_factory', 'sys server certificate renew', 'certificates ca_trusted import', 'certificates ca_trusted delete',
  'plugin load', 'plugin install', 'plugin remove', 'plugin new', 'plugin watch',
  'config reset', 'config restore', 'config default save', 'sys token', 'sys ssh keys', 'lab',
] as const;
/** Reads that show secrets. */
const secretReads = ['config backup'] as const;

const below = (path: string, rule: string): boolean => path === rule || path.startsWith(`${rule} `);
const inside = (area: string, areas: readonly string[]): boolean => areas.some((a) => area === a || area.startsWith(`${a}.`));

/** The one place that decides what a role may do: verbs, WebSocket and REST ask here. */
export function permits(identity: Identity, act: Act): boolean {
  if (identity.areas !== undefined && !inside(act.area, identity.areas)) return false;
  if (identity.role === 'admin') return true;
  if (secretReads.some((rule) => below(act.path, rule))) return false;
  if (act.access === 'read') return true;
  return identity.role === 'operator' && !forAdmins.some((rule) => below(act.path, rule));
}

/** Why not, for the person. */
export function refusal(identity: Identity, act: Act): string {
  if (identity.areas !== undefined && !inside(act.area, identity.areas)) return `this token is for ${identity.areas.join(', ')}; '${act.path}' belongs to ${act.area}`;
  if (identity.role === 'viewer' && act.access === 'write') return `'${act.path}' changes the router; a viewer may only look`;
  return `'${act.path}' is for administrators; ${identity.name} is ${identity.role === 'operator' ? 'an operator' : 'a viewer'}`;
}

/** What a client is told about itself in one word. */
export const accessOf = (identity: Identity): 'read' | 'write' => (identity.role === 'viewer' ? 'read' : 'write');

const doors: Readonly<Record<Identity['via'], string>> = { session: 'web', token: 'ws', unix: 'unix', ssh: 'ssh', telnet: 'telnet', terminal: 'terminal' };

/** As the history of settings names its authors: 'web alice', 'ws admin', 'unix root', 'terminal'. */
export const authorOf = (identity: Identity): string => (identity.via === 'terminal' ? 'terminal' : `${doors[identity.via]} ${identity.name}`);

/** The area of a verb, from who registered it. */
export const areaOf = (owner: string, path: string): string => (owner === 'kernel' ? path.split(' ', 1)[0]! : owner);
