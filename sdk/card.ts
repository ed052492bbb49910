import { token } from './token.ts';

/** What a radio speaks, best last; one vocabulary for all makers. */
export const technologies = ['GSM', 'GPRS', 'EDGE', 'UMTS', 'HSDPA', 'HSUPA', 'HSPA', 'HSPA+', '1xRTT', 'EVDO-0', 'EVDO-A', 'EVDO-B', 'eHRPD', 'LTE', 'NR5G'] as const;
export type Technology = (typeof technologies)[number];

/** What a port of a card is for. 'data': dials and carries PPP; 'command': takes AT commands beside it; 'diagnostic': QCDM; 'unused': never opened. */
export type PortRole = 'data' | 'command' | 'diagnostic' | 'unused';

/** One step that a script asks its runner for. `port` defaults to the command port, or the data port of a card with one. */
export type Step =
  | { readonly kind: 'at'; readonly line: string; readonly timeoutMs: number; readonly port: PortRole | undefined; /** never in a log, a capture or a page */ readonly secret: boolean; /** sent after the card's '> ' and closed with Ctrl-Z: the PDU of +CMGS */ readonly body?: string | undefined }
  | { readonly kind: 'qcdm'; readonly request: Uint8Array; readonly timeoutMs: number }
  | { readonly kind: 'wait'; readonly ms: number };

/** What an AT command came to. `final`: 'OK', 'ERROR', 'CONNECT 7200000', '+CME ERROR: 11', 'NO CARRIER'…, or 'timeout', 'gone'. */
export interface AtAnswer { readonly ok: boolean; readonly final: string; readonly lines: readonly string[]; /** of +CME ERROR / +CMS ERROR */ readonly error: number | undefined }
/** The diagnostic port's answer without CRC, or undefined: none came. */
export type StepResult = AtAnswer | Uint8Array | undefined;

/**
 * A conversation with the card, written down as if it happened in one go: a generator that yields steps and gets their results. The
 * runner owns time and ports; a card that is pulled ends the generator (its `finally` runs, nothing more is sent).
 */
export type Script<T> = Generator<Step, T, StepResult>;

export function* at(line: string, options: { timeoutMs?: number; port?: PortRole; secret?: boolean; body?: string } = {}): Script<AtAnswer> {
  return (yield { kind: 'at', line, timeoutMs: options.timeoutMs ?? 5000, port: options.port, secret: options.secret ?? false, body: options.body }) as AtAnswer;
}
export function* qcdm(request: Uint8Array, timeoutMs = 1000): Script<Uint8Array | undefined> {
  return (yield { kind: 'qcdm', request, timeoutMs }) as Uint8Array | undefined;
}
export function* wait(ms: number): Script<void> { yield { kind: 'wait', ms }; }

/** One measurement. `bars` by the table of the dialect's radio; `source` is the command it came from. */
export interface Signal {
  readonly dbm: number | undefined;
  /** 0–5. */
  readonly bars: number;
  /** Ec/Io (CDMA, UMTS) or RSRQ (LTE, NR) in dB. */
  readonly quality?: number | undefined;
  readonly source: string;
  /** RSSI, RSCP, RSRP, SS-RSRP. */
  readonly measure: string;
  /** Of a card with two radios: which one it is of, where the command tells. */
  readonly radio?: '1x' | 'EV-DO' | undefined;
  /** The other radio, measured with it. */
  readonly other?: Signal | undefined;
}

export interface Identity {
  readonly maker: string; readonly model: string; readonly revision: string;
  /** IMEI of 15 digits (3GPP). */
  readonly imei?: string | undefined;
  /** 8 hex digits, capitals. */
  readonly esn?: string | undefined;
  /** 14 hex digits, capitals. */
  readonly meid?: string | undefined;
  readonly imsi?: string | undefined; readonly iccid?: string | undefined; readonly phone?: string | undefined;
}

export type RegistrationState = 'unknown' | 'idle' | 'searching' | 'home' | 'roaming' | 'denied';
export interface Registration {
  readonly state: RegistrationState;
  /** The carrier's name: a stranger's text. */
  readonly carrier?: string | undefined;
  /** MCC and MNC, or 'SID 4384'. */
  readonly network?: string | undefined;
  readonly area?: string | undefined; readonly cell?: string | undefined;
  readonly technology?: Technology | undefined;
}

export type PinState = 'not applicable' | 'ready' | 'pin' | 'puk' | 'pin2' | 'puk2' | 'network lock' | 'no sim' | 'wrong sim' | 'busy' | 'failure';
export interface Pin { readonly state: PinState; /** undefined: the card does not say */ readonly attempts: number | undefined; readonly pukAttempts?: number | undefined }

/** One entry of the network type list, read from the card: `id` is what `setNetworkType` wants back. */
export interface NetworkType { readonly id: string; readonly title: string }
export interface NetworkTypes { readonly now: string | undefined; readonly choices: readonly NetworkType[]; /** why it cannot be changed */ readonly fixed?: string }
export interface Band { readonly id: string; readonly title: string; readonly on: boolean }

export interface Login { readonly apn: string; readonly auth: 'none' | 'pap' | 'chap' | 'chap/pap'; readonly user: string; readonly password: string; readonly cid: number }

/** What an unsolicited line tells. */
export interface Report {
  readonly signal?: Signal; readonly registration?: Partial<Registration>; readonly technology?: Technology;
  readonly sms?: { readonly memory: string; readonly index: number };
  /** A message that the card hands over and does not keep, or what became of one that was sent: a PDU in hexadecimal (+CMT, +CDS). */
  readonly smsPdu?: string;
  /** A report that is known and means nothing to us. */
  readonly ignored?: true;
}

