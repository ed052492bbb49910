import { z } from '../../sdk/index.ts';

const lines = z.union([z.string(), z.array(z.string())]).transform(v => (typeof v === 'string' ? [v] : v));
const portRoles = ['data', 'command', 'diagnostic', 'silent'] as const;

/** What a card does with one command. The first rule that matches and whose conditions hold is taken. */
const rule = z.strictObject({
  /** The command without AT, as it is: '+CSQ'. Case does not count. */
  on: z.string().optional(),
  /** Or a regular expression for all of it: '\\+CPIN="?(?<pin>\\d+)"?'. Groups are placeholders: {1}, {pin}. */
  like: z.string().optional(),
  /** Facts that must hold: 'registered', '!online', 'technology=LTE'. */
  if: lines.optional(),
  /** Only on ports of this role. */
  port: z.enum(portRoles).optional(),
  /** Without an open SIM: the error that 27.007 has for it. */
  needs: z.literal('sim').optional(),
  /** Information lines with {placeholders}; see facts.ts. A line whose placeholder is empty stays, with nothing in its place. */
  say: lines.optional(),
  /** Default 'OK'; '+CME ERROR: 11' goes out as the card was told to show errors. */
  final: z.string().optional(),
  /** What happens besides; see effects.ts. */
  do: z.string().optional(),
  /** Remembered until the power goes; a fact from then on. */
  set: z.record(z.string(), z.string()).optional(),
  /** Before the answer (ms). */
  ms: z.number().optional(),
}).refine(r => (r.on === undefined) !== (r.like === undefined), 'a rule has either "on" or "like"');

const report = z.strictObject({
  /** Again and again (ms), or when the registration changes. */
  everyMs: z.number().min(100).optional(),
  if: lines.optional(),
  say: lines,
  /** Where it is heard; default: the first command port, or the data port of a card without. */
  port: z.enum(portRoles).optional(),
});

/** Beware of the card. */
const trap = z.strictObject({
  /** 'crash': it falls off the bus and comes back; 'error': it answers ERROR. */
  kind: z.enum(['crash', 'error']),
  /** Commands that spring it: beginnings without AT; '' is any. */
  on: z.string(),
  /** Only so soon after the PIN, or after the radio was switched on (ms). */
  after: z.enum(['pin', 'radio']).optional(),
  ms: z.number().optional(),
  if: lines.optional(),
});

const timingShape = z.strictObject({
  /** From insertion to the first answer; from the power to a SIM that answers. */
  bootMs: z.number(), simMs: z.number(),
  answerMs: z.number(), registerMs: z.number(), dialMs: z.number(),
  /** After a reset or a crash the card is away for so long. */
  awayMs: z.number(),
});

const part = z.strictObject({
  /** For people who read the file. */
  note: z.string().optional(),
  model: z.string(), maker: z.string(), title: z.string(),
  /** The family file that fills in what is not said here. */
  family: z.string(),
  system: z.enum(['3gpp', 'cdma']),
  /** USB id of the modem mode, 'vvvv:pppp'; or the PCMCIA card's words. */
  usb: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/),
  pcmcia: z.strictObject({ manf: z.string(), card: z.string() }),
  /** USB strings. */
  manufacturer: z.string(), product: z.string(),
  /** Best last. */
  technologies: z.array(z.string()),
  /** In the order of their interfaces, unless the number is said: 'data', 'command:2'. */
  ports: z.array(z.string().regex(/^(data|command|diagnostic|silent)(:\d+)?$/)),
  storage: z.strictObject({
    usb: z.string(), vendorText: z.string(),
    /** Name of the disc; default: the product's. */
    label: z.string().max(16).optional(),
    /** Further files on it, by their paths. */
    files: z.array(z.string()).optional(),
    /** What turns it into a modem: the request of a control transfer, the beginning of a bulk message (hex), or the eject command. */
    control: z.number().optional(), bulk: z.string().optional(), bytes: z.number(),
  }),
  /** Constant facts: revision, imei, esn … */
  facts: z.record(z.string(), z.string()),
  /** Facts that depend on the technology in use; '' is none, '*' any other. */
  tables: z.record(z.string(), z.record(z.string(), z.string())),
  answers: z.array(rule),
  reports: z.array(report),
  traps: z.array(trap),
  timing: timingShape.partial(),
  /** Reports end in CR CR LF. */
  crCrLf: z.boolean(),
  /** How it says that the network does not take a call: 'NO CARRIER', or a number of TS 27.007 (+CME ERROR). */
  refusal: z.enum(['word', 'number']),
  /** It says CONNECT before it asks the network. */
  connectsFirst: z.boolean(),
  /** Which of Novatel's diagnostic subsystems the chip has. */
  novatelChip: z.union([z.literal(50), z.literal(250)]),
}).partial();

