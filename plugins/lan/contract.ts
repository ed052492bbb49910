import { token } from '../../sdk/index.ts';

/** What a port can belong to; each role with a port is one interface. */
export const roles = ['lan', 'dmz', 'wlan'] as const;
export type Role = (typeof roles)[number];

/** An interface on the inside. Addresses as in FlowKey. */
export interface LanInterface {
  readonly role: Role;
  /** 'LAN', 'DMZ', 'WLAN'. */
  readonly zone: string;
  /** Link id of its bridge; -1 while no port has the role. */
  readonly link: number;
  /** 0.0.0.0: the interface has no address. */
  readonly ip: number;
  readonly bits: number;
  /** Names of its ports, for people. */
  readonly ports: readonly string[];
}

export interface LeaseView {
  readonly ip: number;
  readonly mac: string;
  /** What the client calls itself: a stranger's text, to be escaped wherever it is drawn. */
  readonly host: string;
  readonly expiresInMs: number;
  /** From the static table. */
  readonly fixed: boolean;
}

export interface Lan {
  list(): readonly LanInterface[];
  /** Leases that are bound now. */
  leases(role: Role): readonly LeaseView[];
}

export const LanToken = token<Lan>('lan.interfaces');

declare module '../../sdk/events.ts' {
  interface Events {
    /** A lease began, or ended with state 'gone'. `host` is a stranger's text. */
    'lan/lease': { readonly name: Role; readonly ip: number; readonly mac: string; readonly host: string; readonly state: 'bound' | 'gone' };
  }
}
