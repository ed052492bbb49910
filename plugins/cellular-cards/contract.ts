import { type CardSpec, type Disposable, type Identity, type NetworkTypes, type Pin, type PortRole, type Registration, type RestartHow, type Script, type Signal, type StorageSwitch, type Technology, type Tty, token } from '../../sdk/index.ts';

/** A serial port of an inserted card. */
export interface CardPort {
  /** 'ttyUSB0', 'sim0:2'. */
  readonly name: string;
  /** USB interface number, or the port's place for cards without. */
  readonly interface: number;
  /** What its driver says it is for: hso's 'Control', 'Application', 'Modem', 'Diagnostic' … */
  readonly hint?: string;
  open(): Tty;
}

/** The octets of a card's storage; there is no way to write them. */
export interface CardMedium {
  /** Fewer than `length` at its end only. Rejects in words. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): void | Promise<void>;
}

/** A card in a slot, from insertion to removal. A card that is switched from storage to modem is removed and inserted again in the same slot. */
export interface CardDevice {
  /** Unique per insertion: identity, status and secrets tried live and die with it. */
  readonly key: string;
  /** 1, 2 …: where it sits, stable over re-plugging. */
  readonly slot: number;
  readonly bus: 'usb' | 'pcmcia' | 'simulated';
  /** 'vvvv:pppp', lower case. */
  readonly usb: string | undefined;
  readonly pcmcia: { readonly manf: string; readonly card: string } | undefined;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly ports: readonly CardPort[];
  /** Its built-in storage, where the card shows it: a block device, or what `open` gives. */
  readonly disk: { readonly path: string; readonly bytes: number; /** SCSI vendor text, as the disc gives it */ readonly vendor?: string; open?(): Promise<CardMedium> } | undefined;
}
export type CardEvent = { readonly kind: 'inserted'; readonly device: CardDevice } | { readonly kind: 'removed'; readonly key: string };

/** Where cards come from: the host's USB and PCMCIA sockets, or the lab. */
export interface CardSource {
  readonly name: string;
  /** Tells what is there now, and what comes and goes. */
  watch(tell: (e: CardEvent) => void): Disposable;
  /** Sends the switch message; resolves when it was sent. */
  switchMode?(key: string, how: StorageSwitch['how']): Promise<void>;
  /** Takes the power away and gives it back, or unbinds and binds the device. */
  replug?(key: string): Promise<void>;
}
/** A contribution point. */
export const CardSourcesToken = token<readonly CardSource[]>('cellular.sources');

/** What a plugin folder that is loaded on insertion says of itself, in `card.json` beside its plugin.ts. */
export interface CardManifest {
  readonly model: string;
  /** With the maker's name, for the list of cards that are supported. */
  readonly title?: string;
  readonly usb?: readonly string[];
  readonly pcmcia?: readonly { readonly manf: string; readonly card: string }[];
  /** USB ids of its storage mode. */
  readonly storage?: readonly string[];
}

/** Name of the interface and uplink of the card in a slot: 'cellular', 'cellular2' … */
export const uplinkName = (slot: number): string => (slot === 1 ? 'cellular' : `cellular${slot}`);

export type Phase = 'empty' | 'storage' | 'identifying' | 'starting' | 'pin needed' | 'puk needed' | 'no sim' | 'searching' | 'registered' | 'dialling' | 'authenticating' | 'online' | 'hanging up' | 'recovering' | 'failed' | 'off';

/** A value that the card told, and when: it is never shown as present when it is not. */
export interface Aged<T> { readonly value: T; readonly atMs: number; readonly stale: boolean; readonly port: PortRole }

/** The status of one slot: plain data; a new object at each change. */
export interface CardStatus {
  readonly slot: number;
  readonly phase: Phase;
  /** One sentence: what is going on, and when something is wrong what to do about it. */
  readonly words: string;
  readonly model: string; readonly maker: string;
  readonly spec: CardSpec | undefined;
  readonly identity: Identity | undefined;
  readonly pin: Pin | undefined;
  readonly registration: Registration | undefined;
  readonly technology: Aged<Technology> | undefined;
  readonly signal: Aged<Signal> | undefined;
  /** Of a card with two radios: the one that does not carry the data. */
  readonly otherSignal?: Aged<Signal> | undefined;
  readonly networkTypes: NetworkTypes | undefined;
  /** Since the connection came up (wall clock ms), and its octets from and to the network. */
  readonly connectedAt: number | undefined;
  readonly rxBytes: number; readonly txBytes: number;
  readonly ip: number; readonly dns: readonly number[];
}

/** One line of a slot's history: what happened, what the ladder did about it. */
export interface TimelineEntry { readonly atMs: number; readonly slot: number; readonly kind: 'card' | 'pin' | 'network' | 'call' | 'recovery' | 'sms' | 'budget' | 'user'; readonly words: string }

export interface Cellular {
  /** All slots that have or had a card. */
  list(): readonly CardStatus[];
  connect(slot: number): void;
  /** Also ends dialling on demand until `connect`. */
  disconnect(slot: number, why: string): void;
  /** A raw AT command, for people who know; rejects in words. Lines that hold secrets are masked in the answer. */
  command(slot: number, line: string): Promise<readonly string[]>;
  /** Runs a conversation with the card of a slot, after those that were asked for before; rejects in words when there is no card, or it goes. */
  run<T>(slot: number, script: Script<T>): Promise<T>;
  timeline(slot?: number): readonly TimelineEntry[];
  /** Adds a line to the slot's history. */
  note?(slot: number, kind: TimelineEntry['kind'], words: string): void;
}
export const CellularToken = token<Cellular>('cellular.service');

/** May a new call be made, may the present one go on? Asked by the dialler before each call and when `cellular/budget` is told. */
export interface CallPolicy { readonly name: string; mayDial(slot: number): string | undefined; mayStay(slot: number): string | undefined }
/** A contribution point; a string is the reason why not. */
export const CallPoliciesToken = token<readonly CallPolicy[]>('cellular.call-policies');

/** One limit of a slot's budget and how much of it is used (0–1), for the status window: 'Data', '1.2 GB of 5 GB left'. */
export interface BudgetLeft { readonly title: string; readonly words: string; readonly part: number }
export interface BudgetSource { left(slot: number): readonly BudgetLeft[] }
/** A contribution point. */
export const BudgetsToken = token<readonly BudgetSource[]>('cellular.budgets');

declare module '../../sdk/events.ts' {
  interface Events {
    'card/inserted': { readonly slot: number; readonly key: string };
    'card/removed': { readonly slot: number; readonly key: string };
    /** The slot's status changed. */
    'card/status': CardStatus;
    'card/timeline': TimelineEntry;
    /** A message came in; both texts are a stranger's. */
    'card/sms': { readonly slot: number; readonly from: string; readonly text: string; readonly atMs: number };
    /** A limit was reached or left behind: ask the call policies again. */
    'cellular/budget': { readonly slot: number; readonly why: string };
    /** A message was put into the card's memory. */
    'cellular/message-waiting': { readonly slot: number; readonly memory: string; readonly index: number };
    /** A message that the card handed over and does not keep, or a status report: a PDU in hexadecimal. */
    'cellular/message': { readonly slot: number; readonly pdu: string };
    /** Nothing brings the card back but perhaps a restart, which is asked for now; told only where the settings want one. */
    'cellular/restart-wanted': { readonly slot: number; readonly why: string; readonly how: RestartHow };
  }
}
