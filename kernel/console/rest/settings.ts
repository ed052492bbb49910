import { z } from 'zod';
import { CliError } from '../../../sdk/cli.ts';
import { isObject } from '../../config/document.ts';
import { HttpProblem } from '../problem.ts';
import { ConfirmMinutes, SettingPath } from '../protocol.ts';
import { requireAll, settingsActs } from '../settings-requests.ts';
import type { Path } from '../settings.ts';
import { type Operation, operation } from './operation.ts';
import type { RestParts } from './parts.ts';

const tag = 'settings';
const n = z.int().min(0);
const list = (of: string, key: string): Record<string, unknown> => ({ type: 'object', properties: { [key]: { type: 'array', items: { $ref: `#/components/schemas/${of}` } } }, required: [key] });
const section = { section: { schema: z.string(), help: 'a plugin with settings' } };
/** Taken as it is: names such as __proto__ are refused, not left out. */
const merge = z.custom<Readonly<Record<string, unknown>>>(isObject, 'the body must be an object');

/** The settings: one candidate, edited by everybody, committed all or nothing. */
export function settingsOperations({ router }: RestParts): Operation[] {
  const desk = router.settings;
  const known = (id: string): string => {
    if (!router.config.sections.some((s) => s.id === id)) throw new HttpProblem(404, `there are no settings '${id.slice(0, 60)}'; there are: ${desk.sections().map((s) => s.id).join(', ')}`);
    return id;
  };
  const path = (given: unknown): { path: Path; id: string } => {
    try {
      return { path: given as Path, id: desk.sectionOf(given as Path) };
    } catch (error) {
      throw error instanceof CliError ? new HttpProblem(404, error.message) : error;
    }
  };
  return [
    operation({ id: 'settings_list', method: 'get', at: '/config', tag, summary: 'Plugins that have settings', access: 'read', answer: list('Section', 'sections'), run: ({ require }) => { require(...settingsActs('read', 'show')); return { sections: desk.sections() }; } }),
    operation({
      id: 'settings_diff', method: 'get', at: '/config/diff', tag, summary: 'What the candidate would change', description: 'With n: what has changed since that entry of the history.', access: 'read',
      query: { n: { schema: n.optional(), help: 'entry of the history' } }, answer: 'Pending', run: ({ require, query }) => { require(...settingsActs('read', 'diff')); return desk.diff(query.n); },
    }),
    operation({ id: 'settings_check', method: 'get', at: '/config/check', tag, summary: 'What keeps the candidate from being committed', access: 'read', answer: list('FieldProblem', 'problems'), run: ({ require }) => { require(...settingsActs('read', 'diff')); return { problems: desk.check() }; } }),
    operation({
      id: 'settings_history', method: 'get', at: '/config/history', tag, summary: 'The last commits, newest first', access: 'read', answer: list('HistoryEntry', 'entries'),
      run: ({ require }) => { require(...settingsActs('read', 'history')); return { entries: desk.history() }; },
    }),
    operation({
      id: 'settings_entry', method: 'get', at: '/config/history/{n}', tag, summary: 'What one commit changed', access: 'read', path: { n: { schema: n, help: 'entry of the history; 0 is what runs' } },
      answer: { type: 'object', properties: { n: { type: 'integer' }, time: { type: 'number' }, author: { type: 'string' }, note: { type: 'string' }, changes: { type: 'array', items: { $ref: '#/components/schemas/Change' } } } },
      run: ({ require, path: { n: entry } }) => {
        require(...settingsActs('read', 'history'));
        if (desk.history()[entry] === undefined) throw new HttpProblem(404, `the history has no entry ${entry}`);
        return desk.entry(entry);
      },
    }),
    operation({
      id: 'settings_set', method: 'post', at: '/config/set', tag, summary: 'Set one value in the candidate', access: 'write', body: z.object({ path: SettingPath, value: z.unknown() }), answer: 'Edited',
      bodySchema: { type: 'object', properties: { path: { description: "'lan.lan.ip', or the section and the steps inside it as a list", oneOf: [{ type: 'string' }, { type: 'array', items: { type: ['string', 'integer'] }, minItems: 1 }] }, value: {} }, required: ['path', 'value'] },
      run: ({ require, body, author }) => {
        const at = path(body.path);
        require(...settingsActs('write', 'set', [at.id]));
        return desk.set(at.path, body.value, author);
      },
    }),
    operation({
      id: 'settings_delete', method: 'post', at: '/config/delete', tag, summary: 'Give a setting of the candidate its default again, or take an entry away', access: 'write', body: z.object({ path: SettingPath }), answer: 'Edited',
      bodySchema: { type: 'object', properties: { path: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: ['string', 'integer'] }, minItems: 1 }] } }, required: ['path'] },
      run: ({ require, body, author }) => {
        const at = path(body.path);
        require(...settingsActs('write', 'delete', [at.id]));
        return desk.delete(at.path, author);
      },
    }),
    operation({
      id: 'settings_commit', method: 'post', at: '/config/commit', tag, summary: 'Put the candidate into force and store it', description: 'With confirmMinutes it rolls back by itself unless /config/confirm follows in time.', access: 'write',
      body: z.object({ confirmMinutes: ConfirmMinutes.optional(), note: z.string().max(500).optional() }), answer: 'Committed',
      run: ({ require, body, author }) => { requireAll(desk.changedSections(), 'commit', require); return desk.commit(author, body); },
    }),
    operation({ id: 'settings_confirm', method: 'post', at: '/config/confirm', tag, summary: 'Keep what was committed on probation', access: 'write', run: async ({ require }) => { require(...settingsActs('write', 'confirm')); await desk.confirm(); } }),
    operation({
      id: 'settings_discard', method: 'post', at: '/config/discard', tag, summary: 'Forget the candidate', access: 'write', answer: z.object({ discarded: z.boolean() }),
      run: ({ require }) => { requireAll(desk.changedSections(), 'discard', require); return { discarded: desk.discard() }; },
    }),
    operation({
      id: 'settings_rollback', method: 'post', at: '/config/rollback', tag, summary: 'Put earlier settings into force again', access: 'write', body: z.object({ n: n.min(1) }), answer: 'Committed',
      run: ({ require, body, author }) => { require(...settingsActs('write', 'rollback')); return desk.rollback(body.n, author); },
    }),
    operation({
      id: 'settings_reset', method: 'post', at: '/config/reset', tag, summary: 'All settings back to the user-defined default or the factory defaults', access: 'write', body: z.object({ to: z.enum(['user', 'factory']) }), answer: 'Committed',
      run: ({ require, body, author }) => { require(...settingsActs('write', 'reset')); return desk.reset(body.to, author); },
    }),
    operation({ id: 'settings_default', method: 'post', at: '/config/default', tag, summary: 'Make what runs the user-defined default', access: 'write', run: async ({ require }) => { require(...settingsActs('write', 'default save')); await desk.saveDefault(); } }),
    operation({
      id: 'settings_schema', method: 'get', at: '/config/{section}/schema', tag, summary: 'The settings as JSON Schema', access: 'read', path: section, answer: { type: 'object' },
      run: ({ require, path: { section: id } }) => { require(...settingsActs('read', 'show', [id])); return desk.schema(known(id)).schema; },
    }),
    operation({
      id: 'settings_show', method: 'get', at: '/config/{section}', tag, summary: 'Running settings and candidate, defaults included', description: 'Of a secret only whether one is set (true, false).', access: 'read', path: section, answer: 'Settings',
      run: ({ require, path: { section: id } }) => { require(...settingsActs('read', 'show', [id])); return desk.show(known(id)); },
    }),
    operation({
      id: 'settings_patch', method: 'patch', at: '/config/{section}', tag, summary: 'Change some settings of the candidate', description: 'A JSON merge patch (RFC 7396): null gives a field its default again. Of a secret, "" and true keep the one there is.', access: 'write',
      path: section, body: merge, answer: 'Edited', run: ({ require, path: { section: id }, body, author }) => { require(...settingsActs('write', 'set', [id])); return desk.patch(known(id), body, author); },
    }),
    operation({
      id: 'settings_replace', method: 'put', at: '/config/{section}', tag, summary: 'Replace all settings of a plugin in the candidate', description: 'What is not given has its default. Of a secret, "" and true keep the one there is.', access: 'write',
      path: section, body: merge, answer: 'Edited', run: ({ require, path: { section: id }, body, author }) => { require(...settingsActs('write', 'set', [id])); return desk.set([known(id)], body, author); },
    }),
  ];
}

/** The same once per plugin, with the schema of its settings. */
export function settingsInDocument({ router }: RestParts, fixed: readonly Operation[]): Operation[] {
  const taken = new Set(fixed.map((o) => o.at));
  return router.config.sections.filter((s) => !taken.has(`/config/${s.id}`)).flatMap(({ id }) => fixed.filter((o) => o.at.startsWith('/config/{section}')).map(({ path: _path, ...o }) => ({
    ...o, id: `${o.id}_${id}`, at: o.at.replace('{section}', id), plugin: id, summary: `${id}: ${o.summary.toLowerCase()}`,
    ...(o.body === undefined ? {} : { bodySchema: o.method === 'put' ? { $ref: `#/components/schemas/settings.${id}` } : { type: 'object', description: `a merge patch for settings.${id}` } }),
  })));
}
