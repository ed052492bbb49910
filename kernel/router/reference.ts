import { usageOf } from '../cli/args.ts';
import type { VerbTree } from '../cli/tree.ts';
import { settingsReference } from '../config/reference.ts';
import type { Config } from '../config/commit.ts';

const intro = (what: string) => `<!-- made by npm run docs; do not edit -->\n\n# ${what}\n`;

/** Every verb of the tree as markdown: first words as chapters. */
export function verbsPage(tree: VerbTree): string {
  const chapters = new Map<string, string[]>();
  for (const { spec, owner } of tree.verbs()) {
    const first = spec.path.split(' ')[0] ?? '';
    const usage = `${spec.path} ${usageOf(spec.args)}`.trim().replaceAll('|', '\\|');
    const args = Object.entries(spec.args ?? {}).map(([name, a]) => `${name}: ${a.help}`).join('; ').replaceAll('|', '\\|');
    const row = `| \`${usage}\` | ${spec.help.replaceAll('|', '\\|')}${args ? `<br><small>${args}</small>` : ''} | ${spec.access === 'read' ? 'look' : 'change'} | ${owner} |`;
    chapters.set(first, [...chapters.get(first) ?? [], row]);
  }
  const body = [...chapters].map(([word, rows]) => `## ${word}\n\n| verb | what it does | needs | from |\n|---|---|---|---|\n${rows.join('\n')}\n`);
  return `${intro('Verbs')}\nEvery word may be shortened as long as it stays the only one; \`?\` tells what may follow. \`--json\` at the end gives data.\n\n${body.join('\n')}`;
}

/** Every setting of the loaded plugins. */
export const settingsPage = (config: Config): string => `${intro('Settings')}\n${settingsReference(config.sections)}`;