/**
 * How a card handles short messages. 'pdu': the commands of TS 27.005 with PDUs; 'text': the same in text mode, as CDMA cards have them;
 * 'huawei-cdma': ^HCMGL and its kin; `none` says why there are none.
 */
export type MessageManner = 'pdu' | 'text' | 'huawei-cdma' | { readonly none: string };

/**
 * How a family of cards talks. Pure: scripts and parsers, no state. What a card does not have is left out, and its page hides it.
 * Every script may be run again at any time and must not rely on one before it.
 */
export interface Dialect {
  /** 'sierra-gsm' */
  readonly name: string;
  /** 3GPP cards have a SIM and an APN, CDMA cards have neither (R-UIM cards a SIM). */
  readonly system: '3gpp' | 'cdma';
  /** Before anything else; a command that fails is noted and does not stop the card unless `must`. `port`: as in a step. */
  readonly init: readonly { readonly line: string; readonly must?: boolean; readonly waitMs?: number; readonly port?: PortRole }[];
  identity(): Script<Identity>;
  /** Undefined: no SIM, 'not applicable'. */
  pin?(): Script<Pin>;
  enterPin?(pin: string): Script<AtAnswer>;
  enterPuk?(puk: string, pin: string): Script<AtAnswer>;
  registration(): Script<Registration>;
  signal(): Script<Signal | undefined>;
  technology(): Script<Technology | undefined>;
  networkTypes?(): Script<NetworkTypes>;
  setNetworkType?(id: string): Script<AtAnswer>;
  bands?(): Script<readonly Band[]>;
  /** APN and log-in as the card wants them; undefined: nothing is sent, PPP carries the log-in. */
  context?(login: Login): Script<AtAnswer>;
  /** Dial strings, best first. */
  dial(cid: number): readonly string[];
  /** Scripts of the recovery ladder; what a card lacks is skipped. */
  detach?(): Script<void>;
  attach?(): Script<void>;
  radio?(on: boolean): Script<void>;
  reset?(): Script<void>;
  /** Over-the-air or manual activation. */
  activate?(how: { readonly kind: 'ota'; readonly code?: string } | { readonly kind: 'manual'; readonly spc: string; readonly mdn: string; readonly min: string }): Script<AtAnswer>;
  /** Makes the second port take commands; false: it cannot, or need not, as the diagnostic port there tells as much. */
  openSecond?(): Script<boolean>;
  /** Undoes it, when the router leaves a card that stays in: a few commands, of which no answer is waited for. */
  release?(): Script<void>;
  report(line: string): Report | undefined;
  /** Default: 'pdu' for 3GPP, 'text' for CDMA; a card that refuses its first command has none. */
  readonly messages?: MessageManner;
}

/** What differs from card to card within a family; every field is data that the shared code reads, and none names a model. */
export interface Quirks {
  /** LCP echo requests while online: some networks hang up on them. Default: on for 3GPP, off for CDMA. */
  readonly lcpEcho?: boolean;
  /** Wait after the PIN, and after the radio was switched on, before the next command (ms). */
  readonly afterPinMs?: number;
  readonly afterRadioMs?: number;
  /** Levels that +CSQ takes on a card that knows a few only, lowest first: index = bars. */
  readonly csqSteps?: readonly number[];
  /** Van Jacobson compression must be refused even if the peer insists. */
  readonly noVj?: boolean;
  /** The card cannot tell its signal while data is up, by any port: the last value is shown with its age. */
  readonly noStatusOnline?: boolean;
  /** Answers CONNECT with other words: 'CONNECT CLIENT'. */
  readonly connect?: readonly string[];
}

/** The storage face some cards show first, and how to turn it into a modem. */
export interface StorageSwitch {
  /** 'vvvv:pppp', lower case hex, of the storage mode. */
  readonly usb: readonly string[];
  /** SCSI vendor text that must be there when the id is shared by many makers. */
  readonly vendorText?: readonly string[];
  readonly how:
    | { readonly kind: 'control'; readonly requestType: number; readonly request: number; readonly value: number; readonly index: number; readonly data?: string }
    | { readonly kind: 'bulk'; /** hex */ readonly messages: readonly string[]; readonly readAnswer: boolean }
    | { readonly kind: 'eject' };
}

/** One model. A card's plugin is this and nothing else. */
export interface CardSpec {
  /** 'AC881': as the original's list names it. */
  readonly model: string;
  readonly maker: string;
  readonly title: string;
  readonly form: readonly ('PC-Card' | 'ExpressCard' | 'USB')[];
  readonly technologies: readonly Technology[];
  /** Of the modem mode: 'vvvv:pppp'. `ident`: words of which one must stand in the card's own identification, when several models share the id. */
  readonly match: { readonly usb: readonly string[]; readonly pcmcia?: readonly { readonly manf: string; readonly card: string }[]; readonly ident?: readonly string[] };
  readonly dialect: Dialect;
  /** Role by USB interface number (or tty in order for cards without); others are probed. */
  readonly ports: Readonly<Record<number, PortRole>>;
  readonly storage?: StorageSwitch;
  readonly quirks?: Quirks;
}

/** The contribution point of card plugins: `ctx.contribute(CardsToken, spec)`. */
export const CardsToken = token<readonly CardSpec[]>('cellular.cards');