export type AnswerRule = z.output<typeof rule>;
export type CardReport = z.output<typeof report>;
export type Trap = z.output<typeof trap>;
export type CardPart = z.output<typeof part>;
export type Role = (typeof portRoles)[number];
export interface PortPlan { readonly role: Role; readonly interface: number }

/** A whole card: its own file over those of its families. */
export interface CardFile {
  readonly model: string; readonly maker: string; readonly title: string;
  readonly system: '3gpp' | 'cdma';
  readonly usb: string | undefined;
  readonly pcmcia: { readonly manf: string; readonly card: string } | undefined;
  readonly manufacturer: string; readonly product: string;
  readonly technologies: readonly string[];
  readonly ports: readonly PortPlan[];
  readonly storage: CardPart['storage'] | undefined;
  readonly facts: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly answers: readonly AnswerRule[];
  readonly reports: readonly CardReport[];
  readonly traps: readonly Trap[];
  readonly timing: Readonly<z.output<typeof timingShape>>;
  readonly crCrLf: boolean;
  readonly refusal: 'word' | 'number';
  readonly connectsFirst: boolean;
  readonly novatelChip: 50 | 250 | undefined;
}

const usualTiming: CardFile['timing'] = { bootMs: 500, simMs: 0, answerMs: 5, registerMs: 2000, dialMs: 1000, awayMs: 5000 };

/** Reads one file. Throws with its name and what is wrong in it. */
export function parsePart(name: string, json: string): CardPart {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
  const parsed = part.safeParse(raw);
  if (!parsed.success) throw new Error(`${name}: ${parsed.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('; ')}`);
  for (const r of parsed.data.answers ?? []) if (r.like !== undefined) pattern(r.like, name);
  return parsed.data;
}

/** The expression of a rule. Throws with the file's name. */
export function pattern(like: string, name: string): RegExp {
  try {
    return new RegExp(`^(?:${like})$`, 'i');
  } catch (error) {
    throw new Error(`${name}: ${like}: ${(error as Error).message}`);
  }
}

/** Lays the parts over each other, the card's own first. Throws when something is said nowhere. */
export function wholeCard(name: string, parts: readonly CardPart[]): CardFile {
  const first = <K extends keyof CardPart>(key: K): CardPart[K] | undefined => parts.find(p => p[key] !== undefined)?.[key];
  const need = <K extends keyof CardPart>(key: K): NonNullable<CardPart[K]> => {
    const value = first(key);
    if (value === undefined) throw new Error(`${name}: "${key}" is said neither in it nor in its family`);
    return value as NonNullable<CardPart[K]>;
  };
  const under = <T extends object>(pick: (p: CardPart) => T | undefined): T => Object.assign({}, ...[...parts].reverse().map(p => pick(p) ?? {})) as T;
  const model = need('model');
  return {
    model, maker: need('maker'), title: first('title') ?? model, system: need('system'),
    usb: first('pcmcia') === undefined ? need('usb') : undefined, pcmcia: first('pcmcia'),
    manufacturer: first('manufacturer') ?? need('maker'), product: first('product') ?? model,
    technologies: need('technologies'),
    ports: need('ports').map((text, i) => {
      const [role, at] = text.split(':');
      return { role: role as Role, interface: at === undefined ? i : Number(at) };
    }),
    storage: first('storage'),
    facts: under(p => p.facts), tables: under(p => p.tables),
    answers: parts.flatMap(p => p.answers ?? []), reports: parts.flatMap(p => p.reports ?? []), traps: parts.flatMap(p => p.traps ?? []),
    timing: { ...usualTiming, ...(under(p => p.timing) as Partial<CardFile['timing']>) }, crCrLf: first('crCrLf') ?? false, refusal: first('refusal') ?? 'word', connectsFirst: first('connectsFirst') ?? false, novatelChip: first('novatelChip'),
  };
}
