import type { Act } from './roles.ts';
import type { Request } from './protocol.ts';
import type { Path, SettingsDesk } from './settings.ts';

export type SettingsRequest = Extract<Request, { type: `config.${string}` }>;

export interface Asker {
  readonly author: string;
  /** Throws CliError when whoever asks may not do one of these; any one of several is enough. */
  require(...acts: readonly Act[]): void;
}

/** What is asked of the settings at all, and, where a section is named, of that section. */
export function settingsActs(access: Act['access'], verb: string, sections: readonly string[] = []): Act[] {
  return [...sections, 'config'].map((area) => ({ access, area, path: `config ${verb}` }));
}

/** Whoever commits or discards the candidate does so for every section that somebody has edited. */
export function requireAll(sections: readonly string[], verb: string, require: Asker['require']): void {
  if (sections.length === 0) require(...settingsActs('write', verb));
  for (const section of sections) require(...settingsActs('write', verb, [section]));
}

/** The result of a `config.…` request, as docs/console-protocol.md has it. Throws CliError. */
export async function serveSettings(desk: SettingsDesk, request: SettingsRequest, { author, require }: Asker): Promise<unknown> {
  switch (request.type) {
    case 'config.sections': require(...settingsActs('read', 'show')); return { sections: desk.sections() };
    case 'config.schema': require(...settingsActs('read', 'show', [request.section])); return desk.schema(request.section);
    case 'config.show': require(...settingsActs('read', 'show', [request.section])); return desk.show(request.section, request.only);
    case 'config.set': require(...settingsActs('write', 'set', [desk.sectionOf(request.path as Path)])); return desk.set(request.path as Path, request.value, author);
    case 'config.delete': require(...settingsActs('write', 'delete', [desk.sectionOf(request.path as Path)])); return desk.delete(request.path as Path, author);
    case 'config.diff': require(...settingsActs('read', 'diff')); return desk.diff(request.n);
    case 'config.check': require(...settingsActs('read', 'diff')); return { problems: desk.check() };
    case 'config.history': require(...settingsActs('read', 'history')); return request.n === undefined ? { entries: desk.history() } : desk.entry(request.n);
    case 'config.commit': {
      requireAll(desk.changedSections(), 'commit', require);
      return desk.commit(author, request);
    }
    case 'config.confirm': require(...settingsActs('write', 'confirm')); await desk.confirm(); return {};
    case 'config.discard': {
      requireAll(desk.changedSections(), 'discard', require);
      return { discarded: desk.discard() };
    }
    case 'config.rollback': require(...settingsActs('write', 'rollback')); return desk.rollback(request.n, author);
    case 'config.reset': require(...settingsActs('write', 'reset')); return desk.reset(request.to, author);
    case 'config.default': require(...settingsActs('write', 'default save')); await desk.saveDefault(); return {};
  }
}
