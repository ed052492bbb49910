import { CliError } from '../../sdk/cli.ts';
import type { Logger } from '../../sdk/log.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Reader } from './diff.ts';
import { type Document, reserved, same, type Section, sectionOf } from './document.ts';
import type { Schema } from './schema.ts';
import { ConfigProblem, type ConfigSection, type FieldProblem, migrate, parse, verify } from './section.ts';

interface Live {
  readonly section: ConfigSection;
  parsed: unknown;
  /** What it was parsed from. */
  from: Section | undefined;
  /** Stored settings that do not parse: nobody uses them, but they can be seen and repaired. */
  broken: boolean;
}

/** Settings of every attached section, parsed, for one document. */
export type Parsed = ReadonlyMap<Live, unknown>;

/** The sections of the loaded plugins, in the order in which they came. */
export class Sections {
  readonly #live = new Map<string, Live>();

  /** Throws ConfigProblem when the stored settings do not parse; with `tell` they are attached to be repaired, and it is told. */
  attach(section: ConfigSection, stored: Section | undefined, tell?: (problem: ConfigProblem) => void): Disposable {
    const { id } = section;
    if (reserved.has(id) || id === '') throw new Error(`'${id}' cannot be the id of settings`);
    if (this.#live.has(id)) throw new Error(`the settings of ${id} are attached already`);
    const live: Live = { section, parsed: undefined, from: stored, broken: false };
    try {
      live.parsed = parse(section, migrate(section, stored));
    } catch (error) {
      if (!tell || !(error instanceof ConfigProblem)) throw error;
      live.broken = true;
      tell(error);
    }
    this.#live.set(id, live);
    return { dispose: () => { if (this.#live.get(id) === live) this.#live.delete(id); } };
  }

  get ids(): readonly string[] { return [...this.#live.keys()]; }
  get all(): readonly ConfigSection[] { return [...this.#live.values()].map((l) => l.section); }
  has(id: string): boolean { return this.#live.has(id); }
  schema(id: string): Schema | undefined { return this.#live.get(id)?.section.schema; }
  parsed(id: string): unknown { return this.#of(id).parsed; }
  section(id: string): ConfigSection { return this.#of(id).section; }

  #of(id: string): Live {
    const live = this.#live.get(id);
    if (live === undefined) throw new CliError(`the plugin ${id} is not loaded; its settings stay as they are`);
    return live;
  }

  /** Stored settings that a section cannot read are shown as they are. */
  readonly read: Reader = (id, doc) => {
    const stored = sectionOf(doc, id);
    const live = this.#live.get(id);
    if (live === undefined) return { schema: undefined, settings: stored?.settings };
    try {
      return { schema: live.section.schema, settings: migrate(live.section, stored) };
    } catch {
      return { schema: live.section.schema, settings: stored?.settings };
    }
  };

  /** Parse, then verify across plugins. Throws ConfigProblem with everything that does not fit. */
  examine(doc: Document): Parsed {
    const parsed = new Map<Live, unknown>();
    const problems: FieldProblem[] = [];
    for (const live of this.#live.values()) {
      // What was broken before and is not touched keeps nobody from changing something else.
      if (live.broken && same(live.from, sectionOf(doc, live.section.id))) continue;
      try {
        parsed.set(live, parse(live.section, migrate(live.section, sectionOf(doc, live.section.id))));
      } catch (error) {
        if (!(error instanceof ConfigProblem)) throw error;
        problems.push(...error.fields);
      }
    }
    if (problems.length === 0) problems.push(...verify([...parsed.keys()].map((l) => l.section), Object.fromEntries([...parsed].map(([l, value]) => [l.section.id, value]))));
    if (problems.length > 0) throw new ConfigProblem(problems);
    return parsed;
  }

  /** What examine gave for this section. */
  in(parsed: Parsed, id: string): unknown {
    for (const [live, value] of parsed) if (live.section.id === id) return value;
    return undefined;
  }

  /**
   * Brings every section to the document that runs now. `parsed` is what this document was examined with. A section that came
   * while others were being applied missed that; it gets its settings here, unless it was `told` already.
   */
  async settle(doc: Document, parsed: Parsed, told: ReadonlySet<string>, log: Logger): Promise<void> {
    const late: Live[] = [];
    for (const live of this.#live.values()) {
      const stored = sectionOf(doc, live.section.id);
      if (same(live.from, stored)) continue;
      try {
        live.parsed = parsed.has(live) ? parsed.get(live) : parse(live.section, migrate(live.section, stored));
        live.from = stored;
        live.broken = false;
        if (!parsed.has(live) && !told.has(live.section.id)) late.push(live);
      } catch (error) {
        log.error({ error, plugin: live.section.id }, `settings: ${live.section.id} came during a commit and cannot take what was committed`);
      }
    }
    for (const live of late) {
      try {
        await live.section.apply?.(live.parsed);
      } catch (error) {
        log.error({ error, plugin: live.section.id }, `settings: ${live.section.id} came during a commit and did not take what was committed`);
      }
    }
  }
}
